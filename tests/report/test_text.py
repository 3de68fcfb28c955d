"""The text report is for a reader's eyes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint import testing
from azmlint.engine.own import TextSpot
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.report import Report, UndecidedPair
from azmlint.finding import Applicability, Finding, Fix, Severity
from azmlint.location import Document
from azmlint.report import FORMATS, write
from azmlint.report.excerpt import columns
from azmlint.report.options import ReportOptions

ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def written(report, **options):
    return write("text", report, ReportOptions(**options))


def marked(text, start, end, **options):
    """Give the excerpt's two lines."""
    report = Report()
    spot = TextSpot(Document("a.yml", text), start, end)
    report.findings = [Finding("some-rule", Severity.ERROR, "wrong", spot, None)]
    return written(report, **options).splitlines()[1:3]


def test_report_is_as_committed(report, expect):
    expect("report.txt", written(report))


def test_concise_report_is_as_committed(report, expect):
    expect("report.concise.txt", write("concise", report, ReportOptions()))


def test_colours_change_nothing_else(report):
    colored = written(report, color=True)

    assert "\x1b" not in written(report)
    assert "\x1b[1;31merror[password-in-file]\x1b[0m" in colored
    assert ESCAPE.sub("", colored) == written(report)


@pytest.mark.parametrize(
    ("text", "start", "end", "shown"),
    [
        ("a: bc\n", 3, 5, ["  1 | a: bc", "    |    ^^"]),
        ("a:\tb\n", 3, 4, ["  1 | a:    b", "    |       ^"]),
        ("\t\tb: 1", 5, 6, ["  1 |         b: 1", "    |            ^"]),
        ("東京: x", 4, 5, ["  1 | 東京: x", "    |       ^"]),
        ("a: 東京", 3, 5, ["  1 | a: 東京", "    |    ^^^^"]),
        ("e\u0301: x", 4, 5, ["  1 | e\u0301: x", "    |    ^"]),
        ("\x1b: x", 3, 4, ["  1 | \\x1b: x", "    |       ^"]),
        ("a: b", 4, 4, ["  1 | a: b", "    |     ^"]),
        ("a: [\n  b\n]", 3, 9, ["  1 | a: [", "    |    ^"]),
        ("\n" * 9 + "a: b", 12, 13, ["  10 | a: b", "     |    ^"]),
        ("a: b\r\nc: d\r\n", 9, 10, ["  2 | c: d", "    |    ^"]),
    ],
)
def test_extent_is_underlined(text, start, end, shown):
    assert marked(text, start, end) == shown


def test_long_line_is_cut_around_the_extent():
    text = "x" * 500 + "yes" + "x" * 500

    shown, under = marked(text, 500, 503, width=60)

    assert shown == "  1 | ..." + "x" * 20 + "yes" + "x" * 37 + "..."
    assert under == "    | " + " " * 23 + "^^^"


def test_extent_longer_than_the_line_may_be_is_cut():
    shown, under = marked("x" * 500, 0, 500, width=60)

    assert shown == "  1 | " + "x" * 60 + "..."
    assert under == "    | " + "^" * 60


def test_empty_line_is_not_quoted():
    report = Report()
    spot = TextSpot(Document("a.yml", "\n"), 0, 0)
    report.findings = [Finding("some-rule", Severity.ERROR, "wrong", spot, None)]

    assert written(report).splitlines()[:2] == ["a.yml:1:1: error[some-rule] wrong", ""]


@settings(max_examples=200)
@given(st.text(st.characters(), min_size=1, max_size=40), st.data())
def test_mark_stands_under_the_line(text, draw):
    start = draw.draw(st.integers(0, len(text) - 1))
    end = draw.draw(st.integers(start + 1, len(text)))
    report = Report()
    spot = TextSpot(Document("a.yml", text), start, end)
    report.findings = [Finding("some-rule", Severity.ERROR, "wrong", spot, None)]

    _, *rest = written(report).split("\n")

    if rest[0].startswith("  "):
        shown, under = rest[:2]
        assert columns(under) <= columns(shown) + 1
        assert under.rstrip("^") != under


