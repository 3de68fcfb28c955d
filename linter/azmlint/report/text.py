"""The report for a reader: excerpts, origins, fixes, and what was not decided."""

from __future__ import annotations

import shlex
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from azmlint.finding import Applicability, Severity
from azmlint.report.escape import printable
from azmlint.report.records import FixRecord, masked, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report
    from azmlint.finding import Finding
    from azmlint.location import Edit, Place
    from azmlint.report.options import ReportOptions
    from azmlint.report.records import Record

RELATED_LIMIT = 10
"""How many related places are shown; the rest is counted."""

_COLORS = {"error": "31", "warning": "33", "note": "36"}
_TRUST = {
    Applicability.SAFE: "safe, --fix applies it",
    Applicability.UNSAFE: "may change how work runs, --unsafe-fixes applies it",
    Applicability.DISPLAY: "shown only",
}


class _Paint:
    def __init__(self, *, is_on: bool) -> None:
        self.is_on = is_on

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.is_on and text else text


def write(report: Report, options: ReportOptions) -> str:
    """Write every finding with its excerpt, then a summary."""
    paint = _Paint(is_on=options.color)
    lines: list[str] = []
    for record in records(report, options.min_severity):
        lines += _finding(report, record, paint, options)
        lines.append("")
    lines += _summary(report, options, paint)
    return "\n".join(lines) + "\n"


def _finding(
    report: Report, record: Record, paint: _Paint, options: ReportOptions
) -> Iterator[str]:
    finding = record.finding
    level = finding.severity.level
    tag = paint(f"1;{_COLORS[level]}", f"{level}[{finding.rule}]")
    yield f"{paint('1', _where(finding.place))}: {tag} {printable(finding.message)}"
    yield from _excerpt(report, finding.place, paint, _COLORS[level], options.width)
    yield from _origin(report, finding, paint, options)
    if finding.worlds is not None:
        yield f"  = holds when {_worlds(finding)}"
    for related in finding.related[:RELATED_LIMIT]:
        yield f"  = {_where(related.place)}: {printable(related.message)}"
    if len(finding.related) > RELATED_LIMIT:
        yield f"  = and {len(finding.related) - RELATED_LIMIT} more"
    for fix in record.fixes:
        yield from _fix(report, fix, paint)
    if not record.fixes and finding.why_no_fix:
        yield f"  = no fix: {printable(finding.why_no_fix)}"
    info = report.rules.get(finding.rule)
    if info is not None:
        yield paint("2", f"  = see {info.help_uri}")


def _where(place: Place) -> str:
    line, column = place.document.position(place.start)
    return printable(f"{place.document.path}:{line}:{column}")


def _excerpt(report: Report, place: Place, paint: _Paint, color: str, width: int) -> Iterator[str]:
    document = place.document
    line, column = document.position(place.start)
    text = document.line(line)
    if not text.strip():
        return
    start = document.line_start(line)
    text = masked(report, place, text, start)
    first = column - 1
    last = min(len(text), max(first + 1, place.end - start))
    # A long line is cut around what matters.
    low = max(0, min(first - 20, len(text) - width)) if len(text) > width else 0
    high = min(len(text), low + width)
    number = str(line)
    shown = _shown(text[low:high])
    before = _columns(_shown(text[low:first]))
    under = max(1, _columns(_shown(text[first : min(last, high)])))
    gutter = " " * len(number)
    left, right = ("..." if low else ""), ("..." if high < len(text) else "")
    yield f"  {paint('2', number + ' |')} {left}{shown}{right}"
    yield f"  {gutter} | {' ' * (before + len(left))}{paint(color, '^' * under)}"


def _shown(text: str) -> str:
    return printable(text.replace("\t", "    "))


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


_ROLES = {
    "argument": "passed at",
    "default": "comes from the default at",
    "variable": "comes from",
    "parameter-file": "comes from the parameter file at",
    "constant": "comes from",
}


def _origin(
    report: Report, finding: Finding, paint: _Paint, options: ReportOptions
) -> Iterator[str]:
    trace = finding.on.trace
    for place in trace[1:]:
        yield f"  = the value {_ROLES.get(place.role, 'comes from')} {_where(place)}"
    if len(trace) > 1:
        yield from _excerpt(report, trace[-1], paint, "36", options.width)


def _worlds(finding: Finding) -> str:
    return ", or ".join(
        " and ".join(f"{printable(q)} is {printable(a)}" for q, a in world.items())
        for world in finding.worlds or ()
    )


def _fix(report: Report, record: FixRecord, paint: _Paint) -> Iterator[str]:
    trust = _TRUST[record.applicability]
    yield f"  = fix: {paint('32', record.fix.title)} ({trust})"
    for edit in record.edits:
        yield from _edit(report, edit, paint)
    if record.fix.steps:
        yield "    deployed already:"
        for step in record.fix.steps:
            yield f"      {printable(shlex.join(step.argv))}"


def _edit(report: Report, edit: Edit, paint: _Paint) -> Iterator[str]:
    from azmlint.location import Place, Span  # noqa: PLC0415

    document = edit.document
    line, _ = document.position(edit.start)
    start = document.line_start(line)
    last, _ = document.position(edit.end)
    end = document.line_start(last) + len(document.line(last))
    place = Place(document, Span(edit.start, edit.end))
    old = masked(report, place, document.text[start:end], start)
    new = old[: edit.start - start] + edit.text + old[edit.end - start :]
    if old in new and edit.start == edit.end:
        added = new.replace(old, "", 1).strip("\r\n")
        yield paint("32", f"    + {_shown(added)}")
        return
    for text in old.splitlines() or [""]:
        yield paint("31", f"    - {_shown(text)}")
    for text in new.splitlines():
        yield paint("32", f"    + {_shown(text)}")


def _summary(report: Report, options: ReportOptions, paint: _Paint) -> Iterator[str]:
    for failure in report.failures:
        where = printable(failure.path or failure.scope or "azmlint")
        yield f"{where}: {paint('1;31', 'failed')} ({failure.stage}): {printable(failure.reason)}"
    for skip in report.skipped:
        yield f"{printable(skip.path)}: skipped: {printable(skip.reason)}"
    if report.failures or report.skipped:
        yield ""
    counts = [_counted(report.count(s), s.level) for s in sorted(Severity, reverse=True)]
    text = ", ".join(counts)
    if report.suppressed:
        text += f"; {len(report.suppressed)} suppressed"
    text += f" in {_counted(len(report.documents), 'file')}"
    yield paint("1", text)
    if report.undecided and options.show_undecided:
        yield f"undecided: {_counted(len(report.undecided), 'result')}; most often because"
        reasons = Counter(u.reason for u in report.undecided)
        for reason, count in sorted(reasons.items(), key=lambda r: (-r[1], r[0]))[:3]:
            yield f"  {count} x {printable(reason)}"
    rules = {rule for names in report.not_applicable.values() for rule in names}
    if rules:
        yield f"{_counted(len(rules), 'rule')} not applied: they need a snapshot"
    if not report.is_complete:
        yield paint("1;31", "the run is incomplete")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
