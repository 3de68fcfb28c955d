"""What rules about quotas read, how they say what is short, and what helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from azmlint import (
    Applicability,
    Capacity,
    Claim,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Items,
    Limit,
    Machines,
    Object,
    OnlineDeployment,
    Resource,
    Rule,
    Severity,
    Value,
    series_of,
)
from azmlint_rules.recipes import (
    request_quota,
    set_workspace_quota,
    update_compute,
    update_deployment,
)

READ = frozenset({Facet.COMPUTES, Facet.WORKSPACES, Facet.VM_SIZES})
"""What is read beside the usages themselves."""

SHARED = READ | {Facet.QUOTAS, Facet.ONLINE_ENDPOINTS, Facet.ONLINE_DEPLOYMENTS}
"""What is read to know who shares a limit."""

DEDICATED = "dedicated"
LOW_PRIORITY = "low priority"
ADDRESSES = "addresses"

_NAMED = 3
_RELATED = 10
_OFFERED = 2
"""How many other sizes and regions are offered, each."""


def nodes(count: int) -> str:
    """Write a number of nodes."""
    return f"{count} node" if count == 1 else f"{count} nodes"


def amount(limit: Limit, claim: Claim) -> str:
    """Write a limit, what of it is in use and what is free, in vCPUs and in nodes of a cluster."""
    row, cost = limit.row, limit.cost(claim)
    name = f"the quota of {row.title}" if row.family else row.title
    if row.pool == ADDRESSES:
        return f"{name} has room for {nodes(row.limit or 0)}"
    if row.limit is None:
        return f"{name} in {claim.region} is not known"
    text = f"{name} in {claim.region} is {_both(row.limit, cost)}"
    if row.free is not None:
        return f"{text}, {row.used} in use, {_both(row.free, cost)} free"
    return f"{text}, its use not known" if row.source == Facet.USAGES else text


def vcpus(count: int) -> str:
    """Write a number of vCPUs."""
    return f"{count} vCPU" if count == 1 else f"{count} vCPUs"


def _both(count: int, cost: int) -> str:
    return f"{vcpus(count)} ({nodes(count // cost)})"


def machine(claim: Claim, count: int) -> str:
    """Write nodes of a size with the vCPUs that they take."""
    text = f"{nodes(count)} of {claim.size}, {vcpus(claim.vcpus * count)}"
    if isinstance(claim.compute, OnlineDeployment):
        return f"{text} with what is set aside for upgrades"
    return text


def place_of(claim: Claim) -> Value[int] | Value[str]:
    """Give what says how many machines a compute asks for: of an instance, its size."""
    compute = claim.compute
    if isinstance(compute, ComputeCluster):
        return compute.max_nodes
    return compute.instances if isinstance(compute, OnlineDeployment) else compute.size


def require_most(claim: Claim) -> None:
    """Raise Undecided where it is not known how many nodes a cluster may have."""
    if isinstance(claim.compute, ComputeCluster):
        claim.compute.max_nodes.effective().require()


def is_there(claim: Claim) -> bool:
    """Whether something that has all its nodes or none has them, so that no limit stops it."""
    return claim.is_fixed and claim.kept == claim.asked


def sharing(limit: Limit, compute: Machines) -> str:
    """Name those who share a limit with a compute; empty when nobody does."""
    others = len(limit.claims) - 1
    if others < 1:
        return ""
    sharing = (c.compute for c in limit.claims if c.compute is not compute)
    names = list(islice(sharing, _NAMED))
    text = ", ".join(f"'{resource.name}'" for resource in names)
    more = others - len(names)
    return f"; shared with {text}" + (f" and {more} more" if more else "")


def sharers(limit: Limit, compute: Machines) -> list[tuple[Value[int] | Resource, str]]:
    """Point at some of those who share a limit with a compute."""
    others = (c for c in limit.claims if c.compute is not compute)
    return [_sharer(claim) for claim in islice(others, _RELATED)]


def _sharer(claim: Claim) -> tuple[Value[int] | Resource, str]:
    compute = claim.compute
    if isinstance(compute, ComputeCluster):
        text = f"{compute.label} may take {vcpus(claim.wanted)} of it"
        return compute.max_nodes.effective(), text
    verb = "holds" if is_there(claim) else "asks for"
    return compute, f"{compute.label} {verb} {vcpus(claim.wanted)}"


def family_limit(limits: Iterable[Limit]) -> Limit | None:
    """Find the limit of a family; None for a cluster that is under none."""
    return next((x for x in limits if x.row.family and not x.row.scope), None)


def total_limit(limits: Iterable[Limit]) -> Limit | None:
    """Find the region's total of dedicated vCPUs; None for a cluster that is not under it."""
    return next((x for x in limits if x.row.pool == DEDICATED and not x.row.family), None)


