"""Parameter files of Bicep: `.bicepparam`, and the JSON files that ARM templates take too."""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from azmlint.expressions.arm import NO_LOCALS
from azmlint.sources.bicep_tree import Literal
from azmlint.sources.deployment import with_role
from azmlint.sources.parameter_files import ParameterFiles, ParameterSet

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Term
    from azmlint.location import Document
    from azmlint.sources.bicep_template import BicepTemplate
    from azmlint.sources.bicep_tree import Node, Program
    from azmlint.sources.document import Binding, Context, Problem

SUFFIX: Final = ".bicepparam"

_FOLDERS: Final = (
    "",
    "parameters",
    "parameter",
    "params",
    "param",
    "environments",
    "env",
    "config",
)
"""Folders beside a file, or beside its folder, in which its parameter files are looked for."""

_EXTENDS_LIMIT: Final = 10


class Reader(Protocol):
    """What reads Bicep files."""

    def program(self, path: str) -> tuple[Document, Program] | None:
        """Read a file."""
        ...

    def apart(self, document: Document, program: Program) -> BicepTemplate:
        """Evaluate a file that is no deployment."""
        ...

    def note(self, document: Document, program: Program) -> None:
        """Say what of a file could not be read."""
        ...


class BicepParameters(ParameterFiles):
    """Finds the parameter files of a Bicep file."""

    def __init__(self, context: Context, problems: list[Problem], reader: Reader) -> None:
        """Read Bicep through `reader`."""
        super().__init__(context, problems)
        self.reader = reader

    def sets(self, path: str, binding: Binding) -> list[ParameterSet]:
        """List the sets of arguments that a file may be deployed with."""
        found = super().sets(path, binding)
        if binding.gives_values:
            return found
        folder = posixpath.dirname(path)
        above = [posixpath.dirname(folder)] if folder else []
        names: set[str] = set()
        for place in (folder, *above):
            for inner in _FOLDERS:
                beside = posixpath.join(place, inner, ".")
                found_here = self.context.siblings(beside, lambda n: n.lower().endswith(SUFFIX))
                names.update(map(posixpath.normpath, found_here))
        for name in sorted(names):
            if used_by(self.reader, name) == path and (values := self.read(name)):
                found.append(ParameterSet(name, values))
        return sorted(found, key=lambda s: s.path)

    def read(self, path: str) -> dict[str, Callable[[], Term]]:
        """Read a file of parameters in either language."""
        if not path.lower().endswith(SUFFIX):
            return super().read(path)
        return self._read(path, 0)

    def _read(self, path: str, depth: int) -> dict[str, Callable[[], Term]]:
        found = self.reader.program(path)
        if found is None or depth > _EXTENDS_LIMIT:
            return {}
        document, program = found
        self.reader.note(document, program)
        values: dict[str, Callable[[], Term]] = {}
        for statement in program.of("extends"):
            base = _path(path, statement.value)
            values |= self._read(base, depth + 1) if base is not None else {}
        template = self.reader.apart(document, program)
        for statement in program.of("param"):
            if statement.value is not None:
                values[statement.key.casefold()] = partial(_value, template, statement.value)
        return values


def _value(template: BicepTemplate, node: Node) -> Term:
    return with_role(template.expression(node, NO_LOCALS), "parameter-file")


def used_by(reader: Reader, path: str) -> str | None:
    """Give the path of the file that a `.bicepparam` is for."""
    found = reader.program(path)
    for statement in found[1].of("using") if found is not None else ():
        return _path(path, statement.value)
    return None


def _path(path: str, node: Node | None) -> str | None:
    written = node.value if isinstance(node, Literal) else None
    if not isinstance(written, str):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
