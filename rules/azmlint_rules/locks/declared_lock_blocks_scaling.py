"""The rule declared-lock-blocks-scaling."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ComputeCluster,
    ComputeInstance,
    Estate,
    Finding,
    Fix,
    Lock,
    Resource,
    ResourceId,
    Rule,
    Severity,
    VirtualNetwork,
    Workspace,
)
from azmlint_rules.locks._guarded import BATCH_OBJECT, ITEMS
from azmlint_rules.recipes import delete_lock, move_lock


class DeclaredLockBlocksScaling(Rule[Lock]):
    """Template creates a lock that stops compute clusters from scaling.

    ## Why
    Clusters create and delete load balancers, addresses and network security groups as they
    scale. A delete lock on the resource group of the workspace, on that of the cluster's virtual
    network, on the subscription above, or on one of the azurebatch objects keeps them from it:
    the cluster hangs at "resizing 0 -> 0", or nodes stay that nobody uses. The next deployment
    creates the lock again that somebody has just removed by hand. A cluster without a subnet of
    yours has these objects in a group of Microsoft's; that a lock on the workspace's group holds it
    up too is documented, not measured.

    Some benchmarks ask for locks on critical resources. Both are satisfied by locking the items
    one by one: the storage account, the key vault, the container registry and Application
    Insights, never the group and never an azurebatch object.

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
          "name": "do-not-delete",
          "properties": {"level": "CanNotDelete"}
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
          "location": "westeurope"
        },
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

    ## References
    - Azure Machine Learning, Create compute clusters, and the resource-lock include (2025)
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "declared-lock-blocks-scaling"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        if BATCH_OBJECT.fullmatch(scope.name or ""):
            yield self.finding(
                lock,
                f"{lock.label} is on '{scope.name}', which a compute cluster needs to create and "
                "delete: it can no longer scale",
                fixes=(
                    Fix(
                        "take the lock away",
                        Applicability.DISPLAY,
                        steps=delete_lock(_lock_id(lock)),
                    ),
                ),
            )
            return
        if scope.resource_type is not None or not scope.segments:
            return
        is_none = lock.level.equals("notspecified")
        # Every level but that one blocks, so a level without a value here leaves nothing open.
        if is_none.known or (is_none.decisions and is_none):
            return
        what = "resource group" if scope.group is not None else "subscription"
        inside = _inside(scope, estate)
        if not inside:
            yield self.finding(
                lock,
                f"{lock.label} is on a whole {what}; compute clusters in it, or in a virtual "
                "network of it, could not scale",
                severity=Severity.NOTE,
                why_no_fix="whether anything of Azure Machine Learning is in it is not known here",
            )
            return
        certain = [r for r in inside if r.exists().known]
        sufferers = certain or [r for r in inside if r.exists()]
        if not sufferers:
            return
        first = sufferers[0]
        if isinstance(first, VirtualNetwork):
            effect = "the compute clusters in it cannot scale and hang at resizing"
        elif isinstance(first, Workspace):
            effect = "its compute clusters cannot scale and hang at resizing"
        elif isinstance(first, ComputeCluster):
            effect = "it cannot scale and hangs at resizing"
        else:
            effect = "its creation and deletion may fail"
        yield self.finding(
            lock,
            f"{lock.label} is on the {what} of {first.label}, so {effect}; lock the single items "
            "instead",
            related=tuple((r, f"{r.label} is in the locked {what}") for r in sufferers),
            fixes=(
                Fix(
                    f"lock the single items instead of the {what}",
                    Applicability.DISPLAY,
                    steps=move_lock(_lock_id(lock), _items(sufferers)),
                ),
            ),
        )


def _inside(scope: ResourceId, estate: Estate) -> list[Resource]:
    workspaces: list[Resource] = [*estate.within(scope, Workspace)]
    computes = [*estate.within(scope, ComputeCluster), *estate.within(scope, ComputeInstance)]
    networks = [n for n in estate.within(scope, VirtualNetwork) if estate.computes_in(n)]
    return [*(workspaces or computes), *networks]


def _items(sufferers: list[Resource]) -> tuple[str, ...]:
    items: list[str] = []
    for workspace in sufferers:
        if isinstance(workspace, Workspace):
            values = [getattr(workspace, name) for name in ITEMS]
            items += [v.text for v in values if not v.is_absent]
    return tuple(dict.fromkeys(items)) or ("<id-of-the-item>",)


def _lock_id(lock: Lock) -> str:
    return f"{lock.locked}/providers/Microsoft.Authorization/locks/{lock.name}"
