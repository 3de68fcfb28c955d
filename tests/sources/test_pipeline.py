"""Scripts in workflows, pipelines and Dockerfiles: what they make, where, and how it is changed."""

from __future__ import annotations

import pytest

from azmlint.engine.fix import apply
from azmlint.model.resources import ComputeCluster, Lock, ToolUse
from azmlint.sources import load
from azmlint.sources.document import decode
from azmlint.sources.texts import Texts

CREATE = "az ml compute create -n train --type amlcompute"

WORKFLOW = """\
on:
  workflow_dispatch:
    inputs:
      least:
        default: "3"
env:
  MIN: 2
jobs:
  one:
    env: {MAX: "4"}
    strategy:
      matrix:
        size: [Standard_D4s_v5]
    steps:
      - uses: azure/login@v2
      - name: make
        run: |
          az configure -d group=rg workspace=ws
          az ml compute create -n train --type amlcompute \\
            --min-instances $MIN --max-instances ${{ env.MAX }} \\
            --size ${{ matrix.size }}
      - run: az lock create -n keep -t CanNotDelete
      - run: >-
          az ml compute create -n other --type amlcompute --min ${{ inputs.least }}
          -w ${{ vars.WS }}
"""

AZURE = """\
parameters:
  - name: most
    default: 6
variables:
  - name: min.nodes
    value: 2
  - group: secrets
stages:
  - stage: a
    jobs:
      - job: b
        variables: {RG: rg}
        steps:
          - task: AzureCLI@2
            inputs:
              scriptType: bash
              scriptLocation: inlineScript
              workingDirectory: $(Build.SourcesDirectory)/jobs
              inlineScript: |
                az ml compute create -f c.yml -g $(RG) -w $(WS) --min-instances $(min.nodes)
          - task: AzureCLI@2
            inputs:
              scriptType: pscore
              inlineScript: |
                $m = ${{ parameters.most }}
                az ml compute create -n ps --type amlcompute `
                  --max-instances $m
          - bash: az ml compute create -n bash --type amlcompute --min-instances $MIN_NODES
          - pwsh: New-AzResourceLock -LockName l -LockLevel ReadOnly -ResourceGroupName rg
"""

GITLAB = """\
variables:
  MIN: "2"
deploy:
  variables:
    MAX: {value: "5", description: most}
  before_script:
    - az configure -d group=rg
  script:
    - az account show
    - az ml compute create -n train --type amlcompute
      --min-instances $MIN --max-instances $MAX -w ws
"""


def read(text, path="ci.yml", **others):
    documents = {p: decode(p, t.encode()) for p, t in {**others, path: text}.items()}
    return load.read(documents[path], Texts(documents))


def by_name(text, path="ci.yml", **others):
    found = read(text, path, **others).resources
    return {r.name: r for r in found if not isinstance(r, ToolUse)}


def test_a_workflow_gives_its_scripts_variables():
    found = by_name(WORKFLOW)
    train = found["train"]

    assert (train.min_nodes.known, train.max_nodes.known) == (2, 4)
    assert train.size.known == "Standard_D4s_v5"
    assert train.min_nodes.place.shown == "ci.yml:20:29"
    assert train.min_nodes.trace[-1].shown == "ci.yml:7:8"
    assert found["other"].min_nodes.known == 3
    assert found["other"].min_nodes.trace[-1].role == "default"
    assert str(found["keep"].locked).endswith("/resourceGroups/rg")
    assert "${{ vars.WS }}" in str(found["other"].id)


def test_azure_pipelines_give_their_scripts_variables():
    c = "name: train\ntype: amlcompute\nmax_instances: 8\n"
    found = by_name(AZURE, **{"jobs/c.yml": c})

    assert (found["train"].min_nodes.known, found["train"].max_nodes.known) == (2, 8)
    assert str(found["train"].id.group).endswith("/resourceGroups/rg")
    assert "$(WS)" in str(found["train"].id)
    assert found["ps"].max_nodes.known == 6
    assert found["bash"].min_nodes.known == 2
    assert type(found["l"]) is Lock


