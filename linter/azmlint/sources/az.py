"""What commands of az and of Az for PowerShell make: resources, and where templates go."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Never

from azmlint.expressions.arm_values import joined
from azmlint.expressions.term import ABSENT, ABSENT_TERM, UNKNOWN, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Reason
from azmlint.location import Place, Span
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    COMPUTE_KINDS,
    Compute,
    ComputeCluster,
    ContainerRegistry,
    Firewall,
    Lock,
    Patch,
    PrivateEndpoint,
    RoleAssignment,
    SecurityRule,
    Subnet,
    ToolUse,
    VirtualNetwork,
    Workspace,
)
from azmlint.model.value import NotEditable
from azmlint.sources import az_firewall, azureml_yaml, packages
from azmlint.sources.az_options import invocation
from azmlint.sources.command_body import Argument, CommandBody, Invocation, Setting, UpdatingBody
from azmlint.sources.document import Binding, Problem
from azmlint.sources.shell_state import path_of
from azmlint.sources.shell_values import Variable, constant, pair, part_of, split_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Part
    from azmlint.location import Document
    from azmlint.model.resource import Resource
    from azmlint.model.value import Body, Route
    from azmlint.sources.document import Context, Reading
    from azmlint.sources.shell_state import Call, Path
    from azmlint.sources.shell_values import Field

CLI: Final = "Azure CLI"
CLI_V1: Final = "CLI v1"
POWERSHELL: Final = "Azure PowerShell"

_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TIME_SPAN: Final = re.compile(r"(?:(\d{1,4})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?")
_LOCKS: Final = "/providers/Microsoft.Authorization/locks/"
_ROLES: Final = "/providers/Microsoft.Authorization/roleAssignments/"
_ROLE_NAME: Final = ("properties", "roleName")
_ROLE_ID: Final = re.compile(r"^/|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
_ENDPOINT_POLICIES: Final = "Microsoft.Network/serviceEndpointPolicies"
_PARAMETERS: Final = ("--parameters", "-TemplateParameterFile")
_PARENTS: Final = {
    "virtualnetworks": ("--vnet-name",),
    "privatednszones": ("--zone-name",),
    "networksecuritygroups": ("--nsg-name",),
    "routetables": ("--route-table-name",),
    "serviceendpointpolicies": ("--policy-name",),
    "firewallpolicies": ("--policy-name",),
    "onlineendpoints": ("--endpoint-name",),
    "workspaces": ("--workspace-name", "-WorkspaceName"),
}
"""The options that name what a resource is in, by type."""

_INSTALLERS: Final = frozenset(
    {"conda", "mamba", "pip", "pip3", "poetry", "python", "python3", "uv"}
)
_INSTALLS: Final = frozenset({"add", "install"})
_GROUP: Final = ("--resource-group", "-ResourceGroupName")
_KINDS: Final = COMPUTE_KINDS | {"kubernetescompute": COMPUTE_KINDS["kubernetes"]}


class _Made(NamedTuple):
    """A resource, and the branches in which it is made."""

    resource: Resource
    body: CommandBody
    path: Path


class Session:
    """What the commands of one file make, one after the other."""

    def __init__(self, reading: Reading, context: Context) -> None:
        """Add to `reading`."""
        self.reading = reading
        self.context = context
        self.made: list[_Made] = []
        self.known: set[tuple[Part, ...]] = set()
        """The ids of all that was ever made, most of which is made once."""

        self.has_v1 = False
        self._told: set[str] = set()
        """Of which retired tools a command installs packages."""
        self._followed: str | None = None
        """The file that the command at hand follows."""

    def perform(self, call: Call) -> Variable | None:
        """Do what a command does, as far as it matters; gives what it prints, where known."""
        found = invocation(call)
        method = _ACTIONS.get(found.command.action) if found is not None else None
        if found is None:
            self._install(call)
        if found is None or method is None:
            return None
        self._followed = None
        if call.alone is None:
            return method(self, found)
        made, problems = len(self.made), len(self.reading.problems)
        printed = method(self, found)
        noted = self.reading.alone.setdefault(call.alone, [])
        noted += [one.resource for one in self.made[made:]]
        noted += self.reading.problems[problems:]
        return printed

    def _install(self, call: Call) -> None:
        """Note the packages of retired tools that a command installs."""
        words = [item.text or "" for item in call.fields]
        if words[0].rpartition("/")[2] not in _INSTALLERS or not _INSTALLS & {*words[1:5]}:
            return
        for item in call.fields:
            known = item.value().text_parts[:1]
            found = packages.named(known[0]) if known and isinstance(known[0], str) else None
            if found is not None:
                package = Term(found[0], (item.place,))
                version = Term(found[1], (item.place,)) if found[1] else ABSENT_TERM
                self.reading.resources += packages.uses(package, version, self._told)

    def finish(self) -> None:
        """Put what there is in the end into the reading."""
        self.reading.resources += [m.resource for m in self.made]

    # Where things are

    def _binding(self, found: Invocation) -> Binding:
        """Say what the configuration states of the script, else of the file that it follows."""
        stated = self.context.binding(_host(found.call.document))
        if self._followed is None:
            return stated
        other = self.context.binding(self._followed)
        return Binding(
            stated.subscription or other.subscription,
            stated.resource_group or other.resource_group,
            stated.workspace or other.workspace,
        )

    def _setting(self, found: Invocation, name: str) -> tuple[Part, ...] | None:
        variable = found.call.state.variables.get(f"az {name}")
        return variable.value().text_parts if variable is not None else None

    def _subscription(self, found: Invocation) -> tuple[Part, ...]:
        given = found.value("--subscription", "-SubscriptionId")
        parts = given.value().text_parts if given is not None else None
        parts = parts or self._setting(found, "subscription")
        stated = self._binding(found).subscription
        if parts and stated is None and len(parts) == 1 and _is_name(parts[0]):
            text = f"the subscription named '{parts[0]}'"
            return (Symbol(("subscription named", str(parts[0]).casefold()), text),)
        if parts and len(parts) == 1 and _is_name(parts[0]):
            parts = None
        symbol = Symbol(("subscription of", _host(found.call.document)), "the subscription")
        return _settled(parts, stated, symbol)

    def _group(self, found: Invocation) -> tuple[Part, ...]:
        given = found.value(*_GROUP)
        parts = given.value().text_parts if given is not None else None
        parts = parts or self._setting(found, "group")
        symbol = Symbol(("group of", _host(found.call.document)), "the resource group")
        return _settled(parts, self._binding(found).resource_group, symbol)

    def _scope(self, found: Invocation) -> tuple[Part, ...]:
        return (
            "/subscriptions/", *self._subscription(found), "/resourceGroups/", *self._group(found),
        )  # fmt: skip

    def _parent(
        self, found: Invocation, type_: str, body: CommandBody | None = None
    ) -> tuple[Part, ...]:
        given = found.value(*_PARENTS.get(type_.lower(), ()))
        parts = given.value().text_parts if given is not None else None
        if type_.lower() == "onlineendpoints" and body is not None:
            parts = parts or body.at(("endpoint_name",)).text_parts
        if type_.lower() == "workspaces":
            parts = parts or self._setting(found, "workspace")
            symbol = Symbol(("workspace of", _host(found.call.document)), "the workspace")
            return _settled(parts, self._binding(found).workspace, symbol)
        start = found.call.fields[0].place.shown
        return parts or (Symbol((type_, start), f"the parent in {type_}"),)

    def _id(
        self, found: Invocation, name: tuple[Part, ...], body: CommandBody | None = None
    ) -> ResourceId:
        type_ = found.command.arm_type
        if type_ == "Microsoft.Resources/resourceGroups":
            return ResourceId(
                ("/subscriptions/", *self._subscription(found), "/resourceGroups/", *name)
            )
        namespace, *types = type_.split("/")
        parts: tuple[Part, ...] = (*self._scope(found), f"/providers/{namespace}")
        for inner in types[:-1]:
            parts = (*parts, f"/{inner}/", *self._parent(found, inner, body))
        return ResourceId((*parts, f"/{types[-1]}/", *name))

    def _named_id(self, found: Invocation, type_: str, name: Term) -> Term:
        """Give an id for what an option names by its name or by its id."""
        text = name.data
        if text in {"", "null"}:
            # So something is taken away.
            return Term(ABSENT, name.trace, decisions=name.decisions)
        if isinstance(text, str) and not text.startswith("/"):
            parts = (*self._scope(found), f"/providers/{type_}/", text)
            made = joined([Term(p) if isinstance(p, str) else _symbol_term(p) for p in parts])
            return Term(
                made.data,
                name.trace,
                reason=made.reason,
                parts=made.parts,
                decisions=name.decisions,
            )
        return name

    # What commands do

    def configure(self, found: Invocation) -> Variable | None:
        """`az configure --defaults group=x workspace=y`."""
        argument = found.find("--defaults")
        for item in argument.values if argument is not None else ():
            name, value = pair(item)
            if name is not None and value is not None:
                found.call.state.variables[f"az {name}"] = Variable(value.value)
        return None

    def account(self, found: Invocation) -> Variable | None:
        """Choose the subscription for what follows."""
        given = found.value(
            "--subscription", "-Subscription", "-SubscriptionId", "-SubscriptionName"
        )
        fields = found.call.fields
        if given is None and found.is_powershell and len(fields) > 1 and found.arguments == ():
            given = fields[1]
        if given is not None:
            found.call.state.variables["az subscription"] = Variable(given.value)
        return None

    def show_account(self, found: Invocation) -> Variable | None:
        """`az account show --query id` prints the subscription."""
        query = found.value("--query")
        if query is None or (query.text or "").strip("[]") != "id":
            return None
        term = _text_term(self._subscription(found))
        return Variable(lambda: term)

    def show(self, found: Invocation) -> Variable | None:
        """Print the id, when that is asked for."""
        query = found.value("--query")
        if query is None or query.text not in {"id", "newVNet.id", "NewVNet.id"}:
            return None
        name = found.value("--name", "--app")
        parts = name.value().text_parts if name is not None else None
        if not parts and found.words == "ml workspace show":
            parts = self._parent(found, "workspaces")
        if not parts:
            return None
        term = _text_term(self._id(found, parts).parts)
        return Variable(lambda: term)

    def create(self, found: Invocation) -> Variable | None:
        """Make a resource."""
        file, kind = self._file(found)
        if found.find("--local") is not None:
            # A deployment on the machine at hand takes nothing of the service.
            return None
        settings = self._settings(found)
        self._of_object(found, settings)
        if found.command.kind is PrivateEndpoint:
            self._endpoint_subnet(found, settings)
        if found.command.kind is ContainerRegistry:
            _shape_registry(settings)
        if found.command.kind is Firewall:
            self._place_firewall(found, settings)
        if found.command.kind is SecurityRule:
            self._shape_rule(settings)
            self._complete_rule(found, settings)
        body = CommandBody(found, settings, file)
        resource = self._resource(found, body, kind or found.command.kind or Compute)
        if resource is None:
            return None
        self._add(found, resource, body)
        if isinstance(resource, VirtualNetwork):
            self._subnet_of(found, resource)
        return self.show(found)

    def create_job(self, found: Invocation) -> Variable | None:
        """Make a job of which the command says as whom it runs; else its file stands for itself."""
        settings = self._settings(found)
        self._of_object(found, settings)
        return self.create(found) if _AS_WHOM & settings.keys() else None

    def data(self, found: Invocation) -> Variable | None:
        """Hold an input or output of a job, which is an object of where it is."""
        place = _words_place(found)
        held = Object((r[0], s.value()) for r, s in self._settings(found).items())
        return Variable(lambda: Term(held, (place,)))

    def create_v1(self, found: Invocation) -> Variable | None:
        """Make a compute with the retired extension, which speaks as SDK v1 does."""
        self._v1(found)
        settings = self._settings(found)
        self._v1_identity(found, settings)
        body = CommandBody(found, settings)
        resource = self._resource(found, body, found.command.kind or ComputeCluster)
        if resource is not None:
            self._add(found, resource, body)
        return None

    def v1(self, found: Invocation) -> Variable | None:
        """Note that the retired extension is used."""
        self._v1(found)
        return None

    def extension(self, found: Invocation) -> Variable | None:
        """Note when the retired extension is installed."""
        name = found.value("--name", "--source")
        if name is not None and "azure-cli-ml" in (name.text or "").replace("_", "-"):
            self._v1(found)
        return None

    def _v1(self, found: Invocation) -> None:
        if self.has_v1:
            return
        self.has_v1 = True
        place = _words_place(found)
        use = ToolUse(
            CommandBody(found, {}),
            name=f"az {found.words}",
            resource_id=ResourceId(
                (Symbol(("use of", place.shown), "a command"), "/declarations/v1")
            ),
            grip=place,
            address=_address(found.call),
        )
        use.tool = CLI_V1
        use.subject = use
        self.reading.resources.append(use)

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

    def update(self, found: Invocation) -> Variable | None:
        """Change a compute: of one that this file makes it is what it becomes."""
        settings = self._settings(found)
        file, _ = self._file(found, is_part=True)
        body = CommandBody(found, settings, file)
        name = body.at(("name",))
        target = self._target(found, self._id(found, name.text_parts or (_no_name(found),)))
        if target is not None:
            target.body.settings.update(settings)
            target.resource.values.clear()
            return None
        resource = self._resource(found, body, Patch)
        if resource is not None:
            self._add(found, resource, body)
        return None

    def change(self, found: Invocation) -> Variable | None:
        """Change something that this file makes; of a workspace that it does not make, judge that.

        Of anything else that it does not make too little is known. A file that a command follows
        is judged for itself.
        """
        settings = self._settings(found)
        if found.command.kind is ContainerRegistry:
            _shape_registry(settings)
        if found.command.kind is SecurityRule:
            self._shape_rule(settings)
        name = found.value("--name")
        parts = name.value().text_parts if name is not None else ()
        target = self._target(found, self._id(found, parts)) if parts else None
        if target is not None:
            target.body.settings.update(settings)
            target.resource.values.clear()
        elif found.command.kind is Workspace and parts and found.find("--file") is None:
            body = UpdatingBody(found, settings)
            resource = self._resource(found, body, Workspace)
            if resource is not None:
                resource.is_update = True
                self._add(found, resource, body)
        return None

    def _target(self, found: Invocation, wanted: ResourceId) -> _Made | None:
        """Find what was made before by an id, where it is certain that this runs after it."""
        if wanted.key not in self.known:
            return None
        for made in reversed(self.made):
            is_same = made.resource.id.key == wanted.key and not isinstance(made.resource, ToolUse)
            if is_same and _runs_after(made.path, found.call.path):
                return made
        return None

    def delete(self, found: Invocation) -> Variable | None:
        """Take away what this file makes."""
        name = found.value("--name", "--rule")
        parts = name.value().text_parts if name is not None else ()
        if parts:
            self._forget(found, self._id(found, parts))
        return None

    def _keep(self, made: _Made) -> None:
        self.made.append(made)
        self.known.add(made.resource.id.key)

    def _forget(self, found: Invocation, gone: ResourceId) -> None:
        if gone.key not in self.known:
            return
        self.made = [
            m
            for m in self.made
            if m.resource.id.key != gone.key or not _runs_after(m.path, found.call.path)
        ]

    # Locks

    def create_lock(self, found: Invocation) -> Variable | None:
        """Make a lock: on a resource, a group, or the subscription."""
        locked = self._locked(found)
        name, parts = self._name(found)
        settings = self._settings(found)
        body = CommandBody(found, settings)
        lock = Lock(
            body,
            name=name.shown() or "(no name)",
            resource_id=ResourceId((*locked.parts, _LOCKS, *parts)),
            grip=self._grip(found, name),
            address=_address(found.call),
            scope=locked,
        )
        self._forget(found, lock.id)
        self._keep(_Made(lock, body, found.call.path))
        query = found.value("--query")
        if query is not None and query.text == "id":
            term = _text_term(lock.id.parts)
            return Variable(lambda: term)
        return None

    def show_lock(self, found: Invocation) -> Variable | None:
        """Print the id of a lock."""
        query = found.value("--query")
        if query is None or query.text != "id":
            return None
        _, parts = self._name(found)
        term = _text_term((*self._locked(found).parts, _LOCKS, *parts))
        return Variable(lambda: term)

    def update_lock(self, found: Invocation) -> Variable | None:
        """Change a lock that this file makes."""
        for wanted in self._lock_ids(found):
            target = self._target(found, wanted)
            if target is not None:
                settings = self._settings(found)
                settings.pop(("name",), None)
                target.body.settings.update(settings)
                target.resource.values.clear()
        return None

    def delete_lock(self, found: Invocation) -> Variable | None:
        """Take away a lock that this file makes."""
        for wanted in self._lock_ids(found):
            self._forget(found, wanted)
        return None

    # Roles

    def create_role(self, found: Invocation) -> Variable | None:
        """Assign a role on a scope, a group, or the subscription."""
        given = found.value("--scope")
        parts = given.value().text_parts if given is not None else ()
        if not parts and found.value(*_GROUP) is not None:
            parts = self._scope(found)
        scope = ResourceId(parts or ("/subscriptions/", *self._subscription(found)))
        name, own = self._name(found)
        settings = self._settings(found)
        role = found.value("--role")
        if role is not None and role.text is not None and not _ROLE_ID.search(role.text):
            settings[_ROLE_NAME] = settings.pop(("properties", "roleDefinitionId"))
        body = CommandBody(found, settings)
        assignment = RoleAssignment(
            body,
            name=name.shown() or "(no name)",
            resource_id=ResourceId((*scope.parts, _ROLES, *own)),
            grip=self._grip(found, name),
            address=_address(found.call),
            scope=scope,
        )
        self._keep(_Made(assignment, body, found.call.path))
        return None

    def _lock_ids(self, found: Invocation) -> list[ResourceId]:
        given = found.find("--ids", "-LockId")
        if given is not None:
            return [ResourceId(v.value().text_parts) for v in given.values]
        _, parts = self._name(found)
        return [ResourceId((*self._locked(found).parts, _LOCKS, *parts))]

    def _locked(self, found: Invocation) -> ResourceId:
        scope = found.value("-Scope")
        if scope is not None and scope.value().text_parts:
            return ResourceId(scope.value().text_parts)
        resource = found.value("--resource", "-ResourceName")
        subscription: tuple[Part, ...] = ("/subscriptions/", *self._subscription(found))
        has_group = found.value(*_GROUP) is not None or (
            not found.is_powershell and self._setting(found, "group") is not None
        )
        if found.command.arm_type == "subscription":
            return ResourceId(subscription)
        if resource is None:
            if has_group or found.words.startswith("group "):
                return ResourceId(self._scope(found))
            return ResourceId(subscription)
        term = resource.value()
        first = term.text_parts[0] if term.text_parts else ""
        if isinstance(first, str) and first.startswith("/"):
            return ResourceId(term.text_parts)
        if not isinstance(first, str) and found.value("--resource-type", "-ResourceType") is None:
            # Without a type it is the id of something.
            return ResourceId(term.text_parts)
        return ResourceId((*self._scope(found), *self._resource_path(found, term)))

    def _resource_path(self, found: Invocation, name: Term) -> tuple[Part, ...]:
        type_ = found.value("--resource-type", "-ResourceType")
        text = (type_.text if type_ is not None else None) or "?/?"
        namespace = found.value("--namespace")
        if namespace is not None and namespace.text:
            text = f"{namespace.text}/{text.removeprefix(namespace.text + '/')}"
        provider, *types = text.strip("/").split("/")
        parent = found.value("--parent")
        parts: tuple[Part, ...] = (f"/providers/{provider}",)
        if parent is not None:
            parts = (*parts, "/", *(parent.value().text_parts or ("?",)))
        names = ResourceId(name.text_parts).segments
        if len(types) == len(names):
            for word, segment in zip(types, names, strict=True):
                parts = (*parts, f"/{word}/", *segment)
            return parts
        return (*parts, f"/{types[-1] if types else '?'}/", *name.text_parts)

    # Networks

    def _subnet_of(self, found: Invocation, network: Resource) -> None:
        name = found.value("--subnet-name")
        if name is None:
            return
        prefixes = found.find("--subnet-prefixes")
        settings: dict[Route, Setting] = {
            ("name",): Setting(name.value, found.find("--subnet-name"))
        }
        if prefixes is not None:
            listed = _listed(prefixes)
            settings["properties", "addressPrefixes"] = Setting(listed, prefixes)
        body = CommandBody(found, settings)
        parts = name.value().text_parts or (_no_name(found),)
        subnet = Subnet(
            body,
            name=name.value().shown(),
            resource_id=network.id.child("subnets", parts),
            grip=name.place,
            address=_address(found.call),
        )
        self._keep(_Made(subnet, body, found.call.path))

    def _endpoint_subnet(self, found: Invocation, settings: dict[Route, Setting]) -> None:
        subnet, network = found.value("--subnet"), found.value("--vnet-name")
        if subnet is None:
            return
        argument, term = found.find("--subnet"), subnet.value()
        if network is not None and not str(term.data).startswith("/"):
            scope = (*self._scope(found), "/providers/Microsoft.Network/virtualNetworks/")
            parts = (*scope, *network.value().text_parts, "/subnets/", *term.text_parts)
            made = _text_term(parts)
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
        place = _words_place(found)
        for name, value in _RULE_DEFAULTS.items():
            default = Setting(constant(Term(value, (place,))))
            settings.setdefault(("properties", name), default)

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
        return _text_term((*term.text_parts, "/subnets/", az_firewall.SUBNET)).at(network.place)

    def add(self, found: Invocation) -> Variable | None:
        """Add an address or a rule to a firewall or a group of rules that this file makes."""
        owner = found.value("--firewall-name", "--rule-collection-group-name")
        parts = owner.value().text_parts if owner is not None else ()
        wanted = self._id(found, parts) if parts else None
        made = [m for m in self.made if wanted is not None and m.resource.id.key == wanted.key]
        if not made:
            return None
        target, said, route = made[-1], self._settings(found), az_firewall.list_of(found)
        is_certain = _runs_after(target.path, found.call.path)
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

    # Templates

    def deploy(self, found: Invocation) -> Variable | None:
        """Note where a template goes."""
        given = found.value("--template-file", "-TemplateFile")
        path = path_of(given) if given is not None else None
        target = self._project_file(found, path) if path else None
        parameters: list[str] = []
        arguments: list[tuple[str, Callable[[], Term]]] = []
        given_files = [a for a in found.arguments if a.option.name in _PARAMETERS]
        for item in (value for argument in given_files for value in argument.values):
            name, value = pair(item)
            if name is not None and value is not None and not name.startswith(("@", "{")):
                arguments.append((name, partial(_argument, value)))
                continue
            stated = _given_in_json(item)
            if stated is not None:
                arguments += stated
                continue
            text = path_of(item)
            held = self._project_file(found, text.removeprefix("@")) if text else None
            if held is not None:
                parameters.append(held.path)
                if target is None and held.path.endswith(".bicepparam"):
                    target = held
        if target is None:
            return None
        is_group = found.command.arm_type == "group"
        place = found.value("--location") if not is_group else None
        binding = Binding(
            _one(self._subscription(found)),
            _one(self._group(found)) if is_group else None,
            None,
            place.text if place is not None else None,
            tuple(p for p in parameters if p != target.path),
            arguments=tuple(arguments),
            said_at=found.call.fields[0].place.shown.rpartition("/")[2],
        )
        self.reading.bindings.setdefault(target.path, []).append(binding)
        return None

    def _project_file(self, found: Invocation, path: str) -> Document | None:
        for candidate in found.call.state.candidates(path):
            document = found.call.state.files.get(candidate) or self.context.sibling(candidate)
            if document is not None:
                return document
        return None

    # Resources

    def object(self, found: Invocation) -> Variable | None:
        """Hold the properties of a compute or job that another command creates."""
        symbol = Symbol(("object", found.call.fields[0].place.shown), "an object")
        term = unknown("runtime", "an object is no text", symbol)
        return Variable(lambda: term, made=found)

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
                        settings.setdefault(route, Setting(_parsed(value), single))
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
            settings[option.route] = Setting(_mapped(argument), argument)
        elif option.form == "[]":
            listed = _listed(argument)
            if option.route[-1] == "delegations":
                listed = _delegated(argument)
            elif option.route[-1] == "serviceEndpoints":
                listed = _wrapped(argument, "service", lambda v: v.value())
            elif option.route[-1] == "serviceEndpointPolicies":
                named = partial(self._named_id, found, _ENDPOINT_POLICIES)
                listed = _wrapped(argument, "id", lambda v: named(v.value()))
            settings[option.route] = Setting(listed, argument)
        elif option.form == "[,]":
            settings[option.route] = Setting(_comma_list(values[0]), argument)
        elif option.form == "time":
            settings[option.route] = Setting(_time_span(values[0]), argument)
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

    def _file(
        self, found: Invocation, *, is_part: bool = False
    ) -> tuple[Body | None, type[Resource] | None]:
        """Read the file that a command follows."""
        given = found.value("--file")
        type_ = found.value("--type")
        kind = self._kind(found, type_.text if type_ is not None else None)
        if given is None or found.command.dialect != "cli":
            return None, kind
        path = path_of(given)
        document = self._file_document(found, path) if path else None
        declared = azureml_yaml.declared(document) if document is not None else None
        if declared is None:
            if document is None:
                shown = given.value().shown()
                self._skip(found, f"'{shown}' is not among the files: what it states is not known")
            return _NotRead(given), kind
        if isinstance(declared, Problem):
            self.reading.problems.append(declared)
            return _NotRead(given), kind
        body, written = declared
        self._followed = document.path if document is not None else None
        if not is_part and document is not None:
            self.reading.modules[document.path] = document
        if found.command.kind is Workspace:
            return body, Workspace
        return body, kind or written

    def _kind(self, found: Invocation, type_: str | None) -> type[Resource] | None:
        if found.command.kind is not Compute:
            return found.command.kind
        if type_ is not None:
            return _KINDS.get(type_.lower().replace("_", ""))
        return None

    def _file_document(self, found: Invocation, path: str) -> Document | None:
        return self._project_file(found, path)

    def _resource(
        self, found: Invocation, body: CommandBody, kind: type[Resource]
    ) -> Resource | None:
        if kind is Compute:
            type_ = body.at(("properties", "computeType")) if body.dialect == "arm" else None
            if type_ is not None and isinstance(type_.data, str):
                known = COMPUTE_KINDS.get(type_.data.lower())
                if known is None:
                    return None
                kind = known
            elif body.dialect == "arm":
                self._skip(found, "the kind of this compute is not known")
            elif body.at(("type",)).is_absent or isinstance(body.file, _NotRead):
                kind = ComputeCluster if _is_cluster(body) else Compute
        if isinstance(body.file, _NotRead) and not _says_something(body):
            # Nothing is known of it but that a file states it, which is said already.
            return None
        if kind is Compute and body.dialect == "cli":
            type_ = body.at(("type",))
            if isinstance(type_.data, str):
                return None
            if not isinstance(body.file, _NotRead):
                self._skip(found, "the kind of this compute is not known")
        name, parts = self._name(found, body)
        grip = self._grip(found, name)
        # What stands in a file of its own is there as if the file had been read by itself.
        is_own = self._followed is not None and grip.document.path == self._followed
        return kind(
            body,
            name=name.shown() or "(no name)",
            resource_id=self._id(found, parts, body),
            grip=grip,
            address="" if is_own else _address(found.call),
        )

    def _name(
        self, found: Invocation, body: CommandBody | None = None
    ) -> tuple[Term, tuple[Part, ...]]:
        if body is not None:
            term = body.at(("name",))
        else:
            given = found.value("--name", "-LockName")
            term = given.value() if given is not None else ABSENT_TERM
        return term, term.text_parts or (_no_name(found),)

    def _grip(self, found: Invocation, name: Term) -> Place:
        return name.trace[0] if name.trace else _words_place(found)

    def _add(self, found: Invocation, resource: Resource, body: CommandBody) -> None:
        if not isinstance(resource, Patch):
            # Creating something again is using it again, or changing it.
            self._forget(found, resource.id)
        self._keep(_Made(resource, body, found.call.path))
        if isinstance(resource, (Compute, Workspace)):
            use = ToolUse(
                body,
                name=resource.name,
                resource_id=resource.id.child("declarations", "command"),
                grip=_words_place(found),
                address=_address(found.call),
            )
            use.tool = POWERSHELL if found.is_powershell else CLI
            if "computetarget" in found.words:
                use.tool = CLI_V1
            use.subject = resource
            self._keep(_Made(use, body, found.call.path))

    def _skip(self, found: Invocation, message: str) -> None:
        place = _words_place(found)
        self.reading.problems.append(Problem(place.document, place.start, place.end, None, message))


class _NotRead:
    """A file that is not among those of the project: whatever it may state is unknown."""

    dialect = "cli"

    def __init__(self, given: Field) -> None:
        term = given.value()
        shown = term.shown()
        text = f"it may be stated in '{shown}', which is not among the files"
        self.term = Term(
            UNKNOWN,
            reason=Reason("missing", text),
            parts=(Symbol(("file", given.place.shown), shown),),
        )

    def at(self, route: Route) -> Term:
        """Nothing is known."""
        symbol = Symbol(("file", self.term.parts, route), ".".join(route))
        return Term(UNKNOWN, reason=self.term.reason, parts=(symbol,))

    def edits(self, route: Route, term: Term, new: object) -> Never:  # noqa: ARG002
        """Refuse."""
        message = f"'{route[-1]}' may be stated in a file that is not read"
        raise NotEditable(message)


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


_AS_WHOM: Final = {("identity", "type"), ("properties", "identity", "identityType")}
"""What a command states of a job that is judged."""

_ROLE_MODES: Final = {
    "rbac": "LegacyRegistryPermissions",
    "rbac-abac": "AbacRepositoryPermissions",
}
"""What `az acr` calls the modes of a registry (azure-cli 2.74)."""


def _host(document: Document) -> str:
    return Place(document, Span(0, 0)).document.path


def _words_place(found: Invocation) -> Place:
    fields = found.call.fields
    count = 0 if found.is_powershell else found.words.count(" ") + 1
    return Place(fields[0].document, Span(fields[0].start, max(fields[0].end, fields[count].end)))


def _address(call: Call) -> str:
    place = call.fields[0].place
    line, column = place.document.position(place.start)
    return f"{line}:{column}"


def _no_name(found: Invocation) -> Symbol:
    return Symbol(("name of", found.call.fields[0].place.shown), "name")


def _is_name(part: Part) -> bool:
    """Whether a subscription is called by its name, which is not its id."""
    return isinstance(part, str) and _GUID.fullmatch(part) is None


def _settled(
    parts: tuple[Part, ...] | None, stated: str | Symbol | None, symbol: Symbol
) -> tuple[Part, ...]:
    """Choose what a script says, or the configuration where that is not known."""
    if parts and (stated is None or all(isinstance(p, str) for p in parts)):
        return parts
    return (stated or symbol,)


def _one(parts: tuple[Part, ...]) -> str | Symbol | None:
    return parts[0] if len(parts) == 1 else None


def _symbol_term(symbol: Symbol) -> Term:
    return unknown("parameter", f"{symbol.text} is not known here", symbol)


def _text_term(parts: tuple[Part, ...]) -> Term:
    return joined([Term(p) if isinstance(p, str) else _symbol_term(p) for p in parts])


def _runs_after(made: Path, now: Path) -> bool:
    """Whether what runs now certainly runs when the other thing ran before."""
    return made[: len(now)] == now


def _parsed(item: Field) -> Callable[[], Term]:
    """Read a value of `--set`, which may be written as JSON."""

    def value() -> Term:
        term = item.value()
        if isinstance(term.data, str) and term.data[:1] in "[{":
            try:
                return _of_json(json.loads(term.data), term.trace)
            except ValueError:
                return term
        if isinstance(term.data, str) and term.data.lower() in {"true", "false"}:
            flag = term.data.lower() == "true"
            return Term(flag, term.trace, decisions=term.decisions, is_literal=term.is_literal)
        return term

    return value


def _argument(item: Field) -> Term:
    """Read what is given to a parameter; a text that is a number or a truth is taken for one."""
    term = _parsed(item)()
    data = term.data
    if isinstance(data, str) and re.fullmatch(r"-?\d{1,18}", data):
        data = int(data)
    trace = tuple(p.as_role("argument") if p.role == "use" else p for p in term.trace)
    # What the template makes of it is no text of the script, so no fix changes it there.
    return Term(data, trace, reason=term.reason, parts=term.parts, decisions=term.decisions)


def _of_json(data: object, trace: tuple[Place, ...]) -> Term:
    if isinstance(data, dict):
        return Term(Object((str(k), _of_json(v, trace)) for k, v in data.items()), trace)
    if isinstance(data, list):
        return Term([_of_json(v, trace) for v in data], trace)
    return Term(data, trace)  # type: ignore[arg-type]  # a scalar


def _given_in_json(item: Field) -> list[tuple[str, Callable[[], Term]]] | None:
    """Read arguments that are written as JSON, `{"name": {"value": 1}}`; None for anything else."""
    term = _parsed(item)()
    if not isinstance(term.data, Object):
        return None
    inner = term.data.lookup("parameters")
    rows = inner.data if inner is not None and isinstance(inner.data, Object) else term.data
    found: list[tuple[str, Callable[[], Term]]] = []
    for name, row in rows.items():
        value = row.data.lookup("value") if isinstance(row.data, Object) else None
        if value is not None:
            found.append((name, constant(value)))
    return found


def _mapped(argument: Argument) -> Callable[[], Term]:
    def value() -> Term:
        made = Object()
        for item in argument.values:
            name, inner = pair(item)
            if name is not None and inner is not None:
                made[name] = inner.value()
                made.keys_at[name] = Term(name, (item.place,), is_literal=True)
        return Term(made, (argument.values[0].place,))

    return value


def _listed(argument: Argument) -> Callable[[], Term]:
    return lambda: Term([v.value() for v in argument.values], (argument.values[0].place,))


def _delegated(argument: Argument) -> Callable[[], Term]:
    def value() -> Term:
        rows = []
        for item in argument.values:
            term = item.value()
            inner = Object([("serviceName", term)])
            row = Object([("name", term), ("properties", Term(inner))])
            rows.append(Term(row, term.trace))
        return Term(rows, (argument.values[0].place,))

    return value


def _wrapped(argument: Argument, name: str, inner: Callable[[Field], Term]) -> Callable[[], Term]:
    """Give words the shape of Resource Manager's list of objects."""

    def value() -> Term:
        rows = [(inner(item), item.place) for item in argument.values]
        made = [Term(Object([(name, term)]), (place,)) for term, place in rows]
        return Term(made, (argument.values[0].place,))

    return value


