"""The functions of the template language over plain values, as .NET works them out.

Each is called when all its arguments are known. What the service refuses raises Refused;
an answer that is not certain raises NotWorkedOut.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import math
import re
import urllib.parse
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    TEXT_LIMIT,
    WHOLE_LIMIT,
    NotWorkedOut,
    Refused,
    TooLarge,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class ScalarFunction(NamedTuple):
    """A function with the number of arguments it takes."""

    work: Callable[..., object]
    low: int
    high: int


SCALARS: Final[dict[str, ScalarFunction]] = {}
"""Functions by their names in lower case."""


def _scalar(name: str, low: int, high: int | None = None) -> Callable[..., Callable[..., object]]:
    def register(function: Callable[..., object]) -> Callable[..., object]:
        SCALARS[name.lower()] = ScalarFunction(function, low, low if high is None else high)
        return function

    return register


def text(value: object) -> str:
    """Take a text."""
    if not isinstance(value, str):
        raise Refused("not a text")  # one error for what does not fit
    return value


def counted(value: object) -> str:
    """Take a text whose characters .NET counts as Python does."""
    # .NET counts what is beyond the basic plane twice.
    if not text(value).isascii() and max(text(value)) > "\uffff":
        raise NotWorkedOut
    return text(value)


def whole(value: object) -> int:
    """Take a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("not a whole number")
    if abs(value) > WHOLE_LIMIT + 1:
        raise TooLarge
    return value


def lower(value: str) -> str:
    """Turn each character to lower case by itself, as .NET's invariant culture does."""
    return value.lower() if value.isascii() else "".join(_one(c, c.lower()) for c in value)


def upper(value: str) -> str:
    """Turn each character to upper case by itself."""
    return value.upper() if value.isascii() else "".join(_one(c, c.upper()) for c in value)


def _one(before: str, after: str) -> str:
    return after if len(after) == 1 else before


@_scalar("trim", 1)
def _trim(value: object) -> str:
    return text(value).strip()


@_scalar("replace", 3)
def _replace(value: object, old: object, new: object) -> str:
    value, old, new = text(value), text(old), text(new)
    if not old:
        raise Refused("nothing to replace")
    if len(value) + value.count(old) * len(new) > TEXT_LIMIT:
        raise TooLarge
    return value.replace(old, new)


@_scalar("padLeft", 2, 3)
def _pad_left(value: object, width: object, fill: object = " ") -> str:
    padded = counted(value) if isinstance(value, str) else str(whole(value))
    if whole(width) < 0 or len(text(fill)) != 1:
        raise Refused("padLeft wants a length and one character")
    if whole(width) > TEXT_LIMIT:
        raise TooLarge
    return padded.rjust(whole(width), text(fill))


@_scalar("base64", 1)
def _base64(value: object) -> str:
    return base64.b64encode(text(value).encode()).decode()


@_scalar("base64ToString", 1)
def _base64_to_string(value: object) -> str:
    try:
        return base64.b64decode(text(value), validate=True).decode()
    except UnicodeDecodeError:
        # .NET puts a sign in place of what is no UTF-8.
        raise NotWorkedOut from None
    except binascii.Error:
        raise Refused("not base64") from None


@_scalar("base64ToJson", 1)
def _base64_to_json(value: object) -> object:
    return _parsed(_base64_to_string(value))  # type: ignore[arg-type]  # a text


@_scalar("dataUri", 1)
def _data_uri(value: object) -> str:
    return "data:text/plain;charset=utf8;base64," + _base64(value)  # type: ignore[operator]  # a text


_DATA_URI: Final = re.compile(
    r"data:(?:[\w.+/-]+)?(?:;charset=(?:utf-?8|us-ascii))?(?P<base64>;base64)?,(?P<body>.*)",
    re.IGNORECASE | re.DOTALL,
)


@_scalar("dataUriToString", 1)
def _data_uri_to_string(value: object) -> object:
    match = _DATA_URI.fullmatch(text(value))
    if match is None:
        if text(value)[:5].lower() != "data:" or "," not in text(value):
            raise Refused("not a data URI")
        raise NotWorkedOut
    return _base64_to_string(match["body"]) if match["base64"] else _unquoted(match["body"])


@_scalar("uriComponent", 1)
def _uri_component(value: object) -> str:
    return urllib.parse.quote(text(value), safe="-_.~")


@_scalar("uriComponentToString", 1)
def _uri_component_to_string(value: object) -> str:
    return _unquoted(text(value))


