import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from azmlint import config
from azmlint.engine import discover as discovery
from azmlint.engine.discover import Found, concerns, discover, not_read, read, surrounds, trouble
from azmlint.engine.report import Failure, Skip
from azmlint.errors import ConfigError, SourceError
from azmlint.sources.document import decode

CORPUS = os.environ.get("AZMLINT_CORPUS")


def settings(root, text=""):
    (root / "azmlint.toml").write_text(text)
    return config.load(root, None, {}, ())


def tree(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


def names(found):
    return [file.path for file in found.files]


@pytest.fixture(params=["git", "no git"])
def root(request, tmp_path):
    place = tmp_path / "project"
    place.mkdir()
    if request.param == "git":
        subprocess.run(["git", "init", "-q"], cwd=place, check=True)
    return place


def test_files_are_found_by_suffix_and_sorted(root):
    tree(root, "b.yml", "a/z.JSON", "a/m.bicep", "notes.txt", "Dockerfile", "x.lock")

    found = discover([root], settings(root))

    assert names(found) == ["Dockerfile", "a/m.bicep", "a/z.JSON", "b.yml"]
    assert found.skipped == found.failures == ()


def test_gitignore_is_respected(root):
    tree(root, "a.yml", "out/b.yml", "in/c.yml", "in/keep.yml", "in/deep/d.yml")
    (root / ".gitignore").write_text("/out/\n")
    (root / "in" / ".gitignore").write_text("*.yml\n!keep.yml\n")

    assert names(discover([root], settings(root))) == ["a.yml", "in/keep.yml"]


def test_named_files_are_taken_whatever_they_are(root):
    tree(root, "out/b.yml", "notes.txt", "ex/c.yml")
    (root / ".gitignore").write_text("/out/\n")
    found = discover(
        [root / "out" / "b.yml", root / "notes.txt", root / "ex" / "c.yml"],
        settings(root, 'exclude = ["ex/"]'),
    )

    assert names(found) == ["ex/c.yml", "notes.txt", "out/b.yml"]
    assert all(file.is_explicit for file in found.files)


def test_named_files_can_be_taken_as_a_search_would(root):
    tree(root, "a.yml", "notes.md", "old/b.yml")
    given = [root / "a.yml", root / "notes.md", root / "old" / "b.yml"]
    found = discover(given, settings(root, 'exclude = ["old/"]'), as_found=True)

    assert [(f.path, f.is_explicit) for f in found.files] == [("a.yml", False)]


def test_a_named_folder_that_git_ignores_is_searched(root):
    tree(root, "out/b.yml")
    (root / ".gitignore").write_text("/out/\n")

    assert names(discover([root / "out"], settings(root))) == ["out/b.yml"]


def test_excluded_files_are_left_out(root):
    tree(root, "a.yml", "ex/b.yml", "ex/c/d.yml", "x/e.test.json")

    found = discover([root], settings(root, 'exclude = ["ex/", "*.test.json"]'))

    assert names(found) == ["a.yml"]


def test_only_the_given_folders_are_searched(root):
    tree(root, "a/x.yml", "b/y.yml", "c/z.yml")

    assert names(discover([root / "a", root / "c"], settings(root))) == ["a/x.yml", "c/z.yml"]


def test_a_missing_path_is_an_error_of_the_user(root):
    with pytest.raises(ConfigError, match=r"gone\.yml: there is no such file or folder"):
        discover([root / "gone.yml"], settings(root))


def test_tools_folders_are_not_entered(tmp_path):
    tree(tmp_path, "node_modules/a.json", ".terraform/b.tf", "venv/c.py", "own/d.py")

    assert names(discover([tmp_path], settings(tmp_path))) == ["own/d.py"]


def test_tracked_files_that_are_gone_are_no_trouble(tmp_path):
    tree(tmp_path, "a.yml", "b.yml")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    (tmp_path / "a.yml").unlink()

    found = discover([tmp_path], settings(tmp_path))

    assert names(found) == ["b.yml"]
    assert found.failures == ()


def test_a_repository_within_is_searched_too(tmp_path):
    tree(tmp_path, "a.yml", "inner/b.yml", "inner/ignored.yml")
    for place in (tmp_path, tmp_path / "inner"):
        subprocess.run(["git", "init", "-q"], cwd=place, check=True)
    (tmp_path / "inner" / ".gitignore").write_text("ignored.yml")

    assert names(discover([tmp_path], settings(tmp_path))) == ["a.yml", "inner/b.yml"]


def test_without_git_the_search_goes_on(tmp_path, monkeypatch):
    tree(tmp_path, "a.yml", "out/b.yml")
    (tmp_path / ".gitignore").write_text("out/")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.setenv("PATH", "")

    assert names(discover([tmp_path], settings(tmp_path))) == ["a.yml"]


@pytest.mark.posix
def test_a_hook_of_the_repository_is_not_run(tmp_path):
    tree(tmp_path, "a.yml")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    subprocess.run(["git", "config", "core.fsmonitor", str(trap)], cwd=tmp_path, check=True)

    discover([tmp_path], settings(tmp_path))

    assert not (tmp_path / "sprung").exists()


@pytest.mark.posix
def test_odd_things_are_listed_and_stop_nothing(root):
    outside = root.parent / "outside.yml"
    outside.write_text("x")
    tree(root, "good.yml", "other/real.yml")
    os.mkfifo(root / "pipe.yml")
    (root / "loop.yml").symlink_to("loop.yml")
    (root / "circle").symlink_to(".")
    (root / "away.yml").symlink_to(outside)
    (root / "broken.yml").symlink_to("nowhere")
    (root / "again.yml").symlink_to("good.yml")
    (root / "x.json").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)
        server.bind("socket.yml")
        os.chdir(here)

        found = discover([root], settings(root))

    assert names(found) == ["good.yml", "other/real.yml"]
    assert found.failures == ()
    assert {s.path: s.reason for s in found.skipped} == {
        "away.yml": "is a link to something outside the project root",
        "broken.yml": "is a link to something that does not exist",
        "loop.yml": "is a link that cannot be followed: symbolic links go round in a circle",
        "pipe.yml": "is a named pipe, not a file",
        "socket.yml": "is a socket, not a file",
    }


