"""The estate as the page shows it: a table of everything, and drawings of it."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from azmlint.expressions.truth import Undecided
from azmlint.model.estate import Estate
from azmlint.model.ids import ResourceId
from azmlint.model.resources import Compute, Lock, Subnet, ToolUse, Workspace
from azmlint.report.escape import visible
from azmlint.report.html.drawing import boxes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    import networkx as nx

    from azmlint.finding import Finding
    from azmlint.model.resource import Resource

LARGEST: Final = 500
"""How many nodes are drawn as one; of more, each workspace is drawn with what it depends on."""

_LONGEST_WAY: Final = 200
"""How many nodes of the way of one finding are lit up; the rest is counted."""

_WAYS: Final = frozenset({"locks", "network"})
"""The families of which each finding lights up a way."""


class EstateMap:
    """All resources with their relations, and where each of them is drawn."""

    def __init__(self, estate: Estate) -> None:
        """Take the estate of a run; what certainly does not exist is left out."""
        from azmlint.model.graph import Connections, node_of  # noqa: PLC0415  # loads networkx

        there = [r for r in estate.resources if not isinstance(r, ToolUse) and _may_exist(r)]
        self._estate = Estate(there, today=estate.today)
        self._view = self._estate.graph()
        for subnet in self._estate.of(Subnet):
            for target, relation in _on_the_way(subnet):
                # How traffic goes is no dependency, but a network finding is about it.
                if node_of(target) in self._view:
                    self._view.add_edge(node_of(subnet.id), node_of(target), relation=relation)
        self._ways = Connections(self._view)
        self._node_of = node_of
        self._names = sorted(self._view)
        self._index = {node: index for index, node in enumerate(self._names)}
        self._workspaces = [n for n in self._names if self._kind(n) == Workspace.kind]
        self._labels = self._labelled(self._workspaces)

    def data(self, findings: Iterable[Finding]) -> dict[str, Any] | None:
        """Give nodes, relations and drawings as plain data; None where there is nothing."""
        if not self._names:
            return None
        worst: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
        for finding in findings:
            number = self.number(finding.resource)
            if number is not None:
                worst[number][3 - finding.severity] += 1
        return {
            "nodes": [
                {
                    "kind": self._kind(node),
                    "name": self._name(node),
                    "id": visible(str(self._view.nodes[node]["spelling"])),
                    "declared": self._view.nodes[node]["is_declared"],
                    "counts": worst.get(number, [0, 0, 0]),
                }
                for number, node in enumerate(self._names)
            ],
            "edges": sorted(
                [self._index[a], self._index[b], d["relation"]]
                for a, b, d in self._view.edges(data=True)
            ),
            "views": [
                {"title": title, "boxes": self._drawn(shown)} for title, shown in self._views()
            ],
            "largest": LARGEST,
        }

    def number(self, resource: Resource | None) -> int | None:
        """Give the number of the node of a resource."""
        if resource is None:
            return None
        return self._index.get(self._node_of(resource.id))

    def workspaces(self, finding: Finding) -> list[str]:
        """Name the workspaces that a finding is about, its own or those of what it relates."""
        about = [finding.resource, *(r.resource for r in finding.related)]
        found = (self._workspace(r) for r in about if r is not None)
        return list(dict.fromkeys(name for name in found if name is not None))

    def way(self, finding: Finding, family: str) -> dict[str, Any] | None:
        """Lead from what a finding stands on to all that it concerns.

        Each step is a node with the one before it, the first with -1; None where there is no way.
        """
        if family not in _WAYS or finding.resource is None:
            return None
        start = self._node_of(finding.resource.id)
        if start not in self._index:
            return None
        steps: dict[str, str | None] = {start: None}
        for target in self._concerned(finding, start):
            way = self._ways.between(start, target)
            for before, node in pairwise(way):
                steps.setdefault(node, before)
        if len(steps) == 1:
            return None
        kept = list(steps.items())[:_LONGEST_WAY]
        return {
            "steps": [
                [self._index[node], -1 if before is None else self._index[before]]
                for node, before in kept
            ],
            "more": len(steps) - len(kept),
        }

    def _concerned(self, finding: Finding, start: str) -> Iterator[str]:
        """Name the nodes to lead to: those related, and what of a locked workspace scales."""
        related = [r.resource for r in finding.related if r.resource is not None]
        targets = [n for n in map(self._node_of, (r.id for r in related)) if n != start]
        is_lock = isinstance(finding.resource, Lock)
        targets += self._ways.around(start) if not targets or is_lock else []
        for target in dict.fromkeys(targets):
            yield target
            if is_lock and self._kind(target) == Workspace.kind:
                yield from self._ways.within(target)
            elif is_lock and not related:
                for inner in self._ways.within(target):
                    if self._kind(inner) == Workspace.kind:
                        yield inner
                        yield from self._ways.within(inner)

    def _workspace(self, resource: Resource) -> str | None:
        found: ResourceId | None = None
        if isinstance(resource, Workspace):
            found = resource.id
        elif isinstance(resource, Compute):
            try:
                found = self._estate.workspace_of(resource).id
            except Undecided:
                found = resource.id.parent
        if found is None:
            return None
        return self._labels.get(self._node_of(found)) or visible(found.shown_name) or None

    def _labelled(self, nodes: list[str]) -> dict[str, str]:
        """Name workspaces; those of one name by their group too, then by their whole id."""
        labels = {node: self._name(node) for node in nodes}
        for longer in (self._in_group, self._spelling):
            count: dict[str, int] = defaultdict(int)
            for label in labels.values():
                count[label] += 1
            labels = {n: longer(n) if count[t] > 1 else t for n, t in labels.items()}
        return labels

    def _in_group(self, node: str) -> str:
        group = next(iter(self._ways.around(node)), None)
        return self._name(node) if group is None else f"{self._name(node)} ({self._name(group)})"

    def _spelling(self, node: str) -> str:
        return visible(str(self._view.nodes[node]["spelling"]))

    def _kind(self, node: str) -> str:
        return str(self._view.nodes[node]["kind"])

    def _name(self, node: str) -> str:
        return visible(str(self._view.nodes[node]["name"]))

    def _views(self) -> Iterator[tuple[str, Collection[str]]]:
        is_one = len(self._names) <= LARGEST
        if is_one:
            yield "Whole estate", self._names
            if len(self._workspaces) == 1:
                return
        left = set(self._names)
        for node in sorted(self._workspaces, key=lambda n: (self._labels[n].casefold(), n)):
            shown = self._surroundings(node)
            left -= shown
            yield f"Workspace {self._labels[node]}", shown
        if not is_one and 0 < len(left) <= LARGEST:
            yield "Everything else", left

    def _surroundings(self, workspace: str) -> set[str]:
        """Choose what a workspace is drawn with: its computes, what these use, what locks it."""
        found = {workspace, *self._ways.within(workspace)}
        for node in list(found):
            found |= self._above(node)
        for node in list(found):
            for other, _, data in self._view.in_edges(node, data=True):
                if data["relation"] in {"locks", "reaches"}:
                    found |= {other, *self._above(other)}
        return found

    def _above(self, node: str) -> set[str]:
        found: set[str] = set()
        waiting = [node]
        while waiting:
            for outer in self._view.successors(waiting.pop()):
                if outer not in found:
                    found.add(outer)
                    waiting.append(outer)
        return found

    def _drawn(self, shown: Collection[str]) -> list[list[int]]:
        drawn: nx.DiGraph[str] = self._view
        return [
            [self._index[b.node], b.x, b.y, b.width, b.height, int(b.is_container)]
            for b in boxes(drawn, shown)
        ]


def _on_the_way(subnet: Subnet) -> Iterator[tuple[ResourceId, str]]:
    """Name what traffic of a subnet passes."""
    yield ResourceId.of(subnet.network_security_group.term), "filtered by"
    yield ResourceId.of(subnet.route_table.term), "routed by"
    yield ResourceId.of(subnet.nat_gateway.term), "goes out by"


def _may_exist(resource: Resource) -> bool:
    return resource.exists().known is not False
