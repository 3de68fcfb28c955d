"""What an assigned policy does to the network objects that Azure Batch makes for nodes."""

from __future__ import annotations

from azmlint import (
    Compute,
    Estate,
    PolicyAssignment,
    ResourceId,
    Ruling,
    Term,
    Truth,
    Undecided,
    VirtualNetwork,
)


def ruled(
    assignment: PolicyAssignment,
    network: ResourceId,
    compute: Compute,
    estate: Estate,
    effects: frozenset[str],
) -> Ruling | None:
    """Give the first policy of an assignment that acts on what a compute needs in its network.

    None when there is none; raises Undecided when that is not known.
    """
    group = network.group or network
    objects = estate.policies.batch_objects(group, _region(network, compute, estate))
    found = [r for o in objects for r in estate.policies.rulings_of(assignment, o)]
    return _first(found, effects)


def would_rule(
    assignment: PolicyAssignment, scope: ResourceId, estate: Estate, effects: frozenset[str]
) -> Ruling | None:
    """Give the first policy that would act on such objects, wherever below a scope they were.

    None when there is none; raises Undecided when that is not known.
    """
    assigned = estate.policies.assigned_by(assignment)
    objects = estate.policies.batch_objects(scope, None)
    return _first([estate.policies.ruling(a, o) for o in objects for a in assigned], effects)


def _first(rulings: list[Ruling], effects: frozenset[str]) -> Ruling | None:
    gap: Truth | None = None
    for ruling in rulings:
        if ruling.verdict.effect and ruling.verdict.effect not in effects:
            continue
        changes = ruling.verdict.changes
        if changes and all(field.casefold().startswith("tags") for field in changes):
            # Another tag changes nothing of how an object works.
            continue
        held = ruling.verdict.holds
        if held.known:
            return ruling
        if held.known is None:
            gap = gap or held
    if gap is not None:
        raise Undecided(gap.reasons, gap.decisions)
    return None


def _region(network: ResourceId, compute: Compute, estate: Estate) -> Term | None:
    """Give the region of a network, which is that of the nodes in it."""
    found = estate.look_up(VirtualNetwork, network)
    if found is not None and not found.location.is_absent:
        return found.location.term
    try:
        return estate.region_of(compute).term
    except Undecided:
        return None


def named(assignment: PolicyAssignment) -> str:
    """Name an assignment with the title that people know it by."""
    title = assignment.title.known
    return f"{assignment.label} ({title})" if title else assignment.label
