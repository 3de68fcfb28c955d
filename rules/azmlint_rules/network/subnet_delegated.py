"""The rule subnet-delegated."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Facet, Finding, Rule, Severity


class SubnetDelegated(Rule[Compute]):
    """Subnet of a compute is delegated to another service.

    ## Why
    Nodes cannot start there: the allocation fails because of the delegation.

    ## Not when
    The subnet is not among the files nor in a snapshot.

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
          "location": "westeurope",
          "properties": {"subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/24", "delegations": [{"name": "d", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}]}}]}
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
    Documented, with the error of Batch.

    ## References
    - Azure Machine Learning, Secure training environments; Azure Batch, pool resizing failures (read
      November 2026)
    """

    name = "subnet-delegated"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.NETWORKS})

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if not compute.subnet.given:
            return
        subnet = estate.subnet_of(compute)
        delegations = subnet.delegations
        if delegations.is_absent or len(delegations.require()) == 0:
            return
        yield self.finding(
            compute.subnet,
            f"{compute.label} starts in {subnet.label}, which is delegated to another service; "
            "allocation fails there",
            related=((delegations, "the delegation"),),
            why_no_fix="use another subnet, or end the delegation",
        )
