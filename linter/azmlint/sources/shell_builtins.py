"""Commands of the shell itself that change what those after them see."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.sources.shell_printed import Printed
from azmlint.sources.shell_state import folders_from, path_of
from azmlint.sources.shell_tree import Chars, Expansion
from azmlint.sources.shell_values import Variable, constant, output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azmlint.sources.shell_tree import Word
    from azmlint.sources.shell_values import Field

DEPTH_LIMIT: Final = 25
"""How deeply functions may call each other."""


class Builtins(Printed):
    """Does what the shell does by itself."""

    def command(self, fields: tuple[Field, ...]) -> None:
        """Follow a command of which the words are known already."""
        raise NotImplementedError

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
        path = path_of(fields[0]) if fields else None
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


def _is_list(word: Word) -> bool:
    return any(isinstance(p, Expansion) and p.is_list for p in word.pieces)


BUILTINS: Final[Mapping[str, Callable[[Builtins, tuple[Field, ...]], None]]] = {
    "cd": Builtins.cd,
    "pushd": Builtins.cd,
    "set-location": Builtins.cd,
    "unset": Builtins.unset,
    "read": Builtins.read,
    "mapfile": Builtins.read,
    "readarray": Builtins.read,
    "shift": Builtins.shift,
    "source": Builtins.source,
    ".": Builtins.source,
    "eval": Builtins.evaluate,
}
