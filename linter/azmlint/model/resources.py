"""The kinds of resource that rules examine, and how each dialect spells their properties.

Names and defaults: REST types of `Microsoft.MachineLearningServices` 2025-12-01, the YAML schemas
of the `az ml` extension 2 (azure-ai-ml 1.35), the documentation and source of the azurerm provider
4.x, and their reference pages (November 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from azmlint.expressions.term import ABSENT_TERM, UNKNOWN, Object, Term, text_of
from azmlint.model.ids import ResourceId
from azmlint.model.kinds import (
    ARM_ID,
    ARM_IDENTITY,
    AZURERM_IDENTITY,
    BOOLEAN,
    CLI_BOOLEAN,
    CLI_IDENTITY,
    COUNT,
    INTEGER,
    ISO_MINUTES,
    ISO_SECONDS,
    ITEMS,
    MINUTES,
    MINUTES_OR_ISO,
    OBJECT,
    REGION,
    SECONDS,
    SWITCH,
    TEXT,
    TIME,
    Kind,
    choice,
)
from azmlint.model.resource import Resource
from azmlint.model.value import Default, prop, says

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azmlint.expressions.term import Part
    from azmlint.expressions.truth import Decision
    from azmlint.location import Place
    from azmlint.model.ids import ResourceId
    from azmlint.model.value import Body

_SDK = "azure-ai-ml 1.29 and newer"
_REST = "the REST reference of computes"
_REST_WORKSPACE = "the REST reference of workspaces"
_REST_DEPLOYMENT = "the REST reference of online deployments"
_YAML_PAGE = "the az ml YAML reference"
_AZURERM = "the documentation of the azurerm provider"
_V1 = "azureml-core 1.61"
_V1_PAGE = "the documentation of azureml-core"

TIER = choice({"dedicated": "Dedicated", "lowpriority": "LowPriority"})
CLI_TIER = choice({"dedicated": "dedicated", "lowpriority": "low_priority"}, strict=True)
SDK_TIER = choice({"dedicated": "dedicated", "lowpriority": "low_priority"})
V1_TIER = choice({"dedicated": "dedicated", "lowpriority": "lowpriority"})
SSH = choice({"enabled": "Enabled", "disabled": "Disabled", "notspecified": "NotSpecified"})
_SSH_FLAGS = {"enabled": True, "disabled": False, "notspecified": None}
CLI_SSH = Kind("true or false", SSH.read, _SSH_FLAGS.get)
ISOLATION = choice(
    {
        "disabled": "Disabled",
        "allowinternetoutbound": "AllowInternetOutbound",
        "allowonlyapprovedoutbound": "AllowOnlyApprovedOutbound",
    }
)
CLI_ISOLATION = choice(
    {
        "disabled": "disabled",
        "allowinternetoutbound": "allow_internet_outbound",
        "allowonlyapprovedoutbound": "allow_only_approved_outbound",
    }
)
FLAVOUR = choice(
    {"default": "Default", "hub": "Hub", "project": "Project", "featurestore": "FeatureStore"},
    allow_others=True,
)
AUTH_MODE = choice(
    {
        "accesskey": "AccessKey",
        "identity": "Identity",
        "userdelegationsas": "UserDelegationSAS",
    }
)
LOCK_LEVEL = choice(
    {"cannotdelete": "CanNotDelete", "readonly": "ReadOnly", "notspecified": "NotSpecified"}
)


JOB_IDENTITY = choice(
    {"useridentity": "UserIdentity", "managed": "Managed", "amltoken": "AMLToken"},
    allow_others=True,
)
ROLE_MODE = choice(
    {
        "legacyregistrypermissions": "LegacyRegistryPermissions",
        "abacrepositorypermissions": "AbacRepositoryPermissions",
    },
    allow_others=True,
)
AZURERM_SWITCH = Kind("true or false", SWITCH.read)
OPPOSITE = Kind("true or false", BOOLEAN.read, lambda value: not value)


def _negated(*route: str) -> Callable[[Body], Term]:
    """Derive a flag that a dialect states the other way round."""

    def derive(body: Body) -> Term:
        term = body.at(route)
        try:
            stated = BOOLEAN.read(term.data)
        except ValueError:
            return term
        return Term(not stated, term.trace, decisions=term.decisions)

    return derive


def _unless_empty(*route: str) -> Callable[[Body], Term]:
    """Read a name or id; an empty text names nothing, as if it were not written."""

    def derive(body: Body) -> Term:
        term = body.at(route)
        if term.data == "":
            return Term(None, term.trace, decisions=term.decisions)
        return term

    return derive


def _v1_subnet(body: Body) -> Term:
    """Derive the subnet of SDK v1 from its three names and the workspace's subscription."""
    names = ("subscription_id", "vnet_resourcegroup_name", "vnet_name", "subnet_name")
    terms = [body.at((name,)) for name in names]
    if any(t.is_absent or t.data == "" for t in terms[1:]):
        return ABSENT_TERM
    labels = (
        "/subscriptions/",
        "/resourceGroups/",
        "/providers/Microsoft.Network/virtualNetworks/",
        "/subnets/",
    )
    parts: list[Part] = []
    for label, term in zip(labels, terms, strict=True):
        parts += [label, *term.text_parts]
    trace = tuple(p for t in reversed(terms[1:]) for p in t.trace)
    decisions = tuple(dict.fromkeys(d for t in terms for d in t.decisions))
    whole = text_of(parts)
    if len(whole) == 1 and isinstance(whole[0], str):
        return Term(whole[0], trace, decisions=decisions)
    reason = next((t.reason for t in terms if t.reason is not None), None)
    return Term(UNKNOWN, trace, reason=reason, parts=whole, decisions=decisions)


def _identity_type(body: Body) -> Term:
    """Read `identity.type`, or the older forms in which `identity` itself says it."""
    term = body.at(("identity", "type"))
    if term.is_absent:
        whole = body.at(("identity",))
        if isinstance(whole.data, str) or whole.is_unknown:
            return whole
        if isinstance(whole.data, list):
            return Term("user_assigned", whole.trace)
        if isinstance(whole.data, Object) and whole.data.lookup("user_assigned_identities"):
            return Term("user_assigned", whole.trace)
    return term


def _identity_ids(body: Body) -> Term:
    """Read the listed identities, also where `identity` is the list."""
    whole = body.at(("identity",))
    if isinstance(whole.data, list):
        return whole
    return body.at(("identity", "user_assigned_identities"))


def _local_auth(body: Body) -> Term:
    """Derive as azure-ai-ml does: accounts are on exactly when `ssh_settings` is given."""
    settings = body.at(("ssh_settings",))
    if settings.is_absent or settings.data is None:
        return ABSENT_TERM
    if settings.is_unknown:
        return settings
    return Term(data=True, trace=settings.trace, decisions=settings.decisions)


def _ssh_switch(body: Body) -> Term:
    """Read the YAML flag, in which true and false are Enabled and Disabled."""
    term = body.at(("ssh_public_access_enabled",))
    try:
        is_open = CLI_BOOLEAN.read(term.data)
    except ValueError:
        return term
    word = "enabled" if is_open else "disabled"
    return Term(word, term.trace, decisions=term.decisions, is_literal=term.is_literal)


def _v1_ssh_switch(body: Body) -> Term:
    """Read the flag of SDK v1's compute instances, which is off when it is not written."""
    term = body.at(("ssh_public_access",))
    if isinstance(term.data, bool):
        word = "enabled" if term.data else "disabled"
        return Term(word, term.trace, decisions=term.decisions, is_literal=term.is_literal)
    return Term("disabled") if term.is_absent else term


def _opposite(*route: str) -> Callable[[Body], Term]:
    """Read a flag that is stated the other way round, and is written so too (OPPOSITE)."""

    def derive(body: Body) -> Term:
        term = body.at(route)
        if not isinstance(term.data, bool):
            return term
        return Term(not term.data, term.trace, decisions=term.decisions, is_literal=term.is_literal)

    return derive


def _serverless_no_public_ip(body: Body) -> Term:
    """Read the flag of azurerm, which is the other way round and false when it is not written."""
    term = _opposite("serverless_compute", "public_ip_enabled")(body)
    if isinstance(term.data, bool):
        return term
    whole = body.at(("serverless_compute",))
    if (term.is_absent or term.data is None) and not whole.is_absent and whole.data is not None:
        return Term(data=True, trace=whole.trace[:1], decisions=whole.decisions)
    return term


