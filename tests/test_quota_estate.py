"""The estate with quotas is as its page says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from azmlint.cli import run
from azmlint.sources.snapshot import dump, read

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "fixtures" / "estates" / "contoso-quota"
ESTATE = FOLDER / "estate.json"
SCHEMA = json.loads((ROOT / "docs" / "snapshot.schema.json").read_text("utf-8"))


@pytest.fixture
def told(capsys, tmp_path, monkeypatch):
    """Run a command on the estate and give its JSON."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        capsys.readouterr()
        run([*words, "--snapshot", str(ESTATE), "--format", "json"])
        return json.loads(capsys.readouterr().out)

    return call


def planted():
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    section = page.partition("\n## What is wrong\n")[2]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return Counter(tuple(c.strip() for c in row.strip("|").split("|")[:2]) for row in rows)


def test_everything_planted_is_found_and_everything_found_is_planted(told):
    findings = told("audit", "--select", "quota", "--profile", "default")["findings"]

    serious = [f for f in findings if f["severity"] != "note"]
    assert Counter((f["resource"]["name"], f["rule"]) for f in serious) == planted()


def test_a_family_that_is_selected_tells_its_notes_too(told):
    findings = told("audit", "--select", "quota")["findings"]

    notes = {(f["resource"]["name"], f["rule"]) for f in findings if f["severity"] == "note"}
    assert notes == {
        ("demo", "hidden-consumers"),
        ("demo", "quota-unknown"),
        ("probe", "quota-unknown"),
    }


def test_the_refused_cluster_is_diagnosed_by_its_quota(told):
    data = told("diagnose", "mlw-trial/probe")

    first = data["causes"][0]
    assert first["finding"]["rule"] == "no-quota-for-one-node"
    assert first["code"] == "ClusterMinNodesExceedCoreQuota"


def test_a_quota_that_the_service_names_and_nothing_shows_is_told(told):
    data = told("diagnose", "mlw-text/finetune")

    assert [c["code"] for c in data["causes"]][:1] == ["ClusterCoreQuotaReached"]
    assert data["causes"][0]["finding"]["rule"] == "workspace-quota-shortfall"


def test_the_file_is_valid_and_as_azmlint_writes_it():
    raw = ESTATE.read_text("utf-8")

    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(raw))
    lines = dump(read(raw.encode(), "estate.json")).splitlines()
    assert [x for x in lines if "generator" not in x] == [
        x for x in raw.splitlines() if "generator" not in x
    ]
