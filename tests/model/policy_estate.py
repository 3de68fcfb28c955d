"""Definitions and resources for the tests of policies."""

from __future__ import annotations

import datetime as dt
import json

from azmlint.expressions.arm_values import known
from azmlint.model.estate import Estate
from azmlint.model.policy import definition as definitions
from azmlint.model.policy.evaluator import evaluate
from azmlint.sources import deployed, load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

TODAY = dt.date(2026, 11, 24)
GROUP = "/subscriptions/s/resourceGroups/ml"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
CLUSTER = f"{WORKSPACE}/computes/train"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"


def definition(condition, effect="deny", *, parameters=None, mode="All", details=None):
    """Read a definition with one condition."""
    then = {"effect": effect} | ({"details": details} if details is not None else {})
    properties = {
        "mode": mode,
        "parameters": parameters or {},
        "policyRule": {"if": condition, "then": then},
    }
    return definitions.read(known(properties), "test")


def answers(*items):
    """Make resources of answers of the service."""
    return [r for item in items for r in deployed.resources(item)]


def cluster(inner=None, **outer):
    """Answer for a compute cluster."""
    return {
        "id": CLUSTER,
        "name": "train",
        "type": COMPUTES,
        "location": "westeurope",
        **outer,
        "properties": {"computeType": "AmlCompute", "properties": inner or {}},
    }


def declared(texts):
    """Read files, and give their resources with the worlds they are in."""
    documents = {path: decode(path, text.encode()) for path, text in texts.items()}
    context = Texts(documents)
    readings = load.read_all(documents, context)
    return [r for reading in readings.values() for r in reading.resources], context.worlds


def template(*resources, **parameters):
    """Write an ARM template."""
    return json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "parameters": parameters,
            "resources": list(resources),
        }
    )


def estate_of(resources, worlds=None, **options):
    """Make an estate."""
    return Estate(resources, **{"today": TODAY, "worlds": worlds, **options})


def verdict(condition, item, effect="deny", values=None, **options):
    """Evaluate a condition over one answer of the service."""
    found = answers(item)
    made = definition(condition, effect, **options)
    arguments = {name.casefold(): known(value) for name, value in (values or {}).items()}
    return evaluate(made, arguments, found[0], estate_of(found))


def meets(condition, item, **options):
    """Say whether a condition holds for one answer; None where it is undecided."""
    return verdict(condition, item, **options).holds.known