_ROUTE = {
    "address_prefix": "addressPrefix",
    "next_hop_type": "nextHopType",
    "next_hop_in_ip_address": "nextHopIpAddress",
}
_SECURITY_RULE = {
    "access": "access",
    "description": "description",
    "destination_address_prefix": "destinationAddressPrefix",
    "destination_address_prefixes": "destinationAddressPrefixes",
    "destination_application_security_group_ids": "destinationApplicationSecurityGroups",
    "destination_port_range": "destinationPortRange",
    "destination_port_ranges": "destinationPortRanges",
    "direction": "direction",
    "priority": "priority",
    "protocol": "protocol",
    "source_address_prefix": "sourceAddressPrefix",
    "source_address_prefixes": "sourceAddressPrefixes",
    "source_application_security_group_ids": "sourceApplicationSecurityGroups",
    "source_port_range": "sourcePortRange",
    "source_port_ranges": "sourcePortRanges",
}

_PERMISSION = {
    "actions": "actions",
    "not_actions": "notActions",
    "data_actions": "dataActions",
    "not_data_actions": "notDataActions",
    "condition": "condition",
}
_ENDPOINT_DEFINITION = {"service": "service", "service_resources": "serviceResources"}
_FIREWALL_ADDRESS = {"private_ip_address": "privateIPAddress", "subnet_id": "subnet"}
_NETWORK_RULE = "NetworkRule"
_COLLECTIONS = {
    "application_rule_collection": "ApplicationRule",
    "network_rule_collection": _NETWORK_RULE,
}
_FIREWALL_RULE = {
    "destination_addresses": "destinationAddresses",
    "destination_fqdn_tags": "fqdnTags",
    "destination_fqdns": "targetFqdns",
    "destination_ip_groups": "destinationIpGroups",
    "destination_ports": "destinationPorts",
    "destination_urls": "targetUrls",
    "name": "name",
    "source_addresses": "sourceAddresses",
    "source_ip_groups": "sourceIpGroups",
    "web_categories": "webCategories",
}
_PROTOCOL = {"port": "port", "type": "protocolType"}


def _renamed(find: Callable[[str], Term | None], names: Mapping[str, str]) -> Object:
    """Give what azurerm states the names and the shape that Resource Manager has for it."""
    made = Object()
    for old, new in names.items():
        found = find(old)
        # A block that is written as a value, and a plan, state everything; nothing is empty.
        if found is None or found.is_absent or found.data in (None, "", []):
            continue
        if old.endswith("_group_ids") and isinstance(found.data, list):
            ids = [Term(Object([("id", i)]), i.trace) for i in found.data]
            found = Term(ids, found.trace, decisions=found.decisions)
        if new == "subnet":
            found = Term(Object([("id", found)]), found.trace, decisions=found.decisions)
        made[new] = found
    return made


def _reshaped(whole: Term, names: Mapping[str, str]) -> Term:
    """Give the blocks of azurerm the shape of Resource Manager's objects."""
    if isinstance(whole.data, Object):
        rows = [whole]
    elif isinstance(whole.data, list):
        rows = whole.data
    else:
        return whole
    made: list[Term] = []
    for row in rows:
        if not isinstance(row.data, Object):
            made.append(row)
            continue
        inner = _renamed(row.data.lookup, names)
        name = row.data.lookup("name") or ABSENT_TERM
        shaped = Object([("name", name), ("properties", Term(inner))])
        made.append(Term(shaped, row.trace, decisions=row.decisions))
    return Term(made, whole.trace, decisions=whole.decisions)


def _routes(body: Body) -> Term:
    return _reshaped(body.at(("route",)), _ROUTE)


def _permissions(body: Body) -> Term:
    whole = body.at(("permissions",))
    if isinstance(whole.data, Object):
        rows = [whole]
    elif isinstance(whole.data, list):
        rows = whole.data
    else:
        return whole
    made = [
        Term(_renamed(row.data.lookup, _PERMISSION), row.trace, decisions=row.decisions)
        if isinstance(row.data, Object)
        else row
        for row in rows
    ]
    return Term(made, whole.trace, decisions=whole.decisions)


def _security_rules(body: Body) -> Term:
    return _reshaped(body.at(("security_rule",)), _SECURITY_RULE)


def _delegations(body: Body) -> Term:
    return _reshaped(body.at(("delegation",)), {})


def _wrapped(whole: Term, name: str) -> Term:
    """Give a list of texts the shape of Resource Manager's list of objects."""
    if not isinstance(whole.data, list):
        return whole
    items = [Term(Object([(name, i)]), i.trace) for i in whole.data]
    return Term(items, whole.trace, decisions=whole.decisions)


def _service_endpoints(body: Body) -> Term:
    return _wrapped(body.at(("service_endpoints",)), "service")


def _endpoint_policies(body: Body) -> Term:
    return _wrapped(body.at(("service_endpoint_policy_ids",)), "id")


def _endpoint_definitions(body: Body) -> Term:
    return _reshaped(body.at(("definition",)), _ENDPOINT_DEFINITION)


def _firewall_addresses(body: Body) -> Term:
    return _reshaped(body.at(("ip_configuration",)), _FIREWALL_ADDRESS)


def _named(whole: Term) -> list[Term]:
    """List blocks, be it one, several or none."""
    if isinstance(whole.data, Object):
        return [whole]
    return whole.data if isinstance(whole.data, list) else []


def _rule_collections(body: Body) -> Term:
    """Give the collections of azurerm the shape of Resource Manager's, in one list."""
    made: list[Term] = []
    trace: tuple[Place, ...] = ()
    decisions: tuple[Decision, ...] = ()
    for block, kind in _COLLECTIONS.items():
        whole = body.at((block,))
        if whole.is_unknown:
            return whole
        trace, decisions = trace or whole.trace, (*decisions, *whole.decisions)
        made += [_rule_collection(row, kind) for row in _named(whole)]
    return Term(made, trace, decisions=tuple(dict.fromkeys(decisions)))


def _rule_collection(row: Term, kind: str) -> Term:
    if not isinstance(row.data, Object):
        return row
    rules = row.data.lookup("rule") or ABSENT_TERM
    shaped: list[Term] = []
    for rule in _named(rules):
        if not isinstance(rule.data, Object):
            shaped.append(rule)
            continue
        own = _renamed(rule.data.lookup, _FIREWALL_RULE)
        own["ruleType"] = Term(kind)
        spoken = rule.data.lookup("protocols") or ABSENT_TERM
        if kind == _NETWORK_RULE:
            own["ipProtocols"] = spoken
        else:
            pairs = [
                Term(_renamed(p.data.lookup, _PROTOCOL), p.trace)
                if isinstance(p.data, Object)
                else p
                for p in _named(spoken)
            ]
            own["protocols"] = spoken if spoken.is_unknown else Term(pairs, spoken.trace)
        shaped.append(Term(own, rule.trace, decisions=rule.decisions))
    made = _renamed(row.data.lookup, {"name": "name", "priority": "priority"})
    action = row.data.lookup("action") or ABSENT_TERM
    made["action"] = Term(Object([("type", action)]), action.trace)
    made["rules"] = rules if rules.is_unknown else Term(shaped, rules.trace)
    return Term(made, row.trace, decisions=row.decisions)


class ComputeSettings(Resource):
    """What is said of a compute when it is created, or when it is changed later."""

    kind = "compute"
    __slots__ = ()

    identity = prop(ARM_IDENTITY, "identity type")
    identity_ids = prop(ITEMS, "user-assigned identities")


class ClusterSettings(ComputeSettings):
    """What is said of a compute cluster when it is created, or when it is changed later."""

    kind = "compute cluster"
    __slots__ = ()

    tags = prop(OBJECT, "tags")
    min_nodes = prop(COUNT, "min nodes")
    max_nodes = prop(COUNT, "max nodes")
    idle_seconds = prop(SECONDS, "idle time before scale-down")


class Machines(Resource):
    """What runs on machines that count against the quotas of a region."""

    kind = "machines"
    __slots__ = ()


