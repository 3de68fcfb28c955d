"""A property as its source states it: known, absent, or unknown with a reason."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar, overload

from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term, same_text, unknown
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, Undecided, always, truth
from azmlint.location import in_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.location import Edit, Place
    from azmlint.model.kinds import Kind
    from azmlint.model.resource import Resource
    from azmlint.model.resources import Entry

T = TypeVar("T")
Route = tuple[str, ...]


class Default(NamedTuple, Generic[T]):
    """What a tool takes when the property is not written, and who says so."""

    value: T
    source: str


class Spelling(NamedTuple):
    """How one dialect states one property."""

    routes: tuple[Route, ...]
    """Where it may stand; the first that is written counts, and a new one goes to the first."""

    kind: Kind[Any] | None = None
    """How it is read and written here, when that differs from the property's own kind."""

    default: Default[Any] | None = None
    required: str | None = None
    """The source of the fact that this dialect's tool refuses a create without it."""

    derive: Callable[[Body], Term] | None = None
    """Works the value out where no single route carries it."""


def says(
    *routes: str,
    kind: Kind[Any] | None = None,
    default: Default[Any] | None = None,
    required: str | None = None,
    derive: Callable[[Body], Term] | None = None,
) -> Spelling:
    """Spell a property: dotted routes in order of precedence."""
    paths = tuple(tuple(r.split(".")) for r in routes)
    return Spelling(paths, kind, default, required, derive)


LIKE = {"sdk_v2": "cli"}
"""Dialects that spell a property as another one does, unless they state it themselves."""


class Changeable(Protocol):
    """What knows how a change of it is spelled; a Value does."""

    def edits(self, new: object) -> tuple[Edit, ...]:
        """Spell a change in the language of the text; raises NotEditable."""
        ...


class Change(NamedTuple):
    """Give one property another value, or take it away; its source spells the edit."""

    value: Changeable
    new: object
    """In the canonical form of the property's kind; REMOVED takes the property away."""


class Removed:
    """Marks a property that a change takes away."""


REMOVED = Removed()


