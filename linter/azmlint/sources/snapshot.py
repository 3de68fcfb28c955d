"""What was read of what is deployed, as one document: `azmlint snapshot` writes it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from azmlint.errors import SourceError
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Coverage, Coverages, Facet
from azmlint.model.ids import ResourceId
from azmlint.sources.deployed import resources
from azmlint.sources.scrub import clean, scrub
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.model.resource import Resource

VERSION: Final = 1
SCHEMA: Final = "https://raw.githubusercontent.com/azmlint/azmlint/main/docs/snapshot.schema.json"
_STATES: Final = (COLLECTED, DENIED, FAILED)

_MANAGEMENT_GROUP: Final = "/providers/microsoft.management/managementgroups/"

Item = dict[str, Any]


class Answer(NamedTuple):
    """What the service said when one facet of one scope was read."""

    facet: str
    scope: str
    """The id of a subscription, of one of its regions, of a group or of a resource; `/` for all."""

    call: str
    """Method, path and api-version."""

    state: str
    """collected, denied or failed; what was read before a failure is kept."""

    items: tuple[Item, ...] = ()
    """As answered, without secrets and e-mail addresses, sorted by id."""

    permission: str = ""
    """The action that reading it takes."""

    reason: str = ""
    """Why it is not complete, with the service's own code and request id."""


class Snapshot(NamedTuple):
    """The answers of one collection."""

    taken: dt.datetime
    """When it began; what is said of durations is reckoned to this moment."""

    cloud: str
    answers: tuple[Answer, ...]
    """Sorted by facet and scope."""

    @property
    def is_complete(self) -> bool:
        """Whether something was asked, and all of it was read."""
        return bool(self.answers) and all(a.state == COLLECTED for a in self.answers)

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Names of the subscriptions that were asked about, in lower case, sorted."""
        words = (answer.scope.casefold().split("/") for answer in self.answers)
        return tuple(sorted({w[2] for w in words if len(w) > 2 and w[1] == "subscriptions"}))  # noqa: PLR2004  # and a name

    @property
    def coverages(self) -> Coverages:
        """How the reading of each facet ended."""
        return Coverages(
            Coverage(a.facet, a.scope, a.state, a.permission, a.reason) for a in self.answers
        )

    def resources(self) -> Iterator[Resource]:
        """Yield every deployed resource of a kind that rules judge, each id once."""
        seen: set[str] = set()
        above = self._read_in()
        for answer in self.answers:
            for item in answer.items:
                key = str(item.get("id", "")).casefold()
                if key in seen:
                    continue
                seen.add(key)
                yield from resources(item, above.get(key, ()))

    def _read_in(self) -> dict[str, tuple[ResourceId, ...]]:
        """Give the scopes of the answers that hold what is set above subscriptions.

        An answer about the roles of one principal names it in its scope.
        """
        found: dict[str, tuple[ResourceId, ...]] = {}
        for answer in self.answers:
            of_one = answer.facet == Facet.PRINCIPAL_ROLES
            for item in answer.items:
                key = str(item.get("id", "")).casefold()
                if of_one or key.startswith(_MANAGEMENT_GROUP):
                    found[key] = (*found.get(key, ()), ResourceId((answer.scope,)))
        return found


def snapshot(taken: dt.datetime, cloud: str, answers: Iterable[Answer]) -> Snapshot:
    """Put answers in order, clean and without repetition."""
    ordered = sorted(map(_tidied, answers), key=lambda a: (a.facet, a.scope.casefold(), a.call))
    moment = taken.astimezone(dt.UTC).replace(microsecond=0)
    return Snapshot(moment, clean(cloud), tuple(ordered))


def _tidied(answer: Answer) -> Answer:
    facet, scope, call, state, items, permission, reason = answer
    return Answer(
        clean(facet),
        clean(scope),
        clean(call),
        state,
        _tidy(items),
        clean(permission),
        clean(reason),
    )


def _tidy(items: Iterable[Item]) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for item in items:
        tidy = scrub(item)
        key = _key(tidy)
        known = found.get(key)
        # Of two answers about one thing the choice must not hang on their order.
        found[key] = tidy if known is None else min(known, tidy, key=_canonical)
    return tuple(found[key] for key in sorted(found))


def _canonical(item: Item) -> str:
    return json.dumps(item, sort_keys=True, ensure_ascii=False)


def _key(item: Item) -> str:
    own = item.get("id")
    if isinstance(own, str) and own:
        # Usages of one subscription share one id; their types and names differ. Two that say
        # different things of one limit are kept, because nobody knows which one is right.
        parts = ("type", "name", "limit", "currentValue")
        more = json.dumps([item.get(part) for part in parts], ensure_ascii=False)
        return f"{own}\n{more}".casefold()
    return _canonical(item)


def merge(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Join snapshots: of two answers to one question the complete one counts, else the later.

    What only an incomplete answer holds is kept beside a complete one of another scope only: a
    complete answer says all there is. Raises SourceError for snapshots of different clouds.
    """
    ordered = sorted(snapshots, key=lambda s: (s.taken, s.answers == (), dump(s)))
    if not ordered:
        message = "there is no snapshot to merge"
        raise SourceError(message)
    clouds = sorted({s.cloud for s in ordered})
    if len(clouds) > 1:
        message = f"snapshots of different clouds cannot be merged: {', '.join(clouds)}"
        raise SourceError(message)
    chosen: dict[tuple[str, str], Answer] = {}
    for one in ordered:
        for answer in one.answers:
            key = (answer.facet, answer.scope.casefold())
            known = chosen.get(key)
            if known is None or answer.state == COLLECTED or known.state != COLLECTED:
                chosen[key] = answer
    return snapshot(ordered[0].taken, clouds[0], chosen.values())


