"""The rule network-cost-of-public-ip."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity


class NetworkCostOfPublicIp(Rule[ComputeCluster]):
    """Compute cluster with public addresses pays for load balancers too.

    ## Why
    Each 50 nodes with public addresses bring a standard load balancer and its address, about
    0.33 USD a day. In a measured day with three short jobs they cost more than the machine.

    ## Not when
    Nodes have no public addresses.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    enable_node_public_ip: false
    ```

    ## How sure
    Documented, and observed in one published measurement; another page has a load balancer for each 100
    nodes.

    ## References
    - Azure Machine Learning, Plan to manage costs (read November 2026)
    """

    name = "network-cost-of-public-ip"
    severity = Severity.NOTE
    uses = frozenset({Facet.COMPUTES})

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        public = cluster.public_ip
        if public.effective().equals(other=True):
            yield self.finding(
                public,
                f"{cluster.label} has public addresses, which bring a load balancer for each 50 "
                "nodes, about 0.33 USD a day",
                why_no_fix="the setting cannot be changed; a cluster without public addresses "
                "needs a private way to the workspace",
            )
