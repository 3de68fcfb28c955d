"""Clusters fill their quotas as a simulation does, node by node, and never beyond the bound."""

from __future__ import annotations

import datetime as dt
import json
import random

import capacity_oracle as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint import testing
from azmlint.data.sizes import sizes
from azmlint.engine.capacity import answer
from azmlint.engine.deployed import Deployed
from azmlint.engine.gather import Facts, Inputs, gather
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.model.capacity.filling import Demand, alone, fill
from azmlint.model.capacity.flow import Pipe, Supply, bound
from azmlint.model.capacity.rows import Quotas, Row, family_key, region_key, stated
from azmlint.sources.document import Binding, decode
from azmlint.sources.snapshot import Answer, snapshot
from azmlint.sources.texts import Texts

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
ML = "Microsoft.MachineLearningServices"
SUB = "/subscriptions/5a000000-0000-4000-8000-000000000001"
REGION = f"{SUB}/providers/{ML}/locations/eastus"
VNET = f"{SUB}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet"
ROOM = {3: 29, 11: 28, 27: 27}
"""How long the prefix of a subnet is that has room for so many nodes."""

TOTAL = "total"
POOL = "pool"
FAMILIES = {
    "standardDSv2Family": {1: "Standard_DS1_v2", 2: "Standard_DS2_v2", 4: "Standard_DS3_v2"},
    "standardDDSv5Family": {2: "Standard_D2ds_v5", 4: "Standard_D4ds_v5", 8: "Standard_D8ds_v5"},
}
TOTALS = {
    TOTAL: ("TotalDedicatedCores", "dedicatedCores"),
    POOL: ("TotalLowPriorityCores", "lowPriorityCores"),
}


