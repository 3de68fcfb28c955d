"""The rule shared-quota-oversubscribed."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Machines, Rule
from azmlint_rules.quota._limits import (
    ADDRESSES,
    SHARED,
    amount,
    count,
    elsewhere,
    enough_for_all,
    machine,
    place_of,
    sharers,
    sharing,
    together,
    vcpus,
)


class SharedQuotaOversubscribed(Rule[Machines]):
    """Computes that share a quota ask for more than it holds, all together.

    ## Why
    Who comes first wins, and the others queue. The clusters of a subscription in a region share the quota
    of their family and the region's total with compute instances, running or stopped, and with online
    deployments, for which the service sets aside a fifth more for upgrades. Low-priority clusters share
    one pool.

    ## Not when
    A single cluster asks for too much already, which other rules say.

    ## Bad
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/score", "name": "score", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 6}}}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 6}}}}]}
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/score", "name": "score", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 6}}}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 6}}}}]}
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

    name = "shared-quota-oversubscribed"
    needs = frozenset({Facet.USAGES})
    uses = SHARED

    def check(self, compute: Machines, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(compute)
        if claim is None:
            return
        led = [x for x in capacity.limits(claim) if x.leader == claim and x.row.pool != ADDRESSES]
        for limit in led:
            number = capacity.require(limit, claim)
            listed = len(limit.claims)
            if (listed == 1 and not limit.unlisted) or limit.wanted <= number:
                continue
            more = f" and {vcpus(limit.unlisted)} of what no input lists" if limit.unlisted else ""
            is_largest = all(c.wanted <= claim.wanted for c in limit.claims)
            fact = "is the largest" if is_largest else "is one of them"
            yield self.finding(
                place_of(claim),
                f"{count(listed, 'compute')}{more} may take {vcpus(limit.whole)} together, but "
                f"{amount(limit, claim)}: who comes first wins; {compute.label} with "
                f"{machine(claim, claim.asked)} {fact}{sharing(limit, compute)}",
                related=sharers(limit, compute),
                fixes=(
                    *together(limit, claim, capacity),
                    enough_for_all(limit, claim),
                    *elsewhere(claim, capacity),
                ),
            )
            return
        if led:
            capacity.require_users(claim)
