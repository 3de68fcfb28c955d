"""What the words of a script stand for: terms that know where they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import UNKNOWN, Symbol, Term, text_of, unknown
from azmlint.expressions.truth import Reason
from azmlint.location import Edit, Place, Span
from azmlint.model.value import NotEditable
from azmlint.sources import placeholder
from azmlint.sources.shell_tree import Chars, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Part
    from azmlint.expressions.truth import Decision
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document
    from azmlint.sources.shell_tree import Piece

LENGTH_LIMIT: Final = 100_000
PARTS_LIMIT: Final = 1_000
"""How long a text may become, and of how many pieces it may be."""

_SAFE: Final = re.compile(r"[A-Za-z0-9_./:@%+,-]+")


class SettablePlace(Place):
    """A place that holds exactly one value, and can hold another."""

    __slots__ = ()

    @property
    def is_shared(self) -> bool | None:
        """Whether more than this value is read from there; None where texts have to be searched."""
        return None

    def replaced(self, new: object) -> tuple[Edit, ...]:
        """Spell another value there."""
        raise NotImplementedError


class WrittenPlace(SettablePlace):
    """A place in a script that holds exactly one value, and can hold another."""

    __slots__ = ("script", "span")

    def __init__(self, script: Document, span: Span, role: str = "use") -> None:
        """Point at `span` of a script, which may be embedded in a file."""
        super().__init__(script, span, role)
        self.script = script
        self.span = span

    def as_role(self, role: str) -> WrittenPlace:
        """Point at the same text in another role."""
        return WrittenPlace(self.script, self.span, role)

    def replaced(self, new: object) -> tuple[Edit, ...]:
        """Spell another value, in the quotes that are there."""
        start, end = self.span
        return (Edit(self.script, start, end, spelled(new, self.script.text[start:end])),)


def plain(new: object) -> str:
    """Give a value as the word that a command gets."""
    return str(new).lower() if isinstance(new, bool) else str(new)


def spelled(new: object, old: str = "") -> str:
    """Spell a value as a word, with the quotes of what stood there before."""
    text = plain(new)
    quote = old[:1] if len(old) > 1 and old[:1] in "'\"" and old[-1:] == old[:1] else ""
    if _SAFE.fullmatch(text):
        return f"{quote}{text}{quote}"
    if "'" in text or "\n" in text or (old and not quote):
        message = "the value cannot be written here"
        raise NotEditable(message)
    return f"'{text}'"


class Variable(NamedTuple):
    """What a name stands for at one moment of a run."""

    value: Callable[[], Term]
    items: tuple[Field, ...] | None = None
    """Of an array, or of a hashtable with its names before the values."""

    names: tuple[str, ...] = ()
    """Of a hashtable: the name of each item."""

    is_set: bool = True
    """False for what nothing in the script sets."""

    made: object = None
    """What a command gave that is no text, such as an object of PowerShell."""


class Field(NamedTuple):
    """One word of a command, expanded."""

    document: Document
    start: int
    end: int
    value: Callable[[], Term]
    word: Word | None
    """As it is written in the command; None for what comes out of a variable."""

    pieces: tuple[Resolved, ...] = ()
    worlds: Worlds | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the command."""
        return Place(self.document, Span(self.start, self.end))

    @property
    def text(self) -> str | None:
        """Its text, as far as it is the same in every world."""
        data = self.value().data
        return data if isinstance(data, str) else None


class Resolved(NamedTuple):
    """A piece of a word, and what it gives when that is not written in the word itself."""

    piece: Piece
    value: Callable[[], Term] | None


def field(
    document: Document, word: Word, pieces: tuple[Resolved, ...], worlds: Worlds | None
) -> Field:
    """Make a field of a word of which the variables are looked up."""
    value = once(lambda: evaluated(document, word, pieces), worlds)
    return Field(document, word.start, word.end, value, word, pieces, worlds)


