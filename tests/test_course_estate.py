"""The notebooks of the course have the findings that their page lists; fixes do what it says."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from azmlint.cli import run

COURSE = Path(__file__).parent.parent / "fixtures" / "estates" / "course"
STYLES = {
    "1-python.ipynb": {"indent": 1, "ensure_ascii": False},
    "2-commands.ipynb": {"indent": "\t"},
    "3-older.ipynb": {},
}
"""How each notebook is laid out."""


def table(heading):
    """Read the rows below a heading of the page."""
    page = (COURSE / "README.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [tuple(c[1:-1].strip("`") for c in row.strip("|").split("|")) for row in rows]


def expected(*headings):
    return Counter(tuple(row[:5]) for heading in headings for row in table(heading))


def check(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run(["check", "--now", "2026-11-24", "--format", "json", *map(str, words)])
    assert code in {0, 1}
    return json.loads(out.getvalue())


def row(finding):
    cell = finding["cell"]
    number, line = (cell["number"], cell["line"]) if cell else ("-", finding["start"]["line"])
    name = finding["resource"]["name"]
    return (finding["path"], str(number), str(line), name, finding["rule"])


def cells(text):
    data = json.loads(text)
    return data["cells"] if "cells" in data else data["worksheets"][0]["cells"]


def source(cell):
    return "".join(cell["source" if "source" in cell else "input"])


def test_the_default_profile_finds_what_the_page_lists():
    report = check(COURSE)

    assert Counter(map(row, report["findings"])) == expected("What the default profile finds")
    assert report["failures"] == []
    skipped = [(s["path"], s["reason"].partition(": ")[2]) for s in report["skipped"]]
    assert skipped == table("What is skipped")


def test_the_strict_profile_adds_what_the_page_lists():
    report = check("--profile", "strict", COURSE)

    assert Counter(map(row, report["findings"])) == expected(
        "What the default profile finds", "What the strict profile adds"
    )
    (accepted,) = report["suppressed"]
    assert (accepted["resource"]["name"], accepted["by"]) == ("course-box", "comment")


def test_a_place_in_the_file_and_the_place_in_the_cell_are_the_same():
    for finding in check(COURSE)["findings"]:
        text = (COURSE / finding["path"]).read_text(encoding="utf-8")
        start, cell = finding["start"], finding["cell"]
        in_file = text.splitlines()[start["line"] - 1][start["column"] - 1 :]
        in_cell = source(cells(text)[cell["number"] - 1]).split("\n")[cell["line"] - 1]

        wanted = json.dumps(in_cell[cell["column"] - 1 :], ensure_ascii=False)[1:-1]
        assert in_file.startswith(wanted)


@pytest.mark.parametrize("ascii_only", [True, False])
def test_fixes_change_nothing_but_the_lines_that_the_page_lists(tmp_path, ascii_only):
    folder = tmp_path / "course"
    shutil.copytree(COURSE, folder)
    for name, style in STYLES.items():
        path = folder / "notebooks" / name
        data = json.loads(path.read_text(encoding="utf-8"))
        text = json.dumps(data, **{**style, "ensure_ascii": ascii_only})
        path.write_text(text, encoding="utf-8")
    before = {name: (folder / "notebooks" / name).read_text(encoding="utf-8") for name in STYLES}
    check("--fix", "--unsafe-fixes", folder)

    changes = []
    for name, style in STYLES.items():
        after = (folder / "notebooks" / name).read_text(encoding="utf-8")
        whole = json.loads(before[name])
        for number, (old, new) in enumerate(zip(cells(before[name]), cells(after), strict=True)):
            lines = Counter(source(new).split("\n")) - Counter(source(old).split("\n"))
            changes += [(f"notebooks/{name}", str(number + 1), line) for line in lines]
            if old != new:
                whole["cells"][number] = new
        assert json.dumps(whole, **{**style, "ensure_ascii": ascii_only}) == after
    assert changes == table("What fixes change")
