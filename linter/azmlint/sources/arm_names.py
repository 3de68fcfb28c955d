"""Who reads the parameters, variables and functions of templates in JSON."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from azmlint.model.value import NotEditable
from azmlint.sources.origin import Read, own_origin, steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from azmlint.location import Document, Place

_READ: Final = re.compile(
    r"\b(?P<length>length\(\s*)?(?:(?P<what>parameters|variables)\(\s*'(?P<name>[^']+)'\s*\)"
    r"(?P<path>(?:\.\w+|\[[^\[\]]*\])*)|(?P<function>\w+\.\w+)\()",
    re.IGNORECASE,
)


def own_place(trace: Sequence[Place]) -> Place:
    """Give the place at which a value can be changed and nothing else; raises NotEditable."""
    shared = {id(place) for reader, place in pairwise(trace) if _is_shared(reader, place)}
    found = own_origin(trace, lambda p: id(p) in shared)
    is_of_copies = "copyindex(" in found.text.casefold()
    if found is not trace[-1] and (is_of_copies or found.document is not trace[0].document):
        message = "something else reads it, too"
        raise NotEditable(message)
    return found


def _is_shared(reader: Place, place: Place) -> bool:
    """Whether what `reader` reads of `place` is read elsewhere, too."""
    document = reader.document
    if document is place.document and reader.start <= place.start < reader.end:
        return False
    every = _reads(document)
    return any(sum(o.meets(read) for o in every) > 1 for read in _found(reader.text))


@lru_cache(maxsize=4)
def _reads(document: Document) -> tuple[Read, ...]:
    return tuple(_found(document.text))


def _found(text: str) -> Iterator[Read]:
    for match in _READ.finditer(text):
        if match["function"] is not None:
            yield Read("function", match["function"].casefold())
        elif match["length"] is None:
            # How long a list is does not depend on what is in its items.
            what, name = match["what"].casefold(), match["name"].casefold()
            yield Read(what, name, steps(match["path"]))
