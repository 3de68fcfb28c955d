"""What the functions of the template language share: limits, refusals, texts, unknown results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from azmlint.expressions.term import UNKNOWN, Object, Part, Symbol, Term, derived, text_of
from azmlint.expressions.truth import Decision, Reason

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

TEXT_LIMIT: Final = 1 << 20
"""The longest text that an expression may build, in characters."""

ITEM_LIMIT: Final = 10_000
"""The longest array that an expression may build; Resource Manager's own limit for `range`."""

PART_LIMIT: Final = 1_000
"""Of how many known and unknown pieces a text may be made."""

IDENTITY_LIMIT: Final = 1_000
"""How many values of a structure tell it apart from others."""

NODE_LIMIT: Final = 100_000
"""How many values may be written out as text at once."""

NEST_LIMIT: Final = 100
"""How deeply the objects and arrays of a value may nest."""

WHOLE_LIMIT: Final = (1 << 63) - 1
"""The largest whole number of the language."""

Scalar: TypeAlias = "str | int | float | bool | None"

# What these give is known to be no text, even when the value itself is not known.
# fmt: off
_NO_TEXT: Final = frozenset({
    "add", "and", "array", "bool", "contains", "createarray", "createobject",
    "datetimetoepoch", "div", "empty", "endswith", "equals", "filter", "first", "flatten", "float",
    "greater", "greaterorequals", "groupby", "indexof", "int", "intersection", "items",
    "lastindexof", "length", "less", "lessorequals", "map", "mapvalues", "max", "min", "mod",
    "mul", "not", "objectkeys", "or", "parsecidr", "range", "reduce", "shallowmerge", "sort",
    "split", "startswith", "sub", "toobject", "union",
})
# fmt: on

# These give one of some of their arguments, or a part of it.
_PASSED_ON: Final = {
    "coalesce": slice(None),
    "concat": slice(None),
    "if": slice(1, None),
    "skip": slice(1),
    "take": slice(1),
}


class Refused(Exception):  # noqa: N818  # the term becomes unknown
    """The service would refuse a call; says why."""


class TooLarge(Exception):  # noqa: N818  # the term becomes unknown
    """A result is over one of the limits."""


class NotWorkedOut(Exception):  # noqa: N818  # the term becomes unknown
    """The service has an answer that is not worked out here."""

    def __init__(self, because: Term | None = None) -> None:
        """Carry the unknown value that it would take, when it is none of the arguments."""
        super().__init__()
        self.because = because


NULL: Final = Term(None)


