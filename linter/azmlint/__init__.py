"""The public interface of rule packs: everything a rule file imports.

Names load when they are first used, so that the command line starts without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.version import __version__

if TYPE_CHECKING:
    from azmlint.data.api_versions import SINCE as SINCE
    from azmlint.data.api_versions import STABLE as STABLE
    from azmlint.data.api_versions import successor as successor
    from azmlint.data.firewall_names import FIREWALL_NAMES as FIREWALL_NAMES
    from azmlint.data.firewall_names import REGION as REGION
    from azmlint.data.retirements import BATCH_PREVIEW as BATCH_PREVIEW
    from azmlint.data.retirements import CLI_V1 as CLI_V1
    from azmlint.data.retirements import DATA_DRIFT as DATA_DRIFT
    from azmlint.data.retirements import DATA_LABELING as DATA_LABELING
    from azmlint.data.retirements import SDK_V1 as SDK_V1
    from azmlint.data.retirements import Retirement as Retirement
    from azmlint.data.roles import CONTRIBUTOR as CONTRIBUTOR
    from azmlint.data.roles import OWNER as OWNER
    from azmlint.data.roles import Role as Role
    from azmlint.data.series import Series as Series
    from azmlint.data.series import series_of as series_of
    from azmlint.data.service_tags import BATCH_VAULT as BATCH_VAULT
    from azmlint.data.service_tags import FILE_SHARES as FILE_SHARES
    from azmlint.data.service_tags import NODES_ANSWER as NODES_ANSWER
    from azmlint.data.service_tags import NODES_NEED as NODES_NEED
    from azmlint.data.service_tags import OUTSIDE as OUTSIDE
    from azmlint.data.service_tags import Requirement as Requirement
    from azmlint.data.sizes import Size as Size
    from azmlint.data.sizes import nearest_size as nearest_size
    from azmlint.expressions.term import Object as Object
    from azmlint.expressions.term import Term as Term
    from azmlint.expressions.truth import FALSE as FALSE
    from azmlint.expressions.truth import TRUE as TRUE
    from azmlint.expressions.truth import Reason as Reason
    from azmlint.expressions.truth import Truth as Truth
    from azmlint.expressions.truth import Undecided as Undecided
    from azmlint.finding import Applicability as Applicability
    from azmlint.finding import Finding as Finding
    from azmlint.finding import Fix as Fix
    from azmlint.finding import Severity as Severity
    from azmlint.finding import Step as Step
    from azmlint.location import Place as Place
    from azmlint.model.access.access import Access as Access
    from azmlint.model.access.access import Holders as Holders
    from azmlint.model.access.access import Permit as Permit
    from azmlint.model.access.access import Principal as Principal
    from azmlint.model.access.access import is_for_group as is_for_group
    from azmlint.model.access.identity import DefaultIdentity as DefaultIdentity
    from azmlint.model.access.identity import Identity as Identity
    from azmlint.model.access.identity import default_identity as default_identity
    from azmlint.model.addresses import Occupants as Occupants
    from azmlint.model.addresses import Room as Room
    from azmlint.model.addresses import objects_for as objects_for
    from azmlint.model.capacity.capacity import Capacity as Capacity
    from azmlint.model.capacity.market import Claim as Claim
    from azmlint.model.capacity.market import Limit as Limit
    from azmlint.model.capacity.market import Market as Market
    from azmlint.model.capacity.market import Outcome as Outcome
    from azmlint.model.capacity.rows import Row as Row
    from azmlint.model.estate import Estate as Estate
    from azmlint.model.facet import Facet as Facet
    from azmlint.model.ids import ResourceId as ResourceId
    from azmlint.model.kinds import Items as Items
    from azmlint.model.network.security import Verdict as Verdict
    from azmlint.model.network.security import security_rules as security_rules
    from azmlint.model.network.traffic import NodeTraffic as NodeTraffic
    from azmlint.model.network.traffic import Passage as Passage
    from azmlint.model.network.traffic import regions_of as regions_of
    from azmlint.model.policy.assignment import Ruling as Ruling
    from azmlint.model.resource import Resource as Resource
    from azmlint.model.resources import ApplicationInsights as ApplicationInsights
    from azmlint.model.resources import BatchEndpoint as BatchEndpoint
    from azmlint.model.resources import ClusterSettings as ClusterSettings
    from azmlint.model.resources import Compute as Compute
    from azmlint.model.resources import ComputeCluster as ComputeCluster
    from azmlint.model.resources import ComputeInstance as ComputeInstance
    from azmlint.model.resources import ComputeSettings as ComputeSettings
    from azmlint.model.resources import ContainerRegistry as ContainerRegistry
    from azmlint.model.resources import CredentialCall as CredentialCall
    from azmlint.model.resources import Datastore as Datastore
    from azmlint.model.resources import Delegation as Delegation
    from azmlint.model.resources import DenyAssignment as DenyAssignment
    from azmlint.model.resources import Deployment as Deployment
    from azmlint.model.resources import DeploymentStack as DeploymentStack
    from azmlint.model.resources import DiagnosticSetting as DiagnosticSetting
    from azmlint.model.resources import EndpointPolicy as EndpointPolicy
    from azmlint.model.resources import Firewall as Firewall
    from azmlint.model.resources import Job as Job
    from azmlint.model.resources import KeyVault as KeyVault
    from azmlint.model.resources import KubernetesCompute as KubernetesCompute
    from azmlint.model.resources import LoadBalancer as LoadBalancer
    from azmlint.model.resources import Lock as Lock
    from azmlint.model.resources import Machines as Machines
    from azmlint.model.resources import ManagedIdentity as ManagedIdentity
    from azmlint.model.resources import NatGateway as NatGateway
    from azmlint.model.resources import NetworkSecurityGroup as NetworkSecurityGroup
    from azmlint.model.resources import OnlineDeployment as OnlineDeployment
    from azmlint.model.resources import OnlineEndpoint as OnlineEndpoint
    from azmlint.model.resources import OutboundRule as OutboundRule
    from azmlint.model.resources import Patch as Patch
    from azmlint.model.resources import PolicyAssignment as PolicyAssignment
    from azmlint.model.resources import PolicyDefinition as PolicyDefinition
    from azmlint.model.resources import PolicyExemption as PolicyExemption
    from azmlint.model.resources import PolicySetDefinition as PolicySetDefinition
    from azmlint.model.resources import PrivateDnsZone as PrivateDnsZone
    from azmlint.model.resources import PrivateEndpoint as PrivateEndpoint
    from azmlint.model.resources import PublicIpAddress as PublicIpAddress
    from azmlint.model.resources import ResourceGroup as ResourceGroup
    from azmlint.model.resources import RoleAssignment as RoleAssignment
    from azmlint.model.resources import RoleDefinition as RoleDefinition
    from azmlint.model.resources import Route as Route
    from azmlint.model.resources import RouteTable as RouteTable
    from azmlint.model.resources import SecurityRule as SecurityRule
    from azmlint.model.resources import ServiceDiagnosis as ServiceDiagnosis
    from azmlint.model.resources import StorageAccount as StorageAccount
    from azmlint.model.resources import Subnet as Subnet
    from azmlint.model.resources import Subscription as Subscription
    from azmlint.model.resources import ToolUse as ToolUse
    from azmlint.model.resources import VirtualNetwork as VirtualNetwork
    from azmlint.model.resources import Workspace as Workspace
    from azmlint.model.resources import ZoneLink as ZoneLink
    from azmlint.model.value import Change as Change
    from azmlint.model.value import Value as Value
    from azmlint.rule import Rule as Rule

_HOMES = {
    "azmlint.data.api_versions": ("SINCE", "STABLE", "successor"),
    "azmlint.data.retirements": (
        "BATCH_PREVIEW",
        "CLI_V1",
        "DATA_DRIFT",
        "DATA_LABELING",
        "SDK_V1",
        "Retirement",
    ),
    "azmlint.data.firewall_names": ("FIREWALL_NAMES", "REGION"),
    "azmlint.data.series": ("Series", "series_of"),
    "azmlint.data.roles": ("CONTRIBUTOR", "OWNER", "Role"),
    "azmlint.data.sizes": ("Size", "nearest_size"),
    "azmlint.data.service_tags": (
        "BATCH_VAULT",
        "FILE_SHARES",
        "NODES_ANSWER",
        "NODES_NEED",
        "OUTSIDE",
        "Requirement",
    ),
    "azmlint.expressions.term": ("Object", "Term"),
    "azmlint.expressions.truth": ("FALSE", "TRUE", "Reason", "Truth", "Undecided"),
    "azmlint.location": ("Place",),
    "azmlint.finding": ("Applicability", "Finding", "Fix", "Severity", "Step"),
    "azmlint.model.access.access": ("Access", "Holders", "Permit", "Principal", "is_for_group"),
    "azmlint.model.access.identity": ("DefaultIdentity", "Identity", "default_identity"),
    "azmlint.model.capacity.capacity": ("Capacity",),
    "azmlint.model.capacity.market": ("Claim", "Limit", "Market", "Outcome"),
    "azmlint.model.capacity.rows": ("Row",),
    "azmlint.model.addresses": ("Occupants", "Room", "objects_for"),
    "azmlint.model.estate": ("Estate",),
    "azmlint.model.facet": ("Facet",),
    "azmlint.model.ids": ("ResourceId",),
    "azmlint.model.kinds": ("Items",),
    "azmlint.model.network.security": ("Verdict", "security_rules"),
    "azmlint.model.network.traffic": ("NodeTraffic", "Passage", "regions_of"),
    "azmlint.model.policy.assignment": ("Ruling",),
    "azmlint.model.resource": ("Resource",),
    "azmlint.model.resources": (
        "ApplicationInsights",
        "BatchEndpoint",
        "ClusterSettings",
        "Compute",
        "ComputeCluster",
        "ComputeInstance",
        "ComputeSettings",
        "ContainerRegistry",
        "CredentialCall",
        "Datastore",
        "Delegation",
        "DenyAssignment",
        "Deployment",
        "DeploymentStack",
        "Job",
        "DiagnosticSetting",
        "EndpointPolicy",
        "Firewall",
        "KeyVault",
        "KubernetesCompute",
        "LoadBalancer",
        "Lock",
        "Machines",
        "ManagedIdentity",
        "NatGateway",
        "NetworkSecurityGroup",
        "OnlineDeployment",
        "OnlineEndpoint",
        "OutboundRule",
        "Patch",
        "PolicyAssignment",
        "PolicyDefinition",
        "PolicyExemption",
        "PolicySetDefinition",
        "PrivateDnsZone",
        "PrivateEndpoint",
        "PublicIpAddress",
        "ResourceGroup",
        "RoleAssignment",
        "RoleDefinition",
        "Route",
        "RouteTable",
        "SecurityRule",
        "ServiceDiagnosis",
        "StorageAccount",
        "Subnet",
        "Subscription",
        "ToolUse",
        "VirtualNetwork",
        "Workspace",
        "ZoneLink",
    ),
    "azmlint.model.value": ("Change", "Value"),
    "azmlint.rule": ("Rule",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME)]  # noqa: PLE0604  # names of the table above


def __getattr__(name: str) -> object:
    module = _HOME.get(name)
    if module is None:
        message = f"module 'azmlint' has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415  # only when a name is asked for

    value = getattr(import_module(module), name)
    globals()[name] = value
    return value
