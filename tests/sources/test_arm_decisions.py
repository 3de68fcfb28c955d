"""Values of templates that rest on what is decided at deployment."""

from __future__ import annotations

import json

from azmlint.expressions.truth import Decision
from azmlint.model.resources import Workspace
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def template_of(parameters, variables, *resources):
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "variables": variables,
        "resources": list(resources),
    }


def workspace(region, **properties):
    return {
        "type": "Microsoft.MachineLearningServices/workspaces",
        "apiVersion": "2025-12-01",
        "name": "w",
        "location": region,
        "properties": properties,
    }


def read(template):
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
    found, worlds = read(
        template_of({"near": {"type": "bool"}}, chain, workspace("[variables('v13')]"))
    )

    assert found.location.reasons[0].text == "parameter 'near' has no value here"
    decision = found.location.term.decisions[0]
    assert isinstance(decision, Decision)
    for choice, region in enumerate(("eastus", "westus")):
        worlds.enter({decision.key: choice})
        assert found.location.known == region
    worlds.enter({})
    assert found.location.known is None


def test_an_argument_that_an_expression_gives_whole_depends_on_its_condition():
    inner = template_of({"region": {"type": "string"}}, {}, workspace("[parameters('region')]"))
    whole = "[if(parameters('near'), createObject('value', 'eastus'), createObject('value', 'x'))]"
    deployment = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2025-04-01",
        "name": "d",
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "template": inner,
            "parameters": {"region": whole},
        },
    }
    found, worlds = read(template_of({"near": {"type": "bool"}}, {}, deployment))

    (decision,) = found.location.term.decisions
    for choice, region in enumerate(("eastus", "x")):
        worlds.enter({decision.key: choice})
        assert found.location.known == region


def test_a_coalesce_is_as_different_as_its_later_arguments():
    variables = {
        "one": "[coalesce(parameters('given'), 'eastus')]",
        "two": "[coalesce(parameters('given'), 'westus')]",
        "same": "[coalesce(null(), parameters('given'))]",
    }
    found, _ = read(
        template_of(
            {"given": {"type": "string"}},
            variables,
            workspace(
                "[variables('one')]",
                storageAccount="[variables('two')]",
                keyVault="[variables('one')]",
                applicationInsights="[parameters('given')]",
                containerRegistry="[variables('same')]",
            ),
        )
    )

    assert found.key_vault.same_as(found.storage).known is None
    assert found.location.term.parts == found.key_vault.term.parts
    assert found.insights.same_as(found.registry).known is True


def test_the_type_of_an_id_may_end_in_a_slash():
    found, _ = read(
        template_of(
            {},
            {},
            workspace(
                "eastus",
                storageAccount="[resourceId('Microsoft.Storage/storageAccounts/', 's')]",
                keyVault="[resourceId('Microsoft.Storage/storageAccounts', 's')]",
            ),
        )
    )

    assert found.storage.same_as(found.key_vault).known is True
