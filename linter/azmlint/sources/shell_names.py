"""Who reads the variables of a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.location import Span
from azmlint.model.value import NotEditable
from azmlint.sources.origin import own_origin
from azmlint.sources.shell_values import SettablePlace, WrittenPlace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.location import Edit, Place

_ASSIGNED: Final = re.compile(
    r"(?:^|[\s;&|({])(?:"
    r"(?P<shell>\w+)=|(?P<powershell>\$(?:\w+:)?\w+)[ \t]*=[ \t]*|(?P<yaml>[\w-]+)[\"']?:[ \t]+"
    r")[\"']?$"
)
"""What stands before the value of a variable: of a shell, of PowerShell, of a pipeline."""

_LOOK_BACK: Final = 200
_VARIABLE: Final = re.compile(r"\"?\$(?:\w+|\{\w+\}|env:\w+)\"?", re.IGNORECASE)


def replaced(trace: Sequence[Place], new: object) -> tuple[Edit, ...]:
    """Spell another value where nothing else reads it; raises NotEditable."""
    place = own_origin(trace, lambda p: _is_shared(p, trace))
    if isinstance(place, SettablePlace):
        return place.replaced(new)
    document, extent = place.inside
    if _VARIABLE.fullmatch(place.text) is None:
        message = "something else reads the variable, too"
        raise NotEditable(message)
    return WrittenPlace(document, Span(extent.start, extent.end)).replaced(new)


def _is_shared(place: Place, trace: Sequence[Place]) -> bool:
    """Whether a place is the value of a variable that is read more than once."""
    stated = place.is_shared if isinstance(place, SettablePlace) else None
    if stated is not None:
        return stated
    document, extent = place.inside
    before = document.text[max(0, extent.start - _LOOK_BACK) : extent.start]
    found = _ASSIGNED.search(before)
    if found is None:
        return False
    name = (found[found.lastgroup or 0]).removeprefix("$").rpartition(":")[2]
    texts = {p.document.path: p.document.text for p in (place, *trace)}
    pattern = rf"\$(?:\w+:)?{name}\b(?![ \t]*=(?!=))|\$\{{[!#]?{name}\b|\benv\.{name}\b"
    read = re.compile(pattern, re.IGNORECASE)
    # `N=${N:-2}` takes what is there already: that is no read of what it sets.
    own = len(read.findall(place.text))
    return sum(len(read.findall(text)) for text in texts.values()) - own > 1
