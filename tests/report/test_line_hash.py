"""Lines are known by the fingerprint that GitHub's upload action computes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.report.line_hash import line_hashes

LINES = st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=120), min_size=1)


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
        ),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        ),
        ("", ["c129715d7a2bc9a3:1"]),
    ],
)
def test_hashes_are_those_of_the_upload_action(text, hashes):
    assert line_hashes(text) == dict(enumerate(hashes, 1))


def test_equal_lines_are_counted():
    block = "x" * 100 + "\n"

    assert [h.rpartition(":")[2] for h in line_hashes(block * 3).values()] == ["1", "2", "3", "1"]


@given(LINES)
def test_every_line_has_one(lines):
    assert len(line_hashes("\n".join(lines))) == len(lines)


@given(LINES, st.sampled_from(["\r\n", "\r"]))
def test_line_endings_do_not_matter(lines, ending):
    assert line_hashes(ending.join(lines)) == line_hashes("\n".join(lines))


@given(LINES)
def test_indentation_does_not_matter(lines):
    assert line_hashes("\n".join(f" \t{line}" for line in lines)) == line_hashes("\n".join(lines))


def test_text_more_than_100_characters_on_does_not_matter():
    first = line_hashes("a\n" + "b" * 99 + "c")[1]

    assert line_hashes("a\n" + "b" * 99 + "d")[1] == first
    assert line_hashes("a\n" + "b" * 97 + "d")[1] != first


@given(st.lists(st.sampled_from(["", "a", "b" * 99, "b" * 100, "b" * 101, "😀" * 60])), st.data())
def test_some_lines_have_the_same_as_among_all(lines, data):
    text = "\n".join(lines)
    every = line_hashes(text)
    some = data.draw(st.sets(st.sampled_from(sorted(every))))

    assert line_hashes(text, some) == {number: every[number] for number in some}


def _units(text):
    return struct.unpack(f"<{len(text.encode('utf-16-le')) // 2}H", text.encode("utf-16-le"))


@given(st.text(st.sampled_from("a😀é\n"), max_size=250))
def test_units_are_those_of_utf_16(text):
    units = [*_units(text), 65535, *[0] * 99][:100]
    value = 0
    for unit in units:
        value = (value * 37 + unit) % 2**64

    assert line_hashes(text)[1] == f"{value:x}:1"
