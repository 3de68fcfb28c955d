"""The rule workspace-isolation-weak."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Estate, Facet, Finding, Fix, Rule, Severity, Workspace
from azmlint_rules.recipes import update_workspace


class WorkspaceIsolationWeak(Rule[Workspace]):
    """Workspace does not limit where its computes may send data.

    ## Why
    In a managed virtual network with approved outbound rules only, a job cannot send data elsewhere.
    Changes of this mode go one way.

    ## Not when
    The workspace is a project, which is in its hub's network.

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
    managed_network:
      isolation_mode: allow_only_approved_outbound
    ```

    ## How sure
    Documented; it is what Azure Policy 6ddb1705 audits.

    ## References
    - Azure Policy 6ddb1705; Azure Machine Learning, Workspace managed network (29 April 2026)
    """

    name = "workspace-isolation-weak"
    severity = Severity.NOTE
    uses = frozenset({Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, _: Estate) -> Iterator[Finding]:
        mode = workspace.isolation
        if ~mode.effective().equals("allowonlyapprovedoutbound"):
            yield self.finding(
                mode,
                f"{workspace.label} does not limit its computes to approved outbound traffic, so a job "
                "may send data anywhere",
                fixes=(
                    Fix(
                        "allow approved outbound traffic only",
                        Applicability.DISPLAY,
                        steps=update_workspace(
                            workspace, "--managed-network", "allow_only_approved_outbound"
                        ),
                    ),
                ),
            )
