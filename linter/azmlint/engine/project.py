"""A project on disk: its configuration, its rules, its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from azmlint.config import OUTSIDE, SIZE_LIMIT, content, is_inside
from azmlint.config import read as read_config
from azmlint.config_schema import RuleOptions
from azmlint.engine import packs
from azmlint.engine.bindings import Bindings
from azmlint.engine.deployed import Deployed
from azmlint.engine.discover import (
    called,
    concerns,
    discover,
    imported,
    is_candidate,
    is_document,
    modules,
    not_read,
    read,
    surrounds,
    trouble,
)
from azmlint.engine.gather import Inputs, gather, today
from azmlint.engine.own import OWN_RULES
from azmlint.engine.report import Failure, Report, Skip
from azmlint.engine.run import Facts, Selection, run, secrets_of
from azmlint.engine.suppress import Suppression
from azmlint.errors import ConfigError, SourceError
from azmlint.expressions.worlds import Worlds
from azmlint.finding import Severity
from azmlint.model.resources import Workspace
from azmlint.sources.document import Problem, decode

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from azmlint.config import Config, Files
    from azmlint.engine.packs import Entry
    from azmlint.engine.policies import Loaded as LoadedPolicies
    from azmlint.engine.policies import OrganisationPolicy
    from azmlint.location import Document, Place
    from azmlint.model.capacity.rows import Row
    from azmlint.model.estate import Estate
    from azmlint.model.sizes import Listed
    from azmlint.sources.document import Binding
    from azmlint.sources.snapshot import Snapshot

DEFAULT_NOTES = frozenset({"file-not-read"})
"""Rules of which notes are part of the default profile."""

_READ = (
    *(".yml", ".yaml", ".json", ".jsonc", ".bicep", ".bicepparam", ".tf", ".tofu"),
    *(".py", ".ipynb", ".sh", ".bash", ".zsh", ".ps1", ".psm1"),
)
"""How the names of files end that some source reads."""

_CONFIGURATIONS = (".tf", ".tofu", ".tf.json", ".tofu.json")
"""How the names of Terraform's files end."""

_TAKEN_IN = (".bicep", ".json", ".jsonc", ".yml", ".yaml")
"""How the names of files end that others may take in."""

_SCRIPTS = (".sh", ".bash", ".zsh", ".ps1", ".psm1")
"""How the names of files end that scripts read as a part of themselves."""

_PROGRAMS = (".py", ".ipynb")
"""How the names of files end that may call functions of others."""

_SURROUNDING_LIMIT = 200
"""How many files of one folder are looked at for the workspace of a cluster beside it."""


class Rules(NamedTuple):
    """The rules that a project can run."""

    config: Config
    entries: Mapping[str, Entry]
    policies: Mapping[str, OrganisationPolicy] = {}
    """The rules that are policy definitions, by name."""


def settle(start: Path, explicit: Path | None = None, more_packs: Sequence[str] = ()) -> Rules:
    """Find the configuration for what lies at `start`, and the rules it may speak of."""
    files = read_config(start, explicit)
    names = tuple(dict.fromkeys((*files.packs, *more_packs)))
    entries = packs.entries(names)
    own = _policies(files, entries)
    entries = {**entries, **{name: policy.entry() for name, policy in own.policies.items()}}
    known = {name: tuple(o.name for o in entry.options) for name, entry in entries.items()}
    known |= dict.fromkeys(OWN_RULES, ())
    families = {e.family for e in entries.values()} | {"engine"}
    formerly = {old: e.name for e in entries.values() for old in e.formerly}
    config = files.settle(known, families, formerly)
    config.check_options(_described(config, entries))
    config = config._replace(without_effect=(*config.without_effect, *own.notes))
    return Rules(config, entries, own.policies)


class _NoPolicies(NamedTuple):
    policies: Mapping[str, OrganisationPolicy] = {}
    notes: tuple[tuple[str, str], ...] = ()


