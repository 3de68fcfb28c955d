"""Formats for other programs: each holds the whole report, and runs nothing that a name says."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint.engine.own import TextSpot
from azmlint.engine.report import Failure, Report, Skip
from azmlint.finding import Finding, Severity
from azmlint.location import Document
from azmlint.report import _SIGNS, FORMATS, write
from azmlint.report.escape import visible
from azmlint.report.markdown import escaped, shortened
from azmlint.report.options import ReportOptions

NEW = ("azure-devops", "checkstyle", "csv", "github", "gitlab", "junit", "markdown")
SUFFIX = {"checkstyle": "checkstyle.xml", "junit": "junit.xml", "markdown": "md"}

HOSTILE = (
    "a]b;c:d,e%0Af",
    "##vso[task.complete result=Failed]x",
    "::error file=x::y",
    "##[error]x",
    "<img src=x onerror=alert(1)> & \"quoted\" 'too'",
    "=cmd|' /C calc'!A0",
    "[x](https://example.org) https://example.org www.example.org @team #12 me@example.org",
    "a | b \\| `c` *d* _e_ ~~f~~",
    "line\nbreak\r\x1b[31m \u202e \x00 \ufffe \ud800 東京 😀",
)


def report_of(messages, path="a.yml"):
    document = Document(path, "name: x\n")
    report = Report()
    report.documents = {path: document}
    report.findings = [
        Finding("some-rule", Severity.ERROR, m, TextSpot(document, 6, 7), None) for m in messages
    ]
    return report


def written(form, report, **options):
    return write(form, report, ReportOptions(**options))


@pytest.mark.parametrize("form", NEW)
def test_report_is_as_committed(form, report, expect):
    expect(f"report.{SUFFIX.get(form, form)}", written(form, report, exit_code=3))


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"concise", "text"}))
def test_every_finding_and_failure_is_in_it(form, report):
    text = written(form, report)

    for word in ("names no tier", "keeps 2 nodes", "keeps 3 nodes", "ends inside", "not allowed"):
        assert word in text


@pytest.mark.parametrize("form", ["azure-devops", "csv", "github", "junit", "markdown"])
def test_what_is_skipped_or_undecided_is_in_it(form, report):
    text = written(form, report)

    assert "larger than 10 MB" in text
    assert "the locks were not read" in text


@pytest.mark.parametrize("form", ["azure-devops", "github"])
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_a_command(form, name):
    report = report_of([name], path=f"dir/{name}.yml")
    report.failures = [Failure(f"{name}.json", None, "read", name)]
    report.skipped = [Skip(f"{name}.bicep", "discover", name)]

    lines = written(form, report, exit_code=3).splitlines()

    starts = "::error title=" if form == "github" else "##vso[task.logissue type=error;"
    commands = [x for x in lines if x.startswith(starts)]
    assert len(commands) == 2
    for line in lines:
        inner = line.removeprefix("##vso[") if line in commands else line
        assert "##vso[" not in inner
        assert "##[" not in inner
        assert line in commands or not line.lstrip().startswith("::")
        assert visible(line) == line


@pytest.mark.parametrize("form", ["text", "concise", "markdown", *sorted(_SIGNS)])
def test_no_format_in_the_log_of_a_pipeline_is_a_command(form):
    name = "##[group]##VSO[task.setvariable variable=a]b"
    report = report_of([name], path=f"{name}.yml")
    report.failures = [Failure(f"{name}.json", None, "read", name)]

    text = written(form, report, exit_code=3)

    assert "task.setvariable" in text
    assert "##[" not in text
    assert "##vso[" not in text.casefold()


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_what_keeps_it_from_being_a_command_is_no_part_of_the_data(form):
    report = report_of(["##vso[a]"])

    assert "##vso[a]" in json.dumps(json.loads(written(form, report)))


def test_github_gets_ten_annotations_a_level_and_the_rest_as_lines():
    report = report_of([f"finding {i}" for i in range(13)])
    lines = written("github", report).splitlines()

    assert sum(line.startswith("::error ") for line in lines) == 10
    assert [x for x in lines if x.startswith("a.yml:")] == [
        f"a.yml:1:7: error[some-rule] finding {i}" for i in (10, 11, 12)
    ]


def test_github_gets_columns_only_within_a_line():
    report = report_of([])
    document = Document("a.yml", "a: {\n}\n")
    report.findings = [
        Finding("some-rule", Severity.NOTE, "long", TextSpot(document, 3, 6), None),
        Finding("some-rule", Severity.NOTE, "short", TextSpot(document, 3, 4), None),
    ]

    first, second, *_ = written("github", report).splitlines()

    assert first == "::notice title=some-rule,file=a.yml,line=1,endLine=2::long"
    assert "line=1,endLine=1,col=4,endColumn=5::short" in second


def test_azure_pipelines_is_told_of_findings_that_do_not_fail():
    done = "##vso[task.complete result=SucceededWithIssues;]"

    assert done in written("azure-devops", report_of(["x"]), exit_code=0)
    assert done not in written("azure-devops", report_of(["x"]), exit_code=1)
    assert done not in written("azure-devops", report_of([]), exit_code=0)


def test_gitlab_gets_the_fields_it_asks_for(report):
    issues = json.loads(written("gitlab", report))

    assert len({i["fingerprint"] for i in issues}) == len(issues) == 7
    for issue in issues:
        assert issue.keys() == {
            "description",
            "check_name",
            "fingerprint",
            "severity",
            "location",
        }
        assert issue["severity"] in {"minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith(("/", "./"))


@pytest.mark.parametrize("form", ["checkstyle", "junit"])
@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_makes_sound_xml(form, name):
    root = ET.fromstring(written(form, report_of([name], path=name)).encode())
    texts = [t for e in root.iter() for t in (e.text or "", *e.attrib.values())]

    assert any(name[:1] in text for text in texts)


def test_junit_counts_what_it_holds(report):
    root = ET.fromstring(written("junit", report))

    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors")) == len(suite.findall("testcase/error"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
    assert root.get("failures") == "4"
    assert root.get("errors") == "2"


def test_junit_passes_a_file_without_findings():
    (suite, _) = ET.fromstring(written("junit", report_of([])))

    assert suite.get("name") == "a.yml"
    assert [case.get("name") for case in suite] == ["no findings"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_a_table_is_a_formula(name):
    text = written("csv", report_of([name, "plain"], path=f"{name}.yml"))
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert len(rows) == 2
    assert text.count("\r\n") == 3
    for cell in rows[0].values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rows[1]["message"] == "plain"


def test_a_row_says_why_it_is_suppressed_or_undecided(report):
    rows = list(csv.DictReader(io.StringIO(written("csv", report), newline="")))

    reasons = {(r["record"], r["reason"]) for r in rows}
    assert ("suppressed", "agreed with finance") in reasons
    assert ("undecided", "the locks were not read") in reasons
    assert {record for record, _ in reasons} == {
        *("finding", "suppressed", "undecided", "failure", "skipped"),
    }


@settings(max_examples=200)
@given(st.text(st.characters(), max_size=40))
def test_any_text_stays_in_its_cell(text):
    assert not re.search(r"[|<>`\n\r]", escaped(text).replace("<!-- -->", ""))


@pytest.mark.parametrize("limit", [0, 5, 30, 60, 200, 10_000])
def test_a_summary_has_at_most_the_room_there_is(report, limit):
    whole = written("markdown", report)

    short = shortened(whole, limit)

    assert len(short.encode()) <= limit
    if limit >= len(whole.encode()):
        assert short == whole
    elif short:
        assert short.endswith("\nThe rest has no room here.\n")
        assert whole.startswith(short.removesuffix("\nThe rest has no room here.\n"))


@pytest.mark.oracles
@pytest.mark.parametrize("names", [(), HOSTILE])
def test_jenkins_schema_takes_junit(names, report, oracles):
    import xmlschema  # noqa: PLC0415  # of the extra `oracles`
    from junitparser import JUnitXml  # noqa: PLC0415

    schema = xmlschema.XMLSchema(str(oracles / "junit-10.xsd"))
    for one in (report, report_of(names)):
        text = written("junit", one)
        schema.validate(text)
        read = JUnitXml.fromstring(text.encode())

        assert read.failures == sum(f.severity > Severity.NOTE for f in one.findings)


GITHUB = """
import { issueCommand } from 'PACKAGE/lib/command.js'
import { readFileSync } from 'node:fs'
for (const c of JSON.parse(readFileSync(0)))
  issueCommand(c.command, c.properties, c.message)
