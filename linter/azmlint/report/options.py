"""How a report is to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.finding import Severity

if TYPE_CHECKING:
    import datetime as dt


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
