"""A deployed resource as a document: its canonical JSON, made when somebody asks for it."""

from __future__ import annotations

import json as plain_json
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from azmlint.expressions.term import ABSENT_TERM, Object, Term
from azmlint.location import Document, Place
from azmlint.model.ids import ResourceId
from azmlint.model.resource import Resource
from azmlint.model.resources import (
    COMPUTE_KINDS,
    KINDS,
    Compute,
    Subnet,
    VirtualNetwork,
)
from azmlint.model.value import NotEditable
from azmlint.sources import json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Edit, Spanned
    from azmlint.model.value import Route
    from azmlint.sources.json import JsonNode

_KINDS: Final = {k.arm_type.lower(): k for k in KINDS if k.arm_type and not issubclass(k, Compute)}
_SET_ON: Final = (
    "/providers/microsoft.authorization/",
    "/providers/microsoft.insights/diagnosticsettings/",
)
"""What follows the scope on which a lock, a role, a policy, a denial or a setting is."""


_KEPT: Final = 64
"""How many texts are kept; an estate has far more resources than a report shows at once."""

_written: deque[DeployedDocument] = deque()
_DIGITS: Final = 8


class DeployedDocument(Document):
    """The canonical JSON of one resource; keys are sorted, so that one answer gives one text."""

    __slots__ = ("_root", "_text", "item")

    is_deployed = True

    def __init__(self, resource_id: str, item: dict[str, Any]) -> None:
        """Hold the answer of the service; its path is the resource's id."""
        # NOTE: The text is made on demand, so the base's constructor, which takes it, is not run.
        self.path = resource_id
        self.item = item
        self.encoding = "utf-8"
        self.bom = b""
        self.inner = None
        self._starts = None
        self._text: str | None = None
        self._root: JsonNode | None = None

    @property
    def text(self) -> str:  # type: ignore[override]  # worked out instead of kept
        """The canonical JSON."""
        if self._text is None:
            text = plain_json.dumps(self.item, indent=2, sort_keys=True, ensure_ascii=False)
            self._text = f"{text}\n"
            if len(_written) == _KEPT:
                _written.popleft().forget()
            _written.append(self)
        return self._text

    def forget(self) -> None:
        """Drop the text and what was found in it; it is made again when somebody asks."""
        self._text = self._root = self._starts = None

    def written(self, node: Spanned) -> str:
        """Give the text of an extent; of a number or a text without writing the whole."""
        if isinstance(node, RouteSpan):
            found = DeployedBody(self, self.item).find(node.route)
            if found is not None and not isinstance(found[0], (dict, list)):
                return plain_json.dumps(found[0], ensure_ascii=False)
        return super().written(node)

    def rank(self, node: Spanned) -> tuple[int | str, ...]:
        """Order what it holds as its text does, without writing it."""
        route = node.route if isinstance(node, RouteSpan) else self._route_at(node)
        # Names are sorted in the text; places in a list are numbers.
        return tuple(key.zfill(_DIGITS) if key.isdigit() else key for key in route)

    def _route_at(self, extent: Spanned) -> Route:
        """Say what is at an extent: the innermost that holds all of it."""
        route: list[str] = []
        inner: JsonNode | None = self.node(())
        while inner is not None:
            parts = (
                ((str(index), item) for index, item in enumerate(inner.items))
                if isinstance(inner.value, list)
                else ((key.name, member) for key, member in inner.members)
            )
            name, inner = next(
                ((n, c) for n, c in parts if c.start <= extent.start and extent.end <= c.end),
                ("", None),
            )
            route += [name] if inner is not None else []
        return tuple(route)

    def node(self, route: Route) -> JsonNode:
        """Locate what stands at `route`, or the nearest that holds it."""
        if self._root is None:
            self._root = json.parse(self)
        node = self._root
        for key in route:
            child = (
                node.items[int(key)]
                if isinstance(node.value, list) and key.isdigit() and int(key) < len(node.value)
                else node.get(key)
            )
            if child is None:
                break
            node = child
        return node


class RouteSpan:
    """The extent of what stands at a route of a deployed document, worked out when asked for."""

    __slots__ = ("document", "route")

    def __init__(self, document: DeployedDocument, route: Route) -> None:
        """Point at `route`."""
        self.document = document
        self.route = route

    @property
    def start(self) -> int:
        """The offset of the first character."""
        return self.document.node(self.route).start

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.document.node(self.route).end


