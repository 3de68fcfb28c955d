"""What was recorded of a resource, and the read that says whether it is still so."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.model.resources import Lock
from azmlint.sources.scrub import REMOVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.finding import Finding
    from azmlint.model.value import Route
    from azmlint.sources.snapshot import Item, Snapshot

_LOCKS: Final = "/providers/Microsoft.Authorization/locks"
_LOCKS_VERSION: Final = "2020-05-01"
_MOST: Final = 12
"""How many values of what is no single one are compared."""

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Check(NamedTuple):
    """A read that must still give what was recorded."""

    argv: tuple[str, ...]
    expected: str
    """What it prints, without the end of the line."""


class Recorded:
    """The answers of a snapshot, by the id of what they describe."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Index a snapshot."""
        self._items: dict[str, tuple[Item, str]] = {}
        self._locks: dict[str, list[str]] = {}
        self._read: set[str] = set()
        """The subscriptions of which the locks are known."""
        for answer in snapshot.answers:
            version = answer.call.rpartition("api-version=")[2].partition("&")[0]
            if answer.facet == "locks" and answer.state == "collected":
                self._read.add(answer.scope.casefold())
            for item in answer.items:
                own = item.get("id")
                if isinstance(own, str) and own:
                    self._items.setdefault(own.casefold(), (item, version))
                    self._add_lock(own)

    def _add_lock(self, resource_id: str) -> None:
        at = resource_id.casefold().rfind(_LOCKS.casefold() + "/")
        if at >= 0:
            name = resource_id[at + len(_LOCKS) + 1 :]
            self._locks.setdefault(resource_id[:at].casefold(), []).append(name)

    def of(self, finding: Finding) -> Check | None:
        """Say how to check that what a finding is about is still so; None if it cannot be read."""
        document = finding.place.document
        found = self._items.get(document.path.casefold())
        if found is None:
            return None
        item, version = found
        leaves = _leaves(item, _route(finding))
        if not leaves:
            return None
        query = ", ".join(_path(route) for route, _ in leaves)
        url = f"{item['id']}?api-version={version}"
        return _check(url, f"to_string([{query}])", [value for _, value in leaves])

    def of_item(self, resource_id: str, freed: frozenset[str] = frozenset()) -> Check | None:
        """Say how to check that a resource exists and has the locks it had, but for those freed.

        These are ids in lower case. None where its locks are not known.
        """
        subscription = "/".join(resource_id.split("/")[:3]).casefold()
        if subscription not in self._read:
            return None
        own = f"{resource_id}{_LOCKS}/".casefold()
        there = self._locks.get(resource_id.casefold(), [])
        names = sorted(n for n in there if f"{own}{n.casefold()}" not in freed)
        url = f"{resource_id}{_LOCKS}?api-version={_LOCKS_VERSION}&$filter=atScope()"
        return _check(url, "to_string(sort(value[].name))", names)


def _check(url: str, query: str, expected: list[Any]) -> Check:
    command = ("az", "rest", "--method", "get", "--url", url, "--query", query)
    text = json.dumps(expected, separators=(",", ":"))
    return Check((*command, "--output", "tsv", "--only-show-errors"), text)


def _route(finding: Finding) -> Route:
    own = getattr(finding.on, "route", None) or ()
    node = getattr(finding.place.node, "route", ())
    resource = finding.resource
    if own:
        prefix: Route = getattr(resource.body, "prefix", ()) if resource is not None else ()
        # The place is that of the value if it is written, and then in its own spelling.
        written = len(node) == len(prefix) + len(own)
        return tuple(node) if written else (*prefix, *own)
    return ("properties", "level") if isinstance(resource, Lock) else ()


def _leaves(item: Item, route: Route) -> list[tuple[Route, Any]]:
    """Give the plain values at a route, or the name for a resource as a whole."""
    if not route:
        route = ("name",)
    value: Any = item
    for key in route:
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = value.get(key) if isinstance(value, dict) else None
    found = [leaf for leaf in _plain(route, value) if leaf[1] != REMOVED]
    return found[:_MOST]


def _plain(route: Route, value: object) -> Iterator[tuple[Route, Any]]:
    if isinstance(value, dict) and value:
        for key in sorted(value):
            yield from _plain((*route, key), value[key])
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _plain((*route, str(index)), inner)
    else:
        yield route, value


def _path(route: Iterable[str]) -> str:
    """Spell a route in JMESPath."""
    text = ""
    for key in route:
        if key.isdigit():
            text += f"[{key}]"
        else:
            name = key if _PLAIN.fullmatch(key) else json.dumps(key)
            text += f".{name}" if text else name
    return text
