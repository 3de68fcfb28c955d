"""Expressions made to take all time or memory end early, with a limit as the reason."""

from __future__ import annotations

import pytest

from azmlint.expressions import arm_syntax
from azmlint.expressions.arm import STEP_LIMIT, Locals
from azmlint.expressions.arm_values import ITEM_LIMIT, NEST_LIMIT, TEXT_LIMIT, known
from azmlint.expressions.term import Object, Term

CUR = "lambdaVariables('cur')"
PAIRS = "toObject(range(0, 4000), lambda('i', format('k{0}', lambdaVariables('i'))))"


def doubled(seed, function, times):
    return f"reduce(range(0, {times}), {seed}, lambda('cur', 'next', {function}({CUR}, {CUR})))"


@pytest.mark.parametrize(
    "expression",
    [
        "range(0, 100000000)",
        "padLeft('a', 2147483647)",
        "format('{0,-999999999}', 'a')",
        doubled("'a'", "concat", 60),
        doubled("concat('a', parameters('text'))", "concat", 60),
        doubled("createArray(1)", "concat", 60),
        f"replace({doubled(chr(39) + 'a' + chr(39), 'concat', 20)}, 'a', 'aaaaaaaa')",
        f"string({doubled('1', 'createArray', 40)})",
        f"json('{'[' * 500}{']' * 500}')",
        f"json('{'[' * 200000}{']' * 200000}')",
        "mul(9223372036854775807, 9223372036854775807)",
        "concat(" + ", ".join(["parameters('text'), 'a'"] * 1000) + ")",
        "concat(" * 60 + "'a'" + ")" * 60,
    ],
)
def test_what_grows_without_bound_is_a_limit(evaluate, expression):
    term = evaluate(f"[{expression}]")

    assert term.is_unknown
    assert term.reason.kind == "limit"


@pytest.mark.parametrize(
    "expression",
    [
        doubled("parameters('text')", "createArray", 40),
        f"equals({doubled('1', 'createArray', 60)}, {doubled('1', 'createArray', 60)})",
        f"contains({doubled('1', 'createArray', 60)}, {doubled('2', 'createArray', 60)})",
        f"union({doubled('1', 'createArray', 60)}, {doubled('2', 'createArray', 60)})",
        "map(range(0, 10000), lambda('i', contains(range(0, 10000), lambdaVariables('i'))))",
        "map(range(0, 10000), lambda('i', map(range(0, 10000), lambda('j', 1))))",
        "intersection(range(0, 10000), range(5000, 10000))",
        f"union({PAIRS}, {PAIRS})",
        f"intersection({PAIRS}, {PAIRS})",
        "sort(range(0, 10000), lambda('a', 'b', true()))",
        "split(padLeft('a', 9000, '/'), '/')",
        "startsWith(padLeft('a', 1000000, 'a'), padLeft('b', 1000000, 'a'))",
    ],
)
def test_what_takes_long_ends_within_its_steps(template_of, expression):
    template = template_of()
    template.budget.steps = STEP_LIMIT - 20_000
    term = template.expression(arm_syntax.parse(f"[{expression}]"), Locals())

    assert template.budget.steps < STEP_LIMIT + 100_000
    assert term.is_known or term.reason is not None


def test_values_do_not_nest_without_bound(evaluate):
    deep = "reduce(range(0, 10000), createArray(), lambda('cur', 'next', createArray(" + CUR + ")))"

    assert not evaluate(f"[{deep}]").is_deeper(NEST_LIMIT)


@pytest.mark.parametrize(
    "text",
    [
        "concat(" * 100_000,
        "a" * 1_000_000,
        "'" + "''" * 500_000,
        "parameters('a')" + ".b" * 100_000,
        "parameters('a')" + "[0]" * 100_000,
        "add(" + "1" * 5000 + ", 1)",
        "add(1.5.5, 1)",
        "a()b",
        "(",
        "1 2",
        "",
        "parameters",
        "parameters('a').1",
        "parameters('a'",
        "parameters('a')[0",
        "%",
    ],
)
def test_hostile_text_is_our_own_error(text):
    with pytest.raises(arm_syntax.ExpressionProblem):
        arm_syntax.parse(f"[{text}]")


def test_a_document_has_a_number_of_steps(template_of):
    template = template_of()
    tree = arm_syntax.parse("[add(1, 1)]")

    template.budget.steps = STEP_LIMIT
    term = template.expression(tree, Locals())

    assert term.reason.kind == "limit"


def test_large_values_take_more_steps(template_of):
    template = template_of()

    template.expression(arm_syntax.parse("[range(0, 10000)]"), Locals())
    assert template.budget.steps > 2000

    template.expression(arm_syntax.parse("[padLeft('', 1000000)]"), Locals())
    assert template.budget.steps > 2200


def test_two_failures_are_never_the_same_value(evaluate):
    lengths = "map(createArray(2000000, 3000000), lambda('i', padLeft('a', lambdaVariables('i'))))"

    term = evaluate(f"[equals(first({lengths}), last({lengths}))]")

    assert term.is_unknown


def test_a_deep_argument_is_a_limit(evaluate):
    deep = Term("a")
    for _ in range(400):
        deep = Term(Object([("a", deep)]))

    term = evaluate("[concat(parameters('thing'))]", thing=deep)

    assert term.reason.kind in {"limit", "invalid"}
    assert evaluate("[parameters('thing')]", thing=deep).reason.kind == "limit"


def test_the_limits_are_those_of_the_service_or_above():
    assert ITEM_LIMIT == 10_000
    assert len(known("a" * TEXT_LIMIT).data) == TEXT_LIMIT
