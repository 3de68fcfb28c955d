"""What a file system does to a run: nothing is lost, nothing is half written, one line says why."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from azmlint import testing
from azmlint.cli import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's file systems")
CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train
type: amlcompute
size: Standard_D4s_v5
min_instances: 2
max_instances: 4
"""
FIXED = CLUSTER.replace("min_instances: 2", "min_instances: 0")
SNAPSHOT = Path(__file__).parents[1] / "fixtures" / "estates" / "contoso-live" / "estate.json"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "project"
    place.mkdir()
    (place / "azmlint.toml").write_text("")
    (place / "cluster.yml").write_text(CLUSTER)
    return place


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def without_power():
    """Make what root may do subject to permissions, in a child before it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    for power in (1, 2, 3):
        libc.prctl(24, power, 0, 0, 0)


def azmlint(folder, *words, before=None):
    """Run the program itself in a folder."""
    command = [sys.executable, "-m", "azmlint", *words]
    environment = {k: v for k, v in os.environ.items() if k not in {"CI", "GITHUB_ACTIONS"}}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=before,
        timeout=60,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def here(folder, monkeypatch, capsys):
    """Run the program in this process, in the folder."""
    monkeypatch.chdir(folder)
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)

    def call(*words):
        capsys.readouterr()
        code = run(list(words))
        return Ended(code, *capsys.readouterr())

    return call


def contents(folder):
    """Everything in a folder, with the bytes of files."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def findings(out):
    return {(f["path"], f["rule"]) for f in json.loads(out)["findings"]}


def test_links_pipes_and_devices_cost_no_other_file_its_findings(folder):
    outside = folder.parent / "outside.yml"
    outside.write_text(CLUSTER)
    (folder / "loop.yml").symlink_to("loop.yml")
    (folder / "up").symlink_to("..")
    (folder / "outside.yml").symlink_to(outside)
    (folder / "zero.yml").symlink_to("/dev/zero")
    (folder / "tty.json").symlink_to("/dev/tty")
    (folder / "ping.yml").symlink_to("pong.yml")
    (folder / "pong.yml").symlink_to("ping.yml")
    os.mkfifo(folder / "pipe.yml")
    done = azmlint(folder, "check", "--fix", "--format", "json", ".")

    data = json.loads(done.out)
    assert (folder / "cluster.yml").read_text() == FIXED
    assert outside.read_text() == CLUSTER
    assert data["failures"] == []
    assert {s["path"] for s in data["skipped"]} >= {
        *("loop.yml", "outside.yml", "zero.yml", "tty.json", "ping.yml", "pipe.yml", "up"),
    }
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/full", "zero.yml", "pipe.yml"])
def test_a_device_that_is_named_is_skipped(folder, name):
    (folder / "zero.yml").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.yml")
    done = azmlint(folder, "check", "--format", "json", "cluster.yml", name)

    data = json.loads(done.out)
    assert done.code == 1
    assert len(data["skipped"]) == 1
    assert ("cluster.yml", "min-nodes-above-zero") in findings(done.out)


@pytest.mark.parametrize(
    "words",
    [
        ("--config", "/dev/zero"),
        ("--config", "pipe"),
        ("--baseline", "/dev/zero"),
        ("--snapshot", "/dev/zero"),
    ],
)
def test_an_input_without_end_is_refused(folder, words):
    os.mkfifo(folder / "pipe")
    done = azmlint(folder, "check", *words, "cluster.yml")

    assert done.code in {2, 3}
    assert len(done.err.splitlines()) == 1
    assert words[1] in done.err


def test_a_configuration_leads_to_no_device(folder):
    os.mkfifo(folder / "pipe.json")
    (folder / "azmlint.toml").write_text('policies = ["pipe.json"]\n')
    done = azmlint(folder, "check", "cluster.yml")

    assert done.code in {2, 3}
    assert len(done.err.splitlines()) == 1
    assert "pipe.json" in done.err


