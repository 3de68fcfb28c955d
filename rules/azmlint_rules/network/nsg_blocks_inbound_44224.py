"""The rule nsg-blocks-inbound-44224."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import NODES_ANSWER, Applicability, Compute, Estate, Finding, Fix, Rule, Severity
from azmlint_rules.network._passage import READS, Blocked, deciding, named_rules, node_traffic
from azmlint_rules.recipes import allow_traffic


class NsgBlocksInbound44224(Rule[Compute]):
    """Security group keeps the service from nodes with public addresses.

    ## Why
    The service calls such nodes on port 44224 from the addresses of AzureMachineLearning. It makes a
    security group of its own for their network interfaces, but that of the subnet counts as well: where it
    has no rule that allows this, its default rules deny it, and nodes never become ready. Nodes without
    public addresses need none of this.

    ## Not when
    Nodes have no public addresses, or their subnet has no security group.

    ## Bad
    ```bicep
    resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
      name: 'ml'
      location: 'westeurope'
      properties: {
        securityRules: [
          {
            name: 'deny-internet'
            properties: {
              direction: 'Inbound'
              access: 'Deny'
              priority: 400
              protocol: '*'
              sourceAddressPrefix: 'Internet'
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
        name                       = "deny-internet"
        direction                  = "Inbound"
        access                     = "Deny"
        priority                   = 400
        protocol                   = "*"
        source_address_prefix      = "Internet"
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
          {
            name: 'deny-internet'
            properties: {
              direction: 'Inbound'
              access: 'Deny'
              priority: 400
              protocol: '*'
              sourceAddressPrefix: 'Internet'
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
        name                       = "deny-internet"
        direction                  = "Inbound"
        access                     = "Deny"
        priority                   = 400
        protocol                   = "*"
        source_address_prefix      = "Internet"
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
    Documented. That the group of the subnet counts too is how security groups work; what such a cluster
    does without the port was not tried.

    ## References
    - Azure Machine Learning, Configure inbound and outbound network traffic (19 March 2026)
    - Azure, Network security groups: how they filter traffic (read November 2026)
    """

    name = "nsg-blocks-inbound-44224"
    severity = Severity.ERROR
    uses = READS

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if not compute.public_ip.effective().equals(other=True):
            return
        traffic = node_traffic(compute, estate)
        if traffic is None or traffic.group is None:
            return
        verdict = traffic.inbound(NODES_ANSWER)
        if not verdict.denied:
            bool(verdict.allowed)
            return
        if traffic.guard(verdict) is not traffic.group:
            # What the service puts on its nodes is for the service to keep open.
            return
        found = [Blocked(NODES_ANSWER, NODES_ANSWER.tag, verdict)]
        yield self.finding(
            compute.subnet,
            f"nodes of {compute.label} have public addresses, and {traffic.group.label} keeps "
            f"{NODES_ANSWER.tag} from port {NODES_ANSWER.port} ({named_rules(found)})",
            related=deciding(found, traffic),
            fixes=(
                Fix(
                    "allow it, before the rule that denies it",
                    Applicability.DISPLAY,
                    steps=(
                        allow_traffic(
                            traffic.subnet, NODES_ANSWER, NODES_ANSWER.tag, is_inbound=True
                        ),
                    ),
                ),
            ),
        )
