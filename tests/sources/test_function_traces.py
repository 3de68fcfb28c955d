"""The trace of what a user-defined function gives goes on into it, and to its arguments."""

from __future__ import annotations

import json

import pytest

from azmlint.model.resources import Workspace
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

TYPE = "Microsoft.MachineLearningServices/workspaces"
BICEP = f"""func fixed() string => 'Enabled'
func same(p string) string => p
func twice(p string) string => same(p)
func picked(p bool) string => p ? 'Enabled' : 'Disabled'
param access string = 'Enabled'
resource w '{TYPE}@2024-04-01' = {{
  name: 'ws'
  properties: {{ publicNetworkAccess: CALL }}
}}
"""


def function(name, value, *parameters):
    rows = [{"name": p, "type": "string"} for p in parameters]
    return {name: {"parameters": rows, "output": {"type": "string", "value": value}}}


def template(call):
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "functions": [
            {
                "namespace": "my",
                "members": {
                    **function("fixed", "Enabled"),
                    **function("same", "[parameters('p')]", "p"),
                },
            }
        ],
        "parameters": {"access": {"type": "string", "defaultValue": "Enabled"}},
        "resources": [
            {
                "type": TYPE,
                "apiVersion": "2024-04-01",
                "name": "ws",
                "properties": {"publicNetworkAccess": f"[{call}]"},
            }
        ],
    }


def traced(name, text):
    document = decode(name, text.encode())
    found = load.read(document, Texts({name: document}))
    (workspace,) = (r for r in found.resources if type(r) is Workspace)
    return [p.text for p in workspace.public_access.trace]


@pytest.mark.parametrize(
    ("call", "trace"),
    [
        ("fixed()", ["fixed()", "'Enabled'"]),
        ("same('Enabled')", ["same('Enabled')", "p", "'Enabled'"]),
        ("same(access)", ["same(access)", "p", "access", "'Enabled'"]),
        ("twice(access)", ["twice(access)", "same(p)", "p", "p", "access", "'Enabled'"]),
        ("picked(true)", ["picked(true)", "'Enabled'"]),
    ],
)
def test_of_bicep(call, trace):
    assert traced("main.bicep", BICEP.replace("CALL", call)) == trace


@pytest.mark.parametrize(
    ("call", "trace"),
    [
        ("my.fixed()", ['"[my.fixed()]"', '"Enabled"']),
        (
            "my.same(parameters('access'))",
            ["\"[my.same(parameters('access'))]\"", "\"[parameters('p')]\"", '"Enabled"'],
        ),
    ],
)
def test_of_templates(call, trace):
    assert traced("main.json", json.dumps(template(call))) == trace
