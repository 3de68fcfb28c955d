"""What statements of Python that are rarer than `if` come down to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def test_of(subject: ast.expr, case: ast.match_case) -> ast.expr | None:
    """Give a condition that says the same as a case; None where none is written that simply."""
    found = _compared(subject, case.pattern)
    if found is None or case.guard is None:
        return found
    return _at(ast.BoolOp(ast.And(), [found, case.guard]), case.pattern)


def _compared(subject: ast.expr, pattern: ast.pattern) -> ast.expr | None:
    if isinstance(pattern, ast.MatchValue):
        return _at(ast.Compare(subject, [ast.Eq()], [pattern.value]), pattern)
    if isinstance(pattern, ast.MatchSingleton):
        value = _at(ast.Constant(pattern.value), pattern)
        return _at(ast.Compare(subject, [ast.Is()], [value]), pattern)
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        return _at(ast.Constant(value=True), pattern)
    if isinstance(pattern, ast.MatchOr):
        inner = [_compared(subject, one) for one in pattern.patterns]
        known = [one for one in inner if one is not None]
        return _at(ast.BoolOp(ast.Or(), known), pattern) if len(known) == len(inner) else None
    return None


def _at(node: ast.expr, place: ast.pattern) -> ast.expr:
    return ast.copy_location(node, place)


def captured(pattern: ast.pattern) -> Iterator[tuple[str, ast.pattern]]:
    """Yield the names that a pattern gives a value."""
    for node in ast.walk(pattern):
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if isinstance(node, ast.pattern) and isinstance(name, str):
            yield name, node


def counted(body: Sequence[ast.stmt]) -> Iterator[ast.Name]:
    """Yield the names that statements count on with, as `n += 1` and `n = n + 1` do."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target
        elif isinstance(node, ast.Assign):
            read = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
            targets = [t for t in node.targets if isinstance(t, ast.Name)]
            is_sum = isinstance(node.value, ast.BinOp)
            yield from (t for t in targets if is_sum and t.id in read)
        waiting += ast.iter_child_nodes(node)