class Compute(ComputeSettings):
    """A compute target of a workspace, of a kind that the file leaves open."""

    kind = "compute"
    arm_type = "Microsoft.MachineLearningServices/workspaces/computes"
    __slots__ = ()

    location = prop(
        REGION,
        "region",
        arm=says("properties.computeLocation", "location"),
        cli=says("location", derive=_unless_empty("location")),
        azurerm=says("location"),
        sdk_v1=says("location"),
    )

    @property
    def subnet_id(self) -> ResourceId:
        """The id of its subnet; az ml looks for a short name in the workspace's own group."""
        parts, group = self.subnet.term.text_parts, self.id.group
        network = self.vnet_name.term.text_parts
        is_name = bool(parts) and isinstance(parts[0], str) and "/" not in "".join(map(str, parts))
        if not is_name or not network or group is None:
            return ResourceId.of(self.subnet.term)
        kinds = ("providers", "Microsoft.Network", "virtualNetworks")
        return group.child(*kinds, network, "subnets", parts)

    compute_location = prop(REGION, "computeLocation", arm=says("properties.computeLocation"))
    top_location = prop(REGION, "location", arm=says("location"))
    identity = prop(
        ARM_IDENTITY,
        "identity type",
        arm=says("identity.type"),
        cli=says("identity.type", kind=CLI_IDENTITY, derive=_identity_type),
        azurerm=says("identity.type", kind=AZURERM_IDENTITY),
        sdk_v1=says("identity_type"),
    )
    identity_ids = prop(
        ITEMS,
        "user-assigned identities",
        arm=says("identity.userAssignedIdentities"),
        cli=says("identity.user_assigned_identities", derive=_identity_ids),
        azurerm=says("identity.identity_ids"),
        sdk_v1=says("identity_id"),
    )
    system_principal = prop(
        TEXT, "principal of the system-assigned identity", arm=says("identity.principalId")
    )
    tags = prop(
        OBJECT,
        "tags",
        arm=says("tags"),
        cli=says("tags"),
        azurerm=says("tags"),
        sdk_v1=says("tags"),
    )
    api_version = prop(TEXT, "apiVersion", arm=says("apiVersion"))
    size = prop(
        TEXT,
        "VM size",
        arm=says("properties.properties.vmSize"),
        cli=says("size"),
        azurerm=says("vm_size", "virtual_machine_size"),
        sdk_v1=says("vm_size", derive=_unless_empty("vm_size")),
    )
    subnet = prop(
        ARM_ID,
        "subnet",
        arm=says(
            "properties.properties.subnet.id",
            derive=_unless_empty("properties", "properties", "subnet", "id"),
        ),
        cli=says("network_settings.subnet", derive=_unless_empty("network_settings", "subnet")),
        azurerm=says("subnet_resource_id", derive=_unless_empty("subnet_resource_id")),
        sdk_v1=says("subnet_name", derive=_v1_subnet),
    )
    subnet_block = prop(
        OBJECT, "subnet", arm=says("properties.properties.subnet"), cli=says("network_settings")
    )
    subnet_text = prop(TEXT, "subnet", cli=says("network_settings.subnet"))
    vnet_name = prop(TEXT, "vnet_name", cli=says("network_settings.vnet_name"))
    network_settings = prop(OBJECT, "network_settings", cli=says("network_settings"))
    public_ip = prop(
        BOOLEAN,
        "node public IP",
        arm=says(
            "properties.properties.enableNodePublicIp", default=Default(value=True, source=_REST)
        ),
        cli=says(
            "enable_node_public_ip", kind=CLI_BOOLEAN, default=Default(value=True, source=_SDK)
        ),
        azurerm=says("node_public_ip_enabled", default=Default(value=True, source=_AZURERM)),
        sdk_v1=says("enable_node_public_ip", default=Default(value=True, source=_V1)),
    )
    ssh_public = prop(
        SSH,
        "public SSH access",
        arm=says(
            "properties.properties.remoteLoginPortPublicAccess",
            "properties.properties.sshSettings.sshPublicAccess",
        ),
        cli=says("ssh_public_access_enabled", kind=CLI_SSH, derive=_ssh_switch),
        azurerm=says("ssh_public_access_enabled", kind=CLI_SSH, derive=_ssh_switch),
        sdk_v1=says("remote_login_port_public_access"),
    )
    local_auth = prop(
        BOOLEAN,
        "local authentication",
        arm=says(
            "properties.disableLocalAuth",
            derive=_negated("properties", "disableLocalAuth"),
            default=Default(value=True, source=_REST),
        ),
        cli=says("ssh_settings", derive=_local_auth, default=Default(value=False, source=_SDK)),
        azurerm=says("local_auth_enabled", default=Default(value=True, source=_AZURERM)),
    )
    disable_local_auth = prop(
        BOOLEAN,
        "disableLocalAuth",
        arm=says("properties.disableLocalAuth"),
        azurerm=says("local_auth_enabled", kind=OPPOSITE, derive=_opposite("local_auth_enabled")),
    )
    admin_user = prop(
        TEXT,
        "SSH user name",
        arm=says("properties.properties.userAccountCredentials.adminUserName"),
        cli=says("ssh_settings.admin_username"),
        azurerm=says("ssh.admin_username"),
        sdk_v1=says("admin_username"),
    )
    admin_password = prop(
        TEXT,
        "SSH password",
        is_secret=True,
        arm=says("properties.properties.userAccountCredentials.adminUserPassword"),
        cli=says("ssh_settings.admin_password"),
        azurerm=says("ssh.admin_password"),
        sdk_v1=says("admin_user_password"),
    )
    admin_key = prop(
        TEXT,
        "SSH public key",
        is_secret=True,
        arm=says("properties.properties.userAccountCredentials.adminUserSshPublicKey"),
        cli=says("ssh_settings.ssh_key_value"),
        azurerm=says("ssh.key_value"),
        sdk_v1=says("admin_user_ssh_key"),
    )

    triple_group = prop(
        TEXT,
        "resource group of the network",
        sdk_v1=says("vnet_resourcegroup_name", derive=_unless_empty("vnet_resourcegroup_name")),
    )
    triple_network = prop(
        TEXT, "name of the network", sdk_v1=says("vnet_name", derive=_unless_empty("vnet_name"))
    )
    triple_subnet = prop(
        TEXT, "name of the subnet", sdk_v1=says("subnet_name", derive=_unless_empty("subnet_name"))
    )

    created_on = prop(TIME, "creation time", arm=says("properties.createdOn"))
    provisioning_state = prop(TEXT, "provisioning state", arm=says("properties.provisioningState"))
    provisioning_errors = prop(
        ITEMS, "provisioning errors", arm=says("properties.provisioningErrors")
    )


