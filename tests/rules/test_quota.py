"""What rules about quotas say where limits meet: shares of workspaces, and what nobody lists."""

from __future__ import annotations

import json

import pytest

from azmlint.cli import run

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
SERVICE = "Microsoft.MachineLearningServices"
PLACE = f"{SUBSCRIPTION}/providers/{SERVICE}/locations/westeurope"
WORKSPACE = f"{SUBSCRIPTION}/resourceGroups/rg/providers/{SERVICE}/workspaces/ws"
FAMILY = "standardDDSv5Family"


def answer(facet, scope, *items):
    return {"facet": facet, "scope": scope, "state": "collected", "items": list(items)}


def usage(name, limit, used=0):
    return {
        "id": f"{SUBSCRIPTION}/usages/{name}",
        "type": f"{SERVICE}/dedicatedCores/usages",
        "name": {"value": name},
        "limit": limit,
        "currentValue": used,
    }


def share(family, limit):
    return {
        "id": f"{WORKSPACE}/quotas/{family}",
        "type": f"{SERVICE}/workspaces/quotas",
        "name": {"value": family},
        "limit": limit,
    }


def compute(name, kind, **properties):
    return {
        "id": f"{WORKSPACE}/computes/{name}",
        "name": name,
        "location": "westeurope",
        "properties": {"computeType": kind, "properties": properties},
    }


def cluster(name, most, size="Standard_D4ds_v5"):
    scale = {"minNodeCount": 0, "maxNodeCount": most}
    return compute(name, "AmlCompute", vmSize=size, currentNodeCount=0, scaleSettings=scale)


INSTANCE = compute("ci", "ComputeInstance", vmSize="Standard_D4ds_v5", state="Running")


@pytest.fixture
def found(capsys, tmp_path, monkeypatch):
    """Audit what is deployed; give the findings of one rule."""
    monkeypatch.chdir(tmp_path)

    def call(rule, usages, computes, shares=()):
        answers = [
            answer("usages", PLACE, *usages),
            answer("quotas", PLACE, *shares),
            answer(
                "workspaces",
                SUBSCRIPTION,
                {
                    "id": WORKSPACE,
                    "name": "ws",
                    "type": f"{SERVICE}/workspaces",
                    "location": "westeurope",
                },
            ),
            answer("computes", WORKSPACE, *computes),
        ]
        estate = {
            "version": 1,
            "taken": "2026-11-24T12:00:00Z",
            "cloud": "AzureCloud",
            "answers": answers,
        }
        (tmp_path / "estate.json").write_text(json.dumps(estate), encoding="utf-8")
        run(["audit", "--snapshot", "estate.json", "--select", rule, "--format", "json"])
        return json.loads(capsys.readouterr().out)["findings"]

    return call


@pytest.fixture
def audit(found):
    """Audit what is deployed; give the findings of one rule as their computes, words and fixes."""

    def call(*asked):
        return [
            (f["resource"]["name"], f["message"], [x["title"] for x in f["fixes"]])
            for f in found(*asked)
        ]

    return call


TOTAL = usage("TotalDedicatedCores", 200)


@pytest.mark.parametrize(
    ("computes", "wanted", "fitting"),
    [
        ([cluster("train", 10), INSTANCE], 44, 9),
        ([cluster("train", 10), cluster("score", 4)], 56, 6),
    ],
)
def test_what_shares_the_limit_of_a_workspace_can_ask_for_more_than_it_too(
    audit, computes, wanted, fitting
):
    usages = [usage(FAMILY, 100), TOTAL]

    found = audit("shared-quota-oversubscribed", usages, computes, [share(FAMILY, 40)])

    ((name, message, fixes),) = found
    assert name == "train"
    assert f"2 computes may take {wanted} vCPUs together" in message
    assert "of workspace 'ws' in westeurope is 40 vCPUs (10 nodes)" in message
    assert fixes == [
        f"allow at most {fitting} nodes",
        f"let the workspace have {wanted} vCPUs of {FAMILY}",
    ]


def test_a_limit_of_a_workspace_that_has_room_for_all_is_nothing_to_report(audit):
    computes = [cluster("train", 10), INSTANCE]

    found = audit(
        "shared-quota-oversubscribed", [usage(FAMILY, 100), TOTAL], computes, [share(FAMILY, 44)]
    )

    assert found == []


