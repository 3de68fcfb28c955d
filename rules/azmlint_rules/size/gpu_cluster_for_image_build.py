"""The rule gpu-cluster-for-image-build."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Reason,
    Rule,
    Severity,
    Undecided,
    Workspace,
)
from azmlint_rules.image_builder import build_on, cpu_cluster, is_of_cpu_size


class GpuClusterForImageBuild(Rule[Workspace]):
    """Workspace builds its images on a cluster of a GPU size.

    ## Why
    Only CPU sizes are supported there: environments are not built, and jobs that need them wait or
    fail.

    ## Not when
    The cluster that is named is not known.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    image_build_compute: gpu
    ---
    name: gpu
    type: amlcompute
    size: Standard_NC4as_T4_v3
    max_instances: 4
    ---
    name: cpu
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    image_build_compute: cpu
    ---
    name: cpu
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Fix safety
    Unsafe: images are built on another cluster, which has to be able to reach the registry.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Secure a workspace with a virtual network (read November 2026)
    """

    name = "gpu-cluster-for-image-build"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.VM_SIZES, Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        builder = workspace.image_build_compute
        if builder.known == "" or not builder.given:
            return
        name = builder.require()
        computes = estate.computes_of(workspace)
        named = [c for c in computes if (c.id.name or "").casefold() == name.casefold()]
        if not named:
            if workspace.is_deployed:
                estate.require(Facet.COMPUTES, workspace.id)
            where = "deployed" if workspace.is_deployed else "declared in these files"
            text = f"compute '{name}' of {workspace.label} is not {where}"
            raise Undecided((Reason("missing", text),))
        cluster = named[0]
        if isinstance(cluster, ComputeCluster) and ~is_of_cpu_size(cluster, estate):
            size = cluster.size.effective()
            other = cpu_cluster(workspace, estate)
            yield self.finding(
                builder,
                f"{workspace.label} builds its images on {cluster.label}, but {size.text} is no CPU "
                "size, and only these are supported: environments are not built",
                related=((cluster.size, "the size"),),
                fixes=(
                    Fix(
                        f"build images on '{other}'" if other else "build images on a CPU cluster",
                        Applicability.UNSAFE if other else Applicability.DISPLAY,
                        (builder.set(other),) if other else (),
                        build_on(workspace, other),
                    ),
                ),
            )
