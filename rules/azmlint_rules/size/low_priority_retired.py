"""The rule low-priority-retired."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import recreate_compute


class LowPriorityRetired(Rule[ComputeCluster]):
    """Compute cluster uses the low-priority tier, which is on its way out.

    ## Why
    Azure Batch retired low-priority nodes on 30 September 2025, and Azure's list of retirements
    names 31 March 2026 for Azure Machine Learning. API, SDK and CLI still accept the tier, and
    such clusters were created in August 2026: it works today and may stop any day.

    ## Not when
    Nodes are dedicated.

    ## Bad
    ```yaml
    name: cheap
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    tier: low_priority
    ```

    ## Good
    ```yaml
    name: cheap
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    tier: dedicated
    ```

    ## Fix safety
    Shown only: a deployed cluster has to be created again, and dedicated nodes cost more and use
    another quota.

    ## How sure
    Documented both ways: a list of retirements names a day that is past, while the interface and other
    pages still have the tier; such clusters were created in August 2026.

    ## References
    - Azure/EOL 132 and 258; Azure Machine Learning, Use low priority VMs in batch (2026)
    """

    name = "low-priority-retired"
    uses = frozenset({Facet.COMPUTES})

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        tier = cluster.tier
        if tier.equals("lowpriority"):
            yield self.finding(
                tier,
                f"{cluster.label} uses low-priority nodes, which are listed as retired since "
                "31 March 2026: they are still accepted, but may not be any day",
                fixes=(
                    Fix(
                        "use dedicated nodes",
                        Applicability.DISPLAY,
                        (tier.set("dedicated"),),
                        recreate_compute(cluster),
                    ),
                ),
            )
