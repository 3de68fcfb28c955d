"""The rule compute-predates-managed-network."""

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
    KubernetesCompute,
    Reason,
    Rule,
    Undecided,
)
from azmlint_rules.recipes import recreate_compute

FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
"""No managed network is older: the interface has had them since previews of 2023."""


class ComputePredatesManagedNetwork(Rule[Compute]):
    """Compute is older than its workspace's managed virtual network.

    ## Why
    A compute stays in the network that it was created in. There is no way to move one into a managed virtual
    network that was switched on later: it has to be created again, and until then its traffic is not under
    the rules of that network.

    When a managed network was switched on is told by no answer of the service. Two things decide all the
    same: a compute from before 2023 is older than any managed network, and one that was made after the last
    change of its workspace is not older than its network. Everything in between is left open.

    ## Not when
    The workspace has no managed network, or it is not active yet; the compute is a Kubernetes cluster, or is
    in a network of yours, which is the matter of custom-subnet-in-managed-network.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "properties": {"managedNetwork": {"isolationMode": "AllowInternetOutbound", "status": {"status": "Active"}}}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "createdOn": "2022-03-01T00:00:00Z", "properties": {}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope", "systemData": {"createdAt": "2025-01-01T00:00:00Z", "lastModifiedAt": "2026-03-01T00:00:00Z"}, "properties": {"managedNetwork": {"isolationMode": "AllowInternetOutbound", "status": {"status": "Active"}}}}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "createdOn": "2026-04-01T00:00:00Z", "properties": {}}}]}
      ]
    }
    ```

    ## How sure
    Documented that such a compute has to be created again; from which times it is concluded is deduced.

    ## References
    - Azure Machine Learning, Managed network for computes (2025)
    - Azure/bicep-types-az, managedNetwork of workspaces (20 August 2026)
    """

    name = "compute-predates-managed-network"
    needs = frozenset({Facet.COMPUTES, Facet.WORKSPACES})
    judges_declared = False

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if isinstance(compute, KubernetesCompute) or compute.subnet.given:
            return
        workspace = estate.workspace_of(compute)
        if workspace.isolation.effective().equals("disabled"):
            return
        if not workspace.managed_status.matches("active"):
            return
        made = compute.created_on.require()
        if made < FIRST:
            yield self.finding(
                compute.created_on,
                f"{compute.label} is from {made:%d %B %Y}, and {workspace.label} now has a managed virtual "
                "network, which did not exist then: it is not in it before it is created again",
                related=((workspace.managed_status, "the managed network"),),
                fixes=(
                    Fix("create it again", Applicability.DISPLAY, steps=recreate_compute(compute)),
                ),
            )
            return
        changed = workspace.changed_at.known
        if changed is None or changed > made:
            text = f"since when {workspace.label} has its managed network is told by no answer"
            if changed is not None:
                text += f", and it was changed after {compute.label} was made"
            raise Undecided((Reason("missing", text),))
