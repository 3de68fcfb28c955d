"""Compares what a careful reading found in real files with what azmlint reads and finds there.

`expect.jsonl` of a corpus states, for each cluster of a file, its values with their lines and its
problems, in a notation for people. A text that is not in the notation is an error, never a skip.
tests/test_accuracy.py and accuracy.py use this alike.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from azmlint.cli import run

SHIPPED = ("cli-yaml", "arm")
"""The kinds of which the corpus holds the files, all but a few."""

FETCHED = (
    *("bicep", "terraform", "terraform-derived"),
    *("notebook", "python-v1", "python-v2", "shell"),
)
"""The kinds of which the files are laid out by fetched.py."""

PROPERTIES = {
    "vm_size": "size",
    "min_nodes": "min_nodes",
    "max_nodes": "max_nodes",
    "identity": "identity",
    "location": "location",
    "tier": "tier",
    "node_public_ip": "public_ip",
    "ssh": "ssh_public",
}
"""A fact of expect.jsonl, and the property that carries it."""

RULES = {
    "MIN>0": {"min-nodes-above-zero", "fixed-size-cluster"},
    "MIXED-ID": {"mixed-identity-types"},
    "UA-NO-IDS": {"user-assigned-without-ids"},
    "XREGION": {"cluster-in-other-region"},
    "PE+XREGION": {"cross-region-with-private-endpoint", "cross-region-in-managed-network"},
    "RG-LOCK": {"declared-lock-blocks-scaling"},
    "PUBLIC-SSH": {"ssh-port-public"},
    ">100": {"max-nodes-above-default-limit", "rdma-cluster-above-100"},
    "NO-MAX": {"max-nodes-missing"},
    "VM-RETIRED": {"vm-size-retired"},
}
"""A problem code of expect.jsonl, and the rules that report it."""

RIGHT_IN_NOISE = {"sdk-v1-used", "syntax-error"}
"""What is true of a program that creates nothing: one notebook has a cell to be filled in."""

Json = dict[str, Any]


class Fact(NamedTuple):
    """One fact of expect.jsonl."""

    is_absent: bool = False
    values: tuple[str, ...] = ()
    """What is stated: one value, one for each turn of a loop, or none."""

    parameter: str | None = None
    """The parameter that carries it."""

    has_default: bool = True
    functions: tuple[str, ...] = ()
    """The functions of an expression that has no value here."""

    is_argument: bool = False
    """Whether it is what a function of a program is given, or takes by default."""

    is_as_workspace: bool = False
    uses: str | None = None
    """A pattern of what the line of the use refers to."""

    line: int | None = None
    is_origin: bool = False
    """Whether the line is where a variable gets the value, not where it is used."""

    is_update: bool = False
    """Whether it is the name of what is changed, not created."""

    ids: tuple[int | None, int] | None = None
    """How many identities are listed, if that is said, and in which line."""


_AS_WORKSPACE = r"(?P<same>, same as workspace(?: \(\w+\.tf\))?)"
_FORMS = (
    r"(?P<absent>unset|not stated)(?: \(workspace region\))?",
    r"(?P<absent>same workspace) \(location argument default \w+, \d+\)",
    r"config\[\"\w+\"\] from a JSON file",
    r"(?P<argument>(?:function )?argument)(?: \w+)?(?: \((?P<none>no default)\))?",
    r"(?P<argument>argument) \w+ = (?P<quote>['\"]?)(?P<value>[\w-]+)(?P=quote)",
    r"(?P<environment>int\(os\.environ\.get)\(\"\w+\", (?P<value>\d+)\)\) = (?P=value) by default",
    r"(?:outer )?param(?: (?P<parameter>\w+))? \((?P<none>no default|allowed:)[^)]*\)",
    r"param (?P<parameter>\w+) = (?P<value>\w+), ids from (?P<variable>var)",
    r"(?:outer )?param(?: (?P<parameter>\w+))? = (?P<value>.+)",
    r"(?:outer )?param \((?P<value>\w+) default\)",
    r"(?:outer )?param(?: (?P<parameter>\w+))?",
    r"var\.(?P<parameter>\w+) = (?P<value>[\w-]+)",
    r"\$\{(?P<argument_of_script>\d):-(?P<value>[\w-]+)\}",
    r"(?P<value>\[system\])",
    r"\[(?P<expression>.+)\]",
    r"computeLocation=\w+<-(?P<parameter>\w+)",
    r"computeLocation=(?P<parameter>\w+)",
    r"location=\w+ @\d+; computeLocation=(?P<parameter>\w+) \((?P<none>no default)\)",
    r"(?:computeLocation = )?(?P<parameter>\w+)\[i\](?: = (?P<value>[\w, ]+); location = \w+)?",
    r"(?P<parameter>orchestratorRegion)(?P<same> \(= workspace region\))?",
    rf"(?P<group>(?:test )?resource group location){_AS_WORKSPACE}?",
    rf"(?P<reference>\w+(?:\.\w+){{2,}})(?: \(location \d+, computeLocation \d+\))?{_AS_WORKSPACE}",
    rf"(?P<parameter>\w+){_AS_WORKSPACE}",
    r"(?P<value>[A-Z]\w+ [A-Z]\w+)",
    r"ssh_public_access_enabled = (?P<value>\w+)",
    r"(?P<value>\w+) \([\w.]+ false, (?P<count>\d+) id\)",
    r"(?:(?P<variable_of_code>\w+) = )(?P<quote>['\"]?)(?P<value>[\w-]+)(?P=quote)",
    (
        r"(?P<environment>os\.environ\.get)\(\.\.\., (?P<quote>['\"]?)(?P<value>[\w-]+)(?P=quote)\)"
        r"(?: = (?P=value) by default)?"
    ),
    r"\w+=(?P<name>\w+), (?P=name) = (?P<value>\d+) \(raw \d+\)",
    r"(?P<value>[\w-]*\$\{[\w.]+\}[\w-]*)",
    r"(?P<value>[\w.{}-]+(?:, [\w.{}-]+)*)(?: \(module argument(?:; inner parameter)?\))?",
)
"""The notation of expect.jsonl, form by form; the first that fits the whole text counts."""

_TAIL = re.compile(
    r"(?P<body>.+?)(?: @(?:cell \d+ line \d+ \(raw (?P<raw>\d+)\)|(?P<line>\d+)))?"
    r"(?: \((?P<ids>\d+) id, line (?P<at>\d+)\))?"
    r"(?: \((?:spelling without underscore|\$\w+ from [\w ]+, line \d+)\))?"
    r"(?P<update> \(update, not create\))?"
    r"(?:; workspace not in file)?"
)


def parse(text: str) -> Fact:
    """Read one fact; a text that is not in the notation is an error, never a skip."""
    tail = _TAIL.fullmatch(text)
    matches = (re.fullmatch(form, tail["body"]) for form in _FORMS) if tail is not None else ()
    found = next((m for m in matches if m is not None), None)
    if tail is None or found is None:
        message = f"not in the notation: {text}"
        raise ValueError(message)
    given = found.groupdict()
    value = given.get("value")
    written = tail["line"] or tail["raw"]
    line = int(written) if written else None
    ids: tuple[int | None, int] | None = None
    if tail["ids"]:
        ids = (int(tail["ids"]), int(tail["at"]))
    elif given.get("count") and line is not None:
        # What stands in this line are the identities; the type is decided by them.
        ids, line = (int(given["count"]), line), None
    elif given.get("variable") and line is not None:
        ids = (None, line)
    uses = re.escape(given["reference"]) if given.get("reference") else None
    if given.get("group"):
        uses = r"azurerm_resource_group\.\w+\.location"
    return Fact(
        is_absent=bool(given.get("absent")),
        values=() if not value else (value,) if value[0] in "['" else tuple(value.split(", ")),
        parameter=given.get("parameter"),
        has_default=not given.get("none"),
        functions=tuple(re.findall(r"(\w+)\(", given.get("expression") or "")),
        is_argument=bool(given.get("argument")),
        is_as_workspace=bool(given.get("same")),
        uses=uses,
        line=line,
        is_origin=any(map(given.get, ("variable_of_code", "environment", "argument_of_script"))),
        is_update=bool(tail["update"]),
        ids=ids,
    )


def expectations(corpus: Path, kinds: tuple[str, ...]) -> list[Json]:
    """Give the files of these kinds that expect.jsonl describes."""
    path = corpus / "expect.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [r for r in map(json.loads, lines) if r["path"].split("/")[0] in kinds]


class File:
    """A file of the corpus where azmlint sees it: below the root of its repository."""

    def __init__(self, root: Path, path: str) -> None:
        """Take the file at `path` below `root`."""
        self.root = root
        self.path = path
        self._lines: dict[str, list[str]] = {}

    def azmlint(self, *words: str) -> Json:
        """Give what a command writes as JSON."""
        out = io.StringIO()
        with chdir(self.root), redirect_stdout(out):
            code = run([*words, "--format", "json", self.path])
        if code not in {0, 1}:
            message = f"azmlint {words[0]} {self.path} ended with {code}"
            raise RuntimeError(message)
        found: Json = json.loads(out.getvalue())
        return found

    def workspaces(self) -> list[Json]:
        """Give the workspaces that are declared with what the file declares."""
        resources = self.azmlint("show")["resources"]
        if self.path.endswith(".tf"):
            folder = (self.root / self.path).parent
            for other in sorted(folder.glob("*.tf")):
                beside = File(self.root, other.relative_to(self.root).as_posix())
                resources += beside.azmlint("show")["resources"]
        return [r for r in resources if r["kind"] == "workspace"]

    def line(self, path: str, number: int) -> str:
        """Give a line of this file or of another one of the repository."""
        if path not in self._lines:
            text = (self.root / path).read_text(encoding="utf-8-sig")
            self._lines[path] = text.splitlines()
        return self._lines[path][number - 1]

    def uses(self, place: Json, parameter: str) -> bool:
        """Whether a parameter is read or declared at a place."""
        text = self.line(place["path"], place["start"]["line"])
        if place["path"].endswith(".json"):
            return f"parameters('{parameter}')" in text
        return re.search(rf"\b{parameter}\b", text) is not None


@contextmanager
def opened(folder: Path, path: str) -> Iterator[File]:
    """Give the file at a path of the corpus.

    What was cut out of a test stands among others with the same names: it is taken by itself.
    """
    kind, owner, *rest = path.split("/")
    if kind != "terraform-derived":
        yield File(folder / kind / owner, "/".join(rest))
        return
    with TemporaryDirectory() as alone:
        shutil.copy(folder / path, Path(alone) / "main.tf")
        yield File(Path(alone), "main.tf")


class Comparison(NamedTuple):
    """What came of comparing one file."""

    facts: int
    misses: tuple[str, ...]
    by_callers: tuple[str, ...] = ()
    """What the file alone leaves open and the files that use it decide."""


def compare_facts(file: File, row: Json) -> Comparison:
    """Compare each value, its line, the parameter that carries it, and what is not written."""
    resources = file.azmlint("show")["resources"]
    count = 0
    misses: list[str] = []
    for expected in row["clusters"]:
        name = parse(expected["name"])
        found = clusters_at(file, resources, name)
        count += 1 + len(PROPERTIES)
        if not found:
            misses.append(f"no cluster: {expected['name']}")
        if name.parameter is not None and not file.path.endswith(".json"):
            here = {"path": file.path, "start": {"line": name.line}}
            if not file.uses(here, name.parameter):
                misses.append(f"no such parameter in the line: {expected['name']}")
        patterns = _names_of(name)
        for index, cluster in enumerate(found):
            pattern = patterns[index % len(patterns)]
            if not re.fullmatch(pattern, cluster["name"]):
                misses.append(f"{expected['name']}: the name is {cluster['name']}")
            for key, attribute in PROPERTIES.items():
                fact = parse(expected[key])
                value = cluster["properties"].get(attribute, _NOWHERE)
                wrong = list(_wrong(file, fact, key, value, index))
                if fact.ids is not None:
                    wrong += _wrong_ids(file, fact.ids, cluster["properties"]["identity_ids"])
                if wrong:
                    misses.append(f"{cluster['name']}: {key} {expected[key]}: {', '.join(wrong)}")
    if not row["clusters"]:
        misses += [f"a cluster: {c['name']}" for c in _clusters(resources)]
    return Comparison(count, tuple(misses))


_NOWHERE: Json = {"state": "absent", "trace": []}
"""What an update cannot say."""


def _clusters(resources: list[Json]) -> list[Json]:
    return [r for r in resources if r["kind"] == "compute cluster"]


def head_of(resource: Json) -> int:
    """Give the first line of a resource: a template's address is its place."""
    head = str(resource["address"]).split(":")[0]
    return int(head) if head.isdigit() else int(resource["start"]["line"])


