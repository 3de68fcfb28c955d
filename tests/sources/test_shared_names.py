"""What else reads a name is not changed by a fix."""

from __future__ import annotations

import json

import pytest

from azmlint.cli import run

HEAD = "from azure.ai.ml.entities import AmlCompute\n"
CLUSTER = 'AmlCompute(name="train", size="Standard_D4s_v5", min_instances={}, max_instances=8)\n'
AZ = "az ml compute create -n train --type amlcompute --min-instances {} -g rg -w ws\n"
JOB = "az ml job create -f job.yml --set resources.instance_count={}\n"


def fixed(folder, name, text):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    run(["check", "--fix", "--select", "min-nodes-above-zero", str(file)])
    return file.read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("N = 2\n" + CLUSTER.format("N"), "N = 0\n" + CLUSTER.format("N")),
        (
            "N = 2\n" + CLUSTER.format("N") + "command(instance_count=N)\n",
            "N = 2\n" + CLUSTER.format("0") + "command(instance_count=N)\n",
        ),
        (
            "N = 2\nM = N\n" + CLUSTER.format("M") + "print(N)\n",
            "N = 2\nM = N\n" + CLUSTER.format("0") + "print(N)\n",
        ),
        (
            "class C:\n    LOW = 2\n" + CLUSTER.format("C.LOW") + "print(C.LOW)\n",
            "class C:\n    LOW = 2\n" + CLUSTER.format("0") + "print(C.LOW)\n",
        ),
        (
            "N, M = 2, 3\n" + CLUSTER.format("N") + "print(N)\n",
            "N, M = 2, 3\n" + CLUSTER.format("0") + "print(N)\n",
        ),
        (
            "def make(n):\n    return " + CLUSTER.format("n") + "N = 2\nmake(N)\nprint(N)\n",
            "def make(n):\n    return " + CLUSTER.format("n") + "N = 2\nmake(0)\nprint(N)\n",
        ),
        (
            "def make(n):\n    print(n)\n    return " + CLUSTER.format("n") + "make(2)\n",
            "def make(n):\n    print(n)\n    return " + CLUSTER.format("n") + "make(2)\n",
        ),
    ],
)
def test_in_a_program(before, after, tmp_path):
    assert fixed(tmp_path, "make.py", HEAD + before) == HEAD + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("N=2\n" + AZ.format("$N"), "N=0\n" + AZ.format("$N")),
        ("N=${N:-2}\n" + AZ.format("$N"), "N=${N:-0}\n" + AZ.format("$N")),
        (
            "N=2\n" + AZ.format('"$N"') + JOB.format("$N"),
            "N=2\n" + AZ.format('"0"') + JOB.format("$N"),
        ),
        (
            "N=${1:-2}\n" + AZ.format("${N}") + 'echo "${N}"\n',
            "N=${1:-2}\n" + AZ.format("0") + 'echo "${N}"\n',
        ),
        (
            "N=2\nM=$N\n" + AZ.format("$M") + "echo $N\n",
            "N=2\nM=0\n" + AZ.format("$M") + "echo $N\n",
        ),
    ],
)
def test_in_a_script(before, after, tmp_path):
    assert fixed(tmp_path, "make.sh", before) == after


def test_in_powershell(tmp_path):
    before = "$n = 2\n" + AZ.format("$n") + "Write-Host $n\n"

    assert fixed(tmp_path, "make.ps1", before) == before.replace("instances $n", "instances 0")


@pytest.mark.parametrize("others", [0, 1])
def test_in_a_pipeline(others, tmp_path):
    steps = f"          {AZ.format('$N')}" + f"          {JOB.format('$N')}" * others
    head = "on: push\nenv:\n  N: 2\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n"

    found = fixed(tmp_path, ".github/workflows/make.yml", head + steps)

    changed = ("$N -g", "0 -g") if others else ("N: 2", "N: 0")
    assert found == (head + steps).replace(*changed)


