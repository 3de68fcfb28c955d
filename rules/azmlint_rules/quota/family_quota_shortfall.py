"""The rule family-quota-shortfall."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Machines, Rule, Severity
from azmlint_rules.quota._limits import SHARED, family_limit, is_there, require_most, shortfall


class FamilyQuotaShortfall(Rule[Machines]):
    """Quota of the VM family is smaller than the compute cluster at full size, or the deployment.

    ## Why
    The cluster stops short of its max nodes, and jobs that need more of them wait
    (`ClusterCoreQuotaReached`). An online deployment, of which a fifth more than its instances counts for
    upgrades, is refused, which is an error. The quota of a family is of a subscription and a region, and all clusters,
    instances and online deployments there share it.

    ## Not when
    Low-priority nodes, which share one pool; a family of which no row is found is left open.

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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 10}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 40, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 10}}}}]}
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

    name = "family-quota-shortfall"
    severity = Severity.ERROR
    needs = frozenset({Facet.USAGES})
    uses = SHARED
    codes = ("ClusterCoreQuotaReached", "AccountVMSeriesCoreQuotaReached")

    def check(self, compute: Machines, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(compute)
        limit = family_limit(capacity.limits(claim)) if claim is not None else None
        if claim is None or limit is None or is_there(claim):
            return
        require_most(claim)
        if capacity.require(limit, claim) < claim.wanted:
            yield shortfall(self, limit, claim, capacity)
