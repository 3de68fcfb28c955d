"""The operators, built-in functions and methods of Python, over what is known."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final

from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    TEXT_LIMIT,
    NotWorkedOut,
    decisions_of,
    opaque,
    unknown_member,
)
from azmlint.expressions.term import UNKNOWN, Object, Symbol, Term, derived, text_of
from azmlint.expressions.truth import Reason
from azmlint.sources.python_values import Bound, Listed, Made, Mapped, Thing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.expressions.term import Part
    from azmlint.location import Place

_WHOLE_BITS: Final = 256
"""How long whole numbers may become."""

_WIDTH: Final = re.compile(r"\d{4,}|\*|\{")
"""What would pad a text beyond all measure, or is filled in."""


class Failed(Exception):  # noqa: N818  # the value becomes unknown
    """The program would raise an error here; says which."""


_ERRORS: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What Python raises for arguments that do not fit, and the program would, too."""

OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": operator.pow,
    "BitOr": operator.or_,
    "BitAnd": operator.and_,
    "BitXor": operator.xor,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
}

COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "In": lambda a, b: a in b,
    "NotIn": lambda a, b: a not in b,
    "Is": lambda a, b: a is b or (type(a) is type(b) and a == b and isinstance(a, (bool, str))),
    "IsNot": lambda a, b: not (a is b or (type(a) is type(b) and a == b)),
}

SIGNS: Final[dict[str, str]] = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**",
    "BitOr": "|", "BitAnd": "&", "BitXor": "^", "LShift": "<<", "RShift": ">>", "Eq": "==",
    "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "In": "in", "NotIn": "not in",
    "Is": "is", "IsNot": "is not", "MatMult": "@",
}  # fmt: skip


def _range(*bounds: int) -> list[int]:
    made = range(*bounds)
    if len(made) > ITEM_LIMIT:
        raise NotWorkedOut
    return list(made)


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "len": len,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "set": lambda *a: list(dict.fromkeys(*a)),
    "frozenset": lambda *a: list(dict.fromkeys(*a)),
    "sorted": sorted,
    "reversed": lambda a: list(reversed(a)),
    "range": _range,
    "enumerate": lambda a, start=0: list(enumerate(a, start)),
    "zip": lambda *a: list(zip(*a)),  # noqa: B905  # as the program has it
    "min": min,
    "max": max,
    "sum": sum,
    "abs": abs,
    "round": round,
    "any": any,
    "all": all,
    "repr": repr,
}
"""Functions of which the result is worked out; their arguments are plain data."""

_TEXT_METHODS: Final = frozenset({
    "lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "casefold", "swapcase",
    "replace", "split", "rsplit", "splitlines", "join", "startswith", "endswith", "removeprefix",
    "removesuffix", "partition", "rpartition", "find", "count", "index", "isdigit", "isalpha",
    "isalnum", "zfill", "ljust", "rjust", "center", "format",
})  # fmt: skip
_NUMBER_METHODS: Final = frozenset({"bit_length", "is_integer"})
_PADDING: Final = frozenset({"zfill", "ljust", "rjust", "center"})


def plain(thing: Thing) -> Any:  # noqa: ANN401  # data of any kind
    """Give plain data; raises NotWorkedOut when some piece of it is not known."""
    if isinstance(thing, Term):
        if thing.is_known and not isinstance(thing.data, (Object, list)):
            return thing.data
        raise NotWorkedOut(thing)
    if isinstance(thing, Listed) and thing.rest is None:
        items = [plain(i) for i in thing.items]
        return tuple(items) if thing.is_tuple else items
    if isinstance(thing, Mapped) and thing.rest is None:
        return {k: plain(v) for k, v in thing.pairs.items()}
    raise NotWorkedOut


def thing_of(data: object, trace: tuple[Place, ...]) -> Thing:
    """Give what plain data stands for."""
    if isinstance(data, (list, tuple)):
        if len(data) > ITEM_LIMIT:
            raise NotWorkedOut
        items = [thing_of(i, trace) for i in data]
        return Listed(items, trace, is_tuple=isinstance(data, tuple))
    if isinstance(data, dict):
        made = Mapped(trace)
        for key, value in data.items():
            made.pairs[key] = thing_of(value, trace)
        return made
    if isinstance(data, str) and len(data) > TEXT_LIMIT:
        raise NotWorkedOut
    if isinstance(data, int) and data.bit_length() > _WHOLE_BITS:
        raise NotWorkedOut
    if data is None or isinstance(data, (str, int, float, bool)):
        return Term(data, trace)
    raise NotWorkedOut


