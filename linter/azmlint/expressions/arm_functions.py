"""The pure functions of the template language, over terms.

Each takes evaluated arguments and gives a term. An argument that is not known makes the result
unknown, with a symbol built from the function and its arguments, so that the same call on the
same unknowns is the same value. What a function needs of its deployment is not here.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import math
import re
import urllib.parse
from typing import TYPE_CHECKING, Final, TypeAlias

from azmlint.expressions.term import (
    ABSENT_TERM,
    UNKNOWN,
    Object,
    Part,
    Symbol,
    Term,
    derived,
    same,
    text_of,
)
from azmlint.expressions.truth import Decision, Reason, Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

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

Scalar: TypeAlias = "str | int | float | bool | None"
Function: TypeAlias = "Callable[[Sequence[Term]], Term]"


class Refused(Exception):  # noqa: N818  # the term becomes unknown
    """The service would refuse a call; says why."""


class TooLarge(Exception):  # noqa: N818  # the term becomes unknown
    """A result is over one of the limits."""


NULL: Final = Term(None)


def known(value: object) -> Term:
    """Make a term of plain data."""
    if isinstance(value, dict):
        return Term(Object((str(k), known(v)) for k, v in value.items()))
    if isinstance(value, (list, tuple)):
        return Term([known(v) for v in value])
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        raise TooLarge
    if value is None or isinstance(value, (str, bool, int, float)):
        return Term(value)
    raise Refused(type(value).__name__)


def decisions_of(terms: Sequence[Term]) -> tuple[Decision, ...]:
    """Collect the decisions that terms rest on."""
    return tuple(dict.fromkeys(d for t in terms for d in t.decisions))


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
        return tuple((k.casefold(), identity(v, budget)) for k, v in data.items())
    if isinstance(data, list):
        return tuple(identity(v, budget) for v in data)
    return (type(data).__name__, data) if term.is_known else "absent"


def opaque(name: str, arguments: Sequence[Term]) -> Term:
    """Make the unknown result of a pure function of something unknown."""
    reason = next((r for r in (_first_reason(a) for a in arguments) if r is not None), None)
    if reason is None:
        reason = Reason("function", f"{name}() is not worked out here")
    shown = ", ".join(_brief(a) for a in arguments)
    text = f"{name}({shown})"
    if len(text) > 80:  # noqa: PLR2004  # for a message
        text = f"{name}(...)"
    symbol = Symbol(derived(name.lower(), tuple(identity(a) for a in arguments)), text)
    return Term(UNKNOWN, reason=reason, parts=(symbol,), decisions=decisions_of(arguments))


def _brief(term: Term) -> str:
    if term.is_unknown and len(term.parts) == 1 and isinstance(term.parts[0], Symbol):
        return term.parts[0].text
    if isinstance(term.data, str):
        return f"'{term.data}'"
    return term.shown()


def _first_reason(term: Term, budget: list[int] | None = None) -> Reason | None:
    if budget is None:
        budget = [100]
    budget[0] -= 1
    if term.reason is not None or budget[0] < 0:
        return term.reason
    inner: Sequence[Term] = ()
    if isinstance(term.data, Object):
        inner = list(term.data.values())
    elif isinstance(term.data, list):
        inner = term.data
    for child in inner:
        found = _first_reason(child, budget)
        if found is not None or budget[0] < 0:
            return found
    return None


def plain(term: Term) -> object:
    """Give plain data; raises LookupError when some piece is unknown, TooLarge when too big."""
    budget = [NODE_LIMIT]
    return _plain(term, budget)


def _plain(term: Term, budget: list[int]) -> object:
    budget[0] -= 1
    if budget[0] < 0:
        raise TooLarge
    if not term.is_known:
        raise LookupError
    if isinstance(term.data, Object):
        return {k: _plain(v, budget) for k, v in term.data.items()}
    if isinstance(term.data, list):
        return [_plain(v, budget) for v in term.data]
    return term.data


def _truth(name: str, verdict: Truth, arguments: Sequence[Term]) -> Term:
    if verdict.known is None:
        return opaque(name, arguments)
    return Term(verdict.known, decisions=decisions_of(arguments))


# Functions of scalars

_SCALARS: dict[str, tuple[Callable[..., object], int, int]] = {}


def _scalar(name: str, low: int, high: int | None = None) -> Callable[..., Callable[..., object]]:
    def register(function: Callable[..., object]) -> Callable[..., object]:
        _SCALARS[name.lower()] = (function, low, low if high is None else high)
        return function

    return register


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused("not a text")  # one error for what does not fit
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("not a whole number")
    if abs(value) > 1 << 63:
        raise TooLarge
    return value


@_scalar("toLower", 1)
def _to_lower(text: object) -> str:
    return _text(text).lower()


@_scalar("toUpper", 1)
def _to_upper(text: object) -> str:
    return _text(text).upper()


@_scalar("trim", 1)
def _trim(text: object) -> str:
    return _text(text).strip()


@_scalar("startsWith", 2)
def _starts_with(text: object, start: object) -> bool:
    return _text(text).lower().startswith(_text(start).lower())


@_scalar("endsWith", 2)
def _ends_with(text: object, end: object) -> bool:
    return _text(text).lower().endswith(_text(end).lower())


@_scalar("replace", 3)
def _replace(text: object, old: object, new: object) -> str:
    text, old, new = _text(text), _text(old), _text(new)
    if not old:
        raise Refused("nothing to replace")
    if len(text) + text.count(old) * len(new) > TEXT_LIMIT:
        raise TooLarge
    return text.replace(old, new)


@_scalar("substring", 2, 3)
def _substring(text: object, start: object, length: object = None) -> str:
    text, start = _text(text), _whole(start)
    end = len(text) if length is None else start + _whole(length)
    if not 0 <= start <= end <= len(text):
        raise Refused("substring is outside the text")
    return text[start:end]


@_scalar("padLeft", 2, 3)
def _pad_left(value: object, width: object, fill: object = " ") -> str:
    text = str(value) if isinstance(value, int) else _text(value)
    if _whole(width) > TEXT_LIMIT:
        raise TooLarge
    return text.rjust(_whole(width), _text(fill)[:1])


@_scalar("base64", 1)
def _base64(text: object) -> str:
    return base64.b64encode(_text(text).encode()).decode()


def _from_base64(text: object) -> str:
    try:
        return base64.b64decode(_text(text), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("not base64") from None


@_scalar("base64ToString", 1)
def _base64_to_string(text: object) -> str:
    return _from_base64(text)


@_scalar("base64ToJson", 1)
def _base64_to_json(text: object) -> object:
    return _json(_from_base64(text))


@_scalar("dataUri", 1)
def _data_uri(text: object) -> str:
    return "data:text/plain;charset=utf8;base64," + _base64(text)  # type: ignore[operator]


@_scalar("dataUriToString", 1)
def _data_uri_to_string(text: object) -> str:
    head, comma, body = _text(text).partition(",")
    if not comma or not head.startswith("data:"):
        raise Refused("not a data URI")
    return _from_base64(body) if head.endswith(";base64") else urllib.parse.unquote(body)


@_scalar("uriComponent", 1)
def _uri_component(text: object) -> str:
    return urllib.parse.quote(_text(text), safe="-_.~")


@_scalar("uriComponentToString", 1)
def _uri_component_to_string(text: object) -> str:
    return urllib.parse.unquote(_text(text))


@_scalar("uri", 2)
def _uri(base: object, relative: object) -> str:
    return urllib.parse.urljoin(_text(base), _text(relative))


@_scalar("json", 1)
def _json(text: object) -> object:
    try:
        return json.loads(_text(text))
    except (ValueError, RecursionError):
        raise Refused("not JSON") from None


@_scalar("int", 1)
def _int(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,19}\s*", value):
        return int(value)
    if isinstance(value, float):
        return int(value)
    return _whole(value)


@_scalar("float", 1)
def _float(value: object) -> float:
    try:
        number = float(_text(value)) if isinstance(value, str) else float(_whole(value))
    except ValueError:
        raise Refused("not a number") from None
    if not math.isfinite(number):
        raise Refused("not a number")
    return number


@_scalar("bool", 1)
def _bool(value: object) -> bool:
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    if isinstance(value, (bool, int)):
        return bool(value)
    raise Refused("not true or false")


@_scalar("not", 1)
def _not(value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused("not true or false")
    return not value


@_scalar("true", 0)
def _true() -> bool:
    return True


@_scalar("false", 0)
def _false() -> bool:
    return False


@_scalar("null", 0)
def _null() -> None:
    return None


@_scalar("add", 2)
def _add(left: object, right: object) -> int:
    return _whole(left) + _whole(right)


@_scalar("sub", 2)
def _sub(left: object, right: object) -> int:
    return _whole(left) - _whole(right)


@_scalar("mul", 2)
def _mul(left: object, right: object) -> int:
    return _whole(left) * _whole(right)


@_scalar("div", 2)
def _div(left: object, right: object) -> int:
    if _whole(right) == 0:
        raise Refused("division by zero")
    quotient = abs(_whole(left)) // abs(_whole(right))
    return quotient if (_whole(left) < 0) == (_whole(right) < 0) else -quotient


@_scalar("mod", 2)
def _mod(left: object, right: object) -> int:
    if _whole(right) == 0:
        raise Refused("division by zero")
    return int(math.fmod(_whole(left), _whole(right)))


def _compare(left: object, right: object) -> int:
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    one, two = _whole(left), _whole(right)
    return (one > two) - (one < two)


@_scalar("less", 2)
def _less(left: object, right: object) -> bool:
    return _compare(left, right) < 0


@_scalar("lessOrEquals", 2)
def _less_or_equals(left: object, right: object) -> bool:
    return _compare(left, right) <= 0


@_scalar("greater", 2)
def _greater(left: object, right: object) -> bool:
    return _compare(left, right) > 0


@_scalar("greaterOrEquals", 2)
def _greater_or_equals(left: object, right: object) -> bool:
    return _compare(left, right) >= 0


@_scalar("range", 2)
def _range(start: object, count: object) -> list[int]:
    if not 0 <= _whole(count) <= ITEM_LIMIT:
        raise TooLarge
    return list(range(_whole(start), _whole(start) + _whole(count)))


_DURATION = re.compile(
    r"(?P<sign>-?)P(?=.)(?:(?P<Y>\d+)Y)?(?:(?P<M>\d+)M)?(?:(?P<W>\d+)W)?(?:(?P<D>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?"
)


@_scalar("dateTimeAdd", 2, 2)
def _date_time_add(base: object, duration: object) -> str:
    match = _DURATION.fullmatch(_text(duration))
    if match is None or match["Y"] or match["M"]:
        raise LookupError
    amount = dt.timedelta(
        weeks=int(match["W"] or 0),
        days=int(match["D"] or 0),
        hours=int(match["h"] or 0),
        minutes=int(match["m"] or 0),
        seconds=int(match["s"] or 0),
    )
    try:
        moment = _moment(base) + (-amount if match["sign"] else amount)
    except OverflowError:
        raise Refused("outside the calendar") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@_scalar("dateTimeToEpoch", 1)
def _date_time_to_epoch(text: object) -> int:
    return int(_moment(text).timestamp())


@_scalar("dateTimeFromEpoch", 1)
def _date_time_from_epoch(seconds: object) -> str:
    try:
        moment = dt.datetime.fromtimestamp(_whole(seconds), dt.UTC)
    except (OverflowError, OSError, ValueError):
        raise Refused("outside the calendar") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: object) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(_text(text))
    except ValueError:
        raise Refused("not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _network(text: object) -> object:
    import ipaddress  # noqa: PLC0415  # only templates that compute addresses need it

    try:
        return ipaddress.ip_network(_text(text), strict=False)
    except ValueError:
        raise Refused("not an address range") from None


@_scalar("parseCidr", 1)
def _parse_cidr(text: object) -> dict[str, object]:
    network = _network(text)
    facts: dict[str, object] = {
        "network": str(network.network_address),  # type: ignore[attr-defined]
        "netmask": str(network.netmask),  # type: ignore[attr-defined]
        "cidr": network.prefixlen,  # type: ignore[attr-defined]
    }
    if network.version == 4:  # type: ignore[attr-defined]  # noqa: PLR2004
        facts["broadcast"] = str(network.broadcast_address)  # type: ignore[attr-defined]
        first, last = 1, -2
        if network.num_addresses <= 2:  # type: ignore[attr-defined]  # noqa: PLR2004
            first, last = 0, -1
        facts["firstUsable"] = str(network[first])  # type: ignore[index]
        facts["lastUsable"] = str(network[last])  # type: ignore[index]
    return facts


@_scalar("cidrSubnet", 3)
def _cidr_subnet(text: object, size: object, index: object) -> str:
    import ipaddress  # noqa: PLC0415

    network = _network(text)
    wanted, nth = _whole(size), _whole(index)
    length = network.prefixlen  # type: ignore[attr-defined]
    if not length <= wanted <= network.max_prefixlen:  # type: ignore[attr-defined]
        raise Refused("the range is too small")
    if not 0 <= nth < 1 << (wanted - length):
        raise Refused("the range has fewer subnets")
    step = 1 << (network.max_prefixlen - wanted)  # type: ignore[attr-defined]
    start = int(network.network_address) + nth * step  # type: ignore[attr-defined]
    return f"{ipaddress.ip_address(start)}/{wanted}"


@_scalar("cidrHost", 2)
def _cidr_host(text: object, index: object) -> str:
    network = _network(text)
    nth = _whole(index) + 1
    if not 0 < nth < network.num_addresses - 1:  # type: ignore[attr-defined]
        raise Refused("the range has fewer hosts")
    return str(network[nth])  # type: ignore[index]


# Functions of terms

_TERMS: dict[str, Function] = {}


def _terms(name: str) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        _TERMS[name.lower()] = function
        return function

    return register


def _arity(arguments: Sequence[Term], low: int, high: int | None = None) -> None:
    if len(arguments) < low or (high is not None and len(arguments) > high):
        raise Refused("wrong number of arguments")


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


@_terms("concat")
def _concat(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1)
    if any(isinstance(a.data, list) for a in arguments):
        if not all(isinstance(a.data, list) for a in arguments):
            return opaque("concat", arguments)
        return _list([i for a in arguments for i in _listed(a)], arguments)
    return joined(arguments)


def joined(pieces: Sequence[Term]) -> Term:
    """Join terms as a text; pieces that are unknown stay as such."""
    parts: list[Part] = []
    for piece in pieces:
        if piece.is_unknown:
            parts += piece.parts
        elif isinstance(piece.data, (Object, list)) or not piece.is_known:
            raise Refused("not a text")
        else:
            parts.append(as_text(piece.data))  # type: ignore[arg-type]  # scalars only
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
    return Term(UNKNOWN, reason=reason, parts=whole, decisions=decisions)


def as_text(value: Scalar) -> str:
    """Write a scalar as the language does."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    return str(value)


