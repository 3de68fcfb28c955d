"""What an Azure Firewall lets nodes reach: the rules of its policies, or its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.firewall_names import REGION
from azmlint.data.service_tags import REGIONAL
from azmlint.expressions.term import ABSENT_TERM, Object, Term
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, Undecided, truth, undecided
from azmlint.model.facet import Facet
from azmlint.model.ids import ResourceId
from azmlint.model.network.addresses import (
    Addresses,
    Range,
    Surroundings,
    Tag,
    range_of,
    relation,
)
from azmlint.model.resources import Firewall, FirewallPolicy, FirewallRules, Subnet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.data.firewall_names import FirewallName
    from azmlint.expressions.term import Part
    from azmlint.model.estate import Estate
    from azmlint.model.kinds import Items
    from azmlint.model.value import Value

_DEPTH: Final = 8
"""How many policies may have one another for parents; Azure allows one."""

_APPLICATION: Final = "application"
_NETWORK: Final = "network"
_AROUND: Final = Surroundings()


class FirewallRule(NamedTuple):
    """One rule of a firewall."""

    name: str
    kind: str
    is_allowing: Truth
    term: Term
    """Its properties, as Resource Manager has them."""


def firewall_at(address: Term, near: ResourceId, estate: Estate) -> Firewall:
    """Find the firewall that has an address; raises Undecided when none is known to have it.

    It may be in another subscription than what is `near`, and then may not have been read.

    Nothing but a firewall has addresses in its subnet, so that one is found by that, too, where
    its own address is known only once it is deployed.
    """
    text = address.data
    at = range_of(text) if isinstance(text, str) else None
    if at is None:
        reason = address.reason or Reason("invalid", "the next hop of a route has no address")
        raise Undecided((reason,), address.decisions)
    for firewall in estate.of(Firewall):
        if not estate.is_redeclared(firewall) and _is_at(firewall, at, estate):
            return firewall
    if estate.coverages:
        estate.require(Facet.FIREWALLS, near.subscription or near)
    text = f"what the appliance at {text} lets through is not known"
    raise Undecided((Reason("missing", text),))


def _is_at(firewall: Firewall, at: Range, estate: Estate) -> bool:
    listed = firewall.addresses.known
    for term in listed.members if listed is not None else ():
        inner = _at(term, "properties")
        own = _at(inner, "privateIPAddress").data
        if isinstance(own, str):
            if range_of(own) == at:
                return True
            continue
        place = ResourceId.of(_at(inner, "subnet", "id"))
        subnet = estate.look_up(Subnet, place) if place.segments else None
        prefix = subnet.prefix.known if subnet is not None else None
        block = range_of(prefix) if prefix is not None else None
        if block is not None and block.holds(at):
            return True
    return False


def rules_of(firewall: Firewall, estate: Estate) -> tuple[FirewallRule, ...]:
    """List the rules that a firewall follows; raises Undecided when some are not here."""
    if firewall.policy.given:
        return tuple(_of_policy(ResourceId.of(firewall.policy.term), estate, _DEPTH))
    if firewall.is_existing or firewall.body.dialect == "azurerm":
        text = f"the rules of {firewall.label} are declared apart from it"
        raise Undecided((Reason("missing", text),))
    return (
        *_classic(firewall.application_rules, _APPLICATION),
        *_classic(firewall.network_rules, _NETWORK),
    )


def _of_policy(policy_id: ResourceId, estate: Estate, depth: int) -> Iterator[FirewallRule]:
    policy = estate.find(FirewallPolicy, policy_id)
    groups = [
        g
        for g in estate.of(FirewallRules)
        if g.id.parent.key == policy.id.key and not estate.is_redeclared(g) and g.exists()
    ]
    if policy.is_existing or policy.is_deployed or not groups:
        # One that is declared is taken to be declared with all of its groups.
        estate.require(Facet.FIREWALL_RULES, policy.id)
    for group in groups:
        if group.collections.is_absent:
            continue
        for collection in group.collections.require().members:
            yield from _of_collection(collection, _at(collection, "action", "type"))
    if policy.base.given and depth:
        yield from _of_policy(ResourceId.of(policy.base.term), estate, depth - 1)


def _of_collection(collection: Term, action: Term, kind: str = "") -> Iterator[FirewallRule]:
    if str(action.data).casefold() == "dnat":
        return
    is_allowing = _compared(action, "allow")
    rules = _at(collection, "rules")
    if rules.is_unknown or collection.is_unknown:
        reason = rules.reason or collection.reason or Reason("parameter", "rules are not known")
        raise Undecided((reason,), (*rules.decisions, *collection.decisions))
    for rule in rules.data if isinstance(rules.data, list) else ():
        own = kind or _kind(rule)
        name = _at(rule, "name").data
        yield FirewallRule(str(name or "(no name)"), own, is_allowing, rule)


def _classic(listed: Value[Items], kind: str) -> Iterator[FirewallRule]:
    term = listed.term
    if term.is_unknown:
        raise Undecided(listed.reasons, term.decisions)
    for collection in term.data if isinstance(term.data, list) else ():
        inner = _at(collection, "properties")
        yield from _of_collection(inner, _at(inner, "action", "type"), kind)


def _kind(rule: Term) -> str:
    stated = str(_at(rule, "ruleType").data).casefold()
    return stated.removesuffix("rule") if stated.endswith("rule") else _NETWORK


class Question(NamedTuple):
    """A name that nodes of a subnet have to reach."""

    need: FirewallName
    region: tuple[Part, ...]
    nodes: Addresses

    @property
    def name(self) -> str:
        """With its region, as a message shows it."""
        shown = "".join(p if isinstance(p, str) else f"<{p.text}>" for p in self.region)
        return self.need.name.replace(REGION, shown or "<region>")


def lets_through(rules: tuple[FirewallRule, ...], question: Question) -> Truth:
    """Whether some rule allows it and none forbids it; what is not known leaves it open."""
    allowed, forbidden = FALSE, FALSE
    for rule in rules:
        applies = _applies(rule, question)
        allowed |= applies & rule.is_allowing
        forbidden |= applies & ~rule.is_allowing
    if allowed.known is False or forbidden.known is False:
        return allowed
    # Which of the two comes first is a matter of priorities, of collections and of policies.
    text = f"a rule of the firewall may forbid {question.name}"
    return undecided("limit", text)


def _applies(rule: FirewallRule, question: Question) -> Truth:
    source = _from(rule, question)
    if rule.kind == _APPLICATION:
        return source & _speaks(rule, question) & _names(rule, question)
    return source & _carries(rule, question) & (_names(rule, question) | _holds(rule, question))


def _from(rule: FirewallRule, question: Question) -> Truth:
    found = _any(rule, "sourceAddresses", lambda t: relation(question.nodes, t, _AROUND))
    return found | _group(rule, "sourceIpGroups")


def _group(rule: FirewallRule, name: str) -> Truth:
    term = _at(rule.term, name)
    if term.is_absent or term.data in (None, []):
        return FALSE
    return undecided("missing", f"what is in the {name} of rule '{rule.name}' is not read")


def _speaks(rule: FirewallRule, question: Question) -> Truth:
    """Whether an application rule is about TLS at the port."""
    if question.need.protocol != "Tcp":
        return FALSE
    term = _at(rule.term, "protocols")
    if term.is_unknown:
        return _open(term)
    found = FALSE
    for one in term.data if isinstance(term.data, list) else ():
        if isinstance(one.data, str):
            kind, _, port = one.data.partition(":")
            found |= truth(kind.casefold() == "https" and port in {"", str(question.need.port)})
            continue
        port_term = _at(one, "port")
        is_port = TRUE if port_term.is_absent else _compared(port_term, str(question.need.port))
        found |= _compared(_at(one, "protocolType"), "https") & is_port
    return found


def _carries(rule: FirewallRule, question: Question) -> Truth:
    """Whether a network rule is about the protocol at the port."""
    name = "ipProtocols" if not _at(rule.term, "ipProtocols").is_absent else "protocols"
    spoken = {"any", question.need.protocol.casefold()}
    protocol = _any(rule, name, lambda t: truth(t.casefold() in spoken))
    ports = _any(rule, "destinationPorts", lambda t: _at_port(t, question.need.port))
    return protocol & ports


def _at_port(text: str, port: int) -> Truth:
    first, _, last = text.partition("-")
    if text.strip() == "*":
        return TRUE
    if not first.strip().isdigit() or (last and not last.strip().isdigit()):
        return undecided("invalid", f"'{text}' is no port")
    return truth(int(first) <= port <= int(last or first))


def _names(rule: FirewallRule, question: Question) -> Truth:
    """Whether a rule names it: by a name, or by what only the service knows."""
    named = _any(rule, "targetFqdns", lambda t: covers(t, question))
    named |= _any(rule, "destinationFqdns", lambda t: covers(t, question))
    named |= _any(rule, "targetUrls", lambda t: _on_page(t, rule, question))
    text = (
        f"which names are in the tags or categories of rule '{rule.name}' is known to Azure alone"
    )
    secret = undecided("runtime", text)
    return (
        named
        | _any(rule, "fqdnTags", lambda _: secret)
        | _any(rule, "webCategories", lambda _: secret)
    )


def _on_page(url: str, rule: FirewallRule, question: Question) -> Truth:
    if covers(url.partition("/")[0], question).known is False:
        return FALSE
    return undecided("limit", f"rule '{rule.name}' names addresses of web pages")


def covers(pattern: str, question: Question) -> Truth:
    """Whether a name of a rule, with `*` at its start, holds a needed name."""
    asked = pattern.strip().casefold()
    if asked == "*":
        return TRUE
    needed = question.name.casefold()
    is_open = "<" in needed
    tail = asked.removeprefix("*")
    if asked.startswith("*") and needed.endswith(tail) and "<" not in tail:
        return TRUE
    if asked == needed:
        return TRUE
    # A name of one account or of one region may be all that is needed, or not.
    known = needed[needed.rindex(">") + 1 :] if is_open else needed.removeprefix("*")
    if (is_open or needed.startswith("*")) and tail.endswith(known):
        return undecided("runtime", f"whether {pattern} is all of {question.name} is not known")
    return FALSE


def _holds(rule: FirewallRule, question: Question) -> Truth:
    """Whether a network rule holds the addresses of the service that has the name."""
    tag = question.need.tag.casefold()
    about = Tag(tag, question.region if REGION in question.need.name and tag in REGIONAL else ())
    held = _any(rule, "destinationAddresses", lambda t: relation(about, t, _AROUND))
    return held | _group(rule, "destinationIpGroups")


# Terms


def _any(rule: FirewallRule, name: str, test: Callable[[str], Truth]) -> Truth:
    """Whether a test holds for one of the texts of a list."""
    term = _at(rule.term, name)
    if term.is_unknown:
        return _open(term)
    found = FALSE
    for item in term.data if isinstance(term.data, list) else ():
        found |= test(item.data) if isinstance(item.data, str) else _open(item)
    return found


def _compared(term: Term, word: str) -> Truth:
    if isinstance(term.data, (str, int)):
        return truth(str(term.data).casefold() == word)
    return FALSE if term.is_absent else _open(term)


def _open(term: Term) -> Truth:
    reason = term.reason or Reason("invalid", "a rule of the firewall cannot be read")
    return Truth(None, (reason,), term.decisions)


def _at(term: Term, *names: str) -> Term:
    for name in names:
        if term.is_unknown:
            return term
        found = term.data.lookup(name) if isinstance(term.data, Object) else None
        if found is None:
            return ABSENT_TERM
        term = found
    return term
