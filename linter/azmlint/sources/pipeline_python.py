"""Steps of pipelines that run Python: the program, with what the pipeline fills in before."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Term
from azmlint.sources import python
from azmlint.sources.embedded import Assembly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document
    from azmlint.sources.document import Binding, Context, Reading
    from azmlint.sources.embedded import Embedded
    from azmlint.sources.python_values import Thing
    from azmlint.sources.shell_values import Variable

_FILLED: Final = re.compile(r"\$\{\{\s*([^{}\n]*?)\s*\}\}|\$\(([A-Za-z][\w.-]*)\)")
_TEXTS: Final = re.compile(
    r"(?s:\"\"\".*?\"\"\"|'''.*?''')|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*"
)
_PLAIN: Final = re.compile(r"[^\"'\\\r\n{}]*")
"""What means itself within any quotes, and in an f-string."""

_NOT_SHOWN: Final = re.compile(r"[<>/\"'\\]")


def follow(
    step: Embedded, context: Context, variables: Mapping[str, Variable], folder: str
) -> Reading:
    """Read what the Python of a step declares when it runs in a folder of the project."""
    name = f"{step.host.path.rpartition('/')[2]}.{step.host_start(0)}.py"
    program = _filled(step, variables).embedded(posixpath.join(folder, name))
    environment = {
        name: _given(variable.value())
        for name, variable in variables.items()
        if name.isidentifier() and variable.is_set
    }
    reading = python.read(program, _StepContext(program, step.host, context), environment)
    if _FILLED.search(step.text) is not None:
        # What is filled in may make valid what is not valid here.
        reading.problems = [p._replace(rule=None) for p in reading.problems]
    return reading


def _given(term: Term) -> Thing:
    """Give what a variable of the environment holds: a text."""
    data = term.data
    if isinstance(data, (bool, int, float)):
        data = str(data)
    return Term(data, term.trace, reason=term.reason, parts=term.parts, decisions=term.decisions)


def _filled(step: Embedded, variables: Mapping[str, Variable]) -> Assembly:
    """Put in what the pipeline puts in, and what a program leaves open for what is not known."""
    assembly, text, at = Assembly(step), step.text, 0
    quoted = [match.span() for match in _TEXTS.finditer(text)]
    for match in _FILLED.finditer(text):
        name = match[1] or match[2]
        variable = variables.get(name)
        data = variable.value().data if variable is not None else None
        known = str(data) if isinstance(data, (str, int, float)) else None
        is_inside = any(low < match.start() < high for low, high in quoted)
        if known is None or (is_inside and _PLAIN.fullmatch(known) is None):
            known = f"<{_NOT_SHOWN.sub(' ', name)}>"
            known = known if is_inside else f'"{known}"'
        if at < match.start():
            assembly.take(at, match.start())
        assembly.instead(match.start(), match.end(), known)
        at = match.end()
    if at < len(text):
        assembly.take(at, len(text))
    return assembly


class _StepContext:
    """The context of a program that stands in a file of the project."""

    def __init__(self, program: Document, host: Document, context: Context) -> None:
        """Take the program and the file."""
        self.program = program
        self.host = host
        self.context = context

    @property
    def worlds(self) -> Worlds:
        """The world being judged."""
        return self.context.worlds

    def binding(self, path: str) -> Binding:
        """Say where goes what the file declares."""
        return self.context.binding(self.host.path if path == self.program.path else path)

    def sibling(self, path: str) -> Document | None:
        """Read another file of the project."""
        return self.context.sibling(path)

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the paths beside `path` of which the file name matches, sorted."""
        return self.context.siblings(path, matches)
