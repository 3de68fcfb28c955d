"""Commands that a Python program starts, read as those of a script are."""

from __future__ import annotations

import ast
import posixpath
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import UNKNOWN, Term
from azmlint.location import Document, Place, Span
from azmlint.model.value import NotEditable
from azmlint.sources import az, python_edit, python_strings, shell
from azmlint.sources import python_paths as paths
from azmlint.sources.document import Problem, Reading
from azmlint.sources.embedded import Assembly
from azmlint.sources.python_names import is_shared, require_own
from azmlint.sources.python_syntax import SourceText
from azmlint.sources.python_values import Listed, narrowed, term_of, trace_of
from azmlint.sources.shell_run import Runner
from azmlint.sources.shell_state import folders_from
from azmlint.sources.shell_tree import Chars, Word
from azmlint.sources.shell_values import Field, Resolved, SettablePlace, Variable, field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.expressions.truth import Truth
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Edit, Spanned
    from azmlint.model.resource import Resource
    from azmlint.sources.document import Context
    from azmlint.sources.embedded import Embedded
    from azmlint.sources.python_commands import Started, Written
    from azmlint.sources.python_values import Path, Thing
    from azmlint.sources.shell_state import Call

_SAFE: Final = re.compile(r"[\w./:@%+,=-]*")
"""What a shell takes as it is, wherever it stands."""

_MENTIONED: Final = re.compile(
    r"\baz\b[^;&|\n]{0,300}?\b(?:ml\s+(?:compute|workspace)\s+(?:create|update|attach)|lock\s+create)\b"
)
_FILLED: Final = re.compile(r"(?<![{$])\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)")
_NUMBER: Final = re.compile(r"\d+")


class PythonPlace(SettablePlace):
    """A place in a program that holds one word of a command, and can hold another."""

    __slots__ = ("whole",)

    def __init__(
        self,
        document: Document,
        node: Spanned,
        role: str = "use",
        whole: tuple[Place, ...] = (),
    ) -> None:
        """Point at `node`; `whole` is how its value came to the command."""
        super().__init__(document, node, role)
        self.whole = whole

    def as_role(self, role: str) -> PythonPlace:
        """Point at the same text in another role."""
        return PythonPlace(self.document, self.node, role, self.whole)

    @property
    def is_shared(self) -> bool:
        """Whether something else reads what is written there."""
        return is_shared(self)

    def replaced(self, new: object) -> tuple[Edit, ...]:
        """Spell another value; a number stays one, all else is a text."""
        require_own(self.whole)
        text = str(new).lower() if isinstance(new, bool) else str(new)
        is_number = _NUMBER.fullmatch(self.text) and _NUMBER.fullmatch(text)
        return (python_edit.replace(self, int(text) if is_number else text),)


