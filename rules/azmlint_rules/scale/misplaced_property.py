"""The rule misplaced-property."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Change,
    ComputeCluster,
    Estate,
    Finding,
    Fix,
    Object,
    Rule,
    Severity,
    Term,
    Value,
)

_INNER = ("properties", "properties")
_SCALE = (*_INNER, "scaleSettings")
_OUTER: dict[str, tuple[str, ...]] = {
    "scalesettings": _SCALE,
    "vmsize": (*_INNER, "vmSize"),
    "vmpriority": (*_INNER, "vmPriority"),
    "subnet": (*_INNER, "subnet"),
    "enablenodepublicip": (*_INNER, "enableNodePublicIp"),
    "remoteloginportpublicaccess": (*_INNER, "remoteLoginPortPublicAccess"),
    "identity": ("identity",),
}
_IN_INNER: dict[str, tuple[str, ...]] = {
    "identity": ("identity",),
    "disablelocalauth": ("properties", "disableLocalAuth"),
    "computelocation": ("properties", "computeLocation"),
    "minnodecount": (*_SCALE, "minNodeCount"),
    "maxnodecount": (*_SCALE, "maxNodeCount"),
    "nodeidletimebeforescaledown": (*_SCALE, "nodeIdleTimeBeforeScaleDown"),
}
_IN_SCALE: dict[str, tuple[str, ...]] = {
    "minnodes": (*_SCALE, "minNodeCount"),
    "maxnodes": (*_SCALE, "maxNodeCount"),
    "min_node_count": (*_SCALE, "minNodeCount"),
    "max_node_count": (*_SCALE, "maxNodeCount"),
    "mininstances": (*_SCALE, "minNodeCount"),
    "maxinstances": (*_SCALE, "maxNodeCount"),
    "idletimebeforescaledown": (*_SCALE, "nodeIdleTimeBeforeScaleDown"),
}


class MisplacedProperty(Rule[ComputeCluster]):
    """Compute cluster has a property where the service does not look for it.

    ## Why
    What stands at the wrong level of the body is refused or ignored, and its author believes
    that it is set.

    ## Not when
    Inputs other than bodies of Resource Manager, of which the tools refuse what they do not know.

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

    ## Fix safety
    Unsafe: what had no effect gets one, so the cluster that is deployed changes.

    ## How sure
    Specified; such templates are public.

    ## References
    - REST type AmlCompute (API 2025-12-01)
    """

    name = "misplaced-property"
    severity = Severity.ERROR
    judges_deployed = False
    # What they miss stands elsewhere, and what they would write is in the way of moving it.
    supersedes = ("idle-timeout-unset", "max-nodes-missing", "no-identity-for-identity-access")

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
        self, cluster: ComputeCluster, value: Value[Object], homes: dict[str, tuple[str, ...]]
    ) -> Iterator[Finding]:
        for name, term in (value.known or {}).items():
            home = homes.get(name.casefold())
            if home is None or not term.trace:
                continue
            changes = _move(value, name, term, home)
            where = ".".join(home) if len(home) > 1 else "the top level of the resource"
            yield self.finding(
                value.member(name),
                f"'{name}' of {cluster.label} stands where it has no effect; it belongs at {where}",
                fixes=(Fix(f"move it to {where}", Applicability.UNSAFE, changes),)
                if changes
                else (),
                why_no_fix=None
                if changes
                else f"{where} is written as well, or moved by hand only",
            )


def _move(value: Value[Object], name: str, term: Term, home: tuple[str, ...]) -> tuple[Change, ...]:
    """Take a property away and write its text, expressions included, where it belongs."""
    is_alone = value.route == home[:-1] and len(value.known or {}) == 1
    if is_alone or not value.owner.body.at(home).is_absent:
        return ()
    import json  # noqa: PLC0415  # only a stray needs it

    try:
        written = json.loads(term.trace[0].text)
    except ValueError:  # a comment stands in it
        return ()
    return (value.member(name).remove(), value.moved(home).set(written))
