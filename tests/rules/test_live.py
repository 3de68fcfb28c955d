"""What rules say of deployed things where a file of a case cannot show it."""

from __future__ import annotations

import json

import pytest

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.sources.document import Binding

RULES = rule_classes(BUILT_IN)
SUBSCRIPTION = "5a000000-0000-4000-8000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ml"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/vision"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-ml"


def answer(facet, scope, *items):
    return {"facet": facet, "scope": scope, "state": "collected", "items": list(items)}


def snapshot(*answers):
    taken = "2026-11-24T12:00:00Z"
    return json.dumps({"version": 1, "taken": taken, "cloud": "AzureCloud", "answers": answers})


def cluster(**properties):
    return {
        "id": f"{WORKSPACE}/computes/train",
        "name": "train",
        "location": "westeurope",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "STANDARD_D4S_V5", **properties},
        },
    }


def declared(*lines):
    return "\n".join(["name: train", "type: amlcompute", "size: Standard_D4s_v5", *lines, ""])


def judged(text, deployed, *names):
    workspace = {"id": WORKSPACE, "name": "vision", "location": "westeurope", "properties": {}}
    estate = snapshot(
        answer("workspaces", f"/subscriptions/{SUBSCRIPTION}", workspace),
        answer("computes", WORKSPACE, deployed),
    )
    return testing.check(
        {"train.yml": text, "estate.json": estate},
        [RULES[name] for name in names],
        bindings={"train.yml": Binding(SUBSCRIPTION, "rg-ml", "vision")},
    )


CHANGES = [
    ([], {}, []),
    (["max_instances: 9", "min_instances: 2"], {}, []),
    (["tier: low_priority"], {}, ["tier"]),
    ([], {"vmPriority": "LowPriority"}, ["tier"]),
    (["size: Standard_D2s_v5"], {}, ["VM size"]),
    (["location: northeurope"], {}, ["region"]),
    (["location: West Europe"], {}, []),
    (["network_settings:", f"  subnet: {NETWORK}/subnets/nodes"], {}, ["subnet"]),
    (
        ["network_settings:", "  vnet_name: vnet-ml", "  subnet: nodes"],
        {"subnet": {"id": f"{NETWORK}/subnets/nodes"}},
        [],
    ),
    (
        ["network_settings:", "  vnet_name: vnet-ml", "  subnet: other"],
        {"subnet": {"id": f"{NETWORK}/subnets/nodes"}},
        ["subnet"],
    ),
    (["enable_node_public_ip: false"], {}, ["node public IP"]),
    (["ssh_public_access_enabled: true"], {"remoteLoginPortPublicAccess": "Disabled"}, ["SSH"]),
]


@pytest.mark.parametrize(("lines", "properties", "changed"), CHANGES)
def test_what_cannot_be_changed_is_told_property_by_property(lines, properties, changed):
    deployed = cluster(**properties)
    deployed["properties"]["disableLocalAuth"] = True
    text = declared(*lines)
    if any(line.startswith("size:") for line in lines):
        text = text.replace("size: Standard_D4s_v5\n", "", 1)

    report = judged(text, deployed, "immutable-property-changed")

    assert len(report.findings) == len(changed)
    assert all(
        word in finding.message for word, finding in zip(changed, report.findings, strict=True)
    )


def test_what_is_not_deployed_yet_has_not_changed():
    other = {**cluster(vmSize="Standard_D2s_v5"), "id": f"{WORKSPACE}/computes/other"}

    report = judged(declared(), other, "immutable-property-changed")

    assert (report.findings, report.undecided) == ([], [])


def test_a_changed_property_is_told_by_one_rule_of_two():
    names = ("immutable-property-changed", "arm-template-updates-compute")

    report = judged(declared(), cluster(vmSize="Standard_D2s_v5", enableNodePublicIp=True), *names)

    assert {f.rule for f in report.findings} == {"immutable-property-changed"}


