"""The rule no-headroom-now."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule
from azmlint_rules.quota._limits import (
    SHARED,
    amount,
    ask_for_more,
    elsewhere,
    sharers,
    sharing,
    vcpus,
)


class NoHeadroomNow(Rule[ComputeCluster]):
    """Quota has no room for one more node of the compute cluster at this moment.

    ## Why
    The next job that needs another node waits until somebody else gives some up. What is in use changes by
    the hour; this is how it was when the usages were read.

    ## Not when
    The cluster has all its nodes, or the limit itself is below one node.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 24, "currentValue": 24},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 24}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 1, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 24, "currentValue": 8},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 8}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 1, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}}]}
      ]
    }
    ```

    ## How sure
    Documented; the numbers are those that the service or the configuration states.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "no-headroom-now"
    needs = frozenset({Facet.USAGES})
    uses = SHARED
    codes = ("ClusterCoreQuotaReached", "AccountCoreQuotaReached")

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        if claim.now is not None and claim.now >= cluster.max_nodes.effective().require():
            return
        limits = [x for x in capacity.limits(claim) if not x.row.scope]
        for limit in limits:
            free = limit.row.free
            if free is not None and free < claim.vcpus <= (limit.row.limit or 0):
                yield self.finding(
                    cluster.size,
                    f"{cluster.label} gets no further node of {claim.size} at this moment, which "
                    f"takes {vcpus(claim.vcpus)}: {amount(limit, claim)}{sharing(limit, cluster)}",
                    related=sharers(limit, cluster),
                    fixes=(
                        ask_for_more(limit, claim, (limit.row.used or 0) + claim.vcpus),
                        *elsewhere(claim, capacity),
                    ),
                )
                return
        for limit in limits:
            capacity.require_use(limit, claim)