def test_what_may_not_be_read_is_a_failure_and_the_rest_is_judged(folder):
    (folder / "secret.yml").write_text(CLUSTER)
    (folder / "secret.yml").chmod(0)
    (folder / "closed").mkdir(0)
    done = azmlint(folder, "check", "--format", "json", ".", before=without_power)
    (folder / "closed").chmod(0o700)

    assert done.code == 3
    assert {f["path"] for f in json.loads(done.out)["failures"]} == {"secret.yml", "closed"}
    assert ("cluster.yml", "min-nodes-above-zero") in findings(done.out)


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_fix_of_what_may_not_be_written_is_a_failure(folder, is_folder):
    inner = folder / "inner"
    inner.mkdir()
    (inner / "a.yml").write_text(CLUSTER)
    (inner if is_folder else inner / "a.yml").chmod(0o555)
    done = azmlint(folder, "check", "--fix", "--format", "json", ".", before=without_power)
    inner.chmod(0o755)

    assert done.code == 3
    assert contents(inner) == {"a.yml": CLUSTER.encode()}
    assert [f["path"] for f in json.loads(done.out)["failures"]] == ["inner/a.yml"]
    assert ("inner/a.yml", "min-nodes-above-zero") in findings(done.out)
    assert (folder / "cluster.yml").read_text() == FIXED


def test_a_fix_keeps_the_mode_and_the_owner(folder, here):
    (folder / "cluster.yml").chmod(0o640)
    if os.geteuid() == 0:
        os.chown(folder / "cluster.yml", 12345, 12346)
    before = (folder / "cluster.yml").stat()
    here("check", "--fix", ".")

    after = (folder / "cluster.yml").stat()
    assert (folder / "cluster.yml").read_text() == FIXED
    assert after[:1] + after[4:6] == before[:1] + before[4:6]


def install(folder, does, monkeypatch):
    """Make a rule pack of which the rule does something to the file while it is judged."""
    pack = folder.parent / "installed" / "acme"
    pack.mkdir(parents=True)
    (pack / "__init__.py").write_text("")
    (pack / "meddles.py").write_text(
        "import os, pathlib\n"
        "from azmlint import *\n"
        "class Meddles(Rule[ComputeCluster]):\n"
        '    """Compute cluster is meddled with.\n\n    ## Why\n    Because.\n    """\n'
        '    name = "meddles"\n'
        "    def check(self, cluster, estate):\n"
        f"        path = pathlib.Path({str(folder / 'cluster.yml')!r})\n"
        f"        mark = pathlib.Path({str(pack / 'done')!r})\n"
        f"        if not mark.exists(): {does}\n"
        "        mark.touch()\n"
        "        return iter(())\n"
    )
    monkeypatch.syspath_prepend(str(pack.parent))
    testing.main(["acme"])
    for name in [m for m in sys.modules if m.partition(".")[0] == "acme"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("does", "left"),
    [
        ("path.write_text('mine: 1\\n')", b"mine: 1\n"),
        ("path.unlink()", None),
        ("path.unlink(); os.mkfifo(path)", None),
        ("path.unlink(); path.symlink_to('/dev/full')", b""),
    ],
)
def test_what_changed_during_the_run_is_not_overwritten(folder, here, monkeypatch, does, left):
    install(folder, does, monkeypatch)
    (folder / "other.yml").write_text(CLUSTER)
    done = here("check", "--pack", "acme", "--fix", "--format", "json", "cluster.yml", ".")

    path = folder / "cluster.yml"
    data = json.loads(done.out)
    assert done.code == 3
    assert [f["path"] for f in data["failures"]] == ["cluster.yml"]
    assert (path.read_bytes() if path.is_file() else None) == (left or None)
    assert (folder / "other.yml").read_text() == FIXED
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        {"azmlint.toml", "other.yml"}
        | ({"cluster.yml"} if path.is_symlink() or path.exists() else set())
    )


