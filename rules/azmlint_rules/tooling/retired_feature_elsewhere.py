"""The rule retired-feature-elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    BATCH_PREVIEW,
    DATA_DRIFT,
    DATA_LABELING,
    BatchEndpoint,
    Estate,
    Finding,
    Retirement,
    Rule,
    Severity,
    ToolUse,
)

_TYPES = "microsoft.machinelearningservices/workspaces/"


class RetiredFeatureElsewhere(Rule[ToolUse]):
    """File uses another feature of the service that is retired or about to be.

    ## Why
    Data drift monitoring of SDK v1, labeling projects and the preview interface of batch endpoints end on
    days of their own, and what a file declares of them is refused, or stands there and does nothing.
    Whether a day is past is reckoned from today, or from `--now`.

    ## Not when
    Batch endpoints are declared with a stable version. Previews that are used in studio alone, such as
    groups of steps in a pipeline, leave no trace in a file.

    ## Bad
    ```python
    from azureml.datadrift import DataDriftDetector

    monitor = DataDriftDetector.create_from_datasets(ws, "drift", baseline, target)
    ```

    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.MachineLearningServices/workspaces/labelingJobs",
          "apiVersion": "2023-06-01-preview",
          "name": "ws/pictures",
          "properties": {}
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
          "type": "Microsoft.MachineLearningServices/workspaces/batchEndpoints",
          "apiVersion": "2025-12-01",
          "name": "ws/score",
          "location": "westeurope",
          "properties": {"authMode": "AADToken"}
        }
      ]
    }
    ```

    ## How sure
    Documented are the days; that a preview version of a batch endpoint is what ends is read from the title
    of its announcement.

    ## References
    - Azure/EOL, service_list.json (18 December 2025)
    """

    name = "retired-feature-elsewhere"
    severity = Severity.NOTE
    judges_deployed = False

    def check(self, use: ToolUse, estate: Estate) -> Iterator[Finding]:
        feature = _feature(use)
        if feature is None:
            return
        yield self.finding(
            use if use.module.is_absent else use.module,
            f"'{use.name}' belongs to {feature.name}, which {feature.retired(estate.today)}",
            why_no_fix=feature.instead,
        )


def _feature(use: ToolUse) -> Retirement | None:
    """Say which retired feature a declaration is of."""
    if use.tool == "data drift":
        return DATA_DRIFT
    kind = (use.id.parent.resource_type or "").lower().removeprefix(_TYPES)
    if kind == "labelingjobs":
        return DATA_LABELING
    is_batch = kind == "batchendpoints/deployments" or isinstance(use.subject, BatchEndpoint)
    return BATCH_PREVIEW if is_batch and use.version.matches(".*-preview") else None
