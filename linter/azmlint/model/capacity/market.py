"""Who shares the quotas of a subscription in a region, and how far each gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.model.capacity.filling import Demand, Reached, alone, fill
from azmlint.model.capacity.rows import COMPUTES, DEDICATED, Row, family_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from azmlint.expressions.truth import Undecided
    from azmlint.model.capacity.flow import Bound
    from azmlint.model.capacity.rows import Region
    from azmlint.model.resource import Resource
    from azmlint.model.resources import ComputeCluster

UPGRADE_RESERVE: int = 20
"""Per cent of an online deployment's instances that the service sets aside for upgrades."""


class Need(NamedTuple):
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
    least: int
    most: int
    now: int | None
    """The nodes it has; None where that is not known."""

    subnet: str = ""

    @property
    def wanted(self) -> int:
        """The vCPUs at full size."""
        return self.vcpus * max(self.most, 0)


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

    def may_be_in(self, subscription: str, region: str) -> bool:
        """Whether it can be of this subscription and region."""
        return self.subscription in {None, subscription} and self.region in {None, region}


class Limit:
    """One limit, and who shares it."""

    __slots__ = ("cost_in_nodes", "held", "holders", "needs", "number", "row")

    def __init__(
        self, number: int, row: Row, needs: Sequence[Need], holders: Sequence[Holder]
    ) -> None:
        """Take a row and those under it."""
        self.number = number
        self.row = row
        self.needs = tuple(needs)
        self.holders = tuple(holders)
        self.held = _held(row, self.needs, self.holders)
        """vCPUs that no cluster can get: those of instances, deployments and whatever else runs."""

    @property
    def room(self) -> int | None:
        """What clusters can share; None where the limit is not known."""
        return None if self.row.limit is None else max(self.row.limit - self.held, 0)

    @property
    def wanted(self) -> int:
        """What all that share it ask for at full size; none more than the limit itself."""
        asked = sum(min(n.wanted, self._fitting(n)) for n in self.needs)
        return asked + sum(h.vcpus for h in self.holders)

    def _fitting(self, need: Need) -> int:
        limit = self.row.limit
        return need.wanted if limit is None else limit // need.vcpus * need.vcpus


def _held(row: Row, needs: Sequence[Need], holders: Sequence[Holder]) -> int:
    """Take the greater of two things that are certain: what is known to hold, what is in use.

    Of what is in use, the nodes of the clusters themselves are theirs to keep.
    """
    known = sum(h.vcpus for h in holders)
    if row.used is None or any(n.now is None for n in needs):
        return known
    return max(known, row.used - sum((n.now or 0) * n.vcpus for n in needs))


