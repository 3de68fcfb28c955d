"""Names that are defined by themselves, which no tool accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


def circles(uses: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Give circles of names, each with those that its definition uses; no name is in two."""
    found: list[list[str]] = []
    told: set[str] = set()
    done: set[str] = set()
    for first in uses:
        if first in done:
            continue
        path = {first: iter(uses[first])}
        while path:
            name, rest = next(reversed(path.items()))
            used = next(rest, None)
            if used is None:
                done.add(name)
                del path[name]
            elif used in path:
                names = list(path)
                circle = names[names.index(used) :]
                if not told.intersection(circle):
                    found.append(circle)
                told.update(circle)
            elif used in uses and used not in done:
                path[used] = iter(uses[used])
    return found


def described(uses: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    """Give the first name of each circle, in the order of `uses`, and what is wrong with it."""
    order = {name: index for index, name in enumerate(uses)}
    for circle in circles(uses):
        at = min(range(len(circle)), key=lambda i: order[circle[i]])
        first, *others = circle[at:] + circle[:at]
        way = f" by way of {', '.join(repr(o) for o in others)}" if others else ""
        yield first, f"'{first}' refers to itself{way}"
