"""What a lock or another guard over a scope keeps from scaling, and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Facet,
    Fix,
    Lock,
    Resource,
    ResourceId,
    Step,
    Undecided,
    Workspace,
)
from azmlint_rules.recipes import blanked, delete_lock, move_lock, relax_lock

BATCH_OBJECT = re.compile(
    r"(?:[0-9a-f-]{36}-?)?azurebatch-cloudservice(?:networksecurityg{1,2}roup|publicip|loadbalancer)",
    re.IGNORECASE,
)
"""The objects that hold a cluster's nodes together; both spellings of the first are documented."""

BATCH_KINDS = frozenset(
    f"microsoft.network/{kind}"
    for kind in ("loadbalancers", "networksecuritygroups", "publicipaddresses")
)

ITEMS = ("storage", "key_vault", "registry", "insights")
"""What of a workspace is worth a lock of its own."""

LOCKED = frozenset({Facet.LOCKS, Facet.WORKSPACES})
"""The facets without which nothing can be said of a lock."""

# NOTE: Where workspaces could not be read nobody asks for computes; that leaves a lock undecided.
SCALED = frozenset({Facet.COMPUTES})
"""The facets that tell what it keeps from scaling."""


def workspaces_in(scope: ResourceId, estate: Estate) -> list[Workspace]:
    """List the workspaces in a group or subscription that have computes which scale.

    Raises Undecided when none is known of and some may not have been read.
    """
    candidates = estate.within(scope, Workspace)
    found = _decided(candidates, lambda w: bool(estate.scaled_computes_of(w)))
    if not found:
        estate.require(Facet.WORKSPACES, scope)
    return found


def _decided(candidates: list[Workspace], test: Callable[[Workspace], bool]) -> list[Workspace]:
    """Keep what passes a test; raises Undecided when nothing does and something is open."""
    found: list[Workspace] = []
    first: Undecided | None = None
    for candidate in candidates:
        try:
            if test(candidate):
                found.append(candidate)
        except Undecided as undecided:
            first = first or undecided
    if not found and first is not None:
        raise first
    return found


def network_users(scope: ResourceId, estate: Estate) -> list[tuple[ResourceId, Compute]]:
    """List the computes, with their networks, of which the network is in a group or subscription.

    Raises Undecided when there is none and some compute may not have been read.
    """
    found = [(network, c) for network, computes in estate.used_networks(scope) for c in computes]
    if not found:
        estate.require_users(scope)
    return found


def has_public_address(compute: Compute) -> bool:
    """Whether nodes get public addresses, as they do unless the compute says that they do not."""
    return compute.public_ip.equals(other=False).known is not True


def in_force_on(guard: Resource) -> list[ResourceId]:
    """List the groups and subscriptions in which a policy or denial is in force.

    What is set on a management group is in force where the answer of a subscription names it.
    """
    scope = guard.scope
    if scope is not None and (scope.is_group or scope.is_subscription):
        return [scope]
    return [s for s in guard.read_in if s.is_subscription]


def clusters_of(workspaces: list[Workspace], estate: Estate) -> Iterator[tuple[Resource, str]]:
    """Yield the workspaces and their computes, as related places."""
    for workspace in workspaces:
        yield workspace, f"{workspace.label} is covered by it"
        for compute in estate.scaled_computes_of(workspace):
            yield compute, f"{compute.label} is covered by it"


def items_of(workspaces: list[Workspace]) -> tuple[str, ...]:
    """List the ids of what is worth a lock of its own."""
    values = [getattr(w, name) for w in workspaces for name in ITEMS]
    return tuple(dict.fromkeys(blanked(v.text) for v in values if not v.is_absent))


def is_of_backup(lock: Lock) -> bool:
    """Whether Azure Backup set a lock, to protect a storage account that it backs up."""
    return lock.name.casefold() == "azurebackupprotectionlock"


def held_by_application(lock: Lock) -> str | None:
    """Say why a lock cannot simply be taken away; None for a person's lock."""
    if is_of_backup(lock):
        return "Azure Backup holds this lock as long as it protects the account"
    application = lock.application
    if application is None:
        return None
    return (
        f"application {application} holds this lock: ask its publisher, or move the workspace "
        "out of what it manages"
    )


def move(lock: Lock, items: tuple[str, ...], what: str) -> tuple[Fix, ...]:
    """Offer to lock single items instead of a whole scope."""
    if held_by_application(lock) is not None:
        return ()
    return (
        Fix(
            f"lock the single items instead of the {what}",
            Applicability.DISPLAY,
            steps=move_lock(lock, items),
        ),
    )


def take_away(lock: Lock, title: str, *more: Step) -> tuple[Fix, ...]:
    """Offer to take a lock away, and what then keeps the rest safe."""
    if held_by_application(lock) is not None:
        return ()
    return (Fix(title, Applicability.DISPLAY, steps=(*delete_lock(lock), *more)),)


def relax(lock: Lock, applicability: Applicability) -> tuple[Fix, ...]:
    """Offer to let a read-only lock keep from deletion only."""
    if held_by_application(lock) is not None:
        return ()
    return (
        Fix(
            "lock it against deletion only",
            applicability,
            (lock.level.set("cannotdelete"),),
            relax_lock(lock),
        ),
    )
