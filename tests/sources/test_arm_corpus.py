"""Real templates: every value that a careful reader found is read, with its line."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from azmlint.model.resources import ComputeCluster, ComputeInstance, Lock, Workspace
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

CORPUS = os.environ.get("AZMLINT_CORPUS", "")
pytestmark = pytest.mark.skipif(not CORPUS, reason="AZMLINT_CORPUS is not set")
ROOT = Path(CORPUS)

PROPERTIES = {
    "vm_size": "size",
    "min_nodes": "min_nodes",
    "max_nodes": "max_nodes",
    "identity": "identity",
    "location": "location",
    "tier": "tier",
    "node_public_ip": "public_ip",
    "ssh": "ssh_public",
}
"""A fact of expect.jsonl, and the property that carries it."""

NOT_STATED = ("unset", "not stated", "none", "same workspace")


def expectations():
    path = ROOT / "expect.jsonl"
    if not CORPUS or not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [
        r
        for r in rows
        if r["path"].split("/")[0] in {"arm", "cli-yaml"} and (ROOT / r["path"]).exists()
    ]


def clusters_of(path):
    files = {
        str(p.relative_to(ROOT)): decode(str(p.relative_to(ROOT)), p.read_bytes())
        for p in (ROOT / path).parent.iterdir()
        if p.is_file()
    }
    reading = load.read(files[path], Texts(files))
    return [r for r in reading.resources if isinstance(r, ComputeCluster)]


def first_line(cluster):
    return cluster.grip.document.position(cluster.grip.start).line


def line_of(value, line):
    return any(p.document.position(p.start).line == line for p in value.trace)


@pytest.mark.parametrize("row", expectations(), ids=lambda r: r["path"])
def test_every_located_fact_is_read(row):
    clusters = clusters_of(row["path"])

    for expected in row["clusters"]:
        line = int(match[1]) if (match := re.search(r"@(\d+)$", expected["name"])) else None
        # The reader gave the line of the name, or of the resource's first line.
        found = [c for c in clusters if line is None or 0 <= first_line(c) - line <= 3]
        note = expected["note"]
        if "only when param" in note or "never created" in note:
            assert not found
            continue
        assert found, expected["name"]
        for fact, name in PROPERTIES.items():
            text = expected[fact]
            match = re.search(r"@(\d+)", text)
            values = [getattr(c, name) for c in found]
            if text.startswith(NOT_STATED) and match is None:
                assert all(v.is_absent for v in values), (fact, text)
            if match is not None:
                assert all(line_of(v, int(match[1])) for v in values), (fact, text, values)
            literal = re.match(r"(?:[^=]*= )?([\w.-]+)(?: @|$)", text)
            if match is not None and literal and not text.startswith(("param", "outer", "[")):
                wanted = literal[1].lower().replace("_", "")
                wanted = {"ssh": {"true": "enabled"}}.get(fact, {}).get(wanted, wanted)
                assert all(v.text.lower().replace("_", "") == wanted for v in values), (fact, text)


def all_resources():
    for kind in ("arm", "arm-noise"):
        paths = [p for p in sorted((ROOT / kind).rglob("*.json")) if p.is_file()]
        files = {
            str(p.relative_to(ROOT)): decode(str(p.relative_to(ROOT)), p.read_bytes())
            for p in paths
        }
        context = Texts(files)
        for document in files.values():
            yield from load.read(document, context).resources


def test_nearly_every_value_is_known_or_names_a_parameter():
    total = good = 0
    for resource in all_resources():
        if not isinstance(resource, (ComputeCluster, ComputeInstance, Workspace, Lock)):
            continue
        for declared in type(resource).properties():
            value = declared.__get__(resource, type(resource))
            if value.is_absent:
                continue
            total += 1
            reason = value.term.reason
            good += value.term.is_known or (reason is not None and reason.kind == "parameter")

    assert total > 1000
    assert good / total >= 0.95
