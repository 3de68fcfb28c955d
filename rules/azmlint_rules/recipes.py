"""The commands that cure what is deployed already, with the real names filled in."""

from __future__ import annotations

from azmlint import (
    Compute,
    ComputeSettings,
    ContainerRegistry,
    Items,
    Lock,
    NetworkSecurityGroup,
    Object,
    OnlineDeployment,
    PolicyAssignment,
    PrivateDnsZone,
    Requirement,
    Resource,
    ResourceId,
    RoleAssignment,
    Step,
    Subnet,
    Value,
    VirtualNetwork,
    Workspace,
)

_WRITE_COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes/write"
_DELETE_COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes/delete"
_SET_IDLE = "Microsoft.MachineLearningServices/workspaces/computes/updateIdleShutdownSetting/action"
_WRITE_DEPLOYMENT = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/write"
_WRITE_WORKSPACE = "Microsoft.MachineLearningServices/workspaces/write"
_WRITE_LOCK = "Microsoft.Authorization/locks/write"
_DELETE_LOCK = "Microsoft.Authorization/locks/delete"
_WRITE_EXEMPTION = "Microsoft.Authorization/policyExemptions/write"
_WRITE_REGISTRY = "Microsoft.ContainerRegistry/registries/write"
_WRITE_NAT = "Microsoft.Network/natGateways/write"
_WRITE_SUBNET = "Microsoft.Network/virtualNetworks/subnets/write"
_WRITE_ROUTE = "Microsoft.Network/routeTables/routes/write"
_WRITE_SECURITY_RULE = "Microsoft.Network/networkSecurityGroups/securityRules/write"
_DELETE_SECURITY_RULE = "Microsoft.Network/networkSecurityGroups/securityRules/delete"
_WRITE_SETTING = "Microsoft.Insights/diagnosticSettings/write"
_WRITE_ENDPOINT = "Microsoft.Network/privateEndpoints/write"
_WRITE_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks/write"
_WRITE_QUOTA = "Microsoft.Quota/quotas/write"
_WRITE_WORKSPACE_QUOTA = "Microsoft.MachineLearningServices/locations/updateQuotas/action"
_WRITE_ROLE = "Microsoft.Authorization/roleAssignments/write"
_DELETE_ROLE = "Microsoft.Authorization/roleAssignments/delete"

_LEVELS = {"cannotdelete": "CanNotDelete", "readonly": "ReadOnly"}


def _named(value: str | None, blank: str) -> str:
    return value if value and "{" not in value else f"<{blank}>"


def group_name(resource_id: ResourceId) -> str:
    """Name a resource's group, or leave a blank to fill in."""
    group = resource_id.group
    return _named(group.name if group is not None else None, "resource-group")


def _in_subscription(resource_id: ResourceId, *, is_deployed: bool) -> tuple[str, ...]:
    """Name the subscription of what is deployed; a file's reader has chosen it already."""
    subscription = resource_id.subscription
    name = subscription.name if subscription is not None else None
    return ("--subscription", name) if is_deployed and name else ()


def _at(compute: ComputeSettings) -> tuple[str, ...]:
    return (
        "--name",
        _named(compute.name, "compute"),
        "--resource-group",
        group_name(compute.id),
        "--workspace-name",
        _named(compute.id.parent.name, "workspace"),
        *_in_subscription(compute.id, is_deployed=compute.is_deployed),
    )


def update_compute(
    compute: ComputeSettings, *options: str, undo: tuple[str, ...] | None = None
) -> tuple[Step, ...]:
    """Change a deployed compute in place; `undo` holds the options with the old values."""
    command = ("az", "ml", "compute", "update", *_at(compute))
    back = (*command, *undo) if undo is not None else None
    return (Step((*command, *options), _WRITE_COMPUTE, back),)


def update_deployment(
    deployment: OnlineDeployment, option: str, new: int, before: int | None
) -> tuple[Step, ...]:
    """Change a number of an online deployment that is there."""
    endpoint = deployment.id.parent
    command = (
        "az",
        "ml",
        "online-deployment",
        "update",
        "--name",
        _named(deployment.name, "deployment"),
        "--endpoint-name",
        _named(endpoint.name, "endpoint"),
        "--resource-group",
        group_name(deployment.id),
        "--workspace-name",
        _named(endpoint.parent.name, "workspace"),
        *_in_subscription(deployment.id, is_deployed=deployment.is_deployed),
        "--set",
    )
    back = None if before is None else (*command, f"{option}={before}")
    return (Step((*command, f"{option}={new}"), _WRITE_DEPLOYMENT, back),)


