"""Every resource of one run, and what is known of how they relate."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from azmlint.expressions.term import Object
from azmlint.expressions.truth import Need, Reason, Undecided
from azmlint.model.facet import Coverages, Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resource import Resource
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    ComputeSettings,
    ContainerRegistry,
    CredentialCall,
    Datastore,
    Delegation,
    DenyAssignment,
    DiagnosticSetting,
    EndpointPolicy,
    Entry,
    Firewall,
    FirewallPolicy,
    FirewallRules,
    KeyVault,
    Lock,
    Machines,
    ManagedIdentity,
    NetworkSecurityGroup,
    OnlineDeployment,
    OnlineEndpoint,
    PolicyAssignment,
    PolicyDefinition,
    PolicySetDefinition,
    PrivateEndpoint,
    RoleAssignment,
    RoleDefinition,
    RouteTable,
    ServiceDiagnosis,
    StorageAccount,
    Subnet,
    ToolUse,
    VirtualNetwork,
    Workspace,
    interface_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

    import networkx as nx

    from azmlint.data.sizes import Size
    from azmlint.expressions.term import Part, Term
    from azmlint.expressions.worlds import Worlds
    from azmlint.model.access.access import Access
    from azmlint.model.addresses import Addresses, NetworkLimit, NetworkLimits
    from azmlint.model.capacity.capacity import Capacity
    from azmlint.model.capacity.rows import Quotas
    from azmlint.model.kinds import Items
    from azmlint.model.network.traffic import NodeTraffic
    from azmlint.model.policy.assignment import Policies
    from azmlint.model.sizes import Sizes
    from azmlint.model.value import Value

R = TypeVar("R", bound=Resource)

_Key = tuple["Part", ...]

NOTHING_READ = Coverages()
_LOCATIONS = "/providers/Microsoft.MachineLearningServices/locations/"


class Later(NamedTuple):
    """What is read when somebody asks for it."""

    quotas: Callable[[], Quotas] | None = None
    sizes: Callable[[], Sizes] | None = None
    network_limits: Callable[[], NetworkLimits] | None = None


NOTHING_LATER = Later()


class UndeclaredFacet(Exception):  # noqa: N818  # a mistake of a rule's author
    """A rule asks for a facet that it does not declare, so that it may not have been collected."""


class Estate:
    """The resources of one run, indexed by kind, by id and by scope.

    Nothing here compares all with all: every question is a dictionary look-up, and an answer
    that needs a resource which is not here is undecided, because what is not declared in these
    files may still be deployed. What is declared and what is deployed under one id are two views
    of one thing: look-ups give the declared one, as it will be after the deployment.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        *,
        today: dt.date,
        now: dt.datetime | None = None,
        is_complete: bool = False,
        coverages: Coverages = NOTHING_READ,
        production_tags: Iterable[tuple[str, str | None]] = (),
        production_names: Iterable[str] = (),
        later: Later = NOTHING_LATER,
        worlds: Worlds | None = None,
    ) -> None:
        """Index `resources`; `is_complete` says that nothing else is deployed.

        `coverages` tell what was read of what is deployed, `now` when. What is kept of
        questions is kept for each of the `worlds`.
        """
        self.resources: tuple[Resource, ...] = tuple(resources)
        self.today = today
        """The day that decides what is past."""
        self._now = now
        self.is_complete = is_complete
        self.coverages = coverages
        self.readable: frozenset[str] | None = None
        """The facets that the rule being asked declares; None outside a rule."""
        self._later = later
        self._worlds = worlds
        self._capacity: Capacity | None = None
        self._sizes: Sizes | None = None
        self._network_limits: NetworkLimits | None = None
        self._addresses: Addresses | None = None
        self._access: Access | None = None
        self._production_tags = tuple(production_tags)
        self._production_names = frozenset(n.casefold() for n in production_names)
        self._by_kind: dict[type[Resource], list[Resource]] = defaultdict(list)
        self._by_id: dict[_Key, list[Resource]] = defaultdict(list)
        self._by_scope: dict[_Key, list[Resource]] = defaultdict(list)
        self._children: dict[_Key, list[Resource]] = defaultdict(list)
        self._computes: dict[Workspace, list[Compute]] = {}
        self._computes_by_name: dict[Workspace, dict[str, list[Compute]]] = {}
        self._beside: dict[str, list[Workspace]] = defaultdict(list)
        self._open_computes: dict[_Key, Undecided | None] = {}
        """By subscription: the first gap in what was read of computes, worked out once."""
        self._policies: Policies | None = None
        for resource in self.resources:
            self._add(resource)
        self._join()

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

    def _join(self) -> None:
        """Give what is declared apart to the resource that lists it."""
        joined: dict[_Key, list[Entry]] = defaultdict(list)
        for entry in self.of(Entry):
            joined[entry.id.parent.key].append(entry)
        for kind in (RouteTable, NetworkSecurityGroup, EndpointPolicy):
            for whole in self.of(kind):
                entries = tuple(p for p in joined.get(whole.id.key, ()) if p.whole is kind)
                whole.joins(() if whole.is_deployed and self.is_redeclared(whole) else entries)

    # What was read of what is deployed

    @property
    def now(self) -> dt.datetime:
        """The moment to which the durations of deployed states are reckoned."""
        return self._now or dt.datetime.combine(self.today, dt.time(), dt.UTC)

    def is_known(self, facet: str, scope: ResourceId) -> bool:
        """Whether all of a facet at `scope` is known, so that what is not there does not exist."""
        self._may_read(facet)
        return self.is_complete or self.coverages.is_collected(facet, scope)

    def require(self, facet: str, scope: ResourceId) -> None:
        """Raise Undecided unless all of a facet at `scope` is known."""
        self._may_read(facet)
        if not self.is_complete:
            self.coverages.require(facet, scope)

    def _may_read(self, facet: str) -> None:
        if self.readable is not None and facet not in self.readable:
            raise UndeclaredFacet(facet)

    def _not_found(self, kind: type[Resource], resource_id: ResourceId) -> Undecided:
        facet = facet_of(kind)
        if facet is not None and self.coverages:
            self._may_read(facet)
        if facet is not None and self.coverages.of(facet, resource_id) is not None:
            if not self.coverages.is_collected(facet, resource_id):
                return Undecided((self.coverages.gap(facet, resource_id),))
            text = f"{_named(kind.kind, resource_id)} is not deployed"
            return Undecided((Reason("missing", text),))
        if self.coverages:
            text = f"{_named(kind.kind, resource_id)} was not read"
            return Undecided(
                (Reason("missing", text, Need(facet, str(resource_id)) if facet else None),)
            )
        return Undecided((_missing(kind.kind, resource_id),))

    # Look-ups

    def of(self, kind: type[R]) -> list[R]:
        """List the resources of one kind, kinds derived from it included, as they were read."""
        return self._by_kind[kind]  # type: ignore[return-value]  # the index is by kind

    def find(self, kind: type[R], resource_id: ResourceId) -> R:
        """Find a resource by its id.

        Raises Undecided when it is not among these files: it may be deployed all the same.
        """
        chosen = self.look_up(kind, resource_id)
        if chosen is None:
            raise self._not_found(kind, resource_id)
        return chosen

    def look_up(self, kind: type[R], resource_id: ResourceId) -> R | None:
        """Find a resource by its id, None when it is not here."""
        found = [r for r in self._by_id.get(resource_id.key, ()) if isinstance(r, kind)]
        return _created(found)

    def deployed(self, resource: R) -> R | None:
        """Find what is deployed under a declared resource's id."""
        found = self._by_id.get(resource.id.key, ())
        return next((r for r in found if r.is_deployed and isinstance(r, type(resource))), None)

    def tool_of(self, resource: Resource) -> str | None:
        """Say with which tool a resource is declared, None when no declaration says it."""
        use = self._use_of(resource)
        return use.tool if use is not None else None

    def is_looked_up_first(self, resource: Resource) -> bool:
        """Whether a program declares a resource only where it finds none of that name."""
        use = self._use_of(resource)
        return use is not None and not use.lookup.is_absent

    def _use_of(self, resource: Resource) -> ToolUse | None:
        index: dict[int, ToolUse] | None = getattr(self, "_tools", None)
        if index is None:
            index = {id(use.subject): use for use in self.of(ToolUse)}
            self._tools = index
        return index.get(id(resource))

    def same_id(self, resource: Compute) -> Iterator[Compute]:
        """Yield the declared computes, of any kind, that certainly have a compute's id.

        It is one of them, and stands where it was read.
        """
        for other in self._by_id.get(resource.id.key, ()):
            if not other.is_deployed and isinstance(other, Compute):
                yield other

    def within(self, scope: ResourceId, kind: type[R]) -> list[R]:
        """List the resources of a kind that are certainly in a subscription or group.

        A lock is not in a scope but on it: ask `locks_on`.
        """
        found = self._by_scope.get(scope.key, ())
        return [
            r
            for r in found
            if isinstance(r, kind) and not isinstance(r, Lock) and not self.is_redeclared(r)
        ]

    def is_redeclared(self, resource: Resource) -> bool:
        """Whether it is deployed, and a declaration says what will become of it."""
        return resource.is_deployed and any(
            not r.is_deployed and not r.is_existing for r in self._by_id[resource.id.key]
        )

    def locks_on(self, resource: Resource) -> Iterator[Lock]:
        """Yield the declared locks that cover a resource: its own, its group's and above."""
        for scope in _covering(resource):
            yield from self.locks_at(scope)

    def locks_at(self, scope: ResourceId) -> list[Lock]:
        """List the locks that are set exactly at a scope."""
        return [r for r in self._by_scope.get(scope.key, ()) if isinstance(r, Lock)]

    # Workspaces and computes

    def workspace_of(self, compute: Compute | OnlineDeployment) -> Workspace:
        """Find the workspace of a compute: by id, or the one workspace file beside it.

        Raises Undecided when no input says which it is, or what it is like.
        """
        parent = _workspace_id(compute)
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
            if len(beside) == 1 and _may_be_in(compute, beside[0]):
                return beside[0]
        raise self._not_found(Workspace, parent)

    def workspaces_using(self, item: ResourceId) -> list[tuple[Workspace, Value[str]]]:
        """List the workspaces that certainly use an account, vault, registry or insights.

        Each comes with the property that says so.
        """
        index: dict[_Key, list[tuple[Workspace, Value[str]]]] | None = getattr(self, "_users", None)
        if index is None:
            index = defaultdict(list)
            for workspace in self.of(Workspace):
                if self.is_redeclared(workspace):
                    continue
                for name in ("storage", "key_vault", "registry", "insights"):
                    value: Value[str] = getattr(workspace, name)
                    if not value.is_absent:
                        index[ResourceId.of(value.term).key].append((workspace, value))
            self._users = index
        return index.get(item.key, [])

    def computes_of(self, workspace: Workspace) -> list[Compute]:
        """List the computes that are certainly in a workspace."""
        found = self._computes.get(workspace)
        if found is None:
            found = self._computes[workspace] = self._find_computes_of(workspace)
        return found

    def _find_computes_of(self, workspace: Workspace) -> list[Compute]:
        computes = [
            c
            for c in self._children.get(workspace.id.key, ())
            if isinstance(c, Compute) and not self.is_redeclared(c)
        ]
        if workspace.body.dialect == "cli" and len(self._beside[_folder(workspace.path)]) == 1:
            folder = _folder(workspace.path)
            known = {id(c) for c in computes}
            computes += [
                c
                for c in self.of(Compute)
                if c.body.dialect == "cli"
                and not c.id.parent.is_ground
                and _folder(c.path) == folder
                and _may_be_in(c, workspace)
                and id(c) not in known
            ]
        return computes

    def computes_named(self, workspace: Workspace, name: str) -> list[Compute]:
        """List the computes of a workspace that certainly have a name, whatever its case."""
        index = self._computes_by_name.get(workspace)
        if index is None:
            index = self._computes_by_name[workspace] = defaultdict(list)
            for compute in self.computes_of(workspace):
                index[(compute.id.name or "").casefold()].append(compute)
        return index.get(name.casefold(), [])

    def scaled_computes_of(self, workspace: Workspace) -> list[Compute]:
        """List the computes of a workspace of which Azure creates and deletes the nodes.

        Raises Undecided when none is known of and some may not have been read.
        """
        kinds = (ComputeCluster, ComputeInstance)
        found: list[Compute] = [c for c in self.computes_of(workspace) if isinstance(c, kinds)]
        if not found:
            self.require(Facet.COMPUTES, workspace.id)
        return found

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
        found = compute.subnet_id
        if not found.segments:
            raise Undecided(compute.subnet.reasons, compute.subnet.term.decisions)
        return found

    def traffic_of(self, compute: Compute) -> NodeTraffic:
        """Ask what the nodes of a compute may send and receive.

        Raises Undecided when their subnet is not here.
        """
        from azmlint.model.network.traffic import NodeTraffic  # noqa: PLC0415  # few runs ask

        return NodeTraffic(compute, self)

    def subnets_of(self, network: VirtualNetwork) -> list[Subnet]:
        """List the declared subnets of a network."""
        return [
            s
            for s in self._children.get(network.id.key, ())
            if isinstance(s, Subnet) and not self.is_redeclared(s)
        ]

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
                if not compute.subnet.is_absent and not self.is_redeclared(compute):
                    key = compute.subnet_id.parent.key
                    index[key].append(compute)
            self._network_index = index
        return index

    def require_users(self, network: ResourceId) -> None:
        """Raise Undecided unless all computes were read that can use a network.

        A network and the computes in it are of one subscription; a group or subscription stands
        for the networks in it.
        """
        around = network.subscription or network
        self.require(Facet.WORKSPACES, around)
        self._may_read(Facet.COMPUTES)
        if around.key not in self._open_computes:
            self._open_computes[around.key] = self._first_gap(around)
        gap = self._open_computes[around.key]
        if gap is not None:
            raise gap

    def _first_gap(self, scope: ResourceId) -> Undecided | None:
        for workspace in self.within(scope, Workspace):
            if workspace.is_deployed:
                try:
                    self.require(Facet.COMPUTES, workspace.id)
                except Undecided as undecided:
                    return undecided
        return None

    def used_networks(self, scope: ResourceId) -> list[tuple[ResourceId, list[Compute]]]:
        """List the networks of computes that are certainly in a group or subscription."""
        return self._networks_by_scope().get(scope.key, [])

    def _networks_by_scope(self) -> dict[_Key, list[tuple[ResourceId, list[Compute]]]]:
        index: dict[_Key, list[tuple[ResourceId, list[Compute]]]] | None = getattr(
            self, "_used_networks", None
        )
        if index is None:
            index = defaultdict(list)
            for computes in self._computes_by_network().values():
                network = computes[0].subnet_id.parent
                for scope in (network.group, network.subscription):
                    if scope is not None:
                        index[scope.key].append((network, computes))
            self._used_networks = index
        return index

    def private_endpoints_of(self, target: Resource) -> list[PrivateEndpoint]:
        """List the private endpoints of something, certain ones only."""
        index: dict[_Key, list[PrivateEndpoint]] | None = getattr(self, "_endpoints", None)
        if index is None:
            index = defaultdict(list)
            for endpoint in self.of(PrivateEndpoint):
                index[ResourceId.of(endpoint.target.term).key].append(endpoint)
            self._endpoints = index
        return index.get(target.id.key, [])

    def has_private_endpoint(self, workspace: Workspace) -> bool:
        """Whether a workspace has a private endpoint.

        Raises Undecided when none is declared and these files are not everything.
        """
        if self.private_endpoints_of(workspace):
            return True
        listed = workspace.private_endpoints.known
        if listed is not None and len(listed) > 0:
            return True
        deployed = workspace if workspace.is_deployed else self.deployed(workspace)
        if deployed is not None:
            return any(_is_approved(c) for c in _members(deployed.endpoint_connections))
        if self.is_known(Facet.WORKSPACES, workspace.id):
            return False
        text = f"no private endpoint of {workspace.label} is declared, but one may be deployed"
        scope = str(workspace.id)
        permission = "Microsoft.MachineLearningServices/workspaces/read"
        raise Undecided((Reason("missing", text, Need(Facet.WORKSPACES, scope, permission)),))

    # Quotas

    @property
    def taken(self) -> Mapping[Hashable, int]:
        """The decisions taken in the world that is being judged."""
        return self._worlds.taken if self._worlds is not None else {}

    @property
    def has_quotas(self) -> bool:
        """Whether something may state quotas: a snapshot or the configuration."""
        return self._later.quotas is not None

    def capacity(self) -> Capacity:
        """Give what is known of quotas, and who shares them."""
        self._may_read(Facet.USAGES)
        if self._capacity is None:
            from azmlint.model.capacity.capacity import Capacity  # noqa: PLC0415  # few runs ask
            from azmlint.model.capacity.rows import Quotas  # noqa: PLC0415

            quotas = self._later.quotas() if self._later.quotas is not None else Quotas()
            self._capacity = Capacity(self, quotas)
        return self._capacity

    # Access

    def datastores_of(self, workspace: Workspace) -> list[Datastore]:
        """List the datastores that are certainly in a workspace."""
        index: dict[_Key, list[Datastore]] | None = getattr(self, "_datastores", None)
        if index is None:
            index = defaultdict(list)
            for store in self.of(Datastore):
                index[store.id.parent.key].append(store)
            self._datastores = index
        return index.get(workspace.id.key, [])

    def credentials_in(self, folder: str) -> list[CredentialCall]:
        """List the credentials that programs in a folder make, folders in it included."""
        index: dict[str, list[CredentialCall]] | None = getattr(self, "_credentials", None)
        if index is None:
            index = defaultdict(list)
            for call in self.of(CredentialCall):
                inside = _folder(call.path)
                while inside:
                    index[inside].append(call)
                    inside = _folder(inside)
                index[""].append(call)
            self._credentials = index
        return index.get(folder, [])

    def groups_on(self, interface: str) -> list[NetworkSecurityGroup]:
        """List the security groups that say they are on a network interface."""
        index: dict[str, list[NetworkSecurityGroup]] | None = getattr(self, "_worn", None)
        if index is None:
            index = defaultdict(list)
            for group in self.of(NetworkSecurityGroup):
                listed = group.interfaces.known
                for term in listed.members if listed is not None else ():
                    index[interface_of(term)].append(group)
            self._worn = index
        return index.get(interface, []) if interface else []

    def account_named(self, name: str) -> StorageAccount | None:
        """Find a storage account by its name, which no two in Azure share; None when not here."""
        index: dict[str, StorageAccount] | None = getattr(self, "_accounts", None)
        if index is None:
            index = {(a.id.name or "").casefold(): a for a in self.of(StorageAccount)}
            self._accounts = index
        return index.get(name.casefold())

    @property
    def access(self) -> Access:
        """What principals may do."""
        if self._access is None:
            from azmlint.model.access.access import Access  # noqa: PLC0415  # few rules ask

            self._access = Access(self)
        return self._access

    # Sizes

    def size(self, name: str, subscription: str, region: str) -> Size | None:
        """Find what is known of a size in a region; None when nobody lists it."""
        return self.sizes.find(name, subscription, region)

    def size_of(self, compute: Compute) -> Size | None:
        """Find what is known of the size of a compute; raises Undecided when that is unknown."""
        name = compute.size.effective()
        if name.is_absent and not name.is_default:
            return None
        try:
            region = self.region_of(compute).known
        except Undecided:
            region = None
        return self.size(name.require(), _subscription(compute), region or "")

    def region_of(self, compute: Compute) -> Value[str]:
        """Give the region of a compute: that of its workspace where none is written.

        Raises Undecided when no input says which workspace that is.
        """
        return self.workspace_of(compute).location if compute.location.absent else compute.location

    def sizes_offered(self, compute: Compute) -> Mapping[str, Size] | None:
        """List what is offered in a compute's region, by name in lower case.

        None when nobody has asked; raises Undecided when it was asked and not answered.
        """
        sizes = self.sizes
        if not sizes.regions and not self.coverages.asked(Facet.VM_SIZES):
            return None
        subscription = _subscription(compute)
        region = self.region_of(compute).require()
        found = sizes.offered(subscription, region)
        if found is None and self.coverages.asked(Facet.VM_SIZES):
            if not subscription:
                text = f"no input says in which subscription {compute.label} is created"
                raise Undecided((Reason("missing", text),))
            scope = ResourceId((f"{subscription}{_LOCATIONS}{region}",))
            raise Undecided((self.coverages.gap(Facet.VM_SIZES, scope),))
        return found

    @property
    def sizes(self) -> Sizes:
        """What is known of VM sizes."""
        if self.coverages:
            self._may_read(Facet.VM_SIZES)
        if self._sizes is None:
            from azmlint.model.sizes import Sizes  # noqa: PLC0415  # few rules ask

            self._sizes = self._later.sizes() if self._later.sizes is not None else Sizes()
        return self._sizes

    def network_limits(self, subscription: ResourceId, region: str) -> Mapping[str, NetworkLimit]:
        """Give how many network objects a region may have, by kind.

        Raises Undecided when that was not read.
        """
        scope = ResourceId((f"{subscription}{_LOCATIONS}{region}",))
        self.require(Facet.NETWORK_USAGES, scope)
        if self._network_limits is None:
            read = self._later.network_limits
            self._network_limits = read() if read is not None else {}
        return self._network_limits.get((str(subscription).casefold(), region), {})

    @property
    def addresses(self) -> Addresses:
        """What takes the addresses of subnets."""
        if self._addresses is None:
            from azmlint.model.addresses import Addresses  # noqa: PLC0415  # few rules ask

            self._addresses = Addresses(self)
        return self._addresses

    # Policies

    @property
    def worlds(self) -> Worlds | None:
        """What says which way open decisions are taken; None outside of a run."""
        return self._worlds

    @property
    def policies(self) -> Policies:
        """What the policies say that are assigned."""
        self._may_read(Facet.POLICY_ASSIGNMENTS)
        if self._policies is None:
            from azmlint.model.policy.assignment import Policies  # noqa: PLC0415  # few runs ask

            self._policies = Policies(self)
        return self._policies

    # Paths

    def graph(self) -> nx.DiGraph[str]:
        """View the estate as a graph: `a -> b` reads "a is in, uses or locks b"."""
        from azmlint.model.graph import graph  # noqa: PLC0415  # networkx loads when paths are asked for

        return graph(self)


