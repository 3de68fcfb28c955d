"""The parts in which what is deployed is read, and what is known of each reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.truth import Need, Reason, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from azmlint.model.ids import ResourceId


class Facet:
    """The names of the parts; each is one list of Azure Resource Manager."""

    SUBSCRIPTIONS = "subscriptions"
    PROVIDER = "provider"
    GROUPS = "resourceGroups"
    LOCKS = "locks"
    DEPLOYMENTS = "deployments"
    DEPLOYMENT_STACKS = "deploymentStacks"
    WORKSPACES = "workspaces"
    COMPUTES = "computes"
    DATASTORES = "datastores"
    ONLINE_ENDPOINTS = "onlineEndpoints"
    ONLINE_DEPLOYMENTS = "onlineDeployments"
    BATCH_ENDPOINTS = "batchEndpoints"
    DIAGNOSTIC_SETTINGS = "diagnosticSettings"
    NETWORKS = "virtualNetworks"
    SECURITY_GROUPS = "networkSecurityGroups"
    ROUTE_TABLES = "routeTables"
    ENDPOINT_POLICIES = "serviceEndpointPolicies"
    FIREWALLS = "azureFirewalls"
    FIREWALL_POLICIES = "firewallPolicies"
    FIREWALL_RULES = "ruleCollectionGroups"
    DELEGATIONS = "registrationAssignments"
    NAT_GATEWAYS = "natGateways"
    PUBLIC_IPS = "publicIPAddresses"
    LOAD_BALANCERS = "loadBalancers"
    PRIVATE_ENDPOINTS = "privateEndpoints"
    PRIVATE_ZONES = "privateDnsZones"
    ZONE_LINKS = "virtualNetworkLinks"
    STORAGE = "storageAccounts"
    VAULTS = "vaults"
    REGISTRIES = "registries"
    ROLE_ASSIGNMENTS = "roleAssignments"
    ROLE_DEFINITIONS = "roleDefinitions"
    PRINCIPAL_ROLES = "principalRoles"
    IDENTITIES = "userAssignedIdentities"
    DENY_ASSIGNMENTS = "denyAssignments"
    POLICY_ASSIGNMENTS = "policyAssignments"
    POLICY_DEFINITIONS = "policyDefinitions"
    POLICY_EXEMPTIONS = "policyExemptions"
    USAGES = "usages"
    QUOTAS = "quotas"
    VM_SIZES = "vmSizes"
    NETWORK_USAGES = "networkUsages"
    SERVICE_DIAGNOSES = "serviceDiagnoses"


COLLECTED: Final = "collected"
DENIED: Final = "denied"
FAILED: Final = "failed"


class Coverage(NamedTuple):
    """How the reading of one facet of one scope ended."""

    facet: str
    scope: str
    """The id of a subscription, of one of its regions, of a group or of a resource; `/` for all."""

    state: str
    """collected, denied or failed."""

    permission: str = ""
    reason: str = ""
    """Why it was not read, with the service's own code; empty when it was."""


class Coverages:
    """What was read of what is deployed; empty when nothing was asked."""

    def __init__(self, coverages: Iterable[Coverage] = ()) -> None:
        """Index by facet and scope; of two readings of one scope the complete one counts."""
        self._by_scope: dict[tuple[str, str], Coverage] = {}
        self._facets: set[str] = set()
        for coverage in coverages:
            key = (coverage.facet, _spelled(coverage.scope))
            known = self._by_scope.get(key)
            if known is None or known.state != COLLECTED:
                self._by_scope[key] = coverage
            self._facets.add(coverage.facet)

    def __iter__(self) -> Iterator[Coverage]:
        """Yield every reading, in the order given."""
        yield from self._by_scope.values()

    def __bool__(self) -> bool:
        """Whether anything was asked."""
        return bool(self._facets)

    def asked(self, facet: str) -> bool:
        """Whether a facet was asked of any scope."""
        return facet in self._facets

    def of(self, facet: str, scope: ResourceId | str) -> Coverage | None:
        """Find the reading that holds what is at `scope`: its own, or that of what it is in."""
        for key in _scopes(scope):
            found = self._by_scope.get((facet, key))
            if found is not None:
                return found
        return None

    def is_collected(self, facet: str, scope: ResourceId) -> bool:
        """Whether all that is at `scope` was read, so that what is not there does not exist."""
        found = self.of(facet, scope)
        return found is not None and found.state == COLLECTED

    def require(self, facet: str, scope: ResourceId) -> None:
        """Raise Undecided unless all that is at `scope` was read."""
        found = self.of(facet, scope)
        if found is not None and found.state == COLLECTED:
            return
        raise Undecided((self.gap(facet, scope),))

    def gap(self, facet: str, scope: ResourceId) -> Reason:
        """Say why a facet of a scope is not known."""
        found = self.of(facet, scope)
        if found is None:
            text = f"{facet} of {scope} were not read"
            return Reason("missing", text, Need(facet, str(scope)))
        text = f"{facet} of {found.scope} were not read: {found.reason}"
        return Reason("facet", text, Need(facet, found.scope, found.permission or None))


def _spelled(scope: str) -> str:
    """Spell a scope as questions do, with a region that stands in display form in one word."""
    head, separator, region = scope.casefold().rpartition("/locations/")
    return f"{head}{separator}{region.replace(' ', '')}" if separator else region


def _scopes(scope: ResourceId | str) -> Iterator[str]:
    """Yield a scope, and what it is in, from near to far."""
    text = str(scope).casefold().rstrip("/")
    yield text or "/"
    head, separator, tail = text.rpartition("/providers/")
    while separator:
        pieces = tail.split("/")
        # A child's parents: type and name go together.
        for count in range(len(pieces) - 2, 1, -2):
            yield f"{head}/providers/{'/'.join(pieces[:count])}"
        if head:
            yield head
        head, separator, tail = head.rpartition("/providers/")
    parts = text.split("/")
    if len(parts) > 3 and parts[1] == "subscriptions":  # noqa: PLR2004  # "", word, id, ...
        yield "/".join(parts[:3])
    yield "/"
