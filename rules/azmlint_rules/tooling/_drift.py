"""In what a declared compute differs from the deployed one, of all that no update changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from azmlint import (
    FALSE,
    TRUE,
    Compute,
    ComputeCluster,
    Estate,
    Facet,
    Reason,
    ResourceId,
    Truth,
    Undecided,
    Value,
)

TEMPLATE = "ARM template"


class Difference(NamedTuple):
    """One property, as declared and as deployed."""

    declared: Value[Any]
    deployed: Value[Any]

    @property
    def told(self) -> str:
        """Say both values."""
        return f"{_said(self.deployed)}, and declared with {_said(self.declared)}"


def _said(value: Value[Any]) -> str:
    by_default = " by default" if value.is_default else ""
    title = value.property.title
    if isinstance(value.known, bool):
        return f"{title} {'on' if value.known else 'off'}{by_default}"
    return f"no {title}" if value.is_absent else f"{title} {value.text}{by_default}"


def twin_of(compute: Compute, estate: Estate) -> Compute | None:
    """Find what is deployed of a declared compute; raises Undecided when that was not read."""
    if not compute.id.is_ground:
        text = f"where {compute.label} is deployed to is not known"
        raise Undecided((Reason("parameter", text),))
    twin = estate.deployed(compute)
    if twin is None:
        estate.require(Facet.COMPUTES, compute.id.parent)
    return twin


def differences(compute: Compute, twin: Compute, estate: Estate) -> Iterator[Difference]:
    """Yield what differs; raises Undecided at the end for what may differ.

    What is not declared is created with the tool's default; where there is none, nothing is said.
    """
    gap: Undecided | None = None
    for declared, deployed in _pairs(compute, twin, estate):
        try:
            if _differs(declared, deployed):
                yield Difference(declared, deployed)
        except Undecided as undecided:
            if undecided.decisions:
                raise
            gap = gap or undecided
    if gap is not None:
        raise gap


def _pairs(
    compute: Compute, twin: Compute, estate: Estate
) -> Iterator[tuple[Value[Any], Value[Any]]]:
    yield compute.size, twin.size
    if isinstance(compute, ComputeCluster) and isinstance(twin, ComputeCluster):
        yield compute.tier.effective(), twin.tier.effective()
        yield compute.location, _location(twin, estate)
    yield compute.subnet, twin.subnet
    yield compute.public_ip.effective(), twin.public_ip.effective()
    yield compute.ssh_public, twin.ssh_public
    yield compute.local_auth.effective(), twin.local_auth.effective()


def _location(twin: Compute, estate: Estate) -> Value[str]:
    return estate.workspace_of(twin).location if twin.location.is_absent else twin.location


def _differs(declared: Value[Any], deployed: Value[Any]) -> Truth:
    if declared.property.name == "subnet":
        return _other_subnet(declared, deployed)
    if declared.known is None and declared.is_absent:
        return FALSE
    if deployed.known is None or "notspecified" in {declared.known, deployed.known}:
        return FALSE
    if isinstance(declared.known, str) and isinstance(deployed.known, str):
        return TRUE if declared.known.casefold() != deployed.known.casefold() else FALSE
    return ~declared.same_as(deployed)


def _other_subnet(declared: Value[Any], deployed: Value[Any]) -> Truth:
    if deployed.is_absent:
        return declared.given
    if declared.is_absent:
        return declared.absent
    own, other = ResourceId.of(declared.term), ResourceId.of(deployed.term)
    if own.is_ground and not own.is_rooted:
        # A short name is in a network of the workspace's group, which goes without saying.
        return TRUE if (own.name or "").casefold() != (other.name or "").casefold() else FALSE
    return ~own.equals(other)
