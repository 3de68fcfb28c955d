"""The rule ssh-user-incomplete."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import ComputeCluster, Estate, Finding, Rule, Severity


class SshUserIncomplete(Rule[ComputeCluster]):
    """Compute cluster has an SSH user without key and password, or a key or password without user.

    ## Why
    The creation is refused: a user needs a name, and a key or a password. Compute instances take a key
    alone.

    ## Not when
    Compute instances, which have a key alone.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_settings:
      admin_username: azureuser
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_settings:
      admin_username: azureuser
      ssh_key_value: ssh-rsa AAAA
    ```

    ## How sure
    Observed in the source of SDK v1 and of the Terraform provider, which refuse it.

    ## References
    - azureml-core 1.61 and azurerm (source)
    """

    name = "ssh-user-incomplete"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, cluster: ComputeCluster, _: Estate) -> Iterator[Finding]:
        user, key, password = cluster.admin_user, cluster.admin_key, cluster.admin_password
        has_secret = key.given | password.given
        if user.given & ~has_secret:
            yield self.finding(
                user,
                f"{cluster.label} has an SSH user without key and password; its creation is refused",
                why_no_fix="give the user an SSH key, or leave the SSH settings out",
            )
        elif user.absent & has_secret:
            yield self.finding(
                key if password.is_absent else password,
                f"{cluster.label} has an SSH key or password without a user name; its creation is "
                "refused",
                why_no_fix="name the user, or leave the SSH settings out",
            )
