"""The rule ssh-port-unspecified."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    ComputeCluster,
    Estate,
    Facet,
    Finding,
    Fix,
    Rule,
    Severity,
    Undecided,
)
from azmlint_rules.recipes import recreate_compute


class SshPortUnspecified(Rule[ComputeCluster]):
    """Compute cluster leaves open whether its SSH port is public, and is in no network.

    ## Why
    Unset is sent as NotSpecified, which the service defines as closed in a virtual network and open
    without one, although the YAML reference gives false as the default. It is a warning for a cluster
    with an SSH user, and a note for one without.

    ## Not when
    The cluster is in a subnet or a managed network, or its nodes have no public addresses. azurerm sends a
    closed port for an unset one.

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

    ## Fix safety
    Shown only: a deployed cluster has to be created again, and whoever logs in that way no longer can.

    ## How sure
    Specified; the YAML reference says otherwise, and the SDK was read.

    ## References
    - REST type AmlCompute, remoteLoginPortPublicAccess (API 2025-12-01)
    """

    name = "ssh-port-unspecified"
    security_severity = 6.5
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        ssh = cluster.ssh_public
        if not (ssh.absent | ssh.equals("notspecified")):
            return
        if not cluster.subnet.absent or cluster.public_ip.equals(other=False):
            return
        try:
            workspace = estate.workspace_of(cluster)
        except Undecided:
            workspace = None
        if workspace is not None and ~workspace.isolation.effective().equals("disabled"):
            return
        has_user = not cluster.admin_user.is_absent
        what = "has an SSH user, is" if has_user else "is"
        yield self.finding(
            ssh,
            f"{cluster.label} {what} in no network and does not close its SSH port, so the port is open "
            "to the internet",
            severity=None if has_user else Severity.NOTE,
            fixes=(
                Fix(
                    "close the port",
                    Applicability.DISPLAY,
                    (ssh.set("disabled"),),
                    recreate_compute(cluster),
                ),
            ),
        )
