"""Wherever a value comes from, in every language: fixing ends, and touches nothing else."""

# lines as they stand in files

from __future__ import annotations

import difflib
import json
import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint import testing
from azmlint.engine.fix import edits
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.repair import repair
from azmlint.finding import Applicability
from azmlint.model.value import NotEditable
from azmlint.sources.document import decode

RULES = rule_classes(BUILT_IN)
NAMES = (
    "fixed-size-cluster",
    "idle-timeout-too-long",
    "idle-timeout-unset",
    "max-nodes-above-default-limit",
    "max-nodes-missing",
    "max-nodes-zero",
    "min-exceeds-max",
    "min-nodes-above-zero",
)
NOTE = "a note"
"""What stands in every comment, and on no line without one."""


class Parts(NamedTuple):
    """Where the values of one cluster come from; names are unique among all of them."""

    uses: dict[str, tuple[str, object]]
    """By property: whether a literal, a parameter or a variable stands there, and which."""

    defaults: dict[str, object]
    variables: dict[str, object]
    arguments: dict[str, tuple[str, object]]
    """Of the parameters that a caller gives."""

    outer_variables: dict[str, object]
    file: dict[str, object]
    """Of the parameters that a file gives; those of the caller, if there is one."""

    gap: str
    """What stands around the values."""

    @property
    def required(self):
        """The parameters without default."""
        return list(self.arguments) if self.arguments else list(self.file)


@st.composite
def parts(draw):
    found = Parts({}, {}, {}, {}, {}, {}, draw(st.sampled_from([" ", "   "])))
    counts = st.sampled_from([0, 1, 2, 4, 30_000])
    values = {"min": draw(counts), "max": draw(counts), "idle": draw(st.sampled_from([60, 9999]))}
    for name in draw(st.sets(st.sampled_from(("idle", "max")))):
        del values[name]
    kinds = ["literal", "default", "variable", "argument", "file", "passed"]
    is_called = draw(st.booleans())
    carriers = {name: draw(st.sampled_from(kinds if is_called else kinds[:-1])) for name in values}
    is_shared = "max" in values and draw(st.booleans())
    if is_shared:
        carriers["max"], values["max"] = carriers["min"], values["min"]
    is_called = is_called or "argument" in carriers.values()
    for name, value in values.items():
        carrier = carriers[name]
        own = f"p_{name}"
        one = "both" if is_shared and name in {"min", "max"} else f"v_{name}"
        if carrier == "literal":
            found.uses[name] = ("literal", value)
            continue
        if carrier == "variable":
            found.uses[name] = ("variable", one)
            found.variables[one] = value
            continue
        if carrier == "default":
            found.uses[name] = ("parameter", one)
            found.defaults[one] = value
            continue
        found.uses[name] = ("parameter", own if is_called else one)
        if carrier == "passed":
            found.outer_variables[one] = value
            found.arguments[own] = ("variable", one)
        elif carrier == "argument":
            found.arguments[own] = ("literal", value)
        else:
            found.file[one] = value
            if is_called:
                found.arguments[own] = ("parameter", one)
    return found


def bicep(given):
    names = {"min": "minNodeCount", "max": "maxNodeCount", "idle": "nodeIdleTimeBeforeScaleDown"}
    gap = given.gap

    def said(kind, value):
        return _duration(value) if kind == "literal" else value

    def type_of(name):
        return "string" if name.endswith("idle") else "int"

    inner = [
        f"param {n} {type_of(n)}{gap}={gap}{_duration(v)} // {NOTE}"
        for n, v in given.defaults.items()
    ]
    inner += [f"param {n} {type_of(n)}" for n in given.required]
    inner += [f"var {n}{gap}={gap}{_duration(v)} // {NOTE}" for n, v in given.variables.items()]
    inner += [
        "resource c 'Microsoft.MachineLearningServices/workspaces/computes@2024-04-01' = {",
        f"  name: 'ws/train' // {NOTE}",
        "  properties: {",
        "    computeType: 'AmlCompute'",
        "    properties: {",
        "      scaleSettings: {",
        *(f"        {names[n]}:{gap}{said(*use)} // {NOTE}" for n, use in given.uses.items()),
        "      }",
        "    }",
        "  }",
        "}",
    ]
    files = {"main.bicep": inner}
    if given.arguments:
        outer = [f"param {n} {type_of(n)}" for n in given.file]
        outer += [
            f"var {n}{gap}={gap}{_duration(v)} // {NOTE}" for n, v in given.outer_variables.items()
        ]
        outer += [
            "module train 'inner/train.bicep' = {",
            "  name: 'train'",
            "  params: {",
            *(f"    {n}:{gap}{said(*v)} // {NOTE}" for n, v in given.arguments.items()),
            "  }",
            "}",
        ]
        files = {"main.bicep": outer, "inner/train.bicep": inner}
    if given.file:
        rows = [f"param {n}{gap}={gap}{_duration(v)} // {NOTE}" for n, v in given.file.items()]
        files["main.bicepparam"] = ["using 'main.bicep'", *rows]
    return files


