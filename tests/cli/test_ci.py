"""`--format auto` speaks to the CI system that it runs in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2
max_instances: 4
"""
VARIABLES = (
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "TF_BUILD",
    "AGENT_TEMPDIRECTORY",
    "GITLAB_CI",
)


@pytest.fixture(autouse=True)
def cluster(project, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    (project / "train.yml").write_text(CLUSTER)


def test_github_gets_annotations_and_a_summary(azmlint, monkeypatch, tmp_path_factory):
    summary = tmp_path_factory.mktemp("step") / "summary.md"
    summary.write_text("# An earlier command of the step\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    code, out, _ = azmlint("check", "--format", "auto")

    assert code == 1
    assert re.search(r"^::warning title=min-nodes\S*,file=train.yml,line=5,", out, re.MULTILINE)
    text = summary.read_text()
    assert text.startswith("# An earlier command of the step\n## azmlint: ")
    assert "| train.yml:5 |" in text


@pytest.mark.parametrize("there", [1024 * 1024 - 300, 1024 * 1024, 1024 * 1024 + 5])
def test_a_step_summary_never_grows_beyond_what_github_takes(azmlint, monkeypatch, there):
    summary = Path("summary.md")
    summary.write_text("x" * (there - 1) + "\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    azmlint("check", "--format", "auto", "train.yml")

    assert summary.stat().st_size <= max(there, 1024 * 1024)


def test_a_summary_that_cannot_be_written_is_no_reason_to_fail(azmlint, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(Path("no-such-folder") / "summary.md"))

    code, out, err = azmlint("check", "--format", "auto")

    assert code == 1
    assert "::warning " in out
    assert "azmlint: the summary is not written: " in err


def test_azure_pipelines_gets_issues_and_a_summary(azmlint, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("agent")
    monkeypatch.setenv("TF_BUILD", "True")
    monkeypatch.setenv("AGENT_TEMPDIRECTORY", str(folder))

    code, out, _ = azmlint("check", "--format", "auto")

    assert code == 1
    assert "##vso[task.logissue type=warning;sourcepath=train.yml;linenumber=5;" in out
    (path,) = re.findall(r"^##vso\[task.uploadsummary\](.+)$", out, re.MULTILINE)
    assert Path(path).parent == folder
    assert Path(path).read_text().startswith("## azmlint: ")


def test_elsewhere_it_is_text(azmlint, monkeypatch):
    monkeypatch.setenv("GITLAB_CI", "true")

    assert azmlint("check", "--format", "auto").out == azmlint("check").out
