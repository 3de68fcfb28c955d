"""The rule subnet-reference-ambiguous."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Rule, Severity

ID = r"/subscriptions/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.*"


class SubnetReferenceAmbiguous(Rule[Compute]):
    """Compute names its subnet in a form that points elsewhere than meant.

    ## Why
    A short name is completed with the workspace's subscription and resource group, and without
    `vnet_name` with a network called "None". An id of which the subscription is no GUID is taken for a
    short name. The full id of the subnet says what is meant.

    ## Not when
    The full id of a subnet is written, with or without `vnet_name`. Templates and Terraform know ids only.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings:
      subnet: ml
    ```

    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    network_settings:
      vnet_name: net
      subnet: ml
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

    ## How sure
    Observed by running azure-ai-ml 1.35.

    ## References
    - azure-ai-ml 1.35, `get_subnet_str` (run)
    - az ml YAML reference of computes (read November 2026)
    """

    name = "subnet-reference-ambiguous"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        subnet, network = compute.subnet, compute.vnet_name
        if compute.network_settings.is_absent or not subnet.given:
            return
        if subnet.matches(ID):
            return
        if subnet.matches(r"/subscriptions/.*"):
            yield self.finding(
                subnet,
                f"{compute.label} names a subnet whose subscription is no GUID, so the whole id is "
                "taken for a short name and another network is looked for",
                why_no_fix="which subscription is meant is for its author to say",
            )
            return
        if network.absent:
            yield self.finding(
                subnet,
                f"{compute.label} names subnet '{subnet.text}' without its network, so a network "
                "called 'None' is looked for",
                why_no_fix="write the full id of the subnet",
            )
            return
        yield self.finding(
            subnet,
            f"{compute.label} names subnet '{subnet.text}' by its short name, which is looked for in "
            "the workspace's own resource group",
            severity=Severity.WARNING,
            why_no_fix="write the full id of the subnet, if it is elsewhere",
        )
