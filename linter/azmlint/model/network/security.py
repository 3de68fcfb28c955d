"""Which rule of the network security groups on its way decides on some traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import ABSENT_TERM, Object, Term, same_text
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, truth, undecided
from azmlint.model.network.addresses import (
    HOST,
    PRIVATE,
    Addresses,
    Nodes,
    Range,
    Surroundings,
    range_of,
    relation,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from azmlint.model.kinds import Items

INBOUND: Final = "inbound"
OUTBOUND: Final = "outbound"
ANY_PORT: Final = Range(0, 65535)
_CELLS: Final = 4096
"""Into how many pieces a question is cut; one that needs more is undecided."""


class Traffic(NamedTuple):
    """What is asked about: some traffic in one direction."""

    direction: str
    protocol: str
    """tcp, udp or icmp."""

    source: Addresses
    destination: Addresses
    port: Range
    """Of the destination."""

    source_port: Range = ANY_PORT
    source_groups: frozenset[str] = frozenset()
    """The ids of application security groups that the source is in, in lower case."""

    destination_groups: frozenset[str] = frozenset()


class SecurityRule(NamedTuple):
    """One rule; what of it is not known stays an unknown term."""

    name: str
    term: Term
    """The whole rule as it is written; without a place for a default rule."""

    position: int
    """Where it stands in its list; -1 for a default rule."""

    layer: int = 0
    """Of which group it is, where traffic passes several."""

    @property
    def is_default(self) -> bool:
        """Whether every group has it."""
        return self.position < 0

    def at(self, name: str) -> Term:
        """Give one of its properties."""
        return _member(_member(self.term, "properties"), name)

    @property
    def priority(self) -> int | None:
        """Its priority; None where it is not known."""
        data = self.at("priority").data
        if isinstance(data, str) and data.strip().isdigit():
            return int(data)
        if isinstance(data, (int, float)) and not isinstance(data, bool):
            return int(data)
        return None

    @property
    def allows(self) -> Truth:
        """Whether it allows what it matches."""
        return _is_word(self.at("access"), "allow", "access")

    @property
    def is_inbound(self) -> Truth:
        """Whether it is about what reaches nodes."""
        return _is_word(self.at("direction"), INBOUND, "direction")

    def is_for_ports_in(self, first: int, last: int) -> Truth:
        """Whether all its ports are in a range."""
        whole, verdict = Range(first, last), TRUE
        for term in _listed(self, "destinationPortRange"):
            found = _port(term)
            verdict &= _unknown(term, "port") if found is None else truth(whole.holds(found))
        return verdict

    def matches(self, traffic: Traffic, around: Surroundings) -> Truth:
        """Whether it holds all of some traffic, or nothing of it."""
        return (
            _is_word(self.at("direction"), traffic.direction, "direction")
            & self._protocol(traffic.protocol)
            & _ports(self, "destinationPortRange", traffic.port)
            & _ports(self, "sourcePortRange", traffic.source_port)
            & _places(self, "source", traffic.source, traffic.source_groups, around)
            & _places(self, "destination", traffic.destination, traffic.destination_groups, around)
        )

    def _protocol(self, protocol: str) -> Truth:
        return _is_word(self.at("protocol"), "*", "protocol") | _is_word(
            self.at("protocol"), protocol, "protocol"
        )


class Outcome(NamedTuple):
    """One way in which traffic may be decided."""

    rule: SecurityRule
    is_allowed: bool
    is_certain: bool
    """Whether this rule decides without doubt."""


class Verdict(NamedTuple):
    """What a security group does with some traffic."""

    allowed: Truth
    """Whether all of it passes."""

    denied: Truth
    """Whether nothing of it passes."""

    outcomes: tuple[Outcome, ...]
    """The rules that decide or may decide, each once, in the order in which they are asked."""

    @property
    def deciding(self) -> SecurityRule | None:
        """The rule that decides on all of it; None where there are several or it is open."""
        rules = {(o.rule.layer, o.rule.name) for o in self.outcomes}
        is_certain = all(o.is_certain for o in self.outcomes)
        return self.outcomes[0].rule if len(rules) == 1 and is_certain else None


def security_rules(items: Items, layer: int = 0) -> tuple[SecurityRule, ...]:
    """Read the rules of a list; of one that is not known in whole, the rest stays in order."""
    found = []
    for index, term in enumerate(items.members):
        name = _member(term, "name").data
        shown = name if isinstance(name, str) else f"#{index + 1}"
        found.append(SecurityRule(shown, term, index, layer))
    return tuple(found)


def _default(
    name: str, direction: str, priority: int, access: str, source: str, to: str
) -> SecurityRule:
    properties: dict[str, str | int] = {
        "direction": direction,
        "priority": priority,
        "access": access,
        "protocol": "*",
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": to,
        "destinationPortRange": "*",
    }
    inner = Object((key, Term(value)) for key, value in properties.items())
    return SecurityRule(name, Term(Object([("name", Term(name)), ("properties", Term(inner))])), -1)


DEFAULTS: Final = (
    _default("AllowVnetInBound", INBOUND, 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    _default("AllowAzureLoadBalancerInBound", INBOUND, 65001, "Allow", "AzureLoadBalancer", "*"),
    _default("DenyAllInBound", INBOUND, 65500, "Deny", "*", "*"),
    _default("AllowVnetOutBound", OUTBOUND, 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    _default("AllowInternetOutBound", OUTBOUND, 65001, "Allow", "*", "Internet"),
    _default("DenyAllOutBound", OUTBOUND, 65500, "Deny", "*", "*"),
)
"""What every group ends with. Source: Azure, Network security groups overview, Default rules."""


def decide(
    rules: Sequence[SecurityRule], traffic: Traffic, around: Sequence[Surroundings]
) -> Verdict:
    """Decide on some traffic, exactly: every piece of it by the first rule that matches.

    Of several surroundings nobody knows which is true.
    """
    return decide_through({0: rules}, traffic, around)


def decide_through(
    groups: Mapping[int, Sequence[SecurityRule]],
    traffic: Traffic,
    around: Sequence[Surroundings],
) -> Verdict:
    """Decide on traffic that passes several groups: every piece has to be allowed by each.

    They are given by layer, in the order in which they are asked: what leaves a node passes the
    group of its network interface first, what reaches it that of the subnet.
    """
    layers = [
        (*rules, *(d._replace(layer=layer) for d in DEFAULTS)) for layer, rules in groups.items()
    ]
    pieces = list(_pieces([r for layer in layers for r in layer], traffic, around))
    if not pieces:
        open_ = undecided("limit", f"more than {_CELLS} different pieces of traffic")
        return Verdict(open_, open_, ())
    allowed = denied = TRUE
    found: dict[tuple[str, int, int, bool], Outcome] = {}
    for piece in pieces:
        verdicts = [_through(layers, piece, known) for known in around]
        allowed &= _agreed([passes for passes, _ in verdicts])
        denied &= _agreed([~passes for passes, _ in verdicts])
        for outcome in (o for _, outcomes in verdicts for o in outcomes):
            key = (outcome.rule.name, outcome.rule.position, outcome.rule.layer, outcome.is_allowed)
            known_one = found.get(key)
            if known_one is None or known_one.is_certain:
                found[key] = outcome
    return Verdict(allowed, denied, tuple(found.values()))


def _through(
    layers: Sequence[Sequence[SecurityRule]], traffic: Traffic, around: Surroundings
) -> tuple[Truth, list[Outcome]]:
    """Ask each group; the first that denies decides."""
    passes, outcomes = TRUE, []
    for layer in layers:
        own, said = _first(layer, traffic, around)
        if own.known is False:
            return own, said
        passes &= own
        outcomes += said
    return passes, outcomes


def _agreed(verdicts: list[Truth]) -> Truth:
    known = {v.known for v in verdicts}
    if len(known) == 1 and None not in known:
        return verdicts[0]
    for verdict in verdicts:
        if verdict.known is None:
            return verdict
    return undecided(
        "runtime", "a route for everything may make public addresses count as the virtual network"
    )


def _first(
    rules: Sequence[SecurityRule], traffic: Traffic, around: Surroundings
) -> tuple[Truth, list[Outcome]]:
    """Let rules decide in order; what is not known of one leaves those after it in play."""
    outcomes: list[Outcome] = []
    reasons = TRUE
    ordered = sorted((r for r in rules if r.priority is not None), key=lambda r: r.priority or 0)
    loose = [r for r in rules if r.priority is None]
    for rule in loose:
        matched = rule.matches(traffic, around)
        if matched.known is False:
            continue
        open_order = undecided("parameter", f"the priority of rule '{rule.name}' is not known")
        reasons &= matched & _reason_of(rule.at("priority"), open_order)
        outcomes += _outcomes(rule, is_certain=False)
    for rule in ordered:
        matched = rule.matches(traffic, around)
        if matched.known is False:
            continue
        allows = rule.allows
        reasons &= matched if matched.known is None else allows | ~allows
        is_certain = bool(matched.known) and not outcomes and allows.known is not None
        outcomes += _outcomes(rule, is_certain=is_certain)
        if matched.known:
            break
    said = {o.is_allowed for o in outcomes}
    if len(said) == 1:
        return truth(said.pop()), outcomes
    if reasons.known is None:
        return reasons, outcomes
    return undecided("runtime", "no rule is certain to decide"), outcomes


def _reason_of(term: Term, otherwise: Truth) -> Truth:
    if term.reason is not None:
        return Truth(None, (term.reason,), term.decisions)
    return otherwise


def _outcomes(rule: SecurityRule, *, is_certain: bool) -> Iterator[Outcome]:
    allows = rule.allows
    for is_allowed in (True, False):
        if allows.known is None or allows.known is is_allowed:
            yield Outcome(rule, is_allowed, is_certain)


# Pieces


def _pieces(
    rules: Sequence[SecurityRule], traffic: Traffic, around: Sequence[Surroundings]
) -> Iterator[Traffic]:
    """Cut traffic so that every rule holds all of each piece or nothing; none if too many."""
    own = [p for known in around for p in known.prefixes]
    sources = _cut(traffic.source, rules, "source", own)
    destinations = _cut(traffic.destination, rules, "destination", own)
    ports = list(split(traffic.port, _port_ranges(rules, "destinationPortRange")))
    source_ports = list(split(traffic.source_port, _port_ranges(rules, "sourcePortRange")))
    if len(sources) * len(destinations) * len(ports) * len(source_ports) > _CELLS:
        return
    for source in sources:
        for destination in destinations:
            for port in ports:
                for source_port in source_ports:
                    yield traffic._replace(
                        source=source, destination=destination, port=port, source_port=source_port
                    )


def _cut(
    about: Addresses, rules: Iterable[SecurityRule], side: str, own: Iterable[Range]
) -> list[Addresses]:
    if not isinstance(about, Range):
        return [about]
    texts = [t.data for r in rules for t in _listed(r, f"{side}AddressPrefix")]
    blocks = [b for b in (range_of(t) for t in texts if isinstance(t, str)) if b is not None]
    return list(split(about, (*blocks, *own, *PRIVATE, *HOST)))


def _port_ranges(rules: Iterable[SecurityRule], name: str) -> list[Range]:
    terms = (t for r in rules for t in _listed(r, name))
    return [p for p in (_port(t) for t in terms) if p is not None]


# One condition of a rule


def _member(term: Term, name: str) -> Term:
    if term.is_unknown:
        return term
    found = term.data.lookup(name) if isinstance(term.data, Object) else None
    return found if found is not None else ABSENT_TERM


def _is_empty(term: Term) -> bool:
    return term.is_absent or term.data is None or term.data in ("", [])


def _listed(rule: SecurityRule, name: str) -> list[Term]:
    """List the values of a property that may be one text or a list under a longer name."""
    found: list[Term] = []
    for term in (rule.at(name), rule.at(f"{name}es" if name.endswith("x") else f"{name}s")):
        if _is_empty(term):
            continue
        found += term.data if isinstance(term.data, list) else [term]
    return found


def _unknown(term: Term, what: str) -> Truth:
    reason = term.reason or Reason("invalid", f"'{term.shown()}' is no {what}")
    return Truth(None, (reason,), term.decisions)


def _is_word(term: Term, word: str, what: str) -> Truth:
    if isinstance(term.data, str):
        return truth(term.data.strip().casefold() == word)
    return _unknown(term, what)


def _port(term: Term) -> Range | None:
    data = term.data
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return Range(int(data), int(data))
    if not isinstance(data, str):
        return None
    text = data.strip()
    if text == "*":
        return ANY_PORT
    first, _, last = text.partition("-")
    if not first.strip().isdigit() or (last and not last.strip().isdigit()):
        return None
    return Range(int(first), int(last or first))


def _ports(rule: SecurityRule, name: str, about: Range) -> Truth:
    # NOTE: Ports mean nothing to ICMP; every rule that Azure takes writes `*` there.
    terms = _listed(rule, name)
    if not terms:
        return _unknown(rule.at(name), "port")
    verdict = FALSE
    for term in terms:
        found = _port(term)
        verdict |= _unknown(term, "port") if found is None else truth(found.holds(about))
    return verdict


def _places(
    rule: SecurityRule,
    side: str,
    about: Addresses,
    groups: frozenset[str],
    around: Surroundings,
) -> Truth:
    verdict = FALSE
    terms = _listed(rule, f"{side}AddressPrefix")
    for term in terms:
        if isinstance(about, Nodes) and about.prefix and same_text(about.prefix, term.text_parts):
            return TRUE
        if not isinstance(term.data, str):
            verdict |= _tagged(term, about, around)
        elif verdict.known is not True:
            verdict |= relation(about, term.data, around)
    listed = rule.at(f"{side}ApplicationSecurityGroups")
    if not _is_empty(listed):
        if not isinstance(listed.data, list):
            return verdict | _unknown(listed, "list of application security groups")
        for item in listed.data:
            verdict |= _in_group(item, groups)
    elif not terms:
        return _unknown(rule.at(f"{side}AddressPrefix"), "address")
    return verdict


def _tagged(term: Term, about: Addresses, around: Surroundings) -> Truth:
    """Compare with a tag of which the region alone is not known, such as `Storage.{location}`."""
    region = getattr(about, "region", ())
    first, *rest = term.text_parts or ("",)
    if not isinstance(first, str) or not rest or not first.endswith("."):
        return _unknown(term, "address")
    whole = relation(about, first[:-1], around)
    if whole.known is False:
        return FALSE
    if whole.known and region and same_text(tuple(rest), region):
        return TRUE
    return _unknown(term, "address")


def _in_group(item: Term, groups: frozenset[str]) -> Truth:
    if not groups:
        return FALSE
    group = _member(item, "id")
    if not isinstance(group.data, str):
        return _unknown(group, "application security group")
    return truth(group.data.strip().casefold() in groups)
