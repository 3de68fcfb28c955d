"""The rule stuck-resizing-zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.state._since import ask_why, lasted, resizing_for


class StuckResizingZero(Rule[ComputeCluster]):
    """Compute cluster hangs at resizing from 0 to 0 nodes.

    ## Why
    A cluster that says "Resizing" with no node and no wish for one waits for something that never
    ends: almost always Azure may not delete the network objects of the last nodes, because of a lock
    on a resource group, a subscription or one of the objects, or because of a policy. Jobs stay
    queued until it is gone. Healthy transitions take minutes.

    `azmlint diagnose WORKSPACE/CLUSTER` looks for the cause.

    ## Not when
    The time since the last change is within the option.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Resizing", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 0, "targetNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
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
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 0, "targetNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
      ]
    }
    ```

    ## How sure
    Documented, as a sign of locks.

    ## References
    - Azure Machine Learning, Create compute clusters, Troubleshooting (2022 and 2025)
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    """

    name = "stuck-resizing-zero"
    severity = Severity.ERROR
    needs = frozenset({Facet.COMPUTES})
    judges_declared = False
    causes = (
        "lock-on-batch-network-object",
        "lock-on-vnet-rg",
        "lock-on-workspace-rg",
        "readonly-lock-on-workspace-rg",
        "lock-inherited-from-subscription",
        "lock-in-managed-network-workspace",
        "policy-denies-delete",
        "policy-denies-network-objects",
        "deny-assignment-blocks-scaling",
        "readonly-lock-on-cluster-network",
        "lock-on-workspace-resource",
    )

    minutes: int = 10
    """How long a resize may take."""

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        age = resizing_for(cluster, estate)
        if age is None or age <= dt.timedelta(minutes=self.minutes):
            return
        if cluster.current_nodes.require() or cluster.target_nodes.require():
            return
        yield self.finding(
            cluster.allocation_state,
            f"{cluster.label} has been resizing 0 -> 0 for {lasted(age)}: something keeps Azure from "
            "finishing, most often a lock or a policy, and no job starts meanwhile",
            why_no_fix=ask_why(cluster),
        )