def recreate_compute(compute: Compute) -> tuple[Step, ...]:
    """Delete a compute and create it again: a system-assigned identity becomes another one."""
    at = _at(compute)
    return (
        Step(("az", "ml", "compute", "delete", *at, "--yes"), _DELETE_COMPUTE),
        Step(("az", "ml", "compute", "create", "--file", _file(compute), *at[2:]), _WRITE_COMPUTE),
    )


def _file(compute: Compute) -> str:
    """Name the file that declares a compute as `az ml` takes it, one compute to a file."""
    is_own = compute.body.dialect == "cli" and compute.address == ""
    return compute.path if is_own else "<file.yml>"


def delete_compute(compute: Compute) -> tuple[Step, ...]:
    """Delete a compute."""
    return (Step(("az", "ml", "compute", "delete", *_at(compute), "--yes"), _DELETE_COMPUTE),)


def update_workspace(
    workspace: Workspace, *options: str, undo: tuple[str, ...] | None = None
) -> tuple[Step, ...]:
    """Change a deployed workspace in place."""
    command = (
        "az",
        "ml",
        "workspace",
        "update",
        "--name",
        _named(workspace.name, "workspace"),
        "--resource-group",
        group_name(workspace.id),
        *_in_subscription(workspace.id, is_deployed=workspace.is_deployed),
    )
    back = (*command, *undo) if undo is not None else None
    return (Step((*command, *options), _WRITE_WORKSPACE, back),)


def send_logs(workspace: Workspace) -> tuple[Step, ...]:
    """Send the logs of a deployed workspace to a Log Analytics workspace."""
    at = ("--name", "logs", "--resource", blanked(str(workspace.id)))
    setting = ("az", "monitor", "diagnostic-settings")
    what = ("--workspace", "<log-analytics-id>", "--logs", "@<logs.json>")
    return (Step((*setting, "create", *at, *what), _WRITE_SETTING, (*setting, "delete", *at)),)


def set_idle_shutdown(instance: Compute, minutes: int) -> tuple[Step, ...]:
    """Set the idle time of a deployed instance, which `az ml compute update` does not offer."""
    url = f"{instance.id}/updateIdleShutdownSetting?api-version=2025-12-01"
    body = f'{{"idleTimeBeforeShutdown": "PT{minutes}M"}}'
    command = ("az", "rest", "--method", "post", "--url", blanked(url), "--body", body)
    return (Step(command, _SET_IDLE),)


def update_registry(
    registry: ContainerRegistry, *options: str, undo: tuple[str, ...] | None = None
) -> tuple[Step, ...]:
    """Change a deployed container registry in place."""
    at = _in_subscription(registry.id, is_deployed=registry.is_deployed)
    command = ("az", "acr", "update", "--name", _named(registry.name, "registry"), *at)
    back = (*command, *undo) if undo is not None else None
    return (Step((*command, *options), _WRITE_REGISTRY, back),)


def grant(
    role: str, scope: ResourceId | None, kind: str, principal: str = "<principal-id>"
) -> Step:
    """Give a role on a scope to an identity; the reader fills in a principal that is not given."""
    where = blanked(str(scope)) if scope is not None and scope.segments else f"<{kind}-id>"
    to = ("--assignee-object-id", principal, "--assignee-principal-type", "ServicePrincipal")
    what = ("--role", role, "--scope", where)
    undo = ("az", "role", "assignment", "delete", "--assignee", principal, *what)
    return Step(("az", "role", "assignment", "create", *to, *what), _WRITE_ROLE, undo)


def revoke(assignment: RoleAssignment) -> Step:
    """Take a deployed role assignment away."""
    own = str(assignment.id) if assignment.is_deployed else "<role-assignment-id>"
    return Step(("az", "role", "assignment", "delete", "--ids", own), _DELETE_ROLE)


def data_roles(workspace: Workspace) -> tuple[Step, ...]:
    """Give an identity the data of a workspace's storage account, blobs and files."""
    storage = None if workspace.storage.is_absent else ResourceId.of(workspace.storage.term)
    roles = ("Storage Blob Data Contributor", "Storage File Data Privileged Contributor")
    return tuple(grant(role, storage, "storage-account") for role in roles)


