"""What is deployed, judged alone and around what files declare."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest

from azmlint.model.facet import COLLECTED, DENIED, FAILED
from azmlint.report import FORMATS
from azmlint.report.diagnosis import FORMATS as DIAGNOSES
from azmlint.sources.snapshot import Answer, dump, snapshot

ROOT = Path(__file__).parent.parent.parent
CONTOSO = ROOT / "fixtures" / "estates" / "contoso-live" / "estate.json"
REPORT = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
ML = "Microsoft.MachineLearningServices/workspaces"
ONE = "/subscriptions/3f9d2a71-5c08-4e1b-9d64-7a20c1e8b5f0"
TWO = "/subscriptions/b8e4160c-2d97-4f35-8a1e-60d9f3c7a412"
GROUP = f"{ONE}/resourceGroups/rg-ml"
WORKSPACE = f"{GROUP}/providers/{ML}/mlw"
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
PERMISSIONS = {
    "locks": "Microsoft.Authorization/locks/read",
    "workspaces": f"{ML}/read",
    "computes": f"{ML}/computes/read",
}


def answer(facet, scope, *items, state=COLLECTED):
    reason = {COLLECTED: "", DENIED: "403 AuthorizationFailed", FAILED: "503 Busy"}[state]
    return Answer(facet, scope, "GET x", state, items, PERMISSIONS[facet], reason)


def lock(scope, name="keep", level="CanNotDelete"):
    own = f"{scope}/providers/Microsoft.Authorization/locks/{name}"
    return {"id": own, "name": name, "properties": {"level": level}}


def workspace(own=WORKSPACE, **properties):
    properties.setdefault("publicNetworkAccess", "Disabled")
    name = own.rpartition("/")[2]
    return {"id": own, "name": name, "location": "westeurope", "properties": properties}


def cluster(name="train", own=WORKSPACE, least=0, region="westeurope"):
    scale = {"minNodeCount": least, "maxNodeCount": 4}
    inner = {"vmSize": "STANDARD_D4S_V5", "scaleSettings": scale, "allocationState": "Steady"}
    outer = {"computeType": "AmlCompute", "computeLocation": region, "properties": inner}
    return {"id": f"{own}/computes/{name}", "name": name, "properties": outer}


def estate(*more, locks=(), computes=(), workspaces=None, state=COLLECTED):
    return [
        answer("workspaces", ONE, *(workspaces or [workspace()])),
        answer("computes", WORKSPACE, *computes),
        answer("locks", ONE, *locks, state=state),
        *more,
    ]


CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: {least}
max_instances: 4
location: westeurope
"""


@pytest.fixture
def check(project, azmlint):
    """Check the project's files among answers; give exit code and the JSON report."""

    def call(answers, *more):
        path = project / "estate.json"
        path.write_text(dump(snapshot(NOON, "AzureCloud", answers)), encoding="utf-8")
        code, out, err = azmlint(
            "check", "--snapshot", str(path), "--format", "json", "--profile", "strict", *more
        )
        assert out, err
        report = json.loads(out)
        jsonschema.Draft202012Validator(REPORT).validate(report)
        return code, report

    return call


@pytest.fixture
def audit(check, azmlint):
    """Audit answers; give exit code and the JSON report."""

    def call(answers, *more):
        Path("estate.json").write_text(dump(snapshot(NOON, "AzureCloud", answers)))
        code, out, err = azmlint("audit", "--snapshot", "estate.json", "--format", "json", *more)
        assert out, err
        report = json.loads(out)
        jsonschema.Draft202012Validator(REPORT).validate(report)
        return code, report

    return call


def put(project, text, path="cluster.yml"):
    target = project / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def rules(report):
    return {f["rule"] for f in report["findings"]}


def only(report, rule):
    (found,) = [f for f in report["findings"] if f["rule"] == rule]
    return found


BOUND = '[[workspaces]]\npaths = ["**"]\nname = "mlw"\n'
HOME = json.dumps(
    {
        "subscription_id": ONE.rpartition("/")[2],
        "resource_group": "RG-ML",
        "workspace_name": "mlw",
    }
)


# A declared cluster among what is deployed


def test_a_declared_cluster_under_a_deployed_lock(project, check):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=0))

    code, report = check(estate(locks=[lock(GROUP)]))
    found = only(report, "lock-on-workspace-rg")
    assert code == 1
    assert found["resource"] == {
        "kind": "lock",
        "name": "keep",
        "id": lock(GROUP)["id"],
        "address": None,
    }
    assert found["path"] is None
    assert "cluster.yml" in {r["path"] for r in found["related"]}
    assert found["fixes"][0]["steps"][0]["argv"][-1] == lock(GROUP)["id"]


