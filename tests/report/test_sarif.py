"""The SARIF report holds what code scanning services and viewers ask for."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint import cli, testing
from azmlint.engine.own import TextSpot
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.report import Failure, Report
from azmlint.finding import Finding, Severity
from azmlint.location import Document
from azmlint.report import write
from azmlint.report.options import ReportOptions
from azmlint.report.sarif import log

UNKNOWN = "parameters('a') is not known"
ANYTHING = st.text(st.characters(), max_size=30)
RELATIVE = re.compile(r"(?![A-Za-z][A-Za-z0-9+.-]*:)(?!/)[A-Za-z0-9._~%/-]+")


def run_of(report, **options):
    (run,) = log(report, ReportOptions(**options))["runs"]
    return run


def report_on(text, start, end, *, path="a.yml", message="it is wrong"):
    document = Document(path, text)
    report = Report()
    report.documents = {path: document}
    report.findings = [
        Finding("some-rule", Severity.ERROR, message, TextSpot(document, start, end), None)
    ]
    return report


def location_in(report):
    return run_of(report)["results"][0]["locations"][0]["physicalLocation"]


def assert_sound(run):
    """Check what services refuse a whole file for, and what viewers need."""
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", rule["name"])
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert result["message"]["text"].endswith(".")
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert set(result["partialFingerprints"]) == {"primaryLocationLineHash", "azmlint/v1"}
        for place in [*result["locations"], *result.get("relatedLocations", [])]:
            physical = place["physicalLocation"]
            where = physical["artifactLocation"]
            assert RELATIVE.fullmatch(where["uri"])
            assert run["artifacts"][where["index"]]["location"]["uri"] == where["uri"]
            region = physical["region"]
            assert (region["startLine"], region["startColumn"]) >= (1, 1)
            assert (region["startLine"], region["startColumn"]) <= (
                region["endLine"],
                region["endColumn"],
            )
        for place in result.get("relatedLocations", []):
            assert place["message"]["text"].endswith(".")
        for fix in result.get("fixes", []):
            assert fix["description"]["text"].endswith(".")
            assert all(c["replacements"] for c in fix["artifactChanges"])


def test_report_is_as_committed(report, expect):
    text = write("sarif", report, ReportOptions(exit_code=3))

    expect("report.sarif", text)
    assert_sound(json.loads(text)["runs"][0])


def test_an_audit_is_sound_and_of_a_category_for_each_subscription(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    estate = (
        Path(__file__).parent.parent.parent
        / "fixtures"
        / "estates"
        / "contoso-live"
        / "estate.json"
    )
    cli.run(["audit", "--snapshot", str(estate), "--format", "sarif"])
    runs = json.loads(capsys.readouterr().out)["runs"]

    assert [run["automationDetails"]["id"] for run in runs] == [
        "azmlint/deployed/3f9d2a71-5c08-4e1b-9d64-7a20c1e8b5f0/",
        "azmlint/deployed/b8e4160c-2d97-4f35-8a1e-60d9f3c7a412/",
    ]
    for run in runs:
        assert run["results"]
        assert_sound(run)
        subscription = run["automationDetails"]["id"].split("/")[-2]
        for result in run["results"]:
            link = result["hostedViewerUri"]
            assert link.startswith(
                f"https://portal.azure.com/#resource/subscriptions/{subscription}/"
            )
            location = result["locations"][0]["physicalLocation"]["artifactLocation"]
            assert location["properties"]["href"] == link
        (gap,) = [
            n
            for n in run["invocations"][0]["toolExecutionNotifications"]
            if "workspaces/computes/read" in n["message"]["text"] and n["level"] == "error"
        ]
        assert "mlw-hub" in gap["message"]["text"]
        assert run["invocations"][0]["exitCode"] == 3


def test_only_rules_with_results_are_described(report):
    names = [r["id"] for r in run_of(report)["tool"]["driver"]["rules"]]

    assert names == ["min-nodes", "no-tier", "password-in-file", "syntax-error"]


def test_security_severity_is_a_text_and_only_where_given(report):
    found = {r["id"]: r["properties"] for r in run_of(report)["tool"]["driver"]["rules"]}

    assert found["password-in-file"]["security-severity"] == "9.5"
    assert found["password-in-file"]["tags"] == ["azureml", "access", "security"]
    assert "security-severity" not in found["min-nodes"]
    assert found["min-nodes"]["problem.severity"] == "warning"
    assert found["no-tier"]["problem.severity"] == "recommendation"


def test_rule_of_a_pack_brings_its_page():
    rule = rule_classes(BUILT_IN)["min-nodes-above-zero"]
    text = "name: a\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: 2\nmax_instances: 3\n"

    (found,) = run_of(testing.check({"a.yml": text}, [rule]))["tool"]["driver"]["rules"]

    assert found["help"]["markdown"].startswith("# min-nodes-above-zero\n")
    assert "## Why" in found["help"]["markdown"]


def test_path_is_no_scheme_and_no_fragment(report):
    uri = location_in_last(report)["artifactLocation"]["uri"]

    assert uri == "teams/%3A%3Aerror%20file%3Dx%3A%3A/50%25%20off%20%231.yml"
    assert unquote(uri) == report.findings[-1].place.document.path


def location_in_last(report):
    results = [r for r in run_of(report)["results"] if "suppressions" not in r]
    return results[-1]["locations"][0]["physicalLocation"]


def test_file_name_that_is_no_text_keeps_its_bytes():
    report = report_on("a", 0, 1, path="\udcff.yml")

    assert location_in(report)["artifactLocation"]["uri"] == "%FF.yml"


def test_half_a_character_in_a_path_is_written_all_the_same():
    report = report_on("a", 0, 1, path="\ud83d.yml")

    assert location_in(report)["artifactLocation"]["uri"] == "%ED%A0%BD.yml"


def test_columns_are_counted_in_utf16_units():
    text = "first\n😀é: 😀x\n"
    start = text.index("x")

    region = location_in(report_on(text, start, start + 1))["region"]

    assert run_of(report_on(text, 0, 1))["columnKind"] == "utf16CodeUnits"
    assert (region["startLine"], region["startColumn"]) == (2, 8)
    assert (region["endLine"], region["endColumn"]) == (2, 9)
    assert region["snippet"] == {"text": "x"}


def test_context_is_the_lines_around():
    text = "one\ntwo\nthree\nfour\n"

    context = location_in(report_on(text, 4, 7))["contextRegion"]

    assert context["snippet"] == {"text": "one\ntwo\nthree"}
    assert (context["startLine"], context["endLine"], context["endColumn"]) == (1, 3, 6)


def test_context_of_a_long_line_is_a_part_of_it():
    text = "a\n" + "x" * 50_000 + "y" + "x" * 50_000

    context = location_in(report_on(text, 50_002, 50_003))["contextRegion"]

    assert context["snippet"] == {"text": "x" * 200 + "y" + "x" * 200}
    assert (context["startLine"], context["startColumn"]) == (2, 50_001 - 200)


def test_extent_too_long_to_quote_is_not_quoted():
    found = location_in(report_on("x" * 50_000, 0, 50_000))

    assert "snippet" not in found["region"]
    assert "contextRegion" not in found


def test_empty_text_has_a_region():
    region = location_in(report_on("", 0, 0))["region"]

    assert region == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}


def test_name_makes_no_link(report):
    results = run_of(report)["results"]

    assert r"\[x\](https://example.org)" in results[0]["message"]["text"]
    assert results[-1]["message"]["text"] == "4 nodes are many."


def test_message_shows_terminal_escapes_and_marks_of_direction(report):
    for result in run_of(report)["results"]:
        assert result["message"]["text"].isprintable()


def test_suppressed_results_say_by_whom_and_why(report):
    found = [r["suppressions"] for r in run_of(report)["results"] if "suppressions" in r]

    assert found == [
        [{"kind": "inSource", "status": "accepted", "justification": "agreed with finance"}],
        [{"kind": "external", "status": "accepted", "justification": "no reason is given"}],
    ]


def test_what_failed_was_skipped_or_undecided_is_notified(report):
    (invocation,) = run_of(report, exit_code=3)["invocations"]

    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    assert [
        (n["level"], n["message"]["text"]) for n in invocation["toolExecutionNotifications"]
    ] == [
        ("error", r"'a/::b.json' failed (read): not allowed\x07."),
        ("error", "'acme_rules' failed (load): ValueError: ##[error]no."),
        ("note", "'big.json' is skipped: larger than 10 MB."),
        (
            "note",
            "rule 'min-nodes' is undecided in 1 case, most often because the locks were not read.",
        ),
        (
            "note",
            f"rule 'no-tier' is undecided in 1 case, most often because {UNKNOWN}.",
        ),
    ]


def test_undecided_results_can_be_left_out(report):
    (invocation,) = run_of(report, show_undecided=False)["invocations"]

    assert len(invocation["toolExecutionNotifications"]) == 3


def test_time_is_written_only_when_given(report):
    now = dt.datetime(2026, 11, 24, 13, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))

    without = write("sarif", report, ReportOptions())
    (invocation,) = run_of(report, now=now)["invocations"]

    assert 'Utc"' not in without
    assert invocation["endTimeUtc"] == "2026-11-24T11:00:00Z"


def test_severity_that_is_not_shown_is_not_written(report):
    run = run_of(report, min_severity=Severity.ERROR)

    assert [r["level"] for r in run["results"]] == ["error", "error"]
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["password-in-file", "syntax-error"]


def test_rule_nobody_described_has_no_index():
    (result,) = run_of(report_on("a", 0, 1))["results"]

    assert "ruleIndex" not in result


def test_edits_of_a_fix_come_by_file(report):
    fixed = [r for r in run_of(report)["results"] if "fixes" in r]
    (fix,) = fixed[-1]["fixes"]

    assert fix["description"] == {"text": "scale down to 0 nodes."}
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "infra/main.parameters.json"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 5, "startColumn": 24, "endLine": 5, "endColumn": 25},
            "insertedContent": {"text": "0"},
        }
    ]


@settings(max_examples=40, deadline=None)
@given(name=ANYTHING, size=ANYTHING, path=ANYTHING, reason=ANYTHING)
def test_whatever_files_hold_the_report_is_sound(name, size, path, reason):
    text = "".join(
        f"{key}: {json.dumps(value)}\n"
        for key, value in (
            ("name", name),
            ("type", "amlcompute"),
            ("size", size),
            ("min_instances", 2),
            ("max_instances", 1),
        )
    )
    path = path.strip("/") or "a"
    report = testing.check({f"{path}.yml": text}, rule_classes(BUILT_IN).values())
    report.failures = [Failure(path, None, "read", reason)]

    run = json.loads(write("sarif", report, ReportOptions()))["runs"][0]

    assert_sound(run)
    assert len(run["results"]) == len(report.findings)


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif"])
def test_same_report_gives_the_same_bytes(report, form):
    assert write(form, report, ReportOptions()) == write(form, report, ReportOptions())
