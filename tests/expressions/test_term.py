"""Terms: comparing texts of which pieces are unknown, and what is said of a value."""

from __future__ import annotations

import gc
import weakref

import pytest

from azmlint.expressions.arm_functions import call
from azmlint.expressions.arm_values import (
    NotWorkedOut,
    Refused,
    TooLarge,
    identity,
    joined,
    known,
    opaque,
    plain,
    unknown_member,
)
from azmlint.expressions.term import (
    ABSENT_TERM,
    UNKNOWN,
    Object,
    Symbol,
    Term,
    derived,
    roots,
    same,
    same_text,
    text_of,
    unknown,
)
from azmlint.expressions.truth import Decision

X, Y = Symbol(("parameter", 1, "x"), "x"), Symbol(("parameter", 1, "y"), "y")
TIER = Decision("tier", "parameters('tier')", ("a", "b"))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (("a",), ("a",), True),
        (("a",), ("A",), True),
        (("a",), ("b",), False),
        ((X,), (X,), True),
        ((X,), (Y,), None),
        ((X,), ("a",), None),
        (("a", X), ("a", Y), None),
        (("a", X), ("b", X), False),
        (("a", X), ("ab",), None),
        (("abc", X), ("ab",), False),
        (("a", X), (), False),
        ((X,), (), None),
        ((X, "a"), (X, "b"), False),
        ((X, "a"), (Y, "b"), False),
        ((X, "a"), (X,), False),
        ((X, "ba"), (Y, "a"), None),
        ((X, Y), (X,), None),
        (("a", "", X), ("a", X), True),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_texts_are_told_apart_by_their_known_ends(left, right, expected, turned):
    pair = (right, left) if turned else (left, right)

    assert same_text(*pair) is expected


def test_case_counts_when_asked():
    assert same_text(("a",), ("A",), fold=False) is False
    assert same(Term("a"), Term("A")).known is False
    assert same(Term("a"), Term("A"), fold=True).known is True
    assert same(Term("a"), Term("b"), fold=True).known is False


def test_absent_is_the_same_as_absent_alone():
    assert same(ABSENT_TERM, ABSENT_TERM).known is True
    assert same(ABSENT_TERM, Term("a")).known is False
    assert same(unknown("parameter", "why", X), ABSENT_TERM).known is False


def test_an_undecided_comparison_carries_why_and_what_would_decide():
    one = unknown("parameter", "x has no value", X, (), (TIER,))

    verdict = same(one, Term(5))

    assert verdict.known is None
    assert verdict.reasons[0].text == "x has no value"
    assert verdict.decisions == (TIER,)


def test_neighbouring_pieces_are_joined():
    assert text_of(["a", "", "b", X, "", "c"]) == ("ab", X, "c")


def test_the_same_call_is_the_same_value_and_is_forgotten_when_unused():
    one = derived("length", (("parameter", 1, "x"),))

    assert derived("length", (("parameter", 1, "x"),)) is one
    assert derived("length", (("parameter", 1, "y"),)) is not one
    assert "length" in repr(one)

    watched = weakref.ref(one)
    del one
    gc.collect()
    assert watched() is None


def test_a_value_is_traced_to_the_parameters_it_is_made_of():
    made = opaque("concat", [unknown("parameter", "why", X), unknown("parameter", "why", Y)])
    again = opaque("length", [made])

    assert set(roots(again.parts[0].identity)) == {X.identity, Y.identity}


def test_names_of_members_compare_without_case():
    members = Object([("Name", Term(1))])

    assert members.lookup("NAME").data == 1
    assert members.lookup("other") is None


class Lazy(Object):
    is_lazy = True


LAZY = Term(Lazy())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("empty", [LAZY]),
        ("length", [LAZY]),
        ("items", [LAZY]),
        ("union", [LAZY, Term(Object())]),
        ("intersection", [Term(Object()), LAZY]),
        ("string", [LAZY]),
    ],
)
def test_members_that_are_worked_out_when_asked_for_are_not_listed(name, arguments):
    assert call(name, name, arguments).is_unknown


def test_an_object_is_not_merged_into_one_that_is_not_listed():
    made = call("union", "union", [Term(Object([("a", LAZY)])), known({"a": {"b": 1}})])

    assert made.data["a"].is_unknown


def test_a_number_beyond_the_language_is_a_limit():
    with pytest.raises(TooLarge):
        call("add", "add", [Term(1 << 70), Term(1)])


def test_what_is_certainly_a_text():
    assert Term("a").is_text
    assert Term(UNKNOWN, parts=("a", X)).is_text
    assert not Term(UNKNOWN, parts=(X,)).is_text
    assert not Term(5).is_text


def test_an_object_that_is_not_listed_is_the_same_as_no_other():
    one, two = Term(Lazy()), Term(Lazy())

    assert same(one, two).known is None
    assert identity(one) != identity(two)
    with pytest.raises(NotWorkedOut):
        plain(one)


@pytest.mark.parametrize(
    ("term", "shown"),
    [
        (Term("a"), "a"),
        (Term(5), "5"),
        (Term(data=True), "true"),
        (Term(data=False), "false"),
        (Term([]), "[]"),
        (Term([Term(1)]), "[...]"),
        (Term(Object()), "{}"),
        (Term(Object([("a", Term(1))])), "{...}"),
        (ABSENT_TERM, ""),
        (Term(UNKNOWN, parts=("a-", X)), "a-{x}"),
    ],
)
def test_a_value_is_shown_as_a_reader_would_recognise_it(term, shown):
    assert term.shown() == shown
    assert shown in repr(term)


def test_a_value_rests_on_the_decisions_of_its_members():
    inner = Term("a", decisions=(TIER,))
    keyed = Object([("a", Term(1))])
    keyed.keys_at["a"] = inner
    shared = Term([Term(1)])

    assert Term([Term([inner])]).rests_on_decisions
    assert Term(keyed).rests_on_decisions
    assert inner.rests_on_decisions
    assert not Term([shared, shared]).rests_on_decisions
    assert Term(1).resting_on((TIER,)).decisions == (TIER,)


def test_absent_and_structures_have_no_text():
    with pytest.raises(Refused):
        joined([ABSENT_TERM])
    with pytest.raises(Refused):
        joined([Term([])])


def test_structures_too_large_to_write_are_a_limit():
    wide = Term([Term(1)] * 1000)

    with pytest.raises(TooLarge):
        plain(Term([wide] * 200))


def test_a_structure_too_large_to_tell_apart_is_the_same_as_nothing():
    large = Term([Term(1)] * 2000)
    small = Term([Term(1)] * 20)

    assert identity(large) != identity(large)
    assert identity(small) == identity(small)
    assert identity(ABSENT_TERM) == "absent"


def test_only_plain_data_becomes_a_term():
    assert known({"a": [1, None]}).data["a"].data[0].data == 1
    with pytest.raises(NotWorkedOut):
        known(object())
    with pytest.raises(TooLarge):
        known("a" * ((1 << 20) + 1))


def test_a_long_call_is_shown_in_short():
    made = opaque("concat", [Term("a" * 100), unknown("parameter", "why", X)])

    assert made.shown() == "{concat(...)}"
    assert made.reason.text == "why"


def test_a_reason_is_looked_for_among_the_first_members_only():
    deep = Term([Term(1)] * 5000 + [unknown("parameter", "why", X)])

    assert opaque("length", [deep]).reason.kind == "function"
    assert unknown_member(deep, Term("a")).reason.kind == "function"


def test_markers_name_themselves():
    assert repr(UNKNOWN) == "UNKNOWN"
