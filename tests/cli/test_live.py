"""Commands that read Azure, against a Resource Manager on this machine."""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest
from arm_server import KEY, TOKEN, ArmServer, Fault, World

from azmlint.azure import FACETS, needed
from azmlint.model.facet import Facet

pytestmark = pytest.mark.posix

ANSWER = json.dumps(
    {
        "accessToken": TOKEN,
        "expiresOn": "2099-01-01 00:00:00.000000",
        "expires_on": 4_070_908_800,
        "subscription": "s",
        "tenant": "t",
        "tokenType": "Bearer",
    }
)
SECRETS = (TOKEN, KEY, "hunter2", "someone@contoso.com")


@pytest.fixture(scope="module")
def server():
    with ArmServer() as running:
        yield running


@pytest.fixture
def arm(server):
    server.reset()
    return server


@pytest.fixture
def live(azmlint, project, tmp_path, monkeypatch, arm):
    """Run a command signed in by an `az` of our own, on the server of this machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    tool = folder / "az"
    tool.write_text(f"#!/bin/sh\necho '{ANSWER}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.chdir(project)

    def call(*words):
        result = azmlint(*words, "--auth", "cli", "--arm-endpoint", arm.url)
        for secret in SECRETS:
            assert secret not in result.out + result.err
        assert {w.facet for w in arm.writes} <= {"diagnose"}
        return result

    return call


def test_an_audit_reads_azure_and_judges_what_is_there(live):
    result = live("audit", "--format", "concise")

    assert result.code == 1
    assert "error[lock-on-workspace-rg]" in result.out
    assert "error[lock-inherited-from-subscription]" in result.out


def test_an_audit_of_a_snapshot_is_the_same_to_the_byte(live, azmlint, project):
    written = live("snapshot", "--output", "estate.json")
    again = live("snapshot", "--output", "packed.json.gz", "--profile", "strict")

    assert (written.code, again.code) == (0, 0)
    one = azmlint("audit", "--profile", "strict", "--snapshot", "estate.json", "--format", "json")
    two = azmlint(
        "audit", "--profile", "strict", "--snapshot", "packed.json.gz", "--format", "json"
    )
    straight = live("audit", "--profile", "strict", "--format", "json", "--now", "2026-11-24")
    assert one.out == two.out
    moments = ("--now", "2026-11-24")
    later = azmlint(
        "audit", "--profile", "strict", "--snapshot", "estate.json", "--format", "json", *moments
    )
    assert later.out == straight.out
    for secret in SECRETS:
        assert secret.encode() not in (project / "estate.json").read_bytes()


def test_an_audit_asks_only_for_what_its_rules_need(live, arm):
    live("audit", "--select", "min-nodes-above-zero")
    few = {s.facet for s in arm.seen}
    arm.reset()
    live("audit", "--profile", "strict")
    many = {s.facet for s in arm.seen}

    assert few < many
    assert "locks" not in few
    assert "locks" in many


def test_a_snapshot_holds_what_all_rules_ask_for(live, project):
    live("snapshot", "-o", "estate.json")

    data = json.loads((project / "estate.json").read_text())
    assert data["complete"] is True
    assert {a["facet"] for a in data["answers"]} <= FACETS
    assert {Facet.LOCKS, Facet.COMPUTES, Facet.WORKSPACES} <= {a["facet"] for a in data["answers"]}


def test_a_masked_snapshot_holds_no_name_and_audits_alike(live, azmlint, project):
    live("snapshot", "-o", "plain.json")
    live("snapshot", "--mask", "-o", "masked.json")
    plain, masked = ((project / name).read_text() for name in ("plain.json", "masked.json"))

    # The server's subscription has the number that stands for nobody, which is kept.
    scopes = {a["scope"] for a in json.loads(plain)["answers"] if "/resourceGroups/" in a["scope"]}
    assert scopes
    assert not [scope for scope in scopes if scope in masked]
    found = [
        Counter(
            f["rule"]
            for f in json.loads(
                azmlint("audit", "--snapshot", name, "--format", "json", "--profile", "strict").out
            )["findings"]
        )
        for name in ("plain.json", "masked.json")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", ["403", "404", "html", "empty", "loop", "foreign"])
def test_a_gap_is_named_and_never_passes_for_clean(live, arm, kind):
    link = "http://127.0.0.1:9/elsewhere?api-version=1"
    arm.reset(World(), Fault(kind, "locks", link=link))
    result = live("audit", "--format", "concise")

    assert result.code == 3
    failures = [line for line in result.out.splitlines() if "failure[live]" in line]
    assert len(failures) == 1
    assert "locks were not read" in failures[0]
    assert "Microsoft.Authorization/locks/read" in failures[0]
    assert "warning[local-auth-enabled]" in result.out
    assert {s.path.split("/")[1] for s in arm.seen} <= {"subscriptions", "providers"}


@pytest.mark.parametrize("facet", ["subscriptions", "workspaces", "computes"])
def test_what_hides_everything_else_leaves_no_audit_clean(live, arm, facet):
    arm.reset(World(subscriptions=2, workspaces=2, page=1), Fault("403", facet, after=1))
    result = live("audit", "--format", "concise", "--select", "min-nodes-above-zero")

    assert result.code == 3
    assert f"failure[live] {facet} were not read" in result.out


def test_text_of_a_snapshot_of_all_is_that_of_the_live_audit(live, azmlint):
    live("snapshot", "-o", "estate.json")
    straight = live("audit", "--format", "text", "--now", "2026-11-24")
    later = azmlint("audit", "--snapshot", "estate.json", "--format", "text", "--now", "2026-11-24")

    assert later.out == straight.out


def test_a_snapshot_that_cannot_be_written_is_not_read(live, arm):
    for target in (".", "nowhere/estate.json"):
        result = live("snapshot", "-o", target)

        assert (result.code, result.err.count("\n")) == (2, 1)
        assert target in result.err
    assert arm.seen == []


@pytest.mark.parametrize("facet", ["subscriptions", "workspaces", "computes"])
def test_a_compute_that_could_not_be_read_is_not_said_to_be_missing(live, arm, facet):
    arm.reset(World(), Fault("403", facet))
    result = live("diagnose", "ws-0/cpu-0")

    assert (result.code, result.err.count("\n")) == (3, 1)
    assert facet in result.err
    assert f"/{facet}/read" in result.err


def test_findings_that_are_let_pass_leave_a_gap_a_gap(live, arm):
    arm.reset(World(), Fault("403", "locks"))

    assert live("audit", "--exit-zero").code == 3


def test_a_gap_of_what_no_rule_asks_for_is_none(live, arm):
    arm.reset(World(), Fault("403", "locks"))
    result = live("audit", "--select", "min-nodes-above-zero")

    assert (result.code, "locks" in result.out) == (0, False)


def test_a_snapshot_with_a_gap_is_written_and_says_so(live, arm, azmlint, project):
    arm.reset(World(), Fault("403", "computes"))
    result = live("snapshot", "-o", "estate.json")

    assert result.code == 3
    assert "computes of " in result.err
    assert json.loads((project / "estate.json").read_text())["complete"] is False
    assert azmlint("audit", "--snapshot", "estate.json").code == 3


def test_a_run_repeated_after_a_gap_fills_it(live, arm, azmlint):
    arm.reset(World(), Fault("403", "computes"))
    live("snapshot", "-o", "first.json")
    arm.reset()
    live("snapshot", "-o", "second.json")
    merged = azmlint("snapshot", "merge", "first.json", "second.json", "-o", "both.json")

    assert merged.code == 0
    assert azmlint("audit", "--snapshot", "both.json", "--exit-zero").code == 0


def test_a_diagnosis_reads_the_workspace_and_asks_the_service(live, arm):
    result = live("diagnose", "ws-0/cpu-0", "--with-service-diagnose", "--format", "json")

    data = json.loads(result.out)
    assert data["compute"]["name"] == "cpu-0"
    causes = {c["finding"]["rule"]: c for c in data["causes"]}
    path = [n["kind"] for n in causes["lock-on-workspace-rg"]["path"]]
    assert path == ["lock", "resource group", "workspace", "compute cluster"]
    assert any(s.facet == "diagnose" for s in arm.seen)
    assert ["a lock" in o["message"] for o in data["opinions"]] == [True]


def test_a_diagnosis_without_being_asked_to_posts_nothing(live, arm):
    live("diagnose", "ws-0/cpu-0")

    assert arm.writes == []
    assert {s.method for s in arm.seen} == {"GET"}


def test_a_compute_that_is_not_there_is_said_in_one_line(live):
    result = live("diagnose", "ws-0/cpu-9")

    assert result.code == 2
    assert result.err.count("\n") == 1
    assert "Did you mean 'ws-0/cpu-" in result.err


def test_a_subscription_that_is_not_visible_is_said_in_one_line(live):
    result = live("audit", "--subscription", "nope")

    assert result.code == 3
    assert result.out == ""
    assert result.err.startswith("azmlint: subscription 'nope' is not visible")
    assert result.err.count("\n") == 1


def test_a_deadline_that_passes_leaves_gaps(live, arm):
    arm.reset(World(workspaces=3), Fault("slow", "computes"))
    result = live("audit", "--deadline", "1.5", "--format", "concise")

    assert result.code == 3
    assert "computes were not read" in result.out


def test_the_role_holds_what_the_calls_take(azmlint, project):
    result = azmlint("audit", "--print-role", "--select", "locks", "--subscription", "s")

    role = json.loads(result.out)
    assert result.code == 0
    assert role["AssignableScopes"] == ["/subscriptions/s"]
    assert "Microsoft.Authorization/locks/read" in role["Actions"]
    assert all(action.endswith("/read") for action in role["Actions"])


def test_what_locks_need_includes_what_they_are_found_by():
    assert Facet.WORKSPACES in needed(frozenset({Facet.COMPUTES}))


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "--subscription", "x"),
        ("audit", "--deadline", "5"),
        ("diagnose", "ws/c", "--cloud", "AzureChinaCloud"),
    ],
)
def test_options_about_azure_are_refused_beside_a_snapshot(azmlint, project, words):
    (project / "estate.json").write_text("{}")
    result = azmlint(*words, "--snapshot", "estate.json")

    assert result.code == 2
    assert "a snapshot is read, so Azure is not asked" in result.err


def test_plain_http_leaves_this_machine_never(azmlint, project):
    result = azmlint("audit", "--auth", "cli", "--arm-endpoint", "http://arm.example")

    assert result.code == 2
    assert result.err.count("\n") == 1


def test_a_snapshot_needs_a_place_to_go(azmlint, project):
    result = azmlint("snapshot")

    assert result.code == 2
    assert "--output" in result.err


def test_a_service_that_refuses_its_opinion_leaves_a_gap(live, arm):
    arm.reset(World(), Fault("403", "diagnose"))
    result = live("diagnose", "ws-0/cpu-0", "--with-service-diagnose", "--format", "json")

    data = json.loads(result.out)
    assert result.code == 3
    (failure,) = data["failures"]
    assert failure["reason"].startswith("serviceDiagnoses were not read: 403 ")
    assert data["causes"]


def test_a_diagnosis_of_what_was_read_completely_has_no_gap(live):
    result = live("diagnose", "ws-0/cpu-0", "--format", "json")

    data = json.loads(result.out)
    assert [u for u in data["unread"] if "not read" in u["reason"]] == []
    assert data["failures"] == []


def test_a_diagnosis_has_to_name_the_workspace_to_read(live, arm):
    result = live("diagnose", "cpu-0")

    assert result.code == 2
    assert "'cpu-0' names no workspace; write it as WORKSPACE/COMPUTE" in result.err
    assert arm.seen == []


def test_parts_of_the_subscriptions_audited_side_by_side_find_the_same(live, arm, azmlint, project):
    def found(text):
        return sorted(f["fingerprint"] for f in json.loads(text)["findings"])

    arm.reset(World(subscriptions=5, workspaces=6))
    whole = found(live("audit", "--format", "json").out)
    several = []
    for part in ("1/3", "2/3", "3/3"):
        result = live("audit", "--format", "json", "--shard", part, "--history", "audits.db")
        several += found(result.out)
        live("snapshot", "--shard", part, "-o", f"part-{part[0]}.json.gz")
    azmlint("snapshot", "merge", *(f"part-{n}.json.gz" for n in (1, 2, 3)), "-o", "estate.json")
    merged = azmlint("audit", "--snapshot", "estate.json", "--format", "json")
    kept = json.loads(azmlint("history", "export", "--history", "audits.db").out)["findings"]

    assert sorted(several) == whole
    assert found(merged.out) == whole
    assert sorted(f["fingerprint"] for f in kept) == whole


def test_a_part_without_subscriptions_is_clean_and_fixes_nothing(live, azmlint):
    live("audit", "--history", "audits.db")
    codes = [live("audit", "--shard", f"{n}/4", "--history", "audits.db").code for n in range(1, 5)]
    listed = json.loads(
        azmlint("history", "list", "--history", "audits.db", "--format", "json").out
    )

    assert sorted(codes) == [0, 0, 0, 1]
    assert [r["fixed"] for r in listed["runs"]] == [0] * 5


@pytest.mark.parametrize("part", ["0/4", "5/4", "2", "a/b", "1/0", "-1/4"])
def test_what_is_no_part_is_refused(live, arm, part):
    result = live("audit", "--shard", part)

    assert result.code == 2
    assert "write 1/4, 2/4 and so on" in result.err
    assert arm.seen == []


def test_a_part_is_one_of_whole_subscriptions(live, arm):
    assert live("audit", "--shard", "1/2", "--workspace", "ws-0").code == 2
    assert live("audit", "--shard", "1/2", "--snapshot", "x.json").code == 2
    assert arm.seen == []


def test_an_audit_counts_its_requests(live, arm, project):
    arm.reset(World(), Fault("500", "locks", times=1))
    live("audit", "--metrics", "azmlint.prom")

    said = f"azmlint_azure_requests_total {len(arm.seen)}"
    assert said in (project / "azmlint.prom").read_text().splitlines()
