"""The configuration: `azmlint.toml`, or `[tool.azmlint]` of a `pyproject.toml`."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.config_schema import FILE, Check, Names, RuleOptions, json_schema, misfit, type_schema
from azmlint.config_schema import unknown_name as _unknown_name
from azmlint.errors import ConfigError
from azmlint.finding import Severity
from azmlint.location import Document, Place, Span

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping

FILE_NAME: Final = "azmlint.toml"
PYPROJECT: Final = "pyproject.toml"
BUILT_IN_PACK: Final = "azmlint_rules"
SIZE_LIMIT: Final = 2_000_000
"""Bytes; a longer configuration file is refused."""

OUTSIDE: Final = "leads out of the project: give the configuration that says so with --config"


class Ignore(NamedTuple):
    """An entry of the configuration that accepts findings."""

    rule: str
    """A rule or a family."""

    path: str | None
    resource: str | None
    reason: str
    until: dt.date | None
    """The last day on which it holds."""

    place: Place
    """Where it is written."""


class WorkspaceFacts(NamedTuple):
    """A workspace, and the files that are meant for it."""

    paths: tuple[str, ...]
    name: str | None
    resource_group: str | None
    subscription: str | None
    location: str | None
    public_network_access: bool | None
    managed_network: str | None
    kind: str | None
    file: str | None
    place: Place
    """Where it is written."""


class DeploymentFacts(NamedTuple):
    """Where templates are deployed, and with what."""

    paths: tuple[str, ...]
    subscription: str | None
    resource_group: str | None
    location: str | None
    parameters: tuple[str, ...]
    environment: bool = False
    """Whether Terraform takes values from the environment."""


class Policies(NamedTuple):
    """Files with policy definitions, as one entry of a configuration names them."""

    pattern: str
    folder: Path
    """What the pattern is relative to: the folder of the configuration file that names it."""

    parameters: Mapping[str, object]
    where: str
    """How messages name the entry."""

    within: Path | None = None
    """What the files must lie in; None for anywhere, because `--config` names the file."""


class Config(NamedTuple):
    """Everything that was configured, settled and checked."""

    root: Path
    """What reported paths are relative to."""

    names: Names
    path: Path | None = None
    """The nearest configuration file; None when there is none."""

    profile: str = "default"
    select: tuple[str, ...] = ()
    """Rules and families; empty for all."""

    ignore: tuple[str, ...] = ()
    """Rules and families that do not run."""

    default_notes: tuple[str, ...] = ()
    """Rules of which notes are reported in the default profile, beside those it has anyway."""

    fail_on: Severity | None = Severity.WARNING
    """None never fails."""

    min_severity: Severity = Severity.NOTE
    undecided: str = "note"
    """note, fail or ignore."""

    fail_on_skip: bool = False
    exclude: tuple[str, ...] = ()
    complete: bool = False
    production_workspaces: tuple[str, ...] = ()
    production_tags: tuple[tuple[str, str | None], ...] = ()
    """Tag and value, the value None for any."""

    rule_options: Mapping[str, Mapping[str, object]] = {}
    severities: Mapping[str, Severity] = {}
    ignores: tuple[Ignore, ...] = ()
    workspaces: tuple[WorkspaceFacts, ...] = ()
    """The nearer file's first."""

    deployments: tuple[DeploymentFacts, ...] = ()
    quota: Mapping[str, Mapping[str, int]] = {}
    """Limits by region, in one word and lower case, and name."""

    sizes: str | None = None
    """A file that says what is known of VM sizes, relative to the project root."""

    enforce: frozenset[str] = frozenset()
    """Rules that cannot be switched off, softened or ignored."""

    packs: tuple[str, ...] = (BUILT_IN_PACK,)
    pack_seconds: float = 60
    """How long rules of other packs may take, all together."""

    without_effect: tuple[tuple[str, str], ...] = ()
    """Each setting at odds with an enforced rule: where it is, and what comes of it."""

    files: tuple[str, ...] = ()
    """Every configuration file that counts, the nearest first, as messages name them."""

    within: Path | None = None
    """What the files that it names must lie in; None for anywhere."""

    def chooses(self, rule: str, family: str) -> bool:
        """Whether a rule runs; a rule's own name weighs more than its family's."""
        if rule in self.enforce:
            return True
        if rule in self.ignore:
            return False
        if rule in self.select:
            return True
        if family in self.ignore:
            return False
        return not self.select or family in self.select

    def override(
        self,
        *,
        profile: str | None = None,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
        fail_on: str | None = None,
        min_severity: str | None = None,
        undecided: str | None = None,
        fail_on_skip: bool | None = None,
    ) -> Config:
        """Give the configuration with what the command line says; it wins over every file.

        `select` replaces that of the files and takes its names out of their `ignore`; `ignore`
        adds to theirs. Raises ConfigError for names that nobody knows.
        """
        chosen = self._resolved("--select", select)
        dropped = self._resolved("--ignore", ignore)
        changes: dict[str, Any] = {
            "profile": profile,
            "select": chosen or None,
            "min_severity": Severity[min_severity.upper()] if min_severity else None,
            "undecided": undecided,
            "fail_on_skip": fail_on_skip,
        }
        changes = {key: value for key, value in changes.items() if value is not None}
        if fail_on is not None:
            changes["fail_on"] = _severity(fail_on)
        lost = [
            (
                "--ignore",
                f"'{name}' has no effect, because a shared configuration enforces the rule",
            )
            for name in dropped
            if name in self.enforce
        ]
        changes["without_effect"] = (*self.without_effect, *lost)
        kept = tuple(name for name in self.ignore if name not in chosen)
        changes["ignore"] = tuple(dict.fromkeys((*kept, *dropped)))
        return self._replace(**changes)

    def _resolved(self, option: str, words: Iterable[str]) -> tuple[str, ...]:
        words = tuple(words)
        problems = [_unknown_name(word, self.names) for word in words]
        lines = [f"{option}: {problem}" for problem in problems if problem is not None]
        if lines:
            raise ConfigError("\n".join(lines))
        return tuple(self.names.formerly.get(word, word) for word in words)

    def check_options(self, described: Iterable[RuleOptions]) -> None:
        """Hold the configured options of rules to their types; raises ConfigError.

        Only rules in `rule_options` need to be described, so that no other has to be loaded.
        """
        lines: list[str] = []
        for rule in described:
            for name, value in self.rule_options.get(rule.name, {}).items():
                if name not in rule.options:
                    continue
                expected = misfit(value, type_schema(rule.options[name][0]))
                if expected is not None:
                    file = self.files[0] if self.files else FILE_NAME
                    shown = f"'{value}'" if isinstance(value, str) else value
                    lines.append(
                        f"{file}: rules.{rule.name}.{name}: must be {expected}, not {shown}"
                    )
        if lines:
            raise ConfigError("\n".join(lines))


