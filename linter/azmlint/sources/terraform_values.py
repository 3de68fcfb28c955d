"""The types of variables: what a value becomes when it is given to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.arm_values import Refused
from azmlint.expressions.hcl_values import as_set, converted, number, spelled, tobool
from azmlint.expressions.term import Object, Term

if TYPE_CHECKING:
    from azmlint.sources.hcl import Node
    from azmlint.sources.hcl_evaluator import Frame, HclEvaluator


def shaped(term: Term, type_: Node, evaluator: HclEvaluator, frame: Frame) -> Term:
    """Convert a value to a type, with the defaults of its optional attributes.

    Raises Refused for what cannot be converted. What is not known stays as it is.
    """
    is_lazy = isinstance(term.data, Object) and term.data.is_lazy
    if term.data is None or not term.is_known or is_lazy:
        return term
    word = type_.value
    if type_.kind != "call" or not type_.items:
        return _simple(term, str(word)) if type_.kind == "name" else term
    inner = type_.items[0]
    if word == "object" and inner.kind == "object":
        return _object(term, inner, evaluator, frame)
    if word == "map":
        if not isinstance(term.data, Object):
            raise Refused("a map is wanted")
        made = Object((k, shaped(v, inner, evaluator, frame)) for k, v in term.data.items())
        made.keys_at = term.data.keys_at
        return _like(term, made)
    if word in {"list", "set"}:
        if not isinstance(term.data, list):
            raise Refused(f"a {word} is wanted")
        items = [shaped(i, inner, evaluator, frame) for i in term.data]
        return _like(term, as_set(items) if word == "set" else items)
    if word == "tuple" and inner.kind == "tuple" and isinstance(term.data, list):
        rows = zip(term.data, inner.items, strict=False)
        return _like(term, [shaped(i, t, evaluator, frame) for i, t in rows])
    return term


def _like(term: Term, data: Object | list[Term]) -> Term:
    return Term(data, term.trace, decisions=term.decisions)


def _simple(term: Term, word: str) -> Term:
    if word == "string":
        return converted(term, lambda value: spelled(Term(value)).data)  # type: ignore[arg-type]  # a scalar
    if word == "number":
        return converted(term, number)
    if word == "bool":
        return converted(term, tobool)
    if word in {"list", "set"} and not isinstance(term.data, list):
        raise Refused(f"a {word} is wanted")
    if word in {"map", "object"} and not isinstance(term.data, Object):
        raise Refused(f"a {word} is wanted")
    return term


def _object(term: Term, fields: Node, evaluator: HclEvaluator, frame: Frame) -> Term:
    if not isinstance(term.data, Object):
        raise Refused("an object is wanted")
    made = Object()
    for name_node, type_ in zip(fields.items[::2], fields.items[1::2], strict=True):
        name = str(name_node.value)
        found = term.data.get(name)
        is_optional = type_.kind == "call" and type_.value == "optional" and type_.items
        inner = type_.items[0] if is_optional else type_
        default = type_.items[1] if is_optional and len(type_.items) > 1 else None
        if (found is None or found.data is None) and default is not None:
            found = evaluator.evaluate(default, frame)
        if found is None:
            if not is_optional:
                raise Refused(f"'{name}' is missing")
            found = Term(None)
        made[name] = shaped(found, inner, evaluator, frame)
        key = term.data.keys_at.get(name)
        if key is not None:
            made.keys_at[name] = key
    return _like(term, made)
