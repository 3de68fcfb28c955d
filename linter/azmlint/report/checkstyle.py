"""Checkstyle's XML, which most CI systems and editors can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.report.commands import failure
from azmlint.report.escape import visible
from azmlint.report.xml import element
from azmlint.report.xml import write as write_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from azmlint.engine.report import Report
    from azmlint.finding import Finding
    from azmlint.report.options import ReportOptions

_SEVERITIES: Final = {"error": "error", "warning": "warning", "note": "info"}


def write(report: Report, options: ReportOptions) -> str:
    """Write an `error` for each finding and failure, by file."""
    root = element("checkstyle", version="4.3")
    files: dict[str, Element] = {}

    def of(path: str) -> Element:
        if path not in files:
            files[path] = element("file", root, name=visible(path))
        return files[path]

    for finding in report.findings:
        if finding.severity >= options.min_severity:
            _error(of(finding.place.document.path), finding)
    for failed in report.failures:
        text = f"azmlint failed ({failed.stage}): {failure(failed)}"
        parent = of(failed.path or failed.scope or "azmlint")
        element("error", parent, severity="error", message=text, source="azmlint.failure")
    return write_xml(root)


def _error(parent: Element, finding: Finding) -> None:
    place = finding.place
    at = {}
    if not place.document.is_deployed:
        line, column = place.document.position(place.start)
        at = {"line": str(line), "column": str(column)}
    element(
        "error",
        parent,
        **at,
        severity=_SEVERITIES[finding.severity.level],
        message=visible(finding.message),
        source=f"azmlint.{finding.rule}",
    )
