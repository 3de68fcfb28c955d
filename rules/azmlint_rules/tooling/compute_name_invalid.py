"""The rule compute-name-invalid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from azmlint import Compute, ComputeCluster, ComputeInstance, Estate, Finding, Rule, Severity

INSTANCE = r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}"
CLUSTER = r"[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]"


class ComputeNameInvalid(Rule[Compute]):
    """Compute has a name that the service refuses.

    ## Why
    Instances: 3 to 24 letters, digits and `-`, a letter first, not ending in `-` and digits. Clusters:
    3 to 32, a letter first, a letter or digit last; studio, and templates of 2025-12-01 and later, ask
    for the stricter form.

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

    ## References
    - azurerm, compute cluster name validation (source); bicep-types-az 2025-12-01
    """

    name = "compute-name-invalid"
    severity = Severity.ERROR

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        name = compute.name
        if "{" in name or compute.id.name != name:
            return
        if isinstance(compute, ComputeInstance):
            if re.fullmatch(INSTANCE, name) is None:
                yield self._finding(compute, "refuses", Severity.ERROR)
        elif isinstance(compute, ComputeCluster):
            if re.fullmatch(CLUSTER, name) is None:
                yield self._finding(compute, "refuses", Severity.ERROR)
            elif re.fullmatch(INSTANCE, name) is None:
                yield self._finding(compute, "may refuse", Severity.NOTE)

    def _finding(self, compute: Compute, verb: str, severity: Severity) -> Finding:
        return self.finding(
            compute,
            f"{compute.label} has a name that the service {verb}",
            severity=severity,
            why_no_fix="jobs may refer to the name",
        )
