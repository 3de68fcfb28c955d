"""How functions of Terraform's language are defined, and what they make of values.

An argument that is not known makes the result unknown, unless what is known decides it. A set is a
list without repetitions, texts in order.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
    decisions_of,
    decisions_within,
    joined,
    known,
    opaque,
    plain,
    want,
)
from azmlint.expressions.term import Object, Term, same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Function: TypeAlias = "Callable[[Sequence[Term]], Term]"

FUNCTIONS: Final[dict[str, Function]] = {}
"""By name; names have a case."""


def define(name: str, low: int, high: int | None = None) -> Callable[[Function], Function]:
    """Define a function over terms that takes `low` to `high` arguments, or any number of more."""

    def register(function: Function) -> Function:
        def checked(arguments: Sequence[Term]) -> Term:
            want(len(arguments), low, high)
            try:
                return function(arguments)
            except NotWorkedOut:
                return opaque(name, arguments)

        FUNCTIONS[name] = checked
        return function

    return register


def define_scalar(
    name: str, low: int, high: int | None = None
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register a function over plain data; what it cannot take, Terraform refuses."""

    def register(function: Callable[..., object]) -> Callable[..., object]:
        def over_terms(arguments: Sequence[Term]) -> Term:
            values = [plain(a) for a in arguments]
            try:
                made = known(function(*values))
            except (ValueError, ArithmeticError, TypeError, AttributeError) as error:
                raise Refused(f"{name} does not take this: {error}") from None
            return made.resting_on(decisions_within(arguments))

        define(name, low, high)(over_terms)
        return function

    return register


def spelled(term: Term) -> Term:
    """Turn a scalar into the text that Terraform makes of it; an unknown one stays."""
    data = term.data
    if isinstance(data, (Object, list)) or data is None or term.is_absent:
        raise Refused("a text is wanted here")
    if isinstance(data, str) or term.is_unknown:
        return term
    return Term(as_text(data), decisions=term.decisions)


def as_text(value: object) -> str:
    """Give the text that Terraform makes of a scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, (str, int)):
        return str(value)
    raise Refused("a text is wanted here")


def text_of(pieces: Sequence[Term]) -> Term:
    """Join pieces as a template does."""
    return joined([spelled(p) for p in pieces])


def number(value: object) -> int | float:
    """Read a number, also one that is written as a text."""
    if isinstance(value, bool) or value is None:
        raise Refused("a number is wanted here")
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,300}(\.\d+)?([eE][+-]?\d{1,3})?", value):
            raise Refused("a number is wanted here")
        value = float(value) if re.search(r"[.eE]", value) else int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    raise Refused("a number is wanted here")


def as_whole(value: object) -> int:
    """Read a whole number."""
    found = number(value)
    if isinstance(found, float):
        raise Refused("a whole number is wanted here")
    return found


def items_of(term: Term) -> list[Term]:
    """Give the items of a list or set; raises NotWorkedOut for what is not known."""
    if isinstance(term.data, list):
        return term.data
    if term.is_unknown:
        raise NotWorkedOut(term)
    raise Refused("a list is wanted here")


def members_of(term: Term) -> Object:
    """Give the members of a map or object of which all are listed."""
    if isinstance(term.data, Object):
        if not term.data.is_listed:
            raise NotWorkedOut(term)
        return term.data
    if term.is_unknown:
        raise NotWorkedOut(term)
    raise Refused("a map is wanted here")


def as_string(term: Term) -> str:
    """Read a text; raises NotWorkedOut for one that is not known."""
    text = spelled(term)
    if not isinstance(text.data, str):
        raise NotWorkedOut(term)
    return text.data


def list_of(items: Sequence[Term], arguments: Sequence[Term]) -> Term:
    """Make a list that rests on what the arguments do."""
    if len(items) > ITEM_LIMIT:
        raise TooLarge
    kept = items if isinstance(items, SetItems) else list(items)
    return Term(kept, decisions=decisions_of(arguments))


def map_of(members: Object, arguments: Sequence[Term]) -> Term:
    """Make a map that rests on what the arguments do."""
    return Term(members, decisions=decisions_of(arguments))


def ordered(members: Object) -> list[str]:
    """Give the names of a map in the order in which Terraform walks through it."""
    return sorted(members)


def distinct(items: Sequence[Term]) -> list[Term]:
    """Drop repetitions; raises NotWorkedOut when it is open whether two are the same.

    The items of a list are of one type, so numbers beside texts are texts.
    """
    if len({type(i.data) for i in items} & {str, int, float, bool}) > 1 and any(
        isinstance(i.data, str) for i in items
    ):
        items = [spelled(i) if i.data is not None else i for i in items]
    kept: list[Term] = []
    compared: list[Term] = []
    """What cannot be told by a key: structures, and what is unknown."""

    seen: set[tuple[str, object]] = set()
    for item in items:
        if isinstance(item.data, (str, int, float, bool)) or item.data is None:
            key = (type(item.data).__name__, item.data)
            if key in seen:
                continue
            seen.add(key)
            others = [k for k in compared if k.is_unknown]
        else:
            others = kept if item.is_unknown else compared
        if len(others) > 500:  # noqa: PLR2004  # comparing each with each takes too long
            raise TooLarge
        verdicts = [same(item, other).known for other in others]
        if True in verdicts:
            continue
        if None in verdicts:
            raise NotWorkedOut(item)
        kept.append(item)
        if not _is_plain(item):
            compared.append(item)
    return kept


def _is_plain(term: Term) -> bool:
    return isinstance(term.data, (str, int, float, bool)) or term.data is None


class SetItems(list["Term"]):
    """The items of a set, of which each is its own key."""


def as_set(items: Sequence[Term]) -> SetItems:
    """Make a set: no repetitions, texts in order."""
    kept = SetItems(distinct(items))
    if all(isinstance(i.data, str) for i in kept):
        kept.sort(key=lambda i: str(i.data))
    return kept


def tobool(value: object) -> bool | None:
    """Read a flag, also one that is written as a text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    raise Refused("true or false is wanted here")


def converted(term: Term, read: Callable[[object], object]) -> Term:
    """Convert a scalar; what fits already stays as it stands, with its places."""
    if term.data is None or term.is_unknown or term.is_absent:
        return term
    if isinstance(term.data, (Object, list)):
        raise Refused("a single value is wanted here")
    made = read(term.data)
    if type(made) is type(term.data) and made == term.data:
        return term
    return Term(
        made,  # type: ignore[arg-type]  # a scalar
        term.trace,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )
