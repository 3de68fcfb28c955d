"""The rule custom-subnet-in-managed-network."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Facet, Finding, Fix, Rule, Severity


class CustomSubnetInManagedNetwork(Rule[Compute]):
    """Compute names a subnet of its own in a workspace with a managed virtual network.

    ## Why
    Computes of such a workspace are in the managed network; your subnet is refused.

    ## Not when
    The workspace has no managed network.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    managed_network:
      isolation_mode: allow_only_approved_outbound
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings:
      subnet: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/ml
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    managed_network:
      isolation_mode: allow_only_approved_outbound
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Fix safety
    Unsafe: nodes start in another network.

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Managed network for computes, Limitations (read November 2026)
    """

    name = "custom-subnet-in-managed-network"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES})
    supersedes = ("no-public-ip-without-egress", "udr-breaks-control-path")

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        subnet = compute.subnet
        if not subnet.given:
            return
        workspace = estate.workspace_of(compute)
        if ~workspace.isolation.effective().equals("disabled"):
            yield self.finding(
                subnet,
                f"{compute.label} names a subnet, but its {workspace.label} has a managed virtual "
                "network, in which that is not supported",
                related=((workspace.isolation, "the managed virtual network"),),
                fixes=(
                    Fix(
                        "leave the subnet out",
                        Applicability.UNSAFE,
                        (compute.subnet_block.remove(),),
                    ),
                ),
            )
