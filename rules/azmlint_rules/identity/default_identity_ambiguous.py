"""The rule default-identity-ambiguous."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeSettings, Estate, Facet, Finding, Rule, Severity


class DefaultIdentityAmbiguous(Rule[ComputeSettings]):
    """Compute has several user-assigned identities, and which of them mounts data is open.

    ## Why
    The system uses the first one for images and mounts. In a template they are the keys of a map
    without order, and the SDK turns lists into such a map.

    ## Not when
    One identity is listed. More are fine where all of them have the same roles, which is not looked at.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: user_assigned
      user_assigned_identities:
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/b
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: user_assigned
      user_assigned_identities:
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a
    ```

    ## How sure
    Documented that the first one counts; that a map keeps no order is deduced.

    ## References
    - Azure Machine Learning, Identity-based service authentication (10 June 2025)
    """

    name = "default-identity-ambiguous"
    severity = Severity.NOTE
    uses = frozenset({Facet.COMPUTES})

    def check(self, compute: ComputeSettings, _: Estate) -> Iterator[Finding]:
        ids = compute.identity_ids
        if ids.is_absent:
            return
        count = len(ids.require())
        if count > 1:
            yield self.finding(
                ids,
                f"{compute.label} has {count} user-assigned identities; the system uses the first, "
                "and their order is not guaranteed",
                why_no_fix="keep one for the system, or grant the same to all of them",
            )
