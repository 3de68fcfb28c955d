"""A diagnosis says which rule and which route decide on what nodes need."""

from __future__ import annotations

from pathlib import Path

from azmlint.engine.passage import passages
from azmlint.model.estate import Estate
from azmlint.model.resources import ComputeCluster
from azmlint.sources.snapshot import read

CASES = Path(__file__).parents[2] / "fixtures" / "rules"


def found(case):
    snapshot = read((CASES / case / "estate.json").read_bytes(), "estate.json")
    estate = Estate(snapshot.resources(), today=snapshot.taken.date(), coverages=snapshot.coverages)
    (cluster,) = estate.of(ComputeCluster)
    return passages(cluster, estate)


def test_each_need_names_the_rule_and_the_route():
    by_service = {p.service: p for p in found("nsg-blocks-outbound/deployed-good")}

    storage = by_service["Storage.westeurope:443"]
    assert (storage.verdict, storage.decided_by) == ("passes", ("storage",))
    assert storage.routes == ("of Azure -> internet",)
    assert by_service["AzureMonitor:443"].verdict == "is denied"
    assert by_service["AzureMachineLearning:5831/UDP"].decided_by == ("ml-udp",)


def test_the_firewall_on_the_way_says_which_names_it_lets_through():
    by_service = {p.service: p for p in found("firewall-missing-fqdn/deployed")}

    names = "*.blob.core.windows.net, *.queue.core.windows.net, *.table.core.windows.net"
    assert by_service["Storage.westeurope:443"].beyond == (
        f"firewall 'egress' lets through {names}",
    )
    assert by_service["AzureMachineLearning:5831/UDP"].beyond == (
        "firewall 'egress' stops westeurope.tundra.azureml.ms",
    )
    assert by_service["AzureMonitor:443"].beyond == ()


def test_rules_are_named_with_their_groups_where_nodes_have_one_of_their_own():
    by_service = {
        p.service: p for p in found("nsg-blocks-outbound/deployed-group-of-the-interfaces")
    }

    by = by_service["Storage.westeurope:443"].decided_by
    assert len(by) == 1
    assert by[0].startswith("added-by-policy of ")
    assert by[0].endswith("-azurebatch-cloudservicenetworksecurityggroup")


def test_nodes_with_public_addresses_are_called():
    first = found("nsg-blocks-inbound-44224/deployed")[0]

    assert (first.direction, first.service, first.verdict) == (
        "in",
        "AzureMachineLearning:44224",
        "is denied",
    )


def test_what_is_open_says_why():
    assert {p.verdict for p in found("nsg-blocks-outbound/deployed-gateway")} == {"is open"}
    assert all(p.reason for p in found("nsg-blocks-outbound/deployed-gateway"))


def test_a_subnet_that_was_not_read_has_no_passages():
    assert found("nsg-blocks-outbound/deployed-network-not-read") == ()
