"""A small Azure Resource Manager on this machine: reads only, counted, and spoilt when asked.

Each shape names where it is from. "Recorded" is traffic of the real service, published with the
project named; "specification" is an example written by hand in azure-rest-api-specs; "unrecorded"
is said of shapes of which no recording is known, so that the example is all there is.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from azure.core.credentials import AccessToken

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJhenVyZSJ9.c2lnbmF0dXJl"
ML = "Microsoft.MachineLearningServices"
TENANT = "72f988bf-0000-0000-0000-2d7cd011db47"
KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk+Lw=="


def subscription_id(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


class World(NamedTuple):
    """What there is; workspaces are spread over the subscriptions, and over their regions."""

    subscriptions: int = 1
    workspaces: int = 1
    regions: int = 1
    """In each subscription."""

    computes: int = 2
    page: int = 100
    registered: bool = True
    holding: int = -1
    """How many subscriptions hold workspaces; -1 for all."""

    served: tuple[str, ...] = ("2025-12-01", "2025-06-01", "2024-04-01", "2026-03-01-preview")
    graph_page: int = 1000
    hidden: int = 0
    """How many subscriptions, the last ones, the sign-in does not see."""

    network: str = ""
    """The subscription of the networks; empty for that of the workspace."""

    zones: tuple[str, ...] = ("privatelink.api.azureml.ms", "privatelink.blob.core.windows.net")


class Seen(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    authorization: str
    facet: str


class Fault(NamedTuple):
    """How answers are spoilt: a status, or one of reset slow truncated empty html wrong broken
    loop foreign expired."""

    kind: str
    facet: str = ""
    """Which answers; empty for all."""

    after: int = 0
    """How many are let through first."""

    times: int = -1
    headers: tuple[tuple[str, str], ...] = ()
    code: str = ""
    link: str = ""
    """Where a link leads, or what an error says."""

    body: bytes = b""
    """What a status comes with, instead of an error."""


_ROUTES = [
    (re.compile(pattern + r"/?$", re.IGNORECASE), facet)
    for pattern, facet in (
        (r"/subscriptions", "subscriptions"),
        (r"/subscriptions/[^/]+/resourcegroups", "resourceGroups"),
        (rf"/subscriptions/[^/]+/providers/{ML}", "provider"),
        (rf"(?:/[^/]+)+/providers/{ML}/workspaces(?:/[^/]+)?", "workspaces"),
        (r"/providers/Microsoft.ResourceGraph/resources", "resourceGraph"),
        (r"/providers/Microsoft.Management/managementGroups/[^/]+/descendants", "descendants"),
        (r".*/policy(?:set)?definitions/[^/]+", "policyDefinitions"),
        (r".*/onlineEndpoints/[^/]+/deployments", "onlineDeployments"),
        (r".*/workspaces/[^/]+/diagnose", "diagnose"),
        (r".*/Microsoft\.Network/locations/[^/]+/usages", "networkUsages"),
        (r".*/?diagnoseResults/[^/]+", "diagnose"),
        (r".*/([A-Za-z]+)", ""),
    )
]


def facet_of(path: str) -> str:
    for pattern, facet in _ROUTES:
        found = pattern.match(path)
        if found:
            return facet or found.group(1)
    return ""


class Signed:
    """A credential of azure-identity, as far as its users see."""

    def __init__(self):
        self.scopes = []

    def get_token(self, *scopes, **_):
        self.scopes.append(scopes)
        return AccessToken(TOKEN, 4_102_444_800)


class Bucket:
    """The reads that Azure gives a principal in each subscription: documented as 250, and 25/s."""

    def __init__(self, now: Callable[[], float], size: int = 250, refill: float = 25.0) -> None:
        self._now = now
        self._size = size
        self._refill = refill
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, subscription: str) -> int:
        """Give how many are left, or -1 when there was none."""
        now = self._now()
        left, at = self._left.get(subscription, (float(self._size), now))
        left = min(self._size, left + (now - at) * self._refill)
        taken = left >= 1
        self._left[subscription] = (left - 1 if taken else left, now)
        return int(left - 1) if taken else -1


class ArmServer:
    """Answers on a free port of this machine."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.seen: list[Seen] = []
        self.faults: list[Fault] = []
        self.tokens = {TOKEN}
        self.remaining = "249"
        self.bucket: Bucket | None = None
        self.throttled = 0
        self.states: list[dict[str, Any]] = []
        """What is said of a long-running operation, each time it is asked."""

        self._spoilt: dict[int, int] = {}
        self._lock = threading.Lock()
        self._hold = threading.Event()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> ArmServer:
        threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._hold.set()
        self._http.shutdown()
        self._http.server_close()

    def reset(self, world: World | None = None, *faults: Fault) -> None:
        """Begin anew."""
        self._hold.set()
        self._hold = threading.Event()
        self.world = world or World()
        self.seen, self.faults, self._spoilt = [], list(faults), {}
        self.tokens, self.remaining, self.states = {TOKEN}, "249", []
        self.bucket, self.throttled = None, 0

    @property
    def writes(self) -> list[Seen]:
        return [s for s in self.seen if s.method != "GET" and s.facet != "resourceGraph"]

    def count(self, facet: str) -> int:
        return sum(1 for s in self.seen if s.facet == facet)

    # One request.

    def take(self, handler: Any, method: str) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else b""
        parts = urlsplit(handler.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        facet = "principalRoles" if "$filter" in query else facet_of(path)
        authorization = handler.headers.get("Authorization", "")
        with self._lock:
            self.seen.append(Seen(method, path, query, authorization, facet))
            fault = self._fault_of(facet)
            left = self.bucket.take("".join(path.split("/")[2:3]).lower()) if self.bucket else 249
            self.throttled += left < 0
        if left < 0:
            text = "Number of 'read' requests exceeded the limit"
            data = _error("SubscriptionRequestsThrottled", text)
            _send(handler, 429, data, {"Retry-After": "1"})
            return
        self.remaining = str(left) if self.bucket else self.remaining
        if authorization.removeprefix("Bearer ") not in self.tokens:
            _send(handler, 401, _error("InvalidAuthenticationToken", f"bad {authorization}"), _OLD)
        elif fault is None:
            status, data, headers = self.route(method, path, query, body, facet)
            _send(handler, status, data, self._headers(headers))
        else:
            self._spoil(handler, fault, method, path, query, body, facet)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"x-ms-ratelimit-remaining-subscription-reads": self.remaining, **more}

    def _fault_of(self, facet: str) -> Fault | None:
        for index, fault in enumerate(self.faults):
            if fault.facet and fault.facet != facet:
                continue
            number = self._spoilt.get(index, 0)
            self._spoilt[index] = number + 1
            if number >= fault.after and (fault.times < 0 or number < fault.after + fault.times):
                return fault
        return None

    def _spoil(self, handler, fault, method, path, query, body, facet) -> None:
        kind = fault.kind
        if kind.isdigit():
            text = f"client 'someone@contoso.com' with {TOKEN} and AccountKey={KEY} may not"
            text = fault.link or text
            raw = json.dumps(_error(fault.code or f"Code{kind}", text)).encode()
            _send_raw(handler, int(kind), fault.body or raw, dict(fault.headers))
            return
        if kind == "expired":
            _send(handler, 401, _error("ExpiredAuthenticationToken", f"expired: {TOKEN}"), _OLD)
            return
        if kind == "reset":
            option = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            handler.close_connection = True
            handler.connection.close()
            return
        if kind == "slow":
            self._hold.wait(5)
            handler.close_connection = True
            return
        _, data, _ = self.route(method, path, query, body, facet)
        if kind == "loop":
            data = {**data, "nextLink": f"{self.url}{handler.path}"}
        elif kind == "foreign":
            data = {**data, "nextLink": fault.link}
        elif kind == "wrong":
            names = {"value": {"id": "not a list"}, "data": ["x"]}
            data = {k: names[k] for k in names if k in data} or [data]
        raw = json.dumps(data).encode()
        raw = {"empty": b"", "html": b"<html>sign in</html>", "broken": raw[:-2]}.get(kind, raw)
        html = kind == "html"
        _send_raw(handler, 200, raw, {}, html=html, cut=kind == "truncated")

    # What there is.

    def route(
        self, method: str, path: str, query: dict[str, str], body: bytes, facet: str
    ) -> tuple[int, Any, dict[str, str]]:
        if facet == "diagnose":
            return self._diagnose(method, path)
        if facet == "resourceGraph" and method == "POST":
            return 200, self._graph(json.loads(body)), {}
        if method != "GET":
            return 405, _error("MethodNotAllowed", "this server only reads"), {}
        return self._read(path, query, facet)

    def _read(
        self, path: str, query: dict[str, str], facet: str
    ) -> tuple[int, Any, dict[str, str]]:
        parts = path.split("/")
        subscription = parts[2].lower() if len(parts) > 2 and parts[1] == "subscriptions" else ""
        answer: dict[str, Any] | None
        if facet in {"provider", "policyDefinitions"}:
            answer = self._provider(subscription) if facet == "provider" else _definition(path)
        elif facet == "workspaces" and parts[-2].lower() == "workspaces":
            found = [w for w in self._workspaces(subscription) if w["id"].lower() == path.lower()]
            answer = found[0] if found else None
        else:
            items = self._items(subscription, path, facet)
            answer = None if items is None else self._page(items, path, query)
        if answer is None:
            kind = "ResourceGroup" if "/resourcegroups/" in path.lower() else "Resource"
            return 404, _error(f"{kind}NotFound", path), {}
        return 200, answer, {}

    def _graph(self, asked: dict[str, Any]) -> dict[str, Any]:
        # Specification: microsoft.resourcegraph ResourcesFirstPageQuery.json, objectArray form.
        rows = [{"subscriptionId": s} for s in asked["subscriptions"] if self._workspaces(s)]
        start = int(asked["options"].get("$skipToken", "0"))
        end = start + self.world.graph_page
        answer: dict[str, Any] = {"totalRecords": len(rows), "data": rows[start:end]}
        if end < len(rows):
            answer["$skipToken"] = str(end)
        return answer

    def _page(
        self, items: list[dict[str, Any]], path: str, query: dict[str, str]
    ) -> dict[str, Any]:
        start = int(query.get("$skiptoken", "0"))
        page: dict[str, Any] = {"value": items[start : start + self.world.page]}
        if start + self.world.page < len(items):
            more = f"api-version={query['api-version']}&$skiptoken={start + self.world.page}"
            page["nextLink"] = f"{self.url}{path.replace(' ', '%20')}?{more}"
        return page

    def _items(self, subscription: str, path: str, facet: str) -> list[dict[str, Any]] | None:  # noqa: PLR0911  # one for each odd shape
        group = re.match(r"/subscriptions/[^/]+/resourcegroups/([^/]+)/", path, re.IGNORECASE)
        if facet == "subscriptions":
            visible = self.world.subscriptions - self.world.hidden
            return [_subscription(subscription_id(n)) for n in range(visible)]
        if facet == "descendants":
            return [_descendant(subscription_id(n)) for n in range(self.world.subscriptions)]
        if facet == "workspaces":
            found = self._workspaces(subscription)
            if not group:
                return found
            own = f"/resourcegroups/{group.group(1).lower()}/"
            return [w for w in found if own in w["id"].lower()] or None
        if facet in {"computes", "datastores"}:
            workspace = path.rpartition("/")[0]
            if facet == "datastores":
                return [_datastore(workspace)]
            region = self._region(0)
            network = self.world.network or subscription
            return [_compute(workspace, n, region, network) for n in range(self.world.computes)]
        if facet in {"batchEndpoints", "onlineEndpoints"}:
            return [_endpoint(path)]
        if facet == "diagnosticSettings":
            return [_setting(path)]
        if facet == "onlineDeployments":
            return [_deployment(path, self._region(0))]
        if facet == "networkUsages":
            return _network_usages(path)
        if facet in {"usages", "quotas", "vmSizes"}:
            return {"usages": _usages, "quotas": _quotas, "vmSizes": _vm_sizes}[facet](subscription)
        if facet == "privateDnsZones":
            return [_zone(subscription, name) for name in self.world.zones]
        if facet == "deploymentStacks":
            return [_stack(path.partition("/providers/")[0])]
        make = _MAKERS.get(facet)
        return [] if make is None else make(subscription)

    def _workspaces(self, subscription: str) -> list[dict[str, Any]]:
        number = int(subscription[-12:])
        holding = self.world.subscriptions if self.world.holding < 0 else self.world.holding
        if number >= holding:
            return []
        return [
            _workspace(subscription, n, self._region(n // holding))
            for n in range(number, self.world.workspaces, holding)
        ]

    def _region(self, number: int) -> str:
        return f"region{number % self.world.regions}"

    def _provider(self, subscription: str) -> dict[str, Any]:
        # Recorded: azure-mgmt-resource 15.0.0, test_mgmt_resource.test_provider_registration.
        types = ("workspaces", "workspaces/computes", "locations/usages", "locations/vmsizes")
        return {
            "id": f"/subscriptions/{subscription}/providers/{ML}",
            "namespace": ML,
            "authorizations": [{"applicationId": TENANT, "roleDefinitionId": TENANT}],
            "resourceTypes": [
                {"resourceType": t, "locations": ["East US"], "apiVersions": [*self.world.served]}
                for t in types
            ],
            "registrationState": "Registered" if self.world.registered else "NotRegistered",
        }

    def _diagnose(self, method: str, path: str) -> tuple[int, Any, dict[str, str]]:
        # Specification: Workspace/diagnose.json, 202 with Location, then 200.
        result = f"{self.url}{path.rpartition('/')[0]}/diagnoseResults/1?api-version=2025-12-01"
        if self.states:
            return 200, self.states.pop(0), {}
        asked = self.count("diagnose")
        if method == "POST" or asked < 3:
            return 202, None, {"Location": result, "Retry-After": "1"}
        locks = [{"code": "ResourceLock", "level": "Warning", "message": "a lock"}]
        return 200, {"value": {"resourceLockResults": locks}}, {}


# The shapes.


def _definition(path: str) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    # Recorded: cloud-custodian SubscriptionTest.test_add_policy (PUT, the same shape).
    shape: dict[str, Any] = {"id": path, "name": name, "properties": {"policyType": "BuiltIn"}}
    if "/policysetdefinitions/" in path.lower():
        member = "/providers/Microsoft.Authorization/policyDefinitions/member"
        shape["type"] = "Microsoft.Authorization/policySetDefinitions"
        shape["properties"]["policyDefinitions"] = [
            {"policyDefinitionId": member, "parameters": {}}
        ]
        return shape
    shape["type"] = "Microsoft.Authorization/policyDefinitions"
    rule = {"if": {"field": "type", "equals": "x"}, "then": {"effect": "deny"}}
    shape["properties"]["policyRule"] = rule
    return shape


def _subscription(subscription: str) -> dict[str, Any]:
    # Recorded: cloud-custodian SubscriptionTest.test_add_policy.
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": f"Subscription {int(subscription[-12:])}",
        "state": "Enabled",
        "tenantId": TENANT,
        "authorizationSource": "RoleBased",
    }


def _descendant(subscription: str) -> dict[str, Any]:
    # Specification: Microsoft.Management GetDescendants.json.
    return {
        "id": f"/subscriptions/{subscription}",
        "type": "Microsoft.Management/managementGroups/subscriptions",
        "name": subscription,
        "properties": {"displayName": "s", "parent": {"id": "/providers/x"}},
    }


def _workspace(subscription: str, number: int, region: str) -> dict[str, Any]:
    # Recorded: azure-sdk-assets, azure-ai-ml test_compute.py (2026-03), shortened.
    group = f"/subscriptions/{subscription}/resourceGroups/rg-{number}"
    return {
        "id": f"{group}/providers/{ML}/workspaces/ws-{number}",
        "name": f"ws-{number}",
        "type": f"{ML}/workspaces",
        "location": region,
        "kind": "Default",
        "sku": {"name": "Basic", "tier": "Basic"},
        "tags": {"owner": "someone@contoso.com"},
        "identity": {"type": "SystemAssigned", "principalId": subscription_id(900 + number)},
        "properties": {
            "publicNetworkAccess": "Enabled",
            "v1LegacyMode": False,
            "systemDatastoresAuthMode": "accesskey",
            "managedNetwork": {"isolationMode": "Disabled"},
            "newInThisVersion": {"kept": True},
            "storageAccount": f"{group}/providers/Microsoft.Storage/storageAccounts/st{number}",
        },
    }


def _compute(workspace: str, number: int, region: str, network: str) -> dict[str, Any]:
    # Recorded: cloud-custodian MachineLearningWorkspaceComputeInstancesFilterTest.test_query.
    group = f"/subscriptions/{network}/{workspace.partition('/providers/')[0].split('/', 3)[3]}"
    subnet = f"{group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/ml"
    one = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one"
    return {
        "id": f"{workspace}/computes/cpu-{number}",
        "name": f"cpu-{number}",
        "type": f"{ML}/workspaces/computes",
        "location": region,
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": {one: {"principalId": TENANT, "clientId": TENANT}},
        },
        "properties": {
            "computeType": "AmlCompute",
            "computeLocation": region,
            "disableLocalAuth": False,
            "properties": {
                "vmSize": "STANDARD_D2_V2",
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
                "subnet": {"id": subnet},
                "userAccountCredentials": {"adminUserName": "u", "adminUserPassword": "hunter2"},
            },
        },
    }