def test_what_is_deployed_stands_beside_what_is_declared():
    report = judged(declared(), cluster(vmSize="Standard_D2s_v5"), "immutable-property-changed")

    finding = report.findings[0]
    assert finding.place.document.path == "train.yml"
    assert finding.related[0].place.document.path == f"{WORKSPACE}/computes/train"
    assert WORKSPACE.rpartition("/")[2] in finding.fixes[0].steps[0].argv


LOCKS = "Microsoft.Authorization/locks"


def history(counts, scope=GROUP, **properties):
    lock = {
        "id": f"{scope}/providers/{LOCKS}/keep",
        "name": "keep",
        "type": LOCKS,
        "properties": {"level": "CanNotDelete", **properties},
    }
    groups = [
        {
            "id": group,
            "name": group.rpartition("/")[2],
            "type": "Microsoft.Resources/resourceGroups",
        }
        for group in counts
    ]
    answers = [
        answer(
            "deployments",
            group,
            *(
                {"id": f"{group}/providers/Microsoft.Resources/deployments/d{i}", "name": f"d{i}"}
                for i in range(count)
            ),
        )
        for group, count in counts.items()
    ]
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    estate = snapshot(
        answer("locks", subscription, lock),
        answer("resourceGroups", subscription, *groups),
        *answers,
    )
    rule = RULES["lock-pins-deployment-history"]
    return testing.check({"estate.json": estate}, [rule]).findings


@pytest.mark.parametrize(("count", "found"), [(699, 0), (700, 1)])
def test_a_locked_history_is_told_when_it_is_nearly_full(count, found):
    assert len(history({GROUP: count})) == found


def test_a_lock_of_the_subscription_names_the_fullest_history():
    other = GROUP.replace("rg-ml", "rg-full")

    (finding,) = history({GROUP: 700, other: 790}, f"/subscriptions/{SUBSCRIPTION}")

    assert "the 790 deployments of the resource group 'rg-full'" in finding.message
    assert "1 more groups are as full" in finding.message
    assert finding.fixes[0].steps[0].argv[:3] == ("az", "lock", "delete")


def test_a_lock_that_an_application_holds_is_its_own_matter():
    (finding,) = history({GROUP: 700}, owners=[{"applicationId": "a1"}])

    assert finding.fixes == ()
    assert "application a1 holds this lock" in finding.why_no_fix


def test_a_lock_of_azure_backup_is_not_to_be_taken_away():
    estate = snapshot(
        answer(
            "workspaces",
            f"/subscriptions/{SUBSCRIPTION}",
            {"id": WORKSPACE, "name": "vision", "location": "westeurope", "properties": {}},
        ),
        answer("computes", WORKSPACE, cluster()),
        answer(
            "locks",
            f"/subscriptions/{SUBSCRIPTION}",
            {
                "id": f"{GROUP}/providers/{LOCKS}/AzureBackupProtectionLock",
                "name": "AzureBackupProtectionLock",
                "type": LOCKS,
                "properties": {"level": "CanNotDelete"},
            },
        ),
    )

    (finding,) = testing.check({"estate.json": estate}, [RULES["lock-on-workspace-rg"]]).findings

    assert finding.fixes == ()
    assert finding.why_no_fix == "Azure Backup holds this lock as long as it protects the account"


def lock(scope, level="CanNotDelete"):
    return {
        "id": f"{scope}/providers/{LOCKS}/keep",
        "name": "keep",
        "type": LOCKS,
        "properties": {"level": level},
    }


