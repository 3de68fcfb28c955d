"""One resource of a program, as the arguments of its calls state it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from azmlint.expressions.arm_values import unknown_member
from azmlint.expressions.term import ABSENT, ABSENT_TERM, Term
from azmlint.expressions.truth import Reason
from azmlint.model.value import NotEditable, Removed
from azmlint.sources import python_edit
from azmlint.sources.origin import own_origin
from azmlint.sources.python_names import is_shared, require_own
from azmlint.sources.python_operations import as_term
from azmlint.sources.python_syntax import SourceText
from azmlint.sources.python_values import (
    Bound,
    Choice,
    Listed,
    Made,
    Mapped,
    open_choice,
    settled,
    term_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.expressions.truth import Decision
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Edit, Place
    from azmlint.model.value import Body, Route
    from azmlint.sources.python_values import Thing


class PythonBody:
    """The settings of one resource."""

    __slots__ = ("around", "dialect", "made", "worlds")

    def __init__(
        self,
        dialect: str,
        made: Made | Mapped,
        worlds: Worlds,
        around: Mapping[str, Term] | None = None,
    ) -> None:
        """Read from what `made` was made with, and by name what holds `around` it."""
        self.dialect = dialect
        self.made = made
        self.worlds = worlds
        self.around = around or {}

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`; None is nothing."""
        if route[0] in self.around:
            return self.around[route[0]]
        thing, met = self._find(route)
        if isinstance(thing, Choice):
            return open_choice(thing, met)
        term = as_term(thing) if isinstance(thing, Bound) else term_of(thing, self.worlds)
        term = term.resting_on(met)
        if term.is_known and term.data is None:
            return Term(ABSENT, term.trace, decisions=term.decisions)
        return term

    def _find(self, route: Route) -> tuple[Thing, tuple[Decision, ...]]:
        thing: Thing = self.made
        met: tuple[Decision, ...] = ()
        for index, name in enumerate(route):
            thing, more = settled(thing, self.worlds)
            met = tuple(dict.fromkeys(met + more))
            if isinstance(thing, Choice):
                return thing, met
            inside = self.member(thing, name)
            if inside is None:
                return ABSENT_TERM, met
            thing = inside
            if isinstance(thing, Term) and thing.is_unknown and index < len(route) - 1:
                for rest in route[index + 1 :]:
                    thing = unknown_member(as_term(thing), Term(rest)).at(*thing.trace)
                return thing, met
        thing, more = settled(thing, self.worlds)
        return thing, tuple(dict.fromkeys(met + more))

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change where the value originates."""
        text, whole, name = self._holder(route)
        argument = python_edit.argument(whole, name)
        if isinstance(new, Removed):
            if argument is None:
                message = "it is not written as an argument here"
                raise NotEditable(message)
            return (python_edit.remove(text, whole, argument),)
        if term.is_absent and argument is None and not term.trace:
            return python_edit.insert(text, whole, name, new)
        if term.is_absent and argument is not None:
            place = text.place(python_edit.value_of(argument))
            return (python_edit.replace(place, new),)
        if not term.is_literal or not term.trace:
            message = "the value is computed by the program"
            raise NotEditable(message)
        require_own(term.trace)
        return (python_edit.replace(own_origin(term.trace, is_shared), new),)

    def _holder(self, route: Route) -> tuple[SourceText, ast.Call | ast.Dict, str]:
        thing, _ = self._find(route[:-1]) if len(route) > 1 else (self.made, ())
        node = thing.node if isinstance(thing, Made) else None
        if not isinstance(thing, Made) or node is None or thing.rest is not None:
            message = "what would hold it is made elsewhere in the program"
            raise NotEditable(message)
        return SourceText(thing.trace[0].inside[0]), node, self.name_of(route[-1])

    def name_of(self, name: str) -> str:
        """Spell the name of an argument."""
        return name

    def member(self, thing: Thing, name: str) -> Thing | None:
        """Find what stands at one step of a route; None where nothing does."""
        if isinstance(thing, Made):
            found = thing.attributes.get(name)
            if found is None and thing.rest is not None:
                return _open(thing.rest, name, thing.trace)
            return found
        if isinstance(thing, Mapped):
            found = thing.pairs.get(name)
            if found is None and thing.rest is not None:
                return _open(thing.rest, name, thing.trace)
            return found
        if isinstance(thing, Listed):
            index = int(name) if name.isdigit() else -1
            return thing.items[index] if 0 <= index < len(thing.items) else None
        if isinstance(thing, Term) and thing.is_unknown:
            return unknown_member(thing, Term(name)).at(*thing.trace)
        return None


class LoadedBody:
    """The settings of a file of az ml, and over them those of the program that loads it."""

    __slots__ = ("file", "own")

    dialect = "cli"

    def __init__(self, own: PythonBody, file: Body) -> None:
        """Read from the program first."""
        self.own = own
        self.file = file

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`."""
        found = self.own.at(route)
        return found if not found.is_absent else self.file.at(route)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change in whichever says it."""
        is_own = not self.own.at(route).is_absent
        return (self.own if is_own else self.file).edits(route, term, new)


def _open(rest: Term, name: str, trace: tuple[Place, ...]) -> Term:
    """Stand for an argument that may be among others that are not known."""
    found = unknown_member(rest, Term(name))
    why = rest.reason.text if rest.reason is not None else rest.shown()
    reason = Reason("open", f"'{name}' may be among the arguments, but {why}")
    return Term(found.data, trace, reason=reason, parts=found.parts, decisions=found.decisions)
