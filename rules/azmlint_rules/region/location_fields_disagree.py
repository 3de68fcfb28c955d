"""The rule location-fields-disagree."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Facet, Finding, Rule


class LocationFieldsDisagree(Rule[Compute]):
    """Compute names two regions, and tools disagree on which of them counts.

    ## Why
    Terraform and SDK v1 write the workspace's region into `location` and the cluster's into
    `computeLocation`; the CLI and SDK v2 write the cluster's region into `location`. Nodes run in
    `computeLocation` where it is given. That is fine as long as `location` is the workspace's.

    ## Not when
    `location` is the workspace's region, as Terraform and SDK v1 write it.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope"
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "northeurope",
          "properties": {
            "computeType": "AmlCompute",
            "computeLocation": "francecentral",
            "properties": {"vmSize": "Standard_D4s_v5"}
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
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope"
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "computeLocation": "francecentral",
            "properties": {"vmSize": "Standard_D4s_v5"}
          }
        }
      ]
    }
    ```

    ## How sure
    Observed in the source of three tools.

    ## References
    - azurerm, azureml-core and azure-ai-ml (source) (read November 2026)
    """

    name = "location-fields-disagree"
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        top, inner = compute.top_location, compute.compute_location
        if top.is_absent or inner.is_absent:
            return
        other = ~top.same_as(inner)
        if other.known is False:
            return
        workspace = estate.workspace_of(compute)
        if other & top.differs_from(workspace.location):
            yield self.finding(
                top,
                f"{compute.label} names {top.text} as its location and {inner.text} as that of its "
                f"nodes, and its {workspace.label} is in {workspace.location.text}",
                related=((inner, "where the nodes run"), (workspace.location, "the workspace")),
                why_no_fix="which region is meant is for its author to say",
            )
