"""The rule vnet-overlaps-docker-bridge."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Rule, Severity, Term, Undecided, VirtualNetwork

BRIDGE = "172.17.0.0/16"


class VnetOverlapsDockerBridge(Rule[VirtualNetwork]):
    """Virtual network overlaps the addresses that Docker uses on every node.

    ## Why
    Docker's bridge is 172.17.0.0/16. What has an address in it cannot be reached from a job.

    ## Not when
    No compute uses the network.

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
          "properties": {
            "addressSpace": {"addressPrefixes": ["172.17.0.0/16"]},
            "subnets": [{"name": "ml", "properties": {"addressPrefix": "172.17.0.0/24"}}]
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
    - Azure Machine Learning, Configure a private endpoint; Secure a workspace with a virtual network (read
      November 2026)
    """

    name = "vnet-overlaps-docker-bridge"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.NETWORKS, Facet.WORKSPACES})

    def check(self, network: VirtualNetwork, estate: Estate) -> Iterator[Finding]:
        if network.prefixes.is_absent or (
            not network.is_deployed and not _is_used(network, estate)
        ):
            return
        import ipaddress  # noqa: PLC0415  # only networks of clusters need it

        bridge = ipaddress.ip_network(BRIDGE)
        unknown: list[Term] = []
        for index, term in enumerate(network.prefixes.require().members):
            if not isinstance(term.data, str):
                unknown.append(term)
                continue
            try:
                prefix = ipaddress.ip_network(term.data, strict=False)
            except ValueError:
                continue
            if prefix.version != bridge.version or not prefix.overlaps(bridge):
                continue
            if not _is_used(network, estate):
                estate.require_users(network.id)
                return
            fact = "is" if prefix == bridge else "overlaps"
            yield self.finding(
                network.prefixes.item(index, term),
                f"{network.label} has {term.data}, which {fact} the range of Docker's bridge, "
                f"{BRIDGE}: jobs cannot reach addresses in both",
                severity=Severity.ERROR if prefix == bridge else Severity.WARNING,
                why_no_fix="the network needs another range",
            )
        for term in unknown:
            if term.reason is not None:
                raise Undecided((term.reason,), term.decisions)


def _is_used(network: VirtualNetwork, estate: Estate) -> bool:
    return bool(estate.computes_in(network))
