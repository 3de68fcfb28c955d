"""The rule vm-size-growth-restricted."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Compute,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Rule,
    Severity,
    Undecided,
    series_of,
)


class VmSizeGrowthRestricted(Rule[Compute]):
    """Compute uses a VM series for which no further quota is granted.

    ## Why
    Since July 2026 requests for more quota of these series are not approved, and new
    subscriptions cannot deploy them. The page speaks of virtual machines; whether the quota of
    Azure Machine Learning follows is not said. It is a warning where what is known of quotas does not
    hold the clusters of the family at full size, because asking for more is in vain.

    ## Not when
    The series has retired, which is worse.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_F8s_v2
    max_instances: 4
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_F8as_v6
    max_instances: 4
    ```

    ## How sure
    Documented for virtual machines; whether the quota of Azure Machine Learning follows is not said.

    ## References
    - Azure virtual machines, Retirements and capacity restrictions (24 September 2026)
    """

    name = "vm-size-growth-restricted"
    uses = frozenset(
        {
            Facet.COMPUTES,
            Facet.ONLINE_DEPLOYMENTS,
            Facet.ONLINE_ENDPOINTS,
            Facet.QUOTAS,
            Facet.USAGES,
            Facet.VM_SIZES,
            Facet.WORKSPACES,
        }
    )

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        size = compute.size.effective()
        series = series_of(size.require()) if not size.is_absent or size.is_default else None
        if series is None or not series.is_growth_restricted:
            return
        if series.retires is not None and series.retires <= estate.today:
            return
        short = _shortage(compute, estate)
        yield self.finding(
            compute.size,
            f"{compute.label} uses {size.text}; no further quota is granted for the "
            f"{series.name} series since July 2026{short}",
            severity=Severity.WARNING if short else Severity.NOTE,
            why_no_fix="which newer series fits depends on the jobs and on the quota at hand",
        )


def _shortage(compute: Compute, estate: Estate) -> str:
    """Say how far the quota of a cluster's family falls short; nothing where that is not known."""
    if not isinstance(compute, ComputeCluster) or not estate.has_quotas:
        return ""
    try:
        capacity = estate.capacity()
        limits = capacity.limits(capacity.claim(compute))
    except Undecided:
        return ""
    for limit in limits:
        most = limit.row.limit
        if limit.row.family and not limit.row.scope and most is not None:
            wanted = limit.whole
            return f", and {wanted} vCPUs do not fit its limit of {most}" if wanted > most else ""
    return ""
