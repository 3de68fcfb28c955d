"""One run, from documents to a report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from azmlint.engine import packs
from azmlint.engine.deployed import gaps
from azmlint.engine.gather import Facts, Gathered, Inputs, gather
from azmlint.engine.judge import judge
from azmlint.engine.own import OWN_RULES, file_finding, value_findings
from azmlint.engine.report import Failure, Report, RuleInfo, Skip, UndecidedPair
from azmlint.errors import PackError
from azmlint.finding import Finding, Related, Severity
from azmlint.location import Place, Span
from azmlint.model.estate import NOTHING_READ
from azmlint.model.facet import Facet
from azmlint.model.resources import KINDS
from azmlint.model.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from azmlint.engine.deployed import Deployed
    from azmlint.engine.packs import Entry
    from azmlint.engine.policies import OrganisationPolicy
    from azmlint.engine.report import Suppressed
    from azmlint.engine.wire import Outcome
    from azmlint.expressions.term import Term
    from azmlint.expressions.worlds import Worlds
    from azmlint.finding import Fix
    from azmlint.location import Document
    from azmlint.model.facet import Coverages
    from azmlint.model.resource import Resource
    from azmlint.model.value import Property
    from azmlint.rule import Rule
    from azmlint.sources.document import Context, Problem

MOST_STEPS = 20
"""How many commands a fix collects from what a loop repeats."""

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

    apart: frozenset[str] = frozenset()
    """Rules that are judged in a process of their own, because their code is foreign."""

    seconds: float = 60.0
    """How long the rules apart may take, all together."""

    policies: Mapping[str, OrganisationPolicy] = {}
    """The rules that are policy definitions, by name."""


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
    around = surroundings or {}
    report.documents = {**around, **documents}
    findings: list[Finding] = []
    _note_problems(report, findings, problems)
    inputs = Inputs(documents, around, context, facts, deployed)
    gathered = gather(inputs)
    judged, others = gathered.judged, gathered.others
    _note_problems(report, findings, gathered.problems)
    _note_what_was_read(report, gathered, deployed)
    coverages = NOTHING_READ
    if deployed is not None:
        coverages = deployed.snapshot.coverages
        asked = {f for e in selection.rules.values() for f in (*e.needs, *e.uses)}
        report.failures += gaps(deployed.snapshot, asked)
    # What the configuration states of quotas stands for the reading of them.
    stated = frozenset({Facet.USAGES}) if facts.quotas else frozenset()
    entries = _entries_for(judged, selection, report, coverages, stated)
    if deployed is not None and deployed.is_judged:
        report.deployed_count = _count_deployed(judged, entries)
    outcomes, pages = _outcomes(entries, selection, inputs, gathered, report)
    for outcome in outcomes:
        if isinstance(outcome, Finding):
            findings.append(outcome)
        elif isinstance(outcome, UndecidedPair):
            report.undecided.append(outcome)
        else:
            report.failures.append(outcome)
    report.secrets = [
        p for r in [*judged, *others] if not r.is_deployed for p in secrets_of(r, context.worlds)
    ]
    report.secrets += gathered.secrets
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
    for name, entry in selection.rules.items():
        written = pages.get(name) if name in selection.apart else _writer(entry, selection)
        report.rules[name] = _info(entry, written)
    report.rules |= {n: info for n, info in OWN_RULES.items() if n in selection.own}
    return report


def secrets_of(resource: Resource, worlds: Worlds) -> Iterator[Place]:
    """Give the places in which a resource's secrets are written, in whatever world."""
    for declared in type(resource).properties():
        if declared.is_secret:
            ask = partial(_written, declared, resource)
            terms, is_all = worlds.answers(ask)
            for term in terms if is_all else (ask(),):
                if not term.is_absent and term.data is not None:
                    # What is only unknown, and written nowhere, has no trace of its own.
                    yield from term.trace or (() if term.is_unknown else (resource.grip,))


def _written(declared: Property[Any], resource: Resource) -> Term:
    return declared.__get__(resource, type(resource)).term


def _note_problems(report: Report, findings: list[Finding], problems: Iterable[Problem]) -> None:
    for problem in problems:
        finding = file_finding(problem)
        if finding is not None:
            findings.append(finding)
        else:
            place = Place(problem.document, Span(problem.start, problem.end))
            line, column = place.document.position(place.start)
            reason = f"line {line}, column {column}: {problem.message}"
            report.skipped.append(Skip(place.document.path, "read", reason))


def _note_what_was_read(report: Report, gathered: Gathered, deployed: Deployed | None) -> None:
    given = report.documents
    # A module of a file that is judged need not be among the files that were given.
    modules = {r.path: r.grip.document for r in gathered.judged if not r.is_deployed}
    report.documents = {**given, **{p: d for p, d in modules.items() if p not in given}}
    report.resource_count = len(gathered.judged)
    report.estate = gathered.estate
    report.snapshot = deployed.snapshot if deployed is not None else None


def _entries_for(
    resources: Iterable[Resource],
    selection: Selection,
    report: Report,
    coverages: Coverages,
    stated: frozenset[str],
) -> list[Entry]:
    """Choose the rules that have something to judge; count those that lack a facet."""
    present = {
        (kind.__name__, "deployed" if r.is_deployed else "declared")
        for r in resources
        for kind in type(r).__mro__
    }
    found = []
    for name, entry in selection.rules.items():
        missing = [f for f in entry.needs if not coverages.asked(f) and f not in stated]
        for facet in missing:
            report.not_applicable.setdefault(facet, []).append(name)
        if not missing and any((entry.kind, view) in present for view in entry.judges):
            found.append(entry)
    return found


