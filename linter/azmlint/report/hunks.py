"""What the edits of a fix change, line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.location import Document, Edit
    from azmlint.report.mask import Mask

_LINE_END = re.compile(r"\r\n|\n|\r")

_MARGIN = 500
"""How much of a line beside an edit is looked at, in characters; some files are one line."""


class Hunk(NamedTuple):
    """Lines of one document that edits replace by others; of very long ones, the part around."""

    document: Document
    line: int
    """The first of them, counted from 1."""

    old: list[str]
    new: list[str]


def hunks(edits: Iterable[Edit], mask: Mask) -> Iterator[Hunk]:
    """Yield what changes, edits that share a line together."""
    group: list[Edit] = []
    last = 0
    for edit in sorted(edits, key=lambda e: (e.document.path, e.start, e.end)):
        first, _ = edit.document.position(edit.start)
        if group and (group[0].document is not edit.document or first > last):
            yield _hunk(group, last, mask)
            group = []
        group.append(edit)
        last, _ = edit.document.position(edit.end)
    if group:
        yield _hunk(group, last, mask)


def _hunk(edits: list[Edit], last: int, mask: Mask) -> Hunk:
    document = edits[0].document
    line, _ = document.position(edits[0].start)
    start = document.line_start(line)
    end = document.line_start(last) + len(document.line(last))
    start, end = max(start, edits[0].start - _MARGIN), min(end, edits[-1].end + _MARGIN)
    pieces: list[str] = []
    at = start
    for edit in edits:
        pieces += [mask.excerpt(document, at, edit.start), edit.text]
        at = edit.end
    pieces.append(mask.excerpt(document, at, max(at, end)))
    old = _LINE_END.split(mask.excerpt(document, start, end))
    new = _LINE_END.split("".join(pieces))
    same = _same(old, new)
    old, new = old[same:], new[same:]
    after = _same(old[::-1], new[::-1])
    return Hunk(document, line + same, old[: len(old) - after], new[: len(new) - after])


def _same(one: list[str], two: list[str]) -> int:
    count = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        count += 1
    return count
