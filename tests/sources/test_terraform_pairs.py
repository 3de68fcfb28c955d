"""Two texts that say the same have the same findings, whatever their languages."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from azmlint.cli import run

PAIRS = sorted((Path(__file__).parents[2] / "fixtures" / "sources" / "terraform").iterdir())
OF_THE_TOOL = {"terraform-provider-recreates", "terraform-cross-region-recreate"}


def findings(folder, *names):
    """Give the findings of files that stand alone in a folder."""
    out = io.StringIO()
    with redirect_stdout(out):
        run(["check", "--profile", "strict", "--format", "json", *(str(folder / n) for n in names)])
    report = json.loads(out.getvalue())
    assert report["failures"] == []
    return report["findings"]


def alone(pair, name, folder):
    folder.mkdir()
    shutil.copyfile(pair / name, folder / name)
    (folder / "azmlint.toml").touch()
    return findings(folder, name)


def said(rows):
    """Say which rule found something of which resource; what a loop repeats is told as related."""
    found = Counter()
    for row in rows:
        if row["rule"] in OF_THE_TOOL:
            continue
        label = f"{row['resource']['kind']} '{row['resource']['name']}'"
        repeated = [r["message"][5:] for r in row["related"] if r["message"].startswith("also ")]
        found.update((row["rule"], row["severity"], name) for name in [label, *repeated])
    return found


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: p.name)
def test_both_have_the_same_findings(pair, tmp_path):
    other = next(p.name for p in pair.iterdir() if p.suffix == ".json")
    ours = alone(pair, "main.tf", tmp_path / "terraform")
    theirs = alone(pair, other, tmp_path / "other")

    assert said(ours)
    assert said(ours) == said(theirs)


def test_a_plan_beside_its_configuration_is_found_at_its_lines(tmp_path):
    pair = next(p for p in PAIRS if p.name == "plan")
    both = tmp_path / "both"
    shutil.copytree(pair, both)
    (both / "azmlint.toml").touch()
    alone_ = alone(pair, "main.tf", tmp_path / "alone")
    together = findings(both, "main.tf", "plan.json")

    assert [(f["rule"], f["path"], f["start"]) for f in together] == [
        (f["rule"], f["path"], f["start"]) for f in alone_
    ]
