"""The rule cluster-outside-private-workspace."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity


class ClusterOutsidePrivateWorkspace(Rule[ComputeCluster]):
    """Compute cluster is outside of every network, while its workspace is closed to the internet.

    ## Why
    Nodes that are not behind the same virtual network cannot reach such a workspace, and jobs never
    start.

    ## Not when
    The workspace has a managed network, or its public access is on.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    public_network_access: Disabled
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    public_network_access: Disabled
    managed_network:
      isolation_mode: allow_internet_outbound
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Configure a private endpoint (22 May 2025)
    """

    name = "cluster-outside-private-workspace"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})
    supersedes = ("compute-not-in-network",)

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not cluster.subnet.absent:
            return
        workspace = estate.workspace_of(cluster)
        is_closed = workspace.public_access.effective().equals(other=False)
        if is_closed & workspace.isolation.effective().equals("disabled"):
            yield self.finding(
                cluster,
                f"{cluster.label} has no subnet, but its {workspace.label} is closed to the internet: "
                "nodes cannot reach it",
                related=((workspace.public_access, "public access is off"),),
                why_no_fix="give the cluster a subnet with a path to the workspace's private "
                "endpoint, or the workspace a managed virtual network",
            )
