"""Where each thing of an estate is drawn: boxes in boxes, as resources are in groups.

All is arithmetic over sorted names, so that the same estate is always drawn the same.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import networkx as nx

_WIDTH: Final = 188
_HEIGHT: Final = 44
_GAP: Final = 22
_PADDING: Final = 18
_HEAD: Final = 34
"""What the name of a box takes above what is in it."""

_SHAPE: Final = 1.6
"""How much wider than high a box is made, if what is in it lets it."""

_LOCK_GAP: Final = 30
"""What is between a lock and the thing it is set on, so that the arrow can be seen."""


class Box(NamedTuple):
    """Where a node is drawn: its middle and its size."""

    node: str
    x: int
    y: int
    width: int
    height: int
    depth: int
    """How many boxes it is in."""

    is_container: bool


class _Block(NamedTuple):
    """Boxes that keep together, from the corner 0, 0."""

    width: int
    height: int
    boxes: tuple[Box, ...]


def boxes(view: nx.DiGraph[str], shown: Collection[str]) -> list[Box]:
    """Lay out some nodes of the estate's graph, outer boxes before what is in them."""
    return list(_Layout(view, shown).boxes())


class _Layout:
    def __init__(self, view: nx.DiGraph[str], shown: Collection[str]) -> None:
        self.view = view
        self.shown = set(shown)
        self.inside: dict[str | None, list[str]] = {}
        self.locks: dict[str, list[str]] = {}
        """What stands beside a node instead of in its own box: the locks set on it."""
        for node in sorted(self.shown, key=self._order):
            locked = self._locked(node)
            if locked is not None:
                self.locks.setdefault(locked, []).append(node)
            else:
                self.inside.setdefault(self._container(node), []).append(node)

    def boxes(self) -> Iterator[Box]:
        whole = self._packed([self._block(n, 0) for n in self.inside.get(None, ())])
        yield from sorted(whole.boxes, key=lambda box: (box.depth, not box.is_container, box.node))

    def _order(self, node: str) -> tuple[str, str]:
        return (str(self.view.nodes[node]["kind"]), node)

    def _container(self, node: str) -> str | None:
        """Name what a node is in, of what is shown."""
        seen = {node}
        while True:
            outer = next((t for _, t, r in self._out(node) if r == "in"), None)
            if outer is None or outer in seen:
                return None
            if outer in self.shown and self._locked(outer) is None:
                return outer
            seen.add(outer)
            node = outer

    def _locked(self, node: str) -> str | None:
        found = (t for _, t, r in self._out(node) if r == "locks" and t in self.shown and t != node)
        return next(found, None)

    def _out(self, node: str) -> list[tuple[str, str, str]]:
        edges: list[tuple[str, str, str]] = list(self.view.out_edges(node, data="relation"))
        return edges

    def _block(self, node: str, depth: int) -> _Block:
        own = self._own(node, depth)
        locks = [self._block(n, depth) for n in self.locks.get(node, ())]
        if not locks:
            return own
        column = max(b.width for b in locks)
        height = sum(b.height for b in locks) + _GAP * (len(locks) - 1)
        whole = max(height, own.height)
        found: list[Box] = []
        top = (whole - height) // 2
        for block in locks:
            found += _moved(block.boxes, 0, top)
            top += block.height + _GAP
        found += _moved(own.boxes, column + _LOCK_GAP, (whole - own.height) // 2)
        return _Block(column + _LOCK_GAP + own.width, whole, tuple(found))

    def _own(self, node: str, depth: int) -> _Block:
        inner = self.inside.get(node, ())
        if not inner:
            box = Box(node, _WIDTH // 2, _HEIGHT // 2, _WIDTH, _HEIGHT, depth, is_container=False)
            return _Block(_WIDTH, _HEIGHT, (box,))
        content = self._packed([self._block(n, depth + 1) for n in inner])
        width = max(content.width, _WIDTH) + 2 * _PADDING
        height = content.height + _HEAD + _PADDING
        box = Box(node, width // 2, height // 2, width, height, depth, is_container=True)
        return _Block(width, height, (box, *_moved(content.boxes, _PADDING, _HEAD)))

    def _packed(self, blocks: list[_Block]) -> _Block:
        """Set blocks in rows, low ones first; of several widths take what fits its frame best."""
        if not blocks:
            return _Block(0, 0, ())
        blocks = sorted(blocks, key=lambda b: b.height)
        widest = max(b.width for b in blocks)
        area = sum((b.width + _GAP) * (b.height + _GAP) for b in blocks)
        wanted = math.sqrt(area * _SHAPE)
        widths = [max(widest, round(wanted * tenths / 10)) for tenths in range(8, 22)]
        rows = (_in_rows(blocks, width) for width in dict.fromkeys(widths))
        return min(rows, key=lambda b: max(b.width, b.height * _SHAPE))


def _in_rows(blocks: list[_Block], most: int) -> _Block:
    found: list[Box] = []
    x = y = row = widest = 0
    for block in blocks:
        if x and x + block.width > most:
            x, y, row = 0, y + row + _GAP, 0
        found += _moved(block.boxes, x, y)
        x += block.width + _GAP
        widest, row = max(widest, x - _GAP), max(row, block.height)
    return _Block(widest, y + row, tuple(found))


def _moved(found: tuple[Box, ...], x: int, y: int) -> tuple[Box, ...]:
    return tuple(box._replace(x=box.x + x, y=box.y + y) for box in found)
