"""Whether a principal may do something somewhere, and which assignment decides it.

As Azure does it: a deny assignment that holds the action refuses it, whatever roles allow; else one
role assignment that holds it, at the scope or above, is enough. What was not read, what only the
deployment knows, conditions, and who is in which group leave an answer open, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.data.roles import BUILT_IN, BY_NAME, Role
from azmlint.expressions.term import Object, same_text
from azmlint.expressions.truth import FALSE, TRUE, Need, Reason, Truth, Undecided, truth, undecided
from azmlint.model.access.permission import held, permissions_of
from azmlint.model.facet import Facet
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    Compute,
    DenyAssignment,
    ManagedIdentity,
    OnlineEndpoint,
    RoleAssignment,
    RoleDefinition,
    Workspace,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.expressions.term import Part
    from azmlint.model.estate import Estate
    from azmlint.model.kinds import Items
    from azmlint.model.value import Value

_Key = tuple["Part", ...]

_EVERYBODY: Final = "00000000-0000-0000-0000-000000000000"
_GROUPS: Final = frozenset({"group", "foreigngroup"})
_ROOT: Final = ResourceId(("/",))
_READ_ASSIGNMENTS: Final = "Microsoft.Authorization/roleAssignments/read"


class Principal(NamedTuple):
    """A user, group, application or managed identity."""

    parts: tuple[Part, ...]
    """Its object id, of which pieces may be unknown."""

    label: str
    """What messages call it."""

    @property
    def key(self) -> tuple[Part, ...]:
        """Equal for equal ids."""
        return tuple(p.casefold() if isinstance(p, str) else p for p in self.parts)


class Permit(NamedTuple):
    """Whether something is allowed."""

    allowed: Truth
    by: RoleAssignment | DenyAssignment | None
    """What decides: the first role that allows it, or the first denial; None where nothing does."""


class Holders(NamedTuple):
    """Who may do an action somewhere."""

    certain: tuple[RoleAssignment, ...]
    """One assignment for each principal that has a role with the action there."""

    reasons: tuple[Reason, ...]
    """Why there may be others."""


def principal_scope(subscription: ResourceId, principal: str) -> ResourceId:
    """Name what is asked when the roles of one principal are read, those of its groups included."""
    return ResourceId((f"{subscription}/principals/{principal}".casefold(),))


class Access:
    """Answers for one estate; assignments are found by principal and scope, not looked through."""

    def __init__(self, estate: Estate) -> None:
        """Index the assignments of `estate`."""
        self._estate = estate
        self._own: dict[tuple[_Key, _Key], list[RoleAssignment]] = defaultdict(list)
        self._of_groups: dict[_Key, list[RoleAssignment]] = defaultdict(list)
        self._open: list[RoleAssignment] = []
        """Declared ones of which the scope or the principal is known at deployment only."""
        self._at: dict[_Key, list[RoleAssignment]] = defaultdict(list)
        self._denials: dict[_Key, list[DenyAssignment]] = defaultdict(list)
        self._holders: dict[tuple[str, _Key], Holders] = {}
        self._acting: dict[str, Compute | Workspace] | None = None
        self._identities: frozenset[str] | None = None
        self._definitions = {
            (d.id.name or "").casefold(): d for d in estate.of(RoleDefinition) if d.id.name
        }
        self._unnamed = {d.id.key: d for d in estate.of(RoleDefinition) if not d.id.name}
        self._named: dict[str, RoleDefinition] | None = None
        self._roles: dict[int, Role | Truth] = {}
        for assignment in estate.of(RoleAssignment):
            self._add(assignment)
        for denial in estate.of(DenyAssignment):
            for scope in _places(denial):
                self._denials[scope.key].append(denial)

    def _add(self, assignment: RoleAssignment) -> None:
        scopes = _places(assignment)
        principal = assignment.principal
        settled = principal.known is not None and not principal.term.rests_on_decisions
        if not settled or not all(s.is_ground for s in scopes) or not scopes:
            self._open.append(assignment)
            return
        key = (str(principal.known).casefold(),)
        for scope in scopes:
            self._own[key, scope.key].append(assignment)
            self._at[scope.key].append(assignment)
            if is_for_group(assignment):
                self._of_groups[scope.key].append(assignment)

    # Questions

    def may(
        self, principal: Principal, action: str, scope: ResourceId, *, is_data: bool = False
    ) -> Permit:
        """Decide whether a principal may do an action at a scope."""
        denied, denial = self._denied(principal, action, scope, is_data=is_data)
        if denied.known:
            return Permit(FALSE, denial)
        granted, assignment = self._granted(principal, action, scope, is_data=is_data)
        if granted.known is False:
            return Permit(FALSE, None)
        allowed = granted & ~denied
        return Permit(allowed, assignment if allowed.known else None)

    def roles_of(self, principal: Principal, scope: ResourceId) -> Iterator[RoleAssignment]:
        """Yield the assignments that a principal certainly has itself at a scope or above."""
        for place in _upwards(scope):
            yield from self._own.get((principal.key, place.key), ())

    def holders(self, action: str, scope: ResourceId) -> Holders:
        """List the principals of which an assignment allows an action at a scope.

        What is denied to them is not looked into: ask `may` for that.
        """
        key = (action.casefold(), scope.key)
        found = self._holders.get(key)
        if found is None:
            found = self._find_holders(action, scope)
            if not self._open:
                self._holders[key] = found
        return found

    def _find_holders(self, action: str, scope: ResourceId) -> Holders:
        certain: dict[str, RoleAssignment] = {}
        verdict = FALSE
        near = (a for place in _upwards(scope) for a in self._at.get(place.key, ()))
        reached = ((a, self._reaches(a, scope)) for a in self._open)
        for assignment, applies in (*((a, TRUE) for a in near), *reached):
            grants = applies & self._grants(assignment, action, is_data=False)
            who = (assignment.principal.known or "").casefold()
            if grants.known and who:
                certain.setdefault(who, assignment)
            elif grants.known is not False and who not in certain:
                verdict |= grants & _is_settled(assignment)
        if verdict.known is False:
            verdict = self._unless_open(Facet.ROLE_ASSIGNMENTS, scope, is_there=bool(self._own))
        return Holders(tuple(certain.values()), verdict.reasons)

    def actor(self, principal: str) -> Compute | Workspace | None:
        """Find the workspace or compute that acts as a principal, as far as that was read."""
        if self._acting is None:
            from azmlint.model.access.identity import identities  # noqa: PLC0415  # it asks for `Principal`

            self._acting = {}
            owners: list[Compute | Workspace] = [
                *self._estate.of(Workspace),
                *self._estate.of(Compute),
            ]
            for owner in owners:
                with suppress(Undecided):
                    for identity in identities(owner, self._estate):
                        if isinstance(identity.stated.data, str):
                            self._acting.setdefault(identity.stated.data.casefold(), owner)
        return self._acting.get(principal.casefold())

    def knows(self, principal: str) -> bool:
        """Whether a principal is an identity of something that was read."""
        return self.actor(principal) is not None or principal.casefold() in self._others()

    def _others(self) -> frozenset[str]:
        if self._identities is None:
            values = [i.principal.known for i in self._estate.of(ManagedIdentity)]
            values += [e.system_principal.known for e in self._estate.of(OnlineEndpoint)]
            self._identities = frozenset(v.casefold() for v in values if v is not None)
        return self._identities

    def role(self, assignment: RoleAssignment) -> Role:
        """Find the role that is assigned; raises Undecided where its definition is not known."""
        found = self._role(assignment)
        if isinstance(found, Truth):
            raise Undecided(found.reasons, found.decisions)
        return found

    def _granted(
        self, principal: Principal, action: str, scope: ResourceId, *, is_data: bool
    ) -> tuple[Truth, RoleAssignment | None]:
        verdict = FALSE
        for assignment, applies in self._candidates(principal, scope):
            grants = applies & self._grants(assignment, action, is_data=is_data)
            if grants.known:
                return TRUE, assignment
            verdict |= grants
        if verdict.known is False:
            verdict = self._unless_open(Facet.ROLE_ASSIGNMENTS, scope, is_there=bool(self._own))
        return verdict, None

    def _unless_open(self, facet: str, scope: ResourceId, *, is_there: bool) -> Truth:
        """Say no where all is known; `is_there` says that something was found by its scope."""
        if not self._estate.is_known(facet, scope):
            return Truth(None, (self._estate.coverages.gap(facet, scope),))
        if is_there and not scope.is_ground:
            return undecided("runtime", f"what is set on {scope} is known at deployment only")
        return FALSE

    def _candidates(
        self, principal: Principal, scope: ResourceId
    ) -> Iterator[tuple[RoleAssignment, Truth]]:
        """Yield what may give the principal something there, and whether it does."""
        places = list(_upwards(scope))
        for place in places:
            for assignment in self._own.get((principal.key, place.key), ()):
                yield assignment, assignment.exists()
        for assignment in self._open:
            reaches = self._reaches(assignment, scope)
            if reaches.known is not False:
                meant = _is_same(assignment, principal)
                if meant.known is False and is_for_group(assignment):
                    meant = self._is_member(principal, assignment, scope)
                yield assignment, reaches & meant & assignment.exists()
        for place in places:
            for assignment in self._of_groups.get(place.key, ()):
                if (str(assignment.principal.known).casefold(),) != principal.key:
                    yield assignment, self._is_member(principal, assignment, scope)

    @staticmethod
    def _reaches(assignment: RoleAssignment, scope: ResourceId) -> Truth:
        own = assignment.scope
        if own is None or not own.segments:
            return undecided("runtime", f"the scope of {assignment.label} is not known")
        if own.subscription is None and own.key != _ROOT.key:
            text = f"whether {scope} is in {own} is not known"
            return undecided("missing", text)
        return own.covers(scope)

    def _is_member(
        self, principal: Principal, assignment: RoleAssignment, scope: ResourceId
    ) -> Truth:
        """Whether an assignment to a group is one to the principal as well."""
        subscription = scope.subscription
        text = f"whether {principal.label} is in the group of {assignment.label} is not known"
        if subscription is None or not subscription.is_ground or len(principal.parts) != 1:
            return undecided("missing", text)
        asked = principal_scope(subscription, str(principal.parts[0]))
        if any(s.key == asked.key for s in assignment.read_in):
            return TRUE
        known = self._estate.is_known(Facet.PRINCIPAL_ROLES, asked)
        if known and self._estate.coverages.is_collected(Facet.PRINCIPAL_ROLES, asked):
            return FALSE
        need = Need(Facet.PRINCIPAL_ROLES, str(asked), _READ_ASSIGNMENTS)
        return undecided("missing", text, need)

    def _grants(self, assignment: RoleAssignment, action: str, *, is_data: bool) -> Truth:
        role = self._role(assignment)
        if isinstance(role, Truth):
            return role
        holds = held(role.permissions, action, f"the role '{role.name}'", is_data=is_data)
        condition = assignment.condition
        if holds.known is False or condition.is_absent or condition.known == "":
            return holds
        return holds & undecided(
            "function", f"the condition of {assignment.label} is not evaluated"
        )

    def _role(self, assignment: RoleAssignment) -> Role | Truth:
        found = self._roles.get(id(assignment))
        if found is None:
            try:
                found = self._find_role(assignment)
            except Undecided as open_:
                found = Truth(None, open_.reasons, open_.decisions)
            if not assignment.role.term.decisions and not assignment.role_name.term.decisions:
                self._roles[id(assignment)] = found
        return found

    def _find_role(self, assignment: RoleAssignment) -> Role | Truth:
        if assignment.role.given:
            own = ResourceId.of(assignment.role.term)
            name = (own.name or "").casefold()
            definition = self._definitions.get(name) if name else self._unnamed.get(own.key)
            if not name and definition is None:
                return Truth(None, assignment.role.reasons, assignment.role.term.decisions)
            known = BUILT_IN.get(name)
            if known is None and definition is not None and definition.title.known is not None:
                # One that is only looked up may be looked up by its name.
                known = BY_NAME.get(definition.title.known.casefold())
            label = own.name or (definition.name if definition is not None else "")
            shown = f"the role definition '{label}'"
        else:
            title = assignment.role_name.require()
            definition = self._by_name().get(title.casefold())
            known = BY_NAME.get(title.casefold())
            shown = f"the role '{title}'"
        if definition is not None and not definition.is_existing:
            name = definition.title.known or definition.name
            return Role(name, permissions_of(definition.permissions))
        if known is not None:
            return known
        return undecided("missing", f"{shown} of {assignment.label} was not read")

    def _by_name(self) -> dict[str, RoleDefinition]:
        if self._named is None:
            every = (*self._definitions.values(), *self._unnamed.values())
            # One that is only looked up says nothing of what it allows.
            self._named = {(d.title.known or "").casefold(): d for d in every if not d.is_existing}
        return self._named

    # Denials

    def _denied(
        self, principal: Principal, action: str, scope: ResourceId, *, is_data: bool
    ) -> tuple[Truth, DenyAssignment | None]:
        verdict = FALSE
        for place in _upwards(scope):
            for denial in self._denials.get(place.key, ()):
                is_below = denial.scope is None or denial.scope.key != scope.key
                if is_below and denial.skips_children.equals(other=True).known:
                    continue
                denies = _denies(denial, principal, action, is_data=is_data)
                if denies.known:
                    return TRUE, denial
                verdict |= denies
        if verdict.known is False:
            verdict = self._unless_open(Facet.DENY_ASSIGNMENTS, scope, is_there=bool(self._denials))
        return verdict, None


def _denies(denial: DenyAssignment, principal: Principal, action: str, *, is_data: bool) -> Truth:
    try:
        permissions = permissions_of(denial.permissions)
    except Undecided as open_:
        holds = Truth(None, open_.reasons, open_.decisions)
    else:
        holds = held(permissions, action, denial.label, is_data=is_data)
    if holds.known is False:
        return FALSE
    meant = _is_among(denial.principals, principal, denial)
    return holds & meant & ~_is_among(denial.excluded_principals, principal, denial)


def _is_among(listed: Value[Items], principal: Principal, denial: DenyAssignment) -> Truth:
    verdict = FALSE
    for term in listed.known.members if listed.known is not None else ():
        own = term.data.lookup("id") if isinstance(term.data, Object) else None
        kind = term.data.lookup("type") if isinstance(term.data, Object) else None
        name = str(own.data).casefold() if own is not None else ""
        if name == _EVERYBODY or (name,) == principal.key:
            return TRUE
        if kind is not None and str(kind.data).casefold() in _GROUPS:
            text = f"whether {principal.label} is in a group of {denial.label} is not known"
            verdict |= undecided("missing", text)
        elif any(not isinstance(p, str) for p in principal.parts):
            text = f"whether {denial.label} means {principal.label} is not known"
            verdict |= undecided("runtime", text)
    return verdict


def is_for_group(assignment: RoleAssignment) -> bool:
    """Whether a role is assigned to a group."""
    return (assignment.principal_type.known or "").casefold() in _GROUPS


def _is_settled(assignment: RoleAssignment) -> Truth:
    """Leave open whom an assignment is for that does not say it."""
    if assignment.principal.known is not None:
        return TRUE
    text = f"whom {assignment.label} is for is known at deployment only"
    return undecided("runtime", text)


def _is_same(assignment: RoleAssignment, principal: Principal) -> Truth:
    value = assignment.principal
    same = same_text(value.term.text_parts, principal.parts)
    if same is not None and not value.is_absent and value.term.text_parts and principal.parts:
        return truth(same)
    text = f"whether {assignment.label} is for {principal.label} is known at deployment only"
    decisions = value.term.decisions
    return Truth(None, undecided("runtime", text).reasons, decisions)


def _places(set_: RoleAssignment | DenyAssignment) -> list[ResourceId]:
    """List where it is found: at its scope, and, when that is above, in the subscriptions below."""
    if set_.scope is None:
        return []
    if set_.scope.subscription is not None or set_.scope.key == _ROOT.key:
        return [set_.scope]
    return [s for s in set_.read_in if s.is_subscription]


def _upwards(scope: ResourceId) -> Iterator[ResourceId]:
    """Yield a scope and what it is in, up to the tenant; management groups stand for theirs."""
    place = scope
    while place.segments:
        yield place
        if place.is_subscription or place.subscription is None:
            break
        place = place.parent
    yield _ROOT