_FACETS: dict[type[Resource], str] = {
    Workspace: Facet.WORKSPACES,
    VirtualNetwork: Facet.NETWORKS,
    Subnet: Facet.NETWORKS,
    PrivateEndpoint: Facet.PRIVATE_ENDPOINTS,
    StorageAccount: Facet.STORAGE,
    KeyVault: Facet.VAULTS,
    ContainerRegistry: Facet.REGISTRIES,
    RouteTable: Facet.ROUTE_TABLES,
    NetworkSecurityGroup: Facet.SECURITY_GROUPS,
    EndpointPolicy: Facet.ENDPOINT_POLICIES,
    Firewall: Facet.FIREWALLS,
    FirewallPolicy: Facet.FIREWALL_POLICIES,
    FirewallRules: Facet.FIREWALL_RULES,
    Delegation: Facet.DELEGATIONS,
    PolicyDefinition: Facet.POLICY_DEFINITIONS,
    PolicySetDefinition: Facet.POLICY_DEFINITIONS,
    ComputeSettings: Facet.COMPUTES,
    OnlineDeployment: Facet.ONLINE_DEPLOYMENTS,
    Machines: Facet.COMPUTES,
    Datastore: Facet.DATASTORES,
    OnlineEndpoint: Facet.ONLINE_ENDPOINTS,
    Lock: Facet.LOCKS,
    PolicyAssignment: Facet.POLICY_ASSIGNMENTS,
    DenyAssignment: Facet.DENY_ASSIGNMENTS,
    ManagedIdentity: Facet.IDENTITIES,
    RoleAssignment: Facet.ROLE_ASSIGNMENTS,
    RoleDefinition: Facet.ROLE_DEFINITIONS,
    DiagnosticSetting: Facet.DIAGNOSTIC_SETTINGS,
    ServiceDiagnosis: Facet.SERVICE_DIAGNOSES,
}
"""The facet in which a kind is read."""


