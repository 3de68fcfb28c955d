"""How long a deployed compute has been in its state, and what it says of itself."""

from __future__ import annotations

import datetime as dt

from azmlint import Compute, ComputeCluster, Estate, Items, Object, Term, Value, Workspace

_TOLD = 3
_LONGEST = 300


def resizing_for(cluster: ComputeCluster, estate: Estate) -> dt.timedelta | None:
    """Say for how long a cluster has been resizing, None when it is not."""
    return _for(cluster, estate, "resizing")


def steady_for(cluster: ComputeCluster, estate: Estate) -> dt.timedelta | None:
    """Say for how long a cluster has been steady, None when it is not."""
    return _for(cluster, estate, "steady")


def _for(cluster: ComputeCluster, estate: Estate, state: str) -> dt.timedelta | None:
    if not cluster.allocation_state.matches(state):
        return None
    return estate.now - cluster.allocation_since.require()


def lasted(age: dt.timedelta) -> str:
    """Write a duration as a reader would say it."""
    minutes = int(age.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def told(errors: Value[Items]) -> str:
    """Write the codes and messages of a list of errors; empty when there are none."""
    items = errors.known
    found = [_error(term) for term in items.members] if items is not None else []
    shown = list(dict.fromkeys(text for text in found if text))
    more = f" (and {len(shown) - _TOLD} more)" if len(shown) > _TOLD else ""
    return "; ".join(shown[:_TOLD]) + more


def _error(term: Term) -> str:
    inner = term.data.lookup("error") if isinstance(term.data, Object) else None
    data = inner.data if inner is not None else term.data
    if not isinstance(data, Object):
        return ""
    code, message = data.lookup("code"), data.lookup("message")
    words = [str(t.data) for t in (code, message) if t is not None and t.data]
    return " ".join(": ".join(words).split())[:_LONGEST].rstrip(".")


_OWNER_TAGS = (
    "owner",
    "owners",
    "owned-by",
    "ownedby",
    "created-by",
    "createdby",
    "contact",
    "team",
)
_REMOVED = "(removed)"
"""What stands in a snapshot for an e-mail address."""


def owned_by(compute: Compute, estate: Estate) -> str:
    """Say whose a compute is, by a tag of it or of its workspace; empty when no tag says it."""
    holders: list[Compute | Workspace] = [compute]
    workspace = estate.look_up(Workspace, compute.id.parent)
    if workspace is not None:
        holders.append(workspace)
    for holder in holders:
        tags = holder.tags.known or Object()
        for name in tags:
            owner = tags[name].data
            if name.casefold() in _OWNER_TAGS and isinstance(owner, str) and owner != _REMOVED:
                return f"; the tag '{name}' of {holder.label} names {owner}"
    return ""


def ask_why(compute: Compute) -> str:
    """Say which command looks for the cause."""
    workspace = compute.id.parent.name or "<workspace>"
    return f"the cause has to go first: `azmlint diagnose {workspace}/{compute.name}` looks for it"
