"""`azmlint check` as a user calls it."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys

import pytest

from azmlint.cli import run
from azmlint.cli.options import has_color
from azmlint.report import FORMATS


def test_findings_end_with_one(azmlint, cluster):
    result = azmlint("check", "--format", "concise")

    assert result.code == 1
    assert result.out == (
        "cluster.yml:5:16: warning[min-nodes-above-zero] compute cluster 'train' keeps 2 nodes "
        "running and billed when no job needs them\n"
    )
    assert result.err == ""


def test_a_clean_project_ends_with_zero(azmlint, cluster, clean_text):
    cluster.write_text(clean_text)

    assert azmlint("check").code == 0


def test_an_empty_folder_is_clean(azmlint, project):
    assert azmlint("check").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--fail-on", "error"], 0),
        (["--fail-on", "none"], 0),
        (["--fail-on", "note"], 1),
        (["--exit-zero"], 0),
        (["--ignore", "min-nodes-above-zero"], 0),
        (["--ignore", "scale"], 0),
        (["--select", "locks"], 0),
        (["--select", "scale,locks"], 1),
        (["--min-severity", "error"], 1),
    ],
)
def test_options_decide_the_exit_code(azmlint, cluster, words, code):
    assert azmlint("check", *words).code == code


def test_the_format_never_changes_the_exit_code(azmlint, cluster):
    codes = {f: azmlint("check", "--format", f).code for f in ("text", "concise", "json", "sarif")}

    assert set(codes.values()) == {1}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["check", "missing.yml"], "missing.yml"),
        (["check", "--select", "min-node-above-zero"], "min-nodes-above-zero"),
        (["check", "--format", "xml"], "xml"),
        (["check", "--output", "json"], "FORMAT=PATH"),
        (["check", "--output", "json=-"], "--format"),
        (["check", "--output", "json=a", "--output", "sarif=./a"], "named twice"),
        (["check", "a.yml", "--output", "json=./a.yml"], "to be checked"),
        (["check", "-"], "--stdin-filename"),
        (["check", "--now", "tomorrow"], "tomorrow"),
        (["chekc"], "Did you mean 'check'"),
        (["explain", "min-nodes"], "min-nodes"),
        (["check", "--config", "none.toml"], "none.toml"),
        (["check", "--pack", "no_such_pack"], "no_such_pack"),
    ],
)
def test_wrong_usage_is_one_line_and_ends_with_two(azmlint, project, words, part):
    result = azmlint(*words)

    assert result.code in {2, 3}
    assert part in result.err
    assert "Traceback" not in result.err


def test_a_wrong_configuration_ends_with_two(azmlint, cluster, project):
    (project / "azmlint.toml").write_text("selct = []\n")
    result = azmlint("check")

    assert result.code == 2
    assert "select" in result.err


def test_options_of_rules_come_from_the_configuration(azmlint, cluster, project, clean_text):
    cluster.write_text(clean_text + "idle_time_before_scale_down: 1000\n")
    (project / "azmlint.toml").write_text("[rules.idle-timeout-too-long]\nseconds = 2000\n")

    assert azmlint("check").code == 0


def test_severities_come_from_the_configuration(azmlint, cluster, project):
    (project / "azmlint.toml").write_text('[rules.min-nodes-above-zero]\nseverity = "error"\n')

    assert azmlint("check", "--fail-on", "error").code == 1


@pytest.fixture
def stdin(monkeypatch):
    """Give bytes to standard input."""

    def give(raw):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    return give


@pytest.mark.parametrize(
    ("rule", "severity", "level"),
    [("min-nodes-above-zero", "note", "note"), ("idle-timeout-unset", "error", "error")],
)
def test_a_configured_severity_is_seen_in_every_profile(azmlint, project, rule, severity, level):
    (project / "main.json").write_text(json.dumps(TEMPLATE))
    (project / "azmlint.toml").write_text(f'[rules.{rule}]\nseverity = "{severity}"\n')
    data = json.loads(azmlint("check", "--format", "json").out)

    assert {f["rule"]: f["severity"] for f in data["findings"]}[rule] == level


def test_standard_input_is_read_under_a_name(azmlint, project, stdin, cluster):
    stdin(cluster.read_bytes())
    result = azmlint("check", "-", "--stdin-filename", "other.yml", "--format", "concise")

    assert result.code == 1
    assert result.out.startswith("other.yml:5:16: ")


def test_fix_changes_only_the_value(azmlint, cluster):
    before = cluster.read_text()
    cluster.chmod(0o640)
    result = azmlint("check", "--fix")

    assert result.code == 0
    assert cluster.read_text() == before.replace("min_instances: 2", "min_instances: 0")
    assert os.name == "nt" or cluster.stat().st_mode & 0o777 == 0o640
    assert azmlint("check", "--fix").code == 0


def test_diff_writes_nothing(azmlint, cluster):
    before = cluster.read_text()
    result = azmlint("check", "--diff")

    assert cluster.read_text() == before
    assert "-min_instances: 2  # warm\n+min_instances: 0  # warm\n" in result.out


def test_unsafe_fixes_are_applied_only_when_asked_for(azmlint, cluster, clean_text):
    text = clean_text + "identity:\n  type: system_assigned,user_assigned\n"
    cluster.write_text(text)
    azmlint("check", "--fix")
    assert cluster.read_text() == text

    azmlint("check", "--fix", "--unsafe-fixes")

    assert cluster.read_text() == text.replace(",user_assigned", "")


def test_line_endings_stay(azmlint, cluster):
    cluster.write_bytes(cluster.read_bytes().replace(b"\n", b"\r\n"))
    azmlint("check", "--fix")

    assert b"min_instances: 0  # warm\r\n" in cluster.read_bytes()


def test_a_suppressed_finding_is_reported_as_such(azmlint, cluster):
    text = cluster.read_text()
    cluster.write_text(text.replace("# warm", "# azmlint: ignore[min-nodes-above-zero] warm pool"))
    result = azmlint("check", "--format", "json")
    data = json.loads(result.out)

    assert result.code == 0
    assert data["findings"] == []
    assert data["suppressed"][0]["reason"] == "warm pool"
    assert azmlint("check", "--no-ignores").code == 1


def test_add_ignore_writes_a_comment_that_counts(azmlint, cluster):
    azmlint("check", "--add-ignore", "min-nodes-above-zero", "--reason", "warm pool")
    result = azmlint("check")

    assert "# azmlint: ignore[min-nodes-above-zero] warm pool\n" in cluster.read_text()
    assert result.code == 0


def test_reports_are_written_beside_the_terminal(azmlint, cluster, project):
    result = azmlint("check", "--output", "sarif=out.sarif", "--output", "json=out.json")

    assert "min-nodes-above-zero" in result.out
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((project / "out.json").read_text())["summary"]["exit_code"] == 1


def test_undecided_results_are_told_and_can_fail(azmlint, project):
    (project / "c.yml").write_text(
        "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: ${{MIN}}\n"
    )

    assert azmlint("check").code == 0
    assert azmlint("check", "--undecided", "fail").code == 3
    assert "undecided" in azmlint("check").out
    assert "undecided" not in azmlint("check", "--undecided", "ignore").out


def test_the_workspace_beside_a_cluster_is_read_though_not_given(azmlint, project, cluster):
    (project / "workspace.yml").write_text(
        "$schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json\n"
        "name: ws\nlocation: westeurope\n"
    )
    cluster.write_text(cluster.read_text() + "location: northeurope\n")
    result = azmlint("check", "cluster.yml", "--format", "concise")

    assert "cluster-in-other-region" in result.out
    assert "workspace.yml" not in result.out


def test_the_configuration_describes_a_workspace(azmlint, project, cluster):
    (project / "azmlint.toml").write_text(
        '[[workspaces]]\npaths = ["*.yml"]\nname = "ws"\nlocation = "westeurope"\n'
    )
    cluster.write_text(cluster.read_text() + "location: northeurope\n")

    assert "cluster-in-other-region" in azmlint("check").out


def test_what_is_not_read_is_noted_once(azmlint, project):
    (project / "main.yaml").write_text(
        "resources:\n  ws:\n    type: azure-native:machinelearningservices:Workspace\n"
    )
    result = azmlint("check", "--format", "concise")

    assert result.code == 0
    assert result.out.count("file-not-read") == 1


def test_skips_fail_when_asked_for(azmlint, cluster, project, clean_text):
    cluster.write_text(clean_text)
    (project / "binary.yml").write_bytes(b"\0amlcompute")

    assert azmlint("check").code == 0
    assert azmlint("check", "--fail-on-skip").code == 3


def test_the_same_bytes_give_the_same_bytes(azmlint, cluster, project):
    (project / "a").mkdir()
    (project / "a" / "other.yml").write_text(cluster.read_text())
    first = azmlint("check", "--format", "json").out

    assert azmlint("check", "--format", "json").out == first
    assert azmlint("check", "cluster.yml", "a", "--format", "json").out == first
    assert azmlint("check", "a", "cluster.yml", "--format", "json").out == first


@pytest.mark.parametrize("form", sorted({*FORMATS} - {"azure-devops"}))
def test_names_run_no_workflow_command_in_any_format(azmlint, project, form):
    (project / "c.yml").write_text(
        'name: "##vso[task.complete]"\ntype: amlcompute\nsize: s\nmin_instances: 1\n'
    )

    assert "##vso[" not in azmlint("check", "--format", form).out


def test_names_run_no_workflow_command(azmlint, project):
    (project / "c.yml").write_text(
        'name: "##vso[task.complete]\\e[31m"\ntype: amlcompute\nsize: s\nmin_instances: 1\n'
    )
    out = azmlint("check", "--format", "text").out

    assert "##vso[" not in out
    assert "\x1b" not in out


def test_a_password_never_reaches_a_report(azmlint, project):
    (project / "c.yml").write_text(
        "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\nssh_settings:\n"
        "  admin_username: me\n  admin_password: S3cretS3cret\n"
    )
    for form in ("text", "concise", "json", "sarif"):
        result = azmlint("check", "--profile", "strict", "--format", form)

        assert "ssh-password-in-file" in result.out
        assert "S3cretS3cret" not in result.out + result.err
    assert "S3cretS3cret" not in azmlint("show", "c.yml").out


@pytest.mark.parametrize(("words", "code"), [(["--select"], 1), (["--ignore"], 0)])
def test_a_file_that_cannot_be_read_is_told_unless_that_is_ignored(azmlint, project, words, code):
    (project / "a.yml").write_text("type: amlcompute\nname: [\n")
    name = "locks" if words == ["--select"] else "syntax-error"

    assert azmlint("check", *words, name).code == code


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--add-ignore", "min-nodes-above-zero"], "needs a --reason"),
        (["--reason", "x"], "belongs to --add-ignore"),
        (["--add-ignore", "scale", "--reason", "x"], "is a family"),
        (["--add-ignore", "min-node", "--reason", "x"], "did you mean 'min-nodes-above-zero'?"),
        (["--add-ignore", "min-nodes-above-zero", "--reason", "x", "--fix"], "choose one"),
        (["--stdin-filename", "x.yml"], "`-`, which is missing"),
        (["--select", "min-node"], "did you mean 'min-nodes-above-zero'?"),
    ],
)
def test_options_that_do_nothing_are_refused(azmlint, cluster, words, part):
    before = cluster.read_text()
    result = azmlint("check", *words)

    assert result.code == 2
    assert part in result.err
    assert result.out == ""
    assert cluster.read_text() == before


def test_add_ignore_says_when_there_is_nothing_to_ignore(azmlint, cluster, clean_text):
    cluster.write_text(clean_text)
    result = azmlint("check", "--add-ignore", "min-nodes-above-zero", "--reason", "warm pool")

    assert result.code == 0
    assert result.err == "azmlint: there is no finding of min-nodes-above-zero\n"


def test_add_ignore_shows_its_diff_without_writing(azmlint, cluster):
    before = cluster.read_text()
    result = azmlint(
        "check", "--add-ignore", "min-nodes-above-zero", "--reason", "warm pool", "--diff"
    )

    assert result.code == 1
    assert "+# azmlint: ignore[min-nodes-above-zero] warm pool\n" in result.out
    assert cluster.read_text() == before


def test_add_ignore_tells_where_no_comment_can_stand(azmlint, cluster, project):
    (project / "main.json").write_text(json.dumps(TEMPLATE))
    result = azmlint("check", "--add-ignore", "min-nodes-above-zero", "--reason", "warm pool")

    assert result.code == 1
    assert "main.json:1:" in result.err
    assert "the file is plain JSON" in result.err
    assert "changed 1 file" in result.err


TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": "Microsoft.MachineLearningServices/workspaces/computes",
            "apiVersion": "2024-10-01",
            "name": "ws/train",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": "Standard_D4s_v5",
                    "scaleSettings": {"minNodeCount": 1, "maxNodeCount": 4},
                },
            },
        }
    ],
}


def test_a_diff_can_be_applied_to_a_file_with_a_byte_order_mark(azmlint, cluster, project):
    cluster.write_bytes(b"\xef\xbb\xbf" + cluster.read_bytes().split(b"\n", 1)[1])
    result = azmlint("check", "--diff")
    subprocess.run(["git", "apply"], cwd=project, input=result.out.encode(), check=True)

    assert azmlint("check").code == 0


def test_a_diff_ends_like_the_files_as_they_are(azmlint, cluster, project):
    result = azmlint("check", "--diff", "--output", "json=out.json")
    data = json.loads((project / "out.json").read_text())

    assert result.code == 1
    assert data["summary"]["exit_code"] == 1
    assert len(data["findings"]) == 1


def test_standard_input_is_corrected_to_standard_output(azmlint, cluster, stdin):
    text = cluster.read_bytes()
    stdin(text)
    result = azmlint("check", "-", "--stdin-filename", "other.yml", "--fix")

    assert result.code == 0
    assert result.out.encode() == text.replace(b"min_instances: 2", b"min_instances: 0")
    assert "0 errors, 0 warnings" in result.err


@pytest.mark.parametrize("name", ["other.yml", "other.txt"])
def test_standard_input_that_needs_no_fix_comes_back_as_it_is(
    azmlint, project, stdin, clean_text, name
):
    stdin(clean_text.encode())
    result = azmlint("check", "-", "--stdin-filename", name, "--fix")

    assert result.code == 0
    assert result.out == clean_text


def test_a_named_file_that_is_not_read_is_told(azmlint, project, cluster):
    (project / "README.md").write_text("type: amlcompute\n")
    (project / "setup.py").write_text("print(1)\n")
    result = azmlint("check", "README.md", "setup.py")

    assert result.code == 0
    assert "README.md: skipped: azmlint reads no files of this kind\n" in result.out
    assert "setup.py" not in result.out
    assert azmlint("check", "README.md", "--fail-on-skip").code == 3


def test_one_format_is_written_to_several_files(azmlint, cluster, project):
    azmlint("check", "--output", "json=a.json", "--output", "json=b.json")

    assert (project / "a.json").read_bytes() == (project / "b.json").read_bytes()


def test_a_report_that_cannot_be_written_ends_with_three(azmlint, cluster):
    result = azmlint("check", "--output", "json=no/such/folder.json")

    assert result.code == 3
    assert result.err.startswith("azmlint: no/such/folder.json is not written: ")


@pytest.mark.parametrize(
    ("environment", "words", "is_colored"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1"}, ["--no-color"], False),
    ],
)
def test_the_environment_decides_on_colours(
    azmlint, cluster, monkeypatch, environment, words, is_colored
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert ("\x1b[" in azmlint("check", *words).out) is is_colored


@pytest.mark.parametrize(("term", "is_colored"), [("xterm", True), ("dumb", False)])
def test_a_terminal_shows_colours(monkeypatch, term, is_colored):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", term)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    assert has_color(Terminal()) is is_colored


def test_no_ignore_is_written_for_a_rule_that_is_enforced(azmlint, cluster, project):
    (project / "shared.toml").write_text('enforce = ["min-nodes-above-zero"]\n')
    (project / "azmlint.toml").write_text('extends = "shared.toml"\n')
    before = cluster.read_text()
    result = azmlint("check", "--add-ignore", "min-nodes-above-zero", "--reason", "warm")

    assert result.code == 2
    assert "enforced by a shared configuration" in result.err
    assert cluster.read_text() == before


def test_an_enforced_rule_runs_whatever_is_ignored(azmlint, cluster, project):
    (project / "shared.toml").write_text('enforce = ["min-nodes-above-zero"]\n')
    (project / "azmlint.toml").write_text(
        'extends = "shared.toml"\nignore = ["min-nodes-above-zero"]\n'
        "[rules.min-nodes-above-zero]\nseverity = 'note'\n"
    )
    text = cluster.read_text()
    cluster.write_text(text.replace("# warm", "# azmlint: ignore[min-nodes-above-zero] warm"))
    result = azmlint("check", "--ignore", "min-nodes-above-zero", "--format", "json")
    data = json.loads(result.out)

    assert [f["rule"] for f in data["findings"]] == ["min-nodes-above-zero", "ignore-unused"]
    assert data["findings"][0]["severity"] == "warning"
    assert data["suppressed"] == []
    told = [(s["path"], s["reason"].partition(" has no effect")[0]) for s in data["skipped"]]
    assert told == [
        ("azmlint.toml", "rules.min-nodes-above-zero"),
        ("azmlint.toml", "ignore: 'min-nodes-above-zero'"),
        ("--ignore", "'min-nodes-above-zero'"),
    ]


def test_templates_without_computes_are_surroundings(azmlint, project):
    network = {
        "$schema": TEMPLATE["$schema"],
        "resources": [
            {
                "type": "Microsoft.Network/virtualNetworks",
                "apiVersion": "2024-01-01",
                "name": "net",
                "location": "westeurope",
                "properties": {"addressSpace": {"addressPrefixes": ["172.17.0.0/16"]}},
            }
        ],
    }
    (project / "net.json").write_text(json.dumps(network))
    data = json.loads(azmlint("check", "--format", "json").out)
    shown = json.loads(azmlint("show", "net.json", "--format", "json").out)

    assert data["findings"] == []
    assert shown["resources"][0]["kind"] == "virtual network"


def started(*words, **environment):
    """Start the command line as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "azmlint", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break in another way")
