"""What nodes of a compute may send and receive where they start."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.firewall_names import REGION
from azmlint.data.service_tags import NETWORK, REGIONAL, Requirement
from azmlint.expressions.term import Object
from azmlint.expressions.truth import TRUE, Reason, Undecided, undecided
from azmlint.model.ids import ResourceId
from azmlint.model.network.addresses import (
    Addresses,
    Nodes,
    Range,
    Surroundings,
    Tag,
    range_of,
)
from azmlint.model.network.firewall import (
    FirewallRule,
    Question,
    firewall_at,
    lets_through,
    rules_of,
)
from azmlint.model.network.routing import Route, Way, may_lead_inside, routes_of, way_to
from azmlint.model.network.routing import service_endpoint as _endpoint_route
from azmlint.model.network.security import (
    INBOUND,
    OUTBOUND,
    SecurityRule,
    Traffic,
    Verdict,
    decide_through,
    security_rules,
)
from azmlint.model.resources import NetworkSecurityGroup, RouteTable, interface_of

if TYPE_CHECKING:
    from azmlint.data.firewall_names import FirewallName
    from azmlint.expressions.term import Part, Term
    from azmlint.expressions.truth import Truth
    from azmlint.model.estate import Estate
    from azmlint.model.resources import Compute, Firewall, Subnet
    from azmlint.model.value import Value

_OPEN: Final = Verdict(TRUE, ~TRUE, ())
_APPLIANCE: Final = "virtualappliance"
_BATCH: Final = "azurebatch"
"""What the names of the groups hold that Azure Batch puts on the interfaces of nodes."""


class Crossing(NamedTuple):
    """What a security group and the routes do with what nodes need."""

    need: Requirement
    tag: str
    """With its region, as a message shows it."""

    verdict: Verdict
    way: Way | None
    """None where it is not known."""


class Passage(NamedTuple):
    """What a firewall does with a name that nodes need."""

    firewall: Firewall
    name: str
    """With its region."""

    is_open: Truth
    """Whether it lets nodes through."""


class NodeTraffic:
    """The traffic of the nodes of one compute."""

    def __init__(self, compute: Compute, estate: Estate) -> None:
        """Find what surrounds the nodes; raises Undecided where their subnet is not here."""
        self._compute = compute
        self._estate = estate
        self.subnet: Subnet = estate.subnet_of(compute)
        if self.subnet.is_existing:
            text = f"{self.subnet.label} is declared elsewhere"
            raise Undecided((Reason("missing", text),))
        self._rules: tuple[SecurityRule, ...] | None = None
        self._worn: tuple[NetworkSecurityGroup, ...] | None = None
        self._around: tuple[Surroundings, ...] | None = None
        self._firewalls: dict[tuple[Part, ...], tuple[Firewall, tuple[FirewallRule, ...]]] = {}

    # What surrounds the nodes

    @property
    def group(self) -> NetworkSecurityGroup | None:
        """The security group of the subnet; None when it has none.

        Raises Undecided when it is not here.
        """
        value = self.subnet.network_security_group
        if not value.given:
            return None
        return self._estate.find(NetworkSecurityGroup, ResourceId.of(value.term))

    @property
    def security_rules(self) -> tuple[SecurityRule, ...]:
        """The rules of the subnet's group; raises Undecided when they are not here."""
        if self._rules is None:
            group = self.group
            if group is None:
                self._rules = ()
            else:
                listed = group.security_rules
                if group.is_existing or listed.is_absent:
                    text = f"the rules of {group.label} are not declared in these files"
                    raise Undecided((Reason("missing", text),))
                self._rules = security_rules(listed.require())
        return self._rules

    @property
    def interface_groups(self) -> tuple[NetworkSecurityGroup, ...]:
        """The groups that may be on the network interfaces of nodes, as far as a snapshot tells.

        Azure Batch makes one for each compute with public addresses. Which of several is that of
        which compute nothing says.
        """
        if self._worn is None:
            listed = self.subnet.ip_configurations.known
            found: dict[int, NetworkSecurityGroup] = {}
            for term in listed.members if listed is not None else ():
                for group in self._estate.groups_on(interface_of(term)):
                    if _BATCH in group.name.casefold():
                        found[id(group)] = group
            self._worn = tuple(found.values())
        return self._worn

    def guard(self, verdict: Verdict) -> NetworkSecurityGroup | None:
        """Find the group of the rule that decides first; None where no group decides."""
        return self.group_of(verdict.outcomes[0].rule) if verdict.outcomes else None

    def group_of(self, rule: SecurityRule) -> NetworkSecurityGroup | None:
        """Find the group of a rule."""
        return self.interface_groups[rule.layer - 1] if rule.layer else self.group

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of the subnet; raises Undecided when they are not here."""
        value = self.subnet.route_table
        if not value.given:
            return ()
        table = self._estate.find(RouteTable, ResourceId.of(value.term))
        if table.is_existing or table.routes.is_absent:
            text = f"the routes of {table.label} are not declared in these files"
            raise Undecided((Reason("missing", text),))
        return routes_of(table.routes.require())

    def place_of(self, rule: SecurityRule) -> Value[object] | None:
        """Point at a rule where it is written; None for one that every group has."""
        group = self.group_of(rule)
        if group is None or rule.is_default or not rule.term.trace:
            return None
        return group.security_rules.item(rule.position, rule.term)

    @property
    def _surroundings(self) -> tuple[Surroundings, ...]:
        if self._around is None:
            blocks = tuple(_blocks(self.subnet.prefix.term, *self._network_prefixes()))
            known = Surroundings(blocks)
            inside = known._replace(is_public_inside=True)
            self._around = (known, inside) if self._may_lead_inside() else (known,)
        return self._around

    def _network_prefixes(self) -> tuple[Term, ...]:
        try:
            network = self._estate.network_of(self._compute)
        except Undecided:
            return ()
        listed = network.prefixes.known
        return listed.members if listed is not None else ()

    def _may_lead_inside(self) -> bool:
        """Whether a route may make public addresses count as the virtual network.

        The tag VirtualNetwork holds the prefixes of routes, default routes among them; a gateway
        announces some that no file shows.
        """
        try:
            return any(may_lead_inside(r) for r in self.routes) or self._has_gateway()
        except Undecided:
            return True

    def _has_gateway(self) -> bool:
        try:
            network = self._estate.network_of(self._compute)
        except Undecided:
            return False
        if any(s.name.casefold() == "gatewaysubnet" for s in self._estate.subnets_of(network)):
            return True
        peerings = network.peerings.known
        return peerings is not None and any(map(_uses_gateway, peerings.members))

    # Questions

    @property
    def _nodes(self) -> Addresses:
        prefix, listed = self.subnet.prefix, self.subnet.prefixes.known
        block = range_of(prefix.known) if prefix.known is not None else None
        if block is not None and (listed is None or len(listed) <= 1):
            return block
        return Nodes(prefix.term.text_parts)

    def outbound(self, need: Requirement, region: tuple[Part, ...] = ()) -> Verdict:
        """Decide whether nodes may send what they need to a service, in a region."""
        return self.to(_tag(need, region), need.protocol, need.port)

    def to(self, destination: Addresses, protocol: str, port: int) -> Verdict:
        """Decide whether nodes may send something."""
        asked = Range(port, port)
        return self._decide(Traffic(OUTBOUND, protocol.casefold(), self._nodes, destination, asked))

    def _decide(self, traffic: Traffic) -> Verdict:
        """Let the groups of the subnet and of the interfaces decide; of several, all alike."""
        own = {0: self.security_rules} if self.group is not None else {}
        worn = [
            {layer: security_rules(group.security_rules.require(), layer)}
            for layer, group in enumerate(self.interface_groups, 1)
            if group.security_rules.given
        ]
        is_out = traffic.direction == OUTBOUND
        ways = [one | own if is_out else own | one for one in worn or [{}]]
        if not ways[0]:
            return _OPEN
        verdicts = [decide_through(way, traffic, self._surroundings) for way in ways]
        if len({(v.allowed.known, v.denied.known) for v in verdicts}) == 1:
            return verdicts[0]
        text = f"which of {len(ways)} security groups is on the nodes of {self._compute.label}"
        open_ = undecided("missing", f"{text} is not known")
        return Verdict(open_, open_, tuple(o for v in verdicts for o in v.outcomes))

    def to_network(self, protocol: str, port: int) -> Verdict:
        """Decide whether nodes may send something to their own and connected networks."""
        return self.to(Tag(NETWORK), protocol, port)

    def inbound(self, need: Requirement) -> Verdict:
        """Decide whether something from the internet may reach nodes."""
        asked = Range(need.port, need.port)
        return self._decide(
            Traffic(INBOUND, need.protocol.casefold(), _tag(need, ()), self._nodes, asked)
        )

    def way(self, need: Requirement, region: tuple[Part, ...] = ()) -> Way:
        """Find the route that traffic to a service takes."""
        routes = self.routes
        if need.tag == "Storage" and self._has_storage_endpoint():
            routes = (*routes, _endpoint_route(need.tag))
        return way_to(_tag(need, region), routes)

    def through_firewall(self, need: FirewallName, region: tuple[Part, ...] = ()) -> Passage | None:
        """Say whether the firewall on the way to a name lets it pass; None where none is on it.

        Raises Undecided for an appliance of which no firewall is known, and for rules not here.
        """
        is_regional = REGION in need.name
        asked = Requirement(need.tag, need.protocol, need.port, "", is_regional=is_regional)
        way = self.way(asked, region)
        if not way.is_diverted:
            bool(way.open)
            return None
        addresses = {r.address.text_parts: r.address for r in way.routes if r.hop == _APPLIANCE}
        if way.hops != {_APPLIANCE} or len(addresses) != 1:
            bool(way.open)
            return None
        ((parts, address),) = addresses.items()
        if parts not in self._firewalls:
            firewall = firewall_at(address, self.subnet.id, self._estate)
            self._firewalls[parts] = (firewall, rules_of(firewall, self._estate))
        firewall, rules = self._firewalls[parts]
        question = Question(need, region, self._nodes)
        return Passage(firewall, question.name, lets_through(rules, question))

    def _has_storage_endpoint(self) -> bool:
        services = self.subnet.service_endpoints.known
        return services is not None and any(
            str(_text(term, "service")).casefold().startswith("microsoft.storage")
            for term in services.members
        )

    def crossing(self, need: Requirement, region: tuple[Part, ...] = ()) -> Crossing:
        """Give all that decides on the way of nodes to a service."""
        way: Way | None
        try:
            way = self.way(need, region)
        except Undecided:
            way = None
        shown = "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in region)
        tag = f"{need.tag}.{shown}" if need.is_regional and shown else need.tag
        return Crossing(need, tag, self.outbound(need, region), way)


def regions_of(compute: Compute, estate: Estate) -> tuple[tuple[Part, ...], ...]:
    """Give the regions in which nodes need services, each once; empty pieces where none is known.

    Pages of the documentation disagree on whether that is the workspace's or the compute's.
    """
    values = [compute.location]
    with suppress(Undecided):
        values.append(estate.workspace_of(compute).location)
    found: list[tuple[Part, ...]] = []
    for value in values:
        parts = (value.known,) if value.known is not None else value.term.text_parts
        if parts and parts not in found:
            found.append(parts)
    return tuple(found) or ((),)


def _tag(need: Requirement, region: tuple[Part, ...]) -> Tag:
    name = need.tag.casefold()
    return Tag(name, region if need.is_regional and name in REGIONAL else ())


def _blocks(*terms: Term) -> list[Range]:
    texts = [t.data for t in terms if isinstance(t.data, str)]
    return [b for b in map(range_of, texts) if b is not None]


def _uses_gateway(peering: Term) -> bool:
    properties = peering.data.lookup("properties") if isinstance(peering.data, Object) else None
    return properties is not None and _text(properties, "useRemoteGateways") is not False


def _text(term: Term, name: str) -> object:
    found = term.data.lookup(name) if isinstance(term.data, Object) else None
    return found.data if found is not None else False
