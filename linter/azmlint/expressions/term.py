"""Located terms: what an evaluator makes of a piece of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, TypeAlias
from weakref import WeakValueDictionary

from azmlint.expressions.truth import FALSE, TRUE, Decision, Reason, Truth, undecided

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from azmlint.location import Place


class Symbol(NamedTuple):
    """Something with a value that only the deployment knows; equal to itself alone."""

    identity: Hashable
    text: str
    """As shown to a reader, such as `parameters('location')`."""

    is_text: bool = True
    """False for what is known to be no text; a text that is made from it is another value."""


class Derived:
    """What a function of something unknown gives: equal to itself alone, and found again.

    NOTE: Comparing or hashing what a call is made of would take time that doubles with each level
    of `concat(x, x)`; so each combination is made once, and compared by being the same object.
    """

    __slots__ = ("__weakref__", "name", "roots")

    def __init__(self, name: str, roots: frozenset[Hashable]) -> None:
        """Remember the parameters and holes on which it rests."""
        self.name = name
        self.roots = roots

    def __repr__(self) -> str:
        """Show the function."""
        return f"<{self.name}(...)>"


# An entry goes when the last term that holds its value does, so a long run does not grow.
_DERIVED: Final[WeakValueDictionary[tuple[str, Hashable], Derived]] = WeakValueDictionary()


def derived(name: str, parts: Hashable) -> Derived:
    """Give the identity of a call by its name and what its arguments are made of."""
    key = (name, parts)
    found = _DERIVED.get(key)
    if found is None:
        found = _DERIVED[key] = Derived(name, frozenset(roots(parts)))
    return found


def roots(identity: object) -> Iterator[Hashable]:
    """Yield the parameters and holes that an identity is made of."""
    if isinstance(identity, Derived):
        yield from identity.roots
    elif isinstance(identity, tuple):
        if identity and identity[0] in {"parameter", "hole"}:
            yield identity
        else:
            for part in identity:
                yield from roots(part)


class _Marker:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


UNKNOWN: Final = _Marker("UNKNOWN")
ABSENT: Final = _Marker("ABSENT")


class Object(dict[str, "Term"]):
    """A map from names to terms; names compare without case, as Azure Resource Manager's do."""

    __slots__ = ("keys_at",)

    is_lazy: ClassVar[bool] = False
    """Whether members are worked out when asked for, so that they cannot be listed."""

    def __init__(self, items: Iterable[tuple[str, Term]] = ()) -> None:
        """Hold `items` in order."""
        super().__init__(items)
        self.keys_at: dict[str, Term] = {}
        """The term of each key that was itself evaluated or has a place."""

    def lookup(self, name: str) -> Term | None:
        """Find a member by its name, whatever its case."""
        found = self.get(name)
        if found is None:
            folded = name.casefold()
            for key, term in self.items():
                if key.casefold() == folded:
                    return term
        return found

    def folded(self) -> dict[str, str]:
        """Give the names of members by their names in one case."""
        return {key.casefold(): key for key in self}

    @property
    def is_listed(self) -> bool:
        """Whether all members and their names are known."""
        return not self.is_lazy and not self.open_keys()

    def open_keys(self) -> list[Term]:
        """Give the keys whose names are known in part only."""
        return [key for key in self.keys_at.values() if key.is_unknown]

    def may_be(self, name: str) -> bool:
        """Whether a key that is known in part could turn out to be `name`."""
        return any(same_text(key.parts, (name,)) is not False for key in self.open_keys())


Data: TypeAlias = "str | int | float | bool | Object | list[Term] | _Marker | None"
Part: TypeAlias = "str | Symbol"


