"""Every edge of one template in the graph of the estate, and no other."""

from __future__ import annotations

import datetime as dt

from azmlint.model.estate import Estate
from azmlint.sources import load
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

TEMPLATE = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.MachineLearningServices/workspaces",
      "name": "ws",
      "properties": {
        "storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'st')]",
        "keyVault": "[resourceId('Microsoft.KeyVault/vaults', 'kv')]"
      }
    },
    {
      "type": "Microsoft.MachineLearningServices/workspaces/computes",
      "name": "ws/c",
      "apiVersion": "2025-12-01",
      "identity": {
        "type": "UserAssigned",
        "userAssignedIdentities": {
          "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id')]": {}
        }
      },
      "properties": {
        "computeType": "AmlCompute",
        "properties": {
          "subnet": {
            "id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 's')]"
          }
        }
      }
    },
    {"type": "Microsoft.Network/virtualNetworks/subnets", "name": "v/s"},
    {
      "type": "Microsoft.Network/privateEndpoints",
      "name": "pe",
      "properties": {
        "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 's')]"},
        "privateLinkServiceConnections": [
          {
            "properties": {
              "privateLinkServiceId":
                "[resourceId('Microsoft.MachineLearningServices/workspaces', 'ws')]"
            }
          }
        ]
      }
    },
    {"type": "Microsoft.Network/privateEndpoints", "name": "empty", "properties": {}},
    {"type": "Microsoft.Authorization/locks", "name": "l", "properties": {"level": "ReadOnly"}}
  ]
}"""
GROUP = "/subscriptions/s/resourcegroups/g"


def graph_of(texts, **binding):
    documents = {path: decode(path, text.encode()) for path, text in texts.items()}
    context = Texts(documents, {path: Binding(**binding) for path in texts})
    resources = [r for d in documents.values() for r in load.read(d, context).resources]
    return Estate(resources, today=dt.date(2026, 11, 24)).graph()


def short(node):
    return node.removeprefix(GROUP).partition("providers/")[2] or node


def edges(view):
    return {(short(a), data["relation"], short(b)) for a, b, data in view.edges(data=True)}


def test_every_relation_of_a_template_is_drawn():
    view = graph_of({"main.json": TEMPLATE}, subscription="s", resource_group="g")
    ml, net = "microsoft.machinelearningservices/workspaces/ws", "microsoft.network/"

    assert edges(view) == {
        (ml, "in", GROUP),
        (ml, "uses", "microsoft.storage/storageaccounts/st"),
        (ml, "uses", "microsoft.keyvault/vaults/kv"),
        (f"{ml}/computes/c", "in", ml),
        (f"{ml}/computes/c", "on", f"{net}virtualnetworks/v/subnets/s"),
        (
            f"{ml}/computes/c",
            "runs as",
            "microsoft.managedidentity/userassignedidentities/id",
        ),
        (f"{net}virtualnetworks/v/subnets/s", "in", f"{net}virtualnetworks/v"),
        (f"{net}privateendpoints/pe", "in", GROUP),
        (f"{net}privateendpoints/pe", "on", f"{net}virtualnetworks/v/subnets/s"),
        (f"{net}privateendpoints/pe", "reaches", ml),
        (f"{net}privateendpoints/empty", "in", GROUP),
        ("microsoft.authorization/locks/l", "locks", GROUP),
        ("microsoft.storage/storageaccounts/st", "in", GROUP),
        ("microsoft.keyvault/vaults/kv", "in", GROUP),
        ("microsoft.managedidentity/userassignedidentities/id", "in", GROUP),
        (f"{net}virtualnetworks/v", "in", GROUP),
        (GROUP, "in", "/subscriptions/s"),
    }


def test_what_is_only_referred_to_is_no_declaration():
    view = graph_of({"main.json": TEMPLATE}, subscription="s", resource_group="g")
    kinds = {short(n): (d["kind"], d["name"], d["is_declared"]) for n, d in view.nodes(data=True)}

    assert kinds["microsoft.machinelearningservices/workspaces/ws"] == ("workspace", "ws", True)
    assert kinds["microsoft.keyvault/vaults/kv"] == ("key vault", "kv", False)
    assert kinds[GROUP] == ("resource group", "g", False)
    assert kinds["/subscriptions/s"] == ("subscription", "s", False)


def test_a_resource_in_no_group_is_in_its_subscription():
    text = TEMPLATE.replace("/deploymentTemplate.json", "/subscriptionDeploymentTemplate.json")
    view = graph_of({"main.json": text}, subscription="s")

    assert ("microsoft.storage/storageaccounts/st", "in", "/subscriptions/s") in edges(view)


def test_a_compute_whose_workspace_nobody_declares_is_in_it_all_the_same():
    view = graph_of(
        {
            "c.yml": "name: c\ntype: amlcompute\nsize: s\nidentity:\n  type: user_assigned\n"
            "  user_assigned_identities: [{resource_id: /subscriptions/x}]\n"
            "network_settings: {subnet: s}\n",
            "d.yml": "name: d\ntype: amlcompute\nsize: s\nidentity: [/subscriptions/y]\n",
        },
        subscription="s",
        resource_group="g",
        workspace="w",
    )
    ml = "microsoft.machinelearningservices/workspaces/w"

    assert (f"{ml}/computes/c", "in", ml) in edges(view)
    assert (f"{ml}/computes/d", "runs as", "/subscriptions/y") in edges(view)
    assert (ml, "in", GROUP) in edges(view)
    assert (f"{ml}/computes/c", "runs as", "/subscriptions/x") in edges(view)
    assert view.nodes["s"]["kind"] == "reference"


def test_identities_that_are_not_known_are_not_drawn():
    head = "name: c\ntype: amlcompute\nsize: s\n"
    view = graph_of(
        {
            "a.yml": head + "identity: {user_assigned_identities: '${{ ids }}'}\n",
            "b.yml": head + "identity: {user_assigned_identities: [{client_id: x}]}\n",
        }
    )

    assert "runs as" not in {relation for _, relation, _ in edges(view)}
