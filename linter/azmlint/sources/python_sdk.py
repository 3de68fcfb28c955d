"""What the names of Azure's Python packages mean in a program."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    Job,
    KubernetesCompute,
    Lock,
    OnlineDeployment,
    Workspace,
)
from azmlint.sources import python_commands as commands
from azmlint.sources import python_mgmt as mgmt
from azmlint.sources import python_paths as paths
from azmlint.sources.python_values import (
    NOTHING,
    Bound,
    Choice,
    Foreign,
    Listed,
    Made,
    Mapped,
    Thing,
    leaves,
    narrowed,
    trace_of,
    under,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from azmlint.location import Document, Place
    from azmlint.model.resource import Resource
    from azmlint.sources.python_commands import Started
    from azmlint.sources.python_course import Argument, Arguments, Guard
    from azmlint.sources.python_expression import Expressions
    from azmlint.sources.python_values import Function, Path

SDK_V1: Final = "SDK v1"
SDK_V2: Final = "SDK v2"
"""What messages call the tools."""

# Parameters in order: azureml-core 1.61 (source).
_CLUSTER: Final = (
    "vm_size", "vm_priority", "min_nodes", "max_nodes", "idle_seconds_before_scaledown",
    "admin_username", "admin_user_password", "admin_user_ssh_key", "vnet_resourcegroup_name",
    "vnet_name", "subnet_name", "tags", "description", "remote_login_port_public_access",
    "identity_type", "identity_id", "location", "enable_node_public_ip",
)  # fmt: skip
_INSTANCE: Final = (
    "vm_size", "ssh_public_access", "admin_user_ssh_public_key", "vnet_resourcegroup_name",
    "vnet_name", "subnet_name", "tags", "description", "assigned_user_object_id",
    "assigned_user_tenant_id",
)  # fmt: skip
_V1_WORKSPACE: Final = (
    "name", "auth", "subscription_id", "resource_group", "location", "create_resource_group",
    "sku", "tags", "friendly_name", "storage_account", "key_vault", "app_insights",
    "container_registry",
)  # fmt: skip
_V1_TARGETS: Final = frozenset({"ComputeTarget", "AmlCompute", "ComputeInstance"})
_V1_SETTINGS: Final[dict[str, tuple[type[Resource], tuple[str, ...]]]] = {
    "AmlCompute": (ComputeCluster, _CLUSTER),
    "ComputeInstance": (ComputeInstance, _INSTANCE),
}
_V2_KINDS: Final[dict[str, type[Resource]]] = {
    "AmlCompute": ComputeCluster,
    "ComputeInstance": ComputeInstance,
    "KubernetesCompute": KubernetesCompute,
    "ManagedOnlineDeployment": OnlineDeployment,
    "Workspace": Workspace,
    "Hub": Workspace,
    "Project": Workspace,
    "FeatureStore": Workspace,
    "CommandJob": Job,
    "SparkJob": Job,
}
_V2_JOBS: Final = frozenset({"azure.ai.ml.command", "azure.ai.ml.spark"})
"""Functions that make a job, or a step of a pipeline, which may run as somebody of its own."""

_AS_USER: Final = "UserIdentityConfiguration"
_DATA: Final = ("azure.storage.", "azure.keyvault.", "azure.cosmos.", "azure.data.")
"""Packages of which the clients read data, as jobs do."""

_LOADS: Final = frozenset({"load_compute", "load_online_deployment", "load_workspace"})
_CREATE: Final = frozenset(
    {"begin_create_or_update", "create_or_update", "begin_create", "begin_update"}
)
_SETTINGS: Final = frozenset({
    "enable_node_public_ip", "get", "idle_time_before_scale_down", "identity", "identity_type",
    "location", "max_instances", "max_nodes", "min_instances", "min_nodes", "scale_settings",
    "size", "tags", "tier", "vm_priority", "vm_size",
})  # fmt: skip
"""What a program looks at that compares what it found with what it wants."""

_NAMED: Final[dict[type[Resource], str]] = {
    Job: "id",
    Lock: "lock_name",
    Workspace: "workspace_name",
}
"""Which argument of a management client names what is created, other than a compute."""

_MANAGEMENT: Final = re.compile(r"https://(?:management\.|ml\.azure\.)", re.IGNORECASE)
"""What tokens are for with which resources are managed, in whichever cloud."""

_V1_EXPORTS: Final = (
    "AmlCompute", "ComputeInstance", "ComputeTarget", "Workspace", "AksCompute", "RemoteCompute",
    "Run", "Experiment", "Environment", "Dataset", "Datastore", "Model", "ScriptRunConfig",
)  # fmt: skip
_V2_EXPORTS: Final = (
    "AmlCompute", "AmlComputeSshSettings", "CommandJob", "ComputeInstance",
    "ComputeInstanceSshSettings", "FeatureStore", "Hub", "Input", "Output", "SparkJob",
    "UserIdentityConfiguration", "command", "spark", "IdentityConfiguration",
    "KubernetesCompute", "ManagedNetwork",
    "ManagedIdentityConfiguration", "ManagedOnlineDeployment", "MLClient", "NetworkSettings",
    "Project", "Workspace",
    "ServerlessComputeSettings", "CustomerManagedKey", "load_compute", "load_online_deployment",
    "load_workspace",
)  # fmt: skip

# Constants of azure-ai-ml 1.35 (source).
_CONSTANTS: Final = {
    "ManagedServiceIdentityType.SYSTEM_ASSIGNED": "system_assigned",
    "ManagedServiceIdentityType.USER_ASSIGNED": "user_assigned",
    "ManagedServiceIdentityType.NONE": "none",
    "IdentityType.SYSTEM_ASSIGNED": "system_assigned",
    "IdentityType.USER_ASSIGNED": "user_assigned",
    "IsolationMode.DISABLED": "disabled",
    "IsolationMode.ALLOW_INTERNET_OUTBOUND": "allow_internet_outbound",
    "IsolationMode.ALLOW_ONLY_APPROVED_OUTBOUND": "allow_only_approved_outbound",
    "ComputeTier.LOW_PRIORITY": "low_priority",
    "ComputeTier.LOWPRIORITY": "low_priority",
    "ComputeTier.DEDICATED": "dedicated",
    "PublicNetworkAccess.ENABLED": "Enabled",
    "PublicNetworkAccess.DISABLED": "Disabled",
}


class Home(NamedTuple):
    """The workspace that a handle of a program stands for; what is not said is None."""

    subscription: Thing | None = None
    group: Thing | None = None
    workspace: Thing | None = None


UNREAD: Final = "v2.unread"
"""What is made of a file that is not read."""

NOWHERE: Final = Home()


class Declaration:
    """Something that a program creates or changes."""

    __slots__ = (
        "arguments",
        "guard",
        "home",
        "is_compared",
        "is_update",
        "kind",
        "made",
        "name",
        "path",
        "place",
        "tool",
    )

    def __init__(
        self, kind: type[Resource], made: Made | Mapped, tool: str, place: Place, path: Path
    ) -> None:
        """Be made with the settings of `made`."""
        self.kind = kind
        self.made = made
        self.tool = tool
        self.place = place
        self.path = path
        self.name: Thing = NOTHING
        self.home: Home = NOWHERE
        self.is_update = False
        self.guard: Guard | None = None
        """The look-up that decides whether it is created."""
        self.is_compared = False
        """Whether what is there instead is looked at."""
        self.arguments: dict[str, Thing] = {}
        """What a management client is given, by name."""


class Settings(NamedTuple):
    """What is to be created with some settings, and with which tool."""

    kind: type[Resource]
    tool: str
    loaded: Resource | None = None
    """As a file has it that is loaded; the settings stand over what it says."""


class Lookup:
    """A question whether something exists, or what it is like."""

    __slots__ = ("home", "is_compared", "name", "place")

    def __init__(self, name: Thing, home: Home, place: Place) -> None:
        """Ask for `name`."""
        self.name = name
        self.home = home
        self.place = place
        self.is_compared = False
        """Whether something of what was found is looked at."""


class Credential(NamedTuple):
    """A credential of azure-identity that a program makes."""

    kind: str
    made: Made
    place: Place
    path: Path


class AzureSdk:
    """The SDKs of Azure ML, and what they are asked to do by one program."""

    def __init__(self) -> None:
        """Start with nothing declared."""
        self.declared: list[Declaration] = []
        self.settings: list[Made] = []
        """What was made to be created, in order."""
        self.credentials: list[Credential] = []
        self.files: dict[str, Document] = {}
        """Files that were loaded, by path."""
        self.commands: list[Started] = []
        """What the program starts, in order."""
        self.made_alone: dict[int, tuple[str, int]] = {}
        self.unread_alone: dict[str, tuple[str, int]] = {}
        self.unread: dict[str, tuple[Place, str]] = {}
        """Where something is loaded that is not read, by how that is shown, and why."""

    def constant(self, name: str) -> str | None:
        """Give the value of a member of the SDK's enumerations."""
        if not name.startswith("azure"):
            return None
        return _CONSTANTS.get(".".join(name.split(".")[-2:]))

    def exports(self, module: str) -> tuple[str, ...]:
        """List what a star import brings."""
        if _is_v1(module):
            return _V1_EXPORTS
        if module.startswith("azure.mgmt.") and module.endswith(".models"):
            return mgmt.EXPORTS
        return _V2_EXPORTS if _is_v2(module) else ()

    def alone(self, function: Function, work: Callable[[], object]) -> None:
        """Remember for which function something was made that nothing in the program calls."""
        lists: list[list[Any]]
        lists = [self.declared, self.settings, self.commands, self.credentials]
        counts = [len(made) for made in lists]
        unread = set(self.unread)
        work()
        for made, count in zip(lists, counts, strict=True):
            self.made_alone |= {id(one): function.site for one in made[count:]}
        self.unread_alone |= dict.fromkeys(set(self.unread) - unread, function.site)

    def site_of(self, one: object) -> tuple[str, int] | None:
        """Say of which function something is that is made only because nothing calls that."""
        found = self.made_alone.get(id(one))
        if found is None and isinstance(one, Declaration):
            found = self.made_alone.get(id(one.made))
        return found

    def only_new(self, work: Callable[[], object]) -> None:
        """Forget what was made at places where something was made before."""
        kept = self.declared, self.settings, self.commands, self.credentials
        self.declared, self.settings, self.commands, self.credentials = [], [], [], []
        work()
        declared, settings, started, credentials = kept
        seen = {_site(d.made) for d in declared} | {_site(m) for m in settings}
        places = {(c.place.document, c.place.start) for c in started}
        places |= {(c.place.document, c.place.start) for c in credentials}
        found = self.declared, self.settings, self.commands, self.credentials
        self.declared, self.settings, self.commands, self.credentials = kept
        declared += [d for d in found[0] if _site(d.made) not in seen]
        settings += [m for m in found[1] if _site(m) not in seen]
        started += [c for c in found[2] if (c.place.document, c.place.start) not in places]
        credentials += [c for c in found[3] if (c.place.document, c.place.start) not in places]

    # Calls

    def call(
        self, program: Expressions, callee: Foreign | Bound, given: Arguments, node: ast.Call
    ) -> Thing | None:
        """Call something of the SDKs."""
        if isinstance(callee, Bound):
            return self._method(program, callee, given, node)
        name = callee.name
        self.commands += commands.of_function(program, name, given, node)
        if _is_v1(name):
            return self._v1(program, name.split("."), given, node)
        if _is_v2(name):
            return self._v2(program, name.split("."), given, node)
        if name.startswith("azure.identity."):
            return self._identity(program, name, given, node)
        if name.startswith(_DATA):
            _noted(program, "reads", name, given, node)
        if name.startswith("azure.mgmt."):
            return self._mgmt(program, name, given, node)
        return None

    def _mgmt(
        self, program: Expressions, name: str, given: Arguments, node: ast.Call
    ) -> Thing | None:
        last = name.rpartition(".")[2]
        if ".models." in name:
            return _made(program, f"mgmt.{last}", given.bind(()), node, given.rest)
        if last.endswith("Client") or "machinelearning" in name.lower():
            _noted(program, "serves", name, given, node)
            names = ("credential", "subscription_id")
            return _made(program, "mgmt.client", given.bind(names), node)
        return None

    def attribute(self, program: Expressions, of: Made, name: str, place: Place) -> Thing | None:
        """Give an attribute of a handle."""
        del program, place
        if of.kind in {"v1.Workspace", "v1.created"} and name == "name":
            return of.attributes.get("workspace_name")
        if name in _SETTINGS:
            _compared(of)
        return None

    def _v1(
        self, program: Expressions, path: list[str], given: Arguments, node: ast.Call
    ) -> Thing | None:
        last = path[-1]
        owner = path[-2]
        if last == "provisioning_configuration" and owner in _V1_SETTINGS:
            kind, names = _V1_SETTINGS[owner]
            return self._settings(program, kind, f"v1.{owner}", names, given, node)
        if last == "AmlComputeProvisioningConfiguration":
            return self._settings(program, ComputeCluster, "v1.AmlCompute", _CLUSTER, given, node)
        if last == "create" and owner in _V1_TARGETS:
            return self._v1_create(program, given, node)
        if last in _V1_TARGETS:
            bound = given.bind(("workspace", "name"))
            return self._looked_up(program, bound.get("workspace"), bound.get("name"), node)
        if last == "create" and owner == "Workspace":
            return self._v1_workspace(program, given, node)
        if last == "Workspace" or (
            owner == "Workspace" and last in {"get", "from_config", "setup"}
        ):
            names = (
                ("name", "auth", "subscription_id", "resource_group", "location")
                if last == "get"
                else ("subscription_id", "resource_group", "workspace_name")
            )
            bound = given.bind(names) if last not in {"from_config", "setup"} else {}
            made = _made(program, "v1.Workspace", bound, node)
            if last == "get" and "name" in bound:
                made.attributes["workspace_name"] = made.attributes.pop("name")
            return made
        return None

    def _settings(  # what a call says, and what it is a call of
        self,
        program: Expressions,
        kind: type[Resource],
        name: str,
        names: tuple[str, ...],
        given: Arguments,
        node: ast.Call,
    ) -> Made:
        made = _made(program, name, given.bind(names), node, given.rest)
        is_v1 = name.startswith("v1.")
        made.extra = Settings(kind, SDK_V1 if is_v1 else SDK_V2)
        self.settings.append(made)
        return made

    def _declare(self, made: Made, settings: Settings, path: Path) -> Declaration:
        declaration = Declaration(settings.kind, made, settings.tool, made.trace[0], path)
        self.declared.append(declaration)
        return declaration

    def _v1_create(self, program: Expressions, given: Arguments, node: ast.Call) -> Thing:
        bound = given.bind(("workspace", "name", "provisioning_configuration"))
        target = Made("v1.target", {}, (program.place(node),), node=node, path=program.path)
        made: list[Declaration] = []
        settings = bound.get("provisioning_configuration")
        for path, thing in _cases(settings.thing if settings else NOTHING, program.path):
            if not isinstance(thing, Made) or not isinstance(thing.extra, Settings):
                continue
            declaration = self._declare(thing, thing.extra, path)
            declaration.name = used(bound["name"]) if "name" in bound else NOTHING
            declaration.home = _home(bound.get("workspace"), program)
            declaration.guard = _guard(program, declaration.name)
            made.append(declaration)
        target.extra = made
        return target

    def _v1_workspace(self, program: Expressions, given: Arguments, node: ast.Call) -> Thing:
        made = _made(program, "v1.created", given.bind(_V1_WORKSPACE), node, given.rest)
        place = program.place(node)
        declaration = Declaration(Workspace, made, SDK_V1, place, program.path)
        declaration.name = made.attributes.get("name", NOTHING)
        declaration.home = Home(
            made.attributes.get("subscription_id"), made.attributes.get("resource_group")
        )
        self.declared.append(declaration)
        made.attributes["workspace_name"] = declaration.name
        return made

    def _looked_up(
        self, program: Expressions, home: Argument | None, name: Argument | None, node: ast.Call
    ) -> Made:
        # A test or an index is no call, and stands where the name does.
        place = name.place if name is not None and not hasattr(node, "lineno") else None
        place = place if place is not None else program.place(node)
        made = Made("lookup", {}, (place,), node=node, path=program.path)
        asked = used(name) if name is not None else NOTHING
        made.extra = Lookup(asked, _home(home, program), place)
        program.course.lookups.append(made)
        return made

    def _v2(
        self, program: Expressions, path: list[str], given: Arguments, node: ast.Call
    ) -> Thing | None:
        last = path[-1]
        if last in _V2_KINDS:
            return self._settings(program, _V2_KINDS[last], f"v2.{last}", ("name",), given, node)
        if ".".join(path) in _V2_JOBS:
            return self._settings(program, Job, f"v2.{last}", (), given, node)
        if last == "MLClient" or path[-2:] == ["MLClient", "from_config"]:
            names: tuple[str, ...] = ("credential",)
            if last == "MLClient":
                names += ("subscription_id", "resource_group_name", "workspace_name")
            _noted(program, "serves", ".".join(path), given, node)
            return _made(program, "v2.MLClient", given.bind(names), node)
        if last in _LOADS:
            return self._loaded(program, given, node)
        if last[:1].isupper():
            made = _made(program, f"v2.{last}", given.bind(()), node, given.rest)
            if last == _AS_USER:
                made.attributes["type"] = Term("user_identity", made.trace)
            return made
        return None

    def _loaded(self, program: Expressions, given: Arguments, node: ast.Call) -> Thing | None:
        """Read a file of az ml, with what is given over it."""
        bound = given.bind(("source",))
        source = paths.plain(bound["source"].thing) if "source" in bound else NOTHING
        path = source.data if isinstance(source, Term) else None
        place = program.place(node)
        if not isinstance(path, str):
            why = "which file is loaded is not known, nor what it states"
            self.unread[place.shown] = place, why
            return self._not_read(program, "a file that is not known", bound, node)
        document = _beside(program, path)
        if document is None:
            why = f"'{path.lstrip('/')}' is not among the files: what it states is not known"
            self.unread[place.shown] = place, why
            shown = f"'{path.lstrip('/')}', which is not among the files"
            return self._not_read(program, shown, bound, node)
        from azmlint.sources import azureml_yaml  # noqa: PLC0415  # loads PyYAML

        found = azureml_yaml.read(document, program.context).resources
        if len(found) != 1:
            return None
        made = _made(program, "v2.loaded", {}, node)
        made.attributes |= _overrides(bound)
        made.extra = Settings(type(found[0]), SDK_V2, found[0])
        self.settings.append(made)
        self.files[document.path] = document
        return made

    def _not_read(
        self, program: Expressions, shown: str, bound: dict[str, Argument], node: ast.Call
    ) -> Made | None:
        """Stand for a file that is not read, of which only what is set over it is known."""
        symbol = Symbol(("file", program.place(node).shown), shown)
        rest = unknown("missing", f"it may be stated in {shown}", symbol)
        made = _made(program, UNREAD, {}, node, rest)
        made.attributes |= _overrides(bound)
        made.extra = Settings(Compute, SDK_V2)
        self.settings.append(made)
        return made

    def _identity(
        self, program: Expressions, name: str, given: Arguments, node: ast.Call
    ) -> Thing | None:
        kind = name.rpartition(".")[2]
        if kind not in {"ManagedIdentityCredential", "DefaultAzureCredential"}:
            return None
        made = _made(program, f"identity.{kind}", given.bind(()), node, given.rest)
        place = program.place(node)
        self.credentials.append(Credential(kind, made, place, program.path))
        return made

    # Methods

    def _method(
        self, program: Expressions, callee: Bound, given: Arguments, node: ast.Call
    ) -> Thing | None:
        of, name = callee.of, callee.name
        self.commands += commands.of_method(program, name, given, node)
        if isinstance(of, Bound) and of.name == "compute_targets":
            return self._of_targets(program, of, name, given, node)
        if isinstance(of, Made) and of.kind in {"v1.target", "lookup"}:
            return self._of_target(program, of, name, given, node)
        if name == "get" and isinstance(of, Bound) and of.name in {"compute", "computes"}:
            bound = given.bind(("name",))
            made = self._looked_up(program, None, bound.get("name"), node)
            assert isinstance(made.extra, Lookup)  # noqa: S101  # as it was made
            made.extra.home = _client(of.of)
            return made
        is_token = name == "get_token" and isinstance(of, Made) and of.kind.startswith("identity.")
        if is_token and isinstance(of, Made) and not _manages(given):
            of.attributes["reads"] = Term(name, (program.place(node),))
        if name == "list" and isinstance(of, Bound) and of.name in {"compute", "computes"}:
            # Whoever looks through all of them creates what is missing.
            self._looked_up(program, None, None, node)
            return Listed([], (program.place(node),))
        managed = mgmt.operation(callee)
        arguments = mgmt.bound(given, managed[1]) if managed is not None else None
        if managed is not None and arguments is not None:
            named = _NAMED.get(managed[0], "compute_name")
            name_at = given.bind(managed[1]).get(named)
            arguments[named] = used(name_at) if name_at is not None else NOTHING
            return self._managed(program, callee, managed[0], arguments, node)
        if name in _CREATE and given.positional + list(given.named.values()):
            return self._v2_create(program, callee, given, node)
        return None

    def _of_targets(
        self, program: Expressions, of: Bound, name: str, given: Arguments, node: ast.Call
    ) -> Thing | None:
        """Ask the computes of a workspace for one; whoever asks creates what is missing."""
        if name not in {"__contains__", "__getitem__", "get"} or not given.positional:
            return None
        asked = given.positional[0]
        made = self._looked_up(program, None, asked, node)
        assert isinstance(made.extra, Lookup)  # noqa: S101  # as it was made
        made.extra.home = _workspace(of.of)
        if name == "__getitem__":
            program.course.lookups.pop()
            return made
        return Term(False if name == "__contains__" else None, made.trace)

    def _managed(
        self,
        program: Expressions,
        callee: Bound,
        kind: type[Resource],
        arguments: dict[str, Thing],
        node: ast.Call,
    ) -> Thing:
        """Create what a management client is asked for."""
        place = program.place(node)
        body = arguments["parameters"]
        assert isinstance(body, (Made, Mapped))  # noqa: S101  # or it were no body
        declaration = Declaration(kind, body, mgmt.MGMT, place, program.path)
        declaration.name = arguments[_NAMED.get(kind, "compute_name")]
        declaration.arguments = arguments
        declaration.home = Home(
            mgmt.client_of(callee),
            arguments.get("resource_group_name"),
            arguments.get("workspace_name"),
        )
        self.declared.append(declaration)
        return Made("mgmt.poller", {}, (place,), node=node)

    def _v2_create(
        self, program: Expressions, callee: Bound, given: Arguments, node: ast.Call
    ) -> Thing | None:
        of: Thing = callee.of
        while isinstance(of, Bound):
            of = of.of
        every = [*given.positional, *given.named.values()]
        result: Thing | None = None
        for argument in every:
            for path, thing in _cases(argument.thing, program.path):
                if not isinstance(thing, Made):
                    continue
                if isinstance(thing.extra, Settings):
                    declaration = self._declare(thing, thing.extra, path)
                    declaration.home = _client(of)
                    declaration.name = thing.attributes.get("name", NOTHING)
                    declaration.guard = _guard(program, declaration.name)
                    result = result or thing
                elif isinstance(thing.extra, Lookup) and thing.attributes:
                    self._patch(program, thing, thing.extra, SDK_V2, path)
                    result = result or thing
        if result is None:
            return None
        poller = Made("v2.poller", {}, (program.place(node),), node=node)
        poller.extra = result
        return poller

    def _patch(
        self, program: Expressions, made: Made, lookup: Lookup, tool: str, path: Path
    ) -> None:
        place = program.place(made.node) if made.node is not None else lookup.place
        declaration = Declaration(ComputeCluster, made, tool, place, path)
        declaration.is_update = True
        declaration.name = lookup.name
        declaration.home = lookup.home
        self.declared.append(declaration)

    def _of_target(
        self, program: Expressions, of: Made, name: str, given: Arguments, node: ast.Call
    ) -> Thing | None:
        if name == "add_identity":
            bound = given.bind(("identity_type", "identity_id"))
            changes = {n: used(a) for n, a in bound.items()}
            if "identity_id" not in changes:
                changes["identity_id"] = NOTHING
        elif name == "remove_identity":
            bound = given.bind(("identity_id",))
            if "identity_id" in bound:
                changes = {"identity_id": _without(of, bound["identity_id"].thing)}
            else:
                changes = {"identity_type": NOTHING, "identity_id": NOTHING}
        elif name == "update":
            names = ("min_nodes", "max_nodes", "idle_seconds_before_scaledown")
            changes = {n: used(a) for n, a in given.bind(names).items()}
        else:
            return None
        _compared(of)
        self._change(program, of, changes, node)
        return Term(None, (program.place(node),))

    def _change(
        self, program: Expressions, of: Made, changes: dict[str, Thing], node: ast.Call
    ) -> None:
        if isinstance(of.extra, Lookup):
            made = Made("v1.update", changes, (program.place(node),), node=node)
            self._patch(program, made, of.extra, SDK_V1, program.path)
            return
        for declaration in of.extra if isinstance(of.extra, list) else ():
            conditions = tuple(c for c in program.path if c not in declaration.path)
            attributes = declaration.made.attributes
            for name, new in changes.items():
                attributes[name] = under(conditions, new, attributes.get(name, NOTHING))

    def finish(self) -> list[Declaration]:
        """List what is declared; settings of which no create was seen count as declared, too."""
        seen = {id(d.made) for d in self.declared}
        for made in self.settings:
            if id(made) in seen or not isinstance(made.extra, Settings):
                continue
            declaration = self._declare(made, made.extra, made.path)
            declaration.name = made.attributes.get("name", NOTHING)
        return self.declared


