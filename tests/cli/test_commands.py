"""The other commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from azmlint.engine.packs import entries


def test_version_names_the_packs(azmlint):
    result = azmlint("--version")

    assert result.code == 0
    assert result.out.startswith("azmlint 0.1.0 (packs: azmlint_rules")


def test_help_lists_every_command(azmlint):
    out = azmlint("--help").out

    assert all(name in out for name in ("check", "explain", "graph", "init", "rules", "show"))


@pytest.mark.parametrize(
    "name", ["check", "completion", "explain", "graph", "init", "rules", "show"]
)
def test_every_command_has_help(azmlint, name):
    result = azmlint(name, "--help")

    assert result.code == 0
    assert "Usage: azmlint" in result.out


def test_rules_lists_what_a_profile_runs(azmlint, project):
    default = azmlint("rules").out.splitlines()
    strict = azmlint("rules", "--profile", "strict").out.splitlines()

    assert len(strict) == len(entries())
    assert 0 < len(default) < len(strict)


def test_rules_as_data(azmlint, project):
    rows = {r["name"]: r for r in json.loads(azmlint("rules", "--format", "json").out)["rules"]}

    row = rows["idle-timeout-too-long"]
    assert row["family"] == "scale"
    assert row["fix_kinds"] == ["safe"]
    assert row["options"][0]["name"] == "seconds"
    assert row["inputs"] == [
        "ARM JSON",
        "Python SDK v1",
        "Python SDK v2",
        "Terraform",
        "az ml YAML",
    ]


def test_explain_shows_a_page(azmlint, project):
    assert "## Why" in azmlint("explain", "min-nodes-above-zero").out
    assert "suppression" in azmlint("explain", "ignore-unused").out


def test_explain_lists_a_family(azmlint, project):
    out = azmlint("explain", "scale").out

    assert out.startswith("'scale' is a family of ")
    assert "min-nodes-above-zero" in out


def test_rules_names_families(azmlint, project):
    row = next(r for r in azmlint("rules").out.splitlines() if r.startswith("min-nodes-above-zero"))

    assert row.split()[1:3] == ["scale", "warning"]


def test_show_tells_values_defaults_and_reasons(azmlint, cluster):
    cluster.write_text(cluster.read_text().replace("max_instances: 4", "max_instances: $(MAX)"))
    text = azmlint("show", "cluster.yml").out
    data = json.loads(azmlint("show", "cluster.yml", "--format", "json").out)

    properties = data["resources"][0]["properties"]
    assert properties["min_nodes"]["value"] == 2
    assert properties["min_nodes"]["trace"][0]["start"] == {"line": 5, "column": 16}
    assert properties["max_nodes"]["state"] == "unknown"
    assert "$(MAX)" in properties["max_nodes"]["reason"]
    assert properties["tier"]["default"]["value"] == "dedicated"
    assert "min_nodes: 2  [cluster.yml:5:16 (use)]" in text
    assert "not written; dedicated by default" in text


def test_show_lists_what_a_condition_switches_off_and_check_does_not_judge_it(azmlint, project):
    vault = {"type": "Microsoft.KeyVault/vaults", "apiVersion": "2024-11-01", "name": "v"}
    workspace = {
        "type": "Microsoft.MachineLearningServices/workspaces",
        "apiVersion": "2025-12-01",
        "name": "w",
        "condition": "[parameters('on')]",
        "location": "westeurope",
        "properties": {"publicNetworkAccess": "Enabled"},
    }
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"on": {"type": "bool", "defaultValue": False}},
        "resources": [vault, workspace],
    }
    (project / "t.json").write_text(json.dumps(template))
    shown = json.loads(azmlint("show", "t.json", "--format", "json").out)["resources"]

    assert {r["name"]: r["exists"] for r in shown if r["kind"] != "tool use"} == {
        "v": True,
        "w": False,
    }
    assert "created: no" in azmlint("show", "t.json").out
    assert json.loads(azmlint("check", "--format", "json").out)["findings"] == []


@pytest.mark.parametrize("form", ["dot", "json", "mermaid"])
def test_graph_draws_what_is_declared(azmlint, cluster, form):
    result = azmlint("graph", "--format", form)

    assert result.code == 0
    assert "train" in result.out


def test_init_writes_a_configuration_that_loads(azmlint, cluster, project):
    assert azmlint("init").code == 0
    assert azmlint("check", "--exit-zero").code == 0
    assert azmlint("init").code == 2
    assert azmlint("init", "--force").code == 0
    assert "[" in azmlint("init", "--stdout").out


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_completion_is_shell_code(azmlint, shell):
    assert "_AZMLINT_COMPLETE" in azmlint("completion", shell).out


def test_the_module_runs(project):
    done = subprocess.run(
        [sys.executable, "-m", "azmlint", "--version"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0


def test_checking_files_loads_no_azure_package_and_no_networkx(cluster, project):
    code = (
        "import sys; from azmlint.cli import run; run(['check', '--exit-zero']);"
        "bad = {m.split('.')[0] for m in sys.modules} & {'azure', 'networkx', 'rich', 'pickle'};"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_an_internal_failure_ends_with_three(azmlint, cluster, monkeypatch):
    def broken(*_args, **_kwargs):
        message = "boom"
        raise RuntimeError(message)

    monkeypatch.setattr("azmlint.engine.project.load", broken)
    result = azmlint("check")

    assert result.code == 3
    assert (
        result.err
        == "azmlint: internal failure: RuntimeError: boom (azmlint --verbose ... shows where)\n"
    )
    assert "Traceback" in azmlint("--verbose", "check").err


def test_a_traceback_holds_no_secret(azmlint, cluster, monkeypatch):
    def broken(*_args, **_kwargs):
        message = "at\x1b[31m https://st.x/c?sv=1&sig=Pl4ntedSignature0123456789abcdef%3D"
        raise RuntimeError(message)

    monkeypatch.setattr("azmlint.engine.project.load", broken)
    told = azmlint("--verbose", "check").err

    assert "RuntimeError" in told
    assert "Pl4nted" not in told
    assert "\x1b" not in told


def test_init_tells_when_it_cannot_write(azmlint, project, monkeypatch):
    (project / "azmlint.toml").mkdir()
    result = azmlint("init", "--force")

    assert result.code == 3
    assert result.err.startswith("azmlint: azmlint.toml is not written: ")


def test_show_tells_what_it_cannot_read(azmlint, project):
    (project / "broken.yml").write_text("type: amlcompute\n- x\n")
    (project / "other.yml").write_text("hello: world\n")
    (project / "binary.yml").write_bytes(b"\0")

    assert azmlint("show", "broken.yml").out.startswith("broken.yml:2:")
    assert azmlint("show", "other.yml").out == "nothing that azmlint judges is declared here\n"
    assert "binary.yml: is binary" in azmlint("show", "binary.yml").out


def test_show_tells_whether_a_resource_is_created(azmlint, project):
    def lock(name, *, condition):
        return {
            "type": "Microsoft.Authorization/locks",
            "apiVersion": "2020-05-01",
            "name": name,
            "condition": condition,
            "properties": {"level": "CanNotDelete"},
        }

    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"on": {"type": "bool"}},
        "resources": [
            lock("never", condition=False),
            lock("maybe", condition="[parameters('on')]"),
        ],
    }
    (project / "main.json").write_text(json.dumps(template))
    out = azmlint("show", "main.json").out

    assert "  created: no\n" in out
    assert "  created: open: " in out


def test_the_executable_ends_with_the_code(project):
    done = subprocess.run(
        [sys.executable, "-m", "azmlint", "check", "no.yml"], capture_output=True, check=False
    )

    assert done.returncode == 2


def test_completion_of_a_mistyped_command_is_silent(project):
    environment = {
        **os.environ,
        "_AZMLINT_COMPLETE": "bash_complete",
        "COMP_WORDS": "azmlint chekc --f",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(
        [sys.executable, "-m", "azmlint"], capture_output=True, env=environment, check=False
    )

    assert done.returncode == 0
    assert done.stderr == b""
