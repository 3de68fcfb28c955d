"""SARIF for GitHub keeps to its limits; the official schema and Microsoft's validator agree."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

from azmlint import cli
from azmlint.engine.own import TextSpot
from azmlint.engine.report import Report, RuleInfo
from azmlint.finding import Finding, Severity
from azmlint.location import Document
from azmlint.report import sarif_github, write, write_files
from azmlint.report.options import ReportOptions

ROOT = Path(__file__).parent.parent.parent
LIVE = ROOT / "fixtures" / "estates" / "contoso-live" / "estate.json"
CONTOSO = ROOT / "fixtures" / "estates" / "contoso"
SEVERITIES = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


def many(count, *, length=10):
    """Make a report of so many findings, their severities mixed."""
    lines = [f"name{i}: {'x' * length}\n" for i in range(count)]
    document = Document("big.yml", "".join(lines))
    report = Report()
    report.documents = {"big.yml": document}
    report.rules = {
        "some-rule": RuleInfo(
            name="some-rule",
            family="scale",
            severity=Severity.WARNING,
            summary="Something is wrong.",
            help_markdown="# some-rule\n",
            help_uri="https://github.com/azmlint/azmlint",
            security_severity=None,
            kind="file",
        )
    }
    start = 0
    for index, line in enumerate(lines):
        spot = TextSpot(document, start, start + len(line) - 1)
        severity = SEVERITIES[index % 3]
        report.findings.append(Finding("some-rule", severity, f"wrong {index}", spot, None))
        start += len(line)
    return report


def logs(report, **options):
    return [json.loads(t) for t in write_files("sarif-github", report, ReportOptions(**options))]


def test_what_is_accepted_is_not_told(report):
    (log,) = logs(report)
    results = log["runs"][0]["results"]

    assert len(results) == len(report.findings)
    assert not any("suppressions" in r for r in results)
    assert "suppressions" in write("sarif", report, ReportOptions())


def test_the_worst_are_kept_and_the_rest_is_counted():
    (log,) = logs(many(6000))
    (run,) = log["runs"]

    levels = [r["level"] for r in run["results"]]
    assert len(levels) == 5000
    assert levels == ["error"] * 2000 + ["warning"] * 2000 + ["note"] * 1000
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("1000 results have no room here")


def test_with_split_everything_is_written():
    (log,) = logs(many(6000), split=True)

    assert [len(run["results"]) for run in log["runs"]] == [5000, 1000]
    assert [run["automationDetails"]["id"] for run in log["runs"]] == [
        "azmlint/files/",
        "azmlint/files/part-2/",
    ]


def test_no_file_is_larger_than_what_is_taken(monkeypatch):
    monkeypatch.setattr(sarif_github, "LARGEST", 20_000)

    for split in (False, True):
        texts = write_files("sarif-github", many(900, length=200), ReportOptions(split=split))
        results = [
            r["message"]["text"]
            for text in texts
            for run in json.loads(text)["runs"]
            for r in run["results"]
        ]

        assert all(len(gzip.compress(text.encode(), 6)) <= 20_000 for text in texts)
        assert len(results) == len(set(results))
        assert (len(results) == 900) is split


def subscriptions(count, tmp_path):
    """Write a snapshot of so many subscriptions, each with one locked group."""
    base = json.loads(LIVE.read_text(encoding="utf-8"))
    own = "b8e4160c-2d97-4f35-8a1e-60d9f3c7a412"
    answers = [a for a in base["answers"] if own in a["scope"] and a["state"] == "collected"]
    text = json.dumps(answers)
    base["answers"] = [
        answer
        for i in range(count)
        for answer in json.loads(text.replace(own, f"00000000-0000-0000-0000-{i:012}"))
    ]
    path = tmp_path / "many.json"
    path.write_text(json.dumps(base))
    return path


def test_every_subscription_has_its_category_and_no_file_too_many_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snapshot = subscriptions(45, tmp_path)

    cli.run(["audit", "--snapshot", str(snapshot), "--output", "sarif-github=a.sarif"])

    files = sorted(tmp_path.glob("a*.sarif"))
    assert [f.name for f in files] == ["a.2.sarif", "a.3.sarif", "a.sarif"]
    runs = [run for f in files for run in json.loads(f.read_text())["runs"]]
    categories = [run["automationDetails"]["id"] for run in runs]
    assert len(set(categories)) == len(categories) == 45
    assert all(len(json.loads(f.read_text())["runs"]) <= 20 for f in files)


def test_a_subscription_without_findings_is_told_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    snapshot = subscriptions(2, tmp_path)
    data = json.loads(snapshot.read_text())
    for answer in data["answers"]:
        if "-000000000001" in answer["scope"]:
            answer["items"] = []
    snapshot.write_text(json.dumps(data))

    cli.run(["audit", "--snapshot", str(snapshot), "--format", "sarif-github"])

    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [bool(run["results"]) for run in runs] == [True, False]


RULES = {
    "SARIF2006.UrisShouldBeReachable": "Disabled",  # it would ask the network
    **dict.fromkeys(
        (
            "GH1001.ProvideRequiredLocationProperties",
            "GH1002.InlineThreadFlowLocations",
            "GH1003.ProvideRequiredRegionProperties",
            "GH1004.ReviewArraysThatExceedConfigurableDefaults",
            "GH1005.LocationsMustBeRelativeUrisOrFilePaths",
            "GH1006.ProvideCheckoutPath",
            "GH1007.ProvideFullyFormattedMessageStrings",
            "GH1011.GhasReferenceFinalSchema",
            "GH1013.GhProvideRequiredSarifLogProperties",
            "GH1014.GhasProvideRequiredRunProperties",
            "GH1015.GhasProvideRequiredResultProperties",
            "GH1016.GhasProvideRequiredLocationProperties",
            "GH1017.GhasProvideRequiredPhysicalLocationProperties",
            "GH1018.GhasProvideToolDriver",
            "GH2012.GhasProvideRequiredReportingDescriptorProperties",
        ),
        "Error",
    ),
}
"""The validator's rules that are not as we want them; GitHub's are off unless switched on."""


@pytest.fixture(scope="session")
def validate(npm_package, tmp_path_factory):
    """Ask Microsoft's validator, the schema, and what GitHub refuses beyond both."""
    package = npm_package("@microsoft/sarif-multitool-linux")
    schema = json.loads((package / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    folder = tmp_path_factory.mktemp("multitool")
    states = "".join(
        f'<Properties Key="{name}.Options"><Property Key="RuleEnabled" Value="{state}"'
        ' Type="Driver.RuleEnabledState" /></Properties>'
        for name, state in RULES.items()
    )
    (folder / "rules.xml").write_text(f'<?xml version="1.0"?><Properties>{states}</Properties>')

    def run(text):
        (folder / "in.sarif").write_text(text)
        log = json.loads(text)
        subprocess.run(
            [
                *(package / "Sarif.Multitool", "validate", folder / "in.sarif"),
                *("--rule-kind", "Sarif;Ghas", "--config", folder / "rules.xml"),
                *("--max-file-size-in-kb", "100000", "--level", "Error;Warning"),
                *("--output", folder / "out.sarif", "--log", "ForceOverwrite"),
            ],
            env={
                **os.environ,
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
                "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
            },
            check=True,
            capture_output=True,
        )
        told = json.loads((folder / "out.sarif").read_text(encoding="utf-8-sig"))
        wrong = [
            f"{r['ruleId']}: {r['message'].get('text', r['message'].get('arguments'))}"
            for r in told["runs"][0].get("results", [])
            if r.get("level", "warning") == "error" and not _is_outdated(r)
        ]
        checker = jsonschema.Draft202012Validator(schema)
        return [*wrong, *(e.message[:200] for e in checker.iter_errors(log)), *refused(log)]

    return run


def _is_outdated(told):
    """Whether it counts more than 1,000 results of a run, of which GitHub by now shows 5,000."""
    words = told["message"].get("arguments", [])
    return told["ruleId"] == "GH1004" and words[0].endswith(".results") and int(words[1]) <= 5000


def refused(log):
    """Say what GitHub refuses a file for and no other check sees."""
    categories = [run["automationDetails"]["id"].rpartition("/")[0] for run in log["runs"]]
    if len(set(categories)) < len(categories):
        yield "two runs of one category"
    if len(log["runs"]) > 20:
        yield "too many runs"
    for run in log["runs"]:
        if len(run["results"]) > 5000:
            yield "more results than are shown"
        for rule in run["tool"]["driver"]["rules"]:
            severity = rule["properties"].get("security-severity", "1.0")
            if not (re.fullmatch(r"\d+\.\d+", severity) and 0 < float(severity) <= 10):
                yield f"security-severity {severity}"
            if len(rule["properties"]["tags"]) > 10:
                yield "too many tags"
        for result in run["results"]:
            physical = result["locations"][0]["physicalLocation"]
            uri = physical["artifactLocation"]["uri"]
            if not uri or uri.startswith("/") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", uri):
                yield f"uri {uri}"
            if "startLine" not in physical.get("region", {}):
                yield "no region"
            if not result["partialFingerprints"]["primaryLocationLineHash"]:
                yield "no fingerprint"
            if any("message" not in r for r in result.get("relatedLocations", ())):
                yield "a related place without a message"


def test_what_github_refuses_is_noticed(report):
    log = logs(report)[0]
    broken = json.loads(json.dumps(log))
    broken["runs"].append(broken["runs"][0])
    place = broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    place["artifactLocation"]["uri"] = "https://example.org"

    assert list(refused(log)) == []
    assert {"two runs of one category", "uri https://example.org"} <= set(refused(broken))


@pytest.mark.oracles
@pytest.mark.parametrize("form", ["sarif", "sarif-github"])
def test_hostile_names_and_one_of_each_kind_are_valid(report, form, validate):
    # The report of the tests is full of hostile names.
    assert validate(write(form, report, ReportOptions(exit_code=3))) == []


@pytest.mark.oracles
@pytest.mark.parametrize("form", ["sarif", "sarif-github"])
def test_a_report_of_nothing_is_valid(form, validate):
    assert validate(write(form, Report(), ReportOptions())) == []


@pytest.mark.oracles
@pytest.mark.parametrize("form", ["sarif", "sarif-github"])
@pytest.mark.parametrize(
    "words",
    [["check", "--profile", "strict", "."], ["audit", "--snapshot", str(LIVE)]],
    ids=["check", "audit"],
)
def test_whole_estates_are_valid(form, words, validate, monkeypatch, capsys):
    monkeypatch.chdir(CONTOSO)
    cli.run([*words, "--format", form])

    assert validate(capsys.readouterr().out) == []


@pytest.mark.oracles
def test_six_thousand_findings_are_valid(validate):
    for text in write_files("sarif-github", many(6000), ReportOptions(split=True)):
        assert validate(text) == []


@pytest.mark.oracles
def test_the_validator_is_awake(report, validate):
    log = json.loads(write("sarif", report, ReportOptions()))
    first, second, *_ = log["runs"][0]["results"]
    second["level"] = "nonsense"
    by_schema = validate(json.dumps(log))
    second["level"] = "note"
    del first["locations"][0]["physicalLocation"]["region"]
    by_program = validate(json.dumps(log))

    assert any("nonsense" in w for w in by_schema)
    assert any(w.startswith("GH1003") for w in by_program)
    assert "no region" in by_program