@st.composite
def others(draw, shares):
    """Draw instances and online deployments: those that are there, and those that are declared."""
    found = []
    for index in range(draw(st.integers(0, 3))):
        family = draw(st.sampled_from(sorted(FAMILIES)))
        vcpus = draw(st.sampled_from(sorted(FAMILIES[family])))
        workspace = f"ws{draw(st.integers(0, 1))}"
        share = f"{family} of {workspace}"
        is_instance = draw(st.booleans())
        # How many there are, and how many a file declares, if any does.
        there = draw(st.integers(0, 1 if is_instance else 4))
        declared = 1 if is_instance else draw(st.integers(1, 6))
        if there and draw(st.booleans()):
            declared = None
        numbers = [n for n in (there, declared) if n is not None]
        # A fifth more for upgrades, counted in whole machines.
        now, most = (n if is_instance else -(-n * 12 // 10) for n in (numbers[0], numbers[-1]))
        found.append(
            {
                "name": f"b{index}",
                "vcpus": vcpus,
                "most": most,
                "now": min(now, most),
                "really_now": now,
                "limits": [family, TOTAL, *([share] if share in shares else [])],
                "size": FAMILIES[family][vcpus],
                "workspace": workspace,
                "is_fixed": True,
                "is_instance": is_instance,
                "there": there,
                "declared": declared,
            }
        )
    return found


@st.composite
def regions(draw, most_clusters=4, most_nodes=4):
    """Draw clusters, other computes and limits, as the oracle wants them."""
    number = st.integers(0, 40)
    limits = {TOTAL: draw(number), POOL: draw(number)}
    limits |= {family: draw(number) for family in FAMILIES}
    shares = {
        f"{family} of {workspace}": draw(number)
        for family in FAMILIES
        for workspace in ("ws0", "ws1")
        if draw(st.booleans())
    }
    subnets = {"subnet a": draw(st.sampled_from(sorted(ROOM))), "subnet b": 27}
    clusters = []
    for index in range(draw(st.integers(1, most_clusters))):
        family = draw(st.sampled_from(sorted(FAMILIES)))
        vcpus = draw(st.sampled_from(sorted(FAMILIES[family])))
        workspace = f"ws{draw(st.integers(0, 1))}"
        is_low = draw(st.booleans())
        # The order is that in which limits are named: family, total, the workspace's share.
        own = [POOL] if is_low else [family, TOTAL]
        share = f"{family} of {workspace}"
        if not is_low and share in shares:
            own.append(share)
        if draw(st.booleans()):
            own.append(draw(st.sampled_from(sorted(subnets))))
        clusters.append(
            {
                "name": f"c{index}",
                "vcpus": vcpus,
                "most": draw(st.integers(0, most_nodes)),
                "limits": own,
                "size": FAMILIES[family][vcpus],
                "workspace": workspace,
                "is_low": is_low,
            }
        )
    return [*clusters, *draw(others(shares))], limits | shares | subnets


def estate_of(clusters, limits, unlisted=0):
    """Write a region as the service answers it, with files of what is to come, and read it.

    Of each limit of the subscription, `unlisted` is in use by what no answer lists.
    """
    usages, quotas = [], []
    for name, limit in limits.items():
        if name.startswith("subnet"):
            continue
        family, _, workspace = name.partition(" of ")
        if workspace:
            own = f"{SUB}/resourceGroups/ml/providers/{ML}/workspaces/{workspace}/quotas/{family}"
            kind = f"{ML}/workspaces/quotas"
            quotas.append({"id": own, "type": kind, "name": {"value": family}, "limit": limit})
            continue
        value, kind = TOTALS.get(name, (name, "dedicatedCores"))
        usages.append(
            {
                "id": f"{SUB}/usages/{value}",
                "type": f"{ML}/{kind}/usages",
                "name": {"value": value},
                "limit": limit,
                "currentValue": unlisted
                + sum(
                    c["really_now"] * c["vcpus"]
                    for c in clusters
                    if c.get("is_fixed") and name in c["limits"]
                ),
            }
        )
    answers = [
        Answer("virtualNetworks", SUB, "", "collected", (_network(limits),)),
        Answer("usages", REGION, "", "collected", tuple(usages)),
        Answer("quotas", REGION, "", "collected", tuple(quotas)),
    ]
    for workspace in ("ws0", "ws1"):
        own = f"{SUB}/resourceGroups/ml/providers/{ML}/workspaces/{workspace}"
        here = [c for c in clusters if c["workspace"] == workspace]
        there = [_other(own, c, c["there"]) for c in here if c.get("there")]
        computes = [_item(own, c) for c in here if not c.get("is_fixed")]
        computes += [x for x in there if "/computes/" in x["id"]]
        deployments = [x for x in there if "/computes/" not in x["id"]]
        answers += [
            Answer("computes", own, "", "collected", tuple(computes)),
            Answer(
                "onlineDeployments", f"{own}/onlineEndpoints/e", "", "collected", tuple(deployments)
            ),
        ]
    found = snapshot(NOW, "AzureCloud", answers)
    documents = {"main.json": decode("main.json", _declared(clusters).encode())}
    binding = Binding(SUB.rpartition("/")[2], "ml")
    context = Texts(documents, {"main.json": binding})
    deployed = Deployed(found, is_judged=False)
    return gather(Inputs(documents, {}, context, Facts(today=NOW.date()), deployed)).estate, found


def _other(workspace, compute, count):
    """Write an instance or an online deployment, as the service does and as templates do."""
    if compute["is_instance"]:
        return {
            "id": f"{workspace}/computes/{compute['name']}",
            "type": f"{ML}/workspaces/computes",
            "name": compute["name"],
            "location": "eastus",
            "properties": {
                "computeType": "ComputeInstance",
                "properties": {"vmSize": compute["size"]},
            },
        }
    return {
        "id": f"{workspace}/onlineEndpoints/e/deployments/{compute['name']}",
        "type": f"{ML}/workspaces/onlineEndpoints/deployments",
        "name": compute["name"],
        "location": "eastus",
        "sku": {"name": "Default", "capacity": count},
        "properties": {"endpointComputeType": "Managed", "instanceType": compute["size"]},
    }


def _declared(clusters):
    resources = []
    for compute in clusters:
        if compute.get("declared") is None:
            continue
        resource = _other(compute["workspace"], compute, compute["declared"])
        parts = resource.pop("id").split("/")
        resource |= {"name": "/".join([parts[0], *parts[2::2]]), "apiVersion": "2025-12-01"}
        resources.append(resource)
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    return json.dumps({"$schema": schema, "contentVersion": "1.0.0.0", "resources": resources})


def _network(limits):
    subnets = [
        {
            "id": f"{VNET}/subnets/{name[-1]}",
            "name": name[-1],
            "properties": {"addressPrefix": f"10.0.{number}.0/{ROOM[limit]}"},
        }
        for number, (name, limit) in enumerate(limits.items())
        if name.startswith("subnet")
    ]
    return {"id": VNET, "name": "vnet", "properties": {"subnets": subnets}}


def _item(workspace, cluster):
    subnets = [x for x in cluster["limits"] if x.startswith("subnet")]
    subnet = {"subnet": {"id": f"{VNET}/subnets/{subnets[0][-1]}"}} if subnets else {}
    return {
        "id": f"{workspace}/computes/{cluster['name']}",
        "name": cluster["name"],
        "location": "East US",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": cluster["size"],
                "vmPriority": "LowPriority" if cluster["is_low"] else "Dedicated",
                "currentNodeCount": 0,
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": cluster["most"]},
                **subnet,
            },
        },
    }


