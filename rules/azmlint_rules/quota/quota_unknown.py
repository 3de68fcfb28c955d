"""The rule quota-unknown."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Machines, Rule, Severity
from azmlint_rules.quota._limits import ADDRESSES, SHARED


class QuotaUnknown(Rule[Machines]):
    """Quota that a compute is under is not a number.

    ## Why
    Free trials and some offers answer no current value, totals answer -1, and a family can be missing under
    the name that its sizes carry. What is not a number is not reckoned with; read it again after the offer
    has changed, or state the limit under `[quota]` of the configuration.

    ## Not when
    The usages were not read at all, which each rule about quotas says.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 24, "currentValue": null},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2}}}}]}
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2}}}}]}
      ]
    }
    ```

    ## How sure
    Observed: such rows are in public logs.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "quota-unknown"
    severity = Severity.NOTE
    needs = frozenset({Facet.USAGES})
    uses = SHARED

    def check(self, compute: Machines, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(compute)
        if claim is None:
            return
        for limit in capacity.limits(claim):
            row = limit.row
            if row.pool == ADDRESSES:
                continue
            if row.limit is None:
                reason = next(iter(capacity.unknown(row, claim.subscription, claim.region).reasons))
                if claim.subscription and reason.need is not None:
                    # What was not read is said by the rules that would judge it.
                    continue
                fact = reason.text
            elif row.used is None and row.source == Facet.USAGES:
                fact = (
                    f"{row.title} in {claim.region} is {row.limit}, and nobody says what is in use"
                )
            else:
                continue
            yield self.finding(
                claim.compute.size,
                f"{compute.label} is under a quota that is not known: {fact}",
                why_no_fix="read the usages again, or state the limit in the configuration",
            )