def _datastore(workspace: str) -> dict[str, Any]:
    # Specification: Workspace/Datastore/list.json (unrecorded).
    return {
        "id": f"{workspace}/datastores/workspaceblobstore",
        "name": "workspaceblobstore",
        "type": f"{ML}/workspaces/datastores",
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "st0",
            "credentials": {"credentialsType": "AccountKey", "secrets": {"key": KEY}},
        },
    }


def _endpoint(path: str) -> dict[str, Any]:
    # Specification: Workspace/OnlineEndpoint/list.json (unrecorded), shortened.
    return {
        "id": f"{path}/score",
        "name": "score",
        "type": f"{ML}/workspaces/{path.rpartition('/')[2]}",
        "properties": {"authMode": "AMLToken", "scoringUri": "https://score.example"},
    }


def _setting(path: str) -> dict[str, Any]:
    # Specification: microsoft.insights getDiagnosticSettingsList.json, shortened.
    return {
        "id": f"{path}/logs",
        "name": "logs",
        "type": "Microsoft.Insights/diagnosticSettings",
        "properties": {"logs": [{"categoryGroup": "allLogs", "enabled": True}]},
    }


def _deployment(path: str, region: str) -> dict[str, Any]:
    # Specification: Workspace/OnlineDeployment/list.json (unrecorded), shortened.
    return {
        "id": f"{path}/blue",
        "name": "blue",
        "type": f"{ML}/workspaces/onlineEndpoints/deployments",
        "location": region,
        "sku": {"name": "Default", "capacity": 1},
        "properties": {"endpointComputeType": "Managed", "instanceType": "Standard_DS1_v2"},
    }