def add_nat_gateway(subnet: Subnet) -> tuple[Step, ...]:
    """Create a NAT gateway and give it to a deployed subnet."""
    at = _in_subscription(subnet.id, is_deployed=subnet.is_deployed)
    group = ("--resource-group", group_name(subnet.id), *at)
    create = ("az", "network", "nat", "gateway", "create", "--name", "<nat-gateway>", *group)
    delete = ("az", "network", "nat", "gateway", "delete", "--name", "<nat-gateway>", *group)
    network = _named(subnet.id.parent.name, "network")
    name = _named(subnet.id.name, "subnet")
    at = ("--vnet-name", network, "--name", name, *group)
    update = ("az", "network", "vnet", "subnet", "update", *at)
    return (
        Step((*create, "--public-ip-addresses", "<public-ip>"), _WRITE_NAT, delete),
        Step(
            (*update, "--nat-gateway", "<nat-gateway>"),
            _WRITE_SUBNET,
            (*update, "--remove", "natGateway"),
        ),
    )


def add_route(subnet: Subnet, prefix: str, hop: str) -> tuple[Step, ...]:
    """Add a route to the deployed route table of a subnet."""
    table = ResourceId.of(subnet.route_table.term)
    name = f"direct-{prefix.lower()}"
    place = _in_subscription(table, is_deployed=subnet.is_deployed)
    at = ("--resource-group", group_name(table), "--name", name, *place)
    where = ("--route-table-name", _named(table.name, "route-table"))
    what = ("--address-prefix", prefix, "--next-hop-type", hop)
    route = ("az", "network", "route-table", "route")
    return (
        Step((*route, "create", *at, *where, *what), _WRITE_ROUTE, (*route, "delete", *at, *where)),
    )


def allow_traffic(subnet: Subnet, need: Requirement, tag: str, *, is_inbound: bool = False) -> Step:
    """Allow what nodes need in the deployed security group of a subnet, before what denies it."""
    group = ResourceId.of(subnet.network_security_group.term)
    place = _in_subscription(group, is_deployed=subnet.is_deployed)
    name = f"{need.tag.lower().replace('.', '-')}-{need.protocol.lower()}-{need.port}"
    at = ("--resource-group", group_name(group), "--name", name, *place)
    where = ("--nsg-name", _named(group.name, "security-group"))
    ends = (tag, "VirtualNetwork") if is_inbound else ("VirtualNetwork", tag)
    what = (
        *("--direction", "Inbound" if is_inbound else "Outbound"),
        *("--access", "Allow", "--protocol", need.protocol, "--priority", "<priority>"),
        *("--source-address-prefixes", ends[0], "--destination-address-prefixes", ends[1]),
        *("--destination-port-ranges", str(need.port)),
    )
    rule = ("az", "network", "nsg", "rule")
    return Step(
        (*rule, "create", *at, *where, *what),
        _WRITE_SECURITY_RULE,
        (*rule, "delete", *at, *where),
    )


def delete_security_rule(group: NetworkSecurityGroup, name: str) -> Step:
    """Take a rule out of a deployed security group."""
    place = _in_subscription(group.id, is_deployed=group.is_deployed)
    at = ("--resource-group", group_name(group.id), "--name", _named(name, "rule"), *place)
    where = ("--nsg-name", _named(group.name, "security-group"))
    return Step(("az", "network", "nsg", "rule", "delete", *at, *where), _DELETE_SECURITY_RULE)


def connect_privately(target: Resource, group: str) -> tuple[Step, ...]:
    """Create a private endpoint of one sub-resource of what is deployed."""
    name = f"{_named(target.name, target.kind.replace(' ', '-'))}-{group}"
    place = _in_subscription(target.id, is_deployed=target.is_deployed)
    at = ("--name", name, "--resource-group", group_name(target.id), *place)
    where = ("--vnet-name", "<network>", "--subnet", "<subnet>", "--connection-name", name)
    what = ("--private-connection-resource-id", blanked(str(target.id)), "--group-id", group)
    endpoint = ("az", "network", "private-endpoint")
    create = (*endpoint, "create", *at, *where, *what)
    return (Step(create, _WRITE_ENDPOINT, (*endpoint, "delete", *at)),)


def link_zone(zone: PrivateDnsZone, network: VirtualNetwork) -> Step:
    """Let a deployed network resolve the names of a deployed private zone."""
    place = _in_subscription(zone.id, is_deployed=zone.is_deployed)
    at = ("--zone-name", zone.name, "--resource-group", group_name(zone.id), *place)
    name = ("--name", f"{network.name}-link")
    link = ("az", "network", "private-dns", "link", "vnet")
    what = ("--virtual-network", blanked(str(network.id)), "--registration-enabled", "false")
    return Step(
        (*link, "create", *at, *name, *what), _WRITE_LINK, (*link, "delete", *at, *name, "--yes")
    )


