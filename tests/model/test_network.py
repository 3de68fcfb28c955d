"""Security groups decide as a packet-by-packet evaluation does, and never guess."""

from __future__ import annotations

from ipaddress import ip_address

import packet_oracle as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.model.kinds import Items
from azmlint.model.network.addresses import (
    Nodes,
    Range,
    Surroundings,
    Tag,
    range_of,
    relation,
    shown,
    split,
)
from azmlint.model.network.routing import routes_of, service_endpoint, way_to
from azmlint.model.network.security import Traffic, decide, decide_through, security_rules

AROUND = (Surroundings((range_of("10.0.0.0/8"),)),)
BLOCKS = [
    "*",
    "10.0.0.0/8",
    "10.0.0.0/25",
    "10.0.0.64/26",
    "10.0.1.0/24",
    "10.0.0.7",
    "192.168.0.0/16",
]
TAGS = [
    "VirtualNetwork",
    "Internet",
    "Storage",
    "Storage.westeurope",
    "Storage.eastus",
    "BatchNodeManagement",
    "BatchNodeManagement.westeurope",
    "AzureMachineLearning",
    "AzureCloud.westeurope",
    "AzureActiveDirectory",
    "AzureLoadBalancer",
]
PORTS = ["*", "443", "80-443", "445", "1024-65535", "0-442"]


def _term(data):
    if isinstance(data, dict):
        return Term(Object((k, _term(v)) for k, v in data.items()))
    if isinstance(data, list):
        return Term([_term(v) for v in data])
    return data if isinstance(data, Term) else Term(data)


def _rules(plain, layer=0):
    return security_rules(Items(tuple(_term(r) for r in plain), (), is_complete=True), layer)


@st.composite
def rule_sets(draw, places):
    """Draw rules of both directions, each with a priority of its own."""
    priorities = draw(st.lists(st.integers(100, 4096), unique=True, max_size=7))
    some = st.lists(st.sampled_from(places), min_size=1, max_size=3)
    ports = st.lists(st.sampled_from(PORTS), min_size=1, max_size=2)
    return [
        {
            "name": f"r{priority}",
            "properties": {
                "priority": priority,
                "direction": draw(st.sampled_from(["Inbound", "Outbound"])),
                "access": draw(st.sampled_from(["Allow", "Deny"])),
                "protocol": draw(st.sampled_from(["*", "Tcp", "Udp"])),
                "sourceAddressPrefixes": draw(some),
                "sourcePortRanges": draw(ports),
                "destinationAddressPrefixes": draw(some),
                "destinationPortRanges": draw(ports),
            },
        }
        for priority in priorities
    ]


def _points(text):
    """List addresses of a block or tag: its ends, and wherever another block begins or ends."""
    blocks = [range_of(b) for b in oracle.TAGS.get(text, [text])]
    cuts = [range_of(b) for b in BLOCKS if b != "*"]
    cuts += [range_of(b) for blocks_ in oracle.TAGS.values() for b in blocks_]
    numbers = set()
    for block in blocks:
        numbers |= {block.first, block.last}
        for cut in cuts:
            ends = (cut.first - 1, cut.first, cut.last, cut.last + 1)
            numbers |= {n for n in ends if block.first <= n <= block.last}
    return [str(ip_address(n)) for n in sorted(numbers)]


def _about(text):
    block = range_of(text)
    if block is not None:
        return block
    name, _, region = text.partition(".")
    return Tag(name.casefold(), (region,) if region else ())


def _verdicts(plain, direction, protocol, source, to, port):
    """Give what the engine says, and what becomes of each packet."""
    traffic = Traffic(
        direction.casefold(), protocol.casefold(), _about(source), _about(to), Range(port, port)
    )
    found = decide(_rules(plain), traffic, AROUND)
    packets = [
        oracle.decide(plain, direction, protocol, one, source_port, two, port)
        for one in _points(source)
        for two in _points(to)
        for source_port in (0, 79, 80, 442, 443, 444, 445, 446, 1023, 1024, 65535)
    ]
    return found, packets


_QUESTIONS = {
    "protocol": st.sampled_from(["Tcp", "Udp"]),
    "port": st.sampled_from([80, 443, 445, 5831]),
}


