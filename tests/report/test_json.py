"""The JSON report keeps its contract."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.report import Failure, Report, Skip
from azmlint.finding import Severity
from azmlint.report import write
from azmlint.report.json import data
from azmlint.report.options import ReportOptions

SCHEMA = json.loads(
    (Path(__file__).parent.parent.parent / "docs" / "report.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ANYTHING = st.text(st.characters(), max_size=30)


def objects(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)


def test_schema_is_valid_and_leaves_nothing_open():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    for found in objects(SCHEMA):
        assert found["additionalProperties"] is False
        assert sorted(found["required"]) == sorted(found["properties"])


def test_report_is_as_committed(report, expect):
    text = write("json", report, ReportOptions(exit_code=3))

    expect("report.json", text)
    VALIDATOR.validate(json.loads(text))


def test_keys_stand_in_the_order_of_the_contract(report):
    found = data(report, ReportOptions())

    assert list(found) == list(SCHEMA["properties"])
    assert list(found["findings"][0]) == list(SCHEMA["$defs"]["finding"]["properties"])
    assert list(found["suppressed"][0]) == list(SCHEMA["$defs"]["suppressed"]["properties"])


def test_id_is_given_only_when_all_of_it_is_known():
    text = "name: gpu\ntype: amlcompute\nsize: Standard_NC6\nmin_instances: 1\nmax_instances: 2\n"
    rule = rule_classes(BUILT_IN)["min-nodes-above-zero"]
    bound = testing.Binding("11111111-1111-1111-1111-111111111111", "ml", "ws")

    (known,) = data(
        testing.check({"c.yml": text}, [rule], bindings={"c.yml": bound}), ReportOptions()
    )["findings"]
    (unknown,) = data(testing.check({"c.yml": text}, [rule]), ReportOptions())["findings"]

    assert known["resource"]["id"] == (
        "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/ml"
        "/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/gpu"
    )
    assert unknown["resource"]["id"] is None


def test_pointer_leads_to_the_property(report):
    found = data(report, ReportOptions())["findings"]

    assert [f["pointer"] for f in found] == [
        "/tier",
        "/min_instances",
        "/ssh_settings/admin_password",
        "/properties/properties/scaleSettings/minNodeCount",
        "",
    ]


def test_edits_go_to_the_origin_of_the_value(report):
    found = data(report, ReportOptions())["findings"][3]

    assert [p["role"] for p in found["trace"]] == ["use", "parameter-file"]
    assert found["fixes"][0]["edits"] == [
        {
            "path": "infra/main.parameters.json",
            "start": {"line": 5, "column": 24},
            "end": {"line": 5, "column": 25},
            "text": "0",
        }
    ]


def test_counts_are_those_of_the_run_whatever_is_shown(report):
    found = data(report, ReportOptions(min_severity=Severity.ERROR, exit_code=1))

    assert [f["severity"] for f in found["findings"]] == ["error", "error"]
    assert found["suppressed"] == []
    assert found["summary"]["counts"] == {
        "error": 2,
        "warning": 2,
        "note": 1,
        "suppressed": 2,
        "undecided": 2,
    }


def test_undecided_results_can_be_left_out(report):
    found = data(report, ReportOptions(show_undecided=False))

    assert found["undecided"] == []


@settings(max_examples=40, deadline=None)
@given(
    name=ANYTHING,
    least=st.integers(-3, 9),
    size=ANYTHING,
    trash=ANYTHING,
    path=ANYTHING,
)
def test_whatever_files_hold_the_report_is_valid(name, least, size, trash, path):
    text = "".join(
        f"{key}: {json.dumps(value)}\n"
        for key, value in (
            ("name", name),
            ("type", "amlcompute"),
            ("size", size),
            ("min_instances", least),
            ("max_instances", 1),
            (trash or "tier", size),
        )
    )
    report = testing.check(
        {
            f"{path}.yml": text.encode("utf-8", "surrogatepass"),
            f"{path}.json": trash.encode(errors="replace"),
        },
        rule_classes(BUILT_IN).values(),
    )

    written = write("json", report, ReportOptions())

    VALIDATOR.validate(json.loads(written))


@given(path=st.none() | ANYTHING, scope=st.none() | ANYTHING, reason=ANYTHING)
def test_whatever_fails_the_report_is_valid(path, scope, reason):
    report = Report()
    report.failures = [Failure(path, scope, "read", reason)]
    report.skipped = [Skip(path or "", "discover", reason)]

    found = json.loads(write("json", report, ReportOptions(exit_code=3)))

    VALIDATOR.validate(found)
    assert found["summary"]["complete"] is False


@pytest.mark.skipif("AZMLINT_CORPUS" not in os.environ, reason="wants real files")
def test_reports_on_real_files_are_valid():
    folder = Path(os.environ["AZMLINT_CORPUS"]) / "cli-yaml"
    files = sorted(p for p in folder.rglob("*.yml") if p.is_file())[:80]
    report = testing.check(
        {p.relative_to(folder).as_posix(): p.read_bytes() for p in files},
        rule_classes(BUILT_IN).values(),
    )

    VALIDATOR.validate(json.loads(write("json", report, ReportOptions())))
    assert report.findings
