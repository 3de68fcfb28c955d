"""Networks of commands: their subnets, and what firewalls are given one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.term import Term
from azmlint.model.resources import Firewall, Subnet
from azmlint.sources import az_firewall
from azmlint.sources.az_making import Made, Making, address, no_name, runs_after
from azmlint.sources.az_values import list_of, text_term
from azmlint.sources.command_body import CommandBody, Invocation, Setting
from azmlint.sources.shell_values import Variable, constant

if TYPE_CHECKING:
    from azmlint.model.resource import Resource
    from azmlint.model.value import Route


class Networks(Making):
    """Does what commands about networks do."""

    def _subnet_of(self, found: Invocation, network: Resource) -> None:
        name = found.value("--subnet-name")
        if name is None:
            return
        prefixes = found.find("--subnet-prefixes")
        settings: dict[Route, Setting] = {
            ("name",): Setting(name.value, found.find("--subnet-name"))
        }
        if prefixes is not None:
            listed = list_of(prefixes)
            settings["properties", "addressPrefixes"] = Setting(listed, prefixes)
        body = CommandBody(found, settings)
        parts = name.value().text_parts or (no_name(found),)
        subnet = Subnet(
            body,
            name=name.value().shown(),
            resource_id=network.id.child("subnets", parts),
            grip=name.place,
            address=address(found.call),
        )
        self._keep(Made(subnet, body, found.call.path))

    def _place_firewall(self, found: Invocation, settings: dict[Route, Setting]) -> None:
        """Put a firewall into the subnet that it takes in a network."""
        subnet = self._subnet_of_firewall(found)
        if subnet is not None:
            row = az_firewall.addresses(subnet, settings)
            settings[az_firewall.ADDRESSES] = Setting(constant(Term([row], row.trace)))
        settings.pop(("address",), None)

    def _subnet_of_firewall(self, found: Invocation) -> Term | None:
        network = found.value("--vnet-name")
        if network is None:
            return None
        term = self._named_id(found, "Microsoft.Network/virtualNetworks", network.value())
        return text_term((*term.text_parts, "/subnets/", az_firewall.SUBNET)).at(network.place)

    def add(self, found: Invocation) -> Variable | None:
        """Add an address or a rule to a firewall or a group of rules that this file makes."""
        owner = found.value("--firewall-name", "--rule-collection-group-name")
        parts = owner.value().text_parts if owner is not None else ()
        wanted = self._id(found, parts) if parts else None
        made = [m for m in self.made if wanted is not None and m.resource.id.key == wanted.key]
        if not made:
            return None
        target, said, route = made[-1], self._settings(found), az_firewall.list_of(found)
        is_certain = runs_after(target.path, found.call.path)
        before = target.body.settings.get(route)
        subnet = self._subnet_of_firewall(found)
        if route == az_firewall.ADDRESSES:
            if subnet is not None:
                row = az_firewall.addresses(subnet, said)
                made_of = az_firewall.extended(before, row, is_certain=is_certain)
                target.body.settings[route] = made_of
        else:
            self._name_collection(found, said)
            made_of = az_firewall.with_rule(before, route, said, is_certain=is_certain)
            target.body.settings[route] = made_of
        target.resource.values.clear()
        return None

    def _name_collection(self, found: Invocation, said: dict[Route, Setting]) -> None:
        """Find the name of a collection, which is in `--name` where a command makes one."""
        given = found.find("--collection-name")
        if found.command.kind is Firewall or (given is not None and not given.values):
            return
        if given is not None:
            said["collection", "name"] = Setting(given.values[0].value, given)
            return
        named, rule = found.find("--name"), found.find("--rule-name")
        if named is not None and named.values:
            said["collection", "name"] = Setting(named.values[0].value, named)
        said.pop(("rule", "name"), None)
        if rule is not None and rule.values:
            said["rule", "name"] = Setting(rule.values[0].value, rule)
