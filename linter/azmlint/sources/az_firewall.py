"""What commands of az add to an Azure Firewall or its policy, in the shape of Resource Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.sources.command_body import Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.model.value import Route
    from azmlint.sources.command_body import Invocation

ADDRESSES: Final = ("properties", "ipConfigurations")
_OF_POLICY: Final = ("properties", "ruleCollections")
_LISTS: Final[dict[str, Route]] = {
    "ip-config": ADDRESSES,
    "network-rule": ("properties", "networkRuleCollections"),
    "application-rule": ("properties", "applicationRuleCollections"),
    "policy": _OF_POLICY,
}
"""The list that a command adds to, by the third of its words."""

SUBNET: Final = "AzureFirewallSubnet"
"""The subnet that a firewall takes, whatever the network is called."""


def list_of(found: Invocation) -> Route:
    """Say which list of its resource a command adds to."""
    return _LISTS[found.words.split()[2]]


def addresses(subnet: Term, said: Mapping[Route, Setting]) -> Term:
    """Give the IP configuration of a firewall in a subnet."""
    inner = Object([("subnet", Term(Object([("id", subnet)]), subnet.trace))])
    address = said.get(("address",))
    if address is not None:
        inner["privateIPAddress"] = address.value()
    return Term(Object([("properties", Term(inner, subnet.trace))]), subnet.trace)


def extended(before: Setting | None, row: Term, *, is_certain: bool) -> Setting:
    """Give a list with another member."""
    return Setting(lambda: _with(before, is_certain=is_certain, row=row))


def with_rule(
    before: Setting | None, route: Route, said: Mapping[Route, Setting], *, is_certain: bool
) -> Setting:
    """Give the collections of rules with a rule, and with its collection where that is new."""
    is_classic = route != _OF_POLICY

    def value() -> Term:
        listed = _with(before, is_certain=is_certain)
        if not isinstance(listed.data, list):
            return listed
        rows = listed.data
        named = said.get(("collection", "name"))
        name = named.value() if named is not None else Term("")
        index = next((i for i, r in enumerate(rows) if _at(r, "name").data == name.data), None)
        made = _collection(rows[index] if index is not None else None, said, is_classic=is_classic)
        made["name"] = name
        whole = Term(made, name.trace)
        rows = [*rows, whole] if index is None else [*rows[:index], whole, *rows[index + 1 :]]
        return Term(rows, (*listed.trace, *name.trace)[:1])

    return Setting(value)


def _with(before: Setting | None, *, is_certain: bool, row: Term | None = None) -> Term:
    """Give a list as it was, with a member more if there is one."""
    old = before.value() if before is not None else Term([])
    if not is_certain:
        symbol = Symbol(object(), "a rule on a condition")
        return unknown("parameter", "rules are added on a condition that is not known", symbol)
    if row is None or not isinstance(old.data, list):
        return old
    return Term([*old.data, row], (*old.trace, *row.trace)[:1])


def _collection(before: Term | None, said: Mapping[Route, Setting], *, is_classic: bool) -> Object:
    held = _at(before, "properties") if before is not None and is_classic else before
    inner = Object()
    if held is not None and isinstance(held.data, Object):
        inner.update(held.data)
    for route, setting in said.items():
        if route[0] == "collection" and len(route) > 1 and route[1] != "name":
            inner[route[1]] = setting.value()
    action = said.get(("action",))
    if action is not None:
        kind = action.value()
        inner["action"] = Term(Object([("type", kind)]), kind.trace)
    rule = Object((r[1], s.value()) for r, s in said.items() if r[0] == "rule")
    protocols = rule.lookup("protocols")
    if protocols is not None and isinstance(protocols.data, list):
        rule["protocols"] = Term([_protocol(p) for p in protocols.data], protocols.trace)
    old = inner.lookup("rules")
    rules = old.data if old is not None and isinstance(old.data, list) else []
    inner["rules"] = Term([*rules, Term(rule)] if rule else rules)
    return Object([("properties", Term(inner))]) if is_classic else inner


def _protocol(word: Term) -> Term:
    """Read `Https=443`; a word without a port is a protocol of a network rule."""
    if not isinstance(word.data, str) or "=" not in word.data:
        return word
    kind, _, port = word.data.partition("=")
    both = Object([("protocolType", Term(kind)), ("port", Term(port))])
    return Term(both, word.trace, decisions=word.decisions)


def _at(term: Term, name: str) -> Term:
    found = term.data.lookup(name) if isinstance(term.data, Object) else None
    return found if found is not None else Term("")