def shortfall(
    rule: Rule[Machines] | Rule[ComputeCluster],
    limit: Limit,
    claim: Claim,
    capacity: Capacity,
    severity: Severity | None = None,
) -> Finding:
    """Report that a compute at full size is more than a limit; of a cluster that is a warning."""
    compute = claim.compute
    fitting = (limit.row.limit or 0) // claim.vcpus
    return rule.finding(
        place_of(claim),
        f"{compute.label} {verb(claim)} {machine(claim, claim.asked)}, but "
        f"{amount(limit, claim)}: {outcome(claim, fitting)}{sharing(limit, compute)}",
        severity=severity or (Severity.ERROR if claim.is_fixed else Severity.WARNING),
        related=sharers(limit, compute),
        fixes=(
            *lower(claim, fitting),
            ask_for_more(limit, claim, limit.enough_for(claim)),
            *elsewhere(claim, capacity),
        ),
    )


def verb(claim: Claim) -> str:
    """Say how a compute asks for its nodes."""
    return "takes" if claim.is_fixed else "may have"


def outcome(claim: Claim, fitting: int) -> str:
    """Say what becomes of a compute for which a limit has room for so many nodes."""
    if claim.is_fixed:
        return "it is refused"
    return f"it never gets more than {nodes(fitting)}" if fitting else "it never gets a node"


def lower(claim: Claim, fitting: int) -> Iterator[Fix]:
    """Let a compute have as many nodes as fit, where any do."""
    deployment = claim.compute
    if isinstance(deployment, OnlineDeployment):
        instances = claim.instances_within(fitting)
        before = deployment.instances.effective().known
        if instances > 0:
            yield Fix(
                f"run {count(instances, 'instance')}",
                Applicability.UNSAFE,
                (deployment.instances.set(instances),),
                update_deployment(deployment, "instance_count", instances, before),
            )
    if isinstance(claim.compute, ComputeCluster):
        yield from _lower_max(claim, claim.compute, fitting)


def _lower_max(claim: Claim, cluster: ComputeCluster, fitting: int) -> Iterator[Fix]:
    if fitting < 1:
        return
    most = str(claim.asked)
    changes = [cluster.max_nodes.set(fitting)]
    options, before = ["--max-instances", str(fitting)], ["--max-instances", most]
    least = cluster.min_nodes.effective().known
    if least is not None and least > fitting:
        changes.append(cluster.min_nodes.set(fitting))
        options += ["--min-instances", str(fitting)]
        before += ["--min-instances", str(least)]
    yield Fix(
        f"allow at most {nodes(fitting)}",
        Applicability.UNSAFE,
        tuple(changes),
        update_compute(cluster, *options, undo=tuple(before)),
    )


def ask_for_more(limit: Limit, claim: Claim, wanted: int) -> Fix:
    """Ask for as much of a limit as is wanted."""
    row = limit.row
    series = series_of(claim.size) if row.family else None
    is_vain = series is not None and series.is_growth_restricted
    remark = (
        f" (of the virtual machines of the {series.name} series no more is granted since July 2026)"
        if series is not None and is_vain
        else ""
    )
    kind = "dedicated" if row.pool == DEDICATED else "lowPriority"
    steps = request_quota(row.request_name, kind, wanted, claim.subscription, claim.region)
    return Fix(f"ask for {wanted} vCPUs of {row.title}{remark}", Applicability.DISPLAY, steps=steps)


