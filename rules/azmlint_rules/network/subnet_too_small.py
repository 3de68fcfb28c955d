"""The rule subnet-too-small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from azmlint import (
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Reason,
    Resource,
    Rule,
    Severity,
    Subnet,
    Undecided,
    Value,
)

if TYPE_CHECKING:
    # What knows of addresses loads for clusters in a subnet only.
    from azmlint import Occupants, Room


class SubnetTooSmall(Rule[ComputeCluster]):
    """Subnet has fewer addresses than its compute clusters have nodes.

    ## Why
    Every node takes one address, and Azure keeps five of each subnet: a /27 holds 27 nodes, a /26 59,
    a /24 251. Batch starts as many nodes as there are addresses, and jobs that ask for more wait.
    Compute instances, serverless jobs and private endpoints in the subnet take addresses as well. What
    is deployed tells how many are in use by other things than the clusters in it.

    ## Not when
    The prefix of the subnet is not known.

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
          "location": "westeurope",
          "properties": {"subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/28"}}]}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "vmSize": "Standard_D4s_v5",
              "scaleSettings": {"maxNodeCount": 20},
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
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
          "location": "westeurope",
          "properties": {"subnets": [{"name": "ml", "properties": {"addressPrefix": "10.0.0.0/26"}}]}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "vmSize": "Standard_D4s_v5",
              "scaleSettings": {"maxNodeCount": 20},
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
        }
      ]
    }
    ```

    ## Fix safety
    Unsafe: jobs that need more nodes wait, as they do now without saying so.

    ## How sure
    Documented: one address for each node, five of each subnet kept.

    ## References
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - Azure Virtual Network, Frequently asked questions: five reserved addresses (read November 2026)
    - Azure Batch, NetworkConfiguration: partial allocation (read November 2026)
    """

    name = "subnet-too-small"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.NETWORKS, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if cluster.subnet.is_absent:
            return
        subnet = estate.subnet_of(cluster)
        there = estate.addresses.occupants(subnet.id)
        # The one that may have the most nodes stands for all of them.
        alike = (c for c in there.clusters if c.is_deployed == cluster.is_deployed)
        if next(alike, cluster) is not cluster:
            return
        room = estate.addresses.room(subnet)
        if room is None:
            return
        is_judged = subnet.is_deployed == cluster.is_deployed and not subnet.is_existing
        place = subnet.prefix if is_judged else cluster.max_nodes
        found = [*self._alone(subnet, room, there, place)]
        found = found or [*self._together(subnet, room, there, place)]
        yield from found
        for other in there.clusters:
            most = other.max_nodes.effective()
            if not most.is_absent:
                most.require()
        if (
            not found
            and not room.is_exact
            and sum(map(_at_most, there.clusters)) > (room.free or 0)
        ):
            text = (
                f"how many of the {room.used} addresses in use on {subnet.label} are nodes of its"
            )
            raise Undecided((Reason("missing", f"{text} clusters is not known"),))

    def _alone(
        self, subnet: Subnet, room: Room, there: Occupants, place: Value[str] | Value[int]
    ) -> Iterator[Finding]:
        too_big = [c for c in there.clusters if c.max_nodes.effective().above(room.nodes).known]
        if not too_big:
            return
        first = too_big[0]
        most = first.max_nodes.effective()
        # With others beside it, the rest of the room is for their author to divide.
        is_alone = len(there.clusters) == 1 and room.nodes > 0
        is_never = _at_most(first) > room.usable
        yield self.finding(
            place,
            f"{_told(subnet, room)}, but {first.label} alone may have {most.text}"
            f"{': it never gets them' if is_never else ''}",
            severity=Severity.ERROR if is_never else Severity.WARNING,
            related=_counted(too_big),
            fixes=(
                Fix(
                    f"allow at most {room.nodes} nodes",
                    Applicability.UNSAFE,
                    (first.max_nodes.set(room.nodes),),
                ),
            )
            if is_alone
            else (),
            why_no_fix=None if is_alone else _larger(room, _at_most(first)),
        )

    def _together(
        self, subnet: Subnet, room: Room, there: Occupants, place: Value[str] | Value[int]
    ) -> Iterator[Finding]:
        kept = sum(_at_least(c) for c in there.clusters)
        wanted = sum(_at_most(c) for c in there.clusters)
        if max(kept, wanted) <= room.nodes:
            return
        is_certain = kept > room.nodes
        is_never = kept > room.usable - room.declared
        yield self.finding(
            place,
            f"{_told(subnet, room)}, but the clusters in it {'keep' if is_certain else 'may have'} "
            f"{kept if is_certain else wanted} at the same time",
            severity=Severity.ERROR if is_never else Severity.WARNING,
            related=[*_counted(there.clusters), *_beside(there)],
            why_no_fix=_larger(room, max(kept, wanted)),
        )


def _told(subnet: Subnet, room: Room) -> str:
    count = room.others
    beside = f" beside {count} address{'' if count == 1 else 'es'} of other things" if count else ""
    return f"{subnet.label} has room for {room.nodes} nodes{beside}"


def _larger(room: Room, nodes: int) -> str:
    return f"a /{room.prefix_for(nodes)} holds them all; or spread them over several subnets"


def _at_least(cluster: ComputeCluster) -> int:
    """Give the nodes that a cluster keeps; a number that is unknown is at least none."""
    return max(cluster.min_nodes.effective().known or 0, 0)


def _at_most(cluster: ComputeCluster) -> int:
    return max(cluster.max_nodes.effective().known or 0, 0)


def _counted(clusters: Iterable[ComputeCluster]) -> list[tuple[Value[int] | Resource, str]]:
    return [(c.max_nodes.effective(), f"the nodes of {c.label}") for c in clusters]


def _beside(there: Occupants) -> Iterator[tuple[Resource, str]]:
    for taker in (*there.instances, *there.endpoints):
        yield taker, f"{taker.label} takes one"
    for workspace in there.workspaces:
        yield workspace, f"serverless jobs of {workspace.label} run there"