def test_gitlab_joins_the_lines_of_a_script():
    train = by_name(GITLAB)["train"]

    assert (train.min_nodes.known, train.max_nodes.known) == (2, 5)
    assert str(train.id.parent).endswith(
        "/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    )


def test_jobs_do_not_see_each_other():
    text = (
        "jobs:\n  a:\n    steps:\n      - run: az configure -d group=rg\n"
        "  b:\n    steps:\n      - run: az lock create -n l -t ReadOnly\n"
    )

    assert by_name(text)["l"].locked.group is None


def test_what_a_step_hands_on_is_known_in_the_next_one():
    text = (
        'steps:\n  - run: echo "MIN=2" >> $GITHUB_ENV\n'
        f"  - run: {CREATE} --min-instances $MIN --max-instances ${{{{ env.MIN }}}}\n"
    )
    train = by_name(text)["train"]

    assert (train.min_nodes.known, train.max_nodes.known) == (2, 2)


def test_a_matrix_is_one_world_for_each_value():
    text = (
        "jobs:\n  a:\n    strategy:\n      matrix: {min: [0, 2]}\n    steps:\n"
        f"      - run: {CREATE} --min-instances ${{{{ matrix.min }}}}\n"
    )
    (decision,) = by_name(text)["train"].min_nodes.term.decisions

    assert (decision.question, decision.options) == ("matrix.min", ("0", "2"))


@pytest.mark.parametrize(
    "text",
    [
        f"on: push\njobs:\n  a:\n    steps:\n      - name: {CREATE}\n",
        f"# {CREATE}\nsteps: []\n",
        f"steps:\n  - run: |\n      # {CREATE}\n      echo '{CREATE}'\n",
        f"env:\n  run: {CREATE}\n",
        f"steps:\n  - shell: python\n    run: {CREATE}\n",
        f"steps:\n  - uses: actions/github-script@v7\n    with:\n      script: {CREATE}\n",
        f"steps:\n  - task: PythonScript@0\n    inputs:\n      script: {CREATE}\n",
    ],
)
def test_what_is_no_script_declares_nothing(text):
    assert by_name(text) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"- run: {CREATE} --min-instances 2", f"- run: {CREATE} --min-instances 0"),
        (f"- run: '{CREATE} --min-instances 2'", f"- run: '{CREATE} --min-instances 0'"),
        (f"- run: {CREATE}\n- x: y", f"- run: {CREATE} --min-instances 0\n- x: y"),
        (
            f"- run: |\n    a\n    {CREATE} \\\n      --tier x\n    b\n",
            f"- run: |\n    a\n    {CREATE} \\\n      --tier x \\\n"  # noqa: ISC004
            "      --min-instances 0\n    b\n",
        ),
        (
            f"- env: {{M: 2}}\n  run: {CREATE} --min-instances $M",
            f"- env: {{M: 0}}\n  run: {CREATE} --min-instances $M",
        ),
        (
            f"- env:\n    M: '2'\n  run: >-\n    {CREATE}\n    --min-instances $M",
            f"- env:\n    M: 0\n  run: >-\n    {CREATE}\n    --min-instances $M",
        ),
    ],
)
def test_a_value_is_changed_where_it_is_written(before, after):
    text, wanted = f"steps:\n{before}\n", f"steps:\n{after}\n"
    document = decode("ci.yml", text.encode())
    cluster = load.read(document, Texts({"ci.yml": document})).resources[0]

    changed = apply(document, cluster.min_nodes.set(0).value.edits(0))

    assert changed in {wanted, wanted.replace("M: 0\n  run: >", "M: '0'\n  run: >")}
    again = read(changed).resources[0]
    assert again.min_nodes.known == 0


DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/azure-cli
ARG MIN=2
ENV RG=rg WS="ws"
ENV OLD style
RUN --mount=type=cache,target=/x az login && \\
    # a comment between
    az ml compute create -n train --type amlcompute \\
      -g $RG -w $WS --min-instances $MIN
RUN ["az", "ml", "compute", "create", "-n", "no"]
RUN <<EOF
az lock create -n l -t ReadOnly -g $RG
EOF
CMD az ml compute create -n no --type amlcompute
"""


def test_a_dockerfile_runs_commands():
    found = by_name(DOCKERFILE, path="Dockerfile")
    train = found["train"]

    assert sorted(found) == ["l", "train"]
    assert type(train) is ComputeCluster
    assert train.min_nodes.known == 2
    assert train.min_nodes.trace[-1].shown == "Dockerfile:3:9"
    assert str(train.id.parent).endswith(
        "rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    )
    document = train.grip.document
    assert apply(document, train.min_nodes.set(0).value.edits(0)) == DOCKERFILE.replace(
        "MIN=2", "MIN=0"
    )
