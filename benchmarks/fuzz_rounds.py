"""Runs every target of the fuzzer in turn, over and over, and tells what came of it.

    python benchmarks/fuzz_rounds.py FOLDER --until 16:00 [--seconds 90] [--workers 2]
    python benchmarks/fuzz_rounds.py FOLDER --table

Each round goes to the target that has had the least processor time so far and has not yet seen a
million texts. Its corpus is kept from one round to the next in `FOLDER/TARGET/corpus`, texts that
break a promise in `FOLDER/TARGET/found`, and a line for each round in `FOLDER/rounds.tsv`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
from fuzz import TARGETS

GOAL = 1_000_000


class Round(NamedTuple):
    """What came of one round."""

    target: str
    executions: int
    seconds: float
    """Of the processor."""

    first: int
    """Edges that its corpus covered in the beginning."""

    last: int
    """Edges covered in the end."""

    texts: int
    """Of its corpus in the end."""

    code: int
    """What the fuzzer ended with; 0 when nothing was found."""


def played(target: str, folder: Path, seconds: int, seed: int) -> Round:
    """Let the fuzzer work for a while."""
    place = folder / target
    place.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, str(Path(__file__).parent / "fuzz.py"), target),
        *("--seconds", str(seconds), "--seed", str(seed), "--corpus", str(place / "corpus")),
    ]
    with (place / "log").open("w+b") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read().decode("utf-8", "replace")
    covered = [int(n) for n in re.findall(r"^#\d+\s.*?cov: (\d+)", text, re.MULTILINE)] or [0]
    counts = [int(n) for n in re.findall(r"^#(\d+)\s", text, re.MULTILINE)] or [0]
    return Round(
        target,
        max(counts),
        round(usage.ru_utime + usage.ru_stime, 1),
        covered[0],
        max(covered),
        len(list((place / "corpus").iterdir())) if (place / "corpus").exists() else 0,
        process.returncode,
    )


def rounds(folder: Path) -> list[Round]:
    """Give all rounds so far."""
    log = folder / "rounds.tsv"
    found = []
    for line in log.read_text().splitlines() if log.exists() else ():
        target, executions, seconds, first, last, texts, code = line.split("\t")
        numbers = (int(first), int(last), int(texts), int(code))
        found.append(Round(target, int(executions), float(seconds), *numbers))
    return found


def table(done: list[Round]) -> str:
    """Write what came of each target."""
    lines = [
        "| target | executions | CPU s | edges: first, last | last new edge after | found |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for target in sorted({r.target for r in done}):
        its = [r for r in done if r.target == target]
        executions, best, newest = 0, its[0].first, 0
        for one in its:
            executions += one.executions
            if one.last > best:
                best, newest = one.last, executions
        spent = sum(r.seconds for r in its)
        lines.append(
            f"| `{target}` | {executions:,} | {spent:,.0f} | {its[0].first:,}, {best:,} "
            f"| {newest:,} | {sum(r.code != 0 for r in its)} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--until", type=dt.time.fromisoformat)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    done = rounds(given.folder)
    if given.table:
        print(table(done))
        return
    lock = threading.Lock()
    at_work: set[str] = set()
    end = dt.datetime.now().astimezone()
    end = end.replace(hour=given.until.hour, minute=given.until.minute, second=0)

    def work() -> None:
        while (left := (end - dt.datetime.now().astimezone()).total_seconds()) > 1:
            with lock:
                spent = dict.fromkeys(TARGETS, 0.0)
                seen = dict.fromkeys(TARGETS, 0)
                for one in done:
                    spent[one.target] += one.seconds
                    seen[one.target] += one.executions
                target = min(spent.keys() - at_work, key=lambda t: (seen[t] >= GOAL, spent[t], t))
                at_work.add(target)
                seed = len(done) + len(at_work)
            one = played(target, given.folder, int(min(left, given.seconds)), seed)
            with lock, (given.folder / "rounds.tsv").open("a") as log:
                log.write("\t".join(str(field) for field in one) + "\n")
                done.append(one)
                at_work.discard(target)

    workers = [threading.Thread(target=work) for _ in range(given.workers)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(table(done))


if __name__ == "__main__":
    main()
