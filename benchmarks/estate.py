"""How judging a snapshot grows with the estate: CPU seconds and memory of each stage, in one run.

`python benchmarks/estate.py [CLUSTERS]...` makes estates of so many clusters with locks, networks,
roles and quotas. Each is audited with the default profile, written as JSON, in a process of its
own; then once more stage by stage and rule by rule.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from azmlint.engine import snapshots
from azmlint.engine.deployed import Deployed
from azmlint.engine.gather import Facts, Inputs, gather
from azmlint.engine.judge import judge
from azmlint.engine.packs import make
from azmlint.engine.project import ProjectContext, selection, settle
from azmlint.engine.report import Report
from azmlint.finding import Finding
from azmlint.model.facet import COLLECTED
from azmlint.report import pieces
from azmlint.report.options import ReportOptions
from azmlint.sources.snapshot import Answer, dump, snapshot

ML = "Microsoft.MachineLearningServices"
SIZES = (1_000, 10_000, 100_000)
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
CLUSTERS = 10
"""In one workspace."""

WORKSPACES = 20
"""In one subscription."""

REGIONS = ("westeurope", "northeurope", "eastus", "swedencentral")
MACHINES = ("STANDARD_D4DS_V5", "STANDARD_E8DS_V5", "STANDARD_NC24ADS_A100_V4")
FAMILIES = ("standardDDSv5Family", "standardEDSv5Family", "standardNCADSA100v4Family")
ROLES = {
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
}


class Estate:
    """The answers of an estate as they are made up."""

    def __init__(self, clusters: int) -> None:
        """Make workspaces until there are so many clusters."""
        self.items: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for number in range(math.ceil(clusters / CLUSTERS)):
            subscription = f"/subscriptions/{number // WORKSPACES:08d}-0000-0000-0000-000000000000"
            if number % WORKSPACES == 0:
                self._subscription(subscription)
            self._workspace(number, subscription)

    def text(self) -> str:
        """Write the snapshot."""
        answers = [
            Answer(facet, scope, "GET", COLLECTED, tuple(found))
            for (facet, scope), found in self.items.items()
        ]
        return dump(snapshot(NOW, "AzureCloud", answers))

    def _add(self, facet: str, scope: str, *items: dict[str, Any]) -> None:
        self.items.setdefault((facet, scope), []).extend(items)

    def _subscription(self, subscription: str) -> None:
        for facet in ("locks", "virtualNetworks", "roleAssignments", "denyAssignments"):
            self._add(facet, subscription)
        for facet in ("policyAssignments", "networkSecurityGroups"):
            self._add(facet, subscription)
        self._add("roleDefinitions", subscription, *(_role(k, v) for k, v in ROLES.items()))
        for region in REGIONS:
            place = f"{subscription}/providers/{ML}/locations/{region}"
            rows = [(name, 400) for name in FAMILIES]
            rows += [("TotalDedicatedCores", 1000), ("TotalClusters", 200)]
            self._add("usages", place, *(_usage(subscription, *row) for row in rows))

    def _workspace(self, number: int, subscription: str) -> None:
        region = REGIONS[number % len(REGIONS)]
        group = f"{subscription}/resourceGroups/rg-{number}"
        own = f"{group}/providers/{ML}/workspaces/ws-{number}"
        storage = f"{group}/providers/Microsoft.Storage/storageAccounts/st{number}"
        registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/cr{number}"
        vault = f"{group}/providers/Microsoft.KeyVault/vaults/kv-{number}"
        nets = f"{subscription}/resourceGroups/rg-net-{region}"
        network = f"{nets}/providers/Microsoft.Network/virtualNetworks/vnet"
        principal = f"00000000-0000-0000-0000-{number:012d}"
        self._add(
            "workspaces",
            subscription,
            {
                "id": own,
                "name": f"ws-{number}",
                "type": f"{ML}/workspaces",
                "location": region,
                "identity": {"type": "SystemAssigned", "principalId": principal},
                "properties": {
                    "storageAccount": storage,
                    "containerRegistry": registry,
                    "keyVault": vault,
                    "publicNetworkAccess": "Disabled",
                },
            },
        )
        for facet, scope in (("storageAccounts", storage), ("registries", registry)):
            self._add(facet, subscription, {"id": scope, "location": region, "properties": {}})
        self._add("vaults", subscription, {"id": vault, "location": region, "properties": {}})
        for role, scope in zip(ROLES, (storage, registry, vault), strict=True):
            self._add("roleAssignments", subscription, _assignment(scope, role, principal))
        if number % WORKSPACES < len(REGIONS):
            self._add("virtualNetworks", subscription, _network(network, region))
        if number % 25 == 0:
            lock = f"{group}/providers/Microsoft.Authorization/locks/keep"
            self._add("locks", subscription, {"id": lock, "properties": {"level": "CanNotDelete"}})
        self._add(
            "computes",
            own,
            *(
                _cluster(f"{own}/computes/c-{index}", network, region, index)
                for index in range(CLUSTERS)
            ),
        )


def _role(name: str, title: str) -> dict[str, Any]:
    return {
        "id": f"/providers/Microsoft.Authorization/roleDefinitions/{name}",
        "name": name,
        "properties": {"roleName": title, "type": "BuiltInRole", "permissions": []},
    }


def _assignment(scope: str, role: str, principal: str) -> dict[str, Any]:
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{principal}",
        "name": principal,
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "scope": scope,
        },
    }


def _usage(subscription: str, name: str, limit: int) -> dict[str, Any]:
    kind = "totalCores" if name == "TotalClusters" else "dedicatedCores"
    return {
        "id": f"{subscription}/usages/{name}",
        "name": {"value": name, "localizedValue": name},
        "type": f"{ML}/{kind}/usages",
        "unit": "Count",
        "currentValue": 0,
        "limit": limit,
    }


def _network(network: str, region: str) -> dict[str, Any]:
    subnet = {"id": f"{network}/subnets/nodes", "name": "nodes"}
    return {
        "id": network,
        "name": "vnet",
        "type": "Microsoft.Network/virtualNetworks",
        "location": region,
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{**subnet, "properties": {"addressPrefix": "10.0.0.0/20"}}],
        },
    }


def _cluster(own: str, network: str, region: str, index: int) -> dict[str, Any]:
    return {
        "id": own,
        "name": own.rpartition("/")[2],
        "type": f"{ML}/workspaces/computes",
        "location": region,
        "properties": {
            "computeType": "AmlCompute",
            "provisioningState": "Succeeded",
            "disableLocalAuth": index > 0,
            "properties": {
                "vmSize": MACHINES[index % len(MACHINES)],
                "vmPriority": "Dedicated",
                "allocationState": "Steady",
                "allocationStateTransitionTime": "2026-11-24T10:00:00+00:00",
                "currentNodeCount": 0,
                "targetNodeCount": 0,
                "scaleSettings": {
                    "minNodeCount": index // (CLUSTERS - 1),
                    "maxNodeCount": 2,
                    "nodeIdleTimeBeforeScaleDown": "PT120S",
                },
                "subnet": {"id": f"{network}/subnets/nodes"},
            },
        },
    }


def measure(path: Path) -> tuple[float, float, int]:
    """Audit in a process of its own: CPU seconds, peak MiB, findings."""
    words = (sys.executable, "-m", "azmlint", "audit", "--snapshot", str(path), "--format", "json")
    with path.with_suffix(".report").open("w+", encoding="utf-8") as report:
        process = subprocess.Popen(words, stdout=report)
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0
        report.seek(0)
        found = len(json.load(report)["findings"])
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, found


def stages(path: Path) -> dict[str, tuple[float, float]]:
    """Audit stage by stage: CPU seconds of each, and the most memory up to its end in MiB."""
    spent: dict[str, tuple[float, float]] = {}
    start = process_time()

    def done(stage: str) -> None:
        nonlocal start
        now = process_time()
        spent[stage] = (now - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        start = now

    found = snapshots.load([path])
    done("read the snapshot")
    rules = settle(path.parent)
    context = ProjectContext(rules.config)
    deployed = Deployed(found, is_judged=True)
    gathered = gather(Inputs({}, {}, context, Facts(today=NOW.date()), deployed))
    done("make the estate")
    gathered.estate.graph()
    done("graph")
    report = Report()
    report.deployed_count = len(gathered.judged)
    for entry in selection(rules).rules.values():
        if not all(found.coverages.asked(facet) for facet in entry.needs):
            continue
        said = judge([make(entry)], gathered.estate, gathered.judged, context.worlds)
        report.findings += [outcome for outcome in said if isinstance(outcome, Finding)]
        done(f"`{entry.name}`")
    for _piece in pieces("json", report, ReportOptions()):
        pass
    done("write the report, JSON")
    return spent


def main() -> None:
    """Print the whole of each size, then the stages, with how steeply they grow."""
    if sys.argv[1:2] == ["--stages"]:
        gc.set_threshold(200_000, 20, 100)  # as `azmlint.cli.main` does
        print(json.dumps(stages(Path(sys.argv[2]))))
        return
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    rows: list[tuple[int, float]] = []
    parts: list[dict[str, tuple[float, float]]] = []
    print("| clusters | snapshot MB | CPU s | peak MiB | findings | growth |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.json"
            path.write_text(Estate(size).text(), encoding="utf-8")
            seconds, peak, found = measure(path)
            growth = _growth(*rows[-1], size, seconds) if rows else ""
            rows.append((size, seconds))
            weight = path.stat().st_size / 1e6
            print(
                f"| {size:,} | {weight:.1f} | {seconds:.2f} | {peak:.0f} | {found:,} | {growth} |",
                flush=True,
            )
            words = (sys.executable, __file__, "--stages", str(path))
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            parts.append(json.loads(done.stdout))
    _print_stages(sizes, parts)


SHOWN = 0.02
"""The share of the largest estate's time from which on a rule has a row of its own."""


