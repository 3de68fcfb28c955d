"""The rule lock-in-managed-network-workspace."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Lock, Rule, Severity, Workspace
from azmlint_rules.locks._guarded import held_by_application, items_of, move


class LockInManagedNetworkWorkspace(Rule[Lock]):
    """Lock covers a workspace with a managed virtual network.

    ## Why
    The documentation of managed virtual networks asks for no lock on the workspace or its resource
    group: internal operations of the network may be blocked, such as making its private endpoints
    and its firewall.

    ## Not when
    The workspace has no managed network.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
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
           "properties": {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## How sure
    Documented; what exactly is blocked is not.

    ## References
    - Azure Machine Learning, Workspace managed network, Limitations (23 May 2025)
    """

    name = "lock-in-managed-network-workspace"
    severity = Severity.ERROR
    needs = frozenset({Facet.LOCKS, Facet.WORKSPACES})
    supersedes = ("lock-on-workspace-resource",)
    judges_declared = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        is_item = (scope.resource_type or "").lower() == Workspace.arm_type.lower()
        if not is_item and not scope.is_group:
            return
        if lock.level.equals("notspecified"):
            return
        if is_item:
            workspaces = [estate.find(Workspace, scope)]
        else:
            workspaces = estate.within(scope, Workspace)
            estate.require(Facet.WORKSPACES, scope)
        managed = [w for w in workspaces if ~w.isolation.effective().equals("disabled")]
        if not managed:
            return
        first = managed[0]
        where = "on" if is_item else "on the resource group of"
        yield self.finding(
            lock,
            f"{lock.label} is {where} {first.label}, which has a managed virtual network: what that "
            "network does internally may be blocked",
            severity=Severity.WARNING if is_item else Severity.ERROR,
            related=[(w.isolation, f"{w.label} has a managed virtual network") for w in managed],
            fixes=move(lock, items_of(managed), "workspace" if is_item else "resource group"),
            why_no_fix=held_by_application(lock),
        )
