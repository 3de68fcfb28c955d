"""How many nodes fit on a subnet, against a simulation that hands out addresses one by one."""

from __future__ import annotations

import ipaddress
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.model.addresses import Room, prefix_for, usable

RULE = rule_classes(BUILT_IN)["subnet-too-small"]
SUBSCRIPTION = "/subscriptions/5a000000-0000-4000-8000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
SUBNET = f"{NETWORK}/subnets/ml"
ML = "Microsoft.MachineLearningServices"


@pytest.mark.parametrize(
    ("length", "nodes"), [(29, 3), (28, 11), (27, 27), (26, 59), (25, 123), (24, 251), (16, 65_531)]
)
def test_the_documented_numbers_of_nodes(length, nodes):
    assert usable([f"10.0.0.0/{length}"]) == nodes


@given(st.integers(8, 32), st.integers(0, 2**32 - 1))
def test_what_is_usable_is_what_ipaddress_counts(length, start):
    network = ipaddress.ip_network((start, length), strict=False)

    assert usable([str(network)]) == max(network.num_addresses - 5, 0)


@given(st.integers(0, 2**20))
def test_a_prefix_is_the_longest_that_has_room(count):
    length = prefix_for(count)

    assert 2 ** (32 - length) - 5 >= count
    assert length == 29 or 2 ** (32 - length - 1) - 5 < count


@pytest.mark.parametrize("prefixes", [["10.0.0.0/33"], ["ml"], [""], ["10.0.0.0/28", "x"]])
def test_what_is_no_prefix_has_no_number(prefixes):
    assert usable(prefixes) is None


def test_prefixes_add_up_and_those_of_ipv6_do_not_count():
    assert usable(["10.0.0.0/28", "10.0.1.0/28", "fd00::/64"]) == 27


def test_what_is_free_is_known_only_where_it_was_read():
    assert Room(11, 0, 0).free is None
    assert Room(11, 0, 0, 4).free == 7
    assert Room(11, 0, 12, 12).nodes == 0


def handed_out(prefix, taken, wanted):
    """Give each cluster one address after the other until none is left."""
    every = list(ipaddress.ip_network(prefix))
    free = every[4:-1][taken:]
    got = [0] * len(wanted)
    moved = True
    while free and moved:
        moved = False
        for index, most in enumerate(wanted):
            if free and got[index] < most:
                free.pop()
                got[index] += 1
                moved = True
    return got


def snapshot(prefix, clusters, instances, others):
    used = others + instances + sum(now for _, now in clusters)
    nics = [
        {"id": f"{GROUP}/providers/Microsoft.Network/networkInterfaces/n{i}"} for i in range(used)
    ]
    workspace = f"{GROUP}/providers/{ML}/workspaces/ws"
    inner = [
        {"currentNodeCount": now, "scaleSettings": {"maxNodeCount": most, "minNodeCount": 0}}
        for most, now in clusters
    ]
    computes = [("AmlCompute", i) for i in inner] + [("ComputeInstance", {})] * instances
    answers = {
        ("workspaces", SUBSCRIPTION): [{"id": workspace, "name": "ws", "location": "westeurope"}],
        ("computes", workspace): [
            {
                "id": f"{workspace}/computes/c{number}",
                "name": f"c{number}",
                "properties": {
                    "computeType": kind,
                    "properties": {"subnet": {"id": SUBNET}, **properties},
                },
            }
            for number, (kind, properties) in enumerate(computes)
        ],
        ("virtualNetworks", SUBSCRIPTION): [
            {
                "id": NETWORK,
                "name": "net",
                "type": "Microsoft.Network/virtualNetworks",
                "properties": {
                    "subnets": [
                        {
                            "id": SUBNET,
                            "name": "ml",
                            "properties": {"addressPrefix": prefix, "ipConfigurations": nics},
                        }
                    ]
                },
            }
        ],
    }
    rows = [
        {"facet": facet, "scope": scope, "state": "collected", "items": items}
        for (facet, scope), items in answers.items()
    ]
    taken = "2026-11-24T12:00:00Z"
    return json.dumps({"version": 1, "taken": taken, "cloud": "AzureCloud", "answers": rows})


@st.composite
def subnets(draw):
    length = draw(st.integers(26, 29))
    room = 2 ** (32 - length) - 5
    most = draw(st.lists(st.integers(0, room + 2), min_size=1, max_size=4))
    instances = draw(st.integers(0, 2))
    others = draw(st.integers(0, max(room - instances, 0)))
    left = max(room - instances - others, 0)
    clusters = []
    for wanted in most:
        now = draw(st.integers(0, min(wanted, left)))
        left -= now
        clusters.append((wanted, now))
    return f"10.0.0.0/{length}", clusters, instances, others


@settings(max_examples=60, deadline=None)
@given(subnets())
def test_a_subnet_is_too_small_exactly_when_somebody_gets_too_few_addresses(case):
    prefix, clusters, instances, others = case
    wanted = [most for most, _ in clusters]

    report = testing.check({"estate.json": snapshot(*case)}, [RULE])

    got = handed_out(prefix, instances + others, wanted)
    assert report.undecided == []
    assert report.failures == []
    assert bool(report.findings) == (got != wanted)
    if report.findings:
        (room,) = handed_out(prefix, instances + others, [10_000])
        assert f"has room for {room} nodes" in report.findings[0].message
        assert len(report.findings) == 1
