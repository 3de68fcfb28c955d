"""Apply fixes round by round, keeping only what proves good."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from azmlint.engine.fix import ROUND_LIMIT, applicable, apply, edits
from azmlint.finding import Severity
from azmlint.location import Document
from azmlint.model.value import NotEditable
from azmlint.sources import load
from azmlint.sources.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from azmlint.engine.report import Report
    from azmlint.finding import Applicability, Finding
    from azmlint.location import Edit

_Key: TypeAlias = tuple[str, ...]
"""What a finding is known by from one round to the next."""


class Refused(NamedTuple):
    """A finding of which the fix was taken back."""

    finding: Finding
    brought: Finding
    """What as bad would come of it, in the texts as they would be."""


class Repaired(NamedTuple):
    """What fixing came to."""

    documents: dict[str, Document]
    """Every judged document, changed or not."""

    report: Report
    """Of the documents as they are now."""

    fixed: int
    """How many findings were fixed."""

    refused: tuple[Refused, ...] = ()
    """Those of which the fix was taken back, because something as bad would come of it."""


def repair(
    documents: Mapping[str, Document],
    judge: Callable[[Mapping[str, Document]], Report],
    floor: Applicability,
) -> Repaired:
    """Fix what may be trusted as far as `floor` says, until nothing more can be fixed.

    Each round's texts are read and judged again. A fix after which the text does not parse or
    its finding is still there is taken back and not tried again; so is one from which something
    as bad comes and stays, such as closing a workspace that its clusters then cannot reach.
    """
    now = dict(documents)
    report = judge(now)
    before = len(report.findings)
    apart: set[_Key] = set()
    while True:
        passed = _Pass(judge, floor, apart).run(now, report)
        is_changed = any(passed.documents[path] is not now[path] for path in now)
        now, report = passed.documents, passed.report
        if passed.is_final or (not is_changed and (apart or not passed.doubtful)):
            break
        # What was taken back is tried among what has changed since, and then apart from that with
        # which it was blamed, so that another run would find nothing more to do. This ends: each
        # pass leaves less, or only what is less bad.
        apart = passed.doubtful if not is_changed else set()
    return Repaired(now, report, before - len(report.findings), tuple(passed.refused.values()))


class _Pass:
    """Rounds of fixes from one state of the texts, begun again without those that do harm."""

    def __init__(
        self,
        judge: Callable[[Mapping[str, Document]], Report],
        floor: Applicability,
        apart: Collection[_Key],
    ) -> None:
        self._judge = judge
        self._floor = floor
        self._apart = apart
        """What alone is fixed, with a round for each rule, so that it answers for itself."""
        self._bad: set[_Key] = set()
        self.refused: dict[_Key, Refused] = {}
        self._roots: dict[_Key, frozenset[_Key]] = {}
        """Of what has come of fixes: the findings whose fixes it comes from in the end."""
        self.documents: dict[str, Document] = {}
        self.report: Report
        self.doubtful: set[_Key] = set()
        """Those of which the fix was taken back for what may have come of another."""
        self._is_done = False

    @property
    def is_final(self) -> bool:
        """Whether every fix was made, so that another pass has nothing to do."""
        return self._is_done and not self._bad and not self.refused

    def run(self, documents: Mapping[str, Document], report: Report) -> _Pass:
        """Fix what does no harm."""
        first = {_key(f): f for f in report.findings}
        while True:
            self.documents, self.report = dict(documents), report
            self._roots = {}
            rules = len({key[0] for key in self._apart}) or 1
            for _ in range(ROUND_LIMIT * rules):
                if not self._round():
                    break
            harmful = self._harmful(first)
            if not harmful:
                return self
            self.refused |= {key: Refused(first[key], left) for key, left in harmful.items()}

    def _harmful(self, first: Mapping[_Key, Finding]) -> dict[_Key, Finding]:
        """Give the fixes of which something as bad is left, or their own finding once more."""
        harmful: dict[_Key, Finding] = {}
        for finding in self.report.findings:
            roots = self._roots.get(_key(finding), frozenset())
            found = {root for root in roots if finding.severity >= first[root].severity}
            self.doubtful |= found if len(roots) > 1 else set()
            harmful |= dict.fromkeys(found - harmful.keys(), finding)
        return harmful

    def _round(self) -> bool:
        """Make one round of fixes; False when there is nothing to fix or it goes in a circle."""
        now, report = self.documents, self.report
        left = [f for f in report.findings if _key(f) not in self._bad | self.refused.keys()]
        tried, chosen = left, applicable(left, self._floor, now)
        if self._apart and chosen:
            for rule in sorted({key[0] for key in self._apart}):
                tried = [f for f in left if f.rule == rule and _key(f) in self._apart]
                chosen = applicable(tried, self._floor, now)
                if chosen:
                    break
        if not chosen:
            self._is_done = True
            return False
        after = dict(now)
        for path, changes in chosen.items():
            after[path] = _edited(now[path], changes)
        made = [(f, wanted) for f in tried if (wanted := _applied(f, chosen, self._floor))]
        fixed = {_key(f): wanted for f, wanted in made}
        next_report = self._judge(after)
        there, then = _counted(report), _counted(next_report)
        cured = Counter(_key(f) for f, _ in made)
        least = Severity.NOTE
        still = {k for k in fixed if then[k, least] > there[k, least] - cured[k]}
        if still:
            self._bad |= still
            return True
        # That an accepted finding is gone is no harm.
        brought = [
            f
            for f in next_report.findings
            if then[_key(f), f.severity] > there[_key(f), f.severity] and f.rule != "ignore-unused"
        ]
        severities = {_key(f): f.severity for f, _ in made}
        made_in = _made_in(fixed, chosen)
        suspects = [(f, _culprits(f, made_in)) for f in brought]
        worse = [
            (f, culprits)
            for f, culprits in suspects
            if all(f.severity >= severities[k] + self._may_be_fixed(f) for k in culprits)
        ]
        if worse:
            self.doubtful |= {k for _, culprits in worse if len(culprits) > 1 for k in culprits}
            harmful = {k: f for f, culprits in reversed(worse) for k in culprits}
            self.refused |= {
                _key(f): Refused(f, harmful[_key(f)]) for f, _ in made if _key(f) in harmful
            }
            return True
        for finding, culprits in suspects:
            roots = frozenset(r for c in culprits for r in self._roots.get(c, {c}))
            known = self._roots.get(_key(finding), frozenset())
            self._roots[_key(finding)] = known | roots
        self.documents, self.report = after, next_report
        return not any(_key(f) in self._roots[_key(f)] for f in brought)

    def _may_be_fixed(self, finding: Finding) -> bool:
        return any(f.applicability >= self._floor and f.changes for f in finding.fixes)


class _Made(NamedTuple):
    """What fixes have written into one text."""

    keys: set[_Key]
    spans: list[tuple[int, int, _Key]]


def _made_in(
    fixes: Mapping[_Key, tuple[Edit, ...]], chosen: Mapping[str, list[Edit]]
) -> dict[str, _Made]:
    spans = {path: _new_spans(changes) for path, changes in chosen.items()}
    found: dict[str, _Made] = {}
    for key, wanted in fixes.items():
        for edit in wanted:
            made = found.setdefault(edit.document.path, _Made(set(), []))
            made.keys.add(key)
            made.spans.append((*spans[edit.document.path][edit], key))
    return found


def _culprits(brought: Finding, made: Mapping[str, _Made]) -> set[_Key]:
    """Say which fixes a new finding comes from.

    It is those of which the new text is in one of its places; only if there are none, those in
    its files, and if there are none of these either, all.
    """
    exact: set[_Key] = set()
    beside: set[_Key] = set()
    for place in (brought.place, *brought.on.trace, *(r.place for r in brought.related)):
        here = made.get(place.document.path)
        if here is not None:
            beside |= here.keys
            exact |= {
                key for start, end, key in here.spans if place.start < end and start < place.end
            }
    return exact or beside or {key for one in made.values() for key in one.keys}


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


def _counted(report: Report) -> Counter[tuple[_Key, Severity]]:
    """Count findings of at least each severity."""
    levels = {severity: [s for s in Severity if s <= severity] for severity in Severity}
    return Counter((_key(f), level) for f in report.findings for level in levels[f.severity])


def _key(finding: Finding) -> _Key:
    name = finding.resource.label if finding.resource is not None else ""
    return (finding.rule, finding.place.document.path, name, finding.route)
