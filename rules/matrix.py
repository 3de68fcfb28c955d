"""Which rules are shown to work on which inputs, worked out from their examples and cases."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from azmlint import catalog, testing
from azmlint.engine.relevance import (
    ARM,
    AZ_ML_YAML,
    BICEP,
    NOTEBOOK,
    PACKAGES,
    PYTHON,
    SCRIPT,
    TERRAFORM,
    TERRAFORM_PLAN,
    concerns,
)
from azmlint.model.facet import Facet
from azmlint.model.resource import Resource
from azmlint.rule import Rule

HERE: Final = Path(__file__).parent
CASES: Final = HERE.parent / "fixtures" / "rules"

INPUTS: Final = {
    "yaml": "az ml YAML",
    "arm": "ARM",
    "bicep": "Bicep",
    "terraform": "Terraform",
    "plan": "plan",
    "sdk_v1": "SDK v1",
    "sdk_v2": "SDK v2",
    "mgmt": "management clients",
    "notebook": "notebook",
    "az": "az",
    "powershell": "PowerShell",
    "packages": "package list",
    "deployed": "deployed",
}
"""Columns, by key."""

_KINDS: Final = {
    AZ_ML_YAML: "yaml",
    ARM: "arm",
    BICEP: "bicep",
    TERRAFORM: "terraform",
    TERRAFORM_PLAN: "plan",
    NOTEBOOK: "notebook",
    PACKAGES: "packages",
}
_LINE: Final = re.compile(r"^(.*?):\d+:\d+: (?:error|warning|note)\[")


class Reason(NamedTuple):
    """Why a cell is empty."""

    mark: str
    """A key of MEANINGS."""

    source: str


def input_of(path: str, raw: bytes) -> str | None:
    """Say which input a file is; None for what carries none of its own."""
    kind = concerns(path, raw)
    if kind is PYTHON:
        if re.search(rb"\bazure\.mgmt\b", raw):
            return "mgmt"
        return "sdk_v1" if re.search(rb"\bazureml\.", raw) else "sdk_v2"
    if kind is SCRIPT or path.endswith((".sh", ".ps1")):
        return "powershell" if path.endswith(".ps1") else "az"
    if path.endswith((".tf", ".tf.json")):
        return "terraform"
    if path.endswith(".bicep"):
        return "bicep"
    return _KINDS.get(kind) if kind is not None else None


def shown(rules: dict[str, type[Rule[Any]]]) -> dict[str, dict[str, int]]:
    """Count for each rule the examples and cases of each input in which it finds something."""
    found: dict[str, dict[str, int]] = {}
    for name, rule in rules.items():
        counts = Counter(_in_cases().get(name, ()))
        counts.update(which for e in catalog.examples(rule) if e.is_bad and (which := shows(e)))
        found[name] = counts
    return found


def shows(example: catalog.Example) -> str | None:
    """Say of which input an example is."""
    raw = example.text.encode()
    if testing.is_snapshot(raw):
        return "deployed"
    return input_of(f"example.{testing.SUFFIXES[example.language]}", raw)


@cache
def _in_cases() -> dict[str, list[str]]:
    """List the inputs of which cases have findings, by rule."""
    found: dict[str, list[str]] = {}
    for expected in sorted(CASES.glob("*/*/expected.txt")):
        found.setdefault(expected.parent.parent.name, []).extend(sorted(_found_in(expected)))
    return found


def _found_in(expected: Path) -> set[str]:
    inputs: set[str] = set()
    for line in expected.read_text(encoding="utf-8").splitlines():
        if line.startswith("/subscriptions/"):
            inputs.add("deployed")
            continue
        match = _LINE.match(line)
        path = expected.parent / match[1] if match is not None else None
        if path is not None and path.is_file():
            which = input_of(path.name, path.read_bytes())
            if which is not None:
                inputs.add(which)
    return inputs


_LIVE: Final = Reason("live", "the service alone tells it")
_PACKAGES: Final = Reason(
    "cannot", "a list of packages says which tools are used, and nothing else"
)
_WRITTEN: Final = Reason("cannot", "an answer of the service is no declaration")

_TABLE: Final = HERE / "matrix.toml"

_COMMON: Final = frozenset({"Compute", "Workspace"})
_IN_FILES: Final = {
    "yaml": _COMMON,
    "sdk_v1": _COMMON | {"CredentialCall", "ToolUse"},
    "sdk_v2": _COMMON | {"CredentialCall", "ToolUse"},
    "notebook": _COMMON | {"CredentialCall", "ToolUse"},
    "mgmt": _COMMON | {"Lock", "ToolUse"},
    "powershell": _COMMON | {"Lock"},
}
"""The kinds that an input declares, of those that declare a few only."""

_FACTS: Final = {
    Facet.NETWORKS: "VirtualNetwork",
    Facet.ROUTE_TABLES: "RouteTable",
    Facet.SECURITY_GROUPS: "NetworkSecurityGroup",
    Facet.FIREWALLS: "Firewall",
    Facet.ENDPOINT_POLICIES: "EndpointPolicy",
    Facet.STORAGE: "StorageAccount",
    Facet.REGISTRIES: "ContainerRegistry",
    Facet.PRIVATE_ENDPOINTS: "PrivateEndpoint",
}
"""What a facet that a rule asks for would be in a file."""


def reasons() -> dict[tuple[str, str], Reason]:
    """Read why cells are empty of which the model does not say it."""
    found: dict[tuple[str, str], Reason] = {}
    for row in tomllib.loads(_TABLE.read_text(encoding="utf-8"))["empty"]:
        for rule in row["rules"]:
            for which in row["inputs"]:
                found[rule, which] = Reason(row["mark"], row["source"])
    return found


def why_empty(rule: type[Rule[Any]], which: str) -> Reason | None:
    """Say why nothing shows a rule on an input, as far as the model says it."""
    if which == "deployed":
        return None if rule.judges_deployed else _WRITTEN
    if not rule.judges_declared or rule.needs:
        return _LIVE
    if which == "packages":
        return _PACKAGES
    names = [c.__name__ for c in rule.kind.__mro__ if c.__module__ == Resource.__module__ + "s"]
    declared = _IN_FILES.get(which)
    if declared is None:
        return None
    wanted = {"Compute"} if "ComputeSettings" in names else {names[0]} if names else set()
    wanted |= {_FACTS[facet] for facet in rule.uses if facet in _FACTS}
    for missing in sorted(wanted - declared):
        return Reason("cannot", f"it has no way to declare a {_words(missing)}")
    return None


@cache
def _words(kind: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


MEANINGS: Final = {
    "cannot": "the fact cannot be expressed in that input",
    "refused": "the tool refuses it",
    "live": "it needs live data",
}

_HEAD: Final = """\
# Rules and inputs