def _duration(value):
    return f"'PT{value}S'" if value in {60, 9999} else str(value)


def hcl(given):
    names = {
        "min": "min_node_count",
        "max": "max_node_count",
        "idle": "scale_down_nodes_after_idle_duration",
    }
    gap = given.gap

    def text(value):
        return _duration(value).replace("'", '"')

    def said(kind, value):
        return {"literal": text(value), "parameter": f"var.{value}", "variable": f"local.{value}"}[
            kind
        ]

    def local(values):
        rows = [f"  {n}{gap}={gap}{text(v)} # {NOTE}" for n, v in values.items()]
        return ["locals {", *rows, "}"] if rows else []

    def variables(names):
        return [
            row
            for n in names
            for row in (f'variable "{n}" {{', f'  description = "{n}" # {NOTE}', "}")
        ]

    inner = variables(given.required)
    for n, v in given.defaults.items():
        inner += [f'variable "{n}" {{', f"  default{gap}={gap}{text(v)} # {NOTE}", "}"]
    inner += [
        *local(given.variables),
        'resource "azurerm_machine_learning_compute_cluster" "c" {',
        f'  name                          = "train" # {NOTE}',
        '  machine_learning_workspace_id = "x"',
        '  location                      = "westeurope"',
        '  vm_priority                   = "Dedicated"',
        '  vm_size                       = "Standard_D4s_v5"',
        "  scale_settings {",
        *(f"    {names[n]}{gap}={gap}{said(*use)} # {NOTE}" for n, use in given.uses.items()),
        "  }",
        "}",
    ]
    files = {"main.tf": inner}
    if given.arguments:
        outer = variables(given.file) + local(given.outer_variables)
        outer += [
            'module "train" {',
            '  source = "./inner"',
            *(f"  {n}{gap}={gap}{said(*v)} # {NOTE}" for n, v in given.arguments.items()),
            "}",
        ]
        files = {"main.tf": outer, "inner/main.tf": inner}
    if given.file:
        rows = [f"{n}{gap}={gap}{text(v)} # {NOTE}" for n, v in given.file.items()]
        files["terraform.tfvars"] = rows
    return files


def tf_json(given):
    names = {
        "min": "min_node_count",
        "max": "max_node_count",
        "idle": "scale_down_nodes_after_idle_duration",
    }

    def plain(value):
        return _duration(value).strip("'") if value in {60, 9999} else value

    def said(kind, value):
        if kind == "literal":
            return plain(value)
        return f"${{var.{value}}}" if kind == "parameter" else f"${{local.{value}}}"

    cluster = {
        "name": "train",
        "machine_learning_workspace_id": "x",
        "location": "westeurope",
        "vm_priority": "Dedicated",
        "vm_size": "Standard_D4s_v5",
        "scale_settings": {names[n]: said(*use) for n, use in given.uses.items()},
    }
    inner = {
        "variable": {
            **{n: {} for n in given.required},
            **{n: {"default": plain(v)} for n, v in given.defaults.items()},
        },
        "locals": {n: plain(v) for n, v in given.variables.items()},
        "resource": {"azurerm_machine_learning_compute_cluster": {"c": cluster}},
    }
    files = {"main.tf.json": inner}
    if given.arguments:
        call = {n: said(*v) for n, v in given.arguments.items()}
        outer = {
            "variable": {n: {} for n in given.file},
            "locals": {n: plain(v) for n, v in given.outer_variables.items()},
            "module": {"train": {"source": "./inner", **call}},
        }
        files = {"main.tf.json": outer, "inner/main.tf.json": inner}
    if given.file:
        files["terraform.tfvars.json"] = {n: plain(v) for n, v in given.file.items()}
    return {path: json.dumps(data, indent=2).split("\n") for path, data in files.items()}