def _site(made: Made | Mapped) -> tuple[Document, int] | None:
    return (made.trace[0].document, made.trace[0].start) if made.trace else None


def _is_v1(name: str) -> bool:
    return name.startswith("azureml.")


def _is_v2(name: str) -> bool:
    return name == "azure.ai.ml" or name.startswith("azure.ai.ml.")


def used(argument: Argument) -> Thing:
    """Give an argument as what is used where it is written."""
    return _used(argument.thing, argument.place)


def _used(thing: Thing, place: Place) -> Thing:
    if isinstance(thing, Choice):
        return Choice(thing.decision, _used(thing.yes, place), _used(thing.no, place))
    if not isinstance(thing, Term):
        return thing
    first = thing.trace[0] if thing.trace else None
    if first is not None and first.start == place.start and first.document is place.document:
        trace = (first.as_role("use"), *thing.trace[1:])
    else:
        inner = tuple(p.as_role("variable") if p.role == "use" else p for p in thing.trace)
        trace = (place, *inner)
    return Term(
        thing.data,
        trace,
        reason=thing.reason,
        parts=thing.parts,
        decisions=thing.decisions,
        is_literal=thing.is_literal,
    )


def _made(
    program: Expressions,
    kind: str,
    bound: dict[str, Argument],
    node: ast.Call,
    rest: Term | None = None,
) -> Made:
    attributes = {name: used(argument) for name, argument in bound.items()}
    place = program.place(node)
    return Made(kind, attributes, (place,), node=node, rest=rest, path=program.path)


