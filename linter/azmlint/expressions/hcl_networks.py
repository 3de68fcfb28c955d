"""Terraform's functions over ranges of addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from azmlint.expressions.arm_values import Refused
from azmlint.expressions.hcl_values import as_text, as_whole, define_scalar

if TYPE_CHECKING:
    import ipaddress

_Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def _network(value: object) -> _Network:
    import ipaddress  # noqa: PLC0415  # few configurations need it

    return ipaddress.ip_network(as_text(value), strict=False)


def _part(network: _Network, more: int, index: int) -> _Network:
    length = network.prefixlen + more
    if not 0 <= more <= 32 or length > network.max_prefixlen or not 0 <= index < 1 << more:  # noqa: PLR2004  # as Terraform has it
        raise Refused("the range has no such part")
    start = int(network.network_address) + (index << (network.max_prefixlen - length))
    return type(network)((start, length))


@define_scalar("cidrsubnet", 3, 3)
def _cidr_subnet(prefix: str, more: object, index: object) -> str:
    return str(_part(_network(prefix), as_whole(more), as_whole(index)))


@define_scalar("cidrsubnets", 1)
def _cidr_subnets(prefix: str, *mores: object) -> list[str]:
    network = _network(prefix)
    at, found = int(network.network_address), []
    for more in mores:
        length = network.prefixlen + as_whole(more)
        if not network.prefixlen < length <= network.max_prefixlen:
            raise Refused("the range has no such part")
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size > int(network.network_address) + network.num_addresses:
            raise Refused("the range has no room for all of them")
        found.append(str(type(network)((at, length))))
        at += size
    return found


@define_scalar("cidrhost", 2, 2)
def _cidr_host(prefix: str, index: object) -> str:
    network, at = _network(prefix), as_whole(index)
    if at < 0:
        at += network.num_addresses
    if not 0 <= at < network.num_addresses:
        raise Refused("the range has no such address")
    return str(network.network_address + at)


@define_scalar("cidrnetmask", 1, 1)
def _cidr_netmask(prefix: str) -> str:
    return str(_network(prefix).netmask)
