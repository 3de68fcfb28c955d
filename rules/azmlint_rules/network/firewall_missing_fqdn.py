"""The rule firewall-missing-fqdn."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    FIREWALL_NAMES,
    REGION,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Passage,
    Rule,
    Undecided,
    regions_of,
)

_NAMED = 3


class FirewallMissingFqdn(Rule[ComputeCluster]):
    """Firewall on the way of nodes without public addresses blocks names that they need.

    ## Why
    Such nodes ask Batch and the service for work. Where the routes of their subnet lead to an Azure
    Firewall of which no rule allows these names, by the name or by the service tag that holds it, nodes
    never become ready.

    ## Not when
    Nodes have public addresses, or what they need leaves another way: by a route for a service tag or a
    service endpoint. A gateway, and an appliance that is no Azure Firewall, show no rules; the latter is
    left open. So are rules for IP groups, tags of names and web categories, and those of which a rule that
    forbids the same may come first.

    ## Bad
    ```bicep
    resource policy 'Microsoft.Network/firewallPolicies@2024-05-01' = {
      name: 'egress'
      location: 'westeurope'
    }

    resource rules 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01' = {
      parent: policy
      name: 'ml'
      properties: {
        priority: 200
        ruleCollections: [
          {
            ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
            name: 'packages'
            priority: 100
            action: { type: 'Allow' }
            rules: [
              {
                ruleType: 'ApplicationRule'
                name: 'pypi'
                protocols: [{ protocolType: 'Https', port: 443 }]
                sourceAddresses: ['*']
                targetFqdns: ['pypi.org', '*.pythonhosted.org']
              }
            ]
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
          { name: 'AzureFirewallSubnet', properties: { addressPrefix: '10.0.0.0/26' } }
          {
            name: 'nodes'
            properties: { addressPrefix: '10.0.1.0/24', routeTable: { id: table.id } }
          }
        ]
      }
    }

    resource firewall 'Microsoft.Network/azureFirewalls@2024-05-01' = {
      name: 'egress'
      location: 'westeurope'
      properties: {
        firewallPolicy: { id: policy.id }
        ipConfigurations: [
          {
            name: 'one'
            properties: {
              subnet: { id: resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'AzureFirewallSubnet') }
            }
          }
        ]
      }
    }

    resource table 'Microsoft.Network/routeTables@2024-05-01' = {
      name: 'egress'
      location: 'westeurope'
      properties: {
        routes: [
          {
            name: 'all'
            properties: {
              addressPrefix: '0.0.0.0/0'
              nextHopType: 'VirtualAppliance'
              nextHopIpAddress: '10.0.0.4'
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
          enableNodePublicIp: false
          subnet: { id: resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'nodes') }
        }
      }
    }
    ```

    ## Good
    ```bicep
    resource policy 'Microsoft.Network/firewallPolicies@2024-05-01' = {
      name: 'egress'
      location: 'westeurope'
    }

    resource rules 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2024-05-01' = {
      parent: policy
      name: 'ml'
      properties: {
        priority: 200
        ruleCollections: [
          {
            ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
            name: 'service'
            priority: 100
            action: { type: 'Allow' }
            rules: [
              {
                ruleType: 'NetworkRule'
                name: 'tcp'
                ipProtocols: ['TCP']
                sourceAddresses: ['10.0.1.0/24']
                destinationAddresses: [
                  'AzureActiveDirectory'
                  'AzureMachineLearning'
                  'BatchNodeManagement.WestEurope'
                  'Storage'
                ]
                destinationPorts: ['443']
              }
              {
                ruleType: 'NetworkRule'
                name: 'udp'
                ipProtocols: ['UDP']
                sourceAddresses: ['10.0.1.0/24']
                destinationAddresses: ['AzureMachineLearning']
                destinationPorts: ['5831']
              }
            ]
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
          { name: 'AzureFirewallSubnet', properties: { addressPrefix: '10.0.0.0/26' } }
          {
            name: 'nodes'
            properties: { addressPrefix: '10.0.1.0/24', routeTable: { id: table.id } }
          }
        ]
      }
    }

    resource firewall 'Microsoft.Network/azureFirewalls@2024-05-01' = {
      name: 'egress'
      location: 'westeurope'
      properties: {
        firewallPolicy: { id: policy.id }
        ipConfigurations: [
          {
            name: 'one'
            properties: {
              subnet: { id: resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'AzureFirewallSubnet') }
            }
          }
        ]
      }
    }

    resource table 'Microsoft.Network/routeTables@2024-05-01' = {
      name: 'egress'
      location: 'westeurope'
      properties: {
        routes: [
          {
            name: 'all'
            properties: {
              addressPrefix: '0.0.0.0/0'
              nextHopType: 'VirtualAppliance'
              nextHopIpAddress: '10.0.0.4'
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
          enableNodePublicIp: false
          subnet: { id: resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'nodes') }
        }
      }
    }
    ```

    ## How sure
    Documented, but pages disagree on whether the region of a name is that of the workspace or that of the
    nodes: both are asked for. That the tag of a service holds its names is deduced.

    ## References
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - Azure Machine Learning, Data exfiltration prevention (2025)
    """

    name = "firewall-missing-fqdn"
    uses = frozenset(
        {
            Facet.COMPUTES,
            Facet.FIREWALLS,
            Facet.FIREWALL_POLICIES,
            Facet.FIREWALL_RULES,
            Facet.NETWORKS,
            Facet.ROUTE_TABLES,
            Facet.WORKSPACES,
        }
    )

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not cluster.public_ip.equals(other=False) or not cluster.subnet.given:
            return
        traffic = estate.traffic_of(cluster)
        if not traffic.subnet.route_table.given:
            return
        blocked: list[Passage] = []
        gap: Undecided | None = None
        for need in FIREWALL_NAMES:
            regions = regions_of(cluster, estate) if REGION in need.name else ((),)
            for region in regions:
                passage = traffic.through_firewall(need, region)
                if passage is None:
                    continue
                is_open = passage.is_open
                if is_open.known is False:
                    blocked.append(passage)
                elif is_open.known is None:
                    gap = gap or Undecided(is_open.reasons, is_open.decisions)
        if gap is not None and gap.decisions:
            raise gap
        if blocked:
            names = [p.name for p in blocked]
            more = len(names) - _NAMED
            shown = ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
            yield self.finding(
                cluster.subnet,
                f"{blocked[0].firewall.label}, through which nodes of {cluster.label} go, does not let "
                f"them reach {shown}",
                related=(
                    (blocked[0].firewall, "the firewall"),
                    (traffic.subnet.route_table, "the way to it"),
                ),
                why_no_fix=f"allow {', '.join(dict.fromkeys(names))} in a rule of the firewall",
            )
        if gap is not None:
            raise gap