def _cases(thing: Thing, path: Path) -> list[tuple[Path, Thing]]:
    """List what something may be, each with the conditions on which it is."""
    thing = narrowed(thing, path)
    if not isinstance(thing, Choice):
        return [(path, thing)]
    return [
        *_cases(thing.yes, (*path, (thing.decision, True))),
        *_cases(thing.no, (*path, (thing.decision, False))),
    ]


def _beside(program: Expressions, path: str) -> Document | None:
    """Find a file that is named relative to where a program runs, which is here or above."""
    here = program.course.folder
    if here is not None:
        moved = paths.joined([narrowed(here, program.path), Term(path)], ()).data
        if not isinstance(moved, str):
            return None
        path = moved
    if path.startswith("/"):
        return program.context.sibling(posixpath.normpath(path.lstrip("/")))
    folder = program.document.path.rpartition("/")[0]
    while True:
        found = program.context.sibling(posixpath.normpath(posixpath.join(folder, path)))
        if found is not None or not folder:
            return found
        folder = folder.rpartition("/")[0]


def _noted(program: Expressions, what: str, client: str, given: Arguments, node: ast.Call) -> None:
    """Note what the credentials that a client is given are for."""
    for argument in (*given.positional, *given.named.values()):
        for thing in leaves(argument.thing):
            if isinstance(thing, Made) and thing.kind.startswith("identity."):
                thing.attributes[what] = Term(client.rpartition(".")[2], (program.place(node),))


