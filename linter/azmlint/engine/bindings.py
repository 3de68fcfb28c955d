"""Where the things that files declare are deployed to, as far as anything says so."""

from __future__ import annotations

import json
import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.engine.discover import Found, read
from azmlint.engine.report import Skip
from azmlint.errors import SourceError
from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.location import Place
from azmlint.model.ids import ResourceId
from azmlint.model.resources import Workspace
from azmlint.model.value import NotEditable
from azmlint.path_pattern import PathPatterns
from azmlint.sources.document import Binding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azmlint.config import Config, DeploymentFacts, WorkspaceFacts
    from azmlint.expressions.term import Part
    from azmlint.location import Edit
    from azmlint.model.resource import Resource
    from azmlint.model.value import Route

AZUREML_FILE: Final = ".azureml/config.json"
_LIMIT: Final = 1_000_000
_NAME: Final = re.compile(
    r"^name:[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|([A-Za-z0-9][\w.-]*))", re.MULTILINE
)


class _Home(NamedTuple):
    """The workspace that an `.azureml/config.json` names."""

    subscription: str | None
    resource_group: str | None
    workspace: str | None


_NOWHERE: Final = _Home(None, None, None)


_VARIABLE: Final = "TF_VAR_"
"""How the names begin of what in the environment is a value for Terraform."""


class Bindings:
    """Answers for every path of one run; files are read once."""

    def __init__(self, config: Config) -> None:
        """Take the facts from `config`."""
        self.config = config
        self.skipped: list[Skip] = []
        """Files that would have said something, but cannot be read."""

        self._environment = tuple(
            (name.removeprefix(_VARIABLE), text)
            for name, text in sorted(os.environ.items())
            if name.startswith(_VARIABLE) and any(d.environment for d in config.deployments)
        )
        self._deployments = [(PathPatterns(d.paths), d) for d in config.deployments]
        self._workspaces = [(PathPatterns(w.paths), w) for w in config.workspaces]
        self._homes: dict[str, _Home] = {}
        self._names: dict[str, str | None] = {}
        self._deployed_ids: dict[str, list[ResourceId]] = {}

    def binding(self, path: str) -> Binding:
        """Say where what `path` declares goes; empty when nobody says.

        `[[deployments]]` come before `[[workspaces]]`, the first entry that matches counts, and
        `.azureml/config.json`, in the file's folder or above, fills in what neither says.
        """
        deployment = next((d for patterns, d in self._deployments if patterns.match(path)), None)
        workspace = next(
            (w for patterns, w in self._workspaces if patterns.match(path) or w.file == path), None
        )
        if deployment is None and workspace is None:
            home = self._home(path.rpartition("/")[0])
            return Binding(home.subscription, home.resource_group, home.workspace)
        if workspace is None:
            return self._deployed(path, deployment)
        subscription, group = self._scope(workspace)
        if deployment is not None:
            subscription = deployment.subscription or subscription
            group = deployment.resource_group or group
        return Binding(
            subscription,
            group,
            self._name(workspace),
            deployment.location if deployment is not None else None,
            deployment.parameters if deployment is not None else (),
            self._environment_of(deployment),
        )

    def _deployed(self, path: str, deployment: DeploymentFacts | None) -> Binding:
        if deployment is None:
            return Binding()
        home = self._home(path.rpartition("/")[0])
        is_same = deployment.resource_group in {None, home.resource_group} and (
            deployment.subscription in {None, home.subscription}
        )
        return Binding(
            deployment.subscription or (home.subscription if is_same else None),
            deployment.resource_group or (home.resource_group if is_same else None),
            home.workspace if is_same else None,
            deployment.location,
            deployment.parameters,
            self._environment_of(deployment),
        )

    def _environment_of(self, deployment: DeploymentFacts | None) -> tuple[tuple[str, str], ...]:
        return self._environment if deployment is not None and deployment.environment else ()

    def _scope(self, workspace: WorkspaceFacts) -> tuple[Part, Part]:
        """Give subscription and group; what is not said is a symbol of this workspace alone."""
        name = self._name(workspace) or "?"
        key = name.casefold()
        deployed = self._deployed_id(workspace, key)
        if deployed is not None:
            return deployed
        subscription: Part = workspace.subscription or Symbol(
            ("subscription of workspace", key), f"the subscription of workspace '{name}'"
        )
        group: Part = workspace.resource_group or Symbol(
            ("group of workspace", key), f"the resource group of workspace '{name}'"
        )
        return subscription, group

    def _deployed_id(self, workspace: WorkspaceFacts, key: str) -> tuple[Part, Part] | None:
        """Give subscription and group of the one deployed workspace that can be meant."""
        found = []
        for resource_id in self._deployed_ids.get(key, ()):
            subscription, group = resource_id.subscription, resource_id.group
            names = [s.name for s in (subscription, group) if s is not None]
            stated = (workspace.subscription, workspace.resource_group)
            pairs = zip(stated, names, strict=False)
            if len(names) == len(stated) and all(
                s is None or (n is not None and s.casefold() == n.casefold()) for s, n in pairs
            ):
                found.append((names[0] or "", names[1] or ""))
        return found[0] if len(found) == 1 else None

    def locate(self, workspaces: Iterable[Workspace]) -> None:
        """Take subscription and group of deployed workspaces where the configuration has none."""
        for workspace in workspaces:
            found = self._deployed_ids.setdefault(workspace.name.casefold(), [])
            found.append(workspace.id)

    def _name(self, workspace: WorkspaceFacts) -> str | None:
        if workspace.name is not None or workspace.file is None:
            return workspace.name
        if workspace.file not in self._names:
            text = self._text(workspace.file)
            match = _NAME.search(text) if text is not None else None
            if match is None and text is not None:
                self._skip(workspace.file, "states no name of a workspace")
            self._names[workspace.file] = match[match.lastindex or 0] if match is not None else None
        return self._names[workspace.file]

    def _home(self, folder: str) -> _Home:
        found = self._homes.get(folder)
        if found is None:
            found = self._read_home(f"{folder}/{AZUREML_FILE}" if folder else AZUREML_FILE)
            if found is None:
                found = self._home(folder.rpartition("/")[0]) if folder else _NOWHERE
            self._homes[folder] = found
        return found

    def _read_home(self, path: str) -> _Home | None:
        if not (self.config.root / path).is_file() or path.startswith("../"):
            return None
        text = self._text(path)
        if text is None:
            return None
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            self._skip(path, "is not valid JSON, so it names no workspace")
            return None
        if not isinstance(data, dict):
            self._skip(path, "holds no JSON object, so it names no workspace")
            return None
        values = (data.get(k) for k in ("subscription_id", "resource_group", "workspace_name"))
        return _Home(*(v if isinstance(v, str) and _is_filled(v) else None for v in values))

    def _text(self, path: str) -> str | None:
        try:
            raw = read(Found(path, self.config.root / path, is_explicit=True), _LIMIT)
        except SourceError as error:
            self._skip(path, str(error))
            return None
        return raw.decode("utf-8-sig", "replace")

    def _skip(self, path: str, reason: str) -> None:
        self.skipped.append(Skip(path, "discover", reason))

    def described(self) -> tuple[Resource, ...]:
        """List the workspaces that the configuration describes without naming their file."""
        return tuple(
            self._workspace(w)
            for w in self.config.workspaces
            if w.file is None and w.name is not None
        )

    def _workspace(self, facts: WorkspaceFacts) -> Workspace:
        subscription, group = self._scope(facts)
        name = facts.name or ""
        parts: tuple[Part, ...] = (
            "/subscriptions/",
            subscription,
            "/resourceGroups/",
            group,
            "/providers/Microsoft.MachineLearningServices/workspaces/",
            name,
        )
        return Workspace(
            _Described(facts),
            name=name,
            resource_id=ResourceId(parts),
            grip=facts.place,
            address=f"workspaces.{name}",
        )

    def workspace_files(self) -> tuple[str, ...]:
        """List the files that declare workspaces, to be read whether or not they are judged."""
        return tuple(
            dict.fromkeys(
                PurePosixPath(w.file).as_posix()
                for w in self.config.workspaces
                if w.file is not None
            )
        )


