"""The rule compute-predates-private-link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from azmlint import (
    Applicability,
    Compute,
    Estate,
    Facet,
    Finding,
    Fix,
    Object,
    Reason,
    Rule,
    Term,
    Undecided,
    Workspace,
)
from azmlint_rules.recipes import recreate_compute


class ComputePredatesPrivateLink(Rule[Compute]):
    """Compute is older than its workspace's private endpoint.

    ## Why
    After any change of a workspace's private link setting its computes have to be created again, as the
    documentation says: those made before keep the way to the workspace that they were given then.

    When a private endpoint was connected is told by some answers only; where none does, nothing is said.

    ## Not when
    No answer tells since when the endpoints are there.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"privateEndpointConnections": [{"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/privateEndpointConnections/pe", "properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}, "systemData": {"createdAt": "2026-03-01T00:00:00Z"}}]}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "createdOn": "2025-03-01T00:00:00Z", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"privateEndpointConnections": [{"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/privateEndpointConnections/pe", "properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}, "systemData": {"createdAt": "2026-03-01T00:00:00Z"}}]}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "createdOn": "2026-04-01T00:00:00Z", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]}
      ]
    }
    ```

    ## How sure
    Documented; the times are those of the service.

    ## References
    - Azure Machine Learning, Configure a private endpoint, Limitations (22 May 2025)
    """

    name = "compute-predates-private-link"
    needs = frozenset({Facet.COMPUTES, Facet.WORKSPACES})
    judges_declared = False

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if compute.created_on.is_absent:
            return
        workspace = estate.workspace_of(compute)
        connections = _approved(workspace)
        if not connections:
            return
        made = compute.created_on.require()
        times = [time for time in map(_since, connections) if time is not None]
        later = [time for time in times if time > made]
        if not later and len(times) < len(connections):
            text = f"since when the private endpoints of {workspace.label} are there is not told"
            raise Undecided((Reason("missing", text),))
        if later:
            yield self.finding(
                compute.created_on,
                f"{compute.label} is from {made:%d %B %Y}, and {workspace.label} has had a private "
                f"endpoint since {max(later):%d %B %Y}: it may not use it before it is created again",
                related=((workspace.endpoint_connections, "the private endpoints"),),
                fixes=(
                    Fix(
                        "create it again",
                        Applicability.DISPLAY,
                        steps=recreate_compute(compute),
                    ),
                ),
            )


def _approved(workspace: Workspace) -> list[Object]:
    items = workspace.endpoint_connections.known
    found = []
    for term in items.members if items is not None else ():
        status = _at(term, "properties", "privateLinkServiceConnectionState", "status")
        is_open = isinstance(status, str) and status.casefold() == "approved"
        if is_open and isinstance(term.data, Object):
            found.append(term.data)
    return found


def _since(connection: Object) -> dt.datetime | None:
    text = _at(Term(connection), "systemData", "createdAt")
    try:
        moment = dt.datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=dt.UTC)
    return moment


def _at(term: Term, *names: str) -> object:
    for name in names:
        found = term.data.lookup(name) if isinstance(term.data, Object) else None
        if found is None:
            return None
        term = found
    return term.data
