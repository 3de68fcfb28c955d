"""The rule lock-pins-deployment-history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from azmlint import (
    Deployment,
    Estate,
    Facet,
    Finding,
    Lock,
    ResourceGroup,
    ResourceId,
    Rule,
    Severity,
)
from azmlint_rules.locks._guarded import held_by_application, take_away


class LockPinsDeploymentHistory(Rule[Lock]):
    """Lock keeps the deployment history of a resource group from being tidied up, and it is nearly full.

    ## Why
    Azure Resource Manager deletes old deployments of a resource group by itself, but not under a
    lock. At 800 records every further template deployment to the group fails. Deployments can be
    deleted by hand once the lock is away; what they deployed stays.

    ## Not when
    The group has few deployments.

    ## Bad
    A lock on a resource group that remembers 700 deployments or more.

    ## Good
    The same lock on a group with fewer, or none on the group.

    ## How sure
    Documented.

    ## References
    - Azure Resource Manager, Lock resources (8 March 2024)
    - Azure Resource Manager, Resolve error when deployment count exceeds 800 (read November 2026)
    """

    name = "lock-pins-deployment-history"
    severity = Severity.NOTE
    needs = frozenset({Facet.DEPLOYMENTS, Facet.LOCKS})
    uses = frozenset({Facet.GROUPS})
    judges_declared = False

    most: int = 700
    """How many deployments a locked group may remember."""

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        if scope.resource_type is not None or not lock.level.one_of("cannotdelete", "readonly"):
            return
        counts: Counter[ResourceId] = Counter()
        for group in _groups(scope, estate):
            counts[group] = len(estate.within(group, Deployment))
        full = [(group, count) for group, count in counts.most_common() if count >= self.most]
        if not full:
            for group in counts:
                estate.require(Facet.DEPLOYMENTS, group)
            return
        group, count = full[0]
        more = f"; {len(full) - 1} more groups are as full" if len(full) > 1 else ""
        yield self.finding(
            lock,
            f"{lock.label} keeps the {count} deployments of the resource group '{group.name}' from "
            f"being tidied up: at 800 further ones fail{more}",
            fixes=take_away(lock, "take the lock away, so that old deployments can go"),
            why_no_fix=held_by_application(lock),
        )


def _groups(scope: ResourceId, estate: Estate) -> list[ResourceId]:
    return [scope] if scope.is_group else [g.id for g in estate.within(scope, ResourceGroup)]
