"""The rule acr-admin-enabled."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ContainerRegistry,
    Estate,
    Finding,
    Fix,
    ResourceId,
    Rule,
    Severity,
    Workspace,
)


class AcrAdminEnabled(Rule[ContainerRegistry]):
    """Container registry of a workspace has its admin user on.

    ## Why
    All who know its password share it, and it can push any image.

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
          "properties": {"adminUserEnabled": true}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {
            "containerRegistry": "[resourceId('Microsoft.ContainerRegistry/registries', 'images')]"
          }
        }
      ]
    }
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ```

    ## Fix safety
    Unsafe: whoever pulls or pushes with its password no longer can; computes need AcrPull.

    ## References
    - Azure Machine Learning, Identity-based service authentication (10 June 2025)
    """

    name = "acr-admin-enabled"
    severity = Severity.NOTE

    def check(self, registry: ContainerRegistry, estate: Estate) -> Iterator[Finding]:
        admin = registry.admin_user
        if not admin.equals(other=True):
            return
        users = [
            w
            for w in estate.of(Workspace)
            if not w.registry.is_absent and ResourceId.of(w.registry.term).key == registry.id.key
        ]
        if users:
            yield self.finding(
                admin,
                f"{registry.label} of {users[0].label} has its admin user on",
                related=tuple((w.registry, f"used by {w.label}") for w in users),
                fixes=(Fix("turn it off", Applicability.UNSAFE, (admin.set(False),)),),
            )
