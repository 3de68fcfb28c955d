"""Where things stand in a text: documents, positions, places."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import ClassVar, NamedTuple, Protocol

_LINE_ENDS = re.compile(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A point in a text, both numbers from 1."""

    line: int
    column: int
    """In characters, not bytes or UTF-16 units."""


class Spanned(Protocol):
    """Anything that knows its extent in a text; it may work it out only when asked."""

    @property
    def start(self) -> int:
        """The offset of the first character."""
        ...

    @property
    def end(self) -> int:
        """The offset after the last character."""
        ...


class Span(NamedTuple):
    """An extent in a text, known already."""

    start: int
    end: int


class Document:
    """One artifact's text, with what is needed to write it back byte for byte."""

    __slots__ = ("_starts", "bom", "encoding", "path", "text")

    is_deployed: ClassVar[bool] = False
    """Whether it is no file but an answer of the service; its path is then a resource id."""

    def __init__(self, path: str, text: str, *, encoding: str = "utf-8", bom: bytes = b"") -> None:
        """Hold `text`; `path` is relative to the project root and uses `/`."""
        self.path = path
        self.text = text
        self.encoding = encoding
        self.bom = bom
        self._starts: list[int] | None = None

    def position(self, offset: int) -> Position:
        """Say which line and column an offset is."""
        starts = self._line_starts()
        line = bisect_right(starts, offset) - 1
        return Position(line + 1, offset - starts[line] + 1)

    def line(self, number: int) -> str:
        """Give the text of one line, counted from 1, without its line ending."""
        starts = self._line_starts()
        start = starts[number - 1]
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def line_start(self, number: int) -> int:
        """Give the offset at which one line, counted from 1, begins."""
        return self._line_starts()[number - 1]

    @property
    def line_count(self) -> int:
        """How many lines the text has; an empty text has one."""
        return len(self._line_starts())

    def encoded(self, text: str) -> bytes:
        """Turn `text` into the bytes this document would have on disk."""
        return self.bom + text.encode(self.encoding)

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(m.end() for m in _LINE_ENDS.finditer(self.text))]
        return self._starts


class Place:
    """An extent of a document, and the part it plays in a value."""

    __slots__ = ("document", "node", "role")

    def __init__(self, document: Document, node: Spanned, role: str = "use") -> None:
        """Point at `node`; `role` is one of use, argument, variable, default, parameter-file."""
        self.document = document
        self.node = node
        self.role = role

    @property
    def start(self) -> int:
        """The offset of the first character."""
        return self.node.start

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.node.end

    @property
    def text(self) -> str:
        """What is written there."""
        return self.document.text[self.start : self.end]

    def as_role(self, role: str) -> Place:
        """Point at the same text in another role."""
        return Place(self.document, self.node, role)

    @property
    def shown(self) -> str:
        """Path, line and column; of what is deployed, the id alone."""
        if self.document.is_deployed:
            return self.document.path
        line, column = self.document.position(self.start)
        return f"{self.document.path}:{line}:{column}"

    def __repr__(self) -> str:
        """Show where it is."""
        return self.shown


class Edit(NamedTuple):
    """Replace an extent of one document by another text."""

    document: Document
    start: int
    end: int
    text: str
