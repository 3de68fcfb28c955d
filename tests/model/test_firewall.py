"""What the rules of a firewall hold of the names that nodes need."""

from __future__ import annotations

import pytest

from azmlint.data.firewall_names import FIREWALL_NAMES, FirewallName
from azmlint.expressions.term import Object, Symbol, Term
from azmlint.expressions.truth import FALSE, TRUE
from azmlint.model.network.addresses import range_of
from azmlint.model.network.firewall import FirewallRule, Question, covers, lets_through

NODES = range_of("10.0.1.0/24")
BATCH = FirewallName("*.{region}.batch.azure.com", "BatchNodeManagement")
GRAPH = FirewallName("graph.windows.net", "AzureActiveDirectory")


def term(data):
    if isinstance(data, dict):
        return Term(Object((k, term(v)) for k, v in data.items()))
    return Term([term(i) for i in data]) if isinstance(data, list) else Term(data)


def rule(kind="application", *, is_allowing=True, **members):
    found = {"sourceAddresses": ["*"], **members}
    if kind == "application":
        found.setdefault("protocols", [{"protocolType": "Https", "port": 443}])
    return FirewallRule("r", kind, TRUE if is_allowing else FALSE, term(found))


def asked(need=GRAPH, region=("westeurope",)):
    return Question(need, region, NODES)


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        ("*", True),
        ("*.batch.azure.com", True),
        ("*.WestEurope.batch.azure.com", True),
        ("*.northeurope.batch.azure.com", False),
        ("one.westeurope.batch.azure.com", None),
        ("batch.azure.com", False),
        ("*atch.azure.com", True),
    ],
)
def test_pattern_covers_what_it_holds_all_of(pattern, verdict):
    assert covers(pattern, asked(BATCH)).known is verdict


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        ("*.batch.azure.com", True),
        ("*.westeurope.batch.azure.com", None),
        ("*.westeurope.service.batch.azure.com", None),
        ("graph.windows.net", False),
    ],
)
def test_region_that_is_not_known_leaves_names_of_regions_open(pattern, verdict):
    region = (Symbol(("region",), "location"),)

    assert covers(pattern, asked(BATCH, region)).known is verdict


@pytest.mark.parametrize(
    ("members", "verdict"),
    [
        ({"targetFqdns": ["graph.windows.net"]}, True),
        ({"targetFqdns": ["graph.windows.net"], "sourceAddresses": ["10.0.0.0/16"]}, True),
        ({"targetFqdns": ["graph.windows.net"], "sourceAddresses": ["10.0.2.0/24"]}, False),
        ({"targetFqdns": ["graph.windows.net"], "sourceAddresses": ["10.0.1.0/25"]}, None),
        ({"targetFqdns": ["graph.windows.net"], "protocols": ["Http:80"]}, False),
        ({"targetFqdns": ["graph.windows.net"], "protocols": ["Https"]}, True),
        ({"fqdnTags": ["WindowsUpdate"]}, None),
        ({"webCategories": ["business"]}, None),
        ({"targetUrls": ["graph.windows.net/tenant/*"]}, None),
        ({"targetUrls": ["pypi.org/simple/*"]}, False),
    ],
)
def test_application_rule_is_about_names_over_tls(members, verdict):
    assert lets_through((rule(**members),), asked()).known is verdict


@pytest.mark.parametrize(
    ("members", "verdict"),
    [
        ({"destinationAddresses": ["AzureActiveDirectory"]}, True),
        ({"destinationAddresses": ["*"]}, True),
        ({"destinationAddresses": ["Storage"]}, False),
        ({"destinationAddresses": ["20.0.0.0/8"]}, None),
        ({"destinationFqdns": ["graph.windows.net"]}, True),
        ({"destinationIpGroups": ["/ip"]}, None),
        ({"destinationAddresses": ["*"], "destinationPorts": ["80", "8000-9000"]}, False),
        ({"destinationAddresses": ["*"], "destinationPorts": ["400-500"]}, True),
        ({"destinationAddresses": ["*"], "ipProtocols": ["UDP"]}, False),
    ],
)
def test_network_rule_is_about_addresses_and_ports(members, verdict):
    stated = {"ipProtocols": ["TCP"], "destinationPorts": ["443"], **members}

    assert lets_through((rule("network", **stated),), asked()).known is verdict


def test_rule_that_forbids_leaves_what_another_allows_open():
    allowing = rule(targetFqdns=["graph.windows.net"])
    forbidding = rule(is_allowing=False, targetFqdns=["*.windows.net"])

    assert lets_through((allowing, forbidding), asked()).known is None
    assert lets_through((forbidding,), asked()).known is False


def test_nothing_passes_without_a_rule():
    for need in FIREWALL_NAMES:
        assert lets_through((), asked(need)).known is False
