"""The rule min-nodes-above-zero."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ClusterSettings, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import update_compute


class MinNodesAboveZero(Rule[ClusterSettings]):
    """Compute cluster keeps nodes running when no job needs them.

    ## Why
    Nodes below the minimum are billed around the clock, and they never pick up the monthly
    operating system image, because images change only after a scale-down to 0.
    A tag `warm-pool` on the cluster says that the nodes are kept on purpose.

    ## Not when
    A tag `warm-pool` says that nodes are kept on purpose: then it is a note.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/amlCompute.schema.json
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    min_instances: 1
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
    The first job after an idle time waits some minutes for a node.

    ## How sure
    Documented, also that such nodes miss new images.

    ## References
    - Azure Machine Learning, Manage and optimize costs (1 March 2026)
    - Azure Machine Learning, Vulnerability management (24 June 2026)
    """

    name = "min-nodes-above-zero"
    uses = frozenset({Facet.COMPUTES})

    warm_pool_tag: str = "warm-pool"
    """A tag that marks nodes kept on purpose; the finding is then a note."""

    def check(self, cluster: ClusterSettings, _: Estate) -> Iterator[Finding]:
        minimum = cluster.min_nodes
        if not minimum.above(0):
            return
        tags = cluster.tags.known
        is_meant = tags is not None and tags.lookup(self.warm_pool_tag) is not None
        nodes = minimum.require()
        fix = Fix(
            "scale down to 0 nodes when idle",
            Applicability.SAFE,
            (minimum.apart_from(cluster.max_nodes).set(0),),
            update_compute(cluster, "--min-instances", "0", undo=("--min-instances", str(nodes))),
        )
        yield self.finding(
            minimum,
            f"{cluster.label} keeps {nodes} {'node' if nodes == 1 else 'nodes'} running and "
            "billed when no job needs them",
            severity=Severity.NOTE if is_meant else None,
            fixes=() if is_meant else (fix,),
            why_no_fix=f"the tag '{self.warm_pool_tag}' says that the nodes are kept on purpose"
            if is_meant
            else None,
        )
