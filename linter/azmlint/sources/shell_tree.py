"""What a script is made of, be it of a POSIX shell, of bash or of PowerShell."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Chars(NamedTuple):
    """Characters that stand for themselves."""

    start: int
    end: int
    text: str
    is_quoted: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether each character is written as itself, so that offsets can be counted."""
        return self.end - self.start == len(self.text)


class Expansion(NamedTuple):
    """The value of a variable."""

    start: int
    end: int
    name: str
    operator: str = ""
    """`:-`, `^^`, ... as written; `?` in front for what is not followed."""

    argument: Word | None = None
    is_quoted: bool = False
    is_list: bool = False
    """Whether it stands for all items of an array, or all arguments, each a word of its own."""


class Substitution(NamedTuple):
    """What commands print."""

    start: int
    end: int
    body: tuple[Statement, ...]
    is_quoted: bool = False


class Unfollowed(NamedTuple):
    """Something that gives a text which is not worked out, such as arithmetic."""

    start: int
    end: int
    what: str
    is_quoted: bool = False


class Hole(NamedTuple):
    """A place that a tool fills in before a shell sees the text."""

    start: int
    end: int
    text: str
    is_quoted: bool = False


class Table(NamedTuple):
    """A literal hashtable or array of PowerShell, or an array of bash."""

    start: int
    end: int
    rows: tuple[tuple[Word | None, Word], ...]
    """Names and values; an array has no names."""

    is_quoted: bool = False


Piece: TypeAlias = "Chars | Expansion | Substitution | Unfollowed | Hole | Table"


class Word(NamedTuple):
    """One word of a command."""

    start: int
    end: int
    pieces: tuple[Piece, ...]

    @property
    def literal(self) -> str | None:
        """Its text, when nothing in it has to be worked out."""
        if all(isinstance(piece, Chars) for piece in self.pieces):
            return "".join(p.text for p in self.pieces if isinstance(p, Chars))
        return None

    @property
    def bare(self) -> str | None:
        """Its text, when it is written without quotes."""
        if len(self.pieces) == 1:
            piece = self.pieces[0]
            if isinstance(piece, Chars) and not piece.is_quoted:
                return piece.text
        return None


class Assignment(NamedTuple):
    """A name that gets a value."""

    start: int
    name: str
    value: Word | None
    is_more: bool = False
    """Whether the value is appended."""


class HereDocument(NamedTuple):
    """Text for a command that stands below it."""

    start: int
    end: int
    is_literal: bool


class Redirect(NamedTuple):
    """Where a command reads from or writes to."""

    operator: str
    target: Word | None
    document: HereDocument | None = None


class Simple(NamedTuple):
    """A command with its words."""

    start: int
    end: int
    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: list[Redirect]
    """A here-document is added when the line has ended on which it is announced."""


class If(NamedTuple):
    """Statements of which one group runs."""

    start: int
    question: str
    condition: tuple[Statement, ...]
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


class Case(NamedTuple):
    """Groups of statements of which that for a pattern runs."""

    start: int
    subject: Word
    arms: tuple[tuple[str, tuple[Statement, ...]], ...]


class Loop(NamedTuple):
    """Statements that run an unknown number of times."""

    start: int
    condition: tuple[Statement, ...]
    body: tuple[Statement, ...]


class For(NamedTuple):
    """Statements that run once for each word."""

    start: int
    name: str
    words: tuple[Word, ...]
    body: tuple[Statement, ...]


class Function(NamedTuple):
    """Statements that run when their name is called."""

    start: int
    name: str
    body: tuple[Statement, ...]
    parameters: tuple[Assignment, ...] = ()
    """Of PowerShell, with their defaults."""


class Group(NamedTuple):
    """Statements that run as one, maybe in a shell of their own."""

    start: int
    body: tuple[Statement, ...]
    is_apart: bool


Statement: TypeAlias = "Simple | If | Case | Loop | For | Function | Group"


class Fault(NamedTuple):
    """Something that could not be read, and where."""

    start: int
    message: str
    is_invalid: bool
    """Whether the shell itself would refuse it."""


class Script(NamedTuple):
    """A parsed text."""

    statements: tuple[Statement, ...]
    faults: tuple[Fault, ...]
