"""Which identity a compute or workspace acts with, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import ABSENT_TERM, Object, Term
from azmlint.expressions.truth import Reason, Undecided
from azmlint.model.access.access import Principal
from azmlint.model.ids import ResourceId
from azmlint.model.resources import ManagedIdentity, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.model.estate import Estate
    from azmlint.model.resources import Compute

SYSTEM: Final = "systemassigned"
USER: Final = "userassigned"


class Identity(NamedTuple):
    """One identity of a compute or workspace."""

    owner: Compute | Workspace
    assigned: ResourceId | None
    """The id of a user-assigned one, None for the system-assigned one."""

    stated: Term
    """Its object id, as far as any input says it."""

    @property
    def label(self) -> str:
        """What messages call it."""
        if self.assigned is None:
            return f"the system-assigned identity of {self.owner.label}"
        return f"the user-assigned identity '{self.assigned.shown_name}'"

    @property
    def principal(self) -> Principal:
        """Whom roles are assigned to; raises Undecided where no input says it."""
        if self.stated.text_parts:
            return Principal(self.stated.text_parts, self.label)
        if self.assigned is None:
            text = f"{self.label} gets its principal when it is created"
        else:
            text = f"no input says which principal {self.label} is"
        raise Undecided((Reason("missing", text),), self.stated.decisions)


class DefaultIdentity(NamedTuple):
    """With which identity the system mounts data and pulls images, and why with that one."""

    candidates: tuple[Identity, ...]
    """Each that it may be: one, where that is certain; none, where there is no identity."""

    why: str
    """To follow "because"; empty where there is none."""


def default_identity(owner: Compute | Workspace, estate: Estate) -> DefaultIdentity:
    """Say which identity is the default of a compute or workspace.

    The system-assigned one is, else the first user-assigned one; of several user-assigned ones
    none is certainly the first, because the service keeps them in a map without order. That of a
    workspace is the one that it names as its primary. Raises Undecided where the type or the ids
    are known at deployment only.

    Source: Azure Machine Learning, Create compute clusters, and Set up service authentication (10
    June 2025), which do not say what holds for both kinds at once.
    """
    found = tuple(identities(owner, estate))
    if isinstance(owner, Workspace) and owner.primary_identity.given:
        primary = ResourceId.of(owner.primary_identity.term)
        if primary.segments:
            named = _user_assigned(owner, primary, estate)
            return DefaultIdentity((named,), "it is the primary identity of the workspace")
    if not found:
        return DefaultIdentity((), "")
    system = [i for i in found if i.assigned is None]
    if len(found) == 1:
        why = "it is the system-assigned one" if system else "it is the only user-assigned one"
    elif system:
        why = "a system-assigned and user-assigned ones are mixed, for which no order is documented"
    else:
        why = (
            f"the first of {len(found)} user-assigned ones is, and the order of them is not "
            "guaranteed"
        )
    return DefaultIdentity(found, why)


def identities(owner: Compute | Workspace, estate: Estate) -> Iterator[Identity]:
    """Yield each identity of a compute or workspace, the system-assigned one first."""
    if owner.identity.is_absent and owner.identity_ids.is_absent:
        return
    kinds = owner.identity.require() if owner.identity.given else frozenset({USER})
    deployed = _deployed(owner, estate)
    if SYSTEM in kinds:
        stated = deployed.system_principal.term if deployed is not None else ABSENT_TERM
        yield Identity(owner, None, stated)
    if owner.identity_ids.given:
        items = owner.identity_ids.require()
        if not items.is_complete:
            text = f"not every identity of {owner.label} is known"
            raise Undecided((Reason("open", text),), owner.identity_ids.term.decisions)
        for member in items.names or items.members:
            yield _user_assigned(owner, ResourceId.of(_id(member)), estate)


def _deployed(owner: Compute | Workspace, estate: Estate) -> Compute | Workspace | None:
    return owner if owner.is_deployed else estate.deployed(owner)


def _id(term: Term) -> Term:
    """Give the id, which a list holds by itself or under the name `resource_id`."""
    if isinstance(term.data, Object):
        return term.data.lookup("resource_id") or ABSENT_TERM
    return term


def _user_assigned(owner: Compute | Workspace, own: ResourceId, estate: Estate) -> Identity:
    deployed = _deployed(owner, estate)
    if deployed is not None:
        found = _stated(deployed, own)
        if found is not None:
            return Identity(owner, own, found)
    identity = estate.look_up(ManagedIdentity, own)
    if identity is not None and not identity.principal.is_absent:
        return Identity(owner, own, identity.principal.term)
    seen = estate.deployed(identity) if identity is not None else None
    return Identity(owner, own, seen.principal.term if seen is not None else ABSENT_TERM)


def _stated(deployed: Compute | Workspace, own: ResourceId) -> Term | None:
    """Find the principal of an identity in what the service says of those that something has."""
    listed = deployed.identity_ids.term.data
    for name, member in listed.items() if isinstance(listed, Object) else ():
        if ResourceId((name,)).key == own.key and isinstance(member.data, Object):
            found = member.data.lookup("principalId")
            if found is not None and isinstance(found.data, str):
                return found
    return None