class Commands:
    """Reads the commands of one program, in the order in which it starts them."""

    def __init__(self, context: Context, exists: Callable[[Path], Callable[[], Truth]]) -> None:
        """Read with `context`; `exists` says when what a command makes is there."""
        self.context = context
        self.exists = exists
        self.worlds: Worlds = context.worlds
        self.reading = Reading()
        self.session = az.Session(self.reading, context)
        self.kept: dict[str, Variable] = {}
        """What commands leave behind for those after them."""
        self.count = 0
        """How many commands of az there were."""

    def add(self, started: Started) -> list[Resource]:
        """Read a command, and give what it makes."""
        before = len(self.session.made)
        if started.words is not None:
            self._words(started, started.words)
        else:
            self._text(started)
        found = [made.resource for made in self.session.made[before:]]
        for resource in found:
            resource.exists = self.exists(started.path)
        return found

    def finish(self) -> Reading:
        """Give what the commands make."""
        self.session.finish()
        return self.reading

    def _perform(self, call: Call) -> Variable | None:
        name = (call.fields[0].text or "").casefold()
        self.count += name.rpartition("/")[2] in {"az", "az.cmd", "az.exe"} or "-az" in name
        return self.session.perform(call)

    def _bases(self, started: Started) -> tuple[str, ...]:
        around = folders_from(Place(started.home, Span(0, 0)).document.path)
        given = paths.plain(started.folder) if started.folder is not None else None
        folder = given.data if isinstance(given, Term) else None
        if not isinstance(folder, str):
            return around
        if folder.startswith("/"):
            return (posixpath.normpath(folder.lstrip("/")),)
        found = [posixpath.normpath(posixpath.join(base, folder)) for base in around]
        return tuple("" if f == "." else f for f in found if not f.startswith(".."))

    def _keep(self, runner: Runner) -> None:
        self.kept |= {n: v for n, v in runner.state.variables.items() if n.startswith("az ")}

    # Texts

    def _text(self, started: Started) -> None:
        script = _Script(started, self.worlds)
        document = script.document()
        variables = {name: self._variable(thing) for name, thing in started.environment.items()}
        self.count = 0
        runner = shell.follow(
            document,
            self.context,
            self.session,
            {**variables, **script.variables, **self.kept},
            self._bases(started),
            path=_branches(started.path),
            is_rooted=True,
            performs=self._perform,
        )
        self._keep(runner)
        if not self.count and script.is_open and _MENTIONED.search(document.text) is not None:
            place = Place(document, Span(0, len(document.text)))
            message = "what runs here is not known: the command stands behind something unknown"
            self.reading.problems.append(
                Problem(place.document, place.start, place.end, None, message)
            )

    def _variable(self, thing: Thing) -> Variable:
        return Variable(lambda: word_of(thing, self.worlds))

    # Words

    def _words(self, started: Started, words: Listed) -> None:
        fields = self._fields(started, words)
        if not fields:
            return
        if fields[0].text is None:
            place = fields[0].place
            fields[0] = fields[0]._replace(value=lambda: Term("az", (place,)))
        # The words are no script: what is written behind them is another item of their list.
        empty = Document(started.home.path, "")

        def performs(call: Call) -> Variable | None:
            is_whole = call.fields[-1] is fields[-1]
            append = partial(_append, words) if is_whole else None
            return self._perform(call._replace(append=append))

        runner = Runner(empty, self.context, performs, shell.parse)
        runner.state.bases = self._bases(started)
        runner.state.is_rooted = True
        runner.state.variables |= self.kept
        runner.path = _branches(started.path)
        runner.command(tuple(fields))
        self.reading.secrets += runner.secrets
        self._keep(runner)

    def _fields(self, started: Started, words: Listed) -> list[Field]:
        nodes = _elements(words)
        found: list[Field] = []
        for index, item in enumerate(words.items):
            place = nodes[index] if nodes is not None else (*trace_of(item), started.place)[0]
            found.append(self._field(narrowed(item, started.path), place, is_here=bool(nodes)))
        if words.rest is not None:
            document, extent = started.place.inside
            rest = words.rest.at(started.place)
            found.append(Field(document, extent.start, extent.end, lambda: rest, None))
        return found

    def _field(self, thing: Thing, place: Place, *, is_here: bool) -> Field:
        document, extent = place.inside
        node = getattr(extent, "node", None)
        start, end = extent.start, extent.end
        if is_here and isinstance(node, ast.Constant) and isinstance(node.value, str):
            inner = Chars(start + 1, end - 1, node.value, is_quoted=True)
            if inner.is_plain and document.text[start] in "'\"":
                word = Word(start, end, (inner,))
                return field(document, word, (Resolved(inner, None),), self.worlds)
        use = PythonPlace(document, extent, "use", trace_of(thing))
        at = (use.document, use.start)

        def value() -> Term:
            term = word_of(thing, self.worlds)
            first = term.trace[0] if term.trace else None
            is_same = first is not None and (first.document, first.start) == at
            return term if is_same else term.at(use)

        return Field(document, start, end, value, None)


def word_of(thing: Thing, worlds: Worlds) -> Term:
    """Give something as a word, in the world being judged."""
    term = term_of(thing, worlds)
    data = term.data if not isinstance(term.data, (int, float, type(None))) else str(term.data)
    trace = term.trace
    if term.is_literal and trace:
        document, extent = trace[-1].inside
        trace = (*trace[:-1], PythonPlace(document, extent, trace[-1].role, trace))
    return Term(
        data,
        trace,
        reason=term.reason,
        parts=term.parts,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )


def _elements(words: Listed) -> list[Place] | None:
    """Find where the words of a list are written, when it is still as it was written."""
    place = words.trace[0] if words.trace else None
    document, extent = place.inside if place is not None else (None, None)
    node = getattr(extent, "node", None)
    nodes: Sequence[ast.expr] = ()
    if isinstance(node, (ast.List, ast.Tuple)):
        nodes = node.elts
    elif isinstance(node, ast.Call):
        nodes = node.args
    if document is None or len(nodes) != len(words.items):
        return None
    if any(isinstance(n, ast.Starred) for n in nodes):
        return None
    text = SourceText(document)
    return [text.place(n) for n in nodes]


def _append(words: Listed, added: tuple[str, ...]) -> tuple[Edit, ...]:
    """Write further words into the list that holds those of a command."""
    place = words.trace[0] if words.trace else None
    document, extent = place.inside if place is not None else (None, None)
    node = getattr(extent, "node", None)
    is_whole = place is not None and _elements(words) is not None and not is_shared(place)
    if document is None or not isinstance(node, ast.List | ast.Tuple) or not is_whole:
        message = "the words of the command are put together elsewhere in the program"
        raise NotEditable(message)
    require_own(words.trace)
    return python_edit.append(SourceText(document), node, added)


def _branches(path: Path) -> tuple[tuple[object, int], ...]:
    return tuple((decision.key, 0 if verdict else 1) for decision, verdict in path)


