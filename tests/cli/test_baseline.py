"""A baseline accepts what is there; `--diff-base` what was there before a change."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint.engine import baseline
from azmlint.engine.old_tree import old_tree
from azmlint.errors import ConfigError

NAME = "azmlint-baseline.json"
CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2
max_instances: 4
idle_time_before_scale_down: 120
"""
OTHER = CLUSTER.replace("name: train", "name: other")


def rules_in(result):
    return [f["rule"] for f in json.loads(result.out)["findings"]]


def places_in(result):
    return [(f["path"], f["rule"]) for f in json.loads(result.out)["findings"]]


@pytest.fixture
def cluster(project):
    path = project / "train.yml"
    path.write_text(CLUSTER)
    return path


@pytest.fixture
def check(azmlint):
    def run(*words, paths=(".",)):
        return azmlint("check", "--format", "json", *words, *paths)

    return run


@pytest.fixture
def accepted(cluster, azmlint):
    assert azmlint("baseline", "write").code == 0
    return cluster


def test_what_the_baseline_knows_is_suppressed(accepted, check):
    before = check()
    after = check("--baseline", NAME)

    assert (before.code, after.code) == (1, 0)
    data = json.loads(after.out)
    assert data["findings"] == []
    assert {s["by"] for s in data["suppressed"]} == {"baseline"}
    assert len(data["suppressed"]) == len(rules_in(before))


def test_a_finding_that_moves_stays_known(accepted, check):
    lines = CLUSTER.splitlines(keepends=True)
    accepted.write_text("".join(["# note\n\n", lines[0], *reversed(lines[1:])]))

    assert check("--baseline", NAME).code == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [("min_instances: 2", "min_instances: 3"), ("max_instances: 4", "max_instances: 5")],
)
def test_a_resource_that_changes_is_judged_anew(accepted, check, old, new):
    accepted.write_text(CLUSTER.replace(old, new))

    assert "min-nodes-above-zero" in rules_in(check("--baseline", NAME))


def test_a_second_one_of_the_same_kind_is_new(project, accepted, check):
    (project / "other.yml").write_text(OTHER)

    assert places_in(check("--baseline", NAME))[0] == ("other.yml", "min-nodes-above-zero")


def test_prune_takes_out_what_is_gone_and_adds_nothing(project, accepted, azmlint, check):
    (project / "other.yml").write_text(OTHER)
    accepted.write_text(CLUSTER.replace("min_instances: 2", "min_instances: 0"))

    told = check("--baseline", NAME).err
    assert "1 of the baseline's findings are gone: `azmlint baseline prune`" in told
    pruned = azmlint("baseline", "prune")

    assert pruned.err == f"azmlint: {NAME}: 1 finding taken out\n"
    assert "min-nodes-above-zero" not in Path(NAME).read_text()
    assert "other.yml" not in Path(NAME).read_text()
    assert check("--baseline", NAME).err == ""


def test_prune_leaves_what_it_does_not_look_at(project, accepted, azmlint):
    (project / "other.yml").write_text(OTHER)
    accepted.write_text(CLUSTER.replace("min_instances: 2", "min_instances: 0"))
    before = Path(NAME).read_bytes()

    for words in (["other.yml"], ["--select", "locks"]):
        assert (
            azmlint("baseline", "prune", *words).err == f"azmlint: {NAME}: 0 findings taken out\n"
        )
    assert Path(NAME).read_bytes() == before


def test_enforced_rules_are_in_no_baseline(project, cluster, azmlint, check):
    (project / "shared.toml").write_text('enforce = ["min-nodes-above-zero"]\n')
    (project / "azmlint.toml").write_text('extends = "shared.toml"\n')

    written = azmlint("baseline", "write")

    assert "1 finding of enforced rules cannot be accepted" in written.err
    assert rules_in(check("--baseline", NAME)) == ["min-nodes-above-zero"]


RULE = """
from azmlint import *


class Broken(Rule[ComputeCluster]):
    name = "broken"

    def check(self, cluster, estate):
        raise ValueError("not today")
        yield
"""