def once(work: Callable[[], Term], worlds: Worlds | None) -> Callable[[], Term]:
    """Work a value out once, or once for each world on which it rests.

    Without that, what is made of itself over and over would take time that doubles each time.
    """
    kept: list[tuple[int, Term]] = []

    def value() -> Term:
        turn = worlds.turn if worlds is not None else 0
        if kept and (not kept[0][1].decisions or kept[0][0] == turn):
            return kept[0][1]
        term = work()
        kept[:] = [(turn, term)]
        return term

    return value


def evaluated(document: Document, word: Word, pieces: tuple[Resolved, ...]) -> Term:
    """Work out what a word gives."""
    if len(pieces) == 1 and pieces[0].value is not None:
        inner = pieces[0].value()
        trace = tuple(p.as_role("variable") if p.role == "use" else p for p in inner.trace)
        held = Term(
            inner.data,
            trace,
            reason=inner.reason,
            parts=inner.parts,
            decisions=inner.decisions,
            is_literal=inner.is_literal,
        )
        return held.at(Place(document, Span(word.start, word.end)))
    if all(isinstance(r.piece, Chars) for r in pieces):
        text = "".join(r.piece.text for r in pieces if isinstance(r.piece, Chars))
        written = WrittenPlace(document, Span(word.start, word.end))
        if placeholder.is_filled_in(text):
            return placeholder.term_of(text, (written,))
        return Term(text, (written,), is_literal=True)
    return _joined(document, word, pieces)


def _joined(document: Document, word: Word, pieces: tuple[Resolved, ...]) -> Term:
    place = Place(document, Span(word.start, word.end))
    terms = [_piece_term(r) for r in pieces]
    decisions = tuple(dict.fromkeys(d for t in terms for d in t.decisions))
    length = sum(len(str(p)) for t in terms for p in t.text_parts)
    if length > LENGTH_LIMIT or sum(len(t.parts) for t in terms) > PARTS_LIMIT:
        symbol = Symbol(("long", document.path, word.start), "a long text")
        return unknown("limit", "the text is too long", symbol, (place,), decisions)
    if all(isinstance(t.data, (str, int)) for t in terms):
        return Term("".join(str(t.data) for t in terms), (place,), decisions=decisions)
    parts: list[Part] = []
    reason: Reason | None = None
    for term in terms:
        parts += term.text_parts or (("",) if term.is_known else ())
        reason = reason or term.reason
    reason = reason or Reason("parameter", "a part of it is not known")
    return Term(UNKNOWN, (place,), reason=reason, parts=text_of(parts), decisions=decisions)


def _piece_term(resolved: Resolved) -> Term:
    if resolved.value is not None:
        return resolved.value()
    assert isinstance(resolved.piece, Chars)  # noqa: S101  # the only piece that is its own value
    return Term(resolved.piece.text)


def part_of(whole: Field, start: int, end: int | None = None) -> Field | None:
    """Give what stands in a field between two characters of its text, with its own place.

    Of a text that holds something unknown, only what surrounds it can be counted.
    """
    pieces: list[Resolved] = []
    seen = 0
    for resolved in whole.pieces:
        piece = resolved.piece
        if not isinstance(piece, Chars):
            known = resolved.value() if resolved.value is not None else None
            length = len(known.data) if known is not None and isinstance(known.data, str) else 0
            if seen + length > start or (length == 0 and seen >= start):
                pieces.append(resolved)
            seen += length
            continue
        low, high = max(start - seen, 0), len(piece.text)
        if end is not None:
            high = min(high, end - seen)
        seen += len(piece.text)
        if low >= high:
            continue
        if (low, high) == (0, len(piece.text)):
            pieces.append(resolved)
        elif piece.is_plain:
            cut = Chars(
                piece.start + low, piece.start + high, piece.text[low:high], piece.is_quoted
            )
            pieces.append(Resolved(cut, None))
        else:
            return None
        if end is not None and seen >= end:
            break
    if not pieces:
        return None
    first, last = pieces[0].piece, pieces[-1].piece
    quote = 1 if isinstance(first, Chars) and first.is_quoted and len(pieces) == 1 else 0
    low_at, high_at = first.start, last.end
    text = whole.document.text
    if (
        quote
        and text[low_at - 1 : low_at] in {"'", '"'}
        and (text[high_at : high_at + 1] == text[low_at - 1 : low_at])
    ):
        low_at, high_at = low_at - 1, high_at + 1
    word = Word(low_at, high_at, tuple(r.piece for r in pieces))
    return field(whole.document, word, tuple(pieces), whole.worlds)


