"""The rule managed-network-approver-role-missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from azmlint import (
    Estate,
    Facet,
    Finding,
    Object,
    OutboundRule,
    Reason,
    ResourceId,
    Rule,
    Term,
    Undecided,
    Value,
    Workspace,
)
from azmlint_rules.granted import ASSIGNED, DEFINED, Lack, Need, lacking, remedy

ROLE = "Azure AI Enterprise Network Connection Approver"


class ManagedNetworkApproverRoleMissing(Rule[Workspace]):
    """Managed network has a private endpoint to something of which the workspace may approve none.

    ## Why
    Since 30 April 2025 the identity of a workspace does not get the permission by itself to approve
    private endpoints from its managed network. Without Azure AI Enterprise Network Connection Approver,
    or another role that may, on the resource, the outbound rule stays pending and the network cannot be
    provisioned.

    ## Not when
    The network is not managed, or the rule is one that the service adds itself. Any role that may approve
    connections of the resource will do; conditions of roles and groups that were not read are left open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": {"lake": {"type": "PrivateEndpoint", "category": "UserDefined", "destination": {"serviceResourceId": "/subscriptions/s/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/lake", "subresourceTarget": "dfs"}}}}}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c", "scope": "/subscriptions/s/resourceGroups/ml"}}]},
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": {"lake": {"type": "PrivateEndpoint", "category": "UserDefined", "destination": {"serviceResourceId": "/subscriptions/s/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/lake", "subresourceTarget": "dfs"}}}}}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/lake/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/b556d68e-0be0-4f35-a333-ad7ee1ce17ea", "scope": "/subscriptions/s/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/lake"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Workspace managed virtual network isolation, Approval of private endpoints (23 May 2025)
    """

    name = "managed-network-approver-role-missing"
    needs = ASSIGNED
    uses = frozenset({Facet.WORKSPACES}) | DEFINED
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        if workspace.isolation.effective().equals("disabled"):
            return
        reasons: list[Reason] = []
        found: list[tuple[Value[Any], Lack]] = []
        for at, target in _targets(workspace, estate):
            if not target.is_ground:
                text = f"the target of an outbound rule of {workspace.label} is not known"
                reasons.append(Reason("runtime", text))
                continue
            action = f"{target.resource_type}/privateEndpointConnections/write"
            try:
                lack = lacking(workspace, (Need(action, target, ROLE),), estate)
            except Undecided as undecided:
                reasons += undecided.reasons
                continue
            if lack is not None:
                found.append((at, lack))
        for at, lack in found:
            cure = remedy(lack, "resource")
            target = lack.needs[0].scope
            yield self.finding(
                at,
                f"{workspace.label} approves private endpoints as {lack.as_whom}, which may not approve "
                f"one of '{target.shown_name}': the outbound rule stays pending",
                related=cure.get("related", ()),
                fixes=cure.get("fixes", ()),
                why_no_fix=cure.get("why_no_fix"),
            )
        if reasons:
            raise Undecided(tuple(dict.fromkeys(reasons)))


def _targets(workspace: Workspace, estate: Estate) -> Iterator[tuple[Value[Any], ResourceId]]:
    """Yield what rules make a private endpoint of, those that are declared apart among them."""
    rules = workspace.outbound_rules
    for index, member in enumerate(() if rules.is_absent else rules.require().members):
        target = _target(member)
        if target is not None:
            yield rules.item(index, member), target
    for rule in estate.of(OutboundRule):
        is_its = rule.id.parent.key == workspace.id.key and not estate.is_redeclared(rule)
        if is_its and rule.target.given and rule.exists():
            yield rule.target, ResourceId.of(rule.target.term)


def _target(rule: Term) -> ResourceId | None:
    """Give what a rule makes a private endpoint of; None for a rule of another kind."""
    kind, category = _at(rule, "type"), _at(rule, "category")
    if str(kind.data).replace("_", "").casefold() != "privateendpoint":
        return None
    # What the service itself adds is for it to approve.
    if str(category.data).casefold() in {"required", "recommended"}:
        return None
    destination = _at(rule, "destination")
    names = ("serviceResourceId", "service_resource_id")
    stated = [t for t in (_at(destination, name) for name in names) if t.data != ""]
    target = ResourceId.of(stated[0]) if stated else ResourceId(())
    return target if target.segments else None


def _at(term: Term, name: str) -> Term:
    found = term.data.lookup(name) if isinstance(term.data, Object) else None
    return found if found is not None else Term("")
