"""The rule deployer-cannot-join-subnet."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Facet,
    Finding,
    Fix,
    ResourceId,
    Rule,
)
from azmlint_rules.granted import ASSIGNED, DEFINED, Need, barred
from azmlint_rules.recipes import grant

_NETWORKS = "Microsoft.Network/virtualNetworks"


class DeployerCannotJoinSubnet(Rule[Compute]):
    """Nobody who may create a compute may put it into its subnet.

    ## Why
    Creating a cluster in a subnet takes the actions `virtualNetworks/join` and
    `virtualNetworks/subnets/join` on it, apart from those on the workspace; the network often belongs to
    another team, in another resource group. Without them the creation fails with
    `LinkedAuthorizationFailed`.

    ## Not when
    Somebody who may create computes of the workspace may join the subnet too, be it not the one who
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "44444444-dddd-4ddd-8ddd-444444444444", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml"}}]},
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "44444444-dddd-4ddd-8ddd-444444444444", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml"}},
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/providers/Microsoft.Authorization/roleAssignments/r2", "name": "r2", "properties": {"principalId": "44444444-dddd-4ddd-8ddd-444444444444", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7", "scope": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented; that nobody else deploys is deduced from the roles that were read.

    ## References
    - Azure Machine Learning, Secure training environments, Required permissions (12 June 2025)
    - Azure built-in roles, Network Contributor (read November 2026)
    """

    name = "deployer-cannot-join-subnet"
    needs = ASSIGNED
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES}) | DEFINED

    deployer: str = ""
    """The object id of who deploys; empty for all that may create computes."""

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if compute.subnet.absent:
            return
        subnet = ResourceId.of(compute.subnet.term)
        network = subnet.parent
        role = "Network Contributor"
        needs = (
            Need(f"{_NETWORKS}/join/action", network, role),
            Need(f"{_NETWORKS}/subnets/join/action", subnet, role),
        )
        found = barred(compute.id.parent, needs, self.deployer, estate)
        if found is None:
            return
        step = grant(role, network, "virtual-network", found.principal)
        yield self.finding(
            compute.subnet,
            found.says(compute.label, f"join its subnet '{subnet.shown_name}'")
            + ": creating it fails with LinkedAuthorizationFailed",
            related=[(a, "lets it create computes") for a in found.by],
            fixes=(Fix(f"grant {role} on the network", Applicability.DISPLAY, (), (step,)),),
        )
