"""Audits of an estate as the days go by."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from azmlint.cli import run


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AZMLINT_HISTORY", raising=False)
    return tmp_path


@pytest.fixture
def azmlint(capsys, folder):
    def call(*words):
        capsys.readouterr()
        code = run([str(word) for word in words])
        return Result(code, *capsys.readouterr())

    return call


@pytest.fixture
def audit(azmlint, folder):
    """Audit an estate into the history `audits.db`."""

    def call(estate, *words):
        (folder / "estate.json").write_text(json.dumps(estate.data), encoding="utf-8")
        return azmlint("audit", "--snapshot", "estate.json", "--history", "audits.db", *words)

    return call
