"""Let rules judge resources, in every world that matters."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from azmlint.engine.report import Failure, UndecidedPair
from azmlint.expressions.term import roots
from azmlint.expressions.truth import Undecided
from azmlint.expressions.worlds import LIMIT
from azmlint.finding import Finding, Severity
from azmlint.model.resources import Workspace

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from azmlint.expressions.truth import Decision
    from azmlint.expressions.worlds import Worlds
    from azmlint.model.estate import Estate
    from azmlint.model.resource import Resource
    from azmlint.rule import Rule

FINDINGS_LIMIT = 10_000
"""How many findings of one rule on one resource are believed; a rule that has more never ends."""

_TOGETHER = 2_000
"""How many resources go through all rules before the next, so that not all is kept at once."""

Taken = dict["Hashable", int]


class _Outcome(NamedTuple):
    """What one rule said of one resource in one world."""

    taken: Taken
    findings: list[Finding]
    undecided: Undecided | None


def judge(
    rules: Iterable[Rule[Any]], estate: Estate, resources: Iterable[Resource], worlds: Worlds
) -> Iterator[Finding | UndecidedPair | Failure]:
    """Call each rule with each resource of its kind.

    One call judges one resource, so that one unknown or one crash never costs another's result.
    """
    every = list(rules)
    waiting = iter(resources)
    try:
        while some := list(islice(waiting, _TOGETHER)):
            yield from _judge_some(every, some, estate, worlds)
            for resource in some:
                if resource.is_deployed:
                    # What was read of it is read again where another's judgement needs it.
                    resource.values.clear()
    finally:
        estate.readable = None
        worlds.enter({})


def _judge_some(
    rules: Iterable[Rule[Any]], resources: Iterable[Resource], estate: Estate, worlds: Worlds
) -> Iterator[Finding | UndecidedPair | Failure]:
    by_kind: dict[type[Resource], list[Resource]] = {}
    for resource in resources:
        for kind in type(resource).__mro__:
            by_kind.setdefault(kind, []).append(resource)
    for rule in rules:
        estate.readable = rule.needs | rule.uses
        for resource in by_kind.get(rule.kind, ()):
            if rule.judges_deployed if resource.is_deployed else rule.judges_declared:
                yield from _judge_one(rule, resource, estate, worlds)


def _judge_one(
    rule: Rule[Any], resource: Resource, estate: Estate, worlds: Worlds
) -> Iterator[Finding | UndecidedPair | Failure]:
    if resource.is_existing:
        return
    outcomes: list[_Outcome] = []
    pending: list[Taken] = [{}]
    decisions: dict[Hashable, Decision] = {}
    try:
        while pending:
            taken = pending.pop(0)
            worlds.enter(taken)
            findings, undecided = _try(rule, resource, estate)
            if undecided is not None:
                fork = next((d for d in undecided.decisions if d.key not in taken), None)
                if fork is not None:
                    room = LIMIT - len(pending) - len(outcomes)
                    if len(fork.options) <= room:
                        decisions[fork.key] = fork
                        pending += [{**taken, fork.key: i} for i in range(len(fork.options))]
                        continue
            elif not taken:
                # One world: nothing to hold findings of several against each other.
                yield from findings
                return
            outcomes.append(_Outcome(taken, findings, undecided))
    except Exception as error:  # noqa: BLE001
        # NOTE: One broken rule must neither stop the others nor pass for a clean result.
        reason = f"{rule.name} on {resource.label}: {type(error).__name__}: {error}"
        yield Failure(resource.path, rule.name, "judge", reason)
        return
    finally:
        worlds.enter({})
    for finding, held in _merged(outcomes):
        if len(held) == len(outcomes):
            yield finding
            continue
        possible = [w for w in held if not _may_contradict(w)]
        if possible:
            finding.worlds = tuple(_described(w, decisions) for w in possible)
            yield finding
        else:
            text = "it rests on conditions that may never hold together: "
            text += "; ".join(d.question for k, d in decisions.items() if k in held[0])
            yield UndecidedPair(rule.name, resource, text, "parameter", None)
    for outcome in outcomes:
        if outcome.undecided is not None and not _is_untouched(resource, outcome.undecided):
            yield _pair(rule, resource, outcome.undecided)
            break


def _is_untouched(resource: Resource, undecided: Undecided) -> bool:
    """Whether a question is about what an update leaves as it is: that is judged elsewhere."""
    return resource.is_update and all(r.kind == "unchanged" for r in undecided.reasons)


def _try(
    rule: Rule[Any], resource: Resource, estate: Estate
) -> tuple[list[Finding], Undecided | None]:
    findings: list[Finding] = []
    try:
        if not resource.exists():
            return findings, None
        if rule.workspace_kinds and isinstance(resource, Workspace):
            flavour = resource.flavour.effective()
            if not flavour.one_of(*rule.workspace_kinds):
                return findings, None
        found: Iterator[object] = rule.check(resource, estate)
        for finding in found:
            # A pack's author may run no type checker.
            if not isinstance(finding, Finding):
                message = f"yielded {type(finding).__name__}, not a finding"
                raise TypeError(message)
            severity: object = finding.severity
            if not isinstance(severity, Severity):
                message = f"gave {type(severity).__name__} where a severity belongs"
                raise TypeError(message)
            if len(findings) == FINDINGS_LIMIT:
                message = f"yielded more than {FINDINGS_LIMIT} findings on one resource"
                raise OverflowError(message)
            findings.append(finding)
    except Undecided as undecided:
        return findings, undecided
    return findings, None


def _merged(outcomes: list[_Outcome]) -> Iterator[tuple[Finding, list[Taken]]]:
    """Give each finding once, with the worlds in which it holds."""
    seen: dict[tuple[str, Severity, int], tuple[Finding, list[Taken]]] = {}
    for outcome in outcomes:
        met: Counter[tuple[str, Severity]] = Counter()
        for finding in outcome.findings:
            place = (finding.route, finding.severity)
            key = (*place, met[place])
            met[place] += 1
            first, held = seen.setdefault(key, (finding, []))
            held.append(outcome.taken)
            if first is not finding:
                _join_fixes(first, finding)
    yield from seen.values()


def _join_fixes(finding: Finding, other: Finding) -> None:
    """Let each fix change what it has to change in another world too.

    Worlds differ in where a value comes from, as each parameter file has its own.
    """
    changes = {fix.title: fix.changes for fix in other.fixes}
    finding.fixes = tuple(
        fix._replace(changes=(*fix.changes, *changes.get(fix.title, ()))) for fix in finding.fixes
    )


def _may_contradict(taken: Taken) -> bool:
    """Whether a world takes two conditions on one unknown, which may exclude each other."""
    seen: set[Hashable] = set()
    for key in taken:
        own = frozenset(roots(key)) if isinstance(key, tuple) and key[0] == "condition" else ()
        if seen.intersection(own):
            return True
        seen.update(own)
    return False


def _described(taken: Taken, decisions: dict[Hashable, Decision]) -> dict[str, str]:
    return {decisions[key].question: decisions[key].options[i] for key, i in taken.items()}


def _pair(rule: Rule[Any], resource: Resource, undecided: Undecided) -> UndecidedPair:
    reasons = undecided.reasons
    text = "; ".join(dict.fromkeys(r.text for r in reasons)) or "not decided"
    need = next((r.need for r in reasons if r.need is not None), None)
    kind = reasons[0].kind if reasons else "unknown"
    return UndecidedPair(rule.name, resource, text, kind, need)
