"""The rule provisioning-failed."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import recreate_compute
from azmlint_rules.state._since import told


class ProvisioningFailed(Rule[Compute]):
    """Compute could not be provisioned.

    ## Why
    It exists in name only: jobs sent to it fail or wait. A failed compute is deleted and created again
    once the cause is gone.

    ## Not when
    The compute is being created or is there.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "provisioningState": "Failed", "provisioningErrors": [{"error": {"code": "ClusterMinNodesExceedCoreQuota", "message": "quota of 0"}}]}}]}
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
           "properties": {"computeType": "AmlCompute", "provisioningState": "Succeeded"}}]}
      ]
    }
    ```

    ## How sure
    Specified: the service states it.

    ## References
    - Azure Machine Learning, REST reference of computes, `AmlComputeProperties` (2025-12-01)
    """

    name = "provisioning-failed"
    severity = Severity.ERROR
    needs = frozenset({Facet.COMPUTES})
    judges_declared = False
    causes = (
        "vm-size-retired",
        "vm-size-unsupported",
        "no-quota-for-one-node",
        "min-nodes-exceed-quota",
        "cluster-count-limit",
        "readonly-lock-on-workspace-rg",
        "policy-denies-network-objects",
        "subnet-delegated",
        "sep-missing-aml-alias",
        "lighthouse-delegated",
    )

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        if not compute.provisioning_state.matches("failed"):
            return
        found = told(compute.provisioning_errors)
        yield self.finding(
            compute.provisioning_state,
            f"{compute.label} could not be provisioned" + (f": {found}" if found else ""),
            fixes=(
                Fix(
                    "delete and create it again once the cause is gone",
                    Applicability.DISPLAY,
                    steps=recreate_compute(compute),
                ),
            ),
        )
