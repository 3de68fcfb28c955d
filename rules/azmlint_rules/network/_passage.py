"""Whether the security group of a subnet lets through what the nodes in it need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from azmlint import (
    TRUE,
    Compute,
    Estate,
    Facet,
    KubernetesCompute,
    NodeTraffic,
    Reason,
    Requirement,
    Truth,
    Value,
    Verdict,
    regions_of,
)

READS = frozenset(
    {
        Facet.COMPUTES,
        Facet.NETWORKS,
        Facet.ROUTE_TABLES,
        Facet.SECURITY_GROUPS,
        Facet.WORKSPACES,
    }
)
"""What tells of the traffic of nodes."""


class Blocked(NamedTuple):
    """Something that nodes need and do not get."""

    need: Requirement
    tag: str
    """With its region."""

    verdict: Verdict

    def __str__(self) -> str:
        """Show it with its port."""
        protocol = "/UDP" if self.need.protocol == "Udp" else ""
        return f"{self.tag}:{self.need.port}{protocol}"


def node_traffic(compute: Compute, estate: Estate) -> NodeTraffic | None:
    """Give the traffic of nodes in a network of their owner's; None where no group guards it.

    Raises Undecided where their subnet is not here.
    """
    if isinstance(compute, KubernetesCompute) or not compute.subnet.given:
        return None
    traffic = estate.traffic_of(compute)
    return traffic if traffic.group is not None or traffic.interface_groups else None


def blocked(
    needs: Iterable[Requirement], traffic: NodeTraffic, compute: Compute, estate: Estate
) -> tuple[list[Blocked], Truth]:
    """List what certainly does not pass, and say whether all else certainly does.

    Raises Undecided for what a decision settles, so that it is asked again in each world.
    """
    found: list[Blocked] = []
    rest = TRUE
    for need in needs:
        regions = regions_of(compute, estate) if need.is_regional else ((),)
        verdicts = [traffic.outbound(need, region) for region in regions]
        denied, allowed = verdicts[0].denied, verdicts[0].allowed
        for verdict in verdicts[1:]:
            denied &= verdict.denied
            allowed &= verdict.allowed
        if denied.known:
            found.append(Blocked(need, _tag(need, regions[0]), verdicts[0]))
        else:
            rest &= _open(denied, allowed, need)
    if rest.decisions:
        bool(rest)
    return found, rest


def _open(denied: Truth, allowed: Truth, need: Requirement) -> Truth:
    if allowed.known is not False:
        return allowed
    if denied.known is None:
        return denied
    return Truth(None, (Reason("runtime", f"only a part of {need.tag}:{need.port} passes"),))


def _tag(need: Requirement, region: tuple[Any, ...]) -> str:
    if not need.is_regional or not region:
        return need.tag
    return ".".join((need.tag, "".join(p if isinstance(p, str) else "<region>" for p in region)))


def deciding(items: Iterable[Blocked], traffic: NodeTraffic) -> Iterator[tuple[Value[Any], str]]:
    """Point at the rules that decide, each once, where they are written."""
    seen: set[tuple[int, int]] = set()
    for outcome in (o for item in items for o in item.verdict.outcomes):
        place = traffic.place_of(outcome.rule)
        key = (outcome.rule.layer, outcome.rule.position)
        if place is not None and key not in seen:
            seen.add(key)
            yield place, f"rule '{outcome.rule.name}'"


def named_rules(items: Iterable[Blocked]) -> str:
    """Name the rules that decide."""
    names = dict.fromkeys(o.rule.name for item in items for o in item.verdict.outcomes)
    word = "rule" if len(names) == 1 else "rules"
    return f"{word} {', '.join(repr(n) for n in names)}"