class Layer(NamedTuple):
    """One configuration file as read, before its keys are checked."""

    path: Path
    label: str
    """How messages name the file."""

    document: Document
    table: dict[str, object]
    prefix: str
    """What stands before its keys: `tool.azmlint.` in a `pyproject.toml`."""


class Files(NamedTuple):
    """The configuration files that count, the nearest first, not yet checked."""

    root: Path
    layers: tuple[Layer, ...]
    packs: tuple[str, ...]
    """The rule packs to load, from which the names come that the rest is checked against."""

    policies: tuple[Policies, ...] = ()
    """The policy definitions to read, which give names too."""

    within: Path | None = None
    """What the files that it names must lie in; None for anywhere."""

    def settle(
        self,
        known_rules: Mapping[str, tuple[str, ...]],
        families: Collection[str],
        formerly: Mapping[str, str] | None = None,
    ) -> Config:
        """Check every file and merge them: lists add, tables merge, and the nearer file wins.

        Raises ConfigError with a line for each problem.
        """
        names = Names(known_rules, frozenset(families), formerly or {})
        lines: list[str] = []
        read: list[dict[str, Any]] = []
        for layer in self.layers:
            check = Check(layer.label, names, layer.prefix)
            read.append(FILE.read(layer.table, "", check) or {})
            lines += check.lines
        if lines:
            raise ConfigError("\n".join(lines))
        return _merged(self, read, names)


def load(
    start: Path,
    explicit: Path | None,
    known_rules: Mapping[str, tuple[str, ...]],
    families: Collection[str],
    formerly: Mapping[str, str] | None = None,
) -> Config:
    """Find, read, check and merge the configuration for what lies at `start`.

    Raises ConfigError with a line for each problem.
    """
    return read(start, explicit).settle(known_rules, families, formerly)


