"""Networks that scripts make are judged with the computes in them."""

from __future__ import annotations

import pytest

from azmlint import testing
from azmlint.engine.packs import BUILT_IN, rule_classes
from azmlint.engine.run import Facts

RULES = [
    rule_classes(BUILT_IN)[name]
    for name in ("nsg-blocks-outbound", "udr-breaks-control-path", "no-public-ip-without-egress")
]
ALONE = Facts(today=testing.TODAY, is_complete=True)
NETWORK = """\
az configure -d group=rg location=westeurope workspace=ws
az network vnet create -n net --address-prefixes 10.0.0.0/16
az network vnet subnet create --vnet-name net -n nodes --address-prefixes 10.0.1.0/24
az network nsg create -n nsg
az network route-table create -n routes
az ml workspace create -n ws
"""
DENY = (
    "az network nsg rule create --nsg-name nsg -n deny --priority 100 --direction Outbound"
    " --access Deny --protocol '*' --destination-address-prefixes '*'"
    " --destination-port-ranges '*'\n"
)
ROUTE = (
    "az network route-table route create --route-table-name routes -n out"
    " --address-prefix 0.0.0.0/0 --next-hop-type VirtualAppliance --next-hop-ip-address 10.0.9.4\n"
)
SUBNET = "az network vnet subnet update --vnet-name net -n nodes"
ID = "$(az network vnet subnet show --vnet-name net -n nodes --query id -o tsv)"
CREATE = "az ml compute create -n train --type amlcompute --max-instances 4"


def found(text, path="a.sh"):
    report = testing.check({path: text}, RULES, facts=ALONE)
    assert report.failures == []
    return [f.rule for f in report.findings]


@pytest.mark.parametrize("subnet", ["--vnet-name net --subnet nodes", f"--subnet {ID}"])
@pytest.mark.parametrize(
    ("steps", "rules"),
    [
        (f"{DENY}{SUBNET} --network-security-group nsg\n", ["nsg-blocks-outbound"]),
        (f"{DENY}{SUBNET} --nsg nsg --route-table ''\n", ["nsg-blocks-outbound"]),
        (f"{ROUTE}{SUBNET} --route-table routes\n", ["udr-breaks-control-path"]),
        (
            f"{DENY}{ROUTE}{SUBNET} --nsg nsg --route-table routes\n",
            ["nsg-blocks-outbound", "udr-breaks-control-path"],
        ),
        (DENY + ROUTE, []),
        (f"{DENY}{SUBNET} --nsg nsg\n{SUBNET} --nsg ''\n", []),
        (
            (
                f"{DENY}{SUBNET} --nsg nsg\n"
                "az network nsg rule update --nsg-name nsg -n deny --access Allow\n"
            ),
            [],
        ),
        (
            (
                f"{DENY}{SUBNET} --nsg nsg\n"
                "az network nsg rule update --nsg-name nsg -n deny --destination-port-ranges 22 2\n"
            ),
            [],
        ),
        (f"{DENY}{SUBNET} --nsg nsg\naz network nsg rule delete --nsg-name nsg -n deny\n", []),
        (
            (
                f"{ROUTE}{SUBNET} --route-table routes\n"
                "az network route-table route delete --route-table-name routes -n out\n"
            ),
            [],
        ),
    ],
)
def test_what_scripts_make_of_a_subnet_is_judged_with_the_computes_in_it(steps, rules, subnet):
    assert found(f"{NETWORK}{steps}{CREATE} {subnet}\n") == rules


@pytest.mark.parametrize(
    ("steps", "rules"),
    [
        ("", ["no-public-ip-without-egress"]),
        (f"az network nat gateway create -n out\n{SUBNET} --nat-gateway out\n", []),
    ],
)
def test_nodes_without_public_addresses_need_a_way_out_of_the_subnet(steps, rules):
    create = f"{CREATE} --vnet-name net --subnet nodes --set enable_node_public_ip=false\n"

    assert found(NETWORK + steps + create) == rules


def test_a_short_name_of_a_subnet_is_one_of_the_workspace_s_own_group():
    other = NETWORK.replace("group=rg", "group=other")
    create = f"{CREATE} -g elsewhere --vnet-name net --subnet nodes\n"
    steps = f"{DENY}{SUBNET} --nsg nsg\n"

    assert found(other + steps + create) == []


def test_networks_of_a_workflow_are_judged_as_those_of_a_script():
    lines = f"{NETWORK}{DENY}{SUBNET} --nsg nsg\n{CREATE} --vnet-name net --subnet nodes"
    steps = "".join(f"      - run: {line!r}\n" for line in lines.splitlines())
    text = f"jobs:\n  one:\n    steps:\n{steps}"

    assert found(text, ".github/workflows/a.yml") == ["nsg-blocks-outbound"]
