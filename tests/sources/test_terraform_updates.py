"""What azapi_update_resource says counts on top of what it updates."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import pytest

from azmlint.cli import run

HEAD = """
resource "azurerm_resource_group" "g" {
  name     = "rg"
  location = "westeurope"
}
variable "on" {
  type = bool
}
"""
AZURERM = """
resource "azurerm_machine_learning_workspace" "w" {
  name                          = "ws"
  location                      = "westeurope"
  resource_group_name           = azurerm_resource_group.g.name
  public_network_access_enabled = PUBLIC
}
"""
AZAPI = """
resource "azapi_resource" "w" {
  type      = "Microsoft.MachineLearningServices/workspaces@2024-04-01"
  name      = "ws"
  location  = "westeurope"
  parent_id = azurerm_resource_group.g.id
  body      = { properties = { publicNetworkAccess = PUBLIC ? "Enabled" : "Disabled" } }
}
"""
UPDATE = """
resource "azapi_update_resource" "u" {
  type = "Microsoft.MachineLearningServices/workspaces@2024-04-01"
  TARGET
  body = { properties = { publicNetworkAccess = "SAID" } }
}
"""
BY_NAME = 'name = "ws"\n  parent_id = azurerm_resource_group.g.id'


def found(folder, texts, *named, rule="workspace-public-access"):
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "azmlint.toml").touch()
    out = io.StringIO()
    paths = [str(folder / n) for n in named or ["."]]
    with redirect_stdout(out):
        run(["check", "--format", "json", "--select", rule, *paths])
    report = json.loads(out.getvalue())
    assert report["failures"] == []
    return report


def places(report):
    return [(f["path"], f["start"]["line"]) for f in report["findings"]]


@pytest.mark.parametrize(
    ("workspace", "type_"),
    [(AZURERM, "azurerm_machine_learning_workspace"), (AZAPI, "azapi_resource")],
)
@pytest.mark.parametrize("way", ["reference", "local", "name"])
@pytest.mark.parametrize(
    ("public", "said", "count"), [("false", "Enabled", 1), ("true", "Disabled", 0)]
)
def test_an_update_decides_what_it_says(workspace, type_, way, public, said, count, tmp_path):
    target = {
        "reference": f"resource_id = {type_}.w.id",
        "local": "resource_id = local.id",
        "name": BY_NAME,
    }[way]
    update = UPDATE.replace("TARGET", target).replace("SAID", said)
    text = HEAD + workspace.replace("PUBLIC", public) + f"locals {{ id = {type_}.w.id }}\n"

    report = found(tmp_path, {"main.tf": text, "update.tf": update})

    assert len(places(report)) == count
    assert all(path == "update.tf" for path, _ in places(report))
    assert report["undecided"] == []


def test_an_update_that_may_not_be_there_is_a_condition(tmp_path):
    update = UPDATE.replace("TARGET", "count = var.on ? 1 : 0\n  " + BY_NAME).replace(
        "SAID", "Enabled"
    )

    report = found(tmp_path, {"main.tf": HEAD + AZURERM.replace("PUBLIC", "false") + update})

    assert [f["worlds"] for f in report["findings"]] == [[{"var.on": "true"}]]


def test_an_update_of_what_is_not_here_is_judged_for_what_it_says(tmp_path):
    data = """
data "azurerm_machine_learning_workspace" "w" {
  name                = "ws"
  resource_group_name = "rg"
}
"""
    update = UPDATE.replace("TARGET", "resource_id = data.azurerm_machine_learning_workspace.w.id")

    report = found(tmp_path, {"main.tf": data + update.replace("SAID", "Enabled")}, rule="access")

    assert [f["rule"] for f in report["findings"]] == ["workspace-public-access"]
    assert report["undecided"] == []


def test_a_cluster_is_judged_as_it_is_after_its_update(tmp_path):
    cluster = """
resource "azapi_resource" "c" {
  type      = "Microsoft.MachineLearningServices/workspaces/computes@2024-04-01"
  name      = "c"
  parent_id = azapi_resource.w.id
  body = { properties = { computeType = "AmlCompute", properties = {
    scaleSettings = { minNodeCount = 2, maxNodeCount = 4 }
  } } }
}
resource "azapi_update_resource" "c" {
  type        = "Microsoft.MachineLearningServices/workspaces/computes@2024-04-01"
  resource_id = azapi_resource.c.id
  body        = { properties = { properties = { scaleSettings = { minNodeCount = 0 } } } }
}
"""
    text = HEAD + AZAPI.replace("PUBLIC", "false") + cluster

    report = found(tmp_path, {"main.tf": text}, rule="scale")

    assert "min-nodes-above-zero" not in {f["rule"] for f in report["findings"]}
    assert "min-nodes-above-zero" in {
        f["rule"]
        for f in found(tmp_path, {"main.tf": text.replace("= 0", "= 3")}, rule="scale")["findings"]
    }


def test_a_changed_file_with_the_update_alone_is_judged_with_what_it_updates(tmp_path):
    update = UPDATE.replace("TARGET", BY_NAME).replace("SAID", "Enabled")
    texts = {"main.tf": HEAD + AZURERM.replace("PUBLIC", "false"), "update.tf": update}

    report = found(tmp_path, texts, "update.tf")

    assert places(report) == [("update.tf", 6)]


def test_the_update_is_what_a_fix_changes(tmp_path):
    update = UPDATE.replace("TARGET", BY_NAME).replace("SAID", "Enabled")
    texts = {"main.tf": HEAD + AZURERM.replace("PUBLIC", "false"), "update.tf": update}
    found(tmp_path, texts)

    run(["check", "--fix", "--unsafe-fixes", "--select", "access", str(tmp_path)])

    assert (tmp_path / "update.tf").read_text() == update.replace("Enabled", "Disabled")
