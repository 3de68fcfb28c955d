"""The rule rdma-cluster-above-100."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Rule,
    Severity,
    series_of,
)
from azmlint_rules.recipes import update_compute

LIMIT = 100


class RdmaClusterAbove100(Rule[ComputeCluster]):
    """Compute cluster of an RDMA size may have more than 100 nodes.

    ## Why
    Pools of sizes with RDMA are limited to 100 nodes, and no support request changes that:
    scale-up stops there.

    ## Not when
    The size is not known, or has no RDMA.

    ## Bad
    ```yaml
    name: mpi
    type: amlcompute
    size: Standard_HB120rs_v3
    max_instances: 120
    ```

    ## Good
    ```yaml
    name: mpi
    type: amlcompute
    size: Standard_HB120rs_v3
    max_instances: 100
    ```

    ## Fix safety
    Unsafe: jobs that need more nodes wait, as they do already.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Manage and increase quotas (27 January 2026)
    """

    name = "rdma-cluster-above-100"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES})
    supersedes = ("max-nodes-above-default-limit",)

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        maximum, size = cluster.max_nodes, cluster.size.effective()
        series = series_of(size.known) if size.known is not None else None
        if size.known is not None and (series is None or not series.is_rdma):
            return
        if not maximum.above(LIMIT):
            return
        size.require()
        fix = Fix(
            f"allow at most {LIMIT} nodes",
            Applicability.UNSAFE,
            (maximum.set(LIMIT),),
            update_compute(
                cluster, "--max-instances", str(LIMIT), undo=("--max-instances", maximum.text)
            ),
        )
        yield self.finding(
            maximum,
            f"{cluster.label} may have {maximum.text} nodes, but {size.text} has RDMA and such a "
            f"cluster stops at {LIMIT}",
            related=((cluster.size, "the size"),),
            fixes=(fix,),
        )
