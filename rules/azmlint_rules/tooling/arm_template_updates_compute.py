"""The rule arm-template-updates-compute."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, Compute, Estate, Facet, Finding, Fix, Rule
from azmlint_rules.recipes import recreate_compute
from azmlint_rules.tooling._drift import TEMPLATE, differences, twin_of


class ArmTemplateUpdatesCompute(Rule[Compute]):
    """Template declares a deployed compute with other values, which a deployment cannot update.

    ## Why
    Templates create computes; of one that exists only tags, node counts, idle time and identity can
    be changed. The documentation of SDK v1 says that a template cannot update a compute at all, the
    REST reference that a PUT overwrites it and that this is not recoverable. Either way the next
    deployment does not do what the template says.

    What a template leaves out is created with its default, so that differs as well.

    ## Not when
    What differs can be updated in place: tags, node counts, idle time, identity. Other tools than templates
    are the matter of immutable-property-changed.

    ## Bad
    A cluster is deployed with `Standard_D2s_v5`, and a template says `"vmSize": "Standard_D4s_v5"`.

    ## Good
    The template says `"vmSize": "Standard_D2s_v5"`.

    ## How sure
    Documented, and contradictory: a page for SDK v1 says that a template cannot update, the REST reference
    that it overwrites.

    ## References
    - Azure Machine Learning, Create compute clusters, SDK v1 (2 May 2022)
    - Azure Machine Learning, REST reference of computes, Create Or Update (2025-12-01)
    """

    name = "arm-template-updates-compute"
    needs = frozenset({Facet.COMPUTES})
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if estate.tool_of(compute) != TEMPLATE:
            return
        twin = twin_of(compute, estate)
        if twin is None:
            return
        for found in differences(compute, twin, estate):
            yield self.finding(
                found.declared,
                f"{compute.label} is deployed with {found.told}: a template cannot update that, so the "
                "deployment fails or overwrites the compute",
                related=((found.deployed, "as it is deployed"),),
                fixes=(
                    Fix(
                        "delete the compute before the template creates it again",
                        Applicability.DISPLAY,
                        steps=recreate_compute(twin)[:1],
                    ),
                ),
            )
