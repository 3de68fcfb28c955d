"""The rule network-object-quota."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Reason,
    ResourceId,
    Rule,
    Severity,
    Undecided,
    objects_for,
)

KINDS = {
    "loadbalancers": "load balancers",
    "standardskuloadbalancers": "standard load balancers",
    "networksecuritygroups": "network security groups",
    "publicipaddresses": "public IP addresses",
    "standardskupublicipaddresses": "standard public IP addresses",
}
"""What Batch creates for nodes with public IPs, by the names of their usages."""

FEWER = 50
"""Another page has a load balancer for each 50 nodes."""


class NetworkObjectQuota(Rule[ComputeCluster]):
    """Subscription has no room for the network objects of all nodes with public IPs.

    ## Why
    For each 100 nodes with public IPs in a network Batch creates a load balancer, a network security
    group and a public IP address in the subscription of the network. Where these reach its limits,
    clusters stop to scale up, though quota of vCPUs and addresses is free. Another page of the
    documentation has a load balancer for each 50 nodes. What a region may have and has is told by
    what is deployed.

    ## Not when
    Nodes have no public addresses or no subnet of yours, or the region's numbers were not read.

    ## Bad
    ```json
    {
      "version": 1,
      "taken": "2026-11-24T12:00:00Z",
      "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "state": "collected",
         "scope": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws",
         "items": [{"id": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "westeurope", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "STANDARD_D4S_V5", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 300}, "subnet": {"id": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/ml"}}}}]},
        {"facet": "networkUsages", "state": "collected",
         "scope": "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.MachineLearningServices/locations/westeurope",
         "items": [{"id": "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Network/locations/westeurope/usages/PublicIPAddresses", "name": {"value": "PublicIPAddresses"}, "currentValue": 8, "limit": 10}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1,
      "taken": "2026-11-24T12:00:00Z",
      "cloud": "AzureCloud",
      "answers": [
        {"facet": "computes", "state": "collected",
         "scope": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws",
         "items": [{"id": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "location": "westeurope", "properties": {"computeType": "AmlCompute", "properties": {"vmSize": "STANDARD_D4S_V5", "currentNodeCount": 0, "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 200}, "subnet": {"id": "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/ml"}}}}]},
        {"facet": "networkUsages", "state": "collected",
         "scope": "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.MachineLearningServices/locations/westeurope",
         "items": [{"id": "/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Network/locations/westeurope/usages/PublicIPAddresses", "name": {"value": "PublicIPAddresses"}, "currentValue": 8, "limit": 10}]}
      ]
    }
    ```

    ## How sure
    Documented, with two numbers: one load balancer for each 50 or for each 100 nodes.

    ## References
    - Azure Batch, Create a pool with specified public IP addresses: one for each 100 nodes (read November
      2026)
    - Azure Machine Learning, Plan to manage costs: a load balancer for each 50 nodes (read November 2026)
    """

    name = "network-object-quota"
    severity = Severity.NOTE
    needs = frozenset({Facet.NETWORK_USAGES})
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if cluster.subnet.is_absent or not cluster.public_ip.effective().equals(other=True):
            return
        subscription = ResourceId.of(cluster.subnet.term).subscription
        region = estate.region_of(cluster)
        if subscription is None or not subscription.is_ground:
            cluster.subnet.require()
            return
        # The one that may have the most nodes stands for all.
        if cluster is not _first(cluster, subscription, estate):
            return
        limits = estate.network_limits(subscription, region.require())
        if not limits.keys() & KINDS.keys():
            text = f"no row says how many load balancers {region.text} may have"
            raise Undecided((Reason("missing", text),))
        clusters = estate.addresses.clusters_in(subscription, region.require())
        sharing = [c for c in clusters if c.public_ip.effective().equals(other=True).known]
        nodes = {c: estate.addresses.nodes_now(c) for c in sharing}
        for kind, title in KINDS.items():
            row = limits.get(kind)
            if row is None:
                continue
            left = max(row.limit - row.used, 0)
            more = sum(_more(c, now) for c, now in nodes.items() if now is not None)
            most = more
            if "balancer" in title:
                most = sum(_more(c, now, FEWER) for c, now in nodes.items() if now is not None)
            if most > left:
                verb, count = ("need", more) if more > left else ("may need", most)
                yield self.finding(
                    cluster.max_nodes,
                    f"clusters with public IPs in {region.text} {verb} {count} more {title} at full "
                    f"size, and {left} of {row.limit} are left",
                    related=[
                        (c.max_nodes, f"{c.label} may have {_most(c)} nodes, and has {now}")
                        for c, now in nodes.items()
                        if c is not cluster and now is not None
                    ],
                    why_no_fix="ask for a higher limit, lower the max nodes, or create the clusters "
                    "again without public IPs",
                )
            elif more + sum(_more(c, 0) for c, now in nodes.items() if now is None) > left:
                unknown = next(c for c, now in nodes.items() if now is None)
                text = f"how many nodes {unknown.label} has now is not known"
                raise Undecided((Reason("missing", text),))


def _first(cluster: ComputeCluster, subscription: ResourceId, estate: Estate) -> ComputeCluster:
    clusters = estate.addresses.clusters_in(subscription, estate.region_of(cluster).require())
    return next(
        (
            c
            for c in clusters
            if c.is_deployed == cluster.is_deployed
            and c.public_ip.effective().equals(other=True).known
        ),
        cluster,
    )


def _most(cluster: ComputeCluster) -> int:
    return cluster.max_nodes.effective().known or 0


def _more(cluster: ComputeCluster, now: int, each: int = 100) -> int:
    """Count the objects that a cluster takes at full size and does not have yet."""
    return max(objects_for(_most(cluster), each) - objects_for(now, each), 0)
