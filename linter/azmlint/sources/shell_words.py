"""Words of a script with what their variables hold: fields, as a shell makes them."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from azmlint.brief import brief
from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.location import Place, Span
from azmlint.sources.shell_state import State, folders_from
from azmlint.sources.shell_tree import (
    Chars,
    Expansion,
    Hole,
    Substitution,
    Table,
    Unfollowed,
    Word,
)
from azmlint.sources.shell_values import (
    Field,
    Resolved,
    Variable,
    constant,
    evaluated,
    field,
    is_unset,
    once,
    output,
    split_at,
    unset,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from azmlint.location import Document
    from azmlint.sources.document import Context, Site
    from azmlint.sources.shell_state import Parse, Path, Performs
    from azmlint.sources.shell_tree import Assignment, Piece, Redirect, Statement

LOOP_LIMIT: Final = 64
"""How many turns of a loop are followed."""

SECRET: Final = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:account|access|api|storage|sas)[_-]?key|sas"
    r"|connection[_-]?string|credentials?)$",
    re.IGNORECASE,
)
"""How the names of options and variables end that hold what nobody should read."""

_MACRO: Final = re.compile(r"\$\(([A-Za-z][\w.-]*)\)")
_SHOWN: Final = 60


class Words:
    """Gives words their fields, as variables are when they are expanded."""

    def __init__(
        self,
        document: Document,
        context: Context,
        performs: Performs,
        parse: Parse,
        *,
        folds_names: bool = False,
    ) -> None:
        """Follow a script; `folds_names` where the case of variables carries no meaning."""
        self.document = self.home = document
        self.context = context
        self.performs = performs
        self.parse = parse
        self.folds_names = folds_names
        self.scope = Place(document, Span(0, 0)).document.path
        """The file: a variable that nothing sets is one in all of it."""
        self.state = State(folders_from(document.path))
        self.steps = 0
        self.depth = 0
        self.turn = 0
        self.path: Path = ()
        self.called: set[str] = set()
        self.outside: set[Site] = set()
        """Functions of other files that are called."""
        self.is_cut = False
        self.secrets: list[Place] = []
        """Where passwords and keys are written."""
        self._open: Counter[Site] = Counter()
        """How often each function is being followed."""
        self._locals: list[dict[str, Variable | None]] = []
        self._printed: Variable | None = None
        self._lines = 0
        """How many commands have printed something since a substitution began."""
        self._sourced: list[str] = []
        self._alone: Site | None = None
        self._said: Field | None = None
        """What was printed last."""
        self._around: tuple[Redirect, ...] = ()
        """Where goes what a group of commands prints."""

    def _all(self, statements: Iterable[Statement]) -> None:
        """Follow statements."""
        raise NotImplementedError

    def folded(self, name: str) -> str:
        """Give a name as variables are kept under it."""
        return name.casefold() if self.folds_names else name

    def _variable(self, name: str) -> Variable:
        found = self.state.variables.get(self.folded(name))
        if found is None:
            found = unset(name, self.scope)
        return found

    def _assigned(self, assignment: Assignment) -> Variable:
        word = assignment.value
        if word is None:
            symbol = Symbol(("item", self.document.path, assignment.start), assignment.name)
            term = unknown("parameter", f"'{assignment.name}' is an array", symbol)
            return Variable(lambda: term)
        piece = word.pieces[0] if len(word.pieces) == 1 else None
        if isinstance(piece, Table):
            made = self._table(piece)
            old = self._variable(assignment.name)
            if assignment.is_more and old.items is not None:
                made = made._replace(items=(*old.items, *(made.items or ())))
            return made
        if isinstance(piece, Substitution):
            printed = self._substituted(piece)
            return printed._replace(value=self._located(word, printed))
        bound = self._bound(word)
        if SECRET.search(assignment.name) is not None:
            self._keep_secret(bound.value())
        if assignment.is_more:
            old = self._variable(assignment.name)
            pieces = (Resolved(Unfollowed(word.start, word.start, ""), old.value), *bound.pieces)
            document = self.document
            return Variable(once(lambda: evaluated(document, word, pieces), self.context.worlds))
        if isinstance(piece, Expansion) and not piece.operator:
            whole = self._variable(piece.name)
            return whole._replace(value=bound.value, is_set=True)
        return Variable(bound.value)

    def _located(self, word: Word, printed: Variable) -> Callable[[], Term]:
        place = Place(self.document, Span(word.start, word.end))
        return lambda: printed.value().at(place)

    def _table(self, table: Table) -> Variable:
        items: list[Field] = []
        names: list[str] = []
        for name, value in table.rows:
            expanded = self._expanded(value)
            if name is not None:
                names.append(name.literal or "")
                expanded = expanded[:1]
            items += expanded
        symbol = Symbol(("array", self.document.path, table.start), "an array")
        term = unknown("parameter", "an array is several texts", symbol)
        first = items[0].value if items and not names else (lambda: term)
        return Variable(first, tuple(items), tuple(names))

    def _bound(self, word: Word) -> Field:
        """Look up all variables of a word as they are now."""
        pieces = tuple(self._resolved(p) for p in word.pieces)
        return field(self.document, word, pieces, self.context.worlds)

    def _resolved(self, piece: Piece) -> Resolved:
        if isinstance(piece, Chars):
            return Resolved(piece, None)
        if isinstance(piece, Expansion):
            return Resolved(piece, self._expansion(piece))
        if isinstance(piece, Substitution):
            return Resolved(piece, self._substituted(piece).value)
        if isinstance(piece, Hole):
            return Resolved(piece, self._hole(piece))
        if isinstance(piece, Table) and self.document.text.startswith("@{", piece.start):
            return Resolved(piece, self._map(piece))
        text = " ".join(self.document.text[piece.start : piece.end].split())
        term = output((self.document.path, piece.start, self.turn), short(text), "it is computed")
        return Resolved(piece, lambda: term)

    def _map(self, table: Table) -> Callable[[], Term]:
        """Look up the values of a hashtable that is written as an argument."""
        named = [(name, value) for name, value in table.rows if name is not None]
        rows = [(name.literal, self._bound(value)) for name, value in named]
        places = [Place(self.document, Span(name.start, name.end)) for name, _ in named]

        def value() -> Term:
            made = Object()
            for (name, item), place in zip(rows, places, strict=True):
                if name is not None:
                    made[name] = item.value()
                    made.keys_at[name] = Term(name, (place,), is_literal=True)
            return Term(made, (Place(self.document, Span(table.start, table.end)),))

        return value

    def _hole(self, hole: Hole) -> Callable[[], Term]:
        inner = re.fullmatch(r"\$\{\{\s*([\w.-]+)\s*\}\}", hole.text)
        if inner is not None:
            found = self.state.variables.get(self.folded(inner[1]))
            if found is not None:
                return found.value
        shown = " ".join(hole.text.split())
        symbol = Symbol(("hole", shown), shown)
        term = unknown("placeholder", f"'{shown}' is filled in before deployment", symbol)
        return lambda: term

    def _substituted(self, piece: Substitution) -> Variable:
        macro = _MACRO.fullmatch(self.document.text, piece.start, piece.end)
        if macro is not None and self.document.is_embedded:
            # Azure Pipelines fills it in before a shell sees it.
            found = self.state.variables.get(self.folded(macro[1]))
            if found is not None:
                return found
            symbol = Symbol(("hole", macro[0]), macro[0])
            text = f"'{macro[0]}' is filled in before deployment"
            return Variable(constant(unknown("placeholder", text, symbol)))
        kept = self.state
        self.state = kept.copy()
        printed = self._output_of(piece.body)
        self.state = kept
        if printed is not None:
            return printed
        shown = short(" ".join(self.document.text[piece.start : piece.end].split()))
        identity = (self.document.path, piece.start, self.turn)
        text = f"`{shown}` is known only when it has run"
        term = output(identity, shown, text)
        return Variable(lambda: term)

    def _output_of(self, body: tuple[Statement, ...]) -> Variable | None:
        outer = self._lines
        self._printed, self._lines = None, 0
        self._all(body)
        printed, self._printed = self._printed, None
        # What several commands print, or one in a branch that may not run, is no single value.
        is_one = self._lines <= 1
        self._lines = outer
        return printed if is_one else None

    def _expansion(self, piece: Expansion) -> Callable[[], Term]:
        variable = self._variable(piece.name)
        operator = piece.operator
        if operator in {"", ":?", "?"} and piece.name:
            return variable.value
        if operator in {":-", "-", ":=", "="} and piece.argument is not None:
            return self._with_default(variable, piece)
        if operator in {"%", "%%", "#", "##"} and piece.argument is not None:
            pattern = self._bound(piece.argument).text
            if pattern is not None and not set(pattern) & set("[]"):
                return _cased(variable.value, partial(_trimmed, operator, pattern))
        if operator in {"^^", ",,"}:
            return _cased(variable.value, str.upper if operator == "^^" else str.lower)
        text = " ".join(self.document.text[piece.start : piece.end].split())
        what = (self.document.path, piece.start, self.turn)
        term = output(what, short(text), f"`{short(text)}` is not worked out")
        return lambda: term

    def _with_default(self, variable: Variable, piece: Expansion) -> Callable[[], Term]:
        assert piece.argument is not None  # noqa: S101  # asked before
        default = self._bound(piece.argument)
        operator = piece.operator

        def value() -> Term:
            term = variable.value()
            is_set = variable.is_set and not is_unset(term)
            if is_set and not (term.data == "" and operator.startswith(":")):
                return term
            found = default.value().resting_on(term.decisions)
            if found.data == "" and not is_set:
                # `${X:-}` keeps the shell from complaining; it says nothing of a value.
                return term
            trace = tuple(p.as_role("default") if i == 0 else p for i, p in enumerate(found.trace))
            return Term(
                found.data,
                trace,
                reason=found.reason,
                parts=found.parts,
                decisions=found.decisions,
                is_literal=found.is_literal,
            )

        if operator in {":=", "="}:
            self.state.variables[self.folded(piece.name)] = Variable(value)
        return value

    def _expanded(self, word: Word) -> list[Field]:
        """Make the fields that a word becomes."""
        piece = word.pieces[0] if len(word.pieces) == 1 else None
        if isinstance(piece, Expansion):
            variable = self._variable(piece.name)
            if piece.is_list and variable.items is not None and not piece.operator:
                return self._listed(variable)
            if not piece.is_quoted:
                return self._fields(word, piece)
        if word.bare is not None and "{" in word.bare:
            return [
                field(
                    self.document,
                    w,
                    tuple(Resolved(p, None) for p in w.pieces),
                    self.context.worlds,
                )
                for w in _braces(word)
            ]
        return [self._bound(word)]

    def _listed(self, variable: Variable) -> list[Field]:
        if not variable.names:
            return list(variable.items or ())
        found: list[Field] = []
        for name, item in zip(variable.names, variable.items or (), strict=False):
            term = Term(f"-{name}")
            found.append(item._replace(value=constant(term), word=None, pieces=()))
            found.append(item)
        return found

    def _fields(self, word: Word, piece: Expansion) -> list[Field]:
        """Split what a variable holds at its blanks, as no quotes keep it together."""
        bound = self._bound(word)
        term = bound.value()
        if self.folds_names or term.is_absent:
            return [bound]
        parts: list[Term] = []
        if isinstance(term.data, str):
            parts = [_within(term, m.start(), m.end()) for m in re.finditer(r"\S+", term.data)]
        elif len(term.parts) > 1:
            parts = split_at(term, r"\s+")
        if isinstance(term.data, str) and [p.data for p in parts] == [term.data]:
            return [bound]
        if not isinstance(term.data, str) and len(parts) < 2:  # noqa: PLR2004  # nothing to split
            return [bound]
        return [Field(self.document, piece.start, piece.end, constant(p), None) for p in parts]

    def _restore(self, name: str, old: Variable | None) -> None:
        if old is None:
            self.state.variables.pop(name, None)
        else:
            self.state.variables[name] = old

    def _keep_secret(self, term: Term) -> None:
        if term.is_literal and term.trace and term.data != "":
            self.secrets.append(term.trace[-1])


def _within(term: Term, start: int, end: int) -> Term:
    """Give a word of a longer text, at its own place when the text is written as it is."""
    from azmlint.sources.shell_values import WrittenPlace  # noqa: PLC0415

    text = str(term.data)[start:end]
    last = term.trace[-1] if term.trace else None
    if term.is_literal and isinstance(last, WrittenPlace):
        written = last.script.text[last.span.start : last.span.end]
        offset = written.find(str(term.data))
        if offset >= 0:
            low = last.span.start + offset
            place = WrittenPlace(last.script, Span(low + start, low + end), last.role)
            return Term(text, (*term.trace[:-1], place), is_literal=True)
    return Term(text, term.trace, decisions=term.decisions)


def _trimmed(operator: str, pattern: str, text: str) -> str:
    """Take away what a pattern fits: the shortest or longest piece at an end, as the shell does."""
    cuts = range(len(text) + 1) if operator in {"%%", "#"} else range(len(text), -1, -1)
    for cut in cuts:
        piece, rest = (text[:cut], text[cut:]) if operator[0] == "#" else (text[cut:], text[:cut])
        if fits(pattern, piece):
            return rest
    return text


def _cased(value: Callable[[], Term], change: Callable[[str], str]) -> Callable[[], Term]:
    def changed() -> Term:
        term = value()
        if not isinstance(term.data, str):
            return term
        return Term(change(term.data), term.trace, decisions=term.decisions)

    return changed


def _braces(word: Word) -> list[Word]:
    """Expand `{a,b}` and `{1..3}` in a word without quotes."""
    text = word.bare or ""
    match = re.search(r"\{([^{},]*(?:,[^{},]*)+)\}|\{(-?\d{1,6})\.\.(-?\d{1,6})\}", text)
    if match is None:
        return [word]
    if match[1] is not None:
        options = match[1].split(",")
    else:
        low, high = int(match[2]), int(match[3])
        step = 1 if low <= high else -1
        options = [str(n) for n in range(low, high + step, step)][: LOOP_LIMIT + 1]
    found = []
    for option in options:
        made = text[: match.start()] + option + text[match.end() :]
        found.append(Word(word.start, word.end, (Chars(word.start, word.end, made),)))
    return [inner for outer in found for inner in (_braces(outer) if "{" in made else [outer])]


def fits(pattern: str, text: str) -> bool:
    """Whether a pattern of a shell fits the whole of a text."""
    pattern = pattern.strip("'\"")
    if pattern == "*":
        return True
    first, *rest = (re.escape(piece).replace(r"\?", ".") for piece in pattern.split("*"))
    # NOTE: The first place of each piece is as good as any; trying others could take for ever.
    inner = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    regex = f"{first}{inner}.*{rest[-1]}" if rest else first
    return re.fullmatch(regex, text, re.DOTALL) is not None


def short(text: str) -> str:
    """Cut a text that is too long for a message."""
    return brief(text, _SHOWN)
