"""The public interface of rule packs: everything a rule file imports.

Names load when they are first used, so that the command line starts without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.version import __version__

if TYPE_CHECKING:
    from azmlint.data.sizes import Series as Series
    from azmlint.data.sizes import series_of as series_of
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
    from azmlint.model.estate import Estate as Estate
    from azmlint.model.ids import ResourceId as ResourceId
    from azmlint.model.kinds import Items as Items
    from azmlint.model.resource import Resource as Resource
    from azmlint.model.resources import ApplicationInsights as ApplicationInsights
    from azmlint.model.resources import Compute as Compute
    from azmlint.model.resources import ComputeCluster as ComputeCluster
    from azmlint.model.resources import ComputeInstance as ComputeInstance
    from azmlint.model.resources import ContainerRegistry as ContainerRegistry
    from azmlint.model.resources import KeyVault as KeyVault
    from azmlint.model.resources import KubernetesCompute as KubernetesCompute
    from azmlint.model.resources import Lock as Lock
    from azmlint.model.resources import ManagedIdentity as ManagedIdentity
    from azmlint.model.resources import NetworkSecurityGroup as NetworkSecurityGroup
    from azmlint.model.resources import Patch as Patch
    from azmlint.model.resources import PrivateEndpoint as PrivateEndpoint
    from azmlint.model.resources import ResourceGroup as ResourceGroup
    from azmlint.model.resources import RouteTable as RouteTable
    from azmlint.model.resources import StorageAccount as StorageAccount
    from azmlint.model.resources import Subnet as Subnet
    from azmlint.model.resources import ToolUse as ToolUse
    from azmlint.model.resources import VirtualNetwork as VirtualNetwork
    from azmlint.model.resources import Workspace as Workspace
    from azmlint.model.value import Change as Change
    from azmlint.model.value import Value as Value
    from azmlint.rule import Facet as Facet
    from azmlint.rule import Rule as Rule

_HOMES = {
    "azmlint.data.sizes": ("Series", "series_of"),
    "azmlint.expressions.term": ("Object", "Term"),
    "azmlint.expressions.truth": ("FALSE", "TRUE", "Reason", "Truth", "Undecided"),
    "azmlint.finding": ("Applicability", "Finding", "Fix", "Severity", "Step"),
    "azmlint.model.estate": ("Estate",),
    "azmlint.model.ids": ("ResourceId",),
    "azmlint.model.kinds": ("Items",),
    "azmlint.model.resource": ("Resource",),
    "azmlint.model.resources": (
        "ApplicationInsights",
        "Compute",
        "ComputeCluster",
        "ComputeInstance",
        "ContainerRegistry",
        "KeyVault",
        "KubernetesCompute",
        "Lock",
        "ManagedIdentity",
        "NetworkSecurityGroup",
        "Patch",
        "PrivateEndpoint",
        "ResourceGroup",
        "RouteTable",
        "StorageAccount",
        "Subnet",
        "ToolUse",
        "VirtualNetwork",
        "Workspace",
    ),
    "azmlint.model.value": ("Change", "Value"),
    "azmlint.rule": ("Facet", "Rule"),
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
