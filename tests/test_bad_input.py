"""Bad input costs nothing but itself: one clear finding, skip or failure, and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

GOOD = "name: good\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: 1\n"
TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
}
COMPUTE = {
    "type": "Microsoft.MachineLearningServices/workspaces/computes",
    "apiVersion": "2025-12-01",
    "name": "ws/c",
    "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_D4s_v5"}},
}


def template(**parts):
    return json.dumps({**TEMPLATE, **parts}).encode()


def compute(**scale):
    body = json.loads(json.dumps(COMPUTE))
    body["properties"]["properties"]["scaleSettings"] = scale
    return body


def cyclic():
    return template(
        parameters={"p": {"type": "int", "defaultValue": "[parameters('p')]"}},
        variables={"a": "[variables('b')]", "b": "[variables('a')]"},
        resources=[compute(minNodeCount="[variables('a')]", maxNodeCount="[parameters('p')]")],
    )


def doubling():
    variables = {"v0": "x"}
    for i in range(1, 60):
        variables[f"v{i}"] = f"[concat(variables('v{i - 1}'), variables('v{i - 1}'))]"
    return template(
        variables=variables, resources=[compute(minNodeCount="[length(variables('v59'))]")]
    )


def array_doubling():
    variables = {"v0": [1, 2]}
    for i in range(1, 60):
        variables[f"v{i}"] = f"[createArray(variables('v{i - 1}'), variables('v{i - 1}'))]"
    return template(
        variables=variables, resources=[compute(minNodeCount="[length(string(variables('v59')))]")]
    )


def chain():
    variables = {f"v{i}": f"[variables('v{i + 1}')]" for i in range(3000)}
    return template(variables=variables, resources=[compute(minNodeCount="[variables('v0')]")])


def alias_bomb():
    lines = ["name: bomb", "type: amlcompute", "size: s", "a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    return "\n".join([*lines, "tags: {t: *a39}"]).encode()


def notebook(source, **more):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source, **more}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}).encode()


NEAR = "from azure.ai.ml.entities import AmlCompute\n"
BAD = {
    "broken.ipynb": notebook(NEAR)[:-40],
    "deep.ipynb": b'{"x": "!az ml compute create", "cells": ' + b"[" * 100_000,
    "deep-output.ipynb": notebook(NEAR, outputs=0).replace(
        b'"outputs": 0', b'"outputs": ' + b"[" * 100_000 + b"]" * 100_000
    ),
    "deep-code.ipynb": notebook(NEAR + "x = " + "(" * 5000 + ")" * 5000),
    "half.ipynb": notebook([NEAR, "c = AmlCompute(\n"]),
    "long.ipynb": notebook(NEAR + "x = 1\n" * 20_000),
    "quotes.ipynb": notebook([NEAR, "!az ml x " + "'" * 50_000, "\n", '"' * 50_000]),
    "broken.yml": b"type: amlcompute\nname: [unclosed\n",
    "tab.yml": b"type: amlcompute\n\tname: x\n",
    "types.yml": b"name: {a: 1}\ntype: amlcompute\nsize: [1]\nmin_instances: many\nidentity: 3\n"
    b"tags: 7\n",
    "more-types.yml": b"name: x\ntype: amlcompute\nsize: s\nnetwork_settings: 4\n"
    b"ssh_settings: [1]\nmin_instances: 1e400\n",
    "duplicate.yml": b"name: x\ntype: amlcompute\nsize: s\nmin_instances: 0\nmin_instances: 0\n",
    "self.yml": b"name: x\ntype: amlcompute\nsize: s\ntags: &t {a: *t}\n",
    "bomb.yml": alias_bomb(),
    "merge.yml": b"x: &x {<<: *x}\ntype: amlcompute\n",
    "deep.yml": b"type: amlcompute\nname: " + b"[" * 100_000,
    "deep-block.yml": b"type: amlcompute\n" + b"- " * 50_000,
    "broken.json": b'{"resources": [{"type": "Microsoft.MachineLearningServices/workspaces"',
    "deep.json": b'{"a": "microsoft.machinelearningservices", "b": '
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}",
    "one-line.json": template(
        resources=[compute(minNodeCount=0)], outputs={"x": {"value": "y" * 1_000_000}}
    ),
    "wrong-shapes.json": template(
        parameters=[],
        variables=3,
        resources=[3, None, [], {"type": 3}, COMPUTE | {"name": {}, "properties": []}],
    ),
    "resources.json": template(resources=3, x="Microsoft.MachineLearningServices/workspaces"),
    "cycle.json": cyclic(),
    "range.json": template(resources=[compute(minNodeCount="[length(range(0, 100000000))]")]),
    "copy.json": template(resources=[COMPUTE | {"copy": {"name": "c", "count": 100000000}}]),
    "negative-copy.json": template(resources=[COMPUTE | {"copy": {"name": "c", "count": -1}}]),
    "doubling.json": doubling(),
    "array-doubling.json": array_doubling(),
    "chain.json": chain(),
    "calls.json": template(
        resources=[compute(minNodeCount="[" + "int(" * 5000 + "1" + ")" * 5000 + "]")]
    ),
    "unclosed.json": template(resources=[compute(minNodeCount="[add(1,")]),
    "utf16.json": "\ufeff".encode("utf-16-le")
    + template(resources=[compute(minNodeCount=0)]).decode().encode("utf-16-le"),
    "bom.yml": b"\xef\xbb\xbf" + GOOD.encode().replace(b"min_instances: 1", b"min_instances: 0"),
    "crlf.yml": GOOD.encode()
    .replace(b"min_instances: 1", b"min_instances: 0")
    .replace(b"\n", b"\r\n"),
    "latin.yml": b"name: caf\xe9\ntype: amlcompute\nsize: s\n",
    "nul.yml": b"name: x\x00\ntype: amlcompute\n",
    "control.yml": b"name: x\x01\ntype: amlcompute\n",
    "empty.yml": b"",
    "empty.json": b"",
    "long.yml": b"name: x\ntype: amlcompute\nsize: " + b"s" * 1_000_000,
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yml").write_text(GOOD)
    return tmp_path


def run(*words):
    started = time.process_time()
    done = subprocess.run(
        [sys.executable, "-m", "azmlint", "check", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert time.process_time() - started < 60
    assert "Traceback" not in done.stderr
    assert "internal failure" not in done.stderr
    return done


@pytest.mark.parametrize("name", BAD)
def test_one_bad_file_costs_no_other_its_findings(project, name):
    (project / name).write_bytes(BAD[name])
    done = run("--format", "json")
    data = json.loads(done.stdout)

    assert [f["rule"] for f in data["findings"] if f["path"] == "good.yml"] == [
        "min-nodes-above-zero",
        "size-is-not-a-size",
    ][:1]
    assert not [f for f in data["failures"] if f["stage"] == "judge"], data["failures"]
    for finding in data["findings"]:
        assert finding["start"]["line"] >= 1
        assert "\n" not in finding["message"]


@pytest.mark.parametrize("name", ["broken.yml", "tab.yml", "broken.json", "deep.yml", "self.yml"])
def test_broken_text_is_a_finding_with_its_position(project, name):
    (project / name).write_bytes(BAD[name])
    data = json.loads(run("--format", "json").stdout)

    found = [f for f in data["findings"] if f["path"] == name]
    assert [f["rule"] for f in found] == ["syntax-error"]
    assert found[0]["severity"] == "error"


@pytest.mark.posix
def test_everything_at_once(project):
    for name, raw in BAD.items():
        (project / name).write_bytes(raw)
    (project / "folder.json").mkdir()
    os.mkfifo(project / "pipe.yml")
    (project / "loop").symlink_to(project, target_is_directory=True)
    (project / "gone.yml").symlink_to(project / "nothing.yml")
    done = run("--format", "json")
    data = json.loads(done.stdout)

    assert "min-nodes-above-zero" in {
        f["rule"] for f in data["findings"] if f["path"] == "good.yml"
    }
    assert not [f for f in data["failures"] if f["stage"] == "judge"]


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root can read everything")
def test_an_unreadable_file_is_a_failure(project):
    path = project / "secret.yml"
    path.write_text(GOOD)
    path.chmod(0)
    done = run("--format", "json")

    assert done.returncode == 3
    assert json.loads(done.stdout)["failures"][0]["path"] == "secret.yml"


@pytest.mark.posix
def test_bad_files_given_by_name_are_told_too(project):
    (project / "folder.json").mkdir()
    os.mkfifo(project / "pipe.yml")
    done = run("pipe.yml", "folder.json", "good.yml", "--format", "concise")

    assert "good.yml:4:16" in done.stdout
