"""The rule cross-region-in-managed-network."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import recreate_compute


class CrossRegionInManagedNetwork(Rule[ComputeCluster]):
    """Compute cluster is in another region than its workspace, which has a managed virtual network.

    ## Why
    A managed virtual network covers the workspace's region only; computes of another region are not
    supported.

    ## Not when
    The workspace has no managed network.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    managed_network:
      isolation_mode: allow_internet_outbound
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    location: northeurope
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    managed_network:
      isolation_mode: allow_internet_outbound
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Fix safety
    Shown only: the cluster has to be created again.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Managed network for computes, Limitations (read November 2026)
    """

    name = "cross-region-in-managed-network"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})
    supersedes = ("cluster-in-other-region",)

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        location = cluster.location
        if location.is_absent:
            return
        workspace = estate.workspace_of(cluster)
        other = location.differs_from(workspace.location)
        if other & ~workspace.isolation.effective().equals("disabled"):
            yield self.finding(
                location,
                f"{cluster.label} is in {location.text}, but the managed network of its "
                f"{workspace.label} covers {workspace.location.text} only, so it is not supported",
                related=((workspace.isolation, "the managed network"),),
                fixes=(
                    Fix(
                        "create the cluster in the workspace's region",
                        Applicability.DISPLAY,
                        (location.remove(),),
                        recreate_compute(cluster),
                    ),
                ),
            )
