"""The rule workspace-quota-shortfall."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Machines, Rule, Severity
from azmlint_rules.quota._limits import (
    DEDICATED,
    SHARED,
    amount,
    is_there,
    let_workspace_have,
    lower,
    machine,
    outcome,
    place_of,
    require_most,
    sharers,
    sharing,
    verb,
)


class WorkspaceQuotaShortfall(Rule[Machines]):
    """Share that a workspace may have of a quota is smaller than its compute cluster at full size.

    ## Why
    A workspace can be given a limit of its own for a family, so that it does not take all that the
    subscription has. The cluster stops short of its max nodes, as it does where the subscription's quota
    is too small; with less than one node it never starts, which is an error. Who changes it needs a
    right on the subscription.

    ## Not when
    The workspace has no limit of its own.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 100, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "quotas", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/quotas/standardDSv2Family", "type": "Microsoft.MachineLearningServices/workspaces/quotas", "name": {"value": "standardDSv2Family"}, "limit": 24}]},
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
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 100, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "quotas", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/quotas/standardDSv2Family", "type": "Microsoft.MachineLearningServices/workspaces/quotas", "name": {"value": "standardDSv2Family"}, "limit": 40}]},
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

    name = "workspace-quota-shortfall"
    severity = Severity.ERROR
    needs = frozenset({Facet.QUOTAS})
    uses = SHARED | {Facet.USAGES}
    codes = ("ClusterCoreQuotaReached",)

    def check(self, compute: Machines, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(compute)
        if claim is None or claim.pool != DEDICATED or is_there(claim):
            return
        limit = next((x for x in capacity.limits(claim) if x.row.scope and x.row.family), None)
        if limit is None:
            capacity.require_shares(claim)
            return
        number = capacity.require(limit, claim)
        require_most(claim)
        if number >= claim.wanted:
            return
        fitting = number // claim.vcpus
        is_refused = claim.is_fixed or not fitting
        yield self.finding(
            place_of(claim),
            f"{compute.label} {verb(claim)} {machine(claim, claim.asked)}, but "
            f"{amount(limit, claim)}: {outcome(claim, fitting)}{sharing(limit, compute)}",
            severity=Severity.ERROR if is_refused else Severity.WARNING,
            related=sharers(limit, compute),
            fixes=(
                *lower(claim, fitting),
                let_workspace_have(limit, claim, limit.enough_for(claim)),
            ),
        )
