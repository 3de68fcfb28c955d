"""The rule ssh-password-in-file."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Rule, Severity


class SshPasswordInFile(Rule[Compute]):
    """File holds the SSH password of a compute.

    ## Why
    Whoever reads the repository, or any copy of its history, can log in.

    ## Not when
    The password comes from a parameter, a variable or a secret store.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_settings:
      admin_username: azureuser
      admin_password: not-a-real-one
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
    Deduced: what is in a repository is read by all who may read it. A documented sample has it so.

    ## References
    - az ml YAML reference of computes; deduced (read November 2026)
    """

    name = "ssh-password-in-file"
    severity = Severity.ERROR
    security_severity = 9.5
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        password = compute.admin_password
        if not password.known:
            return
        yield self.finding(
            password,
            f"the SSH password of {compute.label} stands in the file: whoever reads it, or its history, "
            "can log in",
            related=((compute.admin_user, "the user"),),
            why_no_fix="use an SSH key, or none; change the password, since the history keeps it",
        )
