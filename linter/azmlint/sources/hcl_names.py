"""Who reads the variables, locals and outputs of Terraform modules."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Object
from azmlint.model.value import NotEditable
from azmlint.sources import hcl_items
from azmlint.sources.hcl import Node
from azmlint.sources.hcl_reads import reads_in, reads_of
from azmlint.sources.origin import own_origin

if TYPE_CHECKING:
    from azmlint.expressions.term import Term
    from azmlint.location import Document, Place
    from azmlint.sources.hcl_evaluator import Frame
    from azmlint.sources.terraform_module import Module

_RESOURCE: Final = re.compile(r"(?<![\w.-])(?:azurerm|azapi)_\w+\.[\w-]+[.\[]")


def own_place(module: Module, frame: Frame, term: Term) -> Place:
    """Give the place at which a value can be changed and nothing else; raises NotEditable."""
    trace = term.trace
    shared = {id(p) for before, p in pairwise(trace) if _is_shared(module, before, p)}
    place = own_origin(trace, lambda p: id(p) in shared)
    if place is trace[-1]:
        return place
    folder = place.document.path.rpartition("/")[0]
    called = [m.folder.path for m in module.callers() if m.caller is not None]
    home = _home(module, place.document)
    is_of_items = home is not None and hcl_items.is_of_items(home, place)
    if folder in called or is_of_items or not _stands_for(module, frame, place, term):
        message = "something else reads it, too"
        raise NotEditable(message)
    return place


def _is_shared(module: Module, reader: Place, place: Place) -> bool:
    """Whether what `reader` reads of `place` is read elsewhere, too."""
    is_within = reader.document is place.document and reader.start <= place.start < reader.end
    home = _home(module, reader.document)
    path = reader.document.path.rpartition("/")[0]
    folder = home.folder if home is not None else module.root.folders.get(path)
    if is_within or folder is None:
        return False
    # What a resource states it reads itself.
    return (
        _RESOURCE.search(reader.text) is not None
        or any(reads_of(folder).is_twice(read) for read in reads_in(reader.text))
        or (home is not None and hcl_items.is_shared(home, reader, place))
    )


def _home(module: Module, document: Document) -> Module | None:
    """Give the module, this or one of its callers, to which a text belongs."""
    folder = document.path.rpartition("/")[0]
    owners = list(module.callers())
    named = next((m for m in owners if m.folder.path == folder), None)
    return next((m for m in owners if document in m.folder.documents), named)


def _stands_for(module: Module, frame: Frame, place: Place, term: Term) -> bool:
    """Whether an expression gives the value itself, and not something that holds it."""
    if place is not term.trace[0]:
        return True
    if not isinstance(place.node, Node) or place.document.path.endswith(".json"):
        return False
    found = module.evaluate(place.node, frame)
    return not isinstance(found.data, (list, Object)) and found.data == term.data
