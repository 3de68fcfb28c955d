"""The samples of the article have the findings that their page lists; fixes do what they say."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from azmlint.cli import run

ARTICLE = Path(__file__).parent.parent / "fixtures" / "estates" / "article"


def table(heading):
    """Read the rows below a heading of the page: path, line, resource, rule."""
    page = (ARTICLE / "README.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    cells = ([cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines)
    return Counter((path, int(number), name, rule) for path, number, name, rule, *_ in cells)


def check(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run(["check", "--now", "2026-11-24", "--format", "json", *map(str, words)])
    assert code in {0, 1}
    return json.loads(out.getvalue())


def rows(report):
    return Counter(
        (f["path"], f["start"]["line"], f["resource"]["name"], f["rule"])
        for f in report["findings"]
    )


def test_the_default_profile_finds_what_the_page_lists():
    report = check(ARTICLE)

    assert rows(report) == table("What the default profile finds")
    assert report["failures"] == report["skipped"] == []


def test_the_strict_profile_adds_what_the_page_lists():
    expected = table("What the default profile finds") + table("What the strict profile adds")

    assert rows(check("--profile", "strict", ARTICLE)) == expected


def test_every_sample_of_the_article_is_there():
    samples = {p.stem for p in ARTICLE.rglob("*.py")}

    assert {
        "create_or_reuse",
        "low_priority",
        "system_assigned",
        "user_assigned",
        "add_identity",
        "token",
    } <= samples


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_fixes_change_nothing_but_the_lines_they_name(tmp_path, ending):
    folder = tmp_path / "article"
    shutil.copytree(ARTICLE, folder)
    for path in folder.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", ending.encode()))
    before = {p: p.read_bytes().decode().split(ending) for p in folder.rglob("*.py")}
    report = check("--fix", "--unsafe-fixes", folder)

    after = {p: p.read_bytes().decode().split(ending) for p in before}
    changes = {
        (path.name, line.strip())
        for path, lines in after.items()
        for line in (Counter(lines) - Counter(before[path]))
    }
    call = 'settings = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", max_nodes=4'
    assert changes == {
        ("create_or_reuse.py", f"{call}, idle_seconds_before_scaledown=120)"),
        ("low_priority.py", "idle_seconds_before_scaledown=120,"),
        ("system_assigned.py", "idle_seconds_before_scaledown=120,"),
        ("user_assigned.py", "idle_seconds_before_scaledown=120,"),
        ("create.py", "min_instances=0,"),
        ("create.py", "cluster.idle_time_before_scale_down = 120"),
    }
    fixed = {"idle-timeout-too-long", "min-nodes-above-zero"}
    assert not fixed & {f["rule"] for f in report["findings"]}
