"""A diagnosis as text, JSON and Mermaid."""

from __future__ import annotations

import json as plain_json
import re
import shlex
from typing import TYPE_CHECKING, Any, Final

from azmlint.finding import Severity
from azmlint.report import json
from azmlint.report.escape import printable
from azmlint.report.records import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.engine.diagnose import Cause, Diagnosis, Node
    from azmlint.engine.passage import Passage
    from azmlint.finding import Finding
    from azmlint.report.options import ReportOptions
    from azmlint.report.records import Record

VERSION = 1

_NEXT: Final = (
    "; no rule sees into the service: ask for its own diagnosis with --with-service-diagnose, "
    "then for support"
)

_COUNTS: Final = (
    "idle_nodes",
    "running_nodes",
    "preparing_nodes",
    "unusable_nodes",
    "leaving_nodes",
    "preempted_nodes",
)


def write(form: str, diagnosis: Diagnosis, options: ReportOptions) -> str:
    """Write a diagnosis in one of FORMATS."""
    return FORMATS[form](diagnosis, options)


def _records(diagnosis: Diagnosis) -> Callable[[Finding], Record]:
    every = {id(r.finding): r for r in Records(diagnosis.report, Severity.NOTE).found}
    return lambda finding: every[id(finding)]


def _state(diagnosis: Diagnosis) -> dict[str, Any]:
    """Give what the compute says of itself, as plain data."""
    compute = diagnosis.compute
    names = (
        "provisioning_state",
        "allocation_state",
        "current_nodes",
        "target_nodes",
        "min_nodes",
        "max_nodes",
        "size",
        "tier",
    )
    found: dict[str, Any] = {}
    for name in (*names, *_COUNTS):
        value = getattr(compute, name, None)
        found[name] = value.known if value is not None else None
    since = getattr(compute, "allocation_since", None)
    found["since"] = since.known.isoformat() if since is not None and since.known else None
    return found


# Text


def _text(diagnosis: Diagnosis, options: ReportOptions) -> str:
    return "".join(f"{line}\n" for line in _lines(diagnosis, options))