@pytest.mark.posix
def test_a_link_to_a_file_outside_the_given_folders_is_read(root):
    tree(root, "shared/base.yml", "app/own.yml")
    (root / "app" / "base.yml").symlink_to("../shared/base.yml")

    assert names(discover([root / "app"], settings(root))) == ["app/base.yml", "app/own.yml"]


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_a_failure(root):
    tree(root, "closed/a.yml", "b.yml")
    (root / "closed").chmod(0)

    found = discover([root], settings(root))

    (root / "closed").chmod(0o755)
    assert names(found) == ["b.yml"]
    assert [f.path for f in found.failures] == ["closed"]


@pytest.mark.posix
def test_a_named_pipe_that_is_named_is_skipped(root):
    os.mkfifo(root / "pipe")

    found = discover([root / "pipe"], settings(root))

    assert [s.reason for s in found.skipped] == ["is a named pipe, not a file"]


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
def test_a_name_that_is_no_utf_8_is_shown_escaped(root):
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.yml")).write_text("x")

    (file,) = discover([root], settings(root)).files

    assert file.path == r"caf\xe9.yml"
    assert read(file) == b"x"


def reading(path):
    try:
        return read(Found(path.name, path, is_explicit=False), 100)
    except SourceError as error:
        return trouble(Found(path.name, path, is_explicit=False), error)


@pytest.mark.posix
def test_reading_gives_bytes_or_one_clear_line(tmp_path):
    (tmp_path / "ok.yml").write_bytes(b"a: \xff")
    (tmp_path / "long.yml").write_bytes(b"a" * 101)
    (tmp_path / "binary.yml").write_bytes(b"a\0b")
    (tmp_path / "wide.json").write_bytes("{}".encode("utf-16"))
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe")

    found = {p.name: reading(p) for p in [*tmp_path.iterdir(), tmp_path / "gone"]}

    assert found == {
        "ok.yml": b"a: \xff",
        "long.yml": Skip("long.yml", "discover", "is longer than 0 MB"),
        "binary.yml": Skip("binary.yml", "discover", "is binary: it has NUL bytes"),
        "wide.json": "{}".encode("utf-16"),
        "folder.json": Skip("folder.json", "discover", "is a folder, not a file"),
        "pipe": Skip("pipe", "discover", "is a named pipe, not a file"),
        "gone": Failure("gone", None, "discover", "No such file or directory"),
    }


