"""GitLab Code Quality (docs.gitlab.com, "Code Quality report format", November 2026)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from azmlint.engine.fingerprint import digest
from azmlint.report.commands import failure, message
from azmlint.report.escape import visible
from azmlint.report.records import Records
from azmlint.report.standing import standing_path

if TYPE_CHECKING:
    from azmlint.engine.report import Failure, Report
    from azmlint.report.options import ReportOptions
    from azmlint.report.records import Record

_SEVERITIES: Final = {"error": "critical", "warning": "major", "note": "minor"}


def write(report: Report, options: ReportOptions) -> str:
    """Write findings, and what of the run failed, as issues."""
    records = Records(report, options.min_severity)
    issues = [_issue(r) for r in records.found]
    issues += [_failed(f) for f in report.failures]
    return json.dumps(issues, indent=2, ensure_ascii=True) + "\n"


def _issue(record: Record) -> dict[str, Any]:
    finding = record.finding
    place = finding.place
    line, _ = place.document.position(place.start)
    return {
        "description": message(finding),
        "check_name": finding.rule,
        "fingerprint": record.fingerprint,
        "severity": _SEVERITIES[finding.severity.level],
        "location": {"path": visible(standing_path(place.document)), "lines": {"begin": line}},
    }


def _failed(failed: Failure) -> dict[str, Any]:
    text = f"azmlint failed ({failed.stage}): {failure(failed)}"
    return {
        "description": text,
        "check_name": "azmlint-failure",
        "fingerprint": digest(text),
        "severity": "blocker",
        "location": {"path": visible(failed.path or "azmlint"), "lines": {"begin": 1}},
    }
