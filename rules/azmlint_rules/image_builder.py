"""Which compute builds the images of a workspace, and how to choose another one."""

from __future__ import annotations

from azmlint import ComputeCluster, Estate, Step, Workspace
from azmlint_rules.recipes import update_workspace

NOT_CPU = r"standard_n.*"
"""The sizes of the N family have a GPU or an FPGA; images are built on CPU sizes only."""


def cpu_cluster(workspace: Workspace, estate: Estate) -> str | None:
    """Name a cluster of the workspace that can build its images; None when none is known."""
    for cluster in estate.computes_of(workspace):
        is_cluster = isinstance(cluster, ComputeCluster)
        if is_cluster and cluster.size.effective().matches(NOT_CPU).known is False:
            return cluster.id.name
    return None


def build_on(workspace: Workspace, name: str | None) -> tuple[Step, ...]:
    """Let a cluster build the images of a deployed workspace."""
    option = "--image-build-compute"
    old = workspace.image_build_compute
    undo = (option, old.text) if old.known else None
    return update_workspace(workspace, option, name or "<cpu-cluster>", undo=undo)