def _count_deployed(resources: Iterable[Resource], entries: Iterable[Entry]) -> int:
    """Count those that some rule judges: what else a snapshot holds makes no difference."""
    kinds = {entry.kind for entry in entries if "deployed" in entry.judges}
    return sum(
        r.is_deployed and any(kind.__name__ in kinds for kind in type(r).__mro__) for r in resources
    )


def _outcomes(
    entries: list[Entry], selection: Selection, inputs: Inputs, gathered: Gathered, report: Report
) -> tuple[list[Outcome], Mapping[str, Callable[[], str]]]:
    """Give what rules say, and the pages of the rules that are judged apart."""
    outcomes: list[Outcome] = []
    pages: Mapping[str, Callable[[], str]] = {}
    apart = [e for e in entries if e.name in selection.apart]
    if apart:
        from azmlint.engine.foreign import judge_apart  # noqa: PLC0415  # few runs have any

        # NOTE: before our own, because the inputs go as they are before a rule has read of them.
        found = judge_apart(apart, selection.options, inputs, gathered, selection.seconds)
        outcomes, pages = found.outcomes, found.pages
    rules = _made([e for e in entries if e.name not in selection.apart], selection, report)
    own = judge(rules, gathered.estate, gathered.judged, inputs.context.worlds)
    return [*outcomes, *own], pages


def _made(entries: Iterable[Entry], selection: Selection, report: Report) -> list[Rule[Any]]:
    rules: list[Rule[Any]] = []
    for entry in entries:
        policy = selection.policies.get(entry.name)
        if policy is not None:
            rules.append(policy)
            continue
        try:
            rules.append(packs.make(entry, selection.options.get(entry.name)))
        except PackError as error:
            report.failures.append(Failure(None, entry.name, "load", str(error)))
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
    messages: dict[tuple[object, ...], list[str]] = {}
    for finding in findings:
        place = finding.place
        spot = (
            finding.rule,
            place.document.path,
            place.rank,
            finding.route,
            finding.severity,
            # The item of a list, or the argument of a module, is another value than the next one.
            tuple((p.document.path, p.rank) for p in finding.on.trace),
            _value(finding),
        )
        # What a rule says of one resource in several findings is no repetition.
        said = messages.setdefault((*spot, id(finding.resource)), [])
        if finding.message in said:
            continue
        said.append(finding.message)
        other = first.setdefault((*spot, len(said)), finding)
        _say_calls(other, finding)
        if other is finding or finding.resource is None or other.resource is None:
            continue
        label = _distinct_label(finding.resource, other.resource)
        if label is not None:
            also = Related(finding.resource.grip, f"also {label}", finding.resource)
            if also.message not in {r.message for r in other.related}:
                other.related = (*other.related, also)
                if finding.resource.id.name is not None:
                    other.fixes = _with_steps(other.fixes, finding.fixes)
        if other.worlds is not None and finding.worlds is None:
            other.worlds = None
    return list(first.values())


def _value(finding: Finding) -> object:
    """Give what a loop may have worked out differently each time; names differ by nature."""
    on = finding.on
    if not isinstance(on, Value) or finding.route in {"", "name"}:
        return None
    return on.term.data if isinstance(on.term.data, (str, int, float)) else None


def _say_calls(finding: Finding, other: Finding) -> None:
    """Name the calls of the module that declares what is found, where its trace does not."""
    calls = other.resource.uses if other.resource is not None else ()
    known = {id(c.document) for c in calls}
    if not calls or any(id(p.document) in known for p in other.on.trace):
        return
    named = {(r.place.document.path, r.place.rank) for r in finding.related}
    found = [Related(calls[0], "the module that declares it is used here")]
    found += [Related(place, "and that one here") for place in calls[1:]]
    new = [r for r in found if (r.place.document.path, r.place.rank) not in named]
    finding.related = (*finding.related, *new)


def _distinct_label(resource: Resource, other: Resource) -> str | None:
    """Name a resource apart from another; None when nothing known tells them apart."""
    if resource.label != other.label:
        return resource.label
    name = resource.id.parent.name
    if name is None or name == other.id.parent.name:
        return None
    return f"{resource.label} of '{name}'"


def _with_steps(fixes: tuple[Fix, ...], more: tuple[Fix, ...]) -> tuple[Fix, ...]:
    """Add the commands of the same fixes of another resource, up to as many as one reads."""
    steps = {fix.title: fix.steps for fix in more}
    return tuple(
        fix._replace(steps=tuple(dict.fromkeys(fix.steps + steps.get(fix.title, ()))))
        if len(fix.steps) < MOST_STEPS
        else fix
        for fix in fixes
    )


def _is_shown(finding: Finding, selection: Selection) -> bool:
    return (
        finding.severity > Severity.NOTE
        or selection.notes is None
        or finding.rule in selection.notes
    )


def _order(finding: Finding) -> tuple[str, tuple[int | str, ...], str, str]:
    place = finding.place
    return (place.document.path, place.rank, finding.rule, finding.message)


def _undecided_order(pair: UndecidedPair) -> tuple[str, int, str, str]:
    resource = pair.resource
    # What is deployed stands alone in its document, of which no text is made only to sort.
    start = 0 if resource.is_deployed else resource.grip.start
    return (resource.path, start, pair.rule, pair.reason)


def _info(entry: Entry, page: Callable[[], str] | None) -> RuleInfo:
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
        page=page,
    )


def _writer(entry: Entry, selection: Selection) -> Callable[[], str]:
    policy = selection.policies.get(entry.name)
    return policy.page if policy is not None else partial(_page, entry)


def _page(entry: Entry) -> str:
    from azmlint.catalog import page  # noqa: PLC0415  # few formats show pages

    return page(packs.load(entry))


__all__ = ["Facts", "Selection", "run"]
