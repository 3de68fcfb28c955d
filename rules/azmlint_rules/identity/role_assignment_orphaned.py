"""The rule role-assignment-orphaned."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Principal,
    ResourceId,
    Role,
    RoleAssignment,
    Rule,
    Step,
)
from azmlint_rules.granted import ASSIGNED, DEFINED
from azmlint_rules.recipes import grant, revoke


class RoleAssignmentOrphaned(Rule[RoleAssignment]):
    """Role belongs to a principal that is gone, and what replaced it has no such role.

    ## Why
    A system-assigned identity lives and dies with its compute. A cluster that is deleted and created
    again under its old name gets another principal; the roles stay with the old one, and jobs that
    worked yesterday get 403 today. A user-assigned identity outlives the cluster.

    Azure Resource Manager does not say which principals exist. Reported are roles of a principal that the
    service calls unknown, and roles on what a workspace uses, of a principal that is none of the identities
    that were read, where a later cluster of the workspace has no such role. The second is deduced: an
    application of another purpose can have such a role too.

    ## Not when
    The principal is an identity that was read, a person or a group, or the role is on something that no
    workspace uses. Where identities or endpoints were not read it is left open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"containerRegistry": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data"}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute", "createdOn": "2026-11-01T08:00:00Z"}}]},
        {"facet": "registries", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "name": "images", "location": "westeurope", "properties": {}}]},
        {"facet": "onlineEndpoints", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": []},
        {"facet": "userAssignedIdentities", "scope": "/subscriptions/s", "state": "collected", "items": []},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "99999999-9999-4999-8999-999999999999", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "createdOn": "2026-03-01T08:00:00Z"}}]},
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"containerRegistry": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data"}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute", "createdOn": "2026-11-01T08:00:00Z"}}]},
        {"facet": "registries", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "name": "images", "location": "westeurope", "properties": {}}]},
        {"facet": "onlineEndpoints", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": []},
        {"facet": "userAssignedIdentities", "scope": "/subscriptions/s", "state": "collected", "items": []},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ContainerRegistry/registries/images", "createdOn": "2026-03-01T08:00:00Z"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Deduced: that the identity dies with its cluster is documented; that a role belonged to the one before
    is concluded from the dates of both.

    ## References
    - Azure Machine Learning, Create compute clusters, Set up managed identity (11 September 2025)
    - Azure role-based access control, Troubleshoot, Role assignments with identity not found (read November 2026)
    """

    name = "role-assignment-orphaned"
    needs = ASSIGNED
    uses = frozenset({Facet.WORKSPACES, Facet.COMPUTES, Facet.ONLINE_ENDPOINTS}) | DEFINED
    judges_declared = False

    def check(self, assignment: RoleAssignment, estate: Estate) -> Iterator[Finding]:
        kind = (assignment.principal_type.known or "").casefold()
        scope = assignment.scope
        principal = assignment.principal.known
        if scope is None or principal is None:
            return
        if kind == "unknown":
            yield self.finding(
                assignment,
                f"{assignment.label} is for a principal that no longer exists",
                fixes=(_fix("take it away", revoke(assignment)),),
            )
            return
        if kind != "serviceprincipal":
            return
        workspaces = [w for w, _ in estate.workspaces_using(scope) if w.is_deployed]
        if not workspaces or estate.access.knows(principal):
            return
        role = estate.access.role(assignment)
        for workspace in workspaces:
            later = [
                c
                for c in estate.computes_of(workspace)
                if isinstance(c, ComputeCluster) and _is_later(c, assignment)
            ]
            heirs = [c for c in later if _lacks(c, role, scope, estate)]
            if not heirs:
                continue
            for facet in (Facet.IDENTITIES, Facet.WORKSPACES):
                estate.require(facet, workspace.id.subscription or workspace.id)
            estate.require(Facet.ONLINE_ENDPOINTS, workspace.id)
            heir = heirs[0]
            own = heir.system_principal.require()
            steps = (grant(role.name, scope, "resource", own), revoke(assignment))
            yield self.finding(
                assignment,
                f"{assignment.label} gives '{role.name}' on '{scope.shown_name}' to none of the identities "
                f"that were read, and {heir.label}, created later, has no such role: if it was created "
                "again, the role belongs to the identity that it had before",
                related=[(c, f"{c.label} was created {c.created_on.text}") for c in heirs],
                fixes=(_fix(f"grant {role.name} to the identity of today", *steps),),
            )
            return


def _fix(title: str, *steps: Step) -> Fix:
    return Fix(title, Applicability.DISPLAY, (), steps)


def _is_later(cluster: ComputeCluster, assignment: RoleAssignment) -> bool:
    created, granted = cluster.created_on.known, assignment.created_at.known
    return (
        cluster.system_principal.known is not None
        and created is not None
        and granted is not None
        and created > granted
    )


def _lacks(cluster: ComputeCluster, role: Role, scope: ResourceId, estate: Estate) -> bool:
    """Whether a cluster certainly may do nothing of what a role allows by name."""
    who = Principal((cluster.system_principal.require(),), cluster.label)
    probes = [
        (action, is_data)
        for p in role.permissions
        for actions, is_data in ((p.actions, False), (p.data_actions, True))
        for action in actions
        if "*" not in action
    ]
    return bool(probes) and all(
        estate.access.may(who, action, scope, is_data=is_data).allowed.known is False
        for action, is_data in probes
    )
