"""YAML text as a located tree, read as `az ml` reads it (YAML 1.1), and edits of such text."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from azmlint.location import Edit
from azmlint.model.value import NotEditable
from azmlint.sources.document import SyntaxProblem, line_end, line_ending

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from azmlint.location import Document

DEPTH_LIMIT: Final = 200
"""How deeply collections may nest, aliases included; real files stay under 30."""

MERGE_LIMIT: Final = 20_000
"""How many members merge keys may bring into the maps of one document."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVERS: dict[str | None, list[tuple[str, re.Pattern[str]]]] = (
    yaml.SafeLoader.yaml_implicit_resolvers
)
_TAG = "tag:yaml.org,2002:"
_HOLE = re.compile(r"\{\{[^{}\n]*\}\}|\{%(?:(?!\{%|%\})[^\n])*%\}")
_TRUE = frozenset({"true", "yes", "on"})
_KNOWN_TAGS = frozenset(yaml.SafeLoader.yaml_constructors)
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t\r\n]*)*")
_SCAN_LIMIT: Final = 200_000
"""How long a text may be to be scanned in Python too; real files stay under 10,000."""
_DIGIT_LIMIT: Final = 40
"""No count or limit in Azure has more digits."""


class YamlNode:
    """One node: a scalar with its value, a map with pairs, or a list with items."""

    __slots__ = ("end", "height", "items", "kind", "pairs", "refused", "start", "style", "value")

    def __init__(self, kind: str, start: int, end: int, value: object = None) -> None:
        """Make a node of kind scalar, map or list; offsets leave out anchor and tag."""
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        self.height = 0
        """How many levels of collections it has, aliases included; none of a scalar."""
        self.style: str | None = None
        """A scalar's quote or block sign; `flow` or `block` of a collection."""
        self.items: list[Use] = []
        self.pairs: list[tuple[YamlNode, Use]] = []
        self.refused: SyntaxProblem | None = None
        """Of a document's root: the first thing that YAML allows and `az ml` refuses."""

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

    __slots__ = ("end", "is_merged", "node", "start")

    def __init__(
        self,
        node: YamlNode,
        start: int | None = None,
        end: int | None = None,
        *,
        is_merged: bool = False,
    ) -> None:
        """Use `node`; an alias or merge key has an extent of its own."""
        self.node = node
        self.is_merged = is_merged
        """Whether a merge key brings it in, so that no key of this map stands before it."""
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
        roots = _compose(text)
    except SyntaxProblem:
        masked = _HOLE.sub(lambda m: "x" * len(m[0]), text)
        if masked == text:
            raise
        return _compose(masked)
    if "\t" in text and len(text) <= _SCAN_LIMIT:
        _refuse_tabs(text, roots)
    return roots


def overridden(root: YamlNode) -> Iterator[YamlNode]:
    """Yield, in order, each key that is written again in the same map."""
    seen = {id(root)}
    waiting = [root]
    found: list[YamlNode] = []
    while waiting:
        node = waiting.pop()
        last: dict[object, YamlNode] = {}
        for name, use in node.pairs:
            if use.is_merged or name.kind != "scalar":
                continue
            if name.value in last:
                found.append(last[name.value])
            last[name.value] = name
        for inner in [*(use.node for use in node.items), *(use.node for _, use in node.pairs)]:
            if inner.kind != "scalar" and id(inner) not in seen:
                seen.add(id(inner))
                waiting.append(inner)
    yield from sorted(found, key=lambda name: name.start)


def _refuse_tabs(text: str, roots: list[YamlNode]) -> None:
    """Remember a tab that libyaml takes and PyYAML's own scanner, which `az ml` uses, does not."""
    try:
        for _ in yaml.scan(text, Loader=yaml.SafeLoader):
            pass
    except yaml.scanner.ScannerError as error:
        at = error.problem_mark.index if error.problem_mark is not None else 0
        inside = [root for root in roots if root.start <= at]
        if inside and inside[-1].refused is None:
            inside[-1].refused = SyntaxProblem(error.problem or "a tab is not allowed here", at)