def clusters_at(file: File, resources: list[Json], fact: Fact) -> list[Json]:
    """Find the clusters that are declared in a line: in that of the name, or just above.

    A cluster that a module declares is an argument here: the line is among those of its values.
    """
    line = fact.line or 0
    found = []
    if fact.is_update:
        return [r for r in resources if r["kind"] == "updated compute" and head_of(r) == line]
    if (file.path.endswith((".ipynb", ".py")) or fact.is_origin) and fact.values:
        # A program creates in one line what it names in another.
        is_there = file.line(file.path, line).count(fact.values[0]) > 0
        return [c for c in _clusters(resources) if is_there and c["name"] == fact.values[0]]
    for cluster in _clusters(resources):
        if cluster["path"] == file.path:
            if head_of(cluster) <= line <= cluster["start"]["line"]:
                found.append(cluster)
            continue
        lines = {
            place["start"]["line"]
            for attribute in PROPERTIES.values()
            for place in cluster["properties"][attribute]["trace"]
            if place["path"] == file.path and place["role"] != "default"
        }
        if lines and min(lines) <= line <= max(lines):
            found.append(cluster)
    return found


def _wrong(file: File, fact: Fact, key: str, value: Json, index: int) -> Iterator[str]:
    trace = value["trace"]
    if (value["state"] == "absent") != fact.is_absent:
        yield f"is {value['state']}"
    if fact.is_absent or value["state"] == "absent":
        return
    here = [t for t in trace if t["path"] == file.path]
    lines = [t["start"]["line"] for t in here]
    if fact.line is not None and fact.line not in (lines if fact.is_origin else lines[:1]):
        yield f"stands in {lines}"
    if fact.values:
        wanted = _stated(key, fact.values[index % len(fact.values)])
        if _folded(value["text"]) != _folded(wanted):
            yield f"is {value['text']}"
    if fact.parameter is not None and not any(file.uses(t, fact.parameter) for t in trace):
        yield f"does not come from {fact.parameter}"
    if fact.uses is not None:
        text = file.line(here[0]["path"], here[0]["start"]["line"]) if here else ""
        if not re.search(fact.uses, text):
            yield f"does not come from {fact.uses}"
    if not fact.has_default and not _is_reason(fact, value["reason"]):
        yield f"is not known because {value['reason']}"
    if fact.functions:
        used = tuple(re.findall(r"(\w+)\(", value["text"]))
        if value["state"] != "unknown" or used[: len(fact.functions)] != fact.functions:
            yield f"is {value['text']}"
    if fact.is_as_workspace:
        regions = {w["properties"]["location"]["text"] for w in file.workspaces()}
        if value["text"] not in regions:
            yield f"is {value['text']}, the workspace is in {sorted(regions)}"


