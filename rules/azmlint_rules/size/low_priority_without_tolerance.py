"""The rule low-priority-without-tolerance."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import recreate_compute


class LowPriorityWithoutTolerance(Rule[ComputeCluster]):
    """Compute cluster that is meant to be there at all times uses nodes that can be taken away.

    ## Why
    Azure takes low-priority nodes back when it needs them: the job stops and starts again, and a
    minimum above 0 or a production tag says that this is not meant. Such jobs also end after
    7 days.

    ## Not when
    The cluster is not in production and keeps no nodes. Whether jobs save checkpoints is not seen.

    ## Bad
    ```yaml
    name: scoring
    type: amlcompute
    size: Standard_D4s_v5
    min_instances: 1
    max_instances: 4
    tier: low_priority
    ```

    ## Good
    ```yaml
    name: scoring
    type: amlcompute
    size: Standard_D4s_v5
    min_instances: 0
    max_instances: 4
    tier: low_priority
    ```

    ## Fix safety
    Shown only: a deployed cluster has to be created again, and dedicated nodes cost more and use
    another quota.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Use low priority VMs in batch; Manage quotas (27 January 2026)
    """

    name = "low-priority-without-tolerance"
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        tier = cluster.tier
        if not tier.equals("lowpriority"):
            return
        if estate.is_production(cluster):
            why = "is marked as production"
        elif cluster.min_nodes.above(0):
            nodes = cluster.min_nodes.require()
            why = f"keeps {nodes} {'node' if nodes == 1 else 'nodes'}"
        else:
            return
        yield self.finding(
            tier,
            f"{cluster.label} {why}, but its low-priority nodes can be taken away at any time",
            fixes=(
                Fix(
                    "use dedicated nodes",
                    Applicability.DISPLAY,
                    (tier.set("dedicated"),),
                    recreate_compute(cluster),
                ),
            ),
        )
