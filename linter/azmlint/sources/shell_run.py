"""What a script would do: each command that may run, with its words expanded. Nothing is run."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections import Counter
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from azmlint.brief import brief
from azmlint.expressions.arm_values import joined
from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.expressions.truth import Decision
from azmlint.location import Place, Span
from azmlint.sources.shell_tree import (
    Assignment,
    Case,
    Chars,
    Expansion,
    For,
    Function,
    Group,
    Hole,
    If,
    Loop,
    Simple,
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
    either,
    evaluated,
    field,
    is_unset,
    once,
    output,
    pair,
    rest_of,
    split_at,
    unset,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from azmlint.location import Document, Edit
    from azmlint.sources.document import Context, Site
    from azmlint.sources.shell_tree import HereDocument, Piece, Redirect, Script, Statement

STEP_LIMIT: Final = 20_000
"""How many commands of one file are followed, its loops and functions expanded."""

DEPTH_LIMIT: Final = 25
"""How deeply functions may call each other."""

RECURSION_LIMIT: Final = 3
"""How often a function is followed within itself."""

LOOP_LIMIT: Final = 64
"""How many turns of a loop are followed."""

_DECLARING: Final = frozenset({"export", "declare", "local", "readonly", "typeset"})
_STARTERS: Final = frozenset(
    {"sudo", "command", "builtin", "exec", "time", "nohup", "env", "timeout", "nice", "stdbuf"}
)
_SHELLS: Final = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)=")
SECRET: Final = re.compile(
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|(?:account|access|api|storage|sas)[_-]?key|sas"
    r"|connection[_-]?string|credentials?)$",
    re.IGNORECASE,
)
"""How the names of options and variables end that hold what nobody should read."""

_FILLED: Final = re.compile(
    r"\$(?:\{([A-Za-z_]\w*)[^}\n]*\}|([A-Za-z_]\w*)|\([^()\n]*\))|\\([$`\\])"
)
"""What a shell fills in within a here-document."""

_HANDED: Final = re.compile(r"GITHUB_(ENV|OUTPUT)\b")
_TOLD: Final = re.compile(
    r"##vso\[task\.setvariable\s+variable=([\w.-]+)[^\]]*\]|::set-output name=([\w-]+)::",
    re.IGNORECASE,
)
"""How a line that is printed sets a variable, in Azure Pipelines and in GitHub's older form."""

_FORMAT: Final = re.compile(r"([^%\\]*)%s(?:\\n)?")
_WRITERS: Final = frozenset({"write-host", "write-output"})
_ON_DISK: Final = ("az ", "exported ", "output ")
"""How the names begin under which is kept what outlives a shell."""

_KEEPERS: Final = frozenset({"tee", "out-file", "add-content"})
_MACRO: Final = re.compile(r"\$\(([A-Za-z][\w.-]*)\)")
_LEAVES: Final = frozenset({"exit", "return", "throw", "die", "fail", "break", "continue"})
_SHOWN: Final = 60


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


