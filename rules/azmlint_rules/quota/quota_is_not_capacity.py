"""The rule quota-is-not-capacity."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.quota._limits import SHARED, amount, lacks_machines


class QuotaIsNotCapacity(Rule[ComputeCluster]):
    """Azure had no machines for the compute cluster, though its quota is free.

    ## Why
    Quota is a right to ask, not a promise of machines: a region can be out of a size for hours or weeks.
    More quota does not help.

    ## Not when
    The quota is used up: then that is the reason.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 48, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}, "allocationState": "Steady", "targetNodeCount": 4, "errors": [{"error": {"code": "AllocationFailed", "message": "We don't have sufficient capacity for the requested VM size in this region."}}]}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 48, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 4, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}, "allocationState": "Steady", "targetNodeCount": 4}}}]}
      ]
    }
    ```

    ## How sure
    Documented by Azure Batch.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    - Azure Batch, Check for pool and node errors; pool resizing failures (2026)
    """

    name = "quota-is-not-capacity"
    severity = Severity.NOTE
    needs = frozenset({Facet.COMPUTES})
    uses = SHARED | {Facet.USAGES}
    judges_declared = False

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not lacks_machines(cluster.errors):
            return
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        limits = [x for x in capacity.limits(claim) if not x.row.scope]
        if any((capacity.require_use(x, claim)) < claim.vcpus for x in limits):
            return
        yield self.finding(
            cluster.errors,
            f"{cluster.label} got no machines of {claim.size} in {claim.region}, though "
            f"{amount(limits[0], claim)}: more quota does not help",
            why_no_fix="try another size, another region or another hour",
        )
