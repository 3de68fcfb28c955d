"""What a diagnosis may rule out."""

from __future__ import annotations

from pathlib import Path

import pytest

from azmlint import testing
from azmlint.engine import diagnose, packs
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.sources import snapshot

CASES = Path(__file__).parents[2] / "fixtures" / "rules"


def diagnosed(case):
    raw = (CASES / case / "estate.json").read_bytes()
    report = testing.check({"estate.json": raw}, rule_classes(BUILT_IN).values())
    return diagnose.diagnose(snapshot.read(raw, case), "vision/train", report, packs.entries())


@pytest.mark.parametrize("rule", ["lock-on-vnet-rg", "readonly-lock-on-cluster-network"])
def test_no_cause_is_ruled_out_where_its_kind_was_not_read(rule):
    found = diagnosed("stuck-resizing-zero/stuck")

    assert rule not in found.ruled_out
    assert {u.reason for u in found.unread if u.rule == rule} == {"locks were not asked for"}
