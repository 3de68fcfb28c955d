"""The commands that cure what is deployed already, with the real names filled in."""

from __future__ import annotations

from azmlint import Compute, Items, Object, ResourceId, Step, Value, Workspace

_WRITE_COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes/write"
_DELETE_COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes/delete"
_WRITE_WORKSPACE = "Microsoft.MachineLearningServices/workspaces/write"
_WRITE_LOCK = "Microsoft.Authorization/locks/write"
_DELETE_LOCK = "Microsoft.Authorization/locks/delete"


def _named(value: str | None, blank: str) -> str:
    return value if value and "{" not in value else f"<{blank}>"


def group_name(resource_id: ResourceId) -> str:
    """Name a resource's group, or leave a blank to fill in."""
    group = resource_id.group
    return _named(group.name if group is not None else None, "resource-group")


def _at(compute: Compute) -> tuple[str, ...]:
    return (
        "--name",
        _named(compute.name, "compute"),
        "--resource-group",
        group_name(compute.id),
        "--workspace-name",
        _named(compute.id.parent.name, "workspace"),
    )


def update_compute(
    compute: Compute, *options: str, undo: tuple[str, ...] | None = None
) -> tuple[Step, ...]:
    """Change a deployed compute in place; `undo` holds the options with the old values."""
    command = ("az", "ml", "compute", "update", *_at(compute))
    back = (*command, *undo) if undo is not None else None
    return (Step((*command, *options), _WRITE_COMPUTE, back),)


def recreate_compute(compute: Compute) -> tuple[Step, ...]:
    """Delete a compute and create it again: a system-assigned identity becomes another one."""
    at = _at(compute)
    return (
        Step(("az", "ml", "compute", "delete", *at, "--yes"), _DELETE_COMPUTE),
        Step(("az", "ml", "compute", "create", "--file", "<file.yml>", *at[2:]), _WRITE_COMPUTE),
    )


def update_workspace(
    workspace: Workspace, *options: str, undo: tuple[str, ...] | None = None
) -> tuple[Step, ...]:
    """Change a deployed workspace in place."""
    command = (
        "az",
        "ml",
        "workspace",
        "update",
        "--name",
        _named(workspace.name, "workspace"),
        "--resource-group",
        group_name(workspace.id),
    )
    back = (*command, *undo) if undo is not None else None
    return (Step((*command, *options), _WRITE_WORKSPACE, back),)


def move_lock(lock_id: str, items: tuple[str, ...]) -> tuple[Step, ...]:
    """Take a lock off a scope and put one on each item that has to be kept."""
    return (*delete_lock(lock_id), *(step for item in items for step in lock_item(item)))


def lock_item(item: str) -> tuple[Step, ...]:
    """Lock one resource against deletion."""
    name = f"keep-{item.rpartition('/')[2]}"
    create = ("az", "lock", "create", "--name", name, "--lock-type", "CanNotDelete")
    undo = ("az", "lock", "delete", "--name", name, "--resource", item)
    return (Step((*create, "--resource", item), _WRITE_LOCK, undo),)


def delete_lock(lock_id: str) -> tuple[Step, ...]:
    """Take a lock away."""
    return (Step(("az", "lock", "delete", "--ids", lock_id), _DELETE_LOCK),)


def identity_list(ids: Value[Items]) -> str:
    """Write identities as the command line wants them; a blank to fill in where one is unknown."""
    if ids.known is None:
        return "<identity-ids>"
    found = []
    for term in ids.known.names or ids.known.members:
        inner = term.data.lookup("resource_id") if isinstance(term.data, Object) else term
        name = inner.data if inner is not None and isinstance(inner.data, str) else None
        found.append(_named(name, "identity-id"))
    return ",".join(found) or "<identity-ids>"
