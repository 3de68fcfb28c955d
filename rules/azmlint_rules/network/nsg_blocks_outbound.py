"""The rule nsg-blocks-outbound."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    NODES_NEED,
    Applicability,
    Compute,
    Estate,
    Finding,
    Fix,
    Rule,
    Severity,
)
from azmlint_rules.network._passage import READS, blocked, deciding, named_rules, node_traffic
from azmlint_rules.recipes import allow_traffic


class NsgBlocksOutbound(Rule[Compute]):
    """Security group of a subnet stops what nodes in it have to reach.

    ## Why
    Nodes sign in, report to the service and to Azure Batch, and read what Batch keeps in storage
    accounts of its own. A security group that denies one of these leaves them unusable, or the creation
    fails with a list of the missing rules. Images of Microsoft and Azure Resource Manager are needed by
    most, and reported as a warning where nothing else is denied.

    Rules are evaluated as Azure does: by priority, with augmented rules, service tags, application
    security groups and the default rules. What a tag holds of another is known from the published ranges;
    where that is a part only, as AzureCloud holds a part of AzureActiveDirectory, or where a rule names
    public ranges, the pair is undecided. It is undecided too where a route for everything may make public
    addresses count as VirtualNetwork.

    Where a snapshot shows the group that Azure Batch put on the interfaces of nodes in the subnet, that has
    to allow it as well: policies may add rules to it. Whether the region of BatchNodeManagement and Storage is the workspace's or the compute's is
    documented both ways: where they differ, only what is denied for both is reported.

    ## Not when
    Neither the subnet nor its nodes have a security group. Not asked for are AzureMonitor, which may be private,
    AzureFrontDoor.FrontEnd, which is left out against exfiltration, and the ports 8787 and 18881, which are
    of compute instances' tools.

    ## Bad
    ```bicep
    resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
      name: 'ml'
      location: 'westeurope'
      properties: {
        securityRules: [
          {
            name: 'deny-all'
            properties: {
              direction: 'Outbound'
              access: 'Deny'
              priority: 400
              protocol: '*'
              sourceAddressPrefix: '*'
              sourcePortRange: '*'
              destinationAddressPrefix: '*'
              destinationPortRange: '*'
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
          enableNodePublicIp: false
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
        name                       = "deny-all"
        direction                  = "Outbound"
        access                     = "Deny"
        priority                   = 400
        protocol                   = "*"
        source_address_prefix      = "*"
        source_port_range          = "*"
        destination_address_prefix = "*"
        destination_port_range     = "*"
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
      node_public_ip_enabled        = false

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
            name: 'entra'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 100
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'AzureActiveDirectory'
              destinationPortRanges: [
                '80'
                '443'
              ]
            }
          }
          {
            name: 'ml'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 110
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'AzureMachineLearning'
              destinationPortRange: '443'
            }
          }
          {
            name: 'ml-udp'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 120
              protocol: 'Udp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'AzureMachineLearning'
              destinationPortRange: '5831'
            }
          }
          {
            name: 'batch'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 130
              protocol: '*'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'BatchNodeManagement.westeurope'
              destinationPortRange: '443'
            }
          }
          {
            name: 'storage'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 140
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'Storage.westeurope'
              destinationPortRange: '443'
            }
          }
          {
            name: 'arm'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 150
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'AzureResourceManager'
              destinationPortRange: '443'
            }
          }
          {
            name: 'images'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 160
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'MicrosoftContainerRegistry'
              destinationPortRange: '443'
            }
          }
          {
            name: 'images-edge'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 170
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'AzureFrontDoor.FirstParty'
              destinationPortRange: '443'
            }
          }
          {
            name: 'deny-all'
            properties: {
              direction: 'Outbound'
              access: 'Deny'
              priority: 400
              protocol: '*'
              sourceAddressPrefix: '*'
              sourcePortRange: '*'
              destinationAddressPrefix: '*'
              destinationPortRange: '*'
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
          enableNodePublicIp: false
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
        name                       = "entra"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 100
        protocol                   = "Tcp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "AzureActiveDirectory"
        destination_port_ranges    = ["80", "443"]
      }

      security_rule {
        name                       = "ml"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 110
        protocol                   = "Tcp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "AzureMachineLearning"
        destination_port_range     = "443"
      }

      security_rule {
        name                       = "ml-udp"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 120
        protocol                   = "Udp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "AzureMachineLearning"
        destination_port_range     = "5831"
      }

      security_rule {
        name                       = "batch"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 130
        protocol                   = "*"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "BatchNodeManagement.westeurope"
        destination_port_range     = "443"
      }

      security_rule {
        name                       = "storage"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 140
        protocol                   = "Tcp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "Storage.westeurope"
        destination_port_range     = "443"
      }

      security_rule {
        name                       = "arm"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 150
        protocol                   = "Tcp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "AzureResourceManager"
        destination_port_range     = "443"
      }

      security_rule {
        name                       = "images"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 160
        protocol                   = "Tcp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "MicrosoftContainerRegistry"
        destination_port_range     = "443"
      }

      security_rule {
        name                       = "images-edge"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 170
        protocol                   = "Tcp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "AzureFrontDoor.FirstParty"
        destination_port_range     = "443"
      }

      security_rule {
        name                       = "deny-all"
        direction                  = "Outbound"
        access                     = "Deny"
        priority                   = 400
        protocol                   = "*"
        source_address_prefix      = "*"
        source_port_range          = "*"
        destination_address_prefix = "*"
        destination_port_range     = "*"
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
      node_public_ip_enabled        = false

      scale_settings {
        min_node_count                       = 0
        max_node_count                       = 4
        scale_down_nodes_after_idle_duration = "PT2M"
      }
    }
    ```

    ## How sure
    Documented is the list; how rules are evaluated is specified; which tag holds which was worked out from
    the published ranges.

    ## References
    - Azure Machine Learning, Configure inbound and outbound network traffic (19 March 2026)
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - AzureTRE issue 2780, in which the service names the missing rules (read November 2026)
    """

    name = "nsg-blocks-outbound"
    severity = Severity.ERROR
    uses = READS

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        traffic = node_traffic(compute, estate)
        if traffic is None:
            return
        needs = [need for need in NODES_NEED if not need.is_optional]
        found, rest = blocked(needs, traffic, compute, estate)
        guard = traffic.guard(found[0].verdict) if found else None
        if guard is not None:
            is_vital = any(item.need.is_vital for item in found)
            effect = "they need that to start" if is_vital else "jobs that need that fail"
            yield self.finding(
                compute.subnet,
                f"{guard.label} stops nodes of {compute.label} from reaching "
                f"{', '.join(map(str, found))} ({named_rules(found)}): {effect}",
                severity=None if is_vital else Severity.WARNING,
                related=deciding(found, traffic),
                fixes=(
                    Fix(
                        "allow them, before the rule that denies them",
                        Applicability.DISPLAY,
                        steps=tuple(allow_traffic(traffic.subnet, i.need, i.tag) for i in found),
                    ),
                ),
            )
        bool(rest)