@pytest.fixture
def broken_pack(tmp_path_factory, monkeypatch):
    """A pack with a rule that fails on every cluster."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "broken_pack").mkdir()
    (folder / "broken_pack" / "__init__.py").write_text("")
    (folder / "broken_pack" / "broken.py").write_text(RULE)
    row = {
        **dict.fromkeys(("fixes", "formerly", "needs", "options", "supersedes", "uses"), ()),
        "class": "Broken",
        "module": "broken_pack.broken",
        "kind": "ComputeCluster",
        "family": "own",
        "severity": "warning",
        "summary": "It fails.",
        "help_uri": "",
        "judges": ["declared"],
        "security_severity": None,
    }
    index = {"version": 1, "rules": {"broken": row}}
    (folder / "broken_pack" / "index.json").write_text(json.dumps(index))
    monkeypatch.syspath_prepend(str(folder))
    return "broken_pack"


@pytest.mark.parametrize("verb", ["write", "prune"])
def test_nothing_is_written_of_a_run_that_is_incomplete(accepted, azmlint, broken_pack, verb):
    accepted.write_text(OTHER)
    before = Path(NAME).read_bytes()

    result = azmlint("baseline", verb, "--pack", broken_pack)

    assert result.code == 3
    assert "not today" in result.err
    assert Path(NAME).read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "the baseline is no JSON"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 2, "findings": []}', "not a baseline of version 1"),
        ('{"version": 1}', "`findings` is no list"),
        ('{"version": 1, "findings": [{"rule": "x"}]}', "finding 1 is none"),
    ],
)
def test_a_file_that_is_no_baseline_gets_one_line(cluster, check, text, said):
    Path(NAME).write_text(text)

    result = check("--baseline", NAME)

    assert result.code == 2
    assert result.err.count("\n") == 1
    assert said in result.err


def test_a_missing_baseline_is_named(cluster, check):
    result = check("--baseline", "none.json")

    assert (result.code, result.out) == (2, "")
    assert "none.json: the baseline cannot be read" in result.err


def test_a_baseline_does_not_let_a_secret_be_guessed(project, azmlint):
    text = CLUSTER + "ssh_settings:\n  admin_username: azureuser\n  admin_password: {}\n"
    written = []
    for secret in ("correct-horse", "another-horse"):
        (project / "train.yml").write_text(text.format(secret))
        azmlint("baseline", "write", "--profile", "strict")
        written.append(Path(NAME).read_text())

    assert "horse" not in written[0]
    assert written[0] == written[1]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
KEYS = st.builds(baseline.Key, *[TEXTS] * 6)


@settings(max_examples=100)
@given(there=st.dictionaries(KEYS, st.integers(1, 3), max_size=5))
def test_a_baseline_reads_back_as_it_was_written(there, tmp_path_factory):
    path = tmp_path_factory.mktemp("baseline") / NAME
    known = baseline.Known(there)
    path.write_text(baseline.written(known), encoding="utf-8")

    assert baseline.read(path) == known


def git(*words, cwd="."):
    name = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *name, *words], cwd=cwd, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def history(cluster):
    git("add", "-A")
    git("commit", "-qm", "first")
    git("branch", "-M", "main")
    git("checkout", "-qb", "change")
    return cluster


def test_only_what_the_change_introduces_is_reported(project, history, check):
    (project / "other.yml").write_text(OTHER)

    assert {path for path, _ in places_in(check("--diff-base", "main"))} == {"other.yml"}


def test_what_main_has_mended_meanwhile_is_not_the_changes_fault(project, history, check):
    git("checkout", "-q", "main")
    history.write_text(CLUSTER.replace("min_instances: 2", "min_instances: 0"))
    git("commit", "-qam", "mended")
    git("checkout", "-q", "change")

    assert rules_in(check("--diff-base", "main")) == []


def test_a_file_that_was_renamed_brings_nothing_new(project, history, check):
    (project / "ml").mkdir()
    git("mv", "train.yml", "ml/gpu.yml")

    assert rules_in(check("--diff-base", "main")) == []
    assert rules_in(check("--diff-base", "main", paths=["ml"])) == []
    assert rules_in(check("--diff-base", "main", paths=["ml/gpu.yml"])) == []


def test_an_ignore_that_is_taken_away_brings_its_finding(project, history, check):
    ignored = "min_instances: 2  # azmlint: ignore[min-nodes-above-zero] agreed"
    history.write_text(CLUSTER.replace("min_instances: 2", ignored))
    git("commit", "-qam", "ignored")
    git("branch", "-f", "main")
    history.write_text(CLUSTER)

    assert rules_in(check("--diff-base", "main")) == ["min-nodes-above-zero"]


def test_a_module_is_judged_as_it_was_with_its_caller(project, check):
    (project / "main.bicep").write_text(
        "module m 'm.bicep' = {\n  name: 'm'\n  params: { least: 1 }\n}\n"
    )
    (project / "m.bicep").write_text(
        "param least int = 0\n"
        "resource c 'Microsoft.MachineLearningServices/workspaces/computes@2024-04-01' = {\n"
        "  name: 'ws/c'\n  location: 'westeurope'\n  properties: {\n"
        "    computeType: 'AmlCompute'\n    properties: {\n"
        "      vmSize: 'Standard_D4s_v5'\n"
        "      scaleSettings: { minNodeCount: least, maxNodeCount: 4 }\n    }\n  }\n}\n"
    )
    git("add", "-A")
    git("commit", "-qm", "first")
    git("branch", "-M", "main")

    assert "min-nodes-above-zero" in rules_in(check())
    assert rules_in(check("--diff-base", "main")) == []
    text = (project / "main.bicep").read_text()
    (project / "main.bicep").write_text(text.replace("least: 1", "least: 2"))
    assert "min-nodes-above-zero" in rules_in(check("--diff-base", "main"))


def test_a_subfolder_that_is_the_root_is_compared_with_itself(project, history, check, monkeypatch):
    (project / "team").mkdir()
    (project / "team" / "azmlint.toml").write_text("")
    (project / "team" / "train.yml").write_text(CLUSTER)
    git("add", "-A")
    git("commit", "-qm", "team")
    git("branch", "-f", "main")
    monkeypatch.chdir(project / "team")

    assert rules_in(check("--diff-base", "main")) == []


@pytest.mark.parametrize("revision", ["none", "--output=x", "main:train.yml"])
def test_a_revision_that_is_not_there_gets_one_line(history, check, revision):
    result = check(f"--diff-base={revision}")

    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert revision in result.err


def test_outside_a_repository_it_says_so(tmp_path_factory, monkeypatch, check):
    monkeypatch.chdir(tmp_path_factory.mktemp("plain"))

    result = check("--diff-base", "main")

    assert result.code == 2
    assert "--diff-base main: " in result.err


def test_a_shallow_clone_is_told_what_to_fetch(
    project, history, check, tmp_path_factory, monkeypatch
):
    history.write_text(CLUSTER + "\n")
    git("commit", "-qam", "second")
    clone = tmp_path_factory.mktemp("clone") / "c"
    git("clone", "-q", "--depth", "1", "--no-single-branch", project.as_uri(), str(clone))
    monkeypatch.chdir(clone)

    result = check("--diff-base", "origin/main")

    assert result.code == 2
    assert "fetch the whole history" in result.err


@pytest.mark.posix
def test_an_old_link_leads_nowhere_outside(project, history, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.yml").write_text(CLUSTER)
    (project / "away").symlink_to(outside)
    (project / "near.yml").symlink_to("train.yml")
    git("add", "-A")
    git("commit", "-qm", "links")

    with old_tree(project, "HEAD") as old:
        assert not (old.root / "away").exists()
        assert (old.root / "near.yml").read_text() == CLUSTER
        root = old.root

    assert not root.exists()


@pytest.mark.posix
def test_no_filter_or_hook_of_a_repository_is_run(project, history):
    marker = project / "ran"
    (project / ".gitattributes").write_text("*.yml filter=own\n")
    git("config", "filter.own.smudge", f"touch {marker}")
    git("config", "core.fsmonitor", f"touch {marker}")
    hook = project / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    git("add", ".gitattributes")
    git("-c", "core.fsmonitor=false", "commit", "-qm", "filters")
    marker.unlink(missing_ok=True)

    with old_tree(project, "HEAD") as old:
        assert "train.yml" in old.paths

    assert not marker.exists()


def test_fixing_touches_only_what_is_new(project, history, azmlint):
    (project / "other.yml").write_text(OTHER)

    azmlint("check", "--diff-base", "main", "--fix")

    assert "min_instances: 2" in history.read_text()
    assert "min_instances: 0" in (project / "other.yml").read_text()


def test_a_name_that_leads_out_is_never_written(tmp_path):
    with pytest.raises(ConfigError), old_tree(tmp_path, "HEAD"):
        pass