def blanked(text: str) -> str:
    """Write an unknown piece `{name}` of an id as a blank to fill in, `<name>`."""
    return text.replace("{", "<").replace("}", ">")


def lock_id(lock: Lock) -> str:
    """Give the id under which a lock is deployed."""
    if lock.is_deployed:
        return str(lock.id)
    return blanked(f"{lock.locked}/providers/{lock.arm_type}/{lock.name}")


def move_lock(lock: Lock, items: tuple[str, ...]) -> tuple[Step, ...]:
    """Take a lock off its scope and put one on each item that has to be kept."""
    return (*delete_lock(lock), *(step for item in items for step in lock_item(item)))


def lock_item(item: str) -> tuple[Step, ...]:
    """Lock one resource against deletion."""
    name = f"keep-{item.rpartition('/')[2]}"
    create = ("az", "lock", "create", "--name", name, "--lock-type", "CanNotDelete")
    undo = ("az", "lock", "delete", "--name", name, "--resource", item)
    return (Step((*create, "--resource", item), _WRITE_LOCK, undo),)


def exempt(assignment: PolicyAssignment, group: ResourceId, reference: str) -> Step:
    """Leave a resource group out of an assigned policy, or out of one policy of an initiative."""
    name = f"azureml-{group.name or 'group'}"
    where = ("--name", name, "--scope", blanked(str(group)))
    only = ("--policy-definition-reference-ids", reference) if reference else ()
    exemption = ("az", "policy", "exemption")
    create = (*exemption, "create", *where, "--policy-assignment", str(assignment.id))
    return Step(
        (*create, "--exemption-category", "Waiver", *only),
        _WRITE_EXEMPTION,
        (*exemption, "delete", *where),
    )


def delete_lock(lock: Lock) -> tuple[Step, ...]:
    """Take a lock away."""
    scope = lock.locked
    where = _in_subscription(scope, is_deployed=lock.is_deployed)
    if scope.resource_type is not None:
        where = ("--resource", blanked(str(scope)))
    elif scope.group is not None:
        where = ("--resource-group", group_name(scope), *where)
    level = _LEVELS.get(lock.level.known or "", "<level>")
    back = ("az", "lock", "create", "--name", blanked(lock.name), "--lock-type", level, *where)
    return (Step(("az", "lock", "delete", "--ids", lock_id(lock)), _DELETE_LOCK, back),)


def relax_lock(lock: Lock) -> tuple[Step, ...]:
    """Let a read-only lock keep from deletion only."""
    command = ("az", "lock", "update", "--ids", lock_id(lock), "--lock-type")
    return (Step((*command, "CanNotDelete"), _WRITE_LOCK, (*command, "ReadOnly")),)


def request_quota(
    name: str, kind: str, value: int, subscription: str, region: str
) -> tuple[Step, ...]:
    """Ask for another limit of a family, or of the low-priority pool."""
    own = subscription or "/subscriptions/<subscription>"
    scope = f"{own}/providers/Microsoft.MachineLearningServices/locations/{region}"
    what = ("--resource-name", name, "--resource-type", kind)
    limit = ("--limit-object", f"value={value}", "--scope", scope)
    return (Step(("az", "quota", "create", *what, *limit), _WRITE_QUOTA),)


def set_workspace_quota(
    workspace: str, name: str, value: int, region: str, before: int
) -> tuple[Step, ...]:
    """Set the share of a family that a workspace may have."""
    subscription = "/".join(workspace.split("/")[:3])
    scope = f"{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}"
    url = f"{scope}/updateQuotas?api-version=2025-12-01"
    row = f'"id": "{workspace}/quotas/{name}", "type": "{Workspace.arm_type}/quotas"'

    def command(limit: int) -> tuple[str, ...]:
        body = f'{{"value": [{{{row}, "limit": {limit}, "unit": "Count"}}]}}'
        return ("az", "rest", "--method", "post", "--url", url, "--body", body)

    return (Step(command(value), _WRITE_WORKSPACE_QUOTA, command(before)),)


def identity_list(ids: Value[Items]) -> str:
    """Write identities as the command line wants them; a blank to fill in where one is unknown."""
    if ids.known is None:
        return "<identity-ids>"
    found = []
    for term in ids.known.names or ids.known.members:
        inner = term.data.lookup("resource_id") if isinstance(term.data, Object) else term
        name = inner.data if inner is not None and isinstance(inner.data, str) else None
        found.append(_named(name, "identity-id"))
    return ",".join(found) or "<identity-ids>"
