"""The pure functions of the template language, over terms.

Each takes evaluated arguments and gives a term. An argument that is not known makes the result
unknown, unless what is known decides it; its symbol is built from the function and its arguments,
so that the same call on the same unknowns is the same value. What a function needs of its
deployment is not here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from azmlint.expressions.arm_scalars import SCALARS, counted, lower, text, upper, whole
from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    NULL,
    TEXT_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
    as_text,
    decisions_of,
    decisions_within,
    identity,
    is_no_text,
    joined,
    known,
    opaque,
    plain,
    unknown_member,
    want,
)
from azmlint.expressions.term import (
    ABSENT_TERM,
    COMPARE_LIMIT,
    UNKNOWN,
    Object,
    Part,
    Symbol,
    Term,
    derived,
    same,
    same_text,
    text_of,
)
from azmlint.expressions.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

Function: TypeAlias = "Callable[[Sequence[Term]], Term]"

TERMS: Final[dict[str, Function]] = {}
"""Functions by their names in lower case."""


def _terms(name: str, low: int, high: int | None = None) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        def checked(arguments: Sequence[Term]) -> Term:
            want(len(arguments), low, high)
            try:
                return function(arguments)
            except NotWorkedOut:
                return opaque(name, arguments)

        TERMS[name.lower()] = checked
        return function

    return register


def _list(items: Sequence[Term], arguments: Sequence[Term]) -> Term:
    if len(items) > ITEM_LIMIT:
        raise TooLarge
    return Term(list(items), decisions=decisions_of(arguments))


def _listed(term: Term) -> list[Term]:
    """Give the items of what is known to be an array."""
    return term.data if isinstance(term.data, list) else []


def _object(term: Term) -> Object:
    """Give the members of what is known to be an object."""
    return term.data if isinstance(term.data, Object) else Object()


def _all_known(terms: Sequence[Term]) -> bool:
    return all(t.is_known for t in terms)


def _decided(verdict: Truth, arguments: Sequence[Term]) -> Term:
    if verdict.known is None:
        raise NotWorkedOut
    return Term(verdict.known, decisions=decisions_within(arguments))


# Texts


@_terms("concat", 1)
def _concat(arguments: Sequence[Term]) -> Term:
    if any(isinstance(a.data, list) for a in arguments):
        if not all(isinstance(a.data, list) or a.is_unknown for a in arguments):
            raise Refused("texts and arrays are not joined to each other")
        if not _all_known(arguments):
            raise NotWorkedOut
        return _list([i for a in arguments for i in _listed(a)], arguments)
    if all(a.is_unknown for a in arguments) and any(is_no_text(a) for a in arguments):
        # They may all be arrays.
        raise NotWorkedOut
    return joined(arguments)


_ITEM = re.compile(
    r"\{\{|\}\}|\{(?P<index>[0-9]{1,6})(?:,(?P<width>-?[0-9]{1,9}))?(?::(?P<form>[^{}]*))?\}"
)


@_terms("format", 1)
def _format(arguments: Sequence[Term]) -> Term:
    pattern = arguments[0].data
    if not isinstance(pattern, str):
        raise NotWorkedOut
    pieces: list[Term] = []
    last = 0
    for match in _ITEM.finditer(pattern):
        pieces.append(_literal(pattern[last : match.start()]))
        last = match.end()
        if match["index"] is None:
            pieces.append(Term(match[0][0]))
            continue
        index = int(match["index"])
        if index + 1 >= len(arguments):
            raise Refused("format names an argument that is missing")
        argument = arguments[index + 1]
        if match["width"] or match["form"] or isinstance(argument.data, (Object, list)):
            argument = _formatted(argument, match["width"], match["form"])
        pieces.append(argument)
    pieces.append(_literal(pattern[last:]))
    return joined(pieces).resting_on(decisions_of(arguments))


def _literal(piece: str) -> Term:
    if "{" in piece or "}" in piece:
        raise Refused("a brace of the format has no partner")
    return Term(piece)


def _formatted(argument: Term, width: str | None, form: str | None) -> Term:
    if not argument.is_known or isinstance(argument.data, (Object, list, float)):
        return opaque("format", (argument, Term(form), Term(width)))
    shown = as_text(argument.data)  # type: ignore[arg-type]
    if form and not isinstance(argument.data, (str, bool)):
        match = re.fullmatch(r"([dDnN])([0-9]{0,2})", form)
        number = argument.data
        # How many decimals `N` alone gives depends on the culture.
        if match is None or not isinstance(number, int) or form in {"N", "n"}:
            return opaque("format", (argument, Term(form), Term(width)))
        digits, sign = int(match[2] or 0), "-" if number < 0 else ""
        if match[1] in "dD":
            shown = sign + str(abs(number)).zfill(digits)
        else:
            shown = f"{number:,}" + ("." + "0" * digits if digits else "")
    columns = int(width or 0)
    if abs(columns) > TEXT_LIMIT:
        raise TooLarge
    return Term(shown.rjust(columns) if columns > 0 else shown.ljust(-columns))


@_terms("string", 1, 1)
def _string(arguments: Sequence[Term]) -> Term:
    term = arguments[0]
    if not isinstance(term.data, (Object, list)):
        return joined(arguments)
    values = plain(term)
    if any(isinstance(t.data, float) for t in term.within()):
        raise NotWorkedOut
    written = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return known(written).resting_on(decisions_within(arguments))


@_terms("toLower", 1, 1)
def _to_lower(arguments: Sequence[Term]) -> Term:
    return _by_piece("toLower", lower, arguments)


@_terms("toUpper", 1, 1)
def _to_upper(arguments: Sequence[Term]) -> Term:
    return _by_piece("toUpper", upper, arguments)


def _by_piece(name: str, change: Callable[[str], str], arguments: Sequence[Term]) -> Term:
    term = arguments[0]
    if not term.is_unknown:
        return Term(change(text(term.data)), decisions=term.decisions)
    parts = text_of(
        change(p)
        if isinstance(p, str)
        else Symbol(derived(name.lower(), p.identity), f"{name}({p.text})")
        for p in term.parts
    )
    return Term(UNKNOWN, reason=term.reason, parts=parts, decisions=term.decisions)


@_terms("startsWith", 2, 2)
def _starts_with(arguments: Sequence[Term]) -> Term:
    return _begins(arguments, from_end=False)


@_terms("endsWith", 2, 2)
def _ends_with(arguments: Sequence[Term]) -> Term:
    return _begins(arguments, from_end=True)


def _begins(arguments: Sequence[Term], *, from_end: bool) -> Term:
    term, wanted = arguments
    if wanted.is_unknown:
        raise NotWorkedOut
    sought = upper(text(wanted.data))
    # What is known up to the first unknown piece.
    parts = term.parts if term.is_unknown else (text(term.data),)
    part = parts[-1 if from_end else 0]
    if not isinstance(part, str):
        raise NotWorkedOut
    edge = upper(part)
    if from_end:
        edge, sought = edge[::-1], sought[::-1]
    if term.is_unknown and len(edge) < len(sought) and sought.startswith(edge):
        raise NotWorkedOut
    return Term(edge.startswith(sought), decisions=decisions_of(arguments))


@_terms("substring", 2, 3)
def _substring(arguments: Sequence[Term]) -> Term:
    if not _all_known(arguments[1:]):
        raise NotWorkedOut
    start = whole(arguments[1].data)
    count = whole(arguments[2].data) if len(arguments) > 2 else None  # noqa: PLR2004  # optional
    if start < 0 or (count is not None and count < 0):
        raise Refused("substring is outside the text")
    term = arguments[0]
    if term.is_unknown:
        if count is None:
            return _skipped(term, start, arguments)
        return _taken(_skipped(term, start, arguments), count, arguments)
    value = counted(term.data)
    end = len(value) if count is None else start + count
    if not start <= end <= len(value):
        raise Refused("substring is outside the text")
    return Term(value[start:end], decisions=decisions_of(arguments))


def _taken(term: Term, count: int, arguments: Sequence[Term]) -> Term:
    """Take from a text of which only the start is known."""
    first = term.parts[0]
    if not isinstance(first, str) or len(counted(first)) < count:
        raise NotWorkedOut
    return Term(first[:count], decisions=decisions_of(arguments))


def _skipped(term: Term, count: int, arguments: Sequence[Term]) -> Term:
    """Leave out the start of a text when that much of it is known."""
    first, *rest = term.parts
    if not isinstance(first, str) or len(counted(first)) < count:
        raise NotWorkedOut
    parts = text_of((first[count:], *rest))
    return Term(UNKNOWN, reason=term.reason, parts=parts, decisions=decisions_of(arguments))


@_terms("split", 2, 2)
def _split(arguments: Sequence[Term]) -> Term:
    term, by = arguments
    signs = list(_listed(by)) if isinstance(by.data, list) else [by]
    if not _all_known([by, *signs]):
        raise NotWorkedOut
    marks = [text(s.data) for s in signs]
    if not marks or not all(marks):
        raise NotWorkedOut
    if term.is_unknown:
        return _split_parts(term, marks, arguments)
    pieces = re.split("|".join(re.escape(m) for m in marks), text(term.data))
    return _list([Term(p) for p in pieces], arguments)


def _split_parts(term: Term, marks: list[str], arguments: Sequence[Term]) -> Term:
    """Split a text with unknown pieces, taken to hold no separator of their own.

    Only texts with a known separator are split: names that are joined by `/` hold none.
    """
    if marks != ["/"] or not any(isinstance(p, str) and "/" in p for p in term.parts):
        raise NotWorkedOut
    pieces: list[list[Part]] = [[]]
    for part in term.parts:
        if isinstance(part, Symbol):
            pieces[-1].append(part)
            continue
        first, *rest = part.split("/")
        pieces[-1].append(first)
        pieces += [[p] for p in rest]
    made = []
    for piece in pieces:
        parts = text_of(piece)
        if all(isinstance(p, str) for p in parts):
            made.append(Term("".join(str(p) for p in parts)))
        else:
            made.append(Term(UNKNOWN, reason=term.reason, parts=parts))
    return _list(made, arguments)


@_terms("join", 2, 2)
def _join(arguments: Sequence[Term]) -> Term:
    items, by = arguments
    if items.is_unknown:
        raise NotWorkedOut
    if not isinstance(items.data, list) or not (by.is_unknown or isinstance(by.data, str)):
        raise Refused("join wants an array and a text")
    pieces: list[Term] = []
    for item in items.data:
        pieces += [by, item] if pieces else [item]
    return joined(pieces).resting_on(decisions_of(arguments))


@_terms("guid", 1)
def _guid(arguments: Sequence[Term]) -> Term:
    return opaque("guid", arguments)


@_terms("uniqueString", 1)
def _unique_string(arguments: Sequence[Term]) -> Term:
    return opaque("uniqueString", arguments)


@_terms("buildUri", 1, 1)
def _build_uri(arguments: Sequence[Term]) -> Term:
    return opaque("buildUri", arguments)


@_terms("parseUri", 1, 1)
def _parse_uri(arguments: Sequence[Term]) -> Term:
    return opaque("parseUri", arguments)


# Texts, arrays and objects


@_terms("empty", 1, 1)
def _empty(arguments: Sequence[Term]) -> Term:
    term = arguments[0]
    if term.is_unknown:
        if any(isinstance(p, str) for p in term.parts):
            return Term(data=False, decisions=term.decisions)
        raise NotWorkedOut
    if term.data is None:
        return Term(data=True, decisions=term.decisions)
    if isinstance(term.data, Object) and term.data.is_lazy:
        raise NotWorkedOut
    if isinstance(term.data, (str, list, Object)):
        return Term(not term.data, decisions=term.decisions)
    raise Refused("empty wants a text, an array or an object")


@_terms("length", 1, 1)
def _length(arguments: Sequence[Term]) -> Term:
    data = arguments[0].data
    if arguments[0].is_unknown or (isinstance(data, Object) and not data.is_listed):
        raise NotWorkedOut
    if isinstance(data, str):
        data = counted(data)
    if isinstance(data, (str, list, Object)):
        return Term(len(data), decisions=arguments[0].decisions)
    raise Refused("length wants a text, an array or an object")


@_terms("contains", 2, 2)
def _contains(arguments: Sequence[Term]) -> Term:
    container, piece = arguments
    if isinstance(container.data, Object):
        if not isinstance(piece.data, str):
            raise NotWorkedOut
        found = container.data.lookup(piece.data) is not None
        if not found and container.data.may_be(piece.data):
            raise NotWorkedOut
        return Term(found, decisions=decisions_of(arguments))
    if isinstance(container.data, list):
        return _decided(_among(container.data, piece, [COMPARE_LIMIT]), arguments)
    if container.is_unknown:
        sought = piece.data
        if isinstance(sought, str) and any(
            isinstance(p, str) and sought in p for p in container.parts
        ):
            return Term(data=True, decisions=decisions_of(arguments))
        raise NotWorkedOut
    if not isinstance(container.data, str):
        raise Refused("contains wants a text, an array or an object")
    if piece.is_unknown:
        # What is known of the piece may already be missing.
        if any(isinstance(p, str) and p not in container.data for p in piece.parts):
            return Term(data=False, decisions=decisions_of(arguments))
        raise NotWorkedOut
    return Term(text(piece.data) in container.data, decisions=decisions_of(arguments))


def _among(items: Sequence[Term], wanted: Term, budget: list[int]) -> Truth:
    verdict = Truth(value=False)
    for item in items:
        verdict |= same(item, wanted, budget=budget)
        if verdict.known or budget[0] < 0:
            break
    return verdict


@_terms("equals", 2, 2)
def _equals(arguments: Sequence[Term]) -> Term:
    return _decided(same(*arguments), arguments)


@_terms("first", 1, 1)
def _first(arguments: Sequence[Term]) -> Term:
    return _end(arguments, 0)


@_terms("last", 1, 1)
def _last(arguments: Sequence[Term]) -> Term:
    return _end(arguments, -1)


def _end(arguments: Sequence[Term], index: int) -> Term:
    term = arguments[0]
    if isinstance(term.data, list):
        return (term.data[index] if term.data else NULL).resting_on(term.decisions)
    edge = term.parts[index] if term.is_unknown else text(term.data)
    if not isinstance(edge, str):
        raise NotWorkedOut
    edge = counted(edge)
    return Term(edge[index] if edge else "", decisions=term.decisions)


@_terms("take", 2, 2)
def _take(arguments: Sequence[Term]) -> Term:
    term, count = arguments[0], _count(arguments[1])
    if isinstance(term.data, list):
        return _list(term.data[:count], arguments)
    if term.is_unknown:
        return _taken(term, count, arguments)
    return Term(counted(term.data)[:count], decisions=decisions_of(arguments))


@_terms("skip", 2, 2)
def _skip(arguments: Sequence[Term]) -> Term:
    term, count = arguments[0], _count(arguments[1])
    if isinstance(term.data, list):
        return _list(term.data[count:], arguments)
    if term.is_unknown:
        return _skipped(term, count, arguments)
    return Term(counted(term.data)[count:], decisions=decisions_of(arguments))


def _count(term: Term) -> int:
    if term.is_unknown:
        raise NotWorkedOut
    return max(0, whole(term.data))


@_terms("indexOf", 2, 2)
def _index_of(arguments: Sequence[Term]) -> Term:
    return _position(arguments, is_first=True)


@_terms("lastIndexOf", 2, 2)
def _last_index_of(arguments: Sequence[Term]) -> Term:
    return _position(arguments, is_first=False)


def _position(arguments: Sequence[Term], *, is_first: bool) -> Term:
    container, piece = arguments
    if container.is_unknown:
        raise NotWorkedOut
    if isinstance(container.data, list):
        order = range(len(container.data))
        budget = [COMPARE_LIMIT]
        for index in order if is_first else reversed(order):
            verdict = same(container.data[index], piece, budget=budget)
            if verdict.known is None:
                raise NotWorkedOut
            if verdict.known:
                return Term(index, decisions=decisions_within(arguments))
        return Term(-1, decisions=decisions_within(arguments))
    # .NET's versions disagree on where the last empty text is.
    if piece.is_unknown or (not is_first and piece.data == ""):
        raise NotWorkedOut
    value, wanted = upper(counted(container.data)), upper(text(piece.data))
    found = value.find(wanted) if is_first else value.rfind(wanted)
    return Term(found, decisions=decisions_of(arguments))


# Arrays and objects


@_terms("array", 1, 1)
def _array(arguments: Sequence[Term]) -> Term:
    if isinstance(arguments[0].data, list):
        return arguments[0]
    if arguments[0].is_unknown and not arguments[0].is_text:
        raise NotWorkedOut
    return _list(arguments, arguments)


@_terms("createArray", 0)
def _create_array(arguments: Sequence[Term]) -> Term:
    return _list(arguments, arguments)


@_terms("createObject", 0)
def _create_object(arguments: Sequence[Term]) -> Term:
    if len(arguments) % 2:
        raise Refused("createObject wants pairs")
    made = Object()
    names: set[str] = set()
    for key, value in zip(arguments[::2], arguments[1::2], strict=True):
        if key.is_unknown and not any(isinstance(part, str) for part in key.parts):
            raise NotWorkedOut
        name = key.shown() if key.is_unknown else text(key.data)
        if name.casefold() in names:
            raise NotWorkedOut
        names.add(name.casefold())
        made[name] = value
        if key.is_unknown:
            made.keys_at[name] = key
    return Term(made, decisions=decisions_of(arguments))


def _numbers(arguments: Sequence[Term]) -> list[int]:
    items = list(arguments)
    if len(items) == 1:
        if items[0].is_unknown:
            raise NotWorkedOut
        items = _listed(items[0]) or items
    if not _all_known(items):
        raise NotWorkedOut
    return [whole(i.data) for i in items]


@_terms("min", 1)
def _min(arguments: Sequence[Term]) -> Term:
    return Term(min(_numbers(arguments)), decisions=decisions_within(arguments))


@_terms("max", 1)
def _max(arguments: Sequence[Term]) -> Term:
    return Term(max(_numbers(arguments)), decisions=decisions_within(arguments))


@_terms("union", 1)
def _union(arguments: Sequence[Term]) -> Term:
    _alike(arguments)
    if isinstance(arguments[0].data, Object):
        made = Object()
        for argument in arguments:
            _merge(made, _object(argument), deep=True)
        return Term(made, decisions=decisions_of(arguments))
    items = _distinct([i for a in arguments for i in _listed(a)])
    return _list(items, arguments).resting_on(decisions_within(arguments))


def _alike(arguments: Sequence[Term]) -> None:
    """Let through what is all arrays, or all objects whose members can be listed."""
    if not _all_known(arguments):
        raise NotWorkedOut
    if all(isinstance(a.data, list) for a in arguments):
        return
    if not all(isinstance(a.data, Object) for a in arguments):
        raise Refused("only arrays, or only objects, go together")
    if any(_object(a).is_lazy for a in arguments):
        raise NotWorkedOut


def _distinct(items: Sequence[Term]) -> list[Term]:
    """Keep the first of each; which are the same has to be known."""
    kept: list[Term] = []
    if all(_is_scalar(i) for i in items):
        seen: set[Hashable] = set()
        for item in items:
            key = identity(item)
            if key not in seen:
                seen.add(key)
                kept.append(item)
        return kept
    budget = [COMPARE_LIMIT]
    for item in items:
        verdict = _among(kept, item, budget)
        if verdict.known is None:
            raise NotWorkedOut
        if not verdict.known:
            kept.append(item)
    return kept


def _is_scalar(term: Term) -> bool:
    return term.is_known and not isinstance(term.data, (Object, list, float))


def _merge(into: Object, other: Object, *, deep: bool) -> None:
    names = into.folded()
    open_keys = into.open_keys()
    before = [into.keys_at.get(k, Term(k)).text_parts for k in into] if other.open_keys() else []
    for key, value in other.items():
        term = other.keys_at.get(key, Term(key))
        # The very same computed key on both sides is one key; any other may be one of these.
        rivals = before if term.is_unknown else [k.parts for k in open_keys]
        if any(p != term.text_parts and same_text(p, term.text_parts) is None for p in rivals):
            raise NotWorkedOut
        name = names.setdefault(key.casefold(), key)
        old = into.get(name)
        into[name] = _merged(old, value) if deep and old is not None else value
        if key in other.keys_at:
            into.keys_at[name] = other.keys_at[key]


def _merged(old: Term, new: Term) -> Term:
    if isinstance(old.data, Object) and isinstance(new.data, Object):
        if old.data.is_lazy or new.data.is_lazy:
            return opaque("union", (old, new))
        made = Object(old.data.items())
        made.keys_at.update(old.data.keys_at)
        _merge(made, new.data, deep=True)
        return Term(made, new.trace, decisions=decisions_of((old, new)))
    # An object would be merged into the other, and what null does is not documented.
    may_merge = not old.is_known or isinstance(old.data, Object)
    if new.is_unknown and not may_merge:
        return new if new.is_text else opaque("union", (old, new))
    if new.is_known and new.data is not None and (not may_merge or _is_scalar(new)):
        return new
    if isinstance(new.data, list):
        return new
    return opaque("union", (old, new))


@_terms("shallowMerge", 1, 1)
def _shallow_merge(arguments: Sequence[Term]) -> Term:
    if arguments[0].is_unknown:
        raise NotWorkedOut
    if not isinstance(arguments[0].data, list):
        raise Refused("shallowMerge wants an array of objects")
    items = arguments[0].data
    _alike([Term(Object()), *items])
    made = Object()
    for item in items:
        _merge(made, _object(item), deep=False)
    return Term(made, decisions=decisions_of([*arguments, *items]))


@_terms("intersection", 1)
def _intersection(arguments: Sequence[Term]) -> Term:
    _alike(arguments)
    budget = [COMPARE_LIMIT]
    first, *rest = arguments
    if isinstance(first.data, list):
        kept: list[Term] = []
        for item in _distinct(first.data):
            verdict = Truth(value=True)
            for other in rest:
                verdict &= _among(_listed(other), item, budget)
            if verdict.known is None:
                raise NotWorkedOut
            if verdict.known:
                kept.append(item)
        return _list(kept, arguments).resting_on(decisions_within(arguments))
    if not all(_object(a).is_listed for a in arguments):
        raise NotWorkedOut
    made = Object()
    others = [(_object(o), _object(o).folded()) for o in rest]
    for key, value in _object(first).items():
        verdict = Truth(value=True)
        for their, names in others:
            theirs = their.get(names.get(key.casefold(), ""), ABSENT_TERM)
            alike = same(value, theirs, budget=budget)
            if alike.known is False and isinstance(value.data, (Object, list)):
                # Whether parts of a value are intersected is not documented.
                raise NotWorkedOut
            verdict &= alike
        if verdict.known is None:
            raise NotWorkedOut
        if verdict.known:
            made[key] = value
    return Term(made, decisions=decisions_within(arguments))


@_terms("flatten", 1, 1)
def _flatten(arguments: Sequence[Term]) -> Term:
    if arguments[0].is_unknown:
        raise NotWorkedOut
    if not isinstance(arguments[0].data, list):
        raise Refused("flatten wants an array of arrays")
    items = arguments[0].data
    if not all(isinstance(i.data, list) for i in items):
        raise NotWorkedOut
    return _list([inner for item in items for inner in _listed(item)], [*arguments, *items])


@_terms("items", 1, 1)
def _items(arguments: Sequence[Term]) -> Term:
    data = _sorted(arguments[0])
    rows = [Term(Object((("key", Term(key)), ("value", value)))) for key, value in data]
    return _list(rows, arguments)


@_terms("objectKeys", 1, 1)
def _object_keys(arguments: Sequence[Term]) -> Term:
    return _list([Term(key) for key, _ in _sorted(arguments[0])], arguments)


def _sorted(term: Term) -> list[tuple[str, Term]]:
    if term.is_unknown:
        raise NotWorkedOut
    if not isinstance(term.data, Object):
        raise Refused("an object is missing")
    if not term.data.is_listed:
        raise NotWorkedOut
    return sorted(term.data.items(), key=lambda row: row[0].casefold())


# Members


@_terms("tryGet", 2)
def _try_get(arguments: Sequence[Term]) -> Term:
    term, step, *rest = arguments
    found = member(term, step, is_safe=True)
    for more in rest:
        if found.data is None:
            break
        try:
            found = member(found, more, is_safe=False)
        except Refused:
            # Only the first access is safe in Bicep; what the service gives is not documented.
            raise NotWorkedOut from None
    return found.resting_on(decisions_of(arguments))


@_terms("indexFromEnd", 2, 2)
def _index_from_end(arguments: Sequence[Term]) -> Term:
    return _from_end(arguments, is_safe=False)


@_terms("tryIndexFromEnd", 2)
def _try_index_from_end(arguments: Sequence[Term]) -> Term:
    found = _from_end(arguments[:2], is_safe=True)
    return _try_get([found, *arguments[2:]]) if len(arguments) > 2 else found  # noqa: PLR2004


def _from_end(arguments: Sequence[Term], *, is_safe: bool) -> Term:
    items, index = arguments
    if not _all_known(arguments):
        raise NotWorkedOut
    place, decisions = whole(index.data), decisions_of(arguments)
    if isinstance(items.data, list) and 0 < place <= len(items.data):
        return items.data[-place].resting_on(decisions)
    if is_safe and (items.data is None or isinstance(items.data, list)):
        return NULL.resting_on(decisions)
    raise Refused("the index is outside the array")


def member(term: Term, name: Term, *, is_safe: bool) -> Term:
    """Access a property or an item."""
    data, key = term.data, name.data
    decisions = decisions_of((term, name))
    if isinstance(data, Object) and isinstance(key, str):
        if data.may_be(key):
            return unknown_member(term, name)
        found = data.lookup(key)
        if found is not None:
            return found.resting_on(decisions)
        if not is_safe:
            raise Refused(f"there is no property '{key}'")
        return NULL.resting_on(decisions)
    if isinstance(data, list) and isinstance(key, int) and not isinstance(key, bool):
        if 0 <= key < len(data):
            return data[key].resting_on(decisions)
        if not is_safe:
            raise Refused(f"there is no item {key}")
        return NULL.resting_on(decisions)
    if is_safe and data is None:
        return NULL.resting_on(decisions)
    if term.is_unknown or (name.is_unknown and isinstance(data, (Object, list))):
        return unknown_member(term, name)
    raise Refused(f"'{name.shown()}' is asked of what has no members")


def call(name: str, shown: str, arguments: Sequence[Term]) -> Term | None:
    """Call a pure function; None when there is none of that name."""
    by_terms = TERMS.get(name)
    if by_terms is not None:
        return by_terms(arguments)
    scalar = SCALARS.get(name)
    if scalar is None:
        return None
    want(len(arguments), scalar.low, scalar.high)
    try:
        result = known(scalar.work(*(plain(a) for a in arguments)))
    except (NotWorkedOut, UnicodeEncodeError):
        # Half of a surrogate pair has no bytes.
        return opaque(shown, arguments)
    return result.resting_on(decisions_of(arguments))


NAMES: Final = frozenset(TERMS) | frozenset(SCALARS)
"""Every pure function, in lower case."""
