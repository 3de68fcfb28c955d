"""YAML text as a located tree, read as `az ml` reads it (YAML 1.1), and edits of such text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from azmlint.location import Edit
from azmlint.model.value import NotEditable
from azmlint.sources.document import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document

DEPTH_LIMIT: Final = 200
"""How deeply collections may nest; real files stay under 30."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVERS: dict[str | None, list[tuple[str, re.Pattern[str]]]] = (
    yaml.SafeLoader.yaml_implicit_resolvers
)
_TAG = "tag:yaml.org,2002:"
_HOLE = re.compile(r"\{\{[^{}\n]*\}\}|\{%[^\n]*?%\}")
_TRUE = frozenset({"true", "yes", "on"})


class YamlNode:
    """One node: a scalar with its value, a map with pairs, or a list with items."""

    __slots__ = ("end", "items", "kind", "pairs", "start", "style", "value")

    def __init__(self, kind: str, start: int, end: int, value: object = None) -> None:
        """Make a node of kind scalar, map or list; offsets leave out anchor and tag."""
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        self.style: str | None = None
        """A scalar's quote or block sign; `flow` or `block` of a collection."""
        self.items: list[Use] = []
        self.pairs: list[tuple[YamlNode, Use]] = []

    def get(self, key: str) -> Use | None:
        """Find a member of a map; the last one written counts, as for every YAML loader."""
        for name, use in reversed(self.pairs):
            if name.kind == "scalar" and name.value == key:
                return use
        return None

    def pair(self, key: str) -> tuple[YamlNode, Use] | None:
        """Find a member of a map with its key."""
        for name, use in reversed(self.pairs):
            if name.kind == "scalar" and name.value == key:
                return name, use
        return None


class Use:
    """Where a node is used: in place, through an alias, or through a merge key."""

    __slots__ = ("end", "node", "start")

    def __init__(self, node: YamlNode, start: int | None = None, end: int | None = None) -> None:
        """Use `node`; an alias or merge key has an extent of its own."""
        self.node = node
        self.start = node.start if start is None else start
        self.end = node.end if end is None else end

    @property
    def is_indirect(self) -> bool:
        """Whether the node stands elsewhere."""
        return self.start != self.node.start


def parse(document: Document) -> list[YamlNode]:
    """Parse every document of a YAML text; empty ones are left out.

    Raises SyntaxProblem. Template holes (`{{ ... }}`) that break the syntax are read as text.
    """
    text = document.text
    try:
        return _compose(text)
    except SyntaxProblem:
        masked = _HOLE.sub(lambda m: "x" * len(m[0]), text)
        if masked == text:
            raise
        return _compose(masked)


def _compose(text: str) -> list[YamlNode]:
    try:
        return list(_Composer(text).documents())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not valid YAML"
        raise SyntaxProblem(problem, int(mark.index) if mark is not None else 0) from None
    except yaml.reader.ReaderError as error:
        message = (
            f"character U+{ord(error.character):04X} is not allowed in YAML"
            if isinstance(error.character, str)
            else "a character is not allowed in YAML"
        )
        raise SyntaxProblem(message, min(error.position, len(text))) from None
    except (yaml.YAMLError, ValueError) as error:
        raise SyntaxProblem(str(error).splitlines()[0], 0) from None


