"""A plan as text for a reader, or as JSON for programs (docs/plan.schema.json)."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, Final

from azmlint.report.escape import printable
from azmlint.report.summary import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.remediate.plan import Plan, Planned, Reason

VERSION: Final = 1


def _text(plan: Plan) -> str:
    return "".join(f"{printable(line)}\n" for line in _lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    for number, step in enumerate(plan.steps, 1):
        yield f"{number}. {step.title}"
        for reason in step.reasons:
            yield f"   because {_said(reason)}"
        for check in step.checks:
            yield f"   if still {check.expected}: {shlex.join(check.argv)}"
        yield f"   $ {shlex.join(step.argv)}"
        back = shlex.join(step.undo) if step.undo is not None else "no command takes it back"
        yield f"   undo: {back}"
        yield f"   risk: {step.risk}; takes {', '.join(step.needs)}"
        if step.brings is None:
            yield "   what is found after it was not tried"
        for reason in step.brings or ():
            yield f"   brings {_said(reason)}"
        yield ""
    for held in plan.held:
        yield f"left out: {held.title}: {held.why}"
        yield f"   for {_said(held.reason)}"
    for reason in plan.without:
        yield f"no command: {_said(reason)}"
    if plan.held or plan.without:
        yield ""
    yield (
        f"{counted(len(plan.steps), 'step')}; "
        f"{len(plan.held)} left out; {len(plan.without)} without a command"
    )


def _said(reason: Reason) -> str:
    return f"{reason.severity.level}[{reason.rule}] {reason.message} ({reason.resource})"


def _json(plan: Plan) -> str:
    data = {
        "version": VERSION,
        "taken": plan.taken.isoformat().replace("+00:00", "Z"),
        "steps": [_step(n, s) for n, s in enumerate(plan.steps, 1)],
        "left_out": [
            {"title": h.title, "why": h.why, "finding": _reason(h.reason)} for h in plan.held
        ],
        "without_command": [_reason(r) for r in plan.without],
    }
    return json.dumps(data, indent=2) + "\n"


def _step(number: int, step: Planned) -> dict[str, Any]:
    return {
        "number": number,
        "title": step.title,
        "findings": [_reason(r) for r in step.reasons],
        "trust": step.trust.level,
        "risk": step.risk,
        "preconditions": [{"argv": list(c.argv), "expected": c.expected} for c in step.checks],
        "command": list(step.argv),
        "undo": list(step.undo) if step.undo is not None else None,
        "needs": list(step.needs),
        "brings": None if step.brings is None else [_reason(r) for r in step.brings],
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {
        "rule": reason.rule,
        "severity": reason.severity.level,
        "resource": reason.resource,
        "message": reason.message,
    }


FORMATS: Final[dict[str, Callable[[Plan], str]]] = {"text": _text, "json": _json}
"""Every way to write a plan."""
