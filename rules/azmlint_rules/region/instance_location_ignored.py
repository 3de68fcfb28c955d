"""The rule instance-location-ignored."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Applicability, ComputeInstance, Estate, Facet, Finding, Fix, Rule, Severity


class InstanceLocationIgnored(Rule[ComputeInstance]):
    """Compute instance asks for another region than its workspace's.

    ## Why
    Only clusters can be in another region. The CLI and the SDK create the instance in the workspace's
    region and say so in a warning; a template is refused.

    ## Not when
    The region is that of the workspace.

    ## Bad
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: dev-box
    type: computeinstance
    size: Standard_D4s_v5
    location: northeurope
    idle_time_before_shutdown_minutes: 30
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    ---
    name: dev-box
    type: computeinstance
    size: Standard_D4s_v5
    idle_time_before_shutdown_minutes: 30
    ```

    ## Fix safety
    Safe: the region has no effect as it stands.

    ## How sure
    Documented; that the tools overwrite it was read in their source.

    ## References
    - Azure Machine Learning, Create compute clusters; azure-ai-ml 1.35 (source)
    """

    name = "instance-location-ignored"
    severity = Severity.ERROR
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False
    supersedes = ("location-fields-disagree",)

    def check(self, instance: ComputeInstance, estate: Estate) -> Iterator[Finding]:
        location = instance.location
        if location.is_absent:
            return
        workspace = estate.workspace_of(instance)
        if not location.differs_from(workspace.location):
            return
        fields = (instance.top_location, instance.compute_location)
        is_refused = not all(f.is_absent for f in fields)
        effect = "a template with it is refused" if is_refused else "the region is ignored"
        yield self.finding(
            location,
            f"{instance.label} asks for {location.text}, but instances are always in the region of "
            f"their workspace, {workspace.location.text}; {effect}",
            severity=Severity.ERROR if is_refused else Severity.WARNING,
            related=((workspace.location, "the workspace's region"),),
            fixes=(Fix("leave the region out", Applicability.SAFE, (location.remove(),)),),
        )
