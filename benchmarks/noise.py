"""Makes the table of accuracy.md on how much the default profile says of real files.

    python benchmarks/noise.py NAME=FOLDER...
    python benchmarks/noise.py --sample COUNT NAME=FOLDER...

Each FOLDER is judged as a whole, as `azmlint check` does it. Of a file that declares clusters all
findings count, whatever they are about, for each of its clusters. A folder given as NAME/*=FOLDER
is a folder of repositories, each judged by itself. `--sample` prints findings to be read by hand.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
from collections import Counter
from contextlib import chdir, suppress
from pathlib import Path
from typing import NamedTuple

from accuracy import PAGE, TODAY, in_markers, table

from azmlint.cli.options import day
from azmlint.engine import project
from azmlint.expressions.truth import Undecided
from azmlint.model.resources import ComputeCluster

MOST = 3
"""Findings of one cluster that a tool may have on the median file without being switched off."""

SHOWN = 12
"""How many of the most frequent rules are named."""


class Said(NamedTuple):
    """What is said of one file that declares clusters."""

    path: str
    clusters: int
    rules: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def each(self) -> float:
        """Findings for each cluster."""
        return len(self.rules) / self.clusters


def said_of(folder: Path) -> list[Said]:
    """Judge a folder with the default profile."""
    with chdir(folder):
        rules = project.settle(folder, None, ())
        context = project.ProjectContext(rules.config, None)
        loaded = project.load(["."], rules.config, context, {})
        context.provide(loaded.editable)
        report = project.check(
            loaded,
            rules,
            context,
            documents=loaded.editable,
            today=day(TODAY),
            no_ignores=False,
            snapshot=None,
        )
    clusters: Counter[str] = Counter()
    for cluster in report.estate.of(ComputeCluster) if report.estate is not None else ():
        with suppress(Undecided):
            clusters[cluster.path] += cluster.exists().known is not False
    found = [(f.place.document.path, f) for f in report.findings]
    return [
        Said(
            path,
            count,
            tuple(f.rule for where, f in found if where == path),
            tuple(f"{f.rule}: {f.message}" for where, f in found if where == path),
        )
        for path, count in sorted(clusters.items())
        if count
    ]


def row(name: str, files: list[Said]) -> list[object]:
    """Give a line of the table."""
    each = sorted(f.each for f in files)
    ninth = each[min(len(each) - 1, int(0.9 * len(each)))]
    loud = sum(e > MOST for e in each)
    total = sum(len(f.rules) for f in files)
    clusters = sum(f.clusters for f in files)
    numbers = [f"{n:.1f}" for n in (statistics.median(each), ninth, each[-1])]
    return [name, len(files), clusters, total, *numbers, loud]


def main(words: list[str]) -> None:
    count = int(words[words.index("--sample") + 1]) if "--sample" in words else 0
    rows: list[list[object]] = []
    every: list[tuple[str, Said]] = []
    for word in (w for w in words if "=" in w):
        name, _, where = word.partition("=")
        base = Path(where).resolve()
        folders = sorted(p for p in base.iterdir() if p.is_dir()) if name.endswith("/*") else [base]
        files = [said for folder in folders for said in said_of(folder)]
        every += [(name.removesuffix("/*"), said) for said in files]
        if files:
            rows.append(row(name.removesuffix("/*"), files))
    if count:
        lines = [f"{n}: {s.path}: {line}" for n, s in every for line in s.lines]
        lines.sort(key=lambda line: hashlib.sha256(line.encode()).hexdigest())
        print("\n".join(lines[:count]))
        return
    rows.append(row("all", [s for _, s in every]))
    head = ["files", "with clusters", "clusters", "findings", "median", "nine of ten", "most"]
    text = table([*head, f"over {MOST}"], rows)
    rules = Counter(rule for _, s in every for rule in s.rules)
    shown = ", ".join(f"`{rule}` {n}" for rule, n in rules.most_common(SHOWN))
    text += f"\n\nMost frequent: {shown}."
    page = in_markers(PAGE.read_text(encoding="utf-8"), "noise", text)
    PAGE.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main(sys.argv[1:])
