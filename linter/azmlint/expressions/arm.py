"""Evaluates template expressions; what depends on a deployment is left to a subclass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.expressions import arm_functions
from azmlint.expressions.arm_functions import (
    ITEM_LIMIT,
    NULL,
    Refused,
    TooLarge,
    decisions_of,
    identity,
    member,
    opaque,
)
from azmlint.expressions.arm_syntax import Call, Index, Member, Number, Text
from azmlint.expressions.term import UNKNOWN, Object, Symbol, Term, derived, same, unknown
from azmlint.expressions.truth import Decision, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from azmlint.expressions.arm_syntax import Node
    from azmlint.expressions.worlds import Worlds

DEPTH_LIMIT: Final = 50
"""How deeply evaluations may nest, variables and parameters included."""

STEP_LIMIT: Final = 500_000
"""How many calls one document may make."""


class Locals:
    """What an expression sees besides its template: loop indexes and lambda variables."""

    __slots__ = ("indexes", "names", "parameters")

    def __init__(
        self,
        indexes: Mapping[str, Term] | None = None,
        names: Mapping[str, Term] | None = None,
        parameters: Mapping[str, Term] | None = None,
    ) -> None:
        """Hold loop indexes by loop name (the innermost as ""), and lambda variables."""
        self.indexes = indexes or {}
        self.names = names or {}
        self.parameters = parameters
        """The arguments of a user-defined function; None outside of one."""

    def with_index(self, name: str, index: Term) -> Locals:
        """See one more loop."""
        return Locals({**self.indexes, name: index, "": index}, self.names, self.parameters)

    def with_names(self, names: Mapping[str, Term]) -> Locals:
        """See lambda variables."""
        return Locals(self.indexes, {**self.names, **names}, self.parameters)


NO_LOCALS: Final = Locals()


class Budget:
    """What the evaluation of one document may still spend."""

    __slots__ = ("depth", "steps")

    def __init__(self) -> None:
        """Start with everything."""
        self.depth = 0
        self.steps = 0


class Evaluator:
    """Evaluates the syntax of expressions over functions, with lambdas and conditions."""

    def __init__(self, worlds: Worlds, budget: Budget) -> None:
        """Ask `worlds` which way an open condition goes."""
        self.worlds = worlds
        self.budget = budget

    def scope_call(self, call: Call, locals_: Locals) -> Term | None:
        """Call a function of the deployment; None when there is none of that name."""
        raise NotImplementedError

    def expression(self, node: Node, locals_: Locals) -> Term:
        """Evaluate; what the service would refuse is unknown with that reason."""
        budget = self.budget
        budget.steps += 1
        if budget.depth > DEPTH_LIMIT or budget.steps > STEP_LIMIT:
            return self._limit(node)
        budget.depth += 1
        try:
            return self._evaluate(node, locals_)
        except Refused as refused:
            shown = node.shown if isinstance(node, Call) else "the expression"
            text = f"{shown} would be refused: {refused}"
            return unknown("invalid", text, Symbol(("refused", node, id(self)), shown))
        except TooLarge:
            return self._limit(node)
        finally:
            budget.depth -= 1

    def _limit(self, node: Node) -> Term:
        shown = node.shown if isinstance(node, Call) else "expression"
        text = f"'{shown}' goes over a limit of azmlint"
        return unknown("limit", text, Symbol(("limit", id(node)), shown))

    def _evaluate(self, node: Node, locals_: Locals) -> Term:
        if isinstance(node, (Text, Number)):
            return Term(node.value)
        if isinstance(node, Member):
            return self._member(node.of, Term(node.name), node.is_safe, locals_)
        if isinstance(node, Index):
            at = self.expression(node.at, locals_)
            return self._member(node.of, at, node.is_safe, locals_)
        lazy = _LAZY.get(node.name)
        if lazy is not None:
            return lazy(self, node.arguments, locals_)
        found = self.scope_call(node, locals_)
        if found is not None:
            return found
        arguments = [self.expression(a, locals_) for a in node.arguments]
        made = arm_functions.call(node.name, node.shown, arguments)
        if made is not None:
            return made
        reason = Reason("function", f"the function {node.shown}() is not known")
        key = derived(node.name, tuple(identity(a) for a in arguments))
        parts = (Symbol(key, f"{node.shown}()"),)
        return Term(UNKNOWN, reason=reason, parts=parts, decisions=decisions_of(arguments))

    def _member(self, of: Node, name: Term, is_safe: bool, locals_: Locals) -> Term:  # noqa: FBT001
        return member(self.expression(of, locals_), name, is_safe=is_safe)

    # Conditions

    def condition(self, node: Node, locals_: Locals) -> tuple[bool | None, Term]:
        """Evaluate a condition in this world; None while it is open."""
        term = self.expression(node, locals_)
        return self.decided(term), term

    def decided(self, term: Term) -> bool | None:
        """Say which way a condition goes in this world; None while it is open."""
        if isinstance(term.data, bool):
            return term.data
        if isinstance(term.data, str) and term.data.lower() in {"true", "false"}:
            return term.data.lower() == "true"
        if term.is_unknown:
            choice = self.worlds.choice(decision_on(term))
            return None if choice is None else choice == 0
        return None

    def _if(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        if len(arguments) != 3:  # noqa: PLR2004  # condition and two branches
            raise Refused("if wants three arguments")
        verdict, term = self.condition(arguments[0], locals_)
        if verdict is not None:
            chosen = self.expression(arguments[1 if verdict else 2], locals_)
            open_here = (decision_on(term),) if term.is_unknown else ()
            return chosen.resting_on(term.decisions + open_here)
        if not term.is_unknown:
            raise Refused("the condition is neither true nor false")
        branches = [self.expression(a, locals_) for a in arguments[1:]]
        if same(branches[0], branches[1]).known:
            return branches[0].resting_on(term.decisions)
        # The question that can be answered outright comes first.
        decisions = term.decisions or (decision_on(term),)
        found = opaque("if", [term, *branches])
        return Term(
            found.data,
            reason=term.reason,
            parts=found.parts,
            decisions=tuple(dict.fromkeys(decisions + found.decisions)),
        )

    def _and(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        return self._junction("and", arguments, locals_, decisive=False)

    def _or(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        return self._junction("or", arguments, locals_, decisive=True)

    def _junction(
        self, name: str, arguments: Sequence[Node], locals_: Locals, *, decisive: bool
    ) -> Term:
        seen: list[Term] = []
        for argument in arguments:
            term = self.expression(argument, locals_)
            if term.data is decisive:
                return Term(decisive, decisions=term.decisions)
            if not isinstance(term.data, bool) and not term.is_unknown:
                raise Refused(f"{name} wants true or false")
            seen.append(term)
        if any(t.is_unknown for t in seen):
            return opaque(name, seen)
        return Term(not decisive, decisions=decisions_of(seen))

    def _coalesce(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        nulls: list[Term] = []
        open_: list[Term] = []
        for argument in arguments:
            term = self.expression(argument, locals_)
            if term.is_known and term.data is None:
                nulls.append(term)
                continue
            open_.append(term)
            if not term.is_unknown:
                break
        if not open_:
            return NULL.resting_on(decisions_of(nulls))
        if len(open_) == 1:
            return open_[0].resting_on(decisions_of(nulls))
        return opaque("coalesce", open_).resting_on(decisions_of(nulls))

    # Lambdas

    def _lambda_variables(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        name = arguments[0].value if arguments and isinstance(arguments[0], Text) else ""
        found = locals_.names.get(name.casefold())
        if found is None:
            raise Refused(f"there is no lambda variable '{name}'")
        return found

    def _apply(self, node: Node, values: Sequence[Term], locals_: Locals) -> Term:
        if not isinstance(node, Call) or node.name != "lambda" or not node.arguments:
            raise Refused("a lambda is missing")
        *names, body = node.arguments
        bound = {
            n.value.casefold(): v
            for n, v in zip(names, values, strict=False)
            if isinstance(n, Text)
        }
        return self.expression(body, locals_.with_names(bound))

    def _items(self, node: Node, locals_: Locals) -> tuple[Term, list[Term] | None]:
        term = self.expression(node, locals_)
        items = term.data if isinstance(term.data, list) else None
        if items is not None and len(items) > ITEM_LIMIT:
            raise TooLarge
        if items is None and not term.is_unknown:
            raise Refused("an array is missing")
        return term, items

    def _map(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        if items is None:
            return opaque("map", [whole])
        made = [self._apply(arguments[1], [item, Term(i)], locals_) for i, item in enumerate(items)]
        return Term(made, decisions=decisions_of([whole, *made]))

    def _filter(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        if items is None:
            return opaque("filter", [whole])
        kept: list[Term] = []
        tests: list[Term] = []
        for index, item in enumerate(items):
            test = self._apply(arguments[1], [item, Term(index)], locals_)
            tests.append(test)
            if test.is_unknown:
                return opaque("filter", [whole, test])
            if test.data is True:
                kept.append(item)
        return Term(kept, decisions=decisions_of([whole, *tests]))

    def _reduce(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        total = self.expression(arguments[1], locals_)
        if items is None:
            return opaque("reduce", [whole, total])
        for index, item in enumerate(items):
            total = self._apply(arguments[2], [total, item, Term(index)], locals_)
        return total.resting_on(whole.decisions)

    def _sort(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        if items is None:
            return opaque("sort", [whole])
        ordered: list[Term] = []
        for item in items:
            # Insertion keeps what compares equal in order, as the service does.
            at = len(ordered)
            while at:
                before = self._apply(arguments[1], [item, ordered[at - 1]], locals_)
                if before.is_unknown:
                    return opaque("sort", [whole, before])
                if before.data is not True:
                    break
                at -= 1
            ordered.insert(at, item)
        return Term(ordered, decisions=whole.decisions)

    def _to_object(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        if items is None:
            return opaque("toObject", [whole])
        made = Object()
        for item in items:
            key = self._apply(arguments[1], [item], locals_)
            if not isinstance(key.data, str):
                return opaque("toObject", [whole, key])
            made[key.data] = (
                self._apply(arguments[2], [item], locals_) if len(arguments) > 2 else item  # noqa: PLR2004
            )
        return Term(made, decisions=whole.decisions)

    def _map_values(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole = self.expression(arguments[0], locals_)
        if not isinstance(whole.data, Object):
            return opaque("mapValues", [whole])
        made = Object((k, self._apply(arguments[1], [v], locals_)) for k, v in whole.data.items())
        return Term(made, decisions=whole.decisions)

    def _group_by(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        if items is None:
            return opaque("groupBy", [whole])
        groups: dict[str, list[Term]] = {}
        for item in items:
            key = self._apply(arguments[1], [item], locals_)
            if not isinstance(key.data, str):
                return opaque("groupBy", [whole, key])
            groups.setdefault(key.data, []).append(item)
        return Term(Object((k, Term(v)) for k, v in groups.items()), decisions=whole.decisions)


def decision_on(term: Term) -> Decision:
    """Make the decision that a condition of unknown outcome leaves open."""
    return Decision(("condition", term.parts), term.shown().strip("{}"), ("true", "false"))


_LAZY: Final[dict[str, Callable[[Evaluator, Sequence[Node], Locals], Term]]] = {
    "if": Evaluator._if,  # noqa: SLF001  # the class's own table
    "and": Evaluator._and,  # noqa: SLF001
    "or": Evaluator._or,  # noqa: SLF001
    "coalesce": Evaluator._coalesce,  # noqa: SLF001
    "lambdavariables": Evaluator._lambda_variables,  # noqa: SLF001
    "map": Evaluator._map,  # noqa: SLF001
    "filter": Evaluator._filter,  # noqa: SLF001
    "reduce": Evaluator._reduce,  # noqa: SLF001
    "sort": Evaluator._sort,  # noqa: SLF001
    "toobject": Evaluator._to_object,  # noqa: SLF001
    "mapvalues": Evaluator._map_values,  # noqa: SLF001
    "groupby": Evaluator._group_by,  # noqa: SLF001
}
