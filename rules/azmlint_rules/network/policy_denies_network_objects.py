"""The rule policy-denies-network-objects."""

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
from azmlint_rules.locks._guarded import has_public_address, in_force_on, network_users
from azmlint_rules.network_policy import named, ruled
from azmlint_rules.recipes import exempt

_REFUSES = frozenset({"deny"})
_CHANGES = frozenset({"append", "modify"})


class PolicyDeniesNetworkObjects(Rule[PolicyAssignment]):
    """Policy refuses or changes the network objects that Azure makes for compute nodes.

    ## Why
    For a cluster in a virtual network Azure Batch makes a network security group, public IP addresses
    and load balancers in the resource group of the network. A policy that refuses one of them keeps the
    cluster from growing, which often shows as a cluster that resizes without end; no message names the
    policy. Common ones: types that are not allowed, regions that are not listed, tags that everything
    must have.

    Evaluated are the conditions of every definition, initiatives, parameters, excluded scopes,
    exemptions, selectors and overrides. Of the objects their types, names and region are known; that
    they carry no tags is deduced. A condition on anything else is left open. Clusters without public
    addresses are documented to need none of these objects.

    ## Not when
    No compute is in a network there; the assignment is not enforced, is exempt or leaves the group out.
    For clusters without public addresses it is a note. Conditions on properties of these objects that
    nobody documents are left open.

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
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/types", "name": "types", "properties": {"displayName": "No public addresses", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/6c112d4e-5bc7-47ae-a041-ea2d9dccd749", "parameters": {"listOfResourceTypesNotAllowed": {"value": ["Microsoft.Network/publicIPAddresses"]}}}}]},
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
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/types", "name": "types", "properties": {"displayName": "No public addresses", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/6c112d4e-5bc7-47ae-a041-ea2d9dccd749", "parameters": {"listOfResourceTypesNotAllowed": {"value": ["Microsoft.Network/publicIPAddresses"]}}, "notScopes": ["/subscriptions/s/resourceGroups/net"]}}]},
        {"facet": "policyExemptions", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented for the network security group, and for all three objects by Azure Data Factory, for which
    Batch makes the same; that they carry no tags is deduced.

    ## References
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - Azure Data Factory, Standard virtual network injection (read November 2026)
    - Azure Policy, built-ins 6c112d4e-5bc7-47ae-a041-ea2d9dccd749, e56962a6-4747-49cd-b67b-bf8b01975c4c
      and 871b6d14-10aa-478d-b590-94f262ecfa99 (29 April 2026)
    """

    name = "policy-denies-network-objects"
    severity = Severity.ERROR
    needs = frozenset({Facet.POLICY_ASSIGNMENTS, Facet.WORKSPACES})
    uses = frozenset(
        {
            Facet.COMPUTES,
            Facet.GROUPS,
            Facet.NETWORKS,
            Facet.POLICY_DEFINITIONS,
            Facet.POLICY_EXEMPTIONS,
        }
    )
    judges_declared = False
    codes = ("RequestDisallowedByPolicy",)

    def check(self, assignment: PolicyAssignment, estate: Estate) -> Iterator[Finding]:
        if assignment.enforcement.matches("donotenforce"):
            return
        scopes = in_force_on(assignment)
        users = [user for scope in scopes for user in network_users(scope, estate)]
        gap: Undecided | None = None
        for effects in (_REFUSES, _CHANGES):
            held: list[tuple[ResourceId, Compute, Ruling]] = []
            for network, compute in users:
                try:
                    ruling = ruled(assignment, network, compute, estate, effects)
                except Undecided as undecided:
                    gap = gap or undecided
                    continue
                if ruling is not None:
                    held.append((network, compute, ruling))
            if held:
                yield self._found(assignment, held, is_refused=effects is _REFUSES)
        if gap is not None:
            raise gap

    def _found(
        self,
        assignment: PolicyAssignment,
        held: list[tuple[ResourceId, Compute, Ruling]],
        *,
        is_refused: bool,
    ) -> Finding:
        exposed = [h for h in held if has_public_address(h[1])]
        network, first, ruling = (exposed or held)[0]
        groups = {n.group.key: (n.group, r) for n, _, r in held if n.group is not None}
        group = network.group or network
        verb = "refuses" if is_refused else "changes"
        fact = ruling.verdict.fact
        why = f" ({fact.text})" if fact is not None else ""
        more = f" and {len(held) - 1} more" if len(held) > 1 else ""
        is_read = all(r.gap is None for _, _, r in held)
        unread = "" if is_read else "; whether an exemption leaves it out was not read"
        if exposed:
            comes = "so that it cannot grow" if is_refused else "which may keep it from growing"
            severity = Severity.ERROR if is_refused and is_read else Severity.WARNING
        else:
            comes = "which it needs none of without public addresses, as far as is documented"
            severity = Severity.NOTE
        return self.finding(
            assignment,
            f"{named(assignment)} {verb} the {ruling.resource.kind} that Azure makes in the resource "
            f"group '{group.name}' for {first.label}{more}{why}, {comes}{unread}",
            severity=severity,
            related=[(c, f"{c.label} has its nodes in '{n.name}'") for n, c, _ in held],
            fixes=(
                Fix(
                    "exempt the resource groups of the networks",
                    Applicability.DISPLAY,
                    steps=tuple(
                        exempt(assignment, g, r.assigned.reference) for g, r in groups.values()
                    ),
                ),
            ),
        )
