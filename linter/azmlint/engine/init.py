"""A first configuration, guessed from the files of a project."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.config import Config, Names
from azmlint.engine.discover import Found, discover, read
from azmlint.errors import SourceError
from azmlint.sources.document import decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SCRIPTS: Final = (".sh", ".bash", ".zsh", ".ps1", ".psm1", ".yml", ".yaml")
_LIMIT: Final = 1_000_000


class Workspace(NamedTuple):
    """A workspace, and the files that seem to be meant for it."""

    paths: tuple[str, ...]
    name: str | None
    resource_group: str | None
    subscription: str | None
    source: str
    """What says so."""


class Deployment(NamedTuple):
    """A template, and where it seems to be deployed."""

    paths: tuple[str, ...]
    resource_group: str | None
    subscription: str | None
    location: str | None
    parameters: tuple[str, ...]
    source: str
    """What says so."""


class Facts(NamedTuple):
    """What the files of a project say about where things go."""

    workspaces: tuple[Workspace, ...]
    deployments: tuple[Deployment, ...]


def guess(root: Path, files: Iterable[Found] | None = None) -> str:
    """Write a commented `azmlint.toml` from `files`, by default all below `root`."""
    if files is None:
        files = discover([root], Config(root, Names({}, frozenset()))).files
        # The walk leaves hidden files that git ignores alone, and these often are.
        own = root / ".azureml" / "config.json"
        if own.is_file():
            files = (*files, Found(".azureml/config.json", own, is_explicit=False))
    return render(facts(files))


def facts(files: Iterable[Found]) -> Facts:
    """Collect what files say; a file that cannot be read says nothing."""
    by_path = {file.path: file for file in files}
    workspaces: list[Workspace] = []
    deployments: list[Deployment] = []
    for path in sorted(by_path):
        if path.endswith("/config.json") or path == "config.json":
            workspaces += _from_config(path, _text(by_path[path]))
        elif path.lower().endswith(_SCRIPTS):
            text = _text(by_path[path])
            if re.search(r"\baz\b", text) is not None:
                script = _Script(path, text, by_path)
                workspaces += script.workspaces()
                deployments += script.deployments()
    known = {p for d in deployments for p in d.paths}
    deployments += [d for d in _beside(by_path) if d.paths[0] not in known]
    deployments += _values(by_path)
    return Facts(tuple(_merged(workspaces)), tuple(_joined(deployments)))


def _text(file: Found) -> str:
    try:
        return decode(file.path, read(file, _LIMIT)).text
    except SourceError:
        return ""


def _from_config(path: str, text: str) -> Iterator[Workspace]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(data, dict) or not isinstance(data.get("workspace_name"), str):
        return
    folder = posixpath.dirname(path)
    if posixpath.basename(folder) == ".azureml":
        folder = posixpath.dirname(folder)
    yield Workspace(
        (f"{_literal(folder)}/**" if folder else "**",),
        _filled(data.get("workspace_name")),
        _filled(data.get("resource_group")),
        _filled(data.get("subscription_id")),
        path,
    )


def _filled(value: object) -> str | None:
    """Leave out what a person or a script still has to fill in."""
    if not isinstance(value, str) or not value.strip() or re.search(r"[<>{}$()#]", value):
        return None
    return value


_COMMAND: Final = re.compile(
    r"\baz[ \t]+(?P<verb>ml[ \t]+(?:compute|workspace)[ \t]+(?:create|update|attach)"
    r"|deployment[ \t]+(?:group|sub)[ \t]+create|group[ \t]+deployment[ \t]+create|configure"
    r"|account[ \t]+set)\b(?P<rest>[^\r\n;|]*)"
)
_WORD: Final = re.compile(r"(?:\"[^\"]*\"|'[^']*'|\$\{\{[^}]*\}\}|[^\s\"'])+")
_ASSIGNED: Final = re.compile(
    r"^[ \t]*(?:export[ \t]+|-[ \t]+)?\$?(?P<name>[A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*"
    r"(?:\"(?P<d>[^\"\r\n$]*)\"|'(?P<s>[^'\r\n]*)'|(?P<p>[^\s\"'$#;]+))[ \t]*(?:#.*)?$",
    re.MULTILINE,
)
_USE: Final = re.compile(
    r"\$\{\{\s*(?:env|variables|vars|parameters)\.([\w.-]+)\s*\}\}|\$\(([\w.-]+)\)|\$\{([\w]+)\}"
    r"|\$env:(\w+)|\$(\w+)"
)


class _Script:
    """The `az` commands of one script or pipeline."""

    def __init__(self, path: str, text: str, files: Mapping[str, Found]) -> None:
        self.path = path
        self.files = files
        joined = re.sub(r"[\\`^][ \t]*\r?\n[ \t]*", " ", text)
        self.values: dict[str, str] = {}
        for match in _ASSIGNED.finditer(joined):
            value = match["d"] or match["s"] or match["p"]
            if value:
                self.values.setdefault(match["name"], value)
        self.commands = [
            (" ".join(m["verb"].split()), self.options(m["rest"]))
            for line in joined.splitlines()
            if not line.lstrip().startswith("#")
            for m in _COMMAND.finditer(line)
        ]
        self.defaults: dict[str, str] = {}
        self.subscription: str | None = None
        for verb, options in self.commands:
            if verb == "configure":
                for pair in options.get("-d", []) + options.get("--defaults", []):
                    name, _, value = pair.partition("=")
                    filled = _filled(value)
                    if filled is not None:
                        self.defaults[name] = filled
            elif verb == "account set":
                self.subscription = self.one(options, "-s", "--subscription", "-n", "--name")

    def options(self, text: str) -> dict[str, list[str]]:
        """Read options with their values, variables filled in where the file sets them."""
        found: dict[str, list[str]] = {}
        name = ""
        for match in _WORD.finditer(text):
            word = re.sub(r"[\"']", "", match[0])
            if match[0].startswith("-"):
                name, sign, value = word.partition("=")
                found.setdefault(name, [])
                if sign:
                    found[name].append(self.settled(value))
            elif name:
                found[name].append(self.settled(word))
        return found

    def settled(self, text: str) -> str:
        """Fill in variables; one that is not set here stays as it is."""
        return _USE.sub(
            lambda m: self.values.get(next(g for g in m.groups() if g is not None), m[0]), text
        )

    def one(self, options: Mapping[str, list[str]], *names: str) -> str | None:
        """Give an option's only value when it is known."""
        for name in names:
            if options.get(name):
                return _filled(options[name][0])
        return None

    def group(self, options: Mapping[str, list[str]]) -> str | None:
        """Give the resource group of a command."""
        return self.one(options, "-g", "--resource-group") or self.defaults.get("group")

    def workspaces(self) -> Iterator[Workspace]:
        """Yield what `az ml` commands say of the files they take."""
        for verb, options in self.commands:
            file = self.file(self.one(options, "-f", "--file"))
            name = self.one(options, "-w", "--workspace-name") or self.defaults.get("workspace")
            if verb == "ml workspace create":
                name = self.one(options, "-n", "--name", "-w", "--workspace-name")
            elif not verb.startswith("ml compute"):
                continue
            if file is None or name is None:
                continue
            subscription = self.one(options, "--subscription") or self.subscription
            yield Workspace((_pattern(file),), name, self.group(options), subscription, self.path)

    def deployments(self) -> Iterator[Deployment]:
        """Yield what deployment commands say of their templates."""
        for verb, options in self.commands:
            if "deployment" not in verb:
                continue
            template = self.file(self.one(options, "-f", "--template-file"))
            words = options.get("-p", []) + options.get("--parameters", [])
            found = (self.file(w.removeprefix("@")) for w in words if "=" not in w)
            parameters = tuple(dict.fromkeys(p for p in found if p is not None))
            if template is None and parameters:
                # A file of parameters can say itself which template it is for.
                template = _template_of(parameters[0], _text(self.files[parameters[0]]))
            if template is None or not template.lower().endswith((".json", ".jsonc", ".bicep")):
                continue
            subscription = self.one(options, "--subscription") or self.subscription
            yield Deployment(
                (_pattern(template),),
                self.group(options),
                subscription,
                None,
                parameters,
                self.path,
            )

    def file(self, text: str | None) -> str | None:
        """Find the file that a command names, from its own folder, the root, or anywhere."""
        if text is None:
            return None
        wanted = text.replace("\\", "/")
        folder = posixpath.dirname(self.path)
        for place in (folder, ""):
            path = posixpath.normpath(posixpath.join(place, wanted))
            if path in self.files:
                return path
        tail = "/" + wanted.lstrip("./")
        found = [path for path in self.files if f"/{path}".endswith(tail)]
        return found[0] if len(found) == 1 else None


