"""Every rule is shown on every input that can carry its facts; statements name their rules."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from azmlint import catalog
from azmlint.engine.packs import BUILT_IN, rule_classes

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "rules"))

import article  # noqa: E402  # after the path is set
import matrix  # noqa: E402
import pages  # noqa: E402

RULES = rule_classes(BUILT_IN)


def test_every_rule_is_shown_on_an_input_or_says_why_not():
    assert matrix.unexplained(RULES) == []


def test_a_page_with_a_cell_of_which_nothing_says_why_it_is_empty_is_refused(monkeypatch):
    monkeypatch.setattr(matrix, "shown", lambda rules: {name: {} for name in rules})

    with pytest.raises(LookupError, match="nothing shows acr-admin-enabled in arm"):
        matrix.matrix_page(RULES)


def test_no_reason_is_given_for_what_is_shown():
    assert matrix.idle_reasons(RULES) == []


def test_reasons_are_of_the_kinds_that_the_page_explains():
    found = matrix.reasons().values()

    assert {reason.mark for reason in found} <= matrix.MEANINGS.keys()
    assert all(reason.source for reason in found)


def test_every_rule_has_the_five_kinds_of_case_or_says_why_not():
    missing = {(name, what) for name, whats in matrix.lacking(RULES).items() for what in whats}

    assert missing == set(matrix.why_lacking())


@pytest.mark.parametrize(
    ("name", "is_absent", "is_unknown"),
    [
        ("tier-absent", True, False),
        ("without-subnet", True, False),
        ("no-rows", True, False),
        ("size-without-a-value", False, True),
        ("deployed-not-read", False, False),
        ("read-only", False, False),
        ("size-not-known", False, True),
        ("nodes-stay", False, False),
    ],
)
def test_the_name_of_a_case_tells_what_is_not_there(name, is_absent, is_unknown):
    assert matrix.tells(name) == (is_absent, is_unknown)


@pytest.mark.parametrize("rule", [r for r in RULES.values() if catalog.examples(r)], ids=str)
def test_page_shows_two_inputs_where_two_can_carry_the_facts(rule):
    known = matrix.shown({rule.name: rule})[rule.name]

    assert len(pages.shown_inputs(rule, is_bad=True)) >= min(2, len(known))


def test_statements_name_rules_that_exist():
    assert {n for one in article.statements() for n in one.rules} - RULES.keys() == set()


def test_statements_are_all_there_and_say_whether_they_hold():
    found = article.statements()

    assert [one.number for one in found] == list(range(1, 38))
    assert all(one.said and one.today and one.holds in article.HOLDS for one in found)


def test_pages_show_what_is_right_in_two_inputs_but_for_some():
    few = {name for name, r in RULES.items() if len(pages.shown_inputs(r, is_bad=False)) < 2}

    # These need files beside each other, or have one input only.
    assert {name for name in few if RULES[name].judges_declared} == {
        "arm-template-updates-compute",
        "capacity-bottleneck",
        "hidden-consumers",
        "immutable-property-changed",
        "lighthouse-delegated",
        "lock-on-workspace-resource",
        "low-priority-quota-shortfall",
        "min-nodes-exceed-quota",
        "quota-region-mismatch",
        "regional-quota-shortfall",
        "terraform-cross-region-recreate",
        "terraform-provider-recreates",
    }


@pytest.mark.parametrize("name", RULES)
def test_page_says_what_cures_it(name):
    text = (ROOT / "rules" / "docs" / f"{name}.md").read_text(encoding="utf-8")

    assert "\n## Fix\n" in text


@pytest.mark.parametrize("name", RULES)
def test_page_says_where_a_rule_does_not_apply_how_sure_it_is_and_who_says_so(name):
    sections = catalog.sections(RULES[name])

    assert "Not when" in sections
    assert sections["How sure"].startswith(("Documented", "Specified", "Observed", "Deduced"))
    for source in sections["References"].split("\n- "):
        assert re.search(r"\b20\d\d\b|\d\.\d|^(- )?Deduced|the list is ours", source), source
