"""The rule nodes-preempted."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity


class NodesPreempted(Rule[ComputeCluster]):
    """Compute cluster has lost low-priority nodes to others.

    ## Why
    Azure took the nodes back; their jobs stopped and start again from the last checkpoint, if there
    is one.

    ## Not when
    No node was taken back.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 2, "targetNodeCount": 4, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, "nodeStateCounts": {"preemptedNodeCount": 2}, "vmPriority": "LowPriority"}}}]}
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
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 2, "targetNodeCount": 2, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, "nodeStateCounts": {"preemptedNodeCount": 0}}}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service states it.

    ## References
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    """

    name = "nodes-preempted"
    severity = Severity.NOTE
    needs = frozenset({Facet.COMPUTES})
    judges_declared = False

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        if not cluster.preempted_nodes.above(0):
            return
        count = cluster.preempted_nodes.require()
        yield self.finding(
            cluster.preempted_nodes,
            f"{cluster.label} has lost {count} low-priority {'node' if count == 1 else 'nodes'} to others",
            why_no_fix="use dedicated nodes for what cannot be interrupted",
        )