@given(
    plain=rule_sets([*BLOCKS, "VirtualNetwork", "Internet"]),
    direction=st.sampled_from(["Inbound", "Outbound"]),
    source=st.sampled_from(BLOCKS[1:6]),
    to=st.sampled_from(BLOCKS[1:6]),
    **_QUESTIONS,
)
def test_traffic_of_blocks_is_decided_exactly(plain, direction, source, to, protocol, port):
    found, packets = _verdicts(plain, direction, protocol, source, to, port)

    assert found.allowed.known is all(passes for _, passes in packets)
    assert found.denied.known is not any(passes for _, passes in packets)
    assert {name for name, _ in packets if not name.startswith("default")} == {
        o.rule.name for o in found.outcomes if not o.rule.is_default
    }


@given(
    interface=rule_sets([*BLOCKS, "VirtualNetwork"]),
    subnet=rule_sets([*BLOCKS, "VirtualNetwork"]),
    direction=st.sampled_from(["Inbound", "Outbound"]),
    source=st.sampled_from(BLOCKS[2:6]),
    to=st.sampled_from(BLOCKS[2:6]),
    **_QUESTIONS,
)
def test_traffic_passes_several_groups_where_each_allows_each_packet(
    interface, subnet, direction, source, to, protocol, port
):
    traffic = Traffic(
        direction.casefold(), protocol.casefold(), _about(source), _about(to), Range(port, port)
    )

    found = decide_through({1: _rules(interface, 1), 0: _rules(subnet)}, traffic, AROUND)

    passing = {
        all(
            oracle.decide(plain, direction, protocol, one, source_port, two, port)[1]
            for plain in (interface, subnet)
        )
        for one in _points(source)
        for two in _points(to)
        for source_port in (0, 79, 80, 443, 445, 1023, 1024, 65535)
    }
    assert found.allowed.known is (passing == {True})
    assert found.denied.known is (passing == {False})


def test_the_group_that_denies_is_the_one_that_decides():
    deny = {
        "name": "no",
        "properties": {
            "priority": 100,
            "direction": "Outbound",
            "access": "Deny",
            "protocol": "*",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": "*",
        },
    }

    verdict = decide_through({1: _rules([deny], 1), 0: ()}, STORAGE, AROUND)

    assert (verdict.deciding.name, verdict.deciding.layer) == ("no", 1)


@given(
    plain=rule_sets(["*", "10.0.0.0/8", "10.0.0.0/25", *TAGS]),
    to=st.sampled_from(
        ["Storage.westeurope", "BatchNodeManagement.westeurope", "AzureMachineLearning"]
    ),
    **_QUESTIONS,
)
def test_traffic_to_the_tag_of_a_service_is_decided_exactly(plain, to, protocol, port):
    found, packets = _verdicts(plain, "Outbound", protocol, "10.0.0.7", to, port)
    passing = {passes for _, passes in packets}

    if found.allowed.known is None or found.denied.known is None:
        assert "Cloud" in str(plain)  # which holds a part of a service without a region
        return
    assert found.allowed.known is (passing == {True})
    assert found.denied.known is (passing == {False})


@given(
    plain=rule_sets(["*", "10.0.0.0/8", *TAGS]).filter(len),
    data=st.data(),
    to=st.sampled_from(["Storage", "Storage.westeurope", "AzureMachineLearning"]),
    **_QUESTIONS,
)
def test_what_is_decided_holds_whatever_an_unknown_value_is(plain, data, to, protocol, port):
    at = data.draw(st.integers(0, len(plain) - 1))
    options = {
        "access": ["Allow", "Deny"],
        "direction": ["Inbound", "Outbound"],
        "protocol": ["*", "Tcp", "Udp"],
        "priority": [99, 2000, 4097],
        "destinationAddressPrefixes": [[p] for p in ("*", *TAGS)],
        "destinationPortRanges": [[p] for p in PORTS],
    }
    name = data.draw(st.sampled_from(sorted(options)))
    hole = unknown("parameter", "it is a parameter", Symbol(("parameter", name), name))
    open_rule = {**plain[at], "properties": {**plain[at]["properties"], name: hole}}
    traffic = Traffic(
        "outbound", protocol.casefold(), _about("10.0.0.7"), _about(to), Range(port, port)
    )
    found = decide(_rules([*plain[:at], open_rule, *plain[at + 1 :]]), traffic, AROUND)

    for value in options[name]:
        settled = {**plain[at], "properties": {**plain[at]["properties"], name: value}}
        known = decide(_rules([*plain[:at], settled, *plain[at + 1 :]]), traffic, AROUND)
        assert found.allowed.known in {None, known.allowed.known}
        assert found.denied.known in {None, known.denied.known}


