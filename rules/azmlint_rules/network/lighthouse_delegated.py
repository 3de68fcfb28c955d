"""The rule lighthouse-delegated."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Compute,
    Delegation,
    Estate,
    Facet,
    Finding,
    KubernetesCompute,
    ResourceId,
    Rule,
    Severity,
)


class LighthouseDelegated(Rule[Compute]):
    """Compute in a virtual network is in a subscription that is delegated with Azure Lighthouse.

    ## Why
    Computes in a virtual network are not supported through such a delegation: who signs in to the managing
    tenant cannot create them, and nodes fail to join the network.

    ## Not when
    The compute has no subnet of yours, or is a Kubernetes cluster. Who is the one to create it is not known
    here: where only people of the home tenant do, and the delegation is for something else, accept the
    finding.

    ## Bad
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "registrationAssignments", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/providers/Microsoft.ManagedServices/registrationAssignments/d", "name": "d", "type": "Microsoft.ManagedServices/registrationAssignments", "properties": {"registrationDefinitionId": "/subscriptions/s/providers/Microsoft.ManagedServices/registrationDefinitions/d"}}]},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]}
      ]
    }
    ```

    ## Good
    ```json
    {
      "version": 1, "taken": "2026-11-24T12:00:00Z", "cloud": "AzureCloud",
      "answers": [
        {"facet": "registrationAssignments", "scope": "/subscriptions/s", "state": "collected", "items": []},
        {"facet": "workspaces", "scope": "/subscriptions/s", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "name": "ws", "location": "westeurope"}]},
        {"facet": "computes", "scope": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws", "state": "collected", "items": [
          {"id": "/subscriptions/s/resourceGroups/ml/providers/Microsoft.MachineLearningServices/workspaces/ws/computes/train", "name": "train", "properties": {"computeType": "AmlCompute", "properties": {"subnet": {"id": "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"}}}}]}
      ]
    }
    ```

    ## How sure
    Documented as unsupported; what the service answers is not recorded anywhere.

    ## References
    - Azure Machine Learning, Secure training environments, Limitations (12 June 2025)
    """

    name = "lighthouse-delegated"
    severity = Severity.ERROR
    needs = frozenset({Facet.DELEGATIONS})
    uses = frozenset({Facet.COMPUTES})

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if isinstance(compute, KubernetesCompute) or not compute.subnet.given:
            return
        subnet = ResourceId.of(compute.subnet.term)
        scopes = [
            s for i in (compute.id, subnet) for s in (i.group, i.subscription) if s is not None
        ]
        keys = {scope.key for scope in scopes}
        found = [
            d
            for d in estate.of(Delegation)
            if d.scope is not None and d.scope.key in keys and d.exists()
        ]
        if found:
            yield self.finding(
                compute.subnet,
                f"{compute.label} is in a virtual network, and {found[0].scope} is delegated to another "
                "tenant with Azure Lighthouse, through which such computes are not supported",
                related=((found[0], "the delegation"),),
                why_no_fix="create and change it from the home tenant, or end the delegation",
            )
            return
        for scope in scopes:
            if scope.group is None:
                estate.require(Facet.DELEGATIONS, scope)
