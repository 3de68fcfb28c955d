"""What holds for every expression: nothing but our own errors, and nothing is guessed."""

from __future__ import annotations

import itertools
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

VALUES = {
    "text": ["a", "", "b", "ab", "A", "true", "a-b", "{0}"],
    "other": ["a", "b", "", "ab", "aa"],
    "number": [0, 1, 2, -3],
    "flag": [True, False],
    "list": [[], ["a"], ["a", "b", "a"], [1, 2]],
    "thing": [{}, {"a": "b"}, {"A": 1, "b": 2}, {"a": {"a": "x"}}, {"c": 1}],
}
"""What each parameter may be: few and short, so that they are often the same as something.

NOTE: Members and items hold no arrays: what nothing is known of is taken to be no array.
"""

SLOW = (1, 2, 1, 3, 1, 2)
"""How many assignments each parameter keeps its value for, so that they vary apart."""

ASSIGNMENTS = [
    {
        k: known(v[(n // slowness) % len(v)])
        for (k, v), slowness in zip(VALUES.items(), SLOW, strict=True)
    }
    for n in range(12)
]


def calls(kinds, names):
    """Make patterns of calls whose arguments are of these kinds."""
    return [(f"{name}({', '.join(['{}'] * len(kinds))})", kinds) for name in names.split()]


IT = "lambdaVariables('i')"
PATTERNS = {
    "text": [
        *calls(["text"], "toLower toUpper trim string first last concat base64 guid"),
        *calls(["text", "text"], "concat coalesce"),
        *calls(["text", "number"], "take skip substring concat"),
        *calls(["text", "number", "number"], "substring"),
        *calls(["text", "text", "text"], "replace"),
        *calls(["number"], "string concat"),
        *calls(["flag"], "string"),
        *calls(["list"], "string first last"),
        *calls(["thing"], "string"),
        *calls(["list", "text"], "join"),
        *calls(["flag", "text", "text"], "if"),
        ("padLeft({}, {}, '0')", ["text", "number"]),
        ("format('{{0}}', {})", ["text"]),
        ("format('{{0}}-{{1:D2}}', {}, {})", ["text", "number"]),
        ("coalesce(null(), {})", ["text"]),
        ("{}.a", ["thing"]),
        ("tryGet({}, {})", ["thing", "text"]),
        ("coalesce(tryGet({}, 'a'), {})", ["thing", "text"]),
        ("{}[{}]", ["list", "number"]),
        ("tryIndexFromEnd({}, {})", ["list", "number"]),
        ("split({}, '/')[0]", ["text"]),
    ],
    "number": [
        *calls(["number", "number"], "add sub mul div mod min max"),
        *calls(["text"], "length int"),
        *calls(["list"], "length max"),
        *calls(["thing"], "length"),
        *calls(["text", "text"], "indexOf lastIndexOf"),
        *calls(["list", "text"], "indexOf lastIndexOf"),
        *calls(["flag", "number", "number"], "if"),
    ],
    "flag": [
        *calls(["flag", "flag"], "and or equals"),
        *calls(["flag"], "not"),
        *calls(["text"], "empty bool"),
        *calls(["list"], "empty"),
        *calls(["thing"], "empty"),
        *calls(["text", "text"], "equals startsWith endsWith contains less greaterOrEquals"),
        *calls(["number", "number"], "equals less"),
        *calls(["text", "number"], "equals"),
        *calls(["list", "list"], "equals contains"),
        *calls(["thing", "thing"], "equals"),
        *calls(["list", "text"], "contains"),
        *calls(["thing", "text"], "contains"),
        *calls(["flag", "flag", "flag"], "if"),
    ],
    "list": [
        *calls(["text"], "array"),
        *calls(["list"], "array flatten"),
        *calls(["text", "text"], "createArray"),
        *calls(["text", "thing"], "createArray"),
        *calls(["list", "list"], "concat union intersection createArray"),
        *calls(["list", "number"], "take skip"),
        *calls(["thing"], "items objectKeys"),
        *calls(["number", "number"], "range"),
        *calls(["flag", "list", "list"], "if"),
        ("split({}, 'b')", ["text"]),
        (f"map({{}}, lambda('i', createArray({{}}, {IT})))", ["list", "text"]),
        (f"filter({{}}, lambda('i', equals({{}}, {IT})))", ["list", "text"]),
        ("sort({}, lambda('i', 'j', less(lambdaVariables('j'), {})))", ["list", "text"]),
        (f"reduce({{}}, {{}}, lambda('i', 'j', concat({IT}, createArray(1))))", ["list", "list"]),
    ],
    "thing": [
        *calls(["text", "text"], "createObject"),
        *calls(["thing", "thing"], "union intersection"),
        *calls(["flag", "thing", "thing"], "if"),
        ("createObject('a', {}, {}, 1)", ["thing", "text"]),
        ("createObject('b', {})", ["text"]),
        ("shallowMerge(createArray({}, {}))", ["thing", "thing"]),
        (f"mapValues({{}}, lambda('i', createArray({IT}, {{}})))", ["thing", "text"]),
        (f"groupBy({{}}, lambda('i', string({IT})))", ["list"]),
        (f"toObject({{}}, lambda('i', concat({{}}, string({IT}))))", ["list", "text"]),
    ],
}
LEAVES = {
    "text": [
        "parameters('text')",
        "concat('a', parameters('text'))",
        "concat(parameters('other'), 'b')",
        "concat(parameters('text'), parameters('other'))",
        "'ab'",
        "''",
    ],
    "number": ["parameters('number')", "1", "2"],
    "flag": ["parameters('flag')", "equals(parameters('text'), 'a')", "true()"],
    "list": [
        "parameters('list')",
        "createArray('a', 'b')",
        "createArray('a', parameters('text'))",
        "createArray(parameters('text'), parameters('other'))",
    ],
    "thing": [
        "parameters('thing')",
        "variables('partly')",
        "createObject('a', parameters('text'))",
        "createObject('a', 'b')",
        "createObject('a', parameters('thing'))",
    ],
}


def filled(patterns, below):
    return [
        pattern.format(*arguments)
        for pattern, kinds in patterns
        for arguments in itertools.product(*(below[k] for k in kinds))
    ]


SHALLOW = {kind: LEAVES[kind] + filled(patterns, LEAVES) for kind, patterns in PATTERNS.items()}


@st.composite
def expressions(draw):
    """Draw a call over calls."""
    pattern, kinds = draw(st.sampled_from([p for patterns in PATTERNS.values() for p in patterns]))
    return pattern.format(*(draw(st.sampled_from(SHALLOW[kind])) for kind in kinds))


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


def check(evaluate, expression):
    general = evaluate(f"[{expression}]")
    # One argument alone may decide these, whatever is wrong with another.
    is_lazy = any(name in expression for name in ("and(", "or(", "if(", "coalesce("))
    is_refused = general.is_unknown and general.reason.kind == "invalid" and not is_lazy
    for values in ASSIGNMENTS:
        particular = evaluate(f"[{expression}]", **values)
        assert agrees(general, particular), (expression, general, particular)
        assert not is_refused or particular.is_unknown, (expression, particular)


@pytest.mark.parametrize("kind", PATTERNS)
def test_what_one_call_knows_without_the_parameters_holds_for_every_value_of_them(evaluate, kind):
    for expression in SHALLOW[kind]:
        check(evaluate, expression)


@given(expressions())
@settings(max_examples=300, derandomize=True, deadline=None)
@example("equals(string(parameters('list')), parameters('list'))")
@example("equals(concat(parameters('number')), parameters('number'))")
@example("length(union(createArray('a'), createArray(parameters('text'))))")
@example("union(createObject('a', parameters('thing')), createObject('a', createObject('b', 1)))")
@example("equals(map(parameters('list'), lambda('i', 1)), map(parameters('list'), lambda('i', 2)))")
@example("equals(coalesce(parameters('text'), 'a'), coalesce(parameters('text'), 'b'))")
@example("if(equals(parameters('text'), 'a'), parameters('other'), 'a')")
def test_what_calls_of_calls_know_without_the_parameters_holds_for_every_value_of_them(
    evaluate, expression
):
    check(evaluate, expression)


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
