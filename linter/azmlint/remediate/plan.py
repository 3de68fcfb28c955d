"""Ordered steps over all findings of what is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.finding import Applicability, Severity
from azmlint.remediate import command
from azmlint.remediate.command import Phase, Update
from azmlint.remediate.evidence import Recorded
from azmlint.remediate.outlook import Cure, Outlook, is_tried

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from azmlint.engine.report import Report
    from azmlint.finding import Finding, Fix, Step
    from azmlint.remediate.evidence import Check
    from azmlint.remediate.outlook import Brought
    from azmlint.sources.snapshot import Snapshot


class Reason(NamedTuple):
    """A finding that a step is for."""

    rule: str
    severity: Severity
    resource: str
    """The id."""

    message: str


class Planned(NamedTuple):
    """One command, what has to be so before it, and what takes it back."""

    title: str
    reasons: tuple[Reason, ...]
    phase: Phase
    trust: Applicability
    checks: tuple[Check, ...]
    argv: tuple[str, ...]
    undo: tuple[str, ...] | None
    needs: tuple[str, ...]
    """The permissions that it takes."""

    brings: tuple[Reason, ...] | None = None
    """What is found only after it; None where that could not be tried on the snapshot."""

    @property
    def risk(self) -> str:
        """Say in words what may come of it."""
        if self.phase is Phase.REPLACE:
            return "deletes something for good"
        if self.phase is Phase.FREE:
            return "what the lock kept from deletion can be deleted until it is locked again"
        if self.phase is Phase.KEEP:
            return "it cannot be deleted until it is unlocked"
        if self.undo is None:
            return "no command takes it back"
        if self.trust is Applicability.SAFE:
            return "what is deployed stays as it is"
        return "may change how work runs"


class Held(NamedTuple):
    """A fix that is not in the plan."""

    title: str
    reason: Reason
    why: str


class Plan(NamedTuple):
    """What is to be done, in order, and what is left to people."""

    taken: dt.datetime
    """When the snapshot was begun."""

    steps: tuple[Planned, ...]
    held: tuple[Held, ...]
    without: tuple[Reason, ...]
    """Findings for which there is no command."""


def plan(
    report: Report,
    snapshot: Snapshot,
    judge: Callable[[Snapshot], Report],
    *,
    lowest: Severity = Severity.NOTE,
    allow_recreate: bool = False,
) -> Plan:
    """Order the commands that cure the findings of an audit, from the worst to the `lowest`.

    A fix is taken whole or not at all; of several fixes of one finding the first that can be run.
    The snapshot is judged again as it would be afterwards: a fix from which something as bad comes
    as what it cures is left out.
    """
    found = [f for f in report.findings if f.severity >= lowest]
    findings = sorted(found, key=lambda f: -f.severity)
    planner = _Planner(findings, Recorded(snapshot), allow_recreate=allow_recreate)
    outlook = Outlook(snapshot, report, judge)
    while True:
        chosen = planner.choose()
        brought = outlook.brought(chosen.cures)
        harm = {cure: b.finding for b in brought if (cure := _harmful(b)) is not None}
        if not harm:
            break
        planner.refuse(harm)
    in_order = sorted(chosen.steps, key=lambda step: step.phase)
    steps = _after_freeing(in_order, planner.recorded)
    return Plan(
        snapshot.taken,
        tuple(_with_outlook(step, chosen.cures, brought) for step in steps),
        chosen.held,
        chosen.without,
    )


class _Chosen(NamedTuple):
    steps: tuple[Planned, ...]
    cures: tuple[Cure, ...]
    held: tuple[Held, ...]
    without: tuple[Reason, ...]


class _Planner:
    """Chooses fixes that go together."""

    def __init__(
        self, findings: list[Finding], recorded: Recorded, *, allow_recreate: bool
    ) -> None:
        """Choose for findings, in their order."""
        self.recorded = recorded
        self._findings = findings
        self._allow_recreate = allow_recreate
        self._harm: dict[tuple[int, int], Finding] = {}
        """By finding and fix, what would come of it."""

    def refuse(self, harm: Mapping[Cure, Finding]) -> None:
        """Leave out fixes from now on, because of what comes of them."""
        self._harm |= {(id(cure.finding), id(cure.fix)): found for cure, found in harm.items()}

    def choose(self) -> _Chosen:
        """Choose for each finding the first fix that can be run and goes with the others."""
        held: list[Held] = []
        without: list[Reason] = []
        taken: list[Planned] = []
        cures: list[Cure] = []
        for finding in self._findings:
            reason = _reason(finding)
            fixes = [fix for fix in finding.fixes if fix.steps]
            if not fixes:
                without.append(reason)
                continue
            refused: list[Held] = []
            for fix in fixes:
                joined = self._with(taken, Cure(finding, fix), reason)
                if isinstance(joined, list):
                    taken = joined
                    cures.append(Cure(finding, fix))
                    break
                refused.append(Held(fix.title, reason, joined))
            else:
                held += refused
        return _Chosen(tuple(taken), tuple(cures), tuple(held), tuple(without))

    def _with(self, taken: list[Planned], cure: Cure, reason: Reason) -> list[Planned] | str:
        """Give the steps with those of a fix, or say why it is left out."""
        finding, fix = cure
        harm = self._harm.get((id(finding), id(fix)))
        if harm is not None:
            level, on = harm.severity.level, harm.place.document.path
            return f"{level}[{harm.rule}] on {on} would come of it: {harm.message}"
        why = _unfit(fix, allow_recreate=self._allow_recreate)
        if why is not None:
            return why
        steps = list(_steps(fix, finding, reason, self.recorded))
        if len(steps) < len(fix.steps):
            return "the snapshot does not hold what it rests on"
        return _joined(taken, steps)


def _harmful(brought: Brought) -> Cure | None:
    """Give the fix to leave out because of what it brings; None where it cures something worse.

    Where several bring it together, the last is left out, which cures the least.
    """
    severity = brought.finding.severity
    if any(cure.finding.severity > severity for cure in brought.of):
        return None
    return brought.of[-1]


def _with_outlook(step: Planned, cures: Iterable[Cure], brought: Iterable[Brought]) -> Planned:
    """Say what is found only after a step, as far as that was tried."""
    own = [c for c in cures if _reason(c.finding) in step.reasons]
    if not all(map(is_tried, own)):
        return step
    found = [_reason(b.finding) for b in brought if any(c in own for c in b.of)]
    return step._replace(brings=tuple(dict.fromkeys(found)))


def _after_freeing(steps: Iterable[Planned], recorded: Recorded) -> Iterator[Planned]:
    """Expect of items what they have once the locks that the plan takes away are gone."""
    freed: set[str] = set()
    for step in steps:
        if command.verbs(step.argv) == ("az", "lock", "delete"):
            freed.add(step.argv[-1].casefold())
        item = command.locked_item(step.argv)
        check = recorded.of_item(item, frozenset(freed)) if item is not None else None
        yield step if check is None else step._replace(checks=(check,))


def _reason(finding: Finding) -> Reason:
    return Reason(finding.rule, finding.severity, finding.place.document.path, finding.message)


def _unfit(fix: Fix, *, allow_recreate: bool) -> str | None:
    blanks = dict.fromkeys(blank for step in fix.steps for blank in command.blanks(step.argv))
    if any(command.is_destructive(step) for step in fix.steps) and not allow_recreate:
        return "it deletes something for good: --allow-recreate lets it into the plan"
    if blanks:
        return f"somebody has to say what {', '.join(blanks)} is"
    return None


def _steps(fix: Fix, finding: Finding, reason: Reason, recorded: Recorded) -> Iterator[Planned]:
    is_replacing = any(command.is_destructive(step) for step in fix.steps)
    for step in fix.steps:
        item = command.locked_item(step.argv)
        check = recorded.of(finding) if item is None else recorded.of_item(item)
        if check is None:
            return
        yield Planned(
            _title(step, fix),
            (reason,),
            command.phase(step, is_replacing=is_replacing),
            fix.applicability,
            (check,),
            step.argv,
            step.undo,
            (step.needs,),
        )


def _title(step: Step, fix: Fix) -> str:
    item = command.locked_item(step.argv)
    if item is not None:
        return f"lock {item.rpartition('/')[2]}"
    if command.verbs(step.argv) == ("az", "lock", "delete"):
        return f"take away the lock {step.argv[-1].rpartition('/')[2]}"
    return fix.title


def _joined(taken: list[Planned], steps: Iterable[Planned]) -> list[Planned] | str:
    """Add steps to those that are taken, or say why they do not go together."""
    result = list(taken)
    for step in steps:
        at = next((i for i, other in enumerate(result) if _is_one(other, step)), None)
        opposed = next((o for o in result if step.argv == o.undo or o.argv == step.undo), None)
        if opposed is not None:
            return f"it takes back what another step does: {opposed.title}"
        if at is None:
            rival = next((o for o in taken if set(o.checks) & set(step.checks)), None)
            if rival is not None:
                return f"another step changes what it rests on: {rival.title}"
            result.append(step)
            continue
        merged = _merged(result[at], step)
        if isinstance(merged, str):
            return merged
        result[at] = merged
    return result


def _is_one(one: Planned, other: Planned) -> bool:
    """Whether two steps are one command, or can be made one."""
    if one.argv == other.argv:
        return True
    first, second = command.taken_apart(one.argv), command.taken_apart(other.argv)
    return first is not None and second is not None and first.base == second.base


def _merged(one: Planned, other: Planned) -> Planned | str:
    argv, undo = one.argv, one.undo
    title = one.title
    if one.argv != other.argv:
        first, second = command.taken_apart(one.argv), command.taken_apart(other.argv)
        if first is None or second is None:
            return "another step changes the same"
        values = dict(first.options)
        for option, value in second.options:
            if values.setdefault(option, value) != value:
                return f"another step sets {option} to {' '.join(values[option])}: {one.title}"
        argv = command.spelled(Update(first.base, tuple(sorted(values.items()))))
        undo = _undone(one, other)
        if other.title not in title:
            title = f"{title}; {other.title}"
    return one._replace(
        title=title,
        argv=argv,
        undo=undo,
        trust=min(one.trust, other.trust),
        reasons=tuple(dict.fromkeys((*one.reasons, *other.reasons))),
        checks=tuple(dict.fromkeys((*one.checks, *other.checks))),
        needs=tuple(dict.fromkeys((*one.needs, *other.needs))),
    )


def _undone(one: Planned, other: Planned) -> tuple[str, ...] | None:
    back, more = command.taken_apart(one.undo or ()), command.taken_apart(other.undo or ())
    if back is None or more is None:
        return None
    options = dict(more.options) | dict(back.options)
    return command.spelled(Update(back.base, tuple(sorted(options.items()))))