def _is_reason(fact: Fact, reason: str | None) -> bool:
    """Whether a value is not known because the parameter or argument has none."""
    if fact.is_argument:
        return re.fullmatch(r"the argument '\w+' of \w+\(\) .*", reason or "") is not None
    return reason == f"parameter '{fact.parameter}' has no value here"


def _wrong_ids(file: File, ids: tuple[int | None, int], listed: Json) -> Iterator[str]:
    count, line = ids
    here = [t["start"]["line"] for t in listed["trace"] if t["path"] == file.path]
    if count is None:
        texts = [file.line(t["path"], t["start"]["line"]) for t in listed["trace"]]
        if not any(re.match(r"var \w+", text) for text in texts):
            yield "the identities do not come from a variable"
        return
    if line not in here:
        yield f"the identities stand in {here}"
    if listed["length"] != count:
        yield f"{listed['length']} identities"


def _folded(value: object) -> str:
    return str(value).lower().replace("_", "")


def _stated(fact: str, text: str) -> str:
    """Spell an expected value as `show` does."""
    if text == "[system]":
        return "system_assigned"
    if re.fullmatch(r"\[.*\]", text):
        return "{" + text[1:-1] + "}"
    if fact == "ssh":
        return {"true": "enabled", "false": "disabled"}.get(text, text)
    return text


