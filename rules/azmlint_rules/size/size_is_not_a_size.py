"""The rule size-is-not-a-size."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Finding,
    Fix,
    Rule,
    Severity,
    nearest_size,
)


class SizeIsNotASize(Rule[Compute]):
    """Compute names a VM family or alias where the full name of a size is wanted.

    ## Why
    The service answers 400 to anything but a full name such as `Standard_D4s_v5`.

    ## Not when
    The text has the form of a full name, whether such a size exists or not.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: DS3_v2
    max_instances: 4
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: STANDARD_D4S_V5
    max_instances: 4
    ```

    ## Fix safety
    Unsafe: the name is only completed, and what was meant may be another size.

    ## How sure
    Deduced from the names that the service lists.

    ## References
    - Deduced from the names of the vmSizes call; their case does not matter
    """

    name = "size-is-not-a-size"
    severity = Severity.ERROR
    judges_deployed = False

    def check(self, compute: Compute, _: Estate) -> Iterator[Finding]:
        size = compute.size
        if size.given & ~size.matches(r"(?:standard|basic)_[a-z0-9_-]+"):
            full = _completed(size.known or "")
            fix = full and Fix(f"use {full}", Applicability.UNSAFE, (size.set(full),))
            yield self.finding(
                size,
                f"the size of {compute.label} is '{size.text}', which is not the full name of a "
                "VM size",
                fixes=(fix,) if fix else (),
                why_no_fix=None if fix else "which size is meant is for its author to say",
            )


def _completed(text: str) -> str | None:
    """Name the size of which only the beginning is missing, or the joints."""
    full = text.strip().replace(" ", "_").lower()
    if not full.startswith(("standard_", "basic_")):
        full = f"standard_{full}"
    near = nearest_size(full)
    return near if near is not None and near.lower() == full else None
