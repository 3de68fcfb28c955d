"""Real files: what a careful reading found in them is read, judged and not exceeded."""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import statistics
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from azmlint.cli import run

CORPUS = os.environ.get("AZMLINT_CORPUS", "")
pytestmark = pytest.mark.skipif(not CORPUS, reason="AZMLINT_CORPUS is not set")
ROOT = Path(CORPUS)

READ = ("cli-yaml", "arm")
"""The kinds of file that azmlint reads so far."""

NOISE = (
    "cli-yaml-noise",
    "arm-noise",
    "ci-yaml",
    "wire",
    "wire-derived",
    "wire-noise",
    "tfplan",
    "tfplan-noise",
)
"""Files in which nothing is to be found, or that are of a kind not read yet."""

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

    is_as_workspace: bool = False
    line: int | None = None
    ids: tuple[int, int] | None = None
    """How many identities are listed, and in which line."""


_FORMS = (
    r"(?P<absent>unset|not stated)",
    r"(?:outer )?param(?: (?P<parameter>\w+))? \((?P<none>no default|allowed:)[^)]*\)",
    r"(?:outer )?param(?: (?P<parameter>\w+))? = (?P<value>.+)",
    r"(?:outer )?param \((?P<value>\w+) default\)",
    r"(?:outer )?param(?: (?P<parameter>\w+))?",
    r"\[(?P<expression>.+)\]",
    r"computeLocation=\w+<-(?P<parameter>\w+)",
    r"(?:computeLocation = )?(?P<parameter>\w+)\[i\](?: = (?P<value>[\w, ]+); location = \w+)?",
    r"(?P<parameter>orchestratorRegion)(?P<same> \(= workspace region\))?",
    r"(?P<value>[\w.{}-]+(?:, [\w.{}-]+)*)(?: \(module argument(?:; inner parameter)?\))?",
)
"""The notation of expect.jsonl, form by form; the first that fits the whole text counts."""

_TAIL = re.compile(r"(?P<body>.+?)(?: @(?P<line>\d+))?(?: \((?P<ids>\d+) id, line (?P<at>\d+)\))?")


def parse(text):
    """Read one fact; a text that is not in the notation is an error, never a skip."""
    tail = _TAIL.fullmatch(text)
    assert tail is not None, text
    for form in _FORMS:
        if found := re.fullmatch(form, tail["body"]):
            break
    else:
        pytest.fail(f"not in the notation: {text}")
    given = found.groupdict()
    value = given.get("value")
    return Fact(
        is_absent=bool(given.get("absent")),
        values=() if not value else (value,) if value.startswith("[") else tuple(value.split(", ")),
        parameter=given.get("parameter"),
        has_default=not given.get("none"),
        functions=tuple(re.findall(r"(\w+)\(", given.get("expression") or "")),
        is_as_workspace=bool(given.get("same")),
        line=int(tail["line"]) if tail["line"] else None,
        ids=(int(tail["ids"]), int(tail["at"])) if tail["ids"] else None,
    )


def expectations():
    path = ROOT / "expect.jsonl"
    if not CORPUS or not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [r for r in rows if r["path"].split("/")[0] in READ]


def unshipped():
    """Paths that the corpus lists without holding the file."""
    rows = (ROOT / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()
    head, *rest = (row.split("\t") for row in rows)
    return {r[head.index("path")] for r in rest if r[head.index("shipped")] == "no"}


def shipped(row):
    if row["path"] in unshipped():
        pytest.skip("the corpus does not hold this file")
    return ROOT / row["path"]


def azmlint(*words):
    out = io.StringIO()
    with redirect_stdout(out):
        code = run([str(w) for w in words])
    assert code in {0, 1}, words
    return json.loads(out.getvalue())


@cache
def shown(path):
    return azmlint("show", "--format", "json", path)["resources"]


@cache
def checked(profile, *paths):
    return azmlint("check", "--exit-zero", "--profile", profile, "--format", "json", *paths)


def of_kind(path, kind):
    return [r for r in shown(path) if r["kind"] == kind]


def head_of(resource):
    """Give the first line of a resource: a template's address is its place."""
    return int(resource["address"].split(":")[0] or resource["start"]["line"])


def clusters_at(path, fact):
    """Find the clusters that are declared in a line: in that of the name, or just above."""
    return [
        c for c in of_kind(path, "compute cluster") if head_of(c) <= fact.line <= c["start"]["line"]
    ]


def folded(value):
    return str(value).lower().replace("_", "")


def stated(fact, text):
    """Spell an expected value as `show` does."""
    if re.fullmatch(r"\[.*\]", text):
        return "{" + text[1:-1] + "}"
    if fact == "ssh":
        return {"true": "enabled", "false": "disabled"}.get(text, text)
    return text


def names_of(fact):
    """Make a pattern that each name of a cluster has to match."""
    if not fact.values:
        return [".+"]
    patterns = []
    for value in fact.values:
        text = re.sub(r"^\[format\('(.*?)'.*\]$", r"\1", value)
        patterns.append(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)))
    return patterns


