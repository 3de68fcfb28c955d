"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest
import yaml

from azmlint.sources import load

pytestmark = pytest.mark.skipif(
    find_spec("pre_commit") is None or which("git") is None,
    reason="pre-commit and git are not both installed",
)

MANIFEST = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}
BUSY = """\
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2  # warm
max_instances: 4
idle_time_before_scale_down: 120
"""
IDLE = BUSY.replace("2  # warm", "0  # warm")


class Repository:
    """A git repository with hooks made from the manifest's, which need no network."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT"))},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "PRE_COMMIT_HOME": str(folder.parent / "pre-commit"),
            "NO_COLOR": "1",
        }
        folder.mkdir()
        self.run("git", "init", "-q")
        program = f'"{Path(sys.executable).as_posix()}" -m azmlint'
        hooks = [
            {**hook, "language": "system", "entry": re.sub("^azmlint", program, hook["entry"])}
            for hook in HOOKS.values()
        ]
        text = yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})
        self.write(**{".pre-commit-config.yaml": text})

    def run(self, *words):
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def write(self, **files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.run("git", "add", ".")

    def commit(self):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        self.run("git", *who, "commit", "-qm", "x", "--no-verify")

    def hook(self, name):
        return self.run(sys.executable, "-m", "pre_commit", "run", name)


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "project")


def test_the_manifest_is_valid():
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert list(HOOKS) == ["azmlint", "azmlint-fix", "azmlint-project"]


@pytest.mark.parametrize("name", ["azmlint", "azmlint-fix"])
def test_hooks_get_the_files_that_are_read(name):
    pattern = HOOKS[name]["files"]

    suffixes = (
        *(*load.YAML_SUFFIXES, *load.JSON_SUFFIXES, *load.BICEP_SUFFIXES, *load.PYTHON_SUFFIXES),
        *(*load.TERRAFORM_SUFFIXES, *load.SCRIPT_SUFFIXES, load.NOTEBOOK_SUFFIX),
    )
    names = (*(f"a{suffix}" for suffix in suffixes), "Dockerfile", "b/Dockerfile.prod")
    assert [n for n in names if not re.search(pattern, n)] == []
    assert [n for n in ("a.txt", "a.md", "Dockerfile/a.c") if re.search(pattern, n)] == []


def test_changed_files_are_judged_and_no_others(repository):
    repository.write(**{"old.yml": BUSY})
    repository.commit()
    repository.write(**{"new.yml": BUSY.replace("train", "second"), "readme.md": "text"})
    done = repository.hook("azmlint")

    assert done.returncode == 1, done.stdout
    assert "exit code: 1" in done.stdout
    assert "'second' keeps 2 nodes running" in done.stdout
    assert "'train'" not in done.stdout


def test_a_clean_change_passes(repository):
    repository.write(**{"new.yml": IDLE})

    assert repository.hook("azmlint").returncode == 0


def test_changed_files_that_a_search_would_leave_out_are_left_out(repository):
    chart = "kind: Service\n{{- if .Values.port }}\nport: 1\n{{- end }}\n"
    files = {"chart/service.yaml": chart, "old/cluster.yml": BUSY, "broken.json": "{,}"}
    repository.write(**files, **{"azmlint.toml": 'exclude = ["old/"]\n'})
    done = repository.hook("azmlint")

    assert done.returncode == 0, done.stdout


def test_fixing_fails_once_and_passes_then(repository):
    repository.write(**{"new.yml": BUSY})
    first = repository.hook("azmlint-fix")
    fixed = (repository.folder / "new.yml").read_text(encoding="utf-8")
    repository.run("git", "add", ".")
    second = repository.hook("azmlint-fix")

    assert first.returncode == 1
    assert "files were modified by this hook" in first.stdout
    assert fixed == IDLE
    assert second.returncode == 0, second.stdout


def test_the_whole_repository_is_judged_whatever_changed(repository):
    repository.write(**{"old.yml": BUSY})
    repository.commit()
    repository.write(**{"readme.md": "text"})
    done = repository.hook("azmlint-project")

    assert done.returncode == 1, done.stdout
    assert "'train' keeps 2 nodes running" in done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A repository that takes the hooks from this one, as pre-commit installs them."""
    root = MANIFEST.parent
    if subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=False).returncode:
        pytest.skip("this is no checkout of the repository")
    repository = Repository(tmp_path_factory.mktemp("installed") / "project")
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()
    hooks = [{"id": name} for name in HOOKS]
    config = {"repos": [{"repo": root.as_uri(), "rev": head, "hooks": hooks}]}
    repository.write(**{".pre-commit-config.yaml": yaml.safe_dump(config)})
    done = repository.run(sys.executable, "-m", "pre_commit", "install-hooks")
    assert done.returncode == 0, done.stdout + done.stderr
    return repository


@pytest.mark.oracles
def test_pre_commit_tries_the_repository(tmp_path):
    repository = Repository(tmp_path / "project")
    repository.write(**{"new.yml": BUSY})

    done = repository.run(
        *(sys.executable, "-m", "pre_commit", "try-repo", str(MANIFEST.parent)),
        *("azmlint", "--all-files"),
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "'train' keeps 2 nodes running" in done.stdout


@pytest.mark.oracles
def test_installed_hooks_need_no_network(installed, program):
    repository = installed
    repository.write(**{"new.yml": BUSY})
    command = (sys.executable, "-m", "pre_commit", "run", "azmlint", "--all-files")
    alone = (program("unshare"), "--net", "--map-root-user", "--user")
    if repository.run(*alone, "true").returncode:
        pytest.skip("no network namespace can be made here")

    done = repository.run(*alone, *command)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "'train' keeps 2 nodes running" in done.stdout


@pytest.mark.oracles
def test_thousands_of_files_are_judged_in_one_process(installed):
    repository = installed
    folder = "a" * 100
    repository.write(
        **{f"{folder}/{i}.yml": BUSY.replace("train", f"c{i:04}") for i in range(3000)}
    )

    whole = repository.run(
        sys.executable, "-m", "pre_commit", "run", "azmlint-project", "--all-files"
    )
    files = repository.run(sys.executable, "-m", "pre_commit", "run", "azmlint", "--all-files")

    # pre-commit parts long lists of files, and each part has its own summary.
    assert whole.stdout.count(" in 3000 files") + whole.stdout.count(" in 3001 files") == 1
    assert len(re.findall(r" in \d+ files", files.stdout)) > 1
    assert whole.returncode == files.returncode == 1
