"""The rule cluster-far-from-datastore."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Facet, Finding, ResourceId, Rule, StorageAccount


class ClusterFarFromDatastore(Rule[ComputeCluster]):
    """Compute cluster is in another region than the default storage account of its workspace.

    ## Why
    Every job reads and writes across regions: that takes longer and is billed as traffic. Where the
    storage account is in the workspace's region and only the cluster is elsewhere, `cluster-in-
    other-region` says so.

    ## Not when
    The account is in the region of the workspace: then cluster-in-other-region says so.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Storage/storageAccounts",
          "apiVersion": "2023-05-01",
          "name": "data",
          "location": "northeurope",
          "properties": {}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {"storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]"}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
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
          "type": "Microsoft.Storage/storageAccounts",
          "apiVersion": "2023-05-01",
          "name": "data",
          "location": "westeurope",
          "properties": {}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {"storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]"}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_D4s_v5", "scaleSettings": {"maxNodeCount": 4}}
          }
        }
      ]
    }
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Create compute clusters (11 September 2025); Manage and optimize costs
    """

    name = "cluster-far-from-datastore"
    uses = frozenset({Facet.COMPUTES, Facet.STORAGE, Facet.WORKSPACES})

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        workspace = estate.workspace_of(cluster)
        if workspace.storage.is_absent:
            return
        account = estate.find(StorageAccount, ResourceId.of(workspace.storage.term))
        own = cluster.location
        location = workspace.location if own.is_absent else own
        if not location.differs_from(account.location):
            return
        if account.location.same_as(workspace.location).known:
            return
        yield self.finding(
            own,
            f"{cluster.label} is in {location.text}, but {account.label} with its data is in "
            f"{account.location.text}: every job pays latency and traffic between them",
            related=((account.location, "the region of the data"),),
            why_no_fix="neither can change its region; which of them to create again depends on the "
            "data",
        )