def facet_of(kind: type[Resource]) -> str | None:
    """Name the facet in which a kind is read; None for what is read in none of its own."""
    return next((_FACETS[base] for base in kind.__mro__ if base in _FACETS), None)


def _covering(resource: Resource) -> list[ResourceId]:
    """List what a resource is in, itself first, each scope once."""
    scopes = [resource.id]
    if isinstance(resource, (Compute, Subnet)):
        scopes.append(resource.id.parent)
    scopes += [s for s in (resource.id.group, resource.id.subscription) if s is not None]
    return list({s.key: s for s in scopes}.values())


def _members(items: Value[Items]) -> tuple[Term, ...]:
    return items.known.members if items.known is not None else ()


def _is_approved(connection: Term) -> bool:
    term: Term | None = connection
    for name in ("properties", "privateLinkServiceConnectionState", "status"):
        term = (
            term.data.lookup(name) if term is not None and isinstance(term.data, Object) else None
        )
    return term is not None and str(term.data).casefold() == "approved"


def _created(found: list[R]) -> R | None:
    """Choose the one that is created, of several views of one id: a declared before the deployed.

    A single one is taken for created even on a condition: what refers to it would not be otherwise.
    """
    if len(found) == 1:
        return found[0]
    declared = [r for r in found if not r.is_deployed and not r.is_existing]
    if len(declared) == 1 and declared[0].exists().known is not False:
        return declared[0]
    chosen = next((r for r in declared if r.exists()), None)
    others = [r for r in found if r not in declared]
    return chosen or next((r for r in others if r.is_deployed), others[0] if others else None)


def _subscription(compute: Compute) -> str:
    """Give the id of a compute's subscription in lower case; empty where no input names it."""
    found = compute.id.subscription
    return str(found).casefold() if found is not None and found.is_ground else ""


def _workspace_id(compute: Compute | OnlineDeployment) -> ResourceId:
    """Name the workspace of a compute; a deployment is in an endpoint."""
    parent = compute.id.parent
    return parent.parent if isinstance(compute, OnlineDeployment) else parent


def _may_be_in(compute: Compute | OnlineDeployment, workspace: Workspace) -> bool:
    """Whether nothing that is known of a compute names another workspace."""
    return _workspace_id(compute).equals(workspace.id).known is not False


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _missing(kind: str, resource_id: ResourceId) -> Reason:
    need = Need(Facet.WORKSPACES if kind == "workspace" else Facet.NETWORKS, str(resource_id))
    return Reason("missing", f"{_named(kind, resource_id)} is not declared in these files", need)


def _named(kind: str, resource_id: ResourceId) -> str:
    name = resource_id.name
    return f"{kind} '{name}'" if name is not None else f"the {kind}"
