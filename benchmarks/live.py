"""How long an estate takes to read at the pace that Azure documents, and how often it refuses.

`python benchmarks/live.py`; the server is that of the tests, on this machine. No pace is faster
than the least seconds: those in which the fullest subscription is refilled for its requests.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "linter"), str(ROOT / "tests" / "azure")]

from arm_server import ArmServer, Bucket, Signed, World  # noqa: E402  # after the path is set

from azmlint.azure import FACETS, Plan, collect  # noqa: E402
from azmlint.azure.clock import Clock  # noqa: E402
from azmlint.azure.cloud import cloud_at  # noqa: E402
from azmlint.azure.credential import Credential  # noqa: E402
from azmlint.azure.reader import Reader  # noqa: E402
from azmlint.model.facet import COLLECTED, Facet  # noqa: E402

BURST, REFILL = 250, 25
"""Reads at once and per second, for each subscription."""

ESTATES = ((1, 50), (1, 600), (10, 200), (10, 2000))


def measure(subscriptions: int, workspaces: int, workers: int, facets: frozenset[str]) -> str:
    with ArmServer(World(subscriptions, workspaces, 2, page=1000)) as server:
        server.bucket = Bucket(time.monotonic)
        cloud = cloud_at("AzureCloud", server.url)
        reader = Reader(cloud, Credential(Signed(), "cli", "", cloud), Clock())
        start = time.perf_counter()
        found = collect(Plan(facets, workers=workers), reader)
        took = time.perf_counter() - start
        each = Counter(seen.path.split("/")[2] for seen in server.seen if seen.path.count("/") > 1)
        least = max(max(each.values()) - BURST, 0) / REFILL
        gaps = sum(a.state != COLLECTED for a in found.answers)
        return (
            f"| {subscriptions} | {workspaces} | {workers} | {len(server.seen)} |"
            f" {server.throttled} | {gaps} | {least:.1f} | {took:.1f} |"
        )


def main() -> None:
    print("| subscriptions | workspaces | threads | requests | refused | gaps | least s | s |")
    print("|" + " ---: |" * 8)
    for subscriptions, workspaces in ESTATES:
        for workers in (8, 32) if workspaces == 600 else (8,):
            facets = FACETS if workspaces < 600 else frozenset({Facet.COMPUTES, Facet.LOCKS})
            print(measure(subscriptions, workspaces, workers, facets), flush=True)


if __name__ == "__main__":
    main()