class DeployedBody:
    """A deployed resource's properties; every one is known or absent."""

    __slots__ = ("document", "prefix", "root")

    dialect = "arm"

    def __init__(
        self, document: DeployedDocument, root: dict[str, Any], prefix: Route = ()
    ) -> None:
        """Read from `root`, which stands at `prefix` of the document."""
        self.document = document
        self.root = root
        self.prefix = prefix

    def at(self, route: Route) -> Term:
        """Give what stands at `route`; names compare without case."""
        found = self.find(route)
        return ABSENT_TERM if found is None else self._term(*found)

    def find(self, route: Route) -> tuple[Any, Route] | None:
        """Give the data at `route`, and the route as it is spelled; None where nothing stands."""
        data: Any = self.root
        found: list[str] = [*self.prefix]
        for key in route:
            if isinstance(data, dict):
                name = key if key in data else _spelled(data, key)
                if name is None:
                    return None
                data = data[name]
                found.append(name)
            elif isinstance(data, list) and key.isdigit() and int(key) < len(data):
                data = data[int(key)]
                found.append(key)
            else:
                return None
        return data, tuple(found)

    def _term(self, data: Any, route: Route) -> Term:  # noqa: ANN401  # plain JSON data
        trace = (Place(self.document, RouteSpan(self.document, route)),)
        if isinstance(data, dict):
            members = Object((k, self._term(v, (*route, k))) for k, v in data.items())
            return Term(members, trace)
        if isinstance(data, list):
            return Term([self._term(v, (*route, str(i))) for i, v in enumerate(data)], trace)
        return Term(data, trace)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:  # noqa: ARG002
        """Refuse: what is deployed is changed by commands."""
        message = "it is deployed, not written in a file"
        raise NotEditable(message)


def _spelled(data: dict[str, Any], key: str) -> str | None:
    folded = key.casefold()
    return next((name for name in data if name.casefold() == folded), None)


def resources(item: dict[str, Any], read_in: tuple[ResourceId, ...] = ()) -> Iterator[Resource]:
    """Make the resources that one answer describes: itself, and the subnets of a network.

    What is of no kind that rules judge, or has no id, yields nothing.
    """
    resource_id = item.get("id")
    if not isinstance(resource_id, str) or not resource_id:
        return
    document = DeployedDocument(resource_id, item)
    kind = kind_of(item, resource_id)
    if kind is None:
        return
    yield _resource(kind, document, item, (), read_in)
    if kind is VirtualNetwork:
        properties = item.get("properties")
        subnets = properties.get("subnets") if isinstance(properties, dict) else None
        for index, subnet in enumerate(subnets if isinstance(subnets, list) else ()):
            if isinstance(subnet, dict):
                yield _resource(Subnet, document, subnet, ("properties", "subnets", str(index)))


def kind_of(item: dict[str, Any], resource_id: str) -> type[Resource] | None:
    """Say which kind an answer describes."""
    stated = item.get("type")
    lowered = stated.lower() if isinstance(stated, str) else ""
    if not lowered:
        lowered = (ResourceId((resource_id,)).resource_type or "").lower()
    if lowered == Compute.arm_type.lower():
        properties = item.get("properties")
        word = properties.get("computeType") if isinstance(properties, dict) else None
        return COMPUTE_KINDS.get(str(word).lower())
    return _KINDS.get(lowered)


def _resource(
    kind: type[Resource],
    document: DeployedDocument,
    item: dict[str, Any],
    prefix: Route,
    read_in: tuple[ResourceId, ...] = (),
) -> Resource:
    spelled = item.get("id")
    own = ResourceId((spelled if isinstance(spelled, str) and spelled else document.path,))
    name = item.get("name")
    at = max(str(own).casefold().rfind(mark) for mark in _SET_ON)
    scope = ResourceId((str(own)[:at] or "/",)) if at >= 0 else None
    resource = kind(
        DeployedBody(document, item, prefix),
        name=name if isinstance(name, str) and name else own.name or "",
        resource_id=own,
        grip=Place(document, RouteSpan(document, (*prefix, "name"))),
        address="",
        scope=scope,
        is_deployed=True,
    )
    resource.read_in = read_in
    return resource