class _Composer:
    """Builds trees from libyaml's events without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.anchors: dict[str, YamlNode] = {}
        self.open: set[int] = set()

    def documents(self) -> Iterator[YamlNode]:
        stack: list[tuple[YamlNode, YamlNode | None]] = []
        root: YamlNode | None = None
        pending_key: YamlNode | None = None
        for event in yaml.parse(self.text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
                root = None
                continue
            if isinstance(event, yaml.DocumentEndEvent):
                if root is not None and not (root.kind == "scalar" and root.value is None):
                    yield root
                continue
            if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                node, pending_key = stack.pop()
                self.open.discard(id(node))
                node.end = self._collection_end(node, event)
                use = Use(node)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                node = self._opened(event)
                stack.append((node, pending_key))
                self.open.add(id(node))
                pending_key = None
                if len(stack) > DEPTH_LIMIT:
                    message = f"nested more than {DEPTH_LIMIT} levels deep"
                    raise SyntaxProblem(message, _start(event))
                continue
            elif isinstance(event, yaml.ScalarEvent):
                use = Use(self._scalar(event))
            elif isinstance(event, yaml.AliasEvent):
                use = self._alias(event)
            else:
                continue
            if not stack:
                root = use.node
                continue
            parent = stack[-1][0]
            if parent.kind == "list":
                parent.items.append(use)
            elif pending_key is None:
                pending_key = use.node
            else:
                self._member(parent, pending_key, use)
                pending_key = None

    def _opened(self, event: Any) -> YamlNode:  # noqa: ANN401  # PyYAML's events are untyped
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
        node = YamlNode(kind, self._bare(event), event.end_mark.index)
        node.style = "flow" if event.flow_style else "block"
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _collection_end(self, node: YamlNode, event: Any) -> int:  # noqa: ANN401
        if node.style == "flow":
            return int(event.end_mark.index)
        uses = node.items if node.kind == "list" else [use for _, use in node.pairs]
        inside = [u.end for u in uses if u.start >= node.start]
        return max([node.start, *inside])

    def _scalar(self, event: Any) -> YamlNode:  # noqa: ANN401
        start, end = self._bare(event), event.end_mark.index
        if event.style in {"|", ">"}:
            end = len(self.text[:end].rstrip("\r\n")) if end > start else end
        node = YamlNode("scalar", start, max(start, end))
        node.style = event.style
        node.value = _resolve(event)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _bare(self, event: Any) -> int:  # noqa: ANN401
        """Find where the node itself begins, after its anchor and tag."""
        start = event.start_mark.index
        if event.anchor or event.tag:
            end = event.end_mark.index
            match = re.compile(r"(?:[&!]\S*[ \t\r\n]*)+").match(self.text, start, end)
            if match is not None:
                return match.end()
        return int(start)

    def _alias(self, event: Any) -> Use:  # noqa: ANN401
        target = self.anchors.get(event.anchor)
        if target is not None and target.kind != "scalar" and id(target) in self.open:
            message = f"alias '{event.anchor}' refers to what it stands in"
            raise SyntaxProblem(message, _start(event))
        if target is None:
            message = f"found undefined alias '{event.anchor}'"
            raise SyntaxProblem(message, _start(event))
        return Use(target, event.start_mark.index, event.end_mark.index)

    @staticmethod
    def _member(parent: YamlNode, key: YamlNode, use: Use) -> None:
        if key.value != "<<" or key.style is not None:
            parent.pairs.append((key, use))
            return
        sources = use.node.items if use.node.kind == "list" else [use]
        merged = [
            (name, Use(inner.node, use.start, use.end))
            for source in reversed(sources)
            if source.node.kind == "map"
            for name, inner in source.node.pairs
        ]
        # Explicit keys win over merged ones wherever the merge key stands.
        parent.pairs[0:0] = merged[:10_000]


def _start(event: Any) -> int:  # noqa: ANN401  # PyYAML's events are untyped
    return int(event.start_mark.index)


def _resolve(event: Any) -> object:  # noqa: ANN401  # PyYAML's events are untyped
    text: str = event.value
    tag = event.tag
    if tag is None or tag == "!":
        if not event.implicit[0]:
            return text
        tag = f"{_TAG}str"
        for name, pattern in _RESOLVERS.get(text[:1], []) + _RESOLVERS.get(None, []):
            if pattern.match(text):
                tag = name
                break
    return _constructed(tag.removeprefix(_TAG), text)


def _constructed(tag: str, text: str) -> object:
    try:
        if tag == "null":
            return None
        if tag == "bool":
            return text.lower() in _TRUE
        if tag == "int":
            return _int(text)
        if tag == "float":
            return float(text.replace("_", ""))
    except (ValueError, OverflowError):
        return text
    return text


def _int(text: str) -> int:
    digits = text.replace("_", "")
    if len(digits) > 40:  # noqa: PLR2004  # no count or limit in Azure has more digits
        raise ValueError
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if digits.startswith(("0x", "0b")):
        return sign * int(digits, 0)
    if ":" in digits:
        value = 0
        for part in digits.split(":"):
            value = value * 60 + int(part)
        return sign * value
    if digits.startswith("0") and digits != "0":
        return sign * int(digits, 8)
    return sign * int(digits)


# Edits


def replace(document: Document, node: YamlNode, data: object) -> Edit:
    """Replace a scalar, keeping its quotes, anchor, tag and comment."""
    if node.kind != "scalar":
        message = "a whole map or list would have to be rewritten"
        raise NotEditable(message)
    quote = node.style if node.style in {"'", '"'} and isinstance(data, str) else None
    text = spelled(data, quote)
    if node.start == node.end:
        text = f" {text}"
    if node.style in {"|", ">"}:
        return Edit(document, node.start, node.end, text)
    return Edit(document, node.start, node.end, text)


def insert(document: Document, parent: YamlNode, keys: tuple[str, ...], data: object) -> Edit:
    """Add a member, with maps around it where `keys` has more than one name."""
    if parent.kind != "map":
        message = "what stands there is not a map"
        raise NotEditable(message)
    if parent.style == "flow":
        inner = "".join(f"{key}: {{" for key in keys[:-1])
        text = f"{inner}{keys[-1]}: {spelled(data)}" + "}" * (len(keys) - 1)
        if not parent.pairs:
            return Edit(document, parent.start + 1, parent.end - 1, text)
        last = max(u.end for _, u in parent.pairs)
        return Edit(document, last, last, f", {text}")
    own = [(k, u) for k, u in parent.pairs if parent.start <= k.start <= parent.end]
    if not own:
        message = "the map has no line of its own to add to"
        raise NotEditable(message)
    first = own[0][0]
    column = document.position(first.start).column - 1
    newline = "\r\n" if "\r\n" in document.text else "\n"
    lines = [f"{' ' * (column + 2 * i)}{key}:" for i, key in enumerate(keys)]
    lines[-1] += f" {spelled(data)}"
    end = document.text.find("\n", parent.end)
    if end < 0:
        tail = document.text[parent.end :]
        return Edit(
            document, parent.end + len(tail), parent.end + len(tail), newline + newline.join(lines)
        )
    if document.text[end - 1 : end] == "\r":
        end -= 1
    return Edit(document, end, end, newline + newline.join(lines))


def remove(document: Document, parent: YamlNode, key: str) -> Edit:
    """Take a member away with its line; the last member of a map cannot go."""
    found = parent.pair(key)
    if found is None or found[1].is_indirect or len(parent.pairs) == 1:
        message = f"'{key}' cannot be taken out alone"
        raise NotEditable(message)
    name, use = found
    text = document.text
    if parent.style == "flow":
        start, end = name.start, use.end
        after = re.compile(r"\s*,\s*").match(text, end)
        if after is not None:
            return Edit(document, start, after.end(), "")
        before = text.rfind(",", 0, start)
        return Edit(document, before, end, "")
    line = document.position(name.start).line
    start = document.line_start(line)
    if text[start : name.start].strip():
        message = f"'{key}' shares its line with the start of a list item"
        raise NotEditable(message)
    end = text.find("\n", use.end)
    return Edit(document, start, len(text) if end < 0 else end + 1, "")


def spelled(data: object, quote: str | None = None) -> str:
    """Write plain data as a YAML scalar or flow collection."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, (int, float)):
        return str(data)
    if not isinstance(data, str):
        return json.dumps(data)
    if quote == "'":
        return "'" + data.replace("'", "''") + "'"
    if quote == '"' or not _is_plain(data):
        return json.dumps(data, ensure_ascii=False)
    return data


def _is_plain(text: str) -> bool:
    if re.fullmatch(r"[A-Za-z/][A-Za-z0-9_./()-]*(?: [A-Za-z0-9_./()-]+)*", text) is None:
        return False
    resolvers = _RESOLVERS.get(text[:1], []) + _RESOLVERS.get(None, [])
    return not any(pattern.match(text) for _, pattern in resolvers)
