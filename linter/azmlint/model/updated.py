"""Properties of a resource that other declarations update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.model.value import Property, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azmlint.model.resource import Resource
    from azmlint.model.value import Body, Route

T = TypeVar("T")


class Updated(Value[T]):
    """A property of a resource as an update of it says it."""

    __slots__ = ("_body",)

    def __init__(  # those of a value, and what says it
        self,
        owner: Resource,
        property_: Property[T],
        term: Term,
        route: Route | None,
        default: T | None = None,
        *,
        body: Body,
    ) -> None:
        """Read `term` as `body` says it."""
        self._body = body
        super().__init__(owner, property_, term, route, default)

    @property
    def body(self) -> Body:
        """The update."""
        return self._body

    def like(self, term: Term, route: Route | None, default: T | None = None) -> Value[T]:
        """Give another value of the same property, said by the same update."""
        return Updated(self.owner, self.property, term, route, default, body=self._body)


def laid_over(value: Value[T], updates: Iterable[Resource]) -> Value[T]:
    """Give what a property is after the updates: the last that says something of it counts.

    What a map holds beside what an update says stays as it is.
    """
    for update in updates:
        said = value.property.read(value.owner, update.body)
        if said.term.is_absent or said.term.data is None or said.route is None:
            continue
        verdict = update.exists()
        if verdict.known is None:
            symbol = Symbol(("update", update.id.key, update.address), update.address)
            reason, trace = verdict.reasons[0], said.term.trace
            term = unknown(reason.kind, reason.text, symbol, trace, verdict.decisions)
        elif verdict:
            term = _merged(value, said)
        else:
            continue
        value = Updated(value.owner, value.property, term, said.route, body=update.body)
    return value


def _merged(value: Value[Any], said: Value[Any]) -> Term:
    spellings = [value.property.spelling(v.body.dialect) for v in (value, said)]
    kinds = [s.kind if s is not None else None for s in spellings]
    return over(value.term, said.term) if kinds[0] is kinds[1] else said.term


def over(below: Term, above: Term) -> Term:
    """Lay one value over another: maps are joined, anything else is replaced."""
    if isinstance(above.data, Object) and below.is_unknown:
        return below
    if not isinstance(below.data, Object) or not isinstance(above.data, Object):
        return above
    made = Object(below.data.items())
    made.keys_at = {**below.data.keys_at}
    for name, term in above.data.items():
        own = next((n for n in made if n.casefold() == name.casefold()), name)
        made[own] = over(made[own], term) if own in made else term
        made.keys_at[own] = above.data.keys_at.get(name, term)
    return Term(made, above.trace, decisions=below.decisions + above.decisions)
