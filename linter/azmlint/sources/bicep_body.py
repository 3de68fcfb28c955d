"""One resource of a Bicep file as its body states it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.term import ABSENT_TERM, Term
from azmlint.model.value import NotEditable, Removed
from azmlint.sources import bicep_edit, json
from azmlint.sources.bicep_tree import ArrayNode, ObjectNode, untyped

if TYPE_CHECKING:
    from azmlint.location import Edit, Place
    from azmlint.model.value import Route
    from azmlint.sources.bicep_resource import Instance
    from azmlint.sources.bicep_template import BicepTemplate
    from azmlint.sources.bicep_tree import Literal, Node


class BicepBody:
    """What a statement says in one turn of its loop and one use of its file."""

    __slots__ = ("instance", "template", "version")

    dialect = "arm"

    def __init__(
        self, template: BicepTemplate, instance: Instance, version: Literal | None
    ) -> None:
        """Read what an instance declares, with the version of its interface."""
        self.template = template
        self.instance = instance
        self.version = version

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`; names compare without case."""
        if route == ("apiVersion",):
            if self.version is None:
                return ABSENT_TERM
            place = self.template.place(self.version)
            return Term(self.version.value, (place,), is_literal=True)
        return self.template.at(self.instance.body, route, self.instance.locals)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change where the value originates."""
        if isinstance(new, Removed):
            parent = self._written(route[:-1])
            if not isinstance(parent, ObjectNode):
                message = "it is not written in this resource"
                raise NotEditable(message)
            return (bicep_edit.remove(self.template.document, parent, route[-1]),)
        if term.is_absent:
            return (self._insertion(route, new),)
        if not term.is_literal or not term.trace:
            message = "the value is computed by an expression"
            raise NotEditable(message)
        from azmlint.sources.bicep_names import own_place  # noqa: PLC0415  # only for fixes

        origin = own_place(term.trace, self.template.users[0])
        if origin is term.trace[0] is not term.trace[-1] and not self._is_at(origin, route):
            message = "something else reads it, too"
            raise NotEditable(message)
        if not origin.document.path.lower().endswith((".bicep", ".bicepparam")):
            return (json.replace(origin.document, origin.start, origin.end, new),)
        bicep_edit.require_allowed(origin, new)
        return (bicep_edit.replace(origin, new),)

    def _is_at(self, place: Place, route: Route) -> bool:
        """Whether a place is all that stands at a route, and not something that holds it."""
        node = self._written(route)
        return node is not None and place.start <= node.start and node.end <= place.end

    def _written(self, route: Route) -> Node | None:
        node: Node | None = self.instance.body
        for key in route:
            node = untyped(node)
            if isinstance(node, ObjectNode):
                node = node.get(key)
            elif isinstance(node, ArrayNode) and key.isdigit() and int(key) < len(node.items):
                node = node.items[int(key)]
            else:
                return None
        return untyped(node)

    def _insertion(self, route: Route, new: object) -> Edit:
        child: Node | None = self.instance.body
        for index, key in enumerate(route):
            node = untyped(child)
            if isinstance(node, ArrayNode) and key.isdigit() and int(key) < len(node.items):
                child = node.items[int(key)]
                continue
            if not isinstance(node, ObjectNode):
                message = "what would hold it is computed by an expression"
                raise NotEditable(message)
            child = node.get(key)
            if child is None:
                document = self.template.document
                return bicep_edit.insert(document, node, route[index:], new)
        message = "it is written already"
        raise NotEditable(message)
