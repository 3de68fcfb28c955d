"""One line a finding: `path:line:column: level[rule] message`; the id of what is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.report.escape import printable

if TYPE_CHECKING:
    from azmlint.engine.report import Report
    from azmlint.finding import Finding
    from azmlint.report.options import ReportOptions


def write(report: Report, options: ReportOptions) -> str:
    """Write findings, then failures."""
    lines = [line(f) for f in report.findings if f.severity >= options.min_severity]
    lines += [
        f"{printable(f.path or f.scope or 'azmlint')}: failure[{f.stage}] {printable(f.reason)}"
        for f in report.failures
    ]
    return "".join(f"{text}\n" for text in lines)


def line(finding: Finding) -> str:
    """Write one finding."""
    where = printable(finding.place.shown)
    return f"{where}: {finding.severity.level}[{finding.rule}] {printable(finding.message)}"
