"""The rule ssh-port-public."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Facet, Finding, Fix, Rule, Severity
from azmlint_rules.recipes import recreate_compute


class SshPortPublic(Rule[Compute]):
    """Compute opens its SSH port to the internet.

    ## Why
    The port is found and attacked within minutes. The setting cannot be changed later: the compute has
    to be created again.

    ## Not when
    Nodes have no public addresses: then it is a note.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_public_access_enabled: true
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ssh_public_access_enabled: false
    ```

    ## Fix safety
    Shown only: a deployed compute has to be created again, and whoever logs in that way no longer can.

    ## How sure
    Documented, and that it cannot be changed later as well.

    ## References
    - Well-Architected Framework, Azure Machine Learning service guide (read November 2026)
    - Enterprise-Scale, Deny-MachineLearning-ComputeCluster-RemoteLoginPortPublicAccess (read November 2026)
    """

    name = "ssh-port-public"
    security_severity = 7.0
    uses = frozenset({Facet.COMPUTES})

    is_error: bool = False
    """Report it as an error instead of as a warning."""

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        ssh = compute.ssh_public
        if ssh.equals("enabled"):
            is_private = compute.public_ip.equals(other=False).known is True
            yield self.finding(
                ssh,
                f"{compute.label} asks for a public SSH port; only for want of public addresses is it "
                "closed to the internet"
                if is_private
                else f"{compute.label} opens its SSH port to the internet, where it is attacked; the "
                "setting cannot be changed later",
                severity=Severity.NOTE if is_private else Severity.ERROR if self.is_error else None,
                fixes=(
                    Fix(
                        "close the port",
                        Applicability.DISPLAY,
                        (ssh.set("disabled"),),
                        recreate_compute(compute),
                    ),
                ),
            )
