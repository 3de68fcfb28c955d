"""Issues of Azure Pipelines: logging commands on standard output.

The form is that of Microsoft's task library (learn.microsoft.com, "Logging commands", November
2026). There is no level below a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.finding import Severity
from azmlint.report.commands import closing, failure, message, spot
from azmlint.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions


def write(report: Report, options: ReportOptions) -> str:
    """Write a logging command for each finding and failure, then a summary."""
    return "".join(f"{text}\n" for text in _lines(report, options))


def _lines(report: Report, options: ReportOptions) -> Iterator[str]:
    is_worth_a_look = bool(report.failures)
    for failed in report.failures:
        place = {"sourcepath": failed.path} if failed.path else {}
        yield _command("error", place, f"failed ({failed.stage}): {failure(failed)}")
    for finding in report.findings:
        if finding.severity < options.min_severity:
            continue
        is_worth_a_look |= finding.severity > Severity.NOTE
        at = spot(finding.place)
        place = {}
        if at is not None:
            place = {
                "sourcepath": at.path,
                "linenumber": str(at.line),
                "columnnumber": str(at.column),
            }
        kind = "error" if finding.severity is Severity.ERROR else "warning"
        yield _command(kind, {**place, "code": finding.rule}, message(finding))
    yield from closing(report, options)
    if is_worth_a_look and options.exit_code == 0:
        yield "##vso[task.complete result=SucceededWithIssues;]"


def _command(kind: str, place: dict[str, str], text: str) -> str:
    properties = {"type": kind, **place}
    written = "".join(f"{key}={_property(value)};" for key, value in properties.items())
    return f"##vso[task.logissue {written}]{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace("]", "%5D").replace(";", "%3B")
