"""Fixes are applied only where they may be, and taken back when they do harm."""

from __future__ import annotations

import json

import pytest

from azmlint import testing
from azmlint.engine.fix import edits
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.repair import repair
from azmlint.finding import Applicability
from azmlint.model.value import NotEditable
from azmlint.sources.document import decode

RULES = rule_classes(BUILT_IN)
WORKSPACE = """\
$schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
name: lab
location: westeurope
public_network_access: enabled
"""
CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 1
max_instances: 4
"""


def repaired(files, *names):
    def judge(now):
        raw = {path: document.encoded(document.text) for path, document in now.items()}
        return testing.check(raw, [RULES[name] for name in names])

    documents = {path: decode(path, text.encode()) for path, text in files.items()}
    return repair(documents, judge, Applicability.UNSAFE)


def test_a_fix_from_which_an_error_comes_is_taken_back_and_the_others_stay():
    result = repaired(
        {"all.yml": WORKSPACE + "---\n" + CLUSTER},
        "workspace-public-access",
        "cluster-outside-private-workspace",
        "min-nodes-above-zero",
        "datastore-key-auth",
    )

    text = result.documents["all.yml"].text.lower()
    assert "public_network_access: enabled" in text
    assert "min_instances: 0" in text
    assert "system_datastores_auth_mode: identity" in text
    assert [f.finding.rule for f in result.refused] == ["workspace-public-access"]


def test_a_fix_is_taken_back_when_what_comes_of_it_is_worse():
    files = {"all.yml": WORKSPACE + "---\n" + CLUSTER}
    result = repaired(files, "datastore-key-auth", "no-identity-for-identity-access")

    assert [(f.finding.rule, f.brought.rule) for f in result.refused] == [
        ("datastore-key-auth", "no-identity-for-identity-access")
    ]
    assert [f.rule for f in result.report.findings] == ["datastore-key-auth"]


MISPLACED = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.MachineLearningServices/workspaces/computes",
      "apiVersion": "2025-06-01",
      "name": "ws/train",
      "properties": {
        "computeType": "AmlCompute",
        "properties": {
          "minNodeCount": 2,
          "scaleSettings": {
            "maxNodeCount": 4
          }
        }
      }
    }
  ]
}
"""


def test_a_fix_is_not_blamed_for_what_comes_of_another_in_its_file():
    names = ("misplaced-property", "min-nodes-above-zero", "idle-timeout-unset")
    result = repaired({"main.json": MISPLACED}, *names)

    assert result.refused == ()
    assert result.report.findings == []


def test_a_fix_that_does_no_harm_is_applied():
    result = repaired(
        {"lab.yml": WORKSPACE}, "workspace-public-access", "cluster-outside-private-workspace"
    )

    assert "public_network_access: disabled" in result.documents["lab.yml"].text.lower()
    assert result.refused == ()


def test_a_fix_that_makes_another_finding_worse_is_taken_back():
    cluster = CLUSTER.replace("min_instances: 1", "enable_node_public_ip: false")
    files = {"all.yml": f"{WORKSPACE}---\n{cluster}"}
    names = ("workspace-public-access", "no-public-ip-without-private-link")
    result = repaired(files, *names)

    assert [f.finding.rule for f in result.refused] == ["workspace-public-access"]
    assert result.documents["all.yml"].text == files["all.yml"]


ONE_VALUE = CLUSTER.replace("min_instances: 1", "min_instances: &n 4").replace(
    "max_instances: 4", "max_instances: *n"
)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (ONE_VALUE, "fixed-size-cluster"),
        (ONE_VALUE.replace("&n 4", "&n 0"), "max-nodes-zero"),
    ],
)
def test_fixes_that_undo_each_other_are_taken_back_and_all_others_are_made(text, rule):
    names = ("fixed-size-cluster", "max-nodes-zero", "min-nodes-above-zero")
    result = repaired({"all.yml": f"{text}---\n{CLUSTER}"}, *names)

    assert [f.finding.rule for f in result.refused] == [rule]
    assert [f.rule for f in result.report.findings] == [rule]
    other = CLUSTER.replace("min_instances: 1", "min_instances: 0")
    assert result.documents["all.yml"].text == f"{text}---\n{other}"


TEMPLATE = """\
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"min": {"type": "int"}},
  "resources": [
    {
      "type": "Microsoft.MachineLearningServices/workspaces/computes",
      "apiVersion": "2025-06-01",
      "name": "ws/train",
      "properties": {
        "computeType": "AmlCompute",
        "properties": {
          "scaleSettings": {"minNodeCount": "[parameters('min')]", "maxNodeCount": 4}
        }
      }
    }
  ]
}
"""


def arguments(number):
    return f"""\
{{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {{"min": {{"value": {number}}}}}
}}
"""


def test_a_fix_reaches_every_parameter_file_in_which_the_finding_has_an_origin():
    files = {
        "main.json": TEMPLATE,
        "main.parameters.dev.json": arguments(2),
        "main.parameters.prod.json": arguments(3),
        "main.parameters.test.json": arguments(0),
    }
    result = repaired(files, "min-nodes-above-zero")

    assert result.report.findings == []
    assert {path: d.text for path, d in result.documents.items()} == {
        path: TEMPLATE if path == "main.json" else arguments(0) for path in files
    }


def test_a_fix_whose_changes_contradict_each_other_is_not_made():
    report = testing.check({"cluster.yml": CLUSTER}, [RULES["min-nodes-above-zero"]])
    (finding,) = report.findings
    (fix,) = finding.fixes
    (change,) = fix.changes
    both = fix._replace(changes=(change, change._replace(new=3)))

    with pytest.raises(NotEditable):
        edits(both)


def notebook(*cells):
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": c.splitlines(keepends=True)}
        for c in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4}, indent=1)


def test_a_cell_that_is_broken_already_stops_no_fix_of_another():
    cells = ("make(\n", f"%%writefile c.yml\n{CLUSTER}")

    found = repaired({"a.ipynb": notebook(*cells)}, "min-nodes-above-zero")

    fixed = notebook(cells[0], cells[1].replace("min_instances: 1", "min_instances: 0"))
    assert found.fixed == 1
    assert found.documents["a.ipynb"].text == fixed
