"""Resources that commands make and change, in the order of the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Never

from azmlint.expressions.term import ABSENT_TERM, UNKNOWN, Symbol, Term
from azmlint.expressions.truth import Reason
from azmlint.model.resources import (
    COMPUTE_KINDS,
    Compute,
    ComputeCluster,
    Patch,
    ToolUse,
    Workspace,
)
from azmlint.model.value import NotEditable
from azmlint.sources import azureml_yaml
from azmlint.sources.az_settings import Settings, words_place
from azmlint.sources.command_body import CommandBody, Invocation
from azmlint.sources.document import Problem
from azmlint.sources.shell_state import path_of

if TYPE_CHECKING:
    from azmlint.expressions.term import Part
    from azmlint.location import Document, Place
    from azmlint.model.ids import ResourceId
    from azmlint.model.resource import Resource
    from azmlint.model.value import Body, Route
    from azmlint.sources.document import Context, Reading
    from azmlint.sources.shell_state import Call, Path
    from azmlint.sources.shell_values import Field

CLI: Final = "Azure CLI"
CLI_V1: Final = "CLI v1"
POWERSHELL: Final = "Azure PowerShell"

_KINDS: Final = COMPUTE_KINDS | {"kubernetescompute": COMPUTE_KINDS["kubernetes"]}


class Made(NamedTuple):
    """A resource, and the branches in which it is made."""

    resource: Resource
    body: CommandBody
    path: Path


class Making(Settings):
    """Keeps what commands make."""

    def __init__(self, reading: Reading, context: Context) -> None:
        """Add to `reading`."""
        super().__init__(reading, context)
        self.made: list[Made] = []
        self.known: set[tuple[Part, ...]] = set()
        """The ids of all that was ever made, most of which is made once."""

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

    def _project_file(self, found: Invocation, path: str) -> Document | None:
        for candidate in found.call.state.candidates(path):
            document = found.call.state.files.get(candidate) or self.context.sibling(candidate)
            if document is not None:
                return document
        return None

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
            address="" if is_own else address(found.call),
        )

    def _name(
        self, found: Invocation, body: CommandBody | None = None
    ) -> tuple[Term, tuple[Part, ...]]:
        if body is not None:
            term = body.at(("name",))
        else:
            given = found.value("--name", "-LockName")
            term = given.value() if given is not None else ABSENT_TERM
        return term, term.text_parts or (no_name(found),)

    def _grip(self, found: Invocation, name: Term) -> Place:
        return name.trace[0] if name.trace else words_place(found)

    def _add(self, found: Invocation, resource: Resource, body: CommandBody) -> None:
        if not isinstance(resource, Patch):
            # Creating something again is using it again, or changing it.
            self._forget(found, resource.id)
        self._keep(Made(resource, body, found.call.path))
        if isinstance(resource, (Compute, Workspace)):
            use = ToolUse(
                body,
                name=resource.name,
                resource_id=resource.id.child("declarations", "command"),
                grip=words_place(found),
                address=address(found.call),
            )
            use.tool = POWERSHELL if found.is_powershell else CLI
            if "computetarget" in found.words:
                use.tool = CLI_V1
            use.subject = resource
            self._keep(Made(use, body, found.call.path))

    def _keep(self, made: Made) -> None:
        self.made.append(made)
        self.known.add(made.resource.id.key)

    def _target(self, found: Invocation, wanted: ResourceId) -> Made | None:
        """Find what was made before by an id, where it is certain that this runs after it."""
        if wanted.key not in self.known:
            return None
        for made in reversed(self.made):
            is_same = made.resource.id.key == wanted.key and not isinstance(made.resource, ToolUse)
            if is_same and runs_after(made.path, found.call.path):
                return made
        return None

    def _forget(self, found: Invocation, gone: ResourceId) -> None:
        if gone.key not in self.known:
            return
        self.made = [
            m
            for m in self.made
            if m.resource.id.key != gone.key or not runs_after(m.path, found.call.path)
        ]

    def _skip(self, found: Invocation, message: str) -> None:
        place = words_place(found)
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


def address(call: Call) -> str:
    """Say where in its file a command stands."""
    place = call.fields[0].place
    line, column = place.document.position(place.start)
    return f"{line}:{column}"


def no_name(found: Invocation) -> Symbol:
    """Stand for a name that is not stated."""
    return Symbol(("name of", found.call.fields[0].place.shown), "name")


def runs_after(made: Path, now: Path) -> bool:
    """Whether what runs now certainly runs when the other thing ran before."""
    return made[: len(now)] == now


def _is_cluster(body: CommandBody) -> bool:
    routes = (("min_instances",), ("max_instances",), ("idle_time_before_scale_down",), ("tier",))
    return any(r in body.settings for r in routes)


def _says_something(body: CommandBody) -> bool:
    """Whether a command states more than where what a file describes goes."""
    return any(route[0] not in {"location", "type"} for route in body.settings)
