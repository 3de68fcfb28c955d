"""The rule diagnose-endpoint-findings."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Object, Rule, ServiceDiagnosis, Severity, Term


class DiagnoseEndpointFindings(Rule[ServiceDiagnosis]):
    """Azure's own diagnosis of a workspace found something.

    ## Why
    `azmlint diagnose WORKSPACE/CLUSTER --with-service-diagnose` asks the service to diagnose the
    workspace, as `az ml workspace diagnose` does. What it says of locks, network rules, routes, names,
    storage, vault, registry and Application Insights is a second opinion, passed on with the level that
    the service gave it.

    ## Not when
    The service was not asked.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "serviceDiagnoses", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/diagnose/latest", "name": "latest", "type": "Microsoft.MachineLearningServices/workspaces/diagnose", "value": {"resourceLockResults": [{"code": "ResourceLock", "level": "Error", "message": "The resource group is locked."}]}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "serviceDiagnoses", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/diagnose/latest", "name": "latest", "type": "Microsoft.MachineLearningServices/workspaces/diagnose", "value": {"resourceLockResults": []}}]}
      ]
    }
    ```

    ## How sure
    Specified: the words are the service's own.

    ## References
    - Azure Machine Learning, Workspace diagnostics; REST reference, Workspaces, Diagnose (2025-12-01)
    """

    name = "diagnose-endpoint-findings"
    severity = Severity.ERROR
    needs = frozenset({Facet.SERVICE_DIAGNOSES})
    judges_declared = False

    def check(self, diagnosis: ServiceDiagnosis, _: Estate) -> Iterator[Finding]:
        workspace = diagnosis.id.parent.shown_name
        for name, results in diagnosis.results.require().items():
            value = diagnosis.results.member(name)
            for index, result in enumerate(results.members()):
                code, message = (_text(result, key) for key in ("code", "message"))
                said = ": ".join(words for words in (code, message) if words)
                if said:
                    yield self.finding(
                        value.item(index, result),
                        f"the service says of workspace '{workspace}': {said}",
                        severity=_LEVELS.get(_text(result, "level").casefold(), Severity.WARNING),
                        why_no_fix="the service names no command; `azmlint audit` looks for the cause",
                    )


_LEVELS = {"information": Severity.NOTE, "warning": Severity.WARNING, "error": Severity.ERROR}
_LONGEST = 400


def _text(result: Term, key: str) -> str:
    found = result.data.lookup(key) if isinstance(result.data, Object) else None
    text = found.data if found is not None and isinstance(found.data, str) else ""
    return " ".join(text.split())[:_LONGEST].rstrip(". ")
