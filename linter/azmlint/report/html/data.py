"""What the page shows, as plain data."""

from __future__ import annotations

import shlex
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from azmlint.finding import Applicability, Severity
from azmlint.report.escape import visible
from azmlint.report.html.capacity import capacity
from azmlint.report.html.estate import EstateMap
from azmlint.report.hunks import hunks
from azmlint.report.mask import values_without
from azmlint.report.records import Records
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.engine.report import Report, UndecidedPair
    from azmlint.finding import Related
    from azmlint.location import Document, Place
    from azmlint.report.mask import Mask
    from azmlint.report.options import ReportOptions
    from azmlint.report.records import FixRecord, Record

_AROUND: Final = 2
"""How many lines of a file are shown before and after what a finding is about."""

_MOST_LINES: Final = 8
"""How many lines of it are shown itself."""

_WIDEST: Final = 200
_BEFORE: Final = 60
"""How much of a long line is shown, and how much of that before what matters."""

_RELATED: Final = 20
_TRUST: Final = {
    Applicability.SAFE: "safe: --fix applies it",
    Applicability.UNSAFE: "may change how work runs: --unsafe-fixes applies it",
    Applicability.DISPLAY: "shown only",
}
_ROLES: Final = {
    "argument": "The value is passed here",
    "default": "The value comes from this default",
    "parameter-file": "The value comes from this parameter file",
}


def data(report: Report, options: ReportOptions) -> dict[str, Any]:
    """Give all that the page shows; what is not shown is counted."""
    return _Data(report, options).whole()


class _Data:
    def __init__(self, report: Report, options: ReportOptions) -> None:
        self.report = report
        self.options = options
        self.records = Records(report, options.min_severity)
        self.map = EstateMap(report.estate) if report.estate is not None else None

    def whole(self) -> dict[str, Any]:
        report = self.report
        records = [*self.records.found, *self.records.suppressed]
        used = {r.finding.rule for r in records} | {u.rule for u in report.undecided}
        found = [r.finding for r in self.records.found]
        return {
            "title": "azmlint report",
            "version": __version__,
            "verdict": _verdict(report),
            "complete": report.is_complete,
            "exit_code": self.options.exit_code,
            "counts": {s.level: report.count(s) for s in sorted(Severity, reverse=True)},
            "below": len(report.findings) - len(found),
            "taken": report.snapshot.taken.strftime("%Y-%m-%d %H:%M UTC")
            if report.snapshot is not None
            else None,
            "rules": {
                name: {
                    "family": info.family,
                    "summary": info.summary,
                    "uri": info.help_uri,
                }
                for name, info in sorted(report.rules.items())
                if name in used
            },
            "findings": [self._finding(r) for r in records],
            "estate": self._without(self.map.data(found) if self.map is not None else None),
            "capacity": self._without(capacity(report, self.records.mask)),
            "failures": [
                {
                    "where": visible(f.path or f.scope or "azmlint"),
                    "stage": f.stage,
                    "reason": visible(f.reason),
                }
                for f in report.failures
            ],
            "skipped": [
                {"where": visible(s.path), "stage": s.stage, "reason": visible(s.reason)}
                for s in report.skipped
            ],
            "undecided": [_undecided(u, self.records.shown) for u in report.undecided]
            if self.options.show_undecided
            else [],
            "undecided_count": len(report.undecided),
            "not_applicable": [
                {"facet": facet, "rules": sorted(names)}
                for facet, names in sorted(report.not_applicable.items())
            ],
        }

    def _without(self, data: object) -> object:
        """Take secrets out of the names in plain data."""
        return data if self.records.shown is str else values_without(data, self.records.shown)

    def _finding(self, record: Record) -> dict[str, Any]:
        finding = record.finding
        info = self.report.rules.get(finding.rule)
        family = info.family if info is not None else ""
        place = finding.place
        resource = finding.resource
        trace = finding.on.trace
        found: dict[str, Any] = {
            "rule": finding.rule,
            "family": family,
            "level": finding.severity.level,
            "message": visible(finding.message),
            "kind": resource.kind if resource is not None else "file",
            "name": visible(
                self.records.shown(resource.name) if resource is not None else place.document.path
            ),
            **self._where(place),
            "print": record.fingerprint[:16],
            "excerpt": self._excerpt(place),
            "fixes": [self._fix(f) for f in record.fixes],
        }
        if self.map is not None:
            found["workspaces"] = self._without(self.map.workspaces(finding))
            found["node"] = self.map.number(resource)
            found["way"] = self.map.way(finding, family)
        if len(trace) > 1:
            found["origins"] = [self._origin(p) for p in trace[1:]]
        if finding.worlds is not None:
            found["worlds"] = [
                " and ".join(f"{visible(q)} is {visible(a)}" for q, a in world.items())
                for world in finding.worlds
            ]
        if finding.related:
            found["related"] = [self._related(r) for r in finding.related[:_RELATED]]
            found["related_count"] = len(finding.related)
        if not record.fixes and finding.why_no_fix:
            found["no_fix"] = visible(finding.why_no_fix)
        if record.suppressed is not None:
            by, reason, until = record.suppressed[1:]
            found["suppressed"] = {"by": by, "reason": visible(reason), "until": until}
        return found

    def _where(self, place: Place) -> dict[str, Any]:
        """Give path and position; of what is deployed the id, and the names in it for short."""
        path = visible(place.document.path)
        if place.document.is_deployed:
            return {"path": path, "short": _short(path)}
        line, column = place.document.position(place.start)
        where: dict[str, Any] = {"path": path, "line": line, "column": column}
        cell = place.cell
        if cell is not None:
            where["cell"] = f"cell {cell.number + 1}, line {cell.line}"
        return where

    def _origin(self, place: Place) -> dict[str, Any]:
        role = _ROLES.get(place.role, "The value comes from here")
        return {"text": role, **self._where(place), "excerpt": self._excerpt(place)}

    def _related(self, related: Related) -> dict[str, Any]:
        return {"text": visible(related.message), **self._where(related.place)}

    def _fix(self, record: FixRecord) -> dict[str, Any]:
        trust = _TRUST[record.applicability]
        given = self.report.editable
        if given is not None and any(e.document.path not in given for e in record.edits):
            trust = f"{trust.partition(':')[0]}: applied only where its file is given too"
        if record.why_no_edit:
            trust += f": {visible(record.why_no_edit)}"
        return {
            "title": visible(record.fix.title),
            "trust": trust if record.edits or not record.fix.steps else "",
            "hunks": [
                {
                    "path": visible(h.document.path),
                    "line": h.line,
                    "old": [_cut(line) for line in h.old],
                    "new": [_cut(line) for line in h.new],
                }
                for h in hunks(record.edits, self.records.mask)
            ],
            "steps": [
                {
                    "command": visible(shlex.join(s.argv)),
                    "needs": visible(s.needs),
                    "undo": visible(shlex.join(s.undo)) if s.undo is not None else None,
                }
                for s in record.fix.steps
            ],
        }

    def _excerpt(self, place: Place) -> list[list[Any]]:
        """Give lines of a file: number, then what is before, in and after what is pointed at."""
        document, mask = place.document, self.records.mask
        first, _ = document.position(place.start)
        last, _ = document.position(max(place.start, place.end - 1))
        last = min(last, first + _MOST_LINES - 1)
        low = max(1, first - _AROUND)
        high = min(document.line_count, last + _AROUND)
        return [
            [number, *_line(document, number, (place.start, place.end), mask)]
            for number in range(low, high + 1)
        ]