@pytest.mark.parametrize(
    "command", ["!az ml job create --set resources.instance_count=$n", "!echo {n}"]
)
def test_in_commands_of_a_notebook(command, tmp_path):
    cells = [HEAD + "n = 2", CLUSTER.format("n").strip(), command]
    book = {
        "cells": [
            {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
            for source in cells
        ],
        "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }

    found = json.loads(fixed(tmp_path, "make.ipynb", json.dumps(book)))

    assert [c["source"] for c in found["cells"]] == [
        cells[0],
        CLUSTER.format("0").strip(),
        command,
    ]


HCL = """\
resource "azurerm_machine_learning_compute_cluster" "c" {
  name                          = "train"
  location                      = "westeurope"
  machine_learning_workspace_id = "x"
  vm_priority                   = "Dedicated"
  vm_size                       = "Standard_D4s_v5"
  scale_settings {
    min_node_count                       = VALUE
    max_node_count                       = 8
    scale_down_nodes_after_idle_duration = "PT120S"
  }
}
"""
VARIABLE = 'variable "n" {\n  default = 2\n}\n'
ELSE = 'resource "azurerm_public_ip" "p" {\n  count = OTHER\n}\n'


@pytest.mark.parametrize(
    ("value", "rest", "after"),
    [
        ("var.n", VARIABLE, ("var.n", VARIABLE.replace("2", "0"))),
        ("var.n", VARIABLE + ELSE.replace("OTHER", "var.n"), ("0", None)),
        ("var.n", VARIABLE + 'output "n" {\n  value = var.n\n}\n', ("0", None)),
        ("local.n", "locals {\n  n = var.n\n}\n" + VARIABLE, ("local.n", "default = 0")),
        (
            "local.n",
            "locals {\n  n = var.n\n  m = local.n\n}\n" + VARIABLE,
            ("0", None),
        ),
        (
            "local.n",
            "locals {\n  n = var.n\n  m = var.n\n}\n" + VARIABLE,
            ("local.n", "n = 0\n  m = var.n"),
        ),
        (
            "local.s.min",
            "locals {\n  s = { min = 2, max = 4 }\n}\n" + ELSE.replace("OTHER", "local.s.max"),
            ("local.s.min", "{ min = 0, max = 4 }"),
        ),
        (
            "local.s.min",
            "locals {\n  s = { min = 2, max = 4 }\n}\n" + ELSE.replace("OTHER", "local.s.min"),
            ("0", None),
        ),
        (
            "local.l[0].min",
            "locals {\n  l = [{ min = 2 }]\n  n = length(local.l)\n  m = local.l[0].max\n}\n",
            ("local.l[0].min", "{ min = 0 }"),
        ),
        (
            'local.l["a"].min',
            'locals {\n  l = { a = { min = 2 } }\n  m = local.l["a"]["min"]\n}\n',
            ("0", None),
        ),
        (
            "azurerm_lb.l.frontend",
            'resource "azurerm_lb" "l" {\n  frontend = 2\n}\n',
            ("0", None),
        ),
        (
            "local.s.min",
            "locals {\n  s = { min = 2, max = 4 }\n  t = local.s\n}\n",
            ("0", None),
        ),
        (
            "var.n",
            'variable "n" {\n  default = 2\n  validation {\n    condition = var.n < 9\n  }\n}\n',
            ("var.n", "default = 0"),
        ),
    ],
)
def test_in_terraform(value, rest, after, tmp_path):
    before = HCL.replace("VALUE", value) + rest

    found = fixed(tmp_path, "main.tf", before)

    use, declared = after
    assert found.startswith(HCL.replace("VALUE", use))
    if declared is None:
        assert found.endswith(rest)
    else:
        assert declared in found


ITEMS = "{ a = { low = 2, high = 8 }, b = { low = 0, high = 9 } }"
GONE_THROUGH = 'resource "azurerm_public_ip" "p" {\n  for_each = local.l\n  name = OTHER\n}\n'


@pytest.mark.parametrize(
    ("source", "rest", "other", "is_changed"),
    [
        ("local.l", f"locals {{\n  l = {ITEMS}\n}}\n", "each.value.high", True),
        ("local.l", f"locals {{\n  l = {ITEMS}\n}}\n", "each.value.low + 4", False),
        (ITEMS, "", "each.value.high", True),
        (ITEMS, "", "each.value.low + 4", False),
        ("var.l", f'variable "l" {{\n  default = {ITEMS}\n}}\n', "each.value.high", True),
        ("var.l", f'variable "l" {{\n  default = {ITEMS}\n}}\n', "each.value.low + 4", False),
        (
            "{ for k, c in local.l : k => c if c.high > 1 }",
            f"locals {{\n  l = {ITEMS}\n}}\n",
            "each.value.high",
            True,
        ),
        (
            "{ for k, c in local.l : k => c if c.low > 1 }",
            f"locals {{\n  l = {ITEMS}\n}}\n",
            "each.value.high",
            False,
        ),
        (
            "local.m",
            f"locals {{\n  l = {ITEMS}\n  m = {{ for k, c in local.l : k => c }}\n}}\n",
            "each.value.high",
            True,
        ),
        (
            "local.l",
            f"locals {{\n  l = {ITEMS}\n}}\n" + GONE_THROUGH.replace("OTHER", "each.value.high"),
            "each.value.high",
            True,
        ),
        (
            "local.l",
            f"locals {{\n  l = {ITEMS}\n}}\n" + GONE_THROUGH.replace("OTHER", "each.value.low"),
            "each.value.high",
            False,
        ),
        (
            "local.l",
            f"locals {{\n  l = {ITEMS}\n}}\n"
            + GONE_THROUGH.replace("OTHER", "jsonencode(each.value)"),
            "each.value.high",
            False,
        ),
    ],
)
def test_of_what_a_loop_of_terraform_goes_through(source, rest, other, is_changed, tmp_path):
    block = HCL.replace("VALUE", "each.value.low").replace("= 8", f"= {other}")
    block = block.replace("{\n", f"{{\n  for_each = {source}\n", 1).replace('"train"', "each.key")

    found = fixed(tmp_path, "main.tf", block + rest)

    assert found == (block + rest).replace("low = 2", f"low = {2 * (not is_changed)}")


@pytest.mark.parametrize("other", ["high", "low"])
def test_of_the_argument_of_a_module_that_goes_through_it(other, tmp_path):
    block = HCL.replace("VALUE", "each.value.low").replace("= 8", f"= each.value.{other}")
    block = block.replace("{\n", "{\n  for_each = var.l\n", 1).replace('"train"', "each.key")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "main.tf").write_text('variable "l" {}\n' + block)
    call = f'module "m" {{\n  source = "./inner"\n  l = {ITEMS}\n}}\n'

    found = fixed(tmp_path, "main.tf", call)

    assert found == (call if other == "low" else call.replace("low = 2", "low = 0"))


@pytest.mark.parametrize(
    ("source", "after"),
    [("{ a = 2, b = 0 }", "{ a = 0, b = 0 }"), ("toset([2, 0])", "toset([2, 0])")],
)
def test_the_key_of_an_item_is_something_else_unless_it_is_that_of_a_set(source, after, tmp_path):
    block = HCL.replace("VALUE", "each.value").replace('"train"', '"k${each.key}"')
    text = block.replace("{\n", f"{{\n  for_each = {source}\n", 1)

    assert fixed(tmp_path, "main.tf", text) == text.replace(source, after)


def test_what_all_instances_read_is_not_replaced_by_the_value_of_one(tmp_path):
    block = HCL.replace("VALUE", "local.l[count.index]").replace("{\n", "{\n  count = 2\n", 1)
    text = block + "locals {\n  l = [2, 0]\n}\n" + 'output "o" {\n  value = local.l[0]\n}\n'

    assert fixed(tmp_path, "main.tf", text) == text


@pytest.mark.parametrize("others", [0, 1])
def test_what_a_module_makes_of_its_argument_is_not_changed(others, tmp_path):
    call = 'module "m" {\n  source = "./m"\n  n      = 2\n}\n'
    inner = HCL.replace("VALUE", "var.n") + 'variable "n" {}\n'
    inner += ELSE.replace("OTHER", "var.n") * others
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(inner)
    (tmp_path / "main.tf").write_text(call)

    run(["check", "--fix", "--select", "min-nodes-above-zero", str(tmp_path)])

    assert (tmp_path / "m" / "main.tf").read_text() == inner
    assert (tmp_path / "main.tf").read_text() == (call if others else call.replace("2", "0"))


@pytest.mark.parametrize("others", [0, 1])
def test_in_a_file_of_values(others, tmp_path):
    text = HCL.replace("VALUE", "var.n") + 'variable "n" {}\n'
    text += ELSE.replace("OTHER", "var.n") * others
    (tmp_path / "terraform.tfvars").write_text("n = 2\n")

    found = fixed(tmp_path, "main.tf", text)
    run(["check", "--fix", "--select", "min-nodes-above-zero", str(tmp_path)])

    values = (tmp_path / "terraform.tfvars").read_text()
    assert values == ("n = 2\n" if others else "n = 0\n")
    assert found == (text.replace("= var.n", "= 0", 1) if others else text)


BICEP = """\
resource c 'Microsoft.MachineLearningServices/workspaces/computes@2025-12-01' = {
  name: 'ws/train'
  location: 'westeurope'
  properties: {
    computeType: 'AmlCompute'
    properties: {
      vmSize: 'Standard_D4s_v5'
      scaleSettings: { minNodeCount: VALUE, maxNodeCount: 8, nodeIdleTimeBeforeScaleDown: 'PT120S' }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("value", "rest", "after"),
    [
        ("n", "param n int = 2\n", ("n", "param n int = 0")),
        ("n", "param n int = 2\noutput m int = n\n", ("0", None)),
        ("n", "param n int = 2\nvar list = [for i in range(0, n): i]\n", ("0", None)),
        (
            "m",
            "param n int = 2\nvar m = n\noutput k int = n\n",
            ("m", "var m = 0\noutput k int = n"),
        ),
        ("s.min", "var s = { min: 2, max: 4 }\noutput k int = s.max\n", ("s.min", "{ min: 0, max")),
        ("s.min", "var s = { min: 2, max: 4 }\noutput k object = s\n", ("0", None)),
        (
            "l[0].min",
            "var l = [{ min: 2, a: 'a' }]\noutput k int = length(l)\noutput m string = l[0].a\n",
            ("l[0].min", "{ min: 0,"),
        ),
        ("l[0].min", "var l = [{ min: 2 }]\noutput m int = l[1 - 1].min\n", ("0", None)),
        ("f()", "func f() int => 2\n", ("f()", "func f() int => 0")),
        ("f()", "func f() int => 2\noutput k int = f()\n", ("0", None)),
        ("f(2)", "func f(n int) int => n\noutput k int = f(3)\n", ("0", None)),
        ("f(2).a", "func f(n int) object => { a: n, b: n }\n", ("f(2).a", None)),
        (
            "p.properties.maxCount",
            "resource p 'Some.Other/t@2020-01-01' = { name: 'p', properties: { maxCount: 2 } }\n",
            ("0", None),
        ),
    ],
)
def test_in_bicep(value, rest, after, tmp_path):
    found = fixed(tmp_path, "main.bicep", BICEP.replace("VALUE", value) + rest)

    use, declared = after
    assert found.startswith(BICEP.replace("VALUE", use))
    if declared is None:
        assert found.endswith(rest)
    else:
        assert declared in found


LIST = "[\n  { name: 'a', low: 2, high: 8 }\n  { name: 'b', low: 0, high: 9 }\n]"


@pytest.mark.parametrize(
    ("source", "rest", "value", "other", "is_changed"),
    [
        ("e in l", f"var l = {LIST}\n", "e.low", "e.high", True),
        ("e in l", f"var l = {LIST}\n", "e.low", "e.low + 4", False),
        (f"e in {LIST}", "", "e.low", "e.high", True),
        (f"e in {LIST}", "", "e.low", "e.low + 4", False),
        ("e in l", f"param l array = {LIST}\n", "e.low", "e.high", True),
        ("e in filter(l, x => x.high > 1)", f"var l = {LIST}\n", "e.low", "e.high", True),
        ("e in filter(l, x => x.low > 1)", f"var l = {LIST}\n", "e.low", "e.high", False),
        ("(e, i) in l", f"var l = {LIST}\n", "l[i].low", "l[i].low + 4", False),
        (
            "e in l",
            f"var l = {LIST}\noutput o array = map(l, x => x.high)\n",
            "e.low",
            "e.high",
            True,
        ),
        (
            "e in l",
            f"var l = {LIST}\noutput o array = [for x in l: x.low]\n",
            "e.low",
            "e.high",
            False,
        ),
        ("e in m", f"var l = {LIST}\nvar m = [for x in l: x]\n", "e.low", "e.high", True),
        (
            "e in m",
            f"var l = {LIST}\nvar m = map(l, x => {{ s: x.low, t: x.high, name: x.name }})\n",
            "e.s",
            "e.t",
            True,
        ),
    ],
)
def test_of_what_a_loop_of_bicep_goes_through(source, rest, value, other, is_changed, tmp_path):
    block = BICEP.replace("VALUE", value).replace("Count: 8", f"Count: {other}")
    block = block.replace("= {", f"= [for {source}: {{", 1).replace("'ws/train'", "'ws/${e.name}'")
    text = block.removesuffix("}\n") + "}]\n" + rest

    found = fixed(tmp_path, "main.bicep", text)

    assert found == text.replace("low: 2", f"low: {2 * (not is_changed)}")


def test_what_holds_a_value_of_bicep_is_not_replaced_by_it(tmp_path):
    scale = "{ minNodeCount: VALUE, maxNodeCount: 8, nodeIdleTimeBeforeScaleDown: 'PT120S' }"
    before = (
        BICEP.replace(scale, "s") + f"var s = {scale.replace('VALUE', '2')}\noutput o object = s\n"
    )

    assert fixed(tmp_path, "main.bicep", before) == before


@pytest.mark.parametrize("others", ["", "output m int = n\n"])
def test_what_a_bicep_module_makes_of_its_argument_is_not_changed(others, tmp_path):
    inner = BICEP.replace("VALUE", "n") + "param n int\n" + others
    call = "module m 'm.bicep' = {\n  name: 'm'\n  params: { n: 2 }\n}\n"
    (tmp_path / "m.bicep").write_text(inner)

    found = fixed(tmp_path, "main.bicep", call)

    assert (tmp_path / "m.bicep").read_text() == inner
    assert found == (call if others else call.replace("2", "0"))


@pytest.mark.parametrize("others", ["", "output m int = n\n"])
def test_in_a_parameter_file_of_bicep(others, tmp_path):
    text = BICEP.replace("VALUE", "n") + "param n int\n" + others
    (tmp_path / "main.bicepparam").write_text("using 'main.bicep'\nparam n = 2\n")
    (tmp_path / "main.bicep").write_text(text)

    run(["check", "--fix", "--select", "min-nodes-above-zero", str(tmp_path)])

    values = (tmp_path / "main.bicepparam").read_text()
    assert ("= 2" in values) == bool(others)
    found = (tmp_path / "main.bicep").read_text()
    assert found == (text.replace(": n,", ": 0,") if others else text)


def template(value, *, parameters=(), variables=(), outputs=()):
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"n": {"type": "int", "defaultValue": 2}, **dict(parameters)},
        "variables": dict(variables),
        "resources": [
            {
                "type": "Microsoft.MachineLearningServices/workspaces/computes",
                "apiVersion": "2025-12-01",
                "name": "ws/train",
                "properties": {
                    "computeType": "AmlCompute",
                    "properties": {
                        "vmSize": "Standard_D4s_v5",
                        "scaleSettings": {
                            "minNodeCount": value,
                            "maxNodeCount": 8,
                            "nodeIdleTimeBeforeScaleDown": "PT120S",
                        },
                    },
                },
            }
        ],
        "outputs": {f"o{i}": {"type": "int", "value": text} for i, text in enumerate(outputs)},
    }


@pytest.mark.parametrize(
    ("value", "options", "use", "rest"),
    [
        ("[parameters('n')]", {}, None, {"n": 0}),
        ("[parameters('n')]", {"outputs": ["[parameters('N')]"]}, 0, {"n": 2}),
        ("[variables('v')]", {"variables": {"v": "[parameters('n')]"}}, None, {"n": 0}),
        (
            "[variables('v')]",
            {"variables": {"v": "[parameters('n')]"}, "outputs": ["[parameters('n')]"]},
            None,
            {"n": 2, "v": 0},
        ),
        (
            "[variables('v').min]",
            {"variables": {"v": {"min": 2, "max": 3}}, "outputs": ["[variables('v').max]"]},
            None,
            {"v": {"min": 0, "max": 3}},
        ),
        (
            "[variables('v').min]",
            {"variables": {"v": {"min": 2, "max": 3}}, "outputs": ["[variables('v').min]"]},
            0,
            {"v": {"min": 2, "max": 3}},
        ),
    ],
)
def test_in_a_template(value, options, use, rest, tmp_path):
    before = template(value, **options)

    found = json.loads(fixed(tmp_path, "main.json", json.dumps(before, indent=2)))

    settings = found["resources"][0]["properties"]["properties"]["scaleSettings"]
    assert settings["minNodeCount"] == (value if use is None else use)
    stated = {"n": found["parameters"]["n"]["defaultValue"], **found["variables"]}
    assert {name: stated[name] for name in rest} == rest


@pytest.mark.parametrize("others", [0, 1])
def test_in_a_parameter_file(others, tmp_path):
    text = template("[parameters('n')]", outputs=["[parameters('n')]"] * others)
    values = {"contentVersion": "1.0.0.0", "parameters": {"n": {"value": 3}}}
    (tmp_path / "main.parameters.json").write_text(json.dumps(values))
    (tmp_path / "main.json").write_text(json.dumps(text))

    run(["check", "--fix", "--select", "min-nodes-above-zero", str(tmp_path)])

    left = json.loads((tmp_path / "main.parameters.json").read_text())
    assert left["parameters"]["n"]["value"] == (3 if others else 0)


WORKSPACE = """\
resource "azurerm_machine_learning_workspace" "w" {
  name                          = "w"
  location                      = "westeurope"
  resource_group_name           = "rg"
  public_network_access_enabled = VALUE
}
variable "c" {
  type = bool
}
variable "d" {
  type = bool
}
"""
BICEP_WORKSPACE = """\
param c bool
param d bool
resource w 'Microsoft.MachineLearningServices/workspaces@2024-04-01' = {
  name: 'w'
  location: 'westeurope'
  properties: { publicNetworkAccess: VALUE }
}
"""


@pytest.mark.parametrize(
    ("name", "text", "before", "after"),
    [
        ("main.tf", WORKSPACE, "var.c ? true : false", "false"),
        ("main.tf", WORKSPACE, "(var.c ? (true) : false)", "(false)"),
        ("main.tf", WORKSPACE, "var.c ? false : (var.d ? true : false)", "false"),
        ("main.bicep", BICEP_WORKSPACE, "c ? 'Enabled' : 'Disabled'", "'Disabled'"),
        (
            "main.bicep",
            BICEP_WORKSPACE,
            "c ? 'Disabled' : d ? 'Disabled' : 'Enabled'",
            "'Disabled'",
        ),
    ],
)
def test_a_condition_goes_when_both_sides_become_the_same(name, text, before, after, tmp_path):
    file = tmp_path / name
    file.write_text(text.replace("VALUE", before))

    run(["check", "--fix", "--unsafe-fixes", "--select", "workspace-public-access", str(file)])

    assert file.read_text() == text.replace("VALUE", after)