def test_the_workspace_is_found_by_the_folder_of_its_client(project, check):
    put(project, HOME, "team/.azureml/config.json")
    put(project, CLUSTER.format(least=0), "team/compute/cluster.yml")

    _, report = check(estate(locks=[lock(GROUP)]))
    assert "lock-on-workspace-rg" in rules(report)


TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": f"{ML}/computes",
            "apiVersion": "2025-12-01",
            "name": "mlw/train",
            "location": "westeurope",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": "Standard_D4s_v5",
                    "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
                },
            },
        }
    ],
}


def test_the_workspace_is_found_by_the_deployment(project, check):
    facts = f'subscription = "{ONE.rpartition("/")[2]}"\nresource_group = "rg-ml"\n'
    put(project, f'[[deployments]]\npaths = ["infra/**"]\n{facts}', "azmlint.toml")
    put(project, json.dumps(TEMPLATE), "infra/main.json")

    _, report = check(estate(locks=[lock(GROUP)]))
    assert "lock-on-workspace-rg" in rules(report)


def test_a_template_that_nobody_binds_is_not_taken_for_deployed_there(project, check):
    put(project, json.dumps(TEMPLATE), "infra/main.json")

    _, report = check(estate(locks=[lock(GROUP)]))
    assert "lock-on-workspace-rg" not in rules(report)


def test_a_name_that_two_workspaces_have_binds_nothing(project, check):
    twin = WORKSPACE.replace(ONE, TWO)
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=0))

    _, report = check(
        estate(locks=[lock(GROUP)], workspaces=[workspace(), workspace(twin)]),
    )
    assert "lock-on-workspace-rg" not in rules(report)


def test_a_name_that_two_workspaces_have_binds_with_its_group(project, check):
    twin = WORKSPACE.replace("rg-ml", "rg-other")
    put(project, f'{BOUND}resource_group = "rg-ml"\n', "azmlint.toml")
    put(project, CLUSTER.format(least=0))

    _, report = check(
        estate(locks=[lock(GROUP)], workspaces=[workspace(), workspace(twin)]),
    )
    assert "lock-on-workspace-rg" in rules(report)


def test_locks_elsewhere_are_not_told_of_declared_files(project, check):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=0))
    others = [lock(f"{ONE}/resourceGroups/x"), lock(f"{GROUP}2"), lock(TWO)]

    _, report = check(estate(locks=others))
    assert not any(f["resource"]["kind"] == "lock" for f in report["findings"])


# Two views of one thing


def test_the_declared_cluster_counts_not_the_deployed(project, check, audit):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=0))
    answers = estate(computes=[cluster(least=2)])

    assert "min-nodes-above-zero" not in rules(check(answers)[1])
    assert "min-nodes-above-zero" in rules(audit(answers)[1])


def test_other_deployed_clusters_are_not_judged_with_files(project, check):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=0))

    _, report = check(estate(computes=[cluster("other", least=2)], locks=[lock(GROUP)]))
    assert "min-nodes-above-zero" not in rules(report)
    related = only(report, "lock-on-workspace-rg")["related"]
    assert {r["resource"]["name"] for r in related} == {"mlw", "train", "other"}


def test_a_cluster_that_is_declared_and_deployed_is_counted_once(project, check):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=0))

    _, report = check(estate(computes=[cluster()], locks=[lock(GROUP)]))
    related = only(report, "lock-on-workspace-rg")["related"]
    assert [r["path"] for r in related if r["resource"]["name"] == "train"] == ["cluster.yml"]


def test_what_the_workspace_is_like_comes_from_the_estate(project, check):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=0).replace("westeurope", "northeurope"))
    opened = workspace(publicNetworkAccess="Enabled")

    _, report = check(estate(workspaces=[opened]))
    found = only(report, "cluster-in-other-region")
    assert found["path"] == "cluster.yml"
    assert "westeurope" in found["message"]
    assert "workspace-public-access" not in rules(report)


def test_an_existing_workspace_of_a_template_is_the_deployed_one(project, check):
    facts = f'subscription = "{ONE.rpartition("/")[2]}"\nresource_group = "rg-ml"\n'
    put(project, f'[[deployments]]\npaths = ["**"]\n{facts}', "azmlint.toml")
    body = {
        **TEMPLATE,
        "languageVersion": "2.0",
        "resources": {
            "mlw": {"existing": True, "type": ML, "apiVersion": "2025-12-01", "name": "mlw"},
            "train": {**TEMPLATE["resources"][0], "location": "northeurope"},
        },
    }
    put(project, json.dumps(body), "main.json")

    _, report = check(estate(workspaces=[workspace(publicNetworkAccess="Enabled")]))
    assert "cluster-in-other-region" in rules(report)


# What could not be read


