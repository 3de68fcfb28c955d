"""What starting and scanning cost, beside checkov, zizmor and git grep, in one run.

    python benchmarks/scan.py CLONES [--checkov PROGRAM] [--zizmor PROGRAM]

CLONES holds git repositories as `OWNER+NAME` or `OWNER+NAME/repo`: those of templates.tsv, with
its commits in their history, and those of WHOLE. Nothing of them belongs to this repository. Each
program runs RUNS times; the least CPU seconds and wall seconds count, and the most memory.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fetched import clone_of, files_of, git

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
RUNS = 3
WHOLE = ("Azure/azureml-examples", "hashicorp/terraform-provider-azurerm")
RELEVANT = 300
"""Of the generated tree, the files that azmlint reads."""

FILES = 10_000
WORDS = "amlcompute|machinelearning|azureml"
CLUSTER = """\
$schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
name: train-{0}
type: amlcompute
size: Standard_D4s_v5
min_instances: 0
max_instances: 4
"""
WORKFLOW = """\
on: push
jobs:
  build-{0}:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{{{ github.event.head_commit.message }}}}
"""


class Cost(NamedTuple):
    """What one program took."""

    cpu: float
    wall: float
    peak: float
    """MiB of the largest process."""

    code: int


def cost(words: Sequence[str], folder: Path, runs: int = RUNS) -> Cost:
    """Run a program several times."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'linter'}{os.pathsep}{ROOT / 'rules'}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if words[0] != sys.executable:
        environment.pop("PYTHONPATH")
    found = []
    for _ in range(runs):
        before = time.perf_counter()
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - before
        spent = usage.ru_utime + usage.ru_stime
        found.append(Cost(spent, wall, usage.ru_maxrss / 1024, process.returncode))
    return Cost(
        min(f.cpu for f in found),
        min(f.wall for f in found),
        max(f.peak for f in found),
        found[0].code,
    )


class Table:
    """Rows of costs, beside the first."""

    def __init__(self, title: str, of: str) -> None:
        """Print the head."""
        self.first: Cost | None = None
        print(f"\n## {title}\n\n| command | CPU s | wall s | peak MiB | exit | times {of} (CPU) |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")

    def row(self, title: str, words: Sequence[str], folder: Path, runs: int = RUNS) -> Cost:
        """Run a program and print what it took."""
        took = cost(words, folder, runs)
        self.first = self.first or took
        ratio = took.cpu / self.first.cpu
        print(
            f"| {title} | {took.cpu:.3f} | {took.wall:.2f} | {took.peak:.0f} | {took.code} "
            f"| {ratio:.2f} |",
            flush=True,
        )
        return took


def templates(clones: Path, folder: Path) -> Path:
    """Lay out the templates of templates.tsv."""
    _, *rows = (HERE / "templates.tsv").read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(rows):
        repository, commit, path = row.split("\t")
        target = folder / f"{number:03}" / Path(path).name
        target.parent.mkdir(parents=True)
        target.write_bytes(git(clone_of(clones, repository), "show", f"{commit}:{path}"))
    return folder


def tree(folder: Path) -> Path:
    """Make a repository of FILES files, RELEVANT of them about Azure Machine Learning."""
    every = FILES // RELEVANT
    for number in range(FILES):
        target = folder / f"d{number // 100:03}" / f"file-{number}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if number % every == 0:
            target.with_suffix(".yml").write_text(CLUSTER.format(number), encoding="utf-8")
        elif number % 4 == 0:
            target.with_suffix(".json").write_text(
                '{"name": "x", "values": [' + ", ".join(map(str, range(200))) + "]}\n",
                encoding="utf-8",
            )
        elif number % 4 == 1:
            text = "".join(f"def f{i}(a, b):\n    return a + b * {i}\n\n\n" for i in range(40))
            target.with_suffix(".py").write_text(text, encoding="utf-8")
        elif number % 4 == 2:
            text = "".join(f"key-{i}:\n  - a\n  - b: {number}\n" for i in range(40))
            target.with_suffix(".yaml").write_text(text, encoding="utf-8")
        else:
            target.with_suffix(".md").write_text("# A page\n\n" + "Some words. " * 200)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    return folder


def whole(clones: Path, repository: str, folder: Path) -> str:
    """Lay out a whole repository, but for what a partial clone lacks; give its commit."""
    clone = clone_of(clones, repository)
    for name, content in files_of(clone, "HEAD", ("",)):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return git(clone, "rev-parse", "--short=9", "HEAD").decode().strip()


def main() -> None:
    """Print a table for each goal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clones", type=Path)
    parser.add_argument("--checkov")
    parser.add_argument("--zizmor")
    asked = parser.parse_args()
    own = (sys.executable, "-m", "azmlint")
    arm = ("--framework", "arm", "--skip-download", "--quiet", "--compact", "-o", "json")
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        laid = templates(asked.clones, base / "templates")
        one = base / "one"
        one.mkdir()
        (one / "train.yml").write_text(CLUSTER.format(1), encoding="utf-8")
        example = ROOT / "fixtures/rules/cluster-in-other-region/template-compute-location"
        (one / "main.json").write_bytes((example / "main.json").read_bytes())
        flows = base / "flows" / ".github" / "workflows"
        flows.mkdir(parents=True)
        for number in range(200):
            (flows / f"w{number}.yml").write_text(WORKFLOW.format(number), encoding="utf-8")

        table = Table("Start-up", "`import click`")
        table.row('`python -c "import click"`', (sys.executable, "-c", "import click"), one, 9)
        table.row("`azmlint --version`", (*own, "--version"), one, 9)
        table.row("`azmlint check train.yml`", (*own, "check", "train.yml"), one, 9)
        table.row("`azmlint check main.json`", (*own, "check", "main.json"), one, 9)
        if asked.checkov:
            checkov = (asked.checkov,)
            table.row("`checkov --version`", (*checkov, "--version"), one)
            table.row("`checkov -f main.json`", (*checkov, "-f", "main.json", *arm), one)
        if asked.zizmor:
            zizmor = (asked.zizmor, "--offline", "--no-progress")
            table.row("`zizmor --version`", (asked.zizmor, "--version"), one, 9)
            table.row("`zizmor w0.yml`", (*zizmor, str(flows / "w0.yml")), one, 9)

        table = Table("200 ARM templates (templates.tsv)", "azmlint")
        table.row("`azmlint check .`", (*own, "check", "."), laid)
        if asked.checkov:
            table.row("`checkov -d .`", (asked.checkov, "-d", ".", *arm), laid, 1)
        if asked.zizmor:
            table.row("`zizmor`, 200 workflows", (*zizmor, str(flows)), base)

        made = tree(base / "tree")
        table = Table(f"A tree of {FILES:,} files, {RELEVANT} of them relevant", "git grep")
        grep = ("git", "grep", "-l", "-i", "-E", WORDS)
        table.row(f"`git grep -l -i -E '{WORDS}'`", grep, made, 5)
        table.row("`azmlint check .`", (*own, "check", "."), made, 5)

        for repository in WHOLE:
            folder = base / repository.replace("/", "+")
            folder.mkdir()
            commit = whole(asked.clones, repository, folder)
            table = Table(f"{repository} at {commit}", "azmlint")
            table.row("`azmlint check .`", (*own, "check", "."), folder, 1)
    print(f"\nPython {sys.version.split()[0]}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
