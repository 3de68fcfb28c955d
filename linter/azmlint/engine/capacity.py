"""How far computes get under their quotas, one by one and all together."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from azmlint.data.regions import REGIONS
from azmlint.engine.deployed import gaps as reading_gaps
from azmlint.errors import ConfigError
from azmlint.model.capacity.rows import (
    ADDRESSES,
    Problem,
    region_key,
    stated,
    unknown_region,
)
from azmlint.model.facet import Facet
from azmlint.model.resources import ComputeCluster

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from azmlint.expressions.truth import Need
    from azmlint.model.capacity.capacity import Capacity
    from azmlint.model.capacity.flow import Bound
    from azmlint.model.capacity.market import Limit, Market, Outcome, Unsure
    from azmlint.model.capacity.rows import Quotas, Row
    from azmlint.model.estate import Estate
    from azmlint.sources.snapshot import Snapshot

FACETS = frozenset(
    {
        Facet.WORKSPACES,
        Facet.COMPUTES,
        Facet.USAGES,
        Facet.QUOTAS,
        Facet.VM_SIZES,
        Facet.ONLINE_ENDPOINTS,
        Facet.ONLINE_DEPLOYMENTS,
        Facet.NETWORKS,
    }
)
"""What tells something of capacity."""

OUT_OF_REACH = "not worked out: too many clusters and limits in this region"
"""In place of a bound."""


class Gap(NamedTuple):
    """Something without which the answer is not whole."""

    where: str
    """A cluster, or a subscription and region."""

    reason: str
    need: Need | None = None
    call: str = ""
    """The request that answers it, as method and path; empty where none does."""


class Place(NamedTuple):
    """The answer for one subscription in one region."""

    subscription: str
    region: str
    market: Market
    outcomes: tuple[Outcome, ...]
    bound: Bound | None
    """None where it is out of reach."""

    @property
    def rows(self) -> Iterable[Row]:
        """The limits that are stated there, of whatever."""
        return self.market.rows.rows.values()

    @property
    def wanted(self) -> int:
        """The vCPUs of all at full size."""
        return sum(o.claim.wanted for o in self.outcomes)

    @property
    def reached(self) -> int:
        """The vCPUs that they get when all scale at once."""
        return sum(o.together * o.claim.vcpus for o in self.outcomes)

    @property
    def cut(self) -> tuple[Limit, ...]:
        """The limits that bound what all together can reach."""
        return tuple(self.market.limits[n] for n in self.bound.limits) if self.bound else ()

    @property
    def helping(self) -> tuple[Limit, ...]:
        """Those of the cut of which more, alone, lets clusters reach more."""
        return tuple(self.market.limits[n] for n in self.bound.helping) if self.bound else ()


class Answer(NamedTuple):
    """How far every compute gets."""

    places: tuple[Place, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]
    """What was not asked for and could tell more."""

    supposed: tuple[str, ...]
    """What was asked with `--what-if`, as written."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.gaps


def answer(estate: Estate, snapshot: Snapshot | None, supposed: Sequence[str] = ()) -> Answer:
    """Reckon with all clusters of an estate; `supposed` are changes to suppose.

    Raises ConfigError for one that cannot be read, or names nothing that is there.
    """
    capacity = estate.capacity()
    if supposed:
        capacity = _supposing(capacity, estate, supposed)
    places = tuple(_place(market) for market in capacity.markets if market.claims)
    return Answer(
        places,
        tuple(dict.fromkeys(_gaps(capacity, places, snapshot))),
        tuple(_notes(snapshot, places, has_limits=bool(capacity.quotas))),
        tuple(supposed),
    )


def _place(market: Market) -> Place:
    return Place(
        market.rows.subscription,
        market.rows.name,
        market,
        tuple(market.outcomes),
        market.bound(),
    )


# What is missing


def _gaps(capacity: Capacity, places: Iterable[Place], snapshot: Snapshot | None) -> Iterator[Gap]:
    if snapshot is not None:
        for failure in reading_gaps(snapshot, FACETS):
            yield Gap(failure.scope or "", failure.reason, failure.need)
    told: set[str] = set()
    for problem in (*capacity.quotas.problems, *capacity.misspelt(), *_unknown_regions(places)):
        told.add(problem.text)
        yield Gap(problem.where, problem.text)
    for unsure in capacity.unsure:
        for reason in unsure.why.reasons:
            yield Gap(_where(unsure), reason.text, reason.need)
    for place in places:
        for limit in place.market.limits:
            if limit.uncounted is not None:
                why = capacity.uncounted(limit, limit.uncounted)
                label = limit.uncounted.compute.label
                yield from (Gap(label, r.text, r.need) for r in why.reasons)
        limits = {x.row.key: x for o in place.outcomes for x in o.unknown}
        for limit in limits.values():
            if told.intersection({limit.row.problem, f"{limit.row.title}: {limit.row.problem}"}):
                continue
            why = capacity.unknown(limit.row, place.subscription, place.region)
            where = f"{place.subscription} {place.region}".strip()
            yield from (Gap(where, r.text, r.need) for r in why.reasons)


