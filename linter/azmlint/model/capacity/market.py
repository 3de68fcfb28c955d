"""Who shares the quotas of a subscription in a region, and how far each gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.model.capacity.filling import Demand, Reached, alone, fill
from azmlint.model.capacity.rows import ADDRESSES, DEDICATED, Row, RowKey, family_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from azmlint.expressions.truth import Undecided
    from azmlint.location import Place
    from azmlint.model.capacity.flow import Bound, Supply
    from azmlint.model.capacity.rows import Region
    from azmlint.model.resource import Resource
    from azmlint.model.resources import ComputeCluster

NO_SUBNETS: Final[Mapping[str, Row]] = {}
UPGRADE_RESERVE: Final = 20
"""Per cent of an online deployment's instances that the service sets aside for upgrades."""


class Claim(NamedTuple):
    """What one cluster takes, node by node."""

    cluster: ComputeCluster
    subscription: str
    """Its id in lower case; empty where no input names it."""

    region: str
    workspace: str
    size: str
    vcpus: int
    """Of one node."""

    family: str
    pool: str
    most: int | None
    """The nodes it may have; None where that is not known, so that it asks for none."""

    now: int | None
    """The nodes it has; None where that is not known."""

    subnet: str = ""

    @property
    def asked(self) -> int:
        """The nodes at full size."""
        return max(self.most or 0, 0)

    @property
    def wanted(self) -> int:
        """The vCPUs at full size."""
        return self.vcpus * self.asked


class Holder(NamedTuple):
    """What takes a share of quotas whatever clusters do."""

    resource: Resource
    subscription: str
    region: str
    workspace: str
    family: str
    vcpus: int


class Unsure(NamedTuple):
    """What may take a share that nobody knows."""

    resource: Resource
    why: Undecided
    subscription: str | None = None
    region: str | None = None
    """None where even that is not known."""

    at: Place | None = None
    """Where what is not known is written, or should be."""


class Limit:
    """One limit, and who shares it."""

    __slots__ = (
        "_leader",
        "_wanted",
        "claims",
        "held",
        "holders",
        "number",
        "place",
        "row",
        "uncounted",
    )

    def __init__(
        self, number: int, row: Row, claims: Sequence[Claim], holders: Sequence[Holder]
    ) -> None:
        """Take a row and those under it."""
        self.number = number
        self.row = row
        self.claims = tuple(claims)
        self.holders = tuple(holders)
        self.place = (claims[0].subscription, claims[0].region)
        self._wanted: int | None = None
        self._leader: Claim | None = None
        self.held = _held(row, self.claims, self.holders)
        """vCPUs that no cluster can get: those of instances, deployments and whatever else runs."""
        self.uncounted = next((n for n in claims if n.now is None), None) if row.used else None
        """One that may have some of what is in use, so that nobody knows what others hold."""

    @property
    def is_addresses(self) -> bool:
        """Whether it counts nodes, not vCPUs."""
        return self.row.pool == ADDRESSES

    def cost(self, claim: Claim) -> int:
        """Give what one node takes: its vCPUs, or an address."""
        return 1 if self.is_addresses else claim.vcpus

    @property
    def room(self) -> int | None:
        """What clusters can share; None where the limit is not known."""
        return None if self.row.limit is None else max(self.row.limit - self.held, 0)

    @property
    def unlisted(self) -> int:
        """What is in use by what no input lists, such as serverless jobs and image builds."""
        return self.held - sum(h.vcpus for h in self.holders)

    @property
    def wanted(self) -> int:
        """What all that share it ask for at full size; none more than the limit itself."""
        if self._wanted is None:
            self._wanted = sum(map(self._asked, self.claims)) + self.held
        return self._wanted

    @property
    def whole(self) -> int:
        """What it takes for all that share it to have their full size."""
        return sum(self.cost(n) * n.asked for n in self.claims) + self.held

    def wanted_beside(self, claim: Claim) -> int:
        """Give what all but one cluster ask for."""
        is_mine = (claim.subscription, claim.region) == self.place
        family = family_key(self.row.family)
        is_mine = is_mine and family in {"", family_key(claim.family)}
        return self.wanted - (self._asked(claim) if is_mine else 0)

    @property
    def leader(self) -> Claim:
        """The largest of what is declared, or of what is deployed where nothing is declared."""
        if self._leader is None:
            self._leader = min(self.claims, key=_rank)
        return self._leader

    def _asked(self, claim: Claim) -> int:
        return self.cost(claim) * min(claim.asked, self._fitting(claim))

    def _fitting(self, claim: Claim) -> int:
        return claim.asked if self.row.limit is None else self.row.limit // self.cost(claim)


