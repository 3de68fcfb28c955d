"""The rule readonly-lock-on-workspace-dependency."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ContainerRegistry,
    Estate,
    Facet,
    Finding,
    KeyVault,
    Lock,
    Rule,
    StorageAccount,
)
from azmlint_rules.locks._guarded import held_by_application, is_of_backup, relax

WORDS = {
    "storage": "account keys cannot be listed and no role can be granted on it",
    "key_vault": "no access can be granted on it",
    "registry": "its credentials cannot be listed and no role can be granted on it",
}

ITEM_TYPES = frozenset(
    kind.arm_type.lower() for kind in (StorageAccount, KeyVault, ContainerRegistry)
)


class ReadonlyLockOnWorkspaceDependency(Rule[Lock]):
    """Read-only lock is on a workspace's storage account, key vault or registry.

    ## Why
    A read-only lock refuses every POST too, such as the listing of account keys, and every role
    assignment: datastores and identities stop working. A delete lock on these items is fine, and
    is what the documentation recommends.

    ## Not when
    The lock forbids deletion only, which is what the documentation recommends; locks that a backup sets on
    its account.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {"storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]"}
        },
        {
          "type": "Microsoft.Authorization/locks",
          "apiVersion": "2020-05-01",
          "name": "frozen",
          "scope": "Microsoft.Storage/storageAccounts/data",
          "properties": {"level": "ReadOnly"}
        }
      ]
    }
    ```

    ## Good
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {"storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]"}
        },
        {
          "type": "Microsoft.Authorization/locks",
          "apiVersion": "2020-05-01",
          "name": "kept",
          "scope": "Microsoft.Storage/storageAccounts/data",
          "properties": {"level": "CanNotDelete"}
        }
      ]
    }
    ```

    ## Fix safety
    Safe: the item stays protected against deletion, and one edit brings the old level back.

    ## How sure
    Documented.

    ## References
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "readonly-lock-on-workspace-dependency"
    uses = frozenset({Facet.LOCKS, Facet.WORKSPACES})

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        if lock.locked.resource_type is None or is_of_backup(lock):
            return
        users = [
            (workspace, value)
            for workspace, value in estate.workspaces_using(lock.locked)
            if value.property.name in WORDS
        ]
        if not users:
            is_item = lock.locked.resource_type in ITEM_TYPES
            if lock.is_deployed and is_item and lock.level.equals("readonly"):
                estate.require(Facet.WORKSPACES, lock.locked.subscription or lock.locked)
            return
        if not lock.level.equals("readonly"):
            return
        workspace, value = users[0]
        yield self.finding(
            lock.level,
            f"{lock.label} makes the {value.property.title} of {workspace.label} read-only: "
            f"{WORDS[value.property.name]}",
            related=[(value, f"used by {workspace.label}") for workspace, value in users],
            fixes=relax(lock, Applicability.SAFE),
            why_no_fix=held_by_application(lock),
        )
