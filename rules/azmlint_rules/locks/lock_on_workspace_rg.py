"""The rule lock-on-workspace-rg."""

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


class LockOnWorkspaceRg(Rule[Lock]):
    """Delete lock is on the resource group of a workspace with computes.

    ## Why
    Scaling creates and deletes things. The documentation says that a delete lock on the
    workspace's resource group keeps clusters from it: nodes stay that nobody uses, the cluster
    hangs at "resizing 0 -> 0", and computes can neither be created nor deleted. For clusters
    without a subnet of yours the objects are in a group of Microsoft's; there the effect is
    documented, not measured. With a managed virtual network the documentation asks for no lock on
    the workspace or its group at all.

    Benchmarks that ask for locks are satisfied by locking the items one by one: the storage
    account, the key vault, the container registry and Application Insights, never the group and
    never an azurebatch object.

    ## Not when
    The workspace has no computes of which Azure makes the nodes.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws",
           "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws",
         "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train",
           "name": "train", "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Authorization/locks/keep",
           "name": "keep", "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws",
           "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws",
         "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train",
           "name": "train", "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data/providers/Microsoft.Authorization/locks/keep",
           "name": "keep", "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## How sure
    Documented on three pages; for clusters without a subnet of yours not measured, and the finding says so.

    ## References
    - Azure Machine Learning, Create compute clusters, and the resource-lock include (2025)
    - Azure Machine Learning, Workspace managed network, Limitations (23 May 2025)
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "lock-on-workspace-rg"
    severity = Severity.ERROR
    needs = LOCKED
    uses = SCALED
    judges_declared = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        if not scope.is_group or not lock.level.equals("cannotdelete"):
            return
        workspaces = workspaces_in(scope, estate)
        if not workspaces:
            return
        first = workspaces[0]
        more = f" and of {len(workspaces) - 1} more" if len(workspaces) > 1 else ""
        # Only in the group of their network do clusters have objects that anybody has seen.
        effect = (
            "so compute clusters cannot give nodes back and hang at resizing"
            if estate.used_networks(scope)
            else "which is documented, not measured, to keep compute clusters from giving nodes back"
        )
        yield self.finding(
            lock,
            f"{lock.label} forbids deleting in the resource group '{scope.name}' of "
            f"{first.label}{more}, {effect}",
            related=clusters_of(workspaces, estate),
            fixes=move(lock, items_of(workspaces), "resource group"),
            why_no_fix=held_by_application(lock),
        )