def read(start: Path, explicit: Path | None = None) -> Files:
    """Find and read the configuration files for what lies at `start`, with all they extend.

    Raises ConfigError for a file that cannot be read, and for rule packs named by a file that
    was merely found: packs run code, so `--config` has to name the file that asks for them.
    """
    start = Path(os.path.abspath(start))  # noqa: PTH100  # resolve() would follow links
    folder = start if start.is_dir() else start.parent
    top = git_root(folder)
    if explicit is not None:
        if not explicit.is_file():
            message = f"{explicit}: there is no such configuration file"
            raise ConfigError(message)
        path: Path | None = Path(os.path.abspath(explicit))  # noqa: PTH100
    else:
        path = _found(folder, top)
    root = _root(folder, path, top)
    layers = tuple(_chain(path, root)) if path is not None else ()
    packs = _packs(layers, is_named=explicit is not None)
    policies = tuple(_policies(layers, is_named=explicit is not None))
    return Files(root, layers, packs, policies, None if explicit is not None else top or root)


def is_inside(path: Path, folder: Path | None) -> bool:
    """Whether a file lies in a folder when links are followed; None is anywhere."""
    return folder is None or path.resolve().is_relative_to(folder.resolve())


def git_root(folder: Path) -> Path | None:
    """Find the repository that holds `folder`; None when there is none."""
    for place in (folder, *folder.parents):
        if _exists(place / ".git"):
            return place
    return None


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def content(path: Path, limit: int, *, is_named: bool = True) -> bytes:
    """Read a file, of which only the command line may name what is none; raises OSError.

    A pipe that somebody named is waited for. What has no end is longer than any limit.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    if not is_named:
        flags |= getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if not is_named and not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no file")
        if stat.S_ISCHR(mode):
            limit = min(limit, SIZE_LIMIT)
        raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise OSError(errno.EFBIG, f"it is longer than {limit // 1_000_000} MB")
    return raw


def _found(folder: Path, top: Path | None) -> Path | None:
    for place in (folder, *folder.parents):
        own = place / FILE_NAME
        if own.is_file():
            return own
        shared = place / PYPROJECT
        if _names_us(shared) and _section(_parsed(shared, str(shared))[0]) is not None:
            return shared
        if place == top:
            return None
    return None


def _names_us(path: Path) -> bool:
    """Whether a byte search finds our name, so that other people's files are never parsed."""
    try:
        return path.is_file() and b"azmlint" in content(path, SIZE_LIMIT, is_named=False)
    except OSError:
        return False


def _root(folder: Path, path: Path | None, top: Path | None) -> Path:
    if path is not None and (path.parent == folder or path.parent in folder.parents):
        return path.parent
    if top is not None:
        return top
    here = Path.cwd()
    return here if here == folder or here in folder.parents else folder


def _section(table: dict[str, object]) -> object:
    tool = table.get("tool")
    return tool.get("azmlint") if isinstance(tool, dict) else None


