"""Evaluates template expressions; what depends on a deployment is left to a subclass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions import arm_functions
from azmlint.expressions.arm_functions import member
from azmlint.expressions.arm_syntax import Call, Foreign, Index, Member, Number, Text
from azmlint.expressions.arm_values import (
    NEST_LIMIT,
    NULL,
    NotWorkedOut,
    Refused,
    TooLarge,
    decisions_of,
    decisions_within,
    identity,
    opaque,
    want,
)
from azmlint.expressions.term import UNKNOWN, Object, Symbol, Term, derived, same, unknown
from azmlint.expressions.truth import Decision, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from azmlint.expressions.arm_syntax import Node
    from azmlint.expressions.worlds import Worlds

DEPTH_LIMIT: Final = 50
"""How deeply evaluations may nest, variables and parameters included."""

STEP_LIMIT: Final = 200_000
"""How many calls one document may make; real ones stay under 50,000."""


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
        self._met: list[Decision] = []
        """The decisions that the arguments of the call at hand rest on."""

    def scope_call(self, call: Call, locals_: Locals) -> Term | None:
        """Call a function of the deployment; None when there is none of that name."""
        raise NotImplementedError

    def expression(self, node: Node, locals_: Locals) -> Term:
        """Evaluate; what the service would refuse is unknown with that reason."""
        budget = self.budget
        budget.steps += 1
        if budget.depth > DEPTH_LIMIT or budget.steps > STEP_LIMIT:
            return _limit(node, ())
        budget.depth += 1
        outer, self._met = self._met, []
        try:
            term = self._evaluate(node, locals_)
            budget.steps += _weight(term)
        except Refused as refused:
            shown = _shown(node)
            text = f"{shown} would be refused: {refused}"
            # In another world it may well be accepted.
            term = unknown("invalid", text, _nothing_else(shown), decisions=tuple(self._met))
        except TooLarge:
            term = _limit(node, tuple(self._met))
        finally:
            budget.depth -= 1
            self._met = outer
        self._met += term.decisions
        return term

    def _evaluate(self, node: Node, locals_: Locals) -> Term:
        if isinstance(node, (Text, Number)):
            return Term(node.value)
        if isinstance(node, Member):
            return self._member(node.of, Term(node.name), node.is_safe, locals_)
        if isinstance(node, Index):
            at = self.expression(node.at, locals_)
            return self._member(node.of, at, node.is_safe, locals_)
        if isinstance(node, Foreign):
            return self.foreign(node, locals_)
        return self.call(node, locals_)

    def foreign(self, node: Foreign, locals_: Locals) -> Term:
        """Evaluate a node of the tree of another language."""
        raise NotImplementedError

    def call(self, node: Call, locals_: Locals) -> Term:
        """Call a function of any kind."""
        lazy = _LAZY.get(node.name)
        if lazy is not None:
            return self._lazily(lazy, node, locals_)
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
        verdict, term = self.condition(arguments[0], locals_)
        if verdict is not None:
            chosen = self.expression(arguments[1 if verdict else 2], locals_)
            open_here = (decision_on(term),) if term.is_unknown else ()
            return chosen.resting_on(term.decisions + open_here)
        if not term.is_unknown:
            raise Refused("the condition is neither true nor false")
        branches = [self.expression(a, locals_) for a in arguments[1:]]
        if same(branches[0], branches[1]).known:
            return branches[0].resting_on(decisions_within([term, branches[1]]))
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
            if term.data is None:
                nulls.append(term)
                continue
            open_.append(term)
            if not term.is_unknown or term.is_text:
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

    def apply(self, node: Node, values: Sequence[Term], locals_: Locals) -> Term:
        """Call a lambda."""
        if not isinstance(node, Call) or node.name != "lambda" or not node.arguments:
            raise Refused("a lambda is missing")
        *names, body = node.arguments
        bound = {
            n.value.casefold(): v
            for n, v in zip(names, values, strict=False)
            if isinstance(n, Text)
        }
        return self.expression(body, locals_.with_names(bound))

    def _items(self, node: Node, locals_: Locals) -> tuple[Term, list[Term]]:
        term = self.expression(node, locals_)
        if isinstance(term.data, list):
            return term, term.data
        if term.is_unknown:
            raise NotWorkedOut(term)
        raise Refused("an array is missing")

    def _map(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        made = [self.apply(arguments[1], [item, Term(i)], locals_) for i, item in enumerate(items)]
        return Term(made, whole.trace, decisions=whole.decisions)

    def _filter(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        kept: list[Term] = []
        tests: list[Term] = []
        for index, item in enumerate(items):
            test = self.apply(arguments[1], [item, Term(index)], locals_)
            tests.append(test)
            if _verdict(test):
                kept.append(item)
        return Term(kept, whole.trace, decisions=decisions_of([whole, *tests]))

    def _reduce(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        total = self.expression(arguments[1], locals_)
        for index, item in enumerate(items):
            total = self.apply(arguments[2], [total, item, Term(index)], locals_)
        if items and not total.is_literal:
            # What is put together of items goes back to where these are written.
            origins = (p.as_role("variable") if p.role == "use" else p for p in whole.trace)
            total = Term(
                total.data,
                (*total.trace, *origins),
                reason=total.reason,
                parts=total.parts,
                decisions=total.decisions,
            )
        return total.resting_on(whole.decisions)

    def _sort(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        ordered: list[Term] = []
        tests: list[Term] = []
        for item in items:
            # Insertion keeps what compares equal in order, as the service does.
            at = len(ordered)
            while at:
                before = self.apply(arguments[1], [item, ordered[at - 1]], locals_)
                tests.append(before)
                if not _verdict(before):
                    break
                at -= 1
            ordered.insert(at, item)
        return Term(ordered, whole.trace, decisions=decisions_of([whole, *tests]))

    def _to_object(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        made = Object()
        keys: list[Term] = []
        names: set[str] = set()
        for item in items:
            key = self.apply(arguments[1], [item], locals_)
            keys.append(key)
            name = _key(key)
            if name.casefold() in names:
                raise NotWorkedOut
            names.add(name.casefold())
            made[name] = (
                self.apply(arguments[2], [item], locals_) if len(arguments) > 2 else item  # noqa: PLR2004
            )
        return Term(made, whole.trace, decisions=decisions_of([whole, *keys]))

    def _map_values(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole = self.expression(arguments[0], locals_)
        if whole.is_unknown or (isinstance(whole.data, Object) and not whole.data.is_listed):
            raise NotWorkedOut(whole)
        if not isinstance(whole.data, Object):
            raise Refused("an object is missing")
        made = Object((k, self.apply(arguments[1], [v], locals_)) for k, v in whole.data.items())
        return Term(made, whole.trace, decisions=whole.decisions)

    def _group_by(self, arguments: Sequence[Node], locals_: Locals) -> Term:
        whole, items = self._items(arguments[0], locals_)
        groups: dict[str, list[Term]] = {}
        keys: list[Term] = []
        for item in items:
            key = self.apply(arguments[1], [item], locals_)
            keys.append(key)
            groups.setdefault(_key(key), []).append(item)
        if len({name.casefold() for name in groups}) < len(groups):
            raise NotWorkedOut
        made = Object((k, Term(v)) for k, v in groups.items())
        return Term(made, whole.trace, decisions=decisions_of([whole, *keys]))

    def _lazily(self, lazy: Lazy, node: Call, locals_: Locals) -> Term:
        """Call a function that evaluates its own arguments."""
        want(len(node.arguments), lazy.low, lazy.high)
        try:
            return lazy.work(self, node.arguments, locals_)
        except NotWorkedOut as problem:
            because = [problem.because] if problem.because is not None else []
            # A lambda sees more than its arguments, so no two calls are taken to be the same.
            found = opaque(node.shown, because, more=object())
            return found.resting_on(tuple(dict.fromkeys(self._met)))


class Lazy(NamedTuple):
    """A function that evaluates its arguments itself, with the number it takes."""

    work: Callable[[Evaluator, Sequence[Node], Locals], Term]
    low: int
    high: int | None


def _verdict(test: Term) -> bool:
    if test.is_unknown:
        raise NotWorkedOut(test)
    if not isinstance(test.data, bool):
        raise Refused("the lambda gives neither true nor false")
    return test.data


def _key(key: Term) -> str:
    if key.is_unknown:
        raise NotWorkedOut(key)
    if not isinstance(key.data, str):
        raise Refused("the lambda gives no text")
    return key.data


def _weight(term: Term) -> int:
    """Count a large value as several steps, since working on it takes as long."""
    if term.is_deeper(NEST_LIMIT):
        raise TooLarge
    if isinstance(term.data, str):
        return len(term.data) >> 12
    return len(term.data) >> 2 if isinstance(term.data, (list, Object)) else 0


def _shown(node: Node) -> str:
    return node.shown if isinstance(node, (Call, Foreign)) else "the expression"


def _limit(node: Node, decisions: tuple[Decision, ...]) -> Term:
    shown = _shown(node)
    text = f"'{shown}' goes over a limit of azmlint"
    return unknown("limit", text, _nothing_else(shown), decisions=decisions)


def _nothing_else(shown: str) -> Symbol:
    """Make a symbol that is the same as no other, whatever it is shown as."""
    return Symbol(("failed", object()), shown)


def decision_on(term: Term) -> Decision:
    """Make the decision that a condition of unknown outcome leaves open."""
    return Decision(("condition", term.parts), term.shown().strip("{}"), ("true", "false"))


_LAZY: Final[dict[str, Lazy]] = {
    "if": Lazy(Evaluator._if, 3, 3),  # noqa: SLF001  # the class's own table
    "and": Lazy(Evaluator._and, 2, None),  # noqa: SLF001
    "or": Lazy(Evaluator._or, 2, None),  # noqa: SLF001
    "coalesce": Lazy(Evaluator._coalesce, 1, None),  # noqa: SLF001
    "lambdavariables": Lazy(Evaluator._lambda_variables, 1, 1),  # noqa: SLF001
    "map": Lazy(Evaluator._map, 2, 2),  # noqa: SLF001
    "filter": Lazy(Evaluator._filter, 2, 2),  # noqa: SLF001
    "reduce": Lazy(Evaluator._reduce, 3, 3),  # noqa: SLF001
    "sort": Lazy(Evaluator._sort, 2, 2),  # noqa: SLF001
    "toobject": Lazy(Evaluator._to_object, 2, 3),  # noqa: SLF001
    "mapvalues": Lazy(Evaluator._map_values, 2, 2),  # noqa: SLF001
    "groupby": Lazy(Evaluator._group_by, 2, 2),  # noqa: SLF001
}

NAMES: Final = frozenset(_LAZY)
"""The functions that evaluate their own arguments, in lower case."""
