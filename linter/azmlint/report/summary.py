"""The last lines of a report: how much was found, and what was not decided."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from azmlint.finding import Severity
from azmlint.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions

INCOMPLETE = "the run is incomplete"
_REASON_LIMIT = 3


def counts(report: Report) -> str:
    """Count the findings of the whole run, and say in how much they were found."""
    text = ", ".join(counted(report.count(s), s.level) for s in sorted(Severity, reverse=True))
    if report.suppressed:
        text += f"; {len(report.suppressed)} suppressed"
    where = [counted(len(report.documents), "file")]
    if report.deployed_count is not None:
        where = where if report.documents else []
        where.append(counted(report.deployed_count, "deployed resource"))
    return f"{text} in {' and '.join(where)}"


def remarks(report: Report, options: ReportOptions) -> Iterator[str]:
    """Say what was not decided, and which rules had nothing to go by."""
    if report.undecided and options.show_undecided:
        yield f"undecided: {counted(len(report.undecided), 'result')}; most often because"
        reasons = Counter(u.reason for u in report.undecided)
        ranked = sorted(reasons.items(), key=lambda r: (-r[1], r[0]))
        for reason, count in ranked[:_REASON_LIMIT]:
            yield f"  {count} x {printable(reason)}"
    rules = {rule for names in report.not_applicable.values() for rule in names}
    if rules:
        asked = ", ".join(sorted(report.not_applicable))
        is_asked = report.deployed_count is not None or report.snapshot is not None
        why = f"nobody asked for {asked}" if is_asked else "they need a snapshot"
        yield f"{counted(len(rules), 'rule')} not applied: {why}"


def counted(number: int, word: str) -> str:
    """Give a number with its word, which gets an `s` unless there is one."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
