"""A world says which way each decision was taken."""

from __future__ import annotations

from azmlint.expressions.truth import Decision
from azmlint.expressions.worlds import Worlds

TIER = Decision("tier", "parameters('tier')", ("dedicated", "low_priority"))


def test_a_decision_is_open_until_a_world_is_entered():
    worlds = Worlds()

    assert worlds.choice(TIER) is None
    worlds.enter({"tier": 1})
    assert worlds.choice(TIER) == 1
    worlds.enter({})
    assert worlds.choice(TIER) is None


def test_an_undecided_condition_goes_as_its_world_says(evaluate):
    worlds = Worlds()
    expression = "[if(equals(parameters('text'), 'a'), 'yes', 'no')]"
    open_ = evaluate(expression, worlds)

    found = []
    for choice in (0, 1):
        worlds.enter({open_.decisions[0].key: choice})
        found.append(evaluate(expression, worlds))

    assert open_.is_unknown
    assert [term.data for term in found] == ["yes", "no"]
    assert all(term.decisions == open_.decisions for term in found)
