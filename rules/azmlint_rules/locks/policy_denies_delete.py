"""The rule policy-denies-delete."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    TRUE,
    Applicability,
    Compute,
    Estate,
    Facet,
    Finding,
    Fix,
    PolicyAssignment,
    PolicyExemption,
    Reason,
    ResourceId,
    Rule,
    Severity,
    Truth,
    Undecided,
)
from azmlint_rules.locks._guarded import (
    BATCH_KINDS,
    has_public_address,
    in_force_on,
    network_users,
    workspaces_in,
)
from azmlint_rules.locks._policy import Policy, policies, refused
from azmlint_rules.recipes import exempt


class PolicyDeniesDelete(Rule[PolicyAssignment]):
    """Policy refuses to delete the network objects that Azure makes for compute nodes.

    ## Why
    A policy with the effect `denyAction` refuses deletions like a lock, but no list of locks shows it.
    Where it covers load balancers, public addresses or network security groups in the resource group
    of a virtual network with compute nodes, Azure cannot give back what it made for them: clusters hang
    at "resizing 0 -> 0" or keep nodes nobody uses. That policies act on these objects as locks do is
    deduced, not documented.

    Read are the built-in "Do not allow deletion of resource types" and definitions that test the type
    alone; what other conditions say is left open. Excluded scopes, exemptions, switched-off effects and
    assignments that are not enforced are respected. Clusters without public addresses are documented to
    need none of these objects.

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

    ## References
    - Azure Policy, Understand the denyAction effect; built-in 78460a36-508a-49a4-b2b2-2f5ec564f4bb
    - Azure Machine Learning, Create compute clusters, note on locks (February 2025)
    """

    name = "policy-denies-delete"
    severity = Severity.ERROR
    needs = frozenset({Facet.POLICY_ASSIGNMENTS, Facet.WORKSPACES})
    uses = frozenset({Facet.COMPUTES, Facet.POLICY_DEFINITIONS, Facet.POLICY_EXEMPTIONS})
    judges_declared = False

    def check(self, assignment: PolicyAssignment, estate: Estate) -> Iterator[Finding]:
        if assignment.enforcement.matches("donotenforce"):
            return
        policy = _refusing(assignment, estate)
        if policy is None:
            return
        scopes = in_force_on(assignment)
        everywhere = [user for scope in scopes for user in network_users(scope, estate)]
        users = [user for user in everywhere if not _is_left_out(user[0], assignment)]
        if not users and (everywhere or not any(workspaces_in(s, estate) for s in scopes)):
            return
        if isinstance(policy, Undecided):
            raise policy
        open_ = [user for user in users if has_public_address(user[1])]
        if not open_:
            yield self._note(assignment, users)
            return
        held = [u for u in open_ if not _is_exempt(u[0], assignment, policy, estate)]
        if not held:
            return
        first = held[0][1]
        groups = list({n.group.key: n.group for n, _ in held if n.group is not None}.values())
        gap = next((g for g in groups if not estate.is_known(Facet.POLICY_EXEMPTIONS, g)), None)
        unread = "" if gap is None else "; whether an exemption leaves it out was not read"
        more = f" and of {len(held) - 1} more" if len(held) > 1 else ""
        yield self.finding(
            assignment,
            f"{_named(assignment)} refuses to delete network objects in the resource group "
            f"'{groups[0].name}' of the network of {first.label}{more}, so nodes cannot be given "
            f"back, as under a lock{unread}",
            severity=None if gap is None else Severity.WARNING,
            related=[(c, f"{c.label} has its nodes in '{n.name}'") for n, c in held],
            fixes=(
                Fix(
                    "exempt the resource groups of the networks",
                    Applicability.DISPLAY,
                    steps=tuple(exempt(assignment, g, policy.reference) for g in groups),
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
            f"{_named(assignment)} refuses to delete network objects as Azure makes them for compute "
            f"nodes, but {fact}",
            severity=Severity.NOTE,
            related=[(c, f"{c.label} has its nodes in '{n.name}'") for n, c in users],
            why_no_fix="leave the resource groups of virtual networks out before clusters with "
            "public addresses use them",
        )


def _refusing(assignment: PolicyAssignment, estate: Estate) -> Policy | Undecided | None:
    """Give the first policy that refuses, or why that is not known where none is known to."""
    gap: Undecided | None = None
    try:
        for policy in policies(assignment, estate):
            verdict = _refuses(policy, assignment, estate)
            if isinstance(verdict, Undecided):
                gap = gap or verdict
            elif verdict:
                return policy
    except Undecided as undecided:
        return gap or undecided
    return gap


def _refuses(policy: Policy, assignment: PolicyAssignment, estate: Estate) -> bool | Undecided:
    try:
        return bool(refused(policy, BATCH_KINDS, estate) & _is_whole(assignment))
    except Undecided as undecided:
        return undecided


def _is_whole(assignment: PolicyAssignment) -> Truth:
    """Whether an assignment applies its policies as they are, to all resources."""
    if assignment.overrides.is_absent and assignment.selectors.is_absent:
        return TRUE
    text = "overrides and resource selectors of an assignment are not evaluated"
    return Truth(None, (Reason("function", text),))


def _is_left_out(network: ResourceId, assignment: PolicyAssignment) -> bool:
    excluded = assignment.excluded.known
    group = network.group or network
    return excluded is not None and any(
        ResourceId.of(term).covers(group).known for term in excluded.members
    )


def _is_exempt(
    network: ResourceId, assignment: PolicyAssignment, policy: Policy, estate: Estate
) -> bool:
    for exemption in estate.of(PolicyExemption):
        if ResourceId.of(exemption.assignment.term).key != assignment.id.key:
            continue
        if exemption.scope is None or not exemption.scope.covers(network.group or network).known:
            continue
        until = exemption.expires_on.known
        if until is not None and until <= estate.now:
            continue
        only = exemption.references.known
        names = {str(t.data).casefold() for t in only.members} if only is not None else set()
        if not names or policy.reference.casefold() in names:
            return True
    return False


def _named(assignment: PolicyAssignment) -> str:
    title = assignment.title.known
    return f"{assignment.label} ({title})" if title else assignment.label
