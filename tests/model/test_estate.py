"""What an estate answers, of what is read, what is not, and what stands twice."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from azmlint.expressions.term import ABSENT_TERM
from azmlint.expressions.truth import Undecided
from azmlint.model.estate import Estate, UndeclaredFacet
from azmlint.model.facet import COLLECTED, DENIED, FAILED, Coverage, Coverages, Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    Compute,
    ComputeCluster,
    KeyVault,
    Lock,
    StorageAccount,
    Subnet,
    VirtualNetwork,
    Workspace,
)
from azmlint.sources import load
from azmlint.sources.deployed import resources
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

TODAY = dt.date(2026, 11, 24)
ONE = "/subscriptions/3f9d2a71-5c08-4e1b-9d64-7a20c1e8b5f0"
GROUP = f"{ONE}/resourceGroups/ml"
ML = "Microsoft.MachineLearningServices/workspaces"
WORKSPACE = f"{GROUP}/providers/{ML}/ws"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
DATA = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/data"

ANSWERS = [
    {
        "id": WORKSPACE,
        "name": "ws",
        "tags": {"env": "Prod"},
        "properties": {"storageAccount": DATA},
    },
    {
        "id": f"{WORKSPACE}/computes/train",
        "name": "train",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {"subnet": {"id": f"{VNET.upper()}/subnets/NODES"}},
        },
    },
    {
        "id": f"{WORKSPACE}/computes/free",
        "name": "free",
        "properties": {"computeType": "AmlCompute"},
    },
    {
        "id": VNET,
        "name": "vnet",
        "properties": {"subnets": [{"id": f"{VNET}/subnets/nodes", "name": "nodes"}, 3]},
    },
    {"id": DATA, "name": "data", "properties": {}},
    *(
        {
            "id": f"{scope}/providers/Microsoft.Authorization/locks/{name}",
            "name": name,
            "properties": {"level": "CanNotDelete"},
        }
        for scope, name in ((GROUP, "on-group"), (ONE, "on-sub"), (VNET, "on-vnet"))
    ),
]
CLUSTER = "name: train\ntype: amlcompute\nsize: Standard_D4s_v5\nmin_instances: 2\n"


def all_of(items=ANSWERS):
    return [r for item in items for r in resources(item)]


def estate(found=None, coverages=(), **facts):
    found = all_of() if found is None else found
    return Estate(found, today=TODAY, coverages=Coverages(coverages), **facts)


def declared(text=CLUSTER, **bound):
    binding = Binding(ONE.rpartition("/")[2], "ml", "ws", **bound)
    document = decode("c.yml", text.encode())
    return load.read(document, Texts({"c.yml": document}, {"c.yml": binding})).resources


def named(found):
    return [r.name for r in found]


def an(text):
    return ResourceId((text,))


def compute(one, name):
    return next(c for c in one.of(Compute) if c.name == name)


# Look-ups


def test_relations_compare_without_case():
    one = estate()
    train = compute(one, "train")

    assert one.workspace_of(train).name == "ws"
    assert one.subnet_of(train).name == "nodes"
    assert one.network_of(train).name == "vnet"
    assert named(one.computes_in(one.network_of(train))) == ["train"]
    assert named(one.subnets_of(one.network_of(train))) == ["nodes"]
    assert one.subnet_id(compute(one, "free")) is None
    assert [(n.name, named(c)) for n, c in one.used_networks(an(GROUP))] == [("VNET", ["train"])]
    assert named(one.computes_of(one.of(Workspace)[0])) == ["train", "free"]


def test_locks_cover_what_is_below_them():
    one = estate()
    subnet = one.of(Subnet)[0]

    assert named(one.locks_on(subnet)) == ["on-vnet", "on-group", "on-sub"]
    assert named(one.locks_on(one.of(Workspace)[0])) == ["on-group", "on-sub"]
    assert named(one.locks_at(an(GROUP.upper()))) == ["on-group"]


def test_a_lock_is_not_in_the_scope_that_it_locks():
    assert named(estate().within(an(GROUP), Lock)) == []
    assert named(estate().within(an(GROUP), StorageAccount)) == ["data"]
    assert named(estate().within(an(ONE), VirtualNetwork)) == ["vnet"]


def test_what_uses_an_account_is_known_with_the_property():
    ((workspace, value),) = estate().workspaces_using(an(DATA.upper()))

    assert workspace.name == "ws"
    assert value.known == DATA
    assert estate().workspaces_using(an(VNET)) == []


def test_what_is_declared_stands_before_what_is_deployed():
    one = estate([*declared(), *all_of()])
    (mine, *_) = one.of(ComputeCluster)

    assert one.find(Compute, mine.id) is mine
    assert one.deployed(mine) is not None
    assert one.deployed(mine).is_deployed
    assert [c.is_deployed for c in one.computes_of(one.of(Workspace)[0])] == [False, True]
    assert [c.is_deployed for c in one.within(an(GROUP), Compute)] == [False, True]
    assert list(one.same_id(mine)) == [mine]
    # The declared one names no subnet, so nothing will be in the network.
    assert one.computes_on(an(VNET)) == []


@pytest.mark.parametrize(
    ("tags", "names", "is_so"),
    [
        ((("env", None),), (), True),
        ((("ENV", "prod"),), (), True),
        ((("env", "test"),), (), False),
        ((("other", None),), (), False),
        ((), ("WS",), True),
        ((), ("other",), False),
    ],
)
def test_production_is_what_configuration_says(tags, names, is_so):
    one = estate(production_tags=tags, production_names=names)

    assert one.is_production(one.of(Workspace)[0]) is is_so
    assert one.is_production(compute(one, "train")) is is_so


def test_production_can_be_known_by_the_name_of_a_workspace_that_is_not_here():
    (mine,) = declared()

    assert estate([mine], production_names=("ws",)).is_production(mine)
    assert not estate([mine], production_names=("other",)).is_production(mine)


# What was read


def coverage(facet, scope, state=COLLECTED):
    reason = "" if state == COLLECTED else "403 No"
    return Coverage(facet, scope, state, f"{facet}/read", reason)


def test_what_is_not_in_a_complete_list_is_not_deployed():
    one = estate([], [coverage(Facet.VAULTS, ONE)])
    vault = an(f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv")

    with pytest.raises(Undecided, match="key vault 'kv' is not deployed"):
        one.find(KeyVault, vault)
    assert one.look_up(KeyVault, vault) is None


@pytest.mark.parametrize("state", [DENIED, FAILED])
def test_what_is_not_in_an_incomplete_list_may_be_there(state):
    one = estate([], [coverage(Facet.VAULTS, ONE, state)])

    with pytest.raises(Undecided) as caught:
        one.find(KeyVault, an(f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv"))
    (reason,) = caught.value.reasons
    assert reason.text == f"vaults of {ONE} were not read: 403 No"
    assert reason.need == (Facet.VAULTS, ONE, "vaults/read")


def test_what_nobody_asked_for_was_not_read():
    one = estate([], [coverage(Facet.LOCKS, ONE)])

    with pytest.raises(Undecided, match="key vault 'kv' was not read"):
        one.find(KeyVault, an(f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv"))


def test_what_was_read_and_is_not_there_is_not_deployed():
    one = estate([], [coverage(Facet.LOCKS, ONE)])

    with pytest.raises(Undecided, match="lock 'x' is not deployed"):
        one.find(Lock, an(f"{GROUP}/providers/Microsoft.Authorization/locks/x"))


def test_without_a_snapshot_what_is_missing_is_not_declared():
    with pytest.raises(Undecided, match="not declared in these files"):
        estate([]).find(Workspace, an(WORKSPACE))


def test_a_facet_is_known_of_all_that_is_in_the_scope_that_was_read():
    one = estate([], [coverage(Facet.LOCKS, ONE), coverage(Facet.COMPUTES, WORKSPACE)])

    assert one.is_known(Facet.LOCKS, an(VNET))
    assert one.is_known(Facet.COMPUTES, an(f"{WORKSPACE}/computes/x"))
    assert not one.is_known(Facet.COMPUTES, an(GROUP))
    assert not one.is_known(Facet.LOCKS, an(f"{ONE}0"))
    one.require(Facet.LOCKS, an(GROUP))
    with pytest.raises(Undecided, match=f"computes of {GROUP} were not read"):
        one.require(Facet.COMPUTES, an(GROUP))
    assert estate([], is_complete=True).is_known(Facet.COMPUTES, an(GROUP))
    estate([], is_complete=True).require(Facet.COMPUTES, an(GROUP))


def test_a_rule_may_read_only_what_it_declares():
    one = estate([], [coverage(Facet.LOCKS, ONE)])
    one.readable = frozenset({Facet.LOCKS})

    assert one.is_known(Facet.LOCKS, an(ONE))
    with pytest.raises(UndeclaredFacet):
        one.is_known(Facet.VAULTS, an(ONE))
    with pytest.raises(UndeclaredFacet):
        one.require(Facet.VAULTS, an(ONE))


def test_a_rule_may_ask_for_sizes_and_network_limits_only_if_it_says_so():
    one = estate([], [coverage(Facet.LOCKS, ONE)])
    one.readable = frozenset({Facet.LOCKS})

    with pytest.raises(UndeclaredFacet):
        one.size("Standard_D4s_v5", ONE, "westeurope")
    with pytest.raises(UndeclaredFacet):
        one.network_limits(an(ONE), "westeurope")


def test_without_lists_the_shipped_sizes_are_known():
    size = estate([]).size("standard_d4s_v5", "", "")

    assert size is not None
    assert size.vcpus == 4


def test_network_limits_that_nobody_read_are_undecided():
    with pytest.raises(Undecided, match="networkUsages of"):
        estate([]).network_limits(an(ONE), "westeurope")


def test_users_of_a_network_are_known_when_every_workspace_was_read():
    whole = [coverage(Facet.WORKSPACES, ONE), coverage(Facet.COMPUTES, WORKSPACE)]

    estate(coverages=whole).require_users(an(VNET))
    for gap in whole:
        with pytest.raises(Undecided):
            estate(coverages=[c for c in whole if c != gap]).require_users(an(VNET))


@pytest.mark.parametrize(
    ("status", "has_one"), [("Approved", True), ("approved", True), ("Pending", False)]
)
def test_a_deployed_workspace_knows_its_private_endpoints(status, has_one):
    connection = {"properties": {"privateLinkServiceConnectionState": {"status": status}}}
    item = {**ANSWERS[0], "properties": {"privateEndpointConnections": [connection]}}
    one = estate(all_of([item]))

    assert one.has_private_endpoint(one.of(Workspace)[0]) is has_one
    assert not estate().has_private_endpoint(estate().of(Workspace)[0])


def test_a_declared_workspace_has_those_of_the_deployed_one():
    text = "$schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json\nname: ws\n"
    (mine,) = declared(text)

    with pytest.raises(Undecided, match="may be deployed"):
        estate([mine]).has_private_endpoint(mine)
    assert not estate([mine, *all_of()]).has_private_endpoint(mine)
    assert not estate([mine], [coverage(Facet.WORKSPACES, ONE)]).has_private_endpoint(mine)


def test_no_scaled_compute_is_known_only_when_computes_were_read():
    bare = all_of(ANSWERS[:1])

    with pytest.raises(Undecided):
        estate(bare).scaled_computes_of(bare[0])
    read = [coverage(Facet.COMPUTES, WORKSPACE)]
    assert estate(bare, read).scaled_computes_of(bare[0]) == []


def test_now_is_when_the_state_was_read():
    moment = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)

    assert estate(now=moment).now == moment
    assert estate().now == dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


# Coverages


def test_of_two_readings_of_one_scope_the_complete_one_counts():
    both = [coverage("locks", ONE, DENIED), coverage("locks", ONE.upper())]

    for order in (both, both[::-1]):
        assert Coverages(order).is_collected("locks", an(ONE))
        assert len(list(Coverages(order))) == 1
    assert not Coverages()
    assert Coverages(both)
    assert Coverages(both).asked("locks")
    assert not Coverages(both).asked("usages")


def test_the_nearest_reading_counts():
    lock = f"{VNET}/subnets/s/providers/Microsoft.Authorization/locks/x"
    near = coverage("locks", f"{VNET}/subnets/s", DENIED)

    for scope in (VNET, GROUP, ONE, "/"):
        found = Coverages([coverage("locks", scope), near])
        assert found.of("locks", an(lock)) == near
        assert found.of("locks", an(VNET)) == coverage("locks", scope)
    above = "/providers/Microsoft.Management/managementGroups/m"
    assert Coverages([coverage("x", "/")]).of("x", an(above)) is not None
    assert Coverages([coverage("x", ONE)]).of("x", an("/")) is None


# What an answer is made of


def test_a_property_is_found_whatever_its_case():
    item = {"id": VNET, "NAME": "v", "Properties": {"AddressSpace": {"addressPrefixes": ["a"]}}}
    (found,) = resources(item)

    assert found.name == "vnet"
    assert [t.data for t in found.prefixes.known.members] == ["a"]
    assert found.body.at(("properties", "addressSpace", "addressPrefixes", "0")).data == "a"
    for route in (("properties", "x"), ("properties", "addressSpace", "addressPrefixes", "7")):
        assert found.body.at(route) is ABSENT_TERM
    (place,) = found.prefixes.trace
    assert json.loads(place.text) == ["a"]


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"id": ""},
        {"id": 3, "type": ML},
        {"id": "/x", "type": "Microsoft.Nothing/things"},
        {"id": f"{WORKSPACE}/computes/x", "properties": 1},
        {"id": f"{WORKSPACE}/computes/x", "properties": {"computeType": "HDInsight9"}},
    ],
)
def test_what_is_of_no_judged_kind_is_no_resource(item):
    assert list(resources(item)) == []
