"""The rule cluster-in-other-region."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule
from azmlint_rules.recipes import recreate_compute


class ClusterInOtherRegion(Rule[ComputeCluster]):
    """Compute cluster is in another region than its workspace.

    ## Why
    Data crosses regions at creation and in every job: each one starts later, and the traffic is billed.
    It is possible for clusters, not for compute instances.

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

    ## References
    - Azure Machine Learning, Create compute clusters (11 September 2025)
    """

    name = "cluster-in-other-region"

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        location = cluster.location
        if location.is_absent:
            return
        workspace = estate.workspace_of(cluster)
        if location.same_as(workspace.location):
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
                    steps=recreate_compute(cluster),
                ),
            ),
        )
