"""The rule secondary-quota-missing."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Capacity,
    Claim,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Row,
    Rule,
    Severity,
    Undecided,
    Workspace,
)
from azmlint_rules.quota._limits import READ, machine, vcpus
from azmlint_rules.recipes import request_quota


class SecondaryQuotaMissing(Rule[ComputeCluster]):
    """Region that stands in for a production cluster has no quota for its nodes.

    ## Why
    Quotas are of a subscription and a region. A second workspace does not help while the family of the
    cluster has no quota where it is, and quota that everybody asks for in a disaster is not granted then.

    ## Not when
    The cluster or its workspace is not marked as production, or no other workspace is in another region:
    that is the matter of no-secondary-region. Any region of another workspace that has enough will do.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/northeurope", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv5Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv5Family"}, "limit": 4, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "westeurope", "tags": {"environment": "production"}},
          {"id": "/subscriptions/s/resourceGroups/dr/providers/Microsoft.MachineLearningServices/workspaces/standby", "name": "standby", "type": "Microsoft.MachineLearningServices/workspaces", "location": "northeurope"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "westeurope", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_D4s_v5", "scaleSettings": {"maxNodeCount": 10}}}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/dr/providers/Microsoft.MachineLearningServices/workspaces/standby", "state": "collected", "items": []}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/northeurope", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv5Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv5Family"}, "limit": 40, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "westeurope", "tags": {"environment": "production"}},
          {"id": "/subscriptions/s/resourceGroups/dr/providers/Microsoft.MachineLearningServices/workspaces/standby", "name": "standby", "type": "Microsoft.MachineLearningServices/workspaces", "location": "northeurope"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "westeurope", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_D4s_v5", "scaleSettings": {"maxNodeCount": 10}}}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/dr/providers/Microsoft.MachineLearningServices/workspaces/standby", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented as advice; that another workspace is meant to stand in is deduced from its region.

    ## References
    - Azure Proactive Resiliency Library v2, 6e4f0fd1 (21 July 2026)
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    """

    name = "secondary-quota-missing"
    severity = Severity.NOTE
    needs = frozenset({Facet.USAGES})
    uses = READ

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not estate.is_production(cluster):
            return
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        cluster.max_nodes.effective().require()
        short: list[tuple[Workspace, str, Row]] = []
        gap: Undecided | None = None
        for workspace in _elsewhere(claim, estate):
            try:
                subscription, row = _row(claim, workspace, capacity)
            except Undecided as undecided:
                if undecided.decisions:
                    raise
                gap = gap or undecided
                continue
            if (row.limit or 0) >= claim.wanted:
                return
            short.append((workspace, subscription, row))
        if gap is not None:
            raise gap
        for workspace, subscription, row in short[:1]:
            region = workspace.location.require()
            kind = "dedicated" if row.pool == claim.pool == "dedicated" else "lowPriority"
            yield self.finding(
                cluster.max_nodes,
                f"{cluster.label} in production may have {machine(claim, claim.asked)}, but in {region}, "
                f"where {workspace.label} is, {row.title} has {vcpus(row.limit or 0)}",
                related=tuple((w.location, f"{w.label} is elsewhere") for w, _, _ in short[:10]),
                fixes=(
                    Fix(
                        f"ask for {claim.wanted} vCPUs of {row.title} in {region}",
                        Applicability.DISPLAY,
                        steps=request_quota(
                            row.request_name, kind, claim.wanted, subscription, region
                        ),
                    ),
                ),
            )


def _elsewhere(claim: Claim, estate: Estate) -> list[Workspace]:
    """List the workspaces of other regions, those of which the region is known."""
    return [
        w
        for w in estate.of(Workspace)
        if not estate.is_redeclared(w) and w.location.known not in {None, claim.region}
    ]


def _row(claim: Claim, workspace: Workspace, capacity: Capacity) -> tuple[str, Row]:
    """Find what the region of a workspace gives the nodes of a cluster; raises Undecided."""
    own = workspace.id.subscription
    subscription = str(own).casefold() if own is not None and own.is_ground else claim.subscription
    region = workspace.location.require()
    family = claim.family if claim.pool == "dedicated" else ""
    row = capacity.quotas.of(subscription, region).find(claim.pool, family)
    if row is None or row.limit is None:
        missing = Row(claim.pool, family, problem="no row of the usages names it")
        raise capacity.unknown(row or missing, subscription, region)
    return subscription, row