def _compose(text: str) -> list[YamlNode]:
    try:
        return list(_Composer(text).documents())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not valid YAML"
        raise SyntaxProblem(problem, int(mark.index) if mark is not None else 0) from None
    except yaml.reader.ReaderError as error:
        at = error.position
        if error.encoding != "unicode":
            # libyaml counts bytes.
            at = len(text.encode()[:at].decode("utf-8", "ignore"))
        message = f"character U+{error.character:04X} is not allowed in YAML"
        raise SyntaxProblem(message, min(at, len(text))) from None
    except (yaml.YAMLError, ValueError) as error:
        raise SyntaxProblem(str(error).splitlines()[0], 0) from None


class _Composer:
    """Builds trees from libyaml's events without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.anchors: dict[str, YamlNode] = {}
        self.open: set[int] = set()
        self.merged = 0
        self.refused: SyntaxProblem | None = None

    def documents(self) -> Iterator[YamlNode]:
        stack: list[tuple[YamlNode, YamlNode | None]] = []
        root: YamlNode | None = None
        pending_key: YamlNode | None = None
        for event in yaml.parse(self.text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
                self.merged = 0
                self.refused = None
                root = None
                continue
            if isinstance(event, yaml.DocumentEndEvent):
                if root is not None and not (root.kind == "scalar" and root.value is None):
                    root.refused = self.refused
                    yield root
                continue
            if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                node, pending_key = stack.pop()
                self.open.discard(id(node))
                node.end = self._collection_end(node, event)
                node.height = _height(node)
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
                pending_key = self._key(use)
            else:
                self._member(parent, pending_key, use)
                pending_key = None

    def _opened(self, event: Any) -> YamlNode:  # noqa: ANN401  # PyYAML's events are untyped
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
        node = YamlNode(kind, self._bare(event), event.end_mark.index)
        node.style = "flow" if event.flow_style else "block"
        self._named(node, event)
        return node

    def _named(self, node: YamlNode, event: Any) -> None:  # noqa: ANN401
        if event.anchor:
            if event.anchor in self.anchors:
                self._refuse(f"anchor '{event.anchor}' is given twice", _start(event))
            self.anchors[event.anchor] = node
        tag = event.tag
        if tag not in {None, "!"} and tag not in _KNOWN_TAGS:
            self._refuse(f"tag '{tag}' means nothing to az ml", _start(event))

    def _refuse(self, message: str, offset: int) -> None:
        if self.refused is None:
            self.refused = SyntaxProblem(message, offset)

    def _collection_end(self, node: YamlNode, event: Any) -> int:  # noqa: ANN401
        if node.style == "flow":
            return int(event.end_mark.index)
        uses = node.items if node.kind == "list" else [use for _, use in node.pairs]
        inside = [u.end for u in uses if u.start >= node.start]
        return max([node.start, *inside])

    def _scalar(self, event: Any) -> YamlNode:  # noqa: ANN401
        start, end = self._bare(event), event.end_mark.index
        if event.style in {"|", ">"}:
            end = self._block_end(start, end)
        node = YamlNode("scalar", start, max(start, end))
        node.style = event.style or None
        try:
            node.value = _resolve(event)
        except (ValueError, OverflowError):
            node.value = event.value
            if len(event.value) <= _DIGIT_LIMIT:
                self._refuse(f"'{event.value}' is not what its tag or form promises", start)
        self._named(node, event)
        return node

    def _block_end(self, start: int, end: int) -> int:
        """Leave out the line ends after a block scalar that are no part of it."""
        header = self.text[start : line_end(self.text, start)]
        kept = self.text[start:end].rstrip("\r\n")
        if "+" in header.partition("#")[0]:
            # Every line end counts, but the last one also ends the line.
            return start + len(re.sub(r"(?:\r\n|\r|\n)\Z", "", self.text[start:end]))
        return start + len(kept)

    def _bare(self, event: Any) -> int:  # noqa: ANN401
        """Find where the node itself begins, after its anchor and tag."""
        start = event.start_mark.index
        if event.anchor or event.tag:
            end = event.end_mark.index
            start = _PROPERTIES.match(self.text, start, end).end()  # type: ignore[union-attr]  # it matches nothing too
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

    def _key(self, use: Use) -> YamlNode:
        if use.node.kind != "scalar":
            self._refuse("a map or list cannot be a key", use.start)
        return use.node

    def _member(self, parent: YamlNode, key: YamlNode, use: Use) -> None:
        if key.value != "<<" or key.style is not None:
            parent.pairs.append((key, use))
            return
        sources = use.node.items if use.node.kind == "list" else [use]
        if any(source.node.kind != "map" for source in sources):
            self._refuse("only a map or a list of maps can be merged", use.start)
        self.merged += sum(len(source.node.pairs) for source in sources)
        if self.merged > MERGE_LIMIT:
            self._refuse(f"merge keys bring in more than {MERGE_LIMIT} members", use.start)
            return
        merged = [
            (name, Use(inner.node, use.start, use.end, is_merged=True))
            for source in reversed(sources)
            if source.node.kind == "map"
            for name, inner in source.node.pairs
        ]
        # Explicit keys win over merged ones wherever the merge key stands.
        parent.pairs[0:0] = merged


def _height(node: YamlNode) -> int:
    """Count the levels of a collection; raises SyntaxProblem where aliases nest without end."""
    uses = node.items if node.kind == "list" else [use for _, use in node.pairs]
    highest = max(uses, key=lambda use: use.node.height, default=None)
    height = 1 if highest is None else highest.node.height + 1
    if highest is not None and height > DEPTH_LIMIT:
        message = f"nested more than {DEPTH_LIMIT} levels deep"
        raise SyntaxProblem(message, highest.start)
    return height


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
    """Make what PyYAML's safe loader makes; raises ValueError where it does."""
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in _TRUE
    if tag == "int":
        return _int(text)
    if tag == "float":
        return _float(text)
    if tag == "value":
        raise ValueError
    return text


