"""The rule hidden-consumers."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.quota._limits import DEDICATED, SHARED, amount, ask_for_more, vcpus


class HiddenConsumers(Rule[ComputeCluster]):
    """Quota of the compute cluster is so small that an image build or serverless job takes all of it.

    ## Why
    Images of environments are built by machines that nobody declared, of 4 vCPUs each, and serverless jobs
    start machines of their own. Both count against the dedicated quota of the subscription in the region of
    the workspace, and where it holds less than two nodes, the cluster gets none meanwhile.

    ## Not when
    The quota holds two nodes or more.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "usages", "scope": "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus", "state": "collected", "items": [
          {"id": "/subscriptions/s/usages/standardDSv2Family", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "standardDSv2Family"}, "limit": 6, "currentValue": 0},
          {"id": "/subscriptions/s/usages/TotalDedicatedCores", "type": "Microsoft.MachineLearningServices/dedicatedCores/usages", "name": {"value": "TotalDedicatedCores"}, "limit": 100, "currentValue": 0}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "type": "Microsoft.MachineLearningServices/workspaces", "location": "eastus"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1}}}}]}
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "eastus", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_DS3_v2", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1}}}}]}
      ]
    }
    ```

    ## How sure
    Observed in public logs; that such machines share the quota is documented.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    - Azure Machine Learning, REST reference of usages and quotas (2025-12-01)
    - A hidden image builder in public logs of 2026
    """

    name = "hidden-consumers"
    severity = Severity.NOTE
    needs = frozenset({Facet.USAGES})
    uses = SHARED

    builder: int = 4
    """The vCPUs of a machine that builds images."""

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        capacity = estate.capacity()
        claim = capacity.claim(cluster)
        if claim.pool != DEDICATED:
            return
        limits = [x for x in capacity.limits(claim) if not x.row.scope]
        for limit in limits:
            number = capacity.require(limit, claim)
            if claim.vcpus <= number < 2 * claim.vcpus:
                fact = (
                    "leaves too little for one node"
                    if number - self.builder < claim.vcpus
                    else "leaves room for one node"
                )
                yield self.finding(
                    cluster.size,
                    f"{cluster.label} has room for one node of {claim.size}, which takes "
                    f"{vcpus(claim.vcpus)}: {amount(limit, claim)}; an image build or a serverless "
                    f"job of {self.builder} vCPUs beside it {fact}",
                    fixes=(ask_for_more(limit, claim, 2 * claim.vcpus + self.builder),),
                )
                return
