"""Routes and security rules that are declared apart belong to what lists them, in every dialect."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from azmlint.expressions.term import Object
from azmlint.model.estate import Estate
from azmlint.model.resources import NetworkSecurityGroup, RouteTable
from azmlint.sources import deployed, load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
NEEDED = "Microsoft.MachineLearningServices"
ARM = {
    "$schema": SCHEMA,
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": "Microsoft.Network/networkSecurityGroups",
            "apiVersion": "2024-05-01",
            "name": "g",
            "properties": {
                "securityRules": [
                    {"name": "a", "properties": {"priority": 100, "access": "Allow"}},
                    {"name": "B", "properties": {"priority": 200, "access": "Deny"}},
                ]
            },
            "resources": [
                {
                    "type": "securityRules",
                    "apiVersion": "2024-05-01",
                    "name": "c",
                    "properties": {"priority": 300, "access": "Allow"},
                }
            ],
        },
        {
            "type": "Microsoft.Network/networkSecurityGroups/securityRules",
            "apiVersion": "2024-05-01",
            "name": "g/b",
            "properties": {"priority": 201, "access": "Allow"},
        },
        {"type": "Microsoft.Network/routeTables", "apiVersion": "2024-05-01", "name": "t"},
        {
            "type": "Microsoft.Network/routeTables/routes",
            "apiVersion": "2024-05-01",
            "name": "t/out",
            "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"},
        },
    ],
}
BICEP = """
resource g 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'g'
  properties: {
    securityRules: [
      { name: 'a', properties: { priority: 100, access: 'Allow' } }
      { name: 'B', properties: { priority: 200, access: 'Deny' } }
    ]
  }
  resource c 'securityRules' = {
    name: 'c'
    properties: { priority: 300, access: 'Allow' }
  }
}
resource b 'Microsoft.Network/networkSecurityGroups/securityRules@2024-05-01' = {
  parent: g
  name: 'b'
  properties: { priority: 201, access: 'Allow' }
}
resource t 'Microsoft.Network/routeTables@2024-05-01' = {
  name: 't'
}
resource out 'Microsoft.Network/routeTables/routes@2024-05-01' = {
  parent: t
  name: 'out'
  properties: { addressPrefix: '0.0.0.0/0', nextHopType: 'Internet' }
}
"""
AZURERM = """
resource "azurerm_network_security_group" "g" {
  name                = "g"
  resource_group_name = "rg"
  security_rule {
    name        = "a"
    priority    = 100
    access      = "Allow"
    description = ""
  }
  security_rule {
    name     = "B"
    priority = 200
    access   = "Deny"
  }
}
resource "azurerm_network_security_rule" "c" {
  for_each                    = { c = 300, b = 201 }
  name                        = each.key
  resource_group_name         = "rg"
  network_security_group_name = azurerm_network_security_group.g.name
  priority                    = each.value
  access                      = "Allow"
}
resource "azurerm_route_table" "t" {
  name                = "t"
  resource_group_name = "rg"
}
resource "azurerm_route" "out" {
  name                = "out"
  resource_group_name = "rg"
  route_table_name    = azurerm_route_table.t.name
  address_prefix      = "0.0.0.0/0"
  next_hop_type       = "Internet"
}
"""
AZAPI = """
resource "azapi_resource" "g" {
  type      = "Microsoft.Network/networkSecurityGroups@2024-05-01"
  name      = "g"
  parent_id = "/subscriptions/s/resourceGroups/rg"
  body = {
    properties = {
      securityRules = [
        { name = "a", properties = { priority = 100, access = "Allow" } },
        { name = "B", properties = { priority = 200, access = "Deny" } },
      ]
    }
  }
}
resource "azapi_resource" "c" {
  for_each  = { c = 300, b = 201 }
  type      = "Microsoft.Network/networkSecurityGroups/securityRules@2024-05-01"
  name      = each.key
  parent_id = azapi_resource.g.id
  body      = { properties = { priority = each.value, access = "Allow" } }
}
resource "azapi_resource" "t" {
  type      = "Microsoft.Network/routeTables@2024-05-01"
  name      = "t"
  parent_id = "/subscriptions/s/resourceGroups/rg"
}
resource "azapi_resource" "out" {
  type      = "Microsoft.Network/routeTables/routes@2024-05-01"
  name      = "out"
  parent_id = azapi_resource.t.id
  body      = { properties = { addressPrefix = "0.0.0.0/0", nextHopType = "Internet" } }
}
"""


def estate_of(texts):
    documents = {p: decode(p, t.encode()) for p, t in texts.items()}
    readings = load.read_all(documents, Texts(documents, None))
    resources = [r for reading in readings.values() for r in reading.resources]
    return Estate(resources, today=dt.date(2026, 1, 1))


def plain(term):
    if isinstance(term.data, Object):
        return {name: plain(value) for name, value in term.data.items()}
    return [plain(i) for i in term.data] if isinstance(term.data, list) else term.data


def listed(value):
    return sorted((plain(m) for m in value.require().members), key=lambda m: m["name"])


RULES = [
    {"name": "a", "properties": {"priority": 100, "access": "Allow"}},
    {"name": "b", "properties": {"priority": 201, "access": "Allow"}},
    {"name": "c", "properties": {"priority": 300, "access": "Allow"}},
]
ROUTES = [{"name": "out", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("main.json", json.dumps(ARM)),
        ("main.bicep", BICEP),
        ("main.tf", AZURERM),
        ("azapi.tf", AZAPI),
    ],
)
def test_what_is_declared_apart_is_listed_in_one_shape_and_replaces_its_namesake(path, text):
    estate = estate_of({path: text})

    (group,), (table,) = estate.of(NetworkSecurityGroup), estate.of(RouteTable)
    assert listed(group.security_rules) == RULES
    assert listed(table.routes) == ROUTES


def test_what_is_deployed_has_the_same_shape():
    found = deployed.resources(
        {
            "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network"
            "/networkSecurityGroups/g",
            "type": "Microsoft.Network/networkSecurityGroups",
            "name": "g",
            "properties": {"securityRules": RULES},
        }
    )

    (group,) = Estate(found, today=dt.date(2026, 1, 1)).of(NetworkSecurityGroup)
    assert listed(group.security_rules) == RULES


def test_groups_of_applications_have_the_shape_of_resource_manager():
    text = """
