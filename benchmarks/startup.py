"""What starting costs, in CPU seconds and as multiples of the cheapest there is, in one run.

`python benchmarks/startup.py [FILE]...`; the least of many runs counts, with compiled modules. The
files are checked as the hook `azmlint` of pre-commit does it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 15
FILES = (
    ROOT / "examples/kubernetes/cronjob.yaml",
    ROOT / "fixtures/estates/clean/compute/risk/train.yml",
    ROOT / "fixtures/rules/cluster-in-other-region/template-compute-location/main.json",
)


def seconds(*words: str) -> float:
    """Take the least CPU time of several runs."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'linter'}{os.pathsep}{ROOT / 'rules'}"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    least = float("inf")
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        least = min(least, spent)
    return least


def main() -> None:
    """Print a row for each command."""
    base = seconds("-c", "import click")
    version = seconds("-m", "azmlint", "--version")
    print("| command | CPU s | times `import click` | times `azmlint --version` |")
    print("| --- | ---: | ---: | ---: |")
    named = [Path(word) for word in sys.argv[1:]] or [p for p in FILES if p.exists()]
    rows = [('python -c "import click"', base), ("azmlint --version", version)]
    rows += [
        (
            f"azmlint check --as-found {p.name}",
            seconds(*["-m", "azmlint", "check", "--as-found"], str(p)),
        )
        for p in named
    ]
    for title, spent in rows:
        print(f"| `{title}` | {spent:.3f} | {spent / base:.2f} | {spent / version:.2f} |")


if __name__ == "__main__":
    main()
