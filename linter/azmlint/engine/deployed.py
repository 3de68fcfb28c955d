"""What is deployed, as a run takes it: judged, or the surroundings of what files declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine.report import Failure
from azmlint.expressions.truth import Need
from azmlint.model.facet import COLLECTED, Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    Compute,
    DenyAssignment,
    DeploymentStack,
    Lock,
    PolicyAssignment,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from azmlint.expressions.term import Part
    from azmlint.model.resource import Resource
    from azmlint.sources.snapshot import Snapshot

GUARDS = (Lock, PolicyAssignment, DenyAssignment, DeploymentStack)
"""What acts on resources that others declare."""


class Deployed(NamedTuple):
    """What was read of what is deployed."""

    snapshot: Snapshot
    is_judged: bool
    """Whether it is judged itself; otherwise only the guards over what files declare are."""


def split(
    resources: Iterable[Resource], declared: Iterable[Resource]
) -> tuple[list[Resource], list[Resource]]:
    """Part deployed resources into the guards over what is declared, and the rest."""
    touched = {key for resource in declared for key in _touched(resource)}
    guards: list[Resource] = []
    rest: list[Resource] = []
    for resource in resources:
        is_guard = isinstance(resource, GUARDS) and any(
            scope.key in touched for scope in (_set_on(resource), *resource.read_in)
        )
        (guards if is_guard else rest).append(resource)
    return guards, rest


def _set_on(guard: Resource) -> ResourceId:
    return guard.scope if guard.scope is not None else guard.id


def _touched(resource: Resource) -> Iterator[tuple[Part, ...]]:
    """Yield the keys of a resource, of what it is in, and of what it cannot work without."""
    yield from _upwards(resource.id)
    if isinstance(resource, Compute):
        yield from _upwards(resource.id.parent)
        yield from _upwards(resource.subnet_id)
    if isinstance(resource, Workspace):
        for value in (resource.storage, resource.key_vault, resource.registry, resource.insights):
            yield ResourceId.of(value.term).key


def _upwards(resource_id: ResourceId) -> Iterator[tuple[Part, ...]]:
    if not resource_id.segments:
        return
    yield resource_id.key
    if resource_id.resource_type is not None and "/" in resource_id.resource_type.partition("/")[2]:
        yield resource_id.parent.key
    for scope in (resource_id.group, resource_id.subscription):
        if scope is not None:
            yield scope.key


_FOUNDATION = frozenset({Facet.SUBSCRIPTIONS, Facet.WORKSPACES})
"""Facets that say where everything else is: what is missing there hides what nobody then asks."""

_ANYWHERE = frozenset({Facet.LOCKS, Facet.DENY_ASSIGNMENTS, Facet.POLICY_ASSIGNMENTS})
"""Facets of what can be set on anything: due of every subscription with workspaces."""


def gaps(snapshot: Snapshot, facets: Collection[str]) -> Iterator[Failure]:
    """Yield a failure for each reading, of facets that some rule asks for, that is not complete.

    A facet that was asked of some subscriptions or workspaces is missing from the others.
    """
    coverages = snapshot.coverages
    wanted = {*facets, *_FOUNDATION} if facets else set()
    for coverage in coverages:
        if coverage.state == COLLECTED or coverage.facet not in wanted:
            continue
        text = f"{coverage.facet} were not read: {coverage.reason}"
        if coverage.permission:
            text += f"; it takes {coverage.permission}"
        need = Need(coverage.facet, coverage.scope, coverage.permission or None)
        yield Failure(None, coverage.scope, "live", text, need)
    for facet, scope in _due(snapshot):
        is_asked = facet in facets and coverages.asked(facet)
        if is_asked and coverages.of(facet, scope) is None:
            text = f"{facet} were not asked for here, though elsewhere: read it again"
            yield Failure(None, scope, "live", text, Need(facet, scope))


def _due(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield facets with the scopes of which they are asked whenever they are asked at all."""
    answers = [a for a in snapshot.answers if a.facet == Facet.WORKSPACES]
    subscriptions = {_subscription(a.scope) for a in answers if a.items}
    # What hinders a network hinders its nodes, also where the network's subscription is not read.
    subscriptions |= {
        _subscription(subnet)
        for a in snapshot.answers
        if a.facet == Facet.COMPUTES
        for item in a.items
        if (subnet := _subnet(item)).startswith("/subscriptions/")
    }
    for scope in sorted(subscriptions - {""}):
        yield from ((facet, scope) for facet in sorted(_ANYWHERE))
    workspaces = {str(item.get("id", "")).casefold() for a in answers for item in a.items}
    for scope in sorted(workspaces - {""}):
        yield Facet.COMPUTES, scope


def _subscription(scope: str) -> str:
    return "/".join(scope.split("/")[:3]).casefold()


def _subnet(compute: object) -> str:
    found = compute
    for name in ("properties", "properties", "subnet", "id"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