def _policies(files: Files, entries: Mapping[str, Entry]) -> LoadedPolicies | _NoPolicies:
    if not files.policies:
        return _NoPolicies()
    from azmlint.engine import policies  # noqa: PLC0415  # few configurations name any

    found = policies.load(files.policies, files.root)
    lines = [
        f"{policy.path}: '{name}' is the name of a rule; give the definition another one"
        for name, policy in found.policies.items()
        if name in entries or name in OWN_RULES
    ]
    if lines:
        raise ConfigError("\n".join(lines))
    return found


def _described(config: Config, entries: Mapping[str, Entry]) -> Iterable[RuleOptions]:
    return [
        RuleOptions(
            name,
            {o.name: (o.type_name, o.default, o.description) for o in entries[name].options},
        )
        for name in config.rule_options
        if name in entries
    ]


def selection(rules: Rules) -> Selection:
    """Say which rules run, and of which the notes are reported."""
    config = rules.config
    chosen = {n: e for n, e in rules.entries.items() if config.chooses(n, e.family)}
    own = frozenset(n for n in OWN_RULES if config.chooses(n, "engine"))
    if not {"syntax-error", "engine"}.intersection(config.ignore):
        # Whatever was selected, a file that cannot be judged must not pass for a clean one.
        own |= {"syntax-error"}
    notes: frozenset[str] | None = None
    if config.profile != "strict":
        # Whoever selects a rule or says how much it matters wants to see it.
        asked = {*config.default_notes, *config.select, *config.severities}
        asked |= {n for n, e in chosen.items() if e.family in config.select}
        asked |= rules.policies.keys()
        notes = DEFAULT_NOTES | asked
        chosen = {n: e for n, e in chosen.items() if e.severity > Severity.NOTE or n in notes}
    return Selection(
        chosen,
        own,
        config.rule_options,
        config.severities,
        notes,
        apart=frozenset(n for n, e in chosen.items() if e.is_foreign),
        seconds=config.pack_seconds,
        policies=rules.policies,
    )


class ProjectContext:
    """What readers may ask of a project on disk."""

    def __init__(self, config: Config, snapshot: Snapshot | None = None) -> None:
        """Serve the files below the project root; a snapshot says where workspaces are."""
        self.worlds = Worlds()
        self.root = config.root
        self._real_root = os.path.realpath(config.root)
        self.bindings = Bindings(config)
        if snapshot is not None:
            self.bindings.locate(r for r in snapshot.resources() if isinstance(r, Workspace))
        self._documents: dict[str, Document | None] = {}
        self._targets: dict[str, str | None] = {}
        self._folders: dict[str, tuple[str, ...]] = {}
        self.values: dict[str, tuple[str, ...]] = {}
        """Files of values of which one is given when a folder of Terraform is run, by folder."""

    def provide(self, documents: Mapping[str, Document]) -> None:
        """Serve these instead of what is on disk, also where they are links to."""
        for path, document in documents.items():
            self._documents[self.target(path) or path] = document
        self._documents.update(documents)

    def binding(self, path: str) -> Binding:
        """Say where the deployment declared by `path` goes."""
        found = self.bindings.binding(path)
        values = self.values.get(path.rpartition("/")[0]) if self.values else None
        return found._replace(values=values) if values else found

    def sibling(self, path: str) -> Document | None:
        """Read another file of the project; None when it is missing or outside the root.

        What is reached by a link is read once, as what it leads to.
        """
        path = os.path.normpath(path).replace(os.sep, "/")
        if path in self._documents:
            return self._documents[path]
        target = self.target(path)
        if target is not None and target not in self._documents:
            self._documents[target] = self._read(target)
        return self._documents[target] if target is not None else None

    def target(self, path: str) -> str | None:
        """Say where a path leads in the end; None for what lies outside the root."""
        if path not in self._targets:
            self._targets[path] = self._resolved(path)
        return self._targets[path]

    def _resolved(self, path: str) -> str | None:
        try:
            absolute = os.path.realpath(self.root / path)
            if os.path.commonpath([absolute, self._real_root]) != self._real_root:
                return None
        except (OSError, ValueError):
            # A path can hold what no path holds, or lead to another drive.
            return None
        if absolute == os.path.normpath(os.path.join(self._real_root, path)):  # noqa: PTH118
            return path
        return os.path.relpath(absolute, self._real_root).replace(os.sep, "/")

    def _read(self, path: str) -> Document | None:
        try:
            absolute = os.path.join(self._real_root, path)  # noqa: PTH118
            if not os.path.isfile(absolute) or os.path.getsize(absolute) > 20_000_000:  # noqa: PTH113, PTH202, PLR2004  # as discovery does
                return None
            with open(absolute, "rb") as stream:  # noqa: PTH123
                return decode(path, stream.read())
        except (OSError, ValueError):
            return None

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the paths beside `path` of which the file name matches, sorted."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            try:
                names = tuple(sorted(os.listdir(self.root / folder)))  # noqa: PTH208  # names only
            except (OSError, ValueError):
                names = ()
            self._folders[folder] = names
        own = path.rpartition("/")[2]
        return tuple(
            f"{folder}/{name}" if folder else name
            for name in self._folders[folder]
            if name != own and matches(name)
        )


