"""Python programs that create Azure ML resources: read, never run."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import UNKNOWN, Symbol, Term
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    ComputeCluster,
    CredentialCall,
    Job,
    Lock,
    OnlineDeployment,
    Patch,
    ToolUse,
    Workspace,
)
from azmlint.sources.document import Problem, Reading
from azmlint.sources.packages import DATA_DRIFT
from azmlint.sources.python_body import LoadedBody, PythonBody
from azmlint.sources.python_course import OverLimit
from azmlint.sources.python_mgmt import MGMT, ManagedBody, kind_of
from azmlint.sources.python_program import Program
from azmlint.sources.python_sdk import (
    SDK_V1,
    SDK_V2,
    UNREAD,
    AzureSdk,
    Declaration,
    Lookup,
    Settings,
)
from azmlint.sources.python_secrets import written_secrets
from azmlint.sources.python_syntax import parse
from azmlint.sources.python_values import NOTHING, Choice, Made, Thing, leaves

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Mapping

    from azmlint.expressions.term import Part
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document, Place
    from azmlint.model.resource import Resource
    from azmlint.model.value import Body
    from azmlint.sources.document import Binding, Context, Site
    from azmlint.sources.python_sdk import Credential, Home
    from azmlint.sources.python_values import Path

_SDK_V1_MODULES: Final = re.compile(
    r"azureml\.(?:core|data|datadrift|exceptions|explain|interpret|pipeline|tensorboard|train"
    r"|widgets)\b"
)
"""The packages of azureml-sdk, not what else is called azureml."""

_DRIFT_MODULES: Final = re.compile(r"azureml\.datadrift\b")

_OF_CLUSTERS: Final = frozenset(
    {"idle_time_before_scale_down", "max_instances", "min_instances", "tier"}
)
_OVER_A_FILE: Final = _OF_CLUSTERS | {
    *("enable_node_public_ip", "identity", "location", "network_settings", "size"),
    *("ssh_public_access_enabled", "ssh_settings"),
}
"""What is judged of settings over a file that is not read."""

_DIALECTS: Final = {SDK_V1: "sdk_v1", SDK_V2: "sdk_v2"}


def read(
    document: Document, context: Context, environment: Mapping[str, Thing] | None = None
) -> Reading:
    """Read every resource that a program creates or changes; it may be started with variables."""
    reader = _Reader(document, context)
    reader.program.course.environment.update(environment or {})
    return reader.read()


class _Reader:
    """Reads one program."""

    def __init__(self, document: Document, context: Context) -> None:
        self.document = document
        self.context = context
        self.worlds: Worlds = context.worlds
        self.reading = Reading()
        self.sdk = AzureSdk()
        self.program = Program(document, context, self.sdk)
        self.count = 0

    def read(self) -> Reading:
        parsed = parse(self.document)
        for broken in parsed.broken:
            end = min(broken.offset + 1, len(self.document.text))
            rule = None if broken.is_too_deep else "syntax-error"
            self._problem(min(broken.offset, end), end, rule, broken.message)
        secrets = written_secrets(self.document.text, parsed.body)
        self.reading.secrets += (self.program.place(node) for node in secrets)
        try:
            self.program.run(parsed.body)
        except OverLimit:
            self._problem(0, 0, None, "the program takes more steps than are followed")
        except RecursionError:
            self._problem(0, 0, None, "the program nests deeper than it is followed")
        binding = self.context.binding(self.document.path)
        for declaration in self.sdk.finish():
            with self._noted(declaration):
                self._declare(declaration, binding)
        defined = {f.name for f in self.program.defined}
        for credential in self.sdk.credentials:
            credential.made.attributes["scoring"] = Term({"init", "run"} <= defined)
            with self._noted(credential):
                self._credential(credential)
        self._imports(parsed.body)
        self._commands()
        for key, (place, message) in self.sdk.unread.items():
            document, extent = place.inside
            if document is self.document:
                self._problem(extent.start, extent.end, None, message)
                self._note(self.sdk.unread_alone.get(key), [], self.reading.problems[-1:])
        self.reading.called |= self.program.course.outside
        self.reading.modules.update(self.sdk.files)
        return self.reading

    @contextmanager
    def _noted(self, one: object) -> Iterator[None]:
        """Note what is there only because nothing in the program calls a function."""
        reading = self.reading
        before = len(reading.resources), len(reading.problems)
        yield
        site = self.sdk.site_of(one)
        self._note(site, reading.resources[before[0] :], reading.problems[before[1] :])

    def _note(self, site: Site | None, resources: list[Resource], problems: list[Problem]) -> None:
        if site is not None:
            self.reading.alone.setdefault(site, []).extend((*resources, *problems))

    def _commands(self) -> None:
        """Read the commands that the program starts as those of a script."""
        if not self.sdk.commands:
            return
        from azmlint.sources.python_script import Commands  # noqa: PLC0415  # few programs do

        found = Commands(self.context, lambda path: existence(path, self.worlds))
        for started in self.sdk.commands:
            made = found.add(started)
            self._note(self.sdk.site_of(started), made, [])
        self.reading.take(found.finish())

    def _problem(self, start: int, end: int, rule: str | None, message: str) -> None:
        self.reading.problems.append(Problem(self.document, start, end, rule, message))

    def _body(self, declaration: Declaration, resource_id: ResourceId) -> PythonBody:
        # The subnet of SDK v1 is in the subscription of the workspace.
        parts = resource_id.segments[1]
        reason = Reason("parameter", "the subscription is not known here")
        subscription = (
            Term(parts[0])
            if len(parts) == 1 and isinstance(parts[0], str)
            else Term(UNKNOWN, reason=reason, parts=parts)
        )
        return PythonBody(
            _DIALECTS[declaration.tool],
            declaration.made,
            self.worlds,
            {"subscription_id": subscription} if declaration.kind is not Workspace else None,
        )

    def _use(self, declaration: Declaration) -> PythonBody:
        """Say how something is declared, and on which look-up that rests."""
        stated: dict[str, Thing] = {}
        guard = declaration.guard
        lookup = guard.lookup.extra if guard is not None else None
        if guard is not None and isinstance(lookup, Lookup):
            is_compared = lookup.is_compared or declaration.is_compared
            stated["lookup"] = Term(guard.lookup.trace[0].text, guard.lookup.trace)
            stated["compared"] = Term(is_compared)
            if guard.caught is not None:
                stated["caught"] = Term(_caught(guard.caught), (guard.caught,))
        return PythonBody("python", Made("use", stated, (declaration.place,)), self.worlds)

    def _address(self, place: Place) -> str:
        self.count += 1
        line, column = place.document.position(place.start)
        return f"{line}:{column}/{self.count}"

    def _declare(self, declaration: Declaration, binding: Binding) -> None:
        loaded = _loaded(declaration)
        if loaded is not None and declaration.name is NOTHING:
            declaration.name = loaded.body.at(("name",))
        rest = declaration.made.rest
        if rest is not None and rest.reason is not None and rest.reason.kind == "invalid":
            place = declaration.place
            self._problem(place.start, place.end, None, rest.reason.text)
            return
        if isinstance(declaration.made, Made) and declaration.made.kind == UNREAD:
            if not _OVER_A_FILE.intersection(declaration.made.attributes):
                # That a file is not read is said already.
                return
            if _OF_CLUSTERS.intersection(declaration.made.attributes):
                declaration.kind = ComputeCluster
        scope = self._locked(declaration, binding) if declaration.kind is Lock else None
        resource_id = self._id(declaration, binding, scope)
        kind: type[Resource] | None = declaration.kind
        body: Body
        if declaration.tool == MGMT:
            managed = ManagedBody("arm", declaration.made, self.worlds)
            kind, body = kind_of(declaration.kind, managed), managed
        else:
            body = self._body(declaration, resource_id)
            if loaded is not None:
                body = LoadedBody(self._body(declaration, resource_id), loaded.body)
        if kind is None or (kind is Job and _says_no_identity(body)):
            return
        exists = existence(declaration.path, self.worlds)
        made = (Patch if declaration.is_update else kind)(
            body,
            name=_shown(declaration.name),
            resource_id=resource_id,
            grip=_grip(declaration),
            address=self._address(declaration.place),
            exists=exists,
            scope=scope,
        )
        self.reading.resources.append(made)
        use = ToolUse(
            self._use(declaration),
            name=made.name,
            resource_id=made.id.child("declarations", "python"),
            grip=declaration.place,
            address=made.address,
            exists=exists,
        )
        use.tool = declaration.tool
        use.subject = made
        self.reading.resources.append(use)

    def _scope(self, home: Home, binding: Binding) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Give the subscription and the group of what is declared."""
        path = self.document.path
        subscription = _stated(home.subscription) or (
            binding.subscription or Symbol(("subscription of", path), "the subscription"),
        )
        group = _stated(home.group) or (
            binding.resource_group or Symbol(("group of", path), "the resource group"),
        )
        return subscription, group

    def _locked(self, declaration: Declaration, binding: Binding) -> ResourceId:
        """Say what a lock locks."""
        arguments = declaration.arguments
        if "scope" in arguments:
            symbol = Symbol(("scope", self.document.path, declaration.place.start), "the scope")
            return ResourceId(_stated(arguments["scope"]) or (symbol,))
        subscription, group = self._scope(declaration.home, binding)
        scope = ResourceId(("/subscriptions/", *subscription))
        if "resource_group_name" not in arguments:
            return scope
        scope = scope.child("resourceGroups", group)
        if "resource_name" not in arguments:
            return scope
        names = ("resource_provider_namespace", "parent_resource_path", "resource_type")
        pieces = [_stated(arguments.get(n)) for n in (*names, "resource_name")]
        return scope.child("providers", *(p for p in pieces if p is not None and p != ("",)))

    def _id(
        self, declaration: Declaration, binding: Binding, scope: ResourceId | None
    ) -> ResourceId:
        path = self.document.path
        unnamed = Symbol(("name of", path, declaration.place.start), "name")
        name = _stated(declaration.name) or (unnamed,)
        if scope is not None:
            return scope.child("providers", "Microsoft.Authorization", "locks", name)
        subscription, group = self._scope(declaration.home, binding)
        parts: list[Part] = ["/subscriptions/", *subscription, "/resourceGroups/", *group]
        parts.append("/providers/Microsoft.MachineLearningServices/workspaces/")
        if declaration.kind is not Workspace:
            workspace = _stated(declaration.home.workspace) or (
                binding.workspace or Symbol(("workspace of", path), "the workspace"),
            )
            parts += workspace
            if declaration.kind is OnlineDeployment:
                unknown = Symbol(("endpoint of", path, declaration.place.start), "the endpoint")
                endpoint = _stated(_endpoint(declaration)) or (unknown,)
                parts += ["/onlineEndpoints/", *endpoint, "/deployments/"]
            else:
                parts.append("/jobs/" if declaration.kind is Job else "/computes/")
        return ResourceId((*parts, *name))

    def _credential(self, credential: Credential) -> None:
        body = PythonBody("python", credential.made, self.worlds)
        made = CredentialCall(
            body,
            name=credential.kind,
            resource_id=ResourceId(
                (Symbol(("credential", self.document.path, credential.place.start), "?"),)
            ),
            grip=credential.place,
            address=self._address(credential.place),
            exists=existence(credential.path, self.worlds),
        )
        self.reading.resources.append(made)

    def _imports(self, body: list[ast.stmt]) -> None:
        """Add the use of SDK v1, and of its part for data drift, by the first import of each."""
        import ast  # noqa: PLC0415  # only for its names

        told: set[str] = set()
        for statement in body:
            for node in ast.walk(statement):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [a.name for a in node.names]
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    module = node.module or ""
                    names = [module, *(f"{module}.{a.name}" for a in node.names)]
                for tool, pattern in ((SDK_V1, _SDK_V1_MODULES), (DATA_DRIFT, _DRIFT_MODULES)):
                    found = next((n for n in names if pattern.match(n)), None)
                    if found is not None and tool not in told:
                        told.add(tool)
                        self._import(node, found, tool)
            if len(told) > 1:
                return

    def _import(self, node: ast.AST, name: str, tool: str) -> None:
        place = self.program.place(node)
        made = Made("import", {"module": Term(name, (place,))}, (place,))
        use = ToolUse(
            PythonBody("python", made, self.worlds),
            name=name,
            resource_id=ResourceId((Symbol(("import", tool, self.document.path), "?"),)),
            grip=place,
            address=self._address(place),
        )
        use.tool = tool
        use.subject = use
        self.reading.resources.append(use)


