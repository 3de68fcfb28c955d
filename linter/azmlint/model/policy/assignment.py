"""Which policies are in force for a resource: assignments, initiatives, exemptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from azmlint.expressions.arm import Budget, Evaluator, Locals
from azmlint.expressions.arm_syntax import ExpressionProblem, is_expression, parse, unescaped
from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.expressions.truth import FALSE, TRUE, Reason, Truth, Undecided, undecided
from azmlint.expressions.worlds import Worlds
from azmlint.model.facet import Facet
from azmlint.model.ids import ResourceId
from azmlint.model.policy import definition as definitions
from azmlint.model.policy.batch import batch_objects
from azmlint.model.policy.built_in import built_in
from azmlint.model.policy.condition import Operator, holds, is_nothing
from azmlint.model.policy.definition import at
from azmlint.model.policy.evaluator import Use, Verdict, evaluate, moment_in
from azmlint.model.policy.field import Fields
from azmlint.model.resources import (
    PolicyAssignment,
    PolicyDefinition,
    PolicyExemption,
    PolicySetDefinition,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from azmlint.expressions.arm_syntax import Call
    from azmlint.model.estate import Estate
    from azmlint.model.policy.definition import Definition
    from azmlint.model.resource import Resource

_IN = Operator("in", is_negated=False)


class Assigned(NamedTuple):
    """One policy that an assignment puts in force."""

    assignment: PolicyAssignment
    definition: ResourceId
    reference: str
    """Its name in the initiative that holds it; empty when it is assigned alone."""

    values: Mapping[str, Term]
    """The arguments, by parameter in lower case."""

    initiative: ResourceId | None = None


class Ruling(NamedTuple):
    """What one assigned policy says of one resource."""

    assigned: Assigned
    resource: Resource
    title: str
    """What people call the policy."""

    verdict: Verdict
    """Its `holds` takes scopes, exemptions and selectors into account."""

    gap: Undecided | None
    """Why it is not known whether an exemption leaves the resource out; None when it is."""


class Policies:
    """The assigned policies of an estate."""

    __slots__ = ("_definitions", "_estate")

    def __init__(self, estate: Estate) -> None:
        """Ask about what `estate` holds."""
        self._estate = estate
        self._definitions: dict[object, Definition] = {}

    def assigned_by(self, assignment: PolicyAssignment) -> list[Assigned]:
        """List the policies of an assignment; raises Undecided for an initiative not read."""
        target = ResourceId.of(assignment.definition.term)
        given = _values(assignment.body.at(("properties", "parameters")), "value")
        kind = (target.resource_type or "").casefold()
        if kind != PolicySetDefinition.arm_type.casefold():
            return [Assigned(assignment, target, "", given)]
        initiative = self._estate.find(PolicySetDefinition, target)
        declared = initiative.body.at(("properties", "parameters"))
        known = {**_values(declared, "defaultValue"), **given}
        passing = Passing(known, self._estate.worlds or Worlds())
        return [
            Assigned(
                assignment,
                ResourceId.of(at(member, "policyDefinitionId")),
                str(at(member, "policyDefinitionReferenceId").data or ""),
                {
                    n: passing.value(t)
                    for n, t in _values(at(member, "parameters"), "value").items()
                },
                target,
            )
            for member in initiative.members.require().members
        ]

    def definition_of(self, assigned: Assigned) -> Definition:
        """Find the definition of an assigned policy; raises Undecided when it was not read."""
        key = assigned.definition.key
        found = self._definitions.get(key)
        if found is None:
            resource = self._estate.look_up(PolicyDefinition, assigned.definition)
            if resource is not None:
                found = definitions.of(resource)
            else:
                found = built_in(assigned.definition.name or "")
            if found is None:
                self._estate.find(PolicyDefinition, assigned.definition)
            assert found is not None  # noqa: S101  # what is not found was raised
            self._definitions[key] = found
        return found

    def rulings(self, resource: Resource) -> Iterator[Ruling]:
        """Yield what each policy says of a resource that an assignment may put in force for it."""
        for assignment in self._estate.of(PolicyAssignment):
            yield from self.rulings_of(assignment, resource)

    def rulings_of(self, assignment: PolicyAssignment, resource: Resource) -> Iterator[Ruling]:
        """Yield what the policies of one assignment say of a resource, where it may reach it.

        An assignment that does not enforce anything says nothing.
        """
        if assignment.enforcement.matches("donotenforce").known:
            return
        reach = self.reaches(assignment, resource)
        if reach.known is False:
            return
        try:
            listed = self.assigned_by(assignment)
        except Undecided as gap:
            yield _open_ruling(Assigned(assignment, ResourceId(()), "", {}), resource, gap)
            return
        for assigned in listed:
            yield self.ruling(assigned, resource, reach)

    @staticmethod
    def batch_objects(group: ResourceId, region: Term | None) -> tuple[Resource, ...]:
        """Give what Azure Batch makes for nodes in the resource group of their network."""
        return batch_objects(group, region)

    def ruling(self, assigned: Assigned, resource: Resource, reach: Truth = TRUE) -> Ruling:
        """Say what one assigned policy says of a resource."""
        try:
            definition = self.definition_of(assigned)
        except Undecided as unread:
            return _open_ruling(assigned, resource, unread)
        fields = Fields(resource, self._estate)
        effect = self._override(assigned, fields)
        if isinstance(effect, Truth):
            return _open_ruling(assigned, resource, Undecided(effect.reasons, effect.decisions))
        use = Use(
            str(assigned.assignment.id),
            str(assigned.definition),
            str(assigned.initiative or ""),
            assigned.reference,
        )
        verdict = evaluate(definition, assigned.values, resource, self._estate, use, effect)
        covered = reach & _is_selected(assigned.assignment, fields)
        found = verdict._replace(holds=verdict.holds & covered)
        gap: Undecided | None = None
        if found.holds.known is not False:
            exempt = self.is_exempt(assigned, resource)
            if exempt.known:
                found = found._replace(holds=FALSE)
            elif exempt.known is None:
                gap = Undecided(exempt.reasons, exempt.decisions)
        return Ruling(assigned, resource, definition.title, found, gap)

    def reaches(self, assignment: PolicyAssignment, resource: Resource) -> Truth:
        """Whether a resource is in the scope of an assignment, and in none that it leaves out."""
        own = resource.id
        verdict = _covers(assignment, own)
        excluded = assignment.excluded
        for term in excluded.known.members if excluded.known is not None else ():
            scope = ResourceId.of(term)
            if _GROUPS_OF_MANAGEMENT in str(scope).casefold():
                text = f"whether it is below the management group '{scope.name}' is not known"
                verdict &= undecided("missing", text)
            else:
                verdict &= ~scope.covers(own)
        if not excluded.is_absent and excluded.known is None:
            verdict &= Truth(None, excluded.reasons, excluded.term.decisions)
        return verdict

    def is_exempt(self, assigned: Assigned, resource: Resource) -> Truth:
        """Whether an exemption leaves a resource out; undecided where they were not read."""
        verdict = FALSE
        for exemption in self._estate.of(PolicyExemption):
            target = ResourceId.of(exemption.assignment.term)
            if target.key != assigned.assignment.id.key:
                continue
            until = exemption.expires_on
            if until.known is not None and until.known <= moment_in(self._estate):
                continue
            only = exemption.references.known
            names = {str(t.data).casefold() for t in only.members} if only is not None else set()
            if names and assigned.reference.casefold() not in names:
                continue
            fields = Fields(resource, self._estate)
            verdict |= _covers(exemption, resource.id) & _is_selected(exemption, fields)
        if verdict.known is not False:
            return verdict
        scope = resource.id.group or resource.id.subscription or resource.id
        if self._estate.is_known(Facet.POLICY_EXEMPTIONS, scope):
            return FALSE
        return undecided("facet", "whether an exemption leaves it out was not read")

    def _override(self, assigned: Assigned, fields: Fields) -> str | Truth:
        """Give the effect that an assignment sets in place of the definition's; empty for none."""
        overrides = assigned.assignment.overrides
        if overrides.is_absent:
            return ""
        if overrides.known is None:
            return Truth(None, overrides.reasons, overrides.term.decisions)
        for override in overrides.known.members:
            if str(at(override, "kind").data).casefold() != "policyeffect":
                return undecided(
                    "function", "an override of a definition's version is not worked out"
                )
            selectors = at(override, "selectors")
            meets = _selectors_meet(selectors, fields, assigned.reference)
            if meets.known is None:
                return meets
            if meets:
                return str(at(override, "value").data)
        return ""


