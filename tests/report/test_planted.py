"""Secrets planted in every kind of input reach no artefact of any format."""

from __future__ import annotations

import json

import pytest

from azmlint.cli import run
from azmlint.report import FORMATS

PASSWORD = "Pl4nted-Passw0rd-1"
KEY = "cGxhbnRlZEtleXBsYW50ZWRLZXlwbGFudGVkS2V5cGxhbnRlZEtleXBsYW50ZWRLZXlwbGFudGVkS2V5Kz4/aw=="
SAS = "sv=2022-11-02&ss=b&sig=Pl4ntedSignature0123456789abcdefghij%3D"
ADDRESS = f"https://st.blob.core.windows.net/c/s.sh?{SAS}"
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=st;AccountKey={KEY};EndpointSuffix=x.net"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjoidG9rZW4ifQ.Pl4ntedTokenSignature"
CLIENT = "abc8Q~Pl4ntedClientSecretPl4ntedClientSec"
TRACES = (PASSWORD, KEY[:30], "Pl4ntedSignature", "Pl4ntedTokenSignature", "Pl4ntedClientSecret")
INPUTS = {}
INPUTS[
    "cluster.yml"
] = f"""$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5  # {ADDRESS}
min_instances: 2
max_instances: {PASSWORD}
ssh_settings: {{admin_username: me, admin_password: {PASSWORD}}}
tags: {{conn: "{CONNECTION}", token: "{TOKEN}", sas: "{ADDRESS}", password: {PASSWORD}}}
description: "client secret {CLIENT}"
"""
INPUTS["main.json"] = json.dumps(
    {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "pw": {"type": "securestring", "defaultValue": PASSWORD},
            "n": {"type": "int", "defaultValue": 2},
        },
        "variables": {"conn": CONNECTION, "secret": CLIENT},
        "resources": [
            {
                "type": "Microsoft.MachineLearningServices/workspaces/computes",
                "apiVersion": "2025-12-01",
                "name": "ws/c",
                "location": "westeurope",
                "tags": {
                    "conn": "[variables('conn')]",
                    "tok": TOKEN,
                    "s": "[concat('x',variables('secret'))]",
                },
                "properties": {
                    "computeType": "AmlCompute",
                    "properties": {
                        "vmSize": "Standard_D4s_v5",
                        "userAccountCredentials": {
                            "adminUserName": "me",
                            "adminUserPassword": "[parameters('pw')]",
                        },
                        "scaleSettings": {
                            "minNodeCount": "[if(equals(parameters('pw'),'"
                            + PASSWORD
                            + "'),parameters('n'),1)]",
                            "maxNodeCount": PASSWORD,
                        },
                    },
                },
            }
        ],
    },
    indent=1,
)
INPUTS["main.parameters.json"] = json.dumps(
    {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"pw": {"value": PASSWORD}},
    }
)
INPUTS["main.bicep"] = f"""@secure()
param pw string = '{PASSWORD}'
var conn = '{CONNECTION}'
resource c 'Microsoft.MachineLearningServices/workspaces/computes@2025-12-01' = {{
  name: 'ws/c'
  location: 'westeurope'
  tags: {{ conn: conn, tok: '{TOKEN}', cs: '{CLIENT}' }}
  properties: {{
    computeType: 'AmlCompute'
    properties: {{
      vmSize: 'Standard_D4s_v5'
      userAccountCredentials: {{ adminUserName: 'me', adminUserPassword: '{PASSWORD}' }}
      scaleSettings: {{ minNodeCount: pw == '{PASSWORD}' ? 2 : 1, maxNodeCount: '{PASSWORD}', nodeIdleTimeBeforeScaleDown: '{ADDRESS}' }}
    }}
  }}
}}
"""
INPUTS["main.tf"] = f"""variable "pw" {{
  type = string
  sensitive = true
  default = "{PASSWORD}"
}}
provider "azurerm" {{
  client_secret = "{CLIENT}"
}}
resource "azurerm_machine_learning_compute_cluster" "c" {{
  name = "c"
  vm_size = "Standard_D4s_v5"
  vm_priority = "{ADDRESS}"
  tags = {{ conn = "{CONNECTION}", tok = "{TOKEN}" }}
  scale_settings {{
    min_node_count = var.pw == "{PASSWORD}" ? 2 : 1
    max_node_count = "{PASSWORD}"
  }}
  ssh {{
    admin_username = "me"
    admin_password = var.pw
  }}
}}
"""
INPUTS["terraform.tfvars"] = f'pw = "{PASSWORD}"\nclient_secret = "{CLIENT}"\n'
INPUTS["plan.json"] = json.dumps(
    {
        "format_version": "1.2",
        "terraform_version": "1.9",
        "variables": {"pw": {"value": PASSWORD}},
        "planned_values": {
            "root_module": {
                "resources": [
                    {
                        "address": "azurerm_machine_learning_compute_cluster.c",
                        "mode": "managed",
                        "type": "azurerm_machine_learning_compute_cluster",
                        "name": "c",
                        "values": {
                            "name": "c",
                            "vm_size": "Standard_D4s_v5",
                            "tags": {"conn": CONNECTION, "tok": TOKEN},
                            "scale_settings": [{"min_node_count": 2, "max_node_count": PASSWORD}],
                            "ssh": [{"admin_username": "me", "admin_password": PASSWORD}],
                        },
                        "sensitive_values": {"ssh": [{"admin_password": True}]},
                    }
                ]
            }
        },
    }
)
INPUTS["make.py"] = f"""from azure.ai.ml import MLClient
from azure.ai.ml.entities import AmlCompute, AmlComputeSshSettings
from azure.identity import ClientSecretCredential
credential = ClientSecretCredential("t", "c", "{CLIENT}")
ml_client = MLClient(credential, "s", "g", "w")
pw = "{PASSWORD}"
conn = "{CONNECTION}"
n = 2 if pw == "{PASSWORD}" else 1
c = AmlCompute(name="c", size="Standard_D4s_v5", min_instances=n, max_instances="{PASSWORD}", tags={{"conn": conn, "tok": "{TOKEN}", "sas": "{ADDRESS}"}}, ssh_settings=AmlComputeSshSettings(admin_username="me", admin_password=pw))
ml_client.begin_create_or_update(c)
"""
INPUTS["make.ipynb"] = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "metadata": {},
                "outputs": [{"output_type": "stream", "text": [PASSWORD]}],
                "source": INPUTS["make.py"],
            },
            {
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "source": f"!az login --service-principal -u a -p {CLIENT} --tenant t\n!az ml compute create -n c --type amlcompute --size Standard_D4s_v5 --min-instances 2 --max-instances {PASSWORD} --admin-password {PASSWORD}\n",
            },
        ],
        "metadata": {},
        "nbformat": 4,
    }
)
INPUTS["make.sh"] = f"""export AZURE_CLIENT_SECRET={CLIENT}
export CONN="{CONNECTION}"
TOKEN={TOKEN}
az login --service-principal -u a -p {CLIENT} --tenant t
curl -H "Authorization: Bearer {TOKEN}" {ADDRESS}
if [ "$PW" = "{PASSWORD}" ]; then N=2; fi
az ml compute create -n gpu -g rg -w ws --type amlcompute --size Standard_D4s_v5 --min-instances $N --max-instances "{PASSWORD}" --admin-password {PASSWORD} --tags conn="{CONNECTION}" sas="{ADDRESS}" tok={TOKEN}
"""
INPUTS["make.ps1"] = f"""$env:AZURE_CLIENT_SECRET = '{CLIENT}'
$conn = "{CONNECTION}"
az login --service-principal -u a -p {CLIENT} --tenant t
az ml compute create -n gpu -g rg -w ws --type amlcompute --size Standard_D4s_v5 --min-instances 2 --max-instances '{PASSWORD}' --admin-password {PASSWORD} --tags conn=$conn tok={TOKEN}
"""
INPUTS["azure-pipelines.yml"] = f"""variables:
  AZURE_CLIENT_SECRET: {CLIENT}
  conn: "{CONNECTION}"
steps:
- script: |
    az login --service-principal -u a -p {CLIENT} --tenant t
    az ml compute create -n gpu -g rg -w ws --type amlcompute --size Standard_D4s_v5 --min-instances 2 --max-instances "{PASSWORD}" --admin-password {PASSWORD} --tags conn="$(conn)" tok={TOKEN}
"""
INPUTS["Dockerfile"] = f"""ENV AZURE_CLIENT_SECRET={CLIENT}
ARG CONN="{CONNECTION}"
RUN az login --service-principal -u a -p {CLIENT} --tenant t && az ml compute create -n gpu -g rg -w ws --type amlcompute --size Standard_D4s_v5 --min-instances 2 --max-instances "{PASSWORD}" --admin-password {PASSWORD} --tags conn="$CONN" tok={TOKEN}
"""

