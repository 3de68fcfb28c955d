"""The rule low-priority-quota-shortfall."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.quota._limits import LOW_PRIORITY, SHARED, shortfall


class LowPriorityQuotaShortfall(Rule[ComputeCluster]):
    """Low-priority pool is smaller than the compute cluster at full size.

    ## Why
    All families share one number of low-priority vCPUs in a region; the rows of single families say -1
    and mean nothing. In many subscriptions it is 0. The cluster stops short of its max nodes; without
    room for one it is refused, or its jobs wait for ever.

    ## Not when
    Dedicated nodes.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/TotalLowPriorityCores", "type": "Microsoft.MachineLearningServices/lowPriorityCores/usages", "name": {"value": "TotalLowPriorityCores"}, "limit": 8, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 10}, "vmPriority": "LowPriority"}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/TotalLowPriorityCores", "type": "Microsoft.MachineLearningServices/lowPriorityCores/usages", "name": {"value": "TotalLowPriorityCores"}, "limit": 40, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 10}, "vmPriority": "LowPriority"}}}]}
      ]
    }
    ```

    ## Fix safety
    Unsafe: jobs that need more nodes wait, as they do now without saying so.

    ## How sure
    Documented; the numbers are those that the service or the configuration states.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "low-priority-quota-shortfall"
    severity = Severity.ERROR
    needs = frozenset({Facet.USAGES})
    uses = SHARED
    codes = ("AccountLowPriorityCoreQuotaReached", "AccountSpotCoreQuotaReached")

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        if claim.pool != LOW_PRIORITY:
            return
        limit = capacity.limits(claim)[0]
        number = capacity.require(limit, claim)
        cluster.max_nodes.effective().require()
        if number < claim.wanted:
            severity = Severity.ERROR if number < claim.vcpus else Severity.WARNING
            yield shortfall(self, limit, claim, capacity, severity)
