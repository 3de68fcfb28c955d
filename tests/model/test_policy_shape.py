"""A definition that Azure Policy would refuse is refused with the place that is wrong."""

from __future__ import annotations

import pytest

from azmlint.expressions.arm_values import known
from azmlint.model.policy.shape import problem


def wrong(condition, effect="deny", **more):
    rule = {"if": condition, "then": {"effect": effect}}
    return problem(known({"policyRule": rule, **more}))


TEST = {"field": "name", "equals": "x"}


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (TEST, None),
        ({"ALLOF": [TEST, {"not": {"anyOf": [TEST]}}]}, None),
        ({"count": {"field": "a[*]", "where": TEST}, "greater": 0}, None),
        ("x", "policyRule.if must be an object"),
        ({"allOf": TEST}, "policyRule.if.allOf: must be a list"),
        ({"allOf": [], "field": "x"}, "policyRule.if: 'allOf' must stand alone"),
        ({"anyOf": [TEST, 1]}, "policyRule.if.anyOf[1]: a condition must be an object"),
        (
            {"not": {"field": "name", "equal": "x"}},
            "policyRule.if.not: 'equal' is no condition, did you mean 'equals'?",
        ),
        ({"equals": "x"}, "a condition tests one of 'field', 'value' and 'count'"),
        ({"field": "a", "value": "b", "equals": "x"}, "tests one of 'field', 'value' and 'count'"),
        ({"field": "a"}, "policyRule.if: a condition has one test, such as 'equals'"),
        ({"field": "a", "equals": "x", "like": "x"}, "a condition has one test"),
        ({"count": "a[*]", "greater": 0}, "policyRule.if.count: must be an object"),
        ({"count": {}, "greater": 0}, "policyRule.if.count: counts one of 'field' and 'value'"),
        (
            {"count": {"field": "a[*]", "where": {"field": "x"}}, "greater": 0},
            "policyRule.if.count.where: a condition has one test",
        ),
        (
            {"field": "a", "equals": "[concat(]"},
            "policyRule.if.equals: '[concat(]' is no expression",
        ),
        (
            {"field": "a", "in": ["[parameters('x')]"]},
            "policyRule.if.in[0]: the parameter 'x' is not declared",
        ),
    ],
)
def test_conditions_are_held_to_their_shape(condition, told):
    found = wrong(condition)

    assert (found is None) if told is None else (told in found)


def test_conditions_may_not_nest_without_end():
    condition = TEST
    for _ in range(70):
        condition = {"not": condition}

    assert "the conditions nest too deeply" in wrong(condition)


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        ("Deny", None),
        ("manual", None),
        ("[parameters('effect')]", None),
        ("denny", "'denny' is no effect, did you mean 'deny'?"),
        (1, "policyRule.then.effect must be a text"),
    ],
)
def test_effects_are_those_of_azure(effect, told):
    found = wrong(TEST, effect, parameters={"effect": {"type": "String"}})

    assert (found is None) if told is None else (told in found)


def test_parameters_are_an_object():
    assert wrong(TEST, parameters=[]) == "'parameters' must be an object"


def test_a_template_that_is_deployed_has_expressions_of_its_own():
    details = {"deployment": {"template": {"x": "[parameters('other')]"}}}
    rule = {"if": TEST, "then": {"effect": "deployIfNotExists", "details": details}}

    assert problem(known({"policyRule": rule})) is None
