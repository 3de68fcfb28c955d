"""Rule packs: which rules there are, and loading those that a run needs."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from azmlint.catalog import Option
from azmlint.engine.own import OWN_RULES
from azmlint.errors import ConfigError, PackError
from azmlint.finding import Severity
from azmlint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BUILT_IN = "azmlint_rules"
POLICIES = "policies"
"""Stands for a pack where a rule is a policy definition that the configuration names."""

INDEX = "index.json"
GROUP = "azmlint.rules"
"""The entry points by which an installed pack says that it could be enabled."""

HELP = "https://github.com/azmlint/azmlint/blob/main/rules/docs"


class Entry(NamedTuple):
    """What a pack's index says of one rule; nothing of a pack is imported to know it."""

    name: str
    pack: str
    module: str
    class_name: str
    family: str
    kind: str
    """The class name of the kind of resource it judges."""

    severity: Severity
    needs: tuple[str, ...]
    """The facets without which it has nothing to say."""

    uses: tuple[str, ...]
    """More facets that it asks for where they were read."""

    judges: tuple[str, ...]
    """declared, deployed."""

    options: tuple[Option, ...]
    supersedes: tuple[str, ...]
    formerly: tuple[str, ...]
    summary: str
    security_severity: float | None
    fixes: tuple[str, ...]
    """How far the fixes that it can offer may be trusted."""

    help_uri: str
    """The rule's page; empty when nobody says where it is."""

    @property
    def is_foreign(self) -> bool:
        """Whether it is code that did not come with azmlint."""
        return self.pack not in {BUILT_IN, POLICIES}


def entries(packs: Iterable[str] = (BUILT_IN,)) -> dict[str, Entry]:
    """Read the indexes of packs, by rule name.

    Raises ConfigError for a pack that is not installed, and PackError for one without a valid
    index and for two rules of one name.
    """
    found: dict[str, Entry] = {}
    for pack in packs:
        for entry in _index(pack):
            if entry.name in OWN_RULES:
                message = f"rule '{entry.name}' of {entry.module} has the name of azmlint's own"
                raise PackError(message)
            other = found.get(entry.name)
            if other is not None:
                message = f"rule '{entry.name}' is in {other.module} and in {entry.module}"
                raise PackError(message)
            found[entry.name] = entry
    return dict(sorted(found.items()))


def folder(pack: str) -> Path:
    """Find a pack's folder without importing anything of it."""
    first, *rest = pack.split(".")
    try:
        # NOTE: find_spec of a dotted name would import the package that holds it.
        spec = find_spec(first)
        name = first
        for word in rest:
            name = f"{name}.{word}"
            places = spec.submodule_search_locations if spec is not None else None
            spec = PathFinder.find_spec(name, places) if places else None
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        kind = "is one file, not a package" if spec is not None else "is not installed"
        message = f"rule pack '{pack}' {kind}"
        raise ConfigError(message)
    return Path(next(iter(spec.submodule_search_locations)))


def _index(pack: str) -> Iterator[Entry]:
    path = folder(pack) / INDEX
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for name, row in data["rules"].items():
            _hold(name, row)
            yield Entry(
                name=name,
                pack=pack,
                module=row["module"],
                class_name=row["class"],
                family=row["family"],
                kind=row["kind"],
                severity=Severity[row["severity"].upper()],
                needs=tuple(row["needs"]),
                uses=tuple(row["uses"]),
                judges=tuple(row["judges"]),
                options=tuple(_option(**o) for o in row["options"]),
                supersedes=tuple(row["supersedes"]),
                formerly=tuple(row["formerly"]),
                summary=row["summary"],
                security_severity=row["security_severity"],
                fixes=tuple(row["fixes"]),
                help_uri=row["help_uri"] if pack != BUILT_IN else f"{HELP}/{name}.md",
            )
    except FileNotFoundError:
        message = f"rule pack '{pack}' has no {INDEX}; `python -m azmlint.testing {pack}` writes it"
        raise PackError(message) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"rule pack '{pack}' has no valid {INDEX}: {type(error).__name__}: {error}"
        raise PackError(message) from None


_TEXTS = ("module", "class", "family", "kind", "severity", "summary", "help_uri")
_LISTS = ("needs", "uses", "judges", "supersedes", "formerly", "fixes")


