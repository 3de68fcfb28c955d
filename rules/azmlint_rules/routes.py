"""Where the routes of a subnet send what leaves it."""

from __future__ import annotations

from typing import NamedTuple

from azmlint import Estate, Object, Reason, ResourceId, RouteTable, Subnet, Term, Undecided

EVERYWHERE = "0.0.0.0/0"
APPLIANCES = ("virtualappliance", "virtualnetworkgateway")


class Route(NamedTuple):
    """One route; texts in lower case."""

    prefix: str
    hop: str


def routes_of(subnet: Subnet, estate: Estate) -> tuple[Route, ...]:
    """List the routes of a subnet; raises Undecided when they are not all in these files."""
    if not subnet.route_table.given:
        return ()
    table = estate.find(RouteTable, ResourceId.of(subnet.route_table.term))
    if table.is_existing or table.routes.is_absent:
        text = f"the routes of {table.label} are not declared in these files"
        raise Undecided((Reason("missing", text),))
    return tuple(_route(term) for term in table.routes.require().members)


def _route(term: Term) -> Route:
    prefix = _text(term, "properties", "addressPrefix")
    return Route(prefix, _text(term, "properties", "nextHopType"))


def _text(term: Term, *names: str) -> str:
    for name in names:
        if term.reason is not None:
            raise Undecided((term.reason,), term.decisions)
        found = term.data.lookup(name) if isinstance(term.data, Object) else None
        if found is None:
            return ""
        term = found
    if term.reason is not None:
        raise Undecided((term.reason,), term.decisions)
    return str(term.data).lower()
