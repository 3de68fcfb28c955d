"""The rule cross-region-with-private-endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Rule,
    Severity,
    Undecided,
    VirtualNetwork,
)
from azmlint_rules.plumbing import plumbing_gap


class CrossRegionWithPrivateEndpoint(Rule[ComputeCluster]):
    """Compute cluster is in another region than its workspace, which is reached over private endpoints.

    ## Why
    The documentation contradicts itself: one page says that workspace and computes must then share
    their region, another describes a network of the cluster's own region, peered or with an endpoint of
    its own, and linked private zones. Without a subnet and with public access off the nodes have no way
    to the workspace at all.

    Where a snapshot holds the networks, endpoints and zones, a cluster in a network of its own region
    that holds an endpoint of the workspace, or is peered with one that does and linked to both zones, is
    as documented and not reported. Networks with DNS servers of their own, or with another network in
    between, are left open.

    ## Not when
    The workspace has a managed network, for which another rule speaks; or a snapshot shows the network,
    endpoint and zones as documented.

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
    location: northeurope
    ```

    ## Good
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
    location: westeurope
    ```

    ## How sure
    Documented both ways: one current page explains how, another forbids it. No measurement is published.

    ## References
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - Azure Machine Learning, Configure a private endpoint, Limitations (22 May 2025)
    """

    name = "cross-region-with-private-endpoint"
    severity = Severity.ERROR
    uses = frozenset(
        {
            Facet.COMPUTES,
            Facet.NETWORKS,
            Facet.PRIVATE_ENDPOINTS,
            Facet.PRIVATE_ZONES,
            Facet.WORKSPACES,
            Facet.ZONE_LINKS,
        }
    )
    supersedes = ("cluster-in-other-region",)

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        location = cluster.location
        if location.is_absent:
            return
        workspace = estate.workspace_of(cluster)
        managed = ~workspace.isolation.effective().equals("disabled")
        if ~location.differs_from(workspace.location) | managed:
            return
        is_closed = workspace.public_access.effective().equals(other=False)
        if not is_closed and not estate.has_private_endpoint(workspace):
            return
        if cluster.subnet.given:
            network = _network(cluster, estate)
            gap = None if network is None else plumbing_gap(network, cluster, workspace, estate)
            if network is not None and gap is None:
                return
            severity, fact = (
                Severity.WARNING,
                gap or "which is documented both as possible and as not",
            )
        elif is_closed:
            severity, fact = Severity.ERROR, "and without a subnet its nodes cannot reach it"
        else:
            severity, fact = Severity.WARNING, "and without a subnet its nodes use the public way"
        yield self.finding(
            location,
            f"{cluster.label} is in {location.text}, but its {workspace.label} in "
            f"{workspace.location.text} is reached over private endpoints, {fact}",
            severity=severity,
            related=((workspace.location, "the workspace's region"),),
            why_no_fix="create it in the workspace's region, or give it a network of its own region "
            "with an endpoint of the workspace and links to its private zones",
        )


def _network(cluster: ComputeCluster, estate: Estate) -> VirtualNetwork | None:
    """Find the deployed network of a cluster; None when what is around it was not read."""
    try:
        network = estate.network_of(cluster)
    except Undecided:
        return None
    read = (Facet.NETWORKS, Facet.PRIVATE_ENDPOINTS, Facet.ZONE_LINKS)
    is_read = network.is_deployed and all(estate.coverages.asked(facet) for facet in read)
    return network if is_read else None
