"""Built-in roles that rules ask about, by their id.

Source: Azure role-based access control, Azure built-in roles (privileged and identity: 1 July 2026,
general: 23 February 2026, containers: 30 June 2025, the others: copies of 2024 to 2026). A snapshot
holds the definitions themselves, and they count before this table.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Permission(NamedTuple):
    """What a role allows, or a deny assignment denies: actions without those that are left out."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    condition: str = ""
    """What decides besides, in Azure's language of conditions; empty for nothing."""


class Role(NamedTuple):
    """A role definition."""

    name: str
    permissions: tuple[Permission, ...]


_ACR: Final = "Microsoft.ContainerRegistry/registries"
_BLOBS: Final = "Microsoft.Storage/storageAccounts/blobServices"
_FILES: Final = "Microsoft.Storage/storageAccounts/fileServices"
_ML: Final = "Microsoft.MachineLearningServices/workspaces"
_IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
_COMMON: Final = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
"""What most roles of a service add."""


def _approvable(*types: str) -> tuple[str, ...]:
    kinds = ("/read", "/privateEndpointConnections/read", "/privateEndpointConnections/write")
    return tuple(f"{t}{k}" for t in types for k in (*kinds, "/privateLinkResources/read"))


def _approved(*types: str) -> tuple[str, ...]:
    return tuple(f"{t}/privateEndpointConnectionsApproval/action" for t in types)


OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR: Final = "b24988ac-6180-42a0-ab88-20f7382dd24c"

