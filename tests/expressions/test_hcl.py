"""Expressions of Terraform and what they give: its own answers, and what stays unknown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.expressions import hcl_functions
from azmlint.expressions.arm import Budget
from azmlint.expressions.arm_values import ITEM_LIMIT, Refused, plain
from azmlint.expressions.term import UNKNOWN, Object, Symbol, Term
from azmlint.expressions.truth import Reason
from azmlint.expressions.worlds import Worlds
from azmlint.location import Document
from azmlint.sources import hcl
from azmlint.sources.hcl_evaluator import Frame, HclEvaluator

ANSWERS = json.loads(
    (Path(__file__).parent / "terraform_examples.json").read_text(encoding="utf-8")
)
"""What Terraform 1.15.5 made of each expression as the value of an output."""


def hole(name, *, is_text=True):
    symbol = Symbol(("parameter", "test", name), name, is_text)
    return Term(UNKNOWN, reason=Reason("parameter", f"{name} is open"), parts=(symbol,))


class Named(HclEvaluator):
    """Every name is an unknown value of its own."""

    def named(self, word, path):  # noqa: ARG002  # names are all there is
        if word == "no":
            raise Refused(word)
        return hole(word), 0

    def reading(self, name, arguments):  # noqa: ARG002  # there are no files
        return None


def evaluate(text, **names):
    worlds = Worlds()
    frame = Frame(Document("x.tf", text), names)
    return Named(worlds, Budget()).evaluate(hcl.parse_expression(text), frame)


READING = {"basename", "dirname", "yamldecode"}


@pytest.mark.parametrize("text", [e for e in ANSWERS if e.split("(")[0] not in READING])
def test_expression_gives_what_terraform_gives(text):
    term = evaluate(text)

    if "value" in ANSWERS[text]:
        assert term.is_known, term.reason
        assert json.dumps(plain(term), sort_keys=True) == json.dumps(
            ANSWERS[text]["value"], sort_keys=True
        )
    else:
        assert term.is_unknown
        assert term.reason.kind == "invalid"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('"a-${x}-b"', "a-{x}-b"),
        ("upper(x)", "{upper(x)}"),
        ('upper("a${x}")', "A{upper(x)}"),
        ('lower("A${x}B")', "a{lower(x)}b"),
        ('format("%s-%s", "a", x)', "a-{x}"),
        ('join("-", ["a", x])', "a-{x}"),
        ("x + 1", "{+(x, 1)}"),
        ("-x", "{-(x)}"),
        ("x.y", "{x.y}"),
        ("x[0]", "{x[0]}"),
        ("x == 1", "{==(x, 1)}"),
        ("x && true", "{&&(x, true)}"),
    ],
)
def test_what_rests_on_something_unknown_shows_it(text, shown):
    term = evaluate(text)

    assert term.is_unknown
    assert term.reason.text == "x is open"
    assert term.shown() == shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x && false", False),
        ("true || x", True),
        ('"a${x}" == "b${x}"', False),
        ('coalesce("a", x)', "a"),
        ('coalesce("a${x}", "b") == null', False),
        ('contains(["a", x], "a")', True),
        ("length([x, x])", 2),
        ("alltrue([x == 1, false])", False),
        ("anytrue([x == 1, true])", True),
        ('try(no.thing, "b")', "b"),
        ("can(no.thing)", False),
        ("x == x", True),
        ("[x][*] == [x]", True),
        ('lookup({a = x, b = "c"}, "b")', "c"),
    ],
)
def test_what_is_known_decides_what_it_can(text, value):
    term = evaluate(text)

    assert term.data == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("frobnicate(1)", "function"),
        ("timestamp()", "function"),
        ("bcrypt(1)", "function"),
        ('regex("(a+)+$", "aaaa")', "function"),
        ('regexall("a*b*c*d*", "x")', "function"),
        ("[for a in x : a]", "parameter"),
        ("{for a in [1, 2] : x => a}", "invalid"),
        ('{for a in [1, 2] : "k" => a}', "invalid"),
        ("[for a in [x] : a if a]", "parameter"),
        ("[for a in 1 : a]", "invalid"),
        ("x ? [1] : [2]", "parameter"),
        ("null ? 1 : 2", "invalid"),
        ("!null", "invalid"),
        ("null && true", "invalid"),
        ("-null", "invalid"),
        ("1 % 0", "invalid"),
        ("range(0, 100000)", "limit"),
        ("pow(10, 5000)", "limit"),
        ("1e308 * 1e308", "limit"),
        ("sum([1, x])", "parameter"),
        ("sort([x])", "parameter"),
        ("distinct([x, 1])", "parameter"),
        ('split("-", x)', "parameter"),
        ('replace(x, "a", "b")', "parameter"),
        ('replace("a", "", "b")', "function"),
        ('replace("a", "/(/", "b")', "invalid"),
        ('replace("a", "/a/", "$3")', "invalid"),
        ("flatten([x])", "parameter"),
        ("compact([x])", "parameter"),
        ("index([x], 1)", "parameter"),
        ("index([1], 2)", "invalid"),
        ("keys(x)", "parameter"),
        ("keys(1)", "invalid"),
        ("length(1)", "invalid"),
        ("length(x)", "parameter"),
        ("lookup(x, 1)", "parameter"),
        ("merge({}, x)", "parameter"),
        ("concat([1], x)", "parameter"),
        ("concat([1], 2)", "invalid"),
        ("map(1)", "invalid"),
        ("matchkeys([1], [x], [1])", "parameter"),
        ("setsubtract([1], [x])", "parameter"),
        ("element([1], x)", "parameter"),
        ("chunklist([1], -1)", "invalid"),
        ("coalesce(x, 1)", "parameter"),
        ("coalesce(null)", "invalid"),
        ("range(0, 3, 0)", "invalid"),
        ('format("%s")', "invalid"),
        ('format("%5s", x)', "parameter"),
        ('format("%c", 1)', "function"),
        ("formatlist(x, [1])", "parameter"),
        ('formatlist("%s", x)', "parameter"),
        ('formatlist("%s%s", [1], [1, 2])', "invalid"),
        ('parseint("x", 10)', "invalid"),
        ('cidrsubnet("x", 1, 1)', "invalid"),
        ('cidrsubnets("10.0.0.0/30", 1, 1, 1)', "invalid"),
        ('cidrsubnets("10.0.0.0/30", 9)', "invalid"),
        ('cidrhost("10.0.0.0/30", 9)', "invalid"),
        ('jsondecode("[")', "invalid"),
        ('base64decode("?")', "invalid"),
        ("tobool(1)", "invalid"),
        ("tostring([])", "invalid"),
        ("tonumber(true)", "invalid"),
        ("abs()", "invalid"),
        ("slice([1], x, 1)", "parameter"),
        ('"${[1]}a"', "invalid"),
        ("{a = 1}.b", "invalid"),
        ("(1).b", "invalid"),
        ("[1][-1]", "invalid"),
        ("can(x)", "parameter"),
        ("try(no.a, no.b)", "invalid"),
        ("setproduct(range(200), range(200))", "limit"),
    ],
)
def test_what_is_not_worked_out_says_why(text, kind):
    term = evaluate(text)

    assert term.is_unknown, term
    assert term.reason.kind == kind, term.reason


def test_old_functions_for_lists_and_maps_are_worked_out():
    assert plain(evaluate('map("a", list(1, 2))')) == {"a": [1, 2]}


def test_an_open_condition_is_a_decision():
    term = evaluate('x ? "a" : "b"')

    assert term.is_unknown
    assert [d.question for d in term.decisions] == ["x"]


def test_equal_branches_need_no_decision():
    assert evaluate('x ? "a" : "a"').data == "a"


def test_a_condition_goes_as_the_world_says():
    text = 'x ? "a" : "b"'
    worlds = Worlds()
    evaluator = Named(worlds, Budget())
    frame = Frame(Document("x.tf", text))
    decision = evaluator.evaluate(hcl.parse_expression(text), frame).decisions[0]
    worlds.enter({decision.key: 1})

    term = evaluator.evaluate(hcl.parse_expression(text), frame)

    assert term.data == "b"
    assert term.decisions == (decision,)


def test_deep_expressions_are_unknown_not_errors():
    term = evaluate("+".join(["1"] * 80))

    assert term.reason.kind == "limit"


def test_nested_values_beyond_the_limit_are_unknown():
    term = evaluate('jsondecode("' + "[" * 150 + "]" * 150 + '")')

    assert term.reason.kind == "limit"


def test_functions_are_told_apart_by_what_they_answer():
    assert evaluate("uuid() == uuid()").is_unknown
    assert evaluate("timestamp() == timestamp()").data is True


def test_a_function_that_is_worked_out_is_no_reading_one():
    assert not hcl_functions.READING & hcl_functions.FUNCTIONS.keys()


def test_values_of_a_map_can_be_asked_for_one_by_one():
    given_ = Term(Object([("b", Term(2)), ("a", Term(1))]))

    assert plain(evaluate("[for k, v in m : v]", m=given_)) == [1, 2]
    assert plain(evaluate('m.b + m["a"]', m=given_)) == 3


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.text(max_size=5),
    st.floats(-100, 100).map(lambda f: round(f, 3)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def term_of(value):
    if isinstance(value, dict):
        return Term(Object((k, term_of(v)) for k, v in value.items()))
    if isinstance(value, list):
        return Term([term_of(v) for v in value])
    return Term(value)


ARGUMENTS = st.lists(
    VALUES.map(term_of) | st.sampled_from([hole("x"), hole("n", is_text=False)]), max_size=4
)


@given(st.sampled_from(sorted(hcl_functions.FUNCTIONS)), ARGUMENTS)
def test_no_function_fails_on_any_arguments(name, arguments):
    names = {f"a{i}": a for i, a in enumerate(arguments)}
    term = evaluate(f"{name}({', '.join(names)})", **names)

    assert term.is_known or term.reason is not None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('substr("abc", 0.5, 1)', "invalid"),
        ("keys({ (x) = 1 })", "parameter"),
        ("distinct(structures)", "limit"),
        ("concat(many, many)", "limit"),
        ("setproduct(structures, structures)", "limit"),
        ("tomap(x)", "parameter"),
        ("sensitive()", "invalid"),
        ("alltrue([true, x])", "parameter"),
        ("coalesce(null, n)", "parameter"),
        ('formatlist("%s", x)', "parameter"),
        ('lookup(x, "a", 1)', "parameter"),
        ('parseint("1%s", 2)', "invalid"),
    ],
)  # fmt: skip
def test_what_has_no_answer_says_what_is_in_the_way(text, kind):
    many = Term([Term(i) for i in range(ITEM_LIMIT)])
    structures = Term([Term([Term(i)]) for i in range(502)])

    term = evaluate(text, x=hole("x"), n=hole("n", is_text=False), many=many, structures=structures)
    assert term.is_unknown
    assert term.reason.kind == kind


@pytest.mark.parametrize(
    ("text", "known"),
    [("tomap(null)", None), ("tolist(null)", None), ("alltrue([false, x])", False),
     ("anytrue([true, x])", True), ('coalesce("", x, "b")', None)],
)  # fmt: skip
def test_what_is_known_may_decide_alone(text, known):
    term = evaluate(text, x=hole("x"))

    assert (None if term.is_unknown else term.data) == known
