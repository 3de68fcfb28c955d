"""Where a value can be changed without changing what else reads the same name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.model.value import NotEditable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.location import Place


_STEP: Final = re.compile(r"""\.([\w-]+)|\[\s*(?:(["'])([^"'\]]*)\2)?[^\]]*+(?:\]|\Z)""")
ANY: Final = "*"
"""A step of a path that is not told."""


class Read(NamedTuple):
    """One use of a name."""

    what: str
    """What kind of name it is."""

    name: str
    path: tuple[str, ...] = ()
    """What is taken of it, as far as that is told."""

    start: int = 0

    def meets(self, other: Read) -> bool:
        """Whether both may read the same."""
        pairs = zip(self.path, other.path, strict=False)
        return self[:2] == other[:2] and all(a == b or ANY in {a, b} for a, b in pairs)


def steps(text: str) -> tuple[str, ...]:
    """Give the steps of a path such as `.a[0]['b']`, in one case."""
    return tuple((m[1] or m[3] or ANY).casefold() for m in _STEP.finditer(text))


def own_origin(trace: Sequence[Place], is_shared: Callable[[Place], bool]) -> Place:
    """Give the last place of a trace of which nothing but the value at its start is made.

    `is_shared` says whether a place is what a name stands for that more than one place reads.
    Raises NotEditable where already the use is such a place.
    """
    first = len(trace)
    for index in range(len(trace) - 1, -1, -1):
        if is_shared(trace[index]):
            first = index
    if first == 0:
        message = "something else reads it, too"
        raise NotEditable(message)
    return trace[first - 1]
