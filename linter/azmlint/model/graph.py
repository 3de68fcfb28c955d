"""The estate as a networkx graph, for questions about paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

from azmlint.expressions.term import Object
from azmlint.model.ids import ResourceId
from azmlint.model.resources import Compute, Lock, PrivateEndpoint, Subnet, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.model.estate import Estate
    from azmlint.model.resource import Resource


def graph(estate: Estate) -> nx.DiGraph[str]:
    """Draw every resource and scope; an edge's `relation` says how its ends relate.

    Nodes are ids as text, with `kind`, `name` and `is_declared`.
    """
    view: nx.DiGraph[str] = nx.DiGraph()
    # How something is declared is a resource to rules, and none of Azure's.
    drawn = [r for r in estate.resources if r.arm_type]
    for resource in drawn:
        view.add_node(
            node_of(resource.id), kind=resource.kind, name=resource.name, is_declared=True
        )
    for resource in drawn:
        for target, relation in _relations(resource, estate):
            _add_scope(view, target)
            view.add_edge(node_of(resource.id), node_of(target), relation=relation)
    return view


def node_of(resource_id: ResourceId) -> str:
    """Name the node of an id."""
    return str(resource_id).casefold()


def _add_scope(view: nx.DiGraph[str], scope: ResourceId) -> None:
    node = node_of(scope)
    if node in view:
        return
    kind = scope.resource_type or ("resource group" if scope.group is not None else "subscription")
    if not scope.is_rooted:
        kind = "reference"
    name = scope.name or str(scope).rpartition("/")[2]
    view.add_node(node, kind=kind, name=name, is_declared=False)
    group, subscription = scope.group, scope.subscription
    if group is not None and group.key != scope.key:
        _add_scope(view, group)
        view.add_edge(node, node_of(group), relation="in")
    elif subscription is not None and subscription.key != scope.key:
        _add_scope(view, subscription)
        view.add_edge(node, node_of(subscription), relation="in")


def _relations(resource: Resource, estate: Estate) -> Iterator[tuple[ResourceId, str]]:
    if isinstance(resource, Lock):
        yield resource.locked, "locks"
        return
    if isinstance(resource, Compute):
        from azmlint.expressions.truth import Undecided  # noqa: PLC0415

        try:
            yield estate.workspace_of(resource).id, "in"
        except Undecided:
            yield resource.id.parent, "in"
        subnet = ResourceId.of(resource.subnet.term)
        if subnet.segments:
            yield subnet, "on"
    elif isinstance(resource, Subnet):
        yield resource.id.parent, "in"
    elif resource.scope is not None:
        yield resource.scope, "in"
    if isinstance(resource, Compute):
        yield from _identities(resource)
    if isinstance(resource, Workspace):
        for value in (resource.storage, resource.key_vault, resource.registry, resource.insights):
            found = ResourceId.of(value.term)
            if found.segments:
                yield found, "uses"
    elif isinstance(resource, PrivateEndpoint):
        target = ResourceId.of(resource.target.term)
        if target.segments:
            yield target, "reaches"
        subnet = ResourceId.of(resource.subnet.term)
        if subnet.segments:
            yield subnet, "on"


def _identities(resource: Compute) -> Iterator[tuple[ResourceId, str]]:
    items = resource.identity_ids.known
    if items is None:
        return
    for term in items.names or items.members:
        inner = term.data.lookup("resource_id") if isinstance(term.data, Object) else term
        found = ResourceId.of(inner or term)
        if found.segments:
            yield found, "runs as"
