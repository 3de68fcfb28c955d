"""The rule steady-below-target."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity
from azmlint_rules.state._since import ask_why, told


class SteadyBelowTarget(Rule[ComputeCluster]):
    """Compute cluster gave up resizing before it had the nodes that it wanted.

    ## Why
    Azure has tried and stopped; it does not try again by itself. The codes say why: quota
    (`...CoreQuotaReached`), no capacity or a subnet that takes no nodes (`AllocationFailed`), a lock
    (`ScopeLocked`), a policy (`RequestDisallowedByPolicy`), a missing resource.

    ## Not when
    The cluster has the nodes that it wanted, and no errors.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 1, "targetNodeCount": 4, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}, "errors": [{"error": {"code": "AllocationFailed", "message": "The subnet has delegation to external resources."}}]}}}]}
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
           "properties": {"computeType": "AmlCompute", "properties": {"allocationState": "Steady", "allocationStateTransitionTime": "2026-11-24T09:00:00Z", "currentNodeCount": 4, "targetNodeCount": 4, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}}}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service states it. What the codes mean is documented by Azure Batch.

    ## References
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    - Azure Batch, Check for pool and node errors; pool resizing failures (2026)
    """

    name = "steady-below-target"
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
        "policy-denies-network-objects",
        "policy-denies-delete",
        "lock-on-batch-network-object",
        "lock-on-vnet-rg",
        "lock-on-workspace-rg",
        "readonly-lock-on-workspace-rg",
        "lock-inherited-from-subscription",
    )

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        if not cluster.allocation_state.matches("steady"):
            return
        found = told(cluster.errors)
        is_short = cluster.current_nodes.known is not None and cluster.target_nodes.above(
            cluster.current_nodes.require()
        )
        if not found and not is_short:
            return
        current, target = cluster.current_nodes.text, cluster.target_nodes.text
        fact = (
            f"stopped at {current} of {target} nodes"
            if is_short
            else "has errors of its last resize"
        )
        yield self.finding(
            cluster.errors if found else cluster.current_nodes,
            f"{cluster.label} {fact}" + (f": {found}" if found else ", and says no reason"),
            why_no_fix=ask_why(cluster),
        )
