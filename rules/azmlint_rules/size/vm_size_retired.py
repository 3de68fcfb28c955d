"""The rule vm-size-retired."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Facet, Finding, Fix, Rule, Severity, series_of
from azmlint_rules.recipes import recreate_compute


class VmSizeRetired(Rule[Compute]):
    """Compute uses a VM size of a series that is retired.

    ## Why
    Nodes of a retired series cannot be allocated. A size cannot be changed in place: the compute
    has to be created again.

    ## Not when
    The series is retired in other regions or clouds only.

    ## Bad
    ```yaml
    name: gpu
    type: amlcompute
    size: Standard_NC6
    max_instances: 2
    ```

    ## Good
    ```yaml
    name: gpu
    type: amlcompute
    size: Standard_NC4as_T4_v3
    max_instances: 2
    ```

    ## How sure
    Documented.

    ## References
    - Azure virtual machines, End of life sizes (24 September 2026)
    - Azure Machine Learning, retiring VM series (read November 2026)
    """

    name = "vm-size-retired"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES})

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        size = compute.size.effective()
        series = series_of(size.require()) if not size.is_absent or size.is_default else None
        if series is None:
            return
        day = series.retirement(compute.location.known)
        if day is None or day > estate.today:
            return
        if series.later_in and compute.location.known is None:
            later = max(date for _, date in series.later_in)
            if later > estate.today:
                compute.location.require()
        yield self.finding(
            compute.size,
            f"{compute.label} uses {size.text}; the {series.name} series retired on {day}, so no "
            "node of it can be allocated",
            fixes=(
                Fix(
                    "create the compute again with a size of a current series",
                    Applicability.DISPLAY,
                    steps=recreate_compute(compute),
                ),
            ),
        )