class Loaded(NamedTuple):
    """The files of one run."""

    documents: dict[str, Document]
    """What is judged, by path."""

    surroundings: dict[str, Document]
    origins: dict[str, Document]
    """Parameter files that were given too: values of what is judged may come from them."""

    absolute: dict[str, Path]
    problems: tuple[Problem, ...]
    """Files in a language that is not read."""

    skipped: tuple[Skip, ...]
    failures: tuple[Failure, ...]
    taking: frozenset[str]
    """What is judged because it takes its values from files that were given; not to be edited."""

    is_whole: bool
    """Whether the whole project was given."""

    @property
    def editable(self) -> dict[str, Document]:
        """What fixes may change, by path."""
        found = {**self.origins, **self.documents}
        return {path: document for path, document in found.items() if path not in self.taking}


def load(
    paths: Sequence[str | Path],
    config: Config,
    context: ProjectContext,
    texts: Mapping[str, bytes] | None = None,
    *,
    as_found: bool = False,
    include_docs: bool = False,
) -> Loaded:
    """Find and read the files that concern Azure Machine Learning.

    `texts` are read instead of disk, by path relative to the root. With `as_found`, files that
    are named are read only if a search would read them; with `include_docs` a search looks into
    Markdown, too. Raises ConfigError for a path that does not exist.
    """
    found = discover(paths, config, as_found=as_found, docs=include_docs) if paths else None
    documents: dict[str, Document] = {}
    around: dict[str, Document] = {}
    origins: dict[str, Document] = {}
    absolute: dict[str, Path] = {}
    users: dict[str, Document] = {}
    others: dict[str, bytes] = {}
    parts: set[str] = set()
    problems: list[Problem] = []
    skipped = list(found.skipped) if found is not None else []
    failures = list(found.failures) if found is not None else []
    given = [(path, raw, True) for path, raw in (texts or {}).items()]
    for file in found.files if found is not None else ():
        try:
            raw = read(file)
        except SourceError as error:
            entry = trouble(file, error)
            (skipped if isinstance(entry, Skip) else failures).append(entry)  # type: ignore[arg-type]  # one of the two
            continue
        absolute[file.path] = file.absolute
        given.append((file.path, raw, file.is_explicit))
    for path, raw, is_explicit in given:
        kind = concerns(path, raw) if include_docs or not is_document(path) else None
        if kind is None and path in absolute and _is_part(path, is_named=is_explicit):
            parts.add(path)
        is_named = kind is None and is_explicit and path.lower().endswith(_READ)
        if is_named or (kind is not None and kind.is_read):
            documents[path] = decode(path, raw)
            continue
        if kind is not None:
            problems.append(not_read(decode(path, raw), kind))
        elif surrounds(path, raw):
            around[path] = decode(path, raw)
        elif is_explicit and not (is_candidate(path) and "." in path.rpartition("/")[2]):
            skipped.append(Skip(path, "read", "azmlint reads no files of this kind"))
        if path.lower().endswith(".bicep"):
            users[path] = decode(path, raw)
        if path in absolute and path.lower().endswith((*_SCRIPTS, *_PROGRAMS)):
            others[path] = raw
        if path in absolute and _may_hold_arguments(path, config):
            origins[path] = decode(path, raw)
    origins |= _sourced(others, documents) | _loaded(
        {**users, **documents}, {path: raw for path, raw, _ in given if path in absolute}
    )
    documents |= {p: decode(p, others[p]) for p in _importing(others, documents)}
    context.provide({**around, **documents})
    judged = _judged_users(users, around, context)
    documents |= {path: around.pop(path, document) for path, document in judged.items()}
    values = [d for p, d in {**origins, **documents}.items() if _gives_values(p) or p in parts]
    taking = _taking(values, paths, documents, context, skipped) if values else {}
    documents |= taking
    skipped += _leave_out_compiled(documents, context)
    root = os.path.realpath(config.root)
    return Loaded(
        documents,
        {**_surroundings(documents, context), **around},
        origins,
        absolute,
        tuple(problems),
        tuple(skipped),
        tuple(failures),
        frozenset(taking),
        is_whole=any(os.path.realpath(p) == root for p in paths),
    )