def _usages(subscription: str) -> list[dict[str, Any]]:
    # Specification: Usage/list.json (unrecorded). Two rows have one id.
    own = f"/subscriptions/{subscription}/usages"
    names = {
        "totalCores": "Clusters",
        "dedicatedCores": "Total Cluster Dedicated Regional vCPUs",
    }
    return [
        {
            "id": own,
            "type": f"{ML}/{kind}/usages",
            "currentValue": 7,
            "limit": 100,
            "name": {"value": name, "localizedValue": name},
            "unit": "Count",
        }
        for kind, name in names.items()
    ]


def _network_usages(path: str) -> list[dict[str, Any]]:
    # Specification: Microsoft.Network UsageList.json.
    return [
        {
            "id": f"{path}/{name}",
            "currentValue": 3,
            "limit": 1_000,
            "name": {"value": name, "localizedValue": name},
            "unit": "Count",
        }
        for name in ("LoadBalancers", "NetworkSecurityGroups", "PublicIPAddresses")
    ]


def _quotas(subscription: str) -> list[dict[str, Any]]:
    # Specification: Quota/list.json (unrecorded).
    family = "Standard D Family Cluster Dedicated vCPUs"
    return [
        {
            "id": f"/subscriptions/{subscription}/quotas/{family.replace(' ', '_')}",
            "type": f"{ML}/vmFamily/quotas",
            "limit": 48,
            "name": {"value": family, "localizedValue": family},
            "unit": "Count",
        }
    ]