def _hold(name: str, row: Mapping[str, Any]) -> None:
    """Raise TypeError for a row of an index that would be misread later."""
    for key in _TEXTS:
        if not isinstance(row[key], str):
            message = f"{name}: '{key}' is no text"
            raise TypeError(message)
    for key in _LISTS:
        if not (isinstance(row[key], list) and all(isinstance(item, str) for item in row[key])):
            message = f"{name}: '{key}' is no list of texts"
            raise TypeError(message)
    if not isinstance(row["security_severity"], (int, float, type(None))):
        message = f"{name}: 'security_severity' is no number"
        raise TypeError(message)


def _option(name: str, type: str, default: object, description: str) -> Option:  # noqa: A002  # the keys of an index
    return Option(name, type, default, description)


def installed() -> dict[str, str]:
    """Give the packs that installed distributions offer, each with the distribution.

    NOTE: this reads the metadata of everything that is installed, which is slow, and loads nothing.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  # see above

    return {
        point.value.partition(":")[0]: f"{point.dist.name} {point.dist.version}"
        for point in sorted(entry_points(group=GROUP), key=lambda p: p.value)
        if point.dist is not None
    }


def load(entry: Entry) -> type[Rule[Any]]:
    """Import one rule; raises PackError naming it."""
    try:
        found = getattr(import_module(entry.module), entry.class_name)
    except Exception as error:  # noqa: BLE001  # NOTE: whatever a pack raises is its own failure
        message = f"rule '{entry.name}' cannot be loaded: {type(error).__name__}: {error}"
        raise PackError(message) from None
    if not (isinstance(found, type) and issubclass(found, Rule)):
        message = f"rule '{entry.name}': {entry.module}.{entry.class_name} is not a Rule"
        raise PackError(message)
    return found


def rule_classes(pack: str) -> dict[str, type[Rule[Any]]]:
    """Import every rule file of a pack, by rule name; this is how an index is made."""
    found: dict[str, type[Rule[Any]]] = {}
    root = folder(pack)
    for path in sorted([*root.glob("*.py"), *root.glob("*/*.py")]):
        if path.name.startswith("_"):
            continue
        inner = path.relative_to(root).with_suffix("").parts
        module = import_module(".".join((pack, *inner)))
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, Rule)
                and value.__module__ == module.__name__
                and not value.__name__.startswith("_")
            ):
                if value.name in found:
                    message = f"rule '{value.name}' stands twice in {pack}"
                    raise PackError(message)
                found[value.name] = value
    return dict(sorted(found.items()))


def judged(rule: type[Rule[Any]]) -> tuple[str, ...]:
    """Say which views a rule judges: declared, deployed."""
    views = (("declared", rule.judges_declared), ("deployed", rule.judges_deployed))
    return tuple(name for name, is_judged in views if is_judged)


def index_of(pack: str) -> dict[str, Any]:
    """Make the index of a pack from its rule files."""
    from azmlint.catalog import fix_kinds, options, summary  # noqa: PLC0415  # only generators

    rows: dict[str, Any] = {}
    for name, rule in rule_classes(pack).items():
        rows[name] = {
            "class": rule.__name__,
            "family": rule.__module__.split(".")[-2],
            "fixes": fix_kinds(rule),
            "formerly": list(rule.formerly),
            "help_uri": rule.help_uri,
            "judges": list(judged(rule)),
            "kind": rule.kind.__name__,
            "module": rule.__module__,
            "needs": sorted(rule.needs),
            "options": [
                {
                    "name": o.name,
                    "type": o.type_name,
                    "default": o.default,
                    "description": " ".join(o.description.split()),
                }
                for o in options(rule)
            ],
            "security_severity": rule.security_severity,
            "severity": rule.severity.level,
            "summary": summary(rule),
            "supersedes": list(rule.supersedes),
            "uses": sorted(rule.uses),
        }
    return {"version": 1, "rules": rows}


def make(entry: Entry, options: Mapping[str, object] | None = None) -> Rule[Any]:
    """Import and construct one rule with its options; raises PackError naming it."""
    found = load(entry)
    try:
        return found(**(options or {}))
    except Exception as error:  # noqa: BLE001  # NOTE: whatever a pack raises is its own failure
        message = f"{entry.name} cannot be made: {type(error).__name__}: {error}"
        raise PackError(message) from None
