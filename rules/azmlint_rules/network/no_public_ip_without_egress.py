"""The rule no-public-ip-without-egress."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    OUTSIDE,
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Rule,
    Severity,
)
from azmlint_rules.recipes import add_nat_gateway


class NoPublicIpWithoutEgress(Rule[ComputeCluster]):
    """Nodes without public addresses have no way out of their subnet but the default one.

    ## Why
    Default outbound access for such Batch pools was retired on 30 September 2025, and subnets of
    new networks are private by default: without a NAT gateway, or a route to a firewall, nodes
    cannot pull images or packages, and never become ready. It is an error where the subnet says
    that default outbound access is off.

    ## Not when
    The subnet has a NAT gateway, or its default route leads to an appliance or gateway.

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
          "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/24"}}]
          }
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
              "scaleSettings": {"maxNodeCount": 4},
              "enableNodePublicIp": false,
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
          "properties": {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            "subnets": [
              {
                "name": "ml",
                "properties": {
                  "addressPrefix": "10.0.0.0/24",
                  "natGateway": {"id": "[resourceId('Microsoft.Network/natGateways', 'out')]"}
                }
              }
            ]
          }
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
              "scaleSettings": {"maxNodeCount": 4},
              "enableNodePublicIp": false,
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
        }
      ]
    }
    ```

    ## How sure
    Documented, as is the retirement; that a subnet is private by default is known for networks made after
    31 March 2026 alone.

    ## References
    - Azure/EOL 548 and 369; Azure networking blog, Private subnets by default (read November 2026)
    - Azure Machine Learning, Secure training environments (12 June 2025)
    """

    name = "no-public-ip-without-egress"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.NETWORKS, Facet.ROUTE_TABLES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not cluster.public_ip.equals(other=False) or not cluster.subnet.given:
            return
        traffic = estate.traffic_of(cluster)
        subnet = traffic.subnet
        if subnet.nat_gateway.given:
            return
        way = traffic.way(OUTSIDE)
        if way.open and way.is_diverted:
            return
        is_private = bool(subnet.default_outbound.equals(other=False))
        effect = (
            "whose default outbound access is off: they cannot pull images or packages"
            if is_private
            else "so they rely on default outbound access, which is retired for them"
        )
        yield self.finding(
            cluster.subnet,
            f"nodes of {cluster.label} have no public addresses, and neither a NAT gateway nor a "
            f"route to a firewall in {subnet.label}, {effect}",
            severity=None if is_private else Severity.WARNING,
            related=((subnet, "the subnet"),),
            fixes=(
                Fix(
                    "give the subnet a NAT gateway",
                    Applicability.DISPLAY,
                    steps=add_nat_gateway(subnet),
                ),
            ),
        )
