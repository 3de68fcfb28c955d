"""`azmlint check` as a user calls it."""

from __future__ import annotations

import io
import json
import os
import sys

import pytest


def test_findings_end_with_one(azmlint, cluster):
    result = azmlint("check", "--format", "concise")

    assert result.code == 1
    assert result.out == (
        "cluster.yml:5:16: warning[min-nodes-above-zero] compute cluster 'train' keeps 2 nodes "
        "running and billed when no job needs them\n"
    )
    assert result.err == ""


def test_a_clean_project_ends_with_zero(azmlint, cluster, clean_text):
    cluster.write_text(clean_text)

    assert azmlint("check").code == 0


def test_an_empty_folder_is_clean(azmlint, project):
    assert azmlint("check").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--fail-on", "error"], 0),
        (["--fail-on", "none"], 0),
        (["--fail-on", "note"], 1),
        (["--exit-zero"], 0),
        (["--ignore", "min-nodes-above-zero"], 0),
        (["--ignore", "scale"], 0),
        (["--select", "locks"], 0),
        (["--select", "scale,locks"], 1),
        (["--min-severity", "error"], 1),
    ],
)
def test_options_decide_the_exit_code(azmlint, cluster, words, code):
    assert azmlint("check", *words).code == code


def test_the_format_never_changes_the_exit_code(azmlint, cluster):
    codes = {f: azmlint("check", "--format", f).code for f in ("text", "concise", "json", "sarif")}

    assert set(codes.values()) == {1}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["check", "missing.yml"], "missing.yml"),
        (["check", "--select", "min-node-above-zero"], "min-nodes-above-zero"),
        (["check", "--format", "xml"], "xml"),
        (["check", "--output", "json"], "FORMAT=PATH"),
        (["check", "-"], "--stdin-filename"),
        (["check", "--now", "tomorrow"], "tomorrow"),
        (["chekc"], "Did you mean 'check'"),
        (["explain", "min-nodes"], "min-nodes"),
        (["check", "--config", "none.toml"], "none.toml"),
        (["check", "--pack", "no_such_pack"], "no_such_pack"),
    ],
)
def test_wrong_usage_is_one_line_and_ends_with_two(azmlint, project, words, part):
    result = azmlint(*words)

    assert result.code in {2, 3}
    assert part in result.err
    assert "Traceback" not in result.err


def test_a_wrong_configuration_ends_with_two(azmlint, cluster, project):
    (project / "azmlint.toml").write_text("selct = []\n")
    result = azmlint("check")

    assert result.code == 2
    assert "select" in result.err


def test_options_of_rules_come_from_the_configuration(azmlint, cluster, project, clean_text):
    cluster.write_text(clean_text + "idle_time_before_scale_down: 1000\n")
    (project / "azmlint.toml").write_text("[rules.idle-timeout-too-long]\nseconds = 2000\n")

    assert azmlint("check").code == 0


def test_severities_come_from_the_configuration(azmlint, cluster, project):
    (project / "azmlint.toml").write_text('[rules.min-nodes-above-zero]\nseverity = "error"\n')

    assert azmlint("check", "--fail-on", "error").code == 1


def test_standard_input_is_read_under_a_name(azmlint, project, monkeypatch, cluster):
    text = cluster.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    result = azmlint("check", "-", "--stdin-filename", "other.yml", "--format", "concise")

    assert result.code == 1
    assert result.out.startswith("other.yml:5:16: ")


def test_fix_changes_only_the_value(azmlint, cluster):
    before = cluster.read_text()
    cluster.chmod(0o640)
    result = azmlint("check", "--fix")

    assert result.code == 0
    assert cluster.read_text() == before.replace("min_instances: 2", "min_instances: 0")
    assert os.name == "nt" or cluster.stat().st_mode & 0o777 == 0o640
    assert azmlint("check", "--fix").code == 0


def test_diff_writes_nothing(azmlint, cluster):
    before = cluster.read_text()
    result = azmlint("check", "--diff")

    assert cluster.read_text() == before
    assert "-min_instances: 2  # warm\n+min_instances: 0  # warm\n" in result.out


def test_unsafe_fixes_are_applied_only_when_asked_for(azmlint, cluster, clean_text):
    text = clean_text + "identity:\n  type: system_assigned,user_assigned\n"
    cluster.write_text(text)
    azmlint("check", "--fix")
    assert cluster.read_text() == text

    azmlint("check", "--fix", "--unsafe-fixes")

    assert cluster.read_text() == text.replace(",user_assigned", "")


def test_line_endings_stay(azmlint, cluster):
    cluster.write_bytes(cluster.read_bytes().replace(b"\n", b"\r\n"))
    azmlint("check", "--fix")

    assert b"min_instances: 0  # warm\r\n" in cluster.read_bytes()


