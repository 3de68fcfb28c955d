"""The resource types of Terraform's providers for Azure: what they are, and what ids they have."""

from __future__ import annotations

from typing import Final, NamedTuple

from azmlint.model import resources as kinds
from azmlint.model.resource import Resource


class Declared(NamedTuple):
    """One type of the azurerm provider."""

    kind: type[Resource] | None
    """None for what rules do not judge but refer to."""

    arm_type: str
    """Without the parents that `within` gives."""

    within: str = ""
    """The argument that holds the id of the parent; empty for what stands in a group."""

    parents: tuple[str, ...] = ()
    """The arguments that hold the names of the parents, for what names no parent by id."""

    name: str = "name"
    """The argument that holds its name."""


def _in_group(kind: type[Resource]) -> Declared:
    return Declared(kind, kind.arm_type)


AZURERM: Final[dict[str, Declared]] = {
    "azurerm_ai_foundry": _in_group(kinds.Workspace),
    "azurerm_ai_foundry_project": Declared(
        kinds.Workspace, kinds.Workspace.arm_type, within="ai_services_hub_id"
    ),
    "azurerm_application_insights": _in_group(kinds.ApplicationInsights),
    "azurerm_container_registry": _in_group(kinds.ContainerRegistry),
    "azurerm_firewall": _in_group(kinds.Firewall),
    "azurerm_firewall_policy": _in_group(kinds.FirewallPolicy),
    "azurerm_firewall_policy_rule_collection_group": Declared(
        kinds.FirewallRules, "ruleCollectionGroups", within="firewall_policy_id"
    ),
    "azurerm_key_vault": _in_group(kinds.KeyVault),
    "azurerm_lb": _in_group(kinds.LoadBalancer),
    "azurerm_lighthouse_assignment": Declared(
        kinds.Delegation, f"providers/{kinds.Delegation.arm_type}", within="scope"
    ),
    "azurerm_machine_learning_compute_cluster": Declared(
        kinds.ComputeCluster, "computes", within="machine_learning_workspace_id"
    ),
    "azurerm_machine_learning_compute_instance": Declared(
        kinds.ComputeInstance, "computes", within="machine_learning_workspace_id"
    ),
    "azurerm_machine_learning_datastore_blobstorage": Declared(
        kinds.Datastore, "datastores", within="workspace_id"
    ),
    "azurerm_machine_learning_workspace": _in_group(kinds.Workspace),
    "azurerm_machine_learning_workspace_network_outbound_rule_fqdn": Declared(
        kinds.OutboundRule, "outboundRules", within="workspace_id"
    ),
    "azurerm_machine_learning_workspace_network_outbound_rule_private_endpoint": Declared(
        kinds.OutboundRule, "outboundRules", within="workspace_id"
    ),
    "azurerm_management_lock": Declared(
        kinds.Lock, "providers/Microsoft.Authorization/locks", within="scope"
    ),
    "azurerm_nat_gateway": _in_group(kinds.NatGateway),
    "azurerm_network_security_group": _in_group(kinds.NetworkSecurityGroup),
    "azurerm_network_security_rule": Declared(
        kinds.SecurityRule,
        kinds.SecurityRule.arm_type,
        parents=("network_security_group_name",),
    ),
    "azurerm_private_dns_zone": _in_group(kinds.PrivateDnsZone),
    "azurerm_private_dns_zone_virtual_network_link": Declared(
        kinds.ZoneLink, kinds.ZoneLink.arm_type, parents=("private_dns_zone_name",)
    ),
    "azurerm_private_endpoint": _in_group(kinds.PrivateEndpoint),
    "azurerm_public_ip": _in_group(kinds.PublicIpAddress),
    "azurerm_resource_group": Declared(kinds.ResourceGroup, kinds.ResourceGroup.arm_type),
    "azurerm_role_assignment": Declared(
        kinds.RoleAssignment, "providers/Microsoft.Authorization/roleAssignments", within="scope"
    ),
    "azurerm_role_definition": Declared(
        kinds.RoleDefinition,
        "providers/Microsoft.Authorization/roleDefinitions",
        within="scope",
        name="role_definition_id",
    ),
    "azurerm_route": Declared(kinds.Route, kinds.Route.arm_type, parents=("route_table_name",)),
    "azurerm_route_table": _in_group(kinds.RouteTable),
    "azurerm_storage_account": _in_group(kinds.StorageAccount),
    "azurerm_subnet": Declared(
        kinds.Subnet, kinds.Subnet.arm_type, parents=("virtual_network_name",)
    ),
    "azurerm_subnet_service_endpoint_storage_policy": _in_group(kinds.EndpointPolicy),
    "azurerm_user_assigned_identity": _in_group(kinds.ManagedIdentity),
    "azurerm_virtual_network": _in_group(kinds.VirtualNetwork),
}
"""By the name of the type."""

AZAPI_CREATES: Final = "azapi_resource"
AZAPI_UPDATES: Final = "azapi_update_resource"

BY_ARM_TYPE: Final = {
    k.arm_type.lower(): k for k in kinds.KINDS if k.arm_type and not issubclass(k, kinds.Compute)
}
"""What azapi declares, by the type in lower case; computes say their kind in the body."""


class Link(NamedTuple):
    """A resource that only says that a subnet has something."""

    type: str
    argument: str
    """The argument that holds what the subnet has."""


SUBNET_LINKS: Final = {
    "network_security_group_id": Link(
        "azurerm_subnet_network_security_group_association", "network_security_group_id"
    ),
    "route_table_id": Link("azurerm_subnet_route_table_association", "route_table_id"),
    "nat_gateway_id": Link("azurerm_subnet_nat_gateway_association", "nat_gateway_id"),
}
"""What azurerm_subnet has by other resources, by the name under which it is read."""