def _held(row: Row, claims: Sequence[Claim], holders: Sequence[Holder]) -> int:
    """Take the greater of two things that are certain: what is known to hold, what is in use.

    Of what is in use, the nodes of the clusters themselves are theirs to keep.
    """
    known = sum(h.vcpus for h in holders)
    if row.used is None or any(n.now is None for n in claims):
        return known
    return max(known, row.used - sum((n.now or 0) * n.vcpus for n in claims))


class Outcome(NamedTuple):
    """How far a cluster gets."""

    claim: Claim
    alone: int
    """Nodes, when no other cluster scales."""

    alone_full: Limit | None
    together: int
    """Nodes, when all scale at once."""

    full: Limit | None
    """The first limit that was full then; None when it gets all it asks for."""

    unknown: tuple[Limit, ...]
    """Limits that it is under and that are not known: the figures leave them out."""


class Market:
    """The clusters of a subscription in a region, under their limits."""

    def __init__(
        self,
        rows: Region,
        claims: Iterable[Claim],
        holders: Iterable[Holder] = (),
        subnets: Mapping[str, Row] = NO_SUBNETS,
    ) -> None:
        """Sort clusters by name, and put each under its limits; `subnets` are by id."""
        self.rows = rows
        self.claims = tuple(sorted(claims, key=_by_name))
        self.holders = tuple(holders)
        self.limits: tuple[Limit, ...] = ()
        self._under: dict[int, tuple[Limit, ...]] = {}
        self._by_key: dict[RowKey, Limit] = {}
        self._outcomes: dict[int, Outcome] | None = None
        self._arrange(subnets)

    def _arrange(self, subnets: Mapping[str, Row]) -> None:
        claims: dict[RowKey, list[Claim]] = {}
        keys = {id(n.cluster): self._keys(n, subnets) for n in self.claims}
        for claim in self.claims:
            for key in keys[id(claim.cluster)]:
                claims.setdefault(key, []).append(claim)
        holders: dict[RowKey, list[Holder]] = {}
        for holder in self.holders:
            family = family_key(holder.family)
            for key in (
                (DEDICATED, family, ""),
                (DEDICATED, "", ""),
                (DEDICATED, family, holder.workspace),
            ):
                holders.setdefault(key, []).append(holder)
        limits: dict[RowKey, Limit] = {}
        for number, (key, own) in enumerate(claims.items()):
            row = subnets.get(key[2]) if key[0] == ADDRESSES else self.rows.rows.get(key)
            if row is None:
                name = own[0].family if key[1] else ""
                row = Row(key[0], name, problem="no row states it")
            limits[key] = Limit(number, row, own, holders.get(key, ()))
        self._by_key = limits
        self.limits = tuple(limits.values())
        self._under = {own: tuple(limits[k] for k in found) for own, found in keys.items()}

    def _keys(self, claim: Claim, subnets: Mapping[str, Row]) -> tuple[RowKey, ...]:
        """Name the limits of a cluster: family and total, or pool; its workspace's; its subnet."""
        keys: list[RowKey] = [(claim.pool, "", "")]
        if claim.pool == DEDICATED:
            family = family_key(claim.family)
            keys.insert(0, (DEDICATED, family, ""))
            own = self.rows.rows.get((DEDICATED, family, claim.workspace))
            if claim.workspace and own is not None and (own.limit is not None or own.problem):
                keys.append((DEDICATED, family, claim.workspace))
        if claim.subnet in subnets:
            keys.append((ADDRESSES, "", claim.subnet))
        return tuple(keys)

    def limit(self, key: RowKey) -> Limit | None:
        """Find a limit that some cluster is under."""
        return self._by_key.get(key)

    def limits_of(self, cluster: ComputeCluster) -> tuple[Limit, ...]:
        """List the limits of a cluster, the narrowest first."""
        return self._under.get(id(cluster), ())

    def outcome(self, cluster: ComputeCluster) -> Outcome | None:
        """Say how far a cluster gets; None for one that is not in this market."""
        if self._outcomes is None:
            self._outcomes = self._reckoned()
        return self._outcomes.get(id(cluster))

    @property
    def outcomes(self) -> list[Outcome]:
        """How far each cluster gets, by name."""
        return [o for n in self.claims if (o := self.outcome(n.cluster)) is not None]

    def _reckoned(self) -> dict[int, Outcome]:
        room = [0 if limit.room is None else limit.room for limit in self.limits]
        demands = [self._demand(claim) for claim in self.claims]
        reached = fill(demands, room)
        found: dict[int, Outcome] = {}
        for claim, demand, together in zip(self.claims, demands, reached, strict=True):
            single = alone(demand, room)
            unknown = tuple(x for x in self.limits_of(claim.cluster) if x.room is None)
            found[id(claim.cluster)] = Outcome(
                claim,
                single.nodes,
                self._limit(single),
                together.nodes,
                self._limit(together),
                unknown,
            )
        return found

    def _limit(self, reached: Reached) -> Limit | None:
        return None if reached.full is None else self.limits[reached.full]

    def _demand(self, claim: Claim) -> Demand:
        known = (x for x in self.limits_of(claim.cluster) if x.room is not None)
        return Demand(claim.asked, tuple((x.number, x.cost(claim)) for x in known))

    def bound(self) -> Bound | None:
        """Work out the most that all clusters together can reach, in vCPUs, and what bounds it.

        None where that is out of reach. Numbers are those of `limits` and `claims`.
        """
        from azmlint.model.capacity.flow import Pipe, bound  # noqa: PLC0415  # networkx

        numbers = {x.row.key: x.number for x in self.limits}
        pipes: list[Pipe] = []
        for limit in self.limits:
            row = limit.row
            above = None
            if row.pool == ADDRESSES:
                # Addresses are no vCPUs: they bound single clusters, below.
                pipes.append(Pipe(None, None))
                continue
            if row.scope:
                above = numbers.get((row.pool, family_key(row.family), ""))
            elif row.family:
                above = numbers.get((row.pool, "", ""))
            pipes.append(Pipe(limit.room, above))
        return bound([self._supply(claim) for claim in self.claims], pipes)

    def _supply(self, claim: Claim) -> Supply:
        from azmlint.model.capacity.flow import Supply  # noqa: PLC0415  # networkx

        limits = self.limits_of(claim.cluster)
        addresses = [x.room for x in limits if x.row.pool == ADDRESSES and x.room is not None]
        most = min([claim.asked, *addresses])
        own = (x for x in limits if x.row.pool != ADDRESSES)
        nearest = max(own, key=lambda x: bool(x.row.scope) + bool(x.row.family))
        return Supply(most * claim.vcpus, nearest.number)


def _rank(claim: Claim) -> tuple[bool, int, str, str]:
    return (claim.cluster.is_deployed, -claim.wanted, *_by_name(claim))


def _by_name(claim: Claim) -> tuple[str, str]:
    return (claim.cluster.name.casefold(), str(claim.cluster.id).casefold())
