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
