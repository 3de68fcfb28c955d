"""What a script would do: each command that may run, with its words expanded. Nothing is run."""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from itertools import groupby
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.expressions.truth import Decision
from azmlint.sources.shell_commands import ASSIGNED, DECLARING, Commands
from azmlint.sources.shell_state import site_of
from azmlint.sources.shell_tree import (
    Case,
    Chars,
    Expansion,
    For,
    Function,
    Group,
    If,
    Loop,
    Simple,
)
from azmlint.sources.shell_values import Field, Variable, constant, either, unset
from azmlint.sources.shell_words import LOOP_LIMIT, fits, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from azmlint.location import Span
    from azmlint.sources.shell_state import State
    from azmlint.sources.shell_tree import Script, Statement, Word

STEP_LIMIT: Final = 20_000
"""How many commands of one file are followed, its loops and functions expanded."""

_LEAVES: Final = frozenset({"exit", "return", "throw", "die", "fail", "break", "continue"})


class Runner(Commands):
    """Follows a script from its first line to its last."""

    def run(self, script: Script, shells: Sequence[Span] = ()) -> None:
        """Follow all of a script, and functions that nothing calls as if something did.

        What stands in one of `shells` leaves behind no more than a shell does that has ended.
        """
        starts = [span.start for span in shells]

        def shell_of(statement: Statement) -> int:
            index = bisect_right(starts, statement.start) - 1
            return index if index >= 0 and statement.start < shells[index].end else -1

        for index, statements in groupby(script.statements, shell_of):
            self._apart(list(statements), is_apart=index >= 0)
        waiting = [
            (name, found)
            for name, found in self.state.functions.items()
            if name not in self.called and found[0] is self.document
        ]
        for name, (document, function) in waiting:
            if name in self.called:
                continue
            kept = self.state
            self.state = kept.copy()
            for number in (*"123456789@*#",):
                self.state.variables.pop(number, None)
            self._alone = site_of(document, function)
            self._call(document, function, None)
            self._alone = None
            self.state = kept

    def _all(self, statements: Iterable[Statement]) -> None:
        every = list(statements)
        for index, statement in enumerate(every):
            self.steps += 1
            if self.steps > STEP_LIMIT:
                self.is_cut = True
                return
            around, after = self._around, every[index + 1 : index + 2]
            if not isinstance(statement, Simple) and after and isinstance(after[0], Simple):
                # What a group prints goes where what follows it without a word says.
                is_its = not after[0].words and not after[0].assignments
                self._around = (*around, *(after[0].redirects if is_its else ()))
            self._one(statement)
            self._around = around

    def _one(self, statement: Statement) -> None:
        if isinstance(statement, Simple):
            self._simple(statement)
        elif isinstance(statement, If):
            self._if(statement)
        elif isinstance(statement, For):
            self._for(statement)
        elif isinstance(statement, Loop):
            self._loop(statement)
        elif isinstance(statement, Case):
            self._case(statement)
        elif isinstance(statement, Function):
            self.state.functions[self.folded(statement.name)] = (self.document, statement)
        else:
            self._group(statement)

    def _group(self, group: Group) -> None:
        self._apart(group.body, is_apart=group.is_apart)

    def _apart(self, body: Sequence[Statement], *, is_apart: bool) -> None:
        kept = self.state
        if is_apart:
            self.state = kept.copy()
        self._all(body)
        if is_apart:
            kept.take_files(self.state)
            self.state = kept

    def _if(self, statement: If) -> None:
        self._all(statement.condition)
        known = self._decided(statement)
        if known is not None:
            taken, other = statement.then, statement.otherwise
            if not known:
                taken, other = other, taken
            # A branch that ends the run is there for what is not the case here.
            self._all(other if _leaves(taken) else taken)
            return
        options = [("true", statement.then), ("false", statement.otherwise)]
        self._branches(statement.start, statement.question, options)

    def _case(self, statement: Case) -> None:
        subject = self._bound(statement.subject)
        text = subject.text
        options = list(statement.arms)
        if text is not None:
            for pattern, body in options:
                if any(fits(p.strip(), text) for p in pattern.split("|")):
                    self._all(body)
                    return
        if not any(pattern == "*" for pattern, _ in options):
            options.append(("anything else", ()))
        question = " ".join(
            self.document.text[statement.subject.start : statement.subject.end].split()
        )
        self._branches(statement.start, question, options)

    def _branches(
        self, start: int, question: str, options: Sequence[tuple[str, tuple[Statement, ...]]]
    ) -> None:
        """Follow each branch from the same state, and join what they leave behind."""
        key = ("branch", self.document.path, start, self.turn if self.depth else 0)
        outer, before = self.path, self.state
        ends: list[tuple[int, State]] = []
        for index, (_, body) in enumerate(options):
            self.state = before.copy()
            self.path = (*outer, (key, index))
            self._all(body)
            if not _leaves(body):
                ends.append((index, self.state))
        self.path = outer
        self._lines += 2
        if not ends:
            self.state = before
            return
        if len(ends) == 1:
            self.state = ends[0][1]
            return
        shown = tuple(short(options[index][0]) for index, _ in ends)
        self.state = self._joined(Decision(key, short(question), shown), [s for _, s in ends])

    def _joined(self, decision: Decision, states: list[State]) -> State:
        first = states[0]
        names = dict.fromkeys(n for s in states for n in s.variables)
        for name in names:
            found = [s.variables.get(name) for s in states]
            if all(v is found[0] for v in found):
                continue
            options = tuple(v or unset(name, self.scope) for v in found)
            first.variables[name] = either(decision, options, self.context.worlds)
        for state in states[1:]:
            first.functions = {**state.functions, **first.functions}
            first.files = {**state.files, **first.files}
        return first

    def _decided(self, statement: If) -> bool | None:
        """Say whether a test of texts holds; what nothing sets is taken for empty, as a default."""
        if len(statement.condition) != 1 or not isinstance(statement.condition[0], Simple):
            return None
        words = list(statement.condition[0].words)
        if not words or words[0].literal not in {"[", "[[", "test"}:
            return None
        words = words[1:-1] if words[-1].literal == "]" else words[1:]
        is_not = bool(words) and words[0].literal == "!"
        words = words[1:] if is_not else words
        verdict = self._test(words)
        return None if verdict is None else verdict is not is_not

    def _test(self, words: list[Word]) -> bool | None:
        if len(words) == 2 and words[0].literal in {"-z", "-n"}:  # noqa: PLR2004  # test and text
            asked = self._bound(words[1])
            if self._is_unset(words[1]):
                return words[0].literal == "-z"
            return None if asked.text is None else (asked.text == "") is (words[0].literal == "-z")
        if len(words) == 3 and words[1].literal in {"=", "==", "!="}:  # noqa: PLR2004
            left, right = self._bound(words[0]).text, self._bound(words[2]).text
            if left is None or right is None or any(c in right for c in "*?["):
                return None
            return (left == right) is (words[1].literal != "!=")
        return None

    def _is_unset(self, word: Word) -> bool:
        if len(word.pieces) != 1 or not isinstance(word.pieces[0], Expansion):
            return False
        piece = word.pieces[0]
        is_plain = piece.operator in {"", "-", ":-"} and (
            piece.argument is None or piece.argument.literal == ""
        )
        return is_plain and not self._variable(piece.name).is_set

    def _for(self, statement: For) -> None:
        fields = [f for word in statement.words for f in self._globbed(word)]
        name = self.folded(statement.name)
        if not fields or any(f.text is None and f.word is not None for f in fields):
            self._again(statement.body)
            self.state.variables[name] = Variable(
                lambda: unknown(
                    "parameter",
                    f"'${statement.name}' takes values that are not known here",
                    Symbol(("loop", self.document.path, statement.start), f"${statement.name}"),
                )
            )
            self._all(statement.body)
            self._again(statement.body)
            return
        for item in fields[:LOOP_LIMIT]:
            self.turn += 1
            self.state.variables[name] = Variable(item.value)
            self._all(statement.body)
        if len(fields) > LOOP_LIMIT:
            self.is_cut = True

    def _globbed(self, word: Word) -> list[Field]:
        """Expand a pattern of file names to the files of the project that it fits."""
        text = word.bare
        if text is None or not any(sign in text for sign in "*?"):
            return self._expanded(word)
        folder, _, pattern = text.rpartition("/")
        for base in self.state.bases if not any(sign in folder for sign in "*?") else ():
            beside = posixpath.normpath(posixpath.join(base, folder, "."))
            found = self.context.siblings(
                "." if beside == "." else f"{beside}/.", lambda name: fits(pattern, name)
            )
            if found:
                names = [f"{folder}/{p.rpartition('/')[2]}".lstrip("/") for p in found]
                return [
                    Field(self.document, word.start, word.end, constant(Term(n)), None)
                    for n in names
                ]
        return self._expanded(word)

    def _loop(self, statement: Loop) -> None:
        changing = (*statement.condition, *statement.body)
        self._again(changing)
        self._all(statement.condition)
        self._all(statement.body)
        # Maybe it never runs, or once more.
        self._again(changing)

    def _again(self, body: tuple[Statement, ...]) -> None:
        """Forget what a loop changes: its first turn is not its only one."""
        for name in _assigned(body):
            shown = f"'${name}' changes in a loop"
            symbol = Symbol(("loop", self.document.path, name), f"${name}")
            term = unknown("parameter", shown, symbol)
            self.state.variables[self.folded(name)] = Variable(constant(term))


