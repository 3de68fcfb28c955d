"""`azmlint diagnose` says what is wrong, why, and what it does not know."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import jsonschema
import pytest

from azmlint.engine import diagnose, packs
from azmlint.engine.report import Failure, Report
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Facet
from azmlint.sources.snapshot import Answer, dump, snapshot
from azmlint_rules.state.scale_up_stalled import ScaleUpStalled

ROOT = Path(__file__).parent.parent.parent
CONTOSO = ROOT / "fixtures" / "estates" / "contoso-live" / "estate.json"
SCHEMA = json.loads((ROOT / "docs" / "diagnosis.schema.json").read_text("utf-8"))
REPORT = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))

ONE = "/subscriptions/3f9d2a71-5c08-4e1b-9d64-7a20c1e8b5f0"
TWO = "/subscriptions/b8e4160c-2d97-4f35-8a1e-60d9f3c7a412"
GROUP = f"{ONE}/resourceGroups/ml"
NETWORKS = f"{TWO}/resourceGroups/net"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
REGION = f"{ONE}/providers/Microsoft.MachineLearningServices/locations/westeurope"
ROOM = ("standardDSv5Family", "TotalDedicatedCores", "TotalLowPriorityCores", "TotalClusters")
"""Quotas of which there is enough."""
VNET = f"{NETWORKS}/providers/Microsoft.Network/virtualNetworks/vnet"
BATCH = (
    f"{NETWORKS}/providers/Microsoft.Network/loadBalancers/"
    "7d0c5e2a-9b14-4f63-a8d7-2c6e1f90b3a5-azurebatch-cloudserviceloadbalancer"
)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
FACETS = sorted(v for k, v in vars(Facet).items() if k.isupper())
READ = "Microsoft.Authorization/locks/read"


def lock(scope, name="keep", level="CanNotDelete"):
    own = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
    return {"id": own, "name": name, "properties": {"level": level}}


def cluster(name="train", workspace=WORKSPACE, subnet=f"{VNET}/subnets/nodes", **state):
    found = {
        "allocationState": "Resizing",
        "allocationStateTransitionTime": "2026-11-24T06:00:00Z",
        "currentNodeCount": 0,
        "targetNodeCount": 0,
        "vmSize": "STANDARD_D4S_V5",
        "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
        "remoteLoginPortPublicAccess": "Disabled",
        **state,
    }
    if subnet is not None:
        found["subnet"] = {"id": subnet}
    own = f"{workspace}/computes/{name}"
    rest = {"provisioningState": "Succeeded", "disableLocalAuth": True}
    inner = {"computeType": "AmlCompute", "computeLocation": "westeurope", "properties": found}
    return {"id": own, "name": name, "properties": {**inner, **rest}}


def instance(**properties):
    own = f"{WORKSPACE}/computes/ci"
    inner = {"computeType": "ComputeInstance", "provisioningState": "Succeeded"}
    return {"id": own, "name": "ci", "properties": {**inner, "properties": properties}}


def workspace(own=WORKSPACE):
    return {"id": own, "name": own.rpartition("/")[2], "location": "westeurope", "properties": {}}


def answer(facet, scope, *items, state=COLLECTED):
    reason = {COLLECTED: "", DENIED: "403 AuthorizationFailed", FAILED: "503 Busy"}[state]
    permission = READ if facet == "locks" else ""
    return Answer(facet, scope, "GET x", state, items, permission, reason)


def usage(name, limit, used=0):
    kind = "lowPriorityCores" if "LowPriority" in name else "dedicatedCores"
    return {
        "id": f"{ONE}/usages/{name}",
        "type": f"Microsoft.MachineLearningServices/{kind}/usages",
        "name": {"value": name},
        "limit": limit,
        "currentValue": used,
    }


OFFERED = ("Standard_D4s_v5", "Standard_NC6")


def estate(*computes, locks=(), more=(), without=()):
    """Give the answers about two subscriptions, one of them with the networks."""
    vnet = {
        "id": VNET,
        "name": "vnet",
        "location": "westeurope",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [
                {
                    "id": f"{VNET}/subnets/nodes",
                    "name": "nodes",
                    "properties": {"addressPrefix": "10.0.0.0/24"},
                }
            ],
        },
    }
    told = {"workspaces", "computes", "locks", "virtualNetworks"}
    found = [
        # Whatever else some rule asks for was read, and there is none of it.
        *(answer(f, s) for f in FACETS if f not in told for s in (ONE, TWO, WORKSPACE)),
        answer("usages", REGION, *(usage(n, 500) for n in ROOM)),
        answer("vmSizes", REGION, *({"name": name} for name in OFFERED)),
        answer("virtualNetworks", ONE),
        answer("virtualNetworks", TWO, vnet),
        answer("workspaces", ONE, workspace()),
        answer("workspaces", TWO),
        answer("computes", WORKSPACE, *computes),
        answer("locks", ONE, *(k for k in locks if k["id"].startswith(ONE))),
        answer("locks", TWO, *(k for k in locks if k["id"].startswith(TWO))),
    ]
    return [a for a in found if (a.facet, a.scope) not in without] + list(more)


@pytest.fixture
def ask(project, azmlint):
    """Diagnose a compute of an estate; give exit code and the JSON answer."""

    def call(target, answers, form="json"):
        path = project / "estate.json"
        path.write_text(dump(snapshot(NOON, "AzureCloud", answers)), encoding="utf-8")
        code, out, err = azmlint("diagnose", target, "--snapshot", str(path), "--format", form)
        if form != "json" or not out:
            return code, out or err
        data = json.loads(out)
        validator().validate(data)
        assert data["exit_code"] == code
        return code, data

    return call


def validator():
    merged = {**SCHEMA, "$defs": {**SCHEMA["$defs"], **REPORT["$defs"]}}
    return jsonschema.Draft202012Validator(merged)


def causes(data):
    return [(c["finding"]["rule"], c["finding"]["resource"]["name"]) for c in data["causes"]]


def links(cause):
    return [(n["kind"], n["name"], n["relation"]) for n in cause["path"]]


def names(rows):
    return [r["rule"] for r in rows]


def test_schema_is_valid_and_leaves_nothing_open():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def objects(schema):
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                yield schema
            for value in schema.values():
                yield from objects(value)

    for found in objects(SCHEMA):
        assert found["additionalProperties"] is False
        assert sorted(found["required"]) == sorted(found["properties"])


# The answer


def test_a_stuck_cluster_gets_its_causes_with_the_likeliest_first(ask):
    locks = [lock(GROUP, "on-group"), lock(NETWORKS, "on-net"), lock(BATCH, "on-batch")]
    code, data = ask("ws/train", estate(cluster(), locks=locks))

    assert code == 0
    assert data["complete"]
    assert names(data["symptoms"]) == ["stuck-resizing-zero"]
    assert causes(data) == [
        ("lock-on-batch-network-object", "on-batch"),
        ("lock-on-vnet-rg", "on-net"),
        ("lock-on-workspace-rg", "on-group"),
    ]
    assert all(c["explains"] == ["stuck-resizing-zero"] for c in data["causes"])


def test_evidence_leads_from_the_lock_to_the_cluster(ask):
    _, data = ask("ws/train", estate(cluster(), locks=[lock(NETWORKS), lock(GROUP)]))

    assert links(data["causes"][0]) == [
        ("lock", "keep", "locks"),
        ("resource group", "net", "holds"),
        ("virtual network", "vnet", "holds"),
        ("subnet", "nodes", "carries"),
        ("compute cluster", "train", ""),
    ]
    assert links(data["causes"][1]) == [
        ("lock", "keep", "locks"),
        ("resource group", "ml", "holds"),
        ("workspace", "ws", "holds"),
        ("compute cluster", "train", ""),
    ]
    assert data["causes"][0]["path"][0]["id"] == lock(NETWORKS)["id"]


def test_what_stands_beside_the_cluster_leads_to_it_by_their_group(ask):
    _, data = ask("ws/train", estate(cluster(), locks=[lock(BATCH)]))

    assert links(data["causes"][0])[:4] == [
        ("lock", "keep", "locks"),
        ("load balancer", BATCH.rpartition("/")[2], "is in"),
        ("resource group", "net", "holds"),
        ("virtual network", "vnet", "holds"),
    ]
    assert "lock-on-batch-network-object" not in data["ruled_out"]


def test_every_cause_comes_with_the_commands_that_cure_it(ask):
    _, data = ask("ws/train", estate(cluster(), locks=[lock(NETWORKS)]))

    (fix, *_) = data["causes"][0]["finding"]["fixes"]
    assert fix["steps"][0]["argv"] == ["az", "lock", "delete", "--ids", lock(NETWORKS)["id"]]
    _, text = ask("ws/train", estate(cluster(), locks=[lock(NETWORKS)]), form="text")
    assert f"az lock delete --ids {lock(NETWORKS)['id']}" in text
    assert "needs Microsoft.Authorization/locks/delete" in text


def test_locks_on_others_are_no_cause(ask):
    elsewhere = [
        lock(f"{ONE}/resourceGroups/other"),
        lock(f"{VNET}/subnets/other"),
        lock(f"{GROUP}-2"),
        lock(VNET),
    ]
    code, data = ask("ws/train", estate(cluster(), locks=elsewhere))

    assert code == 0
    assert data["causes"] == []
    assert {"lock-on-vnet-rg", "lock-on-workspace-rg"} <= set(data["ruled_out"])


def test_what_is_wrong_with_another_cluster_is_not_told(ask):
    other = cluster("other", currentNodeCount=3, subnet=None)
    _, data = ask("ws/train", estate(cluster(), other))

    told = [*data["symptoms"], *data["others"], *(c["finding"] for c in data["causes"])]
    assert {f["resource"]["name"] for f in told} == {"train", "ws"}


def test_what_explains_nothing_is_told_apart(ask):
    _, data = ask("ws/train", estate(cluster(), locks=[lock(NETWORKS)]))

    assert "workspace-public-access" in names(data["others"])
    assert not set(names(data["others"])) & set(data["ruled_out"])


def test_a_healthy_cluster_has_no_symptom_and_learns_what_could_stop_it(ask):
    healthy = cluster(allocationState="Steady")
    _, data = ask("ws/train", estate(healthy, locks=[lock(NETWORKS)]))

    assert data["symptoms"] == []
    assert causes(data)[0] == ("lock-on-vnet-rg", "keep")
    assert data["causes"][0]["explains"] == []
    _, text = ask("ws/train", estate(healthy, locks=[lock(NETWORKS)]), form="text")
    assert "none: its state is what it should be" in text
    assert "what could stop it" in text
    assert "  steady at 0 nodes; since" in text


def test_nothing_found_is_said(ask):
    _, text = ask("ws/train", estate(cluster()), form="text")

    assert "  none found; " in text
    assert "ruled out\n  lock-on-batch-network-object, lock-on-vnet-rg" in text


def test_state_is_as_the_service_says(ask):
    busy = cluster(
        currentNodeCount=3,
        nodeStateCounts={"runningNodeCount": 2, "idleNodeCount": 1, "preparingNodeCount": 0},
    )
    _, data = ask("ws/train", estate(busy))

    assert data["state"]["current_nodes"] == 3
    assert data["state"]["running_nodes"] == 2
    assert data["state"]["since"] == "2026-11-24T06:00:00+00:00"
    assert data["taken"] == "2026-11-24T12:00:00+00:00"
    _, text = ask("ws/train", estate(busy), form="text")
    assert "resizing 3 -> 0 nodes; since 2026-11-24 06:00; 1 idle; 2 running; min 0, max 4" in text


def test_an_instance_can_be_asked_about(ask):
    code, data = ask("ws/ci", estate(instance(vmSize="STANDARD_D4S_V5", state="Running")))

    assert code == 0
    assert data["compute"] == {"kind": "compute instance", "name": "ci", "id": instance()["id"]}
    assert data["state"]["allocation_state"] is None
    assert data["symptoms"] == []
    _, text = ask("ws/ci", estate(instance(vmSize="STANDARD_D4S_V5")), form="text")
    assert text.startswith("compute instance 'ci' of workspace 'ws' in resource group 'ml'\n")
    assert "provisioning: Succeeded; STANDARD_D4S_V5" in text


def test_an_instance_that_failed_has_a_symptom(ask):
    failed = instance()
    failed["properties"] |= {
        "provisioningState": "Failed",
        "provisioningErrors": [{"error": {"code": "NoQuota", "message": "none"}}],
    }
    _, data = ask("ws/ci", estate(failed))

    assert names(data["symptoms"]) == ["provisioning-failed"]


def test_a_compute_that_says_nothing_of_itself(ask):
    bare = {
        "id": f"{WORKSPACE}/computes/x1",
        "name": "x1",
        "properties": {"computeType": "Kubernetes"},
    }
    code, data = ask("ws/x1", estate(bare))

    assert code == 0
    assert data["compute"]["kind"] == "Kubernetes compute"
    assert set(data["state"].values()) == {None}
    assert "it says nothing of its state" in ask("ws/x1", estate(bare), form="text")[1]


def test_a_workspace_that_was_not_read_is_named_all_the_same(ask):
    code, data = ask("ws/train", estate(cluster(), without={("workspaces", ONE)}))

    assert code == 3
    assert names(data["symptoms"]) == ["stuck-resizing-zero"]
    assert "lock-on-workspace-rg" in names(data["unread"])


# What is not known


def test_a_denied_facet_leaves_causes_open_and_names_the_permission(ask):
    denied = answer("locks", TWO, state=DENIED)
    code, data = ask(
        "ws/train",
        estate(cluster(), locks=[lock(GROUP)], without={("locks", TWO)}, more=[denied]),
    )

    assert code == 3
    assert not data["complete"]
    assert causes(data) == [("lock-on-workspace-rg", "keep")]
    unread = {u["rule"]: u for u in data["unread"]}
    assert "403 AuthorizationFailed" in unread["lock-on-vnet-rg"]["reason"]
    assert unread["lock-on-vnet-rg"]["needs"] == {
        "facet": "locks",
        "scope": TWO,
        "permission": READ,
    }
    assert "lock-on-vnet-rg" not in data["ruled_out"]
    assert [f["scope"] for f in data["failures"]] == [TWO]
    _, text = ask(
        "ws/train", estate(cluster(), without={("locks", TWO)}, more=[denied]), form="text"
    )
    assert f"it takes {READ} on {TWO}" in text


def test_a_facet_that_nobody_asked_for_leaves_causes_open(ask):
    code, data = ask("ws/train", estate(cluster(), without={("locks", ONE), ("locks", TWO)}))

    assert code == 3
    reasons = {u["rule"]: u["reason"] for u in data["unread"]}
    assert reasons["lock-on-vnet-rg"] == "locks were not asked for"
    assert "lock-on-vnet-rg" not in data["ruled_out"]


def test_a_subscription_that_was_left_out_leaves_causes_open(ask):
    code, data = ask("ws/train", estate(cluster(), without={("locks", TWO)}))

    assert code == 3
    reasons = {u["rule"]: u["reason"] for u in data["unread"]}
    assert reasons["lock-on-vnet-rg"] == f"locks of {TWO} were not read"


def test_what_of_others_is_not_known_does_not_matter(ask):
    third = "/subscriptions/00000000-0000-4000-8000-000000000003"
    other = WORKSPACE.replace("/ws", "/other")
    gaps = [
        answer("locks", third, state=DENIED),
        answer("computes", other, state=FAILED),
        answer("workspaces", third, state=DENIED),
    ]
    code, data = ask("ws/train", estate(cluster(), locks=[lock(NETWORKS)], more=gaps))

    assert data["unread"] == []
    assert data["failures"] == []
    assert code == 0


def test_a_rule_that_the_configuration_leaves_out_is_asked_all_the_same(ask, project):
    text = 'ignore = ["lock-on-vnet-rg", "state"]\nselect = ["access"]\n'
    (project / "azmlint.toml").write_text(text)

    _, data = ask("ws/train", estate(cluster(), locks=[lock(NETWORKS)]))
    assert names(data["symptoms"]) == ["stuck-resizing-zero"]
    assert causes(data)[0][0] == "lock-on-vnet-rg"


def test_a_rule_that_failed_has_ruled_out_nothing():
    one = snapshot(NOON, "AzureCloud", estate(cluster()))
    report = Report()
    report.failures = [Failure(None, "scale-up-stalled", "judge", "boom")]
    stuck = "lock-on-vnet-rg"
    report.failures += [Failure(None, stuck, "judge", "ValueError: x")]

    found = diagnose.diagnose(one, "ws/train", report, packs.entries(["azmlint_rules"]))
    assert [(u.rule, u.reason) for u in found.unread if u.rule == stuck] == [
        (stuck, "ValueError: x")
    ]
    assert stuck not in found.ruled_out
    assert not found.is_complete


# The target


@pytest.mark.parametrize("target", ["ws/train", "WS/Train", "train", f"{WORKSPACE}/computes/train"])
def test_a_compute_can_be_named_in_several_ways(ask, target):
    code, data = ask(target, estate(cluster()))

    assert code == 0
    assert data["compute"]["id"] == f"{WORKSPACE}/computes/train"


def test_a_name_that_several_have_is_refused_with_their_ids(ask):
    twin = WORKSPACE.replace(ONE, TWO)
    more = [answer("computes", twin, cluster(workspace=twin))]
    code, text = ask("ws/train", estate(cluster(), more=more))

    assert code == 2
    assert "several computes are called 'ws/train'; name one by its id" in text
    assert f"  {WORKSPACE}/computes/train\n" in text
    assert f"  {twin}/computes/train\n" in text
    assert ask(f"{twin}/computes/train", estate(cluster(), more=more))[0] in {0, 3}


def test_a_name_that_nobody_has_is_refused_with_the_nearest(ask):
    code, text = ask("ws/tain", estate(cluster()))

    assert code == 2
    assert "no compute 'ws/tain' was read" in text
    assert "Did you mean 'ws/train'?" in text


def test_a_name_that_is_far_off_gets_a_list(ask):
    many = [cluster(f"cluster-{n:02}") for n in range(12)]

    _, text = ask("nothing-like-it", estate(*many))
    assert "There are: ws/cluster-00, " in text
    assert "and 2 more." in text
    assert "No compute was read at all." in ask("x", estate())[1]


# Forms


def test_graph_holds_the_path_of_every_cause(ask):
    _, text = ask("ws/train", estate(cluster(), locks=[lock(NETWORKS), lock(GROUP)]), "mermaid")

    assert text.startswith("graph LR\n")
    assert 'n0["lock: keep"]' in text
    assert len(re.findall(r" -- locks --> ", text)) == 2
    assert text.count('"compute cluster: train"') == 1
    assert text.count("stroke:#c00") == 2


def test_graph_without_causes_holds_the_compute(ask):
    _, text = ask("ws/train", estate(cluster()), "mermaid")

    assert text == "graph LR\n  n0[\"compute cluster 'train'\"]\n"


HOSTILE = 'a"]; click n0 "javascript:x" <b>&#35;`{|}`\n%%{init: {}}%%\x1b[31m\u202e'


def test_hostile_names_stay_names(ask):
    evil = [lock(NETWORKS, HOSTILE.replace("/", "|"))]
    answers = estate(cluster(), locks=evil)
    _, graph = ask("ws/train", answers, "mermaid")
    _, text = ask("ws/train", answers, "text")

    for line in graph.splitlines()[1:]:
        assert re.fullmatch(
            r'  n\d+\["[^"<>&`\[\]{}|\x00-\x1f]*"\]|  n\d+ -- [a-z ]+ --> n\d+|  style n\d+ .*',
            line,
        ), line
    for shown in (graph, text):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\n%%" not in shown


def test_colours_only_where_they_are_wanted(project, azmlint, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    asked = ["diagnose", "mlw-fraud/train", "--snapshot", str(CONTOSO)]

    coloured, plain = azmlint(*asked), azmlint(*asked, "--no-color")
    assert "\x1b[1msymptoms\x1b[0m" in coloured.out
    assert "\x1b" not in plain.out
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured.out) == plain.out


@pytest.mark.parametrize("form", ["text", "json", "mermaid"])
def test_two_diagnoses_write_the_same_bytes(project, azmlint, form):
    asked = ["diagnose", "mlw-fraud/train", "--snapshot", str(CONTOSO), "--format", form]

    assert azmlint(*asked) == azmlint(*asked)


def test_the_stuck_cluster_of_contoso(project, azmlint):
    code, out, _ = azmlint(
        "diagnose", "mlw-fraud/train", "--snapshot", str(CONTOSO), "--format", "json"
    )
    data = json.loads(out)

    assert causes(data) == [
        ("lock-on-batch-network-object", "no-change"),
        ("lock-on-vnet-rg", "network-do-not-delete"),
        ("lock-on-workspace-rg", "production-do-not-delete"),
    ]
    assert code == 0
    assert data["unread"] == data["failures"] == []


def test_a_symptom_without_a_cause_says_whom_to_ask_next(ask):
    _, stuck = ask("ws/train", estate(cluster()), "text")
    _, sound = ask("ws/train", estate(cluster(allocationState="Steady")), "text")

    assert "none found; no rule sees into the service" in stuck
    assert "none found\n" in sound


def test_a_cause_that_no_rule_looks_for_is_not_ruled_out(ask, monkeypatch):
    name = "cause-of-another-pack"
    monkeypatch.setattr(ScaleUpStalled, "causes", (*ScaleUpStalled.causes, name))

    code, data = ask("ws/train", estate(cluster(targetNodeCount=4)))

    unread = {u["rule"]: u["reason"] for u in data["unread"]}
    assert unread[name] == "no rule that is loaded looks for this cause"
    assert name not in data["ruled_out"]
    assert code == 3


def failed(code, message="", **state):
    errors = [{"error": {"code": code, "message": message}}]
    return cluster(allocationState="Steady", targetNodeCount=4, errors=errors, **state)


def quotas(**limits):
    """Give an answer about quotas that stands instead of the roomy one."""
    rows = [usage(n, limits.get(n, 500)) for n in ROOM]
    return {"more": [answer("usages", REGION, *rows)], "without": {("usages", REGION)}}


@pytest.mark.parametrize(
    ("code", "rule", "limits", "state"),
    [
        ("ClusterCoreQuotaReached", "family-quota-shortfall", {"standardDSv5Family": 12}, {}),
        (
            "AccountVMSeriesCoreQuotaReached",
            "family-quota-shortfall",
            {"standardDSv5Family": 12},
            {},
        ),
        ("AccountCoreQuotaReached", "regional-quota-shortfall", {"TotalDedicatedCores": 12}, {}),
        (
            "AccountLowPriorityCoreQuotaReached",
            "low-priority-quota-shortfall",
            {"TotalLowPriorityCores": 12},
            {"vmPriority": "LowPriority"},
        ),
        (
            "AccountSpotCoreQuotaReached",
            "low-priority-quota-shortfall",
            {"TotalLowPriorityCores": 12},
            {"vmPriority": "LowPriority"},
        ),
        ("QuotaNotAvailableForResource", "no-quota-for-one-node", {"standardDSv5Family": 0}, {}),
        ("ClusterMinNodesExceedCoreQuota", "no-quota-for-one-node", {"standardDSv5Family": 0}, {}),
    ],
)
def test_a_quota_that_the_service_names_is_the_first_cause(ask, code, rule, limits, state):
    found = failed(code, **state)

    _, data = ask("ws/train", estate(found, locks=[lock(GROUP)], **quotas(**limits)))

    first, *others = data["causes"]
    assert (first["finding"]["rule"], first["code"]) == (rule, code)
    assert any(c["finding"]["rule"] == "lock-on-workspace-rg" and c["code"] is None for c in others)
    assert data["refusals"] == []
    _, text = ask("ws/train", estate(found, **quotas(**limits)), "text")
    assert f"the service says so itself: {code}" in text


def test_a_quota_that_was_short_then_and_is_not_now_is_named_all_the_same(ask):
    found = failed("ClusterCoreQuotaReached", "quota of 0 vCPUs")

    _, data = ask("ws/train", estate(found))
    _, text = ask("ws/train", estate(found), "text")

    (refusal,) = data["refusals"]
    assert (refusal["code"], refusal["message"]) == ("ClusterCoreQuotaReached", "quota of 0 vCPUs")
    assert "family-quota-shortfall" in refusal["rules"]
    assert "1. the service says ClusterCoreQuotaReached: quota of 0 vCPUs" in text


def test_usages_that_were_not_read_leave_quotas_open_and_what_the_service_names_stands(ask):
    found = failed("ClusterCoreQuotaReached")
    denied = answer("usages", REGION, state=DENIED)

    code, data = ask("ws/train", estate(found, more=[denied], without={("usages", REGION)}))

    assert code == 3
    assert [r["code"] for r in data["refusals"]] == ["ClusterCoreQuotaReached"]
    assert "family-quota-shortfall" in {u["rule"] for u in data["unread"]}


def test_what_is_only_a_note_is_no_cause(ask):
    _, data = ask("ws/train", estate(cluster(), locks=[lock(WORKSPACE)]))

    assert "lock-on-workspace-resource" not in {c["finding"]["rule"] for c in data["causes"]}


def test_a_read_only_lock_on_the_workspace_is_a_cause(ask):
    _, data = ask("ws/train", estate(cluster(), locks=[lock(WORKSPACE, level="ReadOnly")]))

    assert "lock-on-workspace-resource" in {c["finding"]["rule"] for c in data["causes"]}