@pytest.mark.parametrize("command", [["rules"], ["check"]])
def test_a_reader_that_goes_away_leaves_no_trace(project, command):
    clusters = (f"---\nname: t{i}\ntype: amlcompute\nmin_instances: 2\n" for i in range(800))
    (project / "many.yml").write_text("".join(clusters))
    process = started(*command)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 3
    assert err == b""


def test_a_stream_that_lacks_a_character_gets_an_escape(project):
    (project / "c.yml").write_text(
        "name: tr→n\ntype: amlcompute\nsize: s\nmin_instances: 2\n", encoding="utf-8"
    )
    process = started("check", "--format", "concise", PYTHONIOENCODING="cp1252")
    out, err = process.communicate()

    assert process.returncode == 1
    assert b"'tr\\u2192n'" in out
    assert err == b""


@pytest.mark.parametrize("ending", [KeyboardInterrupt, EOFError])
def test_an_interrupt_is_one_line_and_ends_with_three(azmlint, cluster, monkeypatch, ending):
    def stopped(*_args, **_kwargs):
        raise ending

    monkeypatch.setattr("azmlint.engine.project.load", stopped)
    result = azmlint("check")

    assert result.code == 3
    assert result.err.strip() == "azmlint: interrupted"


def test_shell_completion_ends_with_zero(project):
    process = started(_AZMLINT_COMPLETE="bash_complete", COMP_WORDS="azmlint ch", COMP_CWORD="1")
    out, _ = process.communicate()

    assert process.returncode == 0
    assert out.strip() == b"plain,check"


