"""The rule unused-cluster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import delete_compute
from azmlint_rules.state._since import owned_by, steady_for


class UnusedCluster(Rule[ComputeCluster]):
    """Compute cluster has had no node for weeks.

    ## Why
    It costs nothing while it is empty, but it counts against the region's limit of computes, and its
    identity keeps its roles.

    ## Not when
    The cluster has nodes, or had some of late.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-09-01T00:00:00Z", "currentNodeCount": 0, "targetNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
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
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-20T00:00:00Z", "currentNodeCount": 0, "targetNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
      ]
    }
    ```

    ## How sure
    Documented is the limit that it counts against; that nobody needs it is deduced.

    ## References
    - Azure Machine Learning, Manage quotas (27 January 2026)
    - Azure Machine Learning, Create compute clusters, Delete (2025)
    """

    name = "unused-cluster"
    severity = Severity.NOTE
    needs = frozenset({Facet.COMPUTES})
    uses = frozenset({Facet.WORKSPACES})
    judges_declared = False

    days: int = 60
    """How long a cluster may stay empty."""

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        age = steady_for(cluster, estate)
        if (
            age is None
            or age <= dt.timedelta(days=self.days)
            or not cluster.current_nodes.equals(0)
        ):
            return
        yield self.finding(
            cluster,
            f"{cluster.label} has had no node for {age.days} days and still counts against the "
            f"region's limit of computes{owned_by(cluster, estate)}",
            fixes=(
                Fix(
                    "delete it if nobody plans to use it",
                    Applicability.DISPLAY,
                    steps=delete_compute(cluster),
                ),
            ),
        )
