"""Expressions and what they give: the documentation's own examples, and what stays unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from azmlint.expressions.arm_values import plain

FILES = sorted((Path(__file__).parent / "examples").glob("*.json"))
EXAMPLES = [
    pytest.param(expression, expected, id=f"{path.stem}: {expression}")
    for path in FILES
    for expression, expected in json.loads(path.read_text(encoding="utf-8")).items()
]


@pytest.mark.parametrize(("expression", "expected"), EXAMPLES)
def test_example_gives_what_is_documented(evaluate, expression, expected):
    term = evaluate(expression)

    if "value" in expected:
        assert term.is_known, term.reason
        assert json.dumps(plain(term)) == json.dumps(expected["value"])
    elif "shown" in expected:
        assert term.is_unknown
        assert term.reason is not None
        assert term.shown() == expected["shown"]
    else:
        assert term.is_unknown, term
        assert term.reason.kind == expected["unknown"], term.reason