class ComputeCluster(Compute, ClusterSettings, Machines):
    """A managed compute cluster (AmlCompute)."""

    kind = "compute cluster"
    __slots__ = ()

    size = prop(
        TEXT,
        "VM size",
        arm=says("properties.properties.vmSize"),
        cli=says("size", default=Default("STANDARD_DS3_V2", _SDK)),
        azurerm=says("vm_size", required=_AZURERM),
        sdk_v1=says(
            "vm_size", derive=_unless_empty("vm_size"), default=Default("Standard_NC6", _V1_PAGE)
        ),
    )
    min_nodes = prop(
        COUNT,
        "min nodes",
        arm=says("properties.properties.scaleSettings.minNodeCount", default=Default(0, _REST)),
        cli=says("min_instances", "scale_settings.min_node_count", default=Default(0, _SDK)),
        azurerm=says("scale_settings.min_node_count", required=_AZURERM),
        sdk_v1=says("min_nodes", default=Default(0, _V1)),
    )
    max_nodes = prop(
        COUNT,
        "max nodes",
        arm=says(
            "properties.properties.scaleSettings.maxNodeCount",
            required="the REST type ScaleSettings (2025-12-01)",
        ),
        cli=says("max_instances", "scale_settings.max_node_count", default=Default(4, _SDK)),
        azurerm=says("scale_settings.max_node_count", required=_AZURERM),
        sdk_v1=says("max_nodes", required=f"{_V1} (source)"),
    )
    idle_seconds = prop(
        SECONDS,
        "idle time before scale-down",
        invalid_rule="idle-timeout-format",
        arm=says(
            "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown", kind=ISO_SECONDS
        ),
        cli=says(
            "idle_time_before_scale_down",
            "scale_settings.idle_time_before_scale_down",
            default=Default(120, _SDK),
        ),
        azurerm=says(
            "scale_settings.scale_down_nodes_after_idle_duration",
            kind=ISO_SECONDS,
            required=_AZURERM,
        ),
        sdk_v1=says("idle_seconds_before_scaledown", default=Default(1800, _V1)),
    )
    tier = prop(
        TIER,
        "tier",
        arm=says("properties.properties.vmPriority", default=Default("dedicated", _REST)),
        cli=says("tier", kind=CLI_TIER, default=Default("dedicated", _YAML_PAGE)),
        azurerm=says("vm_priority", required=_AZURERM),
        sdk_v2=says("tier", kind=SDK_TIER, default=Default("dedicated", _YAML_PAGE)),
        sdk_v1=says("vm_priority", kind=V1_TIER, default=Default("dedicated", _V1)),
    )
    scale_settings = prop(OBJECT, "scaleSettings", arm=says("properties.properties.scaleSettings"))
    os_type = prop(TEXT, "osType", arm=says("properties.properties.osType"))
    allocation_state = prop(
        TEXT, "allocation state", arm=says("properties.properties.allocationState")
    )
    allocation_since = prop(
        TIME,
        "time of the last change of state",
        arm=says("properties.properties.allocationStateTransitionTime"),
    )
    current_nodes = prop(
        INTEGER, "current nodes", arm=says("properties.properties.currentNodeCount")
    )
    target_nodes = prop(INTEGER, "target nodes", arm=says("properties.properties.targetNodeCount"))
    idle_nodes = prop(
        INTEGER, "idle nodes", arm=says("properties.properties.nodeStateCounts.idleNodeCount")
    )
    running_nodes = prop(
        INTEGER, "running nodes", arm=says("properties.properties.nodeStateCounts.runningNodeCount")
    )
    preparing_nodes = prop(
        INTEGER,
        "preparing nodes",
        arm=says("properties.properties.nodeStateCounts.preparingNodeCount"),
    )
    unusable_nodes = prop(
        INTEGER,
        "unusable nodes",
        arm=says("properties.properties.nodeStateCounts.unusableNodeCount"),
    )
    leaving_nodes = prop(
        INTEGER, "leaving nodes", arm=says("properties.properties.nodeStateCounts.leavingNodeCount")
    )
    preempted_nodes = prop(
        INTEGER,
        "preempted nodes",
        arm=says("properties.properties.nodeStateCounts.preemptedNodeCount"),
    )
    errors = prop(ITEMS, "allocation errors", arm=says("properties.properties.errors"))
    image = prop(
        ARM_ID, "virtual machine image", arm=says("properties.properties.virtualMachineImage.id")
    )
    isolated_network = prop(
        BOOLEAN, "isolated network", arm=says("properties.properties.isolatedNetwork")
    )
    property_bag = prop(OBJECT, "property bag", arm=says("properties.properties.propertyBag"))
    inner = prop(OBJECT, "properties.properties", arm=says("properties.properties"))
    outer = prop(OBJECT, "properties", arm=says("properties"))


class ComputeInstance(Compute, Machines):
    """A compute instance: one machine for one person."""

    kind = "compute instance"
    __slots__ = ()

    size = prop(
        TEXT,
        "VM size",
        arm=says("properties.properties.vmSize"),
        cli=says("size", default=Default("STANDARD_DS3_V2", _SDK)),
        azurerm=says("virtual_machine_size", required=_AZURERM),
        sdk_v1=says(
            "vm_size", derive=_unless_empty("vm_size"), default=Default("Standard_NC6", _V1_PAGE)
        ),
    )
    ssh_public = prop(
        SSH,
        "public SSH access",
        # remoteLoginPortPublicAccess is of clusters only (REST types, 2025-12-01).
        arm=says("properties.properties.sshSettings.sshPublicAccess"),
        cli=says("ssh_public_access_enabled", kind=CLI_SSH, derive=_ssh_switch),
        sdk_v1=says("ssh_public_access", kind=CLI_SSH, derive=_v1_ssh_switch),
    )
    idle_minutes = prop(
        MINUTES,
        "idle time before shutdown",
        arm=says("properties.properties.idleTimeBeforeShutdown", kind=ISO_MINUTES),
        # The older name takes an ISO 8601 duration, the newer one a number.
        cli=says(
            "idle_time_before_shutdown_minutes", "idle_time_before_shutdown", kind=MINUTES_OR_ISO
        ),
    )
    is_newest_image = prop(
        BOOLEAN,
        "newest image",
        arm=says("properties.properties.osImageMetadata.isLatestOsImageVersion"),
    )
    image_version = prop(
        TEXT,
        "image version",
        arm=says("properties.properties.osImageMetadata.currentImageVersion"),
    )
    newest_image_version = prop(
        TEXT,
        "newest image version",
        arm=says("properties.properties.osImageMetadata.latestImageVersion"),
    )
    schedules = prop(
        OBJECT, "schedules", arm=says("properties.properties.schedules"), cli=says("schedules")
    )
    state = prop(TEXT, "state", arm=says("properties.properties.state"))
    releases_quota = prop(
        BOOLEAN,
        "release of quota on stop",
        arm=says("properties.properties.releaseQuotaOnStop"),
        cli=says("release_quota_on_stop", kind=CLI_BOOLEAN),
    )


class KubernetesCompute(Compute):
    """A Kubernetes cluster attached to a workspace."""

    kind = "Kubernetes compute"
    __slots__ = ()


class OnlineEndpoint(Resource):
    """An online endpoint, which has an identity of its own."""

    kind = "online endpoint"
    arm_type = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
    __slots__ = ()

    identity_ids = prop(
        ITEMS, "user-assigned identities", arm=says("identity.userAssignedIdentities")
    )
    system_principal = prop(
        TEXT, "principal of the system-assigned identity", arm=says("identity.principalId")
    )


class OnlineDeployment(Machines):
    """A deployment behind an online endpoint: machines that answer requests."""

    kind = "online deployment"
    arm_type = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
    __slots__ = ()

    location = prop(REGION, "region", arm=says("location"))
    size = prop(
        TEXT, "instance type", arm=says("properties.instanceType"), cli=says("instance_type")
    )
    instances = prop(
        COUNT,
        "instances",
        arm=says("sku.capacity", default=Default(1, _REST_DEPLOYMENT)),
        cli=says("instance_count"),
    )
    endpoint_compute = prop(
        choice(
            {"managed": "Managed", "kubernetes": "Kubernetes", "azuremlcompute": "AzureMLCompute"}
        ),
        "kind of compute",
        arm=says("properties.endpointComputeType", default=Default("managed", _REST_DEPLOYMENT)),
        cli=says("type", default=Default("managed", _YAML_PAGE)),
    )


