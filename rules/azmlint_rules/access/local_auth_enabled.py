"""The rule local-auth-enabled."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import recreate_compute


class LocalAuthEnabled(Rule[ComputeCluster]):
    """Compute cluster allows logins with local accounts.

    ## Why
    Local accounts stand beside Microsoft Entra ID: nobody sees them in an access review. It can only be
    set at creation.

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
    Unsafe: whoever logs in that way no longer can. A deployed compute has to be created again.

    ## References
    - Azure Policy e96a9a5f; PSRule AZR-000404; checkov CKV_AZURE_142
    """

    name = "local-auth-enabled"
    security_severity = 4.0

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        local = cluster.local_auth
        if not local.effective().equals(other=True):
            return
        flag = cluster.disable_local_auth
        fixes: tuple[Fix, ...] = ()
        if flag.route is not None:
            fixes = (
                Fix(
                    "disable local accounts",
                    Applicability.UNSAFE,
                    (flag.set(True),),
                    recreate_compute(cluster),
                ),
            )
        how = "by default" if local.is_absent else "on purpose"
        yield self.finding(
            local,
            f"{cluster.label} allows logins with local accounts {how}",
            severity=Severity.NOTE if local.is_absent else None,
            fixes=fixes,
            why_no_fix=None if fixes else "leave the SSH settings out to disable local accounts",
        )