def _vm_sizes(_: str) -> list[dict[str, Any]]:
    # Specification: VirtualMachineSize/list.json (unrecorded). Rows have no id.
    return [
        {
            "name": "Standard_DS1_v2",
            "family": "standardDSv2Family",
            "vCPUs": 1,
            "gpus": 0,
            "memoryGB": 3.5,
            "lowPriorityCapable": True,
            "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
        }
    ]


def _zone(subscription: str, name: str) -> dict[str, Any]:
    # Specification: PrivateZoneListInSubscription.json.
    group = f"/subscriptions/{subscription}/resourceGroups/rg-dns"
    return {
        "id": f"{group}/providers/Microsoft.Network/privateDnsZones/{name}",
        "name": name,
        "type": "Microsoft.Network/privateDnsZones",
        "location": "global",
        "properties": {"numberOfRecordSets": 2},
    }


def _stack(scope: str) -> dict[str, Any]:
    # Specification: DeploymentStackSubscriptionList.json.
    return {
        "id": f"{scope}/providers/Microsoft.Resources/deploymentStacks/base",
        "name": "base",
        "type": "Microsoft.Resources/deploymentStacks",
        "properties": {
            "denySettings": {"mode": "denyDelete", "applyToChildScopes": False},
            "parameters": {"pass": {"value": "correct horse"}},
        },
    }