@pytest.mark.parametrize(
    ("scope", "level", "rule"),
    [
        (GROUP, "CanNotDelete", "lock-on-workspace-rg"),
        (GROUP, "ReadOnly", "readonly-lock-on-workspace-rg"),
        (f"/subscriptions/{SUBSCRIPTION}", "CanNotDelete", "lock-inherited-from-subscription"),
        (NETWORK, "CanNotDelete", None),
        (NETWORK, "ReadOnly", "readonly-lock-on-cluster-network"),
    ],
)
def test_one_lock_over_workspace_and_network_is_told_once(scope, level, rule):
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    estate = snapshot(
        answer(
            "workspaces",
            subscription,
            {"id": WORKSPACE, "name": "vision", "location": "westeurope", "properties": {}},
        ),
        answer("computes", WORKSPACE, cluster(subnet={"id": f"{NETWORK}/subnets/nodes"})),
        answer("virtualNetworks", subscription),
        answer("locks", subscription, lock(scope, level)),
    )
    locks = [r for r in RULES.values() if r.__module__.split(".")[-2] == "locks"]

    found = [f.rule for f in testing.check({"estate.json": estate}, locks).findings]

    assert found == ([rule] if rule else [])


SIZES = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations"
OFFERED = [
    {"name": "Standard_D4s_v5", "vCPUs": 4, "supportedComputeTypes": ["AmlCompute"]},
    {"name": "Standard_NC4as_T4_v3", "vCPUs": 4, "gpus": 1, "supportedComputeTypes": ["MIR"]},
    {
        "name": "Standard_D4ds_v5",
        "vCPUs": 4,
        "gpus": 0,
        "memoryGB": 16,
        "lowPriorityCapable": False,
    },
]


def judged_by_sizes(name, size, *lines, region="westeurope", binding=True):
    text = declared("max_instances: 2", f"location: {region}", *lines)
    texts = {
        "train.yml": text.replace("Standard_D4s_v5", size),
        "estate.json": snapshot(answer("vmSizes", f"{SIZES}/westeurope", *OFFERED)),
    }
    bound = {"train.yml": Binding(SUBSCRIPTION, "rg-ml", "vision")} if binding else {}
    return testing.check(texts, [RULES[name]], bindings=bound)


@pytest.mark.parametrize(
    ("size", "is_found"),
    [
        ("Standard_D4s_v5", False),
        ("standard_d4ds_V5", False),
        ("Standard_NC4as_T4_v3", True),
        ("Standard_D4as_v5", True),
        ("Standard_D4sv5", True),
    ],
)
def test_a_size_that_the_region_does_not_offer_is_an_error(size, is_found):
    report = judged_by_sizes("vm-size-unsupported", size)

    assert [f.severity.level for f in report.findings] == ["error"] * is_found
    assert report.undecided == []


@pytest.mark.parametrize(
    ("size", "other"),
    [("Standard_D4sv5", "Standard_D4s_v5"), ("Standard_D4as_v5", "Standard_D4ds_v5")],
)
def test_instead_of_a_size_one_is_proposed_that_the_region_offers(size, other):
    (finding,) = judged_by_sizes("vm-size-unsupported", size).findings

    assert [fix.title for fix in finding.fixes] == [f"use {other}"]


def test_nothing_is_proposed_where_nothing_alike_is_offered():
    (finding,) = judged_by_sizes("vm-size-unsupported", "Standard_M128s").findings

    assert finding.fixes == ()
    assert "list-sizes" in finding.why_no_fix


def test_what_another_region_offers_is_not_known():
    report = judged_by_sizes("vm-size-unsupported", "Standard_D4s_v5", region="eastus")

    assert report.findings == []
    assert f"vmSizes of {SIZES}/eastus were not read" in report.undecided[0].reason


def test_what_is_offered_is_not_known_without_a_subscription():
    report = judged_by_sizes("vm-size-unsupported", "Standard_D4as_v5", binding=False)

    assert report.findings == []
    assert "in which subscription" in report.undecided[0].reason


@pytest.mark.parametrize(
    ("size", "is_found"), [("Standard_D4ds_v5", True), ("Standard_D4s_v5", False)]
)
def test_the_list_of_the_region_says_what_cannot_be_low_priority(size, is_found):
    report = judged_by_sizes("size-not-low-priority-capable", size, "tier: low_priority")

    assert bool(report.findings) == is_found