@pytest.mark.parametrize("row", expectations(), ids=lambda r: r["path"])
def test_every_located_fact_is_read(row):
    path = shipped(row)
    lines = path.read_text(encoding="utf-8").splitlines()

    for expected in row["clusters"]:
        name = parse(expected["name"])
        found = clusters_at(path, name)
        assert found, expected["name"]
        patterns = names_of(name)
        for index, cluster in enumerate(found):
            pattern = patterns[index % len(patterns)]
            assert re.fullmatch(pattern, cluster["name"]), (expected["name"], cluster["name"])
            for key, property_ in PROPERTIES.items():
                fact = parse(expected[key])
                value = cluster["properties"][property_]
                where = (cluster["name"], key, expected[key], value)
                assert (value["state"] == "absent") == fact.is_absent, where
                if fact.is_absent:
                    continue
                trace = [t["start"]["line"] for t in value["trace"]]
                assert fact.line is None or trace[0] == fact.line, where
                if fact.values:
                    wanted = stated(key, fact.values[index % len(fact.values)])
                    assert folded(value["text"]) == folded(wanted), where
                if fact.parameter is not None:
                    use = f"parameters('{fact.parameter}')"
                    assert any(use in lines[line - 1] for line in trace), where
                if not fact.has_default:
                    assert value["reason"] == f"parameter '{fact.parameter}' has no value here"
                if fact.functions:
                    used = tuple(re.findall(r"(\w+)\(", value["text"]))
                    assert value["state"] == "unknown", where
                    assert used[: len(fact.functions)] == fact.functions, where
                if fact.is_as_workspace:
                    regions = [
                        w["properties"]["location"]["text"] for w in of_kind(path, "workspace")
                    ]
                    assert value["text"] in regions, where
                if fact.ids is not None:
                    listed = cluster["properties"]["identity_ids"]
                    count, line = fact.ids
                    assert listed["trace"][0]["start"]["line"] == line
                    assert len(listed["text"].split(",")) == count


@pytest.mark.parametrize("row", expectations(), ids=lambda r: r["path"])
def test_mapped_rules_find_what_is_there_and_nothing_else(row):
    path = shipped(row)
    report = checked("strict", path)
    mapped = {rule for rules in RULES.values() for rule in rules}
    open_ = [f for f in report["findings"] if f["rule"] in mapped]

    for expected in row["clusters"]:
        names = {c["name"] for c in clusters_at(path, parse(expected["name"]))}
        for problem in expected["problems"]:
            code, line = re.fullmatch(r"(\S+)(?: \(line (\d+)\))?", problem).groups()
            hits = [
                f
                for f in open_
                if f["rule"] in RULES[code]
                and f["resource"]["name"] in names
                and (line is None or int(line) in {t["start"]["line"] for t in f["trace"]})
            ]
            assert hits, (expected["name"], problem)
            open_ = [f for f in open_ if f not in hits]
        assert set(expected["unsure"]) <= RULES.keys()
    assert row["file_problems"] == []
    assert not open_, [(f["rule"], f["message"]) for f in open_]


PLAN = "bridgecrewio__checkov/tests/terraform/runner/resources/plan_with_resource_reference"


def test_a_real_plan_is_read_with_its_references():
    plan = azmlint("show", "--format", "json", ROOT / "tfplan" / PLAN / "tfplan_extra_ref.json")

    found = {r["address"]: (r["kind"], r["name"]) for r in plan["resources"]}
    assert found["azurerm_resource_group.test"] == ("resource group", "test")
    assert found["azurerm_network_security_group.pass"] == ("network security group", "pass")
    assert plan["problems"] == []


@pytest.mark.parametrize("kind", NOISE)
def test_nothing_is_found_in_files_of_other_things(kind):
    report = checked("strict", ROOT / kind)

    assert [f for f in report["findings"] if f["rule"] != "file-not-read"] == []
    assert report["undecided"] == []
    assert report["failures"] == []


def test_a_file_of_a_kind_not_read_yet_says_so():
    report = checked("strict", ROOT / "ci-yaml")

    paths = {f["path"] for f in report["findings"] if f["rule"] == "file-not-read"}
    assert len(paths) == len(report["findings"]) > 0


def test_the_default_profile_says_little_of_an_ordinary_cluster():
    report = checked("default", *(ROOT / kind for kind in READ))
    every = [
        (str(path), c["name"])
        for kind in READ
        for path in sorted((ROOT / kind).rglob("*"))
        if path.suffix in {".yml", ".yaml", ".json"}
        for c in of_kind(path, "compute cluster")
        if c["exists"] is not False
    ]
    counts = {
        (path, name): sum(
            path.endswith(f["path"].lstrip("./")) and f["resource"]["name"] == name
            for f in report["findings"]
        )
        for path, name in every
    }

    assert len(counts) > 30
    assert statistics.median(counts.values()) <= 3


def test_nearly_every_value_that_rules_read_is_known_or_names_a_parameter():
    program = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "accuracy.py"))
    resources = program["resources_of"](program["files_below"](*(ROOT / kind for kind in READ)))

    states, _ = program["count_reads"](resources)
    written = states.total() - states["absent"]
    assert written > 1000
    assert states["invalid"] == 0
    assert states["known"] / written > 0.7
    named = states[program["PARAMETER"]] + states[program["SYMBOL"]]
    assert (states["known"] + named) / written >= 0.95
