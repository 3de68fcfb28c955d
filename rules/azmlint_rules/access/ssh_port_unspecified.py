"""The rule ssh-port-unspecified."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeCluster, Estate, Finding, Fix, Rule, Undecided


class SshPortUnspecified(Rule[ComputeCluster]):
    """Compute cluster leaves open whether its SSH port is public, and is in no network.

    ## Why
    Unset means NotSpecified, which the service defines as closed in a virtual network and open without
    one. Only clusters with an SSH user can be logged in to.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_settings:
      admin_username: azureuser
      ssh_key_value: ssh-rsa AAAA
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_public_access_enabled: false
    ssh_settings:
      admin_username: azureuser
      ssh_key_value: ssh-rsa AAAA
    ```

    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Fix safety
    Unsafe: whoever logs in that way no longer can. A deployed compute has to be created again.

    ## References
    - REST type AmlCompute, remoteLoginPortPublicAccess (API 2025-12-01)
    """

    name = "ssh-port-unspecified"
    security_severity = 6.5

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        ssh = cluster.ssh_public
        if not (ssh.absent | ssh.equals("notspecified")):
            return
        if cluster.admin_user.is_absent or not cluster.subnet.absent:
            return
        if cluster.public_ip.equals(other=False):
            return
        try:
            workspace = estate.workspace_of(cluster)
        except Undecided:
            workspace = None
        if workspace is not None and ~workspace.isolation.effective().equals("disabled"):
            return
        yield self.finding(
            ssh,
            f"{cluster.label} has an SSH user, is in no network and does not close the port, so it "
            "is open to the internet",
            fixes=(Fix("close the port", Applicability.UNSAFE, (ssh.set("disabled"),)),),
        )