_GROUPS_OF_MANAGEMENT = "/managementgroups/"


def _covers(guard: PolicyAssignment | PolicyExemption, own: ResourceId) -> Truth:
    """Whether a resource is in the scope on which something is set.

    What is set on a management group holds where the answer of a subscription names it.
    """
    scope = guard.scope
    if scope is not None and scope.subscription is not None:
        return scope.covers(own)
    verdict = FALSE
    for read_in in guard.read_in:
        verdict |= read_in.covers(own)
    return verdict


def _open_ruling(assigned: Assigned, resource: Resource, gap: Undecided) -> Ruling:
    verdict = Verdict(Truth(None, gap.reasons, gap.decisions), "", ())
    return Ruling(assigned, resource, "", verdict, None)


def _is_selected(guard: PolicyAssignment | PolicyExemption, fields: Fields) -> Truth:
    """Whether a resource is among those that an assignment or exemption is about."""
    selectors = guard.selectors
    if selectors.is_absent:
        return TRUE
    if selectors.known is None:
        return Truth(None, selectors.reasons, selectors.term.decisions)
    verdict = FALSE
    for selector in selectors.known.members:
        verdict |= _selectors_meet(at(selector, "selectors"), fields, "")
    return verdict if selectors.known.members else TRUE


def _selectors_meet(selectors: Term, fields: Fields, reference: str) -> Truth:
    """Whether all of some selectors are met; of none everything is meant."""
    verdict = TRUE
    for selector in selectors.data if isinstance(selectors.data, list) else ():
        kind = str(at(selector, "kind").data).casefold()
        term = _SELECTED.get(kind)
        if kind == "policydefinitionreferenceid":
            subject = Term(reference)
        elif term is not None:
            subject = fields.select(term).picked[0].term
        else:
            text = f"a selector of the kind {kind} is not worked out"
            verdict &= Truth(None, (Reason("function", text),))
            continue
        is_region = kind != "resourcetype" and term is not None
        if kind == "resourcewithoutlocation":
            verdict &= holds(Operator("exists", is_negated=False), subject, Term("false"))
            continue
        for word, is_wanted in (("in", True), ("notIn", False)):
            listed = at(selector, word)
            if is_nothing(listed):
                continue
            found = holds(_IN, subject, listed, is_region=is_region)
            verdict &= found if is_wanted else ~found
    return verdict