def as_term(thing: Thing) -> Term:
    """Give the term that stands for something in what is unknown of it."""
    if isinstance(thing, Term):
        return thing
    if isinstance(thing, Bound):
        return unknown_member(as_term(thing.of), Term(thing.name)).at(*thing.trace)
    if isinstance(thing, (Listed, Mapped)):
        symbol = Symbol(("python object", id(thing)), "...", is_text=False)
    else:
        shown = thing.kind if isinstance(thing, Made) else getattr(thing, "name", "...")
        symbol = Symbol(("python object", id(thing)), shown.rpartition(".")[2], is_text=False)
    reason = Reason("runtime", f"'{symbol.text}' is not worked out")
    return Term(UNKNOWN, reason=reason, parts=(symbol,))


def not_known(name: str, things: Sequence[Thing], trace: tuple[Place, ...]) -> Term:
    """Make the unknown result of an operation."""
    found = opaque(name, [as_term(t) for t in things])
    return Term(UNKNOWN, trace, reason=found.reason, parts=found.parts, decisions=found.decisions)


def binary(name: str, left: Thing, right: Thing, trace: tuple[Place, ...]) -> Thing:
    """Apply an operator."""
    if name == "Add" and isinstance(left, Listed) and isinstance(right, Listed):
        rest = left.rest or right.rest
        if len(left.items) + len(right.items) > ITEM_LIMIT:
            raise NotWorkedOut
        return Listed([*left.items, *right.items], trace, rest=rest, is_tuple=left.is_tuple)
    if name == "BitOr" and isinstance(left, Mapped) and isinstance(right, Mapped):
        return merged(left, right, trace)
    try:
        one, two = plain(left), plain(right)
    except NotWorkedOut:
        if name == "Add" and (is_text(left) or is_text(right)):
            return joined([left, right], trace)
        return not_known(SIGNS[name], (left, right), trace)
    _check(name, one, two)
    return _apply(OPERATORS[name], (one, two), {}, trace, SIGNS[name])


def merged(left: Mapped, right: Mapped, trace: tuple[Place, ...]) -> Mapped:
    """Join two dictionaries; the second one counts."""
    made = Mapped(trace)
    for one in (left, right):
        made.pairs.update(one.pairs)
        made.keys_at.update(one.keys_at)
        made.rest = made.rest or one.rest
    return made


def _check(name: str, one: object, two: object) -> None:
    """Raise NotWorkedOut for what would take long or become large."""
    if name == "Mult":
        for sized, times in ((one, two), (two, one)):
            if isinstance(sized, (str, list, tuple)) and isinstance(times, int):
                limit = TEXT_LIMIT if isinstance(sized, str) else ITEM_LIMIT
                if len(sized) * max(times, 0) > limit:
                    raise NotWorkedOut
    elif name in {"Pow", "LShift"}:
        if not isinstance(two, int) or not isinstance(one, (int, float)) or abs(two) > 64:  # noqa: PLR2004
            raise NotWorkedOut
    elif name == "Mod" and isinstance(one, str) and _WIDTH.search(one.replace("{", "")):
        raise NotWorkedOut


def _apply(
    work: Callable[..., Any],
    arguments: Sequence[object],
    named: dict[str, Any],
    trace: tuple[Place, ...],
    shown: str,
) -> Thing:
    try:
        return thing_of(work(*arguments, **named), trace)
    except _ERRORS as error:
        raise Failed(f"{shown} raises {type(error).__name__}: {error}") from None


def compare(name: str, left: Thing, right: Thing, trace: tuple[Place, ...]) -> Thing:
    """Compare two things."""
    is_asked_for_none = name in {"Is", "IsNot", "Eq", "NotEq"} and _is_none(right)
    if is_asked_for_none and isinstance(left, (Listed, Mapped, Made)):
        return Term(name in {"IsNot", "NotEq"}, trace)
    try:
        return _apply(COMPARISONS[name], (plain(left), plain(right)), {}, trace, SIGNS[name])
    except NotWorkedOut:
        return not_known(SIGNS[name], (left, right), trace)


def _is_none(thing: Thing) -> bool:
    return isinstance(thing, Term) and thing.is_known and thing.data is None


def truth(thing: Thing) -> bool | None:
    """Say whether something counts as true; None while it is not known."""
    if isinstance(thing, Term):
        if thing.is_unknown:
            return None
        return bool(thing.data) and not thing.is_absent
    if isinstance(thing, Listed):
        return True if thing.items else (None if thing.rest is not None else False)
    if isinstance(thing, Mapped):
        return True if thing.pairs else (None if thing.rest is not None else False)
    return True if isinstance(thing, Made) else None