def workspace_of(claim: Claim) -> str:
    """Give the id of the workspace of a compute."""
    parent = claim.compute.id.parent
    return str(parent.parent if isinstance(claim.compute, OnlineDeployment) else parent)


def let_workspace_have(limit: Limit, claim: Claim, wanted: int) -> Fix:
    """Let the workspace of a cluster have as much of a family as is wanted."""
    steps = set_workspace_quota(
        workspace_of(claim),
        limit.row.request_name,
        wanted,
        claim.region,
        limit.row.limit or 0,
    )
    title = f"let the workspace have {vcpus(wanted)} of {limit.row.family}"
    return Fix(title, Applicability.DISPLAY, steps=steps)


def enough_for_all(limit: Limit, claim: Claim) -> Fix:
    """Get as much of a limit as all that share it ask for."""
    get = let_workspace_have if limit.row.scope else ask_for_more
    return get(limit, claim, limit.whole)


def together(limit: Limit, claim: Claim, capacity: Capacity) -> Iterator[Fix]:
    """Let a compute have what the others leave of a limit, or each of them what all can have."""
    fitting = ((limit.row.limit or 0) - limit.wanted_beside(claim)) // limit.cost(claim)
    fixes = list(lower(claim, fitting))
    yield from fixes or _shared_out(limit, claim, capacity)


def _shared_out(limit: Limit, claim: Claim, capacity: Capacity) -> Iterator[Fix]:
    """Let each cluster have what it gets when all scale at once, where that is a node at least."""
    market = capacity.market(claim)
    fixes: list[Fix] = []
    named: list[str] = []
    for one in limit.claims:
        reached = market.outcome(one.compute)
        if reached is None or reached.together >= one.asked:
            continue
        fix = next(lower(one, reached.together), None)
        if fix is None:
            return
        fixes.append(fix)
        named.append(f"'{one.compute.name}' {reached.together}")
    if len(named) > _NAMED:
        named[_NAMED:] = [f"{len(named) - _NAMED} more what they get when all scale at once"]
    if named:
        text = f"allow {', '.join(named)} nodes at most"
        changes = tuple(change for fix in fixes for change in fix.changes)
        steps = tuple(step for fix in fixes for step in fix.steps)
        yield Fix(text, Applicability.UNSAFE, changes, steps)


def elsewhere(claim: Claim, capacity: Capacity) -> Iterator[Fix]:
    """Offer other sizes, and to a cluster other regions, in which the whole of it has room."""
    compute = claim.compute
    for size, fitting in capacity.sizes_instead(claim)[:_OFFERED]:
        yield Fix(
            f"create it with {size.name} instead: {size.family} has room for {nodes(fitting)}",
            Applicability.DISPLAY,
            (compute.size.set(size.name),),
        )
    if not isinstance(compute, ComputeCluster):
        # Instances and deployments are in the region of their workspace.
        return
    for region, fitting in capacity.regions_instead(claim)[:_OFFERED]:
        yield Fix(
            f"create it in {region} instead, where there is room for {nodes(fitting)}",
            Applicability.DISPLAY,
            (compute.location.set(region),),
        )


def count(number: int, word: str) -> str:
    """Write a number of things."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def is_new(resource: Resource, estate: Estate) -> bool:
    """Whether something is declared and not yet deployed; raises Undecided."""
    if resource.is_deployed or estate.deployed(resource) is not None:
        return False
    is_deployment = isinstance(resource, OnlineDeployment)
    facet = Facet.ONLINE_DEPLOYMENTS if is_deployment else Facet.COMPUTES
    estate.require(facet, resource.id.parent)
    return True


def lacks_machines(errors: Value[Items]) -> bool:
    """Whether the service says that it has no machines, as `AllocationFailed` does with a reason."""
    items = errors.known
    for term in items.members if items is not None else ():
        inner = term.data.lookup("error") if isinstance(term.data, Object) else None
        data = inner.data if inner is not None else term.data
        code = data.lookup("code") if isinstance(data, Object) else None
        message = data.lookup("message") if isinstance(data, Object) else None
        if code is None or message is None or str(code.data).casefold() != "allocationfailed":
            continue
        words = str(message.data).casefold()
        if "capacity" in words and "quota" not in words:
            return True
    return False
