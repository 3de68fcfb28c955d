"""JSON text as Azure Resource Manager takes it, located lazily, and edits of such text.

Values come from the standard library's C scanner. Positions are worked out only for members that
somebody asks for, one level at a time. Comments and trailing commas are blanked with spaces of
equal length first, so that every offset stays true.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from azmlint.location import Edit
from azmlint.model.value import NotEditable
from azmlint.sources.document import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document

# Raw newlines and tabs in strings are taken, as Resource Manager takes them.
_DECODER: Final = json.JSONDecoder(strict=False)
_scan = _DECODER.raw_decode
_space = re.compile(r"[ \t\r\n\ufeff]*").match
_NOISE = re.compile(
    r'"(?:[^"\\]|\\.)*+"|//[^\n\r]*|/\*[\s\S]*?\*/'
    r"|,(?=(?:\s|//[^\n\r]*|/\*[\s\S]*?\*/)*+[}\]])",
    re.DOTALL,
)
_NOT_LINE_END = re.compile(r"[^\r\n]")


class JsonNode:
    """One value; its end and its members are found on demand."""

    __slots__ = ("_clean", "_end", "_index", "_items", "_members", "start", "value")

    def __init__(self, clean: str, start: int, end: int | None, value: object) -> None:
        """Locate `value` at `start` of the text without comments."""
        self._clean = clean
        self.start = start
        self._end = end
        self.value = value
        self._members: list[tuple[Key, JsonNode]] | None = None
        self._index: dict[str, JsonNode] | None = None
        self._items: list[JsonNode] | None = None

    @property
    def end(self) -> int:
        """The offset after the value."""
        if self._end is None:
            self._end = _scan(self._clean, self.start)[1]
        return self._end

    @property
    def members(self) -> list[tuple[Key, JsonNode]]:
        """The members of an object in the order written, repeated names included."""
        if self._members is None:
            self._members = list(self._scan_members())
        return self._members

    @property
    def items(self) -> list[JsonNode]:
        """The items of an array."""
        if self._items is None:
            self._items = list(self._scan_items())
        return self._items

    def get(self, name: str) -> JsonNode | None:
        """Find a member; names compare without case, and the last one written counts."""
        if not isinstance(self.value, dict):
            return None
        if self._index is None:
            self._index = {}
            for key, node in self.members:
                self._index[key.name.casefold()] = node
        return self._index.get(name.casefold())

    def has(self, name: str) -> bool:
        """Whether a member is there, without locating anything."""
        if not isinstance(self.value, dict):
            return False
        if name in self.value:
            return True
        folded = name.casefold()
        return any(k.casefold() == folded for k in self.value)

    def _scan_members(self) -> Iterator[tuple[Key, JsonNode]]:
        if not isinstance(self.value, dict):
            return
        text, at = self._clean, self.start + 1
        while True:
            at = _space(text, at).end()  # type: ignore[union-attr]  # it matches nothing too
            if text[at] == "}":
                return
            if text[at] == ",":
                at += 1
                continue
            name, end = _scan(text, at)
            key = Key(at, end, name)
            colon = _space(text, end).end()  # type: ignore[union-attr]
            start = _space(text, colon + 1).end()  # type: ignore[union-attr]
            value, at = _scan(text, start)
            yield key, JsonNode(text, start, at, value)

    def _scan_items(self) -> Iterator[JsonNode]:
        if not isinstance(self.value, list):
            return
        text, at = self._clean, self.start + 1
        while True:
            at = _space(text, at).end()  # type: ignore[union-attr]
            if text[at] == "]":
                return
            if text[at] == ",":
                at += 1
                continue
            value, end = _scan(text, at)
            yield JsonNode(text, at, end, value)
            at = end


class Key:
    """The name of a member, with its quotes."""

    __slots__ = ("end", "name", "start")

    def __init__(self, start: int, end: int, name: str) -> None:
        """Locate a name."""
        self.start = start
        self.end = end
        self.name = name


def parse(document: Document) -> JsonNode:
    """Parse a JSON text; raises SyntaxProblem."""
    text = document.text
    try:
        try:
            value = _DECODER.decode(text)
            clean = text
        except json.JSONDecodeError:
            clean = _NOISE.sub(_blanked, text)
            value = _DECODER.decode(clean)
    except json.JSONDecodeError as error:
        raise SyntaxProblem(error.msg[:1].lower() + error.msg[1:], error.pos) from None
    except RecursionError:
        message = "nested too deeply"
        raise SyntaxProblem(message, 0) from None
    except ValueError as error:
        raise SyntaxProblem(str(error), 0) from None
    return JsonNode(clean, _space(clean, 0).end(), None, value)  # type: ignore[union-attr]


def _blanked(match: re.Match[str]) -> str:
    text = match[0]
    return text if text[0] == '"' else _NOT_LINE_END.sub(" ", text)


# Edits


def replace(document: Document, start: int, end: int, data: object) -> Edit:
    """Replace a scalar; a number that was written as a string stays a string."""
    old = document.text[start:end]
    if old[:1] in {"{", "["}:
        message = "a whole object or array would have to be rewritten"
        raise NotEditable(message)
    if old[:1] == '"' and isinstance(data, (bool, int, float)):
        return Edit(document, start, end, json.dumps(json.dumps(data)))
    return Edit(document, start, end, json.dumps(data, ensure_ascii=False))


def insert(document: Document, parent: JsonNode, keys: tuple[str, ...], data: object) -> Edit:
    """Add a member, inside objects of its own where `keys` has more than one name."""
    if not isinstance(parent.value, dict):
        message = "what stands there is not an object"
        raise NotEditable(message)
    text = document.text
    newline = "\r\n" if "\r\n" in text else "\n"
    members = parent.members
    one_line = "\n" not in text[parent.start : parent.end]
    if one_line:
        inner = "".join(f"{json.dumps(key)}: {{" for key in keys[:-1])
        spelled = f"{inner}{json.dumps(keys[-1])}: {_dumps(data)}" + "}" * (len(keys) - 1)
        if not members:
            return Edit(document, parent.start + 1, parent.end - 1, spelled)
        last = members[-1][1].end
        return Edit(document, last, last, f", {spelled}")
    indent = _indent(text, members[0][0].start) if members else _indent(text, parent.start) + "  "
    unit = _unit(text, parent, indent)
    lines = [f"{indent}{unit * i}{json.dumps(key)}: {{" for i, key in enumerate(keys[:-1])]
    deepest = len(keys) - 1
    lines.append(f"{indent}{unit * deepest}{json.dumps(keys[-1])}: {_dumps(data)}")
    lines += [f"{indent}{unit * i}}}" for i in range(deepest - 1, -1, -1)]
    spelled = newline.join(lines)
    if not members:
        closing = _indent(text, parent.start)
        return Edit(
            document, parent.start + 1, parent.end - 1, f"{newline}{spelled}{newline}{closing}"
        )
    last = members[-1][1].end
    return Edit(document, last, last, f",{newline}{spelled}")


def remove(document: Document, parent: JsonNode, name: str) -> Edit:
    """Take a member away, with one comma and the line it leaves empty."""
    members = parent.members
    folded = name.casefold()
    found = [i for i, (key, _) in enumerate(members) if key.name.casefold() == folded]
    if len(found) != 1:
        message = f"'{name}' is not written exactly once"
        raise NotEditable(message)
    index = found[0]
    key, node = members[index]
    text = document.text
    if index + 1 < len(members):
        end = members[index + 1][0].start
        between = text[node.end : end]
        if "//" in between or "/*" in between:
            comma = parent._clean.index(",", node.end)  # noqa: SLF001  # its own module
            return Edit(document, key.start, comma + 1, "")
        return Edit(document, key.start, end, "")
    if index == 0:
        return Edit(document, key.start, node.end, "")
    start = members[index - 1][1].end
    between = text[start : key.start]
    if "//" in between or "/*" in between:
        message = f"a comment stands before '{name}'"
        raise NotEditable(message)
    return Edit(document, start, node.end, "")


def rename(document: Document, key: Key, name: str) -> Edit:
    """Give a member another name."""
    return Edit(document, key.start, key.end, json.dumps(name))


def _dumps(data: object) -> str:
    return json.dumps(data, ensure_ascii=False)


def _indent(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(text: str, parent: JsonNode, indent: str) -> str:
    outer = _indent(text, parent.start)
    if indent.startswith(outer) and len(indent) > len(outer):
        return indent[len(outer) :]
    return "  "
