"""The rule idle-billing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.state._since import ask_why, lasted, owned_by, steady_for


class IdleBilling(Rule[ComputeCluster]):
    """Compute cluster pays for idle nodes longer than its idle time.

    ## Why
    A cluster that may shrink to 0 nodes gives idle ones back after its idle time. Here they stay: each
    hour is billed. See `scale-down-stalled` for what can hold them.

    ## Not when
    The cluster keeps a minimum of nodes on purpose.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T11:46:00Z", "currentNodeCount": 2, "targetNodeCount": 2, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, "nodeStateCounts": {"idleNodeCount": 2}}}}]}
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
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 2, "targetNodeCount": 2, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, "nodeStateCounts": {"runningNodeCount": 2, "idleNodeCount": 0}}}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service states it. How long is too long is deduced.

    ## References
    - Azure Machine Learning, Manage and optimize costs (1 March 2026)
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    """

    name = "idle-billing"
    severity = Severity.WARNING
    needs = frozenset({Facet.COMPUTES})
    uses = frozenset({Facet.WORKSPACES})
    judges_declared = False
    causes = ("scale-down-stalled", "lock-on-workspace-rg", "lock-on-vnet-rg")

    minutes: int = 10
    """How long idle nodes may stay after the idle time."""

    idle_seconds: int = 120
    """The idle time taken where the answer has none."""

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not (cluster.idle_nodes.above(0) & cluster.min_nodes.effective().equals(0)):
            return
        age = steady_for(cluster, estate)
        idle = dt.timedelta(seconds=cluster.idle_seconds.known or self.idle_seconds)
        if age is None or age <= idle + dt.timedelta(minutes=self.minutes):
            return
        nodes = cluster.idle_nodes.require()
        hours = nodes * (age - idle).total_seconds() / 3600
        yield self.finding(
            cluster.idle_nodes,
            f"{cluster.label} has kept {nodes} idle {'node' if nodes == 1 else 'nodes'} for "
            f"{lasted(age)}, {hours:.1f} node-hours beyond its idle time of "
            f"{int(idle.total_seconds())} s{owned_by(cluster, estate)}",
            why_no_fix=ask_why(cluster),
        )
