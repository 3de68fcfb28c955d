"""The rule workspace-quota-shortfall."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.quota._limits import (
    DEDICATED,
    SHARED,
    amount,
    let_workspace_have,
    lower_max,
    machine,
    nodes,
    sharers,
    sharing,
)


class WorkspaceQuotaShortfall(Rule[ComputeCluster]):
    """Share that a workspace may have of a quota is smaller than its compute cluster at full size.

    ## Why
    A workspace can be given a limit of its own for a family, so that it does not take all that the
    subscription has. The cluster stops short of its max nodes, as it does where the subscription's quota
    is too small; with less than one node it never starts, which is an error. Who changes it needs a
    right on the subscription.

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

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "workspace-quota-shortfall"
    severity = Severity.ERROR
    needs = frozenset({Facet.QUOTAS})
    uses = SHARED | {Facet.USAGES}
    codes = ("ClusterCoreQuotaReached",)

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        if claim.pool != DEDICATED:
            return
        limit = next((x for x in capacity.limits(cluster) if x.row.scope and x.row.family), None)
        if limit is None:
            capacity.require_shares(claim)
            return
        number = capacity.require(limit, claim)
        cluster.max_nodes.effective().require()
        if number >= claim.wanted:
            return
        fitting = number // claim.vcpus
        most = f"more than {nodes(fitting)}" if fitting else "a node"
        yield self.finding(
            cluster.max_nodes,
            f"{cluster.label} may have {machine(claim, claim.asked)}, but {amount(limit, claim)}: "
            f"it never gets {most}{sharing(limit, cluster)}",
            severity=Severity.WARNING if fitting else Severity.ERROR,
            related=sharers(limit, cluster),
            fixes=(
                *lower_max(claim, fitting),
                let_workspace_have(limit, claim, claim.wanted + limit.held),
            ),
        )
