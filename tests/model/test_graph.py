"""The estate as a graph."""

from __future__ import annotations

import datetime as dt
import json

from azmlint.model.estate import Estate
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/ml"
WORKSPACE = f"{GROUP}/providers/microsoft.machinelearningservices/workspaces/lab"
NETWORK = f"{GROUP}/providers/microsoft.network/virtualnetworks/net"
COMPUTES = {"type": "Microsoft.MachineLearningServices/workspaces/computes"}
IDENTITY = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml/providers"
    "/Microsoft.ManagedIdentity/userAssignedIdentities/runner"
)


def graph(*resources):
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": list(resources),
    }
    document = decode("main.json", json.dumps(template).encode())
    context = Texts({"main.json": document}, {"main.json": Binding(SUBSCRIPTION, "ml")})
    found = load.read(document, context).resources
    return Estate(found, today=dt.date(2026, 11, 24)).graph()


def edges(view):
    return {
        (a.rpartition("/")[2], d["relation"], b.rpartition("/")[2])
        for a, b, d in view.edges(data=True)
    }


def test_a_compute_is_in_its_workspace_on_its_subnet_and_runs_as_its_identity():
    view = graph(
        {
            **COMPUTES,
            "apiVersion": "2025-06-01",
            "name": "lab/train",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}},
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": "Standard_D4s_v5",
                    "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2},
                    "subnet": {"id": f"{NETWORK}/subnets/nodes"},
                },
            },
        }
    )

    assert edges(view) >= {
        ("train", "in", "lab"),
        ("train", "on", "nodes"),
        ("train", "runs as", "runner"),
        ("lab", "in", "ml"),
        ("ml", "in", SUBSCRIPTION),
    }
    assert view.nodes[f"{WORKSPACE}/computes/train"]["is_declared"]
    assert not view.nodes[WORKSPACE]["is_declared"]
    assert view.nodes[GROUP] == {
        "kind": "resource group",
        "name": "ml",
        "spelling": GROUP.replace("resourcegroups", "resourceGroups"),
        "is_declared": False,
    }


def test_a_lock_points_at_what_it_locks():
    view = graph(
        {
            "type": "Microsoft.Authorization/locks",
            "apiVersion": "2020-05-01",
            "name": "keep",
            "properties": {"level": "CanNotDelete"},
        }
    )

    assert ("keep", "locks", "ml") in edges(view)


def test_a_workspace_uses_its_dependencies_and_an_endpoint_reaches_it():
    storage = f"{GROUP}/providers/microsoft.storage/storageaccounts/data"
    view = graph(
        {
            "type": "Microsoft.MachineLearningServices/workspaces",
            "apiVersion": "2025-06-01",
            "name": "lab",
            "location": "westeurope",
            "properties": {"storageAccount": storage},
        },
        {
            "type": "Microsoft.Network/privateEndpoints",
            "apiVersion": "2024-05-01",
            "name": "way",
            "location": "westeurope",
            "properties": {
                "subnet": {"id": f"{NETWORK}/subnets/ends"},
                "privateLinkServiceConnections": [
                    {
                        "name": "way",
                        "properties": {
                            "privateLinkServiceId": WORKSPACE,
                            "groupIds": ["amlworkspace"],
                        },
                    }
                ],
            },
        },
        {
            "type": "Microsoft.Network/virtualNetworks",
            "apiVersion": "2024-05-01",
            "name": "net",
            "location": "westeurope",
            "properties": {
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
                "subnets": [{"name": "ends", "properties": {"addressPrefix": "10.0.1.0/24"}}],
            },
        },
    )

    assert edges(view) >= {
        ("lab", "uses", "data"),
        ("way", "reaches", "lab"),
        ("way", "on", "ends"),
        ("ends", "in", "net"),
        ("net", "in", "ml"),
    }