def _says_no_identity(body: Body) -> bool:
    """Whether a job runs as the tool has it; of such jobs nothing is judged."""
    route = ("properties", "identity") if body.dialect == "arm" else ("identity",)
    return body.at(route).is_absent


def _caught(place: Place) -> str:
    """Name the exceptions of a handler; a bare one catches all there are."""
    text = " ".join(place.text.split())
    return "BaseException" if text.startswith("except") else text.rpartition(".")[2]


def existence(path: Path, worlds: Worlds) -> Callable[[], Truth]:
    """Say whether what is made on conditions is made in the world of the moment."""
    if not path:
        return lambda: TRUE

    def exists() -> Truth:
        verdict = TRUE
        for decision, wanted in path:
            taken = worlds.choice(decision)
            if taken is None:
                reason = Reason("parameter", f"whether {decision.question} is not known here")
                verdict &= Truth(None, (reason,), (decision,))
            elif (taken == 0) is not wanted:
                return FALSE
        return verdict

    return exists


def _loaded(declaration: Declaration) -> Resource | None:
    """Find what a file states of a declaration."""
    settings = declaration.made.extra if isinstance(declaration.made, Made) else None
    return settings.loaded if isinstance(settings, Settings) else None


def _endpoint(declaration: Declaration) -> Thing | None:
    """Find what names the endpoint of a deployment: the program, or else the file that it loads."""
    made, loaded = declaration.made, _loaded(declaration)
    named = made.attributes.get("endpoint_name") if isinstance(made, Made) else None
    return loaded.body.at(("endpoint_name",)) if named is None and loaded is not None else named


def _stated(thing: Thing | None) -> tuple[Part, ...] | None:
    """Give the pieces of a name; None when nothing is stated."""
    if isinstance(thing, Choice):
        return (Symbol(("choice", thing.decision.key), f"as {thing.decision.question} says"),)
    if isinstance(thing, Term) and thing.text_parts:
        return thing.text_parts
    return None


def _shown(thing: Thing) -> str:
    parts = _stated(thing)
    if not parts:
        return "(no name)"
    return "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in parts)


def _grip(declaration: Declaration) -> Place:
    """Point at the name, where it stands in the program; else at the call."""
    for leaf in leaves(declaration.name):
        if isinstance(leaf, Term) and leaf.trace:
            return leaf.trace[0]
    return declaration.place


__all__ = ["existence", "read"]
