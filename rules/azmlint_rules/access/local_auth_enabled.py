"""The rule local-auth-enabled."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import recreate_compute


class LocalAuthEnabled(Rule[ComputeCluster]):
    """Compute cluster allows logins with local accounts.

    ## Why
    Local accounts stand beside Microsoft Entra ID: no access review shows them. A template allows them
    unless it says otherwise; `az ml` allows them exactly when the file has SSH settings. It can only
    be set at creation.

    ## Not when
    az ml YAML or SDK v2 without SSH settings: both then turn local accounts off.

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
          "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": false,
            "properties": {"vmSize": "Standard_D4s_v5"}
          }
        }
      ]
    }
    ```

    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_settings:
      admin_username: azureuser
      ssh_key_value: ssh-rsa AAAA
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
          "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": true,
            "properties": {"vmSize": "Standard_D4s_v5"}
          }
        }
      ]
    }
    ```

    ## Fix safety
    Shown only: a deployed cluster has to be created again, and whoever logs in that way no longer can.

    ## How sure
    Specified; what the tools send was read in their source.

    ## References
    - Azure Policy e96a9a5f; PSRule AZR-000404; checkov CKV_AZURE_142 (29 April 2026)
    """

    name = "local-auth-enabled"
    security_severity = 4.0
    uses = frozenset({Facet.COMPUTES})

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        local = cluster.local_auth
        if not local.effective().equals(other=True):
            return
        flag = cluster.disable_local_auth
        change = local.remove() if flag.route is None else flag.set(True)
        by_default = " by default" if local.is_absent else ""
        yield self.finding(
            local,
            f"{cluster.label} allows logins with local accounts{by_default}: no access review of "
            "Microsoft Entra ID shows them",
            fixes=(
                Fix(
                    "disable local accounts",
                    Applicability.DISPLAY,
                    (change,),
                    recreate_compute(cluster),
                ),
            ),
        )
