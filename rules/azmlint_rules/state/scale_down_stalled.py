"""The rule scale-down-stalled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.state._since import ask_why, lasted, owned_by, resizing_for, steady_for


class ScaleDownStalled(Rule[ComputeCluster]):
    """Compute cluster does not give back nodes that nobody uses.

    ## Why
    The nodes are billed until they go. Azure cannot delete them, or what belongs to them, because of
    a lock, a denial or a policy, or they are not idle after all: a job may still be scheduled there.

    ## Not when
    The time since the last change is within the idle time and the option.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Resizing", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 4, "targetNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
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
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Resizing", "allocationStateTransitionTime": "2026-11-24T11:55:00Z", "currentNodeCount": 4, "targetNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service states it. The causes are documented; how long is too long is deduced.

    ## References
    - Azure Resource Manager, Lock resources (8 March 2024)
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    """

    name = "scale-down-stalled"
    severity = Severity.ERROR
    supersedes = ("idle-billing",)
    needs = frozenset({Facet.COMPUTES})
    uses = frozenset({Facet.WORKSPACES})
    judges_declared = False
    causes = (
        "lock-on-workspace-rg",
        "readonly-lock-on-workspace-rg",
        "lock-on-vnet-rg",
        "lock-on-batch-network-object",
        "lock-inherited-from-subscription",
        "policy-denies-delete",
        "deny-assignment-blocks-scaling",
        "min-nodes-above-zero",
    )

    minutes: int = 15
    """How long giving nodes back may take after the idle time."""

    idle_seconds: int = 120
    """The idle time taken where the answer has none."""

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        idle = dt.timedelta(seconds=cluster.idle_seconds.known or self.idle_seconds)
        limit = idle + dt.timedelta(minutes=self.minutes)
        current = cluster.current_nodes.require()
        age = resizing_for(cluster, estate)
        if age is not None and age > limit and cluster.target_nodes.require() < current:
            surplus = current - cluster.target_nodes.require()
            yield self._stalled(cluster, surplus, age, "has been giving back", "", estate)
            return
        age = steady_for(cluster, estate)
        least = cluster.min_nodes.known or 0
        if age is None or age <= limit or current <= least:
            return
        unused = min(cluster.idle_nodes.known or 0, current - least)
        if unused > 0:
            yield self._stalled(cluster, unused, age - idle, "has kept", " idle", estate)

    def _stalled(
        self,
        cluster: ComputeCluster,
        nodes: int,
        age: dt.timedelta,
        what: str,
        how: str,
        estate: Estate,
    ) -> Finding:
        hours = nodes * age.total_seconds() / 3600
        return self.finding(
            cluster.current_nodes,
            f"{cluster.label} {what} {nodes} {'node' if nodes == 1 else 'nodes'}{how} for "
            f"{lasted(age)}, {hours:.0f} node-hours so far: Azure may be kept from deleting them"
            f"{owned_by(cluster, estate)}",
            why_no_fix=ask_why(cluster),
        )
