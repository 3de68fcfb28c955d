"""Literal texts of a Python program as parts of another document, escape by escape."""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from azmlint.model.value import NotEditable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.sources.embedded import Assembly

_Filler: TypeAlias = "Callable[[int, int, Callable[[str], str]], None]"
"""Adds what is filled in at an extent; the last says how a text is spelled there instead."""

_OPENS: Final = re.compile(r"([rRfFuUbB]{0,2})('''|\"\"\"|'|\")")
_ESCAPE: Final = re.compile(
    r"\\(?:\r\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)", re.DOTALL
)
_DOUBLED: Final = re.compile(r"\{\{|\}\}")
_TEXT: Final = re.compile(
    r"[rRbBuUfF]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")",
    re.DOTALL,
)


class _Literal(NamedTuple):
    """One literal of which a text is made, and the extents in it that are filled in."""

    is_raw: bool
    is_format: bool
    quote: str
    start: int
    end: int
    holes: tuple[tuple[int, int], ...]


class NotFollowed(Exception):  # noqa: N818  # the text is taken as a whole
    """A text is not spelled as its literals are expected to be."""


def take(assembly: Assembly, start: int, end: int, hole: _Filler) -> None:
    """Add what literals that stand one after the other say; `hole` adds what is filled in.

    Raises NotFollowed, with nothing added, for what is spelled in another way.
    """
    for one in list(_literals(assembly.host.text, start, end)):
        at = one.start
        for low, high in one.holes:
            _run(assembly, one, at, low)
            hole(low, high, partial(_spelled, literal=one))
            at = high
        _run(assembly, one, at, one.end)


def holes(text: str, start: int, end: int) -> int:
    """Count what is filled in; -1 where the text is spelled in no way that is followed."""
    try:
        return sum(len(one.holes) for one in _literals(text, start, end))
    except NotFollowed:
        return -1


def _run(assembly: Assembly, literal: _Literal, start: int, end: int) -> None:
    patterns = [] if literal.is_raw else [_ESCAPE.pattern]
    patterns += [_DOUBLED.pattern] if literal.is_format else []
    escapes = re.compile("|".join(patterns) or r"(?!)", re.DOTALL)
    assembly.take_escaped(start, end, escapes, _meant, lambda new, _: _spelled(new, literal))


def _meant(match: re.Match[str]) -> str:
    if match[0] in {"{{", "}}"}:
        return match[0][0]
    if match[0] in {"\\\n", "\\\r\n", "\\\r"}:
        return ""
    try:
        return str(ast.literal_eval(f'"{match[0]}"'))
    except (SyntaxError, ValueError):
        return match[0]


def _spelled(text: str, literal: _Literal) -> str:
    """Spell a text within the quotes of a literal."""
    if literal.is_raw:
        if "\\" in text or literal.quote[0] in text or "\n" in text:
            message = "the text around it cannot spell it"
            raise NotEditable(message)
    else:
        text = text.replace("\\", "\\\\").replace(literal.quote[0], f"\\{literal.quote[0]}")
        if len(literal.quote) == 1:
            text = text.replace("\r", "\\r").replace("\n", "\\n")
    if literal.is_format:
        text = text.replace("{", "{{").replace("}", "}}")
    return text


def _literals(text: str, start: int, end: int) -> Iterator[_Literal]:
    at = start
    while True:
        at = _gap(text, at, end)
        if at >= end:
            return
        opens = _OPENS.match(text, at, end)
        if opens is None or "b" in opens[1].lower():
            raise NotFollowed
        literal = _literal(text, opens, end)
        yield literal
        at = literal.end + len(literal.quote)


_GAP: Final = re.compile(r"(?:\s|\\\r?\n|#[^\r\n]*|[()])*")


def _gap(text: str, at: int, end: int) -> int:
    match = _GAP.match(text, at, end)
    return match.end() if match is not None else at


def _literal(text: str, opens: re.Match[str], end: int) -> _Literal:
    prefix, quote = opens[1].lower(), opens[2]
    is_format, start = "f" in prefix, opens.end()
    found: list[tuple[int, int]] = []
    at = start
    while at < end:
        if text.startswith(quote, at):
            return _Literal("r" in prefix, is_format, quote, start, at, tuple(found))
        if text[at] == "\\":
            named = _ESCAPE.match(text, at, end) if "r" not in prefix else None
            at = named.end() if named is not None else at + 2
        elif is_format and text[at] in "{}":
            if text.startswith(text[at] * 2, at):
                at += 2
                continue
            closes = _hole_end(text, at, end)
            found.append((at, closes))
            at = closes
        else:
            at += 1
    raise NotFollowed


def _hole_end(text: str, start: int, end: int) -> int:
    """Find where a field of an f-string ends, after its brace."""
    depth, at = 0, start
    while at < end:
        inner = _TEXT.match(text, at, end) if depth else None
        if inner is not None:
            at = inner.end()
            continue
        depth += (text[at] in "{[(") - (text[at] in "}])")
        at += 1
        if depth == 0:
            return at
    raise NotFollowed
