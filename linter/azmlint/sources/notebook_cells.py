"""The cells of a Jupyter notebook, found in its JSON without keeping anything else of it.

Outputs can be a thousand times as long as the code: they are passed over, not read.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.location import Span
from azmlint.sources.document import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(
    r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+(?P<end>"?)'
)
_PASSED: Final = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
_STRING_PASSED: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR: Final = re.compile(r"[-+.\w]+")
_CELL: Final = re.compile(
    r'\{[ \t\r\n]*"(?:attachments|cell_type|execution_count|id|metadata|source|input)"[ \t\r\n]*:'
)
_DECODER: Final = json.JSONDecoder()

SOURCES: Final = ("code", "input", "source")
"""What the formats call the text of a cell, the newest last."""

_RETRY_LIMIT: Final = 50
"""How often reading goes on after text that is no JSON."""


class NotebookCell(NamedTuple):
    """One cell as its JSON states it."""

    number: int
    """Of all cells, from 0."""

    start: int
    kind: str
    """As the file says: code, markdown, raw, heading; empty when it says nothing."""

    language: str
    """Of this cell alone; empty when the file says nothing."""

    lines: tuple[Span, ...] | None
    """The strings that make its text, with their quotes; None when there is no text."""


class NotebookText(NamedTuple):
    """What a notebook says apart from outputs."""

    cells: list[NotebookCell]
    language: str
    """Of the kernel; empty when the file says nothing."""

    broken: SyntaxProblem | None
    """Where the text is no JSON; there may be cells after it all the same."""

    odd: list[tuple[int, str]]
    """Where it is JSON, but no notebook, and why."""


def scan(text: str) -> NotebookText:
    """Find the cells of a notebook of any format."""
    return _Scanner(text).notebook()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.cells: list[NotebookCell] = []
        self.languages: dict[str, str] = {}
        self.odd: list[tuple[int, str]] = []

    def notebook(self) -> NotebookText:
        broken: SyntaxProblem | None = None
        try:
            self._space()
            if self._peek() == "{":
                self._object(self._member)
                self._end()
            else:
                self._value()
                self._end()
                self.odd.append((0, "it is no notebook: a notebook is a JSON object"))
        except SyntaxProblem as problem:
            broken = problem
            self._resume(problem.offset)
        language = next((self.languages[k] for k in _LANGUAGES if self.languages.get(k)), "")
        return NotebookText(self.cells, language, broken, self.odd)

    def _resume(self, offset: int) -> None:
        """Read the cells that stand whole after text that is no JSON."""
        failures = 0
        self.at = offset
        for match in _CELL.finditer(self.text, offset):
            if match.start() < self.at:
                continue
            before = len(self.cells)
            self.at = match.start()
            try:
                self._cell()
            except SyntaxProblem:
                failures += 1
                if failures == _RETRY_LIMIT:
                    return
                self.at = match.end()
            if len(self.cells) > before and not self.cells[-1].kind:
                # It is some other object.
                del self.cells[-1]

    def _member(self, name: str) -> None:
        if name == "cells":
            self._array(self._cell)
        elif name == "worksheets":
            self._array(self._worksheet)
        elif name == "metadata":
            self._languages()
        else:
            self._value()

    def _worksheet(self) -> None:
        if self._peek() == "{":
            self._object(lambda name: self._array(self._cell) if name == "cells" else self._value())
        else:
            self._value()

    def _languages(self) -> None:
        if self._peek() != "{":
            self._value()
            return

        def member(name: str) -> None:
            if name in {"kernelspec", "language_info"} and self._peek() == "{":
                for key, value in self._decoded().items():
                    if isinstance(value, str):
                        self.languages[f"{name}.{key}"] = value
            elif name == "language" and self._peek() == '"':
                self.languages[name] = self._string()
            else:
                self._value()

        self._object(member)

    def _cell(self) -> None:
        start = self.at
        if self._peek() != "{":
            self.odd.append((start, "a cell is no JSON object"))
            self._value()
            return
        said: dict[str, str] = {}
        sources: dict[str, tuple[Span, ...] | None] = {}

        def member(name: str) -> None:
            if name in {"cell_type", "language"} and self._peek() == '"':
                said[name] = self._string()
            elif name in SOURCES:
                sources[name] = self._lines()
            elif name == "metadata" and self._peek() == "{":
                self._object(metadata)
            else:
                self._value()

        def metadata(name: str) -> None:
            key = _CELL_LANGUAGES.get(name)
            if key is None or self._peek() != "{":
                self._value()
                return
            value = self._decoded().get(key)
            if isinstance(value, str):
                said["language"] = value

        self._object(member)
        lines = next((sources[name] for name in reversed(SOURCES) if name in sources), None)
        kind = said.get("cell_type", "")
        number = len(self.cells)
        self.cells.append(NotebookCell(number, start, kind, said.get("language", ""), lines))
        if not kind:
            self.odd.append((start, f"cell {number + 1} does not say of which type it is"))
        elif kind == "code" and lines is None:
            self.odd.append((start, f"cell {number + 1} has no source"))

    def _lines(self) -> tuple[Span, ...] | None:
        """Locate a string, or the strings of a list; None for anything else."""
        if self._peek() == '"':
            return (self._span(),)
        found: list[Span] = []
        if self._peek() != "[":
            self._value()
            return None

        def item() -> None:
            if self._peek() == '"':
                found.append(self._span())
            else:
                self.odd.append((self.at, "a line of a cell is no text"))
                self._value()

        self._array(item)
        return tuple(found)

    # JSON

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _space(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches nothing too

    def _fail(self, message: str) -> SyntaxProblem:
        return SyntaxProblem(message, min(self.at, len(self.text)))

    def _end(self) -> None:
        self._space()
        if self.at < len(self.text):
            message = "there is text after the end of the notebook"
            raise self._fail(message)

    def _span(self) -> Span:
        match = _STRING.match(self.text, self.at)
        if match is None:
            message = "a string is expected"
            raise self._fail(message)
        if not match["end"]:
            self.at = match.end()
            message = "a string is not closed, or has a character that JSON does not take"
            raise self._fail(message)
        start, self.at = match.span()
        return Span(start, self.at)

    def _string(self) -> str:
        start, end = self._span()
        value: str = json.loads(self.text[start:end])
        return value

    def _decoded(self) -> dict[str, object]:
        try:
            value, self.at = _DECODER.raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            self._value()
            return {}
        return value if isinstance(value, dict) else {}

    def _value(self) -> None:
        """Pass over a value; of an object or a list only the brackets are looked at."""
        first = self._peek()
        if first == '"':
            match = _STRING_PASSED.match(self.text, self.at)
        elif first and first in "{[":
            self._passed()
            return
        else:
            match = _SCALAR.match(self.text, self.at)
        if match is None:
            message = "a value is expected" if first != '"' else "a string is not closed"
            raise self._fail(message)
        self.at = match.end()

    def _passed(self) -> None:
        start, depth, at = self.at, 0, self.at
        while (match := _PASSED.match(self.text, at)) is not None:
            at = match.end()
            depth += 1 if match[1] in "{[" else -1
            if not depth:
                self.at = at
                return
        self.at = start
        message = f"'{self.text[start]}' is not closed"
        raise self._fail(message)

    def _object(self, member: Callable[[str], None]) -> None:
        self._items("}", lambda: self._pair(member))

    def _pair(self, member: Callable[[str], None]) -> None:
        name = self._string()
        self._space()
        if self._peek() != ":":
            message = f"':' is expected after {json.dumps(name[:40])}"
            raise self._fail(message)
        self.at += 1
        self._space()
        member(name)

    def _array(self, item: Callable[[], None]) -> None:
        if self._peek() == "[":
            self._items("]", item)
        else:
            self.odd.append((self.at, "a list is expected here"))
            self._value()

    def _items(self, closing: str, item: Callable[[], None]) -> None:
        self.at += 1
        self._space()
        if self._peek() == closing:
            self.at += 1
            return
        while True:
            item()
            self._space()
            sign = self._peek()
            if sign == closing:
                self.at += 1
                return
            if sign != ",":
                message = f"',' or '{closing}' is expected"
                raise self._fail(message)
            self.at += 1
            self._space()


_LANGUAGES: Final = (
    "language_info.name",
    "kernelspec.language",
    "language",
    "kernelspec.name",
)
_CELL_LANGUAGES: Final = {
    "vscode": "languageId",
    "dotnet_interactive": "language",
    "polyglot_notebook": "kernelName",
}
"""Where editors note the language of one cell."""
