"""What became of findings since the audit before."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from estate_by_day import FRAUD, LAB, LAB_SCOPE, Estate

from azmlint.history.lifecycle import Status
from azmlint.history.store import History

LOCK = "freeze-until-review"


def told(result):
    """Give the counts that an audit tells of its history."""
    text = result.err.strip().partition(": ")[2]
    return {word: int(count) for count, word in re.findall(r"(\d+) (as before|[a-z]+)", text)}


def results(result):
    return {
        (r["ruleId"], r["baselineState"]): r["provenance"]["firstDetectionTimeUtc"]
        for run in json.loads(result.out)["runs"]
        for r in run["results"]
    }


def status(rule):
    history = History("audits.db")
    return {k.row.rule: k for k in history.findings()}[rule]


def test_the_first_audit_finds_everything_new(audit):
    result = audit(Estate(), "--format", "sarif")

    assert told(result)["new"] == 11
    assert {state for _, state in results(result)} == {"new"}


def test_a_second_audit_of_the_same_changes_nothing(audit):
    audit(Estate().at(25))
    result = audit(Estate().at(26), "--format", "sarif")

    assert "nothing changed, 11 as before" in result.err
    assert {state for _, state in results(result)} == {"unchanged"}
    assert set(results(result).values()) == {"2026-11-25T04:17:00Z"}


def test_the_same_snapshot_twice_is_the_same_audit(audit):
    audit(Estate())
    audit(Estate().without("locks", LOCK).at(26))

    assert "nothing changed" in audit(Estate().without("locks", LOCK).at(26)).err


def test_a_finding_that_is_gone_is_fixed_and_stays_in_the_report_once(audit):
    audit(Estate().at(25))
    result = audit(Estate().without("locks", LOCK).at(26), "--format", "sarif")
    again = audit(Estate().without("locks", LOCK).at(27), "--format", "sarif")

    assert told(result)["fixed"] == 1
    gone = ("readonly-lock-on-workspace-rg", "absent")
    assert results(result)[gone] == "2026-11-25T04:17:00Z"
    assert gone not in results(again)
    every = [r for log in json.loads(result.out)["runs"] for r in log["results"]]
    (absent,) = [r for r in every if r["baselineState"] == "absent"]
    place = absent["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith(f"/locks/{LOCK}.json")


def test_one_that_returns_is_reopened_and_keeps_its_first_day(audit):
    audit(Estate().at(25))
    audit(Estate().without("locks", LOCK).at(26))
    result = audit(Estate().at(27), "--format", "sarif")

    assert told(result)["reopened"] == 1
    assert results(result)["readonly-lock-on-workspace-rg", "new"] == "2026-11-25T04:17:00Z"


def test_other_content_at_the_same_place_is_a_change(audit):
    audit(Estate().at(25))
    estate = Estate().at(26)
    estate.item("computes", "backfill")["properties"]["computeLocation"] = "uksouth"
    result = audit(estate, "--format", "sarif")

    assert told(result)["changed"] == 1
    assert ("cross-region-with-private-endpoint", "updated") in results(result)


def test_what_somebody_accepts_is_not_fixed_and_returns_when_it_ends(audit, folder):
    audit(Estate().at(25))
    (folder / "azmlint.toml").write_text(
        '[[ignore]]\nrule = "workspace-public-access"\nresource = "mlw-lab"\nreason = "a lab"\n'
    )
    accepted = audit(Estate().at(26), "--format", "sarif")
    kept = status("workspace-public-access").status
    (folder / "azmlint.toml").unlink()
    again = audit(Estate().at(27))

    assert told(accepted)["accepted"] == 1
    assert ("workspace-public-access", "unchanged") in results(accepted)
    assert kept is Status.ACCEPTED
    assert told(again)["reopened"] == 1


@pytest.mark.parametrize(
    ("facet", "scope"),
    [
        ("locks", LAB_SCOPE),
        ("workspaces", LAB_SCOPE),
        ("subscriptions", "/"),
        ("policyAssignments", LAB_SCOPE),
    ],
)
def test_nothing_is_fixed_where_something_was_not_read(audit, facet, scope):
    audit(Estate().at(25))
    estate = Estate().at(26).without("locks", LOCK).unread(facet, scope)
    result = audit(estate, "--format", "sarif")

    assert result.code == 3
    assert status("readonly-lock-on-workspace-rg").status is Status.OPEN
    assert not [rule for rule, state in results(result) if state == "absent"]


def test_a_gap_elsewhere_keeps_nothing_from_being_fixed(audit):
    # The estate's own gap: computes of a workspace in the other subscription.
    audit(Estate().at(25))
    estate = Estate().at(26).without("locks", LOCK).without("locks", "production-do-not-delete")
    result = audit(estate)

    assert result.code == 3
    assert told(result)["fixed"] == 2


def test_a_gap_of_a_workspace_keeps_what_stands_on_its_group_and_subscription(audit):
    audit(Estate().at(25).whole())
    fraud = f"/subscriptions/{FRAUD}/resourceGroups/rg-ml-fraud"
    workspace = f"{fraud}/providers/Microsoft.MachineLearningServices/workspaces/mlw-fraud"
    estate = Estate().at(26).whole().unread("computes", workspace)
    result = audit(estate.without("locks", LOCK))

    assert told(result)["fixed"] == 1
    assert status("stuck-resizing-zero").status is Status.OPEN
    assert status("lock-on-vnet-rg").status is Status.OPEN
    assert status("readonly-lock-on-workspace-rg").status is Status.FIXED


def test_what_another_audit_reads_is_left_alone(audit):
    audit(Estate().at(25))
    result = audit(Estate().at(26).only(FRAUD).whole().without("locks", "network-do-not-delete"))

    assert told(result)["fixed"] == 1
    assert status("lock-on-vnet-rg").status is Status.FIXED
    assert status("readonly-lock-on-workspace-rg").status is Status.OPEN


def test_what_rules_that_did_not_run_have_found_is_left_alone(audit):
    audit(Estate().at(25))
    result = audit(Estate().at(26).without("locks", LOCK), "--select", "workspace-public-access")

    assert "nothing changed, 1 as before" in result.err
    assert status("readonly-lock-on-workspace-rg").last_seen == "2026-11-25T04:17:00Z"


def test_rules_that_miss_a_part_fix_nothing(audit):
    audit(Estate().at(25))
    estate = Estate().at(26).without("locks", LOCK)
    estate.data["answers"] = [a for a in estate.data["answers"] if a["facet"] != "locks"]
    audit(estate)

    assert status("readonly-lock-on-workspace-rg").status is Status.OPEN


def test_the_last_workspace_takes_its_findings_with_it(audit):
    audit(Estate().at(25))
    estate = Estate().at(26).without("workspaces", "mlw-lab").only(LAB)
    estate.data["answers"] = [a for a in estate.data["answers"] if a["facet"] != "computes"]
    result = audit(estate)

    assert result.code == 0
    assert told(result)["fixed"] == 6


def test_a_rule_that_could_not_decide_fixes_nothing(audit):
    audit(Estate().at(25))
    estate = Estate().at(26)
    del estate.item("computes", "explore")["properties"]["properties"]["currentNodeCount"]
    result = audit(estate, "--format", "json")

    assert "scale-down-stalled" in {u["rule"] for u in json.loads(result.out)["undecided"]}
    assert status("scale-down-stalled").status is Status.OPEN


def test_an_older_snapshot_changes_nothing_that_a_later_one_has_judged(audit):
    audit(Estate().at(25))
    audit(Estate().at(27).without("locks", LOCK))
    late = audit(Estate().at(26), "--format", "sarif")

    assert "nothing changed" in late.err
    assert status("readonly-lock-on-workspace-rg").status is Status.FIXED
    assert status("lock-on-vnet-rg").last_seen == "2026-11-27T04:17:00Z"


def test_a_report_without_a_history_says_nothing_of_the_past(azmlint, folder):
    (folder / "estate.json").write_text(json.dumps(Estate().data))
    result = azmlint("audit", "--snapshot", "estate.json", "--format", "sarif")

    assert "baselineState" not in result.out
    assert result.err == ""


def test_the_exit_code_is_that_of_the_findings(audit):
    estate = Estate().whole()

    assert audit(estate).code == 1
    assert audit(estate, "--exit-zero").code == 0
    assert audit(Estate(), "--exit-zero").code == 3


def test_retention_drops_runs_and_what_was_not_seen_since(audit):
    audit(Estate().at(1))
    audit(Estate().at(2).without("locks", LOCK))
    audit(Estate().at(20), "--ignore", "locks", "--history-keep", "10")
    history = History("audits.db")

    assert [r.taken for r in history.runs()] == ["2026-11-20T04:17:00Z"]
    assert {k.row.family for k in history.findings()} == {"access", "region", "state"}
    assert history.happenings() == []


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("nowhere/audits.db", "there is no such folder"),
        ("sqlite://", "is a file: write sqlite:///PATH"),
        ("mysql://u:hunter2@h/d", "not in 'mysql'"),
        ("://", "is no URL"),
    ],
)
def test_what_names_no_database_is_refused_before_anything_is_read(azmlint, where, said):
    result = azmlint("audit", "--snapshot", "missing.json", "--history", where)

    assert (result.code, result.err.count("\n")) == (2, 1)
    assert said in result.err
    assert "hunter2" not in result.err


def test_an_audit_that_cannot_begin_leaves_no_history(azmlint, folder):
    result = azmlint("audit", "--snapshot", "missing.json", "--history", "audits.db")

    assert result.code == 2
    assert not (folder / "audits.db").exists()


def test_keeping_needs_a_history(azmlint):
    result = azmlint("audit", "--snapshot", "missing.json", "--history-keep", "3")

    assert result.code == 2
    assert "--history" in result.err


def test_a_file_that_is_no_database_is_named_and_kept(audit, folder):
    (folder / "audits.db").write_text("these are my notes\n" * 100)
    result = audit(Estate())

    assert result.code == 3
    assert "audits.db cannot be used: file is not a database" in result.err
    assert (folder / "audits.db").read_text().startswith("these are my notes")


def test_a_report_is_written_though_the_history_cannot_be(audit, folder):
    audit(Estate().whole().at(25))
    code = (
        "import sqlite3, sys; c = sqlite3.connect('audits.db');"
        "c.execute('CREATE TRIGGER t BEFORE INSERT ON azmlint_run BEGIN"
        ' SELECT RAISE(ABORT, "disk is sad"); END\'); c.commit()'
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    result = audit(Estate().whole().at(26), "--format", "sarif")

    assert result.code == 3
    assert "disk is sad" in result.err
    assert sum(len(run["results"]) for run in json.loads(result.out)["runs"]) == 11


def test_files_are_checked_without_a_database(folder):
    code = (
        "import sys; from azmlint.cli import run; run(['check']); run(['audit', '--help']);"
        "sys.exit('sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 0


def test_secrets_do_not_get_into_the_database(audit, folder):
    estate = Estate()
    workspace = estate.item("workspaces", "mlw-lab")
    workspace["tags"] = {"password": "hunter2", "connection": "AccountKey=c2VjcmV0c2VjcmV0"}
    compute = estate.item("computes", "ci-cedar")
    compute["properties"]["provisioningErrors"] = [
        {"error": {"code": "X", "message": "AccountKey=c2VjcmV0c2VjcmV0 and password=hunter2"}}
    ]
    audit(estate)
    raw = (folder / "audits.db").read_bytes()

    assert b"provisioning-failed" in raw
    assert b"hunter2" not in raw
    assert b"c2VjcmV0c2VjcmV0" not in raw
