"""The rule vnet-region-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity


class VnetRegionMismatch(Rule[ComputeCluster]):
    """Compute cluster is in another region than the virtual network of its subnet.

    ## Why
    Nodes join the subnet, so both have to be in one region: the creation fails.

    ## Not when
    The network is not among the files nor in a snapshot.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Network/virtualNetworks",
          "apiVersion": "2024-05-01",
          "name": "net",
          "location": "northeurope",
          "properties": {"subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "vmSize": "Standard_D4s_v5",
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
        }
      ]
    }
    ```

    ## Good
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Network/virtualNetworks",
          "apiVersion": "2024-05-01",
          "name": "net",
          "location": "westeurope",
          "properties": {"subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "vmSize": "Standard_D4s_v5",
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
        }
      ]
    }
    ```

    ## How sure
    Documented.

    ## References
    - Azure Batch, NetworkConfiguration; Azure Machine Learning, Secure training environments (read November
      2026)
    """

    name = "vnet-region-mismatch"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.NETWORKS, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not cluster.subnet.given:
            return
        network = estate.network_of(cluster)
        location = cluster.location
        if location.is_absent:
            location = estate.workspace_of(cluster).location
        if location.differs_from(network.location):
            effect = "nodes cannot join it" if cluster.is_deployed else "its creation fails"
            yield self.finding(
                cluster.subnet,
                f"{cluster.label} is in {location.text}, but {network.label} of its subnet in "
                f"{network.location.text}; {effect}",
                related=((network.location, "the network's region"),),
                why_no_fix="one of the two has to be created in the other region",
            )
