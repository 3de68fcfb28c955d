"""CSV after RFC 4180, for spreadsheets: one row for everything that a run has to say."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from azmlint.report.commands import spot
from azmlint.report.escape import visible
from azmlint.report.records import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.engine.report import Report, UndecidedPair
    from azmlint.model.resource import Resource
    from azmlint.report.options import ReportOptions
    from azmlint.report.records import Record

COLUMNS: Final = (
    "record",
    "severity",
    "rule",
    "family",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "resource_kind",
    "resource_name",
    "resource_id",
    "message",
    "fix",
    "reason",
    "fingerprint",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""


def write(report: Report, options: ReportOptions) -> str:
    """Write findings, then suppressed and undecided ones, failures and skips."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(report, options):
        writer.writerow({name: _inert(text) for name, text in row.items()})
    return file.getvalue()


def _rows(report: Report, options: ReportOptions) -> Iterator[dict[str, str]]:
    records = Records(report, options.min_severity)
    for record in records.found:
        yield _found(record, report, records.shown)
    for record in records.suppressed:
        yield _found(record, report, records.shown)
    if options.show_undecided:
        for pair in report.undecided:
            yield _undecided(pair, report, records.shown)
    for failed in report.failures:
        yield {
            "record": "failure",
            "path": failed.path or "",
            "rule": failed.scope or "",
            "message": failed.reason,
            "reason": failed.stage,
        }
    for skip in report.skipped:
        yield {
            "record": "skipped",
            "path": skip.path,
            "message": skip.reason,
            "reason": skip.stage,
        }


def _found(record: Record, report: Report, shown: Callable[[str], str]) -> dict[str, str]:
    finding = record.finding
    row = {
        "record": "finding",
        "severity": finding.severity.level,
        "rule": finding.rule,
        "family": _family(report, finding.rule),
        **_resource(finding.resource, shown),
        "message": finding.message,
        "fix": "; ".join(f.fix.title for f in record.fixes) or finding.why_no_fix or "",
        "fingerprint": record.fingerprint,
    }
    at = spot(finding.place)
    if at is not None:
        row |= {name: str(value) for name, value in at._asdict().items()}
    elif finding.resource is None:
        row["resource_id"] = finding.place.document.path
    if record.suppressed is not None:
        row |= {"record": "suppressed", "reason": record.suppressed.reason}
    return row


def _undecided(pair: UndecidedPair, report: Report, shown: Callable[[str], str]) -> dict[str, str]:
    return {
        "record": "undecided",
        "rule": pair.rule,
        "family": _family(report, pair.rule),
        "path": "" if pair.resource.is_deployed else pair.resource.path,
        **_resource(pair.resource, shown),
        "reason": pair.reason,
    }


def _family(report: Report, rule: str) -> str:
    info = report.rules.get(rule)
    return info.family if info is not None else ""


def _resource(resource: Resource | None, shown: Callable[[str], str]) -> dict[str, str]:
    if resource is None:
        return {}
    is_certain = resource.id.is_ground and resource.id.subscription is not None
    return {
        "resource_kind": resource.kind,
        "resource_name": shown(resource.name),
        "resource_id": shown(str(resource.id)) if is_certain else "",
    }


def _inert(text: str) -> str:
    text = visible(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
