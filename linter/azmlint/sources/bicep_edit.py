"""Edits of Bicep text that keep everything around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from azmlint.location import Edit, Place, Span
from azmlint.model.value import NotEditable
from azmlint.sources.bicep_syntax import parse
from azmlint.sources.bicep_tokens import quoted
from azmlint.sources.bicep_tree import ArrayNode, Bare, Literal, Node, Operation, Property, Type
from azmlint.sources.document import line_end, line_ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document
    from azmlint.sources.bicep_tree import ObjectNode, Program, Statement

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ALIAS_LIMIT: Final = 20
"""How many types may be named one after the other."""

_AFTER_VALUE: Final = re.compile(r"[ \t]*,?[ \t]*(?://[^\r\n]*|/\*(?:(?!\*/)[^\r\n])*\*/[ \t]*)?")


def replace(origin: Place, new: object) -> Edit:
    """Replace a scalar; what was written as a text stays one.

    A conditional of which both cases become the same is replaced by that.
    """
    around: list[Span] = []
    for conditional, other in _conditionals(origin):
        value = other.value if isinstance(other, Literal) else None
        if not around and type(value) is type(new) and value == new:
            origin = Place(origin.document, conditional, origin.role)
        else:
            around.append(Span(conditional.start, conditional.end))
    old, is_bare = origin.text, isinstance(origin.node, Bare)
    if isinstance(new, (bool, int)) and not is_bare and old[:1] == "'":
        new = _scalar(new)
    text = str(new) if is_bare else spelled(new, "", "")
    return Edit(origin.document, origin.start, origin.end, text, tuple(around))


def _conditionals(place: Place) -> Iterator[tuple[Node, object]]:
    """Yield those of which a place is one case, or the case of one, each with its other case."""
    waiting: list[object] = [_statement_at(place)]
    holding: list[Operation] = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, (list, tuple)):
            waiting += node
        if isinstance(node, Node) and node.start <= place.start and place.end <= node.end:
            waiting += [getattr(node, slot) for slot in type(node).__slots__]
            if isinstance(node, Operation) and node.call.name == "if":
                holding.append(node)
    start, end = place.start, place.end
    for conditional in reversed(holding):
        cases = conditional.call.arguments[1:]
        others = [c for c in cases if not _is_at(c, start, end)]
        if len(others) != 1 or len(cases) == 1:
            return
        yield conditional, others[0]
        start, end = conditional.start, conditional.end


def _statement_at(place: Place) -> Statement | None:
    """Find the declaration in which something stands."""
    statements = _program(place.document).statements
    index = bisect_right(statements, place.start, key=lambda s: s.start) - 1
    found = statements[index] if index >= 0 else None
    return found if found is not None and place.start < found.end else None


@lru_cache(maxsize=8)
def _program(document: Document) -> Program:
    return parse(document.text)


def _is_at(node: object, start: int, end: int) -> bool:
    return isinstance(node, Node) and (node.start, node.end) == (start, end)


def insert(document: Document, parent: ObjectNode, keys: tuple[str, ...], new: object) -> Edit:
    """Add a member, inside objects of its own where `keys` has more than one name."""
    text = document.text
    if line_end(text, parent.start) >= parent.end:
        return _insert_in_line(document, parent, keys, new)
    newline = line_ending(text)
    members = sorted([*parent.members, *parent.resources], key=lambda m: m.start)
    outer = _indent(text, parent.start)
    indent = _indent(text, members[0].start) if members else outer + "  "
    unit = indent[len(outer) :] if indent.startswith(outer) and indent != outer else "  "
    lines = [f"{indent}{unit * i}{name_of(key)}: {{" for i, key in enumerate(keys[:-1])]
    deepest = indent + unit * (len(keys) - 1)
    lines.append(f"{deepest}{name_of(keys[-1])}: {spelled(new, deepest, unit, newline)}")
    lines += [f"{indent}{unit * i}}}" for i in range(len(keys) - 2, -1, -1)]
    block = newline.join(lines)
    if not parent.members:
        at = line_end(text, parent.start)
        if text[parent.start + 1 : at].strip() and not _is_comment(text[parent.start + 1 : at]):
            return Edit(document, parent.start + 1, parent.start + 1, newline + block + newline)
        return Edit(document, at, at, newline + block)
    last = parent.members[-1].end
    match = _AFTER_VALUE.match(text, last)
    at = match.end() if match is not None else last
    if at < line_end(text, last):
        # Something else stands on the line, such as the brace that closes the object.
        return Edit(document, last, last, newline + block + newline + outer)
    return Edit(document, at, at, newline + block)


def _insert_in_line(
    document: Document, parent: ObjectNode, keys: tuple[str, ...], new: object
) -> Edit:
    inner = "".join(f"{name_of(key)}: {{ " for key in keys[:-1])
    one = f"{inner}{name_of(keys[-1])}: {spelled(new, None, '')}" + " }" * (len(keys) - 1)
    if parent.members:
        last = parent.members[-1].end
        return Edit(document, last, last, f", {one}")
    return Edit(document, parent.start + 1, parent.end - 1, f" {one} ")


def remove(document: Document, parent: ObjectNode, name: str) -> Edit:
    """Take a member away, with the line it leaves empty."""
    folded = name.casefold()
    found = [
        (i, m)
        for i, m in enumerate(parent.members)
        if isinstance(m, Property) and (m.name or "").casefold() == folded
    ]
    if len(found) != 1:
        message = f"'{name}' is not written exactly once"
        raise NotEditable(message)
    index, member = found[0]
    text = document.text
    line_start = max(text.rfind("\n", 0, member.start), text.rfind("\r", 0, member.start)) + 1
    end = line_end(text, member.end)
    rest = text[member.end : end].strip()
    if not text[line_start : member.start].strip() and rest in {"", ","}:
        after = end + len(re.compile(r"\r\n|\r|\n|\Z").match(text, end)[0])  # type: ignore[index]
        return Edit(document, line_start, after, "")
    if len(parent.members) == 1 and not parent.resources:
        around = text[parent.start + 1 : member.start] + text[member.end : parent.end - 1]
        if not around.strip(" \t,"):
            return Edit(document, parent.start + 1, parent.end - 1, "")
    comma = re.compile(r"[ \t]*,[ \t]*").match(text, member.end)
    if comma is not None:
        return Edit(document, member.start, comma.end(), "")
    if index and re.fullmatch(
        r"[ \t]*,[ \t]*", between := text[parent.members[index - 1].end : member.start]
    ):
        return Edit(document, member.start - len(between), member.end, "")
    return Edit(document, member.start, member.end, "")


def name_of(key: str) -> str:
    """Spell the name of a property."""
    return key if _PLAIN_NAME.fullmatch(key) else quoted(key)


def spelled(data: object, indent: str | None, unit: str, newline: str = "\n") -> str:
    """Spell plain data; with an indent, objects and arrays go over several lines."""
    if isinstance(data, str):
        return quoted(data)
    is_object = isinstance(data, dict)
    if not isinstance(data, (dict, list)):
        return _scalar(data)
    inner = None if indent is None else indent + unit
    if isinstance(data, dict):
        items = [f"{name_of(str(k))}: {spelled(v, inner, unit, newline)}" for k, v in data.items()]
    else:
        items = [spelled(v, inner, unit, newline) for v in data]
    opening, close = ("{", "}") if is_object else ("[", "]")
    if not items:
        return opening + close
    if inner is None:
        return f"{opening} {', '.join(items)} {close}"
    lines = "".join(f"{newline}{inner}{item}" for item in items)
    return f"{opening}{lines}{newline}{indent}{close}"


def _scalar(data: object) -> str:
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    return str(data)


def _is_comment(text: str) -> bool:
    return text.lstrip().startswith("//")


def _indent(text: str, offset: int) -> str:
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def require_allowed(origin: Place, new: object) -> None:
    """Raise NotEditable where a parameter's declaration forbids the value as its default."""
    if origin.role != "default":
        return
    program = _program(origin.document)
    statement = _statement_at(origin)
    if statement is not None and statement.keyword == "param":
        value = statement.value
        if value is None or (value.start, value.end) != (origin.start, origin.end):
            return
        options = _listed(program, statement)
        folded = new.casefold() if isinstance(new, str) else new
        if options is not None and folded not in [
            o.casefold() if isinstance(o, str) else o for o in options
        ]:
            message = "the parameter does not allow that value"
            raise NotEditable(message)
        for name, sign in (("minvalue", 1), ("maxvalue", -1)):
            limit = _limit(statement, name)
            if isinstance(new, int) and limit is not None and sign * new < sign * limit:
                message = f"the parameter does not allow less or more than {limit}"
                raise NotEditable(message)


def _listed(program: Program, statement: Statement) -> list[object] | None:
    """List the values that a declaration allows; None when it does not list them."""
    allowed = statement.decorator("allowed")
    if allowed is not None:
        node = allowed.arguments[0] if allowed.arguments else None
        items = node.items if isinstance(node, ArrayNode) else ()
        return [i.value for i in items if isinstance(i, Literal)]
    return _of_type(program, statement.type, 0)


def _of_type(program: Program, type_: object, depth: int) -> list[object] | None:
    if not isinstance(type_, Type) or depth > _ALIAS_LIMIT:
        return None
    if type_.literal is not None:
        return [type_.literal.value]
    if not type_.choices:
        alias = program.named.get(type_.name)
        return _of_type(program, alias.type, depth + 1) if alias is not None else None
    found: list[object] = []
    for choice in type_.choices:
        values = _of_type(program, choice, depth + 1)
        if values is None:
            return None
        found += values
    return found


def _limit(statement: Statement, name: str) -> int | None:
    call = statement.decorator(name)
    node = call.arguments[0] if call is not None and call.arguments else None
    value = node.value if isinstance(node, Literal) else None
    return value if isinstance(value, int) else None
