"""Annotations of GitHub Actions: workflow commands on standard output.

The form is that of GitHub's own toolkit (docs.github.com, "Workflow commands", November 2026).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from azmlint.report.commands import closing, failure, message, spot
from azmlint.report.concise import line
from azmlint.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions

MOST: Final = 10
"""How many annotations of one level GitHub shows of a step; it drops the rest without a word."""

_COMMANDS: Final = {"error": "error", "warning": "warning", "note": "notice"}


def write(report: Report, options: ReportOptions) -> str:
    """Write the first findings of each level as annotations, the rest as lines; then sum up."""
    return "".join(f"{text}\n" for text in _lines(report, options))


def _lines(report: Report, options: ReportOptions) -> Iterator[str]:
    used: Counter[str] = Counter()
    for failed in report.failures:
        used["error"] += 1
        if used["error"] <= MOST:
            place = {"file": failed.path} if failed.path else {}
            yield _command("error", f"azmlint failed ({failed.stage})", place, failure(failed))
        else:
            yield f"failed ({failed.stage}): {failure(failed)}"
    for finding in report.findings:
        if finding.severity < options.min_severity:
            continue
        command = _COMMANDS[finding.severity.level]
        used[command] += 1
        if used[command] > MOST:
            yield line(finding)
            continue
        at = spot(finding.place)
        place = {}
        if at is not None:
            place = {"file": at.path, "line": str(at.line), "endLine": str(at.end_line)}
            if at.line == at.end_line:
                # Columns of an annotation over several lines are refused.
                place |= {"col": str(at.column), "endColumn": str(at.end_column)}
        yield _command(command, finding.rule, place, message(finding))
    yield from closing(report, options)


def _command(name: str, title: str, place: dict[str, str], text: str) -> str:
    properties = {"title": title, **place}
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
