"""What starting costs, in CPU seconds and as multiples of `python -c "import click"`, in one run.

`python benchmarks/startup.py [FILE]...`; the least of many runs counts, with compiled modules.
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
    print("| command | CPU s | times `import click` |")
    print("| --- | ---: | ---: |")
    print(f'| `python -c "import click"` | {base:.3f} | 1.00 |')
    named = [Path(word) for word in sys.argv[1:]] or [p for p in FILES if p.exists()]
    rows = [("azmlint --version", ("-m", "azmlint", "--version"))]
    rows += [(f"azmlint check {p.name}", ("-m", "azmlint", "check", str(p))) for p in named]
    for title, words in rows:
        spent = seconds(*words)
        print(f"| `{title}` | {spent:.3f} | {spent / base:.2f} |")


if __name__ == "__main__":
    main()
