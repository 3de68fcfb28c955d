"""VM sizes: which quota family each counts against, with how many vCPUs, and what it holds.

The table is `sizes.tsv` beside this module; its head names the sources, NOTICE their licences.
`rules/generate_sizes.py` makes it. What it leaves empty is unknown, never "no".
"""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
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
    wanted = name.strip().lower()
    at = _lowered().find(f"\n{wanted}\t") + 1
    if not wanted or at == 0:
        return None
    text = _text()
    return _size(text[at : text.index("\n", at)])


def sizes() -> Iterator[Size]:
    """Yield every size, by name."""
    yield from map(_size, _text().strip("\n").split("\n"))


@lru_cache(maxsize=4096)
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
        least, most = len(tail) * _NEAR / (2 - _NEAR), len(tail) * (2 - _NEAR) / _NEAR
        tails = [own for own in _tails(prefix) if least <= len(own) <= most]
        close = get_close_matches(tail, tails, n=1, cutoff=_NEAR)
        found = size(f"{prefix}_{close[0]}") if close else None
    return found.name if found is not None else None


_PREFIXES: Final = ("standard_", "basic_")
_NEAR: Final = 0.7
"""Twice the characters that two names share, over all that they have."""


@cache
def _tails(prefix: str) -> tuple[str, ...]:
    names = (row.partition("\t")[0].partition("_") for row in _lowered().split("\n"))
    return tuple(own for start, _, own in names if start == prefix)


@cache
def _text() -> str:
    """Read the table without its head: a line for each size, each between line ends."""
    from pathlib import Path  # noqa: PLC0415  # only when a size is asked for

    text = Path(__file__).with_name("sizes.tsv").read_text(encoding="utf-8")
    return text[text.index("\n", text.rindex("\n#") + 1) :]


@cache
def _lowered() -> str:
    return _text().lower()


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
