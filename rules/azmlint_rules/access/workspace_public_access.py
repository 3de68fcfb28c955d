"""The rule workspace-public-access."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Estate, Facet, Finding, Fix, Rule, Workspace
from azmlint_rules.recipes import update_workspace


class WorkspacePublicAccess(Rule[Workspace]):
    """Workspace can be reached from the internet.

    ## Why
    Its studio and API answer to every network, protected by sign-in alone. It is the default of every
    tool.

    ## Not when
    The older switch `allowPublicAccessWhenBehindVnet` is off and the workspace has a private endpoint.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    public_network_access: enabled
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    public_network_access: disabled
    ```

    ## Fix safety
    Unsafe: whoever works without a private endpoint is shut out.

    ## How sure
    Documented; it is what Azure Policy 438c38d2 audits.

    ## References
    - Azure Policy 438c38d2; PSRule AZR-000406; checkov CKV_AZURE_144 (29 April 2026)
    """

    name = "workspace-public-access"
    uses = frozenset({Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")
    security_severity = 6.0

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        legacy = workspace.public_behind_vnet
        if legacy.equals(other=True) & workspace.public_access.absent:
            yield self.finding(
                legacy,
                f"{workspace.label} can be reached from the internet beside its private endpoints, "
                "protected by sign-in alone",
                fixes=(Fix("keep the internet out", Applicability.UNSAFE, (legacy.set(False),)),),
            )
            return
        public = workspace.public_access
        if not public.effective().equals(other=True):
            return
        is_default = public.is_absent
        if is_default and legacy.equals(other=False) and estate.has_private_endpoint(workspace):
            return
        yield self.finding(
            public,
            f"{workspace.label} can be reached from the internet{' by default' if is_default else ''}, "
            "protected by sign-in alone",
            fixes=(
                Fix(
                    "keep the internet out",
                    Applicability.UNSAFE,
                    (public.set(False),),
                    update_workspace(
                        workspace,
                        "--public-network-access",
                        "Disabled",
                        undo=("--public-network-access", "Enabled"),
                    ),
                ),
            ),
        )
