"""What the management clients of Azure's Python packages are asked to create."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Object, Term
from azmlint.model.resources import COMPUTE_KINDS, Compute, Job, Lock, Workspace
from azmlint.sources import python_times as times
from azmlint.sources.python_body import PythonBody
from azmlint.sources.python_values import Bound, Made, Mapped

if TYPE_CHECKING:
    from azmlint.model.resource import Resource
    from azmlint.model.value import Route
    from azmlint.sources.python_course import Arguments
    from azmlint.sources.python_values import Thing

MGMT: Final = "azure-mgmt"
"""What messages call the tool."""

EXPORTS: Final = (
    "AmlCompute", "AmlComputeProperties", "CommandJob", "ComputeInstance",
    "ComputeInstanceProperties", "ComputeInstanceSshSettings", "ComputeResource",
    "EncryptionProperty", "Identity", "JobBase", "ManagedNetworkSettings",
    "ManagedServiceIdentity", "ManagementLockObject",
    "ResourceId", "ScaleSettings", "Sku", "SystemService", "UriFolderJobInput",
    "UserAccountCredentials", "UserAssignedIdentity", "UserIdentity", "Workspace",
)  # fmt: skip
"""Of the models of what is judged."""

_KINDS: Final = frozenset({"computeType", "identityType"})
_COMPUTES: Final = frozenset({"compute", "computes", "machine_learning_compute"})
_CREATE: Final = frozenset({"begin_create_or_update", "create_or_update"})
_LOCKS: Final[dict[str, tuple[str, ...]]] = {
    "create_or_update_at_subscription_level": ("lock_name", "parameters"),
    "create_or_update_at_resource_group_level": (
        "resource_group_name",
        "lock_name",
        "parameters",
    ),
    "create_or_update_by_scope": ("scope", "lock_name", "parameters"),
    "create_or_update_at_resource_level": (
        "resource_group_name",
        "resource_provider_namespace",
        "parent_resource_path",
        "resource_type",
        "resource_name",
        "lock_name",
        "parameters",
    ),
}


def operation(callee: Bound) -> tuple[type[Resource], tuple[str, ...]] | None:
    """Say what a method creates, and its parameters; None for one that creates nothing."""
    of, name = callee.of, callee.name
    if not isinstance(of, Bound):
        return None
    if of.name == "management_locks" and name in _LOCKS:
        return Lock, _LOCKS[name]
    if name not in _CREATE:
        return None
    if of.name in _COMPUTES:
        names = ("resource_group_name", "workspace_name", "compute_name", "parameters")
        return Compute, names
    if of.name == "jobs":
        return Job, ("resource_group_name", "workspace_name", "id", "body")
    if of.name == "workspaces":
        return Workspace, ("resource_group_name", "workspace_name", "parameters")
    return None


def bound(given: Arguments, names: tuple[str, ...]) -> dict[str, Thing] | None:
    """Give the arguments of an operation; None unless it gets the body of a resource."""
    found = {name: argument.thing for name, argument in given.bind(names).items()}
    body = found.pop("body", None)
    if body is not None:
        found["parameters"] = body
    parameters = found.get("parameters")
    is_body = isinstance(parameters, Mapped) or (
        isinstance(parameters, Made) and parameters.kind.startswith("mgmt.")
    )
    return found if is_body and len(found) > 1 else None


def kind_of(kind: type[Resource], body: ManagedBody) -> type[Resource] | None:
    """Give the kind of compute that a body states; None for one that is not judged."""
    if kind is not Compute:
        return kind
    term = body.at(("properties", "computeType"))
    if isinstance(term.data, str):
        return COMPUTE_KINDS.get(term.data.lower())
    return Compute if term.is_unknown else None


def client_of(callee: Bound) -> Thing | None:
    """Give the subscription of the client of an operation; None when it is not known."""
    of: Thing = callee.of
    while isinstance(of, Bound):
        of = of.of
    return of.attributes.get("subscription_id") if isinstance(of, Made) else None


class ManagedBody(PythonBody):
    """The body of a resource, as a dictionary or as models of the package have it."""

    __slots__ = ()

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`; members of a model have their names in the interface."""
        term = super().at(route)
        thing = self._find(route)[0]
        if isinstance(thing, Made) and thing.kind == times.KIND and term.is_known:
            # The interface has spans of time as ISO 8601 spells them.
            return Term(f"PT{term.data}S", term.trace, decisions=term.decisions)
        if not isinstance(term.data, Object) or not isinstance(thing, Made):
            return term
        members = Object((_in_interface(name), inside) for name, inside in term.data.items())
        return Term(members, term.trace, decisions=term.decisions)

    def member(self, thing: Thing, name: str) -> Thing | None:
        """Find a member, whose name in the models is spelled in snake case."""
        if isinstance(thing, Made):
            # The class says what the interface has a property for.
            if name in _KINDS:
                return Term(thing.kind.rpartition(".")[2], thing.trace)
            found = super().member(thing, spelled(name))
        else:
            found = super().member(thing, name)
        # Some models have the members of `properties` among their own.
        if found is None and name == "properties" and thing is self.made:
            return thing
        return found

    def name_of(self, name: str) -> str:
        """Spell the name of an argument."""
        return spelled(name)


def spelled(name: str) -> str:
    """Spell a name of the interface as the package does."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _in_interface(name: str) -> str:
    """Spell a name of the package as the interface does."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
