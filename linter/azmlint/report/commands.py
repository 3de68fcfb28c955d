"""What the formats of CI systems that read commands have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.report.escape import printable
from azmlint.report.summary import INCOMPLETE, counts, remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Failure, Report
    from azmlint.finding import Finding
    from azmlint.location import Place
    from azmlint.report.options import ReportOptions


class Spot(NamedTuple):
    """Where a finding stands in a file; columns and lines count from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


def spot(place: Place) -> Spot | None:
    """Say where a place is in a file; None for what is deployed, which is in none."""
    document = place.document
    if document.is_deployed:
        return None
    return Spot(document.path, *document.position(place.start), *document.position(place.end))


def message(finding: Finding) -> str:
    """Say what is wrong, and of what is deployed where."""
    where = f"{finding.place.shown}: " if finding.place.document.is_deployed else ""
    return printable(f"{where}{finding.message}")


def failure(failed: Failure) -> str:
    """Say what of the run went wrong."""
    where = failed.path or failed.scope or "azmlint"
    return printable(f"{where}: {failed.reason}")


def closing(report: Report, options: ReportOptions) -> Iterator[str]:
    """Say in plain lines what was skipped, and sum up."""
    for skip in report.skipped:
        yield printable(f"{skip.path}: skipped: {skip.reason}")
    yield counts(report)
    yield from remarks(report, options)
    if not report.is_complete:
        yield INCOMPLETE
