"""What docs/ci.md says works as it stands there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from azmlint.cli import run

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PIPELINES = [text for language, text in BLOCKS if language == "yaml"]
CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2
max_instances: 4
idle_time_before_scale_down: 120
"""


def lines(data):
    """Give the shell lines in a pipeline."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in {"run", "script"}:
                yield from value if isinstance(value, list) else value.splitlines()
            else:
                yield from lines(value)
    elif isinstance(data, list):
        for value in data:
            yield from lines(value)


def git(*words):
    name = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *name, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)
    git("init", "-q")
    (tmp_path / "train.yml").write_text(CLUSTER)
    git("add", "-A")
    git("commit", "-qm", "first")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    return tmp_path


COMMANDS = [
    line
    for text in PIPELINES
    for line in lines(yaml.safe_load(text))
    if line.startswith("azmlint ")
]


def test_there_is_a_pipeline_for_each_service():
    assert len(COMMANDS) == 3
    assert len(PIPELINES) == 4


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_of_a_pipeline_finds_and_writes(line, repository):
    words = shlex.split(line)[1:]

    assert run(words) == 1
    for target in (w.partition("=")[2] for w in words if "=" in w):
        assert "min-nodes" in (repository / target).read_text()


def test_a_complete_report_is_told_from_an_incomplete_one(repository):
    run(["check", "--output", "sarif=azmlint.sarif"])
    (line,) = [x for t in PIPELINES for x in lines(yaml.safe_load(t)) if x.startswith("python -c")]
    program = shlex.split(line)[2]

    def told():
        return subprocess.run([sys.executable, "-c", program], check=False).returncode

    assert told() == 0
    log = json.loads(Path("azmlint.sarif").read_text())
    log["runs"][0]["invocations"][0]["exitCode"] = 3
    Path("azmlint.sarif").write_text(json.dumps(log))
    assert told() == 1


def test_the_commands_for_a_repository_with_findings_do_what_is_said(repository):
    commands = [x for language, text in BLOCKS if language == "sh" for x in text.splitlines()]

    assert [run(shlex.split(line)[1:]) for line in commands] == [0, 0, 0, 0]
    (repository / "other.yml").write_text(CLUSTER.replace("name: train", "name: other"))
    assert [run(shlex.split(line)[1:]) for line in commands[1:]] == [1, 0, 1]


SCHEMAS = ("vendor.github-workflows", "vendor.azure-pipelines", "vendor.gitlab-ci", None)


@pytest.mark.oracles
@pytest.mark.parametrize(("text", "schema"), list(zip(PIPELINES, SCHEMAS, strict=True))[:3])
def test_a_pipeline_is_valid(text, schema, program, tmp_path):
    (tmp_path / "pipeline.yml").write_text(text)
    more = ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    more += ["--regex-variant", "python"] if "azure" in schema else []
    words = [program("check-jsonschema"), "--builtin-schema", schema, *more]

    subprocess.run([*words, str(tmp_path / "pipeline.yml")], check=True)


@pytest.mark.oracles
def test_the_workflow_is_secure(program, tmp_path):
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "azmlint.yml").write_text(PIPELINES[0])

    done = subprocess.run(
        [
            program("zizmor"),
            "--offline",
            "--min-severity",
            "medium",
            "--format",
            "json",
            str(folder),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    # Actions are named by version here, for readers; whoever copies it may pin them.
    found = [f["ident"] for f in json.loads(done.stdout) if f["ident"] != "unpinned-uses"]
    assert found == []
