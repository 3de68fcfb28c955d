"""Masking changes who is meant, and nothing that rules judge."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.model.facet import COLLECTED, DENIED
from azmlint.sources.mask import MASKED, mask
from azmlint.sources.snapshot import Answer, dump, snapshot

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
GUID = "7f1a0f6e-4f0e-4a0f-8d66-0d5c2b6a9f11"
SUBSCRIPTION = f"/subscriptions/{GUID}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-fraud-prod"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlwfraud"
DEFINITIONS = "providers/Microsoft.Authorization/roleDefinitions"
CUSTOM = "5a6b7c8d-1111-4222-8333-444455556666"
POLICY = "78460a36-508a-49a4-b2b2-2f5ec564f4bb"


def masked(*items, facet="workspaces", scope=SUBSCRIPTION, **fields):
    rows = [Answer(facet, scope, "GET x", COLLECTED, items)._replace(**fields)]
    (answer,) = mask(snapshot(NOON, "AzureCloud", rows)).answers
    return answer


def one(item, **more):
    (found,) = masked(item, **more).items
    return found


ITEM = {
    "id": WORKSPACE,
    "name": "mlwfraud",
    "type": "Microsoft.MachineLearningServices/workspaces",
    "location": "westeurope",
    "tags": {"environment": "Production", "owner": "Fraud Team", "team": "fraud team", "n": 1},
    "properties": {},
}


def test_a_name_is_replaced_alike_in_every_spelling_and_place():
    found = one(
        {
            **ITEM,
            "properties": {
                "upper": WORKSPACE.upper(),
                "host": "https://mlwfraud.westeurope.api.azureml.ms/x",
                "inside": "nic-mlwfraud-01",
                "bare": "MLWFRAUD",
                "uri": f"azureml://westeurope.api.azureml.ms/mlflow/v1.0{WORKSPACE}?x=1",
                "text": f"'{WORKSPACE}/computes/c' is not there",
            },
        }
    )

    name = found["name"]
    inner = found["properties"]
    assert found["id"].endswith(f"/workspaces/{name}")
    assert inner["upper"] == found["id"].upper()
    assert inner["host"] == f"https://{name}.westeurope.api.azureml.ms/x"
    assert inner["inside"] == f"nic-{name}-01"
    assert inner["bare"] == name.upper()
    assert inner["uri"].endswith(f"v1.0{found['id']}?x=1")
    assert inner["text"].startswith(f"'{found['id']}/computes/")
    assert "fraud" not in json.dumps(found).lower()


def test_names_keep_their_shape():
    group = one(ITEM)["id"].split("/")[4]

    assert re.fullmatch(r"[a-z]{2}-[a-z]{5}-[a-z]{4}", group)
    assert re.fullmatch(r"[a-z]{8}", one(ITEM)["name"])


def test_notes_and_values_of_tags_go_but_for_environments():
    found = one(
        {**ITEM, "properties": {"notes": "ask Jane", "description": "d", "friendlyName": "f"}}
    )

    assert set(found["properties"].values()) == {MASKED}
    assert found["tags"]["environment"] == "Production"
    assert found["tags"]["n"] == 1
    assert found["tags"]["owner"].lower() == found["tags"]["team"]
    assert "fraud" not in found["tags"]["team"]


def test_what_rules_read_stays():
    kept = {
        "vmSize": "STANDARD_D4S_V5",
        "publicNetworkAccess": "Disabled",
        "addressPrefix": "10.0.0.0/24",
        "vaultCount": 3,
        "isOn": True,
        "nothing": None,
        "systemDatastoresAuthMode": "accesskey",
        "allocationStateTransitionTime": "2026-11-24T09:00:00Z",
        "targetType": "Microsoft.Network/networkSecurityGroups",
        "groupIds": ["amlworkspace"],
        "sku": {"name": "Standard"},
        "zone": "/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/privateDnsZones/"
        "privatelink.api.azureml.ms",
    }
    found = one({**ITEM, "properties": kept})["properties"]

    assert {k: v for k, v in found.items() if k != "zone"} == {
        k: v for k, v in kept.items() if k != "zone"
    }
    assert found["zone"].endswith("/privateDnsZones/privatelink.api.azureml.ms")
    assert one(ITEM)["location"] == "westeurope"
    assert one(ITEM)["type"] == ITEM["type"]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        (
            f"{GUID}-azurebatch-cloudservicenetworksecuritygroup",
            "{guid}-{kept}networksecuritygroup",
        ),
        (f"{GUID}azurebatch-cloudservicepublicip", "{guid}{kept}publicip"),
        ("fraudpool-azurebatch-cloudserviceloadbalancer", "[a-z]{9}-{kept}loadbalancer"),
        ("azurebatch-cloudserviceloadbalancer", "{kept}loadbalancer"),
    ],
)
def test_objects_of_batch_stay_recognisable(name, pattern):
    own = f"{GROUP}/providers/Microsoft.Network/loadBalancers/{name}"
    found = one({"id": own, "name": name})

    guid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    pattern = pattern.replace("{guid}", guid).replace("{kept}", "azurebatch-cloudservice")
    assert re.fullmatch(pattern, found["name"])
    assert found["id"].endswith(f"/{found['name']}")
    assert GUID not in json.dumps(found)
    assert "fraud" not in json.dumps(found)


def test_definitions_that_are_azures_keep_their_numbers():
    owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
    stated = "11111111-2222-4333-8444-555555555555"
    found = one(
        {
            "id": f"{SUBSCRIPTION}/{DEFINITIONS}/{CUSTOM}",
            "name": CUSTOM,
            "properties": {
                "type": "CustomRole",
                "a": f"{SUBSCRIPTION}/{DEFINITIONS}/{owner}",
                "b": f"/providers/Microsoft.Authorization/policyDefinitions/{POLICY}",
                "everyone": "00000000-0000-0000-0000-000000000000",
            },
        },
        facet="roleDefinitions",
    )
    built_in = one(
        {"name": stated, "id": f"/x/{stated}", "properties": {"type": "BuiltInRole"}},
        facet="roleDefinitions",
    )

    text = json.dumps(found)
    assert owner in text
    assert POLICY in text
    assert "00000000-0000-0000-0000-000000000000" in text
    assert CUSTOM not in text
    assert GUID not in text
    assert built_in["name"] == stated


def test_names_that_only_a_property_tells_go_too():
    found = one({**ITEM, "properties": {"imageBuildCompute": "cpu-fraudbuild"}})

    assert "fraud" not in json.dumps(found)


def test_names_of_azures_own_lists_stay():
    usage = {
        "id": f"{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/westeurope",
        "name": {"value": "standardDv5Family", "localizedValue": "Standard Dv5 Family vCPUs"},
        "limit": 24,
    }
    found = one(usage, facet="usages")

    assert found["name"] == usage["name"]
    assert found["id"].endswith("/locations/westeurope")
    assert GUID not in found["id"]


def test_questions_and_reasons_are_masked_too():
    reason = (
        f"403 AuthorizationFailed: The client 'Jane Roe' with object id '{CUSTOM}' over '{GROUP}'"
    )
    found = masked(ITEM, scope=GROUP, call=f"GET {GROUP}/x?a=1", state=DENIED, reason=reason)

    text = dump(snapshot(NOON, "AzureCloud", [found]))
    assert found.call.startswith("GET /subscriptions/")
    assert found.call.endswith("/x?a=1")
    assert f"'{found.scope}'" in found.reason
    assert "client '(masked)'" in found.reason
    assert not [w for w in (GUID, CUSTOM, "fraud", "Jane") if w in text]


def test_numbers_without_hyphens_are_the_same_numbers():
    found = one({**ITEM, "properties": {"a": GUID, "b": GUID.replace("-", ""), "c": GUID.upper()}})

    inner = found["properties"]
    assert inner["a"] in found["id"]
    assert inner["b"] == inner["a"].replace("-", "")
    assert inner["c"].lower() == inner["a"]


NAMES = st.text(st.sampled_from("abcxyz019-_.()äß東"), min_size=1, max_size=6).filter(
    lambda n: any(c.isalnum() for c in n) and n.strip(".()") == n
)


@given(st.lists(NAMES, min_size=1, max_size=30, unique_by=str.casefold))
def test_other_names_are_others_and_no_two_are_one(names):
    items = [
        {"id": f"{GROUP}/providers/Microsoft.Network/natGateways/{n}", "name": n} for n in names
    ]
    found = masked(*items, facet="natGateways").items

    assert len({i["name"].casefold() for i in found}) == len(names)
    assert all(i["id"].endswith(f"/{i['name']}") for i in found)
    kept = {n.casefold() for n in names}
    assert not kept & {i["name"].casefold() for i in found}


def test_more_names_of_one_shape_than_there_are_letters():
    items = [
        {"id": f"{GROUP}/providers/Microsoft.Network/natGateways/{c}", "name": c}
        for c in "abcdefghijklmnopqrstuvwxyz"
    ]
    found = {i["name"] for i in masked(*items, facet="natGateways").items}

    assert len(found) == 26


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.just(WORKSPACE),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["tags", "name", "id", "properties", "sku", "x"]), inner),
    max_leaves=10,
))  # fmt: skip
def test_any_answer_can_be_masked(data):
    item = {"id": WORKSPACE, "name": "mlwfraud", "properties": data}
    before = snapshot(NOON, "AzureCloud", [Answer("workspaces", GROUP, "", COLLECTED, (item,))])

    text = dump(mask(before))
    assert text == dump(mask(before))
    assert "mlwfraud" not in text
    assert GUID not in text


def test_a_word_of_many_pieces_takes_no_time_to_look_up():
    long = "-".join(["mlwfraud"] * 20_000)

    assert "fraud" not in json.dumps(one({**ITEM, "properties": {"x": long}}))