def is_text(thing: Thing) -> bool:
    """Whether something is certainly a text."""
    return isinstance(thing, Term) and thing.is_text


def joined(pieces: Sequence[Thing], trace: tuple[Place, ...]) -> Term:
    """Join texts of which pieces may be unknown."""
    terms = [as_term(p) for p in pieces]
    parts: list[Part] = []
    for term in terms:
        if term.is_unknown:
            parts += [_as_text(p) for p in term.parts]
        else:
            parts.append(str(term.data))
    whole = text_of(parts)
    if sum(len(p) for p in whole if isinstance(p, str)) > TEXT_LIMIT:
        raise NotWorkedOut
    decisions = decisions_of(terms)
    if all(isinstance(p, str) for p in whole):
        return Term("".join(map(str, whole)), trace, decisions=decisions)
    reason = next((t.reason for t in terms if t.reason is not None), None)
    return Term(UNKNOWN, trace, reason=reason, parts=whole, decisions=decisions)


def _as_text(part: Part) -> Part:
    if isinstance(part, str) or part.is_text:
        return part
    return Symbol(derived("str", part.identity), part.text)


def formatted(value: Thing, conversion: int, spec: str) -> Thing:
    """Format one field of an f-string; raises NotWorkedOut where more than its text counts."""
    data = plain(value)
    if _WIDTH.search(spec):
        raise NotWorkedOut
    conversions: dict[int, Callable[[object], str]]
    conversions = {ord("r"): repr, ord("s"): str, ord("a"): ascii}
    work = conversions.get(conversion)
    text = work(data) if work is not None else data
    try:
        return Term(format(text, spec))
    except (TypeError, ValueError) as error:
        raise Failed(f"the format '{spec}' raises {type(error).__name__}") from None


def function(
    name: str, arguments: Sequence[Thing], named: dict[str, Thing], trace: tuple[Place, ...]
) -> Thing | None:
    """Call a built-in function; None for one of which nothing is known."""
    if name not in _FUNCTIONS:
        return None
    kept = _kept(name, arguments, named, trace)
    if kept is not None:
        return kept
    try:
        values = [plain(a) for a in arguments]
        options = {k: plain(v) for k, v in named.items()}
    except NotWorkedOut:
        if name == "str" and len(arguments) == 1 and isinstance(as_term(arguments[0]), Term):
            return joined(arguments, trace)
        return not_known(name, (*arguments, *named.values()), trace)
    return _apply(_FUNCTIONS[name], values, options, trace, f"{name}()")


def _kept(
    name: str, arguments: Sequence[Thing], named: dict[str, Thing], trace: tuple[Place, ...]
) -> Thing | None:
    """Give a result that is made of the arguments themselves, so that these keep their places."""
    first = arguments[0] if arguments else None
    if name in {"int", "str", "float", "bool"} and len(arguments) == 1 and not named:
        if not isinstance(first, Term) or not first.is_known:
            return None
        made = _apply(_FUNCTIONS[name], (plain(first),), {}, first.trace, f"{name}()")
        # Who changes "4" in int("4") has changed the number.
        is_same = isinstance(made, Term) and str(made.data) == str(first.data)
        literal = first.is_literal and is_same
        return (
            Term(made.data, first.trace or trace, is_literal=literal)
            if isinstance(made, Term)
            else None
        )
    if name == "dict" and (not arguments or isinstance(first, (Mapped, Listed))):
        return _dict(first, named, trace)
    if name in {"list", "tuple", "set", "frozenset", "reversed", "sorted"} and not named:
        return _sequence(name, arguments, trace)
    if name == "enumerate" and isinstance(first, Listed) and first.rest is None:
        start = plain(arguments[1]) if len(arguments) > 1 else 0
        start = plain(named["start"]) if "start" in named else start
        pairs: list[Thing] = [
            Listed([Term(i, trace), item], trace, is_tuple=True)
            for i, item in enumerate(first.items, start)
        ]
        return Listed(pairs, trace)
    if (
        name == "zip"
        and arguments
        and all(isinstance(a, Listed) and a.rest is None for a in arguments)
    ):
        rows = zip(*(a.items for a in arguments if isinstance(a, Listed)))  # noqa: B905  # as zip does
        return Listed([Listed(list(r), trace, is_tuple=True) for r in rows], trace)
    return None


