"""The commands of az and of Az for PowerShell that declare what rules judge, as one table.

Names and abbreviations: the reference of azure-cli (2.6x and the `ml` extension 2), of the retired
extension `azure-cli-ml`, and of Az.MachineLearningServices and Az.Resources (November 2026).

A line of a command is its spellings, then the property that it sets, if any: `*` after a name says
that it takes several words, `!` that it takes none; behind a property stands what the words are:
`{}` a map of `key=value`, `[]` a list, `[,]` a list with commas, `<time>` a TimeSpan of PowerShell,
`<type>` the name or id of a resource of that type.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from azmlint.model.resource import Resource
from azmlint.model.resources import (
    ApplicationInsights,
    Compute,
    ComputeCluster,
    ComputeInstance,
    ContainerRegistry,
    EndpointPolicy,
    EndpointPolicyDefinition,
    Firewall,
    FirewallPolicy,
    FirewallRules,
    Job,
    KeyVault,
    Lock,
    ManagedIdentity,
    NatGateway,
    NetworkSecurityGroup,
    OnlineDeployment,
    OutboundRule,
    Patch,
    PrivateDnsZone,
    PrivateEndpoint,
    PublicIpAddress,
    ResourceGroup,
    RoleAssignment,
    Route,
    RouteTable,
    SecurityRule,
    StorageAccount,
    Subnet,
    VirtualNetwork,
    Workspace,
    ZoneLink,
)


class Option(NamedTuple):
    """One option of a command."""

    names: tuple[str, ...]
    route: tuple[str, ...] = ()
    form: str = ""
    """How its words make a value: empty, `{}`, `[]`, `[,]`, `time` or a resource type."""

    arity: str = ""
    """`*` for several words, `!` for none."""

    @property
    def name(self) -> str:
        """The spelling that is written."""
        return self.names[0]


class Command(NamedTuple):
    """What a command makes."""

    action: str
    """`create`, `update`, `delete`, `show` (which names the id), or a word of its own."""

    kind: type[Resource] | None = None
    dialect: str = "arm"
    arm_type: str = ""
    options: tuple[Option, ...] = ()

    def option(self, written: str) -> Option | None:
        """Find an option by a spelling or, as azure-cli has it, the beginning of only one."""
        exact = [o for o in self.options if written in o.names]
        if exact:
            return exact[0]
        if not written.startswith("--"):
            return None
        found = [o for o in self.options if any(n.startswith(written) for n in o.names)]
        return found[0] if len(found) == 1 else None

    def for_route(self, route: tuple[str, ...]) -> Option | None:
        """Find the option that sets a property."""
        return next((o for o in self.options if o.route == route and route), None)


_SHORT: Final = {
    "inner": "properties.properties",
    "scale": "properties.properties.scaleSettings",
    "account": "properties.properties.userAccountCredentials",
    "link": "properties.privateLinkServiceConnections.0.properties",
}
"""What the first word of a property stands for."""

_GLOBAL: Final = """
--debug!
--help -h!
--only-show-errors!
--output -o
--query
--verbose!
--subscription
--yes -y!
--no-wait!
"""

_GROUP: Final = """
--resource-group -g
--location -l            location
--tags*                  tags{}
"""

_NAMED: Final = f"""
--name -n                name
{_GROUP}
"""

_ML_COMPUTE: Final = """
--name -n                           name
--resource-group -g
--workspace-name -w
--file -f
--set*
--add*
--remove*
--force-string!
--type -t                           type
--description                       description
--location -l                       location
--size                              size
--tier                              tier
--min-instances                     min_instances
--max-instances                     max_instances
--idle-time-before-scale-down -d    idle_time_before_scale_down
--identity-type                     identity.type
--user-assigned-identities -i       identity.user_assigned_identities[,]
--vnet-name                         network_settings.vnet_name
--subnet                            network_settings.subnet
--enable-node-public-ip             enable_node_public_ip
--ssh-public-access-enabled -p      ssh_public_access_enabled
--admin-username                    ssh_settings.admin_username
--admin-password                    ssh_settings.admin_password
--ssh-key-value                     ssh_settings.ssh_key_value
--tags*                             tags{}
--user-object-id
--user-tenant-id
"""

_ML_DEPLOYMENT: Final = """
--name -n                           name
--endpoint-name -e                  endpoint_name
--resource-group -g
--workspace-name -w
--file -f
--set*
--add*
--remove*
--force-string!
--all-traffic!
--skip-script-validation!
--package-model!
--local!
--local-enable-gpu!
--vscode-debug!
--web!
--no-wait!
--registry-name
"""
_ML_ATTACH: Final = """
--name -n                           name
--resource-group -g
--workspace-name -w
--file -f
--type -t                           type
--resource-id                       resource_id
--namespace                         namespace
--identity-type                     identity.type
--user-assigned-identities -i       identity.user_assigned_identities[,]
--admin-username                    ssh_settings.admin_username
--admin-password                    ssh_settings.admin_password
--ssh-port
--ssh-private-key-file
"""

_ML_JOB: Final = """
--name -n                           name
--resource-group -g
--workspace-name -w
--file -f
--set*
--save-as -a
--skip-validation!
--stream -s!
--web -e!
"""

_ML_WORKSPACE: Final = """
--name -n                           name
--resource-group -g
--file -f
--set*
--add*
--remove*
--force-string!
--kind -k                           type
--hub-id                            hub_id
--description                       description
--display-name                      display_name
--location -l                       location
--tags*                             tags{}
--storage-account                   storage_account
--key-vault                         key_vault
--container-registry -c             container_registry
--application-insights -a           application_insights
--image-build-compute -i            image_build_compute
--managed-network -m                managed_network.isolation_mode
--primary-user-assigned-identity -p primary_user_assigned_identity
--public-network-access             public_network_access
--system-datastores-auth-mode       system_datastores_auth_mode
--enable-data-isolation -e!
--allow-roleassignment-on-rg
--default-resource-group
--network-acls
--provision-network-now
--update-dependent-resources -u!
"""

_V1_COMPUTE: Final = """
--name -n                           name
--resource-group -g
--workspace-name -w
--vm-size -s                        vm_size
--vm-priority                       vm_priority
--min-nodes                         min_nodes
--max-nodes                         max_nodes
--idle-seconds-before-scaledown -i  idle_seconds_before_scaledown
--location -l                       location
--assign-identity*
--vnet-name                         vnet_name
--vnet-resourcegroup-name           vnet_resourcegroup_name
--subnet-name                       subnet_name
--remote-login-port-public-access   remote_login_port_public_access
--admin-username -u                 admin_username
--admin-user-password -p            admin_user_password
--admin-user-ssh-key -k             admin_user_ssh_key
--description -d                    description
--tags* --tag                       tags{}
--subscription-id
--path
--output-metadata-file -t
"""

_LOCK: Final = """
--name -n                name
--lock-type -t           properties.level
--notes                  properties.notes
--resource-group -g
--resource --resource-name
--resource-type
--namespace
--parent
--ids*
"""

_ROLE: Final = """
--name -n                    name
--assignee
--assignee-object-id         properties.principalId
--assignee-principal-type    properties.principalType
--role                       properties.roleDefinitionId
--scope
--resource-group -g
--condition                  properties.condition
--condition-version
--description
"""

_ACCOUNT_LOCK: Final = """
--name -n                name
--lock-type -t           properties.level
--notes                  properties.notes
--ids*
"""

_VNET: Final = f"""
{_NAMED}
--address-prefixes --address-prefix*  properties.addressSpace.addressPrefixes[]
--dns-servers*                        properties.dhcpOptions.dnsServers[]
--subnet-name
--subnet-prefixes --subnet-prefix*
--network-security-group --nsg        properties.subnets.0.networkSecurityGroup
--ddos-protection
--ddos-protection-plan
--subnets
--vm-protection
--flowtimeout
--bgp-community
--edge-zone
--encryption-enforcement-policy
--enable-encryption
"""

_SUBNET: Final = """
--name -n                             name
--resource-group -g
--vnet-name
--address-prefixes --address-prefix*  properties.addressPrefixes[]
--network-security-group --nsg   properties.networkSecurityGroup.id<network/networkSecurityGroups>
--route-table                         properties.routeTable.id<network/routeTables>
--nat-gateway                         properties.natGateway.id<network/natGateways>
--delegations*                        properties.delegations[]
--default-outbound --default-outbound-access  properties.defaultOutboundAccess
--service-endpoints*                  properties.serviceEndpoints[]
--service-endpoint-policy*            properties.serviceEndpointPolicies[]
--disable-private-endpoint-network-policies
--disable-private-link-service-network-policies
--private-endpoint-network-policies --ple-network-policies
--private-link-service-network-policies --pls-network-policies
--endpoints*
--remove*
--set*
--add*
"""

_ENDPOINT: Final = f"""
{_NAMED}
--connection-name
--private-connection-resource-id      link.privateLinkServiceId
--group-ids --group-id*               link.groupIds[]
--subnet
--vnet-name
--manual-request
--request-message
--edge-zone
--nic-name
--asg*
--ip-config*
"""

_ROUTE: Final = """
--name -n                name
--resource-group -g
--route-table-name
--address-prefix         properties.addressPrefix
--next-hop-type          properties.nextHopType
--next-hop-ip-address    properties.nextHopIpAddress
"""

_RULE: Final = """
--name -n                            name
--resource-group -g
--nsg-name
--priority                           properties.priority
--direction                          properties.direction
--access                             properties.access
--protocol                           properties.protocol
--description                        properties.description
--source-address-prefixes --source-address-prefix*  properties.sourceAddressPrefixes[]
--source-port-ranges --source-port-range*           properties.sourcePortRanges[]
--destination-address-prefixes --destination-address-prefix* properties.destinationAddressPrefixes[]
--destination-port-ranges --destination-port-range* properties.destinationPortRanges[]
--source-asgs --source-asg*
--destination-asgs --destination-asg*
"""

_ENDPOINT_DEFINITION: Final = """
--name -n                name
--resource-group -g
--policy-name
--service                properties.service
--service-resources*     properties.serviceResources[]
--description
"""

_ZONE_LINK: Final = """
--name -n                name
--resource-group -g
--zone-name -z
--virtual-network -v     properties.virtualNetwork.id<network/virtualNetworks>
--registration-enabled -e
--tags*
--if-none-match!
"""

_FIREWALL: Final = f"""
{_NAMED}
--firewall-policy --policy   properties.firewallPolicy.id<network/firewallPolicies>
--vnet-name
--conf-name
--public-ip
--private-ip-address         address
--m-conf-name
--m-public-ip
--sku
--tier
--threat-intel-mode
--dns-servers*
--enable-dns-proxy
--private-ranges*
--zones*
"""

_FIREWALL_ADDRESS: Final = """
--firewall-name -f
--name -n
--resource-group -g
--vnet-name
--private-ip-address         address
--public-ip-address
--tags*
"""

_FIREWALL_RULE: Final = """
--firewall-name -f
--name -n                    rule.name
--resource-group -g
--collection-name -c         collection.name
--priority                   collection.priority
--action                     action
--description
--protocols*                 rule.protocols[]
--source-addresses*          rule.sourceAddresses[]
--source-ip-groups*          rule.sourceIpGroups[]
--destination-addresses --dest-addr*      rule.destinationAddresses[]
--destination-ports*         rule.destinationPorts[]
--destination-fqdns*         rule.destinationFqdns[]
--destination-ip-groups --dest-ipg*       rule.destinationIpGroups[]
--target-fqdns*              rule.targetFqdns[]
--fqdn-tags*                 rule.fqdnTags[]
"""

_FIREWALL_POLICY: Final = f"""
{_NAMED}
--base-policy                properties.basePolicy.id<network/firewallPolicies>
--sku
--threat-intel-mode
--dns-servers*
--enable-dns-proxy
--idps-mode
"""

_RULE_GROUP: Final = """
--name -n                    name
--resource-group -g
--policy-name
--priority                   properties.priority
"""

_POLICY_RULE: Final = """
--rule-collection-group-name --rcg-name
--policy-name
--resource-group -g
--name -n                    rule.name
--collection-name
--rule-name                  rule.name
--rule-type                  rule.ruleType
--collection-priority        collection.priority
--action                     action
--description
--ip-protocols*              rule.ipProtocols[]
--protocols*                 rule.protocols[]
--source-addresses*          rule.sourceAddresses[]
--source-ip-groups*          rule.sourceIpGroups[]
--destination-addresses --dest-addr*      rule.destinationAddresses[]
--destination-ports --dest-ports*         rule.destinationPorts[]
--destination-fqdns --dest-fqdns*         rule.destinationFqdns[]
--dest-ip-groups --dest-ipg*              rule.destinationIpGroups[]
--target-fqdns*              rule.targetFqdns[]
--fqdn-tags*                 rule.fqdnTags[]
--target-urls*               rule.targetUrls[]
--web-categories*            rule.webCategories[]
--enable-tls-inspection --enable-tls-insp
"""

_OUTBOUND_RULE: Final = """
--rule                       name
--resource-group -g
--workspace-name -w
--type -t
--destination                properties.destination
--service-resource-id        properties.destination.serviceResourceId
--subresource-target
--spark-enabled
--service-tag
--protocol
--port-ranges
--fqdns
"""

_STORAGE: Final = f"""
{_NAMED}
--allow-shared-key-access -k      properties.allowSharedKeyAccess
--public-network-access           properties.publicNetworkAccess
--allow-blob-public-access
--sku                             sku.name
--kind
--default-action
--https-only
--hierarchical-namespace --hns
--enable-hierarchical-namespace
--min-tls-version
--access-tier
--assign-identity!
--bypass*
"""

_REGISTRY: Final = f"""
{_NAMED}
--admin-enabled                   properties.adminUserEnabled
--public-network-enabled          properties.publicNetworkAccess
--role-assignment-mode            properties.roleAssignmentMode
--sku
--default-action
--allow-trusted-services
--allow-exports
--identity
--key-encryption-key
--workspace
--zone-redundancy
"""

_RESOURCE_GROUP: Final = """
--name -n --resource-group -g   name
--location -l                   location
--managed-by                    managedBy
--tags*                         tags{}
"""

_DEPLOYMENT: Final = """
--name -n
--resource-group -g
--location -l
--template-file -f
--template-uri -u
--template-spec -s
--parameters -p*
--query-string -q
--mode
--rollback-on-error*
--what-if -w!
--confirm-with-what-if -c!
--handle-extended-json-format -j
--aux-subs*
--aux-tenants*
--no-prompt
--proceed-if-no-change!
--what-if-result-format -r
--what-if-exclude-change-types -x*
"""

_ANY: Final = """
--name -n
--resource-group -g
--workspace-name -w
--vnet-name
--location -l
--ids*
"""

_PS_GLOBAL: Final = """
-SubscriptionId
-DefaultProfile
-Confirm!
-WhatIf!
-Force!
-Verbose!
-AsJob!
-NoWait!
-ErrorAction
-WarningAction
-PassThru!
"""

_PS_LOCK: Final = """
-LockName                name
-LockLevel               properties.level
-LockNotes               properties.notes
-ResourceGroupName
-ResourceName
-ResourceType
-Scope
-LockId
-ApiVersion
-TenantLevel!
"""

_PS_CLUSTER: Final = """
-VMSize                                   inner.vmSize
-VMPriority                               inner.vmPriority
-ScaleMinNodeCount                        scale.minNodeCount
-ScaleMaxNodeCount                        scale.maxNodeCount
-ScaleNodeIdleTimeBeforeScaleDown         scale.nodeIdleTimeBeforeScaleDown<time>
-SubnetId                                 inner.subnet.id
-EnableNodePublicIP                       inner.enableNodePublicIp
-RemoteLoginPortPublicAccess              inner.remoteLoginPortPublicAccess
-DisableLocalAuth                         properties.disableLocalAuth
-AdminUserName                            account.adminUserName
-AdminUserPassword                        account.adminUserPassword
-AdminUserSshPublicKey                    account.adminUserSshPublicKey
-OSType                                   inner.osType
-IsolatedNetwork!                         inner.isolatedNetwork
-VirtualMachineImageId                    inner.virtualMachineImage.id
-Location                                 properties.computeLocation
-Description
-ResourceId
"""

_PS_COMPUTE: Final = """
-Name                    name
-ResourceGroupName
-WorkspaceName
-Location                location
-IdentityType            identity.type
-IdentityUserAssigned    identity.userAssignedIdentities
-Compute
-SkuName
-Tag                     tags
"""

_PS_JOB: Final = """
-IdentityType            properties.identity.identityType
-JobInput                properties.inputs
-JobOutput               properties.outputs
-CodeId
-Command
-ComputeId
-Description
-DisplayName
-DistributionType
-EnvironmentId
-EnvironmentVariable
-ExperimentName
-IsArchived
-LimitTimeout
-Property
-ResourceInstanceCount
-ResourceInstanceType
-ResourceProperty
-ServiceEndpoint
-ServicePort
-ServiceProperty
-ServiceType
-Tag
"""

_PS_CREATE_JOB: Final = """
-Name -Id                name
-ResourceGroupName
-WorkspaceName
-Job
"""

_PS_DATA: Final = """
-Uri                     uri
-Mode
-Description
"""

_PS_DATA_KINDS: Final = (
    "UriFolder",
    "UriFile",
    "MLTable",
    "MLFlowModel",
    "CustomModel",
    "TritonModel",
)
"""Of what PowerShell has inputs and outputs of jobs."""

_PS_WORKSPACE: Final = """
-Name                          name
-ResourceGroupName
-Location                      location
-Kind                          kind
-ApplicationInsightId          properties.applicationInsights
-ApplicationInsightsId         properties.applicationInsights
-KeyVaultId                    properties.keyVault
-StorageAccountId              properties.storageAccount
-ContainerRegistryId           properties.containerRegistry
-ImageBuildCompute             properties.imageBuildCompute
-PublicNetworkAccess           properties.publicNetworkAccess
-AllowPublicAccessWhenBehindVnet  properties.allowPublicAccessWhenBehindVnet
-HbiWorkspace!                 properties.hbiWorkspace
-V1LegacyMode!                 properties.v1LegacyMode
-IdentityType                  identity.type
-IdentityUserAssigned
-PrimaryUserAssignedIdentity   properties.primaryUserAssignedIdentity
-EncryptionStatus              properties.encryption.status
-Tag                           tags
"""

_PS_GROUP: Final = """
-Name                    name
-Location                location
-Tag                     tags
"""

_PS_DEPLOYMENT: Final = """
-Name
-ResourceGroupName
-Location
-TemplateFile
-TemplateParameterFile
-TemplateParameterObject
-TemplateUri
-Mode
"""

_PS_CONTEXT: Final = """
-Subscription
-SubscriptionName
-TenantId
-Tenant
-Context
"""


@cache
def commands() -> dict[str, Command]:
    """Give every command by its words, in lower case."""
    made = {words: Command(action) for words, action in _PLAIN.items()}
    for words, (action, kind, dialect, type_, text) in _TABLE.items():
        options = _options(text + (_PS_GLOBAL if "-az" in words else _GLOBAL))
        made[words] = Command(action, kind, dialect, type_, options)
    return made


def _options(text: str) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for line in text.splitlines():
        names = [word for word in line.split() if word.startswith("-")]
        if not names:
            continue
        route = next((word for word in line.split() if not word.startswith("-")), "")
        form = ""
        for mark in ("{}", "[]", "[,]"):
            if route.endswith(mark):
                route, form = route.removesuffix(mark), mark
        if route.endswith(">"):
            route, _, form = route.removesuffix(">").partition("<")
        arity = "*" if any(n.endswith("*") for n in names) else ""
        arity = "!" if any(n.endswith("!") for n in names) else arity
        spelled = tuple(n.rstrip("*!") for n in names)
        head, dot, rest = route.partition(".")
        route = f"{_SHORT.get(head, head)}{dot}{rest}"
        form = form.replace("network/", "Microsoft.Network/")
        path = tuple(route.split(".")) if route else ()
        found.setdefault(spelled[0], Option(spelled, path, form, arity))
    return tuple(found.values())


_COMPUTE: Final = "Microsoft.MachineLearningServices/workspaces/computes"
_JOB: Final = "Microsoft.MachineLearningServices/workspaces/jobs"
_DEPLOYED: Final = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
_WORKSPACE: Final = "Microsoft.MachineLearningServices/workspaces"
_NETWORK: Final = "Microsoft.Network/"

_TABLE: Final[dict[str, tuple[str, type[Resource] | None, str, str, str]]] = {
    "ml compute create": ("create", Compute, "cli", _COMPUTE, _ML_COMPUTE),
    "ml compute update": ("update", Patch, "cli", _COMPUTE, _ML_COMPUTE),
    "ml compute attach": ("create", Compute, "cli", _COMPUTE, _ML_ATTACH),
    "ml compute delete": ("delete", Compute, "cli", _COMPUTE, _ANY),
    "ml compute show": ("show", Compute, "cli", _COMPUTE, _ANY),
    "ml job create": ("create-job", Job, "cli", _JOB, _ML_JOB),
    "ml online-deployment create": ("create", OnlineDeployment, "cli", _DEPLOYED, _ML_DEPLOYMENT),
    "ml online-deployment update": ("change", OnlineDeployment, "cli", _DEPLOYED, _ML_DEPLOYMENT),
    "ml online-deployment delete": ("delete", OnlineDeployment, "cli", _DEPLOYED, _ML_DEPLOYMENT),
    "ml workspace create": ("create", Workspace, "cli", _WORKSPACE, _ML_WORKSPACE),
    "ml workspace update": ("change", Workspace, "cli", _WORKSPACE, _ML_WORKSPACE),
    "ml workspace show": ("show", Workspace, "cli", _WORKSPACE, _ANY),
    "ml computetarget create amlcompute": (
        "create-v1", ComputeCluster, "sdk_v1", _COMPUTE, _V1_COMPUTE,
    ),
    "ml computetarget create computeinstance": (
        "create-v1", ComputeInstance, "sdk_v1", _COMPUTE, _V1_COMPUTE,
    ),
    "role assignment create": ("create-role", RoleAssignment, "arm", "", _ROLE),
    "lock create": ("create-lock", Lock, "arm", "", _LOCK),
    "lock update": ("update-lock", Lock, "arm", "", _LOCK),
    "lock delete": ("delete-lock", Lock, "arm", "", _LOCK),
    "lock show": ("show-lock", Lock, "arm", "", _LOCK),
    "account lock create": ("create-lock", Lock, "arm", "subscription", _ACCOUNT_LOCK),
    "account lock update": ("update-lock", Lock, "arm", "subscription", _ACCOUNT_LOCK),
    "account lock delete": ("delete-lock", Lock, "arm", "subscription", _ACCOUNT_LOCK),
    "group lock create": ("create-lock", Lock, "arm", "", _LOCK),
    "group lock update": ("update-lock", Lock, "arm", "", _LOCK),
    "group lock delete": ("delete-lock", Lock, "arm", "", _LOCK),
    "resource lock create": ("create-lock", Lock, "arm", "", _LOCK),
    "resource lock update": ("update-lock", Lock, "arm", "", _LOCK),
    "resource lock delete": ("delete-lock", Lock, "arm", "", _LOCK),
    "configure": ("configure", None, "", "", "--defaults -d*\n--scope\n--list-defaults -l"),
    "account set": ("account", None, "", "", "--subscription -s -n --name"),
    "account show": ("show-account", None, "", "", ""),
    "group create": (
        "create", ResourceGroup, "arm", "Microsoft.Resources/resourceGroups",
        _RESOURCE_GROUP,
    ),
    "group show": (
        "show", ResourceGroup, "arm", "Microsoft.Resources/resourceGroups",
        "--name -n --resource-group -g  name",
    ),
    "network vnet create": ("create", VirtualNetwork, "arm", _NETWORK + "virtualNetworks", _VNET),
    "network vnet show": ("show", VirtualNetwork, "arm", _NETWORK + "virtualNetworks", _ANY),
    "network vnet subnet create": (
        "create", Subnet, "arm", _NETWORK + "virtualNetworks/subnets", _SUBNET,
    ),
    "network vnet subnet update": (
        "change", Subnet, "arm", _NETWORK + "virtualNetworks/subnets", _SUBNET,
    ),
    "network vnet subnet show": (
        "show", Subnet, "arm", _NETWORK + "virtualNetworks/subnets", _ANY,
    ),
    "network nsg create": (
        "create", NetworkSecurityGroup, "arm", _NETWORK + "networkSecurityGroups", _NAMED,
    ),
    "network nsg show": (
        "show", NetworkSecurityGroup, "arm", _NETWORK + "networkSecurityGroups", _ANY,
    ),
    "network public-ip create": (
        "create", PublicIpAddress, "arm", _NETWORK + "publicIPAddresses", _NAMED,
    ),
    "network public-ip show": (
        "show", PublicIpAddress, "arm", _NETWORK + "publicIPAddresses", _ANY,
    ),
    "network nat gateway create": ("create", NatGateway, "arm", _NETWORK + "natGateways", _NAMED),
    "network nat gateway show": ("show", NatGateway, "arm", _NETWORK + "natGateways", _ANY),
    "network route-table create": ("create", RouteTable, "arm", _NETWORK + "routeTables", _NAMED),
    "network route-table show": ("show", RouteTable, "arm", _NETWORK + "routeTables", _ANY),
    "network route-table route create": (
        "create", Route, "arm", _NETWORK + "routeTables/routes", _ROUTE,
    ),
    "network nsg rule create": (
        "create", SecurityRule, "arm", _NETWORK + "networkSecurityGroups/securityRules", _RULE,
    ),
    "network route-table route update": (
        "change", Route, "arm", _NETWORK + "routeTables/routes", _ROUTE,
    ),
    "network route-table route delete": (
        "delete", Route, "arm", _NETWORK + "routeTables/routes", _ROUTE,
    ),
    "network vnet subnet delete": (
        "delete", Subnet, "arm", _NETWORK + "virtualNetworks/subnets", _SUBNET,
    ),
    "network nsg rule update": (
        "change", SecurityRule, "arm", _NETWORK + "networkSecurityGroups/securityRules", _RULE,
    ),
    "network nsg rule delete": (
        "delete", SecurityRule, "arm", _NETWORK + "networkSecurityGroups/securityRules", _RULE,
    ),
    "network private-endpoint create": (
        "create", PrivateEndpoint, "arm", _NETWORK + "privateEndpoints", _ENDPOINT,
    ),
    "network private-endpoint show": (
        "show", PrivateEndpoint, "arm", _NETWORK + "privateEndpoints", _ANY,
    ),
    "network service-endpoint policy create": (
        "create", EndpointPolicy, "arm", _NETWORK + "serviceEndpointPolicies", _NAMED,
    ),
    "network service-endpoint policy-definition create": (
        "create", EndpointPolicyDefinition, "arm",
        _NETWORK + "serviceEndpointPolicies/serviceEndpointPolicyDefinitions",
        _ENDPOINT_DEFINITION,
    ),
    "network private-dns zone create": (
        "create", PrivateDnsZone, "arm", _NETWORK + "privateDnsZones", _NAMED,
    ),
    "network private-dns link vnet create": (
        "create", ZoneLink, "arm", _NETWORK + "privateDnsZones/virtualNetworkLinks", _ZONE_LINK,
    ),
    "network firewall create": (
        "create", Firewall, "arm", _NETWORK + "azureFirewalls", _FIREWALL,
    ),
    "network firewall show": ("show", Firewall, "arm", _NETWORK + "azureFirewalls", _ANY),
    "network firewall ip-config create": (
        "add", Firewall, "arm", _NETWORK + "azureFirewalls", _FIREWALL_ADDRESS,
    ),
    "network firewall network-rule create": (
        "add", Firewall, "arm", _NETWORK + "azureFirewalls", _FIREWALL_RULE,
    ),
    "network firewall application-rule create": (
        "add", Firewall, "arm", _NETWORK + "azureFirewalls", _FIREWALL_RULE,
    ),
    "network firewall policy create": (
        "create", FirewallPolicy, "arm", _NETWORK + "firewallPolicies", _FIREWALL_POLICY,
    ),
    "network firewall policy show": (
        "show", FirewallPolicy, "arm", _NETWORK + "firewallPolicies", _ANY,
    ),
    "network firewall policy rule-collection-group create": (
        "create", FirewallRules, "arm", _NETWORK + "firewallPolicies/ruleCollectionGroups",
        _RULE_GROUP,
    ),
    "network firewall policy rule-collection-group collection add-filter-collection": (
        "add", FirewallRules, "arm", _NETWORK + "firewallPolicies/ruleCollectionGroups",
        _POLICY_RULE,
    ),
    "network firewall policy rule-collection-group collection rule add": (
        "add", FirewallRules, "arm", _NETWORK + "firewallPolicies/ruleCollectionGroups",
        _POLICY_RULE,
    ),
    "ml workspace outbound-rule set": (
        "create", OutboundRule, "arm", _WORKSPACE + "/outboundRules", _OUTBOUND_RULE,
    ),
    "ml workspace outbound-rule remove": (
        "delete", OutboundRule, "arm", _WORKSPACE + "/outboundRules", _OUTBOUND_RULE,
    ),
    "storage account create": (
        "create", StorageAccount, "arm", "Microsoft.Storage/storageAccounts", _STORAGE,
    ),
    "storage account update": (
        "change", StorageAccount, "arm", "Microsoft.Storage/storageAccounts", _STORAGE,
    ),
    "storage account show": (
        "show", StorageAccount, "arm", "Microsoft.Storage/storageAccounts", _ANY,
    ),
    "acr create": (
        "create", ContainerRegistry, "arm", "Microsoft.ContainerRegistry/registries", _REGISTRY,
    ),
    "acr update": (
        "change", ContainerRegistry, "arm", "Microsoft.ContainerRegistry/registries", _REGISTRY,
    ),
    "acr show": (
        "show", ContainerRegistry, "arm", "Microsoft.ContainerRegistry/registries", _ANY,
    ),
    "keyvault create": ("create", KeyVault, "arm", "Microsoft.KeyVault/vaults", _NAMED),
    "keyvault show": ("show", KeyVault, "arm", "Microsoft.KeyVault/vaults", _ANY),
    "identity create": (
        "create", ManagedIdentity, "arm", "Microsoft.ManagedIdentity/userAssignedIdentities",
        _NAMED,
    ),
    "identity show": (
        "show", ManagedIdentity, "arm", "Microsoft.ManagedIdentity/userAssignedIdentities", _ANY,
    ),
    "monitor app-insights component create": (
        "create", ApplicationInsights, "arm", "Microsoft.Insights/components",
        _GROUP + "\n--app -a name",
    ),
    "monitor app-insights component show": (
        "show", ApplicationInsights, "arm", "Microsoft.Insights/components", "--app -a\n" + _ANY,
    ),
    "deployment group create": ("deploy", None, "", "group", _DEPLOYMENT),
    "deployment sub create": ("deploy", None, "", "subscription", _DEPLOYMENT),
    "group deployment create": ("deploy", None, "", "group", _DEPLOYMENT),
    "deployment create": ("deploy", None, "", "subscription", _DEPLOYMENT),
    "extension add": ("extension", None, "", "", "--name -n\n--source -s\n--upgrade -U!"),
    "new-azresourcelock": ("create-lock", Lock, "arm", "", _PS_LOCK),
    "set-azresourcelock": ("update-lock", Lock, "arm", "", _PS_LOCK),
    "remove-azresourcelock": ("delete-lock", Lock, "arm", "", _PS_LOCK),
    "new-azmlworkspaceamlcomputeobject": ("object", Compute, "arm", "AmlCompute", _PS_CLUSTER),
    "new-azmlworkspacecomputeinstanceobject": (
        "object", Compute, "arm", "ComputeInstance", _PS_CLUSTER,
    ),
    "new-azmlworkspacecommandjobobject": ("object", Job, "arm", "Command", _PS_JOB),
    "new-azmlworkspacejob": ("create-job", Job, "arm", _JOB, _PS_CREATE_JOB),
    **{
        f"new-azmlworkspace{kind.lower()}job{way}object": ("data", None, "", "", _PS_DATA)
        for kind in _PS_DATA_KINDS
        for way in ("input", "output")
    },
    "new-azmlworkspacecompute": ("create", Compute, "arm", _COMPUTE, _PS_COMPUTE),
    "new-azmlworkspace": ("create", Workspace, "arm", _WORKSPACE, _PS_WORKSPACE),
    "new-azresourcegroup": (
        "create", ResourceGroup, "arm", "Microsoft.Resources/resourceGroups", _PS_GROUP,
    ),
    "new-azresourcegroupdeployment": ("deploy", None, "", "group", _PS_DEPLOYMENT),
    "new-azdeployment": ("deploy", None, "", "subscription", _PS_DEPLOYMENT),
    "new-azsubscriptiondeployment": ("deploy", None, "", "subscription", _PS_DEPLOYMENT),
    "set-azcontext": ("account", None, "", "", _PS_CONTEXT),
    "select-azsubscription": ("account", None, "", "", _PS_CONTEXT),
}  # fmt: skip
"""By words: action, kind, dialect, resource type (or what else it is about), options."""

_PLAIN: Final = {
    "ml computetarget": "v1",
    "ml folder": "v1",
    "ml run": "v1",
    "ml service": "v1",
    "ml experiment": "v1",
    "ml pipeline": "v1",
    "ml endpoint realtime": "v1",
    "ml model deploy": "v1",
    "ml model profile": "v1",
    "ml model register": "v1",
    "ml workspace share": "v1",
    "ml workspace private-endpoint": "v1",
}
"""Commands of which only the use counts: those of the retired extension."""
