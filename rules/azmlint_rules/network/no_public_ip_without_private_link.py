"""The rule no-public-ip-without-private-link."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity


class NoPublicIpWithoutPrivateLink(Rule[ComputeCluster]):
    """Compute cluster without public addresses has no private way to its workspace.

    ## Why
    Such nodes reach the workspace over a private endpoint or a managed virtual network. Without a
    subnet, and with the workspace's public access off, there is no way at all; in a subnet the
    workspace needs a private endpoint.

    ## Not when
    The workspace has a managed network, or a private endpoint that is declared or approved.

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
    enable_node_public_ip: false
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
    enable_node_public_ip: false
    ```

    ## How sure
    Documented for nodes in a network. Without a subnet and with public access on it is a note: an
    acceptance test of the Terraform provider creates such a cluster.

    ## References
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - azurerm 4.18, workspace and compute cluster (source)
    """

    name = "no-public-ip-without-private-link"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})
    supersedes = ("cluster-outside-private-workspace",)

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        public = cluster.public_ip
        if not public.equals(other=False):
            return
        workspace = estate.workspace_of(cluster)
        if ~workspace.isolation.effective().equals("disabled"):
            return
        if cluster.subnet.given:
            if not estate.has_private_endpoint(workspace):
                yield self.finding(
                    public,
                    f"{cluster.label} has no public addresses, and its {workspace.label} no private "
                    "endpoint: nodes cannot reach it",
                    related=((workspace, "the workspace"),),
                    why_no_fix="give the workspace a private endpoint",
                )
            return
        if workspace.public_access.effective().equals(other=False):
            yield self.finding(
                public,
                f"{cluster.label} has neither public addresses nor a subnet, and its "
                f"{workspace.label} is closed to the internet: nodes cannot reach it",
                related=((workspace.public_access, "public access is off"),),
                why_no_fix="give the cluster a subnet with a private endpoint of the workspace, or "
                "the workspace a managed virtual network",
            )
            return
        yield self.finding(
            public,
            f"{cluster.label} has neither public addresses nor a subnet; its nodes rely on the "
            "default outbound access",
            severity=Severity.NOTE,
            why_no_fix="whether that is enough is documented nowhere",
        )
