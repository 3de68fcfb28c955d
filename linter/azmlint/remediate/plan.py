"""Ordered steps over all findings of what is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.finding import Applicability
from azmlint.remediate import command
from azmlint.remediate.command import Phase, Update
from azmlint.remediate.evidence import Recorded

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from azmlint.engine.report import Report
    from azmlint.finding import Finding, Fix, Severity, Step
    from azmlint.remediate.evidence import Check
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


def plan(report: Report, snapshot: Snapshot, *, allow_recreate: bool = False) -> Plan:
    """Order the commands that cure the findings of an audit.

    A fix is taken whole or not at all; of several fixes of one finding the first that can be run.
    """
    recorded = Recorded(snapshot)
    held: list[Held] = []
    without: list[Reason] = []
    taken: list[Planned] = []
    ordered = sorted(report.findings, key=lambda f: -f.severity)
    for finding in ordered:
        reason = _reason(finding)
        fixes = [fix for fix in finding.fixes if fix.steps]
        if not fixes:
            without.append(reason)
            continue
        refused: list[Held] = []
        for fix in fixes:
            why = _unfit(fix, allow_recreate=allow_recreate)
            steps = list(_steps(fix, finding, reason, recorded)) if why is None else []
            if why is None and len(steps) < len(fix.steps):
                why = "the snapshot does not hold what it rests on"
            joined = _joined(taken, steps) if why is None else why
            if isinstance(joined, list):
                taken = joined
                break
            refused.append(Held(fix.title, reason, joined))
        else:
            held += refused
    in_order = sorted(taken, key=lambda step: step.phase)
    return Plan(
        snapshot.taken, tuple(_after_freeing(in_order, recorded)), tuple(held), tuple(without)
    )


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
