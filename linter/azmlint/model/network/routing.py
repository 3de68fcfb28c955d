"""Where the routes of a subnet send traffic: the most precise route counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.service_tags import CLOUD, tag_of
from azmlint.expressions.term import ABSENT_TERM, Object, Term
from azmlint.expressions.truth import TRUE, Reason, Truth
from azmlint.model.network.addresses import PRIVATE, Addresses, Surroundings, range_of, relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.model.kinds import Items

DIRECT: Final = "internet"
APPLIANCES: Final = frozenset({"virtualappliance", "virtualnetworkgateway"})
"""Next hops that take traffic out of the way to its destination."""

ENDPOINT: Final = "virtualnetworkserviceendpoint"
_SYSTEM: Final = "of Azure"
_LAST: Final = 2**32 - 1


class Route(NamedTuple):
    """One route."""

    name: str
    prefix: Term
    next_hop: Term
    position: int
    """Where it stands in its list; -1 for one of Azure's own."""

    address: Term = ABSENT_TERM
    """Of the next hop, where that is an appliance."""

    @property
    def hop(self) -> str | None:
        """The kind of next hop in lower case; None where it is not known."""
        data = self.next_hop.data
        return data.strip().casefold() if isinstance(data, str) else None

    @property
    def rank(self) -> int:
        """How precise it is; among routes that hold all of a tag the highest counts."""
        text = self.prefix.data if isinstance(self.prefix.data, str) else ""
        block = range_of(text)
        if block is not None:
            return 33 - (block.last - block.first + 1).bit_length()
        tag = tag_of(text)
        if tag is None:
            return 0
        # Source: Azure, Virtual network traffic routing, Service tags for user-defined routes.
        return 100 + 2 * (tag[0] != CLOUD) + bool(tag[1]) + 8 * (self.hop == ENDPOINT)


class Way(NamedTuple):
    """The route that some traffic takes, or those of which one is taken."""

    routes: tuple[Route, ...]
    open: Truth
    """TRUE where it is one without doubt; else undecided, and why."""

    @property
    def hops(self) -> frozenset[str]:
        """The next hops that are possible; `?` for one that is not known."""
        return frozenset(r.hop or "?" for r in self.routes)

    @property
    def is_diverted(self) -> bool:
        """Whether an appliance or gateway may be on it."""
        return not self.hops.isdisjoint(APPLIANCES)

    @property
    def direct(self) -> tuple[Route, ...]:
        """Those of the table that lead straight to the destination."""
        return tuple(r for r in self.routes if r.hop == DIRECT and r.position >= 0)


def routes_of(items: Items) -> tuple[Route, ...]:
    """Read the routes of a list."""
    found = []
    for position, term in enumerate(items.members):
        name = _member(term, "name").data
        inner = _member(term, "properties")
        shown = name if isinstance(name, str) else f"#{position + 1}"
        prefix, hop = _member(inner, "addressPrefix"), _member(inner, "nextHopType")
        found.append(Route(shown, prefix, hop, position, _member(inner, "nextHopIpAddress")))
    return tuple(found)


def _member(term: Term, name: str) -> Term:
    if term.is_unknown:
        return term
    found = term.data.lookup(name) if isinstance(term.data, Object) else None
    return found if found is not None else ABSENT_TERM


def service_endpoint(tag: str) -> Route:
    """Give the route that Azure adds for a service whose endpoint a subnet has."""
    return Route(f"service endpoint {tag}", Term(tag), Term(ENDPOINT), -1)


def way_to(destination: Addresses, routes: Sequence[Route]) -> Way:
    """Find the route for addresses outside of the network."""
    system = Route(_SYSTEM, Term("0.0.0.0/0"), Term(DIRECT), -1)
    found: list[Route] = []
    why = TRUE
    certain: list[Route] = []
    for route in (*routes, system):
        holds = _holds(route, destination)
        if holds.known:
            certain.append(route)
        elif holds.known is None:
            # What holds a part of a tag may be more precise there than what holds all of it.
            found.append(route)
            why &= holds
    if len(certain) > 1 or not _hold_all(found):
        found.append(max(certain, key=lambda r: r.rank))
    hops = {r.hop for r in found}
    if len(hops) == 1 and None not in hops:
        return Way(tuple(found), TRUE)
    if why.known is None:
        return Way(tuple(found), why)
    unknown = found[-1].next_hop
    reason = unknown.reason or Reason("invalid", f"route '{found[-1].name}' has no next hop")
    return Way(tuple(found), Truth(None, (reason,), unknown.decisions))


def _hold_all(routes: Sequence[Route]) -> bool:
    """Whether routes hold every address between them, as 0.0.0.0/1 and 128.0.0.0/1 do."""
    texts = [r.prefix.data for r in routes]
    blocks = [range_of(t) for t in texts if isinstance(t, str)]
    reached = -1
    for block in sorted(b for b in blocks if b is not None):
        if block.first > reached + 1:
            return False
        reached = max(reached, block.last)
    return reached >= _LAST


def _holds(route: Route, destination: Addresses) -> Truth:
    text = route.prefix.data
    if not isinstance(text, str):
        reason = route.prefix.reason or Reason("invalid", f"route '{route.name}' has no prefix")
        return Truth(None, (reason,), route.prefix.decisions)
    return relation(destination, text, Surroundings())


def may_lead_inside(route: Route) -> bool:
    """Whether its prefix may make public addresses count as the virtual network."""
    if route.hop not in APPLIANCES and route.hop is not None:
        return False
    block = range_of(route.prefix.data) if isinstance(route.prefix.data, str) else None
    return block is None or not any(private.holds(block) for private in PRIVATE)
