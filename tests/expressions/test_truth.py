"""Kleene's logic: a verdict that is decided holds whatever the undecided turn out to be."""

from __future__ import annotations

import itertools

import pytest

from azmlint.expressions.truth import (
    FALSE,
    TRUE,
    Decision,
    Need,
    Reason,
    Truth,
    Undecided,
    truth,
    undecided,
)

MAYBE = undecided("parameter", "x has no value here")
VERDICTS = [TRUE, FALSE, MAYBE]


def possible(verdict):
    return [True, False] if verdict.known is None else [verdict.known]


@pytest.mark.parametrize(("one", "two"), [(a, b) for a in VERDICTS for b in VERDICTS])
def test_operators_are_decided_just_when_every_case_agrees(one, two):
    cases = list(itertools.product(possible(one), possible(two)))
    both = {a and b for a, b in cases}
    either = {a or b for a, b in cases}

    assert (one & two).known == (both.pop() if len(both) == 1 else None)
    assert (one | two).known == (either.pop() if len(either) == 1 else None)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_not_turns_round_what_is_decided(verdict):
    expected = None if verdict.known is None else not verdict.known

    assert (~verdict).known is expected
    assert (~~verdict).known is verdict.known


def test_reasons_and_decisions_of_both_sides_are_kept_once():
    tier = Decision("tier", "parameters('tier')", ("a", "b"))
    size = Decision("size", "parameters('size')", ("c", "d"))
    one = Truth(None, (Reason("parameter", "one"),), (tier,))
    two = Truth(None, (Reason("parameter", "two"), Reason("parameter", "one")), (tier, size))

    for both in (one & two, one | two):
        assert [r.text for r in both.reasons] == ["one", "two"]
        assert both.decisions == (tier, size)


def test_asking_the_undecided_raises_with_what_is_missing():
    need = Need("locks", "the group", "Microsoft.Authorization/locks/read")
    verdict = undecided("facet", "no snapshot", need)

    with pytest.raises(Undecided, match="no snapshot") as caught:
        bool(verdict)

    assert caught.value.reasons[0].need == need


def test_a_decided_verdict_is_a_bool():
    assert truth(value=True)
    assert not truth(value=False)
    assert "x has no value" in repr(MAYBE)
