"""The rule policy-denies-delete."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Facet,
    Finding,
    Fix,
    PolicyAssignment,
    ResourceId,
    Rule,
    Ruling,
    Severity,
    Undecided,
)
from azmlint_rules.locks._guarded import (
    has_public_address,
    in_force_on,
    network_users,
    workspaces_in,
)
from azmlint_rules.network_policy import named, ruled, would_rule
from azmlint_rules.recipes import exempt

_EFFECTS = frozenset({"denyAction"})


class PolicyDeniesDelete(Rule[PolicyAssignment]):
    """Policy refuses to delete the network objects that Azure makes for compute nodes.

    ## Why
    A policy with the effect `denyAction` refuses deletions like a lock, but no list of locks shows it.
    Where it covers load balancers, public addresses or network security groups in the resource group
    of a virtual network with compute nodes, Azure cannot give back what it made for them: clusters hang
    at "resizing 0 -> 0" or keep nodes nobody uses. That policies act on these objects as locks do is
    deduced, not documented.

    Evaluated are the conditions of every definition, initiatives, parameters, excluded scopes,
    exemptions, selectors, overrides, switched-off effects and assignments that are not enforced. Of the
    objects their types, names and region are known, and that they carry no tags; a condition on anything
    else is left open. Clusters without public addresses are documented to need none of these objects.

    ## Not when
    No cluster with public addresses is in a network there; the assignment is not enforced, is exempt or
    leaves the group out. Conditions other than on the type are left open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "policyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/keep", "name": "keep", "properties": {"displayName": "Keep network objects", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/78460a36-508a-49a4-b2b2-2f5ec564f4bb", "parameters": {"listOfResourceTypesDisallowedForDeletion": {"value": ["Microsoft.Network/loadBalancers", "Microsoft.Network/publicIPAddresses", "Microsoft.Network/networkSecurityGroups"]}}}}]},
        {"facet": "policyExemptions", "scope": "/subscriptions/s", "state": "collected", "items": []}
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "policyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/keep", "name": "keep", "properties": {"displayName": "Keep network objects", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/78460a36-508a-49a4-b2b2-2f5ec564f4bb", "parameters": {"listOfResourceTypesDisallowedForDeletion": {"value": ["Microsoft.Network/loadBalancers", "Microsoft.Network/publicIPAddresses", "Microsoft.Network/networkSecurityGroups"]}}, "notScopes": ["/subscriptions/s/resourceGroups/net"]}}]},
        {"facet": "policyExemptions", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Deduced: the effect of the policy is documented, that on these objects is not.

    ## References
    - Azure Policy, Understand the denyAction effect; built-in 78460a36-508a-49a4-b2b2-2f5ec564f4bb (29
      April 2026)
    - Azure Machine Learning, Create compute clusters, note on locks (February 2025)
    """

    name = "policy-denies-delete"
    severity = Severity.ERROR
    needs = frozenset({Facet.POLICY_ASSIGNMENTS, Facet.WORKSPACES})
    uses = frozenset(
        {Facet.COMPUTES, Facet.NETWORKS, Facet.POLICY_DEFINITIONS, Facet.POLICY_EXEMPTIONS}
    )
    judges_declared = False

    def check(self, assignment: PolicyAssignment, estate: Estate) -> Iterator[Finding]:
        if assignment.enforcement.matches("donotenforce"):
            return
        scopes = in_force_on(assignment)
        users = [user for scope in scopes for user in network_users(scope, estate)]
        if not users:
            inhabited = [s for s in scopes if workspaces_in(s, estate)]
            if inhabited and would_rule(assignment, inhabited[0], estate, _EFFECTS) is not None:
                yield self._note(assignment, users)
            return
        held, gap = _held(assignment, users, estate)
        open_ = [(n, c, r) for n, c, r in held if has_public_address(c)]
        if open_:
            yield self._error(assignment, open_)
        elif gap is not None:
            raise gap
        elif held:
            yield self._note(assignment, [(n, c) for n, c, _ in held])

    def _error(
        self, assignment: PolicyAssignment, held: list[tuple[ResourceId, Compute, Ruling]]
    ) -> Finding:
        first = held[0][1]
        groups = {n.group.key: (n.group, r) for n, _, r in held if n.group is not None}
        is_read = all(r.gap is None for _, _, r in held)
        unread = "" if is_read else "; whether an exemption leaves it out was not read"
        more = f" and of {len(held) - 1} more" if len(held) > 1 else ""
        return self.finding(
            assignment,
            f"{named(assignment)} refuses to delete network objects in the resource group "
            f"'{next(iter(groups.values()))[0].name}' of the network of {first.label}{more}, so nodes "
            f"cannot be given back, as under a lock{unread}",
            severity=None if is_read else Severity.WARNING,
            related=[(c, f"{c.label} has its nodes in '{n.name}'") for n, c, _ in held],
            fixes=(
                Fix(
                    "exempt the resource groups of the networks",
                    Applicability.DISPLAY,
                    steps=tuple(
                        exempt(assignment, group, ruling.assigned.reference)
                        for group, ruling in groups.values()
                    ),
                ),
            ),
        )

    def _note(
        self, assignment: PolicyAssignment, users: list[tuple[ResourceId, Compute]]
    ) -> Finding:
        fact = (
            f"{users[0][1].label} has no public addresses and needs none of them, as far as is "
            "documented"
            if users
            else "no cluster with public addresses is in a network there"
        )
        return self.finding(
            assignment,
            f"{named(assignment)} refuses to delete network objects as Azure makes them for compute "
            f"nodes, but {fact}",
            severity=Severity.NOTE,
            related=[(c, f"{c.label} has its nodes in '{n.name}'") for n, c in users],
            why_no_fix="leave the resource groups of virtual networks out before clusters with "
            "public addresses use them",
        )


def _held(
    assignment: PolicyAssignment, users: list[tuple[ResourceId, Compute]], estate: Estate
) -> tuple[list[tuple[ResourceId, Compute, Ruling]], Undecided | None]:
    """Give the users of networks in which deletions are refused, and the first open question."""
    found: list[tuple[ResourceId, Compute, Ruling]] = []
    first: Undecided | None = None
    for network, compute in users:
        try:
            ruling = ruled(assignment, network, compute, estate, _EFFECTS)
        except Undecided as undecided:
            first = first or undecided
            continue
        if ruling is not None:
            found.append((network, compute, ruling))
    return found, first
