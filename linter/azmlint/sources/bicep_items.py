"""Whether what Bicep's loops give item by item is read once, or by something else, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from azmlint.sources.bicep_tree import Lambda, Loop, Node, Operation
from azmlint.sources.origin import Read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from azmlint.location import Document, Place
    from azmlint.sources.bicep_tree import Program

Reads: TypeAlias = "Callable[[object], Iterator[Read]]"
"""Lists what a part of a program reads by name."""

_LOADS: Final = ("loadjsoncontent", "loadyamlcontent")


class Items:
    """The items of the loops and functions of a program."""

    def __init__(self, document: Document, program: Program, reads: Reads) -> None:
        """Look into a file; `reads` lists what a part of it reads by name."""
        self.document = document
        self.program = program
        self.reads = reads

    def are_in(self, place: Place) -> bool:
        """Whether an expression reads of items, so that it is the same one for all of them."""
        return any(
            node.start <= place.start
            and place.end <= node.end
            and any(r.name in {node.item, node.index} for r in self.reads(place.node))
            for node in _within(self.program.statements)
            if isinstance(node, Loop)
        )

    def is_shared(self, reader: Place, place: Place) -> bool:
        """Whether an item of which `reader` reads `place` is asked for that once more.

        That is so in its own loop, in another one that goes through the same items, and on the
        way from where they are written.
        """
        for read in self.reads(reader.node):
            loop = self._binding(read)
            if loop is None:
                continue
            if sum(o.meets(read) for o in self.reads(loop.body)) > 1:
                return True
            source = loop.source if isinstance(loop, Loop) else self._given_to(loop)
            if source is None or self._way(source, read.path, place, set()) is not False:
                return True
        return False

    def _binding(self, read: Read) -> Loop | Lambda | None:
        """Find what gives an item its name."""
        if read.name in self.program.named or read.name in self.program.imports:
            return None
        found: Loop | Lambda | None = None
        for node in _within(self.program.statements):
            if isinstance(node, (Loop, Lambda)) and node.start <= read.start < node.end:
                names = (node.item,) if isinstance(node, Loop) else node.names
                is_inner = found is None or found.start <= node.start
                found = node if read.name in names and is_inner else found
        return found

    def _given_to(self, function: Lambda) -> Node | None:
        """Give what a function without name goes through."""
        for node in _within(self.program.statements):
            if isinstance(node, Operation) and function in node.call.arguments:
                first = node.call.arguments[0]
                return first if isinstance(first, Node) else None
        return None

    def _way(
        self, node: object, member: tuple[str, ...], place: Place, seen: set[str]
    ) -> bool | None:
        """Whether something else reads a member on its way to a value; None if it is not in it."""
        start, end = _extent(node)
        is_foreign = place.document is not self.document
        is_in = self._loads(node) if is_foreign else start <= place.start < end
        shared = False if is_in else None
        for read in list(self.reads(node)):
            declared = self.program.named.get(read.name)
            if declared is None or declared.keyword not in {"var", "param"} or read.name in seen:
                continue
            seen.add(read.name)
            way = self._way(declared.value, member, place, seen) if declared.value else None
            if way is None and declared.keyword == "param" and is_foreign:
                # Who gives it reads it once, as far as the trace tells.
                way = False
            if way is not None:
                shared = way or bool(shared) or self._times(read, member) > 1
        return shared if shared is None else shared or self._is_asked_within(node, member)

    def _loads(self, node: object) -> bool:
        return any(isinstance(n, Operation) and n.call.name in _LOADS for n in _within(node))

    def _is_asked_within(self, node: object, member: tuple[str, ...]) -> bool:
        """Whether functions and loops in an expression read a member more than to hand it on."""
        for one in _within(node):
            if isinstance(one, Loop) and self._asked(one.body, (one.item,), member) > 1:
                return True
            if isinstance(one, Operation):
                limit = 1 if one.call.name == "map" else 0
                for function in (a for a in one.call.arguments if isinstance(a, Lambda)):
                    if self._asked(function.body, function.names, member) > limit:
                        return True
        return False

    def _asked(self, body: object, names: Sequence[str], member: tuple[str, ...]) -> int:
        asked = Read("", "", member)
        found = (r for r in self.reads(body) if r.name in names)
        return sum(Read("", "", r.path).meets(asked) for r in found)

    def _times(self, read: Read, member: tuple[str, ...]) -> int:
        """Count who reads it of a name; whoever goes through items reads what it asks of them."""
        passing: dict[int, int] = {}
        for node in _within(self.program.statements):
            if isinstance(node, Loop):
                passing[_extent(node.source)[0]] = self._asked(node.body, (node.item,), member)
            elif isinstance(node, Operation) and node.call.name == "map":
                source, *rest = node.call.arguments
                for function in (a for a in rest if isinstance(a, Lambda)):
                    asked = self._asked(function.body, function.names, member)
                    passing[_extent(source)[0]] = asked
        every = self.reads([(s.value, s.type, s.decorators) for s in self.program.statements])
        return sum(min(1, passing.get(o.start, 1)) for o in every if o.meets(read))


def _extent(node: object) -> tuple[int, int]:
    return (node.start, node.end) if isinstance(node, Node) else (0, 0)


def _within(node: object) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (list, tuple)):
            waiting += one
        elif isinstance(one, Node):
            yield one
            waiting += [getattr(one, slot) for slot in type(one).__slots__]
