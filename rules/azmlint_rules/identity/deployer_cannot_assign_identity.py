"""The rule deployer-cannot-assign-identity."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Facet,
    Finding,
    Fix,
    Rule,
    default_identity,
)
from azmlint_rules.granted import ASSIGNED, DEFINED, Need, barred
from azmlint_rules.recipes import grant

ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"


class DeployerCannotAssignIdentity(Rule[Compute]):
    """Nobody who may create a compute may give it its user-assigned identity.

    ## Why
    Creating a cluster with a user-assigned identity takes
    `userAssignedIdentities/assign/action` on the identity, apart from the actions on the workspace.
    Managed Identity Operator holds it. Without it the creation fails with `LinkedAuthorizationFailed`.

    ## Not when
    Somebody who may create computes of the workspace may assign the identity too, be it not the one who
    deploys; with the option that one is judged alone. The identities of workspaces and computes are not
    counted. Who is in a group is not known, and leaves the question open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a": {"principalId": "22222222-bbbb-4bbb-8bbb-222222222222"}}}, "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "44444444-dddd-4ddd-8ddd-444444444444", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws"}}]},
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a": {"principalId": "22222222-bbbb-4bbb-8bbb-222222222222"}}}, "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "44444444-dddd-4ddd-8ddd-444444444444", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws"}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a/providers/Microsoft.Authorization/roleAssignments/r2", "name": "r2", "properties": {"principalId": "44444444-dddd-4ddd-8ddd-444444444444", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/f1a07417-d97a-45cb-824c-7a7467783830", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented; that nobody else deploys is deduced from the roles that were read.

    ## References
    - Azure Machine Learning, Set up service authentication, Prerequisites (10 June 2025)
    - Azure built-in roles, Managed Identity Operator (read November 2026)
    """

    name = "deployer-cannot-assign-identity"
    needs = ASSIGNED
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES}) | DEFINED

    deployer: str = ""
    """The object id of who deploys; empty for all that may create computes."""

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        role = "Managed Identity Operator"
        for identity in default_identity(compute, estate).candidates:
            own = identity.assigned
            if own is None:
                continue
            found = barred(compute.id.parent, (Need(ASSIGN, own, role),), self.deployer, estate)
            if found is None:
                continue
            step = grant(role, own, "identity", found.principal)
            yield self.finding(
                compute.identity_ids,
                found.says(compute.label, f"assign {identity.label}")
                + ": creating it fails with LinkedAuthorizationFailed",
                related=[(a, "lets it create computes") for a in found.by],
                fixes=(Fix(f"grant {role} on it", Applicability.DISPLAY, (), (step,)),),
            )
            return