Generated from the examples of the rules' pages and the cases in `fixtures/rules`: a mark stands
where one of them has a finding in a file of that kind. A number says why there is none; the list is
below the table.

Pipelines, Dockerfiles and Markdown hold scripts, and are read as those; JSON of Terraform, tofu
files and azapi are read as Terraform. *deployed* are answers of the service, in a snapshot or read
live.
"""


def matrix_page(rules: dict[str, type[Rule[Any]]]) -> str:
    """Give docs/matrix.md; raises LookupError where nothing says why a cell is empty."""
    counts, stated = shown(rules), reasons()
    notes: dict[Reason, int] = {}
    rows: list[str] = []
    full = 0
    for name, rule in rules.items():
        cells = []
        for which in INPUTS:
            reason = stated.get((name, which)) or why_empty(rule, which)
            if counts[name].get(which):
                full += 1
                cells.append("✓")
            else:
                if reason is None:
                    message = f"nothing shows {name} in {which}, and no reason is given for it"
                    raise LookupError(message)
                cells.append(str(notes.setdefault(reason, len(notes) + 1)))
        rows.append(f"| [{name}](../rules/docs/{name}.md) | {' | '.join(cells)} |")
    lines = [
        _HEAD,
        f"{len(rules)} rules, {full} of {len(rules) * len(INPUTS)} cells are shown to work.",
        "",
        f"| rule | {' | '.join(INPUTS.values())} |",
        f"| --- |{' :---: |' * len(INPUTS)}",
        *rows,
        "",
        "## Why a cell is empty",
        "",
    ]
    lines += [f"{n}. {MEANINGS[r.mark]}: {r.source}" for r, n in notes.items()]
    return "\n".join(lines) + "\n"


def unexplained(rules: dict[str, type[Rule[Any]]]) -> list[tuple[str, str]]:
    """List the cells that are empty without a reason."""
    counts, stated = shown(rules), reasons()
    return [
        (name, which)
        for name, rule in rules.items()
        for which in INPUTS
        if not counts[name].get(which)
        and why_empty(rule, which) is None
        and (name, which) not in stated
    ]


def idle_reasons(rules: dict[str, type[Rule[Any]]]) -> list[tuple[str, str]]:
    """List the reasons that are stated for what is shown, or for no rule at all."""
    counts = shown(rules)
    return [
        (name, which)
        for name, which in reasons()
        if name not in rules or which not in INPUTS or counts[name].get(which)
    ]


FIVE: Final = ("bad", "good", "absent", "unknown", "second")
"""Which cases a rule has: a fault, none, what is not written, what is not known, another input."""

_ABSENT: Final = re.compile(
    r"(?<!read)(?:^|-)(?:absent|empty|missing|never|no|none|nothing|only|unset|unused|unstated"
    r"|(?:without|not)(?!-(?:a-)?value|-(?:asked|connected|enforced|in-production|known|production|read)))"
    r"(?:-|$)"
)
_UNKNOWN: Final = re.compile(
    r"without-(?:a-)?value|unknown|not-known|known-at|filled-in|placeholder|from-(?:a-parameter|the-env)"
)


def lacking(rules: dict[str, type[Rule[Any]]]) -> dict[str, set[str]]:
    """Say which of the five kinds of case a rule has neither among its examples nor its cases.

    What is not written, and what is not known, is told by the name of a case; so is the latter
    by an open verdict. What judges answers of the service alone has no other input.
    """
    found: dict[str, set[str]] = {}
    for name, rule in rules.items():
        has = {"bad" if e.is_bad else "good" for e in catalog.examples(rule)}
        inputs = {shows(e) for e in catalog.examples(rule)} - {None}
        for expected in CASES.glob(f"{name}/*/expected.txt"):
            text = expected.read_text(encoding="utf-8")
            has.add("bad" if f"[{name}]" in text else "good")
            is_absent, is_unknown = tells(expected.parent.name)
            is_open = "undecided: " in text or "not read: " in text
            has |= {"absent"} if is_absent else set()
            has |= {"unknown"} if is_open or is_unknown else set()
            inputs |= _inputs_of(expected.parent)
        has |= {"second"} if len(inputs) > 1 or not rule.judges_declared else set()
        if missing := set(FIVE) - has:
            found[name] = missing
    return found


def tells(case: str) -> tuple[bool, bool]:
    """Say whether the name of a case tells that something is absent, and that it is unknown."""
    return _ABSENT.search(case) is not None, _UNKNOWN.search(case) is not None


def _inputs_of(case: Path) -> set[str]:
    files = [p for p in case.rglob("*") if p.is_file() and p.name != "expected.txt"]
    raws = [(p, p.read_bytes()) for p in files if "fixed" not in p.relative_to(case).parts]
    found = {"deployed" if testing.is_snapshot(r) else input_of(p.name, r) for p, r in raws}
    return {which for which in found if which is not None}


def why_lacking() -> dict[tuple[str, str], str]:
    """Read why rules lack a kind of case."""
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["lacks"]
    return {(rule, row["what"]): row["why"] for row in rows for rule in row["rules"]}
