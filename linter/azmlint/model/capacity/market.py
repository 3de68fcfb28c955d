"""Who shares the quotas of a subscription in a region, and how far each gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.model.capacity.filling import Demand, Reached, alone, fill
from azmlint.model.capacity.rows import ADDRESSES, DEDICATED, Row, RowKey, family_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from azmlint.expressions.truth import Undecided
    from azmlint.location import Place
    from azmlint.model.capacity.flow import Bound, Supply
    from azmlint.model.capacity.rows import Region
    from azmlint.model.resource import Resource
    from azmlint.model.resources import (
        ComputeCluster,
        ComputeInstance,
        Machines,
        OnlineDeployment,
    )

    Sharing = ComputeCluster | ComputeInstance | OnlineDeployment

NO_SUBNETS: Final[Mapping[str, Row]] = {}
UPGRADE_RESERVE: Final = 20
"""Per cent of an online deployment's instances that the service sets aside for upgrades."""


def with_reserve(instances: int) -> int:
    """Add what the service sets aside for upgrades, rounded up to whole instances."""
    return -(-instances * (100 + UPGRADE_RESERVE) // 100)


class Claim(NamedTuple):
    """What one compute takes: a cluster node by node, anything else all or nothing."""

    compute: Sharing
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
    is_fixed: bool = False
    """Whether it has all its nodes or none, as an instance and an online deployment do."""

    @property
    def asked(self) -> int:
        """The nodes at full size."""
        return max(self.most or 0, 0)

    @property
    def wanted(self) -> int:
        """The vCPUs at full size."""
        return self.vcpus * self.asked

    @property
    def kept(self) -> int:
        """The nodes that it has whatever clusters do."""
        return min(self.now or 0, self.asked) if self.is_fixed else 0

    @staticmethod
    def instances_within(nodes: int) -> int:
        """Count the instances of an online deployment that so many are enough for."""
        return nodes * 100 // (100 + UPGRADE_RESERVE)


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
        "_fixed",
        "_leader",
        "_wanted",
        "_whole",
        "claims",
        "held",
        "number",
        "place",
        "row",
        "uncounted",
        "unlisted",
    )

    def __init__(self, number: int, row: Row, claims: Sequence[Claim]) -> None:
        """Take a row and those under it."""
        self.number = number
        self.row = row
        self.claims = tuple(claims)
        self.place = (claims[0].subscription, claims[0].region)
        self._wanted: int | None = None
        self._whole: int | None = None
        self._leader: Claim | None = None
        self.unlisted = _unlisted(row, self.claims)
        """What is in use by what no input lists, such as serverless jobs and image builds."""
        self.held = self.unlisted
        """vCPUs that no cluster can get; a market adds those of instances and deployments."""
        self.uncounted = next((n for n in claims if n.now is None), None) if row.used else None
        """One that may have some of what is in use, so that nobody knows what others hold."""
        self._fixed = sum(self.cost(n) * n.asked for n in claims if n.is_fixed)

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
    def shared(self) -> int | None:
        """What all that is listed can share; None where the limit is not known."""
        if self.row.limit is None:
            return None
        kept = sum(self.cost(n) * n.kept for n in self.claims)
        return max(self.row.limit - self.unlisted, kept)

    @property
    def wanted(self) -> int:
        """What all that share it ask for at full size; none more than the limit itself."""
        if self._wanted is None:
            self._wanted = sum(map(self._asked, self.claims)) + self.unlisted
        return self._wanted

    @property
    def whole(self) -> int:
        """What it takes for all that share it to have their full size."""
        if self._whole is None:
            self._whole = sum(self.cost(n) * n.asked for n in self.claims) + self.unlisted
        return self._whole

    def wanted_beside(self, claim: Claim) -> int:
        """Give what all but one ask for."""
        is_mine = (claim.subscription, claim.region) == self.place
        family = family_key(self.row.family)
        is_mine = is_mine and family in {"", family_key(claim.family)}
        return self.wanted - (self._asked(claim) if is_mine else 0)

    def enough_for(self, claim: Claim) -> int:
        """Give what it takes for one to have its full size beside what clusters cannot get."""
        own = claim.wanted if not claim.is_fixed else 0
        return own + self.unlisted + self._fixed

    @property
    def leader(self) -> Claim:
        """The largest of what is declared, or of what is deployed where nothing is declared.

        A cluster goes before what has all its nodes or none.
        """
        if self._leader is None:
            self._leader = min(self.claims, key=_rank)
        return self._leader

    def _asked(self, claim: Claim) -> int:
        fitting = claim.asked if self.row.limit is None else self.row.limit // self.cost(claim)
        if claim.is_fixed:
            return self.cost(claim) * (claim.asked if claim.asked <= fitting else claim.kept)
        return self.cost(claim) * min(claim.asked, fitting)


