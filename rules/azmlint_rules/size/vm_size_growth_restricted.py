"""The rule vm-size-growth-restricted."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Facet, Finding, Rule, Severity, series_of


class VmSizeGrowthRestricted(Rule[Compute]):
    """Compute uses a VM series for which no further quota is granted.

    ## Why
    Since July 2026 requests for more quota of these series are not approved, and new
    subscriptions cannot deploy them. The page speaks of virtual machines; whether the quota of
    Azure Machine Learning follows is not said.

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

    ## References
    - Azure virtual machines, Retirements and capacity restrictions (24 September 2026)
    """

    name = "vm-size-growth-restricted"
    severity = Severity.NOTE
    uses = frozenset({Facet.COMPUTES})

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        size = compute.size.effective()
        series = series_of(size.require()) if not size.is_absent or size.is_default else None
        if series is None or not series.is_growth_restricted:
            return
        if series.retires is not None and series.retires <= estate.today:
            return
        yield self.finding(
            compute.size,
            f"{compute.label} uses {size.text}; no further quota is granted for the "
            f"{series.name} series since July 2026",
            why_no_fix="which newer series fits depends on the jobs and on the quota at hand",
        )
