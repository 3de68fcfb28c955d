"""What commands of az and of Az for PowerShell make: resources, and where templates go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term, unknown
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ContainerRegistry,
    Firewall,
    Patch,
    PrivateEndpoint,
    SecurityRule,
    ToolUse,
    VirtualNetwork,
    Workspace,
)
from azmlint.sources import packages
from azmlint.sources.az_locks import Locks
from azmlint.sources.az_making import CLI_V1, address, no_name
from azmlint.sources.az_options import invocation
from azmlint.sources.az_settings import shape_registry, words_place
from azmlint.sources.az_values import argument_of, given_in_json, text_term
from azmlint.sources.command_body import CommandBody, Invocation, UpdatingBody
from azmlint.sources.document import Binding
from azmlint.sources.shell_state import path_of
from azmlint.sources.shell_values import Variable, pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Part
    from azmlint.sources.document import Context, Reading
    from azmlint.sources.shell_state import Call

_PARAMETERS: Final = ("--parameters", "-TemplateParameterFile")
_INSTALLERS: Final = frozenset(
    {"conda", "mamba", "pip", "pip3", "poetry", "python", "python3", "uv"}
)
_INSTALLS: Final = frozenset({"add", "install"})
_AS_WHOM: Final = {("identity", "type"), ("properties", "identity", "identityType")}
"""What a command states of a job that is judged."""


class Session(Locks):
    """What the commands of one file make, one after the other."""

    def __init__(self, reading: Reading, context: Context) -> None:
        """Add to `reading`."""
        super().__init__(reading, context)
        self.has_v1 = False
        self._told: set[str] = set()
        """Of which retired tools a command installs packages."""

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
        term = text_term(self._subscription(found))
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
        term = text_term(self._id(found, parts).parts)
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
            shape_registry(settings)
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
        place = words_place(found)
        use = ToolUse(
            CommandBody(found, {}),
            name=f"az {found.words}",
            resource_id=ResourceId(
                (Symbol(("use of", place.shown), "a command"), "/declarations/v1")
            ),
            grip=place,
            address=address(found.call),
        )
        use.tool = CLI_V1
        use.subject = use
        self.reading.resources.append(use)

    def update(self, found: Invocation) -> Variable | None:
        """Change a compute: of one that this file makes it is what it becomes."""
        settings = self._settings(found)
        file, _ = self._file(found, is_part=True)
        body = CommandBody(found, settings, file)
        name = body.at(("name",))
        target = self._target(found, self._id(found, name.text_parts or (no_name(found),)))
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
            shape_registry(settings)
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

    def delete(self, found: Invocation) -> Variable | None:
        """Take away what this file makes."""
        name = found.value("--name", "--rule")
        parts = name.value().text_parts if name is not None else ()
        if parts:
            self._forget(found, self._id(found, parts))
        return None

    def create_job(self, found: Invocation) -> Variable | None:
        """Make a job of which the command says as whom it runs; else its file stands for itself."""
        settings = self._settings(found)
        self._of_object(found, settings)
        return self.create(found) if _AS_WHOM & settings.keys() else None

    def data(self, found: Invocation) -> Variable | None:
        """Hold an input or output of a job, which is an object of where it is."""
        place = words_place(found)
        held = Object((r[0], s.value()) for r, s in self._settings(found).items())
        return Variable(lambda: Term(held, (place,)))

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
                arguments.append((name, partial(argument_of, value)))
                continue
            stated = given_in_json(item)
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

    def object(self, found: Invocation) -> Variable | None:
        """Hold the properties of a compute or job that another command creates."""
        symbol = Symbol(("object", found.call.fields[0].place.shown), "an object")
        term = unknown("runtime", "an object is no text", symbol)
        return Variable(lambda: term, made=found)


def _one(parts: tuple[Part, ...]) -> str | Symbol | None:
    return parts[0] if len(parts) == 1 else None


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