class Unheard(io.StringIO):
    """A standard output of which the reader went away."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    def write(self, text):
        if self.at == "write":
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        return len(text)

    def flush(self):
        if self.at == "flush":
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")


@pytest.mark.parametrize("at", ["write", "flush"])
def test_output_that_nobody_hears_is_incomplete(cluster, monkeypatch, at):
    monkeypatch.setattr(sys, "stdout", Unheard(at))

    assert run(["check"]) == 3


def test_an_executable_ends_with_the_code_and_does_what_is_due_at_the_end(cluster):
    program = "import atexit; from azmlint.cli import main; atexit.register(print, 'at the end');"
    ended = subprocess.run(
        [sys.executable, "-c", f"{program} main(['check', '--format', 'concise'])"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "min-nodes-above-zero" in ended.stdout
    assert ended.stdout.endswith("at the end\n")


@pytest.mark.skipif(sys.platform == "win32", reason="files have no greatest length there")
def test_a_file_that_cannot_be_written_keeps_its_finding_and_stops_no_other(azmlint, cluster):
    import resource  # noqa: PLC0415  # only where there is one

    stuck = cluster.with_name("stuck.yml")
    stuck.write_bytes(cluster.read_bytes() + b"# filler\n" * 200)
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, most))
    try:
        result = azmlint("check", "--fix", "--format", "json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))
    data = json.loads(result.out)

    assert result.code == 3
    assert [f["path"] for f in data["findings"]] == [stuck.name]
    (failure,) = data["failures"]
    assert (failure["path"], failure["stage"]) == (stuck.name, "write")
    assert "is not written: File too large" in failure["reason"]
    assert "min_instances: 0" in cluster.read_text()
    assert "azmlint: changed 1 file" in result.err


def test_without_a_standard_output_the_code_is_the_same(cluster, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)

    assert run(["check"]) == 1
    assert sys.stdout is None


def test_markdown_is_read_when_it_is_asked_for(azmlint, project):
    (project / "howto.md").write_text(
        "```bash\naz ml compute create -n train --type amlcompute --min-instances 2\n```\n"
    )

    assert "min-nodes-above-zero" not in azmlint("check").out
    assert "azmlint reads no files of this kind" in azmlint("check", "howto.md").out
    assert "howto.md:2:65: warning[min-nodes-above-zero]" in azmlint("check", "--include-docs").out


def test_a_long_line_of_a_fix_is_cut_and_shows_it(azmlint, project):
    template = json.loads(json.dumps(TEMPLATE))
    template["outputs"] = {"long": {"type": "string", "value": "x" * 300}}
    (project / "main.json").write_text(json.dumps(template))
    result = azmlint("check", "--select", "min-nodes-above-zero")

    (old,) = [line for line in result.out.splitlines() if line.startswith("    - ")]
    assert old.startswith("    - ...")
    assert old.endswith("...")


def test_a_comment_of_a_program_is_about_the_command_that_it_starts(azmlint, project):
    (project / "make.py").write_text(
        "import os\n"
        "# azmlint: ignore[min-nodes-above-zero] paid for\n"
        "os.system('az ml compute create -n train --type amlcompute --min-instances 2')\n"
    )
    result = azmlint("check", "--format", "json")
    report = json.loads(result.out)

    assert report["findings"] == []
    assert [s["reason"] for s in report["suppressed"]] == ["paid for"]


def test_the_name_of_a_compute_is_no_secret_of_a_file_that_is_not_read(azmlint, project):
    (project / "make.sh").write_text(
        "az ml compute create -n train -f gone.yml --min-instances 2\n"
    )
    result = azmlint("check")

    assert "compute cluster 'train'" in result.out


def test_a_program_that_only_calls_functions_of_another_is_judged(azmlint, project):
    (project / "infra").mkdir()
    (project / "infra" / "clusters.py").write_text(
        "from azure.ai.ml.entities import AmlCompute\n"
        "def make(name, least):\n"
        "    return ml.begin_create(AmlCompute(name=name, min_instances=least))\n"
    )
    (project / "main.py").write_text("from infra.clusters import make\nmake('train', 2)\n")
    (project / "twice.py").write_text("import main\nfrom unrelated import infra\n")
    result = azmlint("check", "--format", "concise")

    assert result.out == (
        "infra/clusters.py:3:64: warning[min-nodes-above-zero] compute cluster 'train' keeps 2 "
        "nodes running and billed when no job needs them\n"
    )
