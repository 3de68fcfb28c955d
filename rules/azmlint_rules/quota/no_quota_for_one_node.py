"""The rule no-quota-for-one-node."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Machines, Rule, Severity
from azmlint_rules.quota._limits import (
    DEDICATED,
    SHARED,
    amount,
    ask_for_more,
    elsewhere,
    is_there,
    sharers,
    sharing,
    vcpus,
)


class NoQuotaForOneNode(Rule[Machines]):
    """Quota is smaller than one node of the compute cluster, instance or online deployment.

    ## Why
    The cluster is refused with `ClusterMinNodesExceedCoreQuota` when it is created, also with 0 min
    nodes; in the low-priority pool it is refused, or created and every job waits. Families with GPUs
    start at a quota of 0. Quota is of a subscription and of the region of the cluster, and that of
    Azure Machine Learning is another than that of virtual machines.

    ## Not when
    No row is found for the family: that is left open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardNCADSA100v4Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardNCADSA100v4Family"}, "limit": 0, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_NC24ads_A100_v4", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardNCADSA100v4Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardNCADSA100v4Family"}, "limit": 48, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_NC24ads_A100_v4", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2}}}}]}
      ]
    }
    ```

    ## How sure
    Observed in public logs of 2026; that GPU families begin at 0 is documented.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    - Refusals in public logs of 2026: `ClusterMinNodesExceedCoreQuota`
    """

    name = "no-quota-for-one-node"
    severity = Severity.ERROR
    needs = frozenset({Facet.USAGES})
    uses = SHARED
    supersedes = (
        "min-nodes-exceed-quota",
        "family-quota-shortfall",
        "regional-quota-shortfall",
        "low-priority-quota-shortfall",
        "no-headroom-now",
    )
    codes = (
        "ClusterMinNodesExceedCoreQuota",
        "QuotaNotAvailableForResource",
    )

    def check(self, compute: Machines, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(compute)
        if claim is None or is_there(claim):
            return
        limits = [x for x in capacity.limits(claim) if not x.row.scope]
        for limit in limits:
            if limit.row.limit is None or limit.row.limit >= claim.vcpus:
                continue
            fact = (
                "creation is refused, also with 0 min nodes"
                if claim.pool == DEDICATED
                else "creation is refused, or every job waits"
            )
            if claim.is_fixed:
                fact = "creation is refused"
            wanted = max(claim.vcpus - claim.wanted, 0) + limit.enough_for(claim)
            yield self.finding(
                claim.compute.size,
                f"{compute.label} cannot have one node of {claim.size}, which takes "
                f"{vcpus(claim.vcpus)}: {amount(limit, claim)}; {fact}{sharing(limit, compute)}",
                related=sharers(limit, compute),
                fixes=(ask_for_more(limit, claim, wanted), *elsewhere(claim, capacity)),
            )
            return
        for limit in limits:
            capacity.require(limit, claim)
