"""The rule preview-api-version."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Facet,
    Finding,
    Fix,
    Rule,
    Severity,
    ToolUse,
    Workspace,
    successor,
)


class PreviewApiVersion(Rule[ToolUse]):
    """Declaration uses a preview version of the service's interface.

    ## Why
    Previews come without a promise and disappear. It is a note, and a warning in production.

    ## Not when
    The version is stable.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2024-07-01-preview",
          "name": "ws",
          "location": "westeurope"
        }
      ]
    }
    ```

    ## Good
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces",
          "apiVersion": "2025-12-01",
          "name": "ws",
          "location": "westeurope"
        }
      ]
    }
    ```

    ## Fix safety
    Shown only: properties of a preview may be missing in the stable version.

    ## How sure
    Documented as a principle.

    ## References
    - Azure/bicep-types-az (20 August 2026)
    """

    name = "preview-api-version"
    uses = frozenset({Facet.WORKSPACES})
    judges_deployed = False

    stable: str = ""
    """The version to move to; empty for the first stable one that is no older, if any is."""

    def check(self, use: ToolUse, estate: Estate) -> Iterator[Finding]:
        version = use.version
        if not version.matches(r".*-preview"):
            return
        stable = self.stable or successor(version.require())
        subject = use.subject
        in_production = isinstance(subject, (Compute, Workspace)) and estate.is_production(subject)
        yield self.finding(
            version,
            f"{use.tool} declares '{use.name}' with the preview interface {version.text}, which has "
            "no service level agreement and is withdrawn in time",
            severity=Severity.WARNING if in_production else Severity.NOTE,
            fixes=(
                Fix(
                    f"use {stable}, a stable version",
                    Applicability.DISPLAY,
                    (version.set(stable),),
                ),
            ),
        )
