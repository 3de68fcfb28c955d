"""The rule cluster-in-other-region."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import recreate_compute


class ClusterInOtherRegion(Rule[ComputeCluster]):
    """Compute cluster is in another region than its workspace.

    ## Why
    Data crosses regions at creation and in every job: each one starts later, and the traffic is billed.
    It is possible for clusters, not for compute instances.

    ## Not when
    The cluster states no region, or has computeLocation in the workspace's region.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    location: northeurope
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Fix safety
    Shown only: the cluster has to be created again.

    ## How sure
    Documented, in all versions of the page.

    ## References
    - Azure Machine Learning, Create compute clusters (11 September 2025)
    """

    name = "cluster-in-other-region"
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        location = cluster.location
        if location.is_absent:
            return
        workspace = estate.workspace_of(cluster)
        verdict = location.differs_from(workspace.location)
        if verdict.known is None:
            # Whatever the workspace's region is, only one of several regions can be it.
            regions = {c.location.known: c for c in estate.computes_of(workspace)}
            regions.pop(None, None)
            if len(regions) > 1 and cluster in regions.values() and location.known is not None:
                names = ", ".join(sorted(r for r in regions if r is not None))
                others = len(regions) - 1
                yield self.finding(
                    location,
                    f"{cluster.label} is in {location.text}, and clusters of {workspace.label} are "
                    f"in {names}: at least {others} of these {'is' if others == 1 else 'are'} not "
                    "its own region",
                    related=((workspace.location, "the workspace's region is not known here"),),
                    why_no_fix="the workspace's region is not known here",
                )
                return
        if not verdict:
            return
        yield self.finding(
            location,
            f"{cluster.label} is in {location.text}, its {workspace.label} in "
            f"{workspace.location.text}: every job pays latency and traffic between them",
            related=((workspace.location, "the workspace's region"),),
            fixes=(
                Fix(
                    "create the cluster in the workspace's region",
                    Applicability.DISPLAY,
                    (location.remove(),),
                    recreate_compute(cluster),
                ),
            ),
        )