_ITEM = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]*))?\}")


@_terms("format")
def _format(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1)
    pattern = arguments[0].data
    if not isinstance(pattern, str):
        return opaque("format", arguments)
    pieces: list[Term] = []
    last = 0
    for match in _ITEM.finditer(pattern):
        pieces.append(Term(pattern[last : match.start()]))
        last = match.end()
        if match[0] in {"{{", "}}"}:
            pieces.append(Term(match[0][0]))
            continue
        index = int(match[1])
        if index + 1 >= len(arguments):
            raise Refused("format names an argument that is missing")
        argument = arguments[index + 1]
        if match[2] or match[3]:
            argument = _formatted(argument, match[2], match[3])
        pieces.append(argument)
    pieces.append(Term(pattern[last:]))
    return joined(pieces).resting_on(decisions_of(arguments))


def _formatted(argument: Term, width: str | None, form: str | None) -> Term:
    if not argument.is_known:
        return opaque("format", (argument, Term(form), Term(width)))
    text = as_text(argument.data)  # type: ignore[arg-type]
    if form:
        match = re.fullmatch(r"[dD](\d{0,3})", form)
        if match is None or not isinstance(argument.data, int):
            return opaque("format", (argument, Term(form)))
        sign = "-" if argument.data < 0 else ""
        text = sign + str(abs(argument.data)).zfill(int(match[1] or 0))
    if width:
        columns = int(width)
        if abs(columns) > TEXT_LIMIT:
            raise TooLarge
        text = text.rjust(columns) if columns > 0 else text.ljust(-columns)
    return Term(text)