def _pattern(path: str) -> str:
    """Make a pattern that means exactly this path."""
    return _literal(path) if "/" in path else f"/{_literal(path)}"


def _literal(path: str) -> str:
    return re.sub(r"([\\*?\[])", r"\\\1", path)


def _values(files: Mapping[str, Found]) -> Iterator[Deployment]:
    """Yield Terraform configurations that have one file of values which Terraform does not take."""
    folders = {posixpath.dirname(p) for p in files if p.endswith((".tf", ".tofu"))}
    for folder in sorted(folders):
        inside = f"{folder}/" if folder else ""
        named = [
            p
            for p in sorted(files)
            if p.startswith(inside)
            and p.endswith(".tfvars")
            and not p.endswith(".auto.tfvars")
            and (posixpath.dirname(p) == folder or posixpath.dirname(p) not in folders)
        ]
        if len(named) == 1 and posixpath.basename(named[0]) != "terraform.tfvars":
            yield Deployment(
                (f"{_literal(inside)}*.tf" if inside else "/*.tf",),
                None,
                None,
                None,
                tuple(named),
                "the file of values beside or below it",
            )


_USING: Final = re.compile(r"^[ \t]*using[ \t]+'([^'\n]+)'", re.MULTILINE)


def _template_of(path: str, text: str) -> str | None:
    """Say which template a `.bicepparam` is for."""
    match = _USING.search(text) if path.lower().endswith(".bicepparam") else None
    if match is None:
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))


