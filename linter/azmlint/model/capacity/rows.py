"""The limits of a subscription in a region, as the service or the configuration states them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.regions import nearest_region
from azmlint.data.sizes import sizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DEDICATED: Final = "dedicated"
LOW_PRIORITY: Final = "low priority"
COMPUTES: Final = "computes"
"""The number of computes in a region, whatever their size."""

ADDRESSES: Final = "addresses"
"""The nodes that fit on a subnet."""

NO_LIMIT: Final = -1
"""What the service answers where it states no number."""

ANYWHERE: Final = ""
"""In place of a subscription: what is stated without naming one."""


CONFIGURATION: Final = "configuration"
"""The source of what the configuration states."""

RowKey = tuple[str, str, str]
"""Pool, family key and scope."""


class Row(NamedTuple):
    """One limit, and how much of it is in use."""

    pool: str
    family: str = ""
    """As it is spelt where it is stated; empty for the region's total."""

    limit: int | None = None
    used: int | None = None
    """What is allocated now; None where nothing states it."""

    scope: str = ""
    """The id of the workspace or subnet that it holds in, in lower case; empty for all."""

    source: str = ""
    """Where it comes from: usages, quotas, configuration, what-if."""

    problem: str = ""
    """Why there is no limit; empty when there is one."""

    @property
    def title(self) -> str:
        """What messages call it."""
        if self.pool == ADDRESSES:
            return f"subnet '{self.scope.rpartition('/')[2]}'"
        own = self.family or _TITLES[self.pool]
        return f"{own} of workspace '{self.scope.rpartition('/')[2]}'" if self.scope else own

    @property
    def key(self) -> RowKey:
        """What it has in common with other statements of the same limit."""
        return (self.pool, family_key(self.family), self.scope)

    @property
    def request_name(self) -> str:
        """What a request for more calls it: a family by its short name, as `standardDSv2Family`."""
        if not self.family:
            return _REQUESTS.get(self.pool, "")
        is_long = _LONG.search(_squeezed(self.family)) is not None
        return _short_names().get(family_key(self.family), self.family) if is_long else self.family

    @property
    def free(self) -> int | None:
        """What is left of it now; None where limit or use is not known."""
        if self.limit is None or self.used is None:
            return None
        return max(self.limit - self.used, 0)


def stated(name: str, limit: int, source: str = CONFIGURATION) -> Row:
    """Make the row of a limit that somebody states by the name of a family or total."""
    pool = total_of(name)
    return Row(pool or DEDICATED, "" if pool else name, limit, source=source)


_TITLES: Final = {
    DEDICATED: "the regional total of dedicated vCPUs",
    LOW_PRIORITY: "the low-priority pool",
    COMPUTES: "the number of computes",
}
_REQUESTS: Final = {
    DEDICATED: "TotalDedicatedCores",
    LOW_PRIORITY: "TotalLowPriorityCores",
    COMPUTES: "TotalClusters",
}
TOTAL_NAMES: Final = tuple(_REQUESTS.values())
"""What the service calls its totals today."""

_TOTALS: Final = {
    "totalclusters": COMPUTES,
    "clusters": COMPUTES,
    "totaldedicatedcores": DEDICATED,
    "totalclusterdedicatedregionalvcpus": DEDICATED,
    "totallowprioritycores": LOW_PRIORITY,
    "totalclusterlowpriorityregionalvcpus": LOW_PRIORITY,
    "totalregionallowpriorityvcpus": LOW_PRIORITY,
}
"""The names of totals, squeezed, and what they are the total of."""


@lru_cache(4096)
def total_of(name: str) -> str | None:
    """Say of which pool a name is the region's total; None for a family."""
    return _TOTALS.get(_squeezed(name))


@lru_cache(4096)
def family_key(name: str) -> str:
    """Give what all spellings of one family have in common; empty for what names none.

    `standardDSv2Family`, `Standard DSv2 Family Cluster Dedicated vCPUs` and
    `Standard_DSv2_Family_Cluster_Dedicated_vCPUs` are one; `NCASv3_T4` is `NCasT4_v3`.
    """
    text = _LONG.sub("", _squeezed(name))
    text = text.removesuffix("family").removeprefix("standard")
    versions = sorted(re.findall(r"v\d+", text))
    return re.sub(r"v\d+", "", text) + "".join(versions)


@lru_cache(1)
def _short_names() -> dict[str, str]:
    return {family_key(size.family): size.family for size in sizes() if size.family}


_LONG: Final = re.compile(r"(cluster)?(dedicated|lowpriority)?vcpus?$")
"""How the long name of a row ends, squeezed."""


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def region_key(name: str) -> str:
    """Give the name of a region, also of one in display form.

    `West Europe` and `(Europe) West Europe` are `westeurope`.
    """
    return re.sub(r"^\s*\([^()]*\)|\s", "", name).casefold()


