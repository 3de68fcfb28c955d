"""Apply fixes round by round, keeping only what proves good."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine.fix import ROUND_LIMIT, applicable, apply
from azmlint.location import Document
from azmlint.sources import load
from azmlint.sources.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azmlint.engine.report import Report
    from azmlint.finding import Applicability, Finding
    from azmlint.location import Edit


class Repaired(NamedTuple):
    """What fixing came to."""

    documents: dict[str, Document]
    """Every judged document, changed or not."""

    report: Report
    """Of the documents as they are now."""

    fixed: int
    """How many findings were fixed."""


def repair(
    documents: Mapping[str, Document],
    judge: Callable[[Mapping[str, Document]], Report],
    floor: Applicability,
) -> Repaired:
    """Fix what may be trusted as far as `floor` says.

    Each round's texts are read and judged again. A fix after which the text does not parse or
    its finding is still there is taken back and not tried again.
    """
    now = dict(documents)
    report = judge(now)
    before = len(report.findings)
    bad: set[tuple[object, ...]] = set()
    for _ in range(ROUND_LIMIT):
        tried = [f for f in report.findings if _key(f) not in bad]
        chosen = applicable(tried, floor, now)
        if not chosen:
            break
        after = dict(now)
        for path, edits in chosen.items():
            after[path] = _edited(now[path], edits)
        fixed = {_key(f) for f in tried if _touches(f, chosen, floor)}
        next_report = judge(after)
        still = {_key(f) for f in next_report.findings} & fixed
        if still:
            bad |= still
            continue
        now, report = after, next_report
    return Repaired(now, report, before - len(report.findings))


def _touches(finding: Finding, chosen: Mapping[str, list[Edit]], floor: Applicability) -> bool:
    from azmlint.engine.fix import edits  # noqa: PLC0415
    from azmlint.model.value import NotEditable  # noqa: PLC0415

    fix = next((f for f in finding.fixes if f.applicability >= floor and f.changes), None)
    if fix is None:
        return False
    try:
        wanted = edits(fix)
    except NotEditable:
        return False
    return all(e in chosen.get(e.document.path, ()) for e in wanted)


def _edited(document: Document, edits: list[Edit]) -> Document:
    """Apply edits to a document; those that leave a text that does not parse are left out."""
    whole = _with(document, edits)
    if _parses(whole):
        return whole
    kept: list[Edit] = []
    for edit in edits:
        if _parses(_with(document, [*kept, edit])):
            kept.append(edit)
    return _with(document, kept)


def _with(document: Document, edits: list[Edit]) -> Document:
    text = apply(document, edits)
    return Document(document.path, text, encoding=document.encoding, bom=document.bom)


def _parses(document: Document) -> bool:
    reading = load.read(document, Texts({document.path: document}))
    return all(p.rule != "syntax-error" for p in reading.problems)


def _key(finding: Finding) -> tuple[object, ...]:
    name = finding.resource.label if finding.resource is not None else ""
    return (finding.rule, finding.place.document.path, name, finding.route)
