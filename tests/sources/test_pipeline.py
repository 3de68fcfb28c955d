"""Scripts in workflows, pipelines and Dockerfiles: what they make, where, and how it is changed."""

from __future__ import annotations

import pytest

from azmlint.engine.fix import apply
from azmlint.engine.relevance import DOCKERFILE as DOCKERFILE_KIND
from azmlint.engine.relevance import concerns
from azmlint.model.resources import ComputeCluster, Lock, ToolUse
from azmlint.model.value import NotEditable
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
RUN ["az", "ml", "compute", "create", "-n", "words", "--type", "amlcompute", \\
     "--min-instances", "2", "--description", "it's $RG"]
RUN <<EOF
az lock create -n l -t ReadOnly -g $RG
EOF
SHELL ["az", "ml", "compute", "create", "-n", "no", "--type", "amlcompute"]
CMD az ml compute create -n start --type amlcompute
"""


def test_a_dockerfile_runs_commands():
    found = by_name(DOCKERFILE, path="Dockerfile")
    train = found["train"]

    assert sorted(found) == ["l", "start", "train", "words"]
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


def test_a_word_of_a_list_in_a_dockerfile_is_changed_and_none_is_added():
    words = by_name(DOCKERFILE, path="Dockerfile")["words"]

    edits = words.min_nodes.set(0).value.edits(0)
    assert apply(words.grip.document, edits) == DOCKERFILE.replace(
        '"--min-instances", "2"', '"--min-instances", "0"'
    )
    with pytest.raises(NotEditable, match="not read as it is written"):
        words.max_nodes.edits(4)


def test_a_dockerfile_that_only_lists_words_concerns_us():
    text = b'FROM x\nENTRYPOINT ["az", "ml", "compute", "create", "-n", "train"]\n'

    assert concerns("Dockerfile", text) is DOCKERFILE_KIND


# GitLab CI


def names(text, path="ci.yml"):
    found = {r.name: r for r in read(text, path).resources if isinstance(r, ComputeCluster)}
    return {n: (r.min_nodes.known, r.max_nodes.effective().known) for n, r in found.items()}


def test_what_comes_before_a_script_of_gitlab_is_in_its_shell_and_what_comes_after_is_not():
    text = f"""\
default:
  before_script:
    - export LEAST=2
variables:
  MOST: "7"
plain:
  script:
    - {CREATE} --min-instances $LEAST --max-instances $MOST
  after_script:
    - az ml compute create -n later --type amlcompute --min-instances $LEAST
own:
  variables: {{MOST: "8"}}
  before_script:
    - LEAST=3
  script:
    - az ml compute create -n own --type amlcompute --min-instances $LEAST --max-instances $MOST
"""

    assert names(text) == {"train": (2, 7), "later": (None, 4), "own": (3, 8)}


def test_a_job_of_gitlab_has_what_it_extends_and_refers_to():
    text = f"""\
.base:
  variables: {{LEAST: "1", MOST: "5"}}
  before_script: [export SIZE=Standard_D4s_v5]
.more:
  script:
    - az ml compute create -n more --type amlcompute
job:
  extends: [.base]
  variables: {{LEAST: "2"}}
  script:
    - !reference [.more, script]
    - [echo nothing]
    - {CREATE} --min-instances $LEAST --max-instances $MOST --size $SIZE
"""
    found = {r.name: r for r in read(text).resources if isinstance(r, ComputeCluster)}

    assert names(text) == {"train": (2, 5), "more": (None, 4)}
    assert found["train"].size.known == "Standard_D4s_v5"


def test_jobs_of_gitlab_do_not_see_each_other():
    text = f"""\
one:
  script: [export LEAST=2]
two:
  script:
    - {CREATE} --min-instances $LEAST
"""

    assert names(text) == {"train": (None, 4)}


def test_a_value_before_a_script_is_changed_there():
    text = f"""\
before_script:
  - export LEAST=2
one:
  script:
    - {CREATE} --min-instances "$LEAST"
