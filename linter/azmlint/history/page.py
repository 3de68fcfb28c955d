"""A history for readers and for programs."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from azmlint.history.lifecycle import Event
from azmlint.history.trend import ASCII_BARS, BARS, LEVELS, sparkline
from azmlint.report.escape import printable
from azmlint.report.summary import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from azmlint.history.lifecycle import Known
    from azmlint.history.store import Happening, Run
    from azmlint.history.trend import Point

VERSION: Final = 1
_SCOPES_SHOWN: Final = 3


def runs_text(runs: Sequence[Run]) -> str:
    """Give a line for each audit."""
    lines = [
        f"{'run':>5}  {'moment':20}  {'error':>6} {'warning':>7} {'note':>6}   "
        + " ".join(f"{e.value:>8}" for e in Event)
    ]
    for run in runs:
        line = f"{run.id:>5}  {run.taken:20}  {run.errors:>6} {run.warnings:>7} {run.notes:>6}   "
        line += " ".join(f"{getattr(run, e.value):>8}" for e in Event)
        lines.append(line if run.is_complete else f"{line}   incomplete")
    return "\n".join(lines) + "\n"


def run_text(run: Run, changes: Sequence[tuple[Event, Known]]) -> str:
    """Tell one audit and what it changed."""
    state = "complete" if run.is_complete else f"incomplete: {counted(run.failures, 'failure')}"
    scopes = [printable(s) for s in run.scopes[:_SCOPES_SHOWN]]
    more = len(run.scopes) - len(scopes)
    counts = f"{run.errors} errors, {run.warnings} warnings, {run.notes} notes"
    lines = [
        f"run {run.id} of {run.taken}: {counts}; {state}",
        f"read: {', '.join(scopes) or 'nothing'}" + (f" and {more} more" if more else ""),
        "",
    ]
    lines += [f"{event.value:8}  {_line(known)}" for event, known in changes] or ["no changes"]
    return "\n".join(lines) + "\n"


def _line(known: Known) -> str:
    row = known.row
    return f"{row.severity}[{row.rule}] {printable(row.message)}  {row.fingerprint[:12]}"


def finding_text(known: Known, happenings: Iterable[Happening]) -> str:
    """Tell the life of one finding."""
    row = known.row
    fixed = f", fixed {known.fixed_at}" if known.fixed_at else ""
    lines = [
        _line(known),
        f"{row.kind} {printable(row.name)}: {printable(row.resource_id)}",
        f"{known.status.value}: first seen {known.first_seen}, last seen {known.last_seen}{fixed}",
        "",
    ]
    lines += [f"{h.taken}  run {h.run:<5} {h.kind.value}" for h in happenings]
    return "\n".join(lines) + "\n"


def trend_text(points: Sequence[Point], *, is_ascii: bool = False) -> str:
    """Draw a line for each severity."""
    if not points:
        return "no audits\n"
    bars = ASCII_BARS if is_ascii else BARS
    lines = [f"{points[0].taken[:10]} to {points[-1].taken[:10]}, {counted(len(points), 'audit')}"]
    for level in LEVELS:
        values = [getattr(p, level) for p in points]
        drawn = sparkline(values, max(values), bars)
        lines.append(f"{level:8} {drawn}  {values[-1]} open, at most {max(values)}")
    return "\n".join(lines) + "\n"


def as_json(**data: object) -> str:
    """Write data of a history, with the version of its shape."""
    return json.dumps({"version": VERSION, **data}, indent=2) + "\n"


def finding_data(known: Known) -> dict[str, Any]:
    """Give a finding as plain data."""
    row = known.row
    return {
        "fingerprint": row.fingerprint,
        "status": known.status.value,
        "rule": row.rule,
        "family": row.family,
        "severity": row.severity,
        "message": row.message,
        "kind": row.kind,
        "name": row.name,
        "resource_id": row.resource_id,
        "property": row.pointer,
        "workspace": row.workspace,
        "first_seen": known.first_seen,
        "last_seen": known.last_seen,
        "fixed_at": known.fixed_at or None,
        "content_hash": row.content_hash,
    }


def run_data(run: Run) -> dict[str, Any]:
    """Give an audit as plain data."""
    data = run._asdict()
    del data["is_told"]
    return {"complete": data.pop("is_complete"), **data, "scopes": list(run.scopes)}


def happening_data(happening: Happening) -> dict[str, Any]:
    """Give a change as plain data."""
    run, taken, fingerprint, kind = happening
    return {"run": run, "taken": taken, "fingerprint": fingerprint, "event": kind.value}


_COLUMNS: Final = (
    *("status", "severity", "rule", "family", "message", "kind", "name", "resource_id"),
    *("property", "workspace", "first_seen", "last_seen", "fixed_at"),
    *("fingerprint", "content_hash"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(findings: Iterable[Known]) -> str:
    """Write findings as RFC 4180; no cell is a formula to a spreadsheet."""
    rows = [finding_data(k) for k in findings]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in _COLUMNS])
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
