"""The rule max-nodes-zero."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ClusterSettings, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import update_compute


class MaxNodesZero(Rule[ClusterSettings]):
    """Compute cluster can never run a job, because its maximum is 0.

    ## Why
    Jobs sent to it wait for ever, and it still takes one place of the region's compute limit.

    ## Not when
    The maximum is not known.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 0
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 1
    ```

    ## Fix safety
    Unsafe: jobs that wait for the cluster start and cost money.

    ## How sure
    Deduced.

    ## References
    - Deduced from the scale settings; SDK v1 accepts 0
    """

    name = "max-nodes-zero"
    uses = frozenset({Facet.COMPUTES})

    def check(self, cluster: ClusterSettings, _: Estate) -> Iterator[Finding]:
        maximum = cluster.max_nodes
        if maximum.equals(0):
            fix = Fix(
                "allow one node",
                Applicability.UNSAFE,
                (maximum.apart_from(cluster.min_nodes).set(1),),
                update_compute(cluster, "--max-instances", "1", undo=("--max-instances", "0")),
            )
            yield self.finding(
                maximum,
                f"{cluster.label} may have no node at all, so jobs wait for ever",
                fixes=(fix,),
            )
