"""The rule preview-feature-in-production."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, Rule, Severity


class PreviewFeatureInProduction(Rule[ComputeCluster]):
    """Compute cluster of a production workspace uses a feature that is in preview.

    ## Why
    Previews come without a service level agreement. Windows nodes, images of your own, isolated
    networks and property bags are previews of compute clusters.

    ## Not when
    The cluster is not in production.

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

    ## How sure
    Specified; which features count as previews is a list of our own.

    ## References
    - REST type AmlCompute; the list is ours
    """

    name = "preview-feature-in-production"
    severity = Severity.NOTE
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        features = (
            (cluster.os_type, cluster.os_type.matches("windows"), "Windows nodes"),
            (cluster.image, cluster.image.given, "an image of its own"),
            (
                cluster.isolated_network,
                cluster.isolated_network.equals(other=True),
                "an isolated network",
            ),
            (cluster.property_bag, cluster.property_bag.given, "a property bag"),
        )
        used = [feature for feature in features if feature[1].known is not False]
        if not used or not estate.is_production(cluster):
            return
        for value, verdict, words in used:
            if verdict:
                yield self.finding(
                    value,
                    f"{cluster.label} is in production with {words}, a preview without a service level "
                    "agreement",
                    why_no_fix="the cluster has to be created again without it",
                )