class Workspace(Resource):
    """An Azure Machine Learning workspace, hub, project or feature store."""

    kind = "workspace"
    arm_type = "Microsoft.MachineLearningServices/workspaces"
    __slots__ = ()

    flavour = prop(
        FLAVOUR,
        "kind of workspace",
        arm=says("kind", default=Default("default", _REST_WORKSPACE)),
        cli=says("type", "kind", default=Default("default", _YAML_PAGE)),
        azurerm=says("kind", default=Default("default", _AZURERM)),
        sdk_v2=says("type", "kind", default=Default("default", _YAML_PAGE)),
        # SDK v1 makes no other kind.
        sdk_v1=says(default=Default("default", _V1), derive=lambda _: ABSENT_TERM),
    )
    location = prop(
        REGION,
        "region",
        arm=says("location"),
        cli=says("location"),
        azurerm=says("location"),
        sdk_v1=says("location"),
    )
    api_version = prop(TEXT, "apiVersion", arm=says("apiVersion"))
    tags = prop(
        OBJECT,
        "tags",
        arm=says("tags"),
        cli=says("tags"),
        azurerm=says("tags"),
        sdk_v1=says("tags"),
    )
    storage = prop(
        ARM_ID,
        "storage account",
        arm=says("properties.storageAccount"),
        cli=says("storage_account"),
        azurerm=says("storage_account_id"),
        sdk_v1=says("storage_account"),
    )
    key_vault = prop(
        ARM_ID,
        "key vault",
        arm=says("properties.keyVault"),
        cli=says("key_vault"),
        azurerm=says("key_vault_id"),
        sdk_v1=says("key_vault"),
    )
    registry = prop(
        ARM_ID,
        "container registry",
        arm=says("properties.containerRegistry"),
        cli=says("container_registry"),
        azurerm=says("container_registry_id"),
        sdk_v1=says("container_registry"),
    )
    insights = prop(
        ARM_ID,
        "application insights",
        arm=says("properties.applicationInsights"),
        cli=says("application_insights", "app_insights"),
        azurerm=says("application_insights_id"),
        sdk_v1=says("app_insights"),
    )
    public_access = prop(
        SWITCH,
        "public network access",
        arm=says(
            "properties.publicNetworkAccess", default=Default(value=True, source=_REST_WORKSPACE)
        ),
        cli=says("public_network_access", default=Default(value=True, source=_YAML_PAGE)),
        azurerm=says(
            # azurerm_ai_foundry has a text, azurerm_machine_learning_workspace a flag.
            "public_network_access_enabled",
            "public_network_access",
            kind=AZURERM_SWITCH,
            default=Default(value=True, source=_AZURERM),
        ),
    )
    public_behind_vnet = prop(
        BOOLEAN,
        "public access behind a VNet",
        arm=says("properties.allowPublicAccessWhenBehindVnet"),
    )
    isolation = prop(
        ISOLATION,
        "managed network isolation",
        arm=says(
            "properties.managedNetwork.isolationMode", default=Default("disabled", _REST_WORKSPACE)
        ),
        cli=says(
            "managed_network.isolation_mode",
            kind=CLI_ISOLATION,
            default=Default("disabled", _YAML_PAGE),
        ),
        azurerm=says("managed_network.isolation_mode", default=Default("disabled", _AZURERM)),
        # SDK v1 cannot make a managed network.
        sdk_v1=says(default=Default("disabled", _V1), derive=lambda _: ABSENT_TERM),
    )
    outbound_rules = prop(
        ITEMS,
        "outbound rules of the managed network",
        arm=says("properties.managedNetwork.outboundRules"),
        cli=says("managed_network.outbound_rules"),
    )
    private_endpoints = prop(
        OBJECT, "private endpoints", cli=says("private_endpoints.connections", "private_endpoints")
    )
    endpoint_connections = prop(
        ITEMS,
        "private endpoint connections",
        arm=says("properties.privateEndpointConnections"),
    )
    managed_status = prop(
        TEXT, "state of the managed network", arm=says("properties.managedNetwork.status.status")
    )
    created_at = prop(
        TIME, "creation time", arm=says("systemData.createdAt", "properties.creationTime")
    )
    changed_at = prop(TIME, "time of the last change", arm=says("systemData.lastModifiedAt"))
    serverless_subnet = prop(
        ARM_ID,
        "serverless subnet",
        arm=says(
            "properties.serverlessComputeSettings.serverlessComputeCustomSubnet",
            derive=_unless_empty(
                "properties", "serverlessComputeSettings", "serverlessComputeCustomSubnet"
            ),
        ),
        cli=says(
            "serverless_compute.custom_subnet",
            derive=_unless_empty("serverless_compute", "custom_subnet"),
        ),
        azurerm=says(
            "serverless_compute.subnet_id", derive=_unless_empty("serverless_compute", "subnet_id")
        ),
    )
    serverless_no_public_ip = prop(
        BOOLEAN,
        "serverless no public IP",
        arm=says("properties.serverlessComputeSettings.serverlessComputeNoPublicIP"),
        cli=says("serverless_compute.no_public_ip", kind=CLI_BOOLEAN),
        azurerm=says(
            "serverless_compute.public_ip_enabled",
            kind=OPPOSITE,
            derive=_serverless_no_public_ip,
        ),
    )
    identity = prop(
        ARM_IDENTITY,
        "identity type",
        arm=says("identity.type"),
        cli=says("identity.type", kind=CLI_IDENTITY),
        azurerm=says("identity.type", kind=AZURERM_IDENTITY),
    )
    identity_ids = prop(
        ITEMS,
        "user-assigned identities",
        arm=says("identity.userAssignedIdentities"),
        cli=says("identity.user_assigned_identities"),
        azurerm=says("identity.identity_ids"),
    )
    system_principal = prop(
        TEXT, "principal of the system-assigned identity", arm=says("identity.principalId")
    )
    primary_identity = prop(
        ARM_ID,
        "primary user-assigned identity",
        arm=says("properties.primaryUserAssignedIdentity"),
        cli=says("primary_user_assigned_identity"),
        azurerm=says("primary_user_assigned_identity"),
        sdk_v1=says("primary_user_assigned_identity"),
    )
    image_build_compute = prop(
        TEXT,
        "image build compute",
        arm=says("properties.imageBuildCompute"),
        cli=says("image_build_compute"),
        azurerm=says("image_build_compute_name"),
    )
    hbi = prop(
        BOOLEAN,
        "high business impact",
        arm=says("properties.hbiWorkspace"),
        cli=says("hbi_workspace", kind=CLI_BOOLEAN),
        azurerm=says("high_business_impact", "high_business_impact_enabled"),
        sdk_v1=says("hbi_workspace"),
    )
    v1_legacy = prop(
        BOOLEAN,
        "v1 legacy mode",
        arm=says("properties.v1LegacyMode"),
        cli=says("v1_legacy_mode_enabled", "v1_legacy_mode", kind=CLI_BOOLEAN),
        azurerm=says("v1_legacy_mode_enabled"),
        sdk_v1=says("v1_legacy_mode"),
    )
    datastore_auth = prop(
        AUTH_MODE,
        "system datastores auth mode",
        arm=says(
            "properties.systemDatastoresAuthMode", default=Default("accesskey", _REST_WORKSPACE)
        ),
        cli=says("system_datastores_auth_mode", default=Default("accesskey", _YAML_PAGE)),
        azurerm=says("storage_account_access_type", default=Default("accesskey", _AZURERM)),
        sdk_v1=says("system_datastores_auth_mode", default=Default("accesskey", _V1_PAGE)),
    )
    encryption = prop(
        SWITCH,
        "customer-managed key",
        arm=says("properties.encryption.status"),
    )
    customer_managed_key = prop(
        OBJECT,
        "customer-managed key",
        cli=says("customer_managed_key"),
        azurerm=says("encryption"),
    )


class OutboundRule(Resource):
    """A rule of a managed network that is declared apart from its workspace."""

    kind = "outbound rule"
    arm_type = "Microsoft.MachineLearningServices/workspaces/outboundRules"
    __slots__ = ()

    destination = prop(
        TEXT,
        "destination",
        arm=says("properties.destination"),
        azurerm=says("destination_fqdn"),
    )
    target = prop(
        ARM_ID,
        "target",
        arm=says("properties.destination.serviceResourceId"),
        azurerm=says("service_resource_id"),
    )


class BatchEndpoint(Resource):
    """A batch endpoint of a workspace."""

    kind = "batch endpoint"
    arm_type = "Microsoft.MachineLearningServices/workspaces/batchEndpoints"
    __slots__ = ()

    location = prop(REGION, "region", arm=says("location"))


class Lock(Resource):
    """A management lock."""

    kind = "lock"
    arm_type = "Microsoft.Authorization/locks"
    __slots__ = ()

    level = prop(LOCK_LEVEL, "level", arm=says("properties.level"), azurerm=says("lock_level"))
    notes = prop(TEXT, "notes", arm=says("properties.notes"), azurerm=says("notes"))
    owners = prop(ITEMS, "owners", arm=says("properties.owners"))

    @property
    def application(self) -> str | None:
        """The id of the application that set it and holds it, None for a person's lock."""
        owners = self.owners.known
        for owner in owners.members if owners is not None else ():
            term = owner.data.lookup("applicationId") if isinstance(owner.data, Object) else None
            if term is not None and isinstance(term.data, str):
                return term.data
        return None

    @property
    def locked(self) -> ResourceId:
        """What it locks: a subscription, a group or one resource; its children are locked too."""
        assert self.scope is not None  # noqa: S101  # every source gives a lock its scope
        return self.scope


class ResourceGroup(Resource):
    """A resource group that a template or configuration declares."""

    kind = "resource group"
    arm_type = "Microsoft.Resources/resourceGroups"
    __slots__ = ()

    location = prop(REGION, "region", arm=says("location"), azurerm=says("location"))
    managed_by = prop(ARM_ID, "manager", arm=says("managedBy"), azurerm=says("managed_by"))
    tags = prop(OBJECT, "tags", arm=says("tags"), azurerm=says("tags"))


class Subscription(Resource):
    """A subscription."""

    kind = "subscription"
    arm_type = "Microsoft.Resources/subscriptions"
    __slots__ = ()

    display_name = prop(TEXT, "display name", arm=says("displayName"))


