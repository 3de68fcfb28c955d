"""The rule ids-with-system-assigned."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeSettings, Estate, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import identity_list, update_compute


class IdsWithSystemAssigned(Rule[ComputeSettings]):
    """Compute lists user-assigned identities but does not ask for them.

    ## Why
    The list is refused or ignored, so that jobs run as another identity than its author thinks.

    ## Not when
    The type names user-assigned identities too.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: system_assigned
      user_assigned_identities:
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/train
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: user_assigned
      user_assigned_identities:
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/train
    ```

    ## Fix safety
    Unsafe: jobs run as another identity from then on.

    ## How sure
    Observed in the source of SDK v1, which raises; for other tools deduced.

    ## References
    - azureml-core 1.61 (source)
    """

    name = "ids-with-system-assigned"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: ComputeSettings, _: Estate) -> Iterator[Finding]:
        identity, ids = compute.identity, compute.identity_ids
        if identity.known is not None and "userassigned" in identity.known:
            return
        if ids.is_absent or len(ids.require()) == 0:
            return
        kind = "it names no identity type"
        if not identity.absent and "userassigned" not in identity.require():
            kind = f"its identity type is '{identity.text}'"
        fix = Fix(
            "use the listed identities",
            Applicability.UNSAFE,
            (identity.set(frozenset({"userassigned"})),),
            update_compute(
                compute,
                "--identity-type",
                "UserAssigned",
                "--user-assigned-identities",
                identity_list(ids),
            ),
        )
        yield self.finding(
            identity,
            f"{compute.label} lists user-assigned identities, but {kind}",
            related=((ids, "the list"),),
            fixes=(fix,),
        )
