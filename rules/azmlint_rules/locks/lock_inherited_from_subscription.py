"""The rule lock-inherited-from-subscription."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Finding, Lock, Resource, Rule, Severity, Workspace
from azmlint_rules.locks._guarded import (
    LOCKED,
    SCALED,
    held_by_application,
    items_of,
    move,
    workspaces_in,
)


class LockInheritedFromSubscription(Rule[Lock]):
    """Lock is on a whole subscription that holds workspaces with computes, or networks that they use.

    ## Why
    Every resource group below inherits it, those made later as well, and of several locks the most
    restrictive one counts. No compute cluster of the subscription can scale reliably, and none of
    its virtual networks can hold nodes with public addresses.

    Lock the resource groups that hold nothing of Azure Machine Learning, and in the others the
    single items.

    ## Not when
    The subscription holds no workspace with computes and no network of one.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/locks/keep", "name": "keep", "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train",
           "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/billing/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## How sure
    Documented: locks are inherited, and the most restrictive counts.

    ## References
    - Azure Resource Manager, Lock resources, inheritance (8 March 2024)
    - Azure Data Factory, Standard virtual network injection (names subscription locks) (read November 2026)
    """

    name = "lock-inherited-from-subscription"
    severity = Severity.ERROR
    needs = LOCKED
    uses = SCALED
    judges_declared = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        if not scope.is_subscription or not lock.level.one_of("cannotdelete", "readonly"):
            return
        networks = estate.used_networks(scope)
        workspaces = (
            workspaces_in(scope, estate) if not networks else estate.within(scope, Workspace)
        )
        if not workspaces and not networks:
            return
        related: list[tuple[Resource, str]] = [(w, f"{w.label} inherits it") for w in workspaces]
        related += [
            (computes[0], f"{computes[0].label} uses a network that inherits it")
            for _, computes in networks
            if computes[0].id.subscription is None or computes[0].id.subscription.key != scope.key
        ]
        first = workspaces[0] if workspaces else networks[0][1][0]
        count = len(workspaces) or len(networks)
        more = f" and {count - 1} more" if count > 1 else ""
        effect = "deleting" if lock.level.equals("cannotdelete") else "every change"
        yield self.finding(
            lock,
            f"{lock.label} forbids {effect} in the whole subscription, so the compute clusters of "
            f"{first.label}{more} cannot scale"
            if workspaces
            else f"{lock.label} forbids {effect} in the whole subscription of the network of "
            f"{first.label}{more}, so it cannot scale",
            related=related,
            fixes=move(lock, items_of(workspaces), "subscription"),
            why_no_fix=held_by_application(lock),
        )
