"""The rule nodes-unusable."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.state._since import ask_why


class NodesUnusable(Rule[ComputeCluster]):
    """Compute cluster has nodes that never became usable.

    ## Why
    Unusable nodes are billed and run nothing. Most often they cannot reach what they need to start:
    the Batch service, storage, Microsoft Entra ID or the container registry; a network security group,
    a route or a missing way out stands in between.

    ## Not when
    All nodes are usable.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 2, "targetNodeCount": 2, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, "nodeStateCounts": {"unusableNodeCount": 2}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 2, "targetNodeCount": 2, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, "nodeStateCounts": {"unusableNodeCount": 0}}}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service states it. The causes are documented by Azure Batch.

    ## References
    - Azure Batch, Check for pool and node errors (2026)
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    """

    name = "nodes-unusable"
    severity = Severity.ERROR
    needs = frozenset({Facet.COMPUTES})
    judges_declared = False
    causes = (
        "nsg-blocks-outbound",
        "udr-breaks-control-path",
        "no-public-ip-without-egress",
        "firewall-missing-fqdn",
        "sep-missing-aml-alias",
        "no-public-ip-without-private-link",
        "nsg-blocks-inbound-44224",
    )

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        if not cluster.unusable_nodes.above(0):
            return
        count = cluster.unusable_nodes.require()
        yield self.finding(
            cluster.unusable_nodes,
            f"{cluster.label} has {count} unusable {'node' if count == 1 else 'nodes'}: billed, running "
            "nothing, and most often cut off from what they need to start",
            why_no_fix=ask_why(cluster),
        )
