"""What is past is a matter of the day on which it is asked."""

from __future__ import annotations

import datetime as dt

import pytest

from azmlint import testing
from azmlint.data.api_versions import STABLE, successor
from azmlint.data.retirements import DATA_LABELING, SDK_V1
from azmlint.engine.packs import BUILT_IN, rule_classes

RULES = rule_classes(BUILT_IN)


@pytest.mark.parametrize(
    ("day", "said"),
    [("2026-06-29", "has support until 30 June 2026 only"), ("2026-06-30", "no support since")],
)
def test_program_of_sdk_v1_is_told_what_holds_on_the_day(day, said):
    facts = testing.Facts(today=dt.date.fromisoformat(day))
    text = "from azureml.core import Workspace\n"
    report = testing.check({"a.py": text}, [RULES["sdk-v1-used"]], facts=facts)

    (finding,) = report.findings
    assert said in finding.message


def test_retirement_is_told_before_and_after():
    before, after = dt.date(2026, 1, 1), dt.date(2027, 1, 1)

    assert DATA_LABELING.retired(before) == "will be retired on 30 September 2026"
    assert DATA_LABELING.retired(after) == "was retired on 30 September 2026"
    assert SDK_V1.told(after) == "has had no support since 30 June 2026"


@pytest.mark.parametrize(
    ("preview", "stable"),
    [
        ("2024-07-01-preview", "2024-10-01"),
        ("2021-01-01-preview", "2021-01-01"),
        ("2027-01-01-preview", STABLE[0]),
    ],
)
def test_preview_moves_to_the_first_stable_version_that_is_no_older(preview, stable):
    assert successor(preview) == stable


def test_stable_versions_are_newest_first():
    assert list(STABLE) == sorted(STABLE, reverse=True)