def test_files_that_come_and_go_end_no_run(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    for number in range(20):
        (folder / f"{number}.yml").write_text(CLUSTER)
    is_over = threading.Event()

    def churn():
        number = 0
        while not is_over.is_set():
            number = (number + 1) % 20
            path = folder / f"{number}.yml"
            with contextlib.suppress(OSError):
                path.unlink()
                (path.mkdir, lambda p=path: os.mkfifo(p), lambda p=path: p.symlink_to("x.yml"))[
                    number % 3
                ]()
                path.rmdir() if path.is_dir() else path.unlink()
                path.write_text(CLUSTER[: number * 10])

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        codes = [run(["check", "--format", "json", "."]) for _ in range(5)]
    finally:
        is_over.set()
        thread.join()

    assert set(codes) <= {1, 3}
    assert "internal failure" not in capsys.readouterr().err


def test_a_name_that_is_no_utf_8_is_judged_fixed_and_reported(folder, here):
    name = os.fsdecode(b"caf\xe9.yml")
    (folder / name).write_text(CLUSTER)
    done = here("check", "--format", "json", "--output", "sarif=../a.sarif", ".")
    fixed = here("check", "--fix", ".")

    assert (r"caf\xe9.yml", "min-nodes-above-zero") in findings(done.out)
    assert "caf" in (folder.parent / "a.sarif").read_text()
    assert (folder / name).read_text() == FIXED
    assert "Traceback" not in done.err + fixed.err


def test_names_that_differ_in_case_alone_are_two_files(folder, here):
    (folder / "Cluster.yml").write_text(CLUSTER.replace("name: train", "name: other"))
    if len(list(folder.glob("?luster.yml"))) < 2:
        pytest.skip("this file system does not tell the names apart")
    here("baseline", "write", "--file", "known.json", "cluster.yml")
    done = here("check", "--baseline", "known.json", "--format", "json", ".")
    here("check", "--fix", ".")

    assert {path for path, _ in findings(done.out)} == {"Cluster.yml"}
    assert (folder / "cluster.yml").read_text() == FIXED
    assert (folder / "Cluster.yml").read_text() == FIXED.replace("train", "other")


@pytest.mark.parametrize(
    "words",
    [
        ("--output", "json=link.yml", "cluster.yml"),
        ("--output", "json=inner/../cluster.yml", "cluster.yml"),
        ("--output", "json=cluster.yml", "link.yml"),
        ("--output", "json=old.txt", "--output", "sarif=inner/../old.txt", "cluster.yml"),
    ],
)
def test_no_report_replaces_what_is_checked_or_another_report(folder, here, words):
    (folder / "inner").mkdir()
    (folder / "old.txt").write_text("precious")
    (folder / "link.yml").symlink_to("cluster.yml")
    before = contents(folder)
    done = here("check", *words)

    assert done.code == 2
    assert contents(folder) == before


@pytest.mark.parametrize("leaf", ["cluster.yml", "c" * 251 + ".yml"])
def test_a_long_path_is_read_and_fixed(folder, here, leaf):
    deep = folder.joinpath(*(str(n) * 60 for n in range(9)))
    deep.mkdir(parents=True)
    (deep / leaf).write_text(CLUSTER)
    done = here("check", "--fix", "--format", "json", ".")

    assert json.loads(done.out)["failures"] == []
    assert (deep / leaf).read_text() == FIXED


def test_a_path_longer_than_the_system_takes_costs_only_itself(folder, here):
    place = os.open(folder, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=place)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    with os.fdopen(os.open("a.yml", os.O_WRONLY | os.O_CREAT, dir_fd=place), "w") as file:
        file.write(CLUSTER)
    os.close(place)
    done = here("check", "--format", "json", ".")
    shutil.rmtree(folder / ("d" * 200))

    assert done.code == 3
    assert ("cluster.yml", "min-nodes-above-zero") in findings(done.out)
    assert [f["reason"] for f in json.loads(done.out)["failures"]] == [
        "the folder cannot be read: File name too long"
    ]


WRITERS = {
    "fix": (4096, ("check", "--fix", "big.yml")),
    "output": (4096, ("check", "--output", "html=old.txt", "cluster.yml")),
    "snapshot": (4096, ("snapshot", "merge", "-o", "old.txt", str(SNAPSHOT))),
    "packed": (4096, ("snapshot", "merge", "-o", "old.gz", str(SNAPSHOT))),
    "baseline": (4096, ("baseline", "write", "--file", "old.txt", "many")),
    "history": (4096, ("audit", "--snapshot", str(SNAPSHOT), "--history", "old.db")),
    "new history": (4096, ("audit", "--snapshot", str(SNAPSHOT), "--history", "new.db")),
    "metrics": (0, ("audit", "--snapshot", str(SNAPSHOT), "--metrics", "old.txt")),
    "script": (4096, ("remediate", "plan", "--snapshot", str(SNAPSHOT), "--script", "old.sh")),
    "init": (0, ("init", "--force", ".")),
}
"""Commands that write, and the bytes that are left on the disk when they do."""


@pytest.fixture(scope="module")
def old_history(tmp_path_factory):
    place = tmp_path_factory.mktemp("history")
    azmlint(place, "audit", "--snapshot", str(SNAPSHOT), "--history", "old.db")
    return place / "old.db"


@pytest.fixture
def full(folder, old_history):
    """A folder of things that are there already and must be as they were."""
    (folder / "big.yml").write_text(CLUSTER + "# filler\n" * 1000)
    (folder / "many").mkdir()
    for number in range(60):
        (folder / "many" / f"{number}.yml").write_text(CLUSTER)
    for name in ("old.txt", "old.gz", "old.sh"):
        (folder / name).write_text("precious\n")
    (folder / "azmlint.toml").write_text('# precious\nexclude = ["old.*"]\n')
    shutil.copy(old_history, folder / "old.db")
    return folder


def audits_of(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        return database.execute("select count(*) from azmlint_run").fetchone()


WHY = ("No space left", "File too large", "database or disk is full", "disk I/O error")


def assert_nothing_is_lost(folder, before, audits, done):
    after = contents(folder)
    history = {"old.db", "new.db", "new.db-journal", "old.db-journal"}
    assert {k: v for k, v in after.items() if k not in history} == {
        k: v for k, v in before.items() if k not in history
    }
    assert audits_of(folder / "old.db") == audits
    said = [line for line in done.err.splitlines() if line.startswith("azmlint: ")]
    assert "internal failure" not in done.err
    assert "Traceback" not in done.err
    assert any(word in line for word in WHY for line in [*said, done.out])


@pytest.mark.parametrize("name", WRITERS)
def test_a_limit_on_the_length_of_files_loses_nothing(full, here, name):
    before, audits = contents(full), audits_of(full / "old.db")
    _, words = WRITERS[name]
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, most))
    try:
        done = here(*words)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))

    assert done.code == 3
    assert_nothing_is_lost(full, before, audits, done)


