"""Secrets that Azure answers with, and those of the sign-in, reach nothing that a run leaves."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from arm_server import TOKEN, ArmServer, Fault
from receiver import Receiver

from azmlint.cli import run
from azmlint.report import FORMATS
from azmlint.report.capacity import FORMATS as CAPACITY_FORMATS
from azmlint.report.diagnosis import FORMATS as DIAGNOSIS_FORMATS

pytestmark = pytest.mark.posix
PASSWORD = "Pl4nted-Passw0rd-1"
KEY = "cGxhbnRlZEtleXBsYW50ZWRLZXlwbGFudGVkS2V5cGxhbnRlZEtleXBsYW50ZWRLZXlwbGFudGVkS2V5Kz4/aw=="
SIGNATURE = "Pl4ntedSignature0123456789abcdefghij"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjoidG9rZW4ifQ.Pl4ntedTokenSignature"
CLIENT = "abc8Q~Pl4ntedClientSecretPl4ntedClientSec"
HOOK = "Pl4ntedHookSecret"
NOTE = (
    f"password: {PASSWORD}; AccountKey={KEY}; see https://st.x/c?sv=1&sig={SIGNATURE}%3D {CLIENT}"
)
PLANTED = {
    "adminPassword": PASSWORD,
    "primaryKey": KEY,
    "note": NOTE,
    "header": f"Bearer {JWT}",
    "url": f"https://me:{PASSWORD}@host.example/x",
    "environment": [{"name": "DB_PASSWORD", "value": PASSWORD}, {"name": "K", "value": KEY}],
}
TRACES = (
    PASSWORD,
    KEY[:30],
    SIGNATURE,
    "Pl4ntedTokenSignature",
    "Pl4ntedClientSecret",
    HOOK,
    TOKEN,
)
SIGNED_IN = {"accessToken": TOKEN, "expiresOn": "2099-01-01 00:00:00.000000", "tokenType": "Bearer"}
SIGNED_IN |= {"expires_on": 4_070_908_800, "subscription": "s", "tenant": "t"}
CONTOSO = Path(__file__).parents[2] / "fixtures" / "estates" / "contoso-live" / "estate.json"


def planted(item):
    """Give what the service says of something, with a secret wherever one could stand."""
    item = {**item, "tags": {**(item.get("tags") or {}), **PLANTED}}
    properties = {**(item.get("properties") or {}), **PLANTED, "description": NOTE}
    if isinstance(properties.get("properties"), dict):
        errors = [{"error": {"code": "AllocationFailed", "message": NOTE}}]
        properties["properties"] = {**properties["properties"], **PLANTED, "errors": errors}
    properties["provisioningErrors"] = [{"error": {"code": "X", "message": NOTE}}]
    return {**item, "properties": properties}


class PlantingServer(ArmServer):
    """Answers with secrets in everything."""

    def _read(self, path, query, facet):
        status, data, headers = super()._read(path, query, facet)
        if isinstance(data.get("value"), list):
            data = {**data, "value": [planted(i) if "id" in i else i for i in data["value"]]}
        elif "id" in data:
            data = planted(data)
        return status, data, headers


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "work"
    place.mkdir()
    tool = tmp_path / "bin" / "az"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\necho '{json.dumps(SIGNED_IN)}'\n")
    tool.chmod(0o755)
    monkeypatch.chdir(place)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("AZMLINT_NOTIFY_SECRET", HOOK)
    monkeypatch.setenv("AZURE_CLIENT_SECRET", CLIENT)
    monkeypatch.setattr("azmlint.history.notify._WAITS", (0.0,))
    for name in ("CI", "GITHUB_ACTIONS", "AZMLINT_HISTORY", "AZMLINT_NOTIFY"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def artefacts(folder, capsys):
    """Give all that runs have left, by name: files, rows of databases, what was printed."""
    told = []

    def call(*words):
        code = run(list(words))
        out, err = capsys.readouterr()
        told.append(f"{' '.join(words)}\n{out}{err}")
        assert code in {0, 1, 3}, told[-1]
        assert "internal failure" not in err, told[-1]

    def found(*, but=()):
        left = {f"terminal {number}": text for number, text in enumerate(told)}
        for path in folder.iterdir():
            if path.suffix == ".db":
                with closing(sqlite3.connect(path)) as database:
                    left[path.name] = "\n".join(database.iterdump())
            if path.name not in but:
                left[f"bytes of {path.name}"] = path.read_bytes().decode("utf-8", "replace")
        return left

    return call, found


def traces(left):
    return {
        name: [t for t in TRACES if t in text or t in text.replace("\\", "")]
        for name, text in left.items()
        if any(t in text or t in text.replace("\\", "") for t in TRACES)
    }


def outputs(prefix):
    return [w for form in sorted(FORMATS) for w in ("--output", f"{form}={prefix}.{form}")]


def test_what_azure_answers_leaves_no_secret_anywhere(folder, artefacts):
    call, found = artefacts
    with PlantingServer() as arm, Receiver() as hook:
        signed = ("--auth", "cli", "--arm-endpoint", arm.url)
        call("--verbose", "snapshot", "-o", "taken.json", *signed)
        kept = ("--history", "h.db", "--metrics", "m.prom", "--notify", hook.url)
        call("--verbose", "audit", *signed, *kept, "--profile", "strict", *outputs("audit"))
        call("diagnose", "ws-0000/cluster-0", *signed, "--format", "json")
        arm.reset(None, Fault("403", "computes"), Fault("500", "locks", times=1))
        call("--verbose", "audit", *signed, *kept, *outputs("denied"))
        posts = b"\n".join(post.body for post in hook.posts).decode()
    left = {**found(), "posts": posts}

    assert len(left) > 2 * len(FORMATS) + 6
    assert '"answers"' in left["bytes of taken.json"]
    assert posts
    assert traces(left) == {}


def test_a_snapshot_with_secrets_leaves_none_of_them_anywhere(folder, artefacts):
    call, found = artefacts
    data = json.loads(CONTOSO.read_bytes())
    for row in data["answers"]:
        row["reason"] = f"{row.get('reason', '')} {NOTE}"
        row["items"] = [planted(item) for item in row["items"]]
    (folder / "leaking.json").write_text(json.dumps(data))
    given = ("--snapshot", "leaking.json")
    assert len(traces({"": (folder / "leaking.json").read_text()})[""]) == 5

    with Receiver() as hook:
        kept = ("--history", "h.db", "--metrics", "m.prom", "--notify", hook.url)
        call("--verbose", "audit", *given, *kept, "--profile", "strict", *outputs("audit"))
        posts = b"\n".join(post.body for post in hook.posts).decode()
    for form in ("text", "json"):
        call("remediate", "plan", *given, "--format", form)
        call("history", "list", "--history", "h.db", "--format", form)
    call("remediate", "plan", *given, "--script", "cure.sh")
    call("history", "export", "--history", "h.db")
    for form in sorted(CAPACITY_FORMATS):
        call("capacity", *given, "--format", form)
    for form in sorted(DIAGNOSIS_FORMATS):
        call("diagnose", "mlw-fraud/train", *given, "--format", form)
    call("snapshot", "merge", "leaking.json", "-o", "merged.json")
    call("snapshot", "mask", "leaking.json", "-o", "masked.json.gz")
    left = {**found(but=("leaking.json",)), "posts": posts}

    assert posts
    assert "az " in left["bytes of cure.sh"]
    assert "azmlint_finding" in left["h.db"]
    assert traces(left) == {}


def test_a_policy_and_its_examples_leave_no_secret(folder, artefacts):
    call, found = artefacts
    kind = "Microsoft.MachineLearningServices/workspaces/computes"
    condition = {"allOf": [
        {"field": "type", "equals": kind},
        {"field": "tags['note']", "notEquals": NOTE},
        {"field": f"{kind}/computeType", "equals": JWT},
    ]}  # fmt: skip
    definition = {"if": condition, "then": {"effect": "deny"}}
    (folder / "policy.json").write_text(json.dumps(definition))
    (folder / "examples").mkdir()
    item = {"type": kind, "name": "ws/c", "location": "x", "properties": {"computeType": CLIENT}}
    (folder / "examples" / "a.json").write_text(json.dumps(planted(item)))
    (folder / "examples" / "b.yml").write_text(
        f"$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json\n"
        f"name: train\ntype: amlcompute\nsize: {CLIENT}\ntags: {{note: '{JWT}'}}\n"
    )
    call("policy", "test", "policy.json", "--resource", "examples")
    (folder / "examples" / "expected.txt").write_text("a.json: allowed\nb.yml: deny\n")
    call("--verbose", "policy", "test", "policy.json", "--resource", "examples")

    left = found(but=("policy.json", "examples"))
    assert len(left) == 2
    assert traces(left) == {}