def _lines(diagnosis: Diagnosis, options: ReportOptions) -> Iterator[str]:
    def paint(code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if options.color else text

    compute = diagnosis.compute
    group = compute.id.group
    where = f" in resource group '{group.name}'" if group is not None else ""
    title = f"{compute.label} of workspace '{compute.id.parent.name}'{where}"
    yield paint("1", printable(title))
    yield f"  {printable(_state_line(_state(diagnosis)))}"
    yield f"  as of {diagnosis.taken:%Y-%m-%d %H:%M} UTC"
    yield ""
    yield paint("1", "symptoms")
    if not diagnosis.symptoms:
        yield "  none: its state is what it should be"
    for finding in diagnosis.symptoms:
        yield f"  {_head(finding, paint)}"
    yield ""
    yield paint("1", "causes, the likeliest first" if diagnosis.symptoms else "what could stop it")
    if not diagnosis.causes and not diagnosis.refusals:
        yield f"  none found{_NEXT if diagnosis.symptoms and diagnosis.is_complete else ''}"
    yield from _causes(diagnosis, paint)
    more = (
        ("what the service says of the workspace", diagnosis.opinions),
        ("also found, explaining nothing of this", diagnosis.others),
    )
    for title, findings in more:
        if findings:
            yield ""
            yield paint("1", title)
            yield from (f"  {_head(finding, paint)}" for finding in findings)
    if diagnosis.passages:
        yield ""
        yield paint("1", "traffic that its nodes need, and what decides on it")
        yield from (f"  {printable(_passage(p))}" for p in diagnosis.passages)
    if diagnosis.ruled_out:
        yield ""
        yield paint("1", "ruled out")
        yield f"  {', '.join(diagnosis.ruled_out)}"
    if diagnosis.unread or diagnosis.failures:
        yield ""
        yield paint("1;31", "could not be judged")
        for unread in diagnosis.unread:
            yield f"  {unread.rule}: {printable(unread.reason)}"
            if unread.need is not None and unread.need.permission:
                scope = printable(unread.need.scope or "")
                yield f"    it takes {unread.need.permission} on {scope}"
        for failure in diagnosis.failures:
            yield f"  {printable(failure.scope or failure.path or '')}: {printable(failure.reason)}"


def _passage(passage: Passage) -> str:
    ends = "from" if passage.direction == "in" else "to"
    by = f" by {', '.join(passage.decided_by)}" if passage.decided_by else ", no security group"
    route = f"; route {' or '.join(passage.routes)}" if passage.routes else ""
    reason = f": {passage.reason}" if passage.reason else ""
    beyond = f"; {'; '.join(passage.beyond)}" if passage.beyond else ""
    return f"{ends} {passage.service} {passage.verdict}{by}{route}{beyond}{reason}"


def _causes(diagnosis: Diagnosis, paint: Callable[[str, str], str]) -> Iterator[str]:
    record = _records(diagnosis)
    for number, cause in enumerate(diagnosis.causes, 1):
        yield f"  {number}. {_head(cause.finding, paint)}"
        if cause.code:
            yield f"     the service says so itself: {printable(cause.code)}"
        if len(cause.path) > 1:
            yield f"     {printable(_evidence(cause.path))}"
        yield from _cure(record(cause.finding), cause)
    for number, refusal in enumerate(diagnosis.refusals, len(diagnosis.causes) + 1):
        said = " ".join(f"{refusal.code}: {refusal.message}".split()).rstrip(": .")
        yield f"  {number}. the service says {printable(said)}"
        yield f"     in what was read none of these shows it: {', '.join(refusal.rules)}"


def _head(finding: Finding, paint: Callable[[str, str], str]) -> str:
    level = finding.severity.level
    tag = paint("1", f"{level}[{finding.rule}]")
    return f"{tag} {printable(finding.message)}"


def _state_line(state: dict[str, Any]) -> str:
    parts: list[str] = []
    if state["allocation_state"]:
        parts.append(f"{state['allocation_state'].lower()} {_nodes(state)} nodes")
        if state["since"]:
            parts.append(f"since {state['since'][:16].replace('T', ' ')}")
    elif state["provisioning_state"]:
        parts.append(f"provisioning: {state['provisioning_state']}")
    parts += [f"{state[n]} {n.removesuffix('_nodes')}" for n in _COUNTS if state[n]]
    if state["max_nodes"] is not None:
        parts.append(f"min {state['min_nodes']}, max {state['max_nodes']}")
    if state["size"]:
        parts.append(str(state["size"]))
    return "; ".join(parts) or "it says nothing of its state"


def _nodes(state: dict[str, Any]) -> str:
    now, then = state["current_nodes"], state["target_nodes"]
    is_still = now == then and state["allocation_state"].lower() == "steady"
    return f"at {now}" if is_still else f"{now} -> {then}"


def _evidence(path: tuple[Node, ...]) -> str:
    *before, last = path
    links = [f"{node.kind} '{node.name}' --{node.relation}-->" for node in before]
    return " ".join([*links, f"{last.kind} '{last.name}'"])


def _cure(record: Record, cause: Cause) -> Iterator[str]:
    for fix in record.fixes:
        yield f"     to cure it: {printable(fix.fix.title)}"
        for step in fix.fix.steps:
            yield f"       {printable(shlex.join(step.argv))}"
            yield f"         needs {printable(step.needs)}"
    if not record.fixes and cause.finding.why_no_fix:
        yield f"     no fix: {printable(cause.finding.why_no_fix)}"


# JSON


def _json(diagnosis: Diagnosis, options: ReportOptions) -> str:
    record = _records(diagnosis)
    rules = diagnosis.report.rules

    def shown(finding: Finding) -> dict[str, Any]:
        return json.finding(record(finding), rules)

    compute = diagnosis.compute
    data = {
        "version": VERSION,
        "compute": {"kind": compute.kind, "name": compute.name, "id": str(compute.id)},
        "taken": diagnosis.taken.isoformat(),
        "state": _state(diagnosis),
        "symptoms": [shown(f) for f in diagnosis.symptoms],
        "causes": [
            {
                "explains": list(c.explains),
                "code": c.code or None,
                "path": [n._asdict() for n in c.path],
                "finding": shown(c.finding),
            }
            for c in diagnosis.causes
        ],
        "refusals": [r._asdict() for r in diagnosis.refusals],
        "opinions": [shown(f) for f in diagnosis.opinions],
        "others": [shown(f) for f in diagnosis.others],
        "passages": [p._asdict() for p in diagnosis.passages],
        "ruled_out": list(diagnosis.ruled_out),
        "unread": [
            {
                "rule": u.rule,
                "reason": u.reason,
                "needs": None if u.need is None else u.need._asdict(),
            }
            for u in diagnosis.unread
        ],
        "failures": [
            {"path": f.path, "scope": f.scope, "stage": f.stage, "reason": f.reason}
            for f in diagnosis.failures
        ],
        "complete": diagnosis.is_complete,
        "exit_code": options.exit_code,
    }
    return plain_json.dumps(data, indent=2, ensure_ascii=True) + "\n"


# Mermaid


def _mermaid(diagnosis: Diagnosis, _: ReportOptions) -> str:
    names: dict[str, str] = {}
    lines = ["graph LR"]
    edges: list[str] = []

    def node(found: Node) -> str:
        key = found.id.casefold()
        if key not in names:
            names[key] = f"n{len(names)}"
            text = printable(f"{found.kind}: {found.name}")
            lines.append(f'  {names[key]}["{_escaped(text)}"]')
        return names[key]

    for cause in diagnosis.causes:
        for one, two in zip(cause.path, cause.path[1:], strict=False):
            edge = f"  {node(one)} -- {one.relation} --> {node(two)}"
            if edge not in edges:
                edges.append(edge)
        if cause.path:
            lines.append(f"  style {node(cause.path[0])} stroke:#c00,stroke-width:2px")
    if not names:
        compute = diagnosis.compute
        lines.append(f'  n0["{_escaped(printable(compute.label))}"]')
    return "\n".join([*lines, *edges]) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"[\"<>&#`\[\]{}|;]", lambda m: f"#{ord(m[0])};", text)


FORMATS: Final = {"text": _text, "json": _json, "mermaid": _mermaid}
