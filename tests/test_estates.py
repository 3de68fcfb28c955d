"""The estates are as their pages say, and fixes do to them what was announced, and no more."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from azmlint.cli import run
from azmlint.engine.packs import BUILT_IN, index_of

ROOT = Path(__file__).parent.parent
CONTOSO = ROOT / "fixtures" / "estates" / "contoso"
CLEAN = ROOT / "fixtures" / "estates" / "clean"
CASES = ROOT / "fixtures" / "rules"
FAMILIES = {name: row["family"] for name, row in index_of(BUILT_IN)["rules"].items()}


class Row(NamedTuple):
    """One finding, as a page or a report states it."""

    path: str
    resource: str
    rule: str


def table(heading):
    """Read the rows below a heading of the Contoso page."""
    page = (CONTOSO / "README.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


def rows(findings):
    return Counter(Row(f["path"], f["resource"]["name"], f["rule"]) for f in findings)


def azmlint(*words):
    """Run a command and give what it printed; it has to end with 0 or 1."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(word) for word in words])
    assert code in {0, 1}, err.getvalue()
    return out.getvalue()


def check(*words):
    """Check paths and give the JSON report."""
    return json.loads(azmlint("check", "--format", "json", *words))


def test_everything_planted_is_found_and_everything_found_is_planted():
    report = check(CONTOSO)

    assert rows(report["findings"]) == Counter(Row(*r[:3]) for r in table("What is wrong"))
    assert report["failures"] == report["skipped"] == []
    assert report["summary"]["complete"]


def test_what_is_accepted_is_reported_with_its_reason():
    suppressed = check(CONTOSO)["suppressed"]

    assert rows(suppressed) == Counter(Row(*r[:3]) for r in table("What is accepted"))
    assert all(s["reason"] for s in suppressed)


def test_every_other_resource_is_listed_as_right():
    report = check(CONTOSO)
    wrong = {r[:2] for r in rows(report["findings"] + report["suppressed"])}
    read = Counter(
        (resource["path"], resource["name"])
        for path in [*CONTOSO.rglob("*.yml"), *CONTOSO.rglob("*.json")]
        for resource in json.loads(azmlint("show", "--format", "json", path))["resources"]
        if resource["kind"] != "declaration"
    )

    listed = Counter(
        (path, name) for path, names in table("What is right") for name in names.split(", ")
    )
    assert listed == Counter({key: n for key, n in read.items() if key not in wrong})
    assert listed.total() >= len(table("What is wrong"))


def test_contoso_is_an_estate_worth_showing():
    files = [p for p in CONTOSO.rglob("*") if p.suffix in {".yml", ".json", ".toml"}]
    rules = {row[2] for row in table("What is wrong")}

    assert len(files) >= 12
    assert len(rules) >= 15
    wanted = {"locks", "scale", "region", "network", "identity", "size", "access", "tooling"}
    assert wanted <= {FAMILIES[rule] for rule in rules}


def test_the_clean_estate_has_nothing_to_report():
    report = check(CLEAN)

    assert report["findings"] == report["suppressed"] == report["undecided"] == []
    assert report["failures"] == report["skipped"] == []
    assert report["summary"]["exit_code"] == 0
    kinds = {
        resource["kind"]
        for path in [*CLEAN.rglob("*.yml"), *CLEAN.rglob("*.json")]
        for resource in json.loads(azmlint("show", "--format", "json", path))["resources"]
    }
    assert {"workspace", "compute cluster", "compute instance", "lock", "subnet"} <= kinds


