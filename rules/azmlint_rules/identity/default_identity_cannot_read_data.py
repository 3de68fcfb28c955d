"""The rule default-identity-cannot-read-data."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    ComputeCluster,
    Datastore,
    Estate,
    Facet,
    Finding,
    Reason,
    ResourceId,
    Rule,
    Undecided,
    Workspace,
)
from azmlint_rules.granted import ASSIGNED, DEFINED, Lack, Need, lacking, remedy

_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_BLOB_STORES = frozenset({"azureblob", "azuredatalakegen2"})


class DefaultIdentityCannotReadData(Rule[ComputeCluster]):
    """Compute cluster mounts data as an identity that may not read it.

    ## Why
    Datastores without credentials, and the default ones of a workspace that reaches its storage account
    by identity, are mounted as the default identity of the cluster. Owner and Contributor hold no
    data actions: jobs get 403 `AuthorizationPermissionMismatch` although "everything is allowed". What is
    written to the default datastore takes a role that writes.

    ## Not when
    A job brings its user's identity, which is not seen here. Datastores with credentials, file shares
    and access lists of Data Lake Storage are not looked into; conditions of roles and groups of which the
    members were not read are left open.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "systemDatastoresAuthMode": "Identity"}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "datastores", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/datastores/workspaceblobstore", "name": "workspaceblobstore", "properties": {"datastoreType": "AzureBlob", "accountName": "data", "containerName": "azureml-blobstore", "isDefault": true, "credentials": {"credentialsType": "None"}}}]},
        {"facet": "storageAccounts", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "name": "data", "location": "westeurope", "properties": {}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "scope": "/subscriptions/s"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"storageAccount": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "systemDatastoresAuthMode": "Identity"}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "identity": {"type": "SystemAssigned", "principalId": "11111111-aaaa-4aaa-8aaa-111111111111"}, "properties": {"computeType": "AmlCompute"}}]},
        {"facet": "datastores", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/datastores/workspaceblobstore", "name": "workspaceblobstore", "properties": {"datastoreType": "AzureBlob", "accountName": "data", "containerName": "azureml-blobstore", "isDefault": true, "credentials": {"credentialsType": "None"}}}]},
        {"facet": "storageAccounts", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data", "name": "data", "location": "westeurope", "properties": {}}]},
        {"facet": "roleAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data/providers/Microsoft.Authorization/roleAssignments/r1", "name": "r1", "properties": {"principalId": "11111111-aaaa-4aaa-8aaa-111111111111", "principalType": "ServicePrincipal", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.Storage/storageAccounts/data"}}]},
        {"facet": "denyAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []}
      ]
    }
    ```

    ## How sure
    Documented; the 403 in spite of Owner was observed in public reports as well.

    ## References
    - Azure Machine Learning, Set up service authentication (10 June 2025)
    - Azure Machine Learning, Data administration, Authentication for data access (2025)
    """

    name = "default-identity-cannot-read-data"
    needs = ASSIGNED
    uses = frozenset({Facet.COMPUTES, Facet.WORKSPACES, Facet.DATASTORES, Facet.STORAGE}) | DEFINED

    def check(self, cluster: ComputeCluster, estate: Estate) -> Iterator[Finding]:
        if cluster.identity.is_absent and cluster.identity_ids.is_absent:
            return
        workspace = estate.workspace_of(cluster)
        lacks: list[tuple[Lack, ResourceId]] = []
        reasons: list[Reason] = []
        for account, needs in _needed(workspace, estate, reasons):
            try:
                lack = lacking(cluster, needs, estate)
            except Undecided as undecided:
                reasons += undecided.reasons
                continue
            if lack is not None:
                lacks.append((lack, account))
        if lacks:
            yield self._finding(cluster, workspace, lacks)
        elif reasons:
            raise Undecided(tuple(dict.fromkeys(reasons)))

    def _finding(
        self, cluster: ComputeCluster, workspace: Workspace, lacks: list[tuple[Lack, ResourceId]]
    ) -> Finding:
        lack, account = lacks[0]
        others = {a.key for _, a in lacks} - {account.key}
        more = f" and of {len(others)} more" if others else ""
        verb = "read" if any(n.action.endswith("/read") for n in lack.needs) else "write"
        whole = lack._replace(
            needs=tuple(n for one, _ in lacks for n in one.needs),
            denials=tuple(d for one, _ in lacks for d in one.denials),
        )
        found = remedy(whole, "storage-account")
        return self.finding(
            cluster.identity,
            f"{cluster.label} mounts data as {lack.as_whom}, which may not {verb} the blobs of "
            f"storage account '{account.shown_name}'{more}: jobs get 403 AuthorizationPermissionMismatch",
            related=[
                (workspace.datastore_auth, "how the workspace reaches its storage account"),
                *found.get("related", ()),
            ],
            fixes=found.get("fixes", ()),
            why_no_fix=found.get("why_no_fix"),
        )


def _needed(
    workspace: Workspace, estate: Estate, reasons: list[Reason]
) -> Iterator[tuple[ResourceId, tuple[Need, ...]]]:
    """Yield the accounts that are reached by identity, with what it takes; say what is not known."""
    seen: set[str] = set()
    own = None if workspace.storage.is_absent else ResourceId.of(workspace.storage.term)
    for store in estate.datastores_of(workspace):
        if not _is_by_identity(store):
            continue
        name = store.account.require()
        account = estate.account_named(name)
        if account is None:
            reasons.append(
                Reason("missing", f"storage account '{name}' of {store.label} was not read")
            )
            continue
        seen.add(name.casefold())
        container = store.container.known
        where = account.id
        if container:
            where = account.id.child("blobServices", "default", "containers", container)
        yield account.id, _roles(where, writes=store.is_default.equals(other=True).known is True)
    mode = workspace.datastore_auth.effective()
    if own is not None and (own.name or "").casefold() not in seen and mode.equals("identity"):
        yield own, _roles(own, writes=True)
    try:
        estate.require(Facet.DATASTORES, workspace.id)
    except Undecided as undecided:
        reasons += undecided.reasons


def _is_by_identity(store: Datastore) -> bool:
    kind, credentials = store.store.known, store.credentials.known
    return (kind or "").casefold() in _BLOB_STORES and (credentials or "").casefold() == "none"


def _roles(where: ResourceId, *, writes: bool) -> tuple[Need, ...]:
    role = "Storage Blob Data Contributor" if writes else "Storage Blob Data Reader"
    needs = [Need(f"{_BLOBS}/read", where, role, is_data=True)]
    if writes:
        needs.append(Need(f"{_BLOBS}/write", where, role, is_data=True))
    return tuple(needs)