class Body(Protocol):
    """What a source read for one resource."""

    @property
    def dialect(self) -> str:
        """The name of the dialect, a key of each property's spellings."""
        ...

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`."""
        ...

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change of the term at `route`; `new` is plain data, or REMOVED.

        Raises NotEditable when no edit of the text can do it.
        """
        ...


class NotEditable(Exception):  # noqa: N818  # an answer, not an error
    """No edit of the scanned text can make a change; says why."""


class Property(Generic[T]):
    """Declares one property of a kind of resource, with its spelling in each dialect."""

    __slots__ = ("has_entries", "invalid_rule", "is_secret", "kind", "name", "spellings", "title")

    def __init__(
        self,
        kind: Kind[T],
        *,
        title: str,
        invalid_rule: str | None,
        is_secret: bool,
        has_entries: bool,
        spellings: dict[str, Spelling],
    ) -> None:
        """Declare; `title` is what messages call it.

        `has_entries` says of a list that resources of their own belong to it as well.
        """
        self.has_entries = has_entries
        self.kind = kind
        self.name = ""
        self.title = title
        self.invalid_rule = invalid_rule
        self.is_secret = is_secret
        self.spellings = spellings

    def __set_name__(self, owner: type[Resource], name: str) -> None:
        """Learn the attribute's name."""
        self.name = name

    def spelling(self, dialect: str) -> Spelling | None:
        """Say how a dialect states the property; None when it does not."""
        found = self.spellings.get(dialect)
        return found if found is not None else self.spellings.get(LIKE.get(dialect, ""))

    @overload
    def __get__(self, resource: None, owner: type[Resource]) -> Property[T]: ...
    @overload
    def __get__(self, resource: Resource, owner: type[Resource]) -> Value[T]: ...
    def __get__(self, resource: Resource | None, owner: type[Resource]) -> Property[T] | Value[T]:
        """Read the property of one resource, and keep what does not depend on a decision."""
        if resource is None:
            return self
        value: Value[T] | None = resource.values.get(self.name)
        if value is None:
            value = self.read(resource, resource.body)
            is_settled = True
            if resource.updates:
                from azmlint.model.updated import laid_over  # noqa: PLC0415  # few are updated

                value = laid_over(value, resource.updates)
                is_settled = all(u.exists is always for u in resource.updates)
            is_settled = is_settled and not value.term.rests_on_decisions
            if self.has_entries and resource.entries:
                is_settled = is_settled and all(p.exists is always for p in resource.entries)
                value = Value(resource, self, _joined(value.term, resource.entries), None)
            if is_settled:
                resource.values[self.name] = value
        return value

    def read(self, resource: Resource, body: Body) -> Value[T]:
        """Read what one body says of the property of a resource."""
        spelling = self.spelling(body.dialect)
        if spelling is None:
            return Value(resource, self, ABSENT_TERM, None)
        if spelling.derive is not None:
            route = spelling.routes[0] if spelling.routes else None
            return Value(resource, self, spelling.derive(body), route)
        for route in spelling.routes:
            term = body.at(route)
            if not term.is_absent:
                return Value(resource, self, term, route)
        return Value(resource, self, term, spelling.routes[0])


def prop(
    kind: Kind[T],
    title: str,
    *,
    invalid_rule: str | None = None,
    is_secret: bool = False,
    has_entries: bool = False,
    **spellings: Spelling,
) -> Property[T]:
    """Declare a property; keywords are dialects."""
    return Property(
        kind,
        title=title,
        invalid_rule=invalid_rule,
        is_secret=is_secret,
        has_entries=has_entries,
        spellings=spellings,
    )


def _joined(whole: Term, entries: tuple[Entry, ...]) -> Term:
    """Add what is declared apart to a list; of two with one name, that which is apart counts."""
    if not (isinstance(whole.data, list) or whole.is_absent or whole.data is None):
        return whole
    found: list[Term] = []
    names: set[object] = set()
    for entry in entries:
        verdict = entry.exists()
        if verdict.known is None:
            symbol = Symbol(("entry", entry.id.key), entry.label)
            reason, trace = verdict.reasons[0], (entry.grip,)
            found.append(unknown(reason.kind, reason.text, symbol, trace, verdict.decisions))
        elif verdict:
            found.append(entry.item())
            names.add(entry.name.casefold())
    stated = whole.data if isinstance(whole.data, list) else []
    listed = [i for i in stated if _item_name(i) not in names]
    return Term([*listed, *found], whole.trace, decisions=whole.decisions)


def _item_name(item: Term) -> str | None:
    name = item.data.lookup("name") if isinstance(item.data, Object) else None
    return name.data.casefold() if name is not None and isinstance(name.data, str) else None


class Value(Generic[T]):
    """One property of one resource."""

    __slots__ = ("_data", "invalid", "owner", "property", "refused", "route", "term")

    def __init__(
        self,
        owner: Resource,
        property_: Property[T],
        term: Term,
        route: Route | None,
        default: T | None = None,
    ) -> None:
        """Read `term` as the property's kind."""
        self.owner = owner
        self.property = property_
        self.term = term
        self.route = route
        """Where it stands, or where it would be written; None where the dialect has no place."""
        self._data = default
        self.invalid: str | None = None
        """What the service accepts instead, when what is written cannot be read."""
        self.refused: str | None = None
        """What today's tool accepts instead, when it refuses what is written."""
        if term.is_known and default is None:
            kind = self._kind
            try:
                self._data = kind.read(term.data)
            except ValueError:
                self.invalid = None if term.data is None else kind.expected
            if self.invalid or (kind.accepts is not None and not kind.accepts(term.data)):
                self.refused = kind.expected

    @property
    def body(self) -> Body:
        """What says it: that of its resource, unless an update of it does."""
        return self.owner.body

    def like(self, term: Term, route: Route | None, default: T | None = None) -> Value[T]:
        """Give another value of the same property, said by the same body."""
        return Value(self.owner, self.property, term, route, default)

    @property
    def _kind(self) -> Kind[T]:
        spelling = self.property.spelling(self.body.dialect)
        return (spelling and spelling.kind) or self.property.kind

    def __bool__(self) -> bool:
        """Refuse: whether a value is there, known or true are different questions."""
        message = f"ask {self.property.name}.equals(...), .absent or .known instead of its truth"
        raise TypeError(message)

    # What is known of it

    @property
    def known(self) -> T | None:
        """The value; None when it is absent, unknown or invalid."""
        return self._data

    @property
    def is_absent(self) -> bool:
        """Whether nothing is written; an explicit null counts as nothing."""
        return self._data is None and (self.term.is_absent or self.term.data is None)

    @property
    def absent(self) -> Truth:
        """Whether nothing is written, undecided while an unknown expression stands there.

        An expression that stands for a value counts as written; only a decision, a condition
        or arguments that are not known (a reason of kind `open`) can leave it open.
        """
        if self.is_absent:
            return TRUE
        reason = self.term.reason
        if self.term.is_unknown and (
            self.term.decisions or (reason is not None and reason.kind == "open")
        ):
            return Truth(None, self.reasons, self.term.decisions)
        return FALSE

    @property
    def given(self) -> Truth:
        """Whether something is written."""
        return ~self.absent

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the value is not known; empty when it is known or absent."""
        if self.invalid is not None:
            text = f"{self.property.title} is not {self.invalid}"
            return (Reason("invalid", text),)
        return (self.term.reason,) if self.term.reason is not None else ()

    def require(self) -> T:
        """Give the value, or raise Undecided; an absent one is undecided for want of a value."""
        if self._data is None:
            reasons = self.reasons or (_unwritten(self),)
            raise Undecided(reasons, self.term.decisions)
        return self._data

    # Comparisons

    def equals(self, other: T) -> Truth:
        """Compare with a known value; an absent value equals nothing."""
        return self._decide(lambda value: value == other)

    def one_of(self, *others: T) -> Truth:
        """Compare with several known values."""
        return self._decide(lambda value: value in others)

    def above(self, limit: float) -> Truth:
        """Compare a number; an absent one is above nothing."""
        return self._decide(lambda value: value > limit)  # type: ignore[operator]  # numbers only

    def below(self, limit: float) -> Truth:
        """Compare a number; an absent one is below nothing."""
        return self._decide(lambda value: value < limit)  # type: ignore[operator]  # numbers only

    def matches(self, pattern: str) -> Truth:
        """Match the whole of a text, without case; undecided pieces leave it open."""
        return self._decide(
            lambda value: re.fullmatch(pattern, str(value), re.IGNORECASE) is not None
        )

    def same_as(self, other: Value[T]) -> Truth:
        """Compare with another property; two uses of one unknown are the same value."""
        if self._data is not None and other._data is not None:
            return truth(self._data == other._data)
        if self.is_absent or other.is_absent:
            return truth(self.is_absent and other.is_absent)
        if self.invalid is None and other.invalid is None:
            left = _squeezed(self) if self.property.kind.fold else self.term.text_parts
            right = _squeezed(other) if self.property.kind.fold else other.term.text_parts
            verdict = same_text(left, right)
            if verdict is not None:
                return truth(verdict)
        reasons = tuple(dict.fromkeys(self.reasons + other.reasons))
        decisions = tuple(dict.fromkeys(self.term.decisions + other.term.decisions))
        return Truth(None, reasons, decisions)

    def differs_from(self, other: Value[T]) -> Truth:
        """Compare with another property where nothing written means what is decided elsewhere.

        Undecided, not false, while one of the two is not written.
        """
        missing = tuple(_unwritten(v) for v in (self, other) if v.is_absent)
        return Truth(None, missing) if missing else ~self.same_as(other)

    def _decide(self, test: Callable[[T], bool]) -> Truth:
        if self._data is not None:
            return truth(test(self._data))
        if self.is_absent:
            return FALSE
        return Truth(None, self.reasons, self.term.decisions)

    def effective(self) -> Value[T]:
        """Give the value, or the default that the tool takes when nothing is written."""
        if not self.is_absent or self.default is None:
            return self
        return self.like(self.term, self.route, self.default.value)

    @property
    def default(self) -> Default[T] | None:
        """What the dialect's tool takes when nothing is written."""
        spelling = self.property.spelling(self.body.dialect)
        return spelling.default if spelling is not None else None

    @property
    def is_default(self) -> bool:
        """Whether this value comes from a tool's default."""
        return self._data is not None and not self.term.is_known

    @property
    def required(self) -> str | None:
        """Who says that this dialect's tool refuses a create without it; None if it does not."""
        spelling = self.property.spelling(self.body.dialect)
        return spelling.required if spelling is not None else None

    # Where it is, and how to change it

    @property
    def trace(self) -> tuple[Place, ...]:
        """From the use to the origin; the resource's name when nothing is written."""
        return self.term.trace or (self.owner.grip,)

    @property
    def place(self) -> Place:
        """The use, or the resource's name when nothing is written."""
        return self.trace[0]

    @property
    def text(self) -> str:
        """As a message shows it; a secret is never shown."""
        if self.property.is_secret:
            return "(secret)"
        if self.is_default:
            return str(self._data)
        return self.term.shown()

    def member(self, name: str) -> Value[Any]:
        """Point at one member of a map: at its name, when that has a place."""
        data = self.term.data
        found = data.lookup(name) if isinstance(data, Object) else None
        if found is None or not isinstance(data, Object):
            return self
        key = data.keys_at.get(name)
        trace = key.trace if key is not None and key.trace else found.trace
        route = (*self.route, name) if self.route is not None else None
        return self.like(Term(data, trace), route)

    def item(self, index: int, term: Term) -> Value[Any]:
        """Point at one item of a list, of which `term` is the value or a part of it."""
        route = (*self.route, str(index)) if self.route is not None else None
        trace = term.trace or self.term.trace
        return self.like(Term(self.term.data, trace), route)

    def moved(self, route: Route) -> Value[Any]:
        """Point at another place of the same resource, where nothing is written."""
        return self.like(ABSENT_TERM, route)

    def apart_from(self, other: Value[Any]) -> Value[T]:
        """Point at where a change leaves `other` as it is: before the places that both come from.

        That is the use of a parameter that feeds both, or the argument for one of them.
        """
        shared = {(p.document.path, p.start, p.end) for p in other.term.trace}
        places = self.term.trace
        own = tuple(
            itertools.takewhile(lambda p: (p.document.path, p.start, p.end) not in shared, places)
        )
        if len(own) == len(places) or not self.term.is_literal:
            return self
        return self.like(Term(self.term.data, own, is_literal=True), self.route)

    def set(self, new: T) -> Change:
        """Describe the change that makes this property `new`."""
        return Change(self, new)

    def remove(self) -> Change:
        """Describe the change that takes this property away."""
        return Change(self, REMOVED)

    def edits(self, new: object) -> tuple[Edit, ...]:
        """Spell a change in the language of the text; raises NotEditable."""
        if self.route is None:
            message = f"{self.property.title} cannot be written in this kind of file"
            raise NotEditable(message)
        return in_files(self.body.edits(self.route, self.term, self.written(new)))

    def written(self, new: object) -> object:
        """Give what a change writes, as plain data of the body's language; REMOVED stays."""
        return new if isinstance(new, Removed) else self._kind.write(new)  # type: ignore[arg-type]  # a Change carries what its rule gave

    def __repr__(self) -> str:
        """Show owner, property and term."""
        return f"Value({self.owner.label}.{self.property.name}={self.term!r})"


def _unwritten(value: Value[Any]) -> Reason:
    return Reason("missing", f"{value.property.title} of {value.owner.label} is not written")


def _squeezed(value: Value[Any]) -> tuple[Any, ...]:
    parts = value.term.text_parts
    return tuple(p.replace(" ", "") if isinstance(p, str) else p for p in parts)
