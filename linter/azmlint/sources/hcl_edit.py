"""Changes of HCL texts, in the layout that is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from azmlint.location import Edit
from azmlint.model.value import NotEditable
from azmlint.sources.document import line_end, line_ending

if TYPE_CHECKING:
    from azmlint.location import Document
    from azmlint.sources.hcl import Attribute, Block, Body, Node

_NAME = re.compile(r"[^\W\d][\w-]*")


def spelled(data: object) -> str:
    """Write plain data as an expression."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        text = data.replace("\\", "\\\\").replace('"', '\\"')
        text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        return '"' + re.sub(r"([$%])\{", r"\1\1{", text) + '"'
    if isinstance(data, (list, tuple)):
        return f"[{', '.join(spelled(d) for d in data)}]"
    if isinstance(data, dict):
        pairs = ", ".join(f"{_key(str(k))} = {spelled(v)}" for k, v in data.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return str(data)


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else spelled(name)


def replace(document: Document, start: int, end: int, data: object) -> Edit:
    """Put another value into the place of an expression."""
    return Edit(document, start, end, spelled(data))


def insert(document: Document, body: Body, route: tuple[str, ...], data: object) -> Edit:
    """Write an argument that is not there, with the blocks that have to hold it."""
    text = document.text
    rows: list[Attribute | Block] = [*body.attributes.values(), *body.blocks]
    rows.sort(key=lambda r: r.start)
    newline = line_ending(text)
    opening = text.rfind("\n", 0, body.start) + 1
    outer = _indent(text, opening)
    arguments = list(body.attributes.values())
    inner = _indent(text, text.rfind("\n", 0, rows[0].start) + 1) if rows else f"{outer}  "
    unit = inner[len(outer) :] or "  "
    is_one_line = "\n" not in text[body.start : body.end]
    if is_one_line and rows:
        message = "the block stands on one line"
        raise NotEditable(message)
    *blocks, name = route
    lines = [f"{inner}{unit * depth}{block} {{" for depth, block in enumerate(blocks)]
    width = _width(text, arguments, name) if not blocks else len(name)
    lines.append(f"{inner}{unit * len(blocks)}{name.ljust(width)} = {spelled(data)}")
    lines += [f"{inner}{unit * depth}}}" for depth in range(len(blocks) - 1, -1, -1)]
    if is_one_line:
        start, end = body.start, body.end
        return Edit(document, start, end, newline + newline.join(lines) + newline + outer)
    if not rows:
        at = line_end(text, body.start)
    else:
        # Next to the other arguments; a block goes after everything.
        last = rows[-1]
        if arguments and not blocks:
            last = max(arguments, key=lambda r: r.start)
        at = line_end(text, last.end)
        if blocks:
            lines.insert(0, "")
    return Edit(document, at, at, newline + newline.join(lines))


def _width(text: str, arguments: list[Attribute], name: str) -> int:
    """Give the width to which the last arguments in a row align their names."""
    if not arguments:
        return len(name)
    last = max(arguments, key=lambda r: r.start)
    gap = text[last.name.end : last.value.start]
    return max(len(name), last.name.end - last.name.start + len(gap) - len(gap.lstrip()) - 1)


def insert_member(document: Document, node: Node, route: tuple[str, ...], data: object) -> Edit:
    """Write a member of an object that is not there, with the objects that have to hold it."""
    text = document.text
    value = data
    for key in reversed(route[1:]):
        value = {key: value}
    spelled_pair = f"{_key(route[0])} = {spelled(value)}"
    if not node.items:
        return Edit(document, node.start, node.end, f"{{ {spelled_pair} }}")
    last = node.items[-1]
    if "\n" not in text[node.start : node.end]:
        return Edit(document, last.end, last.end, f", {spelled_pair}")
    first = node.items[0]
    indent = _indent(text, text.rfind("\n", 0, first.start) + 1)
    end = line_end(text, last.end)
    rest = text[last.end : end]
    if re.match(r"[ \t]*,?[ \t]*(#|//|$)", rest) is None or end > node.end:
        message = "the object goes on in the same line"
        raise NotEditable(message)
    return Edit(document, end, end, f"{line_ending(text)}{indent}{spelled_pair}")


def remove(document: Document, row: Attribute | Block) -> Edit:
    """Take an argument or a block away, with the line that it leaves empty."""
    text = document.text
    start, end = row.start, row.end
    line = text.rfind("\n", 0, start) + 1
    after = line_end(text, end)
    if text[line:start].strip():
        return Edit(document, start, end, "")
    rest = text[end:after]
    if rest.strip():
        # A comment after it stays.
        return Edit(document, start, end + len(rest) - len(rest.lstrip()), "")
    stop = after + len(re.match(r"\r\n|\n|\r|", text[after:])[0])  # type: ignore[index]  # matches anything
    return Edit(document, line, stop, "")


def _indent(text: str, line: int) -> str:
    match = re.compile(r"[ \t]*").match(text, line)
    return match[0] if match is not None else ""
