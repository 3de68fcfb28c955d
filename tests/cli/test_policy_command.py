"""`azmlint policy test` says what a definition does with examples, and why."""

from __future__ import annotations

import json

import pytest

COMPUTES = "Microsoft.MachineLearningServices/workspaces/computes"
SIZE = f"{COMPUTES}/vmSize"
DEFINITION = {
    "mode": "Indexed",
    "parameters": {"pattern": {"type": "String", "defaultValue": "Standard_N*"}},
    "policyRule": {
        "if": {"field": SIZE, "like": "[parameters('pattern')]"},
        "then": {"effect": "deny"},
    },
}
GPU = "name: gpu\ntype: amlcompute\nsize: Standard_NC24ads_A100_v4\n"
CPU = "name: cpu\ntype: amlcompute\nsize: Standard_D4s_v5\n"
OPEN = "name: open\ntype: amlcompute\nsize: ${{ parameters.size }}\n"


@pytest.fixture
def folder(project):
    (project / "gpus.json").write_text(json.dumps(DEFINITION))
    examples = project / "examples"
    examples.mkdir()
    for name, text in (("gpu", GPU), ("cpu", CPU)):
        (examples / f"{name}.yml").write_text(text)
    return project


def tried(azmlint, *words):
    return azmlint("policy", "test", "gpus.json", *words)


def test_each_example_has_a_verdict_with_the_condition_that_decides(azmlint, folder):
    result = tried(azmlint, "--resource", "examples")

    assert result.code == 1
    cpu = "compute cluster 'cpu': vmSize is 'Standard_D4s_v5', not like 'Standard_N*'"
    gpu = "compute cluster 'gpu': vmSize is 'Standard_NC24ads_A100_v4', like 'Standard_N*'"
    assert result.out.splitlines() == [f"cpu.yml: compliant: {cpu}", f"gpu.yml: deny: {gpu}"]


@pytest.mark.parametrize(
    ("expected", "code", "told"),
    [
        ("# as agreed\ncpu.yml: Compliant\ngpu.yml: deny\n", 0, ""),
        ("cpu.yml: deny\ngpu.yml: deny\n", 1, "cpu.yml: compliant, but deny was expected of"),
        ("cpu.yml: compliant\n", 1, "gpu.yml: deny, but nothing was expected of"),
        (
            "cpu.yml: compliant\ngpu.yml: deny\nold.yml: deny\n",
            1,
            "old.yml: deny was expected of what is not there",
        ),
    ],
)
def test_verdicts_are_held_to_what_a_folder_expects(azmlint, folder, expected, code, told):
    (folder / "examples" / "expected.txt").write_text(expected)

    result = tried(azmlint, "--resource", "examples")

    assert result.code == code
    assert told in result.err


def test_nothing_that_is_caught_ends_with_zero(azmlint, folder):
    assert tried(azmlint, "--resource", "examples/cpu.yml").code == 0


def test_an_open_verdict_ends_with_three_unless_it_is_expected(azmlint, folder):
    (folder / "examples" / "open.yml").write_text(OPEN)

    result = tried(azmlint, "--resource", "examples/open.yml")
    (folder / "examples" / "expected.txt").write_text(
        "cpu.yml: compliant\ngpu.yml: deny\nopen.yml: undecided\n"
    )

    assert result.code == 3
    assert result.out.startswith("open.yml: undecided: compute cluster 'open': ")
    assert tried(azmlint, "--resource", "examples").code == 0


def test_parameters_are_given_as_json_or_text(azmlint, folder):
    words = ("--resource", "examples/cpu.yml", "--parameter", "pattern=Standard_D*")

    assert tried(azmlint, *words).code == 1
    assert tried(azmlint, *words[:3], 'pattern="*_X"').code == 0


def test_examples_may_be_answers_of_any_type(azmlint, folder):
    machine = {
        "type": "Microsoft.Compute/virtualMachines",
        "name": "vm",
        "properties": {"hardwareProfile": {"vmSize": "D2"}},
    }
    compute = {
        "type": COMPUTES,
        "name": "ws/train",
        "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_NC6"}},
    }
    (folder / "answers.json").write_text(json.dumps([machine, compute]))
    condition = {
        "anyOf": [
            {
                "field": "Microsoft.Compute/virtualMachines/hardwareProfile.vmSize",
                "like": "D*",
            },
            {"field": "name", "equals": "train"},
        ]
    }
    (folder / "gpus.json").write_text(json.dumps({"if": condition, "then": {"effect": "audit"}}))

    result = tried(azmlint, "--resource", "answers.json")

    assert result.out.splitlines() == [
        "answers.json: audit: resource 'vm': hardwareProfile.vmSize is 'D2', like 'D*'",
        "answers.json: audit: compute cluster 'train': name is 'train'",
    ]


def test_a_file_without_resources_is_told(azmlint, folder):
    (folder / "nothing.json").write_text("{}")

    result = tried(azmlint, "--resource", "nothing.json")

    assert (result.code, result.out) == (3, "")
    assert "no example declares a resource" in result.err


def test_a_definition_that_says_nothing_of_resources_is_told(azmlint, folder):
    made = {**DEFINITION, "mode": "Microsoft.KeyVault.Data"}
    (folder / "gpus.json").write_text(json.dumps(made))

    result = tried(azmlint, "--resource", "examples/gpu.yml")

    assert result.code == 0
    assert "nothing is caught: its mode" in result.err
    assert "the policy is not about it" in result.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--resource", "gone.yml"), "'gone.yml' does not exist"),
        (("--resource", "examples", "--parameter", "x"), "'x' is no NAME=VALUE"),
        (("--resource", "examples", "--parameter", "x=1"), "there is no parameter 'x'"),
        ((), "Missing option '--resource'"),
        (("--resource", "broken.yml"), "broken.yml: "),
    ],
)
def test_wrong_usage_ends_with_two(azmlint, folder, words, told):
    (folder / "broken.yml").write_text("name: [\n")

    result = tried(azmlint, *words)

    assert result.code == 2
    assert told in result.err


def test_a_definition_that_is_not_there_is_told(azmlint, folder):
    result = azmlint("policy", "test", "gone.json", "--resource", "examples")

    assert result.code == 2
    assert "gone.json: cannot be read" in result.err
