"""The least-privilege role for a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azmlint.azure.calls import DIAGNOSE, calls_for

if TYPE_CHECKING:
    from collections.abc import Iterable


def custom_role(
    facets: Iterable[str], subscriptions: Iterable[str] = (), *, with_diagnose: bool = False
) -> dict[str, Any]:
    """Describe the role that reads some facets and nothing else.

    It is what `az role definition create` takes; without subscriptions its scope is left to fill
    in.
    """
    actions = {call.permission for call in calls_for(facets)}
    if with_diagnose:
        actions.add(DIAGNOSE.permission)
    scopes = [f"/subscriptions/{subscription}" for subscription in subscriptions]
    return {
        "Name": "azmlint reader",
        "IsCustom": True,
        "Description": "Reads what the selected rules of azmlint judge; changes nothing.",
        "Actions": sorted(actions, key=str.casefold),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": scopes or ["/subscriptions/<subscription id>"],
    }
