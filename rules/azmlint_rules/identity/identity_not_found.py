"""The rule identity-not-found."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    ComputeSettings,
    Estate,
    Facet,
    Finding,
    ManagedIdentity,
    Object,
    Reason,
    ResourceId,
    Rule,
    Severity,
    Term,
    Undecided,
)


class IdentityNotFound(Rule[ComputeSettings]):
    """Compute names a user-assigned identity that does not exist.

    ## Why
    A user-assigned identity has to be there before a compute can have it: the creation fails. Of a
    compute that is deployed it was deleted since, and nothing can sign in with it.

    ## Not when
    The identity is declared beside the compute. An id that is filled in before deployment, and one of a
    subscription of which the identities were not read, are left open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "userAssignedIdentities", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/b", "name": "b", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}]}
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
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "userAssignedIdentities", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a", "name": "a", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}}]}
      ]
    }
    ```

    ## How sure
    Documented: the identity has to be there first. That one which was deleted signs nobody in is deduced.

    ## References
    - Azure Machine Learning, Create compute clusters, Set up managed identity (11 September 2025)
    - Managed identities, Manage user-assigned managed identities (read November 2026)
    """

    name = "identity-not-found"
    severity = Severity.ERROR
    needs = frozenset({Facet.IDENTITIES})
    uses = frozenset({Facet.COMPUTES})

    def check(self, compute: ComputeSettings, estate: Estate) -> Iterator[Finding]:
        ids = compute.identity_ids
        if ids.is_absent:
            return
        items = ids.require()
        reasons: list[Reason] = []
        for index, member in enumerate(items.names or items.members):
            term = _id(member)
            own = ResourceId.of(term)
            if own.segments and estate.look_up(ManagedIdentity, own) is not None:
                continue
            if term.reason is not None:
                reasons.append(term.reason)
            if not own.is_ground or own.subscription is None:
                continue
            if (own.resource_type or "").casefold() != ManagedIdentity.arm_type.casefold():
                continue
            try:
                estate.require(Facet.IDENTITIES, own)
            except Undecided as undecided:
                reasons += undecided.reasons
                continue
            effect = (
                "was deleted, and nothing can sign in with it"
                if compute.is_deployed
                else "does not exist: the compute cannot be created with it"
            )
            yield self.finding(
                ids.item(index, term),
                f"the user-assigned identity '{own.name}' of {compute.label} {effect}",
                why_no_fix="create it first, and grant what it needs; or name the one that is meant",
            )
        if reasons:
            raise Undecided(tuple(dict.fromkeys(reasons)), ids.term.decisions)


def _id(term: Term) -> Term:
    """Give the id, which a list holds by itself or under the name `resource_id`."""
    if isinstance(term.data, Object):
        return term.data.lookup("resource_id") or term
    return term
