"""Steps of pipelines that are programs of Python: what they make, and with which values."""

from __future__ import annotations

import pytest

from azmlint.engine.fix import apply
from azmlint.engine.relevance import PIPELINE, concerns
from azmlint.location import Place
from azmlint.model.resources import ComputeCluster, ToolUse
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

IMPORTS = "from azure.ai.ml.entities import AmlCompute\n"
WORKFLOW = """\
env: {MIN: 2}
jobs:
  a:
    strategy:
      matrix: {tier: [dedicated, low_priority]}
    steps:
      - name: make
        shell: python {0}
        env: {MAX: "4"}
        run: |
          import os
          from azure.ai.ml.entities import AmlCompute
          train = AmlCompute(
              name="train",
              min_instances=${{ env.MIN }},  # kept
              max_instances=int(os.environ["MAX"]),
              size="Standard_${{ env.MIN }}",
              location="${{ vars.REGION }}",
              tier="${{ matrix.tier }}",
              idle_time_before_scale_down=${{ inputs.idle }},
          )
          ml_client.begin_create_or_update(train)
          ml_client.begin_create_or_update(AmlCompute(name="other", min_instances=1))
"""


def read(text, path="ci.yml", **others):
    documents = {p: decode(p, t.encode()) for p, t in {path: text, **others}.items()}
    return load.read(documents[path], Texts(documents))


def clusters(text, **others):
    found = read(text, **others).resources
    return {r.name: r for r in found if isinstance(r, ComputeCluster)}


def test_a_step_in_python_is_read_with_what_the_workflow_fills_in():
    train = clusters(WORKFLOW)["train"]

    assert (train.min_nodes.known, train.max_nodes.known) == (2, 4)
    assert train.size.known == "Standard_2"
    assert train.min_nodes.place.shown == "ci.yml:15:29"
    assert train.max_nodes.trace[-1].shown == "ci.yml:9:20"


def test_what_is_not_known_before_a_run_is_unknown_in_a_text_and_as_a_number():
    train = clusters(WORKFLOW)["train"]

    assert "'<vars.REGION>' is filled in" in train.location.term.reason.text
    assert "'<matrix.tier>' is filled in" in train.tier.term.reason.text
    assert "'<inputs.idle>' is filled in" in train.idle_seconds.term.reason.text


def test_a_value_of_a_step_is_changed_in_the_lines_of_the_workflow():
    other = clusters(WORKFLOW)["other"]
    (edit,) = other.min_nodes.edits(0)

    assert apply(decode("ci.yml", WORKFLOW.encode()), (edit,)) == WORKFLOW.replace(
        '"other", min_instances=1', '"other", min_instances=0'
    )


PYTHON = (
    "from azureml.core import Workspace\n"
    "from azureml.core.compute import AmlCompute, ComputeTarget\n"
    "c = AmlCompute.provisioning_configuration(min_nodes=$(least), max_nodes=4)\n"
    "ComputeTarget.create(Workspace.from_config(), 'cpu', c)\n"
)


def indented(text, margin):
    return "".join(f"{margin}{line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "step",
    [
        "- task: PythonScript@0\n  inputs:\n    scriptSource: inline\n    script: |\n",
        "- uses: jannekem/run-python-script-action@v1\n  with:\n    script: |\n",
        "- shell: python3\n  run: |\n",
        "- shell: 'python'\n  run: |\n",
    ],
)
def test_a_task_that_runs_python_is_read(step):
    text = f"variables: {{least: 3}}\nsteps:\n{step}{indented(PYTHON, ' ' * 6)}"
    reading = read(text)
    tools = {r.tool for r in reading.resources if isinstance(r, ToolUse)}

    assert clusters(text)["cpu"].min_nodes.known == 3
    assert tools == {"SDK v1"}
    assert reading.problems == []


def test_a_file_that_the_program_follows_is_found_from_the_folder_of_the_step():
    program = (
        "from azure.ai.ml import load_compute\n"
        "ml_client.begin_create_or_update(load_compute('c.yml'))\n"
    )
    step = "- shell: python\n  working-directory: infra\n  run: |\n"
    text = f"steps:\n{step}{indented(program, '    ')}"
    c = "name: train\ntype: amlcompute\nmin_instances: 2\n"
    reading = read(text, **{"infra/c.yml": c})

    assert [r.name for r in reading.resources if isinstance(r, ComputeCluster)] == ["train"]
    assert list(reading.modules) == ["infra/c.yml"]


@pytest.mark.parametrize(
    ("program", "rule"), [("x = (1\n", "syntax-error"), ("x = ${{ y }} 2\n", None)]
)
def test_what_is_no_python_is_told_of_at_its_line(program, rule):
    text = f"steps:\n- shell: python\n  run: |\n    import azureml.core\n    {program}"
    (problem,) = read(text).problems

    assert problem.rule == rule
    assert Place(problem.document, problem).shown.startswith("ci.yml:5:")


def test_a_program_in_a_workflow_concerns_us():
    assert concerns("ci.yml", WORKFLOW.encode()) is PIPELINE
    assert concerns("ci.yml", WORKFLOW.replace(": python", ": 'python'").encode()) is PIPELINE
    assert concerns("ci.yml", b"steps:\n- shell: python\n  run: import azure.storage\n") is None
