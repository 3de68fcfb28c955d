"""The rule workspace-no-resource-logs."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Applicability,
    DiagnosticSetting,
    Estate,
    Facet,
    Finding,
    Fix,
    Object,
    Rule,
    Severity,
    Workspace,
)
from azmlint_rules.recipes import send_logs


class WorkspaceNoResourceLogs(Rule[Workspace]):
    """Workspace sends its logs nowhere.

    ## Why
    Who created a compute, ran a job or read a secret is in the resource logs of the workspace. Without a
    diagnostic setting they are kept nowhere, and are missing when somebody has to look into it.

    ## Not when
    A diagnostic setting has some log switched on, wherever it goes. A setting that only a file declares is
    not looked at: the service tells what there is.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope"}]},
        {"facet": "diagnosticSettings", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": []}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope"}]},
        {"facet": "diagnosticSettings", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/providers/Microsoft.Insights/diagnosticSettings/logs", "name": "logs", "type": "Microsoft.Insights/diagnosticSettings", "properties": {"logs": [{"categoryGroup": "allLogs", "enabled": true}]}}]}
      ]
    }
    ```

    ## How sure
    Documented; it is what Azure Policy afe0c3be audits.

    ## References
    - Azure Policy afe0c3be and f59276f0 (29 April 2026)
    """

    name = "workspace-no-resource-logs"
    severity = Severity.NOTE
    needs = frozenset({Facet.DIAGNOSTIC_SETTINGS})
    uses = frozenset({Facet.WORKSPACES})
    judges_declared = False
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        own = [
            setting
            for setting in estate.of(DiagnosticSetting)
            if setting.scope is not None and setting.scope.key == workspace.id.key
        ]
        if any(map(_keeps_logs, own)):
            return
        estate.require(Facet.DIAGNOSTIC_SETTINGS, workspace.id)
        what = "has no diagnostic setting" if not own else "has diagnostic settings without a log"
        yield self.finding(
            workspace,
            f"{workspace.label} {what}: who does what in it is recorded nowhere",
            related=tuple((setting, "switches no log on") for setting in own[:10]),
            fixes=(
                Fix("send its logs somewhere", Applicability.DISPLAY, steps=send_logs(workspace)),
            ),
        )


def _keeps_logs(setting: DiagnosticSetting) -> bool:
    for log in setting.logs.known.members if setting.logs.known is not None else ():
        enabled = log.data.lookup("enabled") if isinstance(log.data, Object) else None
        if enabled is not None and enabled.data is True:
            return True
    return False
