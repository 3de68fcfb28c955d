"""Long texts in short messages."""

from __future__ import annotations

import pytest

from azmlint.brief import brief

KEY = "cGxhbnRlZEtleXBsYW50ZWRLZXlwbGFudGVkS2V5cGxhbnRlZEtleXBsYW50ZWRLZXlwbGFudGVkS2V5Kz4/aw=="


def test_a_short_text_is_left_alone():
    assert brief("a" * 40, 40) == "a" * 40


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEY, "..."),
        (f"the key {KEY}", "the key ..."),
        (f"password=Secret1;AccountKey={KEY}", "password=Secret1;..."),
        (f"['a', '{KEY}']", "['a', '..."),
        (f"https://me:{KEY}@host", "..."),
        ("one two three four five six seven eight nine", "one two three four five six seven ..."),
    ],
)
def test_a_cut_goes_through_no_word(text, expected):
    assert brief(text, 40) == expected


def test_an_id_is_cut_anywhere():
    assert brief("/subscriptions/" + "0" * 40, 40) == "/subscriptions/" + "0" * 22 + "..."
