"""The rule lock-on-workspace-resource."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Estate,
    Finding,
    Fix,
    Lock,
    Rule,
    Severity,
    Workspace,
)

TYPE = "microsoft.machinelearningservices/workspaces"


class LockOnWorkspaceResource(Rule[Lock]):
    """Lock is on a workspace or compute itself, and so on everything below it.

    ## Why
    Children inherit it: computes cannot be deleted, and with a read-only lock nothing below the
    workspace can be written. For a workspace with a managed virtual network the documentation
    asks for no lock on the workspace at all.

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
          "location": "westeurope"
        },
        {
          "type": "Microsoft.Authorization/locks",
          "apiVersion": "2020-05-01",
          "name": "frozen",
          "scope": "Microsoft.MachineLearningServices/workspaces/ws",
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
          "type": "Microsoft.Authorization/locks",
          "apiVersion": "2020-05-01",
          "name": "keep-data",
          "scope": "Microsoft.Storage/storageAccounts/data",
          "properties": {"level": "CanNotDelete"}
        }
      ]
    }
    ```

    ## Fix safety
    Safe: the workspace stays protected against deletion, and one edit brings the old level back.

    ## References
    - Azure Machine Learning, Workspace managed network, Limitations (23 May 2025)
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "lock-on-workspace-resource"

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        kind = lock.locked.resource_type
        if kind not in {TYPE, f"{TYPE}/computes"}:
            return
        word = "workspace" if kind == TYPE else "compute"
        found = [w for w in estate.of(Workspace) if w.id.key == lock.locked.key]
        target = f"{word} '{lock.locked.name or '?'}'"
        for workspace in found:
            managed = ~workspace.isolation.effective().equals("disabled")
            if lock.level.equals("readonly").known and managed.known is None:
                break
            if managed:
                yield self.finding(
                    lock,
                    f"{lock.label} is on {target}, which has a managed virtual network: its "
                    "internal operations may be blocked",
                    related=((workspace.isolation, "the managed virtual network"),),
                    why_no_fix="the lock has to go; lock its storage, vault and registry instead",
                )
                return
        is_frozen = bool(lock.level.equals("readonly"))
        fixes = (
            (
                Fix(
                    "lock it against deletion only",
                    Applicability.SAFE,
                    (lock.level.set("cannotdelete"),),
                ),
            )
            if is_frozen
            else ()
        )
        if is_frozen:
            effect = (
                "nothing below it can be written, so no cluster can be created, changed or scaled"
                if kind == TYPE
                else "nobody can change it or its scale settings"
            )
        else:
            effect = "its computes cannot be deleted" if kind == TYPE else "it cannot be deleted"
        yield self.finding(
            lock.level if is_frozen else lock,
            f"{lock.label} is on {target}: {effect}",
            severity=None if is_frozen else Severity.NOTE,
            fixes=fixes,
            why_no_fix=None if fixes else "decide on purpose; this is often what is wanted",
        )
