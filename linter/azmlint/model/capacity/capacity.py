"""The computes of an estate under its quotas."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, overload

from azmlint.data.regions import REGIONS
from azmlint.data.sizes import nearest_size
from azmlint.expressions.truth import Need, Reason, Undecided
from azmlint.model.capacity.market import Claim, Market, Unsure, with_reserve
from azmlint.model.capacity.rows import (
    ADDRESSES,
    ANYWHERE,
    CONFIGURATION,
    DEDICATED,
    LOW_PRIORITY,
    TOTAL_NAMES,
    Problem,
    Row,
    family_key,
    unknown_region,
)
from azmlint.model.facet import Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    Machines,
    OnlineDeployment,
    Subnet,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from azmlint.data.sizes import Size
    from azmlint.model.capacity.market import Limit, Sharing
    from azmlint.model.capacity.rows import Quotas
    from azmlint.model.estate import Estate
    from azmlint.model.resource import Resource
    from azmlint.model.value import Value

_LOCATIONS: Final = "/providers/Microsoft.MachineLearningServices/locations/"
_SHARING: Final = (ComputeCluster, ComputeInstance, OnlineDeployment)
_PURPOSES: Final[dict[type[Machines], str]] = {
    ComputeCluster: "amlcompute",
    ComputeInstance: "computeinstance",
    OnlineDeployment: "mir",
}
"""What the service calls that for which it offers a size."""

_SOME_SUBSCRIPTION: Final = "/subscriptions/{the subscription}"
_KEPT: Final = 32
"""Worlds of which the clusters are kept; one is enough where nothing is left open."""

_MOST_WORK: Final = 300_000
"""After so many resources, worlds added up, no other world is looked at: some seconds."""


class _Table(NamedTuple):
    """What holds in one world."""

    markets: dict[tuple[str, str], Market]
    unsure: tuple[Unsure, ...]
    first_unsure: dict[tuple[str | None, str | None], Unsure]
    """By subscription and region."""

    claims: dict[int, Claim]
    """By the identity of the compute."""

    computes: dict[tuple[str, str], list[Resource]]
    """What counts as a compute, by subscription and region."""

    roomy: dict[tuple[str, str], list[tuple[int, Row]]]
    regions: dict[tuple[str, str, str], list[tuple[int, str]]]


class Capacity:
    """Answers for every compute of one estate; what is asked first is worked out for all."""

    def __init__(
        self, estate: Estate, quotas: Quotas, most: Mapping[int, int] | None = None
    ) -> None:
        """Answer for `estate` under `quotas`; `most` are other max nodes, by identity."""
        self._estate = estate
        self.quotas = quotas
        self._tables: dict[frozenset[tuple[Hashable, int]], _Table] = {}
        self._most = dict(most or {})
        self._spent = 0
        """How often a resource was reckoned with, in all worlds."""
        self._families: dict[tuple[str, str, str], dict[str, list[Size]]] = {}

    def supposing(self, quotas: Quotas, most: Mapping[int, int]) -> Capacity:
        """Answer for the same estate under other quotas, with other max nodes."""
        return Capacity(self._estate, quotas, most)

    # One compute

    @overload
    def claim(self, compute: ComputeCluster) -> Claim: ...

    @overload
    def claim(self, compute: Machines) -> Claim | None: ...

    def claim(self, compute: Machines) -> Claim | None:
        """Say what a compute takes, None for nothing.

        Raises Undecided where its place or vCPUs are not known.
        """
        known = self._table().claims.get(id(compute))
        if known is None and isinstance(compute, _SHARING):
            return self._claim(compute)
        return known

    def _claim(self, compute: Sharing) -> Claim | None:
        subscription, region = self.place(compute)
        if isinstance(compute, ComputeCluster):
            return self._claim_of_cluster(compute, subscription, region)
        workspace = compute.id.parent
        if isinstance(compute, ComputeInstance):
            size, most = compute.size.effective().require(), 1
            if compute.is_deployed and _holds_nothing(compute):
                return None
        else:
            if compute.endpoint_compute.effective().one_of("kubernetes"):
                return None
            size = compute.size.require()
            most = with_reserve(compute.instances.effective().require())
            workspace = workspace.parent
        vcpus, family = self._machine(size, subscription, region)
        return Claim(
            compute,
            subscription,
            region,
            str(workspace).casefold() if workspace.is_ground else "",
            size,
            vcpus,
            self._require_family(family, size, subscription, region),
            DEDICATED,
            most,
            self._nodes_now(compute),
            is_fixed=True,
        )

    def _claim_of_cluster(self, cluster: ComputeCluster, subscription: str, region: str) -> Claim:
        size = cluster.size.effective().require()
        tier = cluster.tier.effective().require()
        pool = DEDICATED if tier == "dedicated" else LOW_PRIORITY
        vcpus, family = self._machine(size, subscription, region)
        if pool == DEDICATED:
            self._require_family(family, size, subscription, region)
        subnet = self._estate.subnet_id(cluster)
        return Claim(
            cluster,
            subscription,
            region,
            str(cluster.id.parent).casefold() if cluster.id.parent.is_ground else "",
            size,
            vcpus,
            family,
            pool,
            self._most.get(id(cluster), cluster.max_nodes.effective().known),
            self._estate.addresses.nodes_now(cluster),
            str(subnet).casefold() if subnet is not None else "",
        )

    def _nodes_now(self, compute: ComputeInstance | OnlineDeployment) -> int | None:
        """Count the machines that an instance or a deployment has now; None where not known."""
        twin = compute if compute.is_deployed else self._estate.deployed(compute)
        if isinstance(twin, ComputeInstance):
            return 0 if _holds_nothing(twin) else 1
        if isinstance(twin, OnlineDeployment):
            count = twin.instances.effective().known
            return None if count is None else with_reserve(count)
        is_deployment = isinstance(compute, OnlineDeployment)
        facet = Facet.ONLINE_DEPLOYMENTS if is_deployment else Facet.COMPUTES
        is_read = compute.id.is_ground and self._estate.is_known(facet, compute.id.parent)
        return 0 if is_read else None

    def place(self, resource: Compute | OnlineDeployment) -> tuple[str, str]:
        """Give subscription and region, the workspace's where none is written; raises Undecided."""
        region = self._location(resource).require()
        own = resource.id.subscription
        subscription = str(own).casefold() if own is not None and own.is_ground else ANYWHERE
        is_read = (subscription, region) in self.quotas.regions
        if not is_read and (ANYWHERE, region) in self.quotas.regions:
            # What is stated without a subscription is stated for all that nobody has read.
            subscription = ANYWHERE
        return subscription, region

    def _location(self, resource: Compute | OnlineDeployment) -> Value[str]:
        """Give the region; only clusters can be in another one than their workspace."""
        location = resource.location
        if not location.is_absent and (
            resource.is_deployed or isinstance(resource, ComputeCluster)
        ):
            return location
        try:
            found = self._estate.workspace_of(resource).location
        except Undecided:
            if location.is_absent:
                raise
            return location
        return location if found.known is None and not location.is_absent else found

    def _machine(self, size: str, subscription: str, region: str) -> tuple[int, str]:
        """Give vCPUs and family of a size."""
        facts = self._estate.size(size, subscription, region)
        if facts is None or facts.vcpus is None or facts.vcpus <= 0:
            msg = f"how many vCPUs size {size} has"
            near = nearest_size(size) if facts is None else None
            raise self._no_fact(msg, subscription, region, near)
        return facts.vcpus, facts.family or ""

    def _require_family(self, family: str, size: str, subscription: str, region: str) -> str:
        if not family:
            msg = f"of which family size {size} is"
            raise self._no_fact(msg, subscription, region)
        return family

    @staticmethod
    def _no_fact(what: str, subscription: str, region: str, near: str | None = None) -> Undecided:
        need = Need(Facet.VM_SIZES, _scope(subscription, region)) if subscription else None
        hint = f"; did you mean '{near}'?" if near else ""
        return Undecided((Reason("missing", f"{what} is not known{hint}", need),))

    def market(self, claim: Claim) -> Market:
        """Give the computes with which one shares its quotas; raises Undecided."""
        market = self._table().markets.get((claim.subscription, claim.region))
        if market is None or not market.limits_of(claim.compute):
            text = f"{claim.compute.label} may not be created"
            raise Undecided((Reason("missing", text),))
        return market

    def limits(self, claim: Claim) -> tuple[Limit, ...]:
        """List the limits that a compute is under, the narrowest first; raises Undecided."""
        return self.market(claim).limits_of(claim.compute)

    def require(self, limit: Limit, claim: Claim) -> int:
        """Give the number of a limit; raises Undecided that says which call would answer."""
        if limit.row.limit is None:
            raise self.unknown(limit.row, claim.subscription, claim.region)
        return limit.row.limit

    def require_use(self, limit: Limit, claim: Claim) -> int:
        """Give what is free of a limit now; raises Undecided."""
        self.require(limit, claim)
        if limit.row.free is None:
            raise self.unknown(limit.row, claim.subscription, claim.region)
        return limit.row.free

    def require_shares(self, claim: Claim) -> None:
        """Raise Undecided unless the limits of workspaces were read."""
        if not claim.subscription:
            text = f"no input says in which subscription {claim.compute.label} is"
            raise Undecided((Reason("missing", text),))
        scope = ResourceId((_scope(claim.subscription, claim.region),))
        self._estate.require(Facet.QUOTAS, scope)

    def unknown(self, row: Row, subscription: str, region: str) -> Undecided:
        """Say why a limit, or what is in use of it, is not known."""
        facet = Facet.QUOTAS if row.scope else Facet.USAGES
        if row.pool == ADDRESSES:
            return Undecided((Reason("missing", f"{row.title}: {row.problem}"),))
        scope = _scope(subscription or _SOME_SUBSCRIPTION, region)
        if not subscription:
            whence = "no input says in which subscription it is asked for"
            fact = f"is not stated{self._meant(row, region)}, and {whence}"
            if row.limit is not None:
                fact = f"is stated without what of it is in use, and {whence}"
            text = f"{row.title} in {region} {fact}"
            if row.problem and row.source:
                text = f"{row.title} in {region}: {row.problem}"
            return Undecided((Reason("missing", text, Need(facet, scope)),))
        try:
            self._estate.require(facet, ResourceId((scope,)))
        except Undecided as undecided:
            return undecided
        problem = row.problem or "nobody says what of it is in use"
        text = f"{row.title} in {region}: {problem}"
        return Undecided((Reason("missing", text),))

    def uncounted(self, limit: Limit, claim: Claim) -> Undecided:
        """Say that what others hold of a limit is not known, as what a cluster has is not."""
        text = (
            f"how many nodes {claim.compute.label} has now is not known, nor whose the "
            f"{limit.row.used} vCPUs in use of {limit.row.title} are"
        )
        is_deployment = isinstance(claim.compute, OnlineDeployment)
        facet = Facet.ONLINE_DEPLOYMENTS if is_deployment else Facet.COMPUTES
        need = Need(facet, str(claim.compute.id.parent))
        return Undecided((Reason("missing", text, need),))

    def require_counted(self, limit: Limit) -> None:
        """Raise Undecided unless it is known what of a limit others than its clusters hold."""
        if limit.uncounted is not None:
            raise self.uncounted(limit, limit.uncounted)

    def require_listed(self, claim: Claim) -> None:
        """Raise Undecided unless it is known of all that is listed what it shares."""
        first = self._table().first_unsure
        for subscription in (claim.subscription, None):
            for region in (claim.region, None):
                if (subscription, region) in first:
                    raise first[subscription, region].why

    def require_users(self, claim: Claim) -> None:
        """Raise Undecided unless all is known that can share the quotas of a cluster."""
        self.require_listed(claim)
        if not claim.subscription:
            text = "what else is deployed in the subscription was not read"
            raise Undecided((Reason("missing", text),))
        self._estate.require_users(ResourceId((claim.subscription,)))

    # What is misspelt

    def misspelt(self) -> Iterator[Problem]:
        """Name what the configuration states of regions and families that no list has."""
        for (_, name), region in self.quotas.regions.items():
            stated = [row for row in region.rows.values() if row.source == CONFIGURATION]
            if stated and name not in REGIONS and name not in self._estate.sizes.regions:
                yield Problem(CONFIGURATION, unknown_region(name))
            for row in stated:
                if not self._is_family(row):
                    near = self._nearest(row.family)
                    hint = f"; did you mean '{near}'?" if near else ""
                    text = f"no size that is known is of family '{row.family}'{hint}"
                    yield Problem(f"{CONFIGURATION} {name}", text)

    def _is_family(self, row: Row) -> bool:
        return not row.family or family_key(row.family) in self._spelled

    def _nearest(self, family: str) -> str | None:
        """Name the family or total that is spelled most like another."""
        from difflib import get_close_matches  # noqa: PLC0415  # only misspelt names need it

        names = {name.casefold(): name for name in (*self._spelled.values(), *TOTAL_NAMES)}
        close = get_close_matches(family.casefold(), sorted(names), 1, cutoff=0.8)
        return names[close[0]] if close else None

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """The families of all sizes that are known, as the service spells them, by key."""
        sizes = self._estate.sizes.listed("", "")
        return {family_key(size.family): size.family for size in sizes if size.family}

    def _meant(self, row: Row, region: str) -> str:
        """Say which row of the configuration may be meant for one that is not stated."""
        own = self.quotas.regions.get((ANYWHERE, region))
        near = [
            other.family
            for other in (own.rows.values() if own is not None else ())
            if not self._is_family(other) and self._nearest(other.family) == row.request_name
        ]
        return f" ('{near[0]}' is, of which no size that is known is)" if near else ""

    # What else would do

    def sizes_instead(self, claim: Claim) -> list[tuple[Size, int]]:
        """List sizes of other families of which a whole cluster fits, with the nodes that do.

        They have as many vCPUs and GPUs, and no less memory; the nearest in memory come first.
        """
        own = self._estate.size(claim.size, claim.subscription, claim.region)
        rows = self.quotas.of(claim.subscription, claim.region)
        total = rows.find(DEDICATED)
        if own is None or claim.pool != DEDICATED or total is None:
            return []
        above = self._free(total, claim.subscription, claim.region, claim)
        if above is None or above < claim.wanted:
            return []
        purpose = _PURPOSES[type(claim.compute)]
        sizes = self._by_family(claim.subscription, claim.region, purpose)
        found: list[tuple[float, Size, int]] = []
        for free, row in self._roomy(claim.subscription, claim.region):
            if free < claim.wanted:
                break
            if family_key(row.family) == family_key(claim.family):
                continue
            own_share = rows.rows.get((DEDICATED, family_key(row.family), claim.workspace))
            share = free
            if claim.workspace and own_share is not None and own_share.limit is not None:
                share = self._free_share(own_share, claim)
            if share < claim.wanted:
                continue
            for size in sizes.get(family_key(row.family), ()):
                if _does(size, own) and not _is_leaving(size):
                    more = (size.memory_gib or 0.0) - (own.memory_gib or 0.0)
                    found.append((more, size, min(free, above, share) // claim.vcpus))
        found.sort(key=lambda entry: (entry[0], entry[1].name))
        return [(size, nodes) for _, size, nodes in found]

    def regions_instead(self, claim: Claim) -> list[tuple[str, int]]:
        """List other regions in which a whole cluster fits, with the nodes that do."""
        family = claim.family if claim.pool == DEDICATED else ""
        found = [
            (region, free // claim.vcpus)
            for free, region in self._regions(claim.subscription, claim.pool, family)
            if region != claim.region and free >= claim.wanted
        ]
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))

    def _roomy(self, subscription: str, region: str) -> list[tuple[int, Row]]:
        """List the families of a region by what nothing uses or may ask for, the most first."""
        known = self._table().roomy
        found = known.get((subscription, region))
        if found is None:
            rows = self.quotas.of(subscription, region).families(DEDICATED)
            free = ((self._free(row, subscription, region), row) for row in rows)
            found = known[subscription, region] = sorted(
                ((f, row) for f, row in free if f), key=lambda entry: (-entry[0], entry[1].family)
            )
        return found

    def _regions(self, subscription: str, pool: str, family: str) -> list[tuple[int, str]]:
        """List the regions in which a family, or a pool, has room, with how much."""
        known = self._table().regions
        key = (subscription, pool, family_key(family))
        found = known.get(key)
        if found is None:
            found = known[key] = []
            for region in self.quotas.names(subscription):
                rows = self.quotas.of(subscription, region)
                both = {rows.find(pool, family), rows.find(pool)}
                free = [row and self._free(row, subscription, region) for row in both]
                numbers = [f for f in free if f]
                if len(numbers) == len(both):
                    found.append((min(numbers), region))
        return found

    def _free(
        self, row: Row, subscription: str, region: str, without: Claim | None = None
    ) -> int | None:
        """Give the vCPUs of a row that nothing uses, or may ask for but one cluster."""
        if row.limit is None or row.used is None:
            return None
        market = self._table().markets.get((subscription, region))
        limit = market.limit(row.key) if market is not None else None
        asked = 0
        if limit is not None:
            asked = limit.wanted if without is None else limit.wanted_beside(without)
        return max(row.limit - max(row.used, asked), 0)

    def _free_share(self, row: Row, claim: Claim) -> int:
        """Give the vCPUs of a workspace's own limit that nobody in it may ask for."""
        market = self._table().markets.get((claim.subscription, claim.region))
        limit = market.limit(row.key) if market is not None else None
        asked = limit.wanted if limit is not None else 0
        return max((row.limit or 0) - max(row.used or 0, asked), 0)

    def _by_family(self, subscription: str, region: str, purpose: str) -> dict[str, list[Size]]:
        """List the sizes that are offered in a region, or all where nobody says that, by family."""
        known = self._families.get((subscription, region, purpose))
        if known is None:
            known = self._families[subscription, region, purpose] = {}
            for size in self._estate.sizes.listed(subscription, region):
                types = size.compute_types
                if size.family is not None and (types is None or purpose in types):
                    known.setdefault(family_key(size.family), []).append(size)
        return known

    # All of them

    @property
    def markets(self) -> list[Market]:
        """List the markets, by subscription and region."""
        found = self._table().markets
        return [found[place] for place in sorted(found)]

    @property
    def unsure(self) -> tuple[Unsure, ...]:
        """List what may take a share that nobody knows."""
        return self._table().unsure

    def computes(self, subscription: str, region: str) -> list[Resource]:
        """List what counts as a compute in a region: clusters, instances, online deployments."""
        return self._table().computes.get((subscription, region), [])

    def _table(self) -> _Table:
        taken = frozenset(self._estate.taken.items())
        table = self._tables.get(taken)
        if table is None:
            if self._spent > _MOST_WORK and taken:
                text = "too many decisions are open to reckon with the quotas in each case"
                raise Undecided((Reason("limit", text),))
            if len(self._tables) >= _KEPT:
                self._tables = {k: v for k, v in self._tables.items() if not k}
            table = self._tables[taken] = self._made()
        return table

    def _made(self) -> _Table:
        claims: list[Claim] = []
        unsure: list[Unsure] = []
        computes: dict[tuple[str, str], list[Resource]] = {}
        for resource in self._sharing():
            self._spent += 1
            place: tuple[str, str] | None = None
            written = resource.place
            try:
                if not resource.exists():
                    continue
                place = self.place(resource)
                computes.setdefault(place, []).append(resource)
                claim = self._claim(resource)
                if claim is None:
                    continue
                claims.append(claim)
                if claim.most is None and isinstance(resource, ComputeCluster):
                    written = resource.max_nodes.place
                    resource.max_nodes.effective().require()
            except Undecided as undecided:
                subscription, region = place or (None, None)
                unsure.append(Unsure(resource, undecided, subscription, region, written))
        markets: dict[tuple[str, str], list[Claim]] = {}
        for claim in claims:
            markets.setdefault((claim.subscription, claim.region), []).append(claim)
        made = {
            at: Market(self.quotas.of(*at), own, self._subnets(own)) for at, own in markets.items()
        }
        by_compute = {id(claim.compute): claim for claim in claims}
        first = {(u.subscription, u.region): u for u in reversed(unsure)}
        return _Table(made, tuple(unsure), first, by_compute, computes, {}, {})

    def _subnets(self, claims: Iterable[Claim]) -> dict[str, Row]:
        """Say how many nodes the subnets of clusters have room for, as far as they are known."""
        found: dict[str, Row] = {}
        for claim in claims:
            cluster = claim.compute
            if not isinstance(cluster, ComputeCluster) or not claim.subnet or claim.subnet in found:
                continue
            try:
                own = self._estate.subnet_id(cluster)
                subnet = None if own is None else self._estate.look_up(Subnet, own)
                room = None if subnet is None else self._estate.addresses.room(subnet)
            except Undecided as undecided:
                why = str(undecided)
                found[claim.subnet] = Row(ADDRESSES, scope=claim.subnet, problem=why)
                continue
            if room is not None:
                source = "addresses"
                row = Row(ADDRESSES, "", room.nodes, scope=claim.subnet, source=source)
                found[claim.subnet] = row
        return found

    def _sharing(self) -> Iterator[Sharing]:
        """Yield what takes shares, each id once, as it will be after the deployment."""
        seen: set[Hashable] = set()
        for resource in (*self._estate.of(Compute), *self._estate.of(OnlineDeployment)):
            if not isinstance(resource, _SHARING):
                continue
            is_superseded = self._estate.is_redeclared(resource)
            if not resource.is_existing and not is_superseded and resource.id.key not in seen:
                seen.add(resource.id.key)
                yield resource


def _holds_nothing(instance: ComputeInstance) -> bool:
    """Whether an instance is stopped and gives its quota back while it is."""
    is_stopped = instance.state.matches("stopped").known
    return bool(is_stopped and instance.releases_quota.known)


def _does(size: Size, own: Size) -> bool:
    """Whether a size does what another does, as far as is known."""
    return (
        size.vcpus == own.vcpus
        and (size.gpus or 0) == (own.gpus or 0)
        and (size.memory_gib or 0.0) >= (own.memory_gib or 0.0)
        and bool(size.is_rdma) == bool(own.is_rdma)
    )


def _is_leaving(size: Size) -> bool:
    """Whether the series of a size is retired, or will be, or grows no more."""
    series = size.series
    return series is not None and (series.retires is not None or series.is_growth_restricted)


def _scope(subscription: str, region: str) -> str:
    return f"{subscription}{_LOCATIONS}{region}"