@pytest.mark.parametrize("state", [DENIED, FAILED])
def test_a_gap_is_named_and_costs_no_other_rule_its_result(project, check, state):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=2))

    code, report = check(estate(state=state))
    assert code == 3
    assert "min-nodes-above-zero" in rules(report)
    (failure,) = report["failures"]
    assert failure["scope"] == ONE
    assert failure["stage"] == "live"
    assert PERMISSIONS["locks"] in failure["reason"]
    assert report["summary"]["complete"] is False


def test_a_gap_that_no_selected_rule_needs_does_not_matter(project, check):
    put(project, BOUND, "azmlint.toml")
    put(project, CLUSTER.format(least=2))

    code, report = check(estate(state=DENIED), "--select", "min-nodes-above-zero")
    assert code == 1
    assert report["failures"] == []


def test_in_an_audit_rules_that_needed_a_gap_are_undecided_with_its_permission(audit):
    gap = answer("computes", WORKSPACE, state=DENIED)
    answers = [a for a in estate(locks=[lock(GROUP)]) if a.facet != "computes"]

    code, report = audit([*answers, gap])
    assert code == 3
    needs = {u["rule"]: u["needs"] for u in report["undecided"]}
    assert needs["lock-on-workspace-rg"] == {
        "facet": "computes",
        "scope": WORKSPACE,
        "permission": PERMISSIONS["computes"],
    }


def test_what_was_read_before_a_failure_is_judged(audit):
    gap = answer("computes", WORKSPACE, cluster(least=2), state=FAILED)
    answers = [a for a in estate() if a.facet != "computes"]

    code, report = audit([*answers, gap])
    assert code == 3
    assert "min-nodes-above-zero" in rules(report)


def test_what_nobody_asked_for_is_counted_and_changes_no_exit_code(audit):
    answers = [a for a in estate(computes=[cluster()]) if a.facet != "locks"]

    code, report = audit(answers, "--select", "locks")
    assert code == 0
    assert "lock-on-workspace-rg" in report["not_applicable"]["locks"]


def test_what_was_not_read_is_told_with_the_permission_that_it_takes(project, check):
    put(project, CLUSTER.format(least=0))
    put(project, BOUND, "azmlint.toml")
    place = f"{ONE}/providers/Microsoft.MachineLearningServices/locations"
    elsewhere = Answer("usages", f"{place}/eastus", "GET x", COLLECTED, (), "", "")
    _, report = check([*estate(), elsewhere])

    (need,) = [u["needs"] for u in report["undecided"] if u["rule"] == "family-quota-shortfall"]
    assert need == {
        "facet": "usages",
        "scope": f"{place}/westeurope",
        "permission": "Microsoft.MachineLearningServices/locations/usages/read",
    }


def test_what_a_snapshot_was_not_asked_for_is_named(project, azmlint):
    put(project, CLUSTER.format(least=0))
    Path("estate.json").write_text(dump(snapshot(NOON, "AzureCloud", estate())))

    out = azmlint("check", "--snapshot", "estate.json", "--select", "family-quota-shortfall")[1]
    assert out.endswith("\n1 rule not applied: nobody asked for usages\n")


def test_an_incomplete_run_is_not_made_good_by_exit_zero(audit):
    assert audit(estate(state=DENIED), "--exit-zero")[0] == 3
    assert audit(estate(computes=[cluster(least=1)]), "--exit-zero")[0] == 0


# Options of an audit


def test_an_audit_reckons_with_the_day_of_the_snapshot(audit):
    text = audit(estate(computes=[cluster()]))

    assert text == audit(estate(computes=[cluster()]), "--now", "2026-11-24")


def test_findings_on_what_is_deployed_can_be_accepted_in_the_configuration(project, audit):
    answers = estate(computes=[cluster(least=1)])
    chosen = ("--select", "min-nodes-above-zero")
    assert audit(answers, *chosen)[0] == 1
    accepted = f'resource = "{WORKSPACE.upper()}/computes/train"\nreason = "warm for the demo"\n'
    put(project, f'[[ignore]]\nrule = "min-nodes-above-zero"\n{accepted}', "azmlint.toml")

    code, report = audit(answers, *chosen)
    assert code == 0
    assert [(s["rule"], s["reason"]) for s in report["suppressed"]] == [
        ("min-nodes-above-zero", "warm for the demo")
    ]
    assert audit(answers, *chosen, "--no-ignores")[0] == 1


# Nothing secret gets out

