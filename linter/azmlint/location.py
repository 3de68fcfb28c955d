"""Where things stand in a text: documents, positions, places."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINE_ENDS = re.compile(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A point in a text, both numbers from 1."""

    line: int
    column: int
    """In characters, not bytes or UTF-16 units."""


class Cell(NamedTuple):
    """A point in a cell of a notebook."""

    number: int
    """Of all cells of the notebook, counted from 1."""

    line: int
    """In the cell, from 1, as is the column."""

    column: int


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

    __slots__ = ("_starts", "bom", "encoding", "inner", "path", "text")

    is_deployed: ClassVar[bool] = False
    """Whether it is no file but an answer of the service; its path is then a resource id."""

    is_embedded: ClassVar[bool] = False
    """Whether it stands in another document, as a cell does in a notebook."""

    def __init__(self, path: str, text: str, *, encoding: str = "utf-8", bom: bytes = b"") -> None:
        """Hold `text`; `path` is relative to the project root and uses `/`."""
        self.path = path
        self.text = text
        self.encoding = encoding
        self.bom = bom
        self.inner: dict[tuple[str, int], Document] | None = None
        """What was found to be embedded in it, by its path and where it begins."""
        self._starts: list[int] | None = None

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        """Leave out what is embedded: who reads the text again finds it again."""
        state: Any = super().__getstate__()
        return None, {**state[1], "inner": None}

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

    def leaves(self) -> Iterator[Document]:
        """Yield what is embedded in it and has nothing embedded itself."""
        for inner in (self.inner or {}).values():
            if inner.inner is None:
                yield inner
            else:
                yield from inner.leaves()

    def cell(self, offset: int) -> Cell | None:
        """Say where an offset of the file is in a cell of a notebook; None when it is in none."""
        for inner in (self.inner or {}).values():
            found = inner.cell(offset)
            if found is not None:
                return found
        return None

    def written(self, node: Spanned) -> str:
        """Give the text of an extent."""
        return self.text[node.start : node.end]

    def rank(self, node: Spanned) -> tuple[int | str, ...]:
        """Give what orders the extents of this document, and tells one from another."""
        return (node.start, node.end)

    def extent_of(self, start: int, end: int) -> Span | None:
        """Find what an extent of the file is in this text; None when it does not begin here."""
        return Span(start, end)

    def in_host(self, node: Spanned) -> tuple[Document, Spanned]:
        """Say where an extent of what is embedded stands in the document around it."""
        return self, node

    def host_edits(self, edit: Edit) -> tuple[Edit, ...]:
        """Spell an edit of what is embedded as edits of the document around it."""
        return (edit,)

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            self._starts = [0, *(m.end() for m in _LINE_ENDS.finditer(self.text))]
        return self._starts


class Place:
    """An extent of a document, and the part it plays in a value.

    It is always in a file: who points at something embedded points at where that stands.
    """

    __slots__ = ("document", "node", "role")

    def __init__(self, document: Document, node: Spanned, role: str = "use") -> None:
        """Point at `node`; `role` is one of use, argument, variable, default, parameter-file."""
        while document.is_embedded:
            document, node = document.in_host(node)
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
    def rank(self) -> tuple[int | str, ...]:
        """What orders the places of one document, and tells one from another."""
        return self.document.rank(self.node)

    @property
    def inside(self) -> tuple[Document, Spanned]:
        """The text in whose language it is written, embedded or not, and the extent in it."""
        inside: tuple[Document, Spanned] | None = getattr(self.node, "inside", None)
        return (self.document, self.node) if inside is None else inside

    @property
    def pieces(self) -> tuple[Span, ...]:
        """The extents of the file that spell it; several where other things stand between."""
        pieces: tuple[Span, ...] | None = getattr(self.node, "pieces", None)
        return (Span(self.start, self.end),) if pieces is None else pieces

    @property
    def text(self) -> str:
        """What is written there."""
        document, node = self.inside
        return document.text[node.start : node.end]

    def edit(self, text: str) -> Edit:
        """Replace what is written there."""
        document, node = self.inside
        return Edit(document, node.start, node.end, text)

    @property
    def cell(self) -> Cell | None:
        """Where it is in a cell of a notebook; None elsewhere."""
        return self.document.cell(self.start) if self.document.inner is not None else None

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
    around: tuple[Span, ...] = ()
    """The conditionals that give just what is replaced in one of their cases, from the inside."""


def in_files(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Spell edits of what is embedded as edits of files; raises NotEditable."""
    found: list[Edit] = []
    for edit in edits:
        if edit.document.is_embedded:
            found += in_files(edit.document.host_edits(edit))
        else:
            found.append(edit)
    return tuple(found)
