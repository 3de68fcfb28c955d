"""The rule idle-timeout-too-long."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ClusterSettings, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import update_compute


class IdleTimeoutTooLong(Rule[ClusterSettings]):
    """Compute cluster keeps idle nodes for long after each job.

    ## Why
    Every node is billed from its job's end until the idle time is over. The platform's own
    policies for landing zones allow 900 seconds; the default of the tools is 120.
    A cluster of SDK v1 that does not state it waits for 1800 seconds, which counts as well.

    ## Not when
    The time is within the limit that the option sets.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    idle_time_before_scale_down: 7200
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
    Safe: the cluster stays; a job that comes later waits some minutes for a node.

    ## How sure
    Documented as advice; the limit is that of a published policy.

    ## References
    - Enterprise-Scale, Deny-MachineLearning-ClusterSettings-Scale (read November 2026)
    - Azure Machine Learning, Manage and optimize costs (1 March 2026)
    """

    name = "idle-timeout-too-long"
    uses = frozenset({Facet.COMPUTES})

    seconds: int = 900
    """The longest idle time that is not reported."""

    wanted: int = 120
    """The idle time in seconds that the fix writes."""

    def check(self, cluster: ClusterSettings, _: Estate) -> Iterator[Finding]:
        idle = cluster.idle_seconds
        taken = idle.effective()
        if not taken.above(self.seconds):
            return
        seconds = taken.require()
        fix = Fix(
            f"scale down after {self.wanted} idle seconds",
            Applicability.SAFE,
            (idle.set(self.wanted),),
            update_compute(
                cluster,
                "--idle-time-before-scale-down",
                str(self.wanted),
                undo=("--idle-time-before-scale-down", str(seconds)),
            ),
        )
        default = idle.default if taken.is_default else None
        told = f", the default of {default.source}" if default is not None else ""
        yield self.finding(
            idle,
            f"{cluster.label} bills idle nodes for {seconds} seconds after each job{told}",
            fixes=(fix,),
        )
