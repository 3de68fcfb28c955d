"""The page about capacity is true: its examples are reckoned again, its refusals are reproduced."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from azmlint.cli import run
from azmlint.data.sizes import sizes
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.model.capacity.rows import family_key

PAGE = (Path(__file__).parent.parent / "docs" / "capacity.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^### (.+?)\n.*?^```yaml\n(.*?)^```\n\n```toml\n(.*?)^```\n\n```text\n(.*?)^```$",
    PAGE,
    re.MULTILINE | re.DOTALL,
)
(REFUSAL,) = re.findall(r"^\.\.\. has a .*$", PAGE, re.MULTILINE)


@pytest.fixture
def azmlint(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder with some files; give exit code and standard output."""
    monkeypatch.chdir(tmp_path)

    def call(*words, clusters, limits):
        (tmp_path / "clusters.yml").write_text(clusters, encoding="utf-8")
        (tmp_path / "azmlint.toml").write_text(limits, encoding="utf-8")
        capsys.readouterr()
        return run([*words, "clusters.yml"]), capsys.readouterr().out

    return call


def test_there_are_examples():
    assert len(EXAMPLES) > 4


@pytest.mark.parametrize(("clusters", "limits", "told"), [e[1:] for e in EXAMPLES])
def test_an_example_is_as_it_is_shown(azmlint, clusters, limits, told):
    code, out = azmlint("capacity", clusters=clusters, limits=limits)

    assert out == told
    assert code == (3 if "not known" in told else 0)


def findings(azmlint, family, size, nodes, limit):
    clusters = f"name: train\ntype: amlcompute\nsize: {size}\nlocation: westeurope\n"
    limits = f'[quota.westeurope]\n"{family}" = {limit}\nTotalDedicatedCores = 1000\n'
    out = azmlint(
        "check", "--select", "quota", "--format", "json",
        clusters=f"{clusters}max_instances: {nodes}\n", limits=limits,
    )[1]  # fmt: skip
    return {f["rule"]: f["message"] for f in json.loads(out)["findings"]}


def test_the_refusal_follows_from_its_numbers(azmlint):
    match = re.search(
        r"a (.+?) family vCPU quota of (\d+) .* at least (\d+) requested .* maps to (\d+) vCPUs",
        REFUSAL,
    )
    family, (quota, nodes, vcpus) = match[1], map(int, match.groups()[1:])
    key = family_key(f"{family} Family")
    size = next(
        s.name for s in sizes() if family_key(s.family or "") == key and s.vcpus * nodes == vcpus
    )

    refused = findings(azmlint, f"{family} Family", size, nodes, quota)
    enough = findings(azmlint, f"{family} Family", size, nodes, vcpus)
    one_short = findings(azmlint, f"{family} Family", size, nodes, vcpus - 1)

    assert f"which takes {vcpus} vCPUs" in refused["no-quota-for-one-node"]
    assert f"is {quota} vCPUs (0 nodes)" in refused["no-quota-for-one-node"]
    assert "no-quota-for-one-node" in one_short
    assert "no-quota-for-one-node" not in enough


def test_codes_lead_to_the_rules_that_look_for_them():
    shown = {
        code: re.findall(r"\[([\w-]+)\]", cell)
        for code, cell in re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
    }

    stated: dict[str, list[str]] = {}
    for name, rule in rule_classes(BUILT_IN).items():
        for code in rule.codes:
            stated.setdefault(code, []).append(name)
    assert shown == stated