@_terms("string")
def _string(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    term = arguments[0]
    if isinstance(term.data, (Object, list)):
        try:
            text = json.dumps(plain(term), separators=(",", ":"), ensure_ascii=False)
        except LookupError:
            return opaque("string", arguments)
        return known(text).resting_on(term.decisions)
    return joined(arguments)


@_terms("array")
def _array(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    if arguments[0].is_unknown or isinstance(arguments[0].data, list):
        return arguments[0] if isinstance(arguments[0].data, list) else opaque("array", arguments)
    return _list(arguments, arguments)


@_terms("createArray")
def _create_array(arguments: Sequence[Term]) -> Term:
    return _list(arguments, arguments)


@_terms("createObject")
def _create_object(arguments: Sequence[Term]) -> Term:
    if len(arguments) % 2:
        raise Refused("createObject wants pairs")
    made = Object()
    for key, value in zip(arguments[::2], arguments[1::2], strict=True):
        if isinstance(key.data, str):
            made[key.data] = value
        elif key.is_unknown and any(isinstance(part, str) for part in key.parts):
            made[key.shown()] = value
            made.keys_at[key.shown()] = key
        else:
            return opaque("createObject", arguments)
    return Term(made, decisions=decisions_of(arguments))


@_terms("empty")
def _empty(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    term = arguments[0]
    if term.is_unknown:
        if any(isinstance(p, str) for p in term.parts):
            return Term(data=False, decisions=term.decisions)
        return opaque("empty", arguments)
    if term.data is None or term.is_absent:
        return Term(data=True, decisions=term.decisions)
    if isinstance(term.data, (str, list, Object)):
        return Term(not term.data, decisions=term.decisions)
    raise Refused("empty wants a text, an array or an object")


@_terms("length")
def _length(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    data = arguments[0].data
    if isinstance(data, (str, list, Object)):
        return Term(len(data), decisions=arguments[0].decisions)
    if arguments[0].is_unknown:
        return opaque("length", arguments)
    raise Refused("length wants a text, an array or an object")


@_terms("contains")
def _contains(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 2, 2)
    whole, piece = arguments
    if isinstance(whole.data, Object):
        if isinstance(piece.data, str):
            found = whole.data.lookup(piece.data) is not None
            return Term(found, decisions=decisions_of(arguments))
        return opaque("contains", arguments)
    if isinstance(whole.data, list):
        verdict = Truth(value=False)
        for item in whole.data:
            verdict |= same(item, piece)
        return _truth("contains", verdict, arguments)
    if isinstance(whole.data, str) and isinstance(piece.data, str):
        return Term(piece.data in whole.data, decisions=decisions_of(arguments))
    if whole.is_unknown and isinstance(piece.data, str):
        if any(isinstance(p, str) and piece.data in p for p in whole.parts):
            return Term(data=True, decisions=decisions_of(arguments))
        return opaque("contains", arguments)
    if piece.is_unknown or whole.is_unknown:
        return opaque("contains", arguments)
    raise Refused("contains wants a text, an array or an object")


@_terms("equals")
def _equals(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 2, 2)
    left, right = arguments
    return _truth("equals", same(left, right), arguments)


@_terms("first")
def _first(arguments: Sequence[Term]) -> Term:
    return _end("first", arguments, 0)


@_terms("last")
def _last(arguments: Sequence[Term]) -> Term:
    return _end("last", arguments, -1)


def _end(name: str, arguments: Sequence[Term], index: int) -> Term:
    _arity(arguments, 1, 1)
    data = arguments[0].data
    if isinstance(data, list):
        return (data[index] if data else NULL).resting_on(arguments[0].decisions)
    if isinstance(data, str):
        return Term(data[index] if data else "", decisions=arguments[0].decisions)
    return opaque(name, arguments)


@_terms("take")
def _take(arguments: Sequence[Term]) -> Term:
    return _slice("take", arguments)


@_terms("skip")
def _skip(arguments: Sequence[Term]) -> Term:
    return _slice("skip", arguments)


def _slice(name: str, arguments: Sequence[Term]) -> Term:
    _arity(arguments, 2, 2)
    whole, count = arguments
    if not isinstance(count.data, int):
        return opaque(name, arguments)
    number = max(0, count.data)
    piece = slice(None, number) if name == "take" else slice(number, None)
    if isinstance(whole.data, list):
        return _list(whole.data[piece], arguments)
    if isinstance(whole.data, str):
        return Term(whole.data[piece], decisions=decisions_of(arguments))
    return opaque(name, arguments)


@_terms("split")
def _split(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 2, 2)
    whole, by = arguments
    signs = [s.data for s in by.data] if isinstance(by.data, list) else [by.data]
    if not all(isinstance(s, str) and s for s in signs):
        return opaque("split", arguments)
    if isinstance(whole.data, str):
        pieces = re.split("|".join(re.escape(str(s)) for s in signs), whole.data)
        return _list([Term(p) for p in pieces], arguments)
    if whole.is_unknown and len(signs) == 1:
        return _split_parts(whole, str(signs[0]), arguments)
    return opaque("split", arguments)


def _split_parts(whole: Term, by: str, arguments: Sequence[Term]) -> Term:
    """Split a text with unknown pieces, taken to hold no separator of their own.

    Only texts with a known separator are split: names that are joined by `/` hold none.
    """
    if by != "/" or not any(isinstance(p, str) and by in p for p in whole.parts):
        return opaque("split", arguments)
    pieces: list[list[Part]] = [[]]
    for part in whole.parts:
        if isinstance(part, Symbol):
            pieces[-1].append(part)
            continue
        first, *rest = part.split(by)
        pieces[-1].append(first)
        pieces += [[p] for p in rest]
    made = []
    for piece in pieces:
        parts = text_of(piece)
        if all(isinstance(p, str) for p in parts):
            made.append(Term("".join(str(p) for p in parts)))
        else:
            made.append(Term(UNKNOWN, reason=whole.reason, parts=parts))
    return _list(made, arguments)


@_terms("join")
def _join(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 2, 2)
    items, by = arguments
    if not isinstance(items.data, list) or not isinstance(by.data, str):
        return opaque("join", arguments)
    pieces: list[Term] = []
    for item in items.data:
        pieces += [by, item] if pieces else [item]
    return joined(pieces).resting_on(decisions_of(arguments))


@_terms("indexOf")
def _index_of(arguments: Sequence[Term]) -> Term:
    return _position("indexOf", arguments)


@_terms("lastIndexOf")
def _last_index_of(arguments: Sequence[Term]) -> Term:
    return _position("lastIndexOf", arguments)


def _position(name: str, arguments: Sequence[Term]) -> Term:
    _arity(arguments, 2, 2)
    whole, piece = arguments
    if isinstance(whole.data, str) and isinstance(piece.data, str):
        text, wanted = whole.data.lower(), piece.data.lower()
        found = text.find(wanted) if name == "indexOf" else text.rfind(wanted)
        return Term(found, decisions=decisions_of(arguments))
    if isinstance(whole.data, list):
        order = range(len(whole.data))
        for index in order if name == "indexOf" else reversed(order):
            verdict = same(whole.data[index], piece)
            if verdict.known is None:
                return opaque(name, arguments)
            if verdict.known:
                return Term(index, decisions=decisions_of(arguments))
        return Term(-1, decisions=decisions_of(arguments))
    return opaque(name, arguments)


def _numbers(name: str, arguments: Sequence[Term]) -> list[int] | None:
    _arity(arguments, 1)
    items = list(arguments)
    if len(items) == 1:
        if not isinstance(items[0].data, list):
            if items[0].is_unknown:
                return None
            raise Refused(f"{name} wants numbers")
        items = items[0].data
    if any(i.is_unknown for i in items):
        return None
    if not items:
        raise Refused(f"{name} of nothing")
    return [_whole(i.data) for i in items]


@_terms("min")
def _min(arguments: Sequence[Term]) -> Term:
    numbers = _numbers("min", arguments)
    if numbers is None:
        return opaque("min", arguments)
    return Term(min(numbers), decisions=decisions_of(arguments))


@_terms("max")
def _max(arguments: Sequence[Term]) -> Term:
    numbers = _numbers("max", arguments)
    if numbers is None:
        return opaque("max", arguments)
    return Term(max(numbers), decisions=decisions_of(arguments))


@_terms("union")
def _union(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1)
    if all(isinstance(a.data, Object) for a in arguments):
        made = Object()
        for argument in arguments:
            _merge(made, _object(argument), deep=True)
        return Term(made, decisions=decisions_of(arguments))
    if all(isinstance(a.data, list) for a in arguments):
        items: list[Term] = []
        seen: set[Hashable] = set()
        for item in (i for a in arguments for i in _listed(a)):
            key = identity(item)
            if key not in seen:
                seen.add(key)
                items.append(item)
        return _list(items, arguments)
    return opaque("union", arguments)


def _merge(into: Object, other: Object, *, deep: bool, depth: int = 0) -> None:
    if depth > 50:  # noqa: PLR2004  # no real object nests so deeply
        raise TooLarge
    for key, value in other.items():
        name = next((k for k in into if k.casefold() == key.casefold()), key)
        old = into.get(name)
        if (
            deep
            and old is not None
            and isinstance(old.data, Object)
            and isinstance(value.data, Object)
        ):
            merged = Object(old.data.items())
            merged.keys_at.update(old.data.keys_at)
            _merge(merged, value.data, deep=True, depth=depth + 1)
            into[name] = Term(merged, value.trace, decisions=decisions_of((old, value)))
        else:
            into[name] = value
        if key in other.keys_at:
            into.keys_at[name] = other.keys_at[key]


@_terms("shallowMerge")
def _shallow_merge(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    items = arguments[0].data
    if not isinstance(items, list) or not all(isinstance(i.data, Object) for i in items):
        return opaque("shallowMerge", arguments)
    made = Object()
    for item in items:
        _merge(made, _object(item), deep=False)
    return Term(made, decisions=decisions_of([*arguments, *items]))


@_terms("intersection")
def _intersection(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1)
    first, *rest = arguments
    if all(isinstance(a.data, list) for a in arguments):
        kept: list[Term] = []
        for item in _listed(first):
            verdict = Truth(value=True)
            for other in rest:
                inside = Truth(value=False)
                for candidate in _listed(other):
                    inside |= same(item, candidate)
                verdict &= inside
            if verdict.known is None:
                return opaque("intersection", arguments)
            if verdict.known and not any(same(item, k).known for k in kept):
                kept.append(item)
        return _list(kept, arguments)
    if all(isinstance(a.data, Object) for a in arguments):
        made = Object()
        for key, value in _object(first).items():
            verdict = Truth(value=True)
            for other in rest:
                verdict &= same(value, _object(other).lookup(key) or ABSENT_TERM)
            if verdict.known is None:
                return opaque("intersection", arguments)
            if verdict.known:
                made[key] = value
        return Term(made, decisions=decisions_of(arguments))
    return opaque("intersection", arguments)


@_terms("flatten")
def _flatten(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    items = arguments[0].data
    if not isinstance(items, list) or any(i.is_unknown for i in items):
        return opaque("flatten", arguments)
    out: list[Term] = []
    for item in items:
        out += item.data if isinstance(item.data, list) else [item]
    return _list(out, [*arguments, *items])


@_terms("items")
def _items(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    data = arguments[0].data
    if not isinstance(data, Object):
        return opaque("items", arguments)
    rows = [
        Term(Object((("key", Term(key)), ("value", data[key]))))
        for key in sorted(data, key=str.casefold)
    ]
    return _list(rows, arguments)


@_terms("objectKeys")
def _object_keys(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1, 1)
    data = arguments[0].data
    if not isinstance(data, Object):
        return opaque("objectKeys", arguments)
    return _list([Term(k) for k in sorted(data, key=str.casefold)], arguments)


@_terms("tryGet")
def _try_get(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 2)
    term = arguments[0]
    for step in arguments[1:]:
        term = member(term, step, is_safe=True)
    return term.resting_on(decisions_of(arguments))


@_terms("indexFromEnd")
def _index_from_end(arguments: Sequence[Term]) -> Term:
    return _from_end("indexFromEnd", arguments, is_safe=False)


@_terms("tryIndexFromEnd")
def _try_index_from_end(arguments: Sequence[Term]) -> Term:
    return _from_end("tryIndexFromEnd", arguments, is_safe=True)


def _from_end(name: str, arguments: Sequence[Term], *, is_safe: bool) -> Term:
    _arity(arguments, 2, 2)
    items, index = arguments
    if isinstance(items.data, list) and isinstance(index.data, int):
        if 0 < index.data <= len(items.data):
            return items.data[-index.data].resting_on(decisions_of(arguments))
        if is_safe:
            return NULL.resting_on(decisions_of(arguments))
        raise Refused("the index is outside the array")
    return opaque(name, arguments)


@_terms("guid")
def _guid(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1)
    return opaque("guid", arguments)


@_terms("uniqueString")
def _unique_string(arguments: Sequence[Term]) -> Term:
    _arity(arguments, 1)
    return opaque("uniqueString", arguments)


@_terms("buildUri")
def _build_uri(arguments: Sequence[Term]) -> Term:
    return opaque("buildUri", arguments)


@_terms("parseUri")
def _parse_uri(arguments: Sequence[Term]) -> Term:
    return opaque("parseUri", arguments)


def member(term: Term, name: Term, *, is_safe: bool) -> Term:
    """Access a property or an item."""
    data, key = term.data, name.data
    if isinstance(data, Object) and isinstance(key, str):
        found = data.lookup(key)
        if found is None:
            if is_safe:
                return NULL.resting_on(term.decisions)
            raise Refused(f"there is no property '{key}'")
        return found.resting_on(decisions_of((term, name)))
    if isinstance(data, list) and isinstance(key, int) and not isinstance(key, bool):
        if 0 <= key < len(data):
            return data[key].resting_on(decisions_of((term, name)))
        if is_safe:
            return NULL.resting_on(term.decisions)
        raise Refused(f"there is no item {key}")
    if is_safe and data is None:
        return NULL.resting_on(term.decisions)
    if term.is_unknown or name.is_unknown:
        return _unknown_member(term, name)
    raise Refused(f"'{name.shown()}' is asked of what has no members")


def _unknown_member(term: Term, name: Term) -> Term:
    reason = term.reason or name.reason
    of = _brief(term) if not isinstance(term.data, (Object, list)) else "..."
    shown = name.shown()
    text = f"{of}.{shown}" if isinstance(name.data, str) else f"{of}[{shown}]"
    symbol = Symbol(derived("member", (identity(term), identity(name))), text)
    return Term(UNKNOWN, reason=reason, parts=(symbol,), decisions=decisions_of((term, name)))


def call(name: str, shown: str, arguments: Sequence[Term]) -> Term | None:
    """Call a pure function; None when there is none of that name."""
    by_terms = _TERMS.get(name)
    if by_terms is not None:
        return by_terms(arguments)
    entry = _SCALARS.get(name)
    if entry is None:
        return None
    function, low, high = entry
    _arity(arguments, low, high)
    try:
        values = [plain(a) for a in arguments]
        result = function(*values)
    except LookupError:
        return opaque(shown, arguments)
    term = known(result)
    return term.resting_on(decisions_of(arguments))


NAMES: Final = frozenset(_TERMS) | frozenset(_SCALARS)
"""Every pure function, in lower case."""
