"""The rule smb-445-blocked."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    FILE_SHARES,
    TRUE,
    Applicability,
    Compute,
    ComputeInstance,
    Datastore,
    Estate,
    Facet,
    Finding,
    Fix,
    Reason,
    Rule,
    Undecided,
)
from azmlint_rules.network._passage import READS, blocked, deciding, named_rules, node_traffic
from azmlint_rules.recipes import allow_traffic

_BUILT_IN = frozenset({"workspacefilestore", "workspaceworkingdirectory"})
"""File shares that every workspace has, of which nobody knows whether a job mounts them."""


class Smb445Blocked(Rule[Compute]):
    """Security group closes the port by which nodes mount file shares.

    ## Why
    Azure's file shares are mounted by port 445. A security group that closes it, towards the service tag
    Storage as well as inside of the network, makes mounts fail in the middle of a training run. Compute
    instances mount the share of their workspace; of clusters it is reported where a datastore other than
    the built-in ones is a file share.

    Where one of the two ways is open, whether the account is reached by that one is not known, and the pair
    is undecided.

    ## Not when
    Nothing of the workspace mounts a file share, or one of the two ways is open.

    ## Bad
    ```bicep
    resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
      name: 'ml'
      location: 'westeurope'
      properties: {
        securityRules: [
          {
            name: 'deny-smb'
            properties: {
              direction: 'Outbound'
              access: 'Deny'
              priority: 400
              protocol: 'Tcp'
              sourceAddressPrefix: '*'
              sourcePortRange: '*'
              destinationAddressPrefix: '*'
              destinationPortRange: '445'
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
      properties: {}
    }

    resource shares 'Microsoft.MachineLearningServices/workspaces/datastores@2025-12-01' = {
      name: 'ws/shares'
      properties: {
        datastoreType: 'AzureFile'
        accountName: 'data'
        fileShareName: 'shares'
        credentials: { credentialsType: 'None' }
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

    ## Good
    ```bicep
    resource nsg 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
      name: 'ml'
      location: 'westeurope'
      properties: {
        securityRules: [
          {
            name: 'shares-inside'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 200
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'VirtualNetwork'
              destinationPortRange: '445'
            }
          }
          {
            name: 'shares'
            properties: {
              direction: 'Outbound'
              access: 'Allow'
              priority: 200
              protocol: 'Tcp'
              sourceAddressPrefix: 'VirtualNetwork'
              sourcePortRange: '*'
              destinationAddressPrefix: 'Storage.westeurope'
              destinationPortRange: '445'
            }
          }
          {
            name: 'deny-smb'
            properties: {
              direction: 'Outbound'
              access: 'Deny'
              priority: 400
              protocol: 'Tcp'
              sourceAddressPrefix: '*'
              sourcePortRange: '*'
              destinationAddressPrefix: '*'
              destinationPortRange: '445'
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
      properties: {}
    }

    resource shares 'Microsoft.MachineLearningServices/workspaces/datastores@2025-12-01' = {
      name: 'ws/shares'
      properties: {
        datastoreType: 'AzureFile'
        accountName: 'data'
        fileShareName: 'shares'
        credentials: { credentialsType: 'None' }
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

    ## How sure
    Documented. That mounting needs one of the two ways is deduced.

    ## References
    - Azure Machine Learning, Secure training environments, Limitations (12 June 2025)
    - Azure Machine Learning, Configure inbound and outbound network traffic, Scenario: Firewall between
      Azure Machine Learning and Azure Storage endpoints (19 March 2026)
    """

    name = "smb-445-blocked"
    uses = READS | {Facet.DATASTORES}

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        traffic = node_traffic(compute, estate)
        if traffic is None:
            return
        found, rest = blocked([FILE_SHARES], traffic, compute, estate)
        inside = traffic.to_network(FILE_SHARES.protocol, FILE_SHARES.port)
        if not found and rest.known and inside.allowed.known:
            return
        if not isinstance(compute, ComputeInstance) and not _mounts(compute, estate):
            return
        guard = traffic.guard(found[0].verdict) if found else None
        if guard is None or not inside.denied:
            bool(rest & (inside.allowed if inside.allowed.known is None else TRUE))
            text = "whether file shares are reached privately is not known"
            raise Undecided((Reason("runtime", text),))
        yield self.finding(
            compute.subnet,
            f"{guard.label} closes port {FILE_SHARES.port} to nodes of {compute.label} "
            f"({named_rules(found)}): they cannot mount file shares",
            related=deciding(found, traffic),
            fixes=(
                Fix(
                    "open it where the storage account is reached",
                    Applicability.DISPLAY,
                    steps=(allow_traffic(traffic.subnet, FILE_SHARES, found[0].tag),),
                ),
            ),
        )


def _mounts(compute: Compute, estate: Estate) -> bool:
    """Whether the workspace has a datastore of its own that is a file share."""
    for store in estate.of(Datastore):
        is_own = store.id.parent.key == compute.id.parent.key
        if is_own and store.name.casefold() not in _BUILT_IN and store.store.equals("AzureFile"):
            return True
    estate.require(Facet.DATASTORES, compute.id.parent)
    return False
