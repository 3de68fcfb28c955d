"""Whether the nodes in a virtual network have a private way to their workspace."""

from __future__ import annotations

from azmlint import (
    ComputeCluster,
    Estate,
    Facet,
    Items,
    Object,
    PrivateEndpoint,
    Reason,
    ResourceId,
    Term,
    Undecided,
    Value,
    VirtualNetwork,
    Workspace,
    ZoneLink,
)

ZONES = ("privatelink.api.", "privatelink.notebooks.")
"""How the names of the zones begin that resolve a workspace, in every cloud."""


def plumbing_gap(
    network: VirtualNetwork, cluster: ComputeCluster, workspace: Workspace, estate: Estate
) -> str | None:
    """Say what a network lacks for a private way to a workspace; None when there is one.

    Raises Undecided where traffic or names may take a way that no answer shows.
    """
    if cluster.location.differs_from(network.location):
        return f"and its {network.label} is in {network.location.text}"
    endpoints = _endpoints(workspace, estate)
    places = {ResourceId.of(e.subnet.term).parent.key for e in endpoints}
    if network.id.key in places:
        return None
    if _listed(network.dns_servers):
        text = f"{network.label} has DNS servers of its own, into which no answer looks"
        raise Undecided((Reason("missing", text),))
    near = _peers(network)
    if not near & places:
        if near:
            text = f"{network.label} may reach {workspace.label} through a network in between"
            raise Undecided((Reason("missing", text),))
        return f"and its {network.label} neither holds one of them nor is peered with a network that does"
    missing = [f"'{zone}*'" for zone in ZONES if not _is_linked(network, zone, estate)]
    if missing:
        return f"and no private zone {' or '.join(missing)} is linked to its {network.label}"
    return None


def _endpoints(workspace: Workspace, estate: Estate) -> list[PrivateEndpoint]:
    """List the approved endpoints; raises Undecided for one of which the network is not known."""
    found = {e.id.key: e for e in estate.private_endpoints_of(workspace)}
    for term in _listed(workspace.endpoint_connections):
        own = ResourceId.of(_at(term, "properties", "privateEndpoint", "id"))
        status = _at(term, "properties", "privateLinkServiceConnectionState", "status")
        if str(status.data).casefold() != "approved":
            found.pop(own.key, None)
        elif own.key not in found and own.segments:
            found[own.key] = estate.find(PrivateEndpoint, own)
    return list(found.values())


def _peers(network: VirtualNetwork) -> set[object]:
    """List the networks that a network is connected with."""
    return {
        ResourceId.of(_at(term, "properties", "remoteVirtualNetwork", "id")).key
        for term in _listed(network.peerings)
        if str(_at(term, "properties", "peeringState").data).casefold() == "connected"
    }


def _is_linked(network: VirtualNetwork, zone: str, estate: Estate) -> bool:
    for link in estate.of(ZoneLink):
        name = (link.id.parent.name or "").casefold()
        if name.startswith(zone) and ResourceId.of(link.network.term).key == network.id.key:
            return True
    subscription = network.id.subscription
    if subscription is not None:
        estate.require(Facet.PRIVATE_ZONES, subscription)
    return False


def _listed(items: Value[Items]) -> tuple[Term, ...]:
    return items.known.members if items.known is not None else ()


def _at(term: Term, *names: str) -> Term:
    for name in names:
        found = term.data.lookup(name) if isinstance(term.data, Object) else None
        if found is None:
            return Term("")
        term = found
    return term