SECRETS = {
    "adminUserPassword": "Correct-Horse-42",
    "primaryKey": "c2VjcmV0IGtleSBvZiBhIHN0b3JhZ2UgYWNjb3VudCB0aGF0IG5vYm9keSBtYXkgc2VlIQ=="
    + "A" * 17,
    "connectionString": "InstrumentationKey=6d1f2e3c-0000-4111-8222-933344445555;Endpoint=x",
    "url": "https://st.blob.core.windows.net/c?sv=2024&sig=aGVsbG8lMkJ3b3JsZA%3D%3D",
    "header": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJlLW9mLWl0",
    "adminUserSshPublicKey": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCsecretsecret jane@laptop",
    "owner": "jane.doe@contoso.example",
    "note": "call jane.doe@contoso.example, password: Correct-Horse-42",
}
TRACES = (
    "Correct-Horse",
    "c2VjcmV0IGtleSBvZiBh",
    "6d1f2e3c-0000",
    "aGVsbG8lMkJ3b3JsZA",
    "eyJzdWIiOiJqYW5lIn0",
    "AAAAB3NzaC1yc2E",
    "jane.doe",
)


@pytest.fixture
def leaking(project):
    """Give the path of a snapshot, as nobody should have written it, with secrets everywhere."""
    data = json.loads(CONTOSO.read_bytes())
    for row in data["answers"]:
        row["reason"] = row.get("reason", "") + f" for {SECRETS['note']}"
        for item in row["items"]:
            item["tags"] = {**item.get("tags", {}), **SECRETS}
            item["systemData"] = {
                "createdBy": SECRETS["owner"],
                "createdAt": "2026-01-01T00:00:00Z",
            }
            properties = item.setdefault("properties", {})
            properties |= {**SECRETS, "notes": SECRETS["note"], "description": SECRETS["note"]}
            inner = properties.get("properties")
            if isinstance(inner, dict):
                inner["userAccountCredentials"] = SECRETS
                inner["errors"] = [{"error": {"code": "X", "message": SECRETS["note"]}}]
            if properties.get("provisioningState") == "Failed":
                properties["provisioningErrors"] = [
                    {"error": {"code": "X", "message": f"{k}={v}"}} for k, v in SECRETS.items()
                ]
    (project / "leaking.json").write_text(json.dumps(data))
    return "leaking.json"


def test_no_report_holds_a_secret_of_a_snapshot(leaking, azmlint):
    raw = Path(leaking).read_text()
    assert all(trace in raw for trace in TRACES)

    told = [
        azmlint("audit", "--snapshot", leaking, "--format", form, "--profile", "strict")
        for form in sorted(FORMATS)
    ] + [
        azmlint("diagnose", target, "--snapshot", leaking, "--format", form)
        for form in sorted(DIAGNOSES)
        for target in ("mlw-fraud/train", "mlw-lab/ci-cedar", "nothing")
    ]
    for code, out, err in told:
        assert code in {0, 1, 2, 3}
        assert not [trace for trace in TRACES if trace in out + err]


@pytest.mark.parametrize("words", [("merge",), ("mask",)])
def test_no_snapshot_written_holds_a_secret(leaking, azmlint, words):
    code, out, err = azmlint("snapshot", *words, leaking, "-o", "out.json")

    text = Path("out.json").read_text()
    assert code == 3
    assert not [trace for trace in TRACES if trace in text + out + err]


# The command line


@pytest.mark.parametrize("words", [("merge",), ("mask",)])
def test_writing_says_what_it_holds_and_names_the_gaps(project, azmlint, words):
    code, out, err = azmlint("snapshot", *words, str(CONTOSO), "-o", "out.json.gz")

    assert (code, out) == (3, "")
    assert "reads in out.json.gz" in err
    assert "403 AuthorizationFailed" in err
    assert Path("out.json.gz").read_bytes()[:2] == b"\x1f\x8b"


def test_a_complete_snapshot_ends_with_0(project, azmlint):
    Path("a.json").write_text(dump(snapshot(NOON, "AzureCloud", estate())))

    assert azmlint("snapshot", "merge", "a.json", "-o", "b.json").code == 0
    assert Path("b.json").read_bytes() == Path("a.json").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "--snapshot"),
        ("diagnose", "a/b", "--snapshot"),
        ("check", "--snapshot"),
        ("snapshot", "merge", "-o", "out.json"),
        ("snapshot", "mask", "-o", "out.json"),
    ],
)
def test_a_wrong_snapshot_is_one_line_and_exit_code_3(project, azmlint, words):
    Path("wrong.json").write_text('{"version": 7, "answers": []}')
    expected = "azmlint: wrong.json is a snapshot of version 7; this azmlint reads 1\n"

    assert azmlint(*words, "wrong.json") == (3, "", expected)
    code, out, err = azmlint(*words, "missing.json")
    assert (code, out, err) == (2, "", "azmlint: missing.json: there is no such file\n")
    assert not Path("out.json").exists()


def test_a_declared_cluster_of_no_known_workspace_breaks_no_rule(project, check):
    (project / "cluster.yml").write_text(CLUSTER.format(least=0))
    _, report = check(estate())

    assert report["failures"] == []