def _names_of(fact: Fact) -> list[str]:
    """Make a pattern that each name of a cluster has to match."""
    patterns = []
    for value in fact.values or ("{any}",):
        text = re.sub(r"^\[format\('(.*?)'.*\]$", r"\1", value).strip("'")
        patterns.append(re.sub(r"(?:\\\$)?\\\{[\w.\\]+?\\\}", ".+", re.escape(text)))
    return patterns


def compare_problems(file: File, row: Json) -> Comparison:
    """Compare the problems with the findings of the rules that look for them; no other may be."""
    report = file.azmlint("check", "--exit-zero", "--profile", "strict")
    resources = file.azmlint("show")["resources"] if row["clusters"] else []
    mapped = {rule for rules in RULES.values() for rule in rules}
    open_ = [f for f in report["findings"] if f["rule"] in mapped]
    count = 0
    misses: list[str] = []
    unsure: set[str] = set()
    stated = [("", problem) for problem in row["file_problems"]]
    for expected in row["clusters"]:
        stated += [(expected["name"], problem) for problem in expected["problems"]]
        for code in expected["unsure"]:
            unsure |= RULES[code]
    for name, problem in stated:
        found = re.fullmatch(
            r"([A-Z0-9+>-]+?)(?:@(\d+)| \((?:cell \d+ line \d+, raw|line) (\d+)\))?", problem
        )
        if found is None:
            message = f"not in the notation: {problem}"
            raise ValueError(message)
        code, line = found[1], found[2] or found[3]
        clusters = {c["name"] for c in clusters_at(file, resources, parse(name))} if name else None
        hits = [
            f
            for f in open_
            if f["rule"] in RULES[code]
            and (clusters is None or f["resource"]["name"] in clusters)
            and (line is None or int(line) in _lines_of(f))
        ]
        count += 1
        if not hits:
            misses.append(f"not found: {name} {problem}")
        open_ = [f for f in open_ if f not in hits]
    callers = [f for f in open_ if f["rule"] in unsure and _is_decided_elsewhere(f, file)]
    misses += [_shown(f) for f in open_ if f not in callers]
    return Comparison(count, tuple(misses), tuple(map(_shown, callers)))


