"""Excerpts of files without the secrets in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from copy import copy
from operator import itemgetter
from typing import TYPE_CHECKING

from azmlint.sources.document import may_hold_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from azmlint.engine.report import Report
    from azmlint.finding import Finding, Step
    from azmlint.location import Document, Edit, Place

MASK = "***"
"""Stands for a secret of any length."""

_LINE = re.compile(r"[^\r\n]+")
_ESCAPE = re.compile(r"\\(.)")
"""A character that a language takes for more than itself, as a quote in quotes."""

_CALLED = re.compile(
    r"passw|passphrase|pwd|secret|token"
    r"|(?:api|access|account|shared|storage|principal)[_-]?key",
    re.IGNORECASE,
)
"""A sign of what `scrub.called` finds."""

_SHORTEST = 4
"""What is shorter is found by chance in any text."""


class Mask:
    """Knows where secrets stand, and gives every excerpt of a report."""

    __slots__ = ("_any", "_given", "_spans", "_texts")

    def __init__(self, secrets: Iterable[Place]) -> None:
        """Hide what stands at `secrets`."""
        spans: dict[str, set[tuple[int, int]]] = {}
        self._texts: dict[str, set[str]] = {}
        for place in secrets:
            path = place.document.path
            spans.setdefault(path, set()).add((place.start, place.end))
            for written in {place.text, place.document.text[place.start : place.end]}:
                text = written.strip("\"' \t\r\n")
                for spelled in (text, _ESCAPE.sub(r"\1", text)):
                    if len(spelled) >= _SHORTEST:
                        self._texts.setdefault(path, set()).add(spelled)
        every = _longest_first({text for texts in self._texts.values() for text in texts})
        self._any = re.compile("|".join(map(re.escape, every))) if every else None
        self._given = spans
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def _hidden_in(self, document: Document) -> list[tuple[int, int]]:
        """Find what is hidden of a document, once."""
        found = self._spans.get(document.path)
        if found is None:
            text = document.text
            every = self._given.get(document.path, set())
            if self._any is not None:
                # Whoever compares a secret with something writes it once more.
                every = every.union(match.span() for match in self._any.finditer(text))
            if may_hold_secret(text) or _CALLED.search(text) is not None:
                from azmlint.sources import scrub  # noqa: PLC0415  # few hold one

                every = every.union(scrub.shaped(text), scrub.called(text))
                if document.path.lower().endswith((".yml", ".yaml")):
                    every = every.union(scrub.called_in_yaml(text))
            found = self._spans[document.path] = _merged(every)
        return found

    def excerpt(self, document: Document, start: int, end: int) -> str:
        """Give a piece of a document's text; its lines stay, secrets in them do not."""
        spans = self._hidden_in(document)
        pieces: list[str] = []
        last = start
        for index in range(bisect_right(spans, start, key=itemgetter(1)), len(spans)):
            low, high = spans[index]
            if low >= end:
                break
            first, after = max(low, last), min(high, end)
            pieces.append(document.text[last:first])
            pieces.append(_LINE.sub(MASK, document.text[first:after]))
            last = after
        pieces.append(document.text[last:end])
        return "".join(pieces)

    def hidden(self, text: str) -> str:
        """Give a text about a file, such as a condition in it, without the secrets."""
        return text if self._any is None else self._any.sub(MASK, text)

    def quoted(self, escape: Callable[[str], str] = str) -> Callable[[str], str]:
        """Give what takes secrets out of a text that quotes files after `escape`.

        Ids are in lower case in some places, so case does not count.
        """
        every = {escape(text) for texts in self._texts.values() for text in texts}
        if not every:
            return str
        pattern = re.compile("|".join(map(re.escape, _longest_first(every))), re.IGNORECASE)
        return lambda text: pattern.sub(MASK, text)

    def is_repeated_by(self, edit: Edit) -> bool:
        """Whether an edit would write a secret of its document again."""
        if len(edit.text) < _SHORTEST:
            return False
        return any(text in edit.text for text in self._texts.get(edit.document.path, ()))


def values_without(data: object, hidden: Callable[[str], str]) -> object:
    """Give plain data of which no text but the keys holds a secret."""
    if isinstance(data, dict):
        return {key: values_without(value, hidden) for key, value in data.items()}
    if isinstance(data, list):
        return [values_without(item, hidden) for item in data]
    return hidden(data) if isinstance(data, str) else data


def without_secrets(report: Report) -> Report:
    """Give a report of which no message, reason or command quotes a secret from a file.

    Names and ids of resources stay, because resources are found by them.
    """
    mask = Mask(report.secrets)
    hidden = mask.hidden
    words = mask.quoted()
    shown = copy(report)
    shown.findings = [_told(f, hidden, words) for f in report.findings]
    shown.suppressed = [
        s._replace(finding=_told(s.finding, hidden, words), reason=hidden(s.reason))
        for s in report.suppressed
    ]
    shown.undecided = [u._replace(reason=hidden(u.reason)) for u in report.undecided]
    shown.failures = [
        f._replace(reason=hidden(f.reason), scope=f.scope and hidden(f.scope))
        for f in report.failures
    ]
    shown.skipped = [s._replace(reason=hidden(s.reason)) for s in report.skipped]
    return shown


def _told(finding: Finding, hidden: Callable[[str], str], words: Callable[[str], str]) -> Finding:
    told = copy(finding)
    told.message = hidden(finding.message)
    told.related = tuple(r._replace(message=hidden(r.message)) for r in finding.related)
    told.fixes = tuple(
        fix._replace(title=hidden(fix.title), steps=tuple(_step(s, words) for s in fix.steps))
        for fix in finding.fixes
    )
    told.why_no_fix = finding.why_no_fix and hidden(finding.why_no_fix)
    if finding.worlds is not None:
        told.worlds = tuple({hidden(q): hidden(a) for q, a in w.items()} for w in finding.worlds)
    return told


def _step(step: Step, words: Callable[[str], str]) -> Step:
    undo = tuple(map(words, step.undo)) if step.undo is not None else None
    return step._replace(argv=tuple(map(words, step.argv)), undo=undo)


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-len(text), text))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if merged and low < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        elif low < high:
            merged.append((low, high))
    return merged