def test_ten_related_places_are_shown_and_the_rest_is_counted(report):
    shown = written(report)

    assert shown.count("also compute cluster 'gpu'") == 10
    assert "  = and 2 more\n" in shown


def test_line_that_a_fix_removes_is_shown(report):
    train = report.findings[0].resource
    fix = Fix("leave it out", Applicability.UNSAFE, (train.max_nodes.remove(),))
    report.findings = [
        Finding("no-tier", Severity.NOTE, "wrong", train.max_nodes, train, fixes=(fix,))
    ]

    shown = written(report)

    assert (
        "  = fix: leave it out (may change how work runs, --unsafe-fixes applies it)\n"
        "    - max_instances: 4\n"
        "  = see"
    ) in shown


def test_fix_that_no_edit_can_make_says_why():
    text = """{
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [{
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "apiVersion": "2024-04-01",
        "name": "ws/gpu",
        "properties": {
          "computeType": "AmlCompute",
          "properties": {
            "vmSize": "Standard_NC6s_v3",
            "scaleSettings": {"minNodeCount": "[add(1, 2)]", "maxNodeCount": 4}
          }
        }
      }]
    }"""
    rule = rule_classes(BUILT_IN)["min-nodes-above-zero"]

    shown = written(testing.check({"main.json": text}, [rule]))

    assert "(shown only: the value is computed by an expression)\n" in shown


def test_summary_counts(report):
    shown = written(report)

    assert "\n2 errors, 2 warnings, 1 note; 2 suppressed in 4 files\n" in shown
    assert "\nundecided: 2 results; most often because\n" in shown
    assert "\n2 rules not applied: they need a snapshot\n" in shown
    assert shown.endswith("\nthe run is incomplete\n")


def test_most_frequent_reasons_come_first(report):
    gpu = report.findings[3].resource
    report.undecided = [
        UndecidedPair("no-tier", gpu, reason, "parameter", None)
        for reason, count in (("d", 1), ("c", 1), ("b", 3), ("a", 2))
        for _ in range(count)
    ]

    shown = written(report)

    assert "because\n  3 x b\n  2 x a\n  1 x c\n2 rules" in shown


def test_nothing_to_say_is_one_line():
    assert written(Report()) == "0 errors, 0 warnings, 0 notes in 0 files\n"


def test_severity_that_is_not_shown_is_counted(report):
    shown = written(report, min_severity=Severity.ERROR)

    assert "warning[" not in shown
    assert "2 warnings" in shown


def test_undecided_results_can_be_left_out(report):
    assert "undecided" not in written(report, show_undecided=False)


@pytest.mark.parametrize("form", ["text", "concise"])
def test_no_line_is_a_command_of_a_pipeline(report, form):
    for path in (":", "::error::x", "##[error]"):
        spot = TextSpot(Document(path, "a"), 0, 1)
        report.findings.append(Finding("some-rule", Severity.ERROR, "##vso[x]", spot, None))

    for line in write(form, report, ReportOptions()).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##vso[" not in line
        assert "##[" not in line


def test_concise_line_can_be_parsed_by_editors(report):
    lines = write("concise", report, ReportOptions()).splitlines()

    assert len(lines) == len(report.findings) + len(report.failures)
    for line in lines[: len(report.findings)]:
        assert re.match(r".+?:\d+:\d+: (error|warning|note)\[[a-z-]+\] .", line)


def test_every_format_keeps_the_order_of_the_report(report):
    for form in FORMATS:
        text = write(form, report, ReportOptions())
        places = [text.index(word) for word in ("names no tier", "keeps 2 nodes", "keeps 3 nodes")]

        assert places == sorted(places)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=80))
def test_any_file_can_be_reported(raw):
    report = testing.check({"a.yml": raw, "a.json": raw}, [])

    for form in FORMATS:
        text = write(form, report, ReportOptions())

        assert text.encode("utf-8").decode("utf-8") == text
