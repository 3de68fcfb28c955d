"""The rule readonly-lock-on-workspace-rg."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Finding, Lock, Rule, Severity
from azmlint_rules.locks._guarded import (
    LOCKED,
    SCALED,
    clusters_of,
    held_by_application,
    items_of,
    move,
    workspaces_in,
)


class ReadonlyLockOnWorkspaceRg(Rule[Lock]):
    """Read-only lock is on the resource group of a workspace with computes.

    ## Why
    Everything that a delete lock blocks, and more: no compute can be created, scaled, changed or
    deleted through Azure Resource Manager, keys cannot be listed, and jobs that need any of this
    fail. Scaling stops with the cluster at "resizing 0 -> 0".

    Whoever must only look needs the role Reader, not a lock. Benchmarks that ask for locks are
    satisfied by delete locks on the storage account, the key vault, the container registry and
    Application Insights one by one.

    ## Not when
    The workspace has no computes of which Azure makes the nodes.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Authorization/locks/frozen", "name": "frozen", "properties": {"level": "ReadOnly"}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Create compute clusters, and the resource-lock include (2025)
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "readonly-lock-on-workspace-rg"
    severity = Severity.ERROR
    needs = LOCKED
    uses = SCALED
    judges_declared = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        if not scope.is_group or not lock.level.equals("readonly"):
            return
        workspaces = workspaces_in(scope, estate)
        if not workspaces:
            return
        first = workspaces[0]
        more = f" and of {len(workspaces) - 1} more" if len(workspaces) > 1 else ""
        yield self.finding(
            lock,
            f"{lock.label} forbids every change in the resource group '{scope.name}' of "
            f"{first.label}{more}: no compute can be created, scaled, changed or deleted",
            related=clusters_of(workspaces, estate),
            fixes=move(lock, items_of(workspaces), "resource group"),
            why_no_fix=held_by_application(lock),
        )
