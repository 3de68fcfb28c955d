"""The rule user-assigned-without-ids."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Rule, Severity


class UserAssignedWithoutIds(Rule[Compute]):
    """Compute asks for user-assigned identities and lists none.

    ## Why
    The service rejects it: a user-assigned identity has to exist and to be named.

    ## Not when
    The identities come from an expression that only the deployment knows.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: user_assigned
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: system_assigned
    ```

    ## How sure
    Observed in the source of SDK v1; documented for Terraform.

    ## References
    - azureml-core 1.61 (source)
    """

    name = "user-assigned-without-ids"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        identity, ids = compute.identity, compute.identity_ids
        kinds = identity.known
        if identity.is_absent or (kinds is not None and "userassigned" not in kinds):
            return
        if ids.known is not None and len(ids.known) > 0:
            return
        if "userassigned" in identity.require() and (ids.absent or len(ids.require()) == 0):
            yield self.finding(
                identity,
                f"{compute.label} asks for user-assigned identities but lists none; its creation "
                "is refused",
                why_no_fix="which identity is meant is for its author to say",
            )