def narrowest_first(clusters):
    """Put the share of a workspace before its family, as vCPUs pass them."""
    return [{**c, "limits": sorted(c["limits"], key=_breadth)} for c in clusters]


def _breadth(limit):
    return (limit.startswith("subnet"), limit in (TOTAL, POOL), limit in FAMILIES)


def left_of(limits, unlisted):
    """Take away what is in use by what nobody lists, where the service counts it."""
    counted = {TOTAL, POOL, *FAMILIES}
    return {x: n - unlisted if x in counted else n for x, n in limits.items()}


@given(regions(), st.integers(0, 12))
def test_an_estate_fills_as_the_simulation_does_within_what_is_possible(region, unlisted):
    clusters, limits = region
    estate, found = estate_of(clusters, limits, unlisted)

    (place,) = answer(estate, found).places

    left = left_of(limits, unlisted)
    limits = oracle.with_what_is_there(left, clusters)
    nodes, full = oracle.simulate(clusters, left)
    names = {family_key(f): f for f in FAMILIES}
    assert {o.claim.compute.name: o.together for o in place.outcomes} == nodes
    by_name = {c["name"]: c for c in clusters}
    for outcome in place.outcomes:
        cluster = by_name[outcome.claim.compute.name]
        assert outcome.alone == oracle.alone(cluster, left, clusters, nodes)
        row = outcome.full.row if outcome.full is not None else None
        assert (row and spelled(row, names)) == full[cluster["name"]]
    reached = sum(nodes[c["name"]] * c["vcpus"] for c in clusters)
    assert place.reached == reached
    best = oracle.optimum(clusters, limits)
    assert reached <= best <= place.bound.amount
    assert place.bound.amount == oracle.smallest_cut(narrowest_first(clusters), limits)
    saturated = sum(
        oracle.asked(by_name[place.outcomes[n].claim.compute.name], limits)
        * place.outcomes[n].claim.vcpus
        for n in place.bound.supplies
    )
    assert saturated + sum(x.shared for x in place.cut) == place.bound.amount


def spelled(row, names):
    if row.pool == "addresses":
        return f"subnet {row.scope[-1]}"
    if row.scope:
        return f"{names[family_key(row.family)]} of {row.scope.rpartition('/')[2]}"
    if row.family:
        return names[family_key(row.family)]
    return TOTAL if row.pool == "dedicated" else POOL


