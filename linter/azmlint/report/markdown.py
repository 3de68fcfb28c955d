"""GitHub-flavoured Markdown: a step summary, or a comment on a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from azmlint.report.commands import spot
from azmlint.report.escape import visible
from azmlint.report.records import Records
from azmlint.report.summary import INCOMPLETE, counts, remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.engine.report import Report
    from azmlint.report.options import ReportOptions
    from azmlint.report.records import Record

_SPECIAL = re.compile(r"[\\`*_\[\]#!|~<>&@]|:(?=//)|(?<=www)\.|^[-+=]", re.IGNORECASE)


def write(report: Report, options: ReportOptions) -> str:
    """Write a table of findings, then what failed, was skipped or not decided."""
    return "".join(f"{text}\n" for text in _lines(report, options))


def shortened(text: str, limit: int) -> str:
    """Leave out whole lines at the end until the rest has at most `limit` bytes in UTF-8.

    A line says that something is missing; in less room than that takes there is nothing.
    """
    if len(text.encode()) <= limit:
        return text
    note = "\nThe rest has no room here.\n"
    room = limit - len(note)
    if room < 0:
        return ""
    kept = text.encode()[:room].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1] + note


def _lines(report: Report, options: ReportOptions) -> Iterator[str]:
    records = Records(report, options.min_severity)
    yield f"## azmlint: {escaped(counts(report))}"
    if not report.is_complete:
        yield ""
        yield f"**{INCOMPLETE.capitalize()}.**"
    if records.found:
        yield from _table(
            ("Level", "Rule", "Where", "What", "Fix"), (_row(r, report) for r in records.found)
        )
    if report.failures:
        yield from _heading("Failed")
        yield from _table(
            ("Where", "Stage", "Reason"),
            (
                (escaped(f.path or f.scope or "azmlint"), f.stage, escaped(f.reason))
                for f in report.failures
            ),
        )
    if report.skipped:
        yield from _heading("Skipped")
        yield from _table(
            ("Where", "Reason"), ((escaped(s.path), escaped(s.reason)) for s in report.skipped)
        )
    said = list(remarks(report, options))
    if said:
        yield ""
        yield from (f"{'  ' * text.startswith('  ')}- {escaped(text.strip())}" for text in said)


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield f"### {text}"


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _row(record: Record, report: Report) -> tuple[str, ...]:
    finding = record.finding
    info = report.rules.get(finding.rule)
    rule = escaped(finding.rule)
    if info is not None and info.help_uri:
        rule = f"[{rule}]({info.help_uri})"
    at = spot(finding.place)
    where = finding.place.shown if at is None else f"{at.path}:{at.line}"
    fix = "; ".join(f.fix.title for f in record.fixes) or finding.why_no_fix or ""
    level = finding.severity.level
    return (level, rule, escaped(where), escaped(finding.message), escaped(fix))


def escaped(text: str) -> str:
    """Give a name from outside so that Markdown shows it and makes nothing of it.

    Numbers stand for what could begin a link, a mention or markup, in or at the start of a line.
    """
    return _SPECIAL.sub(_number, visible(text))


def _number(found: re.Match[str]) -> str:
    number = f"&#{ord(found[0])};"
    # Addresses are made links after numbers have become characters; a comment parts the text.
    return f"<!-- -->{number}" if found[0] == "@" else number
