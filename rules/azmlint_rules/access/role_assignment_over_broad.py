"""The rule role-assignment-over-broad."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    CONTRIBUTOR,
    OWNER,
    Estate,
    Facet,
    Finding,
    Reason,
    ResourceId,
    RoleAssignment,
    Rule,
    Severity,
    Undecided,
)
from azmlint_rules.granted import ASSIGNED, DEFINED

_NAMES = {OWNER: "Owner", CONTRIBUTOR: "Contributor"}


class RoleAssignmentOverBroad(Rule[RoleAssignment]):
    """Identity has Owner or Contributor of a whole subscription.

    ## Why
    Whoever can run a job on a cluster can do what the identity of the cluster may. With Owner or
    Contributor of the subscription, or above it, that is everything in it; and yet neither lets it read
    a blob. Roles on the workspace, its storage account and its registry are enough. Of what is deployed,
    identities of workspaces and computes are judged; of what files declare, every role that is not said
    to be for a person or a group.

    ## Not when
    The role is on a resource group or less, or for a person or a group. Of what is deployed, identities of
    something other than workspaces and computes are left alone.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ```hcl
    data "azurerm_subscription" "current" {}

    resource "azurerm_resource_group" "ml" {
      name     = "ml"
      location = "westeurope"
    }
    resource "azurerm_user_assigned_identity" "train" {
      name                = "train"
      resource_group_name = azurerm_resource_group.ml.name
      location            = "westeurope"
    }
    resource "azurerm_role_assignment" "train" {
      scope                = "/subscriptions/11111111-1111-1111-1111-111111111111"
      role_definition_name = "Owner"
      principal_id         = azurerm_user_assigned_identity.train.principal_id
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ```hcl
    data "azurerm_subscription" "current" {}

    resource "azurerm_resource_group" "ml" {
      name     = "ml"
      location = "westeurope"
    }
    resource "azurerm_user_assigned_identity" "train" {
      name                = "train"
      resource_group_name = azurerm_resource_group.ml.name
      location            = "westeurope"
    }
    resource "azurerm_role_assignment" "train" {
      scope                = azurerm_resource_group.ml.id
      role_definition_name = "Contributor"
      principal_id         = azurerm_user_assigned_identity.train.principal_id
    }
    ```

    ## How sure
    Documented as advice; how much a job needs instead is deduced from what the service documents.

    ## References
    - Azure role-based access control, Best practices, Only grant the access users need (read November 2026)
    - Azure Machine Learning, Manage access to workspaces (read November 2026)
    """

    name = "role-assignment-over-broad"
    severity = Severity.NOTE
    uses = ASSIGNED | DEFINED | {Facet.WORKSPACES, Facet.COMPUTES}

    def check(self, assignment: RoleAssignment, estate: Estate) -> Iterator[Finding]:
        scope = assignment.scope
        role = _role_of(assignment, estate)
        if role is None:
            return
        if scope is None or not scope.is_rooted:
            text = f"the scope of {assignment.label} is known at deployment only"
            raise Undecided((Reason("runtime", text),))
        if scope.subscription is not None and not scope.is_subscription:
            return
        where = "the subscription" if scope.is_subscription else f"'{scope}', above subscriptions,"
        whom = _whom(assignment, estate)
        if whom is not None:
            yield self.finding(
                assignment,
                f"{assignment.label} gives {role} of {where} to {whom}: so has every job that runs as it",
                why_no_fix="grant roles on the workspace, its storage account and its registry instead",
            )


def _role_of(assignment: RoleAssignment, estate: Estate) -> str | None:
    """Name the role, if it is one of these; one of which the definition was not read is none."""
    own = ResourceId.of(assignment.role.term).name if assignment.role.given else None
    if own is not None:
        return _NAMES.get(own.casefold())
    if not assignment.role.given and not assignment.role_name.given:
        return None
    name = (
        estate.access.role(assignment).name
        if assignment.role.given
        else assignment.role_name.require()
    )
    return next((n for n in _NAMES.values() if n.casefold() == name.casefold()), None)


def _whom(assignment: RoleAssignment, estate: Estate) -> str | None:
    """Name whose identity gets it; None for whom it is not about."""
    principal = assignment.principal.known
    actor = estate.access.actor(principal) if principal is not None else None
    if actor is not None:
        return f"the identity of {actor.label}"
    if assignment.is_deployed:
        return None
    kind = (assignment.principal_type.known or "").casefold()
    return None if kind in {"user", "group", "foreigngroup"} else "an identity"