def _manages(given: Arguments) -> bool:
    """Whether a token is asked for to manage resources, as whoever creates them does."""
    scope = used(given.positional[0]) if given.positional else NOTHING
    text = scope.data if isinstance(scope, Term) else None
    return isinstance(text, str) and _MANAGEMENT.match(text) is not None


def _compared(of: Made) -> None:
    if isinstance(of.extra, Lookup):
        of.extra.is_compared = True
    for declaration in of.extra if isinstance(of.extra, list) else ():
        declaration.is_compared = True


def _guard(program: Expressions, name: Thing) -> Guard | None:
    """Find the look-up of the same name that failed on the way here."""
    for guard in reversed(program.course.guards):
        lookup = guard.lookup.extra
        if isinstance(lookup, Lookup) and (lookup.name is NOTHING or _same(lookup.name, name)):
            return guard
    return None


def _same(one: Thing, two: Thing) -> bool:
    if isinstance(one, Term) and isinstance(two, Term):
        return one.text_parts == two.text_parts
    return one is two


def _home(argument: Argument | None, program: Expressions) -> Home:
    return _workspace(narrowed(argument.thing, program.path)) if argument is not None else NOWHERE


def _workspace(thing: Thing) -> Home:
    if not isinstance(thing, Made) or thing.kind not in {"v1.Workspace", "v1.created"}:
        return NOWHERE
    get = thing.attributes.get
    return Home(get("subscription_id"), get("resource_group"), get("workspace_name"))


