"""Whether the identity that something acts with may do what that takes."""

from __future__ import annotations

from typing import NamedTuple, TypedDict

from azmlint import (
    FALSE,
    TRUE,
    Applicability,
    Compute,
    DenyAssignment,
    Estate,
    Facet,
    Fix,
    Identity,
    Principal,
    Reason,
    Resource,
    ResourceId,
    RoleAssignment,
    Truth,
    Undecided,
    Workspace,
    default_identity,
    is_for_group,
)
from azmlint_rules.recipes import grant

ASSIGNED = frozenset({Facet.ROLE_ASSIGNMENTS})
"""The facet without which nobody knows who may do what."""

DEFINED = frozenset(
    {Facet.ROLE_DEFINITIONS, Facet.DENY_ASSIGNMENTS, Facet.PRINCIPAL_ROLES, Facet.IDENTITIES}
)
"""What else tells it."""


class Need(NamedTuple):
    """Something that an identity has to be allowed."""

    action: str
    scope: ResourceId
    role: str
    """The built-in role that is meant for it."""

    is_data: bool = False


class Lack(NamedTuple):
    """What the identity that something acts with is not allowed."""

    identity: Identity
    why: str
    """Why it acts with this one, to follow "because"."""

    needs: tuple[Need, ...]
    denials: tuple[DenyAssignment, ...]
    """What denies some of it."""

    @property
    def as_whom(self) -> str:
        """Name the identity with the reason for it, as messages do."""
        assigned = self.identity.assigned
        name = f" '{assigned.shown_name}'" if assigned is not None else ""
        return f"its default identity{name} ({self.why})"


class Remedy(TypedDict, total=False):
    """What a finding says of its cure, and what it relates."""

    fixes: tuple[Fix, ...]
    why_no_fix: str
    related: list[tuple[Resource, str]]


def lacking(owner: Compute | Workspace, needs: tuple[Need, ...], estate: Estate) -> Lack | None:
    """Say what the default identity of something lacks; None where it lacks nothing or is none.

    Raises Undecided where that is not known, or where only some of those lack something that the
    default may be.
    """
    default = default_identity(owner, estate)
    lacks: list[Lack] = []
    fine: list[Identity] = []
    reasons: list[Reason] = []
    for identity in default.candidates:
        permits = [
            (n, estate.access.may(identity.principal, n.action, n.scope, is_data=n.is_data))
            for n in needs
        ]
        missing = [(n, p.by) for n, p in permits if p.allowed.known is False]
        if missing:
            needs_ = tuple(n for n, _ in missing)
            denials = dict.fromkeys(by for _, by in missing if isinstance(by, DenyAssignment))
            lacks.append(Lack(identity, default.why, needs_, tuple(denials)))
            continue
        open_ = [r for _, p in permits for r in p.allowed.reasons]
        if open_:
            reasons += open_
        else:
            fine.append(identity)
    if len(lacks) == len(default.candidates):
        return lacks[0] if lacks else None
    if reasons:
        raise Undecided(tuple(dict.fromkeys(reasons)))
    if not lacks:
        return None
    text = f"{lacks[0].identity.label} lacks it and {fine[0].label} does not, and which is the default is not known"
    raise Undecided((Reason("missing", text),))


def remedy(lack: Lack, kind: str) -> Remedy:
    """Give the commands that grant what is lacking, or say why none does."""
    if lack.denials:
        names = " and ".join(d.label for d in lack.denials)
        return {
            "why_no_fix": f"no role helps while {names} denies it",
            "related": [(d, "denies it") for d in lack.denials],
        }
    parts = lack.identity.principal.parts
    known = "".join(p for p in parts if isinstance(p, str)) if len(parts) == 1 else ""
    principal = known or "<principal-id>"
    steps = dict.fromkeys(grant(n.role, n.scope, kind, principal) for n in lack.needs)
    roles = " and ".join(dict.fromkeys(n.role for n in lack.needs))
    return {"fixes": (Fix(f"grant {roles}", Applicability.DISPLAY, (), tuple(steps)),)}


CREATE = "Microsoft.MachineLearningServices/workspaces/computes/write"


class Barred(NamedTuple):
    """Who may create a compute and not what that takes besides."""

    deployer: str
    """The one who was asked about; empty for all that may create it."""

    by: tuple[RoleAssignment, ...]
    """What lets them create it."""

    @property
    def principal(self) -> str:
        """The object id of the first."""
        return self.deployer or self.by[0].principal.known or "<principal-id>"

    def says(self, compute: str, what: str) -> str:
        """Say who may not do something."""
        if self.deployer:
            return f"the deployer '{self.deployer}' of {compute} may not {what}"
        if len(self.by) == 1:
            return f"the only principal that may create {compute} may not {what}"
        return f"none of the {len(self.by)} principals that may create {compute} may {what}"


def barred(
    workspace: ResourceId, needs: tuple[Need, ...], deployer: str, estate: Estate
) -> Barred | None:
    """Say of whom nobody may do what creating a compute takes besides; None where somebody may.

    Asked are all that may create computes of a workspace, apart from the identities of workspaces
    and computes; with a `deployer` that one alone. Raises Undecided where that is not known.
    """
    if deployer:
        who = Principal((deployer,), f"the deployer '{deployer}'")
        return None if _all(who, needs, estate) else Barred(deployer, ())
    holders = estate.access.holders(CREATE, workspace)
    creators = [a for a in holders.certain if estate.access.actor(a.principal.known or "") is None]
    verdict = FALSE
    for assignment in creators:
        verdict |= _may_deploy(assignment, needs, estate)
        if verdict.known:
            return None
    if not creators and not holders.reasons:
        return None
    verdict |= Truth(None, holders.reasons) if holders.reasons else FALSE
    return None if verdict else Barred("", tuple(creators))


def _all(who: Principal, needs: tuple[Need, ...], estate: Estate) -> Truth:
    verdict = TRUE
    for need in needs:
        verdict &= estate.access.may(who, need.action, need.scope, is_data=need.is_data).allowed
    return verdict


def _may_deploy(assignment: RoleAssignment, needs: tuple[Need, ...], estate: Estate) -> Truth:
    """Whether whom a role is assigned to may do it all; of a group, whether one in it may."""
    who = Principal((assignment.principal.known or "",), f"the principal of {assignment.label}")
    verdict = _all(who, needs, estate)
    if verdict.known is not False or not is_for_group(assignment):
        return verdict
    others = [estate.access.holders(n.action, n.scope) for n in needs]
    if all(o.certain or o.reasons for o in others):
        text = f"who is in the group of {assignment.label} is not known"
        return Truth(None, (Reason("missing", text),))
    return verdict