def _time_span(item: Field) -> Callable[[], Term]:
    """Read a TimeSpan of PowerShell, such as `0:30:00`, as a duration of ISO 8601."""

    def value() -> Term:
        term = item.value()
        if not isinstance(term.data, str) or term.data[:1] in "Pp":
            return term
        match = _TIME_SPAN.fullmatch(term.data)
        if match is None:
            reason = Reason("invalid", f"'{term.data}' is no time of hours, minutes and seconds")
            return Term(UNKNOWN, term.trace, reason=reason, parts=(term.data,))
        days, hours, minutes, seconds = (int(n or 0) for n in match.groups())
        total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        return Term(f"PT{total}S", term.trace, decisions=term.decisions)

    return value


def _comma_list(item: Field) -> Callable[[], Term]:
    def value() -> Term:
        term = item.value()
        if not isinstance(term.data, str):
            rows = split_at(term, ",")
            return Term(rows, term.trace, decisions=term.decisions)
        rows = []
        start = 0
        for text in term.data.split(","):
            part = part_of(item, start, start + len(text)) if item.pieces and text else None
            inner = part.value() if part is not None else Term(text, term.trace)
            rows.append(inner if inner.data == text.strip() else Term(text.strip(), inner.trace))
            start += len(text) + 1
        return Term(rows, term.trace, decisions=term.decisions)

    return value


def _shape_registry(settings: dict[Route, Setting]) -> None:
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


def _is_cluster(body: CommandBody) -> bool:
    routes = (("min_instances",), ("max_instances",), ("idle_time_before_scale_down",), ("tier",))
    return any(r in body.settings for r in routes)


def _says_something(body: CommandBody) -> bool:
    """Whether a command states more than where what a file describes goes."""
    return any(route[0] not in {"location", "type"} for route in body.settings)


_ACTIONS: Final[dict[str, Callable[[Session, Invocation], Variable | None]]] = {
    "account": Session.account,
    "add": Session.add,
    "change": Session.change,
    "configure": Session.configure,
    "create": Session.create,
    "create-job": Session.create_job,
    "create-lock": Session.create_lock,
    "create-role": Session.create_role,
    "create-v1": Session.create_v1,
    "data": Session.data,
    "delete": Session.delete,
    "delete-lock": Session.delete_lock,
    "deploy": Session.deploy,
    "extension": Session.extension,
    "object": Session.object,
    "show": Session.show,
    "show-account": Session.show_account,
    "show-lock": Session.show_lock,
    "update": Session.update,
    "update-lock": Session.update_lock,
    "v1": Session.v1,
}
