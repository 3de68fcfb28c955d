"""A template that was compiled from a Bicep file beside it is not judged once more."""

from __future__ import annotations

import json

import pytest

from azmlint.engine.project import ProjectContext, check, load, settle
from azmlint.engine.report import Gate, exit_code
from azmlint.testing import TODAY

ML = "Microsoft.MachineLearningServices/workspaces"
SOURCE = (
    f"resource cluster '{ML}/computes@2025-12-01' = {{\n  name: 'ws/cpu'\n"
    "  location: 'westeurope'\n  properties: {\n    computeType: 'AmlCompute'\n"
    "    properties: {\n      vmSize: 'Standard_D4s_v5'\n      vmPriority: 'Dedicated'\n"
    "      scaleSettings: { minNodeCount: 1, maxNodeCount: 4 }\n    }\n  }\n}\n"
)
CLUSTER = {
    "type": f"{ML}/computes",
    "apiVersion": "2025-12-01",
    "name": "ws/cpu",
    "location": "westeurope",
    "properties": {
        "computeType": "AmlCompute",
        "properties": {
            "vmSize": "Standard_D4s_v5",
            "vmPriority": "Dedicated",
            "scaleSettings": {"minNodeCount": 1, "maxNodeCount": 4},
        },
    },
}
MADE = {"_generator": {"name": "bicep", "version": "0.38.33", "templateHash": "123"}}
REGISTRY = "module m 'br/public:avm/res/{}:1.0.0' = {{\n  name: 'm'\n}}\n"


def template(metadata=MADE, **resources):
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "languageVersion": "2.0",
        "contentVersion": "1.0.0.0",
        "metadata": metadata,
        "resources": resources or {"cluster": CLUSTER},
    }


def nested(**resources):
    return {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2025-04-01",
        "name": "m",
        "properties": {"mode": "Incremental", "template": template(**resources)},
    }


@pytest.fixture
def project(tmp_path):
    (tmp_path / "azmlint.toml").write_text("")
    (tmp_path / "main.bicep").write_text(SOURCE)
    (tmp_path / "main.json").write_text(json.dumps(template()))
    return tmp_path


def judged(project, *paths):
    rules = settle(project)
    context = ProjectContext(rules.config)
    loaded = load([project / p for p in paths] or [project], rules.config, context)
    report = check(loaded, rules, context, today=TODAY)
    found = [f.place.document.path for f in report.findings if f.rule == "min-nodes-above-zero"]
    return report, found


@pytest.mark.parametrize("paths", [(), ("main.json", "main.bicep")])
def test_what_was_compiled_stands_aside_for_its_source_and_that_is_said_once(project, paths):
    report, found = judged(project, *paths)

    assert found == ["main.bicep"]
    assert [(s.path, s.reason) for s in report.skipped] == [
        (
            "main.json",
            "compiled from main.bicep, which is judged instead; it may be older than that",
        )
    ]


def test_what_stands_aside_is_no_gap(project):
    (project / "main.bicep").write_text(SOURCE.replace("minNodeCount: 1", "minNodeCount: 0"))
    report, _ = judged(project)

    assert len(report.skipped) == 1
    assert exit_code(report, Gate(fail_on=None, fail_on_skip=True)) == 0


def test_a_compiled_template_is_judged_where_its_source_is_not_in_the_run(project):
    report, found = judged(project, "main.json")

    assert found == ["main.json"]
    assert report.skipped == []


@pytest.mark.parametrize("name", ["azuredeploy.json", "compiled/main.json"])
def test_a_template_of_another_name_or_folder_is_judged_too(project, name):
    (project / "compiled").mkdir()
    (project / "main.json").rename(project / name)
    _, found = judged(project)

    assert sorted(found) == sorted(["main.bicep", name])


@pytest.mark.parametrize(
    "metadata", [{}, {"_generator": "bicep"}, {"_generator": {"name": "bicep"}}]
)
def test_a_template_that_does_not_say_that_it_was_compiled_is_judged_too(project, metadata):
    (project / "main.json").write_text(json.dumps(template(metadata)))
    _, found = judged(project)

    assert sorted(found) == ["main.bicep", "main.json"]


def test_a_hand_written_template_around_a_compiled_one_is_judged_too(project):
    (project / "main.json").write_text(json.dumps(template({}, m=nested())))
    _, found = judged(project)

    assert sorted(found) == ["main.bicep", "main.json"]


def test_clusters_of_a_registrys_module_are_found_in_the_compiled_template(project):
    path = "machine-learning-services/workspace"
    (project / "main.bicep").write_text(REGISTRY.format(path))
    (project / "main.json").write_text(json.dumps(template(m=nested())))
    _, found = judged(project)

    assert found == ["main.json"]


def test_a_registrys_module_of_other_things_is_no_reason_to_judge_twice(project):
    vault = {"type": "Microsoft.KeyVault/vaults", "apiVersion": "2023-07-01", "name": "kv"}
    made = template(cluster=CLUSTER, m=nested(vault=vault))
    (project / "main.bicep").write_text(SOURCE + REGISTRY.format("key-vault/vault"))
    (project / "main.json").write_text(json.dumps(made))
    _, found = judged(project)

    assert found == ["main.bicep"]


def test_modules_of_local_modules_are_looked_at_too(project):
    inner = nested(m=nested(cluster=CLUSTER))
    (project / "inner.bicep").write_text(REGISTRY.format("some/thing") + SOURCE)
    (project / "main.bicep").write_text("module in 'inner.bicep' = {\n  name: 'in'\n}\n")
    (project / "main.json").write_text(json.dumps(template(**{"in": inner})))
    _, found = judged(project)

    assert sorted(found) == ["inner.bicep", "main.json"]


def test_without_symbols_a_template_with_modules_of_a_registry_is_judged_too(project):
    made = template()
    made["resources"] = [CLUSTER, nested()]
    (project / "main.bicep").write_text(SOURCE + REGISTRY.format("some/thing"))
    (project / "main.json").write_text(json.dumps(made))
    _, found = judged(project)

    assert {"main.bicep", "main.json"} == set(found)
