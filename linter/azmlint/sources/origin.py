"""Where a value can be changed without changing what else reads the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.model.value import NotEditable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.location import Place


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
