"""Which compute builds the images of a workspace, and how to choose another one."""

from __future__ import annotations

from azmlint import FALSE, TRUE, ComputeCluster, Estate, Step, Truth, Undecided, Workspace
from azmlint_rules.recipes import update_workspace

_ACCELERATED = r"standard_n.*"
"""The sizes of the N family have a GPU or an FPGA, also those of which no list counts them."""


def is_of_cpu_size(cluster: ComputeCluster, estate: Estate) -> Truth:
    """Whether a cluster has neither GPUs nor FPGAs; images are built on such sizes only."""
    by_name = ~cluster.size.effective().matches(_ACCELERATED)
    try:
        size = estate.size_of(cluster)
    except Undecided:
        return by_name
    if size is None or size.gpus is None:
        return by_name
    return TRUE if size.gpus == 0 else FALSE


def cpu_cluster(workspace: Workspace, estate: Estate) -> str | None:
    """Name a cluster of the workspace that can build its images; None when none is known."""
    for cluster in estate.computes_of(workspace):
        if isinstance(cluster, ComputeCluster) and is_of_cpu_size(cluster, estate).known:
            return cluster.id.name
    return None


def build_on(workspace: Workspace, name: str | None) -> tuple[Step, ...]:
    """Let a cluster build the images of a deployed workspace."""
    option = "--image-build-compute"
    old = workspace.image_build_compute
    undo = (option, old.text) if old.known else None
    return update_workspace(workspace, option, name or "<cpu-cluster>", undo=undo)
