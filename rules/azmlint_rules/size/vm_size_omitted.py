"""The rule vm-size-omitted."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    Estate,
    Finding,
    Rule,
    Severity,
    series_of,
)


class VmSizeOmitted(Rule[Compute]):
    """Compute does not state its VM size.

    ## Why
    The size is then whatever the tool takes: STANDARD_DS3_V2 for az ml and the SDK, whose series
    retires on 1 May 2028. Another version may take another one. The documented default of SDK v1 is
    Standard_NC6, which has retired; that is a warning.

    ## Not when
    Terraform, which requires a size.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    max_instances: 4
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## How sure
    Observed in the source of the SDKs; what the service takes for an empty size is not known.

    ## References
    - azure-ai-ml 1.35 (source); azureml-core 1.61 (documentation: its code sends no size)
    """

    name = "vm-size-omitted"
    judges_deployed = False

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if not isinstance(compute, (ComputeCluster, ComputeInstance)) or not compute.size.absent:
            return
        default = compute.size.default
        series = series_of(default.value) if default is not None else None
        is_gone = (
            series is not None and series.retires is not None and series.retires <= estate.today
        )
        taken = "the service picks one"
        if default is not None and is_gone:
            taken = f"{default.source} says that it becomes {default.value}, which has retired"
        elif default is not None:
            taken = f"it becomes {default.value}"
        yield self.finding(
            compute.size,
            f"{compute.label} states no VM size; {taken}",
            severity=Severity.WARNING if is_gone else Severity.NOTE,
            why_no_fix="which size is right depends on the jobs",
        )
