"""The rule default-identity-cannot-pull."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    ComputeCluster,
    ContainerRegistry,
    Estate,
    Facet,
    Finding,
    ResourceId,
    Rule,
    Severity,
)
from azmlint_rules.granted import ASSIGNED, DEFINED, Need, lacking, remedy

PULL = "Microsoft.ContainerRegistry/registries/pull/read"
READ_CONTENT = "Microsoft.ContainerRegistry/registries/repositories/content/read"


class DefaultIdentityCannotPull(Rule[ComputeCluster]):
    """Compute cluster pulls images as an identity that may not pull them.

    ## Why
    Nodes pull what is built for a workspace from its registry as the default identity of the cluster.
    Azure Machine Learning grants AcrPull when it links both, but not to a cluster that was there before
    the registry, nor to an identity that somebody else made. Without it jobs fail before they start,
    unless the registry has an admin user, in whose name the service can pull.

    ## Not when
    The cluster has no identity, or its workspace no registry of its own. Images of Microsoft and of
    public registries take no role, and which other registries environments name is not looked into.
    Conditions of roles, groups of which the members were not read, and several user-assigned identities
    of which only some may pull are left open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"containerRegistry": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images"}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "registries", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "name": "images", "location": "westeurope", "properties": {"adminUserEnabled": false}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/f6c7c914-8db3-469d-8ca1-694a8f32e121", "scope": "/subscriptions/s/resourceGroups/ml"}}]},
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"containerRegistry": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images"}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "registries", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "name": "images", "location": "westeurope", "properties": {"adminUserEnabled": false}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented; that a cluster older than the registry got no role was observed in public reports.
    That the first user-assigned identity is the default is documented, which one is the first is not.

    ## References
    - Azure Machine Learning, Set up service authentication (10 June 2025)
    - Azure Container Registry, Attribute-based repository permissions (2026)
    - azureml-examples issue 3956, jobs that fail at the pull (May 2026)
    """

    name = "default-identity-cannot-pull"
    severity = Severity.ERROR
    needs = ASSIGNED
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES, Facet.REGISTRIES}) | DEFINED

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if cluster.identity.is_absent and cluster.identity_ids.is_absent:
            return
        workspace = estate.workspace_of(cluster)
        if workspace.registry.is_absent:
            return
        registry_id = ResourceId.of(workspace.registry.term)
        registry = estate.find(ContainerRegistry, registry_id)
        if registry.role_mode.equals("abacrepositorypermissions"):
            role = "Container Registry Repository Reader"
            need = Need(READ_CONTENT, registry_id, role, is_data=True)
        else:
            need = Need(PULL, registry_id, "AcrPull")
        lack = lacking(cluster, (need,), estate)
        if lack is None:
            return
        has_admin = registry.admin_user.equals(other=True)
        without = "only its admin user can pull" if has_admin else "jobs fail at the pull"
        found = remedy(lack, "registry")
        yield self.finding(
            cluster.identity,
            f"{cluster.label} pulls as {lack.as_whom}, which may not pull from {registry.label}: {without}",
            severity=Severity.WARNING if has_admin else None,
            related=[
                (workspace.registry, "the registry of the workspace"),
                *found.get("related", ()),
            ],
            fixes=found.get("fixes", ()),
            why_no_fix=found.get("why_no_fix"),
        )
