"""The rule public-ip-setting-ignored."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Finding, Rule, Severity


class PublicIpSettingIgnored(Rule[ComputeCluster]):
    """SDK v1 is asked for nodes without public addresses, and creates them with such addresses.

    ## Why
    Without a virtual network SDK v1 does not send the setting at all. With one it does, but in version
    2020-02-02 of the interface, which does not know it; users report that the nodes then have public
    addresses, too.

    ## Not when
    The cluster is created with SDK v2, az ml, a template or Terraform.

    ## Bad
    ```python
    from azureml.core.compute import AmlCompute, ComputeTarget

    config = AmlCompute.provisioning_configuration(
        vm_size="Standard_D4s_v5", max_nodes=4, enable_node_public_ip=False
    )
    ComputeTarget.create(ws, "train", config)
    ```

    ## Good
    ```python
    from azure.ai.ml.entities import AmlCompute

    cluster = AmlCompute(
        name="train", size="Standard_D4s_v5", max_instances=4, enable_node_public_ip=False
    )
    ```

    ## How sure
    Observed in the source of azureml-core; that nodes have addresses all the same is a user's report.

    ## References
    - azureml-core 1.61, `_build_create_payload` (source)
    - Azure/azure-sdk-for-python, issue 24144 (read November 2026)
    """

    name = "public-ip-setting-ignored"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        setting = cluster.public_ip
        if estate.tool_of(cluster) != "SDK v1" or not setting.equals(other=False):
            return
        if cluster.triple_network.absent:
            severity, fact = Severity.ERROR, "without a virtual network SDK v1 does not send it"
        else:
            severity, fact = (
                Severity.WARNING,
                "SDK v1 sends it in a version of the interface that does not know it",
            )
        yield self.finding(
            setting,
            f"{cluster.label} is to have no public addresses, but {fact}",
            severity=severity,
            why_no_fix="create it with azure-ai-ml or az ml",
        )
