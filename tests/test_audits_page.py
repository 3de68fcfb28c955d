"""Whoever follows `docs/audits.md` literally gets what it says."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml
from arm_server import ArmServer, World
from machine import Machine
from receiver import Receiver

from azmlint.history.template import _SAMPLE, _values, _values_of

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "audits.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Follow the page from its first command to its last, in a clone."""
    with ArmServer() as arm, Receiver() as receiver:
        arm.reset(World(subscriptions=3, workspaces=4))
        machine = Machine(tmp_path_factory.mktemp("followed"), arm)
        for name in ("fixtures", "examples"):
            (machine.folder / name).symlink_to(ROOT / name)
        done = [
            (line, machine.run(line, "bash", WEBHOOK=receiver.url, NO_COLOR="1"))
            for block in blocks("sh")
            for line in block.splitlines()
        ]
        yield machine.folder, dict(done), receiver


@pytest.mark.posix
def test_every_command_ends_well(followed):
    _, done, _ = followed

    assert len(done) > 15
    assert [line for line, ran in done.items() if ran.returncode != 0] == []
    assert not [ran.stderr for ran in done.values() if "failed" in ran.stderr]


@pytest.mark.posix
def test_the_estate_to_try_has_its_gap(followed):
    folder, done, _ = followed
    first, *_ = [line for line in done if "--history audits.db ||" in line]
    listed = next(ran for line, ran in done.items() if line.startswith("azmlint history list"))

    assert "azmlint: run 1: 11 new" in done[first].stderr
    assert "incomplete" in listed.stdout
    assert json.loads((folder / "role.json").read_text())["Actions"]


@pytest.mark.posix
def test_what_is_shown_is_written(followed):
    folder, done, _ = followed
    text = (folder / "open.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    data = json.loads((folder / "history.json").read_text())

    assert ET.parse(folder / "trend.svg").getroot().tag.endswith("svg")
    assert {row["status"] for row in rows} == {"open"}
    assert {"findings", "runs", "events"} < set(data)
    trend = next(ran.stdout for line, ran in done.items() if "--rule locks" in line)
    assert trend.splitlines()[0].endswith((" audit", " audits"))


@pytest.mark.posix
def test_parts_find_what_the_whole_found(followed):
    folder, done, _ = followed
    last = [ran.stderr for line, ran in done.items() if "--shard" in line and "audit" in line]

    assert json.loads(subprocess.check_output(["gzip", "-dc", folder / "estate.json.gz"]))
    assert all("nothing changed" in text for text in last)


@pytest.mark.posix
def test_numbers_named_are_written(followed):
    folder, _, _ = followed
    named = set(re.findall(r"`(azmlint_[a-z_]+)`", PAGE)) - {
        "azmlint_run", "azmlint_finding", "azmlint_event", "azmlint_shape", "azmlint_changes",
    }  # fmt: skip
    written = set(
        re.findall(r"^(azmlint_\w+)", (folder / "azmlint.prom").read_text(), re.MULTILINE)
    )

    assert named == written
    assert set(re.findall(r"azmlint_[a-z_]+", "".join(blocks("yaml")))) <= written


@pytest.mark.posix
def test_others_are_told_only_when_something_changed(followed):
    # All that there is was told to nobody before --notify, so nothing is news.
    _, done, receiver = followed

    assert sum("--notify" in line for line in done) == 2
    assert receiver.posts == []


def test_the_signature_is_checked_as_shown(monkeypatch):
    (shown,) = blocks("python")
    names = {}
    exec(shown, names)  # the page's own example
    from azmlint.history.notify import Hook  # noqa: PLC0415

    with Receiver() as receiver:
        Hook(receiver.url, "hunter2").send(b'{"a": 1}')
    (post,) = receiver.posts

    check, header = names["is_from_azmlint"], post.headers["X-Azmlint-Signature-256"]
    assert check(post.body, header, "hunter2")
    assert not check(post.body + b" ", header, "hunter2")


def test_every_hole_of_a_template_is_named():
    named = set(re.findall(r"`\$\{([a-z_]+)\}`", PAGE)) - {"name", "left"}
    known = {*_values(_SAMPLE), *_values_of(_SAMPLE["changes"][0])}

    assert named | {"name"} == known


def test_every_ready_file_is_in_the_table():
    linked = set(re.findall(r"\]\(\.\./((?:examples/|action)[^)]*)\)", PAGE))
    files = {
        p.relative_to(ROOT).as_posix()
        for p in [ROOT / "action.yml", *(ROOT / "examples").rglob("*")]
        if p.is_file()
    }

    assert files <= linked
    assert all((ROOT / name).exists() for name in linked)


@pytest.mark.oracles
def test_the_alerts_are_rules_of_prometheus(tmp_path, program):
    (shown,) = blocks("yaml")
    (tmp_path / "rules.yml").write_text(shown)
    done = subprocess.run(
        [program("promtool"), "check", "rules", tmp_path / "rules.yml"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert yaml.safe_load(shown)["groups"]
    assert done.returncode == 0, done.stdout + done.stderr
