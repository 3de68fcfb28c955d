"""Everything one run has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azmlint.expressions.truth import Need
    from azmlint.finding import Finding
    from azmlint.location import Document, Place
    from azmlint.model.estate import Estate
    from azmlint.model.resource import Resource
    from azmlint.sources.snapshot import Snapshot


class Suppressed(NamedTuple):
    """A finding that somebody decided not to act on."""

    finding: Finding
    by: str
    """comment, configuration, baseline or diff-base."""

    reason: str
    until: str | None
    """The last day on which it holds, as `2027-01-31`."""


class UndecidedPair(NamedTuple):
    """A rule that could not judge a resource, and why."""

    rule: str
    resource: Resource
    reason: str
    kind: str
    """The kind of the first reason: parameter, runtime, missing, limit, ..."""

    need: Need | None
    """What would have to be read to decide."""


class Failure(NamedTuple):
    """Something of the run itself that went wrong."""

    path: str | None
    """The file it is about, or None."""

    scope: str | None
    """The rule, pack or Azure scope it is about, or None."""

    stage: str
    """discover, read, judge, fix, write or live."""

    reason: str
    need: Need | None = None
    """What would have to be read instead."""


class Skip(NamedTuple):
    """Something that was left out on purpose."""

    path: str
    stage: str
    """discover, read, configure, or compiled for what is judged in its source."""

    reason: str
    place: Place | None = None

    @property
    def is_gap(self) -> bool:
        """Whether something is not judged because of it."""
        return self.stage != "compiled"


class Report:
    """The result of one run; every format and the exit code are functions of it alone."""

    __slots__ = (
        "deployed_count",
        "documents",
        "editable",
        "estate",
        "failures",
        "findings",
        "is_compared",
        "not_applicable",
        "resource_count",
        "rules",
        "secrets",
        "skipped",
        "snapshot",
        "suppressed",
        "undecided",
    )

    def __init__(self) -> None:
        """Start with nothing to say."""
        self.findings: list[Finding] = []
        """Sorted by path, start and rule."""
        self.suppressed: list[Suppressed] = []
        self.undecided: list[UndecidedPair] = []
        self.failures: list[Failure] = []
        self.skipped: list[Skip] = []
        self.not_applicable: dict[str, list[str]] = {}
        """Facet that was not asked -> the rules that need it."""
        self.rules: dict[str, RuleInfo] = {}
        """Every rule that was selected, and the engine's own, by name."""
        self.documents: Mapping[str, Document] = {}
        """Every file that was read, by path."""
        self.editable: frozenset[str] | None = None
        """The files that fixes may change, by path; None for all that were read."""
        self.resource_count = 0
        self.deployed_count: int | None = None
        """How many deployed resources were judged; None where only files were."""
        self.estate: Estate | None = None
        """All that was read, for formats that draw it."""
        self.snapshot: Snapshot | None = None
        """What was read of what is deployed; None where only files were."""
        self.is_compared = False
        """Whether it is known which findings were there before."""
        self.secrets: list[Place] = []
        """Where secrets are written; no format shows what stands there."""

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked could be read and judged."""
        return not self.failures

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(1 for f in self.findings if f.severity is severity)


class RuleInfo(NamedTuple):
    """What a report says of a rule."""

    name: str
    family: str
    severity: Severity
    summary: str
    """One sentence, without Markdown."""

    help_markdown: str
    help_uri: str
    security_severity: float | None
    kind: str
    """The kind of resource it judges, as messages call it."""

    page: Callable[[], str] | None = None
    """Writes the whole page in Markdown; None where `help_markdown` is all there is."""


class Gate(NamedTuple):
    """What turns a report into an exit code."""

    fail_on: Severity | None = Severity.WARNING
    """The lowest severity that fails; None never fails."""

    undecided_fails: bool = False
    fail_on_skip: bool = False
    exit_zero: bool = False
    """Findings do not fail; an incomplete run still does."""


INCOMPLETE, FINDINGS, CLEAN = 3, 1, 0


def exit_code(report: Report, gate: Gate) -> int:
    """Say how a run ends: 3 incomplete, 1 findings, 0 clean."""
    if not report.is_complete or (gate.fail_on_skip and any(s.is_gap for s in report.skipped)):
        return INCOMPLETE
    if gate.undecided_fails and any(u.kind != "facet" for u in report.undecided):
        return INCOMPLETE
    if gate.exit_zero or gate.fail_on is None:
        return CLEAN
    return FINDINGS if any(f.severity >= gate.fail_on for f in report.findings) else CLEAN
