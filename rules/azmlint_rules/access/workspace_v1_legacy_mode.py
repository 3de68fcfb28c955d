"""The rule workspace-v1-legacy-mode."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Estate, Facet, Finding, Fix, Rule, Workspace


class WorkspaceV1LegacyMode(Rule[Workspace]):
    """Workspace is in v1 legacy mode.

    ## Why
    Most features of the v2 API do not work in it, and the tools of v1 are out of support since
    30 June 2026. A built-in policy asks for the mode, to isolate v1 traffic: weigh the two.

    ## Not when
    The mode is not written: it is off by default.

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
          "location": "westeurope",
          "properties": {"v1LegacyMode": true}
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
    Unsafe: traffic of the v2 API goes over Azure Resource Manager's public addresses from then on.

    ## How sure
    Specified; that a policy asks for the opposite is told above.

    ## References
    - REST type WorkspaceProperties; Azure Policy e413671a (29 April 2026)
    """

    name = "workspace-v1-legacy-mode"
    uses = frozenset({Facet.WORKSPACES})

    def check(self, workspace: Workspace, _: Estate) -> Iterator[Finding]:
        mode = workspace.v1_legacy
        if mode.equals(other=True):
            yield self.finding(
                mode,
                f"{workspace.label} is in v1 legacy mode, in which most features of the v2 API do not work",
                fixes=(Fix("leave v1 legacy mode", Applicability.UNSAFE, (mode.set(False),)),),
            )