def rest_of(item: Field, start: int) -> Field | None:
    """Give what a word says from a character on, at the place of the whole if need be."""
    found = part_of(item, start)
    if found is not None or item.pieces:
        return found

    def value() -> Term:
        term = item.value()
        first, *others = term.text_parts or ("",)
        pieces = text_of((first[start:] if isinstance(first, str) else first, *others))
        if len(pieces) > 1 or (pieces and not isinstance(pieces[0], str)):
            return Term(UNKNOWN, term.trace, reason=term.reason, parts=pieces)
        text = pieces[0] if pieces else ""
        return Term(str(text), term.trace, decisions=term.decisions)

    return item._replace(value=value, word=None)


def literal(document: Document, start: int, end: int, text: str) -> Term:
    """Give a text that is written at one place."""
    return Term(text, (WrittenPlace(document, Span(start, end)),), is_literal=True)


def constant(term: Term) -> Callable[[], Term]:
    """Give a value that is worked out already."""
    return lambda: term


def unset(name: str, scope: object) -> Variable:
    """Give a variable that nothing sets."""
    symbol = Symbol(("variable", scope, name), f"${name}")
    text = f"'${name}' is not set in this file"
    if name.isdigit():
        text = f"'${name}' is an argument that the file is called with"
    term = unknown("parameter", text, symbol)
    return Variable(lambda: term, is_set=False)


def is_unset(term: Term) -> bool:
    """Whether a value is that of a variable that nothing sets, in the world being judged."""
    symbol = term.parts[0] if len(term.parts) == 1 else None
    identity = symbol.identity if isinstance(symbol, Symbol) else None
    return isinstance(identity, tuple) and identity[:1] == ("variable",)


def output(identity: object, shown: str, text: str) -> Term:
    """Give what a command prints, which only a run can tell."""
    return unknown("runtime", text, Symbol(("output", identity), shown))


def either(decision: Decision, options: tuple[Variable, ...], worlds: Worlds) -> Variable:
    """Give a variable that has another value in each branch that may have run."""

    def value() -> Term:
        chosen = worlds.choice(decision)
        if chosen is not None:
            return options[chosen].value().resting_on((decision,))
        reason = Reason("parameter", f"it depends on `{decision.question}`")
        symbol = Symbol(("decision", decision.key), decision.question)
        return Term(UNKNOWN, reason=reason, parts=(symbol,), decisions=(decision,))

    return Variable(value)


def pair(item: Field) -> tuple[str | None, Field | None]:
    """Split `key=value`."""
    first = item.pieces[0].piece if item.pieces else None
    text = item.text if item.text is not None else getattr(first, "text", None)
    if not isinstance(text, str) or "=" not in text:
        return None, None
    name = text.partition("=")[0]
    value = part_of(item, len(name) + 1)
    if value is None and item.text is not None:
        term = item.value()
        rest = Term(item.text.partition("=")[2], term.trace, decisions=term.decisions)
        value = item._replace(value=lambda: rest, pieces=())
    return name, value


def split_at(term: Term, sign: str) -> list[Term]:
    """Split a text that holds unknown pieces at a pattern; in those it is not expected."""
    words: list[list[Part]] = [[]]
    for part in term.parts:
        if not isinstance(part, str):
            words[-1].append(part)
            continue
        first, *rest = re.split(sign, part)
        words[-1].append(first)
        words += [[text] for text in rest]
    found = []
    for pieces in words:
        whole = text_of(pieces)
        if len(whole) == 1 and isinstance(whole[0], str):
            found.append(Term(whole[0], term.trace, decisions=term.decisions))
        elif whole:
            made = Term(
                UNKNOWN, term.trace, reason=term.reason, parts=whole, decisions=term.decisions
            )
            found.append(made)
    return found