def _print_stages(sizes: list[int], parts: list[dict[str, tuple[float, float]]]) -> None:
    last = parts[-1]
    whole = sum(seconds for seconds, _ in last.values())
    small = [n for n, (s, _) in last.items() if n.startswith("`") and s < SHOWN * whole]
    heads = "".join(f" {size:,} clusters, CPU s |" for size in sizes)
    print(f"\n| stage |{heads} growth | peak MiB so far |")
    print("| --- |" + " ---: |" * (len(sizes) + 2))
    rows = [(name, [part[name][0] for part in parts], last[name][1]) for name in last]
    rows = [row for row in rows if row[0] not in small]
    sums = [sum(part[name][0] for name in small) for part in parts]
    rows.insert(-1, (f"{len(small)} other rules", sums, rows[-2][2]))
    for name, seconds, peak in rows:
        growth = _growth(sizes[-2], seconds[-2], sizes[-1], seconds[-1]) if sizes[1:] else ""
        cells = "".join(f" {s:.2f} |" for s in seconds)
        print(f"| {name} |{cells} {growth} | {peak:.0f} |")
    if sizes[1:]:
        steep = [
            (math.log(last[n][0] / parts[-2][n][0]) / math.log(sizes[-1] / sizes[-2]), n)
            for n in last
            if last[n][0] > SHOWN and parts[-2][n][0] > 0
        ]
        print("\nSteepest: " + ", ".join(f"{n} n^{x:.2f}" for x, n in sorted(steep)[:-4:-1]))


def _growth(before: int, took: float, size: int, seconds: float) -> str:
    return f"n^{math.log(seconds / took) / math.log(size / before):.2f}"


if __name__ == "__main__":
    main()
