"""Constraints on the versions of a provider."""

from __future__ import annotations

import pytest

from azmlint_rules.versions import bounds, number


@pytest.mark.parametrize(
    ("text", "version"),
    [("4.35.0", (4, 35, 0)), ("v3.1", (3, 1, 0)), ("4", (4, 0, 0)), ("4.0.0-beta1", (4, 0, 0)),
     (">= 4", None), ("x", None)],
)  # fmt: skip
def test_versions_are_read(text, version):
    assert number(text) == version


@pytest.mark.parametrize(
    ("text", "lowest", "below"),
    [
        ("= 3.1.2", (3, 1, 2), (3, 1, 3)),
        ("3.1.2", (3, 1, 2), (3, 1, 3)),
        (">= 3.0, < 4.0", (3, 0, 0), (4, 0, 0)),
        ("> 3.0, != 3.5.0", (3, 0, 0), None),
        ("<= 3.5.1", (0, 0, 0), (3, 5, 2)),
        ("~> 3.5", (3, 5, 0), (4, 0, 0)),
        ("~> 3.5.1", (3, 5, 1), (3, 6, 0)),
        ("~> 3", (3, 0, 0), (4, 0, 0)),
        ("~> 4.0, >= 4.35, < 4.50", (4, 35, 0), (4, 50, 0)),
    ],
)
def test_a_constraint_has_bounds(text, lowest, below):
    assert bounds(text) == (lowest, below)


def test_what_is_no_constraint_has_none():
    assert bounds("latest") is None
    assert bounds(">= 1.0, newest") is None
