"""VM sizes: which quota family each counts against, with how many vCPUs, and what it holds.

The table is `sizes.tsv` beside this module; its head names the sources, NOTICE their licences.
`rules/generate_sizes.py` makes it. What it leaves empty is unknown, never "no".
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.series import Series, series_of

if TYPE_CHECKING:
    from collections.abc import Iterator

AS_OF: Final = dt.date(2026, 7, 3)
"""The day of the newest list that the table was made of."""

SOURCES: Final = {
    "a": "Kubernetes cluster autoscaler",
    "k": "Karpenter for Azure",
    "q": "Azure Quick Review",
}
"""The lists that the table was made of, by their letter."""


class Size(NamedTuple):
    """A VM size; what is None is not known."""

    name: str
    """As Azure spells it."""

    family: str | None = None
    """The name of the quota that it counts against, as Azure spells it."""

    vcpus: int | None = None
    """How many count against quota; of a constrained size those after the dash."""

    memory_gib: float | None = None
    gpus: int | None = None
    is_low_priority_capable: bool | None = None
    """As lists say; sizes of which they say yes are refused all the same."""

    aml_evidence: str = ""
    """Where its support by Azure Machine Learning is said; empty when that is not known."""

    sources: tuple[str, ...] = ()
    differing: str = ""
    """Where the lists differ: the property and what they say."""

    compute_types: frozenset[str] | None = None
    """What the service offers it for, in lower case, such as `amlcompute`."""

    @property
    def series(self) -> Series | None:
        """Its series, where something is known of that."""
        return series_of(self.name)

    @property
    def is_rdma(self) -> bool | None:
        """Whether its nodes talk over InfiniBand."""
        series = self.series
        return series.is_rdma if series is not None else None

    def over(self, other: Size) -> Size:
        """Add what another source knows of it, where this one says nothing."""
        own = self._asdict()
        rest = {k: v for k, v in other._asdict().items() if own[k] in {None, "", ()}}
        rest["sources"] = tuple(dict.fromkeys((*self.sources, *other.sources)))
        return self._replace(**rest)


def size(name: str) -> Size | None:
    """Find a size, whatever its case; None when the table has no such name."""
    rows, keys = _rows(), _keys()
    wanted = name.strip().lower()
    index = bisect_left(keys, wanted)
    return _size(rows[index]) if index < len(keys) and keys[index] == wanted else None


def sizes() -> Iterator[Size]:
    """Yield every size, by name."""
    yield from map(_size, _rows())


def nearest_size(name: str) -> str | None:
    """Name the size that is spelled most like `name`; None when nothing is close."""
    from difflib import get_close_matches  # noqa: PLC0415  # only misspelt names need it

    wanted = name.strip().lower().replace(" ", "_")
    if not wanted.startswith(_PREFIXES):
        wanted = f"{_PREFIXES[0]}{wanted}"
    prefix, _, tail = wanted.partition("_")
    found = size(wanted)
    if found is None:
        # The common beginning says nothing, so it must not make names alike.
        tails = [key.partition("_")[2] for key in _keys() if key.startswith(f"{prefix}_")]
        close = get_close_matches(tail, tails, n=1, cutoff=0.7)
        found = size(f"{prefix}_{close[0]}") if close else None
    return found.name if found is not None else None


_PREFIXES: Final = ("standard_", "basic_")


@cache
def _rows() -> list[str]:
    from pathlib import Path  # noqa: PLC0415  # only when a size is asked for

    text = Path(__file__).with_name("sizes.tsv").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


@cache
def _keys() -> list[str]:
    return [row.partition("\t")[0].lower() for row in _rows()]


def _size(row: str) -> Size:
    name, family, vcpus, memory, gpus, low_priority, aml, letters, differing = row.split("\t")
    return Size(
        name,
        family or None,
        int(vcpus) if vcpus else None,
        float(memory) if memory else None,
        int(gpus) if gpus else None,
        {"y": True, "n": False}.get(low_priority),
        aml,
        tuple(SOURCES[letter] for letter in letters),
        differing,
    )
