"""The rule max-nodes-above-default-limit."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ClusterSettings, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import update_compute

ONE_RUN = 100
COMMUNICATION_ON = 300
COMMUNICATION_ON_MOST = 4_000
COMMUNICATION_OFF_MOST = 65_000


class MaxNodesAboveDefaultLimit(Rule[ClusterSettings]):
    """Compute cluster may grow beyond what it gets without a support request.

    ## Why
    A cluster whose nodes can talk to each other, which is the default, gets 300 nodes; up to
    4,000 are granted on request, and up to 65,000 with that communication turned off. Scale-up
    stops at the limit. One MPI run never spans more than 100 nodes.

    ## Not when
    The option `granted` names a support request that was granted.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 500
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 100
    ```

    ## Fix safety
    Unsafe: jobs that need more nodes wait.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    """

    name = "max-nodes-above-default-limit"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES})

    granted: int = COMMUNICATION_ON
    """How many nodes a support request has granted; no cluster up to it is reported."""

    communication_off: bool = False
    """Whether communication between nodes was turned off on request."""

    def check(self, cluster: ClusterSettings, _: Estate) -> Iterator[Finding]:
        maximum = cluster.max_nodes
        if not maximum.above(ONE_RUN):
            return
        nodes = maximum.require()
        most = COMMUNICATION_OFF_MOST if self.communication_off else COMMUNICATION_ON_MOST
        if nodes > most:
            severity, fact = Severity.ERROR, f"no cluster gets more than {most:,}"
        elif nodes > max(self.granted, COMMUNICATION_ON):
            severity = Severity.WARNING
            fact = f"without a support request it stops at {COMMUNICATION_ON}"
        elif nodes <= self.granted != COMMUNICATION_ON:
            return
        else:
            severity, fact = Severity.NOTE, f"one MPI run spans at most {ONE_RUN}"
        fixes = (
            Fix(
                f"allow at most {ONE_RUN} nodes",
                Applicability.UNSAFE,
                (maximum.set(ONE_RUN),),
                update_compute(
                    cluster,
                    "--max-instances",
                    str(ONE_RUN),
                    undo=("--max-instances", str(nodes)),
                ),
            ),
        )
        yield self.finding(
            maximum,
            f"{cluster.label} may have {nodes} nodes; {fact}",
            severity=severity,
            fixes=fixes,
        )