def _dict(first: Thing | None, named: dict[str, Thing], trace: tuple[Place, ...]) -> Thing | None:
    made = Mapped(trace)
    if isinstance(first, Mapped):
        made = merged(first, made, trace)
    elif isinstance(first, Listed):
        for pair in first.items:
            if not isinstance(pair, Listed) or len(pair.items) != 2:  # noqa: PLR2004
                return None
            made.pairs[key_of(pair.items[0])] = pair.items[1]
        made.rest = first.rest
    made.pairs.update(named)
    return made


def _sequence(name: str, arguments: Sequence[Thing], trace: tuple[Place, ...]) -> Thing | None:
    if not arguments:
        return Listed([], trace, is_tuple=name == "tuple")
    first = arguments[0]
    items: list[Thing]
    if isinstance(first, Listed):
        items = list(first.items)
    elif isinstance(first, Mapped):
        items = keys_of(first)
    else:
        return None
    if name == "reversed":
        items.reverse()
    elif name in {"sorted", "set", "frozenset"}:
        values = [plain(i) for i in items]
        if name == "sorted":
            try:
                order = sorted(range(len(values)), key=values.__getitem__)
            except TypeError as error:
                raise Failed(f"sorted() raises TypeError: {error}") from None
        else:
            order = list({repr(v): i for i, v in reversed(list(enumerate(values)))}.values())
            order.sort()
        items = [items[i] for i in order]
    return Listed(items, trace, rest=first.rest, is_tuple=name == "tuple")


def keys_of(thing: Mapped) -> list[Thing]:
    """List the keys of a dictionary."""
    return [
        Term(key, (place,) if (place := thing.keys_at.get(key)) is not None else thing.trace)
        for key in thing.pairs
    ]


def key_of(thing: Thing) -> str | int | float | bool | None:
    """Give the key of a dictionary that something is; raises NotWorkedOut."""
    data = plain(thing)
    if isinstance(data, (list, dict, tuple)):
        raise NotWorkedOut
    return data  # type: ignore[no-any-return]  # a scalar


def item(of: Thing, key: Thing, trace: tuple[Place, ...]) -> Thing:
    """Give `of[key]`."""
    try:
        if isinstance(of, Mapped):
            return _value(of, key)
        if isinstance(of, Listed) and of.rest is None:
            return _at(of, plain(key))
        if isinstance(of, Term) and isinstance(of.data, str):
            return _apply(operator.getitem, (of.data, plain(key)), {}, trace, "the index")
    except NotWorkedOut:
        return not_known("item", (of, key), trace)
    return unknown_member(as_term(of), as_term(key)).at(*trace)


def _value(of: Mapped, key: Thing) -> Thing:
    name = key_of(key)
    found = of.pairs.get(name)
    if found is not None:
        return found
    if of.rest is not None:
        return unknown_member(of.rest, as_term(key))
    raise Failed(f"there is no key {name!r}")


def _at(of: Listed, index: object) -> Thing:
    if not isinstance(index, int):
        raise Failed("the index is no whole number")
    if not -len(of.items) <= index < len(of.items):
        raise Failed(f"there is no item {index}")
    return of.items[index]


def method(
    of: Thing,
    name: str,
    arguments: Sequence[Thing],
    named: dict[str, Thing],
    trace: tuple[Place, ...],
) -> Thing | None:
    """Call a method of plain data; None for one of which nothing is known."""
    if isinstance(of, Mapped):
        return _of_map(of, name, arguments, named, trace)
    if isinstance(of, Listed):
        return _of_list(of, name, arguments, trace)
    if not isinstance(of, Term):
        return None
    if of.is_known and isinstance(of.data, (str, int, float)):
        return _of_scalar(of, name, arguments, named, trace)
    if name in {"lower", "upper", "strip", "title", "replace", "format"} and of.is_unknown:
        return not_known(name, (of, *arguments, *named.values()), trace)
    return None


def _of_scalar(
    of: Term,
    name: str,
    arguments: Sequence[Thing],
    named: dict[str, Thing],
    trace: tuple[Place, ...],
) -> Thing | None:
    text = of.data
    if isinstance(text, str):
        if name not in _TEXT_METHODS:
            return None
    elif name not in _NUMBER_METHODS:
        return None
    if name == "format" and isinstance(text, str):
        return _format(text, arguments, named, trace)
    try:
        values = [plain(a) for a in arguments]
        options = {k: plain(v) for k, v in named.items()}
    except NotWorkedOut:
        joinable = arguments[0] if name == "join" and len(arguments) == 1 else None
        if isinstance(joinable, Listed) and joinable.rest is None:
            pieces: list[Thing] = []
            for one in joinable.items:
                pieces += [of, one]
            return joined(pieces[1:], trace)
        return not_known(name, (of, *arguments, *named.values()), trace)
    if name in _PADDING and values and (not isinstance(values[0], int) or values[0] > ITEM_LIMIT):
        raise NotWorkedOut
    if _length(name, str(text), values) > TEXT_LIMIT:
        raise NotWorkedOut
    return _apply(getattr(text, name), values, options, trace, f"{name}()")


