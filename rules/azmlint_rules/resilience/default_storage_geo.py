"""The rule default-storage-geo."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, ResourceId, Rule, Severity, StorageAccount, Workspace

GEO = r"(standard_)?(ra)?gz?rs"


class DefaultStorageGeo(Rule[Workspace]):
    """Workspace in production relies on geo-redundancy of its default storage account.

    ## Why
    The account is replicated to another region, but a workspace does not follow a failover of its default
    storage account: that is not supported. What is paid for the second copy saves the data, not the
    workspace.

    ## Not when
    The workspace is not marked as production, or the account is not the default one: datastores of your
    own may fail over.

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
          "location": "westeurope",
          "sku": {"name": "Standard_RAGRS"}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "tags": {"environment": "production"},
          "properties": {
            "storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]"
          }
        }
      ]
    }
    ```

    ```hcl
    resource "azurerm_storage_account" "data" {
      name                     = "data"
      resource_group_name      = "rg"
      location                 = "westeurope"
      account_tier             = "Standard"
      account_replication_type = "GRS"
    }

    resource "azurerm_machine_learning_workspace" "ws" {
      name                    = "ws"
      resource_group_name     = "rg"
      location                = "westeurope"
      storage_account_id      = azurerm_storage_account.data.id
      key_vault_id            = var.key_vault_id
      application_insights_id = var.application_insights_id
      tags                    = { environment = "production" }
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
          "sku": {"name": "Standard_ZRS"}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "tags": {"environment": "production"},
          "properties": {
            "storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]"
          }
        }
      ]
    }
    ```

    ## How sure
    Documented: a failover of the default storage account is not supported.

    ## References
    - Azure Machine Learning, Failover for business continuity and disaster recovery (2025)
    """

    name = "default-storage-geo"
    severity = Severity.NOTE
    uses = frozenset({Facet.STORAGE, Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        if workspace.storage.is_absent or not estate.is_production(workspace):
            return
        account = estate.find(StorageAccount, ResourceId.of(workspace.storage.term))
        if not account.replication.matches(GEO):
            return
        yield self.finding(
            account.replication,
            f"{account.label} is replicated to another region ({account.replication.text}), but "
            f"{workspace.label}, whose default storage it is, does not follow a failover",
            related=((workspace.storage, "the default storage account"),),
            why_no_fix="plan for a second workspace with its own account, and copy to it what it needs",
        )