def _locks(subscription: str) -> list[dict[str, Any]]:
    # Recorded: azure-cli test_generic_subscription_locks.yaml; the case of ids is mixed there.
    own = f"/subscriptions/{subscription}"
    places = {
        "sub": own,
        "group": f"{own}/resourceGroups/rg-0",
        "vnet": f"{own}/resourcegroups/RG-0/providers/Microsoft.Network/virtualNetworks/vnet",
    }
    return [
        {
            "properties": {"level": "CanNotDelete", "notes": f"password=hunter2 {name}"},
            "id": f"{place}/providers/Microsoft.Authorization/locks/{name}",
            "type": "Microsoft.Authorization/locks",
            "name": name,
        }
        for name, place in places.items()
    ]


def _groups(subscription: str) -> list[dict[str, Any]]:
    # Recorded: cloud-custodian ResourceGroupTest.test_empty_group.
    return [
        {
            "id": f"/subscriptions/{subscription}/resourceGroups/rg-{n}",
            "name": f"rg-{n}",
            "location": "eastus",
            "properties": {"provisioningState": "Succeeded", "unknownToTheModel": n},
        }
        for n in range(3)
    ]


def _access(facet: str, **properties: object) -> Any:
    def make(subscription: str) -> list[dict[str, Any]]:
        own = f"/subscriptions/{subscription}"
        return [
            {
                "id": f"{own}/providers/Microsoft.Authorization/{facet}/{TENANT}",
                "type": f"Microsoft.Authorization/{facet}",
                "name": TENANT,
                "properties": {**properties, "scope": own, "unknownToTheModel": {"kept": [1]}},
            }
        ]

    return make