def unknown_region(name: str) -> str:
    """Say that no list has a region, and which one is spelled most like it."""
    near = nearest_region(name)
    hint = f"; did you mean '{near}'?" if near else ""
    return f"no list of regions has '{name}'{hint}"


class Region:
    """The rows of one subscription in one region."""

    __slots__ = ("name", "rows", "subscription")

    def __init__(self, subscription: str, name: str) -> None:
        """Start without rows."""
        self.subscription = subscription
        self.name = name
        self.rows: dict[RowKey, Row] = {}

    def find(self, pool: str, family: str = "", scope: str = "") -> Row | None:
        """Find a row by whatever spelling of its family; None when nothing states it."""
        return self.rows.get((pool, family_key(family), scope))

    def families(self, pool: str) -> Iterator[Row]:
        """Yield the rows of families."""
        for (kind, family, scope), row in self.rows.items():
            if kind == pool and family and not scope:
                yield row


class Problem(NamedTuple):
    """A row that says nothing, and why."""

    where: str
    """The subscription and region, or the table of the configuration."""

    text: str


class Quotas:
    """All rows of a run, by subscription and region."""

    def __init__(
        self,
        regions: Mapping[tuple[str, str], Iterable[Row]] | None = None,
        *,
        stated: Mapping[str, Iterable[Row]] | None = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        """Index rows; `stated` are by region alone, for subscriptions of which nothing is read.

        Two rows of one name that differ state nothing, and are a problem.
        """
        found = list(problems)
        self.regions: dict[tuple[str, str], Region] = {}
        every = dict(regions or {}) | {(ANYWHERE, name): r for name, r in (stated or {}).items()}
        for (subscription, name), rows in every.items():
            region = self.regions.setdefault((subscription, name), Region(subscription, name))
            for row in rows:
                problem = _add(region, row)
                if problem:
                    found.append(Problem(f"{subscription or CONFIGURATION} {name}", problem))
        self.problems = tuple(dict.fromkeys(found))
        self._joined: dict[tuple[str, str], Region] = {}

    def __bool__(self) -> bool:
        """Whether anything is stated."""
        return bool(self.regions)

    def of(self, subscription: str, name: str) -> Region:
        """Give the rows of a subscription in a region; what is read beats what is stated."""
        key = (subscription, name)
        joined = self._joined.get(key)
        if joined is None:
            joined = self._joined[key] = Region(subscription, name)
            for origin in ((ANYWHERE, name), key):
                if origin in self.regions:
                    joined.rows |= self.regions[origin].rows
        return joined

    def names(self, subscription: str) -> list[str]:
        """List the regions in which a subscription has rows."""
        return sorted({name for own, name in self.regions if own in {subscription, ANYWHERE}})

    def with_limit(self, name: str, row: Row) -> Quotas:
        """Give the same with another limit in a region, in each subscription with rows there."""
        changed = Quotas(problems=self.problems)
        changed.regions = {k: _copied(r) for k, r in self.regions.items()}
        changed.regions.setdefault((ANYWHERE, name), Region(ANYWHERE, name))
        for (_, own), region in changed.regions.items():
            if own == name:
                known = region.rows.get(row.key)
                used = known.used if known is not None else None
                family = known.family if known is not None else row.family
                region.rows[row.key] = row._replace(used=used, family=family)
        return changed


def _copied(region: Region) -> Region:
    copy = Region(region.subscription, region.name)
    copy.rows = dict(region.rows)
    return copy


def _add(region: Region, row: Row) -> str:
    """Add a row; gives what is wrong with it."""
    key = row.key
    known = region.rows.get(key)
    if known is None or known.source != row.source:
        region.rows[key] = row if known is None else _joined(known, row)
        return row.problem and f"{row.title}: {row.problem}"
    if (known.limit, known.used) == (row.limit, row.used):
        return ""
    text = f"two rows of {row.title} differ: {_numbers(known)} and {_numbers(row)}"
    region.rows[key] = known._replace(limit=None, used=None, problem=text)
    return text


def _joined(one: Row, two: Row) -> Row:
    """Join two sources of one limit: quotas know that of a workspace, usages what is used."""
    usage, quota = (one, two) if one.source == "usages" else (two, one)
    if one.scope:
        return quota._replace(used=usage.used)
    return usage if usage.limit is not None else quota._replace(used=usage.used)


def _numbers(row: Row) -> str:
    limit = "no limit" if row.limit is None else str(row.limit)
    return limit if row.used is None else f"{limit} ({row.used} used)"