def test_a_long_file_is_read_whole(tmp_path):
    (tmp_path / "x.json").write_bytes(b"x" * 3_000_000)

    raw = read(Found("x.json", tmp_path / "x.json", is_explicit=False))

    assert len(raw) == 3_000_000


CLUSTER = "name: a\ntype: amlcompute\nsize: x\n"


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a.yml", CLUSTER, "az ml YAML"),
        ("a.yaml", CLUSTER.replace("amlcompute", "AmlCompute"), "az ml YAML"),
        ("a.yml", "type: 'compute_instance'\nname: x", "az ml YAML"),
        ("a.yml", "type: &t computeinstance", "az ml YAML"),
        ("a.yml", "type: kubernetes\nnamespace: x", "az ml YAML"),
        ("a.yml", "$schema: https://x/latest/workspace.schema.json\nname: a", "az ml YAML"),
        ("a.yml", "$schema: https://x/latest/hub.schema.json\nname: a", "az ml YAML"),
        ("a.yml", "name: w\nkey_vault: x\nstorage_account: y", "az ml YAML"),
        (
            "a.yml",
            "$schema: https://x/managedOnlineDeployment.schema.json\nname: d",
            "az ml YAML",
        ),
        ("a.yml", "endpoint_name: e\ninstance_type: s\ninstance_count: 1", "az ml YAML"),
        ("a.yml", "$schema: https://x/commandJob.schema.json\ncompute: azureml:cpu", None),
        ("a.yml", "kind: Deployment\nmetadata: {namespace: kubernetes}", None),
        ("a.json", '{"type": "Microsoft.MachineLearningServices/workspaces"}', "an ARM template"),
        ("a.json", '{"type": "microsoft.authorization/LOCKS"}', "an ARM template"),
        ("a.jsonc", '{"type": "Microsoft.Storage/x/providers/locks"}', "an ARM template"),
        ("a.json", '{"type": "Microsoft.Storage/storageAccounts"}', None),
        (
            "a.bicep",
            "resource w 'Microsoft.MachineLearningServices/workspaces@2024-04-01' = {",
            "Bicep",
        ),
        (
            "a.bicep",
            "resource w 'Microsoft.MachineLearningServices/workspaces@2024-04-01' existing = {",
            "Bicep",
        ),
        ("a.bicep", "resource v 'Microsoft.Network/virtualNetworks@2024-01-01' = {", None),
        ("a.bicepparam", "using './a.bicep' // Microsoft.MachineLearningServices/workspaces", None),
        ("a.tf", 'resource "azurerm_machine_learning_compute_cluster" "c" {', "Terraform"),
        ("a.tf", 'resource "azurerm_virtual_network" "n" {', None),
        ("a.tofu", 'resource "azurerm_management_lock" "l" {', "Terraform"),
        ("a.tf", '  type = "Microsoft.MachineLearningServices/workspaces@2024-04-01"', "Terraform"),
        (
            "a.tf.json",
            '{"resource": {"azurerm_machine_learning_workspace": {}}}',
            "Terraform",
        ),
        (
            "plan.json",
            '{"planned_values": [{"type": "azurerm_machine_learning_workspace"}]}',
            "a Terraform plan",
        ),
        ("a.py", "from azure.ai.ml.entities import AmlCompute\nc = AmlCompute(name='x')", "Python"),
        ("a.py", "from azureml.core import Run\n", "Python"),
        ("a.py", "from azure.identity import ManagedIdentityCredential\n", "Python"),
        ("a.py", "from azure.ai.ml import load_compute\n", "Python"),
        ("a.py", "from azure.storage.blob import BlobClient\n", None),
        ("a.py", "from azureml.fsspec import AzureMachineLearningFileSystem\n", None),
        ("a.py", "from acme import AmlCompute\nc = AmlCompute(name='x')", None),
        ("a.ipynb", '{"source": ["from azure.ai.ml import x\\n", "AmlCompute("]}', "a notebook"),
        ("a.ipynb", '{"source": "!az ml compute create -f x.yml"}', "a notebook"),
        ("a.ipynb", '{"source": ["%%writefile x.yml\\n", "type: amlcompute"]}', "a notebook"),
        ("a.ipynb", '{"source": ["import os"]}', None),
        ("a.sh", "az ml compute create -f x.yml", "a script"),
        ("a.sh", "az ml \\\n  compute create -f x.yml", "a script"),
        ("a.sh", "# az ml compute create -f x.yml", None),
        ("a.sh", "az ml compute show -n x", None),
        ("a.ps1", "New-AzResourceLock -LockLevel ReadOnly", "a script"),
        ("Dockerfile", "RUN az ml workspace create -n x", "a Dockerfile"),
        ("deploy", "#!/bin/bash\naz lock create -n x", "a script"),
        ("deploy", "az lock create -n x", None),
        ("ci.yml", "steps:\n- run: az lock create --lock-type ReadOnly", "a pipeline"),
        ("ci.yml", "steps:\n- run: az ml compute create --type amlcompute", "a pipeline"),
        ("p.yml", "- azure_rm_ml_compute:\n    name: x", "an Ansible playbook"),
        ("Pulumi.yaml", "type: azure-native:machinelearningservices:Compute", "a Pulumi program"),
        ("readme.md", "az ml compute create", None),
    ],
)
def test_files_are_told_by_what_they_declare(path, text, language):
    kind = concerns(path, text.encode())

    assert (kind.language if kind is not None else None) == language


