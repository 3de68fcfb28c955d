"""What a lock or another guard over a scope keeps from scaling, and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from azmlint import (
    Applicability,
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
from azmlint_rules.recipes import blanked, delete_lock, move_lock

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

SCALING = frozenset({Facet.LOCKS, Facet.WORKSPACES, Facet.COMPUTES})
"""The facets that tell what a lock keeps from scaling."""


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


def held_by_application(lock: Lock) -> str | None:
    """Say why a lock cannot simply be taken away; None for a person's lock."""
    application = lock.application
    if application is None:
        return None
    return (
        f"application {application} holds this lock: ask its publisher, or move the workspace "
        "out of what it manages"
    )


def move(lock: Lock, items: tuple[str, ...], what: str) -> tuple[Fix, ...]:
    """Offer to lock single items instead of a whole scope."""
    if lock.application is not None:
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
    if lock.application is not None:
        return ()
    return (Fix(title, Applicability.DISPLAY, steps=(*delete_lock(lock), *more)),)
