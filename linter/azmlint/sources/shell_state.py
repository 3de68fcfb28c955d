"""What a script has set, written and gone to at one moment, and the commands that it gives."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from azmlint.location import Place, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.location import Document, Edit
    from azmlint.sources.document import Site
    from azmlint.sources.shell_tree import Function, HereDocument, Script
    from azmlint.sources.shell_values import Field, Variable

_ON_DISK: Final = ("az ", "exported ", "output ")
"""How the names begin under which is kept what outlives a shell."""

Path: TypeAlias = "tuple[tuple[object, int], ...]"
"""The branches in which a command stands, the outermost first."""


class Call(NamedTuple):
    """A command that may run."""

    document: Document
    fields: tuple[Field, ...]
    """Its words, the name first."""

    path: Path

    state: State
    """As it is when the command runs."""

    here: HereDocument | None = None
    alone: Site | None = None
    """The function that is followed only because nothing in the script calls it."""

    append: Callable[[tuple[str, ...]], tuple[Edit, ...]] | None = None
    """Writes words behind it, where that is another way than a shell has."""


class Performs(Protocol):
    """What becomes of a command that is neither of the shell nor a function."""

    def __call__(self, call: Call) -> Variable | None:
        """Perform it; gives what it prints, where that is known."""
        ...


class Parse(Protocol):
    """Reads the text of another script."""

    def __call__(self, document: Document, /) -> Script:
        """Give its statements."""
        ...


class State:
    """What commands leave behind for those after them."""

    __slots__ = ("bases", "files", "functions", "is_rooted", "variables")

    def __init__(self, bases: tuple[str, ...]) -> None:
        """Start in one of these folders, of which the first that has a file is meant."""
        self.variables: dict[str, Variable] = {}
        self.functions: dict[str, tuple[Document, Function]] = {}
        self.files: dict[str, Document] = {}
        """What the script itself writes, by path."""
        self.bases = bases
        self.is_rooted = False
        """Whether absolute paths begin at the root of the project."""

    def copy(self) -> State:
        """Give a state that can go another way."""
        other = State(self.bases)
        other.variables = dict(self.variables)
        other.functions = dict(self.functions)
        other.files = dict(self.files)
        other.is_rooted = self.is_rooted
        return other

    def take_files(self, other: State) -> None:
        """Take what a shell that has ended leaves on disk, such as what az has been told."""
        self.files |= other.files
        self.variables |= {n: v for n, v in other.variables.items() if n.startswith(_ON_DISK)}

    def candidates(self, path: str) -> list[str]:
        """List what a path may mean, the likeliest first."""
        path = path.replace("\\", "/")
        if self.is_rooted and path.startswith("/"):
            return [posixpath.normpath(path.lstrip("/"))]
        found = [posixpath.normpath(posixpath.join(base, path)) for base in self.bases]
        return list(dict.fromkeys(p for p in found if not p.startswith(("/", "../"))))


def folders_from(path: str) -> tuple[str, ...]:
    """List the folder of a file and those above it, in which its commands may run."""
    folder = path.rpartition("/")[0]
    found = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return tuple(found)


def path_of(item: Field) -> str | None:
    """Give a path; what stands before it, such as the script's own folder, is left out."""
    if item.text is not None:
        return item.text
    parts = item.value().text_parts
    last = parts[-1] if parts else None
    if len(parts) > 1 and isinstance(last, str) and last.startswith("/"):
        return last.lstrip("/")
    return None


def site_of(document: Document, function: Function) -> Site:
    """Say where a function is defined."""
    place = Place(document, Span(function.start, function.start))
    return place.document.path, place.start