def _line(document: Document, number: int, mark: tuple[int, int], mask: Mask) -> Iterator[str]:
    """Yield a line in three pieces, of which the middle one is marked."""
    low = document.line_start(number)
    high = low + len(document.line(number))
    start, end = min(max(mark[0], low), high), min(max(mark[1], low), high)
    if mark[1] <= low or mark[0] >= high:
        start = end = low
    left = right = ""
    if high - low > _WIDEST:
        cut = max(low, min(start - _BEFORE, high - _WIDEST))
        left, low = ("\u2026" if cut > low else ""), cut
        cut = min(high, low + _WIDEST)
        right, high = ("\u2026" if cut < high else ""), cut
        start, end = max(start, low), min(max(end, low), high)
    yield left + _shown(mask.excerpt(document, low, start))
    yield _shown(mask.excerpt(document, start, end))
    yield _shown(mask.excerpt(document, end, high)) + right


def _shown(text: str) -> str:
    return visible(text.replace("\t", "    "))


def _cut(line: str) -> str:
    text = _shown(line)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}\u2026"


def _short(path: str) -> str:
    """Leave of an id the names that tell it apart within its subscription."""
    pieces = path.split("/")
    if len(pieces) < 3 or pieces[1].lower() != "subscriptions":  # noqa: PLR2004
        return path
    named = zip(islice(pieces, 3, None, 2), islice(pieces, 4, None, 2), strict=False)
    return " / ".join(name for kind, name in named if kind.lower() != "providers") or path


def _undecided(pair: UndecidedPair, shown: Callable[[str], str]) -> dict[str, Any]:
    resource = pair.resource
    place = resource.grip
    where = visible(place.document.path) if resource.is_deployed else visible(place.shown)
    needs = "" if pair.need is None else pair.need.permission or pair.need.facet or ""
    return {
        "rule": pair.rule,
        "resource": visible(shown(resource.label)),
        "where": _short(where),
        "reason": visible(pair.reason),
        "needs": visible(needs),
    }


def _scope(report: Report) -> str:
    pieces = []
    if report.documents or report.deployed_count is None:
        pieces.append(_counted(len(report.documents), "file"))
    if report.deployed_count is not None:
        pieces.append(_counted(report.deployed_count, "deployed resource"))
    return " and ".join(pieces)


def _verdict(report: Report) -> str:
    if not report.findings:
        return f"No findings in {_scope(report)}"
    return f"{_counted(len(report.findings), 'finding')} in {_scope(report)}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number:,} {word}s"