"""


@pytest.mark.oracles
def test_github_toolkit_writes_the_same_annotations(npm_package, program, tmp_path):
    package = npm_package("@actions/core")
    script = tmp_path / "write.mjs"
    script.write_text(GITHUB.replace("PACKAGE", package.as_posix()))
    names = [n for n in HOSTILE if "\n" not in n]
    lines = written("github", report_of(names, path="dir/50% off, a:b.yml")).splitlines()
    ours = [line for line in lines if line.startswith("::error ")]
    asked = [
        {
            "command": "error",
            "properties": {
                "title": "some-rule",
                "file": "dir/50% off, a:b.yml",
                "line": 1,
                "endLine": 1,
                "col": 7,
                "endColumn": 8,
            },
            # What a name may not say has been taken out before.
            "message": line.split("::", 2)[2].replace("%25", "%"),
        }
        for line in ours
    ]
    done = subprocess.run(
        [program("node"), str(script)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines() == ours
    assert len(ours) == len(names)


AZURE = """
const { commandFromString } = require('PACKAGE/taskcommand.js')
const lines = JSON.parse(require('node:fs').readFileSync(0))
console.log(JSON.stringify(lines.map(l => {
  const c = commandFromString(l)
  return { command: c.command, properties: c.properties, message: c.message, again: c.toString() }
})))
"""


@pytest.mark.oracles
def test_azure_task_library_reads_what_was_meant(npm_package, program, tmp_path):
    package = npm_package("azure-pipelines-task-lib")
    script = tmp_path / "read.js"
    script.write_text(AZURE.replace("PACKAGE", package.as_posix()))
    path = "dir/50% off; a]b.yml"
    lines = written("azure-devops", report_of(["50% off", "a]b;c"], path=path)).splitlines()
    ours = [line for line in lines if line.startswith("##vso[task.logissue")]
    done = subprocess.run(
        [program("node"), str(script)],
        input=json.dumps(ours),
        capture_output=True,
        text=True,
        check=True,
    )
    read = json.loads(done.stdout)

    assert [r["message"] for r in read] == ["50% off", "a]b;c"]
    for one in read:
        assert one["command"] == "task.logissue"
        assert one["properties"] == {
            "type": "error",
            "sourcepath": path,
            "linenumber": "1",
            "columnnumber": "7",
            "code": "some-rule",
        }
    assert [r["again"] for r in read] == ours


@pytest.mark.oracles
@pytest.mark.parametrize("name", HOSTILE)
def test_github_markdown_shows_a_name_and_makes_nothing_of_it(name):
    import cmarkgfm  # noqa: PLC0415  # of the extra `oracles`
    from cmarkgfm.cmark import Options  # noqa: PLC0415

    text = written("markdown", report_of([name, "plain"], path=f"{name}.yml"))
    html = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    root = ET.fromstring(f"<html>{html}</html>".replace("\ufffe", "?"))

    assert len(root.findall("table/tbody/tr")) == 2
    assert {e.tag for e in root.iter()} <= {
        *("html", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"),
    }
    cell = root.find("table/tbody/tr/td[4]")
    assert " ".join(cell.text.split()) == " ".join(visible(name).replace("\ufffe", "?").split())
