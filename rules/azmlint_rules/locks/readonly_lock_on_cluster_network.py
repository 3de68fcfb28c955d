"""The rule readonly-lock-on-cluster-network."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Facet,
    Finding,
    Lock,
    ResourceId,
    Rule,
    Subnet,
)
from azmlint_rules.locks._guarded import held_by_application, relax

KINDS = ("virtualnetworks", "virtualnetworks/subnets", "networksecuritygroups", "routetables")


class ReadonlyLockOnClusterNetwork(Rule[Lock]):
    """Read-only lock is on the network in which compute nodes start.

    ## Why
    Each node joins the subnet, and every write to a virtual network with a read-only lock, its
    subnets included, is refused. That nodes fail to join is deduced; no measurement is published.
    A delete lock on the virtual network protects it as well and does not stand in the way.

    ## Not when
    A delete lock is there instead, which does no harm.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Network/virtualNetworks",
          "apiVersion": "2024-05-01",
          "name": "net",
          "properties": {"subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "vmSize": "Standard_D4s_v5",
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
        },
        {
          "type": "Microsoft.Authorization/locks",
          "apiVersion": "2020-05-01",
          "name": "frozen",
          "scope": "Microsoft.Network/virtualNetworks/net",
          "properties": {"level": "ReadOnly"}
        }
      ]
    }
    ```

    ## Good
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Network/virtualNetworks",
          "apiVersion": "2024-05-01",
          "name": "net",
          "properties": {"subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/24"}}]}
        },
        {
          "type": "Microsoft.Authorization/locks",
          "apiVersion": "2020-05-01",
          "name": "kept",
          "scope": "Microsoft.Network/virtualNetworks/net",
          "properties": {"level": "CanNotDelete"}
        }
      ]
    }
    ```

    ## Fix safety
    Safe: the network stays protected against deletion, and one edit brings the old level back.

    ## How sure
    Deduced from what read-only locks refuse; no measurement is published.

    ## References
    - Azure Resource Manager, Lock resources (8 March 2024); deduced from it
    """

    name = "readonly-lock-on-cluster-network"
    uses = frozenset({Facet.COMPUTES, Facet.LOCKS, Facet.NETWORKS, Facet.WORKSPACES})

    def check(self, lock: Lock, estate: Estate) -> Iterator[Finding]:
        kind = (lock.locked.resource_type or "").removeprefix("microsoft.network/")
        if kind not in KINDS:
            return
        users = _users(lock.locked, kind, estate)
        if not users and lock.is_deployed and lock.level.equals("readonly"):
            estate.require_users(lock.locked)
            if kind[:2] != "vi":
                estate.require(Facet.NETWORKS, lock.locked.subscription or lock.locked)
        if not users or not lock.level.equals("readonly"):
            return
        yield self.finding(
            lock.level,
            f"{lock.label} makes the network of {users[0].label} read-only, so nodes may fail to "
            "join its subnet",
            related=tuple((user, f"{user.label} starts nodes there") for user in users),
            fixes=relax(lock, Applicability.SAFE),
            why_no_fix=held_by_application(lock),
        )


def _users(locked: ResourceId, kind: str, estate: Estate) -> list[Compute]:
    if kind == "virtualnetworks":
        return estate.computes_on(locked)
    if kind == "virtualnetworks/subnets":
        return _on_subnet(locked, estate)
    users: list[Compute] = []
    for subnet in estate.of(Subnet):
        value = subnet.network_security_group if kind[0] == "n" else subnet.route_table
        if not value.is_absent and ResourceId.of(value.term).key == locked.key:
            users += _on_subnet(subnet.id, estate)
    return users


def _on_subnet(subnet: ResourceId, estate: Estate) -> list[Compute]:
    return [
        compute
        for compute in estate.computes_on(subnet.parent)
        if ResourceId.of(compute.subnet.term).key == subnet.key
    ]
