"""What a module in a registry is known to declare without reading it: the lock it takes.

Azure Verified Modules of resources take `lock: { kind, name }` for the resource that they are
named after. What else they declare is not known here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import ABSENT_TERM, Term
from azmlint.model.ids import ResourceId
from azmlint.sources.bicep_body import BicepBody
from azmlint.sources.declared import resource_id

if TYPE_CHECKING:
    from azmlint.location import Edit
    from azmlint.model.value import Route
    from azmlint.sources.bicep_resource import Instance
    from azmlint.sources.bicep_template import BicepTemplate
    from azmlint.sources.deployment import Deployment

GROUP: Final = "Microsoft.Resources/resourceGroups"

_MODULE: Final = re.compile(
    r"(?:br/public|br:mcr\.microsoft\.com/bicep)[:/]avm/res/(?P<name>[\w-]+/[\w-]+):", re.IGNORECASE
)
_TYPES: Final = {
    "container-registry/registry": "Microsoft.ContainerRegistry/registries",
    "insights/component": "Microsoft.Insights/components",
    "key-vault/vault": "Microsoft.KeyVault/vaults",
    "machine-learning-services/workspace": "Microsoft.MachineLearningServices/workspaces",
    "network/network-security-group": "Microsoft.Network/networkSecurityGroups",
    "network/private-endpoint": "Microsoft.Network/privateEndpoints",
    "network/route-table": "Microsoft.Network/routeTables",
    "network/virtual-network": "Microsoft.Network/virtualNetworks",
    "resources/resource-group": GROUP,
    "storage/storage-account": "Microsoft.Storage/storageAccounts",
}
_LEVEL: Final = ("properties", "level")
_KIND: Final = ("params", "lock", "kind")


class RegistryLock(NamedTuple):
    """The lock that a use of a module asks for."""

    body: LockBody
    name: Term
    locked: ResourceId


class LockBody:
    """A lock as the arguments of a module state it."""

    __slots__ = ("whole",)

    dialect = "arm"

    def __init__(self, whole: BicepBody) -> None:
        """Read the arguments of `whole`."""
        self.whole = whole

    def at(self, route: Route) -> Term:
        """Evaluate the level, which is all that is stated."""
        return self.whole.at(_KIND) if route == _LEVEL else ABSENT_TERM

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:  # noqa: ARG002  # the level alone
        """Spell a change of the arguments."""
        return self.whole.edits(_KIND, term, new)


def type_of_module(path: str) -> str | None:
    """Say what a module of a registry makes; None where that is not known."""
    match = _MODULE.match(path)
    return _TYPES.get(match["name"].lower()) if match is not None else None


def lock_of(
    template: BicepTemplate, instance: Instance, type_: str, deployment: Deployment
) -> RegistryLock | None:
    """Give the lock that a use of a module asks for; None when it asks for none."""
    body = LockBody(BicepBody(template, instance, None))
    level = body.at(_LEVEL)
    if level.data is None or level.is_absent or str(level.data).lower() == "none":
        return None
    of = template.at(instance.body, ("params", "name"), instance.locals)
    locked = resource_id(deployment.scope(), type_, of.text_parts)
    name = template.at(instance.body, (*_KIND[:2], "name"), instance.locals)
    return RegistryLock(body, of if name.is_absent or name.data is None else name, locked)
