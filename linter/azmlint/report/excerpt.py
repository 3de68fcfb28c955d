"""One line of a file with an extent of it underlined."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from azmlint.report.escape import printable

if TYPE_CHECKING:
    from azmlint.location import Place
    from azmlint.report.mask import Mask

_BEFORE = 20
"""How much of a line that is cut is shown before what matters."""


class Excerpt(NamedTuple):
    """A line as shown."""

    line: int
    text: str
    indent: int
    """How many columns stand before the underlined extent."""

    width: int
    """How many columns the extent has; at least one."""


def excerpt(place: Place, mask: Mask, width: int) -> Excerpt:
    """Show the first line of a place, cut to about `width` columns around it."""
    document = place.document
    number, _ = document.position(place.start)
    low = document.line_start(number)
    high = low + len(document.line(number))
    start = min(place.start, high)
    end = min(max(place.end, start), high)
    left = right = ""
    if high - low > width:
        cut = max(low, min(start - _BEFORE, high - width))
        left, low = ("..." if cut > low else ""), cut
        cut = min(high, low + width)
        right, high = ("..." if cut < high else ""), cut
        end = min(end, high)
    before = left + shown(mask.excerpt(document, low, start))
    extent = shown(mask.excerpt(document, start, end))
    text = before + extent + shown(mask.excerpt(document, end, high)) + right
    return Excerpt(number, printable(text), columns(before), max(1, columns(extent)))


def shown(text: str) -> str:
    """Make a text of one line printable; a tab is four blanks."""
    return printable(text.replace("\t", "    "))


def columns(text: str) -> int:
    """Count the columns that a terminal takes for `text`."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def around(one: str, two: str, width: int) -> tuple[int, int]:
    """Choose which part of two long lines to show, so that their first difference is in it."""
    longest = max(len(one), len(two))
    if longest <= width:
        return 0, longest
    same = next(
        (i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )
    low = max(0, min(same - _BEFORE, longest - width))
    return low, low + width