_SELECTED = {
    "resourcelocation": "location",
    "resourcetype": "type",
    "resourcewithoutlocation": "location",
}


def _values(parameters: Term, key: str) -> dict[str, Term]:
    stated = parameters.data if isinstance(parameters.data, Object) else Object()
    found = {name.casefold(): at(term, key) for name, term in stated.items()}
    return {name: term for name, term in found.items() if not is_nothing(term)}


class Passing(Evaluator):
    """Evaluates what an initiative passes on to its policies."""

    def __init__(self, values: Mapping[str, Term], worlds: Worlds) -> None:
        """Know `values` by parameter in lower case."""
        super().__init__(worlds, Budget())
        self.values = values

    def value(self, term: Term) -> Term:
        """Evaluate a literal, or an expression in brackets, and what is in a list or an object."""
        data = term.data
        if isinstance(data, str):
            if not is_expression(data):
                return Term(unescaped(data), term.trace)
            try:
                return self.expression(parse(data), Locals())
            except ExpressionProblem as problem:
                symbol = Symbol(("invalid", data), data)
                return unknown("invalid", f"'{data}' is no expression: {problem}", symbol)
        if isinstance(data, list):
            return Term([self.value(t) for t in data], term.trace)
        if isinstance(data, Object):
            return Term(Object((k, self.value(t)) for k, t in data.items()), term.trace)
        return term

    def scope_call(self, call: Call, locals_: Locals) -> Term | None:
        """Give a parameter."""
        if call.name != "parameters" or not call.arguments:
            return None
        name = self.expression(call.arguments[0], locals_).data
        found = self.values.get(name.casefold()) if isinstance(name, str) else None
        if found is not None:
            return found
        symbol = Symbol(("initiative parameter", name), f"parameters('{name}')")
        return unknown("missing", f"the initiative's parameter '{name}' has no value", symbol)
