"""Parses Python without running or importing it, and goes on after what it cannot read."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.location import Place

if TYPE_CHECKING:
    from azmlint.location import Document

_STATEMENT: Final = re.compile(
    r"^(?![ \t\f#)\]}\r\n]|(?:else|elif|except|finally)\b).", re.MULTILINE
)
"""Where a statement of the outermost level may begin."""

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")

JOIN_LIMIT: Final = 60
"""Over how many lines that begin at the margin one statement is looked for in a broken text."""

SHORT_JOIN: Final = 3
"""Over how many, where the error is none that more lines could mend."""

AGAIN_LIMIT: Final = 3_000_000
"""How many characters of a broken text are read again; each attempt counts as a hundred more."""

_UNFINISHED: Final = ("never closed", "unterminated", "EOF")

_OLDER: Final = ("Missing parentheses in call to", "multiple exception types must be")
"""What is said of statements of Python 2, which are whole."""

BROKEN_LIMIT: Final = 20
"""How many broken statements of one text are told of."""


class Broken(NamedTuple):
    """A statement that is not valid Python."""

    offset: int
    message: str
    is_too_deep: bool = False
    """It may be valid, but nests deeper than it is followed."""


class Extent:
    """The extent of a node of the syntax tree, worked out when somebody asks."""

    __slots__ = ("node", "text")

    def __init__(self, text: SourceText, node: ast.AST) -> None:
        """Stand for `node`, which came from `text`."""
        self.text = text
        self.node = node

    @property
    def start(self) -> int:
        """The offset of the first character."""
        return self.text.offset(self.node.lineno, self.node.col_offset)  # type: ignore[attr-defined]  # expressions and statements have it

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.text.offset(self.node.end_lineno, self.node.end_col_offset)  # type: ignore[attr-defined]  # as above


class SourceText:
    """A text with the offsets of what its syntax tree says in lines and bytes."""

    __slots__ = ("document",)

    def __init__(self, document: Document) -> None:
        """Locate the nodes of `document`."""
        self.document = document

    def offset(self, line: int, column: int) -> int:
        """Turn a line and a column in bytes of UTF-8 into an offset of the text."""
        start = self.document.line_start(line)
        ahead = self.document.text[start : start + column]
        if ahead.isascii():
            return start + column
        text = self.document.line(line)
        return start + len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))

    def extent(self, node: ast.AST) -> Extent:
        """Locate a node in this text, which may be embedded in another."""
        return Extent(self, node)

    def place(self, node: ast.AST, role: str = "use") -> Place:
        """Point at a node."""
        return Place(self.document, Extent(self, node), role)


class Parsed(NamedTuple):
    """What could be read of a text."""

    body: list[ast.stmt]
    broken: list[Broken]


def parse(document: Document) -> Parsed:
    """Parse a text; what is broken costs only the statements that it stands in."""
    text = document.text
    found = _tree(text)
    if isinstance(found, list):
        return Parsed(found, [])
    pieces = _pieces(document)
    return pieces if pieces.broken else pieces._replace(broken=[found])


def _tree(text: str) -> list[ast.stmt] | Broken:
    try:
        with warnings.catch_warnings():
            # A text with `\d` is none of our business, and standard error is not the report.
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except SyntaxError as error:
        return Broken(_where(text, error), _why(error), "too many nested" in (error.msg or ""))
    except ValueError as error:
        return Broken(max(0, text.find("\0")), str(error))
    except (RecursionError, MemoryError):
        return Broken(0, "it nests deeper than it is followed", is_too_deep=True)


def _where(text: str, error: SyntaxError) -> int:
    line, column = error.lineno or 1, error.offset or 1
    starts = _LINE.finditer(text)
    start = 0
    for number, match in enumerate(starts, 1):
        if number == line or match.end() == len(text):
            start = match.start()
            break
    return max(0, min(start + max(0, column - 1), len(text)))


def _why(error: SyntaxError) -> str:
    return f"this is not valid Python 3: {error.msg}"


def _pieces(document: Document) -> Parsed:
    """Parse statement by statement."""
    text = document.text
    starts = [m.start() for m in _STATEMENT.finditer(text)]
    body: list[ast.stmt] = []
    broken: list[Broken] = []
    at = last = 0
    is_older = False
    left = AGAIN_LIMIT
    while at < len(starts):
        if left < 0:
            message = "so much of this is no valid Python that nothing is read from here on"
            broken.append(Broken(starts[at], message))
            break
        begin = starts[at]
        first: Broken | None = None
        found: list[ast.stmt] | Broken = []
        for after in range(at + 1, min(at + JOIN_LIMIT, len(starts)) + 1):
            end = starts[after] if after < len(starts) else len(text)
            left -= end - begin + 100
            found = _tree(text[begin:end])
            if isinstance(found, list):
                line = document.position(begin).line - 1
                for statement in found:
                    ast.increment_lineno(statement, line)
                body += found
                at = after
                break
            first = first or found
            is_open = any(word in found.message for word in _UNFINISHED)
            if left < 0 or (after - at >= SHORT_JOIN and not is_open):
                break
        if isinstance(found, Broken):
            # Lines that follow a broken one are broken by it, unless that is whole in Python 2.
            is_new = not broken or last != at - 1 or is_older
            is_older = first is not None and any(w in first.message for w in _OLDER)
            if first is not None and is_new and len(broken) < BROKEN_LIMIT:
                broken.append(first._replace(offset=begin + first.offset))
            last = at
            at += 1
    return Parsed(body, broken)