def _unknown_regions(places: Iterable[Place]) -> Iterator[Problem]:
    """Name the regions that no list has, and of which nothing was read."""
    for place in places:
        is_read = any(row.source in {Facet.USAGES, Facet.QUOTAS} for row in place.rows)
        if place.region not in REGIONS and not is_read:
            yield Problem(place.region, unknown_region(place.region))


def _where(unsure: Unsure) -> str:
    """Name what is unsure, with file and line where it stands in one."""
    label, at = unsure.resource.label, unsure.at
    if unsure.resource.is_deployed or at is None:
        return label
    return f"{label} ({at.document.path}:{at.document.position(at.start).line})"


def _notes(
    snapshot: Snapshot | None, places: Iterable[Place], *, has_limits: bool
) -> Iterator[str]:
    subnets = {
        o.claim.subnet
        for place in places
        for o in place.outcomes
        if o.claim.subnet
        and not any(x.row.pool == ADDRESSES for x in place.market.limits_of(o.claim.compute))
    }
    if subnets:
        noun = "a subnet" if len(subnets) == 1 else f"{len(subnets)} subnets"
        yield f"the addresses of {noun} are not known, and are left out ({Facet.NETWORKS})"
    if snapshot is None and not has_limits:
        yield "no limit was given: --snapshot has them, or [quota] of the configuration"
    if snapshot is None:
        yield "no snapshot was given: what else is deployed, and limits of workspaces, are left out"
        return
    asked = {a.facet for a in snapshot.answers}
    for facet, what in _TELLING.items():
        if facet not in asked:
            yield f"{what} were not asked for, and are left out ({facet})"


_TELLING = {
    Facet.COMPUTES: "computes",
    Facet.QUOTAS: "limits of single workspaces",
    Facet.ONLINE_DEPLOYMENTS: "online deployments with their reserve",
}


# What is supposed


_LIMIT = re.compile(r"quota:([^/=]+)/([^=]+)=(.*)", re.DOTALL)
_MOST = re.compile(r"([^=]+)\.max=(.*)", re.DOTALL)


def _supposing(capacity: Capacity, estate: Estate, supposed: Sequence[str]) -> Capacity:
    quotas, most = capacity.quotas, {}
    for text in supposed:
        limit, size = _LIMIT.fullmatch(text), _MOST.fullmatch(text)
        if limit is not None:
            quotas = _with_limit(quotas, text, *limit.groups())
        elif size is not None:
            cluster = _cluster(estate, text, size[1])
            most[id(cluster)] = _count(text, size[2])
        else:
            message = (
                f"--what-if '{text}': write it as CLUSTER.max=50 or "
                "quota:eastus/standardDSv2Family=100"
            )
            raise ConfigError(message)
    after = capacity.supposing(quotas, most)
    if not after.unsure:
        for text in supposed:
            limit = _LIMIT.fullmatch(text)
            if limit is not None:
                _require_use(after, text, region_key(limit[1]), limit[2].strip())
    return after


def _with_limit(quotas: Quotas, text: str, region: str, name: str, number: str) -> Quotas:
    row = stated(name.strip(), _count(text, number), "what-if")
    return quotas.with_limit(region_key(region), row)


def _require_use(capacity: Capacity, text: str, region: str, name: str) -> None:
    """Refuse a limit under which nothing is, as one that is misspelt."""
    markets = [m for m in capacity.markets if m.rows.name == region]
    if any(m.limit(stated(name, 0).key) is not None for m in markets):
        return
    near = sorted({x.row.request_name for m in markets for x in m.limits if not x.row.scope})
    hint = f"; there they are under {', '.join(near)}" if near else ""
    if not markets:
        there = sorted({m.rows.name for m in capacity.markets})
        hint = f"; what is listed is in {', '.join(there)}" if there else ""
    message = f"--what-if '{text}': nothing is under {name} in {region}{hint}"
    raise ConfigError(message)


def _count(text: str, number: str) -> int:
    if re.fullmatch(r"\s*\d{1,9}\s*", number) is None:
        message = f"--what-if '{text}': '{number}' is no whole number of 0 or more"
        raise ConfigError(message)
    return int(number)


def _cluster(estate: Estate, text: str, name: str) -> ComputeCluster:
    wanted = name.strip().strip("/").casefold()
    clusters = [c for c in estate.of(ComputeCluster) if not estate.is_redeclared(c)]
    found = [c for c in clusters if wanted in _names(c)]
    if len(found) == 1:
        return found[0]
    if found:
        lines = "\n".join(f"  {c.id}" for c in found)
        message = (
            f"--what-if '{text}': several clusters are called so; name one by its id:\n{lines}"
        )
        raise ConfigError(message)
    near = get_close_matches(wanted, sorted({n for c in clusters for n in _names(c)}), 1)
    hint = f", did you mean '{near[0]}'?" if near else ""
    message = f"--what-if '{text}': there is no cluster '{name.strip()}'{hint}"
    raise ConfigError(message)


def _names(cluster: ComputeCluster) -> set[str]:
    own, workspace = cluster.name.casefold(), (cluster.id.parent.name or "?").casefold()
    return {own, f"{workspace}/{own}", str(cluster.id).strip("/").casefold()}
