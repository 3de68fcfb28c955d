"""The rule nodes-have-public-ip."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import recreate_compute


class NodesHavePublicIp(Rule[ComputeCluster]):
    """Compute nodes have public addresses.

    ## Why
    Every node can then be reached from the internet unless a security group says otherwise. It is the
    default of every tool, and cannot be changed later.

    ## Not when
    It is the default, so it is a note except in production.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    enable_node_public_ip: true
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
    Documented.

    ## References
    - Well-Architected Framework, Azure Machine Learning service guide (read November 2026)
    """

    name = "nodes-have-public-ip"
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        public = cluster.public_ip
        if public.effective().equals(other=True):
            in_production = estate.is_production(cluster)
            yield self.finding(
                public,
                f"nodes of {cluster.label} have public addresses, which the internet reaches unless "
                "a security group forbids it",
                severity=Severity.WARNING if in_production else Severity.NOTE,
                fixes=(
                    Fix(
                        "create the cluster again without public addresses",
                        Applicability.DISPLAY,
                        steps=recreate_compute(cluster),
                    ),
                ),
            )
