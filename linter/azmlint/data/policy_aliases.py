"""Which properties of which types Azure Policy can ask for, by their aliases.

An alias is a type, a slash and the path of a property in the answers of Resource Manager, without
the `properties` around it; `[*]` stands for each item of a list. Sources: the aliases in the
built-in definitions (Azure/azure-policy, release 3.2026.0417.1) and in the definitions of
Azure/Enterprise-Scale; the REST types of `Microsoft.MachineLearningServices` 2025-12-01,
`Microsoft.Network` 2024-05-01, `Microsoft.Storage` 2024-01-01, `Microsoft.KeyVault` 2023-07-01 and
`Microsoft.ContainerRegistry` 2023-07-01, which the aliases follow. What is not listed may be an
alias all the same, or none; it is unknown.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Properties(NamedTuple):
    """The properties of one type, in lower case and without `[*]`."""

    stated: frozenset[str]
    """What a request may state; what is below one of them belongs to it."""

    answered: frozenset[str]
    """What the service alone states, so that no request holds it."""

    outer: frozenset[str] = frozenset()
    """Of a type with `properties` inside its `properties`: what stands in the outer ones."""

    def find(self, path: tuple[str, ...]) -> bool | None:
        """Say whether a request may state it, None when it is not listed."""
        lowered = ".".join(path).casefold()
        for names, verdict in ((self.answered, False), (self.stated, True)):
            if any(lowered == n or lowered.startswith(f"{n}.") for n in names):
                return verdict
        return None


def _names(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


BESIDE: Final = _names(
    "sku plan zones identity extendedlocation managedby kind location tags etag systemdata"
)
"""What stands beside `properties` and not in it, in whatever type."""

OF_ITEMS: Final = _names("id name type etag location tags zones sku identity")
"""What an item that is a resource itself states beside its `properties`."""

ALIASES: Final[dict[str, Properties]] = {
    "microsoft.machinelearningservices/workspaces/computes": Properties(
        _names("""
            applicationSharingPolicy computeInstanceAuthorizationType computeLocation computeType
            customServices defaultInstanceType description disableLocalAuth enableNodePublicIp
            enableOSPatching enableRootAccess enableSSO extensionInstanceReleaseTrain
            extensionPrincipalId identity.type identity.userAssignedIdentities
            idleTimeBeforeShutdown instanceTypes isolatedNetwork namespace osType
            personalComputeInstanceSettings.assignedUser.objectId
            personalComputeInstanceSettings.assignedUser.tenantId propertyBag releaseQuotaOnStop
            remoteLoginPortPublicAccess resourceId scaleSettings.maxNodeCount
            scaleSettings.minNodeCount scaleSettings.nodeIdleTimeBeforeScaleDown schedules
            setupScripts sku.name sku.tier sshSettings.adminPublicKey sshSettings.sshPublicAccess
            subnet.id userAccountCredentials.adminUserName userAccountCredentials.adminUserPassword
            userAccountCredentials.adminUserSshPublicKey virtualMachineImage.id vcName vmPriority
            vmSize
        """),
        _names("""
            allocationState allocationStateTransitionTime applications connectivityEndpoints
            containers createdBy createdOn currentNodeCount dataDisks dataMounts errors
            isAttachedCompute lastOperation modifiedOn nodeStateCounts osImageMetadata
            provisioningErrors provisioningState sshSettings.adminUserName sshSettings.sshPort
            state targetNodeCount versions
        """),
        _names("""
            computeLocation computeType createdOn description disableLocalAuth isAttachedCompute
            modifiedOn provisioningErrors provisioningState resourceId
        """),
    ),
    "microsoft.machinelearningservices/workspaces": Properties(
        _names("""
            agentsEndpointUri allowPublicAccessWhenBehindVnet allowRoleAssignmentOnRG
            applicationInsights associatedWorkspaces containerRegistries containerRegistry
            description discoveryUrl enableDataIsolation enableServiceSideCMKEncryption
            enableSimplifiedCmk encryption.identity.userAssignedIdentity
            encryption.keyVaultProperties.identityClientId
            encryption.keyVaultProperties.keyIdentifier encryption.keyVaultProperties.keyVaultArmId
            encryption.status existingWorkspaces featureStoreSettings friendlyName hbiWorkspace
            hubResourceId identity.type identity.userAssignedIdentities imageBuildCompute
            ipAllowlist keyVault keyVaults managedNetwork.enableFirewallLog
            managedNetwork.enableNetworkMonitor managedNetwork.firewallPublicIpAddress
            managedNetwork.firewallSku managedNetwork.isolationMode
            managedNetwork.managedNetworkKind managedNetwork.outboundRules networkAcls
            primaryUserAssignedIdentity provisionNetworkNow publicNetworkAccess
            serverlessComputeSettings.serverlessComputeCustomSubnet
            serverlessComputeSettings.serverlessComputeNoPublicIP serviceManagedResourcesSettings
            sharedPrivateLinkResources sku.name sku.tier softDeleteEnabled
            softDeleteRetentionInDays storageAccount storageAccounts systemDatastoresAuthMode
            v1LegacyMode workspaceHubConfig
        """),
        _names("""
            creationTime managedNetwork.status mlFlowTrackingUri notebookInfo
            privateEndpointConnections privateLinkCount provisioningState
            serviceProvisionedResourceGroup storageHnsEnabled tenantId workspaceId
        """),
    ),
    "microsoft.machinelearningservices/workspaces/onlineendpoints/deployments": Properties(
        _names("""
            appInsightsEnabled codeConfiguration egressPublicNetworkAccess endpointComputeType
            environmentId environmentVariables identity.type instanceType model modelMountPath
            requestSettings scaleSettings sku.capacity sku.name
        """),
        _names("provisioningState"),
    ),
    "microsoft.machinelearningservices/workspaces/datastores": Properties(
        _names(
            "accountName containerName credentials datastoreType description fileShareName "
            "isDefault serviceDataAccessAuthIdentity"
        ),
        frozenset(),
    ),
    "microsoft.network/virtualnetworks": Properties(
        _names("""
            addressSpace bgpCommunities ddosProtectionPlan dhcpOptions enableDdosProtection
            enableVmProtection encryption flowTimeoutInMinutes ipAllocations
            privateEndpointVNetPolicies subnets virtualNetworkPeerings
        """),
        _names("defaultPublicNatGateway flowLogs provisioningState resourceGuid"),
    ),
    "microsoft.network/virtualnetworks/subnets": Properties(
        _names("""
            addressPrefix addressPrefixes applicationGatewayIPConfigurations defaultOutboundAccess
            delegations ipAllocations natGateway networkSecurityGroup
            privateEndpointNetworkPolicies privateLinkServiceNetworkPolicies routeTable
            serviceEndpointPolicies serviceEndpoints sharingScope
        """),
        _names(
            "ipConfigurationProfiles ipConfigurations privateEndpoints provisioningState "
            "purpose resourceNavigationLinks serviceAssociationLinks"
        ),
    ),
    "microsoft.network/networksecuritygroups": Properties(
        _names("flushConnection securityRules"),
        _names(
            "defaultSecurityRules flowLogs networkInterfaces provisioningState resourceGuid subnets"
        ),
    ),
    "microsoft.network/networksecuritygroups/securityrules": Properties(
        _names("""
            access description destinationAddressPrefix destinationAddressPrefixes
            destinationApplicationSecurityGroups destinationPortRange destinationPortRanges
            direction priority protocol sourceAddressPrefix sourceAddressPrefixes
            sourceApplicationSecurityGroups sourcePortRange sourcePortRanges
        """),
        _names("provisioningState"),
    ),
    "microsoft.network/routetables": Properties(
        _names("disableBgpRoutePropagation routes"),
        _names("provisioningState resourceGuid subnets"),
    ),
    "microsoft.network/routetables/routes": Properties(
        _names("addressPrefix nextHopIpAddress nextHopType"),
        _names("hasBgpOverride provisioningState"),
    ),
    "microsoft.network/publicipaddresses": Properties(
        _names("""
            ddosSettings deleteOption dnsSettings idleTimeoutInMinutes ipAddress ipTags
            migrationPhase natGateway publicIPAddressVersion publicIPAllocationMethod
            publicIPPrefix servicePublicIPAddress sku.name sku.tier
        """),
        _names("ipConfiguration provisioningState resourceGuid"),
    ),
    "microsoft.network/loadbalancers": Properties(
        _names("""
            backendAddressPools frontendIPConfigurations inboundNatPools inboundNatRules
            loadBalancingRules outboundRules probes scope sku.name sku.tier
        """),
        _names("provisioningState resourceGuid"),
    ),
    "microsoft.network/natgateways": Properties(
        _names("idleTimeoutInMinutes publicIpAddresses publicIpPrefixes sku.name"),
        _names("provisioningState resourceGuid subnets"),
    ),
    "microsoft.network/privateendpoints": Properties(
        _names("""
            applicationSecurityGroups customDnsConfigs customNetworkInterfaceName
            ipConfigurations manualPrivateLinkServiceConnections privateLinkServiceConnections
            subnet
        """),
        _names("networkInterfaces provisioningState"),
    ),
    "microsoft.network/privatednszones/virtualnetworklinks": Properties(
        _names("registrationEnabled resolutionPolicy virtualNetwork"),
        _names("provisioningState virtualNetworkLinkState"),
    ),
    "microsoft.authorization/locks": Properties(_names("level notes owners"), frozenset()),
    "microsoft.authorization/roleassignments": Properties(
        _names("condition conditionVersion description principalId principalType roleDefinitionId"),
        _names("createdBy createdOn scope updatedBy updatedOn"),
    ),
    "microsoft.storage/storageaccounts": Properties(
        _names("""
            accessTier accountType allowBlobPublicAccess allowCrossTenantReplication
            allowSharedKeyAccess allowedCopyScope azureFilesIdentityBasedAuthentication
            customDomain defaultToOAuthAuthentication dnsEndpointType
            enableExtendedGroups encryption immutableStorageWithVersioning isHnsEnabled
            isLocalUserEnabled isNfsV3Enabled isSftpEnabled keyPolicy largeFileSharesState
            minimumTlsVersion networkAcls publicNetworkAccess routingPreference sasPolicy
            sku.name sku.tier supportsHttpsTrafficOnly
        """),
        _names(
            "creationTime keyCreationTime primaryEndpoints primaryLocation "
            "privateEndpointConnections provisioningState secondaryEndpoints "
            "secondaryLocation statusOfPrimary statusOfSecondary"
        ),
    ),
    "microsoft.keyvault/vaults": Properties(
        _names("""
            accessPolicies createMode enablePurgeProtection enableRbacAuthorization
            enableSoftDelete enabledForDeployment enabledForDiskEncryption
            enabledForTemplateDeployment networkAcls publicNetworkAccess sku.family sku.name
            softDeleteRetentionInDays tenantId vaultUri
        """),
        _names("hsmPoolResourceId privateEndpointConnections provisioningState"),
    ),
    "microsoft.containerregistry/registries": Properties(
        _names("""
            adminUserEnabled anonymousPullEnabled dataEndpointEnabled encryption
            networkRuleBypassOptions networkRuleSet policies publicNetworkAccess
            roleAssignmentMode sku.name sku.tier zoneRedundancy
        """),
        _names(
            "creationDate dataEndpointHostNames loginServer privateEndpointConnections "
            "provisioningState status"
        ),
    ),
    "microsoft.insights/components": Properties(
        _names(
            "Application_Type DisableIpMasking DisableLocalAuth IngestionMode "
            "RetentionInDays SamplingPercentage WorkspaceResourceId "
            "publicNetworkAccessForIngestion publicNetworkAccessForQuery"
        ),
        _names(
            "AppId ConnectionString CreationDate InstrumentationKey PrivateLinkScopedResources "
            "provisioningState"
        ),
    ),
    "microsoft.managedidentity/userassignedidentities": Properties(
        _names("isolationScope"), _names("clientId principalId tenantId")
    ),
}
"""By type, in lower case."""

IN_VAULT_PROPERTIES: Final = "microsoft.keyvault/vaults"
"""The type whose `sku` stands in `properties`."""

NOT_INDEXED: Final = _names("""
    Microsoft.Authorization/denyAssignments Microsoft.Authorization/locks
    Microsoft.Authorization/policyAssignments Microsoft.Authorization/policyDefinitions
    Microsoft.Authorization/policyExemptions Microsoft.Authorization/policySetDefinitions
    Microsoft.Authorization/roleAssignments Microsoft.MachineLearningServices/workspaces/datastores
    Microsoft.Network/networkSecurityGroups/securityRules Microsoft.Network/routeTables/routes
    Microsoft.Network/virtualNetworks/subnets Microsoft.Resources/deployments
    Microsoft.Resources/deploymentStacks Microsoft.Resources/resourceGroups
    Microsoft.Resources/subscriptions
""")
"""Types without tags or without a region, at which policies of the mode `Indexed` do not look."""
