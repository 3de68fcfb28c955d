"""A finding with everything that a format needs, worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine.fingerprint import fingerprints
from azmlint.engine.fix import edits
from azmlint.finding import Applicability
from azmlint.model.value import NotEditable
from azmlint.report.mask import Mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.report import Report, Suppressed
    from azmlint.finding import Finding, Fix, Severity
    from azmlint.location import Edit


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
    suppressed: Suppressed | None = None
    """By whom and why, when somebody decided not to act on it."""


class Records:
    """What is shown of a report: its findings, and those suppressed, each in order."""

    __slots__ = ("found", "mask", "shown", "suppressed")

    def __init__(self, report: Report, lowest: Severity) -> None:
        """Take what is at or above a severity; the rest counts for fingerprints only."""
        self.mask = Mask(report.secrets)
        self.shown = self.mask.quoted()
        """Takes secrets out of names and ids."""
        # One sequence, so that suppressing a finding changes the fingerprint of no other.
        every = sorted([*report.findings, *(s.finding for s in report.suppressed)], key=_order)
        prints = {
            id(finding): pair
            for finding, pair in zip(
                every, fingerprints(every, self.mask.excerpt, self.shown), strict=True
            )
        }
        self.found = [
            Record(f, tuple(self._fixes(f)), *prints[id(f)])
            for f in report.findings
            if f.severity >= lowest
        ]
        self.suppressed = [
            Record(s.finding, tuple(self._fixes(s.finding)), *prints[id(s.finding)], s)
            for s in report.suppressed
            if s.finding.severity >= lowest
        ]

    def _fixes(self, finding: Finding) -> Iterator[FixRecord]:
        for fix in finding.fixes:
            why: str | None = None
            try:
                spelled = edits(fix)
            except NotEditable as reason:
                spelled, why = (), str(reason)
            if any(self.mask.is_repeated_by(e) for e in spelled):
                spelled, why = (), "the edit would repeat a secret"
            level = fix.applicability if spelled else Applicability.DISPLAY
            yield FixRecord(fix, level, spelled, why)


def _order(finding: Finding) -> tuple[str, tuple[int | str, ...], str]:
    place = finding.place
    return (place.document.path, place.rank, finding.message)
