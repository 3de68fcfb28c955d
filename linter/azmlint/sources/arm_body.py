"""One resource of a template as its body states it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.arm_functions import member
from azmlint.expressions.term import ABSENT_TERM, Object, Term
from azmlint.location import Place
from azmlint.model.value import NotEditable, Removed
from azmlint.sources import json

if TYPE_CHECKING:
    from azmlint.expressions.arm import Locals
    from azmlint.location import Edit
    from azmlint.model.value import Body, Route
    from azmlint.sources.arm_template import Template
    from azmlint.sources.json import JsonNode


class ArmBody:
    """A resource object, read through its template's expressions."""

    __slots__ = ("locals", "node", "template")

    dialect = "arm"

    def __init__(self, template: Template, node: JsonNode, locals_: Locals) -> None:
        """Read from `node`, as one turn of its loops sees it."""
        self.template = template
        self.node = node
        self.locals = locals_

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`; names compare without case."""
        node = self.node
        for index, key in enumerate(route):
            if not isinstance(node.value, (dict, list)):
                return inside(self.template.evaluate(node, self.locals), route[index:])
            child = _child(node, key)
            if child is None:
                if isinstance(node.value, dict) and node.has("copy"):
                    whole = self.template.evaluate(node, self.locals)
                    return inside(whole, route[index:])
                return ABSENT_TERM
            node = child
        return self.template.evaluate(node, self.locals)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change where the value originates."""
        if isinstance(new, Removed):
            parent = self._literal(route[:-1])
            if parent is None:
                message = "it is not written in this resource"
                raise NotEditable(message)
            return (json.remove(self.template.document, parent, route[-1]),)
        if term.is_absent:
            return (self._insertion(route, new),)
        if not term.is_literal or not term.trace:
            message = "the value is computed by an expression"
            raise NotEditable(message)
        from azmlint.sources.arm_names import own_place  # noqa: PLC0415  # only for fixes

        origin = own_place(term.trace)
        node = self._literal(route)
        if origin is term.trace[0] is not term.trace[-1] and (
            node is None or node.start != origin.start
        ):
            message = "something else reads it, too"
            raise NotEditable(message)
        if origin.role == "default":
            _require_allowed(origin, new)
        in_template = origin.role != "parameter-file"
        data = _escaped(new) if in_template else new
        return (json.replace(origin.document, origin.start, origin.end, data),)

    def _literal(self, route: Route) -> JsonNode | None:
        node = self.node
        for key in route:
            child = _child(node, key)
            if child is None:
                return None
            node = child
        return node

    def _insertion(self, route: Route, new: object) -> Edit:
        node = self.node
        for index, key in enumerate(route):
            if not isinstance(node.value, dict):
                message = "what would hold it is computed by an expression"
                raise NotEditable(message)
            child = node.get(key)
            if child is None:
                return json.insert(self.template.document, node, route[index:], _escaped(new))
            node = child
        message = "it is written already"
        raise NotEditable(message)


class ItemBody:
    """A resource that is one item of another's property."""

    __slots__ = ("route", "whole")

    dialect = "arm"

    def __init__(self, whole: Body, route: Route) -> None:
        """Read what stands at `route` of `whole`."""
        self.whole = whole
        self.route = route

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route` of the item."""
        return self.whole.at((*self.route, *route))

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change in the whole."""
        return self.whole.edits((*self.route, *route), term, new)


def inside(term: Term, route: Route) -> Term:
    """Give what stands at a route within a value; the trace begins where the value does."""
    use = term.trace[:1]
    for key in route:
        if isinstance(term.data, Object):
            found = term.data.lookup(key)
            if found is None:
                return ABSENT_TERM.resting_on(term.decisions)
            term = found.resting_on(term.decisions)
        elif isinstance(term.data, list):
            if not key.isdigit() or int(key) >= len(term.data):
                return ABSENT_TERM.resting_on(term.decisions)
            term = term.data[int(key)].resting_on(term.decisions)
        elif term.is_unknown:
            term = member(term, Term(key), is_safe=False)
        else:
            return ABSENT_TERM.resting_on(term.decisions)
    if use and (not term.trace or term.trace[0] is not use[0]):
        inner = tuple(p.as_role("variable") if p.role == "use" else p for p in term.trace)
        return Term(
            term.data,
            (*use, *inner),
            reason=term.reason,
            parts=term.parts,
            decisions=term.decisions,
            is_literal=term.is_literal,
        )
    return term


def _child(node: JsonNode, key: str) -> JsonNode | None:
    if isinstance(node.value, list):
        index = int(key) if key.isdigit() else -1
        return node.items[index] if 0 <= index < len(node.items) else None
    return node.get(key)


def _escaped(data: object) -> object:
    """Spell a text so that a template does not take it for an expression."""
    return f"[{data}" if isinstance(data, str) and data.startswith("[") else data


def _require_allowed(default: Place, new: object) -> None:
    """Raise NotEditable where a parameter's declaration forbids the value as its default."""
    node = json.parse(default.document)
    declared: JsonNode | None = None
    while node.start != default.start:
        children = [*(n for _, n in node.members), *node.items]
        declared, node = node, next(n for n in children if n.start <= default.start < n.end)
    if declared is None:
        return
    allowed, least, most = (declared.get(n) for n in ("allowedValues", "minValue", "maxValue"))
    folded = new.casefold() if isinstance(new, str) else new
    if allowed is not None and isinstance(allowed.value, list):
        options = [v.casefold() if isinstance(v, str) else v for v in allowed.value]
        if folded not in options:
            message = "the parameter does not allow that value"
            raise NotEditable(message)
    for bound, sign in ((least, 1), (most, -1)):
        limit = bound.value if bound is not None else None
        if isinstance(new, int) and isinstance(limit, int) and sign * new < sign * limit:
            message = f"the parameter does not allow less or more than {limit}"
            raise NotEditable(message)
