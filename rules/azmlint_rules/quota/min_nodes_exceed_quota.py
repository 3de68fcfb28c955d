"""The rule min-nodes-exceed-quota."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.quota._limits import (
    SHARED,
    amount,
    ask_for_more,
    elsewhere,
    machine,
    nodes,
    sharers,
    sharing,
)
from azmlint_rules.recipes import update_compute


class MinNodesExceedQuota(Rule[ComputeCluster]):
    """Nodes that the compute cluster always keeps need more than the quota.

    ## Why
    The service refuses to create a cluster of which the min nodes do not fit the quota of their family,
    of the region or of low-priority vCPUs (`ClusterMinNodesExceedCoreQuota`).

    ## Not when
    The minimum is 0.

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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 8, "maxNodeCount": 10}}}}]}
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 2, "maxNodeCount": 6}}}}]}
      ]
    }
    ```

    ## Fix safety
    Unsafe: fewer nodes are kept, and the first jobs wait for theirs.

    ## How sure
    Documented by the name of the error, and observed in public logs.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "min-nodes-exceed-quota"
    severity = Severity.ERROR
    needs = frozenset({Facet.USAGES})
    uses = SHARED
    codes = ("ClusterMinNodesExceedCoreQuota",)

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        least = cluster.min_nodes.effective()
        if not least.above(0):
            return
        count = least.require()
        limits = [x for x in capacity.limits(claim) if not x.row.scope]
        for limit in limits:
            if limit.row.limit is None or limit.row.limit >= count * claim.vcpus:
                continue
            fitting = limit.row.limit // claim.vcpus
            keep_fewer = Fix(
                f"keep {nodes(fitting)}",
                Applicability.UNSAFE,
                (cluster.min_nodes.set(fitting),),
                update_compute(
                    cluster, "--min-instances", str(fitting), undo=("--min-instances", str(count))
                ),
            )
            wanted = max(claim.wanted, count * claim.vcpus) + limit.enough_for(claim) - claim.wanted
            yield self.finding(
                cluster.min_nodes,
                f"{cluster.label} always keeps {machine(claim, count)}, and {amount(limit, claim)}: "
                f"it is not created{sharing(limit, cluster)}",
                related=sharers(limit, cluster),
                fixes=(keep_fewer, ask_for_more(limit, claim, wanted), *elsewhere(claim, capacity)),
            )
            return
        for limit in limits:
            capacity.require(limit, claim)
