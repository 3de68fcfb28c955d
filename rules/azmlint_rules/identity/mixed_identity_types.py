"""The rule mixed-identity-types."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeSettings, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import identity_list, update_compute

BOTH = frozenset({"systemassigned", "userassigned"})


class MixedIdentityTypes(Rule[ComputeSettings]):
    """Compute has a system-assigned and a user-assigned identity at once.

    ## Why
    One system-assigned or several user-assigned identities are documented, not both. SDK v1, the
    CLI and Ansible refuse the mix; templates and SDK v2 let it pass, and the acceptance tests of
    the Terraform provider expect the service to store it. Which identity the system then uses to
    pull images and to mount data is documented nowhere.

    ## Not when
    Workspaces, for which both together are a documented type.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: system_assigned,user_assigned
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
    Unsafe: what was granted to the identity that goes is lost with it.

    ## How sure
    Documented as not supported, and contradicted: an acceptance test of the Terraform provider expects the
    service to store it.

    ## References
    - Azure Machine Learning, Identity-based service authentication (10 June 2025)
    """

    name = "mixed-identity-types"
    uses = frozenset({Facet.COMPUTES})

    is_error: bool = False
    """Report it as an error, as documented, instead of as a warning."""

    def check(self, compute: ComputeSettings, _: Estate) -> Iterator[Finding]:
        identity = compute.identity
        if not identity.equals(BOTH):
            return
        ids = compute.identity_ids
        fixes: tuple[Fix, ...] = ()
        if not ids.is_absent and (ids.known is None or len(ids.known) > 0):
            fixes += (
                Fix(
                    "keep the user-assigned identities only",
                    Applicability.UNSAFE,
                    (identity.set(frozenset({"userassigned"})),),
                    update_compute(
                        compute,
                        "--identity-type",
                        "UserAssigned",
                        "--user-assigned-identities",
                        identity_list(ids),
                    ),
                ),
            )
        drop = () if ids.is_absent else (ids.remove(),)
        fixes += (
            Fix(
                "keep the system-assigned identity only",
                Applicability.UNSAFE,
                (identity.set(frozenset({"systemassigned"})), *drop),
                update_compute(compute, "--identity-type", "SystemAssigned"),
            ),
        )
        yield self.finding(
            identity,
            f"{compute.label} mixes a system-assigned with user-assigned identities, which is "
            "documented as unsupported; which one the system uses is documented nowhere",
            severity=Severity.ERROR if self.is_error else None,
            fixes=fixes,
        )