def _rule(name="r", **stated):
    base = {
        "priority": 100,
        "direction": "Outbound",
        "access": "Deny",
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
    }
    return {
        "name": name,
        "properties": {k: v for k, v in {**base, **stated}.items() if v is not None},
    }


STORAGE = Traffic(
    "outbound", "tcp", range_of("10.0.0.0/24"), Tag("storage", ("westeurope",)), Range(443, 443)
)


def _denied(*plain, traffic=STORAGE, around=AROUND):
    return decide(_rules(plain), traffic, around).denied.known


def test_the_deciding_rule_is_named():
    verdict = decide(
        _rules([_rule("all"), _rule("ok", priority=99, access="Allow")]), STORAGE, AROUND
    )

    assert verdict.deciding.name == "ok"
    assert not verdict.deciding.is_default


def test_a_default_rule_decides_where_no_other_does():
    assert decide((), STORAGE, AROUND).deciding.name == "AllowInternetOutBound"


def test_several_rules_may_decide_on_parts():
    halves = [
        _rule("low", sourceAddressPrefix="10.0.0.0/25"),
        _rule("high", sourceAddressPrefix="10.0.0.128/25", priority=101),
    ]
    verdict = decide(_rules(halves), STORAGE, AROUND)

    assert verdict.denied.known
    assert verdict.deciding is None
    assert [o.rule.name for o in verdict.outcomes] == ["low", "high"]


def test_a_rule_of_which_nothing_is_known_leaves_all_open():
    hole = unknown("parameter", "who knows", Symbol(("parameter", "x"), "x"))

    assert _denied(_term(hole)) is None


def test_application_security_groups_match_their_members():
    group = {"id": "/x/applicationSecurityGroups/Nodes"}
    rule = _rule(sourceAddressPrefix=None, sourceApplicationSecurityGroups=[group])
    inside = STORAGE._replace(source_groups=frozenset({"/x/applicationsecuritygroups/nodes"}))

    assert _denied(rule) is False
    assert _denied(rule, traffic=inside) is True


def test_an_unknown_application_security_group_leaves_members_open():
    hole = unknown("parameter", "who knows", Symbol(("parameter", "x"), "x"))
    inside = STORAGE._replace(source_groups=frozenset({"/x"}))
    rule = _rule(sourceAddressPrefix=None, sourceApplicationSecurityGroups=[{"id": hole}])
    listed = _rule(sourceAddressPrefix=None, sourceApplicationSecurityGroups=hole)

    assert _denied(rule, traffic=inside) is None
    assert _denied(listed, traffic=inside) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"destinationPortRange": "https"},
        {"destinationPortRange": None},
        {"destinationAddressPrefix": None},
        {"destinationAddressPrefix": "contoso.example/path"},
        {"priority": "first"},
        {"access": None},
    ],
)
def test_what_azure_would_refuse_leaves_a_rule_open(broken):
    assert _denied(_rule(**broken)) is None


def test_numbers_may_be_texts_and_ports_numbers():
    rule = _rule("a", priority="100", destinationPortRange=443)

    assert _denied(rule, _rule("b", priority=101, access="Allow")) is True


def test_a_region_that_is_not_known_is_equal_to_itself():
    region = Symbol(("parameter", "location"), "location")
    text = Term(unknown("parameter", "?", region).data, parts=("Storage.", region))
    rule = _rule(destinationAddressPrefix=text)
    same = STORAGE._replace(destination=Tag("storage", (region,)))

    assert _denied(rule, traffic=same) is True
    assert _denied(rule) is None
    assert _denied(rule, traffic=STORAGE._replace(destination=Tag("azuremonitor"))) is False


