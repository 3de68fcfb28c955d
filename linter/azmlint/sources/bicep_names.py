"""Who reads the parameters, variables and functions of Bicep files."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from azmlint.model.value import NotEditable
from azmlint.sources.bicep_items import Items
from azmlint.sources.bicep_syntax import parse
from azmlint.sources.bicep_tree import Access, Literal, MethodCall, Name, Node, Operation
from azmlint.sources.origin import ANY, Read, own_origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from azmlint.location import Document, Place
    from azmlint.sources.bicep_tree import Program


def own_place(trace: Sequence[Place], root: str) -> Place:
    """Give the place at which a value can be changed and nothing else; raises NotEditable.

    `root` is the path of the file that no other one uses: in another one a place is changed for
    all who use that.
    """
    for reader in trace[:-1]:
        _require_own(reader)
    shared = {id(place) for before, place in pairwise(trace) if _is_shared(before, place)}
    found = own_origin(trace, lambda p: id(p) in shared)
    is_other = found is not trace[-1] and (
        found.document.path != root or (_is_bicep(found.document) and _items(found).are_in(found))
    )
    if is_other:
        message = "something else reads it, too"
        raise NotEditable(message)
    return found


def _require_own(reader: Place) -> None:
    """Raise NotEditable where a function makes something else of its argument, too."""
    document = reader.document
    if not isinstance(reader.node, Node) or not _is_bicep(document):
        return
    for statement in _program(document).of("func"):
        inner = statement.value
        if inner is None or not inner.start <= reader.start < inner.end:
            continue
        if reader.text in statement.parameters:
            reads = sum(r.name == reader.text for r in _reads(inner))
            if reads > 1:
                message = f"the function makes something else of '{reader.text}', too"
                raise NotEditable(message)


def _is_shared(reader: Place, place: Place) -> bool:
    """Whether what `reader` reads of `place` is read elsewhere, too."""
    document = reader.document
    is_within = document is place.document and reader.start <= place.start < reader.end
    if is_within or not _is_bicep(document) or not isinstance(reader.node, Node):
        return False
    program, every = _program(document), _all_reads(document)
    first = bisect_left(every.starts, reader.start)
    last = bisect_left(every.starts, reader.end)
    for read in every.in_order[first:last]:
        declared = program.named.get(read.name)
        # What a resource states it reads itself.
        if declared is not None and declared.keyword in {"resource", "module"}:
            return True
        is_name = declared is not None or read.name in program.imports
        if is_name and every.is_twice(read):
            return True
    return _items(reader).is_shared(reader, place)


def _items(place: Place) -> Items:
    return Items(place.document, _program(place.document), _reads)


def _is_bicep(document: Document) -> bool:
    return document.path.lower().endswith(".bicep")


@lru_cache(maxsize=8)
def _program(document: Document) -> Program:
    return parse(document.text)


class _Reads:
    """All reads of a file, by name; a name is looked up for each value that may be changed."""

    def __init__(self, found: Iterable[Read]) -> None:
        self.in_order = sorted(found, key=lambda read: read.start)
        self.starts = [read.start for read in self.in_order]
        self._of: dict[tuple[str, str], list[Read]] = {}
        for read in self.in_order:
            self._of.setdefault(read[:2], []).append(read)

    def is_twice(self, read: Read) -> bool:
        """Whether more than one place may read the same."""
        found = (other for other in self._of.get(read[:2], ()) if other.meets(read))
        return next(found, None) is not None and next(found, None) is not None


@lru_cache(maxsize=8)
def _all_reads(document: Document) -> _Reads:
    return _Reads(
        read
        for statement in _program(document).statements
        for part in (statement.value, statement.type, *statement.decorators)
        if part is not None
        for read in _reads(part)
    )


def _reads(node: object) -> Iterator[Read]:
    waiting: list[tuple[object, tuple[str, ...]]] = [(node, ())]
    while waiting:
        one, path = waiting.pop()
        if isinstance(one, Name):
            yield Read("", one.name, path, one.start)
        elif isinstance(one, (list, tuple)):
            waiting += [(inner, ()) for inner in one]
        elif isinstance(one, Access):
            key = one.key.value if isinstance(one.key, Literal) else None
            step = key.casefold() if isinstance(key, str) else ANY
            waiting += [(one.of, (step, *path)), (one.key, ())]
        elif isinstance(one, Node):
            if isinstance(one, (Operation, MethodCall)):
                yield Read("", one.call.shown, (), one.start)
                # How long a list is does not depend on what is in its items.
                if one.call.name == "length":
                    continue
            waiting += [(getattr(one, slot), ()) for slot in type(one).__slots__]