def _int(text: str) -> int:
    digits = text.replace("_", "")
    if len(digits) > _DIGIT_LIMIT:
        raise ValueError
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if digits.startswith(("0x", "0b")):
        return sign * int(digits, 0)
    if ":" in digits:
        return sign * int(_sexagesimal([int(part) for part in digits.split(":")]))
    if digits.startswith("0") and digits != "0":
        return sign * int(digits, 8)
    return sign * int(digits)


def _float(text: str) -> float:
    digits = text.replace("_", "").lower()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    if digits in {".inf", ".nan"}:
        return sign * float(digits[1:])
    if ":" in digits:
        return sign * _sexagesimal([float(part) for part in digits.split(":")])
    return sign * float(digits)


def _sexagesimal(places: Sequence[float]) -> float:
    """Read `1:30` as YAML 1.1 does: ninety."""
    value: float = 0
    for place in places:
        value = value * 60 + place
    return value


# Edits


def replace(document: Document, node: YamlNode, data: object) -> Edit:
    """Replace a scalar, keeping its quotes, anchor, tag and comment."""
    if node.kind != "scalar":
        message = "a whole map or list would have to be rewritten"
        raise NotEditable(message)
    text = document.text
    quote = node.style if node.style in {"'", '"'} and isinstance(data, str) else None
    new = spelled(data, quote, document.encoding)
    if node.start == node.end:
        before = re.search(r"(?:[:-]|(?<!\S)[&!]\S*)[ \t]*\Z", text[: node.start])
        if before is None:
            message = "nothing is written there"
            raise NotEditable(message)
        new = new if before[0][-1:].isspace() else f" {new}"
    elif node.style in {"|", ">"} and "#" in text[node.start : line_end(text, node.start)]:
        message = "a comment stands inside the value"
        raise NotEditable(message)
    return Edit(document, node.start, node.end, new)


def insert(document: Document, parent: YamlNode, keys: tuple[str, ...], data: object) -> Edit:
    """Add a member, with maps around it where `keys` has more than one name."""
    if parent.kind != "map":
        message = "what stands there is not a map"
        raise NotEditable(message)
    new = spelled(data, None, document.encoding)
    own = [(k, u) for k, u in parent.pairs if parent.start <= k.start <= parent.end]
    text = document.text
    if parent.style == "flow":
        inner = "".join(f"{key}: {{" for key in keys[:-1])
        member = f"{inner}{keys[-1]}: {new}" + "}" * (len(keys) - 1)
        if not parent.pairs:
            within = text[parent.start + 1 : parent.end - 1]
            end = parent.start + 1 if within.strip() else parent.end - 1
            return Edit(document, parent.start + 1, end, member)
        last = max(u.end for _, u in parent.pairs)
        return Edit(document, last, last, f", {member}")
    if not own:
        message = "the map has no line of its own to add to"
        raise NotEditable(message)
    first = own[0][0]
    column = document.position(first.start).column - 1
    newline = line_ending(text)
    lines = [f"{' ' * (column + 2 * i)}{key}:" for i, key in enumerate(keys)]
    lines[-1] += f" {new}"
    end = line_end(text, parent.end)
    return Edit(document, end, end, newline + newline.join(lines))


