"""The rule workspace-no-cmk."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Rule, Severity, Workspace


class WorkspaceNoCmk(Rule[Workspace]):
    """Workspace is encrypted with a key of Microsoft's.

    ## Why
    Some rules ask for a key that you can take away. It can only be chosen at creation.

    ## Not when
    The workspace is a project, which has its hub's encryption.

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
    customer_managed_key:
      key_vault: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv
      key_uri: https://kv.vault.azure.net/keys/k/1
    ```

    ## How sure
    Documented; it is what Azure Policy ba769a63 audits.

    ## References
    - Azure Policy ba769a63 (29 April 2026)
    """

    name = "workspace-no-cmk"
    severity = Severity.NOTE
    uses = frozenset({Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, _: Estate) -> Iterator[Finding]:
        if (workspace.customer_managed_key.absent & workspace.encryption.absent) | (
            workspace.encryption.equals(other=False)
        ):
            yield self.finding(
                workspace.encryption if not workspace.encryption.is_absent else workspace,
                f"{workspace.label} is encrypted with a key of Microsoft's, which you cannot take away",
                why_no_fix="a key can only be chosen when a workspace is created",
            )
