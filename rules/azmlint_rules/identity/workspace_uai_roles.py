"""The rule workspace-uai-roles."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, KeyVault, Reason, ResourceId, Rule, Undecided, Workspace
from azmlint_rules.granted import ASSIGNED, DEFINED, Need, lacking, remedy

_PARTS = (
    ("storage", "storage account", "Microsoft.Storage/storageAccounts/write"),
    ("key_vault", "key vault", "Microsoft.KeyVault/vaults/write"),
    ("registry", "container registry", "Microsoft.ContainerRegistry/registries/write"),
    ("insights", "application insights", "Microsoft.Insights/components/write"),
)
_WRITE = "Microsoft.MachineLearningServices/workspaces/write"
_SECRETS = "Microsoft.KeyVault/vaults/secrets/getSecret/action"


class WorkspaceUaiRoles(Rule[Workspace]):
    """Workspace acts as a user-assigned identity that lacks roles on what the workspace uses.

    ## Why
    Nobody grants roles to a user-assigned identity by itself. The documentation asks for Contributor on
    the workspace, its storage account, key vault, registry and Application Insights, and for Key Vault
    Administrator where the vault has roles. Without them creating the workspace, making datastores or
    building images fails. Judged by what Contributor may do: to write each of them.

    ## Not when
    The workspace acts as its system-assigned identity, which gets these roles by itself. A role of one's
    own that may write each of them will do; a vault with access policies takes no role for its secrets.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}}, "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "keyVault": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/keys", "containerRegistry": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "applicationInsights": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Insights/components/insights", "primaryUserAssignedIdentity": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a"}}]},
        {"facet": "vaults", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/keys", "name": "keys", "location": "westeurope", "properties": {"enableRbacAuthorization": true}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws"}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data/providers/Microsoft.Authorization/roleAssignments/r2", "name": "r2", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}}, "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "keyVault": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/keys", "containerRegistry": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "applicationInsights": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Insights/components/insights", "primaryUserAssignedIdentity": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a"}}]},
        {"facet": "vaults", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/keys", "name": "keys", "location": "westeurope", "properties": {"enableRbacAuthorization": true}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml"}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/keys/providers/Microsoft.Authorization/roleAssignments/r2", "name": "r2", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.KeyVault/vaults/keys"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented; that the permission to write stands for Contributor is deduced.

    ## References
    - Azure Machine Learning, Set up service authentication, Workspace with user-assigned identity (10 June 2025)
    """

    name = "workspace-uai-roles"
    needs = ASSIGNED
    uses = frozenset({Facet.WORKSPACES, Facet.VAULTS}) | DEFINED
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        if workspace.primary_identity.is_absent and workspace.identity_ids.is_absent:
            return
        kinds = {workspace.id.key: "the workspace"}
        needs = [Need(_WRITE, workspace.id, "Contributor")]
        reasons: list[Reason] = []
        for name, kind, action in _PARTS:
            value = getattr(workspace, name)
            if value.is_absent:
                continue
            own = ResourceId.of(value.term)
            kinds[own.key] = f"{kind} '{own.shown_name}'"
            needs.append(Need(action, own, "Contributor"))
            if name == "key_vault":
                try:
                    vault = estate.find(KeyVault, own)
                except Undecided as undecided:
                    reasons += undecided.reasons
                    continue
                if vault.uses_roles.equals(other=True):
                    needs.append(Need(_SECRETS, own, "Key Vault Administrator", is_data=True))
        lack = lacking(workspace, tuple(needs), estate)
        if lack is None or lack.identity.assigned is None:
            if reasons and lack is None:
                raise Undecided(tuple(dict.fromkeys(reasons)))
            return
        found = remedy(lack, "resource")
        missing = ", ".join(f"{n.role} on {kinds[n.scope.key]}" for n in lack.needs)
        yield self.finding(
            workspace.identity,
            f"{workspace.label} acts as {lack.as_whom}, which lacks {missing}",
            related=found.get("related", ()),
            fixes=found.get("fixes", ()),
            why_no_fix=found.get("why_no_fix"),
        )