class _Script:
    """Puts the text of a command together, with what is filled in as variables."""

    def __init__(self, started: Started, worlds: Worlds) -> None:
        self.started = started
        self.worlds = worlds
        self.assembly = Assembly(started.home)
        self.text = SourceText(started.home)
        self.variables: dict[str, Variable] = {}
        self.is_open = False
        """Whether a part of it is not known."""

    def document(self) -> Embedded:
        """Give the script."""
        for piece in self.started.pieces:
            self._add(piece)
        self.assembly.add("\n")
        extent = self.text.extent(self.started.pieces[0].node)
        path = f"{self.started.home.path}/{extent.start}{self.started.suffix}"
        return self.assembly.embedded(path, is_listed=False)

    def _add(self, piece: Written) -> None:
        extent = self.text.extent(piece.node)
        start, end = extent.start, extent.end
        if not piece.is_literal:
            self._fill(piece.things[0], start, end, python_edit.written)
            return
        waiting = list(piece.things)
        if python_strings.holes(self.text.document.text, start, end) != len(waiting):
            self._whole(piece, start, end)
            return
        filled = self._names_in(piece)
        if filled:
            self._filled_in(filled, start, end)
            return
        python_strings.take(
            self.assembly,
            start,
            end,
            lambda low, high, spell: self._fill(waiting.pop(0), low, high, spell),
        )

    def _whole(self, piece: Written, start: int, end: int) -> None:
        """Add a literal that is spelled in no way that is followed, as one piece."""
        waiting = list(piece.things)
        values = piece.node.values if isinstance(piece.node, ast.JoinedStr) else [piece.node]
        for value in values:
            if isinstance(value, ast.Constant):
                self.assembly.instead(start, end, str(value.value))
            else:
                self._fill(waiting.pop(0), start, end, None)

    def _names_in(self, piece: Written) -> list[re.Match[str]]:
        """Find the names of the program that IPython fills in."""
        text = piece.node.value if isinstance(piece.node, ast.Constant) else ""
        found = _FILLED.finditer(str(text)) if self.started.names else ()
        return [m for m in found if (m[1] or m[2]) in self.started.names]

    def _filled_in(self, found: list[re.Match[str]], start: int, end: int) -> None:
        text, at = found[0].string, 0
        for match in found:
            self.assembly.instead(start, end, text[at : match.start()])
            self._fill(self.started.names[match[1] or match[2]], start, end, None)
            at = match.end()
        self.assembly.instead(start, end, text[at:])

    def _fill(self, thing: Thing, start: int, end: int, spell: Callable[[str], str] | None) -> None:
        """Add something of which the text stands elsewhere, or is not known."""
        thing = narrowed(thing, self.started.path)
        if isinstance(thing, Term) and thing.is_known:
            text = str(thing.data)
            if _SAFE.fullmatch(text) is None:
                self._splice(thing, text, start, end)
                return
        elif isinstance(thing, Term) and len(thing.parts) > 1:
            for part in thing.parts:
                one = Term(part) if isinstance(part, str) else None
                self._fill(
                    one or Term(UNKNOWN, thing.trace, reason=thing.reason, parts=(part,)),
                    start,
                    end,
                    None,
                )
            return
        self.is_open = self.is_open or not (isinstance(thing, Term) and thing.is_known)
        name = f"python_{len(self.variables)}"
        self.variables[name] = Variable(lambda: word_of(thing, self.worlds))
        written = f"${{{name}}}"
        if _is_quoted("".join(self.assembly.pieces)):
            written = f"'\"{written}\"'"
        how = (lambda new, _: spell(new)) if spell is not None else None
        self.assembly.instead(start, end, written, how)

    def _splice(self, thing: Term, text: str, start: int, end: int) -> None:
        """Add several words, as they are written where they stand here for this alone."""
        place = thing.trace[-1] if thing.is_literal and thing.trace else None
        document, extent = place.inside if place is not None else (None, None)
        node = getattr(extent, "node", None)
        is_here = document is self.started.home and isinstance(node, ast.Constant)
        if place is None or extent is None or not is_here or is_shared(place):
            self.assembly.instead(start, end, text)
            return
        if python_strings.holes(self.text.document.text, extent.start, extent.end) != 0:
            self.assembly.instead(start, end, text)
            return
        python_strings.take(self.assembly, extent.start, extent.end, lambda *_: None)


_QUOTE: Final = re.compile(r"\\.|['\"]", re.DOTALL)


def _is_quoted(text: str) -> bool:
    """Whether what follows in a shell's text stands between single quotes."""
    quote = ""
    for match in _QUOTE.finditer(text):
        if quote and match[0] == quote:
            quote = ""
        elif not quote and match[0] in {"'", '"'}:
            quote = match[0]
        elif quote == "'" and match[0] == "\\'":
            quote = ""
    return quote == "'"
