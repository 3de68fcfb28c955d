"""The rule vnet-triple-incomplete."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Rule, Severity


class VnetTripleIncomplete(Rule[Compute]):
    """Compute of SDK v1 names a part of its virtual network only.

    ## Why
    Resource group, network and subnet are wanted together; with one or two of them the call raises an
    exception and nothing is created.

    ## Not when
    Other tools, which name a subnet by its id.

    ## Bad
    ```python
    from azureml.core.compute import AmlCompute, ComputeTarget

    config = AmlCompute.provisioning_configuration(
        vm_size="Standard_D4s_v5", max_nodes=4, vnet_name="vnet", subnet_name="train"
    )
    ComputeTarget.create(ws, "train", config)
    ```

    ## Good
    ```python
    from azureml.core.compute import AmlCompute, ComputeTarget

    config = AmlCompute.provisioning_configuration(
        vm_size="Standard_D4s_v5",
        max_nodes=4,
        vnet_resourcegroup_name="net",
        vnet_name="vnet",
        subnet_name="train",
    )
    ComputeTarget.create(ws, "train", config)
    ```

    ## How sure
    Observed in the source of azureml-core, which raises.

    ## References
    - azureml-core 1.61, `validate_configuration` (source)
    """

    name = "vnet-triple-incomplete"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        triple = {
            "vnet_resourcegroup_name": compute.triple_group,
            "vnet_name": compute.triple_network,
            "subnet_name": compute.triple_subnet,
        }
        given = [value for value in triple.values() if value.given]
        if not given or len(given) == len(triple):
            return
        missing = [name for name, value in triple.items() if value.absent]
        yield self.finding(
            given[0],
            f"{compute.label} names its virtual network without {' and '.join(missing)}; its creation is "
            "refused",
            why_no_fix=f"state {' and '.join(missing)}, too, or leave the network out",
        )
