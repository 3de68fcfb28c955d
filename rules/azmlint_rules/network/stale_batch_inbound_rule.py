"""The rule stale-batch-inbound-rule."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import TRUE, Applicability, Compute, Estate, Finding, Fix, Rule, Severity
from azmlint_rules.network._passage import READS, node_traffic
from azmlint_rules.recipes import delete_security_rule

_FIRST, _LAST = 29876, 29877
"""The ports of Batch's classic way to its nodes."""


class StaleBatchInboundRule(Rule[Compute]):
    """Security group keeps the ports of Batch's classic communication open.

    ## Why
    Ports 29876 and 29877 were how Azure Batch reached its nodes before they began to call the service
    themselves. That way is not honoured any more since 31 March 2026, so a rule that lets them in opens
    nodes for nothing. A rule for all ports, or for a wider range, has other reasons and is not reported.

    ## Not when
    The rule is for all ports or a wider range, which has other reasons.

    ## Bad
    ```bicep
    resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
      name: 'ml'
      location: 'westeurope'
      properties: {
        securityRules: [
          {
            name: 'batch'
            properties: {
              direction: 'Inbound'
              access: 'Allow'
              priority: 120
              protocol: 'Tcp'
              sourceAddressPrefix: 'BatchNodeManagement'
              sourcePortRange: '*'
              destinationAddressPrefix: '*'
              destinationPortRange: '29876-29877'
            }
          }
        ]
      }
    }

    resource net 'Microsoft.Network/virtualNetworks@2024-05-01' = {
      name: 'net'
      location: 'westeurope'
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
        subnets: [
          {
            name: 'ml'
            properties: {
              addressPrefix: '10.0.0.0/24'
              networkSecurityGroup: { id: nsg.id }
            }
          }
        ]
      }
    }

    resource train 'Microsoft.MachineLearningServices/workspaces/computes@2025-12-01' = {
      name: 'ws/train'
      location: 'westeurope'
      properties: {
        computeType: 'AmlCompute'
        properties: {
          vmSize: 'Standard_D4s_v5'
          scaleSettings: { maxNodeCount: 4 }
          enableNodePublicIp: true
          subnet: { id: net.properties.subnets[0].id }
        }
      }
    }
    ```

    ```hcl
    resource "azurerm_network_security_group" "ml" {
      name                = "ml"
      location            = "westeurope"
      resource_group_name = "rg-net"

      security_rule {
        name                       = "batch"
        direction                  = "Inbound"
        access                     = "Allow"
        priority                   = 120
        protocol                   = "Tcp"
        source_address_prefix      = "BatchNodeManagement"
        source_port_range          = "*"
        destination_address_prefix = "*"
        destination_port_range     = "29876-29877"
      }
    }

    resource "azurerm_subnet" "ml" {
      name                 = "ml"
      resource_group_name  = "rg-net"
      virtual_network_name = "net"
      address_prefixes     = ["10.0.0.0/24"]
    }

    resource "azurerm_subnet_network_security_group_association" "ml" {
      subnet_id                 = azurerm_subnet.ml.id
      network_security_group_id = azurerm_network_security_group.ml.id
    }

    resource "azurerm_machine_learning_compute_cluster" "train" {
      name                          = "train"
      location                      = "westeurope"
      machine_learning_workspace_id = azurerm_machine_learning_workspace.ml.id
      vm_priority                   = "Dedicated"
      vm_size                       = "Standard_D4s_v5"
      subnet_resource_id            = azurerm_subnet.ml.id
      node_public_ip_enabled        = true

      scale_settings {
        min_node_count                       = 0
        max_node_count                       = 4
        scale_down_nodes_after_idle_duration = "PT2M"
      }
    }
    ```

    ## Good
    ```bicep
    resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
      name: 'ml'
      location: 'westeurope'
      properties: {
        securityRules: [
          {
            name: 'ml'
            properties: {
              direction: 'Inbound'
              access: 'Allow'
              priority: 110
              protocol: 'Tcp'
              sourceAddressPrefix: 'AzureMachineLearning'
              sourcePortRange: '*'
              destinationAddressPrefix: 'VirtualNetwork'
              destinationPortRange: '44224'
            }
          }
        ]
      }
    }

    resource net 'Microsoft.Network/virtualNetworks@2024-05-01' = {
      name: 'net'
      location: 'westeurope'
      properties: {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] }
        subnets: [
          {
            name: 'ml'
            properties: {
              addressPrefix: '10.0.0.0/24'
              networkSecurityGroup: { id: nsg.id }
            }
          }
        ]
      }
    }

    resource train 'Microsoft.MachineLearningServices/workspaces/computes@2025-12-01' = {
      name: 'ws/train'
      location: 'westeurope'
      properties: {
        computeType: 'AmlCompute'
        properties: {
          vmSize: 'Standard_D4s_v5'
          scaleSettings: { maxNodeCount: 4 }
          enableNodePublicIp: true
          subnet: { id: net.properties.subnets[0].id }
        }
      }
    }
    ```

    ```hcl
    resource "azurerm_network_security_group" "ml" {
      name                = "ml"
      location            = "westeurope"
      resource_group_name = "rg-net"

      security_rule {
        name                       = "ml"
        direction                  = "Inbound"
        access                     = "Allow"
        priority                   = 110
        protocol                   = "Tcp"
        source_address_prefix      = "AzureMachineLearning"
        source_port_range          = "*"
        destination_address_prefix = "VirtualNetwork"
        destination_port_range     = "44224"
      }
    }

    resource "azurerm_subnet" "ml" {
      name                 = "ml"
      resource_group_name  = "rg-net"
      virtual_network_name = "net"
      address_prefixes     = ["10.0.0.0/24"]
    }

    resource "azurerm_subnet_network_security_group_association" "ml" {
      subnet_id                 = azurerm_subnet.ml.id
      network_security_group_id = azurerm_network_security_group.ml.id
    }

    resource "azurerm_machine_learning_compute_cluster" "train" {
      name                          = "train"
      location                      = "westeurope"
      machine_learning_workspace_id = azurerm_machine_learning_workspace.ml.id
      vm_priority                   = "Dedicated"
      vm_size                       = "Standard_D4s_v5"
      subnet_resource_id            = azurerm_subnet.ml.id
      node_public_ip_enabled        = true

      scale_settings {
        min_node_count                       = 0
        max_node_count                       = 4
        scale_down_nodes_after_idle_duration = "PT2M"
      }
    }
    ```

    ## How sure
    Documented; the port numbers are those of Batch in general.

    ## References
    - Azure Batch, Migrate to simplified compute node communication; Azure/EOL 222 (read November 2026)
    - Azure Machine Learning, Configure inbound and outbound network traffic (19 March 2026)
    """

    name = "stale-batch-inbound-rule"
    severity = Severity.NOTE
    uses = READS

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        traffic = node_traffic(compute, estate)
        if traffic is None or traffic.group is None:
            return
        group, rest, stale = traffic.group, TRUE, []
        for rule in traffic.security_rules:
            is_stale = rule.is_inbound & rule.allows & rule.is_for_ports_in(_FIRST, _LAST)
            if is_stale.known:
                stale.append(rule)
            elif is_stale.known is None:
                rest &= is_stale
        if rest.decisions:
            bool(rest)
        places = [place for place in map(traffic.place_of, stale) if place is not None]
        if stale:
            names = ", ".join(f"'{rule.name}'" for rule in stale)
            yield self.finding(
                compute.subnet,
                f"{group.label} lets in ports {_FIRST}-{_LAST} (rule {names}), by which Batch does not "
                f"reach nodes of {compute.label} any more",
                related=tuple((place, "the rule") for place in places),
                fixes=(
                    Fix(
                        "take the rule away",
                        Applicability.DISPLAY,
                        steps=tuple(delete_security_rule(group, rule.name) for rule in stale),
                    ),
                ),
            )
        bool(rest)