class VirtualNetwork(Resource):
    """A virtual network."""

    kind = "virtual network"
    arm_type = "Microsoft.Network/virtualNetworks"
    __slots__ = ()

    location = prop(REGION, "region", arm=says("location"), azurerm=says("location"))
    prefixes = prop(
        ITEMS,
        "address prefixes",
        arm=says("properties.addressSpace.addressPrefixes"),
        azurerm=says("address_space"),
    )
    dns_servers = prop(
        ITEMS,
        "DNS servers",
        arm=says("properties.dhcpOptions.dnsServers"),
        azurerm=says("dns_servers"),
    )
    peerings = prop(ITEMS, "peerings", arm=says("properties.virtualNetworkPeerings"))


class Subnet(Resource):
    """A subnet, declared inside its network or on its own."""

    kind = "subnet"
    arm_type = "Microsoft.Network/virtualNetworks/subnets"
    __slots__ = ()

    prefix = prop(
        TEXT,
        "address prefix",
        arm=says("properties.addressPrefix", "properties.addressPrefixes.0"),
        azurerm=says("address_prefixes.0", "address_prefix"),
    )
    prefixes = prop(
        ITEMS,
        "address prefixes",
        arm=says("properties.addressPrefixes"),
        azurerm=says("address_prefixes"),
    )
    network_security_group = prop(
        ARM_ID,
        "network security group",
        arm=says("properties.networkSecurityGroup.id"),
        azurerm=says("network_security_group_id", "security_group"),
    )
    route_table = prop(
        ARM_ID,
        "route table",
        arm=says("properties.routeTable.id"),
        azurerm=says("route_table_id"),
    )
    nat_gateway = prop(
        ARM_ID,
        "NAT gateway",
        arm=says("properties.natGateway.id"),
        azurerm=says("nat_gateway_id"),
    )
    ip_configurations = prop(ITEMS, "IP configurations", arm=says("properties.ipConfigurations"))
    delegations = prop(
        ITEMS,
        "delegations",
        arm=says("properties.delegations"),
        azurerm=says("delegation", derive=_delegations),
    )
    service_endpoints = prop(
        ITEMS,
        "service endpoints",
        arm=says("properties.serviceEndpoints"),
        azurerm=says("service_endpoints", derive=_service_endpoints),
    )
    endpoint_policies = prop(
        ITEMS,
        "service endpoint policies",
        arm=says("properties.serviceEndpointPolicies"),
        azurerm=says("service_endpoint_policy_ids", derive=_endpoint_policies),
    )
    default_outbound = prop(
        BOOLEAN,
        "default outbound access",
        arm=says("properties.defaultOutboundAccess"),
        azurerm=says("default_outbound_access_enabled"),
    )


class NetworkSecurityGroup(Resource):
    """A network security group."""

    kind = "network security group"
    arm_type = "Microsoft.Network/networkSecurityGroups"
    __slots__ = ()

    location = prop(REGION, "region", arm=says("location"), azurerm=says("location"))
    security_rules = prop(
        ITEMS,
        "security rules",
        has_entries=True,
        arm=says("properties.securityRules"),
        azurerm=says("security_rule", derive=_security_rules),
    )
    interfaces = prop(ITEMS, "network interfaces", arm=says("properties.networkInterfaces"))


def interface_of(item: Term) -> str:
    """Give the network interface that an item of a list names, itself or a configuration of it."""
    own = item.data.lookup("id") if isinstance(item.data, Object) else None
    text = str(own.data).casefold() if own is not None else ""
    return text.partition("/ipconfigurations/")[0] if "/networkinterfaces/" in text else ""


class PublicIpAddress(Resource):
    """A public IP address."""

    kind = "public IP address"
    arm_type = "Microsoft.Network/publicIPAddresses"
    __slots__ = ()


class LoadBalancer(Resource):
    """A load balancer."""

    kind = "load balancer"
    arm_type = "Microsoft.Network/loadBalancers"
    __slots__ = ()


class NatGateway(Resource):
    """A NAT gateway."""

    kind = "NAT gateway"
    arm_type = "Microsoft.Network/natGateways"
    __slots__ = ()


class PrivateDnsZone(Resource):
    """A private DNS zone."""

    kind = "private DNS zone"
    arm_type = "Microsoft.Network/privateDnsZones"
    __slots__ = ()


class ZoneLink(Resource):
    """A link that lets a virtual network resolve the names of a private DNS zone."""

    kind = "private DNS link"
    arm_type = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
    __slots__ = ()

    network = prop(
        ARM_ID,
        "virtual network",
        arm=says("properties.virtualNetwork.id"),
        azurerm=says("virtual_network_id"),
    )


class RouteTable(Resource):
    """A route table."""

    kind = "route table"
    arm_type = "Microsoft.Network/routeTables"
    __slots__ = ()

    routes = prop(
        ITEMS,
        "routes",
        has_entries=True,
        arm=says("properties.routes"),
        azurerm=says("route", derive=_routes),
    )


class Entry(Resource):
    """What is declared by itself and listed by another resource all the same."""

    __slots__ = ()

    whole: ClassVar[type[Resource]]
    """The kind of resource that lists it."""
    names: ClassVar[Mapping[str, str]]
    """How Resource Manager calls what azurerm states."""

    def item(self) -> Term:
        """Give it as an item of the list, in Resource Manager's shape."""
        if self.body.dialect == "azurerm":
            inner = _renamed(lambda name: self.body.at((name,)), self.names)
            properties = Term(inner, (self.grip,))
        else:
            properties = self.body.at(("properties",))
        name = Term(self.name, (self.grip,))
        return Term(Object([("name", name), ("properties", properties)]), (self.grip,))


class EndpointPolicy(Resource):
    """A service endpoint policy: to which accounts a subnet's service endpoint leads."""

    kind = "service endpoint policy"
    arm_type = "Microsoft.Network/serviceEndpointPolicies"
    __slots__ = ()

    definitions = prop(
        ITEMS,
        "definitions",
        has_entries=True,
        arm=says("properties.serviceEndpointPolicyDefinitions"),
        azurerm=says("definition", derive=_endpoint_definitions),
    )


class EndpointPolicyDefinition(Entry):
    """A definition that is declared apart from its service endpoint policy."""

    kind = "service endpoint policy definition"
    arm_type = "Microsoft.Network/serviceEndpointPolicies/serviceEndpointPolicyDefinitions"
    whole = EndpointPolicy
    names = _ENDPOINT_DEFINITION
    __slots__ = ()


class Firewall(Resource):
    """An Azure Firewall."""

    kind = "firewall"
    arm_type = "Microsoft.Network/azureFirewalls"
    __slots__ = ()

    addresses = prop(
        ITEMS,
        "IP configurations",
        arm=says("properties.ipConfigurations"),
        azurerm=says("ip_configuration", derive=_firewall_addresses),
    )
    policy = prop(
        ARM_ID,
        "firewall policy",
        arm=says("properties.firewallPolicy.id"),
        azurerm=says("firewall_policy_id"),
    )
    application_rules = prop(
        ITEMS, "application rules", arm=says("properties.applicationRuleCollections")
    )
    network_rules = prop(ITEMS, "network rules", arm=says("properties.networkRuleCollections"))


class FirewallPolicy(Resource):
    """A firewall policy."""

    kind = "firewall policy"
    arm_type = "Microsoft.Network/firewallPolicies"
    __slots__ = ()

    base = prop(
        ARM_ID,
        "parent policy",
        arm=says("properties.basePolicy.id"),
        azurerm=says("base_policy_id"),
    )


class FirewallRules(Resource):
    """A group of rule collections of a firewall policy."""

    kind = "rule collection group"
    arm_type = "Microsoft.Network/firewallPolicies/ruleCollectionGroups"
    __slots__ = ()

    priority = prop(INTEGER, "priority", arm=says("properties.priority"), azurerm=says("priority"))
    collections = prop(
        ITEMS,
        "rule collections",
        arm=says("properties.ruleCollections"),
        azurerm=says("application_rule_collection", derive=_rule_collections),
    )


class Delegation(Resource):
    """A subscription or group that is delegated to another tenant with Azure Lighthouse."""

    kind = "Lighthouse delegation"
    arm_type = "Microsoft.ManagedServices/registrationAssignments"
    __slots__ = ()

    definition = prop(
        ARM_ID,
        "definition",
        arm=says("properties.registrationDefinitionId"),
        azurerm=says("lighthouse_definition_id"),
    )


