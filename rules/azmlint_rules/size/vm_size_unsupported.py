"""The rule vm-size-unsupported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from azmlint import (
    Applicability,
    Compute,
    ComputeCluster,
    ComputeInstance,
    Estate,
    Facet,
    Finding,
    Fix,
    Rule,
    Severity,
    Size,
    nearest_size,
    series_of,
)
from azmlint_rules.recipes import recreate_compute

FULL_NAME = r"(?:standard|basic)_[a-z0-9_-]+"

_CHOOSE = "`az ml compute list-sizes` lists what is offered in a region"


class VmSizeUnsupported(Rule[Compute]):
    """Compute uses a VM size that Azure Machine Learning does not offer in its region.

    ## Why
    Creation is refused with `InvalidPropertyValue`, `... is not a supported VM size`. The service
    says the same where quota of the size's family is missing altogether. What is offered is told
    by a snapshot, or by the file of sizes that the configuration names. Without either, a note
    says that no list has such a size; most often the name is misspelt.

    ## Not when
    Nobody listed the sizes of the region, and a table knows the size.

    ## Bad
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4sv5
    max_instances: 4
    ```

    ## Good
    ```yaml
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## Fix safety
    Unsafe: another size costs something else and may count against another quota.

    ## How sure
    Specified: the service lists what it offers; the documented list of series is not complete.

    ## References
    - The REST call vmSizes: supportedComputeTypes (read November 2026)
    - Azure Machine Learning, Compute targets: supported VM series (read November 2026)
    """

    name = "vm-size-unsupported"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.VM_SIZES, Facet.WORKSPACES})

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if not isinstance(compute, (ComputeCluster, ComputeInstance)):
            return
        size = compute.size.effective()
        if (size.is_absent and not size.is_default) or not size.matches(FULL_NAME):
            return
        name = size.require()
        offered = estate.sizes_offered(compute)
        if offered is None:
            yield from self._unlisted(compute, name, estate)
            return
        word = "amlcompute" if isinstance(compute, ComputeCluster) else "computeinstance"
        row = offered.get(name.strip().lower())
        if row is not None and (row.compute_types is None or word in row.compute_types):
            return
        region = estate.region_of(compute).text
        also = ", so it cannot be created again" if compute.is_deployed else ""
        other = _alternative(name, offered, word, estate.size_of(compute))
        yield self.finding(
            compute.size,
            f"{compute.label} uses {size.text}, which is not offered for {compute.kind}s in "
            f"{region}{also}",
            severity=Severity.WARNING if compute.is_deployed else None,
            fixes=self._fixes(compute, other),
            why_no_fix=None if other else _CHOOSE,
        )

    def _unlisted(self, compute: Compute, name: str, estate: Estate) -> Iterator[Finding]:
        if compute.is_deployed or series_of(name) is not None:
            return
        if estate.size_of(compute) is None:
            near = nearest_size(name)
            hint = f"; {near} is near" if near else ""
            yield self.finding(
                compute.size,
                f"{compute.label} uses {name}, and no list of VM sizes has that{hint}",
                severity=Severity.NOTE,
                fixes=self._fixes(compute, near),
                why_no_fix=None if near else _CHOOSE,
            )

    @staticmethod
    def _fixes(compute: Compute, other: str | None) -> tuple[Fix, ...]:
        if not other:
            return ()
        if compute.is_deployed:
            title = f"create the compute again with {other}"
            return (Fix(title, Applicability.DISPLAY, steps=recreate_compute(compute)),)
        # One that is not here to stay is for its author to choose.
        series = series_of(other)
        is_ending = series is not None and (series.retires or series.is_growth_restricted)
        trust = Applicability.DISPLAY if is_ending else Applicability.UNSAFE
        return (Fix(f"use {other}", trust, (compute.size.set(other),)),)


def _alternative(name: str, offered: Mapping[str, Size], word: str, own: Size | None) -> str | None:
    """Name an offered size: the one meant, or one of as many vCPUs and GPUs and as much memory."""
    usable = {
        key: size
        for key, size in offered.items()
        if size.compute_types is None or word in size.compute_types
    }
    if own is None:
        near = nearest_size(name)
        found = usable.get(near.lower()) if near else None
        return found.name if found is not None else None
    alike = [
        size
        for size in usable.values()
        if size.vcpus is not None
        and (size.vcpus, size.gpus) == (own.vcpus, own.gpus)
        and (size.memory_gib or 0) >= (own.memory_gib or 0)
    ]
    best = min(alike, key=lambda s: (s.series is not None, s.memory_gib or 0, s.name), default=None)
    return best.name if best is not None else None
