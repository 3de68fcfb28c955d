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
from azmlint.sources.document import SyntaxProblem, line_end, line_ending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document

# Raw newlines and tabs in strings are taken, as Resource Manager takes them.
_DECODER: Final = json.JSONDecoder(strict=False)
_scan = _DECODER.raw_decode
_space = re.compile(r"[ \t\r\n\ufeff]*").match
_NOISE = re.compile(
    # What is never closed reaches to the end, so that no part of it is looked at twice.
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|//[^\n\r]*|/\*[\s\S]*?(?:\*/|\Z)'
    r"|\ufeff|,(?=(?:\s|//[^\n\r]*|/\*[\s\S]*?\*/)*+[}\]])",
    re.DOTALL,
)
_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|-?(?P<digits>[0-9]++)', re.DOTALL)
_AFTER = re.compile(r",|//[^\n\r]*|/\*[\s\S]*?\*/")
_NOT_LINE_END = re.compile(r"[^\r\n]")


class JsonNode:
    """One value; its end and its members are found on demand."""

    __slots__ = ("_end", "_index", "_items", "_members", "clean", "start", "value")

    def __init__(self, clean: str, start: int, end: int | None, value: object) -> None:
        """Locate `value` at `start` of the text without comments."""
        self.clean = clean
        """The text without comments, as long as the text itself."""
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
            self._end = _scan(self.clean, self.start)[1]
        return self._end

    @property
    def members(self) -> list[tuple[Key, JsonNode]]:
        """The members of an object in the order written, repeated names included."""
        if self._members is None:
            self._members = list(self._scan_members())
            whole = self.value
            if isinstance(whole, dict) and len(whole) == len(self._members):
                # Where a part is, the scanner tells only with the part: one of both is kept.
                for key, node in self._members:
                    node.value = whole[key.name]
        return self._members

    @property
    def items(self) -> list[JsonNode]:
        """The items of an array."""
        if self._items is None:
            self._items = list(self._scan_items())
            if isinstance(self.value, list):
                for node, value in zip(self._items, self.value, strict=True):
                    node.value = value
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
        text, at = self.clean, self.start + 1
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
        text, at = self.clean, self.start + 1
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
    except ValueError:
        # Nothing else is left to fail: Python refuses to convert numbers of very many digits.
        number = max(_NUMBER.finditer(text), key=lambda m: len(m["digits"] or ""))
        message = f"a number of {len(number['digits'])} digits is too long"
        raise SyntaxProblem(message, number.start()) from None
    return JsonNode(clean, _space(clean, 0).end(), None, value)  # type: ignore[union-attr]


def _blanked(match: re.Match[str]) -> str:
    text = match[0]
    return text if text[0] == '"' else _NOT_LINE_END.sub(" ", text)


# Edits


def replace(document: Document, start: int, end: int, data: object) -> Edit:
    """Replace a scalar; a number that was written as a string stays a string.

    What an expression stood for becomes a value of its own.
    """
    old = document.text[start:end]
    if old[:1] in {"{", "["}:
        message = "a whole object or array would have to be rewritten"
        raise NotEditable(message)
    is_expression = old.startswith(('"[', '"${'))
    if old[:1] == '"' and not is_expression and isinstance(data, (bool, int, float)):
        data = json.dumps(data)
    return Edit(document, start, end, _dumps(document, data))


def insert(document: Document, parent: JsonNode, keys: tuple[str, ...], data: object) -> Edit:
    """Add a member, inside objects of its own where `keys` has more than one name."""
    if not isinstance(parent.value, dict):
        message = "what stands there is not an object"
        raise NotEditable(message)
    text = document.text
    members = parent.members
    if line_end(text, parent.start) >= parent.end:
        inner = "".join(f"{json.dumps(key)}: {{" for key in keys[:-1])
        spelled = f"{inner}{json.dumps(keys[-1])}: {_dumps(document, data)}"
        spelled += "}" * (len(keys) - 1)
        if members:
            last = members[-1][1].end
            return Edit(document, last, last, f", {spelled}")
        within = text[parent.start + 1 : parent.end - 1]
        end = parent.start + 1 if within.strip() else parent.end - 1
        return Edit(document, parent.start + 1, end, spelled)
    newline = line_ending(text)
    indent = _indent(text, members[0][0].start) if members else _indent(text, parent.start) + "  "
    unit = _unit(text, parent, indent)
    lines = [f"{indent}{unit * i}{json.dumps(key)}: {{" for i, key in enumerate(keys[:-1])]
    deepest = len(keys) - 1
    lines.append(f"{indent}{unit * deepest}{json.dumps(keys[-1])}: {_dumps(document, data)}")
    lines += [f"{indent}{unit * i}}}" for i in range(deepest - 1, -1, -1)]
    spelled = newline + newline.join(lines)
    if not members:
        return Edit(document, parent.start + 1, parent.start + 1, spelled)
    start, end = _after_last(text, parent)
    return Edit(document, start, end, _with_comma(text, parent, start, end) + spelled)


def _after_last(text: str, parent: JsonNode) -> tuple[int, int]:
    """Find what follows the last member on its line, when that is nothing but a comment."""
    last = parent.members[-1][1].end
    end = line_end(text, last)
    is_comment = end < parent.end and not parent.clean[last:end].strip() and text[last:end].strip()
    return last, end if is_comment and "/*" not in text[last:end] else last


def _with_comma(text: str, parent: JsonNode, start: int, end: int) -> str:
    """Give a stretch after a member with the comma that it needs before the next one."""
    comma = _trailing_comma(text, parent)
    return text[start:end] if comma is not None and comma < end else f",{text[start:end]}"


def _trailing_comma(text: str, parent: JsonNode) -> int | None:
    """Find the comma after the last member, which Resource Manager takes and JSON does not."""
    last = parent.members[-1][1].end
    for match in _AFTER.finditer(text, last, parent.end):
        if match[0] == ",":
            return match.start()
    return None


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
        if text[node.end : end].strip() == ",":
            return Edit(document, key.start, end, "")
        comma = parent.clean.index(",", node.end)
        rest = text[node.end : comma]
        return Edit(document, key.start, comma + 1, rest if rest.strip() else "")
    if index == 0:
        comma = _trailing_comma(text, parent) or -1
        rest = text[node.end : comma] if comma >= 0 else ""
        return Edit(document, key.start, max(node.end, comma + 1), rest)
    start = members[index - 1][1].end
    comma = parent.clean.index(",", start)
    kept = (text[start:comma] + text[comma + 1 : key.start]).rstrip()
    if "//" in kept and line_end(text, node.end) != node.end:
        # Nothing may follow a comment that ends with its line.
        kept += line_ending(text)
    return Edit(document, start, node.end, kept)


def rename(document: Document, key: Key, name: str) -> Edit:
    """Give a member another name."""
    return Edit(document, key.start, key.end, json.dumps(name))


def _dumps(document: Document, data: object) -> str:
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode(document.encoding)
    except UnicodeEncodeError:
        return json.dumps(data)
    return text


def _indent(text: str, offset: int) -> str:
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(text: str, parent: JsonNode, indent: str) -> str:
    outer = _indent(text, parent.start)
    if indent.startswith(outer) and len(indent) > len(outer):
        return indent[len(outer) :]
    return "  "
