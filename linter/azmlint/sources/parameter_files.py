"""Parameter files: the arguments of what is deployed by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from azmlint.expressions.arm_values import ITEM_LIMIT
from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Decision
from azmlint.location import Place
from azmlint.sources import json, placeholder
from azmlint.sources.document import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from azmlint.location import Document
    from azmlint.sources.document import Binding, Context, Problem
    from azmlint.sources.json import JsonNode


class ParameterSet(NamedTuple):
    """The arguments that one file gives."""

    path: str
    values: Mapping[str, Callable[[], Term]]
    """By name in one case."""

    said_at: str = ""
    """Where a script says that they are given, when it is one of several."""


class ParameterFiles:
    """Finds and reads the parameter files of templates."""

    def __init__(self, context: Context, problems: list[Problem]) -> None:
        """Ask `context` for files, and add what is wrong with them to `problems`."""
        self.context = context
        self.problems = problems

    def sets(self, path: str, binding: Binding) -> list[ParameterSet]:
        """List the sets of arguments that a template may be deployed with.

        What the configuration or a command names is one set, in which a later file wins; each file
        beside the template is a set of its own.
        """
        if binding.gives_values:
            return [self._stated(path, way) for way in (binding, *binding.others)]
        stem = path.rpartition("/")[2].rsplit(".", 1)[0]
        start = f"{stem}.parameters".lower()
        names = self.context.siblings(
            path, lambda n: n.lower().startswith(start) and n.lower().endswith(".json")
        )
        return [ParameterSet(name, found) for name in names if (found := self.read(name))]

    def _stated(self, path: str, way: Binding) -> ParameterSet:
        merged: dict[str, Callable[[], Term]] = {}
        for name in way.parameters:
            merged |= self.read(name)
        merged |= {name.casefold(): value for name, value in way.arguments}
        return ParameterSet((path, *way.parameters)[-1], merged, way.said_at)

    def arguments(
        self, path: str, sets: Sequence[ParameterSet]
    ) -> Mapping[str, Callable[[], Term]]:
        """Give the arguments of a template; which of several sets it takes is a decision."""
        if len(sets) < 2:  # noqa: PLR2004
            return sets[0].values if sets else {}
        shown = tuple(s.said_at or s.path.rpartition("/")[2] for s in sets)
        what = "deployment" if any(s.said_at for s in sets) else "parameter file"
        decision = Decision(("parameter file", path), f"{what} of {path}", shown)
        names = {name: None for s in sets for name in s.values}
        return {n: self._chosen(path, n, sets, decision) for n in names}

    def _chosen(
        self, path: str, name: str, sets: Sequence[ParameterSet], decision: Decision
    ) -> Callable[[], Term]:
        def argument() -> Term:
            given = [s.values.get(name) for s in sets]
            values = [g() if g is not None else None for g in given]
            first = values[0]
            if first is not None and all(
                v is not None and v.is_known and v.data == first.data for v in values
            ):
                return first
            choice = self.context.worlds.choice(decision)
            if choice is not None:
                # What is not given has its default.
                return (values[choice] or ABSENT_TERM).resting_on((decision,))
            shown = f"parameters('{name}')"
            symbol = Symbol(("parameter", ("deployment", path), name), shown)
            text = f"parameter '{name}' depends on the {decision.question.partition(' of ')[0]}"
            return unknown("parameter", text, symbol, (), (decision,))

        return argument

    def read(self, path: str) -> dict[str, Callable[[], Term]]:
        """Read a JSON file of parameters; what is wrong with it is a problem."""
        document = self.context.sibling(path)
        if document is None:
            return {}
        try:
            root = json.parse(document)
        except SyntaxProblem as problem:
            self.problems.append(problem.of(document))
            return {}
        section = root.get("parameters")
        values: dict[str, Callable[[], Term]] = {}
        for key, node in section.members if section is not None else ():
            term = _argument(document, path, key.name, node)
            values[key.name.casefold()] = partial(_same, term)
        return values


def _same(term: Term) -> Term:
    return term


def _argument(document: Document, path: str, name: str, node: JsonNode) -> Term:
    value = node.get("value")
    place = Place(document, value or node, "parameter-file")
    if value is not None:
        return plain_term(document, value, place)
    symbol = Symbol(("parameter", path, name.casefold()), f"parameters('{name}')")
    text = f"parameter '{name}' comes from a key vault"
    return unknown("parameter", text, symbol, (place,))


def plain_term(document: Document, node: JsonNode, place: Place) -> Term:
    """Give plain JSON data, each piece with its place."""
    value = node.value
    if isinstance(value, str) and placeholder.is_filled_in(value):
        return placeholder.term_of(value, (place,))
    if isinstance(value, dict):
        made = Object()
        for key, inner in node.members:
            inner_place = Place(document, inner, "parameter-file")
            made[key.name] = plain_term(document, inner, inner_place)
            made.keys_at[key.name] = Term(key.name, (Place(document, key),), is_literal=True)
        return Term(made, (place,))
    if isinstance(value, list):
        items = [
            plain_term(document, i, Place(document, i, "parameter-file"))
            for i in node.items[:ITEM_LIMIT]
        ]
        return Term(items, (place,))
    return Term(value, (place,), is_literal=True)  # type: ignore[arg-type]  # a scalar
