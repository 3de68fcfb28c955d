"""The estate as a networkx graph, for questions about paths."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import networkx as nx

from azmlint.expressions.term import Object
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    KINDS,
    Compute,
    Lock,
    OnlineDeployment,
    PrivateEndpoint,
    ResourceGroup,
    Subnet,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.model.estate import Estate
    from azmlint.model.resource import Resource


_KIND_NAMES = {k.arm_type.lower(): k.kind for k in reversed(KINDS) if k.arm_type}


def graph(estate: Estate) -> nx.DiGraph[str]:
    """Draw every resource and scope; an edge's `relation` says how its ends relate.

    Nodes are ids as text, with `kind`, `name`, `spelling` (the id as written) and `is_declared`.
    """
    view: nx.DiGraph[str] = nx.DiGraph()
    # How something is declared is a resource to rules, and none of Azure's.
    drawn = [r for r in estate.resources if r.arm_type]
    for resource in drawn:
        view.add_node(
            node_of(resource.id),
            kind=resource.kind,
            name=resource.name,
            spelling=str(resource.id),
            is_declared=True,
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
    view.add_node(
        node,
        kind=kind_of(scope),
        name=scope.name or str(scope),
        spelling=str(scope),
        is_declared=False,
    )
    parent = scope.parent
    if parent.segments and parent.key != scope.key:
        _add_scope(view, parent)
        view.add_edge(node, node_of(parent), relation="in")


def kind_of(scope: ResourceId) -> str:
    """Say what an id is the id of."""
    kind = scope.resource_type
    if not scope.is_rooted:
        return "reference"
    if kind is not None:
        return _KIND_NAMES.get(kind.lower(), kind)
    return "resource group" if scope.group is not None else "subscription"


def _relations(resource: Resource, estate: Estate) -> Iterator[tuple[ResourceId, str]]:
    if isinstance(resource, Lock):
        yield resource.locked, "locks"
        return
    if isinstance(resource, OnlineDeployment):
        yield resource.id.parent, "in"
        return
    if isinstance(resource, Compute):
        from azmlint.expressions.truth import Undecided  # noqa: PLC0415

        try:
            yield estate.workspace_of(resource).id, "in"
        except Undecided:
            yield resource.id.parent, "in"
        subnet = resource.subnet_id
        if subnet.segments:
            yield subnet, "on"
    elif isinstance(resource, (Subnet, ResourceGroup)):
        yield resource.id.parent, "in"
    elif resource.scope is not None and resource.scope.key != resource.id.key:
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


class Node(NamedTuple):
    """One thing on a path through the estate."""

    kind: str
    name: str
    id: str
    relation: str
    """How the one before it relates to it: in, on, uses, ...; empty for the first."""


class Dependencies:
    """What one resource depends on: all that it and its surroundings are in, on, or use."""

    def __init__(self, estate: Estate, resource_id: ResourceId) -> None:
        """Walk the graph from one resource."""
        self._view = graph(estate)
        start = node_of(resource_id)
        self._paths: dict[str, list[str]] = nx.single_source_shortest_path(self._view, start)

    def __contains__(self, resource_id: ResourceId) -> bool:
        """Whether it depends on what has this id."""
        return node_of(resource_id) in self._paths

    def ids(self) -> Iterator[ResourceId]:
        """Yield the id of all that it depends on, itself first."""
        for node in self._paths:
            yield ResourceId((self._view.nodes[node]["spelling"],))

    def path(self, resource_id: ResourceId) -> tuple[Node, ...]:
        """Lead from the resource to one that it depends on, by the shortest way."""
        nodes = self._paths[node_of(resource_id)]
        relations = ["", *(self._view.edges[a, b]["relation"] for a, b in pairwise(nodes))]
        return tuple(
            Node(data["kind"], data["name"], data["spelling"], relation)
            for data, relation in zip((self._view.nodes[n] for n in nodes), relations, strict=True)
        )


class Connections:
    """How two things of an estate come together: in what both are in, or in what one uses."""

    def __init__(self, view: nx.DiGraph[str]) -> None:
        """Answer for a graph as `graph` makes it."""
        self._view = view
        self._above: dict[str, dict[str, list[str]]] = {}

    def between(self, one: str, other: str) -> list[str]:
        """Lead from one node to another over what both depend on; empty where nothing joins them.

        Only what the two depend on is walked, so that a subscription of thousands costs nothing.
        """
        if one not in self._view or other not in self._view:
            return []
        first, second = self._dependencies(one), self._dependencies(other)
        shared = [node for node in first if node in second]
        if not shared:
            return []
        where = min(shared, key=lambda node: len(first[node]) + len(second[node]))
        return [*first[where], *reversed(second[where][:-1])]

    def _dependencies(self, node: str) -> dict[str, list[str]]:
        if node not in self._above:
            self._above[node] = nx.single_source_shortest_path(self._view, node)
        return self._above[node]

    def around(self, node: str) -> list[str]:
        """List what a node is on, uses, locks or reaches, and what it is in."""
        return list(self._view.successors(node)) if node in self._view else []

    def within(self, node: str) -> list[str]:
        """List what is directly in a node."""
        if node not in self._view:
            return []
        edges = self._view.in_edges(node, data=True)
        return [inner for inner, _, data in edges if data["relation"] == "in"]
