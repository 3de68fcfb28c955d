"""Policies of an organisation: Azure Policy definitions that are judged like rules."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.config import OUTSIDE, content, is_inside
from azmlint.engine.packs import POLICIES, Entry
from azmlint.errors import ConfigError
from azmlint.expressions.arm_values import known
from azmlint.finding import Severity
from azmlint.model.estate import facet_of
from azmlint.model.facet import Facet
from azmlint.model.policy.assignment import Passing
from azmlint.model.policy.definition import at
from azmlint.model.policy.evaluator import evaluate
from azmlint.model.resource import Resource
from azmlint.model.resources import KINDS
from azmlint.rule import Rule
from azmlint.sources.policy_file import SUFFIXES, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from azmlint.config import Policies
    from azmlint.expressions.term import Term
    from azmlint.finding import Finding
    from azmlint.model.estate import Estate
    from azmlint.model.policy.definition import Definition
    from azmlint.model.policy.evaluator import Verdict

FAMILY: Final = "policies"
PREFIX: Final = "policy-"
SIZE_LIMIT: Final = 1_000_000
"""Bytes; Azure takes definitions of far less."""
FILE_LIMIT: Final = 500
"""How many definitions one configuration may name."""

LOOK_LIMIT: Final = 50_000
"""How many places one pattern is held to."""

_SEVERITIES: Final = {
    "error": Severity.ERROR,
    "critical": Severity.ERROR,
    "high": Severity.ERROR,
    "warning": Severity.WARNING,
    "medium": Severity.WARNING,
    "note": Severity.NOTE,
    "low": Severity.NOTE,
    "informational": Severity.NOTE,
}
"""What a definition may write as `severity` of its metadata, in lower case."""

_EFFECTS: Final = {
    "deny": (Severity.ERROR, "would be refused by"),
    "audit": (Severity.WARNING, "does not comply with"),
    "auditIfNotExists": (Severity.WARNING, "does not comply with"),
    "append": (Severity.NOTE, "would be changed by"),
    "modify": (Severity.NOTE, "would be changed by"),
    "deployIfNotExists": (Severity.NOTE, "lacks what is deployed by"),
}
"""How much it matters that a policy catches a resource, and what it means."""

_WRONG: Final = re.compile(r"[^a-z0-9]+")


class OrganisationPolicy(Rule[Resource]):
    """A resource is caught by a policy definition of the organisation."""

    name = "policy"
    uses = frozenset({Facet.WORKSPACES})

    path: str = ""
    """The file of the definition."""

    def __init__(self, path: str, raw: bytes, arguments: Mapping[str, object]) -> None:
        """Read a definition; raises ConfigError with one line for what is none."""
        super().__init__()
        file = read(path, raw)
        self._set("definition", file.definition)
        self._set("description", file.description)
        self._set("path", path)
        self._set("values", {n.casefold(): known(v) for n, v in arguments.items()})
        for name in arguments:
            if name.casefold() not in file.definition.parameters:
                message = f"{path}: there is no parameter '{name}' to give a value to"
                raise ConfigError(message)
        self._set("name", rule_name(file.definition.name))
        self._set("effect", self._stated_effect())
        severity, _ = _EFFECTS.get(self.effect, (Severity.WARNING, ""))
        word = str(at(file.definition.metadata, "severity").data).casefold()
        self._set("severity", _SEVERITIES.get(word, severity))
        self._set("uses", frozenset({Facet.WORKSPACES, *_facets(file.definition)}))

    definition: Definition
    description: str
    effect: str
    values: Mapping[str, Term]

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _stated_effect(self) -> str:
        from azmlint.expressions.worlds import Worlds  # noqa: PLC0415  # only here
        from azmlint.model.policy.definition import EFFECTS  # noqa: PLC0415

        passing = Passing({**self.definition.defaults, **self.values}, Worlds())
        stated = passing.value(at(self.definition.then, "effect"))
        return EFFECTS.get(str(stated.data).casefold(), "")

    @property
    def why_not_judged(self) -> str | None:
        """Say why the definition says nothing of resources; None when it may."""
        if not self.definition.is_for_resources:
            return f"its mode {self.definition.mode} is about what is inside of resources"
        if self.effect == "disabled":
            return "its effect is disabled"
        if self.effect in {"denyAction", "auditAction"}:
            return f"its effect {self.effect} is about actions, not about what is declared"
        return None

    @property
    def summary(self) -> str:
        """What the policy is about, as one sentence."""
        text = (self.description or self.definition.title).strip()
        first = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
        return first if first.endswith((".", "!", "?")) else f"{first}."

    def page(self) -> str:
        """Write its page in Markdown."""
        lines = [f"# {self.name}", "", self.description or self.summary, ""]
        lines += [
            (
                f"A policy of the organisation, defined in `{self.path}`: the effect is "
                f"{self.effect or 'not known'}, the severity {self.severity.level}."
            )
        ]
        return "\n".join(lines) + "\n"

    def entry(self) -> Entry:
        """Describe it as the index of a pack would."""
        return Entry(
            name=self.name,
            pack=POLICIES,
            module="",
            class_name="",
            family=FAMILY,
            kind=Resource.__name__,
            severity=self.severity,
            needs=(),
            uses=tuple(sorted(self.uses)),
            judges=("declared", "deployed"),
            options=(),
            supersedes=(),
            formerly=(),
            summary=self.summary,
            security_severity=None,
            fixes=(),
            help_uri="",
        )

    def verdict(self, resource: Resource, estate: Estate) -> Verdict:
        """Say what the policy says of a resource."""
        return evaluate(self.definition, self.values, resource, estate)

    def check(self, resource: Resource, estate: Estate) -> Iterator[Finding]:
        """Yield a finding where the policy catches a resource."""
        if not resource.arm_type:
            return
        verdict = self.verdict(resource, estate)
        if not verdict.holds:
            return
        fact = verdict.fact
        _, what = _EFFECTS.get(verdict.effect, (None, "is caught by"))
        why = f": {fact.text}" if fact is not None else ""
        yield self.finding(
            resource if fact is None else fact.on,
            f"{resource.label} {what} the policy '{self.definition.title}'{why}",
            why_no_fix="the definition says what is caught and not what to write instead",
        )


class Loaded(NamedTuple):
    """The policies of a configuration."""

    policies: Mapping[str, OrganisationPolicy]
    """By the name of the rule."""

    notes: tuple[tuple[str, str], ...]
    """Each definition that says nothing of resources: its file, and why."""


def load(wanted: Iterable[Policies], root: Path) -> Loaded:
    """Read the definitions that a configuration names.

    Raises ConfigError with one line for each file that is none.
    """
    lines: list[str] = []
    found: dict[str, OrganisationPolicy] = {}
    notes: list[tuple[str, str]] = []
    seen: set[str] = set()
    for policies in wanted:
        try:
            paths = _paths(policies)
        except ConfigError as error:
            lines.append(str(error))
            continue
        for path in paths:
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            label = os.path.relpath(path, root).replace(os.sep, "/")
            try:
                policy = OrganisationPolicy(label, _bytes(path, label), policies.parameters)
            except ConfigError as error:
                lines.append(str(error))
                continue
            other = found.get(policy.name)
            if other is not None:
                lines.append(f"{label}: {other.path} has the name '{policy.definition.name}' too")
            elif policy.why_not_judged is not None:
                notes.append((label, f"the definition is not judged: {policy.why_not_judged}"))
            else:
                found[policy.name] = policy
    if len(seen) > FILE_LIMIT:
        lines = [f"policies: {len(seen)} definitions are more than {FILE_LIMIT}"]
    if lines:
        raise ConfigError("\n".join(lines))
    return Loaded(dict(sorted(found.items())), tuple(notes))


def rule_name(name: str) -> str:
    """Make the name of a rule from that of a definition."""
    words = _WRONG.sub("-", name.casefold()).strip("-").removeprefix(PREFIX)
    return f"{PREFIX}{words or 'unnamed'}"


def _paths(policies: Policies) -> list[str]:
    steps = Path(policies.pattern).parts
    magic = next((i for i, step in enumerate(steps) if has_magic(step)), len(steps))
    fixed = Path(os.path.normpath(policies.folder.joinpath(*steps[:magic])))
    search = _Search(policies.within)
    try:
        paths = dict.fromkeys(str(path) for path in search.below(fixed, steps[magic:]))
    except ValueError as error:
        message = f"{policies.where}: '{policies.pattern}' {error}"
        raise ConfigError(message) from None
    found = [p for p in sorted(paths) if os.path.isfile(p)]  # noqa: PTH113
    if magic < len(steps):
        found = [p for p in found if p.lower().endswith(SUFFIXES)]
    if not found:
        message = f"{policies.where}: no JSON or YAML file matches '{policies.pattern}'"
        raise ConfigError(message)
    return found


class _Search:
    """A search as a shell does it, but for links, which are not followed, and for an end."""

    def __init__(self, within: Path | None) -> None:
        self.within = within
        self.looks = 0

    def below(self, place: Path, steps: tuple[str, ...]) -> Iterator[Path]:
        """Yield what matches; raises ValueError for what leads out or takes too long."""
        self.looks += 1
        if self.looks > LOOK_LIMIT:
            message = f"is looked for in more than {LOOK_LIMIT} places"
            raise ValueError(message)
        if not is_inside(place, self.within):
            raise ValueError(OUTSIDE)
        if not steps:
            yield place
            return
        step, rest = steps[0], steps[1:]
        if not has_magic(step):
            yield from self.below(place / step, rest)
            return
        if step == "**":
            yield from self.below(place, rest)
        for entry in _entries(place):
            if entry.name.startswith(".") and not step.startswith("."):
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            if step == "**" and is_folder:
                yield from self.below(place / entry.name, steps)
            elif fnmatch(entry.name, step) and (is_folder or not rest):
                yield from self.below(place / entry.name, rest)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _bytes(path: str, label: str) -> bytes:
    if not path.lower().endswith(SUFFIXES):
        message = f"{label}: a policy definition is a JSON or YAML file"
        raise ConfigError(message)
    try:
        return content(Path(path), SIZE_LIMIT, is_named=False)
    except OSError as error:
        message = f"{label}: cannot be read: {error.strerror or error}"
        raise ConfigError(message) from None


def _facets(definition: Definition) -> Iterator[str]:
    """Yield the facets in which is read what a definition is about."""
    texts = [t.data.casefold() for t in definition.condition.within() if isinstance(t.data, str)]
    if any("resourcegroup(" in text for text in texts):
        yield Facet.GROUPS
    for kind in KINDS:
        own = kind.arm_type.casefold()
        facet = facet_of(kind)
        if own and facet is not None and any(text.startswith(own) for text in texts):
            yield facet
