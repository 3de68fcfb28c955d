"""Commands one by one: functions and shells are followed, all else is handed on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.sources.shell_builtins import BUILTINS, DEPTH_LIMIT, Builtins
from azmlint.sources.shell_state import Call, site_of
from azmlint.sources.shell_tree import Assignment, Chars, Simple, Word
from azmlint.sources.shell_values import Variable
from azmlint.sources.shell_words import SECRET

if TYPE_CHECKING:
    from azmlint.location import Document
    from azmlint.sources.shell_tree import Function, HereDocument
    from azmlint.sources.shell_values import Field

RECURSION_LIMIT: Final = 3
"""How often a function is followed within itself."""

DECLARING: Final = frozenset({"export", "declare", "local", "readonly", "typeset"})
_STARTERS: Final = frozenset(
    {"sudo", "command", "builtin", "exec", "time", "nohup", "env", "timeout", "nice", "stdbuf"}
)
_SHELLS: Final = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)=")
_WRITERS: Final = frozenset({"write-host", "write-output"})
_KEEPERS: Final = frozenset({"tee", "out-file", "add-content"})


class Commands(Builtins):
    """Follows commands whose words are expanded."""

    def command(self, fields: tuple[Field, ...]) -> None:
        """Follow a command of which the words are known already."""
        self._command(Simple(0, 0, (), (), []), fields, None)

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
        builtin = BUILTINS.get(name)
        if found is not None:
            self.called.add(self.folded(name))
            if found[0] is not self.home:
                self.outside.add(site_of(*found))
            self._call(*found, fields[1:])
        elif name in DECLARING:
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

    def _call(
        self, document: Document, function: Function, given: tuple[Field, ...] | None
    ) -> None:
        site = site_of(document, function)
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
                ASSIGNED.match(first.text)
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


def _started(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Leave out what only says how a command is run."""
    while fields and fields[0].text in _STARTERS:
        starter, fields = fields[0].text, fields[1:]
        while fields and (fields[0].text or "").startswith("-"):
            takes = starter == "sudo" and fields[0].text in {"-u", "-g"}
            fields = fields[2:] if takes else fields[1:]
        while starter in {"env", "sudo"} and fields and ASSIGNED.match(fields[0].text or ""):
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
