"""A finding with everything that a format needs, worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine.fingerprint import fingerprints
from azmlint.engine.fix import edits
from azmlint.finding import Applicability
from azmlint.model.value import NotEditable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report
    from azmlint.finding import Finding, Fix, Severity
    from azmlint.location import Edit, Place


class FixRecord(NamedTuple):
    """A fix with its edits; one that no edit can make is only displayed."""

    fix: Fix
    applicability: Applicability
    edits: tuple[Edit, ...]
    why_no_edit: str | None


class Record(NamedTuple):
    """A finding as reported."""

    finding: Finding
    fixes: tuple[FixRecord, ...]
    fingerprint: str
    content_hash: str


def records(report: Report, lowest: Severity) -> Iterator[Record]:
    """Yield the findings at or above a severity, in the report's order."""
    prints = fingerprints(report.findings)
    for finding, (fingerprint, content) in zip(report.findings, prints, strict=True):
        if finding.severity >= lowest:
            yield Record(finding, fixes_of(finding), fingerprint, content)


def fixes_of(finding: Finding) -> tuple[FixRecord, ...]:
    """Spell the edits of each fix."""
    found = []
    for fix in finding.fixes:
        try:
            spelled = edits(fix)
            why = None
        except NotEditable as reason:
            spelled, why = (), str(reason)
        level = fix.applicability if spelled else Applicability.DISPLAY
        found.append(FixRecord(fix, level, spelled, why))
    return tuple(found)


def secret_spans(report: Report, path: str) -> list[tuple[int, int]]:
    """List the extents of secrets in one document."""
    return [(p.start, p.end) for p in report.secrets if p.document.path == path]


def masked(report: Report, place: Place, text: str, start: int) -> str:
    """Hide what is secret in `text`, an excerpt that begins at `start` of a place's document."""
    for low, high in secret_spans(report, place.document.path):
        first, last = max(low - start, 0), min(high - start, len(text))
        if first < last:
            text = text[:first] + "*" * (last - first) + text[last:]
    return text