_AT = re.compile(r"(?<!\s)\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


_LONG_KEY: Final = r"(?<![\w\"'.-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){100}"
"""A dotted key of more pieces than anybody writes."""


def _parsed(path: Path, label: str) -> tuple[dict[str, object], str]:
    """Read TOML; gives its table and its text."""
    import tomllib  # noqa: PLC0415  # only where there is a configuration

    try:
        raw = content(path, SIZE_LIMIT, is_named=False)
    except OSError as error:
        message = f"{label}: cannot be read: {error.strerror or error}"
        raise ConfigError(message) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"{label}:{line}: is not UTF-8"
        raise ConfigError(message) from None
    if re.search(_LONG_KEY, text):
        # NOTE: tomllib would take time with the square of its pieces.
        message = f"{label}: is nested too deeply"
        raise ConfigError(message)
    try:
        return tomllib.loads(text), text
    except RecursionError:
        message = f"{label}: is nested too deeply"
        raise ConfigError(message) from None
    except ValueError as error:
        raise ConfigError(_syntax(label, text, str(error))) from None


def _syntax(label: str, text: str, problem: str) -> str:
    match = _AT.search(problem)
    if match is None:
        return f"{label}: {problem}"
    line, column = match[1], match[2]
    if line is None:
        line, column = str(text.count("\n") + 1), str(len(text) - text.rfind("\n"))
    told = problem[: match.start()]
    hint = ""
    if re.search(r"^\s*\[\[(tool\.azmlint\.)?ignore\]\]", text, re.MULTILINE) and re.search(
        r"^\s*ignore\s*=", text, re.MULTILINE
    ):
        hint = "; to ignore rules and single findings, write both into one list `ignore = [...]`"
    return f"{label}:{line}:{column}: {told[:1].lower()}{told[1:]}{hint}"


def _label(path: Path, root: Path) -> str:
    try:
        return os.path.relpath(path, root).replace(os.sep, "/")
    except ValueError:
        # On Windows there is no way from one drive to another.
        return str(path)


def _chain(path: Path, root: Path) -> Iterable[Layer]:
    seen: list[Path] = []
    after: Path | None = path
    while after is not None:
        label = _label(after, root)
        real = after.resolve()
        if real in seen:
            ring = " -> ".join(_label(p, root) for p in (*seen, real))
            message = f"{_label(seen[-1], root)}: extends: goes round in a circle: {ring}"
            raise ConfigError(message)
        seen.append(real)
        layer = _layer(after, label)
        yield layer
        extends = layer.table.get("extends")
        if not isinstance(extends, str) or not extends.strip():
            return
        after = Path(os.path.normpath(layer.path.parent / extends))
        if not after.is_file():
            message = f"{label}: {layer.prefix}extends: there is no file '{extends}'"
            raise ConfigError(message)


def _layer(path: Path, label: str) -> Layer:
    table, text = _parsed(path, label)
    prefix = ""
    if path.name == PYPROJECT:
        prefix = "tool.azmlint."
        inner = _section(table)
        if inner is None:
            inner = {}
        if not isinstance(inner, dict):
            message = f"{label}: tool.azmlint: must be a table"
            raise ConfigError(message)
        table = inner
    return Layer(path, label, Document(label, text), table, prefix)


def _packs(layers: Iterable[Layer], *, is_named: bool) -> tuple[str, ...]:
    packs = [BUILT_IN_PACK]
    for layer in layers:
        listed = layer.table.get("packs")
        if not isinstance(listed, list):
            continue
        names = [name for name in listed if isinstance(name, str)]
        foreign = [name for name in names if name != BUILT_IN_PACK]
        if foreign and not is_named:
            message = (
                f"{layer.label}: {layer.prefix}packs: rule packs run code, so they are taken only "
                f"from a file that --config names, or from --pack: {', '.join(foreign)}"
            )
            raise ConfigError(message)
        packs += names
    return tuple(dict.fromkeys(packs))


def _policies(layers: Iterable[Layer], *, is_named: bool) -> Iterable[Policies]:
    """List what files say of policies, as far as it has the right shape."""
    for layer in layers:
        folder = layer.path.parent
        within = None if is_named else git_root(folder) or folder
        listed = layer.table.get("policies")
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            table = item if isinstance(item, dict) else {"path": item}
            pattern, given = table.get("path"), table.get("parameters", {})
            if isinstance(pattern, str) and pattern.strip() and isinstance(given, dict):
                where = f"{layer.label}: {layer.prefix}policies[{index}]"
                yield Policies(pattern, folder, given, where, within)


def _severity(word: str) -> Severity | None:
    return None if word == "none" else Severity[word.upper()]


class _Merge:
    """The checked tables of several files, becoming one."""

    def __init__(self, files: Files, tables: list[dict[str, Any]]) -> None:
        self.files = files
        self.fields: dict[str, Any] = {}
        self.rules: dict[str, dict[str, Any]] = {}
        self.losses: list[tuple[str, str]] = []
        self.enforcing: dict[str, int] = {}
        for index, table in enumerate(tables[1:], 1):
            # The farthest file that enforces a rule decides, whatever nearer ones say.
            self.enforcing |= dict.fromkeys(table.get("enforce", ()), index)
        for index, table in enumerate(tables):
            self.add(index, table)

    def add(self, index: int, table: dict[str, Any]) -> None:
        """Add a file's table behind those of nearer files."""
        layer = self.files.layers[index]
        for key, value in table.items():
            if key in _APART:
                continue
            if key == "quota":
                self.add_limits(value)
            elif isinstance(value, tuple):
                located = _located(key, value, layer) if key in _LOCATED else value
                self.fields[key] = (*self.fields.get(key, ()), *located)
            else:
                self.fields.setdefault(key, value)
        for part, value in table.get("production", {}).items():
            name = f"production_{part}"
            self.fields[name] = (*self.fields.get(name, ()), *value)
        self.add_rules(index, table.get("rules", {}))
        bosses = [at for at in self.enforcing.values() if index < at]
        if table.get("exclude") and bosses:
            boss = self.files.layers[max(bosses)].label
            text = f"{layer.prefix}exclude hides files from the rules that {boss} enforces"
            self.losses.append((layer.label, text))
        for item in table.get("ignore", ()):
            rule = item if isinstance(item, str) else item["rule"]
            if rule in self.enforcing:
                self.lose(layer, f"ignore: '{rule}'", rule)

    def add_rules(self, index: int, tables: dict[str, dict[str, Any]]) -> None:
        """Add options and severities, unless a file behind this one enforces the rule."""
        for rule, options in tables.items():
            if index < self.enforcing.get(rule, 0):
                self.lose(self.files.layers[index], f"rules.{rule}", rule)
                continue
            for option, value in options.items():
                self.rules.setdefault(rule, {}).setdefault(option, value)

    def add_limits(self, regions: dict[str, dict[str, int]]) -> None:
        """Add limits that no nearer file states."""
        known = self.fields.setdefault("quota", {})
        for region, limits in regions.items():
            known[region] = limits | known.get(region, {})

    def lose(self, layer: Layer, what: str, rule: str) -> None:
        """Note that a setting has no effect."""
        boss = self.files.layers[self.enforcing[rule]].label
        text = f"{layer.prefix}{what} has no effect, because {boss} enforces the rule"
        self.losses.append((layer.label, text))


def _merged(files: Files, tables: list[dict[str, Any]], names: Names) -> Config:
    merge = _Merge(files, tables)
    fields, rules = merge.fields, merge.rules
    mixed = fields.pop("ignore", ())
    severities = {
        rule: Severity[options.pop("severity").upper()]
        for rule, options in rules.items()
        if "severity" in options and "severity" not in names.rules[rule]
    }
    for key in ("fail_on", "min_severity"):
        if key in fields:
            fields[key] = _severity(fields[key])
    for key in ("select", "default_notes", "exclude", "production_workspaces", "production_tags"):
        if key in fields:
            fields[key] = tuple(dict.fromkeys(fields[key]))
    ignored = dict.fromkeys(i for i in mixed if isinstance(i, str))
    return Config(
        root=files.root,
        names=names,
        path=files.layers[0].path if files.layers else None,
        within=files.within,
        ignore=tuple(name for name in ignored if name not in merge.enforcing),
        ignores=tuple(i for i in mixed if not isinstance(i, str)),
        rule_options={rule: options for rule, options in rules.items() if options},
        severities=severities,
        enforce=frozenset(merge.enforcing),
        packs=files.packs,
        without_effect=tuple(merge.losses),
        files=tuple(layer.label for layer in files.layers),
        **fields,
    )


_APART = frozenset({"extends", "packs", "policies", "enforce", "rules", "production"})
_LOCATED = frozenset({"ignore", "workspaces", "deployments"})


def _located(key: str, items: tuple[Any, ...], layer: Layer) -> tuple[Any, ...]:
    places = _places(layer, key, items)
    return tuple(
        item if isinstance(item, str) else _fact(key, item, place)
        for item, place in zip(items, places, strict=True)
    )


def _fact(
    key: str, item: dict[str, Any], place: Place
) -> Ignore | WorkspaceFacts | DeploymentFacts:
    if key == "ignore":
        return Ignore(
            item["rule"],
            item.get("path"),
            item.get("resource"),
            item["reason"],
            item.get("until"),
            place,
        )
    if key == "workspaces":
        values: dict[str, Any] = {name: item.get(name) for name in WorkspaceFacts._fields}
        return WorkspaceFacts(**{**values, "place": place})
    return DeploymentFacts(
        item["paths"],
        item.get("subscription"),
        item.get("resource_group"),
        item.get("location"),
        item.get("parameters", ()),
        item.get("environment", False),
    )


def _places(layer: Layer, key: str, items: tuple[Any, ...]) -> list[Place]:
    """Find where the entries of a list are written; tomllib does not say.

    Tables under `[[key]]` are found by their headers, entries of an inline list by its key.
    """
    document = layer.document
    prefix = re.escape(layer.prefix).replace(r"\.", r"\s*\.\s*")
    header = re.compile(rf"^[ \t]*(\[\[\s*{prefix}{key}\s*\]\])", re.MULTILINE)
    spans = [Span(m.start(1), m.end(1)) for m in header.finditer(document.text)]
    if len(spans) == len(items):
        return [Place(document, span) for span in spans]
    found = re.search(rf"^[ \t]*({key})[ \t]*=", document.text, re.MULTILINE)
    if found is None:
        span = Span(0, len(document.line(1)))
        return [Place(document, span)] * len(items)
    at = found.end()
    places = []
    for item in items:
        # The first words that only this entry has are its rule, as written, and its reason.
        word = item if isinstance(item, str) else item.get("reason") or item.get("name") or ""
        where = document.text.find(word, at) if word else -1
        span = Span(where, where + len(word)) if where >= 0 else Span(found.start(1), found.end(1))
        at = span.end if where >= 0 else at
        places.append(Place(document, span))
    return places


__all__ = [
    "Config",
    "DeploymentFacts",
    "Files",
    "Ignore",
    "Names",
    "Policies",
    "RuleOptions",
    "WorkspaceFacts",
    "git_root",
    "json_schema",
    "load",
    "read",
]
