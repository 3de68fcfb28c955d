"""What decides on the traffic that the nodes of a compute need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.firewall_names import FIREWALL_NAMES, REGION
from azmlint.data.service_tags import NODES_ANSWER, NODES_NEED
from azmlint.expressions.truth import Undecided
from azmlint.model.network.traffic import regions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.data.service_tags import Requirement
    from azmlint.expressions.term import Part
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

    beyond: tuple[str, ...] = ()
    """What a firewall on the way does with the names of the service, as far as that is known."""


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
    regions = regions_of(compute, estate)
    for need in NODES_NEED:
        for region in regions if need.is_regional else ((),):
            found = traffic.crossing(need, region)
            port = f"{need.port}/UDP" if need.protocol == "Udp" else str(need.port)
            out = _passage(traffic, "out", f"{found.tag}:{port}", found.verdict, found.way)
            named_in = (region,) if need.is_regional else regions
            yield out._replace(beyond=tuple(_beyond(traffic, need, named_in)))


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


def _beyond(
    traffic: NodeTraffic, need: Requirement, regions: tuple[tuple[Part, ...], ...]
) -> Iterator[str]:
    """Say which names of a service the firewall on the way lets through, and which it does not."""
    said: dict[str, list[str]] = {}
    firewall = ""
    for name in FIREWALL_NAMES:
        if (name.tag, name.port, name.protocol) != (need.tag, need.port, need.protocol):
            continue
        for region in regions if REGION in name.name else ((),):
            try:
                passage = traffic.through_firewall(name, region)
            except Undecided:
                continue
            if passage is not None:
                firewall = passage.firewall.label
                said.setdefault(_BEYOND[passage.is_open.known], []).append(passage.name)
    for what, names in said.items():
        yield f"{firewall} {what} {', '.join(names)}"


_BEYOND: Final = {True: "lets through", False: "stops", None: "may stop"}


def _named(rule: SecurityRule, traffic: NodeTraffic) -> str:
    """Name a rule, with its group where there are several."""
    group = traffic.group_of(rule) if traffic.interface_groups else None
    return rule.name if group is None else f"{rule.name} of {group.name}"
