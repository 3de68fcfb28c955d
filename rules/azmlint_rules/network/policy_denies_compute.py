"""The rule policy-denies-compute."""

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
    Ruling,
    Severity,
    Undecided,
)
from azmlint_rules.network_policy import named
from azmlint_rules.recipes import exempt


class PolicyDeniesCompute(Rule[Compute]):
    """An assigned policy refuses a compute as it is declared, or the next change of one.

    ## Why
    A policy with the effect `deny` refuses a create or update that its conditions hold for: the
    deployment ends with `RequestDisallowedByPolicy`. What exists already stays, but its next change is
    refused too, be it only another maximum of nodes.

    Evaluated is every policy that an assignment puts in force for the resource group of the workspace:
    conditions, aliases, parameters, initiatives, excluded scopes, exemptions, selectors and overrides.
    What a condition asks and the file does not tell is left open, as is an alias that azmlint does not
    know. Of YAML, Terraform and Python each property counts as its tool sends it.

    ## Not when
    The assignment is not enforced, is exempt, or leaves the resource group out; the effect is another than
    `deny`. An alias that azmlint does not know is left open, as is what the file does not tell.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_NC24ads_A100_v4"}}}]},
        {"facet": "policyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/sizes", "name": "sizes", "properties": {"displayName": "Allowed sizes", "policyDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/sizes"}}]},
        {"facet": "policyDefinitions", "scope": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/sizes", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/sizes", "name": "sizes", "properties": {"mode": "Indexed", "policyRule": {"if": {"field": "Microsoft.MachineLearningServices/workspaces/computes/vmSize", "like": "Standard_N*"}, "then": {"effect": "deny"}}}}]},
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_D4s_v5"}}}]},
        {"facet": "policyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/sizes", "name": "sizes", "properties": {"displayName": "Allowed sizes", "policyDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/sizes"}}]},
        {"facet": "policyDefinitions", "scope": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/sizes", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/sizes", "name": "sizes", "properties": {"mode": "Indexed", "policyRule": {"if": {"field": "Microsoft.MachineLearningServices/workspaces/computes/vmSize", "like": "Standard_N*"}, "then": {"effect": "deny"}}}}]},
        {"facet": "policyExemptions", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Specified: conditions count as the documentation of Azure Policy states them, and what it does not
    state is left open.

    ## References
    - Azure Policy, Definition structure of policy rules (March 2025)
    - Azure Machine Learning, Audit and manage with Azure Policy (read November 2026)
    - Azure/azure-policy, built-in definitions (29 April 2026)
    """

    name = "policy-denies-compute"
    severity = Severity.ERROR
    needs = frozenset({Facet.POLICY_ASSIGNMENTS})
    uses = frozenset(
        {
            Facet.COMPUTES,
            Facet.GROUPS,
            Facet.POLICY_DEFINITIONS,
            Facet.POLICY_EXEMPTIONS,
            Facet.WORKSPACES,
        }
    )
    codes = ("RequestDisallowedByPolicy",)

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        gap: Undecided | None = None
        for ruling in estate.policies.rulings(compute):
            verdict = ruling.verdict
            if verdict.effect not in {"deny", ""}:
                continue
            if verdict.holds.known:
                yield self._refused(compute, ruling)
            elif verdict.holds.known is None:
                gap = gap or Undecided(verdict.holds.reasons, verdict.holds.decisions)
        if gap is not None:
            raise gap

    def _refused(self, compute: Compute, ruling: Ruling) -> Finding:
        assigned = ruling.assigned
        fact = ruling.verdict.fact
        is_sure = ruling.gap is None and not compute.is_deployed
        what = f"the next change of {compute.label}" if compute.is_deployed else compute.label
        why = f": {fact.text}" if fact is not None else ""
        unread = "" if ruling.gap is None else "; whether an exemption leaves it out was not read"
        group = compute.id.group
        return self.finding(
            compute if fact is None else fact.on,
            f"{what} is refused by the policy '{ruling.title}' of {named(assigned.assignment)}"
            f"{why}{unread}",
            severity=None if is_sure else Severity.WARNING,
            related=[(assigned.assignment, f"{named(assigned.assignment)} puts it in force")],
            fixes=()
            if group is None
            else (
                Fix(
                    "exempt the resource group, if the compute has to be as it is",
                    Applicability.DISPLAY,
                    steps=(exempt(assigned.assignment, group, assigned.reference),),
                ),
            ),
            why_no_fix="change what the policy refuses" if group is None else None,
        )
