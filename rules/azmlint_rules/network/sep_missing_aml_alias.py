"""The rule sep-missing-aml-alias."""

from __future__ import annotations

from collections.abc import Iterator

from azmlint import (
    Compute,
    EndpointPolicy,
    Estate,
    Facet,
    Finding,
    Items,
    KubernetesCompute,
    Object,
    Reason,
    ResourceId,
    Rule,
    Severity,
    Term,
    Undecided,
    Value,
)

ALIAS = "/services/azure/machinelearning"
WHOLE = "/services/azure"
STORAGE = "microsoft.storage"


class SepMissingAmlAlias(Rule[Compute]):
    """Service endpoint policy of a subnet leaves out the storage accounts that start nodes.

    ## Why
    With such a policy a subnet's service endpoint for storage leads to the accounts that the policy lists
    and to no others. Nodes are started from accounts of Microsoft that are known by an alias alone,
    `/services/Azure/MachineLearning`; without it they do not start.

    ## Not when
    The subnet has no service endpoint for storage: then no policy acts on it. Whether the broader alias
    `/services/Azure` holds that of Machine Learning is written nowhere, and left open.

    ## Bad
    ```json
    {
      "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
      "contentVersion": "1.0.0.0",
      "resources": [
        {
          "type": "Microsoft.Network/serviceEndpointPolicies",
          "apiVersion": "2024-05-01",
          "name": "only-ours",
          "location": "westeurope",
          "properties": {
            "serviceEndpointPolicyDefinitions": [
              {
                "name": "storage",
                "properties": {
                  "service": "Microsoft.Storage",
                  "serviceResources": ["[resourceGroup().id]"]
                }
              }
            ]
          }
        },
        {
          "type": "Microsoft.Network/virtualNetworks/subnets",
          "apiVersion": "2024-05-01",
          "name": "net/ml",
          "properties": {
            "addressPrefix": "10.0.0.0/24",
            "serviceEndpoints": [{"service": "Microsoft.Storage"}],
            "serviceEndpointPolicies": [
              {"id": "[resourceId('Microsoft.Network/serviceEndpointPolicies', 'only-ours')]"}
            ]
          }
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
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
          "type": "Microsoft.Network/serviceEndpointPolicies",
          "apiVersion": "2024-05-01",
          "name": "only-ours",
          "location": "westeurope",
          "properties": {
            "serviceEndpointPolicyDefinitions": [
              {
                "name": "storage",
                "properties": {
                  "service": "Microsoft.Storage",
                  "serviceResources": ["[resourceGroup().id]"]
                }
              },
              {
                "name": "azureml",
                "properties": {
                  "service": "Global",
                  "serviceResources": ["/services/Azure/MachineLearning"]
                }
              }
            ]
          }
        },
        {
          "type": "Microsoft.Network/virtualNetworks/subnets",
          "apiVersion": "2024-05-01",
          "name": "net/ml",
          "properties": {
            "addressPrefix": "10.0.0.0/24",
            "serviceEndpoints": [{"service": "Microsoft.Storage"}],
            "serviceEndpointPolicies": [
              {"id": "[resourceId('Microsoft.Network/serviceEndpointPolicies', 'only-ours')]"}
            ]
          }
        },
        {
          "type": "Microsoft.MachineLearningServices/workspaces/computes",
          "apiVersion": "2025-12-01",
          "name": "ws/train",
          "location": "westeurope",
          "properties": {
            "computeType": "AmlCompute",
            "properties": {
              "subnet": {"id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'net', 'ml')]"}
            }
          }
        }
      ]
    }
    ```

    ## How sure
    Documented. That a definition can hold the alias in a file is specified; the page knows the portal alone.

    ## References
    - Azure Machine Learning, Data exfiltration prevention (2025)
    - hashicorp/terraform-provider-azurerm, azurerm_subnet_service_endpoint_storage_policy (2026)
    """

    name = "sep-missing-aml-alias"
    severity = Severity.ERROR
    uses = frozenset({Facet.COMPUTES, Facet.ENDPOINT_POLICIES, Facet.NETWORKS})

    def check(self, compute: Compute, estate: Estate) -> Iterator[Finding]:
        if isinstance(compute, KubernetesCompute) or not compute.subnet.given:
            return
        subnet = estate.subnet_of(compute)
        if not subnet.endpoint_policies.given or not _leads_to_storage(subnet.service_endpoints):
            return
        listed: list[str] = []
        policies: list[EndpointPolicy] = []
        for term in subnet.endpoint_policies.require().members:
            policy = estate.find(EndpointPolicy, ResourceId.of(_member(term, "id")))
            policies.append(policy)
            for definition in policy.definitions.require().members:
                resources = _member(_member(definition, "properties"), "serviceResources")
                listed += _texts(resources, policy)
        if ALIAS in listed or not policies:
            return
        if WHOLE in listed:
            text = "whether the alias '/services/Azure' holds that of Machine Learning is not documented"
            raise Undecided((Reason("runtime", text),))
        yield self.finding(
            subnet.endpoint_policies,
            f"{subnet.label}, in which {compute.label} starts, lets nodes reach the storage accounts of "
            f"{policies[0].label} and no others: the accounts that start nodes are not among them",
            related=(
                (compute.subnet, "nodes start there"),
                *((p.definitions, "the accounts") for p in policies[:10]),
            ),
            why_no_fix="add a definition of the service Global with the alias "
            "/services/Azure/MachineLearning to the policy",
        )


def _leads_to_storage(endpoints: Value[Items]) -> bool:
    if not endpoints.given:
        return False
    services = [_member(term, "service") for term in endpoints.require().members]
    if any(str(s.data).casefold().startswith(STORAGE) for s in services):
        return True
    unknown = next((s for s in services if s.is_unknown), None)
    if unknown is not None:
        raise _open(unknown, "which service endpoints the subnet has is not known")
    return False


def _texts(resources: Term, policy: EndpointPolicy) -> Iterator[str]:
    what = f"what {policy.label} lists is not known"
    if resources.is_unknown:
        raise _open(resources, what)
    for item in resources.data if isinstance(resources.data, list) else ():
        if isinstance(item.data, str):
            yield item.data.strip().casefold().rstrip("/")
        elif not _is_id(item):
            raise _open(item, what)


def _is_id(term: Term) -> bool:
    """Whether it is the id of an account or group of which only a part is known, and no alias."""
    first = term.text_parts[0] if term.text_parts else None
    return isinstance(first, str) and first.casefold().startswith("/subscriptions")


def _open(term: Term, text: str) -> Undecided:
    return Undecided((term.reason or Reason("parameter", text),), term.decisions)


def _member(term: Term, name: str) -> Term:
    if term.is_unknown:
        return term
    found = term.data.lookup(name) if isinstance(term.data, Object) else None
    return found if found is not None else Term(None)
