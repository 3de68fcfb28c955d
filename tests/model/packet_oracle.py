"""What a security group does with single packets, worked out without the engine: rule by rule.

Addresses are those of the standard library. Tags stand for made-up ranges, which hold each other as
the table of service tags says; the engine never sees the ranges.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

NETWORK = ip_network("10.0.0.0/8")
TAGS = {
    "Storage.westeurope": ["20.60.0.0/24"],
    "Storage.eastus": ["20.60.1.0/24"],
    "Storage": ["20.60.0.0/23"],
    "BatchNodeManagement.westeurope": ["20.61.0.0/24"],
    "BatchNodeManagement": ["20.61.0.0/23"],
    "AzureMachineLearning": ["20.62.0.0/24"],
    "AzureCloud.westeurope": ["20.60.0.0/24", "20.61.0.0/24"],
    "AzureActiveDirectory": ["20.63.0.0/24"],
    "AzureLoadBalancer": ["168.63.129.16/32"],
}
PRIVATE = [ip_network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
DEFAULTS = [
    ("Inbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("Inbound", 65001, "Allow", "AzureLoadBalancer", "*"),
    ("Inbound", 65500, "Deny", "*", "*"),
    ("Outbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("Outbound", 65001, "Allow", "*", "Internet"),
    ("Outbound", 65500, "Deny", "*", "*"),
]


def holds(prefix, address):
    """Whether a prefix or tag holds an address."""
    number = ip_address(address)
    if prefix == "*":
        return True
    if prefix == "VirtualNetwork":
        return number in NETWORK
    if prefix == "Internet":
        return not any(number in n for n in PRIVATE)
    return any(number in ip_network(n) for n in TAGS.get(prefix, [prefix]))


def _has_port(ranges, port):
    for text in ranges:
        first, _, last = text.partition("-")
        if text == "*" or int(first) <= port <= int(last or first):
            return True
    return False


def decide(rules, direction, protocol, source, source_port, destination, port):
    """Give the name of the first rule that matches a packet, and whether it allows it."""
    ends = [
        {
            "name": f"default {d[0]} {d[1]}",
            "properties": {
                "direction": d[0],
                "priority": d[1],
                "access": d[2],
                "protocol": "*",
                "sourceAddressPrefixes": [d[3]],
                "sourcePortRanges": ["*"],
                "destinationAddressPrefixes": [d[4]],
                "destinationPortRanges": ["*"],
            },
        }
        for d in DEFAULTS
    ]
    for rule in sorted([*rules, *ends], key=lambda r: r["properties"]["priority"]):
        says = rule["properties"]
        if (
            says["direction"] == direction
            and says["protocol"] in {"*", protocol}
            and any(holds(p, source) for p in says["sourceAddressPrefixes"])
            and _has_port(says["sourcePortRanges"], source_port)
            and any(holds(p, destination) for p in says["destinationAddressPrefixes"])
            and _has_port(says["destinationPortRanges"], port)
        ):
            return rule["name"], says["access"] == "Allow"
    raise AssertionError
