"""The rule identity-id-malformed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from azmlint import (
    ComputeSettings,
    Estate,
    Finding,
    Object,
    Reason,
    Rule,
    Severity,
    Term,
    Undecided,
)

SHAPE = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.managedidentity"
    r"/userassignedidentities/[^/]+",
    re.IGNORECASE,
)
HOLE = re.compile(
    r"(?:(?:your|my|user|assigned|managed|identity|resource|client)[_-]?)+(?:id|name)",
    re.IGNORECASE,
)
"""A word that only says what belongs there."""


class IdentityIdMalformed(Rule[ComputeSettings]):
    """Compute names a user-assigned identity by something that is no id of one.

    ## Why
    The service answers 400: it wants the full resource id of a user-assigned identity.

    ## Not when
    The id is completed by a parameter, or holds a blank that a pipeline fills in: that is left open.

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

    ## How sure
    Documented by the samples; the answer of the service is deduced.

    ## References
    - Azure Machine Learning, samples of creating a compute cluster (read November 2026)
    """

    name = "identity-id-malformed"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: ComputeSettings, _: Estate) -> Iterator[Finding]:
        ids = compute.identity_ids
        if ids.is_absent:
            return
        items = ids.require()
        reasons: list[Reason] = []
        decisions = list(ids.term.decisions)
        for index, member in enumerate(items.names or items.members):
            term = _id(member)
            if SHAPE.fullmatch("".join(p if isinstance(p, str) else "x" for p in term.text_parts)):
                continue
            if term.reason is not None:
                reasons.append(term.reason)
                decisions += term.decisions
            elif isinstance(term.data, str) and HOLE.fullmatch(term.data):
                text = f"'{term.data}' is filled in before deployment"
                reasons.append(Reason("placeholder", text))
            elif isinstance(term.data, str):
                yield self.finding(
                    ids.item(index, term),
                    f"'{term.data}' of {compute.label} is not the resource id of a user-assigned "
                    "identity",
                    why_no_fix="which identity is meant is for its author to say",
                )
        if reasons:
            raise Undecided(tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(decisions)))


def _id(term: Term) -> Term:
    """Give the id, which a list holds by itself or under the name `resource_id`."""
    if isinstance(term.data, Object):
        return term.data.lookup("resource_id") or term
    return term
