"""The rule fixed-size-cluster."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ClusterSettings, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import update_compute


class FixedSizeCluster(Rule[ClusterSettings]):
    """Compute cluster never scales, because its minimum equals its maximum.

    ## Why
    With equal bounds autoscale has nothing to do: every node is billed around the clock.

    ## Not when
    The minimum is 0.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    min_instances: 4
    max_instances: 4
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    min_instances: 0
    max_instances: 4
    ```

    ## Fix safety
    Safe: the cluster stays, idle nodes go, and one edit brings them back.

    ## How sure
    Deduced from what the bounds mean; the documentation names a fixed size as a choice.

    ## References
    - Azure Machine Learning, Create compute clusters (11 September 2025)
    """

    name = "fixed-size-cluster"
    uses = frozenset({Facet.COMPUTES})
    supersedes = ("min-nodes-above-zero",)

    def check(self, cluster: ClusterSettings, _: Estate) -> Iterator[Finding]:
        minimum, maximum = cluster.min_nodes, cluster.max_nodes.effective()
        if not (minimum.above(0) & minimum.same_as(maximum)):
            return
        nodes = minimum.text
        fix = Fix(
            "scale down to 0 nodes when idle",
            Applicability.SAFE,
            (minimum.apart_from(maximum).set(0),),
            update_compute(cluster, "--min-instances", "0", undo=("--min-instances", nodes)),
        )
        yield self.finding(
            minimum,
            f"{cluster.label} has {nodes} {'node' if nodes == '1' else 'nodes'} at all times: minimum and maximum are equal, so "
            "it never scales",
            related=((cluster.max_nodes, "the maximum"),),
            fixes=(fix,),
        )
