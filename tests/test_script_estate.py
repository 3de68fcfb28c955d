"""The estate of scripts has the findings that its page lists; fixes change no more than values."""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from azmlint.cli import run

ESTATE = Path(__file__).parent.parent / "fixtures" / "estates" / "scripts"


def table(heading):
    """Read the rows below a heading of the page: path, line, resource, rule."""
    page = (ESTATE / "README.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    cells = ([cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines)
    return Counter((path, int(number), name, rule) for path, number, name, rule in cells)


def printed(*words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["check", "--now", "2026-11-24", *map(str, words)])
    assert code in {0, 1}, err.getvalue()
    return out.getvalue()


def check(*words):
    return json.loads(printed("--format", "json", *words))


def rows(report):
    return Counter(
        (f["path"], f["start"]["line"], f["resource"]["name"], f["rule"])
        for f in report["findings"]
    )


def test_the_default_profile_finds_what_the_page_lists():
    report = check(ESTATE)

    assert rows(report) == table("What the default profile finds")
    assert report["failures"] == report["skipped"] == []


def test_the_strict_profile_adds_what_the_page_lists():
    expected = table("What the default profile finds") + table("What the strict profile adds")

    assert rows(check("--profile", "strict", ESTATE)) == expected


def test_the_order_of_files_makes_no_difference():
    paths = sorted(p for p in ESTATE.rglob("*") if p.is_file())

    assert rows(check(*paths)) == rows(check(*reversed(paths)))


def test_the_password_is_shown_in_no_format():
    for name in ("text", "concise", "json", "sarif"):
        assert "Correct-Horse-7" not in printed("--format", name, "--profile", "strict", ESTATE)


def test_fixes_change_values_where_they_are_written(tmp_path):
    shutil.copytree(ESTATE, tmp_path / "estate")
    printed("--fix", tmp_path / "estate")

    changed = []
    for path in sorted(p for p in ESTATE.rglob("*") if p.is_file()):
        name = path.relative_to(ESTATE)
        old = path.read_text(encoding="utf-8").splitlines()
        new = (tmp_path / "estate" / name).read_text(encoding="utf-8").splitlines()
        changed += [
            (name.as_posix(), line[2:])
            for line in difflib.ndiff(old, new)
            if line.startswith(("- ", "+ "))
        ]
    assert changed == [
        (".github/workflows/retrain.yml", '        default: "1"'),
        (".github/workflows/retrain.yml", '        default: "0"'),
        ("env.sh", "IDLE_SECONDS=${IDLE_SECONDS:-1800}"),
        ("env.sh", "IDLE_SECONDS=${IDLE_SECONDS:-120}"),
        ("setup.sh", "az ml compute update -n batch --min-instances 1"),
        ("setup.sh", "az ml compute update -n batch --min-instances 0"),
    ]


@pytest.mark.posix
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_scripts_are_valid():
    for path in ESTATE.rglob("*.sh"):
        subprocess.run(["bash", "-n", path], check=True, timeout=20)