def test_the_prefix_of_a_subnet_is_equal_to_itself():
    prefix = Symbol(("parameter", "prefix"), "prefix")
    hole = unknown("parameter", "?", prefix)
    own = STORAGE._replace(source=Nodes((prefix,)))

    assert _denied(_rule(sourceAddressPrefix=hole), traffic=own) is True
    assert _denied(_rule(sourceAddressPrefix="10.0.0.0/8"), traffic=own) is None
    assert _denied(_rule(sourceAddressPrefix="VirtualNetwork"), traffic=own) is True
    assert _denied(_rule(sourceAddressPrefix="Internet"), traffic=own) is False


def test_a_default_route_may_make_the_internet_a_part_of_the_network():
    rules = [
        _rule("allow", access="Allow", destinationAddressPrefix="VirtualNetwork"),
        _rule("deny", priority=200, destinationAddressPrefix="Internet"),
    ]
    either = (AROUND[0], AROUND[0]._replace(is_public_inside=True))

    assert _denied(*rules) is True
    assert _denied(*rules, around=either) is None


def test_too_many_pieces_are_undecided():
    rules = [
        _rule(
            f"r{n}",
            priority=100 + n,
            sourceAddressPrefix=f"10.0.0.{n}",
            sourcePortRange=str(n),
            destinationAddressPrefix=f"10.1.0.{n}",
        )
        for n in range(1, 60, 2)
    ]
    traffic = STORAGE._replace(destination=range_of("10.1.0.0/24"))

    assert _denied(*rules, traffic=traffic) is None


@pytest.mark.parametrize(
    ("about", "prefix", "verdict"),
    [
        (Tag("storage"), "Storage.westeurope", None),
        (Tag("storage"), "AzureCloud", None),
        (Tag("storage", ("westeurope",)), "AzureCloud", True),
        (Tag("storage", ("norwayeast",)), "AzureCloud.norwaye", True),
        (Tag("storage", ("norwayeast",)), "AzureCloud.norwayw", False),
        (Tag("azuremachinelearning"), "AzureCloud", True),
        (Tag("azurefrontdoor.firstparty"), "AzureCloud", False),
        (Tag("azurefrontdoor.firstparty"), "FrontDoor.FirstParty", True),
        (Tag("azurefrontdoor.firstparty"), "AzureFrontDoor.Backend", False),
        (Tag("azureactivedirectory"), "AzureActiveDirectoryDomainServices", None),
        (Tag("azureactivedirectory"), "AzureCloud", None),
        (Tag("azurekeyvault"), "KeyVault", True),
        (Tag("storage"), "INTERNET", True),
        (Tag("storage"), "VIRTUAL_NETWORK", False),
        (Tag("storage"), "0.0.0.0/0", True),
        (Tag("storage"), "20.0.0.0/8", None),
        (Tag("storage"), "172.16.0.0/12", False),
        (Tag("storage"), "2603::/16", False),
        (Tag("virtualnetwork"), "VirtualNetwork", True),
        (Tag("virtualnetwork"), "10.0.0.0/8", None),
        (Tag("virtualnetwork"), "Internet", False),
        (Tag("azureloadbalancer"), "168.63.129.16", True),
        (Tag("azureloadbalancer"), "AzureLoadBalancer", True),
        (Tag("sql"), "Storage", None),
        (range_of("168.63.129.16"), "AzureLoadBalancer", True),
        (range_of("20.0.0.0/24"), "Storage", None),
        (range_of("20.0.0.0/24"), "Internet", True),
        (range_of("20.0.0.0/24"), "VirtualNetwork", None),
        (range_of("10.0.0.0/24"), "Storage", False),
        (range_of("192.168.0.0/24"), "VirtualNetwork", None),
        (range_of("0.0.0.0/0"), "Internet", None),
        (range_of("10.0.0.1-10.0.0.9"), "10.0.0.4", None),
    ],
)
def test_prefixes_hold_what_the_table_says(about, prefix, verdict):
    assert relation(about, prefix, AROUND[0]).known is verdict


