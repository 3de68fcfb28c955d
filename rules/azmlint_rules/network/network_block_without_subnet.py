"""The rule network-block-without-subnet."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Finding, Fix, Rule, Severity


class NetworkBlockWithoutSubnet(Rule[Compute]):
    """Compute has network settings without a subnet.

    ## Why
    With `vnet_name` alone the client raises. With an empty `subnet` the cluster is created outside
    of the network, and nothing says so. An empty block makes a create fail, and is harmless in what
    `az ml compute show` prints.

    ## Not when
    The settings come from a template or from Terraform, which have no such block.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings:
      vnet_name: net
    ```

    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings:
      subnet: ""
    ```

    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings: {}
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings:
      subnet: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/ml
    ```

    ## Fix safety
    Safe: an empty block says nothing.

    ## How sure
    Observed by running azure-ai-ml 1.35.

    ## References
    - azure-ai-ml 1.35 (run)
    """

    name = "network-block-without-subnet"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        settings, subnet = compute.network_settings, compute.subnet_text
        if settings.term.is_absent or settings.term.data is None:
            return
        if subnet.known != "" and subnet.given:
            return
        if not compute.vnet_name.is_absent:
            yield self.finding(
                compute.vnet_name,
                f"{compute.label} names a network but no subnet; the client refuses it",
                why_no_fix="write the full id of the subnet",
            )
        elif subnet.known == "":
            yield self.finding(
                subnet,
                f"{compute.label} has an empty subnet, so it is created outside of any network",
                why_no_fix="write the full id of the subnet",
            )
        else:
            yield self.finding(
                settings,
                f"{compute.label} has empty network settings; its creation fails",
                severity=Severity.WARNING,
                fixes=(Fix("leave the block out", Applicability.SAFE, (settings.remove(),)),),
            )