def test_all_that_is_asked_for_is_asked_for_also_by_one_that_is_larger_than_the_limit(audit):
    usages = [usage(FAMILY, 24, used=8), TOTAL]

    ((_, message, fixes),) = audit("shared-quota-oversubscribed", usages, [cluster("train", 10)])

    assert "1 compute and 8 vCPUs of what no input lists may take 48 vCPUs together" in message
    assert f"ask for 48 vCPUs of {FAMILY}" in fixes


def test_a_size_of_which_the_workspace_may_not_have_enough_is_not_offered(audit):
    usages = [usage(FAMILY, 24), usage("standardDADSv5Family", 100), TOTAL]

    def offered(*shares):
        ((_, _, fixes),) = audit("family-quota-shortfall", usages, [cluster("train", 10)], shares)
        return [title for title in fixes if "Standard_D4ads_v5" in title]

    assert offered(share("standardDADSv5Family", 39)) == []
    assert offered(share("standardDADSv5Family", 40)) == [
        "create it with Standard_D4ads_v5 instead: standardDADSv5Family has room for 10 nodes"
    ]
    assert offered() == [
        "create it with Standard_D4ads_v5 instead: standardDADSv5Family has room for 25 nodes"
    ]


def test_what_others_hold_is_not_known_where_a_cluster_does_not_tell_its_nodes(
    audit, tmp_path, capsys
):
    train = cluster("train", 10)
    del train["properties"]["properties"]["currentNodeCount"]

    assert audit("capacity-bottleneck", [usage(FAMILY, 100, used=90), TOTAL], [train]) == []
    code = run(["capacity", "--snapshot", str(tmp_path / "estate.json"), "--format", "json"])
    (gap,) = json.loads(capsys.readouterr().out)["gaps"]
    assert "nor whose the 90 vCPUs in use of standardDDSv5Family are" in gap["reason"]
    assert code == 3


@pytest.mark.parametrize(
    ("limit", "severity", "said"),
    [(0, "error", "never gets a node"), (4, "warning", "never gets more than 1 node")],
)
def test_a_limit_of_a_workspace_below_one_node_is_an_error(found, limit, severity, said):
    usages, computes = [usage(FAMILY, 100), TOTAL], [cluster("train", 10)]

    (finding,) = found("workspace-quota-shortfall", usages, computes, [share(FAMILY, limit)])

    assert finding["severity"] == severity
    assert finding["message"].endswith(said)


def template(*resources):
    return json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/"
            "deploymentTemplate.json#",
            "contentVersion": "1.0.0.0",
            "resources": [{"apiVersion": "2025-12-01", **r} for r in resources],
        },
        indent=1,
    )


def instance(name, size="Standard_D4ds_v5"):
    return {
        "type": f"{SERVICE}/workspaces/computes",
        "name": f"ws/{name}",
        "location": "westeurope",
        "properties": {"computeType": "ComputeInstance", "properties": {"vmSize": size}},
    }


def deployment(name, instances, compute="Managed", size="Standard_D4ds_v5"):
    return {
        "type": f"{SERVICE}/workspaces/onlineEndpoints/deployments",
        "name": f"ws/answers/{name}",
        "location": "westeurope",
        "sku": {"name": "Default", "capacity": instances},
        "properties": {"endpointComputeType": compute, "instanceType": size},
    }


@pytest.fixture
def declared(capsys, tmp_path, monkeypatch):
    """Check a template under limits; give the findings, by rule and name, without the notes."""
    monkeypatch.chdir(tmp_path)

    def call(*resources, family, total=100, answers=()):
        subscription = SUBSCRIPTION.rpartition("/")[2]
        (tmp_path / "main.json").write_text(template(*resources), encoding="utf-8")
        (tmp_path / "azmlint.toml").write_text(
            f'[[deployments]]\npaths = ["main.json"]\nsubscription = "{subscription}"\n'
            f'resource_group = "rg"\n[quota.westeurope]\n{FAMILY} = {family}\n'
            f"TotalDedicatedCores = {total}\n",
            encoding="utf-8",
        )
        words = []
        if answers:
            estate = {
                "version": 1,
                "taken": "2026-11-24T12:00:00Z",
                "cloud": "AzureCloud",
                "answers": list(answers),
            }
            (tmp_path / "estate.json").write_text(json.dumps(estate), encoding="utf-8")
            words = ["--snapshot", "estate.json"]
        run(["check", "main.json", "--select", "quota", *words, "--format", "json"])
        findings = json.loads(capsys.readouterr().out)["findings"]
        return {(f["rule"], f["resource"]["name"]): f for f in findings if f["severity"] != "note"}

    return call