def _is_decided_elsewhere(finding: Json, file: File) -> bool:
    """Whether a value stands in a file that uses this one."""
    return any(t["path"] != file.path for t in finding["trace"])


def _shown(finding: Json) -> str:
    return f"{finding['rule']} at {finding['start']['line']}: {finding['message']}"


def _lines_of(finding: Json) -> set[int]:
    """Give the lines that a finding names, and the one above: a declaration before its name."""
    start = finding["start"]["line"]
    return {start - 1, start} | {t["start"]["line"] for t in finding["trace"]}


def noise_in(folder: Path, path: str, facts: frozenset[str]) -> list[str]:
    """Say what is found, undecided or broken in a file in which there is no compute.

    Of a kind that is one of the facts of the file, notes are right: one notebook creates a
    workspace that states next to nothing of itself.
    """
    with opened(folder, path) as file:
        report = file.azmlint("check", "--exit-zero", "--profile", "strict")
    found = [
        f"{path}: {_shown(f)}"
        for f in report["findings"]
        if f["rule"] not in RIGHT_IN_NOISE
        and not (f["severity"] == "note" and f["resource"]["kind"] in facts)
    ]
    found += [f"{path}: undecided: {u['rule']}: {u['reason']}" for u in report["undecided"]]
    return found + [f"{path}: failed: {f}" for f in report["failures"]]
