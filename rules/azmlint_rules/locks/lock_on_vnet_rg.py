"""The rule lock-on-vnet-rg."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Lock, ResourceId, Rule, Severity
from azmlint_rules.locks._guarded import (
    LOCKED,
    SCALED,
    has_public_address,
    held_by_application,
    network_users,
    take_away,
)
from azmlint_rules.recipes import lock_item


class LockOnVnetRg(Rule[Lock]):
    """Lock is on the resource group of the virtual network that compute clusters use.

    ## Why
    For each cluster with public addresses in a network of yours, Azure creates a network security
    group, a public address and a load balancer in the *network's* resource group when nodes start,
    and deletes them when the last one goes. With a lock there it can do neither: the cluster hangs
    at "resizing 0 -> 0", keeps nodes nobody uses, or cannot be deleted. Clusters without public
    addresses are documented to need none of these objects, so for them this is a warning.

    Lock the virtual network itself against deletion instead of its group, and never one of the
    azurebatch objects.

    ## Not when
    The network is in the workspace's group, for which another rule speaks.

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
           "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Authorization/locks/keep", "name": "keep", "properties": {"level": "CanNotDelete"}}]}
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
           "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]},
        {"facet": "locks", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/providers/Microsoft.Authorization/locks/keep", "name": "keep",
           "properties": {"level": "CanNotDelete"}}]}
      ]
    }
    ```

    ## How sure
    Documented; for clusters without public addresses the page lists no such objects, so that it is a
    warning.

    ## References
    - Azure Machine Learning, Create compute clusters, note on locks (February 2025)
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - Azure Data Factory, Standard virtual network injection (read November 2026)
    """

    name = "lock-on-vnet-rg"
    severity = Severity.ERROR
    needs = LOCKED
    uses = SCALED
    judges_declared = False

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        scope = lock.locked
        if not scope.is_group or not lock.level.one_of("cannotdelete", "readonly"):
            return
        hurt = [u for u in network_users(scope, estate) if not _is_workspace_group(scope, u[1])]
        if not hurt:
            return
        open_ = [c for _, c in hurt if has_public_address(c)]
        network, first = next(((n, c) for n, c in hurt if c in open_), hurt[0])
        effect = "deleting" if lock.level.equals("cannotdelete") else "every change"
        consequence = (
            "its load balancer, address and security group can be neither made nor removed"
            if open_
            else "it has no public addresses and needs no objects there, as far as is documented"
        )
        networks = list(dict.fromkeys(str(n) for n, _ in hurt))
        yield self.finding(
            lock,
            f"{lock.label} forbids {effect} in the resource group '{scope.name}' of the virtual "
            f"network '{network.name}' in which {first.label} runs: {consequence}",
            severity=Severity.ERROR if open_ else Severity.WARNING,
            related=[(c, f"{c.label} has its nodes in that network") for _, c in hurt],
            fixes=take_away(
                lock,
                "lock the virtual network instead of its resource group",
                *(step for item in networks for step in lock_item(item)),
            ),
            why_no_fix=held_by_application(lock),
        )


def _is_workspace_group(scope: ResourceId, compute: Compute) -> bool:
    group = compute.id.group
    return group is not None and group.key == scope.key
