"""The rule no-secondary-region."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import Estate, Facet, Finding, Rule, Severity, Workspace


class NoSecondaryRegion(Rule[Workspace]):
    """Workspace in production has no counterpart in another region.

    ## Why
    A workspace and its computes are of one region, and the service does not move them when that region
    fails. Whoever has to go on working needs a second workspace elsewhere, with its own storage, vault,
    registry and computes, before it happens.

    ## Not when
    The workspace is not marked as production, or any other workspace of the run is in another region;
    which one stands in for which is not known to anybody but its owner. Files alone never tell that there
    is no other.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/fraud", "name": "fraud", "location": "westeurope", "tags": {"environment": "production"}},
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/fraud-test", "name": "fraud-test", "location": "westeurope"}]}
      ]
    }
    ```

    ## Good
    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: fraud
    location: westeurope
    tags:
      environment: production
    ---
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: fraud-standby
    location: northeurope
    ```

    ## How sure
    Documented: failover between regions is left to the customer.

    ## References
    - Azure Machine Learning, Failover for business continuity and disaster recovery (2025)
    - Azure Proactive Resiliency Library v2, a86ed26a, 675d249a and 13794a63 (21 July 2026)
    """

    name = "no-secondary-region"
    severity = Severity.NOTE
    needs = frozenset({Facet.WORKSPACES})
    workspace_kinds = ("default", "hub")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        if not estate.is_production(workspace):
            return
        region = workspace.location.require()
        others = [w for w in estate.of(Workspace) if w is not workspace]
        beside = [w for w in others if not estate.is_redeclared(w) and w.id.key != workspace.id.key]
        if any(w.location.known not in {None, region} for w in beside):
            return
        for other in beside:
            # What has no region of its own is where its group is, which may be anywhere.
            other.location.require()
        subscription = workspace.id.subscription
        if subscription is not None:
            estate.require(Facet.WORKSPACES, subscription)
        yield self.finding(
            workspace.location,
            f"{workspace.label} is in production, and no workspace is in another region than {region}: "
            "when that fails there is nowhere to go on",
            related=tuple((w, f"in {region} too") for w in beside[:10]),
            why_no_fix="create a second workspace with its own storage, vault, registry and computes "
            "in a paired region, and keep it up to date from the same files",
        )
