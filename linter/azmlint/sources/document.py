"""Bytes as documents, and what reading one yields."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple, Protocol

from azmlint.location import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Symbol
    from azmlint.expressions.worlds import Worlds
    from azmlint.model.resource import Resource

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(path: str, raw: bytes) -> Document:
    """Make a document that can be written back byte for byte.

    Bytes that are not UTF-8 are read as Latin-1, in which every byte is a character.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            try:
                return Document(path, raw[len(bom) :].decode(encoding), encoding=encoding, bom=bom)
            except UnicodeDecodeError:
                break
    try:
        return Document(path, raw.decode("utf-8"))
    except UnicodeDecodeError:
        return Document(path, raw.decode("latin-1"), encoding="latin-1")


class SyntaxProblem(Exception):  # noqa: N818  # it becomes a finding
    """A text is not valid in its own language."""

    def __init__(self, message: str, offset: int) -> None:
        """Say what is wrong, and at which offset."""
        super().__init__(message)
        self.message = message
        self.offset = offset


class Problem(NamedTuple):
    """Something of a document that was not judged, and why."""

    document: Document
    start: int
    end: int
    rule: str | None
    """The engine's own rule that reports it (`syntax-error`, `file-not-read`); None for a skip."""

    message: str


class Binding(NamedTuple):
    """Where the configuration says that a deployment goes, and with what."""

    subscription: str | Symbol | None = None
    """A symbol stands for what nobody says, but is one thing for all who name it."""

    resource_group: str | Symbol | None = None
    workspace: str | None = None
    location: str | None = None
    """The region of the resource group."""

    parameters: tuple[str, ...] = ()
    """Paths of parameter files, in order; a later one wins."""


class Context(Protocol):
    """What a reader may ask of the run."""

    @property
    def worlds(self) -> Worlds:
        """The world being judged."""
        ...

    def binding(self, path: str) -> Binding:
        """Say where the deployment declared by `path` goes; empty when nobody says."""
        ...

    def sibling(self, path: str) -> Document | None:
        """Read another file of the project; None when it is missing or outside the root."""
        ...

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the paths beside `path` of which the file name matches, sorted."""
        ...


class Reading:
    """What one document holds."""

    __slots__ = ("problems", "resources")

    def __init__(self) -> None:
        """Start empty."""
        self.resources: list[Resource] = []
        self.problems: list[Problem] = []


__all__ = ["Binding", "Context", "Problem", "Reading", "SyntaxProblem", "decode"]
