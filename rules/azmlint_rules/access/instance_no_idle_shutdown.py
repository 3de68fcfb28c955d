"""The rule instance-no-idle-shutdown."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ComputeInstance,
    Estate,
    Facet,
    Finding,
    Fix,
    Reason,
    Rule,
    Undecided,
)
from azmlint_rules.recipes import set_idle_shutdown


class InstanceNoIdleShutdown(Rule[ComputeInstance]):
    """Compute instance never shuts down when idle.

    ## Why
    An idle instance costs as much as a busy one, and nobody notices until the bill. A schedule that
    stops it counts as well. Not every version of the service tells the idle time of what is deployed:
    where it does not, nothing is said.

    ## Not when
    A schedule stops the instance, or the answer for a deployed one says nothing of it.

    ## Bad
    ```yaml
    name: dev-box
    type: computeinstance
    size: Standard_D4s_v5
    ```

    ## Good
    ```yaml
    name: dev-box
    type: computeinstance
    size: Standard_D4s_v5
    idle_time_before_shutdown_minutes: 30
    ```

    ## Fix safety
    Unsafe: work that runs unattended for longer than the idle time is lost.

    ## How sure
    Documented.

    ## References
    - Azure Policy 679ddf89; PSRule AZR-000403; Azure Machine Learning, Create a compute instance (29 April
      2026)
    """

    name = "instance-no-idle-shutdown"
    uses = frozenset({Facet.COMPUTES})
    minutes: int = 60
    """The idle time that the fix writes."""

    def check(self, instance: ComputeInstance, _: Estate) -> Iterator[Finding]:
        idle = instance.idle_minutes
        if not idle.absent or not instance.schedules.absent:
            return
        if instance.is_deployed and idle.term.is_absent:
            # Service versions differ in whether they answer it at all; null is an answer.
            text = f"the answer for {instance.label} says nothing of its idle shutdown"
            raise Undecided((Reason("missing", text),))
        yield self.finding(
            idle,
            f"{instance.label} has no idle shutdown, so it is billed until somebody stops it",
            fixes=(
                Fix(
                    f"shut down after {self.minutes} idle minutes",
                    Applicability.UNSAFE,
                    (idle.set(self.minutes),),
                    set_idle_shutdown(instance, self.minutes),
                ),
            ),
        )
