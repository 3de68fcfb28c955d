"""The rule readonly-lock-on-workspace-dependency."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Estate, Facet, Finding, Fix, Lock, ResourceId, Rule, Workspace
from azmlint_rules.recipes import relax_lock

WORDS = {
    "storage": "account keys cannot be listed and no role can be granted on it",
    "key_vault": "no access can be granted on it",
    "registry": "its credentials cannot be listed and no role can be granted on it",
}


class ReadonlyLockOnWorkspaceDependency(Rule[Lock]):
    """Read-only lock is on a workspace's storage account, key vault or registry.

    ## Why
    A read-only lock refuses every POST too, such as the listing of account keys, and every role
    assignment: datastores and identities stop working. A delete lock on these items is fine, and
    is what the documentation recommends.

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

    ## References
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "readonly-lock-on-workspace-dependency"
    uses = frozenset({Facet.LOCKS, Facet.WORKSPACES})

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        if lock.locked.resource_type is None:
            return
        for workspace in estate.of(Workspace):
            for name, effect in WORDS.items():
                value = getattr(workspace, name)
                if value.is_absent or ResourceId.of(value.term).key != lock.locked.key:
                    continue
                if not lock.level.equals("readonly"):
                    return
                yield self.finding(
                    lock.level,
                    f"{lock.label} makes the {value.property.title} of {workspace.label} "
                    f"read-only: {effect}",
                    related=((value, f"used by {workspace.label}"),),
                    fixes=(
                        Fix(
                            "lock it against deletion only",
                            Applicability.SAFE,
                            (lock.level.set("cannotdelete"),),
                            relax_lock(lock),
                        ),
                    ),
                )
                return
