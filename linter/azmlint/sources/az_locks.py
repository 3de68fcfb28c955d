"""Commands about locks and roles, which stand on a resource, a group or a subscription."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import Term
from azmlint.model.ids import ResourceId
from azmlint.model.resources import Lock, RoleAssignment
from azmlint.sources.az_making import Made, address
from azmlint.sources.az_networks import Networks
from azmlint.sources.az_scope import GROUP
from azmlint.sources.az_values import text_term
from azmlint.sources.command_body import CommandBody, Invocation
from azmlint.sources.shell_values import Variable

if TYPE_CHECKING:
    from azmlint.expressions.term import Part

_LOCKS: Final = "/providers/Microsoft.Authorization/locks/"
_ROLES: Final = "/providers/Microsoft.Authorization/roleAssignments/"
_ROLE_NAME: Final = ("properties", "roleName")
_ROLE_ID: Final = re.compile(r"^/|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


class Locks(Networks):
    """Does what commands about locks and roles do."""

    def create_lock(self, found: Invocation) -> Variable | None:
        """Make a lock: on a resource, a group, or the subscription."""
        locked = self._locked(found)
        name, parts = self._name(found)
        settings = self._settings(found)
        body = CommandBody(found, settings)
        lock = Lock(
            body,
            name=name.shown() or "(no name)",
            resource_id=ResourceId((*locked.parts, _LOCKS, *parts)),
            grip=self._grip(found, name),
            address=address(found.call),
            scope=locked,
        )
        self._forget(found, lock.id)
        self._keep(Made(lock, body, found.call.path))
        query = found.value("--query")
        if query is not None and query.text == "id":
            term = text_term(lock.id.parts)
            return Variable(lambda: term)
        return None

    def show_lock(self, found: Invocation) -> Variable | None:
        """Print the id of a lock."""
        query = found.value("--query")
        if query is None or query.text != "id":
            return None
        _, parts = self._name(found)
        term = text_term((*self._locked(found).parts, _LOCKS, *parts))
        return Variable(lambda: term)

    def update_lock(self, found: Invocation) -> Variable | None:
        """Change a lock that this file makes."""
        for wanted in self._lock_ids(found):
            target = self._target(found, wanted)
            if target is not None:
                settings = self._settings(found)
                settings.pop(("name",), None)
                target.body.settings.update(settings)
                target.resource.values.clear()
        return None

    def delete_lock(self, found: Invocation) -> Variable | None:
        """Take away a lock that this file makes."""
        for wanted in self._lock_ids(found):
            self._forget(found, wanted)
        return None

    def create_role(self, found: Invocation) -> Variable | None:
        """Assign a role on a scope, a group, or the subscription."""
        given = found.value("--scope")
        parts = given.value().text_parts if given is not None else ()
        if not parts and found.value(*GROUP) is not None:
            parts = self._scope(found)
        scope = ResourceId(parts or ("/subscriptions/", *self._subscription(found)))
        name, own = self._name(found)
        settings = self._settings(found)
        role = found.value("--role")
        if role is not None and role.text is not None and not _ROLE_ID.search(role.text):
            settings[_ROLE_NAME] = settings.pop(("properties", "roleDefinitionId"))
        body = CommandBody(found, settings)
        assignment = RoleAssignment(
            body,
            name=name.shown() or "(no name)",
            resource_id=ResourceId((*scope.parts, _ROLES, *own)),
            grip=self._grip(found, name),
            address=address(found.call),
            scope=scope,
        )
        self._keep(Made(assignment, body, found.call.path))
        return None

    def _lock_ids(self, found: Invocation) -> list[ResourceId]:
        given = found.find("--ids", "-LockId")
        if given is not None:
            return [ResourceId(v.value().text_parts) for v in given.values]
        _, parts = self._name(found)
        return [ResourceId((*self._locked(found).parts, _LOCKS, *parts))]

    def _locked(self, found: Invocation) -> ResourceId:
        scope = found.value("-Scope")
        if scope is not None and scope.value().text_parts:
            return ResourceId(scope.value().text_parts)
        resource = found.value("--resource", "-ResourceName")
        subscription: tuple[Part, ...] = ("/subscriptions/", *self._subscription(found))
        has_group = found.value(*GROUP) is not None or (
            not found.is_powershell and self._setting(found, "group") is not None
        )
        if found.command.arm_type == "subscription":
            return ResourceId(subscription)
        if resource is None:
            if has_group or found.words.startswith("group "):
                return ResourceId(self._scope(found))
            return ResourceId(subscription)
        term = resource.value()
        first = term.text_parts[0] if term.text_parts else ""
        if isinstance(first, str) and first.startswith("/"):
            return ResourceId(term.text_parts)
        if not isinstance(first, str) and found.value("--resource-type", "-ResourceType") is None:
            # Without a type it is the id of something.
            return ResourceId(term.text_parts)
        return ResourceId((*self._scope(found), *self._resource_path(found, term)))

    def _resource_path(self, found: Invocation, name: Term) -> tuple[Part, ...]:
        type_ = found.value("--resource-type", "-ResourceType")
        text = (type_.text if type_ is not None else None) or "?/?"
        namespace = found.value("--namespace")
        if namespace is not None and namespace.text:
            text = f"{namespace.text}/{text.removeprefix(namespace.text + '/')}"
        provider, *types = text.strip("/").split("/")
        parent = found.value("--parent")
        parts: tuple[Part, ...] = (f"/providers/{provider}",)
        if parent is not None:
            parts = (*parts, "/", *(parent.value().text_parts or ("?",)))
        names = ResourceId(name.text_parts).segments
        if len(types) == len(names):
            for word, segment in zip(types, names, strict=True):
                parts = (*parts, f"/{word}/", *segment)
            return parts
        return (*parts, f"/{types[-1] if types else '?'}/", *name.text_parts)