def _unquoted(value: str) -> str:
    try:
        return urllib.parse.unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise NotWorkedOut from None


@_scalar("uri", 2)
def _uri(base: object, relative: object) -> str:
    head, slashes, path = text(base).partition("://")
    added = text(relative)
    # The documentation's own cases; the rest of RFC 3986 is not needed.
    if not slashes or "/" not in path or re.search(r"[?#:]|(^|/)\.\.?(/|$)|^/", added):
        raise NotWorkedOut
    if re.search(r"[?#]|/\.\.?(/|$)", path):
        raise NotWorkedOut
    return f"{head}://{path.rpartition('/')[0]}/{added}"


@_scalar("json", 1)
def _json(value: object) -> object:
    if value is None:
        raise NotWorkedOut
    return _parsed(text(value))


def _parsed(value: str) -> object:
    try:
        return json.loads(value, parse_constant=_no_constant)
    except RecursionError:
        raise TooLarge from None
    except ValueError:
        # .NET's reader takes more than the standard does, such as single quotes.
        if value.strip()[:1] in {"{", "[", '"', "'"} or not value.strip():
            raise NotWorkedOut from None
        raise Refused("not JSON") from None


def _no_constant(_: str) -> object:
    raise NotWorkedOut


@_scalar("int", 1)
def _int(value: object) -> int:
    if isinstance(value, str):
        if re.fullmatch(r"\s*[+-]?[0-9]{1,19}\s*", value) is None:
            raise Refused("not a whole number")
        return int(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise NotWorkedOut
        return int(value)
    return whole(value)


@_scalar("float", 1)
def _float(value: object) -> float:
    if isinstance(value, str):
        if re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", value) is None:
            raise Refused("not a number")
        number = float(value)
        if not math.isfinite(number):
            raise Refused("not a number")
        return number
    return value if isinstance(value, float) else float(whole(value))


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
    return whole(left) + whole(right)


@_scalar("sub", 2)
def _sub(left: object, right: object) -> int:
    return whole(left) - whole(right)


@_scalar("mul", 2)
def _mul(left: object, right: object) -> int:
    return whole(left) * whole(right)


@_scalar("div", 2)
def _div(left: object, right: object) -> int:
    if whole(right) == 0:
        raise Refused("division by zero")
    quotient = abs(whole(left)) // abs(whole(right))
    return quotient if (whole(left) < 0) == (whole(right) < 0) else -quotient


@_scalar("mod", 2)
def _mod(left: object, right: object) -> int:
    # The sign is the dividend's, unlike that of Python's operator.
    return whole(left) - whole(right) * _div(left, right)  # type: ignore[operator]  # a number


_COMPARED: Final = re.compile(r"[A-Za-z0-9]*")


def _compare(left: object, right: object) -> int:
    if isinstance(left, str) and isinstance(right, str):
        # The service compares by culture: case decides last, and lower comes before upper.
        if _COMPARED.fullmatch(left) is None or _COMPARED.fullmatch(right) is None:
            raise NotWorkedOut
        one, two = (left.lower(), left.swapcase()), (right.lower(), right.swapcase())
        return (one > two) - (one < two)
    if isinstance(left, float) or isinstance(right, float):
        raise NotWorkedOut
    return (whole(left) > whole(right)) - (whole(left) < whole(right))


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
    if whole(count) < 0 or whole(start) + whole(count) > (1 << 31) - 1:
        raise Refused("range is outside of what it may give")
    if whole(count) > ITEM_LIMIT:
        raise TooLarge
    return list(range(whole(start), whole(start) + whole(count)))


_DURATION: Final = re.compile(
    r"(?P<sign>-?)P(?=.)(?:(?P<D>[0-9]{1,7})D)?"
    r"(?:T(?=.)(?:(?P<h>[0-9]{1,9})H)?(?:(?P<m>[0-9]{1,9})M)?(?:(?P<s>[0-9]{1,9})S)?)?"
)
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_PATTERNS: Final = {"yyyy": 4, "MM": 2, "dd": 2, "HH": 2, "mm": 2, "ss": 2}


@_scalar("dateTimeAdd", 2, 3)
def _date_time_add(base: object, duration: object, form: object = None) -> str:
    # Years and months are worked out in days by a rule that is not documented.
    match = _DURATION.fullmatch(text(duration))
    if match is None:
        raise NotWorkedOut
    amount = dt.timedelta(
        days=int(match["D"] or 0),
        hours=int(match["h"] or 0),
        minutes=int(match["m"] or 0),
        seconds=int(match["s"] or 0),
    )
    try:
        moment = _moment(base) + (-amount if match["sign"] else amount)
    except OverflowError:
        raise Refused("outside the calendar") from None
    return _written(moment, "yyyy-MM-ddTHH:mm:ssZ" if form is None else text(form))


def _written(moment: dt.datetime, form: str) -> str:
    fields = dict(zip(_PATTERNS, moment.timetuple(), strict=False))
    out = []
    for piece in re.findall(r"yyyy|MM|dd|HH|mm|ss|[TZ\-: ]|.", form):
        if piece in fields:
            out.append(str(fields[piece]).zfill(_PATTERNS[piece]))
        elif piece in "TZ-: ":
            out.append(piece)
        else:
            raise NotWorkedOut
    # One letter alone is a standard format.
    if len(form) < 2:  # noqa: PLR2004
        raise NotWorkedOut
    return "".join(out)


@_scalar("dateTimeToEpoch", 1)
def _date_time_to_epoch(value: object) -> int:
    return int(_moment(value).timestamp())


@_scalar("dateTimeFromEpoch", 1)
def _date_time_from_epoch(seconds: object) -> str:
    try:
        moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=whole(seconds))
    except OverflowError:
        raise Refused("outside the calendar") from None
    return _written(moment, "yyyy-MM-ddTHH:mm:ssZ")


