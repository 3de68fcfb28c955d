"""Resource ids of which pieces may be unknown, compared without case on `/` boundaries."""

from __future__ import annotations

from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING

from azmlint.expressions.term import Symbol, Term, same_text, text_of
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, truth

if TYPE_CHECKING:
    from azmlint.expressions.term import Part

Segment = tuple["Part", ...]


class ResourceId:
    """The id of a scope or resource."""

    # What is derived is kept, and shared where it is of several: an estate asks for the group and
    # the subscription of each of its resources once for every rule.
    __slots__ = ("_group", "_parent", "_subscription", "_type", "key", "parts")

    _parent: ResourceId
    _group: ResourceId | None
    _subscription: ResourceId | None
    _type: str | None

    def __init__(self, parts: tuple[Part, ...]) -> None:
        """Take an id as a text; a piece that is unknown is a symbol."""
        self.parts = text_of(parts)
        self.key: tuple[Part, ...] = tuple(
            p.casefold() if isinstance(p, str) else p for p in self.parts
        )
        """Equal for equal ids; what dictionaries index by."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The pieces between slashes."""
        return _segments(self.parts)

    @staticmethod
    def of(term: Term) -> ResourceId:
        """Read the id that a term holds."""
        return _shared(text_of(term.text_parts))

    def child(self, *pieces: Part | tuple[Part, ...]) -> ResourceId:
        """Append segments."""
        parts = list(self.parts)
        for piece in pieces:
            parts.append("/")
            parts.extend(
                piece if isinstance(piece, tuple) and not isinstance(piece, Symbol) else (piece,)
            )
        return ResourceId(tuple(parts))

    @property
    def is_rooted(self) -> bool:
        """Whether it starts at a subscription or tenant, so that its segments can be told."""
        return bool(self.parts) and isinstance(self.parts[0], str) and self.parts[0][:1] == "/"

    @property
    def is_ground(self) -> bool:
        """Whether no piece is unknown."""
        return all(isinstance(p, str) for p in self.parts)

    @property
    def name(self) -> str | None:
        """The last segment, when it is known."""
        last = self.segments[-1] if self.segments else ()
        return last[0] if len(last) == 1 and isinstance(last[0], str) else None

    @property
    def shown_name(self) -> str:
        """The last segment for a message, unknown pieces in braces."""
        return str(ResourceId(self.segments[-1])) if self.segments else ""

    @property
    def parent(self) -> ResourceId:
        """The resource of which this is a child; of a top resource, its group or subscription."""
        try:
            return self._parent
        except AttributeError:
            kind = self.resource_type
            is_top = kind is not None and kind.count("/") == 1
            self._parent = self._first_of(len(self.segments) - (4 if is_top else 2))
        return self._parent

    @property
    def subscription(self) -> ResourceId | None:
        """The subscription it is in, None when it names none."""
        try:
            return self._subscription
        except AttributeError:
            is_in_one = self._literal(0) == "subscriptions" and len(self.segments) > 1
            self._subscription = self._first_of(2) if is_in_one else None
        return self._subscription

    @property
    def group(self) -> ResourceId | None:
        """The resource group it is in, None when it names none."""
        try:
            return self._group
        except AttributeError:
            is_in_one = self._literal(2) == "resourcegroups" and len(self.segments) > 3  # noqa: PLR2004
            self._group = self._first_of(4) if is_in_one else None
        return self._group

    @property
    def is_group(self) -> bool:
        """Whether it is a resource group itself."""
        group = self.group
        return group is not None and group.key == self.key

    @property
    def is_subscription(self) -> bool:
        """Whether it is a subscription itself."""
        subscription = self.subscription
        return subscription is not None and subscription.key == self.key

    @property
    def resource_type(self) -> str | None:
        """The type, as `Microsoft.Network/virtualNetworks/subnets`; None for scopes."""
        try:
            return self._type
        except AttributeError:
            self._type = self._read_type()
        return self._type

    def _read_type(self) -> str | None:
        names = [self._literal(i) for i in range(len(self.segments))]
        if "providers" not in names:
            return None
        at = len(names) - 1 - names[::-1].index("providers")
        words = names[at + 1 : at + 2] + names[at + 2 :: 2]
        return intern("/".join(w or "?" for w in words))

    def equals(self, other: ResourceId) -> Truth:
        """Compare two ids."""
        if self.key == other.key:
            return TRUE
        if self.is_rooted and other.is_rooted:
            if len(self.segments) != len(other.segments):
                return FALSE
            return self._first(other, len(self.segments))
        verdict = same_text(self.parts, other.parts)
        return truth(verdict) if verdict is not None else self._open(other)

    def covers(self, other: ResourceId) -> Truth:
        """Whether the other is this scope or lies below it."""
        if not self.is_rooted or not other.is_rooted:
            return self.equals(other)
        if len(self.segments) > len(other.segments):
            return FALSE
        return self._first(other, len(self.segments))

    def _first(self, other: ResourceId, count: int) -> Truth:
        verdict = TRUE
        for one, two in zip(self.segments[:count], other.segments[:count], strict=True):
            same = same_text(one, two)
            if same is False:
                return FALSE
            if same is None:
                verdict &= self._open(other, (*one, *two))
        return verdict

    def _open(self, other: ResourceId, parts: tuple[Part, ...] | None = None) -> Truth:
        symbols = [p for p in parts or (*self.parts, *other.parts) if isinstance(p, Symbol)]
        names = " and ".join(dict.fromkeys(s.text for s in symbols))
        return Truth(None, (Reason("parameter", f"{names} is not known before deployment"),))

    def _literal(self, index: int) -> str | None:
        if index >= len(self.segments):
            return None
        segment = self.segments[index]
        if len(segment) == 1 and isinstance(segment[0], str):
            return segment[0].casefold()
        return None

    def _first_of(self, count: int) -> ResourceId:
        """Give the id that the first segments make."""
        parts: list[Part] = []
        for segment in self.segments[:count]:
            parts.append("/")
            parts.extend(segment)
        return _shared(text_of(tuple(parts)))

    def __str__(self) -> str:
        """Show it, unknown pieces in braces."""
        return "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in self.parts)

    def __repr__(self) -> str:
        """Show it."""
        return f"ResourceId({self})"


@lru_cache(1024)
def _shared(parts: tuple[Part, ...]) -> ResourceId:
    return ResourceId(parts)


@lru_cache(4096)
def _segments(parts: tuple[Part, ...]) -> tuple[Segment, ...]:
    segments: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, Symbol):
            segments[-1].append(part)
            continue
        first, *rest = part.split("/")
        if first:
            segments[-1].append(first)
        segments += [[piece] if piece else [] for piece in rest]
    return tuple(tuple(s) for s in segments if s)


def subscription_scope(subscription: Part) -> ResourceId:
    """Make the id of a subscription."""
    return ResourceId(("/subscriptions/", subscription))


def group_scope(subscription: Part, group: Part) -> ResourceId:
    """Make the id of a resource group."""
    return ResourceId(("/subscriptions/", subscription, "/resourceGroups/", group))
