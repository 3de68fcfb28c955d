"""Whether an assigned policy refuses to delete what Azure Batch makes for nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from azmlint import (
    FALSE,
    TRUE,
    Estate,
    Object,
    PolicyAssignment,
    PolicyDefinition,
    PolicySetDefinition,
    Reason,
    ResourceId,
    Term,
    Truth,
    Undecided,
    Value,
)

BUILT_IN = "78460a36-508a-49a4-b2b2-2f5ec564f4bb"
"""Do not allow deletion of resource types."""

_TYPES = "listofresourcetypesdisallowedfordeletion"
_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)


class Policy(NamedTuple):
    """One policy that an assignment puts in force."""

    definition: ResourceId
    reference: str
    """Its name in the initiative that holds it; empty when it is assigned alone."""

    values: Mapping[str, Term]
    """The arguments, by parameter in lower case."""


def policies(assignment: PolicyAssignment, estate: Estate) -> Iterator[Policy]:
    """Yield the policies of an assignment; raises Undecided for an initiative that was not read."""
    target = ResourceId.of(assignment.definition.term)
    given = _members(assignment.parameters, "value")
    if (target.resource_type or "") != PolicySetDefinition.arm_type.lower():
        yield Policy(target, "", given)
        return
    initiative = estate.find(PolicySetDefinition, target)
    known = {**_members(initiative.parameters, "defaultValue"), **given}
    for member in initiative.members.require().members:
        parameters = _at(member, "parameters")
        values = {}
        for name, term in parameters.data.items() if isinstance(parameters.data, Object) else ():
            values[name.casefold()] = _resolved(_at(term, "value"), known)
        definition = ResourceId.of(_at(member, "policyDefinitionId"))
        yield Policy(definition, _text(_at(member, "policyDefinitionReferenceId")), values)


def refused(policy: Policy, kinds: frozenset[str], estate: Estate) -> Truth:
    """Whether a policy refuses to delete a resource of one of some types, in lower case."""
    if (policy.definition.name or "").casefold() == BUILT_IN:
        effect = policy.values.get("effect")
        is_on = effect is None or _text(effect).casefold() == "denyaction"
        listed = _texts(policy.values.get(_TYPES, Term([])))
        return TRUE if is_on and kinds & listed else FALSE
    definition = estate.find(PolicyDefinition, policy.definition)
    rule = definition.policy_rule.require()
    values = {**_members(definition.parameters, "defaultValue"), **policy.values}
    whole = Term(rule)
    is_denial = _is_denial(_at(whole, "then"), values)
    if is_denial.known is False:
        return FALSE
    verdict = FALSE
    for kind in sorted(kinds):
        verdict |= _holds(_at(whole, "if"), kind, values)
    return verdict & is_denial


def _is_denial(then: Term, values: Mapping[str, Term]) -> Truth:
    """Whether the effect is to refuse deletions."""
    effect = _open(_at(then, "effect"), values)
    if isinstance(effect, Truth):
        return effect
    if _text(effect).casefold() != "denyaction":
        return FALSE
    actions = _open(_at(then, "details", "actionNames"), values)
    if isinstance(actions, Truth):
        return actions
    return TRUE if actions.data is None or "delete" in _texts(actions) else FALSE


def _holds(condition: Term, kind: str, values: Mapping[str, Term]) -> Truth:
    """Whether a condition holds for a resource of which only the type is known."""
    data = condition.data
    if not isinstance(data, Object):
        return _not_evaluated("a condition that is no object")
    both, either, negated = (data.lookup(n) for n in ("allOf", "anyOf", "not"))
    if both is not None:
        verdict = TRUE
        for inner in both.members():
            verdict &= _holds(inner, kind, values)
        return verdict
    if either is not None:
        verdict = FALSE
        for inner in either.members():
            verdict |= _holds(inner, kind, values)
        return verdict
    if negated is not None:
        return ~_holds(negated, kind, values)
    field = _at(condition, "field")
    if _text(field).casefold() != "type":
        return _not_evaluated(f"its condition on {_subject(data)}")
    for word, (is_list, expected) in _TESTS.items():
        wanted = data.lookup(word)
        if wanted is None:
            continue
        term = _open(wanted, values)
        if isinstance(term, Truth):
            return term
        listed = _texts(term) if is_list else {_text(term).casefold()}
        return TRUE if (kind in listed) == expected else FALSE
    return _not_evaluated(f"its test of the type by {', '.join(k for k in data if k != 'field')}")


_TESTS = {
    "equals": (False, True),
    "notEquals": (False, False),
    "in": (True, True),
    "notIn": (True, False),
}
"""By operator: whether it takes a list, and what it says of a member."""


def _subject(data: Object) -> str:
    for word in ("field", "value", "count"):
        found = data.lookup(word)
        if found is not None:
            return f"{word} {_text(found)}".rstrip()
    return "something unknown"


def _open(term: Term, values: Mapping[str, Term]) -> Term | Truth:
    """Resolve a parameter; an expression gives an undecided verdict."""
    try:
        return _resolved(term, values)
    except Undecided as undecided:
        return Truth(None, undecided.reasons)


def _resolved(term: Term, values: Mapping[str, Term]) -> Term:
    text = term.data
    if not isinstance(text, str) or not text.startswith("[") or text.startswith("[["):
        return term
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise Undecided((Reason("function", f"the expression {text} is not evaluated"),))
    found = values.get(match[1].casefold())
    if found is None:
        raise Undecided((Reason("missing", f"the parameter '{match[1]}' has no value"),))
    return found


def _not_evaluated(what: str) -> Truth:
    return Truth(None, (Reason("function", f"{what} is not evaluated"),))


def _members(parameters: Value[Object], key: str) -> dict[str, Term]:
    known = parameters.known
    found = {n.casefold(): _at(t, key) for n, t in known.items()} if known is not None else {}
    return {name: term for name, term in found.items() if term.data is not None}


def _at(term: Term, *names: str) -> Term:
    for name in names:
        found = term.data.lookup(name) if isinstance(term.data, Object) else None
        if found is None:
            return _NOTHING
        term = found
    return term


_NOTHING = Term(None)


def _text(term: Term) -> str:
    return term.data if isinstance(term.data, str) else ""


def _texts(term: Term) -> frozenset[str]:
    return frozenset(_text(t).casefold() for t in term.members())
