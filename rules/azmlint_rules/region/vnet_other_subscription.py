"""The rule vnet-other-subscription."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, ResourceId, Rule, Severity


class VnetOtherSubscription(Rule[ComputeCluster]):
    """Compute cluster uses a virtual network of another subscription than its workspace's.

    ## Why
    The virtual network has to be in the workspace's subscription. A network of another one can be
    peered with it.

    ## Not when
    A short name is written, which is in the workspace's own subscription.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Resources/deployments",
          "apiVersion": "2022-09-01",
          "name": "computes",
          "subscriptionId": "11111111-1111-1111-1111-111111111111",
          "resourceGroup": "rg-ml",
          "properties": {
            "mode": "Incremental",
            "template": {
              "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
              "contentVersion": "1.0.0.0",
              "resources": [
                {
                  "type": "Microsoft.MachineLearningServices/workspaces/computes",
                  "apiVersion": "2025-12-01",
                  "name": "ws/train",
                  "properties": {
                    "computeType": "AmlCompute",
                    "properties": {
                      "vmSize": "Standard_D4s_v5",
                      "subnet": {
                        "id": "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/net/subnets/ml"
                      }
                    }
                  }
                }
              ]
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
    - Azure Machine Learning, Secure training environments, Prerequisites (12 June 2025)
    """

    name = "vnet-other-subscription"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES})

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        if not cluster.subnet.given:
            return
        here = cluster.id.subscription
        there = ResourceId.of(cluster.subnet.term).subscription
        if there is None:
            cluster.subnet.require()  # a short name is in the workspace's own subscription
            return
        if here is None:
            return
        if ~here.equals(there):
            yield self.finding(
                cluster.subnet,
                f"{cluster.label} uses a subnet of another subscription than its workspace's, which "
                "is not supported",
                why_no_fix="use a network of the workspace's subscription, peered with the other one",
            )
