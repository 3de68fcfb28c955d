"""Who may do what, worked out without the engine: every assignment is looked at, in every world.

A world says of each group whether the principal is in it, and of each condition whether it holds.
"""

from __future__ import annotations

import re
from itertools import product

EVERYBODY = "00000000-0000-0000-0000-000000000000"


def is_held(permission, action, *, is_data):
    """Whether actions without the left-out ones hold an action."""
    prefix = "dataA" if is_data else "a"
    kept = permission.get(f"{prefix}ctions", [])
    gone = permission.get("notDataActions" if is_data else "notActions", [])
    return _any(kept, action) and not _any(gone, action)


def _any(patterns, action):
    return any(
        re.fullmatch(".*".join(map(re.escape, variant.split("*"))), action.lower())
        for p in patterns
        for variant in _variants(p.lower())
    )


def _variants(pattern):
    """Give a pattern, and what it is where asterisks between slashes stand for nothing."""
    found = {pattern}
    for match in re.finditer(r"/(?=\*/)", pattern):
        found |= _variants(pattern[: match.start()] + pattern[match.start() + 2 :])
    return found


def is_in(scope, place):
    """Whether a place is a scope, or below it."""
    scope, place = scope.lower().rstrip("/"), place.lower()
    return place == scope or place.startswith(f"{scope}/")


def answers(roles, assignments, denials, principal, action, place, *, is_data):
    """Give the answers of all worlds."""
    groups = {a["principal"] for a in assignments if a["kind"] == "Group"}
    groups |= {g for d in denials for g in (*d["groups"], *d["excluded_groups"])}
    conditions = {x["condition"] for x in (*assignments, *denials) if x["condition"]}
    unknown = sorted(groups | conditions)
    found = set()
    for values in product((False, True), repeat=len(unknown)):
        world = dict(zip(unknown, values, strict=True))
        granted = any(
            is_in(a["scope"], place)
            and (a["principal"] == principal or world.get(a["principal"], False))
            and any(is_held(p, action, is_data=is_data) for p in roles[a["role"]])
            and (not a["condition"] or world[a["condition"]])
            for a in assignments
        )
        denied = any(
            (d["scope"] == place if d["skips"] else is_in(d["scope"], place))
            and is_held(d["permission"], action, is_data=is_data)
            and (not d["condition"] or world[d["condition"]])
            and _means(world, principal, d["principals"], d["groups"])
            and not _means(world, principal, d["excluded"], d["excluded_groups"])
            for d in denials
        )
        found.add(granted and not denied)
    return found


def _means(world, principal, names, groups):
    return principal in names or EVERYBODY in names or any(world[g] for g in groups)