def test_a_text_in_utf_16_is_told_too():
    raw = '{"type": "Microsoft.MachineLearningServices/workspaces"}'.encode("utf-16")

    kind = concerns("a.json", raw)

    assert kind is not None
    assert kind.is_read


def test_what_is_not_read_is_pointed_at():
    text = "resources:\n  c:\n    type: azure-native:machinelearningservices:Compute\n"
    kind = concerns("Pulumi.yaml", text.encode())

    problem = not_read(decode("Pulumi.yaml", text.encode()), kind)

    assert problem.rule == "file-not-read"
    assert text[problem.start : problem.end].startswith("azure-native")
    assert problem.message == (
        "'azure-native:machinelearningservices:Compute' is declared in a Pulumi program, which "
        "azmlint does not read yet: nothing here is judged"
    )


def test_every_kind_that_is_not_read_can_be_pointed_at():
    source = "- azure_rm_ml_compute:"
    kind = concerns("play.yml", source.encode())

    problem = not_read(decode("play.yml", source.encode()), kind)

    assert source[problem.start : problem.end] == "azure_rm_ml_compute"


def test_who_calls_a_local_module_surrounds_it():
    assert surrounds("main.tf", b'module "ml" {\n  source = "../modules/ml"\n}')
    assert surrounds("main.tf.json", b'{"module": {"ml": {"source": "./ml"}}}')
    assert not surrounds("main.tf", b'module "ml" {\n  source = "Azure/ml/azurerm"\n}')


def test_neighbours_are_told_apart():
    schema = '"$schema": "https://schema.management.azure.com/x/deploymentTemplate.json#"'
    network = f'{{{schema}, "type": "Microsoft.Network/virtualNetworks"}}'.encode()

    assert surrounds("net.json", network)
    assert concerns("net.json", network) is None
    assert not surrounds("net.json", f'{{{schema}, "type": "Microsoft.Web/sites"}}'.encode())
    assert not surrounds("net.yml", network)


@pytest.mark.parametrize("suffix", ["yml", "json", "sh", "py", "tf", "bicep", "ipynb"])
def test_one_long_line_takes_no_time(suffix):
    raw = b"az ml compute amlcompute machinelearningservices azurerm_m $schema " * 20_000
    began = time.perf_counter()

    concerns(f"a.{suffix}", raw)

    assert time.perf_counter() - began < 2


def seen(folder):
    place = Path(CORPUS or "") / folder
    found = discover([place], config.load(place, None, {}, ()))
    assert found.files
    return {f.path: concerns(f.path, read(f)) for f in found.files}


