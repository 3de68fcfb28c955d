"""The rule vm-size-omitted."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, ComputeCluster, ComputeInstance, Estate, Finding, Rule, Severity


class VmSizeOmitted(Rule[Compute]):
    """Compute does not state its VM size.

    ## Why
    The size is then whatever the tool takes: STANDARD_DS3_V2 for az ml and the SDK, whose series
    retires on 1 May 2028. Another version may take another one.

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

    ## References
    - azure-ai-ml 1.35 (source)
    """

    name = "vm-size-omitted"
    severity = Severity.NOTE
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        if not isinstance(compute, (ComputeCluster, ComputeInstance)) or not compute.size.absent:
            return
        default = compute.size.default
        taken = f"it becomes {default.value}" if default is not None else "the service picks one"
        yield self.finding(
            compute.size,
            f"{compute.label} states no VM size; {taken}",
            why_no_fix="which size is right depends on the jobs",
        )
