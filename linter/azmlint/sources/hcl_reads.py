"""What the files of a Terraform module read by name, and in which statement that stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from azmlint.sources.origin import Read, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document
    from azmlint.sources.terraform_folder import Folder, Statement

_READ: Final = re.compile(
    r"(?<![\w.-])(?P<length>length\()?(?P<what>var|local|module\.[\w-]+(?:\[[^\]\n]*\])?)"
    r"\.(?P<name>[\w-]+)(?P<path>(?:\.[A-Za-z_][\w-]*|\[[^\]\n]*\])*)"
)


def reads_in(text: str) -> Iterator[Read]:
    """List what a text reads of variables, locals and outputs."""
    for match in _READ.finditer(text):
        # How long a list is does not depend on what is in its items.
        if match["length"] is None:
            what = match["what"].partition("[")[0]
            yield Read(what, match["name"], steps(match["path"]), match.start())


class Reads:
    """All reads of a module, by name; a name is looked up for each value that may be changed."""

    def __init__(self, folder: Folder) -> None:
        """List them, but for what a variable asks of itself."""
        self._of: dict[tuple[str, str], list[tuple[Document, Read]]] = {}
        self._spans: dict[int, list[tuple[int, int, Statement | None]]] = {}
        self.kept: dict[tuple[object, ...], list[Read]] = {}
        """What was found in a stretch of a text before."""
        for document in folder.documents:
            for read in reads_in(document.text):
                own = folder.variables.get(read.name) if read.what == "var" else None
                is_own = own is not None and own.document is document
                if is_own and own is not None and own.block.start <= read.start < own.block.end:
                    continue
                self._of.setdefault(read[:2], []).append((document, read))
        for attribute, document in folder.locals.values():
            self._add(document, attribute.start, attribute.end, None)
        for table in (folder.resources, folder.modules, folder.outputs):
            for statement in table.values():
                block = statement.block
                self._add(statement.document, block.start, block.end, statement)
        for spans in self._spans.values():
            spans.sort(key=lambda s: s[0])

    def _add(self, document: Document, start: int, end: int, statement: Statement | None) -> None:
        self._spans.setdefault(id(document), []).append((start, end, statement))

    def meeting(self, read: Read) -> Iterator[tuple[Document, Read]]:
        """Yield what may read the same, and where."""
        return (found for found in self._of.get(read[:2], ()) if found[1].meets(read))

    def is_twice(self, read: Read) -> bool:
        """Whether more than one place may read the same."""
        found = self.meeting(read)
        return next(found, None) is not None and next(found, None) is not None

    def statement(
        self, document: Document, offset: int
    ) -> tuple[int, int, Statement | None] | None:
        """Give the statement in which something stands, and its extent; a local value has none."""
        spans = self._spans.get(id(document), [])
        index = bisect_right(spans, offset, key=lambda s: s[0]) - 1
        return spans[index] if index >= 0 and offset < spans[index][1] else None


def reads_of(folder: Folder) -> Reads:
    """Give the reads of a module, which are listed with the first question."""
    if folder.reads is None:
        folder.reads = Reads(folder)
    return folder.reads