BUILT_IN: Final[dict[str, Role]] = {
    OWNER: Role("Owner", (Permission(("*",)),)),
    CONTRIBUTOR: Role(
        "Contributor",
        (
            Permission(
                ("*",),
                (
                    "Microsoft.Authorization/*/Delete",
                    "Microsoft.Authorization/*/Write",
                    "Microsoft.Authorization/elevateAccess/Action",
                    "Microsoft.Blueprint/blueprintAssignments/write",
                    "Microsoft.Blueprint/blueprintAssignments/delete",
                    "Microsoft.Compute/galleries/share/action",
                    "Microsoft.Purview/consents/write",
                    "Microsoft.Purview/consents/delete",
                    "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
                    "Microsoft.Subscription/cancel/action",
                    "Microsoft.Subscription/enable/action",
                ),
            ),
        ),
    ),
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": Role("Reader", (Permission(("*/read",)),)),
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": Role(
        "User Access Administrator",
        (Permission(("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*")),),
    ),
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": Role(
        "Role Based Access Control Administrator",
        (
            Permission(
                (
                    "Microsoft.Authorization/roleAssignments/write",
                    "Microsoft.Authorization/roleAssignments/delete",
                    "*/read",
                    "Microsoft.Support/*",
                )
            ),
        ),
    ),
    "f6c7c914-8db3-469d-8ca1-694a8f32e121": Role(
        "AzureML Data Scientist",
        (
            Permission(
                (f"{_ML}/*/read", f"{_ML}/*/action", f"{_ML}/*/delete", f"{_ML}/*/write"),
                (
                    f"{_ML}/delete",
                    f"{_ML}/write",
                    f"{_ML}/computes/*/write",
                    f"{_ML}/computes/*/delete",
                    f"{_ML}/computes/listKeys/action",
                    f"{_ML}/listKeys/action",
                    f"{_ML}/hubs/write",
                    f"{_ML}/hubs/delete",
                    f"{_ML}/featurestores/write",
                    f"{_ML}/featurestores/delete",
                ),
            ),
        ),
    ),
    "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815": Role(
        "AzureML Compute Operator", (Permission((f"{_ML}/computes/*", f"{_ML}/notebooks/vm/*")),)
    ),
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": Role("AcrPull", (Permission((f"{_ACR}/pull/read",)),)),
    "8311e382-0749-4cb8-b61a-304f252e45ec": Role(
        "AcrPush", (Permission((f"{_ACR}/pull/read", f"{_ACR}/push/write")),)
    ),
    "b93aa761-3e63-49ed-ac28-beffa264f7ac": Role(
        "Container Registry Repository Reader",
        (
            Permission(
                data_actions=(
                    f"{_ACR}/repositories/metadata/read",
                    f"{_ACR}/repositories/content/read",
                )
            ),
        ),
    ),
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": Role(
        "Storage Blob Data Reader",
        (
            Permission(
                (f"{_BLOBS}/containers/read", f"{_BLOBS}/generateUserDelegationKey/action"),
                data_actions=(f"{_BLOBS}/containers/blobs/read",),
            ),
        ),
    ),
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": Role(
        "Storage Blob Data Contributor",
        (
            Permission(
                (
                    f"{_BLOBS}/containers/delete",
                    f"{_BLOBS}/containers/read",
                    f"{_BLOBS}/containers/write",
                    f"{_BLOBS}/generateUserDelegationKey/action",
                ),
                data_actions=(
                    f"{_BLOBS}/containers/blobs/delete",
                    f"{_BLOBS}/containers/blobs/read",
                    f"{_BLOBS}/containers/blobs/write",
                    f"{_BLOBS}/containers/blobs/move/action",
                    f"{_BLOBS}/containers/blobs/add/action",
                ),
            ),
        ),
    ),
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": Role(
        "Storage Blob Data Owner",
        (
            Permission(
                (f"{_BLOBS}/containers/*", f"{_BLOBS}/generateUserDelegationKey/action"),
                data_actions=(f"{_BLOBS}/containers/blobs/*",),
            ),
        ),
    ),
    "69566ab7-960f-475b-8e7c-b3118f30c6bd": Role(
        "Storage File Data Privileged Contributor",
        (
            Permission(
                data_actions=(
                    f"{_FILES}/fileshares/files/read",
                    f"{_FILES}/fileshares/files/write",
                    f"{_FILES}/fileshares/files/delete",
                    f"{_FILES}/fileshares/files/modifypermissions/action",
                    f"{_FILES}/readFileBackupSemantics/action",
                    f"{_FILES}/writeFileBackupSemantics/action",
                )
            ),
        ),
    ),
    "f1a07417-d97a-45cb-824c-7a7467783830": Role(
        "Managed Identity Operator",
        (Permission((f"{_IDENTITY}/*/read", f"{_IDENTITY}/*/assign/action", *_COMMON)),),
    ),
    "4d97b98b-1d4f-4787-a291-c67834d212e7": Role(
        "Network Contributor",
        (
            Permission(
                (
                    "Microsoft.Network/*",
                    "Microsoft.ResourceHealth/availabilityStatuses/read",
                    *_COMMON,
                )
            ),
        ),
    ),
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": Role(
        "Key Vault Administrator",
        (
            Permission(
                (
                    *_COMMON,
                    "Microsoft.KeyVault/checkNameAvailability/read",
                    "Microsoft.KeyVault/deletedVaults/read",
                    "Microsoft.KeyVault/locations/*/read",
                    "Microsoft.KeyVault/vaults/*/read",
                    "Microsoft.KeyVault/operations/read",
                ),
                data_actions=("Microsoft.KeyVault/vaults/*",),
            ),
        ),
    ),
    "b556d68e-0be0-4f35-a333-ad7ee1ce17ea": Role(
        "Azure AI Enterprise Network Connection Approver",
        (
            Permission(
                (
                    *_approvable(
                        "Microsoft.Cache/redis",
                        "Microsoft.Cache/redisEnterprise",
                        "Microsoft.CognitiveServices/accounts",
                        "Microsoft.DocumentDB/databaseAccounts",
                        "Microsoft.KeyVault/vaults",
                        _ML,
                        "Microsoft.Sql/servers",
                        "Microsoft.Storage/storageAccounts",
                    ),
                    f"{_ACR}/privateEndpointConnections/read",
                    f"{_ACR}/privateEndpointConnections/write",
                    *_approved(
                        _ACR,
                        "Microsoft.Cache/redis",
                        "Microsoft.Cache/redisEnterprise",
                        "Microsoft.DocumentDB/databaseAccounts",
                        "Microsoft.KeyVault/vaults",
                        _ML,
                        "Microsoft.Sql/servers",
                    ),
                )
            ),
        ),
    ),
}

BY_NAME: Final = {role.name.casefold(): role for role in BUILT_IN.values()}
ID_OF: Final = {role.name: key for key, role in BUILT_IN.items()}