def _is_part(path: str, *, is_named: bool) -> bool:
    """Whether a file may say something for others: one of Terraform, or one that is named."""
    return path.lower().endswith((*_CONFIGURATIONS, *(_TAKEN_IN if is_named else ())))


def _leave_out_compiled(documents: dict[str, Document], context: ProjectContext) -> list[Skip]:
    """Take away what the Bicep compiler made of a file beside it; say what that is."""
    if not all(any(p.endswith(suffix) for p in documents) for suffix in (".bicep", ".json")):
        return []
    from azmlint.engine.compiled import standing_aside  # noqa: PLC0415  # not for other files

    found = list(standing_aside(documents, context))
    for skip in found:
        del documents[skip.path]
    return found


def _may_hold_arguments(path: str, config: Config) -> bool:
    """Whether a template finds its arguments there, by name or by configuration."""
    name = path.rpartition("/")[2].lower()
    is_beside = _gives_values(path) or name.endswith((*_CONFIGURATIONS, ".bicep"))
    return is_beside or any(path in deployment.parameters for deployment in config.deployments)


def _importing(programs: Mapping[str, bytes], documents: Iterable[str]) -> set[str]:
    """Find the programs that import others which concern Azure ML, and those that import them."""
    found: set[str] = set()
    ours = {_module(p) for p in documents if p.lower().endswith(".py")}
    if not ours:
        return found
    rest = {p: raw for p, raw in programs.items() if p.lower().endswith(_PROGRAMS)}
    names = {path: imported(raw) for path, raw in rest.items()}
    is_new = True
    while is_new:
        ends = {end for path in ours for end in _ends(path)}
        new = {path for path, used in names.items() if path not in found and ends & used}
        found |= new
        ours = {_module(path) for path in new if path.endswith(".py")}
        is_new = bool(ours)
    return found


def _module(path: str) -> str:
    """Give the path of a module without its suffix; of a package, that of its folder."""
    return path.rpartition(".")[0].removesuffix("/__init__")


def _ends(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[index:]) for index in range(len(parts))]


def _sourced(
    scripts: Mapping[str, bytes], documents: Mapping[str, Document]
) -> dict[str, Document]:
    """Find the files that scripts and pipelines read as a part of themselves."""
    rest = {p: raw for p, raw in scripts.items() if p.lower().endswith(_SCRIPTS)}
    if not rest:
        return {}
    import re  # noqa: PLC0415  # only where there are scripts

    named = re.compile(
        r"(?:^|[\s;&])(?:source|\.)[ \t]+[^\n;&|]*?([\w.-]+)[\"']?[ \t]*(?=[\r;&|]|$)", re.MULTILINE
    )
    sourced = {name for d in documents.values() for name in named.findall(d.text)}
    return {p: decode(p, raw) for p, raw in rest.items() if p.rpartition("/")[2] in sourced}


