"""The rule immutable-property-changed."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import recreate_compute
from azmlint_rules.tooling._drift import TEMPLATE, differences, twin_of


class ImmutablePropertyChanged(Rule[Compute]):
    """File declares a deployed compute with another value of what cannot be changed.

    ## Why
    Of a compute that exists only tags, node counts, idle time and identity can be changed. VM size,
    tier, region, subnet, public addresses, SSH and local accounts are fixed when it is created: a
    tool that is told otherwise fails, leaves them as they are, or deletes the compute with all that
    runs on it.

    What a file leaves out is created with the tool's default, so that differs as well. Templates are
    the matter of `arm-template-updates-compute`.

    ## Not when
    Templates, which are the matter of arm-template-updates-compute; what can be updated in place.

    ## Bad
    A cluster is deployed with `Standard_D2s_v5`, and a file says `size: Standard_D4s_v5`.

    ## Good
    The file says `size: Standard_D2s_v5`.

    ## How sure
    Documented for size and SSH; for the rest observed in the tools' source.

    ## References
    - Azure CLI, `az ml compute update`; azurerm, compute cluster (source) (read November 2026)
    - Azure Machine Learning, REST reference of computes (2025-12-01)
    """

    name = "immutable-property-changed"
    needs = frozenset({Facet.COMPUTES})
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if estate.tool_of(compute) == TEMPLATE:
            return
        twin = twin_of(compute, estate)
        if twin is None:
            return
        for found in differences(compute, twin, estate):
            yield self.finding(
                found.declared,
                f"{compute.label} is deployed with {found.told}: that cannot be changed, only created "
                "again",
                related=((found.deployed, "as it is deployed"),),
                fixes=(
                    Fix("create it again", Applicability.DISPLAY, steps=recreate_compute(twin)),
                ),
            )