class Term:
    """One evaluated piece of text: known, absent, or unknown with its reason."""

    __slots__ = ("_depth", "data", "decisions", "is_literal", "parts", "reason", "trace")

    def __init__(
        self,
        data: Data,
        trace: tuple[Place, ...] = (),
        *,
        reason: Reason | None = None,
        parts: tuple[Part, ...] = (),
        decisions: tuple[Decision, ...] = (),
        is_literal: bool = False,
    ) -> None:
        """Hold `data`, or UNKNOWN with a reason and the parts it is made of."""
        self.data = data
        self.trace = trace
        """From where the value is used to where it is written down."""
        self.reason = reason
        self.parts = parts
        """What an unknown text is made of: known pieces and symbols, in order."""
        self.decisions = decisions
        """Every decision this rests on, open or settled."""
        self.is_literal = is_literal
        """Whether the last place of the trace holds exactly this value."""
        self._depth: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether there is a value."""
        return not isinstance(self.data, _Marker)

    @property
    def is_absent(self) -> bool:
        """Whether nothing is written."""
        return self.data is ABSENT

    @property
    def is_unknown(self) -> bool:
        """Whether something is written of which the value is not known."""
        return self.data is UNKNOWN

    @property
    def rests_on_decisions(self) -> bool:
        """Whether this or a member of it is another value in another world."""
        if not isinstance(self.data, (Object, list)):
            return bool(self.decisions)
        return any(t.decisions for t in self.within())

    @property
    def is_text(self) -> bool:
        """Whether this is certainly a text, known or not."""
        if self.is_unknown:
            return len(self.parts) > 1 or any(isinstance(p, str) for p in self.parts)
        return isinstance(self.data, str)

    def within(self) -> Iterator[Term]:
        """Yield this and all its members, each structure once."""
        yield self
        open_terms, seen = [self], {id(self.data)}
        while open_terms:
            for member in open_terms.pop().members(with_keys=True):
                yield member
                # One structure may be a member of many: each is looked into once.
                if isinstance(member.data, (Object, list)) and id(member.data) not in seen:
                    seen.add(id(member.data))
                    open_terms.append(member)

    def members(self, *, with_keys: bool = False) -> Iterator[Term]:
        """Yield the values of an object or the items of an array."""
        if isinstance(self.data, list):
            yield from self.data
        elif isinstance(self.data, Object):
            yield from self.data.values()
            if with_keys:
                yield from self.data.keys_at.values()

    @property
    def depth(self) -> int:
        """How many levels of objects and arrays there are, once `is_deeper` has counted them."""
        return self._depth or 0

    def is_deeper(self, limit: int) -> bool:
        """Whether objects and arrays nest deeper than `limit`."""
        if not isinstance(self.data, (Object, list)):
            return False
        if limit == 0:
            return True
        if self._depth is None:
            if any(m.is_deeper(limit - 1) for m in self.members()):
                return True
            self._depth = 1 + max((m.depth for m in self.members()), default=0)
        return self._depth > limit

    @property
    def text_parts(self) -> tuple[Part, ...]:
        """The pieces of this term as a text."""
        if isinstance(self.data, str):
            return (self.data,)
        return self.parts

    def at(self, *places: Place) -> Term:
        """Give the same value with `places` before its trace."""
        return Term(
            self.data,
            (*places, *self.trace),
            reason=self.reason,
            parts=self.parts,
            decisions=self.decisions,
            is_literal=self.is_literal,
        )

    def resting_on(self, decisions: tuple[Decision, ...]) -> Term:
        """Give the same value, resting on more decisions."""
        if not decisions:
            return self
        merged = tuple(dict.fromkeys(self.decisions + decisions))
        return Term(
            self.data,
            self.trace,
            reason=self.reason,
            parts=self.parts,
            decisions=merged,
            is_literal=self.is_literal,
        )

    def shown(self) -> str:
        """Say the value as a reader would recognise it."""
        if self.is_unknown:
            return "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in self.parts)
        if isinstance(self.data, Object):
            return "{...}" if self.data else "{}"
        if isinstance(self.data, list):
            return "[...]" if self.data else "[]"
        if isinstance(self.data, bool):
            return "true" if self.data else "false"
        return "" if self.is_absent else str(self.data)

    def __repr__(self) -> str:
        """Show the value, or what is known of it."""
        return f"Term({self.shown()})"


ABSENT_TERM: Final = Term(ABSENT)


def unknown(
    kind: str,
    text: str,
    symbol: Symbol,
    trace: tuple[Place, ...] = (),
    decisions: tuple[Decision, ...] = (),
) -> Term:
    """Make an unknown term that stands for one symbol."""
    return Term(UNKNOWN, trace, reason=Reason(kind, text), parts=(symbol,), decisions=decisions)


def text_of(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Join neighbouring known pieces, and drop empty ones."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    return tuple(out)


def same_text(left: tuple[Part, ...], right: tuple[Part, ...], *, fold: bool = True) -> bool | None:
    """Compare two texts of which pieces may be unknown; None when that leaves it open.

    Known pieces at either end are enough to tell two texts apart.
    """
    left = tuple(p for p in left if p != "")
    right = tuple(p for p in right if p != "")
    if fold:
        left, right = _folded(left), _folded(right)
    if left == right:
        return True
    if _cannot_fit(left, right) or _cannot_fit(right, left):
        return False
    if len(left) == len(right) == 1 and isinstance(left[0], str) and isinstance(right[0], str):
        return False
    if _ends_differ(left, right, from_end=False) or _ends_differ(left, right, from_end=True):
        return False
    return None


def _folded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(p.casefold() if isinstance(p, str) else p for p in parts)


def _cannot_fit(whole: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    """Whether a known text is shorter than what is known of the other one."""
    length = sum(len(p) for p in whole if isinstance(p, str))
    if any(not isinstance(p, str) for p in whole):
        return False
    return length < sum(len(p) for p in other if isinstance(p, str))


def _ends_differ(left: tuple[Part, ...], right: tuple[Part, ...], *, from_end: bool) -> bool:
    one, two = list(left), list(right)
    if from_end:
        one.reverse()
        two.reverse()
    while one and two and one[0] == two[0]:
        one.pop(0)
        two.pop(0)
    if not one or not two:
        rest = one or two
        return any(isinstance(p, str) for p in rest)
    first, second = one[0], two[0]
    if not isinstance(first, str) or not isinstance(second, str):
        return False
    if from_end:
        first, second = first[::-1], second[::-1]
    length = min(len(first), len(second))
    return first[:length] != second[:length]


COMPARE_LIMIT: Final = 20_000
"""How many values of structures one call compares; more is undecided."""


def same(left: Term, right: Term, *, fold: bool = False, budget: list[int] | None = None) -> Truth:
    """Compare two terms as values."""
    if budget is None:
        budget = [COMPARE_LIMIT]
    budget[0] -= 1
    if budget[0] < 0:
        return Truth(None, (Reason("limit", "the values are too large to be compared"),))
    if left.is_known and left.data is right.data:
        return TRUE
    if left.is_known and right.is_known:
        one, two = left.data, right.data
        if fold and isinstance(one, str) and isinstance(two, str):
            return TRUE if one.casefold() == two.casefold() else FALSE
        return _same_data(left, right, budget)
    if left.is_absent or right.is_absent:
        return TRUE if left.is_absent and right.is_absent else FALSE
    verdict = None
    if (left.is_unknown or isinstance(left.data, str)) and (
        right.is_unknown or isinstance(right.data, str)
    ):
        verdict = same_text(left.text_parts, right.text_parts, fold=fold)
    if verdict is not None:
        return TRUE if verdict else FALSE
    reasons = tuple(dict.fromkeys(r for r in (left.reason, right.reason) if r is not None))
    return Truth(None, reasons, tuple(dict.fromkeys(left.decisions + right.decisions)))


def _same_data(left: Term, right: Term, budget: list[int]) -> Truth:
    one, two = left.data, right.data
    if isinstance(one, Object) and isinstance(two, Object):
        return _same_objects(one, two, budget)
    if isinstance(one, list) and isinstance(two, list):
        if len(one) != len(two):
            return FALSE
        verdict = TRUE
        for first, second in zip(one, two, strict=True):
            verdict &= same(first, second, budget=budget)
            if verdict.known is False or budget[0] < 0:
                break
        return verdict
    if isinstance(one, bool) != isinstance(two, bool):
        return FALSE
    if one != two:
        return FALSE
    if isinstance(one, float) != isinstance(two, float):
        return undecided(
            "function", "whether a whole number equals a decimal one is not worked out"
        )
    return TRUE


def _same_objects(one: Object, two: Object, budget: list[int]) -> Truth:
    if not one.is_listed or not two.is_listed:
        return undecided("function", "objects with keys that are not known are not compared")
    if len(one) != len(two) or {k.casefold() for k in one} != {k.casefold() for k in two}:
        return FALSE
    verdict = TRUE
    for key, term in one.items():
        if key not in two:
            verdict &= undecided("function", "whether keys are compared by case is not worked out")
        verdict &= same(term, two.lookup(key) or ABSENT_TERM, budget=budget)
        if verdict.known is False or budget[0] < 0:
            break
    return verdict
