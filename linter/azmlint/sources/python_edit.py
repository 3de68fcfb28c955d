"""Edits of Python text: one argument of a call at a time, the rest as it is."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from azmlint.location import Edit
from azmlint.model.value import NotEditable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.location import Place, Spanned
    from azmlint.sources.python_syntax import SourceText

_QUOTED: Final = re.compile(r"""([rbuRBU]{0,2})('''|\"\"\"|'|")""")
_SKIPPED: Final = re.compile(r"(?:[ \t\f\r\n]|\\\r?\n|#[^\r\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_REST_OF_LINE: Final = re.compile(r"[^\r\n]*")


def written(new: object, old: str = "") -> str:
    """Spell plain data, in the quotes of what stands there."""
    quote = _QUOTED.match(old)
    mark = quote[2][0] if quote is not None else '"'
    if isinstance(new, str):
        body = repr(new)[1:-1] if "'" not in new else repr(new.replace("'", ""))[1:-1]
        if "'" in new or "\\" in body:
            return repr(new)
        if mark in new:
            return repr(new)
        return f"{mark}{body}{mark}"
    if isinstance(new, (bool, int, float)) or new is None:
        # Where a number stands in quotes, something makes a number of it.
        if quote is not None and isinstance(new, (int, float)) and not isinstance(new, bool):
            return f"{mark}{new}{mark}"
        return repr(new)
    if isinstance(new, list):
        return "[" + ", ".join(written(item, old) for item in new) + "]"
    message = "such a value is not written into a program"
    raise NotEditable(message)


def replace(place: Place, new: object) -> Edit:
    """Write another value in a place."""
    return place.edit(written(new, place.text))


def argument(whole: ast.Call | ast.Dict, name: str) -> ast.keyword | None:
    """Find a keyword argument of a call."""
    if isinstance(whole, ast.Dict):
        return None
    return next((k for k in whole.keywords if k.arg == name), None)


def value_of(keyword: ast.keyword) -> ast.expr:
    """Give what a keyword argument is."""
    return keyword.value


def _parts(whole: ast.Call | ast.Dict) -> list[ast.expr | ast.keyword]:
    if isinstance(whole, ast.Dict):
        return [*whole.values]
    parts: list[ast.expr | ast.keyword] = [*whole.args, *whole.keywords]
    return sorted(parts, key=lambda n: (n.lineno, n.col_offset))


def insert(
    text: SourceText, whole: ast.Call | ast.Dict, name: str, new: object
) -> tuple[Edit, ...]:
    """Add a keyword argument, laid out as the others are."""
    end = text.extent(whole).end - 1
    parts = _parts(whole)
    spelled = f"{name}={written(new)}"
    if not parts:
        return (Edit(text.document, end, end, spelled),)
    # A generator that stands alone needs brackets of its own once there is another argument.
    if isinstance(parts[-1], ast.GeneratorExp) and len(parts) == 1:
        message = "its only argument is a generator"
        raise NotEditable(message)
    return _behind(text, text.extent(parts[-1]), end, spelled)


def append(text: SourceText, whole: ast.List | ast.Tuple, words: Sequence[str]) -> tuple[Edit, ...]:
    """Add texts to a list, in the quotes of its first one, laid out as the others are."""
    source = text.document.text
    extent = text.extent(whole)
    if not whole.elts or source[extent.end - 1] not in ")]":
        message = "the words stand in no brackets"
        raise NotEditable(message)
    first = text.extent(whole.elts[0])
    old = source[first.start : first.end]
    spelled = ", ".join(written(word, old) for word in words)
    return _behind(text, text.extent(whole.elts[-1]), extent.end - 1, spelled)


def _behind(text: SourceText, last: Spanned, end: int, spelled: str) -> tuple[Edit, ...]:
    """Add something behind the last item of brackets that close at `end`."""
    document = text.document
    source = document.text
    after = last.end
    gap = _SKIPPED.match(source, after)
    at = gap.end() if gap is not None else after
    has_comma = source[at] == ","
    is_laid_out = "\n" in source[after:end] or "\r" in source[after:end]
    if not is_laid_out:
        if has_comma:
            return (Edit(document, at + 1, at + 1, f" {spelled},"),)
        return (Edit(document, after, after, f", {spelled}"),)
    line_start = document.line_start(document.position(last.start).line)
    indent = _SPACE.match(source, line_start)
    margin = indent[0] if indent is not None else ""
    ending = "\r\n" if "\r\n" in source[last.start : end] else "\n"
    mark = at + 1 if has_comma else after
    rest = _REST_OF_LINE.match(source, mark)
    line_end = rest.end() if rest is not None else mark
    # A closing bracket may stand on the line of the comma.
    if line_end > end:
        return (Edit(document, mark, mark, f" {spelled},"),)
    if has_comma:
        return (Edit(document, line_end, line_end, f"{ending}{margin}{spelled},"),)
    added = f"{ending}{margin}{spelled}"
    if line_end == after:
        return (Edit(document, after, after, f",{added}"),)
    return (Edit(document, after, after, ","), Edit(document, line_end, line_end, added))


def remove(text: SourceText, whole: ast.Call | ast.Dict, keyword: ast.keyword) -> Edit:
    """Take a keyword argument away, with its comma and its line."""
    document = text.document
    source = document.text
    extent = text.extent(keyword)
    start, end = extent.start, extent.end
    gap = _SKIPPED.match(source, end)
    at = gap.end() if gap is not None else end
    line_start = document.line_start(document.position(start).line)
    is_first_on_line = source[line_start:start].strip() == ""
    if source[at] == ",":
        end = at + 1
        rest = _REST_OF_LINE.match(source, end)
        line_end = rest.end() if rest is not None else end
        is_alone = source[end:line_end].strip() == "" or source[end:line_end].lstrip()[:1] == "#"
        if is_first_on_line and is_alone and line_end < text.extent(whole).end:
            newline = re.compile(r"\r\n|\r|\n").match(source, line_end)
            return Edit(document, line_start, newline.end() if newline else line_end, "")
        spaces = _SPACE.match(source, end)
        return Edit(document, start, spaces.end() if spaces is not None else end, "")
    # The last argument without a comma takes the comma before it along.
    before = source.rfind(",", text.extent(whole).start, start)
    between = _SKIPPED.match(source, before + 1) if before >= 0 else None
    if between is not None and between.end() == start and "#" not in source[before:start]:
        return Edit(document, before, end, "")
    return Edit(document, start, end, "")