def _leaves(body: Sequence[Statement]) -> bool:
    """Whether statements certainly end the script or function that they are in."""
    last = body[-1] if body else None
    if isinstance(last, Group):
        return _leaves(last.body)
    if isinstance(last, If):
        return _leaves(last.then) and _leaves(last.otherwise)
    return isinstance(last, Simple) and bool(last.words) and last.words[0].literal in _LEAVES


def _assigned(body: Iterable[Statement]) -> set[str]:
    """List what statements set."""
    found: set[str] = set()
    for statement in body:
        if isinstance(statement, Simple):
            found |= {a.name for a in statement.assignments}
            if statement.words and statement.words[0].literal in DECLARING:
                for word in statement.words[1:]:
                    first = word.pieces[0] if word.pieces else None
                    match = ASSIGNED.match(first.text) if isinstance(first, Chars) else None
                    found |= {match[1]} if match is not None else set()
        elif isinstance(statement, If):
            found |= _assigned((*statement.condition, *statement.then, *statement.otherwise))
        elif isinstance(statement, Loop):
            found |= _assigned((*statement.condition, *statement.body))
        elif isinstance(statement, For):
            found |= {statement.name} | _assigned(statement.body)
        elif isinstance(statement, Case):
            found |= {n for _, inner in statement.arms for n in _assigned(inner)}
        elif isinstance(statement, Group):
            found |= _assigned(statement.body)
    return found
