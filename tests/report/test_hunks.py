"""The lines that a fix changes are shown, and no others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from azmlint.engine.fix import apply
from azmlint.location import Document, Edit
from azmlint.report.excerpt import around
from azmlint.report.hunks import hunks
from azmlint.report.mask import Mask

OPEN = Mask([])


def changes(text, *edits, path="a.yml"):
    document = Document(path, text)
    return [(h.line, h.old, h.new) for h in hunks([Edit(document, *e) for e in edits], OPEN)]


def test_value_is_replaced():
    assert changes("a: 1\nb: 2\n", (8, 9, "0")) == [(2, ["b: 2"], ["b: 0"])]


def test_line_is_added():
    assert changes("a: 1\nb: 2\n", (4, 4, "\nc: 3")) == [(2, [], ["c: 3"])]


def test_text_is_added_within_a_line():
    assert changes("max: 4", (6, 6, "0")) == [(1, ["max: 4"], ["max: 40"])]


def test_line_is_removed():
    assert changes("a: 1\nb: 2\nc: 3\n", (5, 10, "")) == [(2, ["b: 2"], [])]


def test_edits_of_one_line_are_one_change():
    assert changes("{a: 1, b: 2}\n", (10, 11, "9"), (4, 5, "8")) == [
        (1, ["{a: 1, b: 2}"], ["{a: 8, b: 9}"])
    ]


def test_edits_of_other_lines_are_changes_of_their_own():
    assert changes("a: 1\nb: 2\nc: 3\n", (13, 14, "9"), (3, 4, "8")) == [
        (1, ["a: 1"], ["a: 8"]),
        (3, ["c: 3"], ["c: 9"]),
    ]


def test_documents_are_kept_apart():
    one, two = Document("a.yml", "a: 1"), Document("b.yml", "b: 1")

    found = list(hunks([Edit(two, 3, 4, "2"), Edit(one, 3, 4, "2")], OPEN))

    assert [(h.document.path, h.new) for h in found] == [("a.yml", ["a: 2"]), ("b.yml", ["b: 2"])]


def test_line_endings_are_no_change():
    assert changes("a: 1\r\nb: 2\r\n", (9, 10, "0")) == [(2, ["b: 2"], ["b: 0"])]


@given(st.text("ab\n", max_size=30), st.data())
def test_changes_applied_line_by_line_give_what_the_edits_give(text, draw):
    document = Document("a.yml", text)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edits = [
        Edit(document, start, end, draw.draw(st.text("xy\n", max_size=4)))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    lines = text.split("\n")
    for hunk in reversed(list(hunks(edits, OPEN))):
        low = hunk.line - 1
        assert lines[low : low + len(hunk.old)] == hunk.old
        lines[low : low + len(hunk.old)] = hunk.new

    assert "\n".join(lines) == apply(document, edits)


def test_long_lines_are_cut_where_they_differ():
    one, two = "x" * 500 + "1" + "x" * 500, "x" * 500 + "2" + "x" * 500

    low, high = around(one, two, 60)

    assert one[low:high] == "x" * 20 + "1" + "x" * 39
    assert two[low:high] == "x" * 20 + "2" + "x" * 39


def test_short_lines_are_not_cut():
    assert around("abc", "abcd", 60) == (0, 4)


def test_of_a_very_long_line_the_part_around_is_taken():
    ((line, old, new),) = changes("a\n" + "x" * 9000 + "1" + "x" * 9000, (9002, 9003, "2"))

    assert line == 2
    assert old == ["x" * 500 + "1" + "x" * 500]
    assert new == ["x" * 500 + "2" + "x" * 500]
