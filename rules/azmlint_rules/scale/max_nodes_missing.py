"""The rule max-nodes-missing."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule, Severity


class MaxNodesMissing(Rule[ComputeCluster]):
    """Compute cluster states no maximum of nodes.

    ## Why
    A template without `maxNodeCount` is refused at creation. In az ml YAML the maximum is then
    whatever the installed version takes: 4 since azure-ai-ml 1.29, 1 in older documentation.

    ## Not when
    Another tool requires it before it asks the service, as Terraform does.

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
            "properties": {
              "vmSize": "Standard_D4s_v5",
              "scaleSettings": {"minNodeCount": 0}
            }
          }
        }
      ]
    }
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Fix safety
    Unsafe: the number of nodes that the fix writes decides how far jobs can spread.

    ## How sure
    Specified for templates, observed in the source of the SDKs for the others.

    ## References
    - REST type ScaleSettings, `maxNodeCount` required (API 2025-12-01)
    - azure-ai-ml 1.35, "Scale settings is required when creating" (source)
    """

    name = "max-nodes-missing"
    severity = Severity.ERROR
    judges_deployed = False

    nodes: int = 4
    """The maximum that the fix writes."""

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        maximum = cluster.max_nodes
        if not maximum.absent:
            return
        fix = Fix(
            f"allow at most {self.nodes} nodes", Applicability.UNSAFE, (maximum.set(self.nodes),)
        )
        if maximum.required is not None:
            yield self.finding(
                maximum,
                f"{cluster.label} states no maximum of nodes; its creation is refused",
                fixes=(fix,),
            )
        elif maximum.default is not None:
            yield self.finding(
                maximum,
                f"{cluster.label} states no maximum of nodes; it is {maximum.default.value} with "
                f"{maximum.default.source}, and differs with other versions",
                severity=Severity.NOTE,
                fixes=(fix,),
            )