def arm(given):
    names = {"min": "minNodeCount", "max": "maxNodeCount", "idle": "nodeIdleTimeBeforeScaleDown"}

    def plain(value):
        return _duration(value).strip("'") if value in {60, 9999} else value

    def said(kind, value):
        return plain(value) if kind == "literal" else f"[{kind}s('{value}')]"

    def template(parameters, variables, resource):
        return {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": parameters,
            "variables": {n: plain(v) for n, v in variables.items()},
            "resources": [resource],
        }

    def typed(name, **more):
        return {"type": "string" if name.endswith("idle") else "int", **more}

    cluster = {
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "apiVersion": "2024-04-01",
        "name": "ws/train",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "scaleSettings": {names[n]: said(*use) for n, use in given.uses.items()}
            },
        },
    }
    parameters = {n: typed(n) for n in given.required}
    parameters |= {n: typed(n, defaultValue=plain(v)) for n, v in given.defaults.items()}
    whole = template(parameters, given.variables, cluster)
    if given.arguments:
        deployment = {
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2022-09-01",
            "name": "train",
            "properties": {
                "mode": "Incremental",
                "expressionEvaluationOptions": {"scope": "inner"},
                "parameters": {n: {"value": said(*v)} for n, v in given.arguments.items()},
                "template": whole,
            },
        }
        whole = template({n: typed(n) for n in given.file}, given.outer_variables, deployment)
    files = {"main.json": whole}
    if given.file:
        files["main.parameters.json"] = {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {n: {"value": plain(v)} for n, v in given.file.items()},
        }
    return {path: json.dumps(data, indent=2).split("\n") for path, data in files.items()}


def az_ml(given):
    names = {"min": "min_instances", "max": "max_instances", "idle": "idle_time_before_scale_down"}
    carriers = {n: v for m in given[1:3] + given[4:6] for n, v in m.items()}
    rows, seen = [], set()
    for name, use in given.uses.items():
        kind, one = use
        if kind != "literal" and one in given.arguments:
            kind, one = given.arguments[one]
        text = str(one if kind == "literal" else carriers[one])
        if one == "both":
            text = "*both" if one in seen else f"&both {text}"
            seen.add(one)
        rows.append(f"{names[name]}:{given.gap}{text} # {NOTE}")
    head = ["$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json"]
    return {"train.yml": [*head, f"name: train # {NOTE}", "type: amlcompute", *rows]}


def repaired(files):
    def judge(now):
        raw = {path: document.encoded(document.text) for path, document in now.items()}
        return testing.check(raw, [RULES[name] for name in NAMES])

    documents = {path: decode(path, text.encode()) for path, text in files.items()}
    before = judge(documents)
    return before, repair(documents, judge, Applicability.UNSAFE)


def is_editable(finding):
    try:
        return any(edits(fix) for fix in finding.fixes)
    except NotEditable:
        return False


@pytest.mark.parametrize("write", [arm, az_ml, bicep, hcl, tf_json])
@given(given=parts(), newline=st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=40)
def test_fixing_ends_and_changes_only_values(write, given, newline):
    files = {path: newline.join([*lines, ""]) for path, lines in write(given).items()}
    before, first = repaired(files)
    texts = {path: d.text for path, d in first.documents.items()}

    assert {f.rule for f in first.report.findings} <= {f.rule for f in before.findings}
    refused = {f.finding.rule for f in first.refused}
    assert not {f.rule for f in first.report.findings if is_editable(f)} - refused
    assert {path: d.text for path, d in repaired(texts)[1].documents.items()} == texts
    for path, text in texts.items():
        assert text.replace(newline, "").isprintable()
        assert_only_values_differ(files[path].split(newline), text.split(newline))


def assert_only_values_differ(old, new):
    """Lines may be added; one that changes keeps its name, its comment and what stands between."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, to_start, to_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        changed = list(zip(old[start:end], new[to_start:to_end], strict=False))

        assert len(changed) == end - start
        assert [_around(line) for line, _ in changed] == [_around(line) for _, line in changed]


def _around(line):
    """Give what stands before and after the value of a line."""
    match = re.fullmatch(r"(.*?[:=]\s*(?:&both )?)([^#/\s]+?),?(\s*(?:#|//).*)?", line)
    return (match[1], match[3]) if match is not None else line
