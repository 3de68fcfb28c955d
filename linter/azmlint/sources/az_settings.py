"""What the options of a command state of a resource, by route."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import ABSENT_TERM, Term
from azmlint.location import Place, Span
from azmlint.model.resources import Compute
from azmlint.sources.az_scope import Scopes
from azmlint.sources.az_values import (
    comma_list,
    delegated,
    list_of,
    map_of,
    parsed,
    text_term,
    time_span,
    wrapped,
)
from azmlint.sources.command_body import Argument, Invocation, Setting
from azmlint.sources.shell_values import constant, pair

if TYPE_CHECKING:
    from azmlint.model.value import Route

_ENDPOINT_POLICIES: Final = "Microsoft.Network/serviceEndpointPolicies"
_NOT_SAID: Final = Setting(constant(ABSENT_TERM))
_RULE_DEFAULTS: Final = {
    "access": "Allow",
    "direction": "Inbound",
    "protocol": "*",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "80",
}
"""What `az network nsg rule create` takes when nothing is said (azure-cli 2.60)."""

_ROLE_MODES: Final = {
    "rbac": "LegacyRegistryPermissions",
    "rbac-abac": "AbacRepositoryPermissions",
}
"""What `az acr` calls the modes of a registry (azure-cli 2.74)."""


class Settings(Scopes):
    """Reads the options of commands."""

    def _settings(self, found: Invocation) -> dict[Route, Setting]:
        settings: dict[Route, Setting] = {}
        for argument in found.arguments:
            option = argument.option
            if option.route:
                self._setting_of(found, argument, settings)
            elif option.name == "--set":
                for item in argument.values:
                    name, value = pair(item)
                    if name is not None and value is not None:
                        route = tuple(name.split("."))
                        single = argument if len(argument.values) == 1 else None
                        settings.setdefault(route, Setting(parsed(value), single))
        self._identities(settings)
        return settings

    def _setting_of(
        self, found: Invocation, argument: Argument, settings: dict[Route, Setting]
    ) -> None:
        option, values = argument.option, argument.values
        if option.arity == "!":
            place = argument.written[1].place
            settings[option.route] = Setting(lambda: Term(data=True, trace=(place,)), argument)
            return
        if not values:
            return
        if option.form == "{}":
            settings[option.route] = Setting(map_of(argument), argument)
        elif option.form == "[]":
            listed = list_of(argument)
            if option.route[-1] == "delegations":
                listed = delegated(argument)
            elif option.route[-1] == "serviceEndpoints":
                listed = wrapped(argument, "service", lambda v: v.value())
            elif option.route[-1] == "serviceEndpointPolicies":
                named = partial(self._named_id, found, _ENDPOINT_POLICIES)
                listed = wrapped(argument, "id", lambda v: named(v.value()))
            settings[option.route] = Setting(listed, argument)
        elif option.form == "[,]":
            settings[option.route] = Setting(comma_list(values[0]), argument)
        elif option.form == "time":
            settings[option.route] = Setting(time_span(values[0]), argument)
        elif option.form:
            value, type_ = values[0].value, option.form
            settings[option.route] = Setting(
                lambda: self._named_id(found, type_, value()), argument
            )
        else:
            settings[option.route] = Setting(values[0].value, argument)

    def _identities(self, settings: dict[Route, Setting]) -> None:
        """`-i '[system]'` is the system's own identity; ids without a type are user-assigned."""
        route = ("identity", "user_assigned_identities")
        setting = settings.get(route)
        if setting is None or setting.argument is None:
            return
        value = setting.value
        type_route = ("identity", "type")
        listed = value().data
        items = listed if isinstance(listed, list) else []
        ids = [i for i in items if i.data != "[system]"]
        words = ["user_assigned"] if ids else []
        if len(ids) < len(items):
            words.insert(0, "system_assigned")
            if ids:
                settings[route] = Setting(lambda: Term(ids, value().trace), setting.argument)
            else:
                del settings[route]
        if type_route not in settings:
            trace = value().trace
            settings[type_route] = Setting(
                lambda: Term(",".join(words), trace), setting.argument if not ids else None
            )

    def _v1_identity(self, found: Invocation, settings: dict[Route, Setting]) -> None:
        argument = found.find("--assign-identity")
        if argument is None:
            return
        texts = [v.text for v in argument.values]
        is_user = bool(texts) and texts != ["[system]"]
        word = "UserAssigned" if is_user else "SystemAssigned"
        trace = (argument.values[0] if argument.values else argument.written[1]).place
        settings[("identity_type",)] = Setting(lambda: Term(word, (trace,)), argument)
        if is_user:
            made = [v.value() for v in argument.values]
            settings[("identity_id",)] = Setting(lambda: Term(made, (trace,)), argument)

    def _of_object(self, found: Invocation, settings: dict[Route, Setting]) -> None:
        argument = found.find("-Compute", "-Job")
        item = argument.values[0] if argument is not None and argument.values else None
        held = None
        if item is not None and item.word is not None and len(item.word.pieces) == 1:
            name = getattr(item.word.pieces[0], "name", "")
            variable = found.call.state.variables.get(str(name).casefold())
            held = variable.made if variable is not None else None
        if isinstance(held, Invocation):
            inner = self._settings(held)
            type_ = held.command.arm_type
            if held.command.kind is Compute:
                inner["properties", "computeType"] = Setting(lambda: Term(type_))
            for route, setting in inner.items():
                settings.setdefault(route, Setting(setting.value))

    def _endpoint_subnet(self, found: Invocation, settings: dict[Route, Setting]) -> None:
        subnet, network = found.value("--subnet"), found.value("--vnet-name")
        if subnet is None:
            return
        argument, term = found.find("--subnet"), subnet.value()
        if network is not None and not str(term.data).startswith("/"):
            scope = (*self._scope(found), "/providers/Microsoft.Network/virtualNetworks/")
            parts = (*scope, *network.value().text_parts, "/subnets/", *term.text_parts)
            made = text_term(parts)
            term = Term(made.data, term.trace, reason=made.reason, parts=made.parts)
        settings["properties", "subnet", "id"] = Setting(constant(term), argument)

    def _shape_rule(self, settings: dict[Route, Setting]) -> None:
        """Give what a command says of a security rule in a template's shape."""
        for name in _RULE_DEFAULTS:
            plural = f"{name}es" if name.endswith("Prefix") else f"{name}s"
            listed = settings.pop(("properties", f"{name}es"), None) or settings.pop(
                ("properties", f"{name}s"), None
            )
            data = listed.value().data if listed is not None else None
            if listed is None or not isinstance(data, list):
                continue
            # One form takes the place of the other.
            settings["properties", name] = settings["properties", plural] = _NOT_SAID
            if len(data) == 1:
                settings["properties", name] = Setting(constant(data[0]), listed.argument)
            else:
                settings["properties", plural] = listed
        priority = settings.get(("properties", "priority"))
        term = priority.value() if priority is not None else ABSENT_TERM
        if isinstance(term.data, str) and term.data.isdigit():
            number = Term(int(term.data), term.trace, is_literal=term.is_literal)
            settings["properties", "priority"] = Setting(
                constant(number), priority.argument if priority is not None else None
            )

    def _complete_rule(self, found: Invocation, settings: dict[Route, Setting]) -> None:
        """Give a security rule what azure-cli takes when nothing is said."""
        place = words_place(found)
        for name, value in _RULE_DEFAULTS.items():
            default = Setting(constant(Term(value, (place,))))
            settings.setdefault(("properties", name), default)


def words_place(found: Invocation) -> Place:
    """Say where the words of a command stand."""
    fields = found.call.fields
    count = 0 if found.is_powershell else found.words.count(" ") + 1
    return Place(fields[0].document, Span(fields[0].start, max(fields[0].end, fields[count].end)))


def shape_registry(settings: dict[Route, Setting]) -> None:
    """Give the mode of a registry as Resource Manager calls it."""
    route = ("properties", "roleAssignmentMode")
    setting = settings.get(route)
    if setting is None:
        return
    term = setting.value()
    mode = _ROLE_MODES.get(str(term.data).lower())
    if mode is not None:
        said = Term(mode, term.trace, decisions=term.decisions)
        settings[route] = Setting(constant(said), setting.argument)