def test_a_suppressed_finding_is_reported_as_such(azmlint, cluster):
    text = cluster.read_text()
    cluster.write_text(text.replace("# warm", "# azmlint: ignore[min-nodes-above-zero] warm pool"))
    result = azmlint("check", "--format", "json")
    data = json.loads(result.out)

    assert result.code == 0
    assert data["findings"] == []
    assert data["suppressed"][0]["reason"] == "warm pool"
    assert azmlint("check", "--no-ignores").code == 1


def test_add_ignore_writes_a_comment_that_counts(azmlint, cluster):
    azmlint("check", "--add-ignore", "min-nodes-above-zero", "--reason", "warm pool")
    result = azmlint("check")

    assert "# azmlint: ignore[min-nodes-above-zero] warm pool\n" in cluster.read_text()
    assert result.code == 0


def test_reports_are_written_beside_the_terminal(azmlint, cluster, project):
    result = azmlint("check", "--output", "sarif=out.sarif", "--output", "json=out.json")

    assert "min-nodes-above-zero" in result.out
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((project / "out.json").read_text())["summary"]["exit_code"] == 1


def test_undecided_results_are_told_and_can_fail(azmlint, project):
    (project / "c.yml").write_text(
        "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: ${{MIN}}\n"
    )

    assert azmlint("check").code == 0
    assert azmlint("check", "--undecided", "fail").code == 3
    assert "undecided" in azmlint("check").out
    assert "undecided" not in azmlint("check", "--undecided", "ignore").out


def test_the_workspace_beside_a_cluster_is_read_though_not_given(azmlint, project, cluster):
    (project / "workspace.yml").write_text(
        "$schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json\n"
        "name: ws\nlocation: westeurope\n"
    )
    cluster.write_text(cluster.read_text() + "location: northeurope\n")
    result = azmlint("check", "cluster.yml", "--format", "concise")

    assert "cluster-in-other-region" in result.out
    assert "workspace.yml" not in result.out


def test_the_configuration_describes_a_workspace(azmlint, project, cluster):
    (project / "azmlint.toml").write_text(
        '[[workspaces]]\npaths = ["*.yml"]\nname = "ws"\nlocation = "westeurope"\n'
    )
    cluster.write_text(cluster.read_text() + "location: northeurope\n")

    assert "cluster-in-other-region" in azmlint("check").out


def test_what_is_not_read_is_noted_once(azmlint, project):
    (project / "main.bicep").write_text(
        "resource c 'Microsoft.MachineLearningServices/workspaces/computes@2025-12-01' = {\n"
        "  name: 'ws/c'\n}\n"
    )
    result = azmlint("check", "--format", "concise")

    assert result.code == 0
    assert result.out.count("file-not-read") == 1


def test_skips_fail_when_asked_for(azmlint, cluster, project, clean_text):
    cluster.write_text(clean_text)
    (project / "binary.yml").write_bytes(b"\0amlcompute")

    assert azmlint("check").code == 0
    assert azmlint("check", "--fail-on-skip").code == 3


def test_the_same_bytes_give_the_same_bytes(azmlint, cluster, project):
    (project / "a").mkdir()
    (project / "a" / "other.yml").write_text(cluster.read_text())
    first = azmlint("check", "--format", "json").out

    assert azmlint("check", "--format", "json").out == first
    assert azmlint("check", "cluster.yml", "a", "--format", "json").out == first
    assert azmlint("check", "a", "cluster.yml", "--format", "json").out == first


def test_names_run_no_workflow_command(azmlint, project):
    (project / "c.yml").write_text(
        'name: "##vso[task.complete]\\e[31m"\ntype: amlcompute\nsize: s\nmin_instances: 1\n'
    )
    out = azmlint("check", "--format", "text").out

    assert "##vso[" not in out
    assert "\x1b" not in out


def test_a_password_never_reaches_a_report(azmlint, project):
    (project / "c.yml").write_text(
        "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\nssh_settings:\n"
        "  admin_username: me\n  admin_password: S3cretS3cret\n"
    )
    for form in ("text", "concise", "json", "sarif"):
        result = azmlint("check", "--profile", "strict", "--format", form)

        assert "ssh-password-in-file" in result.out
        assert "S3cretS3cret" not in result.out + result.err
    assert "S3cretS3cret" not in azmlint("show", "c.yml").out


@pytest.mark.parametrize(("words", "code"), [(["--select"], 1), (["--ignore"], 0)])
def test_a_file_that_cannot_be_read_is_told_unless_that_is_ignored(azmlint, project, words, code):
    (project / "a.yml").write_text("type: amlcompute\nname: [\n")
    name = "locks" if words == ["--select"] else "syntax-error"

    assert azmlint("check", *words, name).code == code
