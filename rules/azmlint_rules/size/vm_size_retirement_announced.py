"""The rule vm-size-retirement-announced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Facet, Finding, Fix, Rule, Severity, series_of
from azmlint_rules.recipes import recreate_compute


class VmSizeRetirementAnnounced(Rule[Compute]):
    """Compute uses a VM size of a series of which the retirement is announced.

    ## Why
    From that day on no node can be allocated. It is a note until twelve months before, and a
    warning then.

    ## Not when
    The day is past: then vm-size-retired says so.

    ## Bad
    ```yaml
    name: mpi
    type: amlcompute
    size: Standard_HC44rs
    max_instances: 8
    ```

    ## Good
    ```yaml
    name: mpi
    type: amlcompute
    size: Standard_HB120rs_v3
    max_instances: 8
    ```

    ## How sure
    Documented.

    ## References
    - Azure virtual machines, Retirements and capacity restrictions (24 September 2026)
    """

    name = "vm-size-retirement-announced"
    uses = frozenset({Facet.COMPUTES})

    days: int = 365
    """How many days before its retirement a series becomes a warning."""

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        size = compute.size.effective()
        series = series_of(size.require()) if not size.is_absent or size.is_default else None
        day = series.retirement(compute.location.known) if series is not None else None
        if series is None or day is None or day <= estate.today:
            return
        is_near = day - estate.today <= dt.timedelta(days=self.days)
        yield self.finding(
            compute.size,
            f"{compute.label} uses {size.text}; the {series.name} series retires on {day}, and no "
            "node of it can be allocated from then on",
            severity=Severity.WARNING if is_near else Severity.NOTE,
            fixes=(
                Fix(
                    "create the compute again with a size of a newer series",
                    Applicability.DISPLAY,
                    steps=recreate_compute(compute),
                ),
            ),
        )
