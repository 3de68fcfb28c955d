"""The kinds of value a property can have, and how each is read and written."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from azmlint.expressions.term import Object, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


class Kind(Generic[T]):
    """A kind of value: what its text may be, and what it means."""

    __slots__ = ("accepts", "expected", "fold", "read", "write")

    def __init__(
        self,
        expected: str,
        read: Callable[[Any], T],
        write: Callable[[T], object] = lambda value: value,
        *,
        fold: bool = False,
        accepts: Callable[[Any], bool] | None = None,
    ) -> None:
        """Read with `read`, which raises ValueError for what the service would refuse."""
        self.expected = expected
        """What the service accepts, to finish the sentence "must be ..."."""
        self.read = read
        self.write = write
        self.fold = fold
        """Whether case and spaces carry no meaning."""
        self.accepts = accepts
        """Whether today's tool takes what is readable; None takes all of it."""


_MOST = 2**31 - 1
"""The REST types have 32 bits for every count."""


def _text(data: object) -> str:
    if isinstance(data, str):
        return data
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return str(data)
    raise ValueError


def _integer(data: object) -> int:
    if isinstance(data, bool):
        raise ValueError  # noqa: TRY004  # one error for whatever does not fit
    if isinstance(data, int):
        return data
    if isinstance(data, float) and data.is_integer():
        return int(data)
    if isinstance(data, str) and re.fullmatch(r"\s*[+-]?\d{1,18}\s*", data):
        return int(data)
    raise ValueError


def _count(data: object) -> int:
    number = _integer(data)
    if not 0 <= number <= _MOST:
        raise ValueError
    return number


def _boolean(data: object) -> bool:
    if isinstance(data, bool):
        return data
    if isinstance(data, str) and data.strip().lower() in {"true", "false"}:
        return data.strip().lower() == "true"
    raise ValueError


_YES = {"true", "t", "yes", "y", "on", "1"}
_NO = {"false", "f", "no", "n", "off", "0"}


def _cli_boolean(data: object) -> bool:
    """Read a flag as azure-ai-ml does, which takes these words also in quotes, and 1 and 0."""
    word = str(int(data)) if isinstance(data, bool) else str(data).lower()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError


def _switch(data: object) -> bool:
    """Read `Enabled` and `Disabled`, and what tools write for them."""
    if isinstance(data, str) and data.strip().lower() in {"enabled", "disabled"}:
        return data.strip().lower() == "enabled"
    return _boolean(data)


def _region(data: object) -> str:
    text = _text(data)
    return text.replace(" ", "").lower()


TEXT = Kind("a text", _text)
ARM_ID = Kind("a resource id", _text, fold=True)
INTEGER = Kind("a whole number", _integer)
COUNT = Kind(f"a whole number of 0 to {_MOST}", _count)
BOOLEAN = Kind("true or false", _boolean)
CLI_BOOLEAN = Kind("true or false", _cli_boolean)
SWITCH = Kind("Enabled or Disabled", _switch, lambda value: "Enabled" if value else "Disabled")
REGION = Kind("a region", _region, fold=True)

_ISO = re.compile(
    r"P(?=.)(?:(?P<d>\d+)D)?(?:T(?=\d)(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?)?",
    re.IGNORECASE,
)


def _iso_seconds(data: object) -> int:
    match = _ISO.fullmatch(data) if isinstance(data, str) else None
    if match is None:
        raise ValueError
    days, hours, minutes, seconds = (int(match[g] or 0) for g in "dhms")
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


ISO_SECONDS = Kind("an ISO 8601 duration such as PT120S", _iso_seconds, lambda s: f"PT{s}S")
SECONDS = Kind("a whole number of seconds", _integer)
ISO_MINUTES = Kind(
    "an ISO 8601 duration such as PT30M", lambda d: _iso_seconds(d) // 60, lambda m: f"PT{m}M"
)
MINUTES = Kind("a whole number of minutes", _integer)


def _time(data: object) -> dt.datetime:
    if not isinstance(data, str):
        raise ValueError  # noqa: TRY004  # one error for whatever does not fit
    # Azure writes seven digits of a second; Python reads six.
    text = re.sub(r"(\.\d{6})\d+", r"\1", data.strip())
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


TIME = Kind("a point in time", _time, lambda moment: moment.isoformat())


def _minutes(data: object) -> int:
    try:
        return _integer(data)
    except ValueError:
        return _iso_seconds(data) // 60


MINUTES_OR_ISO = Kind("a whole number of minutes", _minutes)


def squeezed(text: str) -> str:
    """Drop what spellings of one name differ in: case, `_`, `-` and spaces."""
    return re.sub(r"[_\-\s]", "", text).lower()


def choice(
    spellings: Mapping[str, str], *, strict: bool = False, allow_others: bool = False
) -> Kind[str]:
    """Make the kind of a property with few values: canonical name -> spelling to write.

    Spellings compare without case, `_`, `-` and spaces. `strict` reads the same, but says that
    today's tool takes the exact spelling only, in lower case or with a capital.
    """
    known = {squeezed(name): name for name in spellings}
    known |= {squeezed(s): name for name, s in spellings.items()}
    shown = list(spellings.values())

    def read(data: object) -> str:
        text = _text(data)
        found = known.get(squeezed(text))
        if found is None:
            if allow_others:
                return squeezed(text)
            raise ValueError
        return found

    expected = " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
    accepts = (lambda data: str(data).lower() in shown) if strict else None
    return Kind(expected, read, lambda value: spellings.get(value, value), accepts=accepts)


_IDENTITY_SPELLINGS = {
    "systemassigned": "SystemAssigned",
    "userassigned": "UserAssigned",
}


def _identity(separator: str, names: Mapping[str, str], none: str) -> Kind[frozenset[str]]:
    def read(data: object) -> frozenset[str]:
        words = {squeezed(word) for word in _text(data).split(",")}
        if words == {"none"}:
            return frozenset()
        if not words or not words <= names.keys():
            raise ValueError
        return frozenset(words)

    def write(value: frozenset[str]) -> str:
        return separator.join(names[w] for w in sorted(value)) or none

    return Kind(" or ".join([*names.values(), none]), read, write)


ARM_IDENTITY = _identity(",", _IDENTITY_SPELLINGS, "None")
AZURERM_IDENTITY = _identity(", ", _IDENTITY_SPELLINGS, "None")
CLI_IDENTITY = _identity(
    ",", {"systemassigned": "system_assigned", "userassigned": "user_assigned"}, "none"
)


class Items:
    """The members of a list, or of a map that serves as one."""

    __slots__ = ("is_complete", "members", "names")

    def __init__(
        self, members: tuple[Term, ...], names: tuple[Term, ...], *, is_complete: bool
    ) -> None:
        """Hold members in the order written; `names` are a map's keys, else empty."""
        self.members = members
        self.names = names
        self.is_complete = is_complete
        """Whether every member is here; false when some piece of the list is unknown."""

    def __len__(self) -> int:
        """Count the members that are known to be there."""
        return len(self.members)


def _items(data: object) -> Items:
    if isinstance(data, Object):
        names = tuple(data.keys_at.get(k, Term(k)) for k in data)
        return Items(tuple(data.values()), names, is_complete=True)
    if isinstance(data, list):
        return Items(tuple(data), (), is_complete=True)
    if data is None:
        return Items((), (), is_complete=True)
    raise ValueError


ITEMS = Kind("a list", _items)


def _object(data: object) -> Object:
    if isinstance(data, Object):
        return data
    if data is None:
        return Object()
    raise ValueError


OBJECT = Kind("a map", _object)
