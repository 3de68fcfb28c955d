"""How many nodes fit on a subnet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.truth import Undecided
from azmlint.model.facet import Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    PrivateEndpoint,
    Subnet,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from azmlint.expressions.term import Part
    from azmlint.model.estate import Estate
    from azmlint.model.resource import Resource

RESERVED: Final = 5
"""Azure keeps the first four addresses and the last one of every subnet."""

_SMALLEST: Final = 29
"""The longest prefix that a subnet may have."""


class Room(NamedTuple):
    """What a subnet has room for."""

    usable: int
    """Its addresses, without those that Azure keeps."""

    declared: int
    """How many are certain to go to what files declare besides clusters."""

    others: int
    """How many are certain to go to anything besides nodes of clusters."""

    used: int | None = None
    """How many are in use now, by nodes too; None where that was not read."""

    is_exact: bool = True
    """Whether it is known which of those in use are nodes of clusters."""

    @property
    def nodes(self) -> int:
        """How many nodes all clusters together can have at most."""
        return max(self.usable - self.others, 0)

    def prefix_for(self, nodes: int) -> int:
        """Give the length of the longest prefix that has room for so many nodes instead."""
        return prefix_for(nodes + self.others)

    @property
    def free(self) -> int | None:
        """How many more nodes fit now; None where what is in use was not read."""
        return None if self.used is None else max(self.usable - self.used, 0)


class Occupants(NamedTuple):
    """What is certain to be on a subnet."""

    clusters: tuple[ComputeCluster, ...] = ()
    instances: tuple[ComputeInstance, ...] = ()
    endpoints: tuple[PrivateEndpoint, ...] = ()
    """Those that files declare."""

    workspaces: tuple[Workspace, ...] = ()
    """Those of which the serverless jobs run there."""


class NetworkLimit(NamedTuple):
    """How many objects of one kind a region may have, and how many there are."""

    kind: str
    limit: int
    used: int


NetworkLimits = dict[tuple[str, str], dict[str, NetworkLimit]]
"""By subscription and region, both in lower case, and kind."""

NODES_PER_OBJECT: Final = 100
"""Batch takes a load balancer, a security group and a public address for each 100 nodes."""


def objects_for(nodes: int, each: int = NODES_PER_OBJECT) -> int:
    """Count the load balancers, or other objects, that so many nodes take."""
    return -(-max(nodes, 0) // each)


def usable(prefixes: Iterable[str]) -> int | None:
    """Count the IPv4 addresses of a subnet's prefixes without those that Azure keeps.

    None when one cannot be read. Of IPv6 addresses there are always enough.
    """
    import ipaddress  # noqa: PLC0415  # only subnets of clusters need it

    size = 0
    for text in prefixes:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return None
        if isinstance(network, ipaddress.IPv4Network):
            size += network.num_addresses
    return max(size - RESERVED, 0)


def prefix_for(count: int) -> int:
    """Give the length of the longest prefix that has room for so many."""
    return min(32 - (count + RESERVED - 1).bit_length(), _SMALLEST)


class _World(NamedTuple):
    """What was found in one world."""

    occupants: dict[tuple[Part, ...], Occupants]
    places: dict[tuple[tuple[Part, ...], str | None], list[ComputeCluster]]


_KEPT: Final = 32
"""Worlds of which the answers are kept; one is enough where nothing is left open."""


def _rank(cluster: ComputeCluster) -> tuple[int, str]:
    return (-(cluster.max_nodes.effective().known or 0), str(cluster.id).casefold())


class Addresses:
    """The subnets of an estate, and what takes their addresses."""

    def __init__(self, estate: Estate) -> None:
        """Answer for `estate`."""
        self._estate = estate
        self._found: dict[tuple[Part, ...], list[Resource]] | None = None
        self._worlds: dict[frozenset[tuple[Hashable, int]], _World] = {}

    def occupants(self, subnet: ResourceId) -> Occupants:
        """Say what is certain to be on a subnet, the clusters with the most nodes first."""
        key = subnet.key
        world = self._world()
        if key not in world.occupants:
            found = [r for r in self._index().get(key, ()) if r.exists().known]
            world.occupants[key] = Occupants(
                tuple(sorted((r for r in found if isinstance(r, ComputeCluster)), key=_rank)),
                tuple(r for r in found if isinstance(r, ComputeInstance)),
                tuple(r for r in found if isinstance(r, PrivateEndpoint)),
                tuple(r for r in found if isinstance(r, Workspace)),
            )
        return world.occupants[key]

    def _world(self) -> _World:
        """Give what was found in the world that is being judged."""
        taken = frozenset(self._estate.taken.items())
        world = self._worlds.get(taken)
        if world is None:
            if len(self._worlds) >= _KEPT:
                self._worlds.clear()
            world = self._worlds[taken] = _World({}, {})
        return world

    def _index(self) -> dict[tuple[Part, ...], list[Resource]]:
        if self._found is None:
            self._found = {}
            estate = self._estate
            placed = [
                *((c, c.subnet) for c in estate.of(Compute)),
                *((e, e.subnet) for e in estate.of(PrivateEndpoint) if not e.is_deployed),
                *((w, w.serverless_subnet) for w in estate.of(Workspace)),
            ]
            for resource, subnet in placed:
                if not subnet.is_absent and not estate.is_redeclared(resource):
                    key = ResourceId.of(subnet.term).key
                    self._found.setdefault(key, []).append(resource)
        return self._found

    def room(self, subnet: Subnet) -> Room | None:
        """Say what a subnet has room for; None when its prefix is none.

        Raises Undecided when its prefix is not known.
        """
        size = usable(_prefixes(subnet))
        if size is None:
            return None
        there = self.occupants(subnet.id)
        declared = len(there.instances) + len(there.endpoints)
        used = self._used(subnet)
        nodes = [self.nodes_now(c) for c in there.clusters]
        known = [n for n in nodes if n is not None]
        if used is None or len(known) < len(nodes):
            return Room(size, declared, declared, used, is_exact=used is None)
        # Of what is in use, the nodes of the clusters themselves are theirs to keep.
        return Room(size, declared, max(declared, used - sum(known)), used)

    def _used(self, subnet: Subnet) -> int | None:
        twin = subnet if subnet.is_deployed else self._estate.deployed(subnet)
        if twin is None:
            return None
        listed = twin.ip_configurations
        # The service leaves out the list where nothing is on it.
        return 0 if listed.is_absent else len(listed.require().members)

    def nodes_now(self, cluster: ComputeCluster) -> int | None:
        """Count the nodes that a cluster has now; None where that is not known."""
        twin = cluster if cluster.is_deployed else self._estate.deployed(cluster)
        if twin is not None:
            return twin.current_nodes.known
        # A cluster that does not exist yet has none; one that may exist may have some.
        is_ground = cluster.id.is_ground
        is_read = is_ground and self._estate.is_known(Facet.COMPUTES, cluster.id.parent)
        return 0 if is_read else None

    def _region(self, cluster: ComputeCluster) -> str | None:
        try:
            return self._estate.region_of(cluster).known
        except Undecided:
            return None

    def clusters_in(self, subscription: ResourceId, region: str) -> list[ComputeCluster]:
        """List the clusters on subnets of a subscription that are certain to be in a region.

        Those with the most nodes come first.
        """
        places = self._world().places
        if not places:
            for cluster in self._estate.of(ComputeCluster):
                where = None if cluster.subnet.is_absent else cluster.subnet_id
                own = where.subscription if where is not None else None
                is_there = own is not None and not self._estate.is_redeclared(cluster)
                if own is not None and is_there and cluster.exists().known:
                    at = (own.key, self._region(cluster))
                    places.setdefault(at, []).append(cluster)
            for clusters in places.values():
                clusters.sort(key=_rank)
        return places.get((subscription.key, region), [])


def _prefixes(subnet: Subnet) -> list[str]:
    listed = subnet.prefixes
    if listed.is_absent:
        return [subnet.prefix.require()]
    terms = listed.require().members
    for term in terms:
        if term.is_unknown:
            raise Undecided(() if term.reason is None else (term.reason,), term.decisions)
    return [str(term.data) for term in terms]
