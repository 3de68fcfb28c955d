"""A plan cures what an audit finds, stops where something is not as it was, and can be undone."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from azmlint.cli import run
from azmlint.engine.own import TextSpot
from azmlint.finding import Applicability, Finding, Fix, Severity, Step
from azmlint.location import Document
from azmlint.remediate.outlook import Cure, is_tried
from azmlint.sources import snapshot as snapshots

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads((ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8"))
ONE = "11111111-2222-4333-8444-555555555555"
SUB = f"/subscriptions/{ONE}"
GROUP = f"{SUB}/resourceGroups/rg-ml"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st"
LOCKS = "providers/Microsoft.Authorization/locks"
KINDS = {
    "subscriptions": ("/", "/subscriptions", "2022-12-01"),
    "resourceGroups": (SUB, f"{SUB}/resourcegroups", "2022-09-01"),
    "workspaces": (
        SUB,
        f"{SUB}/providers/Microsoft.MachineLearningServices/workspaces",
        "2025-12-01",
    ),
    "computes": (WORKSPACE, f"{WORKSPACE}/computes", "2025-12-01"),
    "locks": (SUB, f"{SUB}/{LOCKS}", "2020-05-01"),
    "storageAccounts": (SUB, f"{SUB}/providers/Microsoft.Storage/storageAccounts", "2024-01-01"),
}


def item(own, kind, **properties):
    return {"id": own, "name": own.rpartition("/")[2], "type": kind, "properties": properties}


def lock(scope, name, level="CanNotDelete"):
    return item(f"{scope}/{LOCKS}/{name}", "Microsoft.Authorization/locks", level=level)


def cluster(name, least, most, **more):
    scale = {"minNodeCount": least, "maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": "PT2M"}
    inner = {"vmSize": "STANDARD_D4S_V5", "vmPriority": "Dedicated", "scaleSettings": scale}
    return item(
        f"{WORKSPACE}/computes/{name}",
        "Microsoft.MachineLearningServices/workspaces/computes",
        computeType="AmlCompute",
        computeLocation="westeurope",
        provisioningState="Succeeded",
        properties={
            **inner,
            "allocationState": "Steady",
            "currentNodeCount": least,
            "targetNodeCount": least,
            **more,
        },
    )


def instance(name):
    return item(
        f"{WORKSPACE}/computes/{name}",
        "Microsoft.MachineLearningServices/workspaces/computes",
        computeType="ComputeInstance",
        computeLocation="westeurope",
        provisioningState="Succeeded",
        properties={
            "vmSize": "STANDARD_D4S_V5",
            "state": "Running",
            "idleTimeBeforeShutdown": None,
        },
    )


def estate():
    """Three locks, a cluster that never rests, an instance that nobody stops, an open workspace."""
    workspace = item(
        WORKSPACE,
        "Microsoft.MachineLearningServices/workspaces",
        publicNetworkAccess="Enabled",
        storageAccount=STORAGE,
        provisioningState="Succeeded",
    )
    storage = item(STORAGE, "Microsoft.Storage/storageAccounts")
    found = {
        "subscriptions": [{"id": SUB, "subscriptionId": ONE, "displayName": "one"}],
        "resourceGroups": [item(GROUP, "Microsoft.Resources/resourceGroups")],
        "workspaces": [
            {**workspace, "location": "westeurope", "identity": {"type": "SystemAssigned"}}
        ],
        "computes": [cluster("train", 2, 4), cluster("big", 1, 3), instance("ci")],
        "locks": [
            lock(SUB, "all"),
            lock(GROUP, "frozen", "ReadOnly"),
            lock(STORAGE, "own"),
        ],
        "storageAccounts": [{**storage, "location": "westeurope"}],
    }
    return {facet: {i["id"].casefold(): i for i in items} for facet, items in found.items()}


def written(facets, path):
    moment = dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)
    answers = [
        snapshots.Answer(
            facet,
            scope,
            f"GET {call}?api-version={version}",
            "collected",
            tuple(facets[facet].values()),
        )
        for facet, (scope, call, version) in KINDS.items()
    ]
    path.write_text(snapshots.dump(snapshots.snapshot(moment, "AzureCloud", answers)))
    return path


class Machine:
    """An estate, its plan, and az on the PATH."""

    def __init__(self, folder):
        self.folder = folder
        self.state = folder / "state.json"
        self.snapshot = written(estate(), folder / "estate.json")
        self.script = folder / "plan.sh"
        programs = folder / "bin"
        programs.mkdir()
        az = programs / "az"
        fake = Path(__file__).parent / "fake_az.py"
        az.write_text(
            f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(fake))} "$@"\n'
        )
        az.chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"
        self.reset()

    def reset(self):
        items = {k: v for facet in estate().values() for k, v in facet.items()}
        self.state.write_text(json.dumps({"items": items, "log": []}))

    @property
    def items(self):
        return json.loads(self.state.read_text())["items"]

    @property
    def done(self):
        return [w[: next(i for i, x in enumerate(w) if x.startswith("--"))] for w in self.log]

    @property
    def log(self):
        return json.loads(self.state.read_text())["log"]

    def change(self, edit):
        state = json.loads(self.state.read_text())
        edit(state["items"])
        self.state.write_text(json.dumps(state))

    def run(self, *words, text=None, **variables):
        environment = {**os.environ, "PATH": self.path, "AZ_STATE": str(self.state), **variables}
        command = ["bash", "-c", text] if text is not None else ["bash", str(self.script), *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=self.folder
        )

    def audit(self, capsys):
        """Judge the estate as it is now, and give the rules and resources of its findings."""
        facets = {facet: {} for facet in KINDS}
        kinds = {k: facet for facet, items in estate().items() for k in items}
        for key, one in self.items.items():
            facets[kinds.get(key, "locks")][key] = one
        path = written(facets, self.folder / "now.json")
        capsys.readouterr()
        run(["audit", "--snapshot", str(path), "--format", "json"])
        found = json.loads(capsys.readouterr().out)["findings"]
        return {(f["rule"], f["resource"]["id"]) for f in found}


def planned(machine, capsys, *words):
    capsys.readouterr()
    command = ["remediate", "plan", "--snapshot", str(machine.snapshot), "--format", "json"]
    code = run([*command, "--script", str(machine.script), *words])
    assert code in {0, 3}
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    monkeypatch.chdir(tmp_path)
    return Machine(tmp_path)


pytestmark = pytest.mark.posix


def test_locks_go_first_and_items_are_locked_last(machine, capsys):
    steps = planned(machine, capsys)["steps"]
    verbs = [s["command"][1:3] for s in steps]

    assert verbs[:2] == [["lock", "delete"]] * 2
    assert verbs[-1] == ["lock", "create"]
    middle = [v for v in verbs[2:] if v != ["lock", "create"]]
    assert verbs[2 : 2 + len(middle)] == middle
    assert ["ml", "compute"] in middle


def test_a_lock_that_many_suffer_from_is_taken_away_once(machine, capsys):
    steps = planned(machine, capsys)["steps"]
    commands = [tuple(s["command"]) for s in steps]

    assert len(commands) == len(set(commands))
    on_storage = [s for s in steps if s["command"][:3] == ["az", "lock", "create"]]
    assert [s["command"][-1] for s in on_storage] == [STORAGE]
    assert len(on_storage[0]["findings"]) == 2


def test_every_step_says_why_at_what_risk_and_what_it_takes(machine, capsys):
    plan = planned(machine, capsys)

    jsonschema.Draft202012Validator(SCHEMA).validate(plan)
    for step in plan["steps"]:
        assert step["findings"]
        assert step["preconditions"]
        assert step["needs"]
        assert step["risk"]


def test_the_script_cures_what_is_found(machine, capsys):
    plan = planned(machine, capsys)
    before = machine.audit(capsys)
    cured = {(f["rule"], f["resource"]) for s in plan["steps"] for f in s["findings"]}
    assert cured <= before

    done = machine.run()

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"done: {len(plan['steps'])} steps"
    left = {(r, i.casefold()) for r, i in machine.audit(capsys)}
    assert not left & {(r, i.casefold()) for r, i in cured}


CLOSING = "cluster-outside-private-workspace"


def test_a_fix_from_which_as_much_harm_comes_is_left_out(machine, capsys):
    (left,) = [
        h
        for h in planned(machine, capsys)["left_out"]
        if h["finding"]["rule"] == "workspace-public-access"
    ]
    assert f"error[{CLOSING}] on {WORKSPACE}/computes/" in left["why"]
    assert CLOSING not in {rule for rule, _ in machine.audit(capsys)}

    machine.change(
        lambda items: items[WORKSPACE.casefold()]["properties"].update(
            publicNetworkAccess="Disabled"
        )
    )

    assert CLOSING in {rule for rule, _ in machine.audit(capsys)}


def test_only_the_fix_that_does_harm_is_left_out(machine, capsys):
    facets = estate()
    empty = {**facets["workspaces"][WORKSPACE.casefold()], "id": f"{WORKSPACE}-b", "name": "mlw-b"}
    facets["workspaces"][empty["id"].casefold()] = empty
    written(facets, machine.snapshot)

    steps = planned(machine, capsys)["steps"]

    cured = [(f["rule"], f["resource"]) for step in steps for f in step["findings"]]
    assert [i for rule, i in cured if rule == "workspace-public-access"] == [f"{WORKSPACE}-b"]
    assert sorted(i.rpartition("/")[2] for rule, i in cured if rule == "min-nodes-above-zero") == [
        "big",
        "train",
    ]


def test_a_step_says_what_lesser_thing_comes_of_it(machine, capsys):
    rules = f"workspace-public-access,{CLOSING}"
    (machine.folder / "azmlint.toml").write_text(f'[rules.{CLOSING}]\nseverity = "note"\n')

    (step,) = planned(machine, capsys, "--select", rules)["steps"]
    assert "--public-network-access" in step["command"]
    assert {b["rule"] for b in step["brings"]} == {CLOSING}
    assert f"# Brings: note[{CLOSING}]" in machine.script.read_text()
    run(["remediate", "plan", "--snapshot", str(machine.snapshot), "--select", rules])
    assert f"   brings note[{CLOSING}] compute cluster 'train'" in capsys.readouterr().out
    done = machine.run()
    assert (done.returncode, done.stderr) == (0, "")


def test_a_step_that_brings_nothing_says_so(machine, capsys):
    steps = planned(machine, capsys)["steps"]

    assert [s["brings"] for s in steps] == [[]] * len(steps)


def test_commands_of_which_the_snapshot_shows_no_outcome_are_not_tried():
    exempt = Step(("az", "policy", "exemption", "create", "--name", "n", "--scope", SUB), "x")
    unlock = Step(("az", "lock", "delete", "--ids", f"{SUB}/{LOCKS}/all"), "x")
    finding = Finding("r", Severity.ERROR, "m", TextSpot(Document("a", "b"), 0, 1), None)

    def cure(*steps):
        return Cure(finding, Fix("f", Applicability.SAFE, (), steps))

    assert is_tried(cure(unlock))
    assert not is_tried(cure(unlock, exempt))


def test_asked_to_look_it_changes_nothing(machine, capsys):
    planned(machine, capsys)
    before = machine.state.read_bytes()

    done = machine.run("--check")

    assert done.returncode == 0
    assert re.search(r"^0 of \d+ steps are not as recorded$", done.stdout, re.MULTILINE)
    assert machine.state.read_bytes() == before


STEPS = range(1, 7)


@pytest.mark.parametrize("number", STEPS)
@pytest.mark.parametrize("late", [False, True])
def test_it_stops_where_a_command_fails_and_says_how_to_go_back(machine, capsys, number, late):
    steps = planned(machine, capsys)["steps"]
    assert len(steps) == len(STEPS)
    before = machine.items
    step = steps[number - 1]

    failed = machine.run(AZ_FAIL=str(number), **({"AZ_FAIL_LATE": "1"} if late else {}))

    assert failed.returncode == 1
    assert (
        f"stopped at step {number} of {len(STEPS)}: {step['title']}: the command failed"
        in failed.stderr
    )
    assert len(machine.log) == number
    back = [line[2:] for line in failed.stderr.splitlines() if line.startswith("  ")]
    undone = [s["undo"] for s in steps[: number - 1][::-1]]
    assert [line for line in back if not line.startswith("#")] == [
        shlex.join(u) for u in undone if u
    ]
    assert sum(line.startswith("#") for line in back) == undone.count(None)
    own = [shlex.join(step["undo"])] if late and step["undo"] else []
    if step["undo"]:
        assert f"takes it back: {shlex.join(step['undo'])}" in failed.stderr
    again = machine.run(text="set -e\n" + "\n".join([*own, *back]))
    assert again.returncode == 0, again.stderr
    if all(s["undo"] for s in steps[:number]):
        assert machine.items == before


CHANGES = {
    "lock": lambda items: items[f"{GROUP}/{LOCKS}/frozen".casefold()]["properties"].update(
        level="CanNotDelete"
    ),
    "gone": lambda items: items.pop(f"{SUB}/{LOCKS}/all".casefold()),
    "cluster": lambda items: items[f"{WORKSPACE}/computes/train".casefold()]["properties"][
        "properties"
    ]["scaleSettings"].update(minNodeCount=3),
    "item": lambda items: items.pop(f"{STORAGE}/{LOCKS}/own".casefold()),
    "no item": lambda items: items.pop(STORAGE.casefold()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_stops_at_what_is_not_as_recorded(machine, capsys, what):
    steps = planned(machine, capsys)["steps"]
    machine.change(CHANGES[what])

    looked = machine.run("--check")
    failed = machine.run()

    assert looked.returncode == 1
    assert looked.stdout.count("  not as recorded: it was ") == 1
    assert f"1 of {len(steps)} steps are not as recorded" in looked.stdout
    assert failed.returncode == 1
    at = int(re.search(r"stopped at step (\d+) of", failed.stderr)[1])
    assert "not as recorded: it was " in failed.stderr
    assert len(machine.log) == at - 1


def test_nothing_is_deleted_for_good_unless_allowed(machine, capsys):
    facets = estate()
    gone = facets["computes"][f"{WORKSPACE}/computes/ci".casefold()]
    gone["properties"]["provisioningState"] = "Failed"
    written(facets, machine.snapshot)

    plan = planned(machine, capsys)

    assert not [s for s in plan["steps"] if s["command"][1:4] == ["ml", "compute", "delete"]]
    (left,) = [h for h in plan["left_out"] if h["finding"]["rule"] == "provisioning-failed"]
    assert "--allow-recreate" in left["why"]
    allowed = planned(machine, capsys, "--allow-recreate")
    # Whoever deletes has to be able to create again, and nobody has said from which file.
    (left,) = [h for h in allowed["left_out"] if h["finding"]["rule"] == "provisioning-failed"]
    assert left["why"] == "somebody has to say what <file.yml> is"


def test_changes_of_one_cluster_are_one_command(machine, capsys):
    facets = estate()
    train = facets["computes"][f"{WORKSPACE}/computes/train".casefold()]
    train["properties"]["properties"]["scaleSettings"] |= {"minNodeCount": 5, "maxNodeCount": 400}
    written(facets, machine.snapshot)

    steps = planned(machine, capsys)["steps"]

    updates = [s["command"] for s in steps if s["command"][1:4] == ["ml", "compute", "update"]]
    names = [u[u.index("--name") + 1] for u in updates]
    assert len(names) == len(set(names))


def test_a_hostile_name_runs_nothing(machine, capsys):
    facets = estate()
    marker = machine.folder / "ran"
    name = f"x'$(touch {marker})`touch {marker}`\n#"
    hostile = lock(GROUP, "y")
    hostile |= {"name": name, "id": f"{GROUP}/{LOCKS}/{name}"}
    facets["locks"][hostile["id"].casefold()] = hostile
    written(facets, machine.snapshot)
    planned(machine, capsys)

    machine.run("--check")
    machine.run()

    assert not marker.exists()
    assert subprocess.run(["bash", "-n", str(machine.script)], check=False).returncode == 0


def test_what_was_not_read_ends_with_three(machine, capsys, tmp_path):
    data = json.loads(machine.snapshot.read_text())
    for answer in data["answers"]:
        if answer["facet"] == "locks":
            answer |= {"state": "denied", "items": [], "reason": "403 AuthorizationFailed"}
    machine.snapshot.write_text(json.dumps(data))
    capsys.readouterr()

    code = run(["remediate", "plan", "--snapshot", str(machine.snapshot)])

    assert code == 3
    assert "403 AuthorizationFailed" in capsys.readouterr().err


def test_text_names_every_command(machine, capsys):
    plan = planned(machine, capsys)
    run(["remediate", "plan", "--snapshot", str(machine.snapshot), "-o", "plan.json"])
    text = capsys.readouterr().out

    assert json.loads(Path("plan.json").read_text()) == plan
    for step in plan["steps"]:
        assert f"   $ {shlex.join(step['command'])}\n" in text
