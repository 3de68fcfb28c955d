"""The rule workspace-no-uai."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Rule, Severity, Workspace


class WorkspaceNoUai(Rule[Workspace]):
    """Workspace runs as a system-assigned identity.

    ## Why
    What is granted to such an identity is lost when the workspace is deleted and created again. A
    user-assigned identity outlives it.

    ## Not when
    The workspace is a project.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    identity:
      type: user_assigned
    primary_user_assigned_identity: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ws
    ```

    ## How sure
    Documented; it is what Azure Policy 5f0c7d88 audits.

    ## References
    - Azure Policy 5f0c7d88; PSRule AZR-000407 (29 April 2026)
    """

    name = "workspace-no-uai"
    severity = Severity.NOTE
    uses = frozenset({Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, _: Estate) -> Iterator[Finding]:
        identity = workspace.primary_identity
        if identity.known == "" or identity.absent:
            yield self.finding(
                identity,
                f"{workspace.label} names no primary user-assigned identity: what is granted to a "
                "system-assigned one is lost when the workspace is created again",
                why_no_fix="it takes an identity with roles on storage, vault and registry",
            )