def dump(one: Snapshot) -> str:
    """Write a snapshot: one line for each item, the same bytes for the same answers."""
    head = {
        "$schema": SCHEMA,
        "version": VERSION,
        "generator": f"azmlint {__version__}",
        "taken": one.taken.isoformat().replace("+00:00", "Z"),
        "cloud": one.cloud,
        "complete": one.is_complete,
    }
    lines = [f" {json.dumps(k)}: {json.dumps(v)}," for k, v in head.items()]
    answers = ",\n".join(_answer_text(a) for a in one.answers)
    return "\n".join(
        ["{", *lines, ' "answers": [' + (f"\n{answers}" if answers else "") + "]", "}\n"]
    )


def _answer_text(answer: Answer) -> str:
    fields = {k: v for k, v in answer._asdict().items() if k != "items" and v}
    start = json.dumps(fields, ensure_ascii=False)[:-1]
    items = ",\n".join(
        f"   {json.dumps(i, sort_keys=True, ensure_ascii=False)}" for i in answer.items
    )
    return f'  {start}, "items": [' + (f"\n{items}" if items else "") + "]}"


def read(raw: bytes, name: str) -> Snapshot:
    """Read a snapshot; raises SourceError that names it, in one line.

    Keys and facets that this version does not know are passed over: a later one may write them.
    """
    try:
        data = json.loads(_unpacked(raw).decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError, EOFError, OSError) as error:
        message = f"{name} is no snapshot: {_said(error)}"
        raise SourceError(message) from None
    if not isinstance(data, dict) or "answers" not in data or "version" not in data:
        message = f"{name} is no snapshot: `azmlint snapshot` writes one"
        raise SourceError(message)
    if type(data["version"]) is not int or data["version"] != VERSION:
        version = _shown(data["version"])
        message = f"{name} is a snapshot of version {version}; this azmlint reads {VERSION}"
        raise SourceError(message)
    try:
        return snapshot(_moment(data), _text(data, "cloud"), _answers(data))
    except (ValueError, OverflowError, RecursionError) as error:
        message = f"{name} is a broken snapshot: {_said(error)}"
        raise SourceError(message) from None


_LONGEST: Final = 60


def _shown(value: object) -> str:
    """Write a value that is wrong, so that it can be recognised and fills no screen."""
    if value is None:
        return "missing or null"
    text = ascii(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    text = " ".join(str(error).split())
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}"


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is no JSON"
    raise ValueError(message)


def _moment(data: Item) -> dt.datetime:
    text = _text(data, "taken")
    try:
        taken = dt.datetime.fromisoformat(text)
    except ValueError:
        _wrong("taken", text, "no moment")
    # A moment without an offset is in UTC, wherever it is read.
    return taken if taken.tzinfo is not None else taken.replace(tzinfo=dt.UTC)


_GZIP: Final = b"\x1f\x8b"
SIZE_LIMIT: Final = 1_000_000_000
"""Bytes of an unpacked snapshot; what is longer is no snapshot of ours."""

SMALL: Final = 50_000_000
"""Bytes that any snapshot may unpack to."""

DENSEST: Final = 300
"""Times its own length that a longer one may unpack to; ten thousand alike clusters reach 56."""


def _unpacked(raw: bytes) -> bytes:
    if not raw.startswith(_GZIP):
        return raw
    import gzip  # noqa: PLC0415  # few snapshots are packed
    import io  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    limit = min(SIZE_LIMIT, max(SMALL, len(raw) * DENSEST))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            found = stream.read(limit + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(found) > limit:
        message = "it unpacks to more than a snapshot can hold"
        raise ValueError(message)
    return found


def _answers(data: Item) -> Iterator[Answer]:
    rows = data["answers"]
    if not isinstance(rows, list):
        _wrong("answers", rows, "no list")
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            _wrong(f"answers[{index}]", row, "no object")
        yield _answer(row, f"answers[{index}].")


def _answer(row: Item, where: str) -> Answer:
    state = _text(row, "state", where)
    if state not in _STATES:
        _wrong(f"{where}state", state, f"none of {', '.join(_STATES)}")
    items = row.get("items", [])
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        _wrong(f"{where}items", items, "no list of objects")
    facet, scope = _text(row, "facet", where), _text(row, "scope", where)
    if not facet or not scope.startswith("/"):
        _wrong(f"{where}scope", scope, f"no scope of a facet '{facet}'")
    return Answer(
        facet,
        scope,
        _text(row, "call", where, ""),
        state,
        tuple(items),
        _text(row, "permission", where, ""),
        _text(row, "reason", where, ""),
    )


def _text(row: Item, key: str, where: str = "", default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str):
        _wrong(f"{where}{key}", value, "no text")
    return value


def _wrong(where: str, value: object, what: str) -> NoReturn:
    message = f"'{where}' is {_shown(value)}, which is {what}"
    raise ValueError(message)
