"""The rule datastore-key-auth."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Estate, Facet, Finding, Fix, Rule, Severity, Workspace
from azmlint_rules.recipes import data_roles, update_workspace


class DatastoreKeyAuth(Rule[Workspace]):
    """Workspace reaches its default datastores with account keys.

    ## Why
    Whoever may read the datastores' secrets gets a key that opens the whole storage account.

    ## Not when
    The account refuses keys: then shared-key-disabled-accesskey-datastores says so. Datastores of your own
    are not looked at.

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
    system_datastores_auth_mode: identity
    ```

    ## Fix safety
    Unsafe: users and computes need data roles on the storage account from then on.

    ## How sure
    Documented; it is the default of the service by specification.

    ## References
    - Azure Machine Learning, Disable local authentication for storage (8 August 2024)
    """

    name = "datastore-key-auth"
    severity = Severity.NOTE
    uses = frozenset({Facet.WORKSPACES})
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, _: Estate) -> Iterator[Finding]:
        mode = workspace.datastore_auth
        if mode.effective().equals("accesskey"):
            yield self.finding(
                mode,
                f"{workspace.label} reaches its default datastores with account keys, so whoever may "
                "read their secrets has the whole storage account",
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
