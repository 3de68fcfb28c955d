"""A Bicep file and the ARM template that says the same have the same findings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes

FOLDER = Path(__file__).parents[2] / "fixtures" / "sources" / "bicep"
CASES = sorted(p for p in FOLDER.iterdir() if p.is_dir())


def judged(case, suffix):
    texts = {p.name: p.read_text() for p in sorted(case.glob(f"*{suffix}"))}
    return testing.check(texts, rule_classes(BUILT_IN).values())


def spelled(text):
    """Spell parameters as Bicep does."""
    return re.sub(r"(?:parameters|variables)\('(\w+)'\)", r"\1", text)


def told(finding):
    """Yield what a finding says, of each resource that repeats it."""
    label, worlds = finding.resource.label, finding.worlds or ()
    held = sorted(str([(spelled(q), a) for q, a in sorted(w.items())]) for w in worlds)
    others = [r.message.removeprefix("also ") for r in finding.related if "also " in r.message]
    for other in (label, *others):
        message = spelled(finding.message.replace(label, other))
        yield finding.rule, finding.severity.level, spelled(other), message, held


def said(report):
    undecided = sorted(
        (u.rule, spelled(u.resource.label), spelled(u.reason)) for u in report.undecided
    )
    return sorted(t for f in report.findings for t in told(f)), undecided, report.resource_count


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_a_bicep_file_and_its_template_have_the_same_findings(case):
    bicep, arm = judged(case, ".bicep"), judged(case, ".json")

    assert len(arm.findings) > 5
    assert bicep.failures == arm.failures == []
    assert bicep.skipped == arm.skipped == []
    assert said(bicep) == said(arm)
