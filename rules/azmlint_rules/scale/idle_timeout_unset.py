"""The rule idle-timeout-unset."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import update_compute


class IdleTimeoutUnset(Rule[ComputeCluster]):
    """Compute cluster leaves it to the service when idle nodes go.

    ## Why
    A value of 0 is not "at once": the SDK then sends nothing, as a template without the property
    does. What the service takes is documented as 120 seconds, but not promised.

    ## Not when
    A tool sends a default of its own, as az ml and SDK v2 do since 1.29.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    idle_time_before_scale_down: 0
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    idle_time_before_scale_down: 120
    ```

    ## Fix safety
    Safe: it states what is documented to happen anyway.

    ## How sure
    Observed in the source of the tools; the service's own default is documented and not promised.

    ## References
    - azure-ai-ml 1.35 and azureml-core 1.61 (source)
    """

    name = "idle-timeout-unset"
    severity = Severity.NOTE
    judges_deployed = False

    seconds: int = 120
    """The idle time that the fix writes."""

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        idle = cluster.idle_seconds
        # NOTE: A tool with a default of its own sends that for nothing written, and nothing for 0.
        if not (idle.absent if idle.default is None else idle.equals(0)):
            return
        fix = Fix(
            f"scale down after {self.seconds} idle seconds",
            Applicability.SAFE,
            (idle.set(self.seconds),),
            update_compute(cluster, "--idle-time-before-scale-down", str(self.seconds)),
        )
        yield self.finding(
            idle,
            f"{cluster.label} leaves it to the service when idle nodes go",
            fixes=(fix,),
        )
