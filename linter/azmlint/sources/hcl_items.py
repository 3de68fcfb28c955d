"""Whether what Terraform's loops give item by item is read once, or by something else, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.sources import hcl, terraform_json
from azmlint.sources.hcl_reads import reads_in, reads_of
from azmlint.sources.origin import Read, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document, Place
    from azmlint.sources.hcl import Attribute
    from azmlint.sources.terraform_folder import Folder
    from azmlint.sources.terraform_module import Module

_NAME: Final = re.compile(
    r"(?<![\w.\"-])(?P<name>[A-Za-z_][\w-]*)(?=(?P<path>(?:\.[A-Za-z_][\w-]*|\[[^\]\n]*\])*))"
)
"""A name with what is taken of it, in which other names may stand."""
_LOOP: Final = re.compile(r"\bfor\s+(?:[\w-]+\s*,\s*)?([\w-]+)\s+in\b")
_DYNAMIC: Final = re.compile(r"""\bdynamic"?[\s:{]+"([\w-]+)"|\biterator"?\s*[=:]\s*"?([\w-]+)""")
_FOR_EACH: Final = re.compile(r'[ \t]*"?for_each"?[ \t]*[=:][ \t]*(?:"\$\{)?(?:tomap\(|toset\()?\Z')
_BY_VALUE: Final = "value"
"""The member of `each`, and of what a dynamic block goes through, that is the item."""

_BY_KEY: Final = "key"


class _Text(NamedTuple):
    """A statement, or the value of one."""

    module: Module
    document: Document
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end]

    def holds(self, place: Place) -> bool:
        return self.document is place.document and self.start <= place.start < self.end


def is_of_items(home: Module, place: Place) -> bool:
    """Whether an expression reads of items, so that it is the same one for all of them."""
    return bool(_items(_statement(home, place), place.text, with_keys=True))


def is_shared(home: Module, reader: Place, place: Place) -> bool:
    """Whether an item of which `reader` reads `place` is asked for that once more.

    That is so in its own statement, in another one that goes through the same items, and in a loop
    by which they come.
    """
    statement = _statement(home, reader)
    for read in _items(statement, reader.text):
        is_key = not _member(read) and _goes_through_set(home, statement)
        others = _all_items(statement, with_keys=is_key)
        if sum(o.name == read.name and _meets(o, _member(read)) for o in others) > 1:
            return True
        way = _Way(place, _member(read))
        if way.is_shared(statement) is not False:
            return True
    return False


def _goes_through_set(home: Module, text: _Text) -> bool:
    """Whether the items of a statement are those of a set, of which each is its own key."""
    found = reads_of(home.folder).statement(text.document, text.start)
    statement = found[2] if found is not None else None
    if statement is None or statement.block.type.value == "output":
        return True
    return isinstance(home.expansion(statement).whole.data, list)


def _member(read: Read) -> tuple[str, ...]:
    return read.path[1:] if read.path[:1] in {(_BY_VALUE,), (_BY_KEY,)} else read.path


def _meets(read: Read, member: tuple[str, ...]) -> bool:
    return Read("", "", _member(read)).meets(Read("", "", member))


def _statement(home: Module, place: Place) -> _Text:
    found = reads_of(home.folder).statement(place.document, place.start)
    start, end = (found[0], found[1]) if found is not None else (place.start, place.end)
    return _Text(home, place.document, start, end)


def _all_items(text: _Text, *, with_keys: bool = False) -> list[Read]:
    """List what is read of items in a statement; asked once for each value that comes by it."""
    kept = reads_of(text.module.folder).kept
    key = ("items", id(text.document), text.start, text.end, with_keys)
    if key not in kept:
        kept[key] = _items(text, text.text, with_keys=with_keys)
    return kept[key]


def _all_reads(text: _Text) -> list[Read]:
    kept = reads_of(text.module.folder).kept
    key = ("names", id(text.document), text.start, text.end)
    if key not in kept:
        kept[key] = list(reads_in(text.text))
    return kept[key]


