"""The rule capacity-bottleneck."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule
from azmlint_rules.quota._limits import (
    DEDICATED,
    LOW_PRIORITY,
    SHARED,
    amount,
    elsewhere,
    enough_for_all,
    lower,
    nodes,
    sharers,
    sharing,
    vcpus,
)


class CapacityBottleneck(Rule[ComputeCluster]):
    """Compute cluster cannot reach its full size while the others that share its quota scale.

    ## Why
    Alone it would get all its nodes. `azmlint capacity` shows how far each cluster gets when all scale at
    once, and which limit is full first; it gives each one node in each round, as nobody knows who comes
    first.

    ## Not when
    The cluster cannot have its full size alone either, which other rules say, or what shares its quota is
    not known.

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
    Deduced: the sharing is documented, the order in which clusters grow is a model.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    """

    name = "capacity-bottleneck"
    needs = frozenset({Facet.USAGES})
    uses = SHARED | {Facet.NETWORKS}

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        cluster.max_nodes.effective().require()
        outcome = capacity.market(claim).outcome(cluster)
        if outcome is None:
            return
        limit = outcome.full
        if limit is None or outcome.alone < claim.asked or outcome.together >= claim.asked:
            for unknown in outcome.unknown:
                capacity.require(unknown, claim)
            for under in capacity.limits(claim):
                capacity.require_counted(under)
            if claim.subnet:
                estate.subnet_of(cluster)
            capacity.require_listed(claim)
            return
        fixes = [*lower(claim, outcome.together)]
        if limit.row.pool in {DEDICATED, LOW_PRIORITY}:
            fixes += [enough_for_all(limit, claim), *elsewhere(claim, capacity)]
        rest = claim.vcpus * claim.asked
        yield self.finding(
            cluster.max_nodes,
            f"{cluster.label} gets {outcome.together} of {nodes(claim.asked)} ({claim.size}, "
            f"{vcpus(rest)}) when all scale at once, though it would get all of them alone: "
            f"{amount(limit, claim)}{sharing(limit, cluster)}",
            related=sharers(limit, cluster),
            fixes=fixes,
            why_no_fix=None if fixes else "plan the max nodes of those who share it",
        )
