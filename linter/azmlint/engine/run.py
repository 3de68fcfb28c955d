"""One run, from documents to a report."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from azmlint.engine import packs
from azmlint.engine.deployed import gaps, split
from azmlint.engine.judge import judge
from azmlint.engine.own import OWN_RULES, file_finding, value_findings
from azmlint.engine.report import Failure, Report, RuleInfo, Skip, UndecidedPair
from azmlint.errors import PackError
from azmlint.finding import Finding, Related, Severity
from azmlint.model.estate import NOTHING_READ, Estate
from azmlint.model.resources import KINDS
from azmlint.sources import load

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from azmlint.engine.deployed import Deployed
    from azmlint.engine.packs import Entry
    from azmlint.engine.report import Suppressed
    from azmlint.location import Document, Place
    from azmlint.model.facet import Coverages
    from azmlint.model.resource import Resource
    from azmlint.rule import Rule
    from azmlint.sources.document import Context, Problem

_KIND_BY_NAME = {kind.__name__: kind for kind in KINDS}


class Selection(NamedTuple):
    """Which rules run, and how strictly."""

    rules: Mapping[str, Entry]
    """By name, in the order of names."""

    own: frozenset[str] = frozenset(OWN_RULES)
    """The engine's own rules that report."""

    options: Mapping[str, Mapping[str, object]] = {}
    severities: Mapping[str, Severity] = {}
    notes: frozenset[str] | None = None
    """Rules of which notes are reported; None reports every note."""


class Suppress(Protocol):
    """What moves findings that somebody decided not to act on."""

    def __call__(
        self,
        findings: list[Finding],
        documents: Mapping[str, Document],
        undecided: Collection[tuple[str, str]],
        /,
    ) -> tuple[list[Finding], list[Suppressed], list[Finding]]:
        """Give what stays, what is suppressed, and findings about suppressions.

        `undecided` are the rule and path of what could not be judged.
        """
        ...


class Facts(NamedTuple):
    """What the configuration says about the estate."""

    is_complete: bool = False
    production_tags: tuple[tuple[str, str | None], ...] = ()
    production_names: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    """Resources that the configuration describes."""

    today: dt.date | None = None
    """The day that decides what is past; None for the clock's."""


NO_FACTS = Facts()


def run(
    documents: Mapping[str, Document],
    context: Context,
    selection: Selection,
    *,
    surroundings: Mapping[str, Document] | None = None,
    facts: Facts = NO_FACTS,
    suppress: Suppress | None = None,
    problems: Iterable[Problem] = (),
    deployed: Deployed | None = None,
) -> Report:
    """Judge `documents`; `surroundings` are read too, but nothing in them is reported.

    `problems` are those of files that were found but not read, `deployed` is what is there.
    """
    report = Report()
    report.documents = {**(surroundings or {}), **documents}
    findings: list[Finding] = []
    _note_problems(report, findings, problems)
    judged, others = _read(report, documents, context, findings)
    others += facts.resources
    coverages = NOTHING_READ
    if deployed is not None:
        coverages = deployed.snapshot.coverages
        found, around_it = _deployed(deployed, judged)
        others = [*_not_deployed(others, [*found, *around_it]), *around_it]
        judged += found
        report.deployed_count = len(found) if deployed.is_judged else 0
        asked = {f for e in selection.rules.values() for f in (*e.needs, *e.uses)}
        report.failures += gaps(coverages, asked)
    report.resource_count = len(judged)
    estate = Estate(
        [*judged, *others],
        today=facts.today or today(),
        now=deployed.snapshot.taken if deployed is not None else None,
        coverages=coverages,
        is_complete=facts.is_complete,
        production_tags=facts.production_tags,
        production_names=facts.production_names,
    )
    rules = _rules_for(judged, selection, report, coverages)
    for outcome in judge(rules, estate, judged, context.worlds):
        if isinstance(outcome, Finding):
            findings.append(outcome)
        elif isinstance(outcome, UndecidedPair):
            report.undecided.append(outcome)
        else:
            report.failures.append(outcome)
    report.secrets = [p for r in [*judged, *others] if not r.is_deployed for p in _secrets(r)]
    if "property-value-invalid" in selection.own:
        for resource in judged:
            if not resource.is_deployed:
                findings += value_findings(resource)
    findings = [f for f in findings if f.rule in selection.rules or f.rule in selection.own]
    findings = _without_superseded(findings, selection)
    findings = _without_repeats(findings)
    for finding in findings:
        finding.severity = selection.severities.get(finding.rule, finding.severity)
    if suppress is not None:
        undecided = {(u.rule, u.resource.path) for u in report.undecided}
        findings, suppressed, extra = suppress(findings, report.documents, undecided)
        findings += [f for f in extra if f.rule in selection.own]
        report.suppressed = [s for s in suppressed if _is_shown(s.finding, selection)]
    findings = [f for f in findings if _is_shown(f, selection)]
    report.findings = sorted(findings, key=_order)
    report.suppressed.sort(key=lambda s: _order(s.finding))
    report.undecided.sort(key=_undecided_order)
    report.rules = {name: _info(entry) for name, entry in selection.rules.items()}
    report.rules |= {n: info for n, info in OWN_RULES.items() if n in selection.own}
    return report


