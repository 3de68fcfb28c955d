"""The ids that resources of Terraform get, as far as their arguments tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.term import Symbol
from azmlint.model.ids import ResourceId
from azmlint.sources.terraform_types import AZAPI_CREATES, AZAPI_UPDATES, AZURERM, Declared

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from azmlint.expressions.term import Part

    Argument = Callable[[str], tuple[Part, ...] | None]


def made_id(
    type_: str, argument: Argument, subscription: Part, identity: Hashable
) -> ResourceId | None:
    """Make the id of a resource from its arguments; None for a type of which ids are not known.

    `identity` tells what has no name here from others that have none.
    """
    declared = AZURERM.get(type_)
    named = declared.name if declared is not None else "name"
    name = argument(named) or (Symbol(("name of", identity), "name"),)
    if type_ in {AZAPI_CREATES, AZAPI_UPDATES}:
        return _azapi_id(argument, name, subscription, identity)
    if declared is None:
        return None
    if declared.within:
        parent = argument(declared.within)
        if parent is None:
            return None
        if type_ == "azurerm_ai_foundry_project":
            return _beside(ResourceId(parent), name)
        return ResourceId((*parent, f"/{declared.arm_type}/", *name))
    scope: tuple[Part, ...] = ("/subscriptions/", subscription, "/resourceGroups/")
    if type_ == "azurerm_resource_group":
        return ResourceId((*scope, *name))
    group = argument("resource_group_name") or (Symbol(("group of", identity), "the group"),)
    return ResourceId((*scope, *group, *_provided(declared, argument, name, identity)))


def _provided(
    declared: Declared, argument: Argument, name: tuple[Part, ...], identity: Hashable
) -> tuple[Part, ...]:
    namespace, *words = declared.arm_type.split("/")
    names = [argument(p) or (Symbol(("parent of", identity), p),) for p in declared.parents]
    parts: list[Part] = [f"/providers/{namespace}"]
    for word, segment in zip(words, (*names, name), strict=True):
        parts += [f"/{word}/", *segment]
    return tuple(parts)


def _azapi_id(
    argument: Argument, name: tuple[Part, ...], subscription: Part, identity: Hashable
) -> ResourceId | None:
    given = argument("resource_id")
    if given is not None:
        return ResourceId(given)
    type_ = argument("type") or ("",)
    full = str(type_[0]).partition("@")[0] if isinstance(type_[0], str) else ""
    if "/" not in full:
        return None
    parent = argument("parent_id")
    if full.lower() == "microsoft.resources/resourcegroups":
        above = parent or ("/subscriptions/", subscription)
        return ResourceId((*above, "/resourceGroups/", *name))
    parent = parent or (Symbol(("scope of", identity), "the parent"),)
    namespace, *words = full.split("/")
    if len(words) > 1:
        return ResourceId((*parent, f"/{words[-1]}/", *name))
    return ResourceId((*parent, f"/providers/{namespace}/{words[0]}/", *name))


def _beside(other: ResourceId, name: tuple[Part, ...]) -> ResourceId:
    """Make the id of something of the same type in the same group."""
    if not other.is_rooted:
        return ResourceId((Symbol(("beside", other.key), "the group"), "/", *name))
    parts: list[Part] = []
    for segment in other.segments[:-1]:
        parts += ["/", *segment]
    return ResourceId((*parts, "/", *name))
