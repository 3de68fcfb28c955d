"""The rule cluster-count-limit."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Compute,
    Estate,
    Facet,
    Finding,
    Machines,
    OnlineDeployment,
    Row,
    Rule,
    Severity,
)
from azmlint_rules.quota._limits import SHARED, count, is_new


class ClusterCountLimit(Rule[Machines]):
    """Region has as many computes as it may have.

    ## Why
    A region holds a limited number of computes, of clusters, instances and online deployments together:
    500 by the documentation, 200 in small subscriptions. The next creation fails.

    ## Not when
    The region's row was not read.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/TotalClusters", "type": "Microsoft.MachineLearningServices/totalCores/usages", "name": {"value": "TotalClusters"}, "limit": 2, "currentValue": 2},
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 24, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/score", "name": "score", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/TotalClusters", "type": "Microsoft.MachineLearningServices/totalCores/usages", "name": {"value": "TotalClusters"}, "limit": 200, "currentValue": 2},
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 24, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/score", "name": "score", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}}]}
      ]
    }
    ```

    ## How sure
    Documented; the numbers are those that the service or the configuration states.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "cluster-count-limit"
    severity = Severity.ERROR
    needs = frozenset({Facet.USAGES})
    uses = SHARED

    def check(self, compute: Machines, estate: Estate) -> Iterator[Finding]:
        if not isinstance(compute, (Compute, OnlineDeployment)):
            return
        capacity = estate.capacity()
        subscription, region = capacity.place(compute)
        computes = capacity.computes(subscription, region)
        new = [c for c in computes if is_new(c, estate)]
        if (new or computes)[:1] != [compute]:
            # One finding for a region, on the first that is to come, or on the first that is there.
            return
        row = capacity.quotas.of(subscription, region).find("computes")
        if row is None:
            row = Row("computes", problem="no row states it")
        if row.limit is None or row.used is None:
            raise capacity.unknown(row, subscription, region)
        is_full = row.used >= row.limit
        if not is_full and row.used + len(new) <= row.limit:
            return
        fact = f"{len(new)} more cannot be created" if new else "no further one can be created"
        yield self.finding(
            compute,
            f"{region} may have {count(row.limit, 'compute')} and has {row.used}, so {fact}",
            severity=Severity.ERROR if is_full else Severity.WARNING,
            related=[(c, f"{c.label} is to be created") for c in new if c is not compute],
            why_no_fix="delete computes that nobody uses, or ask the support for a higher limit",
        )
