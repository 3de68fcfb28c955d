"""The table of documented functions says what the evaluator does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from azmlint.expressions import arm, arm_functions, arm_syntax
from azmlint.expressions.arm_catalog import FULL, GROUPS, PARTIAL, UNKNOWN, calls, functions_page

EXAMPLES = {
    expression: outcome
    for path in (Path(__file__).parent / "examples").glob("*.json")
    for expression, outcome in json.loads(path.read_text(encoding="utf-8")).items()
}
ROWS = [row for group in GROUPS.values() for row in group]


def outcomes(name):
    return [
        outcome
        for expression, outcome in EXAMPLES.items()
        if name.lower() in calls(arm_syntax.parse(expression))
    ]


def test_each_function_stands_once():
    names = [row.name.lower() for row in ROWS]

    assert sorted(names) == sorted(set(names))


def test_every_pure_function_is_in_the_table():
    assert {row.name.lower() for row in ROWS} >= arm_functions.NAMES | arm.NAMES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_function_has_examples_of_what_the_table_says(row):
    found = outcomes(row.name)

    assert found
    assert row.coverage in {FULL, PARTIAL, UNKNOWN}
    assert bool(row.note) == (row.coverage != FULL)
    if row.coverage == FULL:
        assert any("unknown" not in outcome for outcome in found)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.coverage == UNKNOWN], ids=lambda row: row.name
)
def test_an_unknown_function_is_never_known(evaluate, row):
    for expression in EXAMPLES:
        tree = arm_syntax.parse(expression)
        if isinstance(tree, arm_syntax.Call) and tree.name == row.name.lower():
            assert evaluate(expression).is_unknown


def test_the_page_names_a_function_without_example():
    page = functions_page({"date": {"[utcNow()]": {}}})

    assert "utcNow](" in page
    assert "| unknown | differs at each deployment | date (1) |" in page
    assert "**none**" in page