def _roles(subscription: str) -> list[dict[str, Any]]:
    (role,) = _access("roleDefinitions", roleName="Reader", permissions=[], type="BuiltInRole")(
        subscription
    )
    own = {**role["properties"], "type": "CustomRole"}
    return [role, {**role, "id": f"{role['id']}-own", "name": "custom", "properties": own}]


def _policy_assignments(subscription: str) -> list[dict[str, Any]]:
    # Recorded: cloud-custodian PolicyAssignmentTest.test_find_by_name.
    at = "/providers/Microsoft.Authorization"
    own = f"/subscriptions/{subscription}"
    ids = (f"{at}/policyDefinitions/one", f"{at}/policySetDefinitions/set")
    return [
        {
            "id": f"{own}{at}/policyAssignments/{n}",
            "name": str(n),
            "type": "Microsoft.Authorization/policyAssignments",
            "sku": {"name": "A0", "tier": "Free"},
            "properties": {"displayName": str(n), "policyDefinitionId": i, "scope": own},
        }
        for n, i in enumerate(ids)
    ]


def _resource(namespace: str, kind: str, **properties: object) -> Any:
    def make(subscription: str) -> list[dict[str, Any]]:
        group = f"/subscriptions/{subscription}/resourceGroups/rg-0"
        return [
            {
                "id": f"{group}/providers/{namespace}/{kind}/one",
                "name": "one",
                "type": f"{namespace}/{kind}",
                "location": "eastus",
                "properties": {"provisioningState": "Succeeded", **properties},
            }
        ]

    return make


