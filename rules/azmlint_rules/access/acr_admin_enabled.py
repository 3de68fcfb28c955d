"""The rule acr-admin-enabled."""

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
    Severity,
    Undecided,
    Workspace,
)
from azmlint_rules.recipes import grant, update_registry


class AcrAdminEnabled(Rule[ContainerRegistry]):
    """Container registry of a workspace has its admin user on.

    ## Why
    All who know its one password share it, and it can pull and push any image. Azure Machine Learning
    turns it on in the registries that it creates itself.

    ## Not when
    No workspace uses the registry as its own.

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
          "properties": {"adminUserEnabled": false}
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

    ## Fix safety
    Unsafe: whoever pulls or pushes with its password no longer can. The identities of computes need
    AcrPull, and in a registry with ABAC permissions Container Registry Repository Reader.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Identity-based service authentication (10 June 2025)
    - Azure Container Registry, ABAC repository permissions (read November 2026)
    """

    name = "acr-admin-enabled"
    severity = Severity.NOTE
    uses = frozenset({Facet.REGISTRIES, Facet.WORKSPACES})

    def check(self, registry: ContainerRegistry, estate: Estate) -> Iterator[Finding]:
        admin = registry.admin_user
        if not admin.equals(other=True):
            return
        named = [w for w in estate.of(Workspace) if not w.registry.is_absent]
        uses = [(w, ResourceId.of(w.registry.term).equals(registry.id)) for w in named]
        users = [w for w, verdict in uses if verdict.known]
        if users:
            yield self.finding(
                admin,
                f"{registry.label} of {users[0].label} has its admin user on: all who know its one "
                "password share it",
                related=tuple((w.registry, f"used by {w.label}") for w in users),
                fixes=(
                    Fix(
                        "turn the admin user off",
                        Applicability.UNSAFE,
                        (admin.set(False),),
                        (
                            grant("AcrPull", registry.id, "registry"),
                            *update_registry(
                                registry,
                                "--admin-enabled",
                                "false",
                                undo=("--admin-enabled", "true"),
                            ),
                        ),
                    ),
                ),
            )
            return
        if registry.is_deployed:
            estate.require(Facet.WORKSPACES, registry.id.subscription or registry.id)
            return
        for workspace in estate.of(Workspace):
            value = workspace.registry
            verdict = ResourceId.of(value.term).equals(registry.id)
            if not value.is_absent and verdict.known is None:
                raise Undecided(value.reasons or verdict.reasons)
