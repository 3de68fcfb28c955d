"""A project on disk and the command line on it."""

from __future__ import annotations

import subprocess
from typing import NamedTuple

import pytest

from azmlint.cli import run

CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2  # warm
max_instances: 4
"""
CLEAN = CLUSTER.replace("min_instances: 2  # warm", "min_instances: 0")


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty git repository that is the working directory."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def azmlint(capsys):
    """Run a command and give exit code, standard output and standard error."""

    def call(*words):
        capsys.readouterr()
        code = run(list(words))
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return call


@pytest.fixture
def cluster(project):
    path = project / "cluster.yml"
    path.write_text(CLUSTER)
    return path


@pytest.fixture
def clean_text():
    return CLEAN