def _unlisted(row: Row, claims: Sequence[Claim]) -> int:
    """Give what of a limit is certain to be in use by what is not listed.

    What a cluster has is not known where nobody counted its nodes; an instance or a deployment
    has no more than it asks for.
    """
    if row.used is None or any(n.now is None and not n.is_fixed for n in claims):
        return 0
    return max(row.used - sum((n.asked if n.now is None else n.now) * n.vcpus for n in claims), 0)


class Outcome(NamedTuple):
    """How far a compute gets."""

    claim: Claim
    alone: int
    """Nodes, when nothing else grows."""

    alone_full: Limit | None
    together: int
    """Nodes, when all scale at once."""

    full: Limit | None
    """The first limit that was full then; None when it gets all it asks for."""

    unknown: tuple[Limit, ...]
    """Limits that it is under and that are not known: the figures leave them out."""


class Market:
    """The computes of a subscription in a region, under their limits."""

    def __init__(
        self, rows: Region, claims: Iterable[Claim], subnets: Mapping[str, Row] = NO_SUBNETS
    ) -> None:
        """Sort clusters, then the others, by name, and put each under its limits.

        `subnets` are by id.
        """
        self.rows = rows
        self.claims = tuple(sorted(claims, key=_by_name))
        self.limits: tuple[Limit, ...] = ()
        self._under: dict[int, tuple[Limit, ...]] = {}
        self._by_key: dict[RowKey, Limit] = {}
        self._outcomes: dict[int, Outcome] | None = None
        self._arrange(subnets)
        self._fixed = dict(self._placed())

    def _arrange(self, subnets: Mapping[str, Row]) -> None:
        claims: dict[RowKey, list[Claim]] = {}
        keys = {id(n.compute): self._keys(n, subnets) for n in self.claims}
        for claim in self.claims:
            for key in keys[id(claim.compute)]:
                claims.setdefault(key, []).append(claim)
        limits: dict[RowKey, Limit] = {}
        for number, (key, own) in enumerate(claims.items()):
            row = subnets.get(key[2]) if key[0] == ADDRESSES else self.rows.rows.get(key)
            if row is None:
                name = own[0].family if key[1] else ""
                row = Row(key[0], name, problem="no row states it")
            limits[key] = Limit(number, row, own)
        self._by_key = limits
        self.limits = tuple(limits.values())
        self._under = {own: tuple(limits[k] for k in found) for own, found in keys.items()}

    def _placed(self) -> Iterator[tuple[int, Outcome]]:
        """Let what has all its nodes or none have them, before clusters share the rest.

        What is there keeps what it has; then, by name, each gets all that it asks for, or no more.
        """
        fixed = [n for n in self.claims if n.is_fixed]
        for claim in fixed:
            _hold(self.limits_of(claim.compute), claim, claim.kept)
        kept = {x.number: x.held for x in self.limits}
        for claim in fixed:
            limits = self.limits_of(claim.compute)
            more = claim.asked - claim.kept
            alone_full = _first_full(limits, claim, more, kept)
            full = _first_full(limits, claim, more, {x.number: x.held for x in limits})
            if full is None:
                _hold(limits, claim, more)
            yield (
                id(claim.compute),
                Outcome(
                    claim,
                    claim.kept if alone_full else claim.asked,
                    alone_full,
                    claim.kept if full else claim.asked,
                    full,
                    _unknown(limits),
                ),
            )

    def _keys(self, claim: Claim, subnets: Mapping[str, Row]) -> tuple[RowKey, ...]:
        """Name the limits of a compute: family and total, or pool; its workspace's; its subnet."""
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
        """Find a limit that some compute is under."""
        return self._by_key.get(key)

    def limits_of(self, compute: Machines) -> tuple[Limit, ...]:
        """List the limits of a compute, the narrowest first."""
        return self._under.get(id(compute), ())

    def outcome(self, compute: Machines) -> Outcome | None:
        """Say how far a compute gets; None for one that is not in this market."""
        if self._outcomes is None:
            self._outcomes = self._fixed | self._reckoned()
        return self._outcomes.get(id(compute))

    @property
    def outcomes(self) -> list[Outcome]:
        """How far each gets: clusters, then the others, by name."""
        return [o for n in self.claims if (o := self.outcome(n.compute)) is not None]

    def _reckoned(self) -> dict[int, Outcome]:
        room = [0 if limit.room is None else limit.room for limit in self.limits]
        clusters = [claim for claim in self.claims if not claim.is_fixed]
        demands = [self._demand(claim) for claim in clusters]
        reached = fill(demands, room)
        found: dict[int, Outcome] = {}
        for claim, demand, together in zip(clusters, demands, reached, strict=True):
            single = alone(demand, room)
            found[id(claim.compute)] = Outcome(
                claim,
                single.nodes,
                self._limit(single),
                together.nodes,
                self._limit(together),
                _unknown(self.limits_of(claim.compute)),
            )
        return found

    def _limit(self, reached: Reached) -> Limit | None:
        return None if reached.full is None else self.limits[reached.full]

    def _demand(self, claim: Claim) -> Demand:
        known = (x for x in self.limits_of(claim.compute) if x.room is not None)
        return Demand(claim.asked, tuple((x.number, x.cost(claim)) for x in known))

    def bound(self) -> Bound | None:
        """Work out the most that all together can reach, in vCPUs, and what bounds it.

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
            pipes.append(Pipe(limit.shared, above))
        return bound([self._supply(claim) for claim in self.claims], pipes)

    def _supply(self, claim: Claim) -> Supply:
        from azmlint.model.capacity.flow import Supply  # noqa: PLC0415  # networkx

        limits = self.limits_of(claim.compute)
        addresses = [x.room for x in limits if x.row.pool == ADDRESSES and x.room is not None]
        most = min([claim.asked, *addresses])
        own = (x for x in limits if x.row.pool != ADDRESSES)
        nearest = max(own, key=lambda x: bool(x.row.scope) + bool(x.row.family))
        return Supply(most * claim.vcpus, nearest.number)


def _hold(limits: Iterable[Limit], claim: Claim, nodes: int) -> None:
    for limit in limits:
        limit.held += limit.cost(claim) * nodes


def _first_full(
    limits: Iterable[Limit], claim: Claim, nodes: int, held: Mapping[int, int]
) -> Limit | None:
    """Find the first limit that has no room for so many nodes more."""
    for limit in limits:
        number = limit.row.limit
        if number is not None and number - held[limit.number] < limit.cost(claim) * nodes:
            return limit if nodes else None
    return None


def _unknown(limits: Iterable[Limit]) -> tuple[Limit, ...]:
    return tuple(x for x in limits if x.room is None)


def _rank(claim: Claim) -> tuple[bool, bool, int, str, str]:
    is_fixed, name, own = _by_name(claim)
    return (claim.compute.is_deployed, is_fixed, -claim.wanted, name, own)


def _by_name(claim: Claim) -> tuple[bool, str, str]:
    return (claim.is_fixed, claim.compute.name.casefold(), str(claim.compute.id).casefold())