class Route(Entry):
    """A route that is declared apart from its table."""

    kind = "route"
    arm_type = "Microsoft.Network/routeTables/routes"
    whole = RouteTable
    names = _ROUTE
    __slots__ = ()

    prefix = prop(
        TEXT,
        "address prefix",
        arm=says("properties.addressPrefix"),
        azurerm=says("address_prefix"),
    )
    next_hop = prop(
        TEXT,
        "next hop",
        arm=says("properties.nextHopType"),
        azurerm=says("next_hop_type"),
    )


class SecurityRule(Entry):
    """A rule that is declared apart from its network security group."""

    kind = "security rule"
    arm_type = "Microsoft.Network/networkSecurityGroups/securityRules"
    whole = NetworkSecurityGroup
    names = _SECURITY_RULE
    __slots__ = ()

    direction = prop(TEXT, "direction", arm=says("properties.direction"), azurerm=says("direction"))
    access = prop(TEXT, "access", arm=says("properties.access"), azurerm=says("access"))
    priority = prop(INTEGER, "priority", arm=says("properties.priority"), azurerm=says("priority"))


class PrivateEndpoint(Resource):
    """A private endpoint."""

    kind = "private endpoint"
    arm_type = "Microsoft.Network/privateEndpoints"
    __slots__ = ()

    location = prop(REGION, "region", arm=says("location"), azurerm=says("location"))
    subnet = prop(ARM_ID, "subnet", arm=says("properties.subnet.id"), azurerm=says("subnet_id"))
    target = prop(
        ARM_ID,
        "target",
        arm=says(
            "properties.privateLinkServiceConnections.0.properties.privateLinkServiceId",
            "properties.manualPrivateLinkServiceConnections.0.properties.privateLinkServiceId",
        ),
        azurerm=says("private_service_connection.private_connection_resource_id"),
    )
    group_ids = prop(
        ITEMS,
        "group ids",
        arm=says(
            "properties.privateLinkServiceConnections.0.properties.groupIds",
            "properties.manualPrivateLinkServiceConnections.0.properties.groupIds",
        ),
        azurerm=says("private_service_connection.subresource_names"),
    )


class ManagedIdentity(Resource):
    """A user-assigned managed identity."""

    kind = "managed identity"
    arm_type = "Microsoft.ManagedIdentity/userAssignedIdentities"
    __slots__ = ()

    principal = prop(
        TEXT, "principal", arm=says("properties.principalId"), azurerm=says("principal_id")
    )


class StorageAccount(Resource):
    """A storage account."""

    kind = "storage account"
    arm_type = "Microsoft.Storage/storageAccounts"
    __slots__ = ()

    location = prop(REGION, "region", arm=says("location"), azurerm=says("location"))
    shared_key_access = prop(
        BOOLEAN,
        "shared key access",
        arm=says(
            "properties.allowSharedKeyAccess",
            default=Default(value=True, source="the REST reference of storage accounts"),
        ),
        azurerm=says("shared_access_key_enabled", default=Default(value=True, source=_AZURERM)),
    )
    public_access = prop(
        SWITCH,
        "public network access",
        arm=says("properties.publicNetworkAccess"),
        azurerm=says("public_network_access_enabled", kind=BOOLEAN),
    )
    endpoint_connections = prop(
        ITEMS,
        "private endpoint connections",
        arm=says("properties.privateEndpointConnections"),
    )
    replication = prop(
        TEXT,
        "replication",
        arm=says("sku.name"),
        azurerm=says("account_replication_type"),
    )


class KeyVault(Resource):
    """A key vault."""

    kind = "key vault"
    arm_type = "Microsoft.KeyVault/vaults"
    __slots__ = ()

    uses_roles = prop(
        BOOLEAN,
        "access by roles",
        arm=says("properties.enableRbacAuthorization"),
        azurerm=says("rbac_authorization_enabled", "enable_rbac_authorization"),
    )


class ContainerRegistry(Resource):
    """A container registry."""

    kind = "container registry"
    arm_type = "Microsoft.ContainerRegistry/registries"
    __slots__ = ()

    admin_user = prop(
        BOOLEAN,
        "admin user",
        arm=says("properties.adminUserEnabled"),
        azurerm=says("admin_enabled"),
    )
    role_mode = prop(
        ROLE_MODE,
        "role assignment mode",
        arm=says("properties.roleAssignmentMode"),
        azurerm=says("role_assignment_mode"),
    )
    public_access = prop(
        SWITCH,
        "public network access",
        arm=says("properties.publicNetworkAccess"),
        azurerm=says("public_network_access_enabled", kind=BOOLEAN),
    )


class ApplicationInsights(Resource):
    """An Application Insights component."""

    kind = "application insights"
    arm_type = "Microsoft.Insights/components"
    __slots__ = ()


class DiagnosticSetting(Resource):
    """Where the logs of a resource are sent."""

    kind = "diagnostic setting"
    arm_type = "Microsoft.Insights/diagnosticSettings"
    __slots__ = ()

    logs = prop(ITEMS, "logs", arm=says("properties.logs"))


class Datastore(Resource):
    """A datastore of a workspace."""

    kind = "datastore"
    arm_type = "Microsoft.MachineLearningServices/workspaces/datastores"
    __slots__ = ()

    account = prop(TEXT, "storage account", arm=says("properties.accountName"))
    store = prop(TEXT, "kind of store", arm=says("properties.datastoreType"))
    container = prop(
        TEXT,
        "container",
        arm=says("properties.containerName", "properties.filesystem", "properties.fileShareName"),
    )
    credentials = prop(TEXT, "credentials", arm=says("properties.credentials.credentialsType"))
    is_default = prop(
        BOOLEAN,
        "default datastore",
        arm=says("properties.isDefault"),
        azurerm=says("is_default"),
    )


class RoleAssignment(Resource):
    """A role that a principal has at a scope."""

    kind = "role assignment"
    arm_type = "Microsoft.Authorization/roleAssignments"
    __slots__ = ()

    principal = prop(
        TEXT, "principal", arm=says("properties.principalId"), azurerm=says("principal_id")
    )
    role = prop(
        ARM_ID,
        "role definition",
        arm=says("properties.roleDefinitionId"),
        azurerm=says("role_definition_id"),
    )
    assigned_at = prop(ARM_ID, "scope", arm=says("properties.scope"), azurerm=says("scope"))
    # The service has ids only; az takes a name as well.
    role_name = prop(
        TEXT,
        "name of the role",
        arm=says("properties.roleName"),
        azurerm=says("role_definition_name"),
    )
    principal_type = prop(
        TEXT,
        "kind of principal",
        arm=says("properties.principalType"),
        azurerm=says("principal_type"),
    )
    condition = prop(TEXT, "condition", arm=says("properties.condition"), azurerm=says("condition"))
    created_at = prop(TIME, "creation time", arm=says("properties.createdOn"))


class RoleDefinition(Resource):
    """What a role allows."""

    kind = "role definition"
    arm_type = "Microsoft.Authorization/roleDefinitions"
    __slots__ = ()

    title = prop(TEXT, "name of the role", arm=says("properties.roleName"), azurerm=says("name"))
    permissions = prop(
        ITEMS,
        "permissions",
        arm=says("properties.permissions"),
        azurerm=says("permissions", derive=_permissions),
    )


class Deployment(Resource):
    """A deployment that Azure Resource Manager remembers."""

    kind = "deployment"
    arm_type = "Microsoft.Resources/deployments"
    __slots__ = ()


class DenyAssignment(Resource):
    """Actions that are denied at a scope, whatever roles allow."""

    kind = "deny assignment"
    arm_type = "Microsoft.Authorization/denyAssignments"
    __slots__ = ()

    denied_at = prop(ARM_ID, "scope", arm=says("properties.scope"))
    permissions = prop(ITEMS, "permissions", arm=says("properties.permissions"))
    principals = prop(ITEMS, "principals", arm=says("properties.principals"))
    excluded_principals = prop(
        ITEMS, "excluded principals", arm=says("properties.excludePrincipals")
    )
    is_of_the_system = prop(
        BOOLEAN, "whether the system holds it", arm=says("properties.isSystemProtected")
    )
    skips_children = prop(
        BOOLEAN, "whether it skips children", arm=says("properties.doNotApplyToChildScopes")
    )
    title = prop(TEXT, "name", arm=says("properties.denyAssignmentName"))


