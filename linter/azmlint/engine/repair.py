"""Apply fixes round by round, keeping only what proves good."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.engine.fix import ROUND_LIMIT, applicable, apply, edits
from azmlint.finding import Severity
from azmlint.location import Document
from azmlint.model.value import NotEditable
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

    refused: tuple[Finding, ...] = ()
    """Those of which the fix was taken back, because something worse would come of it."""


def repair(
    documents: Mapping[str, Document],
    judge: Callable[[Mapping[str, Document]], Report],
    floor: Applicability,
) -> Repaired:
    """Fix what may be trusted as far as `floor` says.

    Each round's texts are read and judged again. A fix after which the text does not parse or
    its finding is still there is taken back and not tried again; so is one from which something
    worse comes, such as closing a workspace that its clusters then cannot reach.
    """
    now = dict(documents)
    report = judge(now)
    before = len(report.findings)
    bad: set[tuple[object, ...]] = set()
    refused: dict[tuple[object, ...], Finding] = {}
    for _ in range(ROUND_LIMIT):
        tried = [f for f in report.findings if _key(f) not in bad | refused.keys()]
        chosen = applicable(tried, floor, now)
        if not chosen:
            break
        after = dict(now)
        for path, changes in chosen.items():
            after[path] = _edited(now[path], changes)
        fixed = {_key(f): wanted for f in tried if (wanted := _applied(f, chosen, floor))}
        next_report = judge(after)
        still = {_key(f) for f in next_report.findings} & fixed.keys()
        harmful: set[tuple[object, ...]] = set()
        for level in (Severity.ERROR, Severity.WARNING):
            as_bad = {_key(f) for f in report.findings if f.severity >= level}
            brought = [
                f for f in next_report.findings if f.severity is level and _key(f) not in as_bad
            ]
            harmful |= _culprits(brought, fixed, chosen) - as_bad
        if still or harmful:
            bad |= still
            refused |= {_key(f): f for f in tried if _key(f) in harmful}
            continue
        now, report = after, next_report
    return Repaired(now, report, before - len(report.findings), tuple(refused.values()))


def _culprits(
    brought: list[Finding],
    fixes: Mapping[tuple[object, ...], tuple[Edit, ...]],
    chosen: Mapping[str, list[Edit]],
) -> set[tuple[object, ...]]:
    """Say which fixes new findings come from.

    It is those of which the new text is in the places of one; only if there are none, those in
    the files of one.
    """
    places = [p for e in brought for p in (e.place, *e.on.trace, *(r.place for r in e.related))]
    spans = {path: _new_spans(changes) for path, changes in chosen.items()}
    exact: set[tuple[object, ...]] = set()
    beside: set[tuple[object, ...]] = set()
    for key, wanted in fixes.items():
        for edit in wanted:
            path = edit.document.path
            start, end = spans[path][edit]
            here = [p for p in places if p.document.path == path]
            if here:
                beside.add(key)
            if any(p.start < end and start < p.end for p in here):
                exact.add(key)
    return exact or beside


def _new_spans(changes: list[Edit]) -> dict[Edit, tuple[int, int]]:
    """Say where the texts of edits come to stand once all of them are made."""
    spans: dict[Edit, tuple[int, int]] = {}
    shift = 0
    for edit in sorted(changes, key=lambda e: (e.start, e.end)):
        start = edit.start + shift
        spans[edit] = (start, start + len(edit.text))
        shift += len(edit.text) - (edit.end - edit.start)
    return spans


def _applied(
    finding: Finding, chosen: Mapping[str, list[Edit]], floor: Applicability
) -> tuple[Edit, ...]:
    """Give the edits of a finding's fix, if all of them were chosen."""
    fix = next((f for f in finding.fixes if f.applicability >= floor and f.changes), None)
    if fix is None:
        return ()
    try:
        wanted = edits(fix)
    except NotEditable:
        return ()
    return wanted if all(e in chosen.get(e.document.path, ()) for e in wanted) else ()


def _edited(document: Document, edits: list[Edit]) -> Document:
    """Apply edits to a document; those that leave a text that does not parse are left out."""
    whole = _with(document, edits)
    # A text that holds others, such as a notebook, may have been read in part before already.
    if not _faults(whole) or _faults(whole) <= _faults(document):
        return whole
    most = _faults(document)
    kept: list[Edit] = []
    for edit in edits:
        if _faults(_with(document, [*kept, edit])) <= most:
            kept.append(edit)
    return _with(document, kept)


def _with(document: Document, edits: list[Edit]) -> Document:
    text = apply(document, edits)
    return Document(document.path, text, encoding=document.encoding, bom=document.bom)


def _faults(document: Document) -> int:
    """Count what of a text cannot be read."""
    return len(load.read(document, Texts({document.path: document})).problems)


def _key(finding: Finding) -> tuple[object, ...]:
    name = finding.resource.label if finding.resource is not None else ""
    return (finding.rule, finding.place.document.path, name, finding.route)
