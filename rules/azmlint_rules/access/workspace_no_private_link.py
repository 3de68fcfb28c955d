"""The rule workspace-no-private-link."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Estate, Facet, Finding, Fix, Rule, Severity, Workspace
from azmlint_rules.recipes import connect_privately


class WorkspaceNoPrivateLink(Rule[Workspace]):
    """Workspace has no private endpoint.

    ## Why
    Without a private endpoint all traffic to the workspace takes its public address, also from your own
    networks, and public access cannot be turned off without cutting everybody off.

    ## Not when
    The workspace is a project, which uses the endpoints of its hub. Of what is deployed only approved
    endpoints count, of what files declare every one; files alone never tell that there is none.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"privateEndpointConnections": [{"properties": {"privateLinkServiceConnectionState": {"status": "Pending"}}}]}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"privateEndpointConnections": [{"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}]}}]}
      ]
    }
    ```

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
          "type": "Microsoft.Network/privateEndpoints",
          "apiVersion": "2024-05-01",
          "name": "ws-pe",
          "location": "westeurope",
          "properties": {
            "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'pe')]"},
            "privateLinkServiceConnections": [
              {
                "name": "ws",
                "properties": {
                  "privateLinkServiceId": "[resourceId('Microsoft.MachineLearningServices/workspaces', 'ws')]",
                  "groupIds": ["amlworkspace"]
                }
              }
            ]
          }
        }
      ]
    }
    ```

    ## How sure
    Documented: it is what Azure Policy 45e05259 audits.

    ## References
    - Azure Policy 45e05259 (29 April 2026; 40cec1dd, which asked the same, is deprecated)
    - Azure Machine Learning, Configure a private endpoint (22 May 2025)
    """

    name = "workspace-no-private-link"
    severity = Severity.NOTE
    needs = frozenset({Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        if estate.has_private_endpoint(workspace):
            return
        yield self.finding(
            workspace,
            f"{workspace.label} has no approved private endpoint: whatever speaks to it takes its "
            "public address",
            fixes=(
                Fix(
                    "give it a private endpoint",
                    Applicability.DISPLAY,
                    steps=connect_privately(workspace, "amlworkspace"),
                ),
            ),
        )
