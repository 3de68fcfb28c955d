"""The rule idle-timeout-format."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule, Severity


class IdleTimeoutFormat(Rule[ComputeCluster]):
    """Compute cluster states its idle time in a notation that the tool refuses.

    ## Why
    Templates want an ISO 8601 duration such as `PT120S`, az ml YAML a number of seconds. The
    other one is refused at creation.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    idle_time_before_scale_down: PT120S
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
    Safe: the text is refused as it stands, and the fix writes the documented default.

    ## References
    - REST type ScaleSettings (API 2025-12-01)
    """

    name = "idle-timeout-format"
    severity = Severity.ERROR

    seconds: int = 120
    """The idle time that the fix writes."""

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        idle = cluster.idle_seconds
        if idle.invalid is None:
            return
        fix = Fix(
            f"scale down after {self.seconds} idle seconds",
            Applicability.SAFE,
            (idle.set(self.seconds),),
        )
        yield self.finding(
            idle,
            f"the idle time of {cluster.label} is '{idle.text}', but must be {idle.invalid}",
            fixes=(fix,),
        )
