"""Choosing, applying, showing and writing edits."""

from __future__ import annotations

import pytest

from azmlint.engine.fix import applicable, apply, diff, write
from azmlint.errors import SourceError
from azmlint.finding import Applicability, Finding, Fix, Severity
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

TEXT = "name: train\ntype: amlcompute\nsize: a\nmin_instances: 1\nmax_instances: 4\n"


@pytest.fixture
def document():
    return decode("a.yml", TEXT.encode())


@pytest.fixture
def cluster(document):
    (found,) = load.read(document, Texts({"a.yml": document})).resources
    return found


def finding(value, *changes, applicability=Applicability.SAFE):
    fixes = (Fix("change it", applicability, changes),)
    return Finding("some-rule", Severity.WARNING, "is so", value, value.owner, fixes=fixes)


def test_what_overlaps_waits_for_the_next_round(document, cluster):
    minimum = cluster.min_nodes
    first, second = finding(minimum, minimum.set(0)), finding(minimum, minimum.set(2))
    chosen = applicable([first, second], Applicability.SAFE, ["a.yml"])

    assert apply(document, chosen["a.yml"]) == TEXT.replace("min_instances: 1", "min_instances: 0")


def test_two_findings_may_want_the_same_edit(document, cluster):
    both = [finding(cluster.min_nodes, cluster.min_nodes.set(0)) for _ in range(2)]
    chosen = applicable(both, Applicability.SAFE, ["a.yml"])

    assert len(chosen["a.yml"]) == 1


def test_a_fix_is_applied_whole_or_not_at_all(cluster):
    minimum, maximum = cluster.min_nodes, cluster.max_nodes
    first = finding(minimum, minimum.set(0))
    second = finding(minimum, minimum.set(2), maximum.set(8))
    chosen = applicable([first, second], Applicability.SAFE, ["a.yml"])

    assert [e.text for e in chosen["a.yml"]] == ["0"]


def test_what_is_trusted_less_or_lies_elsewhere_is_left_alone(cluster):
    minimum = cluster.min_nodes
    unsafe = finding(minimum, minimum.set(0), applicability=Applicability.UNSAFE)

    assert applicable([unsafe], Applicability.SAFE, ["a.yml"]) == {}
    assert applicable([unsafe], Applicability.UNSAFE, ["b.yml"]) == {}
    assert applicable([unsafe], Applicability.UNSAFE, ["a.yml"]) != {}


def test_what_no_edit_can_spell_is_left_alone():
    document = decode("a.yml", TEXT.replace("min_instances: 1", "min_instances: $(MIN)").encode())
    (cluster,) = load.read(document, Texts({"a.yml": document})).resources
    wanted = finding(cluster.min_nodes, cluster.min_nodes.set(0))

    assert applicable([wanted], Applicability.SAFE, ["a.yml"]) == {}


def test_a_diff_shows_changed_files_and_missing_last_line_ends():
    shown = diff({"a.yml": "x: 1", "b.yml": "y\n"}, {"a.yml": "x: 2", "b.yml": "y\n"})

    assert shown == (
        "--- a/a.yml\n+++ b/a.yml\n@@ -1 +1 @@\n"
        "-x: 1\n\\ No newline at end of file\n+x: 2\n\\ No newline at end of file\n"
    )


def test_a_diff_takes_for_lines_what_tools_that_apply_it_do():
    shown = diff({"a.yml": "a\fb\u2028c\nx: 1\n"}, {"a.yml": "a\fb\u2028c\nx: 2\n"})

    assert shown == "--- a/a.yml\n+++ b/a.yml\n@@ -1,2 +1,2 @@\n a\fb\u2028c\n-x: 1\n+x: 2\n"


@pytest.mark.posix
def test_writing_follows_a_link_and_keeps_it(tmp_path):
    (tmp_path / "real.yml").write_bytes(b"old")
    (tmp_path / "link.yml").symlink_to("real.yml")

    write(tmp_path / "link.yml", b"new")

    assert (tmp_path / "link.yml").is_symlink()
    assert (tmp_path / "real.yml").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["gone.yml", "folder.yml"])
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, name):
    (tmp_path / "folder.yml").mkdir()

    with pytest.raises(SourceError, match=rf"^{name} is not written: "):
        write(tmp_path / name, b"new")

    assert [p.name for p in tmp_path.iterdir()] == ["folder.yml"]