def _delegations(subscription: str) -> list[dict[str, Any]]:
    at = f"/subscriptions/{subscription}/providers/Microsoft.ManagedServices"
    return [
        {
            "id": f"{at}/registrationAssignments/{TENANT}",
            "name": TENANT,
            "type": "Microsoft.ManagedServices/registrationAssignments",
            "properties": {"registrationDefinitionId": f"{at}/registrationDefinitions/{TENANT}"},
        }
    ]


_NETWORK = "Microsoft.Network"
_MAKERS = {
    "resourceGroups": _groups,
    "locks": _locks,
    "policyAssignments": _policy_assignments,
    # Specification: listPolicyExemptionsForSubscription.json.
    "policyExemptions": _access("policyExemptions", exemptionCategory="Waiver"),
    # Recorded: cloud-custodian AccessControlTest.test_find_assignments_by_resources.
    "roleAssignments": _access("roleAssignments", principalId=TENANT, principalType="User"),
    # The same list, of one principal. Specification: the filter assignedTo.
    "principalRoles": _access("roleAssignments", principalId=TENANT, principalType="Group"),
    # Specification: IdentityListBySubscription.json.
    "userAssignedIdentities": _resource(
        "Microsoft.ManagedIdentity", "userAssignedIdentities", principalId=TENANT
    ),
    # Recorded: cloud-custodian AccessControlTest.test_find_definition_by_name.
    "roleDefinitions": _roles,
    # Specification: GetDenyAssignmentsByScope.json.
    "denyAssignments": _access("denyAssignments", denyAssignmentName="deny", permissions=[]),
    # Recorded: cloud-custodian VMTest.virtual_machine_interface and azure-mgmt-network 17.0.0.
    "virtualNetworks": _resource(_NETWORK, "virtualNetworks", subnets=[]),
    # Recorded: cloud-custodian NetworkSecurityGroupTest.test_find_by_name.
    "networkSecurityGroups": _resource(_NETWORK, "networkSecurityGroups", securityRules=[]),
    # Recorded: cloud-custodian RouteTableTest.test_find_route_table_by_name.
    "routeTables": _resource(_NETWORK, "routeTables", routes=[]),
    # Specification: ServiceEndpointPolicyListAll.json.
    "serviceEndpointPolicies": _resource(
        _NETWORK, "serviceEndpointPolicies", serviceEndpointPolicyDefinitions=[]
    ),
    # Specification: AzureFirewallListBySubscription.json.
    "azureFirewalls": _resource(_NETWORK, "azureFirewalls", ipConfigurations=[]),
    # Specification: FirewallPolicyListBySubscription.json.
    "firewallPolicies": _resource(_NETWORK, "firewallPolicies", threatIntelMode="Alert"),
    # Specification: FirewallPolicyRuleCollectionGroupList.json.
    "ruleCollectionGroups": _resource(
        _NETWORK, "firewallPolicies/one/ruleCollectionGroups", ruleCollections=[]
    ),
    # Specification: microsoft.managedservices GetRegistrationAssignments.json.
    "registrationAssignments": _delegations,
    # Specification: NatGatewayListAll.json.
    "natGateways": _resource(_NETWORK, "natGateways", subnets=[]),
    # Recorded: cloud-custodian PublicIpAddressTest.test_find_by_name.
    "publicIPAddresses": _resource(_NETWORK, "publicIPAddresses", ipAddress="20.1.2.3"),
    # Recorded: azure-mgmt-network 17.0.0.
    "loadBalancers": _resource(_NETWORK, "loadBalancers", probes=[]),
    "privateEndpoints": _resource(_NETWORK, "privateEndpoints", customDnsConfigs=[]),
    # Specification: VirtualNetworkLinkList.json.
    "virtualNetworkLinks": _resource(_NETWORK, "privateDnsZones/z/virtualNetworkLinks"),
    # Recorded: cloud-custodian StorageMetricsFilterTest.test_blob_metrics_filter.
    "storageAccounts": _resource(
        "Microsoft.Storage", "storageAccounts", allowSharedKeyAccess=False
    ),
    # Recorded: cloud-custodian KeyVaultTest.common.
    "vaults": _resource("Microsoft.KeyVault", "vaults", enableRbacAuthorization=True),
    # Specification: RegistryList.json.
    "registries": _resource("Microsoft.ContainerRegistry", "registries", adminUserEnabled=False),
    # Recorded: azure-mgmt-resource 15.0.0, test_mgmt_resource_deployments.
    "deployments": _resource(
        "Microsoft.Resources",
        "deployments",
        mode="Incremental",
        parameters={"pass": {"type": "String", "value": "correct horse"}},
        outputs={"pass": {"type": "String", "value": "correct horse"}},
    ),
}

_OLD = {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="expired"'}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _send(handler: Any, status: int, data: Any, headers: dict[str, str]) -> None:
    _send_raw(handler, status, b"" if data is None else json.dumps(data).encode(), headers)


def _send_raw(handler, status, raw, headers, *, html=False, cut=False) -> None:
    handler.send_response(status)
    kind = "text/html" if html else "application/json; charset=utf-8"
    for name, value in {
        "Content-Type": kind,
        "Content-Length": str(len(raw)),
        "x-ms-request-id": "request-1",
        **headers,
    }.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(raw[: len(raw) // 2] if cut else raw)
    handler.wfile.flush()
    if cut:
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def _handler(server: ArmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            pass

        def handle_one_request(self) -> None:
            with contextlib.suppress(OSError):
                super().handle_one_request()
                return
            self.close_connection = True

        def do_GET(self) -> None:
            server.take(self, "GET")

        def do_POST(self) -> None:
            server.take(self, "POST")

        def do_PUT(self) -> None:
            server.take(self, "PUT")

        def do_DELETE(self) -> None:
            server.take(self, "DELETE")

        def do_PATCH(self) -> None:
            server.take(self, "PATCH")

    return Handler