def _items(statement: _Text, text: str, *, with_keys: bool = False) -> list[Read]:
    """List what a text reads of the items of a statement, but for where these get their names."""
    whole = statement.text
    names = {"each", *_LOOP.findall(whole), *(n for row in _DYNAMIC.findall(whole) for n in row)}
    names |= {"count"} if with_keys else set()
    given = [m.span() for m in _LOOP.finditer(text)]
    return [
        Read("item", m["name"], path, m.start())
        for m in _NAME.finditer(text)
        if m["name"] in names
        and ((path := steps(m["path"])) or m["name"] != "each")
        and (with_keys or path[:1] != (_BY_KEY,))
        and not any(start <= m.start() < end for start, end in given)
    ]


class _Way:
    """How a member of an item comes from where it is written to the loop that gives the item."""

    def __init__(self, place: Place, member: tuple[str, ...]) -> None:
        self.place = place
        self.member = member
        self.seen: set[tuple[object, str, str]] = set()

    def is_shared(self, text: _Text) -> bool | None:
        """Whether something else reads it on its way to a text; None when it does not get there."""
        shared = False if text.holds(self.place) else None
        for read in _all_reads(text):
            key = (text.module.key, *read[:2])
            if key in self.seen:
                continue
            self.seen.add(key)
            ways = [self.is_shared(made) for made in self._definitions(text.module, read)]
            came = [way for way in ways if way is not None]
            if came:
                shared = any(came) or bool(shared) or self._times(text.module.folder, read) > 1
        if shared is False:
            asked = [r.name for r in _all_items(text) if r.name != "each" and self._is_asked(r)]
            shared = len(asked) > 1 and any(asked.count(n) > 1 for n in _LOOP.findall(text.text))
        return shared

    def _is_asked(self, read: Read) -> bool:
        return _meets(read, self.member)

    def _definitions(self, module: Module, read: Read) -> Iterator[_Text]:
        attribute: Attribute | None
        if read.what == "local" and read.name in module.folder.locals:
            attribute, document = module.folder.locals[read.name]
            yield _text(module, document, attribute)
        if read.what != "var":
            return
        declared = module.folder.variables.get(read.name)
        attribute = declared.block.body.attributes.get("default") if declared is not None else None
        if declared is not None and attribute is not None:
            yield _text(module, declared.document, attribute)
        if module.caller is not None:
            call = module.caller.folder.modules[module.path[-1].partition("[")[0]]
            attribute = call.block.body.attributes.get(read.name)
            if attribute is not None:
                yield _text(module.caller, call.document, attribute)
        elif self.place.document.path.endswith((".tfvars", ".tfvars.json")):
            given = self.place.document
            is_json = given.path.endswith(".json")
            parsed = terraform_json.parse(given) if is_json else hcl.parse(given)
            attribute = parsed.body.attributes.get(read.name)
            if attribute is not None:
                yield _text(module, given, attribute)

    def _times(self, folder: Folder, read: Read) -> int:
        """Count who reads it of a name; whoever goes through items reads what it asks of them."""
        times = 0
        for document, other in reads_of(folder).meeting(read):
            times += self._reads_member(folder, document, other)
            if times > 1:
                break
        return times

    def _reads_member(self, folder: Folder, document: Document, read: Read) -> bool:
        text = document.text
        before = text[text.rfind("\n", 0, read.start) + 1 : read.start]
        within = reads_of(folder).statement(document, read.start)
        if within is None or _FOR_EACH.match(before) is None:
            return True
        block = text[within[0] : within[1]]
        names = {"each", *(n for row in _DYNAMIC.findall(block) for n in row)}
        reads = (m for m in _NAME.finditer(block) if m["name"] in names and m["path"])
        asked = (Read("item", m["name"], steps(m["path"])) for m in reads)
        return any(a.path[:1] != (_BY_KEY,) and self._is_asked(a) for a in asked)


def _text(module: Module, document: Document, attribute: Attribute) -> _Text:
    written = attribute.value
    there = getattr(written, "document", None) or document
    return _Text(module, there, written.start, written.end)
