"""The rule hbi-needs-keyvault-egress."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import BATCH_VAULT, Applicability, Compute, Estate, Finding, Fix, Rule
from azmlint_rules.network._passage import READS, blocked, deciding, named_rules, node_traffic
from azmlint_rules.recipes import allow_traffic


class HbiNeedsKeyvaultEgress(Rule[Compute]):
    """Nodes of a workspace with high business impact cannot reach the vault of Batch.

    ## Why
    With `hbi_workspace` the service encrypts the disks of nodes, and Azure Batch behind it has its keys in
    a vault of its own, reached by the service tag AzureKeyVault. A security group that denies it keeps
    nodes from becoming ready.

    ## Not when
    The subnet has no security group, or the workspace is not of high business impact.

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

    resource ws 'Microsoft.MachineLearningServices/workspaces@2025-12-01' = {
      name: 'ws'
      location: 'westeurope'
      properties: {
        hbiWorkspace: true
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

    resource "azurerm_machine_learning_workspace" "ml" {
      name                    = "ml"
      location                = "westeurope"
      resource_group_name     = "rg-ml"
      application_insights_id = var.insights_id
      key_vault_id            = var.vault_id
      storage_account_id      = var.storage_id
      high_business_impact    = true

      identity {
        type = "SystemAssigned"
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
            name: 'vault'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 180
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'AzureKeyVault.westeurope'
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

    resource ws 'Microsoft.MachineLearningServices/workspaces@2025-12-01' = {
      name: 'ws'
      location: 'westeurope'
      properties: {
        hbiWorkspace: true
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
        name                       = "vault"
        direction                  = "Outbound"
        access                     = "Allow"
        priority                   = 180
        protocol                   = "Tcp"
        source_address_prefix      = "VirtualNetwork"
        source_port_range          = "*"
        destination_address_prefix = "AzureKeyVault.westeurope"
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

    resource "azurerm_machine_learning_workspace" "ml" {
      name                    = "ml"
      location                = "westeurope"
      resource_group_name     = "rg-ml"
      application_insights_id = var.insights_id
      key_vault_id            = var.vault_id
      storage_account_id      = var.storage_id
      high_business_impact    = true

      identity {
        type = "SystemAssigned"
      }
    }
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Configure inbound and outbound network traffic, Scenario: Workspace created
      with the hbi_workspace flag enabled (19 March 2026)
    """

    name = "hbi-needs-keyvault-egress"
    uses = READS

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if not compute.subnet.given:
            return
        workspace = estate.workspace_of(compute)
        if not workspace.hbi.equals(other=True):
            return
        traffic = node_traffic(compute, estate)
        if traffic is None:
            return
        found, rest = blocked([BATCH_VAULT], traffic, compute, estate)
        guard = traffic.guard(found[0].verdict) if found else None
        if guard is not None:
            yield self.finding(
                compute.subnet,
                f"{workspace.label} is of high business impact, and {guard.label} stops nodes of "
                f"{compute.label} from reaching {found[0]} ({named_rules(found)})",
                related=((workspace.hbi, "high business impact"), *deciding(found, traffic)),
                fixes=(
                    Fix(
                        "allow it, before the rule that denies it",
                        Applicability.DISPLAY,
                        steps=(allow_traffic(traffic.subnet, BATCH_VAULT, found[0].tag),),
                    ),
                ),
            )
        bool(rest)
