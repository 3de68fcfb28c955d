"""The rule lock-on-batch-network-object."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Lock, Rule, Severity
from azmlint_rules.locks._guarded import BATCH_KINDS, BATCH_OBJECT, held_by_application, take_away


class LockOnBatchNetworkObject(Rule[Lock]):
    """Lock is on a network object that Azure Batch made for compute nodes.

    ## Why
    The load balancer, public address and network security group named `...azurebatch-cloudservice...`
    carry the communication and the scaling of a compute cluster. Azure creates them when nodes start
    and deletes them when the last one goes; locked, they stay, and the cluster hangs at "resizing
    0 -> 0". Taking the lock away lets it scale again at once. Which cluster an object belongs to
    cannot be read from its name, and integration runtimes of Azure Data Factory make objects of the
    same names.

    ## Not when
    The object's name is not one that Batch gives.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups/11111111-2222-3333-4444-555555555555-azurebatch-cloudservicenetworksecurityggroup/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## How sure
    Documented; two spellings of the name occur in documentation, and both are matched.

    ## References
    - Azure Machine Learning, resource-lock include (2025)
    - Azure Data Factory, Standard virtual network injection, for the other spelling of the security group
      (read November 2026)
    """

    name = "lock-on-batch-network-object"
    severity = Severity.ERROR
    needs = frozenset({Facet.LOCKS})
    uses = frozenset({Facet.COMPUTES})
    judges_declared = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        name = lock.locked.name or ""
        is_certain = BATCH_OBJECT.fullmatch(name) is not None
        kind = lock.locked.resource_type or ""
        if not is_certain and ("azurebatch" not in name.lower() or kind not in BATCH_KINDS):
            return
        if lock.level.equals("notspecified"):
            return
        group = lock.locked.group
        users = (
            [c for _, computes in estate.used_networks(group) for c in computes] if group else []
        )
        whose = (
            f"; {users[0].label} is among those that run in its group's networks"
            if users
            else "; which cluster or integration runtime it belongs to is not known here"
        )
        yield self.finding(
            lock,
            f"{lock.label} is on '{name}', which Azure Batch "
            f"{'makes' if is_certain else 'seems to have made'} and deletes as nodes come and go: "
            f"what owns it can no longer scale{whose}",
            severity=None if is_certain else Severity.WARNING,
            related=[(c, f"{c.label} runs in a network of that group") for c in users],
            fixes=take_away(lock, "take the lock away and put none there again"),
            why_no_fix=held_by_application(lock),
        )
