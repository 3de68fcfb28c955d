"""The rule compute-not-in-network."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, ComputeCluster, ComputeInstance, Estate, Facet, Finding, Rule, Severity


class ComputeNotInNetwork(Rule[Compute]):
    """Compute is in no virtual network.

    ## Why
    A built-in policy asks for one. Computes of a workspace with a managed virtual network are in that
    one, which the policy does not see.

    ## Not when
    The workspace has a managed network, which the built-in policy does not see; Kubernetes clusters.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings:
      subnet: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/ml
    ```

    ## How sure
    Documented; it is what Azure Policy 7804b5c7 audits.

    ## References
    - Azure Policy 7804b5c7; PSRule AZR-000405 (29 April 2026)
    """

    name = "compute-not-in-network"
    severity = Severity.NOTE
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if not isinstance(compute, (ComputeCluster, ComputeInstance)):
            return
        if not compute.subnet.absent:
            return
        workspace = estate.workspace_of(compute)
        if workspace.isolation.effective().equals("disabled"):
            yield self.finding(
                compute,
                f"{compute.label} is in no virtual network, so nothing limits what its nodes reach",
                why_no_fix="give it a subnet, or the workspace a managed virtual network",
            )
