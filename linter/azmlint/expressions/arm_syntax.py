"""The syntax of template expressions: the text inside `[...]`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

DEPTH_LIMIT: Final = 100
"""How deeply calls may nest; real templates stay under 20."""


_TOO_DEEP: Final = f"nested more than {DEPTH_LIMIT} levels deep"


class Text(NamedTuple):
    """A string."""

    value: str


class Number(NamedTuple):
    """A number."""

    value: int | float


class Call(NamedTuple):
    """A function call; `name` is in lower case, namespaces keep their dot."""

    name: str
    arguments: tuple[Node, ...]
    shown: str
    """The name as written."""


class Member(NamedTuple):
    """Access to a property."""

    of: Node
    name: str
    is_safe: bool
    """Whether it is written `.?`, which gives null for a missing one."""


class Index(NamedTuple):
    """Access to an item."""

    of: Node
    at: Node
    is_safe: bool


class Foreign:
    """A node of another language's tree, which that language's evaluator works out."""

    __slots__ = ()

    @property
    def shown(self) -> str:
        """What messages call it."""
        return "the expression"


Node: TypeAlias = "Text | Number | Call | Member | Index | Foreign"

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_$][\w$]*(?:\.(?=[A-Za-z_$])[\w$]+(?=\s*\())?)"
    r"|(?P<number>[+-]?[0-9]{1,19}(?:\.[0-9]{1,19})?(?![\w.]))"
    r"|(?P<text>'(?:[^']|'')*+')"
    r"|(?P<sign>\.\?|[()\[\],.?])"
    r"|(?P<end>\Z))"
)


class ExpressionProblem(Exception):  # noqa: N818  # the term becomes unknown
    """A text in brackets is no valid expression."""


def is_expression(text: str) -> bool:
    """Whether a string is an expression: in brackets, and not escaped by a second one."""
    return text[:1] == "[" and text[-1:] == "]" and text[:2] != "[["


def unescaped(text: str) -> str:
    """Give the string that a literal stands for."""
    return text[1:] if text[:2] == "[[" else text


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Parse an expression with its brackets; raises ExpressionProblem."""
    parser = _Parser(text[1:-1])
    node = parser.expression(0)
    if parser.kind != "end":
        message = f"unexpected '{parser.value}'"
        raise ExpressionProblem(message)
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.kind = ""
        self.value = ""
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        if match is None or match.lastgroup is None:
            message = f"unexpected '{self.text[self.at :].strip()[:1]}'"
            raise ExpressionProblem(message)
        self.kind = match.lastgroup
        self.value = match[self.kind]
        self.at = match.end()

    def take(self, sign: str) -> bool:
        if self.kind == "sign" and self.value == sign:
            self.advance()
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            message = f"expected '{sign}'" + (f", not '{self.value}'" if self.value else "")
            raise ExpressionProblem(message)

    def expression(self, depth: int) -> Node:
        if depth > DEPTH_LIMIT:
            raise ExpressionProblem(_TOO_DEEP)
        node = self.primary(depth)
        while True:
            # Each access is one level of the tree, and trees are walked by recursion.
            depth += 1
            if depth > DEPTH_LIMIT + 1:
                raise ExpressionProblem(_TOO_DEEP)
            if self.take("."):
                node = Member(node, self.name(), is_safe=False)
            elif self.take(".?"):
                node = Member(node, self.name(), is_safe=True)
            elif self.take("["):
                is_safe = self.take("?")
                at = self.expression(depth + 1)
                self.expect("]")
                node = Index(node, at, is_safe)
            else:
                return node

    def name(self) -> str:
        if self.kind != "name":
            message = "expected a property name"
            raise ExpressionProblem(message)
        name = self.value
        self.advance()
        return name

    def primary(self, depth: int) -> Node:
        kind, value = self.kind, self.value
        if kind == "text":
            self.advance()
            return Text(value[1:-1].replace("''", "'"))
        if kind == "number":
            self.advance()
            return Number(float(value) if "." in value else int(value))
        if kind != "name":
            message = f"unexpected '{value}'" if value else "the expression ends too early"
            raise ExpressionProblem(message)
        self.advance()
        if not self.take("("):
            message = f"'{value}' is not called"
            raise ExpressionProblem(message)
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.expression(depth + 1))
            while self.take(","):
                arguments.append(self.expression(depth + 1))
            self.expect(")")
        return Call(value.lower(), tuple(arguments), value)