def _loaded(documents: Mapping[str, Document], given: Mapping[str, bytes]) -> dict[str, Document]:
    """Find the files of data that Bicep files load."""
    code = [d for path, d in documents.items() if path.lower().endswith(".bicep")]
    if not any("load" in document.text for document in code):
        return {}
    from azmlint.engine.consumers import taken_in  # noqa: PLC0415  # few files load others

    names = {name for document in code for name in taken_in(document)}
    return {p: decode(p, given[p]) for p in names.intersection(given).difference(documents)}


def _gives_values(path: str) -> bool:
    """Whether a file only gives values to others, as its name tells."""
    name = path.rpartition("/")[2].lower()
    is_arguments = ".parameters" in name and name.endswith(".json")
    return is_arguments or name.endswith((".bicepparam", ".tfvars", ".tfvars.json"))


def _taking(
    values: Iterable[Document],
    paths: Iterable[str | Path],
    documents: Mapping[str, Document],
    context: ProjectContext,
    skipped: list[Skip],
) -> dict[str, Document]:
    """Find what takes its values from files that are named while it is not given itself.

    So does a configuration of Terraform from its file of variables, and what imports a library.

    Files of values that Terraform is told to take are noted, by what takes them.
    """
    from azmlint.engine.consumers import consumers, is_to_be_named, module  # noqa: PLC0415  # only with values

    named = {os.path.realpath(path) for path in paths}
    given = [v for v in values if os.path.realpath(context.root / v.path) in named]
    folders: dict[str, dict[str, bool]] = {}
    homes = {value.path: module(value, context) for value in values}
    for value in values:
        folder = homes[value.path]
        if folder is not None:
            folders.setdefault(folder, {})[value.path] = value in given
    for folder, found_there in folders.items():
        chosen = [path for path, is_named in found_there.items() if is_named]
        context.values[folder] = tuple(sorted(chosen) or ("", *sorted(found_there)))
    found: dict[str, Document] = {}
    for value in given:
        taking = {d.path: d for d in consumers(value, context)}
        found |= taking
        if not taking and homes[value.path] is None and is_to_be_named(value.path):
            reason = "no configuration beside it or above it has the variables that it gives"
            skipped.append(Skip(value.path, "read", reason))
    bicep = {p: d for p, d in found.items() if p.lower().endswith(".bicep")}
    using = _judged_users(bicep, found, context)
    return {
        path: document
        for path, document in found.items()
        if path not in documents
        and (path in using or concerns(path, document.text.encode("utf-8", "replace")) is not None)
    }


def _judged_users(
    users: Mapping[str, Document], around: Mapping[str, Document], context: ProjectContext
) -> dict[str, Document]:
    """Find the files that declare nothing of Azure ML, but use modules that do."""
    looked: dict[str, tuple[bool, frozenset[str]]] = {}
    callers = {p: d for p, d in around.items() if p.lower().endswith(_CONFIGURATIONS)}
    return {
        **{p: d for p, d in users.items() if _uses_ours(d, context, set())},
        **{p: d for p, d in callers.items() if _calls_ours(d, context, looked)},
    }


def _uses_ours(document: Document, context: ProjectContext, seen: set[str]) -> bool:
    """Whether a Bicep file has a module, or a module's module, that concerns Azure ML."""
    for path in modules(document):
        inner = context.sibling(path) if path not in seen else None
        seen.add(path)
        if inner is None:
            continue
        is_ours = concerns(path, inner.text.encode("utf-8", "replace")) is not None
        if is_ours or _uses_ours(inner, context, seen):
            return True
    return False


