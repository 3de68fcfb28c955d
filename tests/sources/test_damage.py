"""Damaged text: readers answer with resources or problems, and places lie inside the text."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.location import Document
from azmlint.model.value import REMOVED, NotEditable
from azmlint.sources import json as located
from azmlint.sources import load
from azmlint.sources.comment import comments
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

CLUSTER = """\
# é 😀
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
x-common: &common {size: Standard_D4s_v5, tags: {a: 'b', "c": [1, 2]}}
name: c-${{ env }}
type: amlcompute
<<: *common
min_instances: &n 2
max_instances: *n
description: |
  one # two
identity:
  type: user_assigned
  user_assigned_identities:
    - resource_id: /subscriptions/s
network_settings: {vnet_name: v, subnet: s} # c
---
name: w
storage_account: s
key_vault: k
"""
TEMPLATE = """\
{ // é 😀
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"n": {"type": "int", "defaultValue": 2}, "t": {"type": "bool"}},
  "variables": {"v": "[add(parameters('n'), 1)]", "copy": [{"name": "l", "count": 2, "input": 1}]},
  "functions": [{"namespace": "f", "members": {"g": {"output": {"value": "[1]"}}}}],
  "resources": [
    {
      "type": "Microsoft.MachineLearningServices/workspaces",
      "apiVersion": "2025-12-01",
      "name": "ws",
      "location": "[resourceGroup().location]",
      "resources": [
        {
          "type": "computes",
          "name": "[concat('c', copyIndex())]",
          "condition": "[parameters('t')]",
          "copy": {"name": "l", "count": "[variables('v')]"},
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "vmSize": "[f.g()]", /* c */
              "scaleSettings": {"minNodeCount": "[parameters('n')]", "maxNodeCount": 4, },
            }
          }
        }
      ]
    },
    {"type": "Microsoft.Authorization/locks", "name": "l", "scope": "[resourceGroup().id]"},
    {
      "type": "Microsoft.Resources/deployments",
      "name": "d",
      "properties": {
        "expressionEvaluationOptions": {"scope": "inner"},
        "parameters": {"n": {"value": "[variables('l')[0]]"}},
        "template": {"resources": [], "outputs": {"o": {"value": "[parameters('n')]"}}}
      }
    }
  ]
}
"""
PROGRAM = """\
# é 😀
from azure.ai.ml.entities import AmlCompute as A, IdentityConfiguration
from azureml.core.compute import *
import os
SIZES = {"a": {"vm_size": f"Standard_{os.environ['S']}", "max_nodes": 4}, **more}
def make(ws, name='é', *, nodes=int(os.getenv("N", 2)), **rest):
    try:
        return ComputeTarget(ws, name)
    except (Exception, ) as error:
        pass
    for key, value in SIZES.items():
        if key in ws.compute_targets: continue
        config = AmlCompute.provisioning_configuration(**value, min_nodes=nodes, **rest)
        ComputeTarget.create(ws, name + key, config).add_identity('UserAssigned', ['x'])
c = A(name="c", size='😀' if big else "b",  # é
      identity=IdentityConfiguration(type="none"),)