def _client(thing: Thing) -> Home:
    if not isinstance(thing, Made) or thing.kind != "v2.MLClient":
        return NOWHERE
    get = thing.attributes.get
    return Home(get("subscription_id"), get("resource_group_name"), get("workspace_name"))


def _overrides(bound: dict[str, Argument]) -> dict[str, Thing]:
    """Give what is set over a file that is loaded."""
    rows = bound["params_override"].thing if "params_override" in bound else NOTHING
    found: dict[str, Thing] = {}
    for row in rows.items if isinstance(rows, Listed) else ():
        if isinstance(row, Mapped):
            found |= {str(k): v for k, v in row.pairs.items()}
    return found


def _without(of: Made, removed: Thing) -> Thing:
    """Give the identities that are left when some are removed."""
    gone = (
        {t.data for t in removed.items if isinstance(t, Term)}
        if isinstance(removed, Listed)
        else set()
    )
    for declaration in of.extra if isinstance(of.extra, list) else ():
        have = declaration.made.attributes.get("identity_id", NOTHING)
        if isinstance(have, Listed) and have.rest is None and gone:
            items = [i for i in have.items if not (isinstance(i, Term) and i.data in gone)]
            return Listed(items, have.trace)
    text = "identities are removed that are not known here"
    return unknown("runtime", text, Symbol(object(), "the identities"), trace_of(removed))