def _calls_ours(
    document: Document, context: ProjectContext, looked: dict[str, tuple[bool, frozenset[str]]]
) -> bool:
    """Whether a Terraform file calls a module, or a module's module, that concerns Azure ML.

    So does one that calls itself in the end: what it declares is not known.
    `looked` keeps what was found of each folder: whether it does, and which ones it calls.
    """
    waiting = list(called(document))
    reached = set(waiting)
    own = document.path.rpartition("/")[0]
    while waiting:
        folder = waiting.pop()
        if folder == own:
            return True
        if folder not in looked:
            beside = f"{folder}/" if folder else ""
            names = context.siblings(beside, lambda n: n.lower().endswith(_CONFIGURATIONS))
            files = [d for d in map(context.sibling, names) if d is not None]
            is_ours = any(concerns(d.path, d.text.encode("utf-8", "replace")) for d in files)
            looked[folder] = is_ours, frozenset().union(*map(called, files))
        is_ours, calls = looked[folder]
        if is_ours:
            return True
        waiting += calls - reached
        reached |= calls
    return False


def _users(document: Document, context: ProjectContext) -> dict[str, Document]:
    """Find the Bicep files beside or above one that use it as a module."""
    found: dict[str, Document] = {}
    waiting = [document]
    while waiting and len(found) < _SURROUNDING_LIMIT:
        module = waiting.pop()
        folder = module.path
        while folder:
            folder = folder.rpartition("/")[0]
            beside = f"{folder}/." if folder else "."
            names = context.siblings(beside, lambda n: n.lower().endswith(".bicep"))
            for path in names[:_SURROUNDING_LIMIT]:
                user = context.sibling(path) if path not in found else None
                if user is not None and module.path in map(context.target, modules(user)):
                    found[path] = user
                    waiting.append(user)
    return found


def _surroundings(
    documents: Mapping[str, Document], context: ProjectContext
) -> dict[str, Document]:
    """Read the workspace files that stand beside cluster files and were not given."""
    found: dict[str, Document] = {}
    for path in context.bindings.workspace_files():
        document = context.sibling(path) if path not in documents else None
        if document is not None:
            found[path] = document
    for path, document in documents.items():
        if path.lower().endswith(".bicep"):
            users = _users(document, context)
            found |= {p: d for p, d in users.items() if p not in documents}
    folders: set[str] = set()
    for path in documents:
        folder = path.rpartition("/")[0]
        if folder in folders or not path.lower().endswith((".yml", ".yaml")):
            continue
        folders.add(folder)
        names = context.siblings(path, lambda n: n.lower().endswith((".yml", ".yaml")))
        for other in names[:_SURROUNDING_LIMIT]:
            if other in documents:
                continue
            document = context.sibling(other)
            if document is not None and "workspace.schema" in document.text:
                found[other] = document
    return found


def check(  # each part of a run has a name
    loaded: Loaded,
    rules: Rules,
    context: ProjectContext,
    *,
    documents: Mapping[str, Document] | None = None,
    today: dt.date,
    no_ignores: bool = False,
    snapshot: Snapshot | None = None,
) -> Report:
    """Judge loaded files; `documents` stand for those of them that it has.

    With a snapshot they are judged among what is deployed.
    """
    config = rules.config
    chosen = selection(rules)
    suppress = Suppression(
        config,
        chosen,
        today,
        is_off=no_ignores,
        paths=frozenset(loaded.documents),
        is_whole=loaded.is_whole,
    )
    now = documents or {}
    report = run(
        {path: now.get(path, document) for path, document in loaded.documents.items()},
        context,
        chosen,
        surroundings={path: now.get(path, d) for path, d in loaded.surroundings.items()},
        facts=_facts(config, context, today),
        suppress=suppress,
        problems=loaded.problems,
        deployed=Deployed(snapshot, is_judged=False) if snapshot is not None else None,
    )
    skipped = [*report.skipped, *loaded.skipped, *context.bindings.skipped]
    report.skipped = sorted(set(skipped), key=lambda s: (s.path, s.reason))
    report.failures += loaded.failures
    report.editable = frozenset(loaded.editable)
    for where, reason in config.without_effect:
        report.skipped.append(Skip(where, "configure", reason))
    return report


