"""The rule udr-breaks-control-path."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    NODES_ANSWER,
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Rule,
    Severity,
)
from azmlint_rules.recipes import add_route


class UdrBreaksControlPath(Rule[ComputeCluster]):
    """Route table sends the answers of nodes with public addresses through an appliance.

    ## Why
    The service reaches such nodes at their public addresses. With a route for 0.0.0.0/0 to an
    appliance or gateway their answers leave another way and are lost: nodes never become ready. A
    route for the service tag AzureMachineLearning with next hop Internet brings them back, and so does
    one for AzureCloud, which holds it; so do routes for its single ranges, which cannot be checked here.
    The most precise route counts.

    ## Not when
    Nodes have no public addresses, or the routes name AzureMachineLearning. Routes for its single ranges
    cannot be checked.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Network/routeTables",
          "apiVersion": "2024-05-01",
          "name": "out",
          "location": "westeurope",
          "properties": {
            "routes": [
              {
                "name": "all",
                "properties": {
                  "addressPrefix": "0.0.0.0/0",
                  "nextHopType": "VirtualAppliance",
                  "nextHopIpAddress": "10.0.1.4"
                }
              }
            ]
          }
        },
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
                  "routeTable": {"id": "[resourceId('Microsoft.Network/routeTables', 'out')]"}
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
          "type": "Microsoft.Network/routeTables",
          "apiVersion": "2024-05-01",
          "name": "out",
          "location": "westeurope",
          "properties": {
            "routes": [
              {
                "name": "all",
                "properties": {
                  "addressPrefix": "0.0.0.0/0",
                  "nextHopType": "VirtualAppliance",
                  "nextHopIpAddress": "10.0.1.4"
                }
              },
              {
                "name": "ml",
                "properties": {"addressPrefix": "AzureMachineLearning", "nextHopType": "Internet"}
              }
            ]
          }
        },
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
                  "routeTable": {"id": "[resourceId('Microsoft.Network/routeTables', 'out')]"}
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
    - Azure Machine Learning, Configure inbound and outbound network traffic (19 March 2026)
    """

    name = "udr-breaks-control-path"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.NETWORKS, Facet.ROUTE_TABLES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not cluster.subnet.given or not cluster.public_ip.effective().equals(other=True):
            return
        traffic = estate.traffic_of(cluster)
        way = traffic.way(NODES_ANSWER)
        if not way.is_diverted:
            bool(way.open)
            return
        direct = [str(r.prefix.data).lower() for r in way.direct]
        if any(prefix.startswith("azuremachinelearning") for prefix in direct):
            return
        if not direct:
            bool(way.open)
        effect = "are lost, and they never become ready"
        if direct:
            effect = (
                f"are lost unless {', '.join(direct)}, which it sends directly, covers the service"
            )
        subnet = traffic.subnet
        yield self.finding(
            cluster.subnet,
            f"{subnet.label} sends what leaves it through an appliance or gateway, so answers of the nodes "
            f"of {cluster.label} to the service {effect}",
            severity=Severity.WARNING if direct else None,
            related=((subnet.route_table, "the route table"),),
            fixes=(
                Fix(
                    "send traffic to the service directly",
                    Applicability.DISPLAY,
                    steps=add_route(subnet, "AzureMachineLearning", "Internet"),
                ),
            ),
        )
