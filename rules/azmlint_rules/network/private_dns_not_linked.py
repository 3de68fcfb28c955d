"""The rule private-dns-not-linked."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    PrivateDnsZone,
    Reason,
    ResourceId,
    Rule,
    Undecided,
    VirtualNetwork,
    ZoneLink,
)
from azmlint_rules.plumbing import ZONES
from azmlint_rules.recipes import link_zone


class PrivateDnsNotLinked(Rule[ComputeCluster]):
    """Network of a compute cluster cannot resolve the private names of its workspace.

    ## Why
    A workspace with a private endpoint has its names in two private zones, `privatelink.api.azureml.ms` and
    `privatelink.notebooks.azure.net`. A network that is linked to neither resolves them to the public
    address, which a closed workspace does not answer.

    ## Not when
    The network has DNS servers of its own, which may forward, or the zones were not read: both are left
    open. A cluster of another region is the matter of cross-region-with-private-endpoint.

    ## Bad
    ```json
    {
      "version": 1,
      "taken": "2026-11-24T12:00:00Z",
      "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision", "location": "westeurope", "name": "vision", "properties": {"applicationInsights": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.Insights/components/ai", "keyVault": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.KeyVault/vaults/kv", "storageAccount": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.Storage/storageAccounts/visiondata", "privateEndpointConnections": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision/privateEndpointConnections/pe", "properties": {"privateEndpoint": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateEndpoints/pe"}, "privateLinkServiceConnectionState": {"status": "Approved"}}}]}, "type": "Microsoft.MachineLearningServices/workspaces"}]},
        {"facet": "computes", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision/computes/train", "location": "westeurope", "name": "train", "properties": {"computeLocation": "westeurope", "computeType": "AmlCompute", "properties": {"enableNodePublicIp": false, "subnet": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml/subnets/nodes"}}, "provisioningState": "Succeeded"}, "type": "Microsoft.MachineLearningServices/workspaces/computes"}]},
        {"facet": "virtualNetworks", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml", "location": "westeurope", "name": "vnet-ml", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml/subnets/nodes", "name": "nodes", "properties": {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/networkSecurityGroups/nsg-nodes"}}}]}, "type": "Microsoft.Network/virtualNetworks"}]},
        {"facet": "networkSecurityGroups", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/networkSecurityGroups/nsg-nodes", "location": "westeurope", "name": "nsg-nodes", "properties": {"securityRules": []}, "type": "Microsoft.Network/networkSecurityGroups"}]},
        {"facet": "routeTables", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": []},
        {"facet": "privateDnsZones", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms", "name": "privatelink.api.azureml.ms", "type": "Microsoft.Network/privateDnsZones"}, {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net", "name": "privatelink.notebooks.azure.net", "type": "Microsoft.Network/privateDnsZones"}]},
        {"facet": "virtualNetworkLinks", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms/virtualNetworkLinks/l0", "name": "l0", "properties": {"virtualNetwork": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub"}}, "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks"}]},
        {"facet": "virtualNetworkLinks", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net/virtualNetworkLinks/l0", "name": "l0", "properties": {"virtualNetwork": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub"}}, "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks"}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1,
      "taken": "2026-11-24T12:00:00Z",
      "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision", "location": "westeurope", "name": "vision", "properties": {"applicationInsights": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.Insights/components/ai", "keyVault": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.KeyVault/vaults/kv", "storageAccount": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.Storage/storageAccounts/visiondata", "privateEndpointConnections": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision/privateEndpointConnections/pe", "properties": {"privateEndpoint": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateEndpoints/pe"}, "privateLinkServiceConnectionState": {"status": "Approved"}}}]}, "type": "Microsoft.MachineLearningServices/workspaces"}]},
        {"facet": "computes", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/vision/computes/train", "location": "westeurope", "name": "train", "properties": {"computeLocation": "westeurope", "computeType": "AmlCompute", "properties": {"enableNodePublicIp": false, "subnet": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml/subnets/nodes"}}, "provisioningState": "Succeeded"}, "type": "Microsoft.MachineLearningServices/workspaces/computes"}]},
        {"facet": "virtualNetworks", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml", "location": "westeurope", "name": "vnet-ml", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml/subnets/nodes", "name": "nodes", "properties": {"addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/networkSecurityGroups/nsg-nodes"}}}]}, "type": "Microsoft.Network/virtualNetworks"}]},
        {"facet": "networkSecurityGroups", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/networkSecurityGroups/nsg-nodes", "location": "westeurope", "name": "nsg-nodes", "properties": {"securityRules": []}, "type": "Microsoft.Network/networkSecurityGroups"}]},
        {"facet": "routeTables", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": []},
        {"facet": "privateDnsZones", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms", "name": "privatelink.api.azureml.ms", "type": "Microsoft.Network/privateDnsZones"}, {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net", "name": "privatelink.notebooks.azure.net", "type": "Microsoft.Network/privateDnsZones"}]},
        {"facet": "virtualNetworkLinks", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.api.azureml.ms/virtualNetworkLinks/l0", "name": "l0", "properties": {"virtualNetwork": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml"}}, "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks"}]},
        {"facet": "virtualNetworkLinks", "scope": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net", "state": "collected", "items": [{"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net/virtualNetworkLinks/l0", "name": "l0", "properties": {"virtualNetwork": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub"}}, "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks"}, {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/privatelink.notebooks.azure.net/virtualNetworkLinks/l1", "name": "l1", "properties": {"virtualNetwork": {"id": "/subscriptions/5a000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/vnet-ml"}}, "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks"}]}
      ]
    }
    ```

    ## How sure
    Documented for peered networks; for the network of the endpoint itself it is how private zones work.

    ## References
    - Azure Machine Learning, Secure training environments, Scenario: VNet peering (12 June 2025)
    """

    name = "private-dns-not-linked"
    needs = frozenset(
        {
            Facet.COMPUTES,
            Facet.NETWORKS,
            Facet.PRIVATE_ZONES,
            Facet.WORKSPACES,
            Facet.ZONE_LINKS,
        }
    )

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not cluster.subnet.given:
            return
        workspace = estate.workspace_of(cluster)
        if not workspace.isolation.effective().equals("disabled"):
            return
        if not estate.has_private_endpoint(workspace):
            return
        if cluster.location.differs_from(workspace.location).known:
            return
        network = estate.network_of(cluster)
        missing = [z for zone in ZONES for z in _unlinked(network, zone, estate)]
        if not missing:
            return
        servers = network.dns_servers.known
        if not network.dns_servers.is_absent and (servers is None or len(servers) > 0):
            text = f"{network.label} has DNS servers of its own, into which no answer looks"
            raise Undecided((Reason("missing", text),))
        names = " and ".join(f"'{zone.name}'" for zone in missing)
        yield self.finding(
            cluster.subnet,
            f"{network.label} of {cluster.label} is not linked to {names}: nodes find the public address "
            f"of {workspace.label}",
            related=tuple((zone, "the zone") for zone in missing),
            fixes=(
                Fix(
                    "link the network to the zones",
                    Applicability.DISPLAY,
                    steps=tuple(link_zone(zone, network) for zone in missing),
                ),
            ),
        )


def _unlinked(network: VirtualNetwork, start: str, estate: Estate) -> list[PrivateDnsZone]:
    """List the zones of a name to which a network is not linked; none where it is to one."""
    zones = [z for z in estate.of(PrivateDnsZone) if z.name.casefold().startswith(start)]
    if not zones:
        raise Undecided((Reason("missing", f"no private zone '{start}*' was read"),))
    keys = {zone.id.key for zone in zones}
    for link in estate.of(ZoneLink):
        if link.id.parent.key in keys and ResourceId.of(link.network.term).key == network.id.key:
            return []
    for zone in zones:
        estate.require(Facet.ZONE_LINKS, zone.id)
    return zones[:1]