def _length(name: str, text: str, values: Sequence[Any]) -> int:
    """Say how long the result of a method may become."""
    if name == "replace" and len(values) > 1:
        return (len(text) + 1) * len(str(values[1]))
    if name == "join" and values and isinstance(values[0], (list, tuple, dict)):
        return sum(len(str(v)) + len(text) for v in values[0])
    return 0


_FIELD: Final = re.compile(r"\{\{|\}\}|\{(\w*+)([^{}]*+)\}|([^{}]+)")


def _format(
    text: str, arguments: Sequence[Thing], named: dict[str, Thing], trace: tuple[Place, ...]
) -> Thing:
    """Fill in a format of which not every argument is known."""
    pieces: list[Thing] = []
    at = counter = 0
    for match in _FIELD.finditer(text):
        if match.start() != at:
            break
        at = match.end()
        if match[0] in {"{{", "}}"}:
            pieces.append(Term(match[0][0]))
        elif match[3] is not None:
            pieces.append(Term(match[3]))
        else:
            field, rest = match[1], match[2]
            found: Thing | None
            if field == "" or field.isdigit():
                index = int(field) if field else counter
                counter += 1
                found = arguments[index] if index < len(arguments) else None
            else:
                found = named.get(field)
            if found is None:
                raise Failed("format() raises IndexError or KeyError")
            pieces.append(_field(found, rest))
    if at != len(text):
        raise NotWorkedOut
    return joined(pieces, trace) if pieces else Term("", trace)


def _field(value: Thing, rest: str) -> Thing:
    """Format one value as `!r:>10` says."""
    if rest == "":
        return value if isinstance(value, Term) else Term(str(plain(value)))
    match = re.fullmatch(r"(?:!([rsa]))?(?::(.*))?", rest)
    if match is None:
        raise NotWorkedOut
    return formatted(value, ord(match[1]) if match[1] else -1, match[2] or "")


def _of_map(
    of: Mapped,
    name: str,
    arguments: Sequence[Thing],
    named: dict[str, Thing],
    trace: tuple[Place, ...],
) -> Thing | None:
    if name in {"get", "pop", "setdefault"} and arguments:
        default = arguments[1] if len(arguments) > 1 else named.get("default", Term(None, trace))
        try:
            key = key_of(arguments[0])
        except NotWorkedOut:
            return not_known(name, (of, *arguments), trace)
        found = of.pairs.get(key)
        if found is None and of.rest is not None:
            return unknown_member(of.rest, as_term(arguments[0]))
        if name == "pop":
            of.pairs.pop(key, None)
        if name == "setdefault" and found is None:
            of.pairs[key] = default
        return found if found is not None else default
    if name == "keys":
        return Listed(keys_of(of), trace, rest=of.rest)
    if name == "values":
        return Listed(list(of.pairs.values()), trace, rest=of.rest)
    if name == "items":
        rows: list[Thing] = [
            Listed([key, value], trace, is_tuple=True)
            for key, value in zip(keys_of(of), of.pairs.values(), strict=True)
        ]
        return Listed(rows, trace, rest=of.rest)
    if name == "copy":
        return merged(of, Mapped(), of.trace)
    return None


def _of_list(
    of: Listed, name: str, arguments: Sequence[Thing], trace: tuple[Place, ...]
) -> Thing | None:
    if name in {"append", "add"} and len(arguments) == 1:
        if len(of.items) >= ITEM_LIMIT:
            raise NotWorkedOut
        of.items.append(arguments[0])
        return Term(None, trace)
    if name == "extend" and len(arguments) == 1:
        more = arguments[0]
        if isinstance(more, Listed) and len(of.items) + len(more.items) < ITEM_LIMIT:
            of.items += more.items
            of.rest = of.rest or more.rest
        else:
            of.rest = of.rest or as_term(more)
        return Term(None, trace)
    if name == "insert" and len(arguments) == 2:  # noqa: PLR2004
        of.items.insert(plain(arguments[0]), arguments[1])
        return Term(None, trace)
    if name == "copy":
        return Listed(list(of.items), of.trace, rest=of.rest, is_tuple=of.is_tuple)
    if name in {"index", "count"} and len(arguments) == 1:
        return _apply(getattr(plain(of), name), [plain(arguments[0])], {}, trace, f"{name}()")
    return None
