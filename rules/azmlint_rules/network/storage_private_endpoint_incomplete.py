"""The rule storage-private-endpoint-incomplete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from azmlint import (
    Applicability,
    BatchEndpoint,
    Estate,
    Facet,
    Finding,
    Fix,
    Object,
    OutboundRule,
    PrivateEndpoint,
    Reason,
    ResourceId,
    Rule,
    StorageAccount,
    Term,
    Undecided,
    Value,
    Workspace,
)
from azmlint_rules.recipes import connect_privately

_STORAGE_HOST = re.compile(r"(?:.*\.)?(?:blob|dfs|file|queue|table)\.core\.[\w.]+", re.IGNORECASE)


class StoragePrivateEndpointIncomplete(Rule[Workspace]):
    """Default storage account of a workspace is reached privately in part only.

    ## Why
    A private endpoint is of one service of an account. A workspace keeps data in blobs, and code, notebooks
    and logs on a file share; batch endpoints need its queues and tables as well. With public access off, what
    has no endpoint is not reachable, and jobs fail where they mount or write it.

    In a managed virtual network with approved outbound traffic alone, a rule that allows a storage account by
    its name lets nobody in either: storage is reached through private endpoint rules there.

    ## Not when
    Public access of the account is on, be it for some networks only. Files alone do not tell which endpoints
    there are, so that these are counted in a snapshot, or where the configuration says that the files are
    complete. The endpoints of a managed virtual network are made by the service. That a pipeline runs `ParallelRunStep`, which needs queues and tables
    too, is not seen.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data"}}]},
        {"facet": "storageAccounts", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "name": "data", "location": "westeurope", "properties": {"publicNetworkAccess": "Disabled"}}]},
        {"facet": "privateEndpoints", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/privateEndpoints/data-blob", "name": "data-blob", "properties": {"privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "groupIds": ["blob"]}}]}}]}
      ]
    }
    ```

    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    managed_network:
      isolation_mode: allow_only_approved_outbound
      outbound_rules:
      - name: data
        type: fqdn
        destination: contosodata.blob.core.windows.net
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data"}}]},
        {"facet": "storageAccounts", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "name": "data", "location": "westeurope", "properties": {"publicNetworkAccess": "Disabled"}}]},
        {"facet": "privateEndpoints", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/privateEndpoints/data-blob", "name": "data-blob", "properties": {"privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "groupIds": ["blob"]}}]}},
          {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/privateEndpoints/data-file", "name": "data-file", "properties": {"privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "groupIds": ["file"]}}]}}]}
      ]
    }
    ```

    ```yaml
    $schema: https://azuremlschemas.azureedge.net/latest/workspace.schema.json
    name: ws
    location: westeurope
    managed_network:
      isolation_mode: allow_only_approved_outbound
      outbound_rules:
      - name: data
        type: private_endpoint
        destination:
          service_resource_id: /subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contosodata
          subresource_target: blob
          spark_enabled: false
    ```

    ## How sure
    Documented.

    ## References
    - Azure Machine Learning, Secure a workspace with a virtual network (2025)
    - Azure Machine Learning, Workspace managed network, Limitations (23 May 2025)
    """

    name = "storage-private-endpoint-incomplete"
    uses = frozenset(
        {Facet.BATCH_ENDPOINTS, Facet.PRIVATE_ENDPOINTS, Facet.STORAGE, Facet.WORKSPACES}
    )
    workspace_kinds = ("default", "hub", "featurestore")

    def check(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        isolation = workspace.isolation.effective()
        if not isolation.equals("disabled"):
            if isolation.equals("allowonlyapprovedoutbound"):
                yield from self._named_hosts(workspace, estate)
            return
        if workspace.storage.is_absent or not _may_know_endpoints(workspace, estate):
            return
        account = estate.find(StorageAccount, ResourceId.of(workspace.storage.term))
        if not account.public_access.equals(other=False):
            return
        endpoints = _endpoints(account, estate)
        groups = {group for endpoint in endpoints for group in _groups(endpoint)}
        batch = [
            b
            for b in estate.of(BatchEndpoint)
            if b.id.parent.key == workspace.id.key and not estate.is_redeclared(b)
        ]
        wanted = ("file", "queue", "table") if batch else ("file",)
        missing = [group for group in wanted if group not in groups]
        if not missing:
            return
        _require_all(account, endpoints, estate)
        if "blob" not in groups:
            return
        cause = f", and batch endpoint '{batch[0].name}' needs them" if len(missing) > 1 else ""
        yield self.finding(
            workspace.storage,
            f"{account.label} of {workspace.label} is closed to the internet and has a private endpoint for "
            f"blobs, but none for {' or '.join(missing)}{cause}",
            related=(
                (account.public_access, "public access is off"),
                *((e.group_ids, "an endpoint that is there") for e in endpoints[:10]),
            ),
            fixes=(
                Fix(
                    f"add a private endpoint for {' and '.join(missing)}",
                    Applicability.DISPLAY,
                    steps=tuple(s for g in missing for s in connect_privately(account, g)),
                ),
            ),
        )

    def _named_hosts(self, workspace: Workspace, estate: Estate) -> Iterator[Finding]:
        gap: Undecided | None = None
        for place, host in _hosts(workspace, estate):
            if host.is_unknown:
                text = f"a destination that {workspace.label} allows is not known"
                reason = host.reason or Reason("parameter", text)
                gap = gap or Undecided((reason,), host.decisions)
            elif isinstance(host.data, str) and _STORAGE_HOST.fullmatch(host.data.strip()):
                yield self.finding(
                    place,
                    f"{workspace.label} allows its computes '{host.data}' by name, but storage is reached "
                    "from its managed network through private endpoint rules alone",
                    related=((workspace.isolation, "approved outbound traffic alone"),),
                    why_no_fix="replace the rule by a private endpoint rule for that account and service",
                )
        if gap is not None:
            raise gap


def _hosts(workspace: Workspace, estate: Estate) -> Iterator[tuple[Value[Any], Term]]:
    """Yield the destinations that a managed network allows, with their places."""
    listed = workspace.outbound_rules
    for index, term in enumerate(() if listed.is_absent else listed.require().members):
        inner = _member(term, "properties")
        yield listed.item(index, term), _member(inner if inner.data else term, "destination")
    for rule in estate.of(OutboundRule):
        if rule.id.parent.key == workspace.id.key and not estate.is_redeclared(rule):
            yield rule.destination, rule.destination.term


def _may_know_endpoints(workspace: Workspace, estate: Estate) -> bool:
    """Whether more than files was read: these alone never tell which endpoints there are."""
    subscription = workspace.id.subscription or workspace.id
    asked = estate.coverages.asked(Facet.PRIVATE_ENDPOINTS)
    return asked or estate.is_known(Facet.PRIVATE_ENDPOINTS, subscription)


def _endpoints(account: StorageAccount, estate: Estate) -> list[PrivateEndpoint]:
    found = estate.private_endpoints_of(account)
    return [e for e in found if not estate.is_redeclared(e) and e.exists()]


def _groups(endpoint: PrivateEndpoint) -> Iterator[str]:
    for term in endpoint.group_ids.require().members:
        if not isinstance(term.data, str):
            text = f"what {endpoint.label} is an endpoint of is not known"
            raise Undecided((term.reason or Reason("parameter", text),), term.decisions)
        yield term.data.casefold()


def _require_all(account: StorageAccount, found: list[PrivateEndpoint], estate: Estate) -> None:
    """Raise Undecided unless all endpoints of an account are here."""
    deployed = account if account.is_deployed else estate.deployed(account)
    connections = deployed.endpoint_connections.known if deployed is not None else None
    if connections is not None:
        keys = {endpoint.id.key for endpoint in found}
        for term in connections.members:
            inner = _member(term, "properties")
            state = _member(_member(inner, "privateLinkServiceConnectionState"), "status")
            own = ResourceId.of(_member(_member(inner, "privateEndpoint"), "id"))
            if str(state.data).casefold() == "approved" and own.key not in keys:
                estate.find(PrivateEndpoint, own)
    if account.id.subscription is not None:
        estate.require(Facet.PRIVATE_ENDPOINTS, account.id.subscription)


def _member(term: Term, name: str) -> Term:
    if term.is_unknown:
        return term
    found = term.data.lookup(name) if isinstance(term.data, Object) else None
    return found if found is not None else Term(None)
