"""How a report is to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.finding import Severity

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


class Life(NamedTuple):
    """What earlier runs say of a finding."""

    state: str
    """SARIF's `baselineState`: new, unchanged or updated."""

    first_seen: str
    """A moment in UTC, as `2026-11-24T04:17:00Z`."""


class Gone(NamedTuple):
    """A finding of an earlier run that is there no more."""

    rule: str
    severity: Severity
    message: str
    kind: str
    name: str
    resource_id: str
    pointer: str
    fingerprint: str
    first_seen: str


class Past(NamedTuple):
    """What earlier runs say of the findings of this one, and which of theirs are gone."""

    lives: Mapping[str, Life]
    """By fingerprint."""

    gone: tuple[Gone, ...] = ()


class ReportOptions(NamedTuple):
    """What a writer may be told; none of it changes the exit code."""

    color: bool = False
    min_severity: Severity = Severity.NOTE
    """The lowest severity shown."""

    exit_code: int = 0
    show_undecided: bool = True
    root: str = ""
    width: int = 100
    """Columns of the terminal, for excerpts of long lines."""

    now: dt.datetime | None = None
    """When the run ended, with its time zone; a report without it is the same every time."""

    past: Past | None = None
    """None where earlier runs are not known."""

    split: bool = False
    """Whether what has no room in one upload goes into further ones."""
