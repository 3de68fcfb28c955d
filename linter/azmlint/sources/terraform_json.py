"""Terraform's JSON syntax, as the bodies and expressions of the native one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.sources import hcl, json
from azmlint.sources.document import SyntaxProblem
from azmlint.sources.hcl import Attribute, Block, Body, Node, Parsed

if TYPE_CHECKING:
    from azmlint.location import Document
    from azmlint.sources.json import JsonNode, Key

_LABELS: Final = {
    "check": 1, "data": 2, "ephemeral": 2, "import": 0, "locals": 0, "module": 1, "moved": 0,
    "output": 1, "provider": 1, "removed": 0, "resource": 2, "terraform": 0, "variable": 1,
}  # fmt: skip
"""How many labels a block has, by its type."""

_INNER: Final = frozenset(
    {"dynamic", "lifecycle", "provisioner", "required_providers", "validation"}
)
"""What is a block within a block; all else is told from an argument by who reads it."""


def parse(document: Document) -> Parsed:
    """Read a file; raises SyntaxProblem for what is no JSON."""
    root = json.parse(document)
    body = Body(root.start, root)
    body.end = root.end
    reader = _Reader(Parsed(body))
    for key, node in root.members:
        if key.name in _LABELS:
            reader.blocks(body, key, node, (), _LABELS[key.name])
        elif key.name != "//":
            reader.parsed.statements += 1
            reader.attribute(body, key, node)
    return reader.parsed


class _Reader:
    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed

    def blocks(
        self, into: Body, key: Key, node: JsonNode, labels: tuple[Node, ...], wanted: int
    ) -> None:
        """Read an object, or each of an array, as blocks with labels."""
        if isinstance(node.value, list):
            for item in node.items:
                self.blocks(into, key, item, labels, wanted)
            return
        if not isinstance(node.value, dict):
            self.parsed.statements += 1
            message = f"'{key.name}' wants an object"
            self.parsed.problems.append(SyntaxProblem(message, node.start))
            self.parsed.lost += 1
            return
        if wanted:
            for name, inner in node.members:
                if name.name != "//":
                    label = Node("literal", name.start, name.end, name.name)
                    self.blocks(into, key, inner, (*labels, label), wanted - 1)
            return
        self.parsed.statements += 1
        word = Node("literal", key.start, key.end, key.name)
        start = labels[0].start if labels else key.start
        into.blocks.append(Block(word, labels, self.body(node, key.name), start, node.end))

    def body(self, node: JsonNode, word: str) -> Body:
        """Read an object as the body of a block."""
        body = Body(node.start + 1, node)
        body.end = node.end - 1
        for key, inner in node.members:
            if key.name == "//":
                continue
            if key.name in _INNER and isinstance(inner.value, (dict, list)):
                wanted = 1 if key.name in {"dynamic", "provisioner"} else 0
                self.blocks(body, key, inner, (), wanted)
            elif word == "dynamic" and key.name == "content":
                self.blocks(body, key, inner, (), 0)
            else:
                self.attribute(body, key, inner, is_name=_is_name(word, key.name))
        return body

    def attribute(self, into: Body, key: Key, node: JsonNode, *, is_name: bool = False) -> None:
        """Read a member as an argument."""
        name = Node("literal", key.start, key.end, key.name)
        try:
            value = _named(node) if is_name else expression(node)
        except SyntaxProblem as problem:
            self.parsed.problems.append(problem)
            value = Node("broken", node.start, node.end, problem.message)
        into.attributes[key.name] = Attribute(name, value)


def _is_name(block: str, argument: str) -> bool:
    """Whether a text is an expression as it stands, and no template."""
    return (block, argument) in {("variable", "type"), ("dynamic", "iterator")} or (
        argument in {"provider", "providers", "ignore_changes"}
    )


def _named(node: JsonNode) -> Node:
    if isinstance(node.value, str):
        try:
            return _moved(hcl.parse_expression(node.value), node)
        except SyntaxProblem as problem:
            raise SyntaxProblem(problem.message, node.start) from None
    if isinstance(node.value, dict):
        items = [
            part
            for key, inner in node.members
            for part in (Node("literal", key.start, key.end, key.name), _named(inner))
        ]
        return Node("object", node.start, node.end, None, tuple(items))
    if isinstance(node.value, list):
        return Node("tuple", node.start, node.end, None, tuple(_named(i) for i in node.items))
    return expression(node)


def expression(node: JsonNode) -> Node:
    """Read a value; texts are templates. Raises SyntaxProblem."""
    value = node.value
    if isinstance(value, str):
        if "${" not in value and "%{" not in value:
            return Node("literal", node.start, node.end, value)
        try:
            return _moved(hcl.parse_template(value), node)
        except SyntaxProblem as problem:
            raise SyntaxProblem(problem.message, node.start) from None
    if isinstance(value, list):
        return Node("tuple", node.start, node.end, None, tuple(expression(i) for i in node.items))
    if isinstance(value, dict):
        items: list[Node] = []
        for key, inner in node.members:
            items += [Node("literal", key.start, key.end, key.name), expression(inner)]
        return Node("object", node.start, node.end, None, tuple(items))
    return Node("literal", node.start, node.end, value)  # type: ignore[arg-type]  # a scalar


def _moved(node: Node, to: JsonNode) -> Node:
    """Let an expression stand where its text stands; within a text no place is told."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        inner.start, inner.end = to.start, to.end
        waiting += inner.items
        if isinstance(inner, hcl.For):
            waiting += [n for n in (inner.key, inner.condition) if n is not None]
    # A literal within a longer text is not all of that text.
    return node if node.kind != "literal" else Node("literal", to.start, to.end, node.value)