@pytest.mark.parametrize("resource", [instance("a"), deployment("a", 1)])
def test_what_is_no_cluster_needs_quota_for_a_node_too(declared, resource):
    refused = declared(resource, family=3)
    enough = declared(resource, family=8)

    ((rule, _),) = refused
    assert rule == "no-quota-for-one-node"
    assert refused[rule, "a"]["severity"] == "error"
    assert (
        "cannot have one node of Standard_D4ds_v5, which takes 4 vCPUs"
        in (refused[rule, "a"]["message"])
    )
    assert enough == {}


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"family": 15}, "family-quota-shortfall"),
        ({"family": 100, "total": 15}, "regional-quota-shortfall"),
        (
            {"family": 100, "answers": [answer("quotas", PLACE, share(FAMILY, 15))]},
            "workspace-quota-shortfall",
        ),
    ],
)
def test_a_deployment_that_does_not_fit_with_its_reserve_is_refused(declared, limits, rule):
    found = declared(deployment("blue", 3), **limits)
    limits = {k: v if v == 100 else 16 for k, v in limits.items() if k != "answers"}
    enough = declared(deployment("blue", 3), **limits)

    assert list(found) == [(rule, "blue")]
    finding = found[rule, "blue"]
    assert finding["severity"] == "error"
    assert (
        "takes 4 nodes of Standard_D4ds_v5, 16 vCPUs with what is set aside" in (finding["message"])
    )
    assert "15 vCPUs (3 nodes): it is refused" in finding["message"]
    # Two instances take three machines.
    assert finding["fixes"][0]["title"] == "run 2 instances"
    assert enough == {}


def test_instances_and_deployments_share_a_quota_where_there_is_no_cluster(declared):
    found = declared(instance("a"), instance("b"), instance("c"), family=8)
    enough = declared(instance("a"), instance("b"), deployment("c", 2), family=20)
    short = declared(instance("a"), instance("b"), deployment("c", 2), family=19)

    assert list(found) == [("shared-quota-oversubscribed", "a")]
    message = found["shared-quota-oversubscribed", "a"]["message"]
    assert "3 computes may take 12 vCPUs together" in message
    assert "is 8 vCPUs (2 nodes)" in message
    assert enough == {}
    assert list(short) == [("shared-quota-oversubscribed", "c")]
    assert short["shared-quota-oversubscribed", "c"]["fixes"][0]["title"] == "run 1 instance"


def test_a_deployment_on_kubernetes_takes_no_quota(declared):
    assert declared(deployment("a", 9, "Kubernetes", "small"), family=0) == {}


def test_what_has_its_place_already_is_not_refused(found):
    instances = [INSTANCE]

    assert found("no-quota-for-one-node", [usage(FAMILY, 0, used=4), TOTAL], instances) == []


def test_what_is_declared_and_there_counts_once(declared):
    answers = [
        answer("usages", PLACE, usage(FAMILY, 8, used=8), TOTAL),
        answer("workspaces", SUBSCRIPTION, {"id": WORKSPACE, "name": "ws"}),
        answer("computes", WORKSPACE, compute("a", "ComputeInstance", vmSize="Standard_D4ds_v5")),
    ]

    there = declared(instance("a"), family=0, answers=answers)
    new = declared(instance("b"), family=0, answers=answers)

    # Four of the eight vCPUs in use are its own.
    assert there == {}
    message = new["shared-quota-oversubscribed", "b"]["message"]
    assert "2 computes and 4 vCPUs of what no input lists may take 12 vCPUs together" in message


def test_what_was_read_of_a_region_in_display_form_was_read(found, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PLACE", PLACE.replace("westeurope", "West Europe"))

    findings = found("quota-unknown", [usage(FAMILY, -4), TOTAL], [cluster("train", 2)])

    (message,) = [f["message"] for f in findings]
    assert message.endswith(f"{FAMILY} in westeurope: its limit is -4")


def test_an_online_deployment_counts_as_a_compute_of_the_region(declared):
    count = {**usage("TotalClusters", 2, used=2), "type": f"{SERVICE}/totalCores/usages"}
    answers = [
        answer("usages", PLACE, usage(FAMILY, 80), TOTAL, count),
        answer("workspaces", SUBSCRIPTION, {"id": WORKSPACE, "name": "ws"}),
        answer("onlineDeployments", f"{WORKSPACE}/onlineEndpoints/answers"),
    ]

    found = declared(deployment("blue", 1), family=80, answers=answers)

    message = found["cluster-count-limit", "blue"]["message"]
    assert message == ("westeurope may have 2 computes and has 2, so 1 more cannot be created")
