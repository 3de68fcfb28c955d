"""The files of `examples/` and `action.yml` do what they say, line by line."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from arm_server import ArmServer, Fault, World
from machine import Machine

from azmlint.cli import azmlint as command_line
from azmlint.history.store import History
from azmlint.report import FORMATS

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
GITHUB = [EXAMPLES / "github" / "audit.yml", EXAMPLES / "github" / "check.yml"]
KUBERNETES = sorted((EXAMPLES / "kubernetes").glob("*.yaml"))
AZURE_DEVOPS = EXAMPLES / "azure-devops" / "audit.yml"
GITLAB = EXAMPLES / "gitlab" / ".gitlab-ci.yml"
DOCKERFILE = EXAMPLES / "docker" / "Dockerfile"
ACTION = ROOT / "action.yml"
FILES = [*GITHUB, *KUBERNETES, AZURE_DEVOPS, GITLAB, DOCKERFILE, ACTION]
QUIET = 'select = ["min-nodes-above-zero"]\n'
CLUSTER = "$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json\n"
CLUSTER += "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: 2\n"
CLUSTER += "max_instances: 4\nidle_time_before_scale_down: 120\n"


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server():
    with ArmServer() as running:
        yield running


@pytest.fixture
def machine(tmp_path, server):
    server.reset(World(subscriptions=3, workspaces=4))
    return Machine(tmp_path, server)


def stage(machine, code):
    """Let the next audit end with a code."""
    machine.write("azmlint.toml", QUIET if code == 0 else "")
    if code == 3:
        machine.arm.reset(World(), Fault("403", "locks"))
    if code == 2:
        machine.write("azmlint.toml", "nonsense = 1\n")


BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


def steps(path, job):
    return load(path)["jobs"][job]["steps"]


def holds(condition, code):
    """Work out an `if` of a step after the step before it ended with a code."""
    text = re.sub(r"^\$\{\{|\}\}$", "", condition.strip())
    text = re.sub(r"steps\.\w+\.outputs\.code", repr(code), text)
    text = text.replace("!cancelled()", "True").replace("always()", "True")
    text = text.replace("!github.event.pull_request.head.repo.fork", "True")
    text = text.replace("&&", " and ").replace("||", " or ")
    assert re.fullmatch(r"[\s()'=!\d]*((and|or|True)[\s()'=!\d]*)*", text), text
    return eval(text)  # what is left are words that were looked at


@pytest.mark.posix
@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_the_audit_of_github_uploads_what_is_whole(machine, code):
    stage(machine, code)
    output = machine.folder / "output"
    ran = {}
    for step in steps(GITHUB[0], "audit"):
        if "run" in step:
            ran[step["name"]] = machine.run(step["run"], *BASH, GITHUB_OUTPUT=output)

    assert ran["Install azmlint"].returncode == 0
    assert (ran["Audit"].returncode == 0) == (code < 2)
    said = output.read_text().removeprefix("code=").strip() if output.exists() else ""
    assert said == (str(code) if code != 2 else "")
    last = steps(GITHUB[0], "audit")[-1]
    assert holds(last["if"], said) == (code < 2)
    if code < 2:
        files = sorted((machine.folder / last["with"]["sarif_file"]).glob("*.sarif"))
        runs = [run for file in files for run in json.loads(file.read_text())["runs"]]
        assert any(run["results"] for run in runs) == (code == 1)
    keeps = next(s for s in steps(GITHUB[0], "audit") if "cache/save" in s.get("uses", ""))
    assert holds(keeps["if"], said) == (code != 2)
    assert (machine.folder / keeps["with"]["path"]).exists() == (code != 2)


@pytest.mark.posix
@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_gate_of_github_fails_on_findings_and_uploads_them(machine, code):
    machine.write("cluster.yml", CLUSTER if code == 1 else CLUSTER.replace(": 2", ": 0"))
    accepted = "# azmlint: ignore[min-nodes-above-zero] demo"
    machine.write(
        "accepted.yml", CLUSTER.replace("min_instances: 2", f"min_instances: 2  {accepted}")
    )
    machine.write("azmlint.toml", "nonsense = 1\n" if code == 2 else "")
    output = machine.folder / "output"
    ran = [
        machine.run(step["run"], *BASH, GITHUB_OUTPUT=output)
        for step in steps(GITHUB[1], "check")
        if "run" in step
    ]

    assert [r.returncode for r in ran] == [0, code]
    # GitHub lists what is accepted as open.
    assert all("suppressions" not in f.read_text() for f in machine.folder.glob("*.sarif"))
    assert ("::warning title=" in ran[1].stdout) == (code == 1)
    assert output.read_text() == f"code={code}\n"
    assert holds(steps(GITHUB[1], "check")[-1]["if"], str(code)) == (code < 2)


@pytest.mark.posix
@pytest.mark.parametrize(
    ("arguments", "fail", "code", "ends"),
    [("", "true", 1, 1), ("", "false", 1, 0), ("check none.yml", "false", 2, 2)],
)
def test_the_action_runs_what_it_is_given(machine, arguments, fail, code, ends):
    machine.write("cluster.yml", CLUSTER)
    action = load(ACTION)
    output = machine.folder / "output"
    given = {"arguments": arguments or action["inputs"]["arguments"]["default"], "fail": fail}
    _, install, run = action["runs"]["steps"]
    installed = machine.run(install["run"], *BASH, EXTRAS="history", SOURCE="/action")
    done = machine.run(
        run["run"],
        *BASH,
        GITHUB_OUTPUT=output,
        ARGUMENTS=given["arguments"],
        FAIL=given["fail"],
        GITHUB_ACTIONS="true",
    )

    assert installed.returncode == 0
    assert machine.installed.read_text().split()[-1] == "/action[history]"
    assert done.returncode == ends
    assert output.read_text() == f"exit-code={code}\n"
    assert {"ARGUMENTS", "FAIL"} == set(run["env"])
    assert "${{" not in run["run"] + install["run"]


@pytest.mark.posix
def test_words_for_the_action_are_not_run(machine):
    action = load(ACTION)
    machine.run(
        action["runs"]["steps"][2]["run"],
        *BASH,
        GITHUB_OUTPUT=machine.folder / "output",
        ARGUMENTS="rules; touch ran $(touch ran) `touch ran`",
        FAIL="true",
    )

    assert not (machine.folder / "ran").exists()


@pytest.mark.posix
@pytest.mark.parametrize("code", [1, 2, 3])
def test_the_audit_of_azure_devops_publishes_what_is_whole(machine, code):
    stage(machine, code)
    script, audit, _, publish = load(AZURE_DEVOPS)["steps"][1:]
    installed = machine.run(script["script"], "bash", "--noprofile", "--norc")
    names = dict.fromkeys(audit["env"], "")
    staging = machine.folder / "staging"
    done = machine.run(
        audit["inputs"]["inlineScript"],
        *BASH[:3],
        **names | {"AZMLINT_HISTORY": "audits.db", "BUILD_ARTIFACTSTAGINGDIRECTORY": staging},
    )

    assert installed.returncode == 0
    assert done.returncode == (code if code > 1 else 0)
    assert ("variable=complete]true" in done.stdout) == (code < 2)
    assert ("result=SucceededWithIssues" in done.stdout) == (code == 1)
    assert "eq(variables['complete'], 'true')" in publish["condition"]
    made = {p.relative_to(staging).as_posix() for p in staging.rglob("*") if p.is_file()}
    assert made == ({"azmlint.xml", "sarif/azmlint.sarif"} if code != 2 else set())
    assert publish["inputs"]["PathtoPublish"].endswith("/sarif")


@pytest.mark.posix
@pytest.mark.parametrize("code", [1, 3])
def test_the_audit_of_gitlab_tells_findings_as_a_warning(machine, code):
    stage(machine, code)
    job = load(GITLAB)["azmlint-audit"]
    token = machine.folder / "token"
    done = machine.run(
        "\n".join(job["script"]),
        *BASH,
        AZURE_ID_TOKEN="a.b.c",
        AZURE_FEDERATED_TOKEN_FILE=token,
        AZMLINT_HISTORY="audits.db",
    )

    assert done.returncode == code
    assert job["allow_failure"] == {"exit_codes": [1]}
    assert token.read_text() == "a.b.c"
    assert token.stat().st_mode & 0o777 == 0o600
    files = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    assert all((machine.folder / name).exists() == (code != 2) for name in files)


@pytest.mark.posix
def test_the_gate_of_gitlab_writes_its_reports(machine):
    machine.write("cluster.yml", CLUSTER)
    job = load(GITLAB)["azmlint-check"]
    done = machine.run("\n".join(job["script"]), *BASH)

    assert done.returncode == 1
    quality = machine.folder / job["artifacts"]["reports"]["codequality"]
    assert json.loads(quality.read_text())[0]["location"]["path"] == "cluster.yml"


def container(path):
    return load(path)["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]


@pytest.mark.posix
@pytest.mark.parametrize("code", [0, 3])
def test_the_job_of_kubernetes_fails_where_something_is_wrong(machine, code):
    stage(machine, code)
    words = shlex.join(["azmlint", *container(KUBERNETES[0])["args"]])
    done = machine.run(words, "sh", AZMLINT_HISTORY="audits.db")

    assert done.returncode == code
    assert code == 2 or json.loads(done.stdout)["summary"]["complete"] == (code == 0)


@pytest.mark.posix
def test_the_indexed_job_reads_every_subscription_once(machine):
    spec = load(KUBERNETES[1])["spec"]["jobTemplate"]["spec"]
    shell, option, line = container(KUBERNETES[1])["command"]
    parts = [
        machine.run(line, shell, AZMLINT_HISTORY="audits.db", JOB_COMPLETION_INDEX=index)
        for index in range(spec["completions"])
    ]
    history = History(str(machine.folder / "audits.db"))
    read = [scope for run in history.runs() for scope in run.scopes]

    assert option == "-c"
    assert f"/{spec['completions']}" in line
    assert spec["parallelism"] == spec["completions"]
    assert [p.returncode for p in parts] == [0] * spec["completions"]
    assert len(read) == len(set(read)) == 3


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda p: p.stem)
def test_no_pod_may_do_more_than_it_needs(path):
    template = load(path)["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    own = container(path)["securityContext"]

    assert template["securityContext"]["runAsNonRoot"] is True
    assert template["restartPolicy"] == "Never"
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}
    secrets = {e["name"] for e in container(path)["env"] if "secretKeyRef" in e["valueFrom"]}
    assert secrets == {e["name"] for e in container(path)["env"]}


def instructions():
    text = re.sub(r"^#.*\n|\\\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def test_the_image_runs_as_nobody_in_particular():
    found = instructions()
    users = [value for name, value in found if name == "USER"]
    uid = users[-1].partition(":")[0]

    assert uid.isdecimal()
    assert int(uid) >= 10_000
    assert [json.loads(v) for n, v in found if n == "ENTRYPOINT"] == [["azmlint"]]
    assert all(":" in v.split()[0] for n, v in found if n == "FROM")
    assert container(KUBERNETES[0])["args"][0] == "audit"


def test_what_the_image_is_built_from_is_there():
    copied = [v.split() for n, v in instructions() if n == "COPY" and not v.startswith("--from")]

    assert all((ROOT / word).exists() for words in copied for word in words[:-1])


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_option_and_format_is_known(path):
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"--output[ =]\"?([a-z-]+)=", text))
    named |= set(re.findall(r"--format[ =]([a-z-]+)", text))
    known = {o for c in ("audit", "check", "snapshot") for p in options(c) for o in p.opts} | PIP
    commands = re.findall(r"azmlint (?:audit|check|snapshot)(?:[^\n]|(?<=\\)\n)*|- --[a-z-]+", text)
    used = {o for line in commands for o in re.findall(r"--[a-z][a-z-]+", line)}

    assert named <= {*FORMATS, "auto"}
    assert used <= known


PIP = {"--file", "--tag"}


def options(name):
    return command_line.get_command(None, name).params


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_action_is_pinned(path):
    uses = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))

    assert all(re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", use) for use in uses)


def checks():
    schemas = {
        "github": ("vendor.github-workflows", GITHUB),
        "action": ("vendor.github-actions", [ACTION]),
        "gitlab": ("vendor.gitlab-ci", [GITLAB], "--data-transform", "gitlab-ci"),
        "azure-devops": ("vendor.azure-pipelines", [AZURE_DEVOPS], "--regex-variant", "python"),
    }
    for name, (schema, paths, *words) in schemas.items():
        yield pytest.param(
            ["check-jsonschema", "--builtin-schema", schema, *words, *map(str, paths)], id=name
        )
    yield pytest.param(["kubernetes-validate", "--strict", *map(str, KUBERNETES)], id="kubernetes")
    yield pytest.param(
        [
            "zizmor",
            "--offline",
            "--no-progress",
            "--persona=pedantic",
            *map(str, [*GITHUB, ACTION]),
        ],
        id="zizmor",
    )


@pytest.mark.oracles
@pytest.mark.parametrize("words", list(checks()))
def test_other_programs_take_them(words, program):
    beside = Path(sys.executable).parent / words[0]
    tool = str(beside) if beside.exists() else program(words[0])
    done = subprocess.run([tool, *words[1:]], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.oracles
def test_a_language_server_of_dockerfiles_finds_nothing(npm_package, program):
    tool = npm_package("dockerfile-utils") / "bin" / "dockerfile-utils"
    done = subprocess.run(
        [program("node"), tool, "lint", DOCKERFILE], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.oracles
@pytest.mark.posix
def test_the_image_is_built_by_its_lines(tmp_path):
    source, target = tmp_path / "src", tmp_path / "opt"
    source.mkdir()
    found = instructions()
    for words in [v.split() for n, v in found if n == "COPY" and not v.startswith("--from")]:
        for word in words[:-1]:
            copy = shutil.copytree if (ROOT / word).is_dir() else shutil.copy
            copy(ROOT / word, source / word)
    line = next(v for n, v in found if n == "RUN").replace("/opt/azmlint", str(target))
    built = subprocess.run(
        ["sh", "-c", line.replace("python -m venv", f"{sys.executable} -m venv", 1)],
        cwd=source,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    version = subprocess.run(
        [target / "bin" / "azmlint", "--version"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )

    assert version.stdout.startswith("azmlint 0.1.0")
