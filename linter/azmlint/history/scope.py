"""Parts of an estate by which one says what an audit has looked at."""

from __future__ import annotations

from typing import Final

EVERYWHERE: Final = "/"
"""What no subscription holds, as policies of management groups, and what cannot be told."""

_WORKSPACE: Final = 8
"""Pieces of a workspace's id: subscriptions, id, resourcegroups, name, providers, ..."""

_GROUP: Final = 4
_SUBSCRIPTION: Final = 2
_KIND: Final = ["providers", "microsoft.machinelearningservices", "workspaces"]


def scope_of(resource_id: str) -> str:
    """Give the workspace, else the group, else the subscription that something is in."""
    parts = resource_id.casefold().strip("/").split("/")
    if parts[0] != "subscriptions" or len(parts) < _SUBSCRIPTION:
        return EVERYWHERE
    length = _SUBSCRIPTION
    if len(parts) >= _GROUP and parts[2] == "resourcegroups":
        length = _GROUP
        if len(parts) >= _WORKSPACE and parts[_GROUP : _WORKSPACE - 1] == _KIND:
            length = _WORKSPACE
    return "/" + "/".join(parts[:length])


def subscription_of(scope: str) -> str:
    """Give the subscription that a scope is in; of what is in none, everywhere."""
    return "/".join(scope.split("/")[: _SUBSCRIPTION + 1]) or EVERYWHERE


def is_workspace(scope: str) -> bool:
    """Whether a scope is a workspace."""
    return scope.count("/") == _WORKSPACE


def holds(outer: str, inner: str) -> bool:
    """Whether a scope is another one or holds it."""
    return outer in {EVERYWHERE, inner} or inner.startswith(f"{outer}/")


def touches(one: str, other: str) -> bool:
    """Whether two scopes have anything in common."""
    return holds(one, other) or holds(other, one)