@pytest.mark.skipif(not CORPUS, reason="AZMLINT_CORPUS names no folder")
def test_no_real_file_to_be_judged_is_missed():
    yaml, arm = seen("cli-yaml"), seen("arm")

    missed = [path for path, kind in {**yaml, **arm}.items() if kind is None]

    assert not [path for path in missed if "param" not in path]
    assert all(kind.is_read for kind in (*yaml.values(), *arm.values()) if kind is not None)


@pytest.mark.skipif(not CORPUS, reason="AZMLINT_CORPUS names no folder")
def test_noise_hardly_reaches_a_parser():
    yaml, arm = seen("cli-yaml-noise"), seen("arm-noise")

    assert sum(kind is not None for kind in yaml.values()) <= 3
    assert sum(kind is not None for kind in arm.values()) <= 10


def test_the_limit_is_twenty_megabytes():
    assert discovery.SIZE_LIMIT == 20_000_000


def test_links_are_followed_only_to_what_nobody_else_reads(root, tmp_path):
    tree(root, "in/a.yml", "out/b.yml", "out/c.txt")
    tree(tmp_path, "elsewhere/d.yml")
    place = root / "in"
    for name, target in {
        "same.yml": place / "a.yml",
        "other.yml": root / "out" / "b.yml",
        "text.md": root / "out" / "c.txt",
        "folder.yml": root / "out",
        "outside.yml": tmp_path / "elsewhere" / "d.yml",
        "nowhere.yml": root / "missing.yml",
        "nowhere.md": root / "missing.yml",
    }.items():
        (place / name).symlink_to(target)
    (place / "round.yml").symlink_to("round.yml")
    os.mkfifo(root / "pipe")
    (place / "pipe.yml").symlink_to(root / "pipe")

    found = discover([place], settings(root))

    assert names(found) == ["in/a.yml", "in/other.yml"]
    assert {(s.path, s.reason) for s in found.skipped} == {
        ("in/folder.yml", "is a link to a folder outside the paths given"),
        ("in/outside.yml", "is a link to something outside the project root"),
        ("in/nowhere.yml", "is a link to something that does not exist"),
        ("in/pipe.yml", "is a link to a named pipe, not a file"),
        (
            "in/round.yml",
            "is a link that cannot be followed: symbolic links go round in a circle",
        ),
    }


def test_an_excluded_link_is_left_out(root):
    tree(root, "out/b.yml", "in/a.yml")
    (root / "in" / "link.yml").symlink_to(root / "out" / "b.yml")

    assert names(discover([root / "in"], settings(root, 'exclude = ["link.yml"]'))) == ["in/a.yml"]


def test_a_repository_inside_is_searched_unless_excluded(root):
    tree(root, "a.yml", "inner/b.yml", "vendor/c.yml", "node_modules/d.yml")
    for name in ("inner", "vendor", "node_modules"):
        subprocess.run(["git", "init", "-q"], cwd=root / name, check=True)

    assert names(discover([root], settings(root, 'exclude = ["vendor/"]'))) == [
        "a.yml",
        "inner/b.yml",
    ]


def test_a_path_that_goes_round_or_is_none_is_a_failure(root):
    (root / "round").symlink_to("round")

    found = discover([root / "round", root / ("x" * 300)], settings(root))

    assert [f.reason for f in found.failures] == [
        "symbolic links go round in a circle",
        "File name too long",
    ]


def test_ignores_that_cannot_be_read_ignore_nothing(tmp_path):
    tree(tmp_path, "a.yml")
    (tmp_path / ".gitignore").write_text("*.yml\n" + "#" * 1_000_001)

    assert names(discover([tmp_path], settings(tmp_path), uses_git=False)) == ["a.yml"]


def test_a_name_that_is_no_text_is_spelled_with_escapes(root):
    raw = os.fsencode(root) + b"/a\xff.yml"
    try:
        os.close(os.open(raw, os.O_CREAT))
    except OSError:
        pytest.skip("the file system takes no such name")

    assert names(discover([root], settings(root))) == ["a\\xff.yml"]
