"""The rule image-build-compute-missing."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ContainerRegistry,
    Estate,
    Facet,
    Finding,
    Fix,
    ResourceId,
    Rule,
    StorageAccount,
    Undecided,
    Workspace,
)
from azmlint_rules.image_builder import build_on, cpu_cluster


class ImageBuildComputeMissing(Rule[Workspace]):
    """Workspace with a closed registry or storage account names no compute that builds its images.

    ## Why
    The builder that the service provides does not reach a registry or storage account of which the
    public access is off. Environments are then not built, and jobs that need one hang or fail. A
    CPU cluster of the workspace that reaches both can build them; without public addresses it needs
    a way out for packages. A workspace with a managed virtual network has other rules.

    ## Not when
    The workspace has a managed network, or neither registry nor storage is closed. The service's builder
    works for environments without packages from elsewhere, which is not looked at.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.ContainerRegistry/registries",
          "apiVersion": "2023-07-01",
          "name": "images",
          "location": "westeurope",
          "properties": {"publicNetworkAccess": "Disabled"}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {
            "containerRegistry": "[resourceId('Microsoft.ContainerRegistry/registries', 'images')]"
          }
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/cpu",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "scaleSettings": {"maxNodeCount": 4}}
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
          "type": "Microsoft.ContainerRegistry/registries",
          "apiVersion": "2023-07-01",
          "name": "images",
          "location": "westeurope",
          "properties": {"publicNetworkAccess": "Disabled"}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {
            "containerRegistry": "[resourceId('Microsoft.ContainerRegistry/registries', 'images')]",
            "imageBuildCompute": "cpu"
          }
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/cpu",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "scaleSettings": {"maxNodeCount": 4}}
          }
        }
      ]
    }
    ```

    ## Fix safety
    Unsafe: images are built on that cluster, which has to be able to reach registry and storage.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Secure a workspace with a virtual network (read November 2026)
    """

    name = "image-build-compute-missing"
    uses = frozenset({Facet.COMPUTES, Facet.REGISTRIES, Facet.STORAGE, Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        builder = workspace.image_build_compute
        if builder.known != "" and not builder.absent:
            return
        if not workspace.isolation.effective().equals("disabled"):
            return
        gap: Undecided | None = None
        kinds: tuple[type[ContainerRegistry | StorageAccount], ...] = (
            ContainerRegistry,
            StorageAccount,
        )
        for value, kind in zip((workspace.registry, workspace.storage), kinds, strict=True):
            if value.is_absent:
                continue
            try:
                item = estate.find(kind, ResourceId.of(value.term))
                is_closed = bool(item.public_access.equals(other=False))
            except Undecided as undecided:
                if undecided.decisions:
                    raise
                gap = gap or undecided
                continue
            if is_closed:
                other = cpu_cluster(workspace, estate)
                yield self.finding(
                    builder,
                    f"{workspace.label} names no compute that builds its images, but public access "
                    f"of its {item.label} is off: environments may not be built",
                    related=((item.public_access, "public access is off"),),
                    fixes=(
                        Fix(
                            f"build images on '{other}'"
                            if other
                            else "build images on a CPU cluster",
                            Applicability.UNSAFE if other else Applicability.DISPLAY,
                            (builder.set(other),) if other else (),
                            build_on(workspace, other),
                        ),
                    ),
                )
                return
        if gap is not None:
            raise gap