def _read(
    report: Report, judged: Collection[str], context: Context, findings: list[Finding]
) -> tuple[list[Resource], list[Resource]]:
    """Give the resources of the documents to be judged, and those of the others."""
    found: list[Resource] = []
    others: list[Resource] = []
    for path in sorted(report.documents):
        reading = load.read(report.documents[path], context)
        if path in judged:
            found += reading.resources
            _note_problems(report, findings, reading.problems)
        else:
            others += reading.resources
    return found, others


def _deployed(
    deployed: Deployed, declared: list[Resource]
) -> tuple[list[Resource], list[Resource]]:
    """Give what of the deployed is judged, and what only surrounds it."""
    if deployed.is_judged:
        return list(deployed.snapshot.resources()), []
    return split(deployed.snapshot.resources(), declared)


def _not_deployed(described: list[Resource], deployed: list[Resource]) -> list[Resource]:
    """Drop what the configuration describes and the service has answered for itself."""
    answered = {r.id.key for r in deployed}
    return [r for r in described if r.id.key not in answered]


def _secrets(resource: Resource) -> Iterator[Place]:
    for declared in type(resource).properties():
        if declared.is_secret:
            value = declared.__get__(resource, type(resource))
            if not value.is_absent:
                yield from value.trace


def _note_problems(report: Report, findings: list[Finding], problems: Iterable[Problem]) -> None:
    for problem in problems:
        finding = file_finding(problem)
        if finding is not None:
            findings.append(finding)
        else:
            line, column = problem.document.position(problem.start)
            reason = f"line {line}, column {column}: {problem.message}"
            report.skipped.append(Skip(problem.document.path, "read", reason))


def _rules_for(
    resources: Iterable[Resource], selection: Selection, report: Report, coverages: Coverages
) -> list[Rule[Any]]:
    present = {
        (kind.__name__, "deployed" if r.is_deployed else "declared")
        for r in resources
        for kind in type(r).__mro__
    }
    rules = []
    for name, entry in selection.rules.items():
        missing = [facet for facet in entry.needs if not coverages.asked(facet)]
        for facet in missing:
            report.not_applicable.setdefault(facet, []).append(name)
        if missing or not any((entry.kind, view) in present for view in entry.judges):
            continue
        try:
            rules.append(packs.make(entry, selection.options.get(name)))
        except PackError as error:
            report.failures.append(Failure(None, name, "load", str(error)))
    return rules


def _without_superseded(findings: list[Finding], selection: Selection) -> list[Finding]:
    dropped: set[tuple[str, int]] = set()
    for finding in findings:
        entry = selection.rules.get(finding.rule)
        for weaker in entry.supersedes if entry is not None else ():
            dropped.add((weaker, id(finding.resource)))
    return [f for f in findings if (f.rule, id(f.resource)) not in dropped]


def _without_repeats(findings: list[Finding]) -> list[Finding]:
    """Report what a loop repeats once, naming the other resources as related."""
    first: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        place = finding.place
        key = (
            finding.rule,
            place.document.path,
            place.start,
            place.end,
            finding.route,
            finding.severity,
        )
        other = first.setdefault(key, finding)
        if other is finding or finding.resource is None or other.resource is None:
            continue
        if finding.resource.label != other.resource.label:
            also = Related(
                finding.resource.grip, f"also {finding.resource.label}", finding.resource
            )
            if also.message not in {r.message for r in other.related}:
                other.related = (*other.related, also)
        if other.worlds is not None and finding.worlds is None:
            other.worlds = None
    return list(first.values())


def _is_shown(finding: Finding, selection: Selection) -> bool:
    return (
        finding.severity > Severity.NOTE
        or selection.notes is None
        or finding.rule in selection.notes
    )


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    place = finding.place
    return (place.document.path, place.start, place.end, finding.rule, finding.message)


def _undecided_order(pair: UndecidedPair) -> tuple[str, int, str, str]:
    resource = pair.resource
    # What is deployed stands alone in its document, of which no text is made only to sort.
    start = 0 if resource.is_deployed else resource.grip.start
    return (resource.path, start, pair.rule, pair.reason)


def _info(entry: Entry) -> RuleInfo:
    kind = _KIND_BY_NAME.get(entry.kind)
    return RuleInfo(
        name=entry.name,
        family=entry.family,
        severity=entry.severity,
        summary=entry.summary,
        help_markdown="",
        help_uri=entry.help_uri,
        security_severity=entry.security_severity,
        kind=kind.kind if kind is not None else entry.kind,
        page=partial(_page, entry),
    )


def _page(entry: Entry) -> str:
    from azmlint.catalog import page  # noqa: PLC0415  # few formats show pages

    return page(packs.load(entry))


def today(now: dt.datetime | None = None) -> dt.date:
    """Give the day that decides what is past; the one place in which the clock enters."""
    return (now or dt.datetime.now(dt.UTC)).date()
