"""Where the comments of a text are, told without understanding the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document

_YAML: Final = (".yml", ".yaml")
_JSON: Final = (".json", ".jsonc")
_BICEP: Final = (".bicep", ".bicepparam")
_SLASHES: Final = (*_JSON, ".tf", ".tofu")

_STRING: Final = r'\\.|"(?:[^"\\\n]|\\.)*+"|\'(?:[^\'\\\n]|\\.)*+\''
# NOTE: Resource Manager takes line ends within strings, and knows no single quotes.
_JSON_STRING: Final = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_SLASHED: Final = r"//[^\n\r]*|/\*[\s\S]*?(?:\*/|\Z)"
_HASHED: Final = r"(?P<comment>(?:(?<=\s)|(?<![\s\S]))#[^\n\r]*)"

_BLANKS: Final = " \t\f\v\xa0"

_IN_JSON: Final = re.compile(rf"{_JSON_STRING}|(?P<comment>{_SLASHED})", re.DOTALL)
_IN_SLASHED: Final = re.compile(rf"{_STRING}|(?P<comment>#[^\n\r]*|{_SLASHED})")
_IN_BICEP: Final = re.compile(
    rf"(?P<comment>{_SLASHED})|(?P<multi>'''(?:[\s\S]*?'''|[\s\S]*))|(?P<sign>['{{}}])"
)
_IN_TEXT: Final = re.compile(r"(?:[^'\\\n\r$]|\\[^\n\r]|\$(?!\{))*+(?P<sign>\$\{|'|)")
_IN_HASHED: Final = re.compile(rf"{_STRING}|{_HASHED}")
_IN_YAML: Final = re.compile(_HASHED)
_HOLE: Final = re.compile(r"\{\{[^{}\n]*\}\}|\{%(?:(?!\{%|%\})[^\n])*%\}")


class Comment(NamedTuple):
    """One comment, its signs included."""

    start: int
    end: int
    is_alone: bool
    """Whether nothing else stands on its lines."""


def comments(document: Document) -> Iterator[Comment]:
    """Yield the comments of a text in order."""
    path, text = document.path.lower(), document.text
    if path.endswith(_YAML):
        spans = _yaml_spans(text)
    elif path.endswith(_BICEP):
        spans = list(_bicep_spans(text))
    else:
        pattern = _IN_SLASHED if path.endswith(_SLASHES) else _IN_HASHED
        if path.endswith(_JSON):
            pattern = _IN_JSON
        spans = [m.span() for m in pattern.finditer(text) if m["comment"] is not None]
    for start, end in spans:
        yield Comment(start, end, _is_alone(text, start, end))


def _is_alone(text: str, start: int, end: int) -> bool:
    # NOTE: Taking the line apart would take a time that grows with the square of its length.
    while start and text[start - 1] in _BLANKS:
        start -= 1
    if start and text[start - 1] not in "\r\n":
        return False
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    return end == len(text) or text[end] in "\r\n"


def _bicep_spans(text: str) -> Iterator[tuple[int, int]]:
    """Find comments outside of texts, and inside of the `${...}` of texts."""
    holes: list[int] = []
    """For each text that is open around here, how many braces are."""
    at = 0
    while (match := _IN_BICEP.search(text, at)) is not None:
        at = match.end()
        sign = match["sign"]
        if match["comment"] is not None:
            yield match.span("comment")
        elif sign == "{" and holes:
            holes[-1] += 1
        elif sign == "}" and holes and holes[-1]:
            holes[-1] -= 1
        elif sign == "'" or (sign == "}" and holes):
            if sign == "}":
                holes.pop()
            inner = _IN_TEXT.match(text, at)
            if inner is not None:
                at = inner.end()
                if inner["sign"] == "${":
                    holes.append(0)


def _yaml_spans(text: str) -> list[tuple[int, int]]:
    found = [m.span() for m in _IN_YAML.finditer(text)]
    if not found:
        return []
    scalars = _scalars(text)
    kept: list[tuple[int, int]] = []
    at = 0
    for start, end in found:
        while at < len(scalars) and scalars[at][1] <= start:
            at += 1
        if at == len(scalars) or start < scalars[at][0]:
            kept.append((start, end))
    return kept


def _scalars(text: str) -> list[tuple[int, int]]:
    """Find the extents in which a `#` is text; of a block scalar, what follows its first line."""
    try:
        return list(_scanned(text))
    except ValueError:
        pass
    masked = _HOLE.sub(lambda m: "x" * len(m[0]), text)
    spans: list[tuple[int, int]] = []
    try:
        for span in _scanned(masked):
            spans.append(span)  # noqa: PERF402  # what was found before an error counts
    except ValueError:
        pass
    return spans


def _scanned(text: str) -> Iterator[tuple[int, int]]:
    for style, _, start, end in yaml_scalars(text):
        if style in {"|", ">"}:
            header = re.compile(r"[^\r\n]*").match(text, start)
            yield (header.end() if header is not None else start), end
        else:
            yield start, end


def yaml_scalars(text: str) -> Iterator[tuple[str | None, str, int, int]]:
    """Yield style, value, start and end of every scalar; raises ValueError for what is no YAML."""
    import yaml  # noqa: PLC0415  # only texts with comments of ours need it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for token in yaml.scan(text, Loader=loader):
            if isinstance(token, yaml.ScalarToken):
                start, end = token.start_mark.index, token.end_mark.index
                yield (None if token.plain else token.style), token.value, start, end
    except yaml.YAMLError as error:
        message = "is not valid YAML"
        raise ValueError(message) from error