@given(regions(most_clusters=6, most_nodes=30), st.data())
def test_more_of_a_limit_that_helps_lets_more_through_and_of_another_does_not(region, data):
    clusters, limits = region
    limits = oracle.with_what_is_there(limits, clusters)
    estate, found = estate_of(clusters, limits)
    (place,) = answer(estate, found).places
    if not place.cut:
        return
    limit = data.draw(st.sampled_from(place.cut))

    names = {family_key(f): f for f in FAMILIES}
    more = {**limits, spelled(limit.row, names): limit.shared + 1}
    raised = oracle.smallest_cut(narrowest_first(clusters), more)
    assert raised == place.bound.amount + (limit in place.helping)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=4),
        ),
        max_size=8,
    ),
    st.lists(st.integers(-5, 200), min_size=4, max_size=4),
)
def test_filling_is_the_simulation_whatever_limits_have_in_common(asked, rooms):
    # A subnet is shared across families, so that limits need not lie within each other.
    clusters = [
        {"name": f"{i:02}", "vcpus": 1, "most": most, "limits": [str(k) for k in dict(costs)]}
        for i, (most, costs) in enumerate(asked)
    ]
    costs = [dict(c) for _, c in asked]
    demands = [Demand(c["most"], tuple(costs[i].items())) for i, c in enumerate(clusters)]

    found = fill(demands, rooms)

    left, nodes, full = [max(r, 0) for r in rooms], [0] * len(demands), [None] * len(demands)
    growing = set(range(len(demands)))
    while growing:
        for number in sorted(growing):
            if nodes[number] == demands[number].most:
                growing.discard(number)
                continue
            short = [x for x, c in demands[number].costs if left[x] < c]
            if short:
                full[number] = short[0]
                growing.discard(number)
                continue
            for limit, cost in demands[number].costs:
                left[limit] -= cost
            nodes[number] += 1
    assert [(r.nodes, r.full) for r in found] == list(zip(nodes, full, strict=True))


def test_filling_takes_limits_of_millions_in_a_few_steps():
    demands = [Demand(10**9, ((0, 4),)), Demand(10**9, ((0, 3), (1, 3)))]

    found = fill(demands, [7 * 10**8 + 5, 3 * 10**7])

    assert [r.nodes for r in found] == [(7 * 10**8 + 5 - 3 * 10**7) // 4, 10**7]
    assert [r.full for r in found] == [0, 1]


def test_alone_names_the_limit_that_lets_least_through():
    assert alone(Demand(9, ((0, 4), (1, 4))), [20, 12]) == (3, 1)
    assert alone(Demand(2, ((0, 4), (1, 4))), [20, 12]) == (2, None)


def test_a_flow_of_too_many_clusters_is_left_out():
    assert bound([Supply(1, None)] * 20_001, []) is None


def test_a_limit_that_is_not_known_bounds_nothing():
    found = bound([Supply(8, 0), Supply(4, 1)], [Pipe(None, 1), Pipe(10, None)])

    assert found.amount == 10
    assert found.limits == found.helping == (1,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("standardDSv2Family", "Standard DSv2 Family Cluster Dedicated vCPUs"),
        ("standardDSv2Family", "Standard_DSv2_Family_Cluster_Dedicated_vCPUs"),
        ("Standard NCASv3_T4 Family", "NCasT4_v3"),
        ("StandardNCADSA100v4Family", "standardNCADSA100v4Family"),
        ("standard NDAMSv4_A100Family", "Standard NDAMSv4_A100 Family Cluster Dedicated vCPUs"),
    ],
)
def test_spellings_of_one_family_are_one(one, other):
    assert family_key(one) == family_key(other)


def test_families_of_all_sizes_stay_apart():
    families = {s.family for s in sizes() if s.family}
    assert len({family_key(f) for f in families}) == len({f.casefold() for f in families})


