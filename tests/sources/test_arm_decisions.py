"""Values of templates that rest on what is decided at deployment."""

from __future__ import annotations

import json

from azmlint.expressions.truth import Decision
from azmlint.model.resources import Workspace
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts


def workspace_of(parameters, variables, region):
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "variables": variables,
        "resources": [
            {
                "type": "Microsoft.MachineLearningServices/workspaces",
                "apiVersion": "2025-12-01",
                "name": "w",
                "location": region,
            }
        ],
    }
    texts = Texts({"t.json": decode("t.json", json.dumps(template).encode())})
    (found,) = (
        r for r in load.read(texts.documents["t.json"], texts).resources if type(r) is Workspace
    )
    return found, texts.worlds


def test_a_chain_of_variables_on_an_open_condition_is_worked_out_once():
    chain = {"v0": "[if(parameters('near'), 'eastus', 'westus')]"}
    for i in range(1, 14):
        before = f"variables('v{i - 1}')"
        chain[f"v{i}"] = f"[if(empty({before}), {before}, toLower({before}))]"
    found, worlds = workspace_of({"near": {"type": "bool"}}, chain, "[variables('v13')]")

    assert found.location.reasons[0].text == "parameter 'near' has no value here"
    decision = found.location.term.decisions[0]
    assert isinstance(decision, Decision)
    for choice, region in enumerate(("eastus", "westus")):
        worlds.enter({decision.key: choice})
        assert found.location.known == region
    worlds.enter({})
    assert found.location.known is None
