"""The rule size-not-low-priority-capable."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule, Severity


class SizeNotLowPriorityCapable(Rule[ComputeCluster]):
    """Compute cluster asks for low-priority nodes of a size that is not offered so.

    ## Why
    Creation is refused with `UnsupportedVMSizeForLowPriority`: for sizes of which the service's
    list says so, and for H100 sizes, of which it says otherwise.

    ## Not when
    Nodes are dedicated, or no list says anything of the size.

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

    ## How sure
    Specified, and observed for H100 sizes, of which the list says otherwise.

    ## References
    - The REST type VirtualMachineSize: lowPriorityCapable (read November 2026)
    - Published refusals of H100 sizes (2026)
    """

    name = "size-not-low-priority-capable"
    severity = Severity.ERROR
    judges_deployed = False
    uses = frozenset({Facet.VM_SIZES, Facet.WORKSPACES})
    supersedes = ("low-priority-retired",)

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        tier, size = cluster.tier, cluster.size
        if not tier.equals("lowpriority") & ~size.absent:
            return
        listed = estate.size_of(cluster)
        is_refused = listed is not None and listed.is_low_priority_capable is False
        if is_refused or size.matches(r".*_H100_v\d+"):
            yield self.finding(
                size,
                f"{cluster.label} asks for low-priority nodes of {size.text}, which the service "
                "refuses",
                related=((tier, "the tier"),),
                fixes=(Fix("use dedicated nodes", Applicability.UNSAFE, (tier.set("dedicated"),)),),
            )
