"""Follows the expressions of a Python program: what each of them stands for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar, Final

from azmlint.expressions.arm_values import ITEM_LIMIT, NotWorkedOut, unknown_member
from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.expressions.truth import Decision
from azmlint.sources import placeholder
from azmlint.sources import python_operations as operations
from azmlint.sources import python_paths as paths
from azmlint.sources import python_times as times
from azmlint.sources.python_course import (
    CASE_LIMIT,
    DEPTH_LIMIT,
    FORK_LIMIT,
    NO_ARGUMENTS,
    NO_CALL,
    STEP_LIMIT,
    TURN_LIMIT,
    Argument,
    Arguments,
    Course,
    OverLimit,
    as_default,
    as_term_of_any,
    everywhere,
)
from azmlint.sources.python_operations import Failed, as_term, not_known, truth
from azmlint.sources.python_syntax import SourceText
from azmlint.sources.python_values import (
    NOTHING,
    Bound,
    Choice,
    Class,
    Foreign,
    Function,
    Listed,
    Made,
    Mapped,
    Path,
    Scope,
    Thing,
    given_up,
    narrowed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.location import Document, Place
    from azmlint.sources.document import Context
    from azmlint.sources.python_course import Sdk


class Expressions:
    """One module; what statements and calls do is left to a subclass."""

    def __init__(
        self, document: Document, context: Context, sdk: Sdk, course: Course | None = None
    ) -> None:
        """Follow `document`; `sdk` knows what foreign names mean."""
        self.document = document
        self.context = context
        self.text = SourceText(document)
        self.scope = Scope()
        self.scope.names["__name__"] = Term("__main__")
        self.scope.names["__file__"] = Term(paths.own(document.path))
        self.course = course or Course(sdk)
        if course is None:
            self.course.home = document.path

    @property
    def sdk(self) -> Sdk:
        """What knows the meaning of foreign names, of the program that is read."""
        return self.course.sdk

    @property
    def path(self) -> Path:
        """What was decided on the way here."""
        return self.course.path

    @path.setter
    def path(self, path: Path) -> None:
        self.course.path = path

    def assign(self, target: ast.expr, value: Thing, scope: Scope) -> None:
        """Let a target stand for a value."""
        raise NotImplementedError

    def called(self, node: ast.Call, scope: Scope) -> Thing:
        """Evaluate a call."""
        raise NotImplementedError

    def call(self, callee: Thing, given: Arguments, node: ast.Call) -> Thing:
        """Call something."""
        raise NotImplementedError

    def invoke(self, function: Function, given: Arguments, place: Place) -> Thing:
        """Call a function of the program."""
        raise NotImplementedError

    def defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Thing]:
        """Evaluate the defaults of parameters."""
        raise NotImplementedError

    def place(self, node: ast.AST, role: str = "use") -> Place:
        """Point at a node of this file."""
        return self.text.place(node, role)

    def shown(self, node: ast.AST) -> str:
        """Give what is written, on one line and not too long."""
        text = " ".join(self.place(node).text.split())
        return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  # for a message

    def step(self) -> None:
        """Count a step; raises OverLimit."""
        self.course.steps += 1
        if self.course.steps > STEP_LIMIT:
            raise OverLimit

    def fork(self, decision: Decision, work: Callable[[], Thing]) -> Thing:
        """Work something out for both answers to a question."""
        before = self.path
        self.course.cases += 1
        self.path = (*before, (decision, True))
        yes = work()
        self.path = (*before, (decision, False))
        no = work()
        self.path = before
        self.course.cases -= 1
        return Choice(decision, yes, no)

    @property
    def is_forked_enough(self) -> bool:
        """Whether no more conditions are followed here."""
        return len(self.path) >= FORK_LIMIT or self.course.cases >= CASE_LIMIT

    def lifted(self, thing: Thing, work: Callable[[Thing], Thing]) -> Thing:
        """Do something with whatever a thing may be here."""
        thing = narrowed(thing, self.path)
        if not isinstance(thing, Choice):
            return work(thing)
        if self.is_forked_enough:
            return work(given_up(thing))
        whole = thing
        return self.fork(thing.decision, lambda: self.lifted(whole, work))

    # Expressions

    def evaluate(self, node: ast.expr, scope: Scope) -> Thing:
        """Say what an expression stands for."""
        self.step()
        if self.course.depth > DEPTH_LIMIT:
            return self._unknown(node, "limit", "it nests deeper than it is followed")
        self.course.depth += 1
        try:
            work = self._expressions.get(type(node))
            if work is None:
                self._children(node, scope)
                return self._unknown(node, "runtime", f"'{self.shown(node)}' is not worked out")
            return work(self, node, scope)
        except Failed as failed:
            return self._unknown(node, "invalid", str(failed))
        except NotWorkedOut:
            return self._unknown(node, "runtime", f"'{self.shown(node)}' is not worked out")
        finally:
            self.course.depth -= 1

    def _children(self, node: ast.expr, scope: Scope) -> None:
        """Follow what is inside an expression of which the value is not worked out."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.evaluate(child, scope)

    def _unknown(self, node: ast.AST, kind: str, text: str) -> Term:
        symbol = Symbol(("python", self.document.path, self.course.steps), self.shown(node))
        return unknown(kind, text, symbol, (self.place(node),))

    def _constant(self, node: ast.Constant, _: Scope) -> Thing:
        value = node.value
        if isinstance(value, str) and placeholder.is_left_open(value):
            return placeholder.open_term_of(value, (self.place(node),))
        if value is None or isinstance(value, (str, int, float)):
            return Term(value, (self.place(node),), is_literal=True)
        raise NotWorkedOut

    def _name(self, node: ast.Name, scope: Scope) -> Thing:
        found = scope.find(node.id)
        if found is not None:
            return narrowed(found, self.path)
        if node.id in _BUILTINS:
            return Foreign(f"builtins.{node.id}", (self.place(node),))
        symbol = Symbol(("python name", self.document.path, node.id), node.id)
        text = f"'{node.id}' is not defined in this file"
        return unknown("runtime", text, symbol, (self.place(node),))

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Thing:
        of = self.evaluate(node.value, scope)
        return self.lifted(of, lambda t: self.attribute(t, node.attr, node))

    def attribute(self, of: Thing, name: str, node: ast.AST) -> Thing:
        """Give an attribute of something."""
        place = self.place(node)
        if isinstance(of, Foreign):
            full = f"{of.name}.{name}"
            value = self.sdk.constant(full)
            return Term(value, (place,)) if value is not None else Foreign(full, (place,))
        if isinstance(of, Class):
            found = of.find(name)
            return (
                narrowed(found, self.path) if found is not None else self._member(of, name, place)
            )
        if isinstance(of, Made):
            kept = of.attributes.get(name)
            if kept is not None:
                return narrowed(kept, self.path)
            if isinstance(of.extra, Class):
                return self._of_instance(of, of.extra, name, node)
            known = paths.attribute(of, name, place) or times.attribute(of, name, place)
            if known is not None:
                return known
            known = self.sdk.attribute(self, of, name, place)
            if known is not None:
                return known
        if name == "value" and isinstance(of, Term) and of.is_known:
            return of  # a member of an enumeration
        return Bound(of, name, (place,))

    def _member(self, of: Class, name: str, place: Place) -> Term:
        whole = Symbol(("python", self.document.path, of.name), of.name)
        text = f"'{of.name}.{name}' is not defined in this file"
        return unknown_member(unknown("runtime", text, whole), Term(name)).at(place)

    def _of_instance(self, of: Made, class_: Class, name: str, node: ast.AST) -> Thing:
        found = class_.find(name)
        if isinstance(found, Function):
            method = Function(found.node, found.scope, found.defaults, found.home, of, found.trace)
            decorators = getattr(found.node, "decorator_list", [])
            if any(getattr(d, "id", None) in {"property", "cached_property"} for d in decorators):
                return method.home.invoke(method, NO_ARGUMENTS, self.place(node))
            if any(getattr(d, "id", None) == "staticmethod" for d in decorators):
                return found
            return method
        if found is not None:
            return narrowed(found, self.path)
        symbol = Symbol(("python", id(of)), class_.name)
        text = f"'{name}' of a {class_.name} is not set in this file"
        return unknown_member(unknown("runtime", text, symbol), Term(name)).at(self.place(node))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Thing:
        of = self.evaluate(node.value, scope)
        if isinstance(node.slice, ast.Slice):
            return self._slice(of, node.slice, node, scope)
        key = self.evaluate(node.slice, scope)
        trace = (self.place(node),)
        if isinstance(of, Foreign) and of.name == "os.environ":
            return self.environment(key, None, node)
        if isinstance(of, Bound) and isinstance(of.of, Made):
            call = Arguments([Argument(key, self.place(node.slice))], {}, None)
            found = self.sdk.call(self, Bound(of, "__getitem__", trace), call, NO_CALL)
            if found is not None:
                return found
        return self.lifted(of, lambda t: self.lifted(key, lambda k: self._item(t, k, trace, node)))

    def _item(self, of: Thing, key: Thing, trace: tuple[Place, ...], node: ast.AST) -> Thing:
        try:
            return narrowed(operations.item(of, key, trace), self.path)
        except Failed as failed:
            return self._unknown(node, "invalid", f"{failed}, so the program fails here")

    def _slice(self, of: Thing, bounds: ast.Slice, node: ast.AST, scope: Scope) -> Thing:
        ends: list[int | None] = []
        for bound in (bounds.lower, bounds.upper, bounds.step):
            value = operations.plain(self.evaluate(bound, scope)) if bound is not None else None
            ends.append(value)
        if isinstance(of, Listed) and of.rest is None:
            return Listed(of.items[slice(*ends)], (self.place(node),), is_tuple=of.is_tuple)
        if isinstance(of, Term) and isinstance(of.data, str):
            return Term(of.data[slice(*ends)], (self.place(node),))
        return not_known("slice", (of,), (self.place(node),))

    def environment(self, name: Thing, default: Thing | None, node: ast.AST) -> Thing:
        """Read an environment variable, of which only the default can be known."""
        shown = name.data if isinstance(name, Term) and isinstance(name.data, str) else "?"
        own = narrowed(self.course.environment.get(shown, NOTHING), self.path)
        outside = self._from_outside(shown, default, node)
        return everywhere(own, lambda t: outside if t is NOTHING else t)

    def _from_outside(self, shown: str, default: Thing | None, node: ast.AST) -> Thing:
        place = self.place(node)
        if default is not None and not (isinstance(default, Term) and default.data is None):
            return self.lifted(default, lambda d: as_default(d, place))
        identity = ("environ", shown if shown != "?" else self.course.steps)
        text = f"the environment variable '{shown}' has no value here"
        return unknown(
            "parameter", text, Symbol(identity, f"environment variable {shown}"), (place,)
        )

    def _text(self, node: ast.JoinedStr, scope: Scope) -> Thing:
        pieces = [self._field(v, scope) for v in node.values]
        self.course.texts[node] = tuple(pieces)
        return self.combined(pieces, lambda found: operations.joined(found, (self.place(node),)))

    def combined(self, things: list[Thing], work: Callable[[list[Thing]], Thing]) -> Thing:
        """Do something with several things, each of which may be a choice."""
        for thing in things:
            chosen = narrowed(thing, self.path)
            if isinstance(chosen, Choice):
                if self.is_forked_enough:
                    break
                return self.fork(chosen.decision, lambda: self.combined(things, work))
        found = [narrowed(t, self.path) for t in things]
        return work([given_up(t) if isinstance(t, Choice) else t for t in found])

    def _field(self, node: ast.expr, scope: Scope) -> Thing:
        if not isinstance(node, ast.FormattedValue):
            return self.evaluate(node, scope)
        value = paths.plain(self.evaluate(node.value, scope))
        if node.conversion == -1 and node.format_spec is None:
            return value if isinstance(value, (Term, Choice)) else as_term(value)
        spec = self.evaluate(node.format_spec, scope) if node.format_spec is not None else Term("")
        if not isinstance(spec, Term) or not isinstance(spec.data, str):
            return not_known("format", (value,), (self.place(node),))
        written = spec.data

        def one(thing: Thing) -> Thing:
            try:
                return operations.formatted(thing, node.conversion, written)
            except NotWorkedOut:
                return not_known("format", (thing,), (self.place(node),))

        return self.lifted(value, one)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Thing:
        # A long sum is a tree that leans to the left; it is no reason to go deep.
        rights: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            self.step()
            rights.append(left)
            left = left.left
        value = self.evaluate(left, scope)
        for one in reversed(rights):
            other = self.evaluate(one.right, scope)
            value = self._operated(one, value, other)
        return value

    def _operated(self, node: ast.BinOp, left: Thing, right: Thing) -> Thing:
        trace = (self.place(node),)
        name = type(node.op).__name__
        if name == "Add":
            self.course.texts[node] = (left, right)

        def work(things: list[Thing]) -> Thing:
            try:
                if (
                    name == "Mod"
                    and isinstance(things[0], Term)
                    and isinstance(things[0].data, str)
                ):
                    return self._percent(things[0].data, paths.plain(things[1]), trace)
                below = paths.below(things[0], things[1], trace) if name == "Div" else None
                below = below or times.operated(name, things[0], things[1], trace)
                if below is not None:
                    return below
                return operations.binary(name, things[0], things[1], trace)
            except NotWorkedOut:
                return not_known(operations.SIGNS.get(name, name), things, trace)
            except Failed as failed:
                return self._unknown(node, "invalid", str(failed))

        return self.combined([left, right], work)

    def _percent(self, text: str, right: Thing, trace: tuple[Place, ...]) -> Thing:
        items = right.items if isinstance(right, Listed) and right.is_tuple else [right]
        pieces = text.replace("%%", "\0").split("%s")
        if "%" not in "".join(pieces) and len(pieces) == len(items) + 1:
            made: list[Thing] = [Term(pieces[0].replace("\0", "%"))]
            for one, piece in zip(items, pieces[1:], strict=True):
                made += [one if isinstance(one, Term) else Term(str(operations.plain(one)))]
                made += [Term(piece.replace("\0", "%"))]
            return operations.joined(made, trace)
        return operations.binary("Mod", Term(text), right, trace)

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Thing:
        value = self.evaluate(node.operand, scope)
        trace = (self.place(node),)

        def work(thing: Thing) -> Thing:
            if isinstance(node.op, ast.Not):
                verdict = truth(thing)
                if verdict is not None:
                    return Term(not verdict, trace)
                return not_known("not", (thing,), trace)
            try:
                data = operations.plain(thing)
            except NotWorkedOut:
                return not_known("-", (thing,), trace)
            if isinstance(node.op, ast.USub) and isinstance(data, (int, float)):
                return Term(-data, trace, is_literal=isinstance(node.operand, ast.Constant))
            raise NotWorkedOut

        return self.lifted(value, work)

    def _junction(self, node: ast.BoolOp, scope: Scope) -> Thing:
        return self._either(node, 0, scope)

    def _either(self, node: ast.BoolOp, index: int, scope: Scope) -> Thing:
        value = self.evaluate(node.values[index], scope)
        if index == len(node.values) - 1:
            return value
        is_or = isinstance(node.op, ast.Or)

        def work(thing: Thing) -> Thing:
            verdict = truth(thing)
            if verdict is None:
                other = self._either(node, index + 1, scope)
                if is_or and _is_unset(thing):
                    return self.lifted(other, lambda t: as_default(t, self.place(node)))
                return self.lifted(
                    other,
                    lambda t: not_known("or" if is_or else "and", (thing, t), (self.place(node),)),
                )
            return thing if verdict is is_or else self._either(node, index + 1, scope)

        return self.lifted(value, work)

    def _compared(self, node: ast.Compare, scope: Scope) -> Thing:
        left = self.evaluate(node.left, scope)
        trace = (self.place(node),)
        found: Thing = Term(data=True, trace=trace)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(right_node, scope)
            name = type(op).__name__
            one = self.combined(
                [left, right],
                lambda t, n=name: self._one_comparison(n, t[0], t[1], trace),  # type: ignore[misc]
            )
            if isinstance(found, Term) and found.data is True:
                found = one
            else:
                found = self.combined([found, one], lambda t: not_known("and", t, trace))
            if isinstance(found, Term) and found.data is False:
                return found
            left = right
        return found

    def _one_comparison(
        self, name: str, left: Thing, right: Thing, trace: tuple[Place, ...]
    ) -> Thing:
        if name in {"In", "NotIn"} and isinstance(right, Bound):
            call = Arguments([Argument(left, trace[0])], {}, None)
            found = self.sdk.call(self, Bound(right, "__contains__", trace), call, NO_CALL)
            if isinstance(found, Term) and isinstance(found.data, bool):
                return Term(found.data is (name == "In"), trace)
        if name in {"In", "NotIn"} and isinstance(right, (Listed, Mapped)):
            items = right.items if isinstance(right, Listed) else operations.keys_of(right)
            right = Listed(list(items), rest=right.rest)
        return operations.compare(name, left, right, trace)

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Thing:
        return self._split(
            self.evaluate(node.test, scope),
            node.test,
            lambda verdict: self.evaluate(node.body if verdict else node.orelse, scope),
        )

    def _split(self, test: Thing, node: ast.expr, work: Callable[[bool], Thing]) -> Thing:
        """Work something out as a test goes, for both ways when that is open."""

        def one(thing: Thing) -> Thing:
            verdict = truth(thing)
            if verdict is not None:
                return work(verdict)
            decision = self.decision(thing, node)
            taken = next((v for d, v in self.path if d.key == decision.key), None)
            if taken is not None:
                return work(taken)
            if self.is_forked_enough:
                return self._unknown(node, "limit", "it depends on more than is followed")
            before = len(self.path)
            return self.fork(decision, lambda: work(self.path[before][1]))

        return self.lifted(test, one)

    def decision(self, thing: Thing, node: ast.expr) -> Decision:
        """Make the decision that a condition of unknown outcome leaves open."""
        key = ("condition", as_term(thing).parts)
        return Decision(key, self.shown(node), ("true", "false"))

    def _list(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Thing:
        made = Listed([], (self.place(node),), path=self.path, is_tuple=isinstance(node, ast.Tuple))
        for element in node.elts:
            if isinstance(element, ast.Starred):
                more = narrowed(self.evaluate(element.value, scope), self.path)
                if isinstance(more, Listed) and len(made.items) + len(more.items) <= ITEM_LIMIT:
                    made.items += more.items
                    made.rest = made.rest or more.rest
                else:
                    made.rest = made.rest or as_term_of_any(more)
            else:
                made.items.append(self.evaluate(element, scope))
        return made

    def _dict(self, node: ast.Dict, scope: Scope) -> Thing:
        made = Mapped((self.place(node),), self.path)
        for key, value in zip(node.keys, node.values, strict=True):
            thing = self.evaluate(value, scope)
            if key is None:
                more = narrowed(thing, self.path)
                if isinstance(more, Mapped):
                    made.pairs.update(more.pairs)
                    made.keys_at.update(more.keys_at)
                    made.rest = made.rest or more.rest
                else:
                    made.rest = made.rest or as_term_of_any(more)
                continue
            name = narrowed(self.evaluate(key, scope), self.path)
            try:
                at = operations.key_of(name)
            except NotWorkedOut:
                made.rest = made.rest or as_term_of_any(name)
                continue
            made.pairs[at] = thing
            made.keys_at[at] = self.place(key)
        return made

    def _comprehension(self, node: ast.expr, scope: Scope) -> Thing:
        assert isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp))  # noqa: S101  # the table says so
        inner = Scope(scope, self.path)
        trace = (self.place(node),)
        made: Mapped | Listed = (
            Mapped(trace, self.path)
            if isinstance(node, ast.DictComp)
            else Listed([], trace, path=self.path)
        )
        self._turns(node, 0, inner, made)
        return made

    def _turns(
        self,
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp,
        index: int,
        scope: Scope,
        made: Mapped | Listed,
    ) -> None:
        if index == len(node.generators):
            if isinstance(node, ast.DictComp):
                assert isinstance(made, Mapped)  # noqa: S101  # as it was made
                key = narrowed(self.evaluate(node.key, scope), self.path)
                value = self.evaluate(node.value, scope)
                try:
                    made.pairs[operations.key_of(key)] = value
                except NotWorkedOut:
                    made.rest = made.rest or as_term_of_any(key)
            else:
                assert isinstance(made, Listed)  # noqa: S101  # as it was made
                made.items.append(self.evaluate(node.elt, scope))
            return
        part = node.generators[index]
        whole = narrowed(self.evaluate(part.iter, scope), self.path)
        items = self.items_of(whole)
        if items is None:
            made.rest = made.rest or as_term_of_any(whole)
            return
        for item in items:
            self.assign(part.target, item, scope)
            for test in part.ifs:
                verdict = truth(narrowed(self.evaluate(test, scope), self.path))
                if verdict is None:
                    made.rest = made.rest or as_term_of_any(self.evaluate(test, scope))
                if not verdict:
                    break
            else:
                self._turns(node, index + 1, scope, made)

    def items_of(self, whole: Thing) -> list[Thing] | None:
        """List what a loop goes over; None when that is not known."""
        if isinstance(whole, Listed) and whole.rest is None:
            found = list(whole.items)
        elif isinstance(whole, Mapped) and whole.rest is None:
            found = operations.keys_of(whole)
        else:
            return None
        return found if len(found) <= TURN_LIMIT else None

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Thing:
        defaults = self.defaults(node.args, scope)
        return Function(node, scope, defaults, self, trace=(self.place(node),))

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Thing:
        value = self.evaluate(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _awaited(self, node: ast.Await, scope: Scope) -> Thing:
        return self.evaluate(node.value, scope)

    def _called(self, node: ast.Call, scope: Scope) -> Thing:
        return self.called(node, scope)

    _expressions: ClassVar[dict[type[ast.expr], Callable[[Expressions, Any, Scope], Thing]]] = {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Subscript: _subscript,
        ast.JoinedStr: _text,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _junction,
        ast.Compare: _compared,
        ast.IfExp: _conditional,
        ast.List: _list,
        ast.Tuple: _list,
        ast.Set: _list,
        ast.Dict: _dict,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.DictComp: _comprehension,
        ast.Lambda: _lambda,
        ast.NamedExpr: _walrus,
        ast.Await: _awaited,
        ast.Call: _called,
    }


def _is_unset(thing: Thing) -> bool:
    """Whether something is what a run is given from outside, and may be given nothing."""
    if not isinstance(thing, Term) or len(thing.parts) != 1:
        return False
    part = thing.parts[0]
    return (
        isinstance(part, Symbol)
        and isinstance(part.identity, tuple)
        and part.identity[0]
        in {
            "environ",
            "parameter",
        }
    )


_BUILTINS: Final = frozenset({
    "str", "int", "float", "bool", "len", "list", "tuple", "dict", "set", "frozenset", "sorted",
    "reversed", "range", "enumerate", "zip", "min", "max", "sum", "abs", "round", "any", "all",
    "repr", "filter", "map", "exit", "quit", "getattr", "print", "isinstance", "type", "object",
    "open",
})  # fmt: skip
