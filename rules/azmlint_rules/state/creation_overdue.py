"""The rule creation-overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import Compute, Estate, Facet, Finding, Rule, Severity, Undecided
from azmlint_rules.state._since import ask_why, lasted


class CreationOverdue(Rule[Compute]):
    """Compute is still being created long after it should be there.

    ## Why
    Creation takes about five minutes; tools stop waiting after 25. A workspace whose managed virtual
    network is being made for the first time needs about half an hour more.

    ## Not when
    It takes no longer than the option says. For a managed network that is being made it is a note.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "provisioningState": "Creating", "createdOn": "2026-11-24T09:00:00Z"}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute", "provisioningState": "Creating", "createdOn": "2026-11-24T11:50:00Z"}}]}
      ]
    }
    ```

    ## How sure
    Documented, about five minutes; 25 are what SDK v1 waits.

    ## References
    - Azure Machine Learning, Create compute clusters (2022)
    - Azure Machine Learning, Workspace managed network (23 May 2025)
    """

    name = "creation-overdue"
    severity = Severity.WARNING
    needs = frozenset({Facet.COMPUTES})
    judges_declared = False
    uses = frozenset({Facet.WORKSPACES})
    causes = (
        "readonly-lock-on-workspace-rg",
        "lock-on-workspace-rg",
        "lock-on-vnet-rg",
        "lock-inherited-from-subscription",
        "no-quota-for-one-node",
        "policy-denies-network-objects",
    )

    minutes: int = 25
    """How long a creation may take."""

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if not compute.provisioning_state.matches("creating"):
            return
        age = estate.now - compute.created_on.require()
        if age <= dt.timedelta(minutes=self.minutes):
            return
        is_expected = age <= dt.timedelta(minutes=self.minutes + 30) and _has_managed_network(
            compute, estate
        )
        yield self.finding(
            compute.provisioning_state,
            f"{compute.label} has been in creation for {lasted(age)}"
            + (", which a managed virtual network made for it may need" if is_expected else ""),
            severity=Severity.NOTE if is_expected else None,
            why_no_fix=ask_why(compute),
        )


def _has_managed_network(compute: Compute, estate: Estate) -> bool:
    try:
        isolation = estate.workspace_of(compute).isolation.effective()
    except Undecided:
        return False
    return isolation.known not in {None, "disabled"}