def git(folder, *words):
    settings = ["core.autocrlf=false", "user.name=x", "user.email=x@x.invalid"]
    options = [word for setting in settings for word in ("-c", setting)]
    done = subprocess.run(["git", *options, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode()


def contoso_copy(folder):
    shutil.copytree(CONTOSO, folder, dirs_exist_ok=True)


def contoso_with_carriage_returns(folder):
    contoso_copy(folder)
    for path in [*folder.rglob("*.yml"), *folder.rglob("*.json")]:
        path.write_bytes(path.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r\n"))


PARTS = 8
"""Into how many projects the cases of rules are divided: each round of fixes judges a whole one."""


def rule_inputs(folder, part):
    for case in sorted(p.parent for p in CASES.glob("*/*/expected.txt"))[part::PARTS]:
        for path in sorted(case.rglob("*")):
            inside = path.relative_to(case)
            if path.is_file() and inside.parts[0] != "fixed" and path.name != "expected.txt":
                target = folder / path.relative_to(CASES)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)


class Fixed(NamedTuple):
    """A repository before and after `--fix --unsafe-fixes`."""

    folder: Path
    before: dict
    """The report before."""

    told: dict
    """The report of the run that fixed."""

    diff: str
    modes: tuple[dict, dict]


def modes(folder):
    return {
        p.relative_to(folder).as_posix(): p.stat().st_mode
        for p in folder.rglob("*")
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    }


@pytest.fixture(
    scope="module",
    params=[
        contoso_copy,
        contoso_with_carriage_returns,
        *(partial(rule_inputs, part=part) for part in range(PARTS)),
    ],
    ids=lambda copy: getattr(copy, "__name__", "rule_inputs"),
)
def fixed(request, tmp_path_factory):
    """A committed copy of fixtures, fixed; every other file has an unusual mode."""
    folder = tmp_path_factory.mktemp("repository")
    request.param(folder)
    for index, name in enumerate(sorted(modes(folder))):
        (folder / name).chmod((0o644, 0o750)[index % 2])
    git(folder, "init", "-q")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "before")
    old = modes(folder)
    before = check("--profile", "strict", folder)
    told = check("--profile", "strict", "--fix", "--unsafe-fixes", folder)
    return Fixed(folder, before, told, git(folder, "diff", "-U0"), (old, modes(folder)))


def is_applied(finding, folder):
    """Whether the first fix that `--unsafe-fixes` may apply can be applied to these files."""
    fixes = [f for f in finding["fixes"] if f["applicability"] in {"safe", "unsafe"} and f["edits"]]
    return bool(fixes) and all((folder / e["path"]).is_file() for e in fixes[0]["edits"])


def test_a_second_run_shows_none_of_the_fixed_findings(fixed):
    after = check("--profile", "strict", fixed.folder)

    announced = {f["fingerprint"] for f in fixed.before["findings"] if is_applied(f, fixed.folder)}
    left = [f for f in after["findings"] if f["fingerprint"] in announced]
    assert announced
    # Closing a workspace would cut off a cluster that is in no network; leaving storage and
    # registry to identities, one that has none.
    cut_off = {"workspace-public-access", "datastore-key-auth", "acr-admin-enabled"}
    assert {f["rule"] for f in left} <= cut_off
    assert after["findings"] == fixed.told["findings"]
    assert after["failures"] == []


def test_fixes_bring_no_error(fixed):
    before, after = (
        {f["fingerprint"] for f in report["findings"] if f["severity"] == "error"}
        for report in (fixed.before, fixed.told)
    )

    assert after < before


def test_a_third_run_changes_nothing(fixed):
    check("--profile", "strict", fixed.folder)
    check("--profile", "strict", "--fix", "--unsafe-fixes", fixed.folder)

    assert fixed.diff
    assert git(fixed.folder, "diff", "-U0") == fixed.diff


def named_lines(report):
    """Give the lines, by path, that findings, their origins and the edits of fixes name."""
    places = [
        place
        for finding in report["findings"]
        for place in [
            finding,
            *finding["trace"],
            *(edit for fix in finding["fixes"] for edit in fix["edits"]),
        ]
    ]
    lines = {}
    for place in places:
        span = range(place["start"]["line"], place["end"]["line"] + 1)
        lines.setdefault(place["path"], set()).update(span)
    return lines


def touched(diff):
    """Give path, old lines and whether they are replaced, hunk by hunk of a diff without context.

    What is only added has no old lines of its own: it stands between the two that are given.
    """
    path = ""
    for line in diff.splitlines():
        if line.startswith("--- "):
            path = line.removeprefix("--- a/")
        elif hunk := re.match(r"@@ -(\d+)(?:,(\d+))? ", line):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            yield path, set(range(start, start + (count or 2))), count > 0


def test_only_lines_that_were_named_are_touched(fixed):
    named = named_lines(fixed.before)

    for path, lines, is_replaced in touched(fixed.diff):
        strangers = lines - named.get(path, set())
        assert strangers == set() if is_replaced else strangers != lines, (path, lines)


def test_file_modes_are_kept(fixed):
    before, after = fixed.modes

    assert after == before


def test_line_endings_are_kept(tmp_path):
    contoso_with_carriage_returns(tmp_path)
    check("--fix", "--unsafe-fixes", tmp_path)

    for path in [*tmp_path.rglob("*.yml"), *tmp_path.rglob("*.json")]:
        raw = path.read_bytes()
        assert raw.count(b"\n") == raw.count(b"\r\n"), path


def test_order_of_arguments_and_hash_seed_change_no_byte(tmp_path):
    paths = sorted(str(p) for p in CONTOSO.rglob("*") if p.suffix in {".yml", ".json"})
    shuffled = random.Random(1).sample(paths, len(paths))
    results = []
    for index, (seed, order) in enumerate(
        [("0", paths), ("1", paths), ("2", paths[::-1]), ("3", shuffled)]
    ):
        out = tmp_path / str(index)
        out.mkdir()
        reports = [f"--output={form}={out / form}" for form in ("text", "json", "sarif")]
        done = subprocess.run(
            [sys.executable, "-m", "azmlint", "check", *reports, *order],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        results.append(
            [done.returncode, done.stdout, *(p.read_bytes() for p in sorted(out.iterdir()))]
        )

    assert results[0][0] == 1
    assert results[1:] == results[:1] * 3


@pytest.mark.parametrize("where", [".", "compute/fraud", "infra/security"])
@pytest.mark.parametrize("is_absolute", [True, False])
def test_where_it_runs_and_how_paths_are_written_change_nothing(monkeypatch, where, is_absolute):
    monkeypatch.chdir(ROOT)
    expected = check("fixtures/estates/contoso")
    monkeypatch.chdir(CONTOSO / where)

    assert check(CONTOSO if is_absolute else os.path.relpath(CONTOSO)) == expected


@pytest.mark.parametrize("part", ["compute/lab", "compute/hub", "infra/forecast", "churn"])
def test_a_folder_that_stands_alone_has_the_findings_it_has_in_the_whole(monkeypatch, part):
    whole = rows(check(CONTOSO)["findings"])
    monkeypatch.chdir(CONTOSO / part)

    inside = Counter({row: n for row, n in whole.items() if row.path.startswith(f"{part}/")})
    assert rows(check()["findings"]) == inside


def test_no_fix_is_trusted_further_than_the_list_of_rules_says(fixed):
    rules = index_of(BUILT_IN)["rules"]
    offered = {
        (f["rule"], fix["applicability"])
        for f in fixed.before["findings"]
        for fix in f["fixes"]
        # What no edit can do, as the value is computed, is only displayed.
        if f["rule"] in rules and fix["applicability"] != "display"
    }

    assert offered
    assert {(rule, kind) for rule, kind in offered if kind not in rules[rule]["fixes"]} == set()
