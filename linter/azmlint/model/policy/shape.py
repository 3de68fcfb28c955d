"""Whether a definition is written as Azure Policy wants it; says the first thing that is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions import arm_syntax
from azmlint.expressions.term import Object, Term
from azmlint.model.policy.condition import WORDS
from azmlint.model.policy.definition import EFFECTS, at

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBJECTS: Final = ("field", "value", "count")
_COMBINATIONS: Final = ("allof", "anyof", "not")
_PARAMETER: Final = re.compile(r"\bparameters\(\s*'((?:[^']|'')*)'\s*\)", re.IGNORECASE)
_DEPTH: Final = 64
_UNKNOWN_EFFECTS: Final = frozenset({"manual", "mutate", "addtonetworkgroup"})
"""Effects that Azure has and azmlint does not work out."""


def problem(properties: Term) -> str | None:
    """Say what is wrong with the `properties` of a definition; None when nothing is."""
    rule = at(properties, "policyRule")
    if not isinstance(rule.data, Object):
        return "'policyRule' is missing" if rule.is_absent else "'policyRule' must be an object"
    condition, effect = at(rule, "if"), at(rule, "then", "effect")
    if not isinstance(condition.data, Object):
        return "policyRule.if must be an object"
    if not isinstance(effect.data, str):
        return "policyRule.then.effect must be a text"
    stated = effect.data.casefold()
    is_known = stated in EFFECTS or stated in _UNKNOWN_EFFECTS
    if not is_known and not arm_syntax.is_expression(effect.data):
        near = _near(effect.data, EFFECTS.values())
        return f"policyRule.then.effect: '{effect.data}' is no effect{near}"
    parameters = at(properties, "parameters")
    if not isinstance(parameters.data, Object) and not parameters.is_absent:
        return "'parameters' must be an object"
    wrong = next(_conditions(condition, "policyRule.if", 0), None)
    return wrong or next(_expressions(rule, "policyRule", parameters), None)


def _conditions(term: Term, where: str, depth: int) -> Iterator[str]:
    data = term.data
    if depth > _DEPTH:
        yield f"{where}: the conditions nest too deeply"
        return
    if not isinstance(data, Object):
        yield f"{where}: a condition must be an object"
        return
    names = {key.casefold(): key for key in data}
    combined = [names[c] for c in _COMBINATIONS if c in names]
    if combined:
        if len(names) > 1:
            yield f"{where}: '{combined[0]}' must stand alone"
            return
        inner = data[combined[0]]
        if combined[0].casefold() == "not":
            yield from _conditions(inner, f"{where}.not", depth + 1)
        elif not isinstance(inner.data, list):
            yield f"{where}.{combined[0]}: must be a list"
        else:
            for index, member in enumerate(inner.data):
                yield from _conditions(member, f"{where}.{combined[0]}[{index}]", depth + 1)
        return
    yield from _test(data, where, depth)


def _test(data: Object, where: str, depth: int) -> Iterator[str]:
    names = {key.casefold(): key for key in data}
    subjects = [s for s in _SUBJECTS if s in names]
    others = [key for folded, key in names.items() if folded not in _SUBJECTS]
    wrong = [key for key in others if key.casefold() not in WORDS]
    if wrong:
        yield f"{where}: '{wrong[0]}' is no condition{_near(wrong[0], WORDS)}"
    elif len(subjects) != 1:
        yield f"{where}: a condition tests one of 'field', 'value' and 'count'"
    elif len(others) != 1:
        yield f"{where}: a condition has one test, such as 'equals'"
    elif subjects[0] == "count":
        count = data[names["count"]]
        if not isinstance(count.data, Object):
            yield f"{where}.count: must be an object"
        elif at(count, "field").is_absent == at(count, "value").is_absent:
            yield f"{where}.count: counts one of 'field' and 'value'"
        elif not at(count, "where").is_absent:
            yield from _conditions(at(count, "where"), f"{where}.count.where", depth + 1)


def _expressions(term: Term, where: str, parameters: Term) -> Iterator[str]:
    waiting = [(term, where)]
    declared = parameters.data if isinstance(parameters.data, Object) else Object()
    while waiting:
        found, path = waiting.pop()
        if path.endswith("then.details.deployment"):
            # What is deployed has expressions of its own.
            continue
        if isinstance(found.data, Object):
            waiting += [(t, f"{path}.{k}") for k, t in reversed(found.data.items())]
        elif isinstance(found.data, list):
            waiting += [(t, f"{path}[{i}]") for i, t in reversed(list(enumerate(found.data)))]
        elif isinstance(found.data, str) and arm_syntax.is_expression(found.data):
            try:
                arm_syntax.parse(found.data)
            except arm_syntax.ExpressionProblem as problem_:
                yield f"{path}: '{found.data}' is no expression: {problem_}"
                continue
            for name in _PARAMETER.findall(found.data):
                if declared.lookup(name.replace("''", "'")) is None:
                    yield f"{path}: the parameter '{name}' is not declared"


def _near(word: str, known: object) -> str:
    from azmlint.config_schema import nearest  # noqa: PLC0415  # only for what is misspelt

    return nearest(word, known)  # type: ignore[arg-type]  # texts
