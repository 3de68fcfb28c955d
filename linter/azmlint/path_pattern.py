"""Patterns of paths as `.gitignore` spells them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LENGTH_LIMIT = 2000
"""A longer pattern matches nothing."""


class PathPatterns:
    """Patterns in order, of which the last that matches decides.

    `*` and `?` stay within a name, `**` crosses folders, a pattern without `/` matches at any
    depth, a folder stands for all that is in it, and `!` takes back.
    """

    __slots__ = ("_rows",)

    def __init__(self, patterns: Iterable[str]) -> None:
        """Compile `patterns`; none of them can be invalid."""
        self._rows = tuple(_row(p) for p in patterns if p.strip() and not p.startswith("#"))

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self._rows)

    def verdict(self, path: str, *, is_folder: bool = False) -> bool | None:
        """Whether the last pattern that matches includes or takes back; None when none matches."""
        text = f"{path}/" if is_folder else path
        found: bool | None = None
        for matcher, is_negated in self._rows:
            if found is not is_negated and found is not None:
                # The answer is already what this pattern would make it.
                continue
            if matcher.match(text) is not None:
                found = not is_negated
        return found

    def match(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether `path`, relative and with `/`, is meant."""
        return self.verdict(path, is_folder=is_folder) is True


def _row(pattern: str) -> tuple[re.Pattern[str], bool]:
    is_negated = pattern.startswith("!")
    if is_negated:
        pattern = pattern[1:]
    return _compiled(_trimmed(pattern)), is_negated


def _trimmed(pattern: str) -> str:
    bare = pattern.rstrip(" \t\r\n")
    # A space that is escaped belongs to the name.
    return f"{bare} " if bare.endswith("\\") and bare != pattern else bare


_ANY_DEPTH = re.compile(r"\*{2,}")
_NOTHING = re.compile(r"(?!)")
_EVERYTHING = re.compile(r"(?s:.+)")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    text = re.sub(r"(?<!\\)((?:\\\\)*)\\/", r"\1/", pattern)
    while text.startswith("./"):
        text = text[2:]
    is_folder = text.endswith("/")
    text = text.rstrip("/")
    if len(pattern) > LENGTH_LIMIT:
        return _NOTHING
    if text in {"", "."}:
        return _EVERYTHING if pattern else _NOTHING
    segments = ["**" if _ANY_DEPTH.fullmatch(s) else s for s in text.lstrip("/").split("/")]
    if "/" not in text:
        segments = ["**", *segments]
    is_inside = segments[-1] == "**"
    while segments and segments[-1] == "**":
        segments.pop()
    body = _body(segments)
    if is_inside and is_folder:
        # Only the folders inside are meant, and so what is in those.
        return re.compile(rf"{body}/[^/]+/(?s:.)+\Z" if body else r"[^/]+/(?s:.+)")
    if not body:
        return _EVERYTHING
    tail = r"/(?s:.)+" if is_inside or is_folder else r"(?:/(?s:.)*)?"
    return re.compile(rf"{body}{tail}\Z")


def _body(segments: list[str]) -> str:
    groups: list[list[str]] = [[]]
    for segment in segments:
        if segment != "**":
            groups[-1].append(segment)
        elif groups[-1] or len(groups) == 1:
            groups.append([])
    # NOTE: atomic groups keep a hostile pattern from taking exponential time; the leftmost match
    # of each piece is always good enough, because what follows may begin anywhere behind it.
    body = "/".join(_segment(s) for s in groups[0])
    for group in groups[1:]:
        piece = "/".join(_segment(s) for s in group)
        ahead = "/" if body else ""
        body = f"{body}{ahead}(?>(?:[^/]+/)*?{piece}(?=/|\\Z))"
    return body


def _segment(segment: str) -> str:
    pieces: list[str] = [""]
    at = 0
    while at < len(segment):
        char = segment[at]
        at += 1
        if char == "*":
            if pieces[-1] or len(pieces) == 1:
                pieces.append("")
        elif char == "?":
            pieces[-1] += "[^/]"
        elif char == "[":
            found, at = _class(segment, at)
            pieces[-1] += found
        elif char == "\\" and at < len(segment):
            pieces[-1] += re.escape(segment[at])
            at += 1
        else:
            pieces[-1] += re.escape(char)
    if len(pieces) == 1:
        return pieces[0]
    middle = "".join(f"(?>[^/]*?{piece})" for piece in pieces[1:-1])
    return f"{pieces[0]}{middle}[^/]*{pieces[-1]}(?=/|\\Z)"


def _class(segment: str, at: int) -> tuple[str, int]:
    """Read a set of characters after its bracket; one that is not closed is a bracket."""
    end = segment.find("]", at + (2 if segment[at : at + 1] in {"!", "^"} else 1))
    if end < 0:
        return re.escape("["), at
    inner = segment[at:end]
    is_negated = inner[:1] in {"!", "^"}
    if is_negated:
        inner = inner[1:]
    escaped = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner)
    text = f"[^/{escaped}]" if is_negated else f"(?!/)[{escaped}]"
    try:
        re.compile(text)
    except re.error:
        return re.escape(segment[at - 1 : end + 1]), end + 1
    return text, end + 1