class Runner:
    """Follows a script from its first line to its last."""

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
            self._alone = _site(document, function)
            self._call(document, function, None)
            self._alone = None
            self.state = kept

    def command(self, fields: tuple[Field, ...]) -> None:
        """Follow a command of which the words are known already."""
        self._command(Simple(0, 0, (), (), []), fields, None)

    # Statements

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
                if any(_fits(p.strip(), text) for p in pattern.split("|")):
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
        shown = tuple(_short(options[index][0]) for index, _ in ends)
        self.state = self._joined(Decision(key, _short(question), shown), [s for _, s in ends])

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
                "." if beside == "." else f"{beside}/.", lambda name: _fits(pattern, name)
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

    # Commands

    def _simple(self, statement: Simple) -> None:
        assigned = {a.name: self._assigned(a) for a in statement.assignments}
        if not statement.words:
            for name, variable in assigned.items():
                self.state.variables[self.folded(name)] = variable
            return
        fields = tuple(f for word in statement.words for f in self._expanded(word))
        here = next((r.document for r in statement.redirects if r.document is not None), None)
        kept = {n: self.state.variables.get(self.folded(n)) for n in assigned}
        for name, variable in assigned.items():
            self.state.variables[self.folded(name)] = variable
        self._command(statement, fields, here)
        for name, old in kept.items():
            self._restore(self.folded(name), old)

    def _restore(self, name: str, old: Variable | None) -> None:
        if old is None:
            self.state.variables.pop(name, None)
        else:
            self.state.variables[name] = old

    def _command(
        self, statement: Simple, fields: tuple[Field, ...], here: HereDocument | None
    ) -> None:
        is_outer = bool(fields) and fields[0].text in {"command", "builtin"}
        fields = _started(fields)
        name = fields[0].text if fields else None
        if name in {"tr", "tail", "head"}:
            # They take quotes and line ends away, which are no part of the value here.
            return
        self._printed = None
        if name is None:
            return
        name = name.rpartition("/")[2] if name.startswith(("/usr/", "/bin/", "/opt/")) else name
        found = None if is_outer else self.state.functions.get(self.folded(name))
        builtin = _BUILTINS.get(name)
        if found is not None:
            self.called.add(self.folded(name))
            if found[0] is not self.home:
                self.outside.add(_site(*found))
            self._call(*found, fields[1:])
        elif name in _DECLARING:
            self._declare(name, statement)
        elif builtin is not None:
            builtin(self, fields[1:])
        elif name in _SHELLS and (here is not None or _has_option(fields, "-c")):
            self._shell(fields[1:], here)
        elif name in {"cat", "tee"} and here is not None:
            self._writes(statement, fields, here)
        elif name in {"echo", "printf"}:
            self._printed = Variable(fields[1].value) if len(fields) == 2 else None  # noqa: PLR2004
            self._lines += 1
            self._says(statement, fields[1:])
        elif name.casefold() in _WRITERS:
            self._says(statement, fields[1:])
        elif name.casefold() in _KEEPERS:
            self._passes_on(fields)
        elif self.folds_names and _is_quoted(fields[0]):
            self._says(statement, fields)
        else:
            self._note_secrets(fields)
            call = Call(self.document, fields, self.path, self.state, here, self._alone)
            self._printed = self.performs(call)

    def _note_secrets(self, fields: tuple[Field, ...]) -> None:
        for index, item in enumerate(fields):
            name, equals, _ = (item.text or "").partition("=")
            if not name.startswith("-") or SECRET.search(name) is None:
                continue
            if equals:
                self.secrets.append(item.place)
            elif index + 1 < len(fields):
                self._keep_secret(fields[index + 1].value())

    def _keep_secret(self, term: Term) -> None:
        if term.is_literal and term.trace and term.data != "":
            self.secrets.append(term.trace[-1])

    def _call(
        self, document: Document, function: Function, given: tuple[Field, ...] | None
    ) -> None:
        site = _site(document, function)
        if self.depth >= DEPTH_LIMIT or self._open[site] >= RECURSION_LIMIT:
            self.is_cut = True
            return
        self.depth += 1
        self._open[site] += 1
        self.turn += 1
        outer_document, self.document = self.document, document
        names = (*"123456789@*#", *(self.folded(p.name) for p in function.parameters))
        kept = {n: self.state.variables.get(n) for n in names}
        if given is not None:
            self._arguments(given)
        self._parameters(function, given or ())
        self._locals.append({})
        self._all(function.body)
        for name, old in (*self._locals.pop().items(), *kept.items()):
            self._restore(name, old)
        self.document = outer_document
        self._open[site] -= 1
        self.depth -= 1

    def _arguments(self, given: tuple[Field, ...]) -> None:
        for number in "123456789":
            self.state.variables.pop(number, None)
        self.state.variables["@"] = self.state.variables["*"] = Variable(
            lambda: output(("arguments", self.turn), "$@", "arguments are several texts"), given
        )
        for index, item in enumerate(given[:9]):
            if item.text is None and item.word is not None and _is_list(item.word):
                # How many arguments these are is not known.
                del self.state.variables["@"], self.state.variables["*"]
                return
            self.state.variables[str(index + 1)] = Variable(item.value)
        empty = Term("")
        for index in range(len(given), 9):
            self.state.variables[str(index + 1)] = Variable(lambda: empty, is_set=False)

    def _parameters(self, function: Function, given: tuple[Field, ...]) -> None:
        """Give parameters of PowerShell what stands behind their names, in turn, or defaults."""
        named: dict[str, Field] = {}
        in_turn: list[Field] = []
        index = 0
        while index < len(given):
            text = given[index].text or ""
            if text.startswith("-") and text[1:2].isalpha():
                if index + 1 < len(given):
                    named[text[1:].rstrip(":").casefold()] = given[index + 1]
                index += 2
            else:
                in_turn.append(given[index])
                index += 1
        for parameter in function.parameters:
            name = self.folded(parameter.name)
            self.state.variables.pop(name, None)
            found = named.get(name) or (in_turn.pop(0) if in_turn else None)
            if found is not None:
                self.state.variables[name] = Variable(found.value)
            elif parameter.value is not None:
                self.state.variables[name] = self._assigned(parameter)

    def _declare(self, command: str, statement: Simple) -> None:
        """`export`, `local` and the like; what is set by them is set as anywhere."""
        for word in statement.words[1:]:
            first = word.pieces[0] if word.pieces else None
            match = (
                _ASSIGNED.match(first.text)
                if isinstance(first, Chars) and not first.is_quoted
                else None
            )
            bare = word.bare
            name = match[1] if match is not None else bare
            if name is None or name.startswith("-"):
                continue
            if command == "local" and self._locals:
                folded = self.folded(name)
                self._locals[-1].setdefault(folded, self.state.variables.get(folded))
            if match is None:
                continue
            assert isinstance(first, Chars)  # noqa: S101  # it matched
            cut = first.start + match.end()
            rest = Chars(cut, first.end, first.text[match.end() :])
            pieces = ((rest,) if rest.text or len(word.pieces) == 1 else ()) + word.pieces[1:]
            value = Word(cut, word.end, pieces)
            assigned = self._assigned(Assignment(word.start, name, value))
            self.state.variables[self.folded(name)] = assigned

    def _shell(self, fields: tuple[Field, ...], here: HereDocument | None) -> None:
        """Follow the text that another shell is given."""
        from azmlint.sources.shell_syntax import parse  # noqa: PLC0415  # one of two languages

        start = end = -1
        for index, item in enumerate(fields[:-1]):
            if (item.text or "").startswith("-") and (item.text or "").endswith("c"):
                word = fields[index + 1].word
                piece = word.pieces[0] if word is not None and len(word.pieces) == 1 else None
                if isinstance(piece, Chars) and piece.is_plain:
                    start, end = piece.start, piece.end
        if here is not None and start < 0:
            start, end = here.start, here.end
        if start >= 0:
            kept = self.state
            self.state = kept.copy()
            self._all(parse(self.document.text, start, end).statements)
            self.state = kept

    def _says(self, statement: Simple, fields: Sequence[Field]) -> None:
        """Note what is printed: it may set a variable for the steps that follow."""
        words = [f for f in fields if not (f.text or "").startswith("-")]
        targets = [r.target for r in (*statement.redirects, *self._around)]
        if len(words) > 2 and self.folds_names and words[-2].text in {">", ">>"}:  # noqa: PLR2004
            # To the reader of PowerShell these are words like others.
            targets.append(words[-1].word)
            words = words[:-2]
        if not words:
            return
        said = words[0] if len(words) == 1 else self._in_one(words)
        if said is None:
            return
        self._said = said
        for target in targets:
            self._hands_on(target, said)
        lead = said.text or next((p for p in said.value().text_parts if isinstance(p, str)), "")
        match = _TOLD.match(lead)
        if match is not None:
            value = rest_of(said, match.end())
            kind = "output" if match[2] is not None else "exported"
            if value is not None:
                name = f"{kind} {match[1] or match[2]}"
                self.state.variables[name] = Variable(value.value)

    def _hands_on(self, target: Word | None, said: Field) -> None:
        """`echo "X=y" >> "$GITHUB_ENV"` sets a variable for the steps that follow."""
        shown = self.document.text[target.start : target.end] if target is not None else ""
        match = _HANDED.search(shown)
        name, value = pair(said) if match is not None else (None, None)
        if match is not None and name is not None and value is not None:
            kind = "exported" if match[1] == "ENV" else "output"
            self.state.variables[f"{kind} {name.strip()}"] = Variable(value.value)

    def _passes_on(self, fields: tuple[Field, ...]) -> None:
        """`echo X=y | tee -a "$GITHUB_ENV"`, `Add-Content $env:GITHUB_ENV "X=y"`."""
        words = [f.word for f in fields[1:] if f.word is not None]
        target = next(
            (w for w in words if _HANDED.search(self.document.text[w.start : w.end])), None
        )
        own = next((f for f in fields[1:] if "=" in (f.text or "")), None)
        said = own if (fields[0].text or "").casefold() == "add-content" else self._said
        if target is not None and said is not None:
            self._hands_on(target, said)

    def _in_one(self, words: list[Field]) -> Field | None:
        """Join words as `echo` and `printf` do, as far as that is plain."""
        first = words[0].text or ""
        match = _FORMAT.fullmatch(first)
        if match is not None and len(words) == 2:  # noqa: PLR2004  # a format and a value
            value = words[1].value
            made = once(lambda: joined([Term(match[1]), value()]), self.context.worlds)
            return words[0]._replace(value=made, pieces=(), word=None)
        texts = [w.text for w in words]
        if any(t is None for t in texts):
            return None
        whole = Term(" ".join(t for t in texts if t is not None), (words[0].place,))
        return words[0]._replace(value=constant(whole), pieces=(), word=None)

    def _writes(self, statement: Simple, fields: tuple[Field, ...], here: HereDocument) -> None:
        target: Word | None = None
        for redirect in statement.redirects:
            if redirect.operator in {">", ">>", ">|"}:
                target = redirect.target
        path = self._bound(target).text if target is not None else None
        if path is None and fields[0].text == "tee" and len(fields) > 1:
            path = fields[-1].text
        if path:
            written = self._here_text(here, path)
            self.state.files |= dict.fromkeys(self.state.candidates(path), written)

    def _here_text(self, here: HereDocument, path: str) -> Document:
        """Give a here-document as the file that it becomes, its variables filled in."""
        from azmlint.sources.embedded import Assembly  # noqa: PLC0415  # few scripts write files

        assembly, at = Assembly(self.document), here.start
        for match in (
            () if here.is_literal else _FILLED.finditer(self.document.text, here.start, here.end)
        ):
            if at < match.start():
                assembly.take(at, match.start())
            name = match[1] or match[2]
            data = self._variable(name).value().data if name else match[3]
            # What is not known stands as a place that something fills in.
            text = str(data) if isinstance(data, (str, int)) else f"${{{name or 'command'}}}"
            assembly.instead(match.start(), match.end(), text)
            at = match.end()
        if at < here.end:
            assembly.take(at, here.end)
        return assembly.embedded(f"{self.document.path}/{here.start}/{path.rpartition('/')[2]}")

    def cd(self, fields: tuple[Field, ...]) -> None:
        """Go to another folder."""
        word = fields[-1].word if fields else None
        text = fields[-1].text if fields else None
        if text is not None and not text.startswith(("/", "~", "-")):
            bases = [posixpath.normpath(posixpath.join(b, text)) for b in self.state.bases]
            # What leads out of the project is none of the folders it can be.
            self.state.bases = tuple(
                "" if b == "." else b for b in bases if b != ".." and not b.startswith("../")
            )
        elif word is not None and "dirname" in self.document.text[word.start : word.end]:
            self.state.bases = folders_from(self.document.path)
        elif fields and text is None:
            # Somewhere below a folder that is not known.
            parts = fields[-1].value().text_parts
            last = parts[-1] if parts else None
            known = last.lstrip("/") if isinstance(last, str) and last.startswith("/") else ""
            below = self.state.bases if known else ()
            self.state.bases = tuple(posixpath.join(base, known) for base in below)

    def unset(self, fields: tuple[Field, ...]) -> None:
        """Forget variables."""
        for item in fields:
            if item.text is not None:
                self.state.variables.pop(self.folded(item.text), None)

    def read(self, fields: tuple[Field, ...]) -> None:
        """Variables that get their values from outside."""
        for item in fields:
            name = item.text
            if name and not name.startswith("-"):
                symbol = Symbol(("read", self.document.path, item.start), f"${name}")
                term = unknown("runtime", f"'${name}' is read when the script runs", symbol)
                self.state.variables[self.folded(name)] = Variable(constant(term))

    def shift(self, fields: tuple[Field, ...]) -> None:
        """Move the arguments up."""
        count = int(fields[0].text or 1) if fields and (fields[0].text or "").isdigit() else 1
        whole = self.state.variables.get("@")
        if whole is not None and whole.items is not None:
            self._arguments(whole.items[count:])
        else:
            for number in (*"123456789@*",):
                self.state.variables.pop(number, None)

    def source(self, fields: tuple[Field, ...]) -> None:
        """Follow another file of the project as a part of this one."""
        path = _path_of(fields[0]) if fields else None
        if path is None or len(self._sourced) >= DEPTH_LIMIT:
            return
        for candidate in self.state.candidates(path):
            found = self.context.sibling(candidate)
            if found is not None and candidate not in self._sourced:
                outer, self.document = self.document, found
                self._sourced.append(candidate)
                self._all(self.parse(found).statements)
                self._sourced.pop()
                self.document = outer
                return

    def evaluate(self, fields: tuple[Field, ...]) -> None:
        """Follow a command that stands in a text, when the text is written right here."""
        if len(fields) == 1 and fields[0].word is not None:
            word = fields[0].word
            piece = word.pieces[0] if len(word.pieces) == 1 else None
            if isinstance(piece, Chars) and piece.is_plain:
                from azmlint.sources.shell_syntax import parse  # noqa: PLC0415

                self._all(parse(self.document.text, piece.start, piece.end).statements)
            return
        if len(fields) > 1:
            self.command(fields)

    # Words

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
        term = output((self.document.path, piece.start, self.turn), _short(text), "it is computed")
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
        shown = _short(" ".join(self.document.text[piece.start : piece.end].split()))
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
        term = output(what, _short(text), f"`{_short(text)}` is not worked out")
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


