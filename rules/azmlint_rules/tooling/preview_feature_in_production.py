"""The rule preview-feature-in-production."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Finding, Rule, Severity


class PreviewFeatureInProduction(Rule[ComputeCluster]):
    """Compute cluster of a production workspace uses a feature that is in preview.

    ## Why
    Previews come without a promise. Windows nodes, images of your own and isolated networks are
    previews of compute clusters.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "tags": {"environment": "production"},
          "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "osType": "Windows"}
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
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "tags": {"environment": "production"},
          "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "osType": "Linux"}
          }
        }
      ]
    }
    ```

    ## References
    - REST type AmlCompute; the list is ours
    """

    name = "preview-feature-in-production"
    severity = Severity.NOTE

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if not estate.is_production(cluster):
            return
        if cluster.os_type.matches("windows"):
            yield self.finding(
                cluster.os_type,
                f"{cluster.label} is in production with Windows nodes, which are a preview",
                why_no_fix="a cluster with Linux nodes has to be created",
            )
