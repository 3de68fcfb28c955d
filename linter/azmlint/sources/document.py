"""Bytes as documents, and what reading one yields."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from azmlint.location import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Symbol, Term
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Place
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


ROOM = 100
"""The characters that a resource takes at least where it is written out."""

_LINE_END = re.compile(r"\r\n|\r|\n|\Z")


def line_end(text: str, offset: int) -> int:
    """Find where the line of an offset ends, before its line ending."""
    match = _LINE_END.search(text, offset)
    return match.start() if match is not None else len(text)


def line_ending(text: str) -> str:
    """Give the line ending that a text uses: that of its first line."""
    match = _LINE_END.search(text)
    return (match[0] if match is not None else "") or "\n"


_SECRET_SIGNS = (
    *("sig=", "sig%3d", "key=", "pwd=", "password=", "eyj", "q~", "jqqj99", "+acr", "=="),
    *("-----begin", "ls0tls1", "bearer ", "basic "),
)


def may_hold_secret(text: str) -> bool:
    """Whether a text has a sign of what `scrub.shaped` finds, which is not loaded for others."""
    low = text.casefold()
    return any(sign in low for sign in _SECRET_SIGNS) or ("://" in low and "@" in low)


class SyntaxProblem(Exception):  # noqa: N818  # it becomes a finding
    """A text is not valid in its own language."""

    def __init__(self, message: str, offset: int) -> None:
        """Say what is wrong, and at which offset."""
        super().__init__(message)
        self.message = message
        self.offset = offset

    def of(self, document: Document) -> Problem:
        """Say where in a document it is."""
        end = min(self.offset + 1, len(document.text))
        return Problem(document, min(self.offset, end), end, "syntax-error", self.message)


class Problem(NamedTuple):
    """Something of a document that was not judged, and why."""

    document: Document
    start: int
    end: int
    rule: str | None
    """The engine's own rule that reports it (`syntax-error`, `file-not-read`); None for a skip."""

    message: str


def too_deep(document: Document) -> Problem:
    """Say that a document is nested more deeply than a reader can follow, and was not read."""
    return Problem(document, 0, 0, "syntax-error", "this is nested too deeply to be read")


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

    environment: tuple[tuple[str, str], ...] = ()
    """Names and texts of what the environment gives to variables of Terraform, when that counts."""

    values: tuple[str, ...] = ()
    """Paths of files of which one gives values, when nothing says which; an empty one is none."""

    arguments: tuple[tuple[str, Callable[[], Term]], ...] = ()
    """What a script gives to parameters itself, in the world being judged; it wins over files."""

    said_at: str = ""
    """Where a script says it, for a reader."""

    others: tuple[Binding, ...] = ()
    """Other ways in which scripts deploy the same, as far as they give other values."""

    @property
    def gives_values(self) -> bool:
        """Whether it says with what something is deployed."""
        return any(way.parameters or way.arguments for way in (self, *self.others))


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


Site: TypeAlias = "tuple[str, int]"
"""Where something is defined: the file, and the offset in it."""


class Reading:
    """What one document holds."""

    __slots__ = ("alone", "bindings", "called", "modules", "problems", "resources", "secrets")

    def __init__(self) -> None:
        """Start empty."""
        self.alone: dict[Site, list[Resource | Problem]] = {}
        """What is there only as long as nothing in another file calls a function."""
        self.called: set[Site] = set()
        """Functions of other files that are called."""
        self.bindings: dict[str, list[Binding]] = {}
        """Where it deploys templates to, by the path of the template."""
        self.modules: dict[str, Document] = {}
        """Other files that were read for what they declare as a part of this one, by path."""
        self.resources: list[Resource] = []
        self.problems: list[Problem] = []
        self.secrets: list[Place] = []
        """Where passwords and keys are written that are no property of a resource."""

    def take(self, other: Reading) -> None:
        """Add what another text of the same file holds."""
        self.resources += other.resources
        self.problems += other.problems
        self.secrets += other.secrets
        self.modules |= other.modules
        for path, found in other.bindings.items():
            self.bindings.setdefault(path, []).extend(found)
        self.called |= other.called
        for site, alone in other.alone.items():
            self.alone.setdefault(site, []).extend(alone)

    def without(self, called: set[Site]) -> None:
        """Leave out what counts as long as nothing calls the functions that are called."""
        gone = {id(one) for site in called.intersection(self.alone) for one in self.alone[site]}
        if gone:
            self.resources = [r for r in self.resources if id(r) not in gone]
            self.problems = [p for p in self.problems if id(p) not in gone]


__all__ = [
    "Binding",
    "Context",
    "Problem",
    "Reading",
    "SyntaxProblem",
    "decode",
    "line_end",
    "line_ending",
    "may_hold_secret",
    "too_deep",
]