def known(value: object, depth: int = 0) -> Term:
    """Make a term of plain data."""
    if depth > NEST_LIMIT:
        raise TooLarge
    if isinstance(value, dict):
        return Term(Object((str(k), known(v, depth + 1)) for k, v in value.items()))
    if isinstance(value, (list, tuple)):
        return Term([known(v, depth + 1) for v in value])
    if isinstance(value, str):
        if len(value) > TEXT_LIMIT:
            raise TooLarge
        return Term(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > WHOLE_LIMIT:
        raise TooLarge
    if value is None or isinstance(value, (bool, int, float)):
        return Term(value)
    raise NotWorkedOut


def decisions_of(terms: Sequence[Term]) -> tuple[Decision, ...]:
    """Collect the decisions that terms rest on, not those of their members."""
    return tuple(dict.fromkeys(d for t in terms for d in t.decisions))


def decisions_within(terms: Sequence[Term]) -> tuple[Decision, ...]:
    """Collect the decisions that terms and all their members rest on."""
    return tuple(dict.fromkeys(d for t in terms for w in t.within() for d in w.decisions))


def identity(term: Term, budget: list[int] | None = None) -> Hashable:
    """Give what makes a term the same as another, for the symbol of a call.

    A structure that is too large is the same as nothing else.
    """
    if budget is None:
        budget = [IDENTITY_LIMIT]
    budget[0] -= 1
    if budget[0] < 0:
        return object()
    data = term.data
    if term.is_unknown:
        return ("?", term.parts)
    if isinstance(data, Object):
        if data.is_lazy:
            return object()
        keys = {k: ("?", t.parts) if t.is_unknown else k for k, t in data.keys_at.items()}
        return ("{}", tuple((keys.get(k, k), identity(v, budget)) for k, v in data.items()))
    if isinstance(data, list):
        return ("[]", tuple(identity(v, budget) for v in data))
    return (type(data).__name__, data) if term.is_known else "absent"


def opaque(name: str, arguments: Sequence[Term], more: Hashable = ()) -> Term:
    """Make the unknown result of a pure function; `more` tells calls apart beside arguments."""
    reason = next((r for r in (_first_reason(a) for a in arguments) if r is not None), None)
    if reason is None:
        reason = Reason("function", f"{name}() is not worked out here")
    shown = ", ".join(_brief(a) for a in arguments)
    text = f"{name}({shown})"
    if len(text) > 80:  # noqa: PLR2004  # for a message
        text = f"{name}(...)"
    folded = name.lower()
    key = (*(identity(a) for a in arguments), more)
    passed_on = arguments[_PASSED_ON.get(folded, slice(0))]
    is_text = folded not in _NO_TEXT and not any(map(is_no_text, passed_on))
    symbol = Symbol(derived(folded, key), text, is_text)
    return Term(UNKNOWN, reason=reason, parts=(symbol,), decisions=decisions_within(arguments))


def is_no_text(term: Term) -> bool:
    """Whether a term is known to be no text; what nothing is known of is taken to be one."""
    if term.is_unknown:
        return not all(isinstance(p, str) or p.is_text for p in term.parts)
    return term.data is not None and not isinstance(term.data, str)


def _brief(term: Term) -> str:
    if term.is_unknown and len(term.parts) == 1 and isinstance(term.parts[0], Symbol):
        return term.parts[0].text
    if isinstance(term.data, str):
        return f"'{term.data}'"
    return term.shown()


def _first_reason(term: Term) -> Reason | None:
    for count, member in enumerate(term.within()):
        if member.reason is not None:
            return member.reason
        if count > IDENTITY_LIMIT:
            break
    return None


def unknown_member(term: Term, name: Term) -> Term:
    """Make the unknown value of a property or an item."""
    reason = next((r for r in (term.reason, name.reason, _first_reason(term)) if r), None)
    if reason is None:
        reason = Reason("function", "the property is not worked out here")
    of = _brief(term) if not isinstance(term.data, (Object, list)) else "..."
    shown = name.shown()
    text = f"{of}.{shown}" if isinstance(name.data, str) else f"{of}[{shown}]"
    symbol = Symbol(derived("member", (identity(term), identity(name))), text)
    decisions = decisions_within((term, name))
    return Term(UNKNOWN, reason=reason, parts=(symbol,), decisions=decisions)


def plain(term: Term) -> object:
    """Give plain data; raises NotWorkedOut when some piece is unknown, TooLarge when too big."""
    budget = [NODE_LIMIT]
    return _plain(term, budget)


def _plain(term: Term, budget: list[int]) -> object:
    budget[0] -= 1
    if budget[0] < 0:
        raise TooLarge
    if not term.is_known:
        raise NotWorkedOut
    if isinstance(term.data, Object):
        if not term.data.is_listed:
            raise NotWorkedOut
        return {k: _plain(v, budget) for k, v in term.data.items()}
    if isinstance(term.data, list):
        return [_plain(v, budget) for v in term.data]
    return term.data


def joined(pieces: Sequence[Term]) -> Term:
    """Join terms as a text; pieces that are unknown stay as such."""
    parts: list[Part] = []
    for piece in pieces:
        if isinstance(piece.data, (Object, list)) or piece.is_absent:
            raise Refused("not a text")
        parts += _text_parts(piece)
    if len(parts) > PART_LIMIT:
        raise TooLarge
    whole = text_of(parts)
    if sum(len(p) for p in whole if isinstance(p, str)) > TEXT_LIMIT:
        raise TooLarge
    decisions = decisions_of(pieces)
    if not whole:
        return Term("", decisions=decisions)
    if len(whole) == 1 and isinstance(whole[0], str):
        return Term(whole[0], decisions=decisions)
    reason = next((p.reason for p in pieces if p.reason is not None), None)
    reason = reason or Reason("function", "how a decimal number is written is not worked out")
    return Term(UNKNOWN, reason=reason, parts=whole, decisions=decisions)


def _text_parts(piece: Term) -> tuple[Part, ...]:
    if not piece.is_unknown:
        data = piece.data
        # .NET writes decimal numbers in more than one way, by where they come from.
        if isinstance(data, float):
            return opaque("string", (piece,)).parts
        return (as_text(data),)  # type: ignore[arg-type]  # scalars only
    return tuple(
        Symbol(derived("string", p.identity), f"string({p.text})")
        if isinstance(p, Symbol) and not p.is_text
        else p
        for p in piece.parts
    )


def as_text(value: Scalar) -> str:
    """Write a scalar as the language does."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    return str(value)


def want(count: int, low: int, high: int | None = None) -> None:
    """Refuse a number of arguments that is out of range."""
    if count < low or (high is not None and count > high):
        raise Refused("wrong number of arguments")
