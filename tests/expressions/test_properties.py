"""What holds for every expression: nothing but our own errors, and nothing is guessed."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from azmlint.expressions import arm_syntax
from azmlint.expressions.arm_catalog import GROUPS
from azmlint.expressions.arm_syntax import Call, ExpressionProblem, Index, Member, Number, Text
from azmlint.expressions.arm_values import known
from azmlint.expressions.term import Object

NAMES = sorted(row.name for group in GROUPS.values() for row in group)
PIECES = [
    "'",
    "''",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    ".?",
    "[?",
    "concat",
    "a.b",
    "1",
    "-2.5",
    " ",
    "é",
]

# Parsing


def _has_members(node):
    return not isinstance(node, Number)


nodes = st.recursive(
    st.builds(Text, st.text(max_size=5)) | st.builds(Number, st.integers(-99, 99)),
    lambda inner: st.one_of(
        st.builds(
            lambda name, arguments: Call(name.lower(), tuple(arguments), name),
            st.sampled_from([*NAMES, "contoso.twice"]),
            st.lists(inner, max_size=3),
        ),
        # A number has no members, and its dot would be read as a decimal one.
        st.builds(
            Member,
            inner.filter(lambda node: not isinstance(node, Number)),
            st.sampled_from(["a", "Name", "$x"]),
            st.booleans(),
        ),
        st.builds(Index, inner, inner, st.booleans()),
    ),
    max_leaves=12,
)


def written(node):
    if isinstance(node, Text):
        return "'" + node.value.replace("'", "''") + "'"
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, Call):
        return f"{node.shown}({', '.join(written(a) for a in node.arguments)})"
    if isinstance(node, Member):
        return f"{written(node.of)}{'.?' if node.is_safe else '.'}{node.name}"
    return f"{written(node.of)}[{'?' if node.is_safe else ''}{written(node.at)}]"


@given(nodes)
def test_what_is_written_is_read_as_it_was(node):
    assert arm_syntax.parse(f"[{written(node)}]") == node


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_an_expression_or_our_own_error(text):
    with suppress(ExpressionProblem):
        assert arm_syntax.parse(f"[{text}]") is not None


@given(nodes)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_expression_gives_a_value_or_a_reason(evaluate, node):
    term = evaluate(f"[{written(node)}]")

    assert term.is_known or term.reason is not None


# Soundness

TEXTS = ["", "a", "dev-west", "A", "true", "5", "ab", "{0}"]
VALUES = {
    "text": TEXTS,
    "other": TEXTS,
    "number": [0, 1, -3, 5],
    "flag": [True, False],
    "list": [[], ["a"], ["a", "b", "a"], [1, 2], [["a"], ["b"]]],
    "thing": [{}, {"a": "b"}, {"A": 1, "b": [1]}, {"a": {"a": "x"}}],
}


def call(name, *arguments):
    return st.tuples(*arguments).map(lambda a: f"{name}({', '.join(a)})")


def each(names, *arguments):
    return st.one_of(*(call(name, *arguments) for name in names.split()))


def level(texts, numbers, flags, lists, things):
    """Make one level of calls over what is below it, by the type each gives."""
    anything = st.one_of(texts, numbers, flags, lists, things)
    return (
        texts
        | call("concat", texts, texts)
        | call("concat", texts, anything)
        | call("format", st.sampled_from(["'{0}'", "'{0}-{1}'", "'x{1:D2}'"]), anything, numbers)
        | each("toLower toUpper trim string first last base64 uriComponent", texts)
        | each("string guid", anything)
        | each("take skip substring", texts, numbers)
        | call("substring", texts, numbers, numbers)
        | call("replace", texts, texts, texts)
        | call("padLeft", texts, numbers, st.just("'0'"))
        | call("join", lists, texts)
        | call("if", flags, texts, texts)
        | call("coalesce", texts, texts)
        | call("coalesce", st.just("null()"), texts),
        numbers
        | each("add sub mul div mod min max", numbers, numbers)
        | each("length", st.one_of(texts, lists, things))
        | each("indexOf lastIndexOf", texts, texts)
        | each("indexOf lastIndexOf", lists, anything)
        | call("int", texts)
        | call("if", flags, numbers, numbers),
        flags
        | each("and or", flags, flags)
        | call("not", flags)
        | call("equals", anything, anything)
        | call("equals", texts, texts)
        | anything.map(lambda a: f"equals({a}, {a})")
        | each("startsWith endsWith contains less greaterOrEquals", texts, texts)
        | call("less", numbers, numbers)
        | call("contains", lists, anything)
        | call("contains", things, texts)
        | call("empty", st.one_of(texts, lists, things))
        | call("bool", texts)
        | call("if", flags, flags, flags),
        lists
        | each("createArray", anything, anything)
        | call("array", anything)
        | each("concat union intersection", lists, lists)
        | each("take skip", lists, numbers)
        | call("split", texts, st.sampled_from(["','", "'-'", "'/'"]))
        | call("flatten", lists)
        | each("items objectKeys", things)
        | call("range", numbers, numbers)
        | call("map", lists, anything.map(lambda a: f"lambda('i', createArray({a}, {LAMBDA}))"))
        | call("filter", lists, anything.map(lambda a: f"lambda('i', equals({a}, {LAMBDA}))"))
        | call("sort", lists, st.just("lambda('i', 'j', less(lambdaVariables('j'), 2))"))
        | call("if", flags, lists, lists),
        things
        | call("createObject", texts, anything)
        | call("createObject", st.sampled_from(["'a'", "'b'"]), anything, texts, anything)
        | each("union intersection", things, things)
        | call("shallowMerge", call("createArray", things, things))
        | call("mapValues", things, anything.map(lambda a: f"lambda('i', {a})"))
        | call("groupBy", lists, st.just(f"lambda('i', string({LAMBDA}))"))
        | call("toObject", lists, st.just(f"lambda('i', string({LAMBDA}))"))
        | call("if", flags, things, things),
    )


LAMBDA = "lambdaVariables('i')"
LEAVES = (
    st.sampled_from(["parameters('text')", "parameters('other')", "'a'", "'dev-'", "''", "'B'"]),
    st.sampled_from(["parameters('number')", "0", "1", "2"]),
    st.sampled_from(["parameters('flag')", "true()", "false()"]),
    st.sampled_from(["parameters('list')", "variables('names')", "createArray('a', 1)"]),
    st.sampled_from(
        ["parameters('thing')", "variables('object')", "variables('partly')", "createObject()"]
    ),
)


def members(kinds):
    picked = st.one_of(
        call("tryGet", kinds[4], st.sampled_from(["'a'", "'b'"])),
        each("first last", kinds[3]),
        kinds[4].map(lambda a: f"{a}.a"),
        kinds[3].map(lambda a: f"{a}[0]"),
    )
    return tuple(st.one_of(kind, picked) for kind in kinds)


FIRST = level(*LEAVES)
SECOND = level(*members(FIRST))
expressions = st.one_of(*SECOND, *FIRST)


def agrees(general, particular):
    """Whether a value fits what is known without knowing the parameters."""
    if particular.is_unknown:
        return True
    if general.is_unknown:
        return fits(general, particular)
    if isinstance(general.data, list):
        return (
            isinstance(particular.data, list)
            and len(general.data) == len(particular.data)
            and all(agrees(g, p) for g, p in zip(general.data, particular.data, strict=True))
        )
    if isinstance(general.data, Object):
        if not isinstance(particular.data, Object):
            return False
        if not general.data.is_listed:
            return True
        return set(general.data) == set(particular.data) and all(
            agrees(term, particular.data[key]) for key, term in general.data.items()
        )
    return type(general.data) is type(particular.data) and general.data == particular.data


def fits(general, particular):
    if not general.is_text:
        return True
    pattern = "".join(re.escape(p) if isinstance(p, str) else ".*" for p in general.parts)
    return isinstance(particular.data, str) and re.fullmatch(pattern, particular.data, re.DOTALL)


@given(expressions, st.fixed_dictionaries({k: st.sampled_from(v) for k, v in VALUES.items()}))
@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@example("equals(string(parameters('list')), parameters('list'))", {"list": ["a"]})
@example("equals(concat(parameters('number')), parameters('number'))", {"number": 5})
@example("length(union(createArray('a'), createArray(parameters('text'))))", {"text": "a"})
@example(
    "union(createObject('a', parameters('thing')), createObject('a', createObject('b', 1)))",
    {"thing": {"c": 1}},
)
@example(
    "equals(map(parameters('list'), lambda('i', 1)), map(parameters('list'), lambda('i', 2)))",
    {"list": ["a"]},
)
@example("contains(variables('partly'), 'b')", {"text": "b"})
@example("contains(variables('partly'), 'a')", {"text": "a"})
def test_what_is_known_without_the_parameters_holds_for_every_value_of_them(
    evaluate, expression, values
):
    general = evaluate(f"[{expression}]")

    particular = evaluate(f"[{expression}]", **{k: known(v) for k, v in values.items()})

    assert agrees(general, particular), (general, particular)


# Worlds

RESTING = [
    "variables('tiers')[0]",
    "contains(variables('tiers'), 'dedicated')",
    "equals(variables('tiers'), createArray('dedicated'))",
    "variables('isLow')",
    "variables('short')",
    "variables('rest')",
    "if(variables('isLow'), 'cheap', parameters('text'))",
    "string(variables('tiers'))",
    "filter(variables('tiers'), lambda('i', equals(lambdaVariables('i'), 'dedicated')))",
    "length(filter(createArray(1), lambda('i', variables('isLow'))))",
    "toObject(variables('tiers'), lambda('i', lambdaVariables('i')))",
    "max(if(variables('isLow'), 1, 2), 1)",
    "coalesce(if(variables('isLow'), null(), 'a'), 'b')",
    "sort(createArray(1, 2), lambda('a', 'b', variables('isLow')))",
    "groupBy(variables('tiers'), lambda('i', lambdaVariables('i')))",
    "if(parameters('text'), if(variables('isLow'), 1, 2), 1)",
]


@pytest.mark.parametrize("expression", RESTING)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_value_does_not_remember_another_world(expression, order, evaluate_in):
    """What rests on a decision is worked out anew in each world."""
    fresh = [evaluate_in([index], expression)[0] for index in order]

    assert evaluate_in(order, expression) == fresh
