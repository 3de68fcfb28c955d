"""The rule critical-items-unprotected."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Estate,
    Facet,
    Finding,
    Fix,
    ResourceId,
    Rule,
    Severity,
    Workspace,
)
from azmlint_rules.locks._guarded import ITEMS
from azmlint_rules.recipes import lock_item


class CriticalItemsUnprotected(Rule[Workspace]):
    """Nothing protects the data of a production workspace against deletion.

    ## Why
    Taking a lock off the resource group is right, because it stops clusters from scaling, but then
    nothing keeps the storage account, the key vault, the container registry and Application
    Insights from being deleted by mistake. The documentation asks to lock these single items.

    Which workspaces are production, the configuration says (`production-workspaces`,
    `production-tags`).

    ## Not when
    The workspace is not marked as production, or a lock of its group or subscription covers the items.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "keyVault": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/kv"}, "tags": {"environment": "production"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": []}
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
           "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "keyVault": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/kv"}, "tags": {"environment": "production"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/kv/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## How sure
    Documented as advice.

    ## References
    - Azure Machine Learning, resource-lock include (2025)
    """

    name = "critical-items-unprotected"
    severity = Severity.NOTE
    needs = frozenset({Facet.LOCKS, Facet.WORKSPACES})
    judges_declared = False

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        if not estate.is_production(workspace):
            return
        estate.require(Facet.LOCKS, workspace.id)
        bare: list[str] = []
        for name in ITEMS:
            item = getattr(workspace, name)
            if item.is_absent:
                continue
            found = ResourceId.of(item.term)
            estate.require(Facet.LOCKS, found)
            scopes = [found, *(s for s in (found.group, found.subscription) if s is not None)]
            if not any(estate.locks_at(s) for s in scopes):
                bare.append(item.text)
        if not bare:
            return
        names = ", ".join(f"'{b.rpartition('/')[2]}'" for b in bare)
        yield self.finding(
            workspace,
            f"production {workspace.label} would lose {names} to one mistaken deletion: no lock "
            "protects them",
            fixes=(
                Fix(
                    "lock the single items against deletion",
                    Applicability.DISPLAY,
                    steps=tuple(step for b in bare for step in lock_item(b)),
                ),
            ),
        )
