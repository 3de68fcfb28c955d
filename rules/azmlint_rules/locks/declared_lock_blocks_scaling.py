"""The rule declared-lock-blocks-scaling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from azmlint import (
    Applicability,
    Compute,
    ComputeCluster,
    ComputeInstance,
    Estate,
    Finding,
    Fix,
    Lock,
    Reason,
    Resource,
    ResourceId,
    Rule,
    Severity,
    Undecided,
    VirtualNetwork,
    Workspace,
)
from azmlint_rules.locks._guarded import BATCH_OBJECT, items_of
from azmlint_rules.recipes import blanked, delete_lock, move_lock


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

    Some benchmarks and other tools ask for a lock on the group or on critical resources. Both are
    satisfied by locking the items one by one against deletion: the storage account, the key vault,
    the container registry, Application Insights and the virtual network, never the group and never
    an azurebatch object.

    ## Not when
    The lock is on a single item. Where nothing of Azure Machine Learning is known in the scope it is a
    note.

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

    ## How sure
    Documented that such locks stop scaling; for clusters without a subnet of yours it is not measured.

    ## References
    - Azure Machine Learning, Create compute clusters, and the resource-lock include (2025)
    - Azure Resource Manager, Lock resources (8 March 2024)
    """

    name = "declared-lock-blocks-scaling"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        is_none = lock.level.equals("notspecified")
        # Every level but that one blocks, so a level without a value here leaves nothing open.
        if is_none.known or (is_none.decisions and is_none):
            return
        if "azurebatch" in (scope.name or "").lower():
            yield from self._on_batch_object(lock)
            return
        if scope.resource_type is not None or not scope.segments:
            return
        if not scope.is_rooted:
            text = f"what {lock.label} is on is not known here"
            raise Undecided((Reason("parameter", text),))
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
        certain = [held for held in inside if held.place.exists().known]
        sufferers = certain or [held for held in inside if held.place.exists()]
        if not sufferers:
            return
        severity, effect = _effect(lock, sufferers)
        yield self.finding(
            lock,
            f"{lock.label} is on the {what} of {sufferers[0].label}, {effect}; lock the single items "
            "instead",
            severity=severity,
            related=_named(sufferers, f"is in the locked {what}"),
            fixes=(
                Fix(
                    f"lock the single items instead of the {what}",
                    Applicability.DISPLAY,
                    steps=move_lock(lock, _items(sufferers)),
                ),
            ),
        )

    def _on_batch_object(self, lock: Lock) -> Iterator[Finding]:
        name = lock.locked.name or ""
        is_certain = BATCH_OBJECT.fullmatch(name) is not None
        kind = "which" if is_certain else "by its name an object that"
        yield self.finding(
            lock,
            f"{lock.label} is on '{name}', {kind} a compute cluster needs to create and delete: it can no "
            "longer scale, so nodes stay and are billed, or resizing hangs",
            severity=Severity.ERROR if is_certain else Severity.WARNING,
            fixes=(Fix("take the lock away", Applicability.DISPLAY, steps=delete_lock(lock)),),
        )


class _Held(NamedTuple):
    """What a lock holds up; for a network, which computes have their nodes in it."""

    place: Resource
    label: str
    network: ResourceId | None = None
    computes: Sequence[Compute] = ()


def _named(sufferers: Sequence[_Held], where: str) -> Iterator[tuple[Resource, str]]:
    """Name each that is held up once, also what a loop declares several times at one place."""
    said: set[tuple[str, str, int]] = set()
    for held in sufferers:
        grip = held.place.grip
        one = (held.label, grip.document.path, grip.start)
        if one not in said:
            said.add(one)
            yield held.place, f"{held.label} {where}"


def _effect(lock: Lock, sufferers: Sequence[_Held]) -> tuple[Severity, str]:
    """Say how bad it is, and what happens to those inside, as far as that is known."""
    first = sufferers[0]
    if first.network is not None:
        whom = "the compute clusters in it"
    elif isinstance(first.place, Workspace):
        whom = "its compute clusters"
    elif isinstance(first.place, ComputeCluster):
        whom = "it"
    else:
        return Severity.ERROR, "so its creation and deletion may fail"
    in_networks = [compute for held in sufferers for compute in held.computes]
    if first.network is not None and all(_has_no_address(compute) for compute in in_networks):
        # What a lock there holds up, an address and a load balancer, such clusters do not have.
        return (
            Severity.WARNING,
            f"which may keep {whom} from scaling, although they have no public addresses",
        )
    keeps = "keeps" if in_networks else "is documented to keep"
    if lock.level.equals("readonly").known:
        frozen = "in which nothing can then be created or changed, and which"
        return Severity.ERROR, f"{frozen} {keeps} {whom} from scaling"
    bill = "nodes stay and are billed, or resizing hangs"
    return Severity.ERROR, f"which {keeps} {whom} from scaling: {bill}"


def _has_no_address(compute: Compute) -> bool:
    return compute.public_ip.equals(other=False).known is True


def _inside(scope: ResourceId, estate: Estate) -> list[_Held]:
    workspaces: list[Resource] = [*estate.within(scope, Workspace)]
    computes = [*estate.within(scope, ComputeCluster), *estate.within(scope, ComputeInstance)]
    found = workspaces or computes
    created = {resource.id.key for resource in found if not resource.is_existing}
    held = [
        _Held(resource, resource.label)
        for resource in found
        # What is only referred to is named where it is declared.
        if not resource.is_existing or resource.id.key not in created
    ]
    for network, users in estate.used_networks(scope):
        declared = estate.look_up(VirtualNetwork, network)
        label = f"virtual network '{network.name}'"
        held.append(
            _Held(declared, declared.label, network, users)
            if declared is not None
            else _Held(users[0], f"{label} of {users[0].label}", network, users)
        )
    return held


def _items(sufferers: Sequence[_Held]) -> tuple[str, ...]:
    networks = [blanked(str(held.network)) for held in sufferers if held.network is not None]
    workspaces = [held.place for held in sufferers if isinstance(held.place, Workspace)]
    return (*items_of(workspaces), *networks) or ("<id-of-the-item>",)
