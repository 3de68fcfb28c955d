"""The rule identity-id-malformed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Object, Rule, Severity, Term

SHAPE = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.managedidentity"
    r"/userassignedidentities/[^/]+",
    re.IGNORECASE,
)


class IdentityIdMalformed(Rule[Compute]):
    """Compute names a user-assigned identity by something that is no id of one.

    ## Why
    The service answers 400: it wants the full resource id of a user-assigned identity.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: user_assigned
      user_assigned_identities:
        - resource_id: train-identity
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    identity:
      type: user_assigned
      user_assigned_identities:
        - resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/train
    ```

    ## References
    - Azure Machine Learning, samples of creating a compute cluster
    """

    name = "identity-id-malformed"
    severity = Severity.ERROR

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        ids = compute.identity_ids
        if ids.known is None:
            if not ids.is_absent:
                ids.require()
            return
        for index, term in enumerate(ids.known.names or ids.known.members):
            found = _id(term)
            if found is None or not isinstance(found.data, str):
                continue
            if SHAPE.fullmatch(found.data) is None:
                yield self.finding(
                    ids.item(index, found),
                    f"'{found.data}' of {compute.label} is not the resource id of a user-assigned "
                    "identity",
                    why_no_fix="which identity is meant is for its author to say",
                )


def _id(term: Term) -> Term | None:
    if isinstance(term.data, Object):
        return term.data.lookup("resource_id")
    return term
