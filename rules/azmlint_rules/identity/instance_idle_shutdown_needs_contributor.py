"""The rule instance-idle-shutdown-needs-contributor."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeInstance, Estate, Facet, Finding, Rule
from azmlint_rules.granted import ASSIGNED, DEFINED, Need, lacking, remedy

STOP = "Microsoft.MachineLearningServices/workspaces/computes/stop/action"


class InstanceIdleShutdownNeedsContributor(Rule[ComputeInstance]):
    """Compute instance is to stop when idle, as an identity that may not stop it.

    ## Why
    An instance with a managed identity stops itself as that identity, which takes Contributor on the
    workspace. Without it the instance stays on, and nothing says so. Reported where the identity may not
    even stop a compute; a role of one's own that may do that and less than Contributor is left alone.

    ## Not when
    The instance has no identity or no idle time. A role of one's own that may stop computes, and is less
    than Contributor, is left alone.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/dev-box", "name": "dev-box", "properties": {"computeType": "ComputeInstance", "properties": {"idleTimeBeforeShutdown": "PT30M"}}, "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "scope": "/subscriptions/s"}}]},
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/dev-box", "name": "dev-box", "properties": {"computeType": "ComputeInstance", "properties": {"idleTimeBeforeShutdown": "PT30M"}}, "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented: the page asks for Contributor. That the permission to stop a compute decides is deduced.

    ## References
    - Azure Machine Learning, Create a compute instance, Configure idle shutdown (read November 2026)
    """

    name = "instance-idle-shutdown-needs-contributor"
    needs = ASSIGNED
    uses = frozenset({Facet.COMPUTES}) | DEFINED

    def check(self, instance: ComputeInstance, estate: Estate) -> Iterator[Finding]:
        if instance.idle_minutes.absent:
            return
        workspace = instance.id.parent
        lack = lacking(instance, (Need(STOP, workspace, "Contributor"),), estate)
        if lack is None:
            return
        found = remedy(lack, "workspace")
        yield self.finding(
            instance.identity,
            f"{instance.label} stops when idle as {lack.as_whom}, which may not stop computes of "
            f"workspace '{workspace.shown_name}': it stays on",
            related=[(instance.idle_minutes, "the idle time"), *found.get("related", ())],
            fixes=found.get("fixes", ()),
            why_no_fix=found.get("why_no_fix"),
        )