BESIDE = {"main.parameters.json": "main.json", "terraform.tfvars": "main.tf"}
"""Of files that say nothing alone, what takes their values."""

AGAIN = {
    ("show", "--format", "text", "."),
    ("show", "--format", "json", "."),
    ("graph", "--format", "json", "."),
    ("graph", "--format", "mermaid", "."),
    ("capacity", "--format", "markdown", "."),
    ("capacity", "--format", "mermaid", "."),
    ("check", "--add-ignore", "min-nodes-above-zero", "--reason", "known", "."),
    ("init", "--stdout", "."),
    ("graph", "."),
    ("capacity", "--format", "json", "."),
    ("capacity", "--format", "text", "."),
    ("check", "--fix", "--unsafe-fixes", "--format", "text", "."),
    ("--verbose", "check", "--profile", "strict", "."),
}


def traces(text):
    return [trace for trace in TRACES if trace in text]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("name", INPUTS)
def test_no_artefact_holds_a_secret_of_a_file(folder, capsys, name):
    for each in (name, BESIDE.get(name, name)):
        (folder / each).write_text(INPUTS[each])
    assert traces(INPUTS[name])
    outputs = [w for form in sorted(FORMATS) for w in ("--output", f"{form}=../{form}.out")]

    run(["check", "--profile", "strict", *outputs, "."])
    run(["baseline", "write", "--file", "known.json", "."])
    for words in sorted(AGAIN):
        run(list(words))

    told = capsys.readouterr()
    found = {"terminal": traces(told.out + told.err)}
    for path in folder.parent.glob("*.out"):
        found[path.name] = traces(path.read_text())
    found["baseline"] = traces((folder / "known.json").read_text())
    assert len(found) == len(FORMATS) + 2
    assert not {key: value for key, value in found.items() if value}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("azmlint.toml", f'profile = "{TOKEN}"'),
        ("azmlint.toml", f'select = ["{CLIENT}"]'),
        ("azmlint.toml", f'policies = ["{ADDRESS}"]'),
        ("azmlint.toml", f'"{TOKEN}" = 1'),
        ("azmlint.toml", f'fail_on_skip = "{KEY}"'),
        ("azmlint.toml", f'fail_on_skip = "the address of old: {ADDRESS}"'),
        ("azmlint.toml", f'[rules.idle-time-too-long]\nlimit = "{TOKEN}"'),
        (
            "policy.json",
            json.dumps({"if": {"field": TOKEN, "equals": CLIENT}, "then": {"effect": TOKEN}}),
        ),
        (
            "policy.json",
            json.dumps({"if": {"field": "location", TOKEN: 1}, "then": {"effect": "deny"}}),
        ),
    ],
)
def test_no_error_quotes_a_secret_of_the_configuration(folder, capsys, name, text):
    (folder / name).write_text(text)
    if name == "policy.json":
        (folder / "azmlint.toml").write_text('policies = ["policy.json"]')
    (folder / "a.yml").write_text(INPUTS["cluster.yml"])

    run(["check", "--profile", "strict", "."])
    run(["policy", "test", "policy.json"])

    told = capsys.readouterr()
    assert told.out + told.err
    assert not traces(told.out + told.err)


def test_an_error_sends_a_terminal_no_escape(folder, capsys):
    text = {"if": {"field": "location", "\x1b[31m\nred": 1}, "then": {"effect": "deny"}}
    (folder / "policy.json").write_text(json.dumps(text))
    (folder / "azmlint.toml").write_text('policies = ["policy.json"]')

    assert run(["check", "."]) == 2
    told = capsys.readouterr().err
    assert "red" in told
    assert "\x1b" not in told
    assert len(told.splitlines()) == 1
