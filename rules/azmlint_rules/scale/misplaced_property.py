"""The rule misplaced-property."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Finding, Object, Rule, Severity, Value

_TOP = "the top level of the resource, beside properties"
_INNER = "properties.properties"
_SCALE = "properties.properties.scaleSettings"
_OUTER = {
    "scalesettings": _SCALE,
    "vmsize": f"{_INNER}.vmSize",
    "vmpriority": f"{_INNER}.vmPriority",
    "subnet": f"{_INNER}.subnet",
    "enablenodepublicip": f"{_INNER}.enableNodePublicIp",
    "remoteloginportpublicaccess": f"{_INNER}.remoteLoginPortPublicAccess",
    "identity": _TOP,
}
_IN_INNER = {
    "identity": _TOP,
    "disablelocalauth": "properties.disableLocalAuth",
    "computelocation": "properties.computeLocation",
    "minnodecount": f"{_SCALE}.minNodeCount",
    "maxnodecount": f"{_SCALE}.maxNodeCount",
    "nodeidletimebeforescaledown": f"{_SCALE}.nodeIdleTimeBeforeScaleDown",
}
_IN_SCALE = {
    "minnodes": f"{_SCALE}.minNodeCount",
    "maxnodes": f"{_SCALE}.maxNodeCount",
    "min_node_count": f"{_SCALE}.minNodeCount",
    "max_node_count": f"{_SCALE}.maxNodeCount",
    "mininstances": f"{_SCALE}.minNodeCount",
    "maxinstances": f"{_SCALE}.maxNodeCount",
    "idletimebeforescaledown": f"{_SCALE}.nodeIdleTimeBeforeScaleDown",
}


class MisplacedProperty(Rule[ComputeCluster]):
    """Compute cluster has a property where the service does not look for it.

    ## Why
    What stands at the wrong level of the body is refused or ignored, and its author believes
    that it is set.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "properties": {
            "computeType": "AmlCompute",
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
            "properties": {"vmSize": "Standard_D4s_v5"}
          }
        }
      ]
    }
    ```

    ## Good
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "vmSize": "Standard_D4s_v5",
              "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}
            }
          }
        }
      ]
    }
    ```

    ## References
    - REST type AmlCompute (API 2025-12-01)
    """

    name = "misplaced-property"
    severity = Severity.ERROR

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        levels = (
            (cluster.outer, _OUTER),
            (cluster.inner, _IN_INNER),
            (cluster.scale_settings, _IN_SCALE),
        )
        for value, homes in levels:
            yield from self._strays(cluster, value, homes)
        for value, _homes in levels:
            if not value.is_absent:
                value.require()

    def _strays(
        self, cluster: ComputeCluster, value: Value[Object], homes: dict[str, str]
    ) -> Iterator[Finding]:
        for name, term in (value.known or {}).items():
            home = homes.get(name.casefold())
            if home is None or not term.trace:
                continue
            yield self.finding(
                value.member(name),
                f"'{name}' of {cluster.label} stands where it has no effect; it belongs at {home}",
                why_no_fix="moving it changes what is deployed, so its author has to look at it",
            )