class DeploymentStack(Resource):
    """A deployment stack, which may deny changes of what it manages."""

    kind = "deployment stack"
    arm_type = "Microsoft.Resources/deploymentStacks"
    __slots__ = ()

    deny_mode = prop(TEXT, "deny mode", arm=says("properties.denySettings.mode"))
    applies_to_children = prop(
        BOOLEAN,
        "whether it denies on children",
        arm=says("properties.denySettings.applyToChildScopes"),
    )
    excluded_actions = prop(
        ITEMS, "excluded actions", arm=says("properties.denySettings.excludedActions")
    )
    managed = prop(ITEMS, "managed resources", arm=says("properties.resources"))


class PolicyAssignment(Resource):
    """A policy or initiative in force at a scope."""

    kind = "policy assignment"
    arm_type = "Microsoft.Authorization/policyAssignments"
    __slots__ = ()

    assigned_at = prop(ARM_ID, "scope", arm=says("properties.scope"))
    definition = prop(ARM_ID, "definition", arm=says("properties.policyDefinitionId"))
    enforcement = prop(
        TEXT,
        "enforcement mode",
        arm=says("properties.enforcementMode", default=Default("Default", _REST)),
    )
    excluded = prop(ITEMS, "excluded scopes", arm=says("properties.notScopes"))
    parameters = prop(OBJECT, "parameters", arm=says("properties.parameters"))
    title = prop(TEXT, "display name", arm=says("properties.displayName"))
    overrides = prop(ITEMS, "overrides", arm=says("properties.overrides"))
    selectors = prop(ITEMS, "resource selectors", arm=says("properties.resourceSelectors"))


class PolicyDefinition(Resource):
    """What a policy tests, and what it then does."""

    kind = "policy definition"
    arm_type = "Microsoft.Authorization/policyDefinitions"
    __slots__ = ()

    policy_rule = prop(OBJECT, "rule", arm=says("properties.policyRule"))
    parameters = prop(OBJECT, "parameters", arm=says("properties.parameters"))
    title = prop(TEXT, "display name", arm=says("properties.displayName"))


class PolicyExemption(Resource):
    """A scope that an assigned policy or initiative leaves out."""

    kind = "policy exemption"
    arm_type = "Microsoft.Authorization/policyExemptions"
    __slots__ = ()

    assignment = prop(ARM_ID, "policy assignment", arm=says("properties.policyAssignmentId"))
    references = prop(
        ITEMS, "policies of the initiative", arm=says("properties.policyDefinitionReferenceIds")
    )
    expires_on = prop(TIME, "expiry", arm=says("properties.expiresOn"))
    selectors = prop(ITEMS, "resource selectors", arm=says("properties.resourceSelectors"))


class PolicySetDefinition(Resource):
    """An initiative: several policies assigned together."""

    kind = "policy initiative"
    arm_type = "Microsoft.Authorization/policySetDefinitions"
    __slots__ = ()

    members = prop(ITEMS, "policies", arm=says("properties.policyDefinitions"))
    parameters = prop(OBJECT, "parameters", arm=says("properties.parameters"))
    title = prop(TEXT, "display name", arm=says("properties.displayName"))


class ServiceDiagnosis(Resource):
    """What the service found when it was asked to diagnose a workspace."""

    kind = "service diagnosis"
    arm_type = "Microsoft.MachineLearningServices/workspaces/diagnose"
    __slots__ = ()

    results = prop(OBJECT, "results", arm=says("value"))


class ToolUse(Resource):
    """One use of a tool or interface version to declare or change a resource."""

    kind = "declaration"
    __slots__ = ("subject", "tool")

    subject: Resource
    """What is declared by it."""

    tool: str
    """What is used: `ARM template`, ..."""

    version = prop(TEXT, "version", arm=says("apiVersion"), packages=says("version"))
    constraint = prop(TEXT, "version constraint of the provider", terraform=says("version"))
    locked = prop(TEXT, "version of the provider in the lock file", terraform=says("locked"))
    ignored = prop(ITEMS, "ignored changes", terraform=says("ignored"))
    module = prop(TEXT, "module", python=says("module"), packages=says("name"))
    lookup = prop(TEXT, "look-up that decides on the creation", python=says("lookup"))
    caught = prop(TEXT, "exception taken for not found", python=says("caught"))
    compared = prop(BOOLEAN, "whether what is found is compared", python=says("compared"))


class Patch(ClusterSettings):
    """An update of a compute that exists: what is absent stays as it is."""

    kind = "updated compute"
    __slots__ = ()

    tags = prop(OBJECT, "tags", arm=says("tags"), cli=says("tags"), sdk_v1=says("tags"))

    min_nodes = prop(
        COUNT,
        "min nodes",
        arm=says("properties.properties.scaleSettings.minNodeCount"),
        cli=says("min_instances"),
        sdk_v1=says("min_nodes"),
    )
    max_nodes = prop(
        COUNT,
        "max nodes",
        arm=says("properties.properties.scaleSettings.maxNodeCount"),
        cli=says("max_instances"),
        sdk_v1=says("max_nodes"),
    )
    idle_seconds = prop(
        SECONDS,
        "idle time before scale-down",
        arm=says(
            "properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown", kind=ISO_SECONDS
        ),
        cli=says("idle_time_before_scale_down"),
        sdk_v1=says("idle_seconds_before_scaledown"),
    )
    identity = prop(
        ARM_IDENTITY,
        "identity type",
        arm=says("identity.type"),
        cli=says("identity.type", kind=CLI_IDENTITY),
        sdk_v1=says("identity_type"),
    )
    identity_ids = prop(
        ITEMS,
        "user-assigned identities",
        arm=says("identity.userAssignedIdentities"),
        cli=says("identity.user_assigned_identities"),
        sdk_v1=says("identity_id"),
    )


class Job(Resource):
    """A job that says with which identity it runs."""

    kind = "job"
    arm_type = "Microsoft.MachineLearningServices/workspaces/jobs"
    __slots__ = ()

    identity = prop(
        JOB_IDENTITY,
        "identity",
        arm=says("properties.identity.identityType"),
        cli=says("identity.type"),
    )
    code = prop(TEXT, "code", cli=says("code"))
    inputs = prop(ITEMS, "inputs", arm=says("properties.inputs"), cli=says("inputs"))
    outputs = prop(ITEMS, "outputs", arm=says("properties.outputs"), cli=says("outputs"))


class CredentialCall(Resource):
    """A credential that a program makes for itself."""

    kind = "credential"
    __slots__ = ()

    client_id = prop(
        TEXT, "client id", python=says("client_id", "managed_identity_client_id", "identity_config")
    )
    serves = prop(TEXT, "client that manages resources", python=says("serves"))
    reads = prop(TEXT, "client that reads data", python=says("reads"))
    is_scoring = prop(BOOLEAN, "whether it is in a scoring script", python=says("scoring"))


KINDS: tuple[type[Resource], ...] = (
    ComputeSettings,
    ClusterSettings,
    Machines,
    Compute,
    ComputeCluster,
    ComputeInstance,
    KubernetesCompute,
    OnlineEndpoint,
    OnlineDeployment,
    Workspace,
    OutboundRule,
    BatchEndpoint,
    Lock,
    Subscription,
    ResourceGroup,
    VirtualNetwork,
    Subnet,
    NetworkSecurityGroup,
    SecurityRule,
    RouteTable,
    Route,
    EndpointPolicy,
    EndpointPolicyDefinition,
    Firewall,
    FirewallPolicy,
    FirewallRules,
    Delegation,
    NatGateway,
    PublicIpAddress,
    LoadBalancer,
    PrivateEndpoint,
    PrivateDnsZone,
    ZoneLink,
    ManagedIdentity,
    StorageAccount,
    KeyVault,
    ContainerRegistry,
    ApplicationInsights,
    DiagnosticSetting,
    Datastore,
    RoleAssignment,
    RoleDefinition,
    DenyAssignment,
    Deployment,
    DeploymentStack,
    PolicyAssignment,
    PolicyDefinition,
    PolicySetDefinition,
    PolicyExemption,
    ServiceDiagnosis,
    ToolUse,
    Patch,
    Job,
    CredentialCall,
)
"""Every kind, base kinds first."""

SET_ON_SCOPES: tuple[type[Resource], ...] = (Lock, RoleAssignment)
"""The kinds that are set on a scope, which their id begins with."""

COMPUTE_KINDS: dict[str, type[Compute]] = {
    "amlcompute": ComputeCluster,
    "computeinstance": ComputeInstance,
    "kubernetes": KubernetesCompute,
}
"""The kinds of compute by `computeType`, in lower case."""