def _site(document: Document, function: Function) -> Site:
    place = Place(document, Span(function.start, function.start))
    return place.document.path, place.start


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
        if _fits(pattern, piece):
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


def _started(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Leave out what only says how a command is run."""
    while fields and fields[0].text in _STARTERS:
        starter, fields = fields[0].text, fields[1:]
        while fields and (fields[0].text or "").startswith("-"):
            takes = starter == "sudo" and fields[0].text in {"-u", "-g"}
            fields = fields[2:] if takes else fields[1:]
        while starter in {"env", "sudo"} and fields and _ASSIGNED.match(fields[0].text or ""):
            fields = fields[1:]
        if starter in {"timeout", "nice"} and fields and re.match(r"\d", fields[0].text or ""):
            fields = fields[1:]
    return fields


def _has_option(fields: tuple[Field, ...], option: str) -> bool:
    return any(
        (f.text or "").startswith("-") and (f.text or "").endswith(option[1:]) for f in fields[1:]
    )


def _is_quoted(item: Field) -> bool:
    first = item.word.pieces[0] if item.word is not None and item.word.pieces else None
    return isinstance(first, Chars) and first.is_quoted


def _is_list(word: Word) -> bool:
    return any(isinstance(p, Expansion) and p.is_list for p in word.pieces)


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
            if statement.words and statement.words[0].literal in _DECLARING:
                for word in statement.words[1:]:
                    first = word.pieces[0] if word.pieces else None
                    match = _ASSIGNED.match(first.text) if isinstance(first, Chars) else None
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


def _fits(pattern: str, text: str) -> bool:
    pattern = pattern.strip("'\"")
    if pattern == "*":
        return True
    first, *rest = (re.escape(piece).replace(r"\?", ".") for piece in pattern.split("*"))
    # NOTE: The first place of each piece is as good as any; trying others could take for ever.
    inner = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    regex = f"{first}{inner}.*{rest[-1]}" if rest else first
    return re.fullmatch(regex, text, re.DOTALL) is not None


def _short(text: str) -> str:
    return brief(text, _SHOWN)


def _path_of(item: Field) -> str | None:
    """Give a path; what stands before it, such as the script's own folder, is left out."""
    if item.text is not None:
        return item.text
    parts = item.value().text_parts
    last = parts[-1] if parts else None
    if len(parts) > 1 and isinstance(last, str) and last.startswith("/"):
        return last.lstrip("/")
    return None


path_of = _path_of

_BUILTINS: Final[Mapping[str, Callable[[Runner, tuple[Field, ...]], None]]] = {
    "cd": Runner.cd,
    "pushd": Runner.cd,
    "set-location": Runner.cd,
    "unset": Runner.unset,
    "read": Runner.read,
    "mapfile": Runner.read,
    "readarray": Runner.read,
    "shift": Runner.shift,
    "source": Runner.source,
    ".": Runner.source,
    "eval": Runner.evaluate,
}