def test_a_region_in_display_form_is_the_region():
    assert region_key("West Europe") == region_key("westeurope") == "westeurope"


def test_a_limit_stated_by_name_is_of_a_family_or_a_total():
    rows = [
        stated(n, 8) for n in ("standardDSv2Family", "TotalDedicatedCores", "totalLowPriorityCores")
    ]

    assert [(r.pool, r.family) for r in rows] == [
        ("dedicated", "standardDSv2Family"),
        ("dedicated", ""),
        ("low priority", ""),
    ]


def test_supposing_another_limit_leaves_the_first_as_it_was():
    quotas = Quotas(
        {("/subscriptions/s", "eastus"): [Row("dedicated", "standardDSv2Family", 8, 4)]}
    )

    changed = quotas.with_limit("eastus", stated("Standard DSv2 Family", 96, "what-if"))

    assert changed.of("/subscriptions/s", "eastus").find("dedicated", "dsv2").limit == 96
    assert changed.of("/subscriptions/s", "eastus").find("dedicated", "dsv2").used == 4
    assert quotas.of("/subscriptions/s", "eastus").find("dedicated", "dsv2").limit == 8


def test_the_order_of_answers_changes_nothing():
    chance = random.Random(5)
    clusters, limits = [], {TOTAL: 90, POOL: 8, "standardDSv2Family": 40, "standardDDSv5Family": 33}
    for index in range(12):
        family = ("standardDSv2Family", "standardDDSv5Family")[index % 2]
        clusters.append(
            {
                "name": f"c{index}", "vcpus": 4, "most": 7, "limits": [family, TOTAL],
                "size": FAMILIES[family][4], "workspace": f"ws{index % 2}", "is_low": False,
            }
        )  # fmt: skip

    found = []
    for _ in range(3):
        chance.shuffle(clusters)
        (place,) = answer(*estate_of(clusters, dict(chance.sample(list(limits.items()), 4)))).places
        found.append([(o.claim.compute.name, o.together) for o in place.outcomes])

    assert found[0] == found[1] == found[2]


def template(*conditions):
    computes = [
        {
            "type": f"{ML}/workspaces/computes",
            "apiVersion": "2025-12-01",
            "name": f"ws/c{number}",
            "location": "eastus",
            "condition": f"[parameters('{name}')]",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 2}},
            },
        }
        for number, name in enumerate(conditions)
    ]
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
    parameters = {name: {"type": "bool"} for name in conditions}
    return json.dumps({"$schema": schema, "parameters": parameters, "resources": computes})


def test_too_many_open_decisions_are_undecided(monkeypatch):
    rule = rule_classes(BUILT_IN)["capacity-bottleneck"]
    limits = {"eastus": (stated("standardDSv2Family", 8), stated("TotalDedicatedCores", 100))}
    facts = Facts(today=NOW.date(), quotas=limits)
    texts = {"main.json": template("a", "b", "c")}

    before = testing.check(texts, [rule], facts=facts)
    monkeypatch.setattr("azmlint.model.capacity.capacity._MOST_WORK", 3)
    after = testing.check(texts, [rule], facts=facts)

    assert {f.rule for f in before.findings} == {rule.name}
    assert len(after.findings) < len(before.findings)
    assert any("too many decisions are open" in u.reason for u in after.undecided)


@pytest.mark.parametrize(
    ("family", "requested"),
    [
        ("Standard DSv2 Family Cluster Dedicated vCPUs", "standardDSv2Family"),
        ("Standard_DSv2_Family_Cluster_Dedicated_vCPUs", "standardDSv2Family"),
        ("standardDSv2Family", "standardDSv2Family"),
        ("Standard Unheard Family Cluster Dedicated vCPUs",) * 2,
    ],
)
def test_more_of_a_family_is_asked_for_by_its_short_name(family, requested):
    assert Row("dedicated", family, 8).request_name == requested
