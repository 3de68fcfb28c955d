"""The rule quota-region-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.quota._limits import READ

_NAMED = 3


class QuotaRegionMismatch(Rule[ComputeCluster]):
    """Quota that was read is of other regions than the compute cluster's.

    ## Why
    Quota is of a subscription and of the region of the cluster, not of its workspace. What is known of another
    region says nothing of this one, so that nobody knows whether the cluster gets its nodes.

    ## Not when
    No quota at all was read.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 24, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "westus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 24, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}}]}
      ]
    }
    ```

    ## How sure
    Documented: quota is of a region.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "quota-region-mismatch"
    severity = Severity.NOTE
    needs = frozenset({Facet.USAGES})
    uses = READ

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        subscription, region = capacity.place(cluster)
        known = capacity.quotas.names(subscription)
        if not known or region in known:
            return
        others = ", ".join(known[:_NAMED]) + (
            f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
        )
        yield self.finding(
            cluster.location if cluster.location.known is not None else cluster,
            f"{cluster.label} is in {region}, and quotas are known of {others} only",
            why_no_fix="read the usages of its region: `azmlint snapshot` does for every region with computes",
        )
