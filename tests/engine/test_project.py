"""A project on disk, as readers see it."""

from __future__ import annotations

import os
import sys

import pytest

from azmlint import config
from azmlint.engine.project import ProjectContext, selection, settle
from azmlint.finding import Severity
from azmlint.sources.document import decode


@pytest.fixture
def context(tmp_path):
    root = tmp_path / "project"
    (root / "in").mkdir(parents=True)
    (root / "azmlint.toml").write_text("")
    (root / "in" / "a.yml").write_text("name: a\n")
    (root / "in" / "b.json").write_text("{}")
    (tmp_path / "secret.json").write_text("{}")
    return ProjectContext(config.load(root, None, {}, ()))


def test_a_sibling_is_read_once(context):
    first = context.sibling("in/../in/a.yml")

    assert first.text == "name: a\n"
    assert context.sibling("in/a.yml") is first


@pytest.mark.parametrize(
    "path", ["in/missing.yml", "in", "../secret.json", "in/../../secret.json", "in/a\0.yml", ""]
)
def test_nothing_outside_the_root_is_read(context, path):
    assert context.sibling(path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_no_link_leads_out_of_the_root(context):
    (context.root / "in" / "link.json").symlink_to(context.root.parent / "secret.json")
    os.mkfifo(context.root / "in" / "pipe.json")

    assert context.sibling("in/link.json") is None
    assert context.sibling("in/pipe.json") is None


def test_what_is_too_long_is_not_read(context):
    with (context.root / "in" / "long.json").open("wb") as stream:
        stream.truncate(20_000_001)

    assert context.sibling("in/long.json") is None


def test_texts_provided_stand_for_the_disk(context):
    context.provide({"in/a.yml": decode("in/a.yml", b"name: b\n")})

    assert context.sibling("in/a.yml").text == "name: b\n"


def test_siblings_are_the_files_beside(context):
    assert context.siblings("in/a.yml", bool) == ("in/b.json",)
    assert context.siblings("in/a.yml", lambda name: name.endswith(".yml")) == ()
    assert context.siblings("azmlint.toml", lambda name: name == "in") == ("in",)
    assert context.siblings("nowhere/a.yml", bool) == ()


def chosen(root, text, **override):
    (root / "azmlint.toml").write_text(text)
    rules = settle(root)
    return selection(rules._replace(config=rules.config.override(**override)))


def test_the_default_profile_leaves_out_notes(tmp_path):
    default = chosen(tmp_path, "").rules
    strict = chosen(tmp_path, "", profile="strict").rules

    assert min(e.severity for e in default.values()) > Severity.NOTE
    assert default.keys() < strict.keys()


@pytest.mark.parametrize(
    ("text", "override"),
    [
        ('default_notes = ["idle-timeout-unset"]', {}),
        ('select = ["idle-timeout-unset"]', {}),
        ('select = ["scale"]', {}),
        ('ignore = ["idle-timeout-unset"]', {"select": ["idle-timeout-unset"]}),
        ('[rules.idle-timeout-unset]\nseverity = "warning"', {}),
        ('profile = "strict"', {}),
    ],
)
def test_a_note_that_is_asked_for_is_reported(tmp_path, text, override):
    found = chosen(tmp_path, text, **override)

    assert "idle-timeout-unset" in found.rules
    assert found.notes is None or "idle-timeout-unset" in found.notes


@pytest.mark.parametrize("word", ["syntax-error", "engine"])
def test_a_file_that_cannot_be_judged_is_told_whatever_is_selected(tmp_path, word):
    assert "syntax-error" in chosen(tmp_path, 'select = ["locks"]').own
    assert "syntax-error" not in chosen(tmp_path, f'ignore = ["{word}"]').own


def test_rules_of_our_own_pack_are_judged_in_this_process(tmp_path):
    assert chosen(tmp_path, "").apart == frozenset()
    assert chosen(tmp_path, "pack_seconds = 5").seconds == 5