@pytest.mark.parametrize(
    "text", ["10.0.0.256", "10.0.0.0/33", "10.0.0", "b-10.0.0.1", "10.0.0.9-10.0.0.1", ""]
)
def test_what_is_no_block_is_none(text):
    assert range_of(text) is None


def test_ranges_are_shown_as_blocks_where_they_are_such():
    assert shown(range_of("10.0.0.0/24")) == "10.0.0.0/24"
    assert shown(range_of("10.0.0.1-10.0.0.9")) == "10.0.0.1-10.0.0.9"
    assert shown(Nodes()) == "the subnet"
    assert shown(Tag("storage", (Symbol(1, "region"),))) == "Storage.{region}"


def test_pieces_of_a_range_are_whole():
    assert list(split(Range(0, 9), [Range(3, 4), Range(9, 20)])) == [
        Range(0, 2),
        Range(3, 4),
        Range(5, 8),
        Range(9, 9),
    ]


def _way(destination, *routes):
    terms = [
        _term({"name": f"r{n}", "properties": {"addressPrefix": prefix, "nextHopType": hop}})
        for n, (prefix, hop) in enumerate(routes)
    ]
    own = list(routes_of(Items(tuple(terms), (), is_complete=True)))
    return way_to(destination, own)


ML = Tag("azuremachinelearning")
ALL = ("0.0.0.0/0", "VirtualAppliance")


@pytest.mark.parametrize(
    ("routes", "hops"),
    [
        ([], {"internet"}),
        ([ALL], {"virtualappliance"}),
        ([ALL, ("AzureMachineLearning", "Internet")], {"internet"}),
        ([("AzureMachineLearning", "Internet"), ALL], {"internet"}),
        ([ALL, ("AzureCloud", "Internet")], {"internet"}),
        ([("AzureCloud", "None"), ("AzureMachineLearning", "Internet")], {"internet"}),
        ([ALL, ("10.0.0.0/8", "VnetLocal")], {"virtualappliance"}),
        ([ALL, ("20.0.0.0/8", "Internet")], {"virtualappliance", "internet"}),
        ([ALL, ("20.0.0.0/8", "VirtualAppliance")], {"virtualappliance"}),
        ([("0.0.0.0/0", "Internet")], {"internet"}),
    ],
)
def test_the_most_precise_route_counts(routes, hops):
    assert _way(ML, *routes).hops == hops


@pytest.mark.parametrize(
    ("prefixes", "is_diverted_for_certain"),
    [
        (("0.0.0.0/1", "128.0.0.0/1"), True),
        (("0.0.0.0/2", "128.0.0.0/1", "64.0.0.0/2"), True),
        (("0.0.0.0/1", "128.0.0.0/2"), False),
        (("0.0.0.0/1", "Internet"), True),
    ],
)
def test_routes_that_hold_all_between_them_leave_nothing_to_azure(
    prefixes, is_diverted_for_certain
):
    way = _way(Tag("storage"), *((p, "VirtualAppliance") for p in prefixes))

    assert way.is_diverted
    assert (way.open.known is True) == is_diverted_for_certain


def test_a_tag_of_the_region_counts_before_that_of_the_service():
    here = Tag("storage", ("westeurope",))

    assert _way(here, ("Storage", "None"), ("Storage.westeurope", "Internet")).hops == {"internet"}


def test_a_service_endpoint_counts_before_other_routes():
    routes = (*_way(ML, ALL).routes, service_endpoint("Storage"))

    assert way_to(Tag("storage", ("westeurope",)), routes).hops == {"virtualnetworkserviceendpoint"}


def test_a_route_that_is_not_known_leaves_the_way_open():
    hole = unknown("parameter", "who knows", Symbol(("parameter", "x"), "x"))

    assert _way(ML, (hole, "VirtualAppliance")).open.known is None
    assert _way(ML, ("0.0.0.0/0", hole)).open.known is None
    assert _way(ML, ("0.0.0.0/0", None)).open.known is None
    assert _way(ML, (None, "VirtualAppliance")).open.known is None
    assert _way(ML, (hole, "Internet")).open.known
