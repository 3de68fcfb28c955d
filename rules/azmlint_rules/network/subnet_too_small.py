"""The rule subnet-too-small."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    ComputeCluster,
    ComputeInstance,
    Estate,
    Facet,
    Finding,
    Fix,
    ResourceId,
    Rule,
    Severity,
    Subnet,
    Value,
)

RESERVED = 5
"""Azure keeps the first four addresses and the last one of every subnet."""

LARGER = "use a larger subnet, or spread the computes over several"


class SubnetTooSmall(Rule[Subnet]):
    """Subnet has fewer addresses than its compute clusters have nodes.

    ## Why
    Every node takes one address, and Azure keeps five of each subnet: a /27 holds 27 nodes, a /26 59,
    a /24 251. Batch starts as many nodes as there are addresses, and jobs that ask for more wait.
    Nodes of other computes and private endpoints in the subnet take addresses as well.

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

    ## References
    - Azure Machine Learning, Secure training environments (12 June 2025)
    - Azure Virtual Network, Frequently asked questions: five reserved addresses
    - Azure Batch, NetworkConfiguration: partial allocation
    """

    name = "subnet-too-small"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.NETWORKS, Facet.WORKSPACES})

    def check(self, subnet: Subnet, estate: Estate) -> Iterator[Finding]:
        computes = [
            c
            for c in estate.computes_on(subnet.id.parent)
            if ResourceId.of(c.subnet.term).key == subnet.id.key and c.exists().known
        ]
        clusters = [c for c in computes if isinstance(c, ComputeCluster)]
        if not clusters:
            if subnet.is_deployed:
                estate.require_users(subnet.id.parent)
            return
        size = _addresses(subnet)
        if size is None:
            return
        place, room = subnet.prefix, max(size - RESERVED, 0)
        label = f"{subnet.label} has room for {room} nodes"
        too_big = [c for c in clusters if c.max_nodes.effective().above(room).known]
        if too_big:
            first = too_big[0]
            most = first.max_nodes.effective()
            # With others beside it, the rest of the room is for their author to divide.
            is_alone = len(computes) == 1 and room > 0
            change = first.max_nodes.set(room)
            yield self.finding(
                place,
                f"{label}, but {first.label} alone may have {most.text}: it never gets them",
                related=tuple(_counted(c) for c in too_big),
                fixes=(Fix(f"allow at most {room} nodes", Applicability.UNSAFE, (change,)),)
                if is_alone
                else (),
                why_no_fix=None if is_alone else LARGER,
            )
            return
        kept = sum(_at_least(c.min_nodes.effective()) for c in clusters)
        wanted = sum(_at_least(c.max_nodes.effective()) for c in clusters)
        others = len([c for c in computes if isinstance(c, ComputeInstance)])
        if max(kept, wanted) + others > room:
            is_certain = kept + others > room
            fact = "keep" if is_certain else "may have"
            yield self.finding(
                place,
                f"{label}, but the computes in it {fact} "
                f"{(kept if is_certain else wanted) + others} at the same time",
                severity=Severity.ERROR if is_certain else Severity.WARNING,
                related=tuple(_counted(c) for c in computes),
                why_no_fix=LARGER,
            )
            return
        for cluster in clusters:
            if not cluster.max_nodes.effective().is_absent:
                cluster.max_nodes.effective().require()


def _addresses(subnet: Subnet) -> int | None:
    """Count the IPv4 addresses; None when a prefix cannot be read."""
    import ipaddress  # noqa: PLC0415  # only subnets of clusters need it

    listed = subnet.prefixes
    if listed.is_absent:
        texts: list[object] = [subnet.prefix.require()]
    else:
        items = listed.require()
        texts = [term.data for term in items.members]
    size = 0
    for text in texts:
        try:
            network = ipaddress.ip_network(str(text), strict=False)
        except ValueError:
            return None
        if network.version == 4:  # noqa: PLR2004  # of IPv6 addresses there are always enough
            size += network.num_addresses
    return size


def _at_least(count: Value[int]) -> int:
    """Give a node count; one that is unknown is at least none."""
    return max(count.known or 0, 0)


def _counted(compute: Compute) -> tuple[Value[int] | Compute, str]:
    if isinstance(compute, ComputeCluster):
        return compute.max_nodes.effective(), f"the nodes of {compute.label}"
    return compute, f"{compute.label} takes one"