def is_namespaced():
    words = ("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt")
    return shutil.which("unshare") is not None and (
        subprocess.run(words, capture_output=True, check=False).returncode == 0
    )


FULL = """\
set -e
mount -t tmpfs -o size=4m,mode=755 none "$1"
cp -a "$2/." "$1"
head -c 5000000 /dev/zero > "$1/filler" 2> /dev/null || true
truncate -s "-$ROOM" "$1/filler"
cd "$1"
shift 2
code=0
"$@" || code=$?
rm filler
tar -cf "$OUT" .
exit $code
"""


@pytest.mark.parametrize("name", ["fix", "output", "snapshot", "history", "init"])
def test_a_full_disk_loses_nothing(full, tmp_path, name):
    if not is_namespaced():
        pytest.skip("no file system can be mounted here")
    room, words = WRITERS[name]
    before, audits = contents(full), audits_of(full / "old.db")
    (tmp_path / "mounted").mkdir()
    (tmp_path / "after").mkdir()
    command = ["unshare", "-rm", "sh", "-c", FULL, "sh", str(tmp_path / "mounted"), str(full)]
    done = subprocess.run(
        [*command, sys.executable, "-m", "azmlint", *words],
        env={**os.environ, "OUT": str(tmp_path / "after.tar"), "ROOM": str(room)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    with tarfile.open(tmp_path / "after.tar") as archive:
        archive.extractall(tmp_path / "after", filter="data")

    assert done.returncode == 3
    ended = Ended(done.returncode, done.stdout, done.stderr)
    assert_nothing_is_lost(tmp_path / "after", before, audits, ended)
