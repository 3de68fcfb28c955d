"""Every call of a collection, in one table: what is read, where, and what it takes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.model.facet import Facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ML: Final = "Microsoft.MachineLearningServices"
ML_VERSION: Final = "2025-12-01"
"""The first GA version that answers `idleTimeBeforeShutdown`; older ones where it is not served."""


class Per(StrEnum):
    """How often a call is made: once for each of these."""

    TENANT = "tenant"
    SUBSCRIPTION = "subscription"
    REGION = "subscription and region"
    WORKSPACE = "workspace"
    ENDPOINT = "online endpoint"
    GROUP = "resource group of workspaces"
    LOCKED_GROUP = "resource group with locks"
    ZONE = "private DNS zone"
    DEFINITION = "definition"
    PRINCIPAL = "managed identity of a workspace or compute"
    FIREWALL_POLICY = "firewall policy"


class Call(NamedTuple):
    """One call of the table."""

    facet: str
    per: Per
    path: str
    """With `{subscription}`, or `{scope}`: the id of that which it is made for."""

    version: str
    permission: str
    needs: tuple[str, ...] = ()
    """The facets whose answers say for what it is made."""

    is_typed: bool = False
    """Whether a client of the Azure SDK makes it."""

    is_list: bool = True
    """Whether the answer is pages of items, not one item."""

    resource_type: str = ""
    """The type whose versions the provider states, if the version is chosen at run time."""

    filter: str = ""
    """With `{principal}`: what the service is to leave out of a list."""

    note: str = ""


class Question(NamedTuple):
    """One call, for one thing."""

    call: Call
    scope: str
    """The id of what the answer is about; `/` for all."""

    path: str
    version: str
    subscription: str = ""
    filter: str = ""

    def __str__(self) -> str:
        """Write it as method, path, api-version and filter."""
        more = f"&$filter={self.filter}" if self.filter else ""
        return f"GET {self.path}?api-version={self.version}{more}"


_IN: Final = "/subscriptions/{subscription}"
_NETWORK: Final = f"{_IN}/providers/Microsoft.Network"
_ACCESS: Final = f"{_IN}/providers/Microsoft.Authorization"


def _network(facet: str) -> Call:
    permission = f"Microsoft.Network/{facet}/read"
    return Call(facet, Per.SUBSCRIPTION, f"{_NETWORK}/{facet}", "2024-05-01", permission)


def _access(facet: str, version: str = "2022-04-01", *, is_typed: bool = True) -> Call:
    permission = f"Microsoft.Authorization/{facet}/read"
    path = f"{_ACCESS}/{facet}"
    return Call(facet, Per.SUBSCRIPTION, path, version, permission, is_typed=is_typed)


def _in_workspace(facet: str) -> Call:
    return Call(
        facet,
        Per.WORKSPACE,
        f"{{scope}}/{facet}",
        ML_VERSION,
        f"{ML}/workspaces/{facet}/read",
        (Facet.WORKSPACES,),
        resource_type=f"workspaces/{facet}",
    )


def _in_region(facet: str) -> Call:
    return Call(
        facet,
        Per.REGION,
        f"{{scope}}/{facet}",
        ML_VERSION,
        f"{ML}/locations/{facet.lower()}/read",
        (Facet.WORKSPACES, Facet.COMPUTES),
        resource_type=f"locations/{facet}",
        note="in the regions of the workspaces and computes",
    )


CALLS: Final = (
    Call(
        Facet.SUBSCRIPTIONS,
        Per.TENANT,
        "/subscriptions",
        "2022-12-01",
        "Microsoft.Resources/subscriptions/read",
        note="those that the sign-in sees",
    ),
    Call(
        Facet.PROVIDER,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/{ML}",
        "2022-09-01",
        "Microsoft.Resources/subscriptions/providers/read",
        is_typed=True,
        is_list=False,
        note="whether it is registered, and which versions it serves",
    ),
    Call(
        Facet.GROUPS,
        Per.SUBSCRIPTION,
        f"{_IN}/resourcegroups",
        "2022-09-01",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        is_typed=True,
        note="those that the sign-in sees",
    ),
    _access(Facet.LOCKS, "2020-05-01", is_typed=False)._replace(
        note="of all levels: subscription, groups, resources and their children"
    ),
    Call(
        Facet.WORKSPACES,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/{ML}/workspaces",
        ML_VERSION,
        f"{ML}/workspaces/read",
        (Facet.PROVIDER,),
        resource_type="workspaces",
        note="with `--resource-group` the list of the group, with `--workspace` the one item;"
        " not made where the provider is not registered",
    ),
    _in_workspace(Facet.COMPUTES),
    _in_workspace(Facet.DATASTORES),
    _in_workspace(Facet.ONLINE_ENDPOINTS),
    _in_workspace(Facet.BATCH_ENDPOINTS),
    Call(
        Facet.DIAGNOSTIC_SETTINGS,
        Per.WORKSPACE,
        "{scope}/providers/Microsoft.Insights/diagnosticSettings",
        "2021-05-01-preview",
        "Microsoft.Insights/diagnosticSettings/read",
        (Facet.WORKSPACES,),
    ),
    Call(
        Facet.ONLINE_DEPLOYMENTS,
        Per.ENDPOINT,
        "{scope}/deployments",
        ML_VERSION,
        f"{ML}/workspaces/onlineEndpoints/deployments/read",
        (Facet.ONLINE_ENDPOINTS,),
        resource_type="workspaces/onlineEndpoints/deployments",
        note="their instances take quota",
    ),
    _network(Facet.NETWORKS)._replace(note="with their subnets"),
    _network(Facet.SECURITY_GROUPS),
    _network(Facet.ROUTE_TABLES),
    _network(Facet.ENDPOINT_POLICIES),
    _network(Facet.FIREWALLS),
    _network(Facet.FIREWALL_POLICIES),
    Call(
        Facet.FIREWALL_RULES,
        Per.FIREWALL_POLICY,
        "{scope}/ruleCollectionGroups",
        "2024-05-01",
        "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
        (Facet.FIREWALL_POLICIES,),
    ),
    Call(
        Facet.DELEGATIONS,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/Microsoft.ManagedServices/registrationAssignments",
        "2022-10-01",
        "Microsoft.ManagedServices/registrationAssignments/read",
        note="of the subscription to other tenants, with Azure Lighthouse",
    ),
    _network(Facet.NAT_GATEWAYS),
    _network(Facet.PUBLIC_IPS),
    _network(Facet.LOAD_BALANCERS),
    _network(Facet.PRIVATE_ENDPOINTS),
    _network(Facet.PRIVATE_ZONES)._replace(version="2020-06-01"),
    Call(
        Facet.ZONE_LINKS,
        Per.ZONE,
        "{scope}/virtualNetworkLinks",
        "2020-06-01",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
        (Facet.PRIVATE_ZONES,),
        note="zones of workspaces only, such as privatelink.api.azureml.ms",
    ),
    Call(
        Facet.STORAGE,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/Microsoft.Storage/storageAccounts",
        "2023-05-01",
        "Microsoft.Storage/storageAccounts/read",
    ),
    Call(
        Facet.VAULTS,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/Microsoft.KeyVault/vaults",
        "2023-07-01",
        "Microsoft.KeyVault/vaults/read",
    ),
    Call(
        Facet.REGISTRIES,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/Microsoft.ContainerRegistry/registries",
        "2025-11-01",
        "Microsoft.ContainerRegistry/registries/read",
    ),
    _access(Facet.ROLE_ASSIGNMENTS),
    _access(Facet.ROLE_DEFINITIONS)._replace(
        note="one list: assignments name more definitions than it has pages; the built-in ones"
        " are kept once"
    ),
    Call(
        Facet.PRINCIPAL_ROLES,
        Per.PRINCIPAL,
        f"{_ACCESS}/roleAssignments",
        "2022-04-01",
        "Microsoft.Authorization/roleAssignments/read",
        (Facet.WORKSPACES, Facet.COMPUTES),
        filter="assignedTo('{principal}')",
        note="with the roles of the groups that it is in, which no other list tells",
    ),
    Call(
        Facet.IDENTITIES,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/Microsoft.ManagedIdentity/userAssignedIdentities",
        "2023-01-31",
        "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    ),
    _access(Facet.DENY_ASSIGNMENTS)._replace(note="those of deployment stacks among them"),
    _access(Facet.POLICY_ASSIGNMENTS, "2023-04-01", is_typed=False)._replace(
        note="with those inherited from management groups"
    ),
    Call(
        Facet.POLICY_DEFINITIONS,
        Per.DEFINITION,
        "{scope}",
        "2023-04-01",
        "Microsoft.Authorization/policyDefinitions/read",
        (Facet.POLICY_ASSIGNMENTS,),
        is_list=False,
        note="those assigned, and the members of assigned sets",
    ),
    Call(
        Facet.POLICY_DEFINITIONS,
        Per.DEFINITION,
        "{scope}",
        "2023-04-01",
        "Microsoft.Authorization/policySetDefinitions/read",
        (Facet.POLICY_ASSIGNMENTS,),
        is_list=False,
        note="sets that are assigned",
    ),
    _access(Facet.POLICY_EXEMPTIONS, "2022-07-01-preview", is_typed=False)._replace(
        note="with those inherited from management groups"
    ),
    Call(
        Facet.DEPLOYMENT_STACKS,
        Per.SUBSCRIPTION,
        f"{_IN}/providers/Microsoft.Resources/deploymentStacks",
        "2024-03-01",
        "Microsoft.Resources/deploymentStacks/read",
        note="of the subscription itself, not of its groups",
    ),
    Call(
        Facet.DEPLOYMENT_STACKS,
        Per.GROUP,
        "{scope}/providers/Microsoft.Resources/deploymentStacks",
        "2024-03-01",
        "Microsoft.Resources/deploymentStacks/read",
        (Facet.WORKSPACES, Facet.COMPUTES),
        note="and groups of the networks of their computes",
    ),
    Call(
        Facet.DEPLOYMENTS,
        Per.LOCKED_GROUP,
        "{scope}/providers/Microsoft.Resources/deployments",
        "2022-09-01",
        "Microsoft.Resources/deployments/read",
        (Facet.LOCKS,),
        note="on them or on what is in them",
    ),
    _in_region(Facet.USAGES),
    _in_region(Facet.QUOTAS),
    _in_region(Facet.VM_SIZES),
    Call(
        Facet.NETWORK_USAGES,
        Per.REGION,
        f"{_NETWORK}/locations/{{region}}/usages",
        "2024-05-01",
        "Microsoft.Network/locations/usages/read",
        (Facet.WORKSPACES, Facet.COMPUTES),
        note="in the regions of the workspaces and computes",
    ),
)


class Extra(NamedTuple):
    """A call that is made only when it is asked for."""

    option: str
    method: str
    path: str
    version: str
    permission: str
    times: str


MANAGEMENT_GROUP: Final = Extra(
    "--management-group",
    "GET",
    "/providers/Microsoft.Management/managementGroups/{group}/descendants",
    "2020-05-01",
    "Microsoft.Management/managementGroups/descendants/read",
    "1",
)
RESOURCE_GRAPH: Final = Extra(
    "--discover resource-graph",
    "POST",
    "/providers/Microsoft.ResourceGraph/resources",
    "2022-10-01",
    "(none of its own)",
    "1 for each 300 subscriptions",
)
DIAGNOSE: Final = Extra(
    "--with-service-diagnose",
    "POST",
    "{workspace}/diagnose",
    ML_VERSION,
    f"{ML}/workspaces/diagnose/action",
    "1, and a GET each time its state is asked",
)
EXTRAS: Final = (MANAGEMENT_GROUP, RESOURCE_GRAPH, DIAGNOSE)

FACETS: Final = frozenset(call.facet for call in CALLS)


def asking(facet: str, scope: str) -> Question | None:
    """Give the call that reads a facet of a scope; None where there is none."""
    call = next((call for call in CALLS if call.facet == facet), None)
    if call is None:
        return None
    parts = scope.split("/")
    subscription = parts[2] if len(parts) > 2 else "{subscription}"  # noqa: PLR2004  # "", word, id
    region = parts[-1] if parts[-2:-1] == ["locations"] else "{region}"
    path = call.path.format(scope=scope, subscription=subscription, region=region)
    return Question(call, scope, path, call.version, subscription)


def needed(facets: Iterable[str]) -> frozenset[str]:
    """Add the facets without which nobody knows for what the wanted ones are read."""
    found = {Facet.SUBSCRIPTIONS}
    waiting = list(facets)
    while waiting:
        facet = waiting.pop()
        if facet in found:
            continue
        found.add(facet)
        waiting += (need for call in CALLS if call.facet == facet for need in call.needs)
    return frozenset(found)


def calls_for(facets: Iterable[str]) -> tuple[Call, ...]:
    """Give the calls that reading some facets takes."""
    wanted = needed(facets)
    return tuple(call for call in CALLS if call.facet in wanted)


def request_count(facets: Iterable[str], counts: Mapping[Per, int]) -> int:
    """Say how many requests a collection takes, pages apart; each definition is of one kind."""
    kinds = {(call.facet, call.per) for call in calls_for(facets)}
    return sum(1 if per is Per.TENANT else counts.get(per, 0) for _, per in kinds)
