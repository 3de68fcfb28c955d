"""Every resource of one run, and what is known of how they relate."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from azmlint.expressions.truth import Need, Reason, Undecided
from azmlint.model.ids import ResourceId
from azmlint.model.resource import Resource
from azmlint.model.resources import (
    Compute,
    Lock,
    PrivateEndpoint,
    Subnet,
    VirtualNetwork,
    Workspace,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    import networkx as nx

    from azmlint.expressions.term import Part

R = TypeVar("R", bound=Resource)

_Key = tuple["Part", ...]


class Estate:
    """The resources of one run, indexed by kind, by id and by scope.

    Nothing here compares all with all: every question is a dictionary look-up, and an answer
    that needs a resource which is not here is undecided, because what is not declared in these
    files may still be deployed.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        *,
        today: dt.date,
        is_complete: bool = False,
        production_tags: Iterable[tuple[str, str | None]] = (),
        production_names: Iterable[str] = (),
    ) -> None:
        """Index `resources`; `is_complete` says that nothing else is deployed."""
        self.resources: tuple[Resource, ...] = tuple(resources)
        self.today = today
        """The day that decides what is past."""
        self.is_complete = is_complete
        self._production_tags = tuple(production_tags)
        self._production_names = frozenset(n.casefold() for n in production_names)
        self._by_kind: dict[type[Resource], list[Resource]] = defaultdict(list)
        self._by_id: dict[_Key, list[Resource]] = defaultdict(list)
        self._by_scope: dict[_Key, list[Resource]] = defaultdict(list)
        self._children: dict[_Key, list[Resource]] = defaultdict(list)
        self._beside: dict[str, list[Workspace]] = defaultdict(list)
        for resource in self.resources:
            self._add(resource)

    def _add(self, resource: Resource) -> None:
        for kind in type(resource).__mro__:
            if issubclass(kind, Resource):
                self._by_kind[kind].append(resource)
        if isinstance(resource, Lock):
            self._by_scope[resource.locked.key].append(resource)
            return
        self._by_id[resource.id.key].append(resource)
        for scope in (resource.id.group, resource.id.subscription):
            if scope is not None:
                self._by_scope[scope.key].append(resource)
        if isinstance(resource, (Compute, Subnet)):
            self._children[resource.id.parent.key].append(resource)
        if isinstance(resource, Workspace) and resource.body.dialect == "cli":
            self._beside[_folder(resource.path)].append(resource)

    # Look-ups

    def of(self, kind: type[R]) -> list[R]:
        """List the resources of one kind, kinds derived from it included, as they were read."""
        return self._by_kind[kind]  # type: ignore[return-value]  # the index is by kind

    def find(self, kind: type[R], resource_id: ResourceId) -> R:
        """Find a resource by its id.

        Raises Undecided when it is not among these files: it may be deployed all the same.
        """
        found = [r for r in self._by_id.get(resource_id.key, ()) if isinstance(r, kind)]
        chosen = _created(found)
        if chosen is None:
            raise Undecided((_missing(kind.kind, resource_id),))
        return chosen

    def same_id(self, resource: R) -> list[R]:
        """List the other resources that certainly have a resource's id."""
        found = self._by_id.get(resource.id.key, ())
        return [r for r in found if r is not resource and isinstance(r, type(resource))]

    def within(self, scope: ResourceId, kind: type[R]) -> list[R]:
        """List the resources of a kind that are certainly in a subscription or group.

        A lock is not in a scope but on it: ask `locks_on`.
        """
        found = self._by_scope.get(scope.key, ())
        return [r for r in found if isinstance(r, kind) and not isinstance(r, Lock)]

    def locks_on(self, resource: Resource) -> Iterator[Lock]:
        """Yield the declared locks that cover a resource: its own, its group's and above."""
        scopes = [resource.id]
        if isinstance(resource, (Compute, Subnet)):
            scopes.append(resource.id.parent)
        scopes += [s for s in (resource.id.group, resource.id.subscription) if s is not None]
        for scope in dict.fromkeys(s.key for s in scopes):
            yield from (r for r in self._by_scope.get(scope, ()) if isinstance(r, Lock))

    # Workspaces and computes

    def workspace_of(self, compute: Compute) -> Workspace:
        """Find the workspace of a compute: by id, or the one workspace file beside it.

        Raises Undecided when no input says which it is, or what it is like.
        """
        parent = compute.id.parent
        chosen = _created(
            [
                r
                for r in self._by_id.get(parent.key, ())
                if isinstance(r, Workspace) and not r.is_existing
            ]
        )
        if chosen is not None:
            return chosen
        if not parent.is_ground and compute.body.dialect == "cli":
            beside = self._beside.get(_folder(compute.path), [])
            if len(beside) == 1:
                return beside[0]
        raise Undecided((_missing("workspace", parent),))

    def computes_of(self, workspace: Workspace) -> list[Compute]:
        """List the computes that are certainly in a workspace."""
        computes = [c for c in self._children.get(workspace.id.key, ()) if isinstance(c, Compute)]
        if workspace.body.dialect == "cli" and len(self._beside[_folder(workspace.path)]) == 1:
            folder = _folder(workspace.path)
            computes += [
                c
                for c in self.of(Compute)
                if c.body.dialect == "cli"
                and not c.id.parent.is_ground
                and _folder(c.path) == folder
                and c not in computes
            ]
        return computes

    def is_production(self, resource: Compute | Workspace) -> bool:
        """Whether configuration or a configured tag marks the workspace as production."""
        workspace: Workspace | None
        if isinstance(resource, Workspace):
            workspace = resource
        else:
            if self._has_production_tag(resource):
                return True
            try:
                workspace = self.workspace_of(resource)
            except Undecided:
                workspace = None
                if (resource.id.parent.name or "").casefold() in self._production_names:
                    return True
        return workspace is not None and (
            workspace.name.casefold() in self._production_names
            or self._has_production_tag(workspace)
        )

    def _has_production_tag(self, resource: Compute | Workspace) -> bool:
        tags = resource.tags.known
        for name, wanted in self._production_tags:
            term = tags.lookup(name) if tags is not None else None
            if term is None or not term.is_known:
                continue
            if wanted is None or str(term.data).casefold() == wanted.casefold():
                return True
        return False

    # Networks

    def subnet_of(self, compute: Compute) -> Subnet:
        """Find the declared subnet of a compute; raises Undecided when it is not here."""
        return self.find(Subnet, self._subnet_id(compute))

    def network_of(self, compute: Compute) -> VirtualNetwork:
        """Find the declared network of a compute's subnet; raises Undecided when not here."""
        return self.find(VirtualNetwork, self._subnet_id(compute).parent)

    def subnet_id(self, compute: Compute) -> ResourceId | None:
        """Give the id of a compute's subnet; None when it has none."""
        return None if compute.subnet.is_absent else self._subnet_id(compute)

    @staticmethod
    def _subnet_id(compute: Compute) -> ResourceId:
        term = compute.subnet.term
        found = ResourceId.of(term)
        if not found.segments:
            raise Undecided(compute.subnet.reasons, term.decisions)
        return found

    def subnets_of(self, network: VirtualNetwork) -> list[Subnet]:
        """List the declared subnets of a network."""
        return [s for s in self._children.get(network.id.key, ()) if isinstance(s, Subnet)]

    def computes_in(self, network: VirtualNetwork) -> list[Compute]:
        """List the computes whose subnet is certainly in a network."""
        return self.computes_on(network.id)

    def computes_on(self, network: ResourceId) -> list[Compute]:
        """List the computes whose subnet is certainly in the network of this id."""
        return self._computes_by_network().get(network.key, [])

    def _computes_by_network(self) -> dict[_Key, list[Compute]]:
        index: dict[_Key, list[Compute]] | None = getattr(self, "_network_index", None)
        if index is None:
            index = defaultdict(list)
            for compute in self.of(Compute):
                if not compute.subnet.is_absent:
                    key = ResourceId.of(compute.subnet.term).parent.key
                    index[key].append(compute)
            self._network_index = index
        return index

    def private_endpoints_of(self, workspace: Workspace) -> list[PrivateEndpoint]:
        """List the declared private endpoints of a workspace, certain ones only."""
        return [
            endpoint
            for endpoint in self.of(PrivateEndpoint)
            if ResourceId.of(endpoint.target.term).key == workspace.id.key
        ]

    def has_private_endpoint(self, workspace: Workspace) -> bool:
        """Whether a workspace has a private endpoint.

        Raises Undecided when none is declared and these files are not everything.
        """
        if self.private_endpoints_of(workspace):
            return True
        listed = workspace.private_endpoints.known
        if listed is not None and len(listed) > 0:
            return True
        if self.is_complete:
            return False
        text = f"no private endpoint of {workspace.label} is declared, but one may be deployed"
        scope = str(workspace.id)
        permission = "Microsoft.MachineLearningServices/workspaces/read"
        raise Undecided((Reason("missing", text, Need("workspaces", scope, permission)),))

    # Paths

    def graph(self) -> nx.DiGraph[str]:
        """View the estate as a graph: `a -> b` reads "a is in, uses or locks b"."""
        from azmlint.model.graph import graph  # noqa: PLC0415  # networkx loads when paths are asked for

        return graph(self)


def _created(declared: list[R]) -> R | None:
    """Choose the one that is created, of several declarations of one id.

    A single one is taken for created even on a condition: what refers to it would not be otherwise.
    """
    if len(declared) == 1:
        return declared[0]
    return next((r for r in declared if r.exists()), None)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _missing(kind: str, resource_id: ResourceId) -> Reason:
    name = resource_id.name
    named = f"{kind} '{name}'" if name is not None else f"the {kind}"
    need = Need("workspaces" if kind == "workspace" else "network", str(resource_id))
    return Reason("missing", f"{named} is not declared in these files", need)
