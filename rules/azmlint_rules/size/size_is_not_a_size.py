"""The rule size-is-not-a-size."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Compute, Estate, Finding, Rule, Severity


class SizeIsNotASize(Rule[Compute]):
    """Compute names a VM family or alias where the full name of a size is wanted.

    ## Why
    The service answers 400 to anything but a full name such as `Standard_D4s_v5`.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: DSv2
    max_instances: 4
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: STANDARD_D4S_V5
    max_instances: 4
    ```

    ## References
    - Deduced from the names of the vmSizes call; their case does not matter
    """

    name = "size-is-not-a-size"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        size = compute.size
        if size.given & ~size.matches(r"(?:standard|basic)_[a-z0-9_-]+"):
            yield self.finding(
                size,
                f"the size of {compute.label} is '{size.text}', which is not the full name of a "
                "VM size",
                why_no_fix="which size is meant is for its author to say",
            )
