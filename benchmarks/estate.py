"""How judging a snapshot grows with the estate: CPU seconds and peak memory, in one run.

`python benchmarks/estate.py [WORKSPACES]...` makes estates of so many workspaces, ten computes to
each, and judges each in a process of its own with every rule.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from azmlint.model.facet import COLLECTED
from azmlint.sources.snapshot import Answer, dump, snapshot

ML = "Microsoft.MachineLearningServices"
SIZES = (100, 300, 1000)
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def estate(count: int) -> str:
    """Make an estate: a lock on every fifth group, a network to every tenth workspace."""
    items: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def add(facet: str, scope: str, item: dict[str, Any]) -> None:
        items.setdefault((facet, scope), []).append(item)

    for number in range(count):
        subscription = f"/subscriptions/{number // 100:08d}-0000-0000-0000-000000000000"
        group = f"{subscription}/resourceGroups/rg-{number}"
        nets = f"{subscription}/resourceGroups/rg-net-{number // 10}"
        network = f"{nets}/providers/Microsoft.Network/virtualNetworks/vnet"
        workspace = f"{group}/providers/{ML}/workspaces/ws-{number}"
        storage = f"{group}/providers/Microsoft.Storage/storageAccounts/st{number}"
        add("workspaces", subscription, _workspace(workspace, storage))
        add("storageAccounts", subscription, {"id": storage, "location": "westeurope"})
        if number % 10 == 0:
            add("virtualNetworks", subscription, _network(network))
        if number % 5 == 0:
            lock = f"{group}/providers/Microsoft.Authorization/locks/keep"
            add("locks", subscription, {"id": lock, "properties": {"level": "CanNotDelete"}})
        for index in range(10):
            add("computes", workspace, _compute(f"{workspace}/computes/c-{index}", network, index))
    answers = [
        Answer(facet, scope, "GET", COLLECTED, tuple(found))
        for (facet, scope), found in items.items()
    ]
    return dump(snapshot(NOW, "AzureCloud", answers))


def _workspace(workspace: str, storage: str) -> dict[str, Any]:
    return {
        "id": workspace,
        "name": workspace.rpartition("/")[2],
        "type": f"{ML}/workspaces",
        "location": "westeurope",
        "properties": {"storageAccount": storage, "publicNetworkAccess": "Enabled"},
    }


def _network(network: str) -> dict[str, Any]:
    subnet = {"id": f"{network}/subnets/nodes", "name": "nodes"}
    return {
        "id": network,
        "name": "vnet",
        "type": "Microsoft.Network/virtualNetworks",
        "location": "westeurope",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{**subnet, "properties": {"addressPrefix": "10.0.0.0/20"}}],
        },
    }


def _compute(compute: str, network: str, index: int) -> dict[str, Any]:
    return {
        "id": compute,
        "name": compute.rpartition("/")[2],
        "type": f"{ML}/workspaces/computes",
        "location": "westeurope",
        "properties": {
            "computeType": "AmlCompute",
            "provisioningState": "Succeeded",
            "properties": {
                "vmSize": "STANDARD_D4S_V5",
                "vmPriority": "Dedicated",
                "allocationState": "Steady",
                "allocationStateTransitionTime": "2026-11-24T10:00:00+00:00",
                "currentNodeCount": 0,
                "targetNodeCount": 0,
                "scaleSettings": {
                    "minNodeCount": index % 2,
                    "maxNodeCount": 4,
                    "nodeIdleTimeBeforeScaleDown": "PT120S",
                },
                "subnet": {"id": f"{network}/subnets/nodes"},
            },
        },
    }


def measure(path: Path) -> tuple[float, float, int]:
    """Audit in a process of its own: CPU seconds, peak MiB, findings."""
    words = ("audit", "--profile", "strict", "--snapshot", str(path), "--format", "json")
    code = (
        "import atexit, resource, sys; from azmlint.cli import main\n"
        "@atexit.register\n"
        "def _(): u = resource.getrusage(resource.RUSAGE_SELF); "
        "print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024, file=sys.stderr)\n"
        "main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    seconds, peak = done.stderr.split()[-2:]
    return float(seconds), float(peak), len(json.loads(done.stdout)["findings"])


def main() -> None:
    """Print a row for each size, and how steeply the last grew."""
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    rows: list[tuple[int, float]] = []
    print("| workspaces | computes | snapshot MB | CPU s | peak MiB | findings | growth |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.json"
            path.write_text(estate(size), encoding="utf-8")
            seconds, peak, found = measure(path)
            growth = ""
            if rows:
                before, took = rows[-1]
                growth = f"n^{math.log(seconds / took) / math.log(size / before):.2f}"
            rows.append((size, seconds))
            weight = path.stat().st_size / 1e6
            print(
                f"| {size} | {size * 10} | {weight:.1f} | {seconds:.2f} | {peak:.0f} | {found} "
                f"| {growth} |"
            )
    print(f"\nPython {sys.version.split()[0]}, {resource.getpagesize()} byte pages")


if __name__ == "__main__":
    main()
