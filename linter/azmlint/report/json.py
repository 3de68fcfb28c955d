"""The JSON report: a versioned contract (docs/report.schema.json)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from azmlint.finding import Severity
from azmlint.report.records import FixRecord, Record, Records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.engine.report import Failure, Report, RuleInfo, Skip, UndecidedPair
    from azmlint.finding import Finding, Related, Step
    from azmlint.location import Document, Place
    from azmlint.model.resource import Resource
    from azmlint.report.options import ReportOptions

VERSION = 1


def pieces(report: Report, options: ReportOptions) -> Iterator[str]:
    """Write the report piece by piece: the plain data of an estate's findings outweighs it."""
    opening = "{"
    for name, value in _members(report, options):
        yield f'{opening}\n  "{name}": '
        opening = ","
        if isinstance(value, dict | int):
            yield _indented(value, 2)
            continue
        between = "[\n    "
        for item in value:
            yield between + _indented(item, 4)
            between = ",\n    "
        yield "[]" if between[0] == "[" else "\n  ]"
    yield "\n}\n"


def _indented(value: object, depth: int) -> str:
    # No text in ASCII JSON holds a line end of its own.
    text = json.dumps(value, indent=2, ensure_ascii=True)
    return text.replace("\n", "\n" + " " * depth)


def data(report: Report, options: ReportOptions) -> dict[str, Any]:
    """Give the report as plain data."""
    return {
        name: value if isinstance(value, dict | int) else list(value)
        for name, value in _members(report, options)
    }


def _members(report: Report, options: ReportOptions) -> Iterator[tuple[str, Any]]:
    """Yield the report's members in order; a list may still have to be made."""
    records = Records(report, options.min_severity)
    undecided = report.undecided if options.show_undecided else []
    yield "version", VERSION
    yield "findings", (finding(r, report.rules, records.shown) for r in records.found)
    yield "suppressed", (_suppressed(r, report.rules, records.shown) for r in records.suppressed)
    yield "undecided", (_undecided(u, records.shown) for u in undecided)
    yield "failures", (_failure(f) for f in report.failures)
    yield "skipped", (_skip(s) for s in report.skipped)
    yield "not_applicable", {k: sorted(v) for k, v in sorted(report.not_applicable.items())}
    yield (
        "summary",
        {
            "counts": {
                **{s.level: report.count(s) for s in sorted(Severity, reverse=True)},
                "suppressed": len(report.suppressed),
                "undecided": len(report.undecided),
            },
            "exit_code": options.exit_code,
            "complete": report.is_complete,
        },
    )


def _suppressed(
    record: Record, rules: dict[str, RuleInfo], shown: Callable[[str], str]
) -> dict[str, Any]:
    found = record.suppressed
    assert found is not None  # noqa: S101  # records.suppressed are those that are
    plain = {"by": found.by, "reason": found.reason, "until": found.until}
    return {**finding(record, rules, shown), **plain}


def finding(
    record: Record, rules: dict[str, RuleInfo], shown: Callable[[str], str] = str
) -> dict[str, Any]:
    """Give one finding as plain data; `shown` takes secrets out of names."""
    found = record.finding
    place = found.place
    info = rules.get(found.rule)
    return {
        "rule": found.rule,
        "family": info.family if info is not None else "",
        "severity": found.severity.level,
        "message": found.message,
        "help_uri": info.help_uri if info is not None else "",
        "resource": _resource(found.resource, place, shown),
        **_where(place),
        "pointer": _pointer(found),
        "cell": _cell(place),
        "worlds": list(found.worlds) if found.worlds is not None else None,
        "trace": [
            {**_where(p), "role": p.role} for p in found.on.trace if not p.document.is_deployed
        ],
        "related": [_related(r, shown) for r in found.related],
        "fixes": [_fix(f) for f in record.fixes],
        "fingerprint": record.fingerprint,
        "content_hash": record.content_hash,
    }


def _pointer(finding: Finding) -> str:
    route = getattr(finding.on, "route", None) or ()
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in route)


def _resource(
    resource: Resource | None, place: Place, shown: Callable[[str], str]
) -> dict[str, Any]:
    if resource is None:
        return {"kind": "file", "name": place.document.path, "id": None, "address": None}
    is_certain = resource.id.is_ground and resource.id.subscription is not None
    return {
        "kind": resource.kind,
        "name": shown(resource.name),
        "id": shown(str(resource.id)) if is_certain else None,
        "address": shown(resource.address) or None,
    }


def _where(place: Place) -> dict[str, Any]:
    """Give path and extent; null for what is deployed, of which `resource` has the id."""
    if place.document.is_deployed:
        return {"path": None, "start": None, "end": None}
    return {"path": place.document.path, **_extent(place.document, place.start, place.end)}


def _extent(document: Document, start: int, end: int) -> dict[str, Any]:
    return {"start": _point(document, start), "end": _point(document, end)}


def _cell(place: Place) -> dict[str, int] | None:
    cell = place.cell
    return {"number": cell.number, "line": cell.line, "column": cell.column} if cell else None


def _point(document: Document, offset: int) -> dict[str, int]:
    line, column = document.position(offset)
    return {"line": line, "column": column}


def _related(related: Related, shown: Callable[[str], str]) -> dict[str, Any]:
    place = related.place
    return {
        **_where(place),
        "resource": _resource(related.resource, place, shown),
        "message": related.message,
    }


def _fix(record: FixRecord) -> dict[str, Any]:
    return {
        "title": record.fix.title,
        "applicability": record.applicability.level,
        "edits": [
            {"path": e.document.path, **_extent(e.document, e.start, e.end), "text": e.text}
            for e in record.edits
        ],
        "steps": [_step(s) for s in record.fix.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "argv": list(step.argv),
        "needs": step.needs,
        "undo": list(step.undo) if step.undo is not None else None,
    }


def _undecided(pair: UndecidedPair, shown: Callable[[str], str]) -> dict[str, Any]:
    place = pair.resource.grip
    need = pair.need
    return {
        "rule": pair.rule,
        "resource": _resource(pair.resource, place, shown),
        "path": None if pair.resource.is_deployed else place.document.path,
        "start": None if pair.resource.is_deployed else _point(place.document, place.start),
        "reason": pair.reason,
        "needs": None
        if need is None
        else {"facet": need.facet, "scope": need.scope, "permission": need.permission},
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "path": failure.path,
        "scope": failure.scope,
        "stage": failure.stage,
        "reason": failure.reason,
    }


def _skip(skip: Skip) -> dict[str, Any]:
    return {"path": skip.path, "scope": None, "stage": skip.stage, "reason": skip.reason}
