"""What decides on the traffic that the nodes of a compute need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.data.service_tags import NODES_ANSWER, NODES_NEED
from azmlint.expressions.truth import Undecided
from azmlint.model.network.traffic import regions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.model.estate import Estate
    from azmlint.model.network.routing import Way
    from azmlint.model.network.security import SecurityRule, Verdict
    from azmlint.model.network.traffic import NodeTraffic
    from azmlint.model.resources import Compute


class Passage(NamedTuple):
    """Some traffic, and the rule and route that decide on it."""

    direction: str
    """in or out."""

    service: str
    """The service tag and port."""

    verdict: str
    """passes, is denied, or is open."""

    decided_by: tuple[str, ...]
    """The security rules that decide or may decide; none where no group is on the way."""

    routes: tuple[str, ...]
    """The routes that it takes or may take; none of what comes in, or where they are not known."""

    reason: str = ""
    """Why it is open."""


def passages(compute: Compute, estate: Estate) -> tuple[Passage, ...]:
    """Say of all that nodes need what decides on it; nothing where their subnet is not known."""
    if compute.subnet.is_absent:
        return ()
    try:
        traffic = estate.traffic_of(compute)
        return tuple(_passages(traffic, compute, estate))
    except Undecided:
        return ()


def _passages(traffic: NodeTraffic, compute: Compute, estate: Estate) -> Iterator[Passage]:
    if compute.public_ip.effective().known:
        inbound = traffic.inbound(NODES_ANSWER)
        service = f"{NODES_ANSWER.tag}:{NODES_ANSWER.port}"
        yield _passage(traffic, "in", service, inbound, None)
    for need in NODES_NEED:
        for region in regions_of(compute, estate) if need.is_regional else ((),):
            found = traffic.crossing(need, region)
            port = f"{need.port}/UDP" if need.protocol == "Udp" else str(need.port)
            yield _passage(traffic, "out", f"{found.tag}:{port}", found.verdict, found.way)


def _passage(
    traffic: NodeTraffic, direction: str, service: str, verdict: Verdict, way: Way | None
) -> Passage:
    word, reason = "is open", ""
    if verdict.allowed.known:
        word = "passes"
    elif verdict.denied.known:
        word = "is denied"
    else:
        reasons = (*verdict.allowed.reasons, *verdict.denied.reasons)
        reason = reasons[0].text if reasons else "only a part of it passes"
    routes = way.routes if way is not None else ()
    return Passage(
        direction,
        service,
        word,
        tuple(dict.fromkeys(_named(o.rule, traffic) for o in verdict.outcomes)),
        tuple(f"{r.name} -> {r.hop or '?'}" for r in routes),
        reason,
    )


def _named(rule: SecurityRule, traffic: NodeTraffic) -> str:
    """Name a rule, with its group where there are several."""
    group = traffic.group_of(rule) if traffic.interface_groups else None
    return rule.name if group is None else f"{rule.name} of {group.name}"
