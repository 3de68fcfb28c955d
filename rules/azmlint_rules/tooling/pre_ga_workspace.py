"""The rule pre-ga-workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Rule, Severity, Workspace

GENERAL_AVAILABILITY = dt.datetime(2018, 12, 1, tzinfo=dt.UTC)


class PreGaWorkspace(Rule[Workspace]):
    """Workspace is from before the service was generally available.

    ## Why
    Workspaces made in the portal before December 2018 may be unable to create compute clusters; the
    documentation asks to open a support request or to make a new workspace.

    ## Not when
    The creation time is not told.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {}, "systemData": {"createdAt": "2018-06-01T00:00:00Z"}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope",
           "properties": {}, "systemData": {"createdAt": "2021-06-01T00:00:00Z"}}]}
      ]
    }
    ```

    ## How sure
    Documented; such workspaces are next to extinct.

    ## References
    - Azure Machine Learning, Create compute clusters, Troubleshooting (2025)
    """

    name = "pre-ga-workspace"
    severity = Severity.NOTE
    needs = frozenset({Facet.WORKSPACES})
    judges_declared = False

    def check(self, workspace: Workspace, _: Estate) -> Iterator[Finding]:
        created = workspace.created_at
        if created.is_absent or created.require() >= GENERAL_AVAILABILITY:
            return
        yield self.finding(
            created,
            f"{workspace.label} was made in {created.require():%B %Y}, before general availability: it "
            "may be unable to create compute clusters",
            why_no_fix="make a new workspace, or open a support request if creating a cluster fails",
        )