class Outcome(NamedTuple):
    """How far a cluster gets."""

    need: Need
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
        self, rows: Region, needs: Iterable[Need], holders: Iterable[Holder]
    ) -> None:
        """Sort clusters by name, and put each under its limits."""
        self.rows = rows
        self.needs = tuple(sorted(needs, key=_by_name))
        self.holders = tuple(holders)
        self.limits: tuple[Limit, ...] = ()
        self._under: dict[int, tuple[Limit, ...]] = {}
        self._outcomes: dict[int, Outcome] | None = None
        self._arrange()

    def _arrange(self) -> None:
        keys = {id(n.cluster): self._keys(n) for n in self.needs}
        order = dict.fromkeys(k for own in keys.values() for k in own)
        limits: dict[tuple[str, str, str], Limit] = {}
        for number, key in enumerate(order):
            pool, family, workspace = key
            needs = [n for n in self.needs if key in keys[id(n.cluster)]]
            holders = [
                h
                for h in self.holders
                if pool == DEDICATED
                and (not family or family_key(h.family) == family)
                and (not workspace or h.workspace == workspace)
            ]
            limits[key] = Limit(number, self._row(key, needs), needs, holders)
        self.limits = tuple(limits.values())
        self._under = {own: tuple(limits[k] for k in found) for own, found in keys.items()}

    def _keys(self, need: Need) -> tuple[tuple[str, str, str], ...]:
        """Name the limits of a cluster: family, total or pool, and its workspace's."""
        if need.pool != DEDICATED:
            return ((need.pool, "", ""),)
        family = family_key(need.family)
        own = self.rows.rows.get((DEDICATED, family, need.workspace))
        keys = [(DEDICATED, family, ""), (DEDICATED, "", "")]
        if need.workspace and own is not None and (own.limit is not None or own.problem):
            keys.append((DEDICATED, family, need.workspace))
        return tuple(keys)

    def _row(self, key: tuple[str, str, str], needs: Sequence[Need]) -> Row:
        row = self.rows.rows.get(key)
        if row is not None:
            return row
        pool, family, _ = key
        name = needs[0].family if family and needs else ""
        return Row(pool, name, problem="no row states it")

    def limits_of(self, cluster: ComputeCluster) -> tuple[Limit, ...]:
        """List the limits of a cluster, the narrowest first."""
        return self._under.get(id(cluster), ())

    @property
    def computes(self) -> Row | None:
        """The limit of the number of computes."""
        return self.rows.find(COMPUTES)

    def outcome(self, cluster: ComputeCluster) -> Outcome | None:
        """Say how far a cluster gets; None for one that is not in this market."""
        if self._outcomes is None:
            self._outcomes = self._reckoned()
        return self._outcomes.get(id(cluster))

    @property
    def outcomes(self) -> list[Outcome]:
        """How far each cluster gets, by name."""
        return [o for n in self.needs if (o := self.outcome(n.cluster)) is not None]

    def _reckoned(self) -> dict[int, Outcome]:
        room = [0 if limit.room is None else limit.room for limit in self.limits]
        demands = [self._demand(need) for need in self.needs]
        reached = fill(demands, room)
        found: dict[int, Outcome] = {}
        for need, demand, together in zip(self.needs, demands, reached, strict=True):
            single = alone(demand, room)
            unknown = tuple(x for x in self.limits_of(need.cluster) if x.room is None)
            found[id(need.cluster)] = Outcome(
                need,
                single.nodes,
                self._limit(single),
                together.nodes,
                self._limit(together),
                unknown,
            )
        return found

    def _limit(self, reached: Reached) -> Limit | None:
        return None if reached.full is None else self.limits[reached.full]

    def _demand(self, need: Need) -> Demand:
        known = (x for x in self.limits_of(need.cluster) if x.room is not None)
        return Demand(need.most, tuple((x.number, need.vcpus) for x in known))

    def bound(self) -> Bound | None:
        """Work out the most that all clusters together can reach, in vCPUs, and what bounds it.

        None where that is out of reach. Numbers are those of `limits` and `needs`.
        """
        from azmlint.model.capacity.flow import Pipe, Supply, bound  # noqa: PLC0415  # networkx

        numbers = {(x.row.pool, family_key(x.row.family), x.row.workspace): x for x in self.limits}
        pipes: list[Pipe] = []
        for limit in self.limits:
            row = limit.row
            above = None
            if row.workspace:
                above = numbers.get((row.pool, family_key(row.family), ""))
            elif row.family:
                above = numbers.get((row.pool, "", ""))
            pipes.append(Pipe(limit.room, None if above is None else above.number))
        supplies = [
            Supply(need.wanted, max(self._tree(need), key=lambda x: x[0])[1])
            for need in self.needs
        ]
        return bound(supplies, pipes)

    def _tree(self, need: Need) -> list[tuple[int, int]]:
        """Rank the limits of a cluster by how narrow they are: workspace, family, total."""
        return [
            (bool(x.row.workspace) + bool(x.row.family), x.number)
            for x in self.limits_of(need.cluster)
        ]


def _by_name(need: Need) -> tuple[str, str]:
    return (need.cluster.name.casefold(), str(need.cluster.id).casefold())


def markets(
    places: Mapping[tuple[str, str], Region], needs: Iterable[Need], holders: Iterable[Holder]
) -> dict[tuple[str, str], Market]:
    """Part clusters and holders by subscription and region."""
    by_place: dict[tuple[str, str], tuple[list[Need], list[Holder]]] = {}
    for need in needs:
        by_place.setdefault((need.subscription, need.region), ([], []))[0].append(need)
    for holder in holders:
        by_place.setdefault((holder.subscription, holder.region), ([], []))[1].append(holder)
    return {place: Market(places[place], *both) for place, both in by_place.items()}
