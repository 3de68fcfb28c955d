"""The rule scale-up-stalled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.state._since import ask_why, lasted, resizing_for


class ScaleUpStalled(Rule[ComputeCluster]):
    """Compute cluster has been asking for nodes for long and does not get them.

    ## Why
    Azure has accepted the wish for more nodes and does not fulfil it. The likely causes, in order:
    no quota left (of the family, the region, the low-priority pool or the workspace), no capacity in
    the region, a subnet that is full or delegated, network rules that keep nodes from becoming ready,
    a policy, a lock.

    ## Not when
    The time since the last change is within the option.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Resizing", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 0, "targetNodeCount": 4, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Resizing", "allocationStateTransitionTime": "2026-11-24T11:55:00Z", "currentNodeCount": 0, "targetNodeCount": 4, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service states it. The causes are deduced from documentation of Azure Batch.

    ## References
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    - Azure Batch, Check for pool and node errors; pool resizing failures (2026)
    """

    name = "scale-up-stalled"
    severity = Severity.ERROR
    needs = frozenset({Facet.COMPUTES})
    judges_declared = False
    causes = (
        "vm-size-retired",
        "no-quota-for-one-node",
        "family-quota-shortfall",
        "regional-quota-shortfall",
        "low-priority-quota-shortfall",
        "workspace-quota-shortfall",
        "no-headroom-now",
        "capacity-bottleneck",
        "subnet-too-small",
        "subnet-delegated",
        "firewall-missing-fqdn",
        "sep-missing-aml-alias",
        "policy-denies-network-objects",
        "policy-denies-delete",
        "lock-on-batch-network-object",
        "lock-on-vnet-rg",
        "readonly-lock-on-workspace-rg",
        "lock-on-workspace-rg",
        "lock-inherited-from-subscription",
        "readonly-lock-on-cluster-network",
    )

    minutes: int = 20
    """How long getting nodes may take."""

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        age = resizing_for(cluster, estate)
        if age is None or age <= dt.timedelta(minutes=self.minutes):
            return
        current, target = cluster.current_nodes.require(), cluster.target_nodes.require()
        if target <= current:
            return
        yield self.finding(
            cluster.target_nodes,
            f"{cluster.label} has been waiting for {target - current} of {target} nodes for "
            f"{lasted(age)}: quota, capacity, the subnet, network rules, a policy or a lock hold it up",
            why_no_fix=ask_why(cluster),
        )