def _moment(value: object) -> dt.datetime:
    # .NET reads many more forms, some of them by culture.
    if _MOMENT.fullmatch(text(value)) is None:
        raise NotWorkedOut
    try:
        return dt.datetime.fromisoformat(text(value))
    except ValueError:
        raise Refused("not a date") from None


_RANGE: Final = re.compile(r"[0-9a-fA-F.:]+/[0-9]{1,3}")


def _network(value: object) -> object:
    import ipaddress  # noqa: PLC0415  # only templates that compute addresses need it

    if _RANGE.fullmatch(text(value)) is None:
        raise Refused("not an address range")
    try:
        return ipaddress.ip_network(text(value), strict=False)
    except ValueError:
        raise Refused("not an address range") from None


@_scalar("parseCidr", 1)
def _parse_cidr(value: object) -> dict[str, object]:
    network = _network(value)
    facts: dict[str, object] = {
        "network": str(network.network_address),  # type: ignore[attr-defined]
        "netmask": str(network.netmask),  # type: ignore[attr-defined]
    }
    first, last = network[0], network[-1]  # type: ignore[index]
    if network.version == 4:  # type: ignore[attr-defined]  # noqa: PLR2004
        if network.num_addresses <= 2:  # type: ignore[attr-defined]  # noqa: PLR2004
            raise NotWorkedOut
        facts["broadcast"] = str(last)
        first, last = network[1], network[-2]  # type: ignore[index]
    facts["firstUsable"] = str(first)
    facts["lastUsable"] = str(last)
    facts["cidr"] = network.prefixlen  # type: ignore[attr-defined]
    return facts


@_scalar("cidrSubnet", 3)
def _cidr_subnet(value: object, size: object, index: object) -> str:
    import ipaddress  # noqa: PLC0415

    network = _network(value)
    wanted, nth = whole(size), whole(index)
    length = network.prefixlen  # type: ignore[attr-defined]
    if not length <= wanted <= network.max_prefixlen:  # type: ignore[attr-defined]
        raise Refused("the range is too small")
    if not 0 <= nth < 1 << (wanted - length):
        raise Refused("the range has fewer subnets")
    step = 1 << (network.max_prefixlen - wanted)  # type: ignore[attr-defined]
    start = network.network_address + nth * step  # type: ignore[attr-defined]
    return str(ipaddress.ip_network((start, wanted)))


@_scalar("cidrHost", 2)
def _cidr_host(value: object, index: object) -> str:
    network = _network(value)
    if network.num_addresses <= 2:  # type: ignore[attr-defined]  # noqa: PLR2004
        raise NotWorkedOut
    nth = whole(index) + 1
    usable = network.num_addresses - (network.version == 4)  # type: ignore[attr-defined]  # noqa: PLR2004
    if not 0 < nth < usable:
        raise Refused("the range has fewer hosts")
    return str(network[nth])  # type: ignore[index]
