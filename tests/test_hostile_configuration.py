"""A configuration that lies in the scanned tree loads no code, leads nowhere and takes no time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from azmlint.cli import run
from azmlint.engine import policies
from azmlint.path_pattern import PathPatterns

CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2
"""
POLICY = {"if": {"field": "location", "equals": "Secretville"}, "then": {"effect": "deny"}}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Give a repository with a cluster; beside it lies what it has no business with."""
    place = tmp_path / "repository"
    place.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=place, check=True)
    monkeypatch.chdir(place)
    (place / "cluster.yml").write_text(CLUSTER)
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "policy.json").write_text(json.dumps(POLICY))
    (tmp_path / "private" / "sizes.json").write_text("{}")
    return place


@pytest.fixture
def check(project, capsys):
    def call(text, *words):
        (project / "azmlint.toml").write_text(text)
        capsys.readouterr()
        code = run(["check", *words, "."])
        return code, capsys.readouterr().err

    return call


@pytest.mark.parametrize(
    "text",
    [
        'packs = ["acme"]',
        'packs = ["azmlint_rules", "acme"]',
        'packs = ["acme.inner"]',
        'extends = "shared.toml"',
    ],
)
def test_no_code_is_loaded(project, check, monkeypatch, text):
    monkeypatch.syspath_prepend(str(project))
    (project / "acme").mkdir()
    for name in ("acme/__init__.py", "azmlint_rules.py", "sitecustomize.py", "json.py"):
        (project / name).write_text("open('sprung', 'w')")
    (project / "shared.toml").write_text('packs = ["acme"]')
    code, told = check(text)

    assert code == 2
    assert "--config" in told
    assert not (project / "sprung").exists()
    assert "acme" not in sys.modules


def test_the_program_runs_nothing_that_lies_beside_it(project):
    for name in ("sitecustomize", "json", "re", "click", "azmlint_rules", "yaml", "azmlint"):
        (project / f"{name}.py").write_text("open('sprung', 'w')")
    script = "import sys; from azmlint.cli import main; main(['check', '.'])"
    path = [p for p in sys.path if p]
    command = [sys.executable, "-P", "-c", f"import sys; sys.path[:0] = {path!r}; {script}"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "min-nodes-above-zero" in done.stdout
    assert not (project / "sprung").exists()


@pytest.mark.parametrize(
    "key",
    [
        *("arm_endpoint", "arm-endpoint", "auth", "cloud", "tenant", "credential", "endpoint"),
        *("notify", "notify_template", "history", "metrics", "output", "baseline", "snapshot"),
        *("plugins", "plugin", "proxy", "hook", "script", "command"),
    ],
)
def test_no_key_names_an_endpoint_a_credential_or_a_target(check, key):
    code, told = check(f'{key} = "http://127.0.0.1:1/"')

    assert code == 2
    assert "unknown key" in told


@pytest.mark.parametrize(
    "text",
    [
        'policies = ["../private/policy.json"]',
        'policies = ["../private/*.json"]',
        'policies = ["../**/*.json"]',
        'policies = ["*/../../private/*.json"]',
        'policies = ["linked/policy.json"]',
        'policies = ["linked.json"]',
        'policies = ["*.json"]',
        'policies = [{path = "ABSOLUTE/policy.json"}]',
        'policies = ["ABSOLUTE/*"]',
        'sizes = "../private/sizes.json"',
        'sizes = "ABSOLUTE/sizes.json"',
        'sizes = "linked/sizes.json"',
    ],
)
@pytest.mark.posix
def test_no_file_outside_the_project_is_read(project, check, text):
    private = project.parent / "private"
    (project / "inner").mkdir()
    (project / "linked").symlink_to("../private")
    (project / "linked.json").symlink_to("../private/policy.json")
    code, told = check(text.replace("ABSOLUTE", str(private)))

    assert code == 2
    assert len(told.splitlines()) == 1
    assert "--config" in told
    assert "Secretville" not in told


def test_a_file_that_is_named_may_lead_out(project, check):
    code, _ = check('policies = ["../private/policy.json"]', "--config", "azmlint.toml")

    assert code in {0, 1}


def test_a_folder_may_name_files_of_its_repository(project):
    (project / "policies").mkdir()
    (project / "policies" / "a.json").write_text(json.dumps(POLICY))
    (project / "team").mkdir()
    (project / "team" / "cluster.yml").write_text(CLUSTER)
    (project / "team" / "azmlint.toml").write_text('policies = ["../policies/*.json"]')

    assert run(["check", "team"]) == 1


@pytest.mark.posix
def test_links_in_a_circle_are_not_gone_round(project, check):
    for name in ("a", "b", "c"):
        (project / name).symlink_to(".")
    (project / "policy.json").write_text(json.dumps(POLICY))

    assert check('policies = ["**/*.json"]')[0] == 1


def test_a_pattern_that_takes_too_long_is_refused(project, check, monkeypatch):
    monkeypatch.setattr(policies, "LOOK_LIMIT", 2_000)
    place = project
    for number in range(16):
        place = place / f"d{number}"
        place.mkdir()
    code, told = check(f'policies = ["{"**/*/" * 8}*.json"]')

    assert code == 2
    assert "is looked for in more than 2000 places" in told


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 200 + "b",
        "**/a/" * 200 + "b",
        "**/*a*/" * 50 + "b",
        "?*" * 200 + "b",
        "[a-z]*" * 200 + "[!a]",
        "{a,b}" * 200,
        "[" * 5_000,
        "\\" * 5_001,
        "!" * 5_000,
        "/".join(["**"] * 2_000),
    ],
)
@pytest.mark.parametrize("path", ["a" * 4_000, "a/" * 2_000, "aa/" * 1_000 + "a" * 900])
def test_no_pattern_takes_time(pattern, path):
    assert PathPatterns([pattern]).match(path, is_folder=False) in {True, False}


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a" + ".a" * 50_000 + " = 1",
        "[" + "a." * 50_000 + "a]",
        "a = {" + "b = {" * 50_000,
        'a = """' + "\\" * 100_000,
        "select = [" + '"x",' * 50_000 + "]",
        "ignore = [" + ", ".join(f'"x{n}"' for n in range(20_000)) + "]",
        "[[workspaces]]\nx = 1\n" * 5_000,
        "\n".join(f"x{n} = 1" for n in range(10_000)),
    ],
)
def test_a_file_made_to_take_all_time_is_refused(check, text):
    code, told = check(text)

    assert code == 2
    assert told.startswith("azmlint: azmlint.toml")
    assert "internal failure" not in told
