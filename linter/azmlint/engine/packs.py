"""Rule packs: which rules there are, and loading those that a run needs."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from azmlint.errors import PackError
from azmlint.finding import Severity
from azmlint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

BUILT_IN = "azmlint_rules"
INDEX = "index.json"
HELP = "https://github.com/azmlint/azmlint/blob/main/rules/docs"


class Entry(NamedTuple):
    """What a pack's index says of one rule; enough to decide whether to import it."""

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

    options: tuple[str, ...]
    supersedes: tuple[str, ...]
    formerly: tuple[str, ...]
    summary: str
    security_severity: float | None

    @property
    def help_uri(self) -> str:
        """The rule's page."""
        return f"{HELP}/{self.name}.md"


def entries(packs: Iterable[str] = (BUILT_IN,)) -> dict[str, Entry]:
    """Read the indexes of packs, by rule name.

    Raises PackError for a pack that is not installed or has no index, and for two rules of one
    name.
    """
    found: dict[str, Entry] = {}
    for pack in packs:
        for entry in _index(pack):
            other = found.get(entry.name)
            if other is not None:
                message = f"rule '{entry.name}' is in {other.module} and in {entry.module}"
                raise PackError(message)
            found[entry.name] = entry
    return dict(sorted(found.items()))


def folder(pack: str) -> Path:
    """Find a pack's folder without importing its rules."""
    try:
        spec = find_spec(pack)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        message = f"rule pack '{pack}' is not installed"
        raise PackError(message)
    return Path(next(iter(spec.submodule_search_locations)))


def _index(pack: str) -> Iterator[Entry]:
    path = folder(pack) / INDEX
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for name, row in data["rules"].items():
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
                options=tuple(row["options"]),
                supersedes=tuple(row["supersedes"]),
                formerly=tuple(row["formerly"]),
                summary=row["summary"],
                security_severity=row["security_severity"],
            )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"rule pack '{pack}' has no valid {INDEX}: {type(error).__name__}: {error}"
        raise PackError(message) from None


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
    for path in sorted(root.glob("*/*.py")):
        if path.name.startswith("_"):
            continue
        module = import_module(f"{pack}.{path.parent.name}.{path.stem}")
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
    from azmlint.catalog import summary  # noqa: PLC0415  # only generators need it

    rows: dict[str, Any] = {}
    for name, rule in rule_classes(pack).items():
        rows[name] = {
            "class": rule.__name__,
            "family": rule.__module__.split(".")[-2],
            "formerly": list(rule.formerly),
            "judges": list(judged(rule)),
            "kind": rule.kind.__name__,
            "module": rule.__module__,
            "needs": sorted(rule.needs),
            "options": list(rule.option_names),
            "security_severity": rule.security_severity,
            "severity": rule.severity.level,
            "summary": summary(rule),
            "supersedes": list(rule.supersedes),
            "uses": sorted(rule.uses),
        }
    return {"version": 1, "rules": rows}


def make(entry: Entry, options: Mapping[str, object] | None = None) -> Rule[Any]:
    """Import and construct one rule with its options."""
    return load(entry)(**(options or {}))
