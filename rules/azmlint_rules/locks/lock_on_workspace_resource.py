"""The rule lock-on-workspace-resource."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Estate,
    Facet,
    Finding,
    Lock,
    Rule,
    Severity,
    Workspace,
)
from azmlint_rules.locks._guarded import held_by_application, items_of, move, relax

TYPE = "microsoft.machinelearningservices/workspaces"


class LockOnWorkspaceResource(Rule[Lock]):
    """Lock is on a workspace or compute itself, and so on everything below it.

    ## Why
    Children inherit it: computes cannot be deleted, and with a read-only lock nothing below the
    workspace can be written. For a workspace with a managed virtual network the documentation
    asks for no lock on the workspace at all.

    Where a benchmark asks for locks on critical resources, lock the storage account, the key vault,
    the container registry and Application Insights one by one against deletion, never the resource
    group and never an azurebatch object.

    ## Not when
    The lock is on another resource of the group.

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

    ## How sure
    Deduced from the inheritance of locks; documented for managed networks.

    ## References
    - Azure Machine Learning, Workspace managed network, Limitations (23 May 2025)
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "lock-on-workspace-resource"
    uses = frozenset({Facet.LOCKS, Facet.WORKSPACES})

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        kind = lock.locked.resource_type
        if kind not in {TYPE, f"{TYPE}/computes"}:
            return
        word = "workspace" if kind == TYPE else "compute"
        found = [w for w in estate.of(Workspace) if w.id.key == lock.locked.key]
        target = f"{word} '{lock.locked.shown_name}'"
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
                    fixes=move(lock, items_of([workspace]), "workspace"),
                    why_no_fix=held_by_application(lock),
                )
                return
        is_frozen = bool(lock.level.equals("readonly"))
        fixes = relax(lock, Applicability.SAFE) if is_frozen else ()
        if is_frozen:
            effect = (
                "nothing below it can be written, so no compute can be created, changed or deleted"
                if kind == TYPE
                else "nobody can change its scale settings or delete it"
            )
        else:
            effect = "its computes cannot be deleted" if kind == TYPE else "it cannot be deleted"
        yield self.finding(
            lock.level if is_frozen else lock,
            f"{lock.label} is on {target}: {effect}",
            severity=None if is_frozen else Severity.NOTE,
            fixes=fixes,
            why_no_fix=held_by_application(lock)
            or (None if fixes else "decide on purpose; this is often what is wanted"),
        )
