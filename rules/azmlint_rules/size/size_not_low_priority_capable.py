"""The rule size-not-low-priority-capable."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule, Severity


class SizeNotLowPriorityCapable(Rule[ComputeCluster]):
    """Compute cluster asks for low-priority nodes of a size that is not offered so.

    ## Why
    Creation is refused with `UnsupportedVMSizeForLowPriority`. Known so far of H100 sizes, also
    where the list of sizes says otherwise.

    ## Bad
    ```yaml
    name: big
    type: amlcompute
    size: Standard_NC40ads_H100_v5
    max_instances: 4
    tier: low_priority
    ```

    ## Good
    ```yaml
    name: big
    type: amlcompute
    size: Standard_NC40ads_H100_v5
    max_instances: 4
    tier: dedicated
    ```

    ## Fix safety
    Unsafe: dedicated nodes cost more and use another quota.

    ## References
    - Published refusals of H100 sizes (2026)
    """

    name = "size-not-low-priority-capable"
    severity = Severity.ERROR
    judges_deployed = False
    supersedes = ("low-priority-retired",)

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        tier, size = cluster.tier, cluster.size
        if tier.equals("lowpriority") & size.matches(r".*_H100_v\d+"):
            yield self.finding(
                size,
                f"{cluster.label} asks for low-priority nodes of {size.text}, which the service "
                "refuses",
                related=((tier, "the tier"),),
                fixes=(Fix("use dedicated nodes", Applicability.UNSAFE, (tier.set("dedicated"),)),),
            )