def audit(
    snapshot: Snapshot,
    rules: Rules,
    context: ProjectContext,
    *,
    today: dt.date,
    no_ignores: bool = False,
) -> Report:
    """Judge what is deployed."""
    chosen = selection(rules)
    suppress = Suppression(
        rules.config, chosen, today, is_off=no_ignores, paths=frozenset(), is_whole=False
    )
    return run(
        {},
        context,
        chosen,
        facts=_facts(rules.config, context, today),
        suppress=suppress,
        deployed=Deployed(snapshot, is_judged=True),
    )


class Estates(NamedTuple):
    """The estate of a project, read and not judged."""

    estate: Estate
    failures: tuple[Failure, ...]
    """What could not be read."""

    secrets: tuple[Place, ...] = ()
    """Where files hold what is not to be repeated."""


def gathered(paths: Sequence[str | Path], rules: Rules, snapshot: Snapshot | None) -> Estates:
    """Read files, and what is deployed around them; without files, what is deployed alone."""
    context = ProjectContext(rules.config, snapshot)
    loaded = load(paths, rules.config, context) if paths else None
    inputs = Inputs(
        loaded.documents if loaded is not None else {},
        loaded.surroundings if loaded is not None else {},
        context,
        _facts(rules.config, context, snapshot.taken.date() if snapshot is not None else today()),
        Deployed(snapshot, is_judged=loaded is None) if snapshot is not None else None,
    )
    found = gather(inputs)
    failures = [*loaded.failures] if loaded is not None else []
    failures += [
        Failure(p.document.path, None, "read", p.message)
        for p in found.problems
        if p.rule == "syntax-error"
    ]
    own = (r for r in (*found.judged, *found.others) if not r.is_deployed)
    secrets = (*found.secrets, *(place for r in own for place in secrets_of(r, context.worlds)))
    return Estates(found.estate, tuple(failures), secrets)


def facets(rules: Rules) -> frozenset[str]:
    """Say which facets the selected rules ask for; nothing else has to be read."""
    return frozenset(f for e in selection(rules).rules.values() for f in (*e.needs, *e.uses))


def _facts(config: Config, context: ProjectContext, today: dt.date) -> Facts:
    return Facts(
        is_complete=config.complete,
        production_tags=config.production_tags,
        production_names=config.production_workspaces,
        resources=context.bindings.described(),
        today=today,
        quotas=_stated(config),
        sizes=stated_sizes(config),
    )


def _stated(config: Config) -> dict[str, tuple[Row, ...]]:
    """Make rows of the limits that the configuration states."""
    if not config.quota:
        return {}
    from azmlint.model.capacity.rows import stated  # noqa: PLC0415  # few configurations state any

    return {
        region: tuple(stated(name, limit) for name, limit in limits.items())
        for region, limits in config.quota.items()
    }


def stated_sizes(config: Config) -> Mapping[str, Listed]:
    """Read what the file of VM sizes says that the configuration names, by region.

    Raises ConfigError for a file that is none, or that says what cannot be.
    """
    if config.sizes is None:
        return {}
    from azmlint.sources.vm_size import read  # noqa: PLC0415  # few configurations name any

    if not is_inside(config.root / config.sizes, config.within):
        message = f"sizes: {config.sizes} {OUTSIDE}"
        raise ConfigError(message)
    try:
        text = content(config.root / config.sizes, SIZE_LIMIT, is_named=False).decode()
    except (OSError, UnicodeDecodeError):
        message = f"sizes: {config.sizes} cannot be read"
        raise ConfigError(message) from None
    found, problems = read(text, config.sizes)
    if problems:
        raise ConfigError("\n".join(problems))
    return found
