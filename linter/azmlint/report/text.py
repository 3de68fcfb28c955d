"""The report for a reader: excerpts, origins, fixes, and what was not decided."""

from __future__ import annotations

import shlex
from itertools import zip_longest
from typing import TYPE_CHECKING

from azmlint.finding import Applicability
from azmlint.report.escape import printable
from azmlint.report.excerpt import around, excerpt, shown
from azmlint.report.hunks import hunks
from azmlint.report.records import Records
from azmlint.report.summary import INCOMPLETE, counts, remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report
    from azmlint.finding import Finding
    from azmlint.location import Place
    from azmlint.report.hunks import Hunk
    from azmlint.report.options import ReportOptions
    from azmlint.report.records import FixRecord, Record

RELATED_LIMIT = 10
"""How many related places are shown; the rest is counted."""

_COLORS = {"error": "31", "warning": "33", "note": "36"}
_TRUST = {
    Applicability.SAFE: "safe, --fix applies it",
    Applicability.UNSAFE: "may change how work runs, --unsafe-fixes applies it",
    Applicability.DISPLAY: "shown only",
}
_ROLES = {
    "argument": "is passed at",
    "default": "comes from the default at",
    "parameter-file": "comes from the parameter file at",
}


def write(report: Report, options: ReportOptions) -> str:
    """Write every finding with its excerpt, then a summary."""
    text = _Text(report, options)
    return "".join(f"{line}\n" for line in text.lines())


class _Text:
    def __init__(self, report: Report, options: ReportOptions) -> None:
        self.report = report
        self.options = options
        self.records = Records(report, options.min_severity)

    def lines(self) -> Iterator[str]:
        for record in self.records.found:
            yield from self._finding(record)
            yield ""
        yield from self._left_out()
        yield from self._summary()

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.options.color and text else text

    def _finding(self, record: Record) -> Iterator[str]:
        finding = record.finding
        level = finding.severity.level
        tag = self._paint(f"1;{_COLORS[level]}", f"{level}[{finding.rule}]")
        yield f"{self._paint('1', _where(finding.place))}: {tag} {printable(finding.message)}"
        yield from self._excerpt(finding.place, _COLORS[level])
        yield from self._origin(finding)
        if finding.worlds is not None:
            yield f"  = holds when {_worlds(finding.worlds)}"
        for related in finding.related[:RELATED_LIMIT]:
            yield f"  = {_where(related.place)}: {printable(related.message)}"
        if len(finding.related) > RELATED_LIMIT:
            yield f"  = and {len(finding.related) - RELATED_LIMIT} more"
        for fix in record.fixes:
            yield from self._fix(fix, finding)
        if not record.fixes and finding.why_no_fix:
            yield f"  = no fix: {printable(finding.why_no_fix)}"
        info = self.report.rules.get(finding.rule)
        if info is not None and info.help_uri:
            yield self._paint("2", f"  = see {info.help_uri}")

    def _excerpt(self, place: Place, color: str) -> Iterator[str]:
        found = excerpt(place, self.records.mask, self.options.width)
        if not found.text.strip():
            return
        number = str(found.line)
        yield f"  {self._paint('2', number + ' |')} {found.text}"
        under = self._paint(color, "^" * found.width)
        yield f"  {' ' * len(number)} {self._paint('2', '|')} {' ' * found.indent}{under}"

    def _origin(self, finding: Finding) -> Iterator[str]:
        trace = finding.on.trace
        for place in trace[1:]:
            yield f"  = the value {_ROLES.get(place.role, 'comes from')} {_where(place)}"
        if len(trace) > 1:
            yield from self._excerpt(trace[-1], "36")

    def _fix(self, record: FixRecord, finding: Finding) -> Iterator[str]:
        is_deployed = finding.place.document.is_deployed
        trust = _TRUST[record.applicability]
        given = self.report.editable
        if given is not None and any(e.document.path not in given for e in record.edits):
            trust = f"{trust.partition(',')[0]}, applied only where its file is given too"
        if record.why_no_edit:
            trust += f": {printable(record.why_no_edit)}"
        trust = "" if is_deployed else f" ({trust})"
        yield f"  = fix: {self._paint('32', printable(record.fix.title))}{trust}"
        for hunk in hunks(record.edits, self.records.mask):
            if hunk.document.path != finding.place.document.path:
                yield f"    in {printable(f'{hunk.document.path}:{hunk.line}')}"
            yield from self._hunk(hunk)
        if record.fix.steps:
            if not is_deployed:
                yield "    deployed already:"
            for step in record.fix.steps:
                yield f"      {printable(shlex.join(step.argv))}"

    def _hunk(self, hunk: Hunk) -> Iterator[str]:
        old: list[str] = []
        new: list[str] = []
        for one, two in zip_longest(hunk.old, hunk.new):
            low, high = around(one or "", two or "", self.options.width)
            if one is not None:
                old.append(_cut(one, low, high))
            if two is not None:
                new.append(_cut(two, low, high))
        yield from (self._paint("31", f"    - {shown(line)}") for line in old)
        yield from (self._paint("32", f"    + {shown(line)}") for line in new)

    def _left_out(self) -> Iterator[str]:
        for failure in self.report.failures:
            where = printable(failure.path or failure.scope or "azmlint")
            failed = self._paint("1;31", "failed")
            yield f"{where}: {failed} ({failure.stage}): {printable(failure.reason)}"
        for skip in self.report.skipped:
            yield f"{printable(skip.path)}: skipped: {printable(skip.reason)}"
        if self.report.failures or self.report.skipped:
            yield ""

    def _summary(self) -> Iterator[str]:
        yield self._paint("1", counts(self.report))
        yield from remarks(self.report, self.options)
        if not self.report.is_complete:
            yield self._paint("1;31", INCOMPLETE)


def _where(place: Place) -> str:
    cell = place.cell
    inside = f" (cell {cell.number}, line {cell.line})" if cell is not None else ""
    return printable(place.shown) + inside


def _cut(line: str, low: int, high: int) -> str:
    left, right = "..." if low else "", "..." if high < len(line) else ""
    return f"{left}{line[low:high]}{right}"


def _worlds(worlds: tuple[dict[str, str], ...]) -> str:
    return ", or ".join(
        " and ".join(f"{printable(q)} is {printable(a)}" for q, a in world.items())
        for world in worlds
    )
