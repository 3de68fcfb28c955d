"""The rule serverless-npip-conflict."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Finding, Rule, Workspace


class ServerlessNpipConflict(Rule[Workspace]):
    """Workspace wants serverless compute without public addresses, and gives it no subnet.

    ## Why
    Serverless nodes without public addresses need a subnet of yours, or a managed virtual network, to
    reach the workspace.

    ## Not when
    The workspace has a managed network, or names a subnet.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    serverless_compute:
      no_public_ip: true
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    serverless_compute:
      no_public_ip: true
      custom_subnet: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/ml
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Secure training environments (12 June 2025)
    """

    name = "serverless-npip-conflict"
    judges_deployed = False

    def check(self, workspace: Workspace, _: Estate) -> Iterator[Finding]:
        flag = workspace.serverless_no_public_ip
        if not flag.equals(other=True) or not workspace.serverless_subnet.absent:
            return
        if workspace.isolation.effective().equals("disabled"):
            yield self.finding(
                flag,
                f"{workspace.label} gives serverless compute neither public addresses nor a subnet, "
                "so its nodes may not reach the workspace",
                why_no_fix="name a subnet that reaches the workspace",
            )
