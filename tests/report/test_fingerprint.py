"""A finding is known again from run to run."""

from __future__ import annotations

import re

from azmlint import testing
from azmlint.engine.fingerprint import fingerprints
from azmlint.engine.own import TextSpot
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.report import Suppressed
from azmlint.finding import Finding, Severity
from azmlint.location import Document
from azmlint.report.json import data
from azmlint.report.options import ReportOptions

RULE = rule_classes(BUILT_IN)["min-nodes-above-zero"]
CLUSTER = "name: gpu\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: 1\nmax_instances: 2\n"


def prints_of(text, path="c.yml"):
    (pair,) = fingerprints(testing.check({path: text}, [RULE]).findings)
    return pair


def spot(text="word word", start=0, end=4, *, path="a.yml", rule="some-rule", message="wrong"):
    return Finding(rule, Severity.NOTE, message, TextSpot(Document(path, text), start, end), None)


def test_both_are_sha256():
    for text in prints_of(CLUSTER):
        assert re.fullmatch("[0-9a-f]{64}", text)


def test_fingerprint_survives_lines_above_another_value_and_another_message():
    first, content = prints_of(CLUSTER)

    moved = prints_of(f"# a comment\n\n{CLUSTER}")
    changed = prints_of(CLUSTER.replace("min_instances: 1", "min_instances: 2"))

    assert moved == (first, content)
    assert changed[0] == first
    assert changed[1] != content


def test_fingerprint_differs_by_path_name_rule_and_occurrence():
    found = [
        prints_of(CLUSTER)[0],
        prints_of(CLUSTER, "d.yml")[0],
        prints_of(CLUSTER.replace("gpu", "cpu"))[0],
        *(p for p, _ in fingerprints([spot(), spot(start=5, end=9), spot(rule="other-rule")])),
    ]

    assert len(set(found)) == len(found)


def test_id_of_what_is_deployed_has_no_case():
    lower, upper = (
        fingerprints([spot(path=path)])[0][0]
        for path in ("/subscriptions/a/resourcegroups/b", "/subscriptions/A/resourceGroups/B")
    )

    assert lower == upper
    assert fingerprints([spot(path="A.yml")]) != fingerprints([spot(path="a.yml")])


def test_white_space_does_not_change_the_content():
    one = fingerprints([spot("a  b\n\tc", 0, 7)])[0][1]
    two = fingerprints([spot("a b c", 0, 5)])[0][1]

    assert one == two


def test_suppressing_one_finding_leaves_the_others_as_they_are(report):
    first, second, third = (spot("a a a", i, i + 1) for i in (0, 2, 4))
    report.findings, report.suppressed = [first, second, third], []
    before = [f["fingerprint"] for f in data(report, ReportOptions())["findings"]]

    report.findings = [second, third]
    report.suppressed = [Suppressed(first, "comment", "agreed", None)]
    found = data(report, ReportOptions())

    assert [f["fingerprint"] for f in found["findings"]] == before[1:]
    assert [f["fingerprint"] for f in found["suppressed"]] == before[:1]


def test_what_is_not_shown_counts_all_the_same(report):
    every = data(report, ReportOptions())["findings"]
    some = data(report, ReportOptions(min_severity=Severity.ERROR))["findings"]

    shown = {f["fingerprint"] for f in every if f["severity"] == "error"}
    assert {f["fingerprint"] for f in some} == shown