def _beside(files: Mapping[str, Found]) -> Iterator[Deployment]:
    """Yield templates that have parameter files beside them."""
    used: dict[str, list[str]] = {}
    for path in sorted(files):
        if path.lower().endswith(".bicepparam"):
            template = _template_of(path, _text(files[path]))
            if template is not None:
                used.setdefault(template, []).append(path)
    for path in sorted(files):
        stem, dot, suffix = path.rpartition(".")
        if suffix not in {"json", "bicep"} or ".parameters" in path or not dot:
            continue
        beside = [p for p in sorted(files) if p.startswith(f"{stem}.parameters.")]
        if suffix == "bicep":
            beside = sorted({*(p for p in beside if p.endswith(".json")), *used.get(path, ())})
        is_template = suffix == "bicep" or "deploymenttemplate.json" in _text(files[path]).lower()
        if beside and is_template:
            # Naming one of several would hide what the others find: without a name all are tried.
            only = tuple(beside) if len(beside) == 1 else ()
            source = "the files beside it" if only else f"the files beside it: {', '.join(beside)}"
            yield Deployment((_pattern(path),), None, None, None, only, source)


def _merged(workspaces: Iterable[Workspace]) -> Iterator[Workspace]:
    """Join the files of one workspace."""
    by_key: dict[tuple[str | None, ...], list[Workspace]] = {}
    for workspace in workspaces:
        by_key.setdefault(workspace[1:4], []).append(workspace)
    for same in by_key.values():
        paths = tuple(dict.fromkeys(p for w in same for p in w.paths))
        sources = ", ".join(dict.fromkeys(w.source for w in same))
        yield same[0]._replace(paths=paths, source=sources)


def _joined(deployments: Iterable[Deployment]) -> Iterator[Deployment]:
    """Join the deployments of one template, of which the configuration takes one entry.

    What they do not agree on is left open.
    """
    by_paths: dict[tuple[str, ...], list[Deployment]] = {}
    for deployment in deployments:
        by_paths.setdefault(deployment.paths, []).append(deployment)
    for paths, same in by_paths.items():
        groups = {d.resource_group for d in same}
        subscriptions = {d.subscription for d in same}
        parameters = {d.parameters for d in same}
        yield Deployment(
            paths,
            groups.pop() if len(groups) == 1 else None,
            subscriptions.pop() if len(subscriptions) == 1 else None,
            None,
            parameters.pop() if len(parameters) == 1 else (),
            ", ".join(dict.fromkeys(d.source for d in same)),
        )


_HEAD: Final = """\
# Configuration of azmlint. All keys: docs/configuration.md

# profile = "strict"            # report every note, not only those of the default profile
# select = ["locks", "network"] # run only these rules or families of rules
# ignore = ["old-api-version"]  # do not run these
# fail_on = "error"             # error, warning, note or none
# exclude = ["examples/**"]     # do not read these files

# complete = true               # these files declare everything that is deployed

# [production]
# workspaces = ["fraud"]
# tags = { env = "prod" }
"""
_NO_WORKSPACE: Final = """\
# No file says which workspace the others are meant for. Like this:
# [[workspaces]]
# paths = ["computes/**"]
# name = "fraud"
# resource_group = "rg-fraud"
# location = "westeurope"
"""
_NO_DEPLOYMENT: Final = """\
# No file says where templates are deployed. Like this:
# [[deployments]]
# paths = ["infra/main.json"]
# resource_group = "rg-fraud"
# location = "westeurope"
# parameters = ["infra/main.parameters.json"]
"""


def render(found: Facts) -> str:
    """Write facts as a commented configuration that can be used as it is."""
    pieces = [_HEAD]
    for workspace in found.workspaces:
        rows = _rows(workspace, ("paths", "name", "resource_group", "subscription"))
        rows.append('# location = "..."')
        pieces.append(_block("workspaces", workspace.source, rows))
    if not found.workspaces:
        pieces.append(_NO_WORKSPACE)
    for deployment in found.deployments:
        rows = _rows(deployment, ("paths", "resource_group", "subscription", "parameters"))
        rows.append('# location = "..."  # the region of the resource group')
        pieces.append(_block("deployments", deployment.source, rows))
    if not found.deployments:
        pieces.append(_NO_DEPLOYMENT)
    return "\n".join(pieces)


def _rows(fact: Workspace | Deployment, keys: Iterable[str]) -> list[str]:
    rows = []
    for key in keys:
        value = getattr(fact, key)
        if value:
            rows.append(f"{key} = {_toml(value)}")
        elif value is None:
            rows.append(f'# {key} = "..."')
    return rows


def _block(table: str, source: str, rows: Iterable[str]) -> str:
    # What a comment of TOML may not hold cannot be in it.
    shown = "".join(c if c.isprintable() else "?" for c in source)
    return "\n".join([f"# From {shown}", f"[[{table}]]", *rows]) + "\n"


def _toml(value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(v) for v in value)}]"
    # JSON's escapes are TOML's too; only DEL has to be escaped in TOML alone.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
