"""The rule compute-name-invalid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from azmlint import (
    Compute,
    ComputeCluster,
    ComputeInstance,
    Estate,
    Finding,
    Reason,
    Rule,
    Severity,
    Undecided,
)

LONGEST_INSTANCE = 24
LONGEST_CLUSTER = 32
SHORTEST = 3
UNNAMED = "no name is written"


class ComputeNameInvalid(Rule[Compute]):
    """Compute has a name that the service refuses.

    ## Why
    Instances: 3 to 24 letters, digits and `-`, a letter first, not ending in `-` and digits. Clusters:
    3 to 32, a letter first, a letter or digit last; studio, and templates of 2025-12-01 and later, ask
    for the stricter form. The creation is answered with 400.

    ## Not when
    Kubernetes computes, and names that only the deployment knows.

    ## Bad
    ```yaml
    name: my_cluster
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Good
    ```yaml
    name: my-cluster
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## How sure
    Observed: in the source of the Terraform provider for clusters, in answers of the service for instances;
    specified for 2025-12-01.

    ## References
    - azurerm, compute cluster name validation (source); bicep-types-az 2025-12-01
    """

    name = "compute-name-invalid"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        if not isinstance(compute, (ComputeInstance, ComputeCluster)):
            return
        name = compute.id.name
        if name is None:
            is_written = compute.name != "(no name)"
            why = (
                f"the name {compute.name} is not known before deployment" if is_written else UNNAMED
            )
            raise Undecided((Reason("parameter", why),))
        is_instance = isinstance(compute, ComputeInstance)
        longest = LONGEST_INSTANCE if is_instance else LONGEST_CLUSTER
        fault = _fault(name, longest)
        stricter = _stricter_fault(name)
        if fault is None and is_instance:
            fault = stricter
        if fault is not None:
            yield self.finding(
                compute,
                f"{compute.label} has a name that the service refuses: {fault}",
                why_no_fix="jobs refer to the name, so its author has to choose another one",
            )
        elif stricter is not None:
            yield self.finding(
                compute,
                f"{compute.label} has a name that studio, and templates of 2025-12-01 and later, "
                f"refuse: {stricter}",
                severity=Severity.NOTE,
                why_no_fix="jobs refer to the name, so its author has to choose another one",
            )


def _fault(name: str, longest: int) -> str | None:
    """Say what is wrong with the name of any compute."""
    strange = re.search(r"[^a-zA-Z0-9-]", name)
    if strange is not None:
        return f"it contains '{strange[0]}', and only letters, digits and '-' may be in it"
    if not name[:1].isalpha():
        return "it does not start with a letter"
    if len(name) < SHORTEST:
        return f"it is shorter than {SHORTEST} characters"
    if len(name) > longest:
        return f"it is longer than {longest} characters"
    if name.endswith("-") and longest == LONGEST_CLUSTER:
        return "it ends in '-'"
    return None


def _stricter_fault(name: str) -> str | None:
    """Say what is wrong with the name of an instance, which studio asks of clusters as well."""
    if len(name) > LONGEST_INSTANCE:
        return f"it is longer than {LONGEST_INSTANCE} characters"
    if re.search(r"-\d+$", name) is not None:
        return "it ends in '-' and digits"
    return None
