"""How `azmlint capacity` grows with the estate: CPU seconds of each of its steps, in one run.

`python benchmarks/capacity.py [CLUSTERS]...` makes estates of so many clusters over 60 regions and
200 families, with a limit for each family that occurs and for the total of each region, and works
out how far each cluster gets, and the bound.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import sys
import time
from typing import TYPE_CHECKING, Any

from azmlint.data.sizes import sizes
from azmlint.engine.capacity import answer
from azmlint.engine.deployed import Deployed
from azmlint.engine.gather import Facts, Inputs, gather
from azmlint.model.capacity.filling import Demand, fill
from azmlint.model.facet import COLLECTED
from azmlint.sources.snapshot import Answer, snapshot
from azmlint.sources.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.sources.snapshot import Snapshot

ML = "Microsoft.MachineLearningServices"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
COUNTS = (1_000, 10_000, 30_000)
REGIONS = 60
FAMILIES = 200
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def estate(count: int) -> Snapshot:
    """Make an estate in which about half of the clusters do not get all that they ask for."""
    chance = random.Random(count)
    by_family: dict[str, list[tuple[str, int]]] = {}
    for size in sizes():
        if size.family and size.vcpus:
            by_family.setdefault(size.family, []).append((size.name, size.vcpus))
    families = sorted(by_family, key=str.casefold)[:FAMILIES]
    computes: dict[str, list[dict[str, Any]]] = {}
    asked: dict[tuple[int, str], int] = {}
    for number in range(count):
        region, family = chance.randrange(REGIONS), chance.choice(families)
        size, vcpus = chance.choice(by_family[family])
        most = chance.randint(1, 100)
        asked[region, family] = asked.get((region, family), 0) + vcpus * most
        own = f"{SUBSCRIPTION}/resourceGroups/rg/providers/{ML}/workspaces/ws{number // 100}"
        computes.setdefault(own, []).append(_cluster(own, number, region, size, most))
    answers = [Answer("computes", w, "", COLLECTED, tuple(c)) for w, c in computes.items()]
    for region in range(REGIONS):
        rows = [
            _usage(family, chance.randint(0, 2 * wanted))
            for (own, family), wanted in asked.items()
            if own == region
        ]
        total = sum(wanted for (own, _), wanted in asked.items() if own == region)
        rows.append(_usage("TotalDedicatedCores", chance.randint(total // 2, total)))
        scope = f"{SUBSCRIPTION}/providers/{ML}/locations/region{region}"
        answers.append(Answer("usages", scope, "", COLLECTED, tuple(rows)))
    return snapshot(NOW, "AzureCloud", answers)


def _cluster(workspace: str, number: int, region: int, size: str, most: int) -> dict[str, Any]:
    return {
        "id": f"{workspace}/computes/c{number}",
        "name": f"c{number}",
        "location": f"region{region}",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": size,
                "currentNodeCount": 0,
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": most},
            },
        },
    }


def _usage(name: str, limit: int) -> dict[str, Any]:
    return {
        "id": f"{SUBSCRIPTION}/usages/{name}",
        "type": f"{ML}/dedicatedCores/usages",
        "name": {"value": name},
        "limit": limit,
        "currentValue": 0,
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Do something, and say how many CPU seconds it took."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def main() -> None:
    """Print a row for each count, and how steeply the filling grew."""
    counts = [int(word) for word in sys.argv[1:]] or list(COUNTS)
    print("| clusters | limits | short | filling s | growth | bounds s | all s | growth |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    before: tuple[int, float, float] | None = None
    for count in counts:
        found = estate(count)
        facts = Facts(today=NOW.date())
        inputs = Inputs({}, {}, Texts({}), facts, Deployed(found, is_judged=True))
        gathered = gather(inputs).estate
        whole, told = timed(lambda e=gathered, f=found: answer(e, f))  # type: ignore[misc]  # defaults bind
        markets = [place.market for place in told.places]
        work = [
            (
                [
                    Demand(c.asked, tuple((x.number, x.cost(c)) for x in m.limits_of(c.compute)))
                    for c in m.claims
                ],
                [x.room or 0 for x in m.limits],
            )
            for m in markets
        ]
        filling, _ = timed(lambda w=work: [fill(*each) for each in w])  # type: ignore[misc]
        bounds, _ = timed(lambda m=markets: [market.bound() for market in m])  # type: ignore[misc]
        outcomes = [o for place in told.places for o in place.outcomes]
        short = sum(o.together < o.claim.asked for o in outcomes)
        growth = ["", ""]
        if before is not None:
            scale = math.log(count / before[0])
            pairs = ((filling, before[1]), (whole, before[2]))
            growth = [f"n^{math.log(now / then) / scale:.2f}" for now, then in pairs]
        before = (count, filling, whole)
        limits = sum(len(m.limits) for m in markets)
        print(
            f"| {count} | {limits} | {short} | {filling:.3f} | {growth[0]} | {bounds:.2f} "
            f"| {whole:.2f} | {growth[1]} |"
        )
    print(f"\nPython {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
