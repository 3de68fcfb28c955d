"""The rule cross-region-with-sdk-v1."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity, Undecided, Workspace


class CrossRegionWithSdkV1(Rule[ComputeCluster]):
    """SDK v1 creates a cluster in another region than that of its private workspace.

    ## Why
    A cluster in another region and in a virtual network can be created with SDK v2, az ml and studio
    only; SDK v1 sends an older version of the interface, which does not offer it.

    ## Not when
    It is not known that the workspace is private and the cluster has no subnet.

    ## Bad
    ```python
    from azureml.core import Workspace
    from azureml.core.compute import AmlCompute, ComputeTarget

    ws = Workspace.create(name="ws", subscription_id="s", resource_group="rg", location="westeurope")
    config = AmlCompute.provisioning_configuration(
        vm_size="Standard_D4s_v5",
        max_nodes=4,
        location="northeurope",
        vnet_resourcegroup_name="net",
        vnet_name="vnet",
        subnet_name="train",
    )
    ComputeTarget.create(ws, "train", config)
    ```

    ## Good
    ```python
    from azureml.core import Workspace
    from azureml.core.compute import AmlCompute, ComputeTarget

    ws = Workspace.create(name="ws", subscription_id="s", resource_group="rg", location="westeurope")
    config = AmlCompute.provisioning_configuration(
        vm_size="Standard_D4s_v5",
        max_nodes=4,
        vnet_resourcegroup_name="net",
        vnet_name="vnet",
        subnet_name="train",
    )
    ComputeTarget.create(ws, "train", config)
    ```

    ## How sure
    Documented for SDK v1.

    ## References
    - Azure Machine Learning, Create compute clusters, SDK v1 (2 May 2022)
    """

    name = "cross-region-with-sdk-v1"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})
    judges_deployed = False
    supersedes = ("cross-region-with-private-endpoint", "cluster-in-other-region")

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        location = cluster.location
        if estate.tool_of(cluster) != "SDK v1" or location.is_absent:
            return
        workspace = estate.workspace_of(cluster)
        if ~location.differs_from(workspace.location):
            return
        is_private = _is_private(workspace, estate)
        if not is_private and not cluster.subnet.given:
            return
        what = "is" if is_private else "is in a virtual network"
        whose = "its private" if is_private else "its"
        yield self.finding(
            location,
            f"{cluster.label} {what} in {location.text}, but {whose} {workspace.label} in "
            f"{workspace.location.text}: SDK v1 cannot create it there",
            related=((workspace.location, "the workspace's region"),),
            why_no_fix="create it with azure-ai-ml or az ml, or in the workspace's region",
        )


def _is_private(workspace: Workspace, estate: Estate) -> bool:
    """Whether it is known that a workspace is reached over private endpoints."""
    try:
        is_closed = workspace.public_access.effective().equals(other=False)
        return bool(is_closed) or estate.has_private_endpoint(workspace)
    except Undecided:
        return False
