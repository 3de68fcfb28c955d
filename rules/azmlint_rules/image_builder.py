"""Which compute builds the images of a workspace, and how to choose another one."""

from __future__ import annotations

from azmlint import Applicability, ComputeCluster, Estate, Fix, Workspace
from azmlint_rules.recipes import update_workspace

NOT_CPU = r"standard_n.*"
"""The sizes of the N family have a GPU or an FPGA; images are built on CPU sizes only."""


def build_elsewhere(workspace: Workspace, estate: Estate) -> Fix:
    """Let a CPU cluster of the workspace build its images; a blank where none is known."""
    builder = workspace.image_build_compute
    clusters = [c for c in estate.computes_of(workspace) if isinstance(c, ComputeCluster)]
    usable = [
        c.id.name
        for c in clusters
        if c.id.name and c.size.effective().matches(NOT_CPU).known is False
    ]
    name = usable[0] if usable else "<cpu-cluster>"
    option = "--image-build-compute"
    undo = (option, builder.text) if builder.known else None
    return Fix(
        f"build images on '{name}'" if usable else "build images on a cluster of a CPU size",
        Applicability.UNSAFE if usable else Applicability.DISPLAY,
        (builder.set(name),) if usable else (),
        update_workspace(workspace, option, name, undo=undo),
    )
