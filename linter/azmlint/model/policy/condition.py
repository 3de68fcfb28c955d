"""The conditions of Azure Policy: one value against what is wanted of it.

Source: Azure Policy definition structure, policy rule (March 2025). Texts compare without case; a
property that is not there equals nothing, so that every negated condition holds for it. What the
documentation leaves open, and what would make the service's own evaluation fail, is undecided.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import Object, Symbol, Term, same_text
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, truth, undecided

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Part


class Operator(NamedTuple):
    """One condition, with its opposite told apart."""

    base: str
    is_negated: bool


_NEGATED: Final = {
    "notequals": "equals",
    "notlike": "like",
    "notmatch": "match",
    "notmatchinsensitively": "matchinsensitively",
    "notcontains": "contains",
    "notin": "in",
    "notcontainskey": "containskey",
}


def operator_of(word: str) -> Operator | None:
    """Read the name of a condition, whatever its case; None when it is none."""
    folded = word.casefold()
    base = _NEGATED.get(folded, folded)
    return Operator(base, folded in _NEGATED) if base in _TESTS else None


def holds(operator: Operator, term: Term, wanted: Term, *, is_region: bool = False) -> Truth:
    """Whether a condition holds for a value; `is_region` compares regions in any spelling."""
    if is_region:
        term, wanted = _squeezed(term), _squeezed(wanted)
    if wanted.is_unknown:
        return _open(wanted)
    verdict = _TESTS[operator.base](term, wanted)
    return ~verdict if operator.is_negated else verdict


def text_of(term: Term) -> str | None:
    """Write a scalar as conditions compare it; None for what is no known scalar."""
    data = term.data
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, (str, int, float)):
        return str(data)
    return None


def is_nothing(term: Term) -> bool:
    """Whether nothing is there; an explicit null counts as nothing."""
    return term.is_absent or term.data is None


def _open(*terms: Term) -> Truth:
    reasons = tuple(dict.fromkeys(r for t in terms for r in _reasons(t)))
    decisions = tuple(dict.fromkeys(d for t in terms for d in t.decisions))
    return Truth(None, reasons or (Reason("function", "the value is not known"),), decisions)


def _reasons(term: Term) -> tuple[Reason, ...]:
    return (term.reason,) if term.reason is not None else ()


def _squeezed(term: Term) -> Term:
    if isinstance(term.data, str):
        return Term(term.data.replace(" ", ""), term.trace, decisions=term.decisions)
    if isinstance(term.data, list):
        return Term([_squeezed(t) for t in term.data], term.trace, decisions=term.decisions)
    return term


def _equals(term: Term, wanted: Term) -> Truth:
    other = text_of(wanted)
    if is_nothing(term):
        if wanted.data == "":
            return undecided(
                "function", "whether nothing equals an empty text is not documented by Azure Policy"
            )
        return truth(is_nothing(wanted))
    if other is None:
        if is_nothing(wanted):
            return FALSE if term.is_known else _open(term)
        return _not_worked_out("a condition that compares whole lists or objects")
    own = text_of(term)
    if own is not None:
        return truth(own.casefold() == other.casefold())
    if term.is_unknown:
        verdict = same_text(term.text_parts, (other,)) if term.text_parts else None
        return _open(term) if verdict is None else truth(verdict)
    return _not_worked_out("a condition that compares whole lists or objects")


def _in(term: Term, wanted: Term) -> Truth:
    if not isinstance(wanted.data, list):
        return _not_worked_out("'in' without a list")
    verdict = FALSE
    for member in wanted.data:
        verdict |= _open(member) if member.is_unknown else _equals(term, member)
        if verdict.known:
            break
    return verdict


_ANY: Final = Symbol(("policy", "*"), "*")


def _like(term: Term, wanted: Term) -> Truth:
    pattern = text_of(wanted)
    if pattern is None:
        return _not_worked_out("'like' without a text")
    start, star, end = pattern.casefold().partition("*")
    if "*" in end:
        return _not_worked_out("'like' with several '*'")
    if not star:
        return _equals(term, wanted)
    if is_nothing(term):
        return FALSE
    own = text_of(term)
    if own is not None:
        own = own.casefold()
        is_long = len(own) >= len(start) + len(end)
        return truth(is_long and own.startswith(start) and own.endswith(end))
    if not term.is_unknown:
        return _not_worked_out("'like' of a list or an object")
    return _like_in_part(term, start, end)


def _like_in_part(term: Term, start: str, end: str) -> Truth:
    """Match a text of which only pieces are known."""
    parts = term.text_parts
    first, last = (_known(parts[0]), _known(parts[-1])) if parts else ("", "")
    # The two known ends are different pieces, because something unknown stands between them.
    if parts and first.startswith(start) and last.endswith(end):
        return TRUE
    pattern = tuple(p for p in (start, _ANY, end) if p != "")
    return FALSE if same_text(parts, pattern) is False else _open(term)


def _known(part: Part) -> str:
    return part.casefold() if isinstance(part, str) else ""


_SIGNS: Final = {"#": r"\d", "?": r"[^\W\d_]", ".": r"."}


def _match(term: Term, wanted: Term) -> Truth:
    return _matches(term, wanted, re.DOTALL)


def _match_insensitively(term: Term, wanted: Term) -> Truth:
    return _matches(term, wanted, re.DOTALL | re.IGNORECASE)


def _matches(term: Term, wanted: Term, flags: int) -> Truth:
    pattern = text_of(wanted)
    if pattern is None:
        return _not_worked_out("'match' without a text")
    if is_nothing(term):
        return FALSE
    own = text_of(term)
    if own is None:
        return _open(term) if term.is_unknown else _not_worked_out("'match' of a list or an object")
    spelled = "".join(_SIGNS.get(c) or re.escape(c) for c in pattern)
    return truth(re.fullmatch(spelled, own, flags) is not None)


def _contains(term: Term, wanted: Term) -> Truth:
    piece = text_of(wanted)
    if piece is None or "*" in piece:
        return _not_worked_out("'contains' of what is no text, or has a '*'")
    if is_nothing(term):
        return FALSE
    own = text_of(term)
    if own is not None:
        return truth(piece.casefold() in own.casefold())
    if term.is_unknown:
        is_there = any(piece.casefold() in _known(p) for p in term.text_parts)
        return TRUE if is_there else _open(term)
    return _not_worked_out("'contains' of a list or an object")


def _contains_key(term: Term, wanted: Term) -> Truth:
    key = text_of(wanted)
    if key is None:
        return _not_worked_out("'containsKey' without a text")
    if is_nothing(term):
        return FALSE
    if not isinstance(term.data, Object):
        return _open(term) if term.is_unknown else _not_worked_out("'containsKey' of no object")
    if term.data.lookup(key) is not None:
        return TRUE
    is_open = term.data.is_lazy or term.data.may_be(key)
    return _open(term, *term.data.open_keys()) if is_open else FALSE


def _exists(term: Term, wanted: Term) -> Truth:
    word = (text_of(wanted) or "").casefold()
    if word not in {"true", "false"}:
        return _not_worked_out("'exists' of what is neither true nor false")
    if term.is_unknown:
        # An expression that stands for a value counts as written; only a decision can leave open
        # whether anything is written at all.
        reason = term.reason
        is_open = bool(term.decisions) or (reason is not None and reason.kind == "open")
        return _open(term) if is_open else truth(word == "true")
    return truth(is_nothing(term) == (word == "false"))


def _less(term: Term, wanted: Term) -> Truth:
    return _ordered(term, wanted, lambda sign: sign < 0)


def _less_or_equals(term: Term, wanted: Term) -> Truth:
    return _ordered(term, wanted, lambda sign: sign <= 0)


def _greater(term: Term, wanted: Term) -> Truth:
    return _ordered(term, wanted, lambda sign: sign > 0)


def _greater_or_equals(term: Term, wanted: Term) -> Truth:
    return _ordered(term, wanted, lambda sign: sign >= 0)


def _ordered(term: Term, wanted: Term, test: Callable[[int], bool]) -> Truth:
    if is_nothing(term):
        return FALSE
    if term.is_unknown:
        return _open(term)
    one, two = _comparable(term), _comparable(wanted)
    if one is not None and two is not None:
        if isinstance(one, dt.datetime) and isinstance(two, dt.datetime):
            return truth(test((one > two) - (one < two)))
        if isinstance(one, str) and isinstance(two, str):
            return truth(test((one > two) - (one < two)))
        if isinstance(one, (int, float)) and isinstance(two, (int, float)):
            return truth(test((one > two) - (one < two)))
    return _not_worked_out("a comparison of values of which the kinds or the order do not fit")


def _comparable(term: Term) -> int | float | str | dt.datetime | None:
    data = term.data
    if isinstance(data, bool):
        return None
    if isinstance(data, (int, float)):
        return data
    if not isinstance(data, str):
        return None
    moment = moment_of(data)
    if moment is not None:
        return moment
    # How the invariant culture sorts other signs than these is another question.
    return data.casefold() if data.isascii() and data.isalnum() else None


_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)?)?"
)


def moment_of(text: str) -> dt.datetime | None:
    """Read a date as Azure writes it; None for another text."""
    if _MOMENT.fullmatch(text) is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d", r"\1", text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


def _not_worked_out(what: str) -> Truth:
    return undecided("function", f"{what} is not worked out")


_TESTS: Final[dict[str, Callable[[Term, Term], Truth]]] = {
    "equals": _equals,
    "like": _like,
    "match": _match,
    "matchinsensitively": _match_insensitively,
    "contains": _contains,
    "in": _in,
    "containskey": _contains_key,
    "less": _less,
    "lessorequals": _less_or_equals,
    "greater": _greater,
    "greaterorequals": _greater_or_equals,
    "exists": _exists,
}
"""By name in lower case."""

WORDS: Final = frozenset(_TESTS) | frozenset(_NEGATED)
"""Every condition, in lower case."""