def _is_filled(text: str) -> bool:
    return re.search(r"[<>{}$]", text) is None and text.strip() != ""


class _Described:
    """A workspace as the configuration states it; what it does not state is unknown."""

    __slots__ = ("facts",)

    dialect = "arm"

    def __init__(self, facts: WorkspaceFacts) -> None:
        self.facts = facts

    def at(self, route: Route) -> Term:
        """Give what is stated."""
        place = Place(self.facts.place.document, self.facts.place.node)
        value = self._stated(".".join(route))
        if value is None:
            symbol = Symbol(("configured workspace", self.facts.name, route), ".".join(route))
            text = f"the configuration does not state '{'.'.join(route)}'"
            return unknown("missing", text, symbol, (place,))
        return Term(value, (place,))

    def _stated(self, route: str) -> str | None:
        facts = self.facts
        if route == "properties.publicNetworkAccess" and facts.public_network_access is not None:
            return "Enabled" if facts.public_network_access else "Disabled"
        return {
            "location": facts.location,
            "kind": facts.kind,
            "properties.managedNetwork.isolationMode": facts.managed_network,
        }.get(route)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:  # noqa: ARG002
        """Refuse: a fix changes what is deployed, not what the configuration says of it."""
        message = f"'{route[-1]}' is only described by the configuration"
        raise NotEditable(message)
