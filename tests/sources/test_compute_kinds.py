"""A condition may decide on the whole body of a compute, and on its kind."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import pytest

from azmlint.cli import run

TYPE = "Microsoft.MachineLearningServices/workspaces/computes@2024-04-01"
BICEP = """param big bool
resource c 'TYPE' = {
  name: 'ws/c'
  properties: big ? {
    computeType: 'AmlCompute'
    properties: { vmSize: 'Standard_D4s_v5', scaleSettings: { minNodeCount: 2, maxNodeCount: 4 } }
  } : {
    computeType: 'OTHER'
    properties: { vmSize: 'Standard_D4s_v5' }
  }
}
"""
TERRAFORM = """variable "big" { type = bool }
resource "azapi_resource" "c" {
  type = "TYPE"
  name = "c"
  body = WRAPvar.big ? { properties = {
    computeType = "AmlCompute"
    properties  = { vmSize = "Standard_D4s_v5", scaleSettings = { minNodeCount = 2 } }
  } } : { properties = {
    computeType = "OTHER"
    properties  = { vmSize = "Standard_D4s_v5" }
  } })
}
"""
ARM = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"big": {"type": "bool"}},
    "variables": {
        "a": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "scaleSettings": {"minNodeCount": 2}},
        },
        "b": {"computeType": "OTHER", "properties": {"vmSize": "Standard_D4s_v5"}},
    },
    "resources": [
        {
            "type": TYPE.partition("@")[0],
            "apiVersion": "2024-04-01",
            "name": "ws/c",
            "properties": "[if(parameters('big'), variables('a'), variables('b'))]",
        }
    ],
}


def judged(folder, name, text):
    (folder / name).write_text(text.replace("TYPE", TYPE))
    (folder / "azmlint.toml").touch()
    out = io.StringIO()
    rules = "min-nodes-above-zero,instance-no-idle-shutdown"
    with redirect_stdout(out):
        run(["check", "--format", "json", "--select", rules, str(folder)])
    report = json.loads(out.getvalue())
    assert (report["failures"], report["skipped"]) == ([], [])
    return {(f["rule"], next(iter(f["worlds"][0].values()))) for f in report["findings"]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.bicep", BICEP),
        ("main.tf", TERRAFORM.replace("WRAP", "(")),
        ("main.tf", TERRAFORM.replace("WRAP", "jsonencode(")),
        ("main.json", json.dumps(ARM)),
    ],
)
def test_each_kind_is_judged_where_it_holds(name, text, tmp_path):
    both = {("min-nodes-above-zero", "true"), ("instance-no-idle-shutdown", "false")}

    assert judged(tmp_path, name, text.replace("OTHER", "ComputeInstance")) == both
    assert judged(tmp_path, name, text.replace("OTHER", "AmlCompute")) == {
        ("min-nodes-above-zero", "true")
    }
    assert judged(tmp_path, name, text.replace("OTHER", "Databricks")) == {
        ("min-nodes-above-zero", "true")
    }


def test_a_secret_on_one_side_of_a_condition_hides_no_more_than_itself(tmp_path):
    secret = "adminUserPassword: 'p455word!', adminUserName: 'x'"
    settings = (
        f"properties: {{ vmSize: 'Standard_D4s_v5', userAccountCredentials: {{ {secret} }} }}"
    )
    text = BICEP.replace("OTHER", "AmlCompute").replace(
        "properties: { vmSize: 'Standard_D4s_v5' }", settings
    )
    (tmp_path / "main.bicep").write_text(text.replace("TYPE", TYPE))
    out = io.StringIO()

    with redirect_stdout(out):
        run(["check", str(tmp_path)])

    assert "properties: big ? {" in out.getvalue()
    assert "p455word" not in out.getvalue()