"""
    (cluster,) = [r for r in read(text).resources if isinstance(r, ComputeCluster)]
    (edit,) = cluster.min_nodes.edits(0)

    assert apply(edit.document, [edit]) == text.replace("LEAST=2", "LEAST=0")


# What steps hand on


@pytest.mark.parametrize(
    "line",
    [
        'echo "LEAST=2" >> $GITHUB_ENV',
        "echo LEAST=2 >> ${GITHUB_ENV}",
        'echo "LEAST=2" | tee -a "$GITHUB_ENV"',
        '{ echo "A=1"; echo "LEAST=2"; } >> "$GITHUB_ENV"',
        "printf 'LEAST=%s\\n' 2 >> $GITHUB_ENV",
        'N=2; echo "LEAST=$N" >> $GITHUB_ENV',
        'if [ -z "$X" ]; then echo "LEAST=2"; fi >> $GITHUB_ENV',
    ],
)
def test_a_step_of_a_workflow_hands_variables_on(line):
    text = f"""\
jobs:
  one:
    steps:
      - run: |
          {line}
      - run: {CREATE} --min-instances $LEAST
  two:
    steps:
      - run: az ml compute create -n other --type amlcompute --min-instances $LEAST
"""

    assert names(text, ".github/workflows/a.yml") == {"train": (2, 4), "other": (None, 4)}


@pytest.mark.parametrize(
    "line",
    [
        '"LEAST=2" >> $env:GITHUB_ENV',
        '"LEAST=2" | Out-File -FilePath $env:GITHUB_ENV -Append',
        'Add-Content -Path $env:GITHUB_ENV -Value "LEAST=2"',
        'Write-Output "LEAST=2" | Out-File $env:GITHUB_ENV -Append',
    ],
)
def test_a_step_in_powershell_hands_variables_on(line):
    text = f"""\
jobs:
  one:
    steps:
      - shell: pwsh
        run: |
          {line}
      - run: {CREATE} --min-instances $LEAST
"""

    assert names(text, ".github/workflows/a.yml") == {"train": (2, 4)}


@pytest.mark.parametrize(
    "line", ['echo "least=2" >> $GITHUB_OUTPUT', 'echo "::set-output name=least::2"']
)
def test_outputs_of_a_step_are_known_in_the_next_one(line):
    text = f"""\
jobs:
  one:
    steps:
      - id: first
        run: {line!r}
      - run: {CREATE} --min-instances ${{{{ steps.first.outputs.least }}}}
"""

    assert names(text, ".github/workflows/a.yml") == {"train": (2, 4)}


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ('echo "##vso[task.setvariable variable=least.nodes]2"', "$(least.nodes)"),
        ('echo "##vso[task.setvariable variable=least.nodes]2"', "$LEAST_NODES"),
        ("echo '##vso[task.setvariable variable=x;isOutput=true]2'", "$(first.x)"),
        ('N=2; echo "##vso[task.setvariable variable=x;issecret=false]$N"', "$(x)"),
    ],
)
def test_a_step_of_azure_pipelines_sets_variables_for_the_next_one(line, use):
    text = f"""\
steps:
  - script: |
      {line}
    name: first
  - script: |
      {CREATE} --min-instances {use}
"""

    assert names(text, "azure-pipelines.yml") == {"train": (2, 4)}


def test_a_step_in_powershell_sets_variables_of_azure_pipelines():
    text = f"""\
steps:
  - pwsh: |
      Write-Host "##vso[task.setvariable variable=Least]2"
  - bash: {CREATE} --min-instances $(Least)
"""

    assert names(text, "azure-pipelines.yml") == {"train": (2, 4)}


def test_a_variable_is_not_set_in_the_step_that_hands_it_on():
    text = f"""\
jobs:
  one:
    steps:
      - run: |
          echo "LEAST=2" >> $GITHUB_ENV
          {CREATE} --min-instances $LEAST
"""

    assert names(text, ".github/workflows/a.yml") == {"train": (None, 4)}