def remove(document: Document, parent: YamlNode, key: str) -> Edit:
    """Take a member away with its line; the last member of a map cannot go."""
    found = [(k, u) for k, u in parent.pairs if k.kind == "scalar" and k.value == key]
    if len(found) != 1 or found[0][1].is_merged or len(parent.pairs) == 1:
        message = f"'{key}' cannot be taken out alone"
        raise NotEditable(message)
    name, use = found[0]
    text = document.text
    if re.search(r"(?<![^\s:\[{,-])&\S", text[name.end : use.end]) is not None:
        message = f"'{key}' holds an anchor that may be used elsewhere"
        raise NotEditable(message)
    if parent.style == "flow":
        return _removed_from_flow(document, parent, name, use)
    start = document.line_start(document.position(name.start).line)
    if text[start : name.start].strip():
        message = f"'{key}' shares its line with something else"
        raise NotEditable(message)
    end = line_end(text, use.end)
    after = re.compile(r"\r\n|\r|\n|").match(text, end)
    return Edit(document, start, after.end() if after is not None else end, "")


def _removed_from_flow(document: Document, parent: YamlNode, name: YamlNode, use: Use) -> Edit:
    text = document.text
    # Between two members there is one comma, and white space unless somebody wrote a comment,
    # an anchor or a `?` there.
    before = re.search(r"(?:\{|(,))\s*\Z", text[parent.start : name.start])
    after = re.compile(r"\s*(?:(,)\s*|\})").match(text, use.end)
    if after is not None and after[1] is not None and before is not None:
        return Edit(document, name.start, after.end(), "")
    if after is not None and before is not None and before[1] is not None:
        return Edit(document, parent.start + before.start(), use.end, "")
    message = f"'{name.value}' does not stand between commas"
    raise NotEditable(message)


def spelled(data: object, quote: str | None = None, encoding: str = "utf-8") -> str:
    """Write plain data as a YAML scalar or flow collection that `encoding` can hold."""
    if data is None or isinstance(data, (bool, int, float)):
        return _spelled_number(data)
    if isinstance(data, dict):
        pairs = [(spelled(k, None, encoding), spelled(v, None, encoding)) for k, v in data.items()]
        return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
    if isinstance(data, (list, tuple)):
        return "[" + ", ".join(spelled(item, None, encoding) for item in data) + "]"
    text = str(data)
    if quote is None and _is_plain(text):
        return text
    if quote == "'" and text.isprintable() and _fits(text, encoding):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(c, encoding) for c in text) + '"'


def _spelled_number(number: float | None) -> str:
    if number is None or isinstance(number, bool):
        return {None: "null", True: "true", False: "false"}[number]
    if not math.isfinite(number):
        return ".nan" if math.isnan(number) else f"{'-' if number < 0 else ''}.inf"
    digits, sign, exponent = repr(number).partition("e")
    # Without a point and a sign, YAML 1.1 reads a text.
    digits += ".0" if sign and "." not in digits else ""
    exponent = f"+{exponent}" if exponent[:1].isdigit() else exponent
    return f"{digits}{sign}{exponent}"


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escaped(character: str, encoding: str) -> str:
    if character in {'"', "\\"}:
        return f"\\{character}"
    if character.isprintable() and _fits(character, encoding):
        return character
    code = ord(character)
    if code < 0x100:  # noqa: PLR2004  # what two digits hold
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004


def _is_plain(text: str) -> bool:
    if re.fullmatch(r"[A-Za-z/][A-Za-z0-9_./()-]*(?: [A-Za-z0-9_./()-]+)*", text) is None:
        return False
    resolvers = _RESOLVERS.get(text[:1], []) + _RESOLVERS.get(None, [])
    return not any(pattern.match(text) for _, pattern in resolvers)