c.min_instances += 1; client.begin_create_or_update(c)
"""
ARGUMENTS = '{"parameters": {"n": {"value": 3}, "t": {"value": true}}}\n'
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# é 😀\n"]},
            {
                "cell_type": "code",
                "metadata": {"vscode": {"languageId": "python"}},
                "outputs": [{"output_type": "stream", "text": ["AmlCompute(\n"]}],
                "source": [
                    "from azure.ai.ml.entities import AmlCompute\n",
                    'nodes = 1  # "é"\n',
                    "c = AmlCompute(name='train', size=\"s\", min_instances=nodes)\n",
                    "ml_client.begin_create_or_update(c)\n",
                    "!az ml compute create --name {nodes} \\\n",
                    "   --min-instances $nodes",
                ],
            },
            {"cell_type": "code", "metadata": {}, "source": "%%writefile c.yml\n" + CLUSTER},
            {
                "cell_type": "code",
                "metadata": {},
                "source": "%%bash\naz ml compute create -f c.yml",
            },
        ],
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        "nbformat": 4,
    },
    indent=1,
)
NEW = {"size": "x", "min_nodes": 0, "max_nodes": 1, "subnet": "y", "tier": "dedicated"}


def survive(files, path):
    """Read, ask for everything, and try every edit."""
    documents = {name: decode(name, raw) for name, raw in files.items()}
    reading = load.read(documents[path], Texts(documents))
    for problem in reading.problems:
        assert 0 <= problem.start <= problem.end <= len(problem.document.text)
        assert "\n" not in problem.message
        assert problem.document.position(problem.start).line >= 1
    for resource in reading.resources:
        repr(resource), str(resource.id), resource.exists()
        for declared in type(resource).properties():
            value = declared.__get__(resource, type(resource))
            repr(value), value.absent
            for place in value.trace:
                assert 0 <= place.start <= place.end <= len(place.document.text)
            if declared.name in NEW:
                attempt(value, NEW[declared.name])
                attempt(value, REMOVED)
    assert sum(1 for _ in comments(documents[path])) >= 0


def attempt(value, new):
    try:
        found = value.edits(new)
    except NotEditable:
        return
    for edit in found:
        assert 0 <= edit.start <= edit.end <= len(edit.document.text)


@pytest.mark.parametrize("path", ["a.yml", "main.json", "a.ipynb", "a.py"])
def test_whole_documents_are_read(path):
    text = {"a.yml": CLUSTER, "main.json": TEMPLATE, "a.ipynb": NOTEBOOK, "a.py": PROGRAM}[path]

    survive({path: text.encode(), "main.parameters.json": ARGUMENTS.encode()}, path)


_PIECES = [
    *["", " ", "\n", "\t", "\r", "{", "}", "[", "]", ",", ":", "- ", "? ", "#", "//", "/*", "*/"],
    *['"', "'", "&a ", "*a", "!x ", "<<: ", "|", ">", "\x00", "\x85", "\u2028", "\ufeff", "😀"],
    *["[parameters('n')]", "null", "true", "-1", "1e400", "{{ x }}", "{% x %}", "---\n", "...\n"],
    *["\\", "%", "copy", "[[", "[x(", '{"a": 1}', "[1]", '"x"'],
]


@st.composite
def mutants(draw, text):
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 1, 1, 2, 5, 40]))
        text = text[:start] + draw(st.sampled_from(_PIECES)) + text[start + length :]
    return text


def encoded(text, codec):
    return text.encode(codec, "surrogatepass" if codec.startswith("utf") else "replace")


@given(mutants(CLUSTER), st.sampled_from(["utf-8", "latin-1", "utf-16"]))
def test_damaged_yaml_raises_nothing(text, codec):
    survive({"a.yml": encoded(text, codec)}, "a.yml")


@given(mutants(PROGRAM), st.sampled_from(["utf-8", "latin-1", "utf-16"]))
def test_damaged_programs_raise_nothing(text, codec):
    survive({"a.py": encoded(text, codec)}, "a.py")


@given(mutants(TEMPLATE), mutants(ARGUMENTS), st.sampled_from(["utf-8", "latin-1", "utf-16"]))
def test_damaged_templates_raise_nothing(text, arguments, codec):
    files = {"main.json": encoded(text, codec), "main.parameters.json": arguments.encode()}

    survive(files, "main.json")


@given(mutants(NOTEBOOK), st.sampled_from(["utf-8", "latin-1", "utf-16"]))
def test_damaged_notebooks_raise_nothing(text, codec):
    survive({"a.ipynb": encoded(text, codec)}, "a.ipynb")


def replaced(data, where, new):
    """Put something else at one of the places of a structure, counted through."""
    count = 0

    def walk(value):
        nonlocal count
        count += 1
        if count - 1 == where:
            return new
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v) for v in value]
        return value

    return walk(data), count


WHOLE = located.parse(Document("main.json", TEMPLATE)).value
PLACES = replaced(WHOLE, -1, None)[1]


@pytest.mark.parametrize(
    "new", [None, 3, "x", [], {}, "[parameters('n')]", [None], {"value": 3}, True]
)
def test_a_template_with_a_wrong_type_anywhere_raises_nothing(new):
    for where in range(PLACES):
        text = json.dumps(replaced(WHOLE, where, new)[0])
        survive({"main.json": text.encode()}, "main.json")


@pytest.mark.parametrize("new", [None, 3, "x", [], {}, [None], {"value": 3}, True])
def test_arguments_with_a_wrong_type_anywhere_raise_nothing(new):
    whole = json.loads(ARGUMENTS)
    for where in range(replaced(whole, -1, None)[1]):
        text = json.dumps(replaced(whole, where, new)[0])
        survive(
            {"main.json": TEMPLATE.encode(), "main.parameters.json": text.encode()}, "main.json"
        )


@pytest.mark.parametrize("new", [None, 3, "x", [], {}, [None], {"language": 3}, True])
def test_a_notebook_with_a_wrong_type_anywhere_raises_nothing(new):
    whole = json.loads(NOTEBOOK)
    for where in range(replaced(whole, -1, None)[1]):
        survive({"a.ipynb": json.dumps(replaced(whole, where, new)[0]).encode()}, "a.ipynb")


@given(st.binary(max_size=60), st.sampled_from(["a.yml", "a.json", "a.ipynb", "a.py", "a.txt"]))
def test_arbitrary_bytes_raise_nothing(raw, path):
    survive({path: raw}, path)


@given(st.text(max_size=60), st.sampled_from(["a.yml", "a.json", "a.ipynb", "a.py"]))
def test_arbitrary_text_raises_nothing(text, path):
    survive({path: text.encode("utf-8", "surrogatepass")}, path)


def test_every_beginning_of_a_document_raises_nothing():
    cuts = random.Random(0).sample(range(len(TEMPLATE)), 150)
    for cut in cuts:
        survive({"main.json": TEMPLATE[:cut].encode()}, "main.json")
        survive({"a.yml": CLUSTER[:cut].encode()}, "a.yml")
        survive({"a.py": PROGRAM[:cut].encode()}, "a.py")