resource "azurerm_network_security_group" "g" {
  name                = "g"
  resource_group_name = "rg"
  security_rule {
    name                                  = "a"
    source_application_security_group_ids = ["/x"]
  }
}
"""
    (group,) = estate_of({"main.tf": text}).of(NetworkSecurityGroup)

    assert listed(group.security_rules) == [
        {"name": "a", "properties": {"sourceApplicationSecurityGroups": [{"id": "/x"}]}}
    ]


def test_a_route_on_a_condition_is_there_when_the_condition_holds():
    text = AZURERM + 'variable "open" {\n  type = bool\n}\n'
    text = text.replace('"out" {', '"out" {\n  count = var.open ? 1 : 0')
    estate = estate_of({"main.tf": text})
    (table,) = estate.of(RouteTable)
    worlds = table.body.module.worlds
    (item,) = table.routes.require().members
    (decision,) = item.decisions

    lengths = []
    for answer in (0, 1):
        worlds.enter({decision.key: answer})
        lengths.append(len(table.routes.require()))

    assert item.is_unknown
    assert sorted(lengths) == [0, 1]


def test_a_list_that_is_not_known_stays_so():
    text = AZURERM.replace(
        '"rg"\n}\nresource "azurerm_route"', '"rg"\n  route = var.r\n}\nresource "azurerm_route"'
    )
    (table,) = estate_of({"main.tf": text + 'variable "r" {}\n'}).of(RouteTable)

    assert table.routes.term.is_unknown


def test_another_estate_of_the_same_resources_lists_what_is_in_it():
    estate = estate_of({"main.tf": AZURERM})
    (table,) = estate.of(RouteTable)
    first = table.routes
    fewer = Estate([table], today=dt.date(2026, 1, 1))

    assert len(first.require()) == 1
    assert fewer.of(RouteTable)[0].routes.is_absent
