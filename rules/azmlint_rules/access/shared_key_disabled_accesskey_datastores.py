"""The rule shared-key-disabled-accesskey-datastores."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Estate,
    Facet,
    Finding,
    Fix,
    ResourceId,
    Rule,
    Severity,
    StorageAccount,
    Workspace,
)
from azmlint_rules.recipes import data_roles, update_workspace


class SharedKeyDisabledAccesskeyDatastores(Rule[Workspace]):
    """Workspace reaches its storage account with keys that the account refuses.

    ## Why
    With shared keys disabled, every access to the default datastores fails.

    ## Not when
    The storage account is neither among the files nor in a snapshot: then it is left open.

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
          "properties": {"allowSharedKeyAccess": false}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {
            "storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]"
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
          "properties": {"allowSharedKeyAccess": false}
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope",
          "properties": {
            "storageAccount": "[resourceId('Microsoft.Storage/storageAccounts', 'data')]",
            "systemDatastoresAuthMode": "Identity"
          }
        }
      ]
    }
    ```

    ## Fix safety
    Unsafe: users and computes need data roles on the storage account from then on.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Disable local authentication for storage (8 August 2024)
    """

    name = "shared-key-disabled-accesskey-datastores"
    severity = Severity.ERROR
    uses = frozenset({Facet.STORAGE, Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")
    supersedes = ("datastore-key-auth",)

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        mode = workspace.datastore_auth
        if workspace.storage.is_absent or not mode.effective().equals("accesskey"):
            return
        account = estate.find(StorageAccount, ResourceId.of(workspace.storage.term))
        if account.shared_key_access.effective().equals(other=False):
            yield self.finding(
                mode,
                f"{workspace.label} reaches {account.label} with keys, which that account refuses: its "
                "default datastores do not work",
                related=((account.shared_key_access, "shared keys are disabled"),),
                fixes=(
                    Fix(
                        "use identities instead",
                        Applicability.UNSAFE,
                        (mode.set("identity"),),
                        (
                            *data_roles(workspace),
                            *update_workspace(
                                workspace,
                                "--system-datastores-auth-mode",
                                "identity",
                                undo=("--system-datastores-auth-mode", "accesskey"),
                            ),
                        ),
                    ),
                ),
            )
