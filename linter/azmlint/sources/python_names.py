"""Who reads the names of a program."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from azmlint.model.value import NotEditable
from azmlint.sources.python_syntax import SourceText, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from azmlint.location import Document, Place


class _Names(NamedTuple):
    bound: dict[tuple[int, int], str]
    """The name that stands for what is written in an extent."""

    reads: Counter[str]
    parameters: frozenset[str]


def require_own(trace: Sequence[Place]) -> None:
    """Raise NotEditable where a function makes something else of its argument, too.

    Other calls may give it other values, so that it cannot be changed in the function either.
    """
    for reader in trace[:-1]:
        names = _names(reader.inside[0])
        if reader.text in names.parameters and names.reads[reader.text] > 1:
            message = f"the function makes something else of '{reader.text}', too"
            raise NotEditable(message)


def is_shared(place: Place) -> bool:
    """Whether a place is what a name stands for that is read more than once.

    Names are told apart by their spelling alone, so that a read too many is counted at worst.
    """
    document, extent = place.inside
    names = _names(document)
    name = names.bound.get((extent.start, extent.end))
    if name is None:
        return False
    reads = names.reads[name]
    if document is not place.document:
        # Commands of a notebook read names as `$name` and `{name}`.
        read = rf"^[^\n]*[!%][^\n]*[${{]{name}\b"
        reads += len(re.findall(read, place.document.text, re.MULTILINE))
    return reads > 1


@lru_cache(maxsize=4)
def _names(document: Document) -> _Names:
    text = SourceText(document)
    bound: dict[tuple[int, int], str] = {}
    reads: Counter[str] = Counter()
    parameters: set[str] = set()
    for statement in parse(document).body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                reads[node.id] += 1
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                reads[node.attr] += 1
            elif isinstance(node, ast.arg):
                parameters.add(node.arg)
            for name, value in _bindings(node):
                extent = text.extent(value)
                bound[extent.start, extent.end] = name
    return _Names(bound, reads, frozenset(parameters))


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _bound(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield from _bound(node.target, node.value)


def _bound(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Attribute):
        yield target.attr, value
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for inner, item in zip(target.elts, value.elts, strict=False):
            yield from _bound(inner, item)
