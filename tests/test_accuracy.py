"""Real files: what a careful reading found in them is read, judged and not exceeded."""

from __future__ import annotations

import io
import json
import os
import statistics
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import accuracy
import facts
import fetched
import pytest

from azmlint.cli import run

CORPUS = os.environ.get("AZMLINT_CORPUS", "")
FETCHED = os.environ.get("AZMLINT_FETCHED", "")
"""A folder in which benchmarks/fetched.py laid out what the corpus does not hold."""

pytestmark = pytest.mark.skipif(not CORPUS, reason="AZMLINT_CORPUS is not set")
ROOT = Path(CORPUS)

READ = facts.SHIPPED
NOISE = (
    "cli-yaml-noise",
    "arm-noise",
    "wire",
    "wire-derived",
    "wire-noise",
    "tfplan",
    "tfplan-noise",
)
"""Files in which nothing is to be found, or that are of a kind not read yet."""


REFUTED = {
    "python-v1/Azure__azureml-examples@73566b0/setup.py": (
        "gpu-V100-1",
        "gpu-V100-2",
        "gpu-V100-4",
    ),
}
"""Clusters that a file never creates: accuracy.md says of each why."""


def is_refuted(row, miss):
    return any(f"{name} @" in miss for name in REFUTED.get(row["path"], ()))


def expectations():
    if not CORPUS:
        return []
    return facts.expectations(ROOT, (*facts.SHIPPED, *facts.FETCHED))


def folder_of(row):
    """Find where the file of an entry is."""
    is_shipped = row["path"].split("/")[0] in facts.SHIPPED
    folder = ROOT if is_shipped else Path(FETCHED)
    if not is_shipped and not FETCHED:
        pytest.skip("AZMLINT_FETCHED is not set")
    if is_shipped and not (folder / row["path"]).exists():
        pytest.skip("the corpus does not hold this file")
    return folder


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


@pytest.mark.parametrize("row", expectations(), ids=lambda r: r["path"])
def test_every_located_fact_is_read(row):
    with facts.opened(folder_of(row), row["path"]) as file:
        compared = facts.compare_facts(file, row)

    assert [m for m in compared.misses if not is_refuted(row, m)] == []
    assert len(compared.misses) == len(REFUTED.get(row["path"], ()))


@pytest.mark.parametrize("row", expectations(), ids=lambda r: r["path"])
def test_mapped_rules_find_what_is_there_and_nothing_else(row):
    with facts.opened(folder_of(row), row["path"]) as file:
        compared = facts.compare_problems(file, row)

    assert [m for m in compared.misses if not is_refuted(row, m)] == []


PLAN = "bridgecrewio__checkov/tests/terraform/runner/resources/plan_with_resource_reference"


def test_a_real_plan_is_read_with_its_references():
    plan = azmlint("show", "--format", "json", ROOT / "tfplan" / PLAN / "tfplan_extra_ref.json")

    found = {r["address"]: (r["kind"], r["name"]) for r in plan["resources"]}
    assert found["azurerm_resource_group.test"] == ("resource group", "test")
    assert found["azurerm_network_security_group.pass"] == ("network security group", "pass")
    assert plan["problems"] == []


OPEN = "attached-spark-pipeline-user-identity.yml"
"""Its step runs as its user and reads a datastore that no file declares: whether that has
credentials is open, and said so."""


@pytest.mark.parametrize("kind", NOISE)
def test_nothing_is_found_in_files_of_other_things(kind):
    report = checked("strict", ROOT / kind)

    assert [f for f in report["findings"] if f["rule"] != "file-not-read"] == []
    assert [u for u in report["undecided"] if not u["path"].endswith(OPEN)] == []
    assert report["failures"] == []


@pytest.mark.skipif(not FETCHED, reason="AZMLINT_FETCHED is not set")
def test_nothing_is_found_in_fetched_files_of_other_things():
    entries = [e for e in fetched.entries(ROOT) if e.kind.endswith("-noise")]
    noise = [e for e in entries if (Path(FETCHED) / e.path).exists()]

    assert len(noise) > 120
    assert [m for e in noise for m in facts.noise_in(Path(FETCHED), e.path, e.facts)] == []


def test_pipelines_create_what_they_say():
    report = checked("default", ROOT / "ci-yaml")

    found = {
        (f["path"].rpartition("/")[2], f["start"]["line"], f["rule"]) for f in report["findings"]
    }
    assert found == {
        ("azureml.yml", 38, "cli-v1-used"),
        ("azureml.yml", 42, "idle-timeout-too-long"),
        ("diabetes_regression-ci-yml-pipeline.yml", 44, "cli-v1-used"),
        ("diabetes_regression-ci-yml-pipeline.yml", 51, "idle-timeout-too-long"),
    }
    assert report["failures"] == []


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
    resources = accuracy.resources_of(accuracy.files_below(*(ROOT / kind for kind in READ)))

    states, _ = accuracy.count_reads(resources)
    written = states.total() - states["absent"]
    assert written > 1000
    assert states["invalid"] == 0
    assert states["known"] / written > 0.7
    named = states[accuracy.PARAMETER] + states[accuracy.SYMBOL]
    assert (states["known"] + named) / written >= 0.95
