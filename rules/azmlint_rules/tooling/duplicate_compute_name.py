"""The rule duplicate-compute-name."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from azmlint import Compute, Estate, Facet, Finding, Place, Reason, Rule, Severity, Undecided

COMMANDS = frozenset({"Azure CLI", "Azure PowerShell", "CLI v1"})
"""Tools of which a command creates a compute, or uses one of that name that is there."""


class DuplicateComputeName(Rule[Compute]):
    """Two computes of one workspace have the same name.

    ## Why
    The second creation overwrites the first, or fails. A command that creates a compute once more
    uses it again or changes it, as scripts do on purpose: what scripts create is not compared.

    ## Not when
    Scripts, which create or change a compute on purpose, and programs that look it up first.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ---
    name: train
    type: amlcompute
    size: Standard_D8s_v5
    max_instances: 4
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: train
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ---
    name: other
    type: amlcompute
    size: Standard_D4s_v5
    max_instances: 4
    ```

    ## How sure
    Documented: names are unique in a workspace.

    ## References
    - Azure Machine Learning, Create compute clusters; REST reference, Create Or Update (read November 2026)
    """

    name = "duplicate-compute-name"
    severity = Severity.ERROR
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if estate.is_looked_up_first(compute):
            return
        name = compute.id.name
        try:
            workspace = estate.workspace_of(compute)
        except Undecided:
            named: Iterable[Compute] = estate.same_id(compute)
        else:
            of_workspace = estate.computes_of(workspace)
            named = of_workspace if name is None else estate.computes_named(workspace, name)
        if name is None:
            if any(c is not compute for c in named):
                why = f"the name {compute.name} is not known before deployment"
                raise Undecided((Reason("parameter", why),))
            return
        if estate.tool_of(compute) in COMMANDS:
            return
        # Of a module that is used twice both stand at one place, one after the other.
        earlier = itertools.takewhile(lambda c: c is not compute, named)
        declared = (c for c in earlier if estate.tool_of(c) not in COMMANDS)
        first = next((c for c in declared if _is_another(c, compute) and c.exists()), None)
        if first is not None:
            yield self.finding(
                compute,
                f"{compute.label} is declared a second time in its workspace: the later creation "
                "overwrites the other, or fails",
                related=_related(compute, first),
                why_no_fix="which of them is to have the name is for their author to say",
            )


def _related(compute: Compute, other: Compute) -> tuple[tuple[Compute | Place, str], ...]:
    """Point at the other one, or at the two uses of the module that declares both."""
    if not _is_same_place(compute, other):
        return ((other, "the other one"),)
    for mine, theirs in zip(reversed(compute.uses), reversed(other.uses), strict=False):
        if (mine.document.path, mine.start) != (theirs.document.path, theirs.start):
            return ((mine, "one use of its module"), (theirs, "the other use of it"))
    return ()


def _is_another(one: Compute, compute: Compute) -> bool:
    """Whether it is a declaration, and not the same one, judged with and without a caller."""
    if one.is_existing:
        return False
    return not _is_same_place(one, compute) or bool(one.uses) == bool(compute.uses)


def _is_same_place(one: Compute, other: Compute) -> bool:
    return (one.path, one.grip.start) == (other.path, other.grip.start)
