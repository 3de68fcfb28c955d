"""Follows a Python program without running it: what its names stand for, place by place."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Protocol

from azmlint.expressions.arm_values import NotWorkedOut, unknown_member
from azmlint.expressions.term import UNKNOWN, Symbol, Term, unknown
from azmlint.expressions.truth import Decision, Reason
from azmlint.sources import python_operations as operations
from azmlint.sources.python_operations import Failed, as_term, not_known, truth
from azmlint.sources.python_syntax import SourceText, parse
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
    narrowed,
    trace_of,
    under,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.location import Document, Place
    from azmlint.sources.document import Context

STEP_LIMIT: Final = 200_000
"""How many expressions and statements of one file are followed."""

DEPTH_LIMIT: Final = 70
"""How deeply expressions, blocks and calls may nest."""

FORK_LIMIT: Final = 10
"""On how many conditions a place may rest."""

TURN_LIMIT: Final = 200
"""How many turns of a loop are followed."""

MODULE_SIZE: Final = 200_000
"""How long a module may be that is read for what its names stand for."""

MODULE_LIMIT: Final = 20
"""How many other modules are read for one file."""

NEXT: Final = 0
CONTINUE: Final = 1
BREAK: Final = 2
END: Final = 3
"""How a block ends: it goes on, leaves its loop's turn, its loop, or the function."""


class OverLimit(Exception):  # noqa: N818  # the rest of the file is skipped
    """A file takes more steps than are followed."""


class Argument(NamedTuple):
    """One argument of a call, and where it is written."""

    thing: Thing
    place: Place


class Arguments(NamedTuple):
    """What a call is given."""

    positional: list[Argument]
    named: dict[str, Argument]
    rest: Term | None
    """Why there may be more."""

    def bind(self, names: Sequence[str]) -> dict[str, Argument]:
        """Give arguments by their names, of a function whose first parameters are `names`."""
        found = dict(zip(names, self.positional, strict=False))
        return {**found, **self.named}


class Sdk(Protocol):
    """What knows the meaning of names that are not defined in the program."""

    def constant(self, name: str) -> str | None:
        """Give the value of a constant; None when it is none."""
        ...

    def exports(self, module: str) -> tuple[str, ...]:
        """List the names that `from module import *` brings, as far as they are known."""
        ...

    def call(
        self, program: Program, callee: Foreign | Bound, given: Arguments, node: ast.Call
    ) -> Thing | None:
        """Call something foreign; None when nothing is known of it."""
        ...

    def attribute(self, program: Program, of: Made, name: str, place: Place) -> Thing | None:
        """Give an attribute of what the SDK made; None when it is none that is known."""
        ...


class Guard(NamedTuple):
    """A look-up that fails, or a test of it, on the way to a place."""

    lookup: Made
    caught: Place | None
    """The handler of its failure; None for a test."""


class Course:
    """Where the following of a program and of the modules it uses has come to."""

    def __init__(self) -> None:
        """Start with nothing decided and nothing called."""
        self.path: Path = ()
        self.steps = 0
        self.depth = 0
        self.calls: list[ast.AST] = []
        self.entered: set[ast.AST] = set()
        self.returns: list[list[tuple[Path, Thing]]] = []
        self.modules: dict[str, Scope | None] = {}
        """By path; None while a module is being followed."""
        self.lookups: list[Made] = []
        """What was asked for, whether it is there or not."""
        self.guards: tuple[Guard, ...] = ()
        """What was asked before coming here, and not found."""


class Program:
    """One module, followed from its first statement to its last."""

    def __init__(
        self, document: Document, context: Context, sdk: Sdk, course: Course | None = None
    ) -> None:
        """Follow `document`; `sdk` knows what foreign names mean."""
        self.document = document
        self.context = context
        self.sdk = sdk
        self.text = SourceText(document)
        self.scope = Scope()
        self.scope.names["__name__"] = Term("__main__")
        self.course = course or Course()
        self.defined: list[Function] = []

    @property
    def path(self) -> Path:
        """What was decided on the way here."""
        return self.course.path

    @path.setter
    def path(self, path: Path) -> None:
        self.course.path = path

    # Running

    def run(self, body: list[ast.stmt]) -> None:
        """Follow the statements, and then the functions that nothing here calls."""
        self.block(body, self.scope)
        called = {
            getattr(n.func, "id", None) or getattr(n.func, "attr", None)
            for s in body
            for n in ast.walk(s)
            if isinstance(n, ast.Call)
        }
        for later in (False, True):
            for function in tuple(self.defined):
                if function.node not in self.course.entered and (
                    later or function.name not in called
                ):
                    self.path = ()
                    self.invoke(function, Arguments([], {}, None), self.place(function.node))

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
        self.path = (*before, (decision, True))
        yes = work()
        self.path = (*before, (decision, False))
        no = work()
        self.path = before
        return Choice(decision, yes, no)

    def lifted(self, thing: Thing, work: Callable[[Thing], Thing]) -> Thing:
        """Do something with whatever a thing may be here."""
        thing = narrowed(thing, self.path)
        if not isinstance(thing, Choice):
            return work(thing)
        if len(self.path) >= FORK_LIMIT:
            return self.undecided(thing)
        whole = thing
        return self.fork(thing.decision, lambda: self.lifted(whole, work))

    def undecided(self, choice: Choice) -> Term:
        """Stand for a choice that is not followed any further."""
        reason = Reason("limit", "it depends on more conditions than are followed")
        symbol = Symbol(("python", id(choice)), f"as {choice.decision.question} says")
        return Term(UNKNOWN, reason=reason, parts=(symbol,), decisions=(choice.decision,))

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
                return method.home.invoke(method, Arguments([], {}, None), self.place(node))
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
            found = self.sdk.call(self, Bound(of, "__getitem__", trace), call, _NO_CALL)
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
        place = self.place(node)
        shown = name.data if isinstance(name, Term) and isinstance(name.data, str) else "?"
        if default is not None and not (isinstance(default, Term) and default.data is None):
            return self.lifted(default, lambda d: _as_default(d, place))
        identity = ("environ", shown if shown != "?" else self.course.steps)
        text = f"the environment variable '{shown}' has no value here"
        return unknown(
            "parameter", text, Symbol(identity, f"environment variable {shown}"), (place,)
        )

    def _text(self, node: ast.JoinedStr, scope: Scope) -> Thing:
        pieces = [self._field(v, scope) for v in node.values]
        return self._combined(pieces, lambda found: operations.joined(found, (self.place(node),)))

    def _combined(self, things: list[Thing], work: Callable[[list[Thing]], Thing]) -> Thing:
        """Do something with several things, each of which may be a choice."""
        for thing in things:
            chosen = narrowed(thing, self.path)
            if isinstance(chosen, Choice):
                if len(self.path) >= FORK_LIMIT:
                    return self.undecided(chosen)
                return self.fork(chosen.decision, lambda: self._combined(things, work))
        return work([narrowed(t, self.path) for t in things])

    def _field(self, node: ast.expr, scope: Scope) -> Thing:
        if not isinstance(node, ast.FormattedValue):
            return self.evaluate(node, scope)
        value = self.evaluate(node.value, scope)
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

        def work(things: list[Thing]) -> Thing:
            try:
                if (
                    name == "Mod"
                    and isinstance(things[0], Term)
                    and isinstance(things[0].data, str)
                ):
                    return self._percent(things[0].data, things[1], trace)
                return operations.binary(name, things[0], things[1], trace)
            except NotWorkedOut:
                return not_known(operations.SIGNS.get(name, name), things, trace)
            except Failed as failed:
                return self._unknown(node, "invalid", str(failed))

        return self._combined([left, right], work)

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
                    return self.lifted(other, lambda t: _as_default(t, self.place(node)))
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
            one = self._combined(
                [left, right],
                lambda t, n=name: self._one_comparison(n, t[0], t[1], trace),  # type: ignore[misc]
            )
            if isinstance(found, Term) and found.data is True:
                found = one
            else:
                found = self._combined([found, one], lambda t: not_known("and", t, trace))
            if isinstance(found, Term) and found.data is False:
                return found
            left = right
        return found

    def _one_comparison(
        self, name: str, left: Thing, right: Thing, trace: tuple[Place, ...]
    ) -> Thing:
        if name in {"In", "NotIn"} and isinstance(right, Bound):
            call = Arguments([Argument(left, trace[0])], {}, None)
            found = self.sdk.call(self, Bound(right, "__contains__", trace), call, _NO_CALL)
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
            if len(self.path) >= FORK_LIMIT:
                return self._unknown(node, "limit", "it depends on more than is followed")
            before = self.path
            self.path = (*before, (decision, True))
            yes = work(True)  # noqa: FBT003
            self.path = (*before, (decision, False))
            no = work(False)  # noqa: FBT003
            self.path = before
            return Choice(decision, yes, no)

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
                if isinstance(more, Listed):
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
        items = self._items_of(whole)
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

    def _items_of(self, whole: Thing) -> list[Thing] | None:
        """List what a loop goes over; None when that is not known."""
        if isinstance(whole, Listed) and whole.rest is None:
            found = list(whole.items)
        elif isinstance(whole, Mapped) and whole.rest is None:
            found = operations.keys_of(whole)
        else:
            return None
        return found if len(found) <= TURN_LIMIT else None

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Thing:
        defaults = self._defaults(node.args, scope)
        return Function(node, scope, defaults, self, trace=(self.place(node),))

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Thing:
        value = self.evaluate(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def _awaited(self, node: ast.Await, scope: Scope) -> Thing:
        return self.evaluate(node.value, scope)

    # Calls

    def _call(self, node: ast.Call, scope: Scope) -> Thing:
        callee = self.evaluate(node.func, scope)
        given = self._given(node, scope)
        return self.lifted(callee, lambda c: self.call(c, given, node))

    def _given(self, node: ast.Call, scope: Scope) -> Arguments:
        given = Arguments([], {}, None)
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                more = narrowed(self.evaluate(argument.value, scope), self.path)
                if isinstance(more, Listed) and more.rest is None:
                    place = self.place(argument)
                    given.positional.extend(Argument(i, place) for i in more.items)
                else:
                    given = given._replace(rest=given.rest or as_term_of_any(more))
                continue
            thing = self.evaluate(argument, scope)
            given.positional.append(Argument(thing, self.place(argument)))
        for keyword in node.keywords:
            thing = self.evaluate(keyword.value, scope)
            place = self.place(keyword.value)
            if keyword.arg is not None:
                given.named[keyword.arg] = Argument(thing, place)
                continue
            more = narrowed(thing, self.path)
            if isinstance(more, Mapped):
                for name, value in more.pairs.items():
                    given.named[str(name)] = Argument(value, (*trace_of(value), place)[0])
                if more.rest is not None:
                    given = given._replace(rest=given.rest or more.rest)
            else:
                given = given._replace(rest=given.rest or as_term_of_any(more))
        return given

    def call(self, callee: Thing, given: Arguments, node: ast.Call) -> Thing:
        """Call something."""
        place = self.place(node)
        if isinstance(callee, Function):
            return callee.home.invoke(callee, given, place)
        if isinstance(callee, Class):
            return self._instance(callee, given, node)
        if isinstance(callee, Foreign):
            found = self._of_language(callee.name, given, node)
            found = found if found is not None else self.sdk.call(self, callee, given, node)
            if found is not None:
                return found
        if isinstance(callee, Bound):
            found = self.sdk.call(self, callee, given, node)
            found = found if found is not None else self._method(callee, given, node)
            if found is not None:
                return found
        return self._result(callee, given, node)

    def _result(self, callee: Thing, given: Arguments, node: ast.Call) -> Term:
        del callee, given
        return self._unknown(node, "runtime", f"'{self.shown(node.func)}' is not called here")

    def _of_language(self, name: str, given: Arguments, node: ast.Call) -> Thing | None:
        if name in {"os.environ.get", "os.getenv"}:
            bound = given.bind(("key", "default"))
            if "key" in bound:
                default = bound["default"].thing if "default" in bound else None
                return self.environment(bound["key"].thing, default, node)
        if name in {"sys.exit", "builtins.exit", "builtins.quit"}:
            return _ENDS
        if name in {"typing.cast", "copy.copy", "copy.deepcopy"} and given.positional:
            return given.positional[-1].thing
        if name == "builtins.getattr" and len(given.positional) >= 2:  # noqa: PLR2004
            attribute = given.positional[1].thing
            if isinstance(attribute, Term) and isinstance(attribute.data, str):
                return self.attribute(given.positional[0].thing, attribute.data, node)
        if name in {"os.path.join", "posixpath.join"} and given.positional:
            pieces: list[Thing] = []
            for one in given.positional:
                pieces += [Term("/"), one.thing]
            return self._combined(pieces[1:], lambda t: operations.joined(t, (self.place(node),)))
        if not name.startswith("builtins."):
            return None
        short = name.removeprefix("builtins.")
        names = list(given.named)
        things = [a.thing for a in given.positional] + [given.named[n].thing for n in names]
        if given.rest is not None:
            return None
        count = len(given.positional)
        trace = (self.place(node),)

        def work(found: list[Thing]) -> Thing:
            options = dict(zip(names, found[count:], strict=True))
            made = operations.function(short, found[:count], options, trace)
            return made if made is not None else _NONE

        made = self._combined(things, work)
        return None if made is _NONE else made

    def _method(self, callee: Bound, given: Arguments, node: ast.Call) -> Thing | None:
        of = callee.of
        if given.rest is not None or not isinstance(of, (Term, Listed, Mapped)):
            return None
        if isinstance(of, Mapped) and callee.name == "update":
            return self._update(of, given, node)
        if isinstance(of, Listed) and callee.name == "append" and given.positional:
            value = given.positional[0].thing
            conditions = tuple(c for c in self.path if c not in of.path)
            of.items.append(under(conditions, value, NOTHING))
            return Term(None)
        names = list(given.named)
        things = [a.thing for a in given.positional] + [given.named[n].thing for n in names]
        count = len(given.positional)
        trace = (self.place(node),)

        def work(found: list[Thing]) -> Thing:
            options = dict(zip(names, found[count:], strict=True))
            made = operations.method(of, callee.name, found[:count], options, trace)
            return made if made is not None else _NONE

        made = self._combined(things, work)
        return None if made is _NONE else made

    def _update(self, of: Mapped, given: Arguments, node: ast.Call) -> Thing:
        for one in given.positional:
            more = narrowed(one.thing, self.path)
            if isinstance(more, Mapped):
                for key, value in more.pairs.items():
                    self._set_item(of, key, value)
                of.keys_at.update(more.keys_at)
                of.rest = of.rest or more.rest
            else:
                of.rest = of.rest or as_term_of_any(more)
        for name, one in given.named.items():
            self._set_item(of, name, one.thing)
        return Term(None, (self.place(node),))

    def _set_item(self, of: Mapped, key: str | int | float | bool | None, value: Thing) -> None:  # noqa: FBT001
        conditions = tuple(c for c in self.path if c not in of.path)
        of.pairs[key] = under(conditions, value, of.pairs.get(key, NOTHING))

    def _instance(self, class_: Class, given: Arguments, node: ast.Call) -> Thing:
        made = Made(class_.name, {}, (self.place(node),), node=node, path=self.path)
        made.extra = class_
        init = class_.find("__init__")
        if isinstance(init, Function):
            method = Function(init.node, init.scope, init.defaults, init.home, made, init.trace)
            method.home.invoke(method, given, self.place(node))
            return made
        for name, argument in given.bind(class_.fields).items():
            made.attributes[name] = argument.thing
        return made

    def invoke(self, function: Function, given: Arguments, place: Place) -> Thing:
        """Call a function of the program."""
        node = function.node
        if node in self.course.calls or self.course.depth > DEPTH_LIMIT - 10:
            return unknown(
                "limit", f"{function.name}() calls itself", Symbol(object(), function.name)
            )
        self.course.entered.add(node)
        scope = Scope(function.scope, self.path)
        self._bind(function, given, scope, place)
        if isinstance(node, ast.Lambda):
            return self.evaluate(node.body, scope)
        before, guards = self.path, self.course.guards
        self.course.calls.append(node)
        self.course.returns.append([])
        self.course.depth += 1
        try:
            self.block(node.body, scope)
        finally:
            self.course.depth -= 1
            self.course.calls.pop()
            found = self.course.returns.pop()
            self.path, self.course.guards = before, guards
        result: Thing = Term(None, (place,))
        for path, thing in reversed(found):
            conditions = path[len(before) :]
            result = under(conditions, thing, result)
        return result

    def _bind(self, function: Function, given: Arguments, scope: Scope, place: Place) -> None:
        arguments = function.node.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        if function.owner is not None and names:
            scope.names[names.pop(0)] = function.owner
        bound = given.bind(names)
        every = {*names, *(a.arg for a in arguments.kwonlyargs)}
        for node in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            name = node.arg
            if name in scope.names:
                continue
            if name in bound:
                scope.names[name] = self._as_argument(bound[name])
            elif name in function.defaults and given.rest is None:
                scope.names[name] = function.defaults[name]
            elif given.rest is not None:
                scope.names[name] = unknown_member(given.rest, Term(name)).at(place)
            else:
                scope.names[name] = self._parameter(function, node)
        if arguments.vararg is not None:
            rest = [a.thing for a in given.positional[len(names) :]]
            scope.names[arguments.vararg.arg] = Listed(rest, (place,), rest=given.rest)
        if arguments.kwarg is not None:
            more = Mapped((place,), self.path)
            more.pairs = {k: v.thing for k, v in given.named.items() if k not in every}
            more.rest = given.rest
            if function.node not in self.course.calls and not self.course.calls and not given.named:
                more.rest = more.rest or self._parameter(function, arguments.kwarg)
            scope.names[arguments.kwarg.arg] = more

    def _as_argument(self, argument: Argument) -> Thing:
        def one(thing: Thing) -> Thing:
            if not isinstance(thing, Term):
                return thing
            place, first = argument.place, (*thing.trace, None)[0]
            if first is None or (first.document, first.start) != (place.document, place.start):
                inner = tuple(p.as_role("variable") if p.role == "use" else p for p in thing.trace)
                return _with_trace(thing, (place.as_role("argument"), *inner))
            return _with_trace(thing, (first.as_role("argument"), *thing.trace[1:]))

        return _everywhere(argument.thing, one)

    def _parameter(self, function: Function, node: ast.arg) -> Term:
        text = f"the argument '{node.arg}' of {function.name}() has no value here"
        identity = ("parameter", self.document.path, self.place(node).start)
        return unknown(
            "parameter", text, Symbol(identity, node.arg), (self.place(node, "variable"),)
        )

    def _defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Thing]:
        found: dict[str, Thing] = {}
        positional = [*arguments.posonlyargs, *arguments.args]
        given = positional[len(positional) - len(arguments.defaults) :]
        pairs: list[tuple[ast.arg, ast.expr]] = list(zip(given, arguments.defaults, strict=True))
        pairs += [
            (a, d)
            for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if d is not None
        ]
        for argument, node in pairs:
            found[argument.arg] = _everywhere(self.evaluate(node, scope), _in_default_role)
        return found

    # Statements

    def block(self, body: list[ast.stmt], scope: Scope) -> int:
        """Follow statements one after the other, and say how they end."""
        for statement in body:
            self.step()
            work = self._statements.get(type(statement))
            if work is None:
                continue
            flow = work(self, statement, scope)
            if flow != NEXT:
                return flow
        return NEXT

    def _nested(self, body: list[ast.stmt], scope: Scope) -> int:
        if self.course.depth > DEPTH_LIMIT:
            raise OverLimit
        self.course.depth += 1
        try:
            return self.block(body, scope)
        finally:
            self.course.depth -= 1

    def _expression(self, node: ast.Expr, scope: Scope) -> int:
        return END if self.evaluate(node.value, scope) is _ENDS else NEXT

    def _assignment(self, node: ast.Assign, scope: Scope) -> int:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            self.assign(target, value, scope)
        return NEXT

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> int:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, scope), scope)
        return NEXT

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> int:
        target: ast.expr = node.target
        read = ast.copy_location(_as_read(target), target)
        whole = ast.copy_location(ast.BinOp(read, node.op, node.value), node)
        self.assign(target, self.evaluate(whole, scope), scope)
        return NEXT

    def assign(self, target: ast.expr, value: Thing, scope: Scope) -> None:
        """Let a target stand for a value, on the conditions that hold here."""
        if isinstance(target, ast.Name):
            home = scope.module if target.id in scope.globals else scope
            old = home.names.get(target.id)
            conditions = tuple(c for c in self.path if c not in home.path)
            is_new = old is None or isinstance(old, Class)
            home.names[target.id] = value if is_new else under(conditions, value, old)  # type: ignore[arg-type]  # it is no class
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, narrowed(value, self.path), scope)
        elif isinstance(target, ast.Attribute):
            of = self.evaluate(target.value, scope)
            for one in _made(of):
                conditions = tuple(c for c in self.path if c not in one.path)
                old_value = one.attributes.get(target.attr, NOTHING)
                one.attributes[target.attr] = under(conditions, value, old_value)
        elif isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            of = narrowed(self.evaluate(target.value, scope), self.path)
            key = narrowed(self.evaluate(target.slice, scope), self.path)
            if isinstance(of, Mapped):
                try:
                    at = operations.key_of(key)
                except NotWorkedOut:
                    of.rest = of.rest or as_term_of_any(key)
                    return
                self._set_item(of, at, value)
                of.keys_at.setdefault(at, self.place(target.slice))
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, scope)

    def _unpack(self, target: ast.Tuple | ast.List, value: Thing, scope: Scope) -> None:
        count = len(target.elts)
        is_plain = not any(isinstance(e, ast.Starred) for e in target.elts)
        if isinstance(value, Listed) and len(value.items) == count and is_plain:
            for one, item in zip(target.elts, value.items, strict=True):
                self.assign(one, item, scope)
            return
        for index, one in enumerate(target.elts):
            self.assign(one, unknown_member(as_term_of_any(value), Term(index)), scope)

    def _if(self, node: ast.If, scope: Scope) -> int:
        count, guards = len(self.course.lookups), self.course.guards
        test = self.evaluate(node.test, scope)
        self.course.guards += tuple(Guard(m, None) for m in self.course.lookups[count:])
        flow = self._branches(narrowed(test, self.path), node, scope)
        self.course.guards = guards
        return flow

    def _branches(self, test: Thing, node: ast.If, scope: Scope) -> int:
        if isinstance(test, Choice):
            decision = test.decision
        else:
            verdict = truth(test)
            if verdict is None:
                decision = self.decision(test, node.test)
                verdict = next((v for d, v in self.path if d.key == decision.key), None)
            if verdict is not None:
                return self._nested(node.body if verdict else node.orelse, scope)
        before = self.path
        if len(before) >= FORK_LIMIT:
            self._nested(node.body, scope)
            self._nested(node.orelse, scope)
            self.path = before
            return NEXT
        flows: list[int] = []
        for verdict in (True, False):
            self.path = (*before, (decision, verdict))
            if isinstance(test, Choice):
                chosen = narrowed(test, self.path)
                flows.append(self._branches(chosen, node, scope))
            else:
                flows.append(self._nested(node.body if verdict else node.orelse, scope))
        # What comes after a branch that leaves is reached on the other one only.
        self.path = before
        if all(f != NEXT for f in flows):
            return min(flows)
        for flow, verdict in zip(flows, (False, True), strict=True):
            if flow != NEXT:
                self.path = (*before, (decision, verdict))
        return NEXT

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> int:
        whole = narrowed(self.evaluate(node.iter, scope), self.path)
        known = self._items_of(whole)
        some = unknown_member(as_term_of_any(whole), Term("...")).at(self.place(node.target))
        before = self.path
        for item in known if known is not None else [some]:
            self.assign(node.target, item, scope)
            flow = self._nested(node.body, scope)
            self.path = before
            if flow == BREAK:
                return NEXT
            if flow == END:
                # A loop of which the turns are not known may have none.
                return END if known is not None else NEXT
        return self._nested(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> int:
        self.evaluate(node.test, scope)
        before = self.path
        self._nested(node.body, scope)
        self.path = before
        return NEXT

    def _try(self, node: ast.Try, scope: Scope) -> int:
        before = self.path
        count = len(self.course.returns[-1]) if self.course.returns else 0
        asked, guards = len(self.course.lookups), self.course.guards
        flow = self._nested(node.body, scope)
        if flow == NEXT:
            flow = self._nested(node.orelse, scope)
        self.path = before
        after = len(self.course.returns[-1]) if self.course.returns else 0
        lookups = self.course.lookups[asked:]
        handled: list[int] = []
        for handler in node.handlers:
            caught = self.place(handler.type if handler.type is not None else handler)
            self.course.guards = guards + tuple(Guard(m, caught) for m in lookups)
            if handler.name is not None:
                scope.names[handler.name] = self._unknown(handler, "runtime", "an exception")
            handled.append(self._nested(handler.body, scope))
            self.path = before
        is_going_on = any(h == NEXT for h in handled)
        if flow == NEXT or not is_going_on:
            self.course.guards = guards
        if self.course.returns and (is_going_on or len(self.course.returns[-1]) > after):
            # What is made where something was not found is what the program is about.
            del self.course.returns[-1][count:after]
        last = self._nested(node.finalbody, scope)
        if last != NEXT:
            return last
        return (
            flow
            if flow != NEXT and not is_going_on and handled
            else (flow if not handled else NEXT)
        )

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> int:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        return self._nested(node.body, scope)

    def _match(self, node: ast.Match, scope: Scope) -> int:
        self.evaluate(node.subject, scope)
        before = self.path
        for case in node.cases:
            self._nested(case.body, scope)
            self.path = before
        return NEXT

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> int:
        defaults = self._defaults(node.args, scope)
        function = Function(node, scope, defaults, self, trace=(self.place(node),))
        scope.names[node.name] = function
        self.defined.append(function)
        return NEXT

    def _class(self, node: ast.ClassDef, scope: Scope) -> int:
        inner = Scope(scope, self.path)
        bases = [self.evaluate(b, scope) for b in node.bases]
        class_ = Class(node.name, bases, inner)
        class_.fields = tuple(
            s.target.id
            for s in node.body
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        )
        defined, self.defined = self.defined, []
        self.block(node.body, inner)
        methods, self.defined = self.defined, defined
        # Methods that nobody calls see one instance, made with the defaults.
        owner = Made(class_.name, {}, (self.place(node),), path=self.path)
        owner.extra = class_
        init = [m for m in methods if m.name == "__init__"]
        for method in [*init, *(m for m in methods if m.name != "__init__")]:
            self.defined.append(
                Function(method.node, method.scope, method.defaults, self, owner, method.trace)
            )
        scope.names[node.name] = class_
        return NEXT

    def _return(self, node: ast.Return, scope: Scope) -> int:
        value: Thing = (
            self.evaluate(node.value, scope)
            if node.value is not None
            else Term(None, (self.place(node),))
        )
        if self.course.returns:
            self.course.returns[-1].append((self.path, value))
        return END

    def _raise(self, node: ast.Raise, scope: Scope) -> int:
        del node, scope
        return END

    def _leave(self, node: ast.Break | ast.Continue, scope: Scope) -> int:
        del scope
        return BREAK if isinstance(node, ast.Break) else CONTINUE

    def _global(self, node: ast.Global, scope: Scope) -> int:
        scope.globals.update(node.names)
        return NEXT

    def _import(self, node: ast.Import, scope: Scope) -> int:
        for alias in node.names:
            place = (self.place(alias),)
            local = self.module(alias.name, 0)
            if local is not None:
                name = alias.asname or alias.name.partition(".")[0]
                if alias.asname or "." not in alias.name:
                    scope.names[name] = Class(alias.name, [], local)
                    continue
            if alias.asname is not None:
                scope.names[alias.asname] = Foreign(alias.name, place)
            else:
                root = alias.name.partition(".")[0]
                scope.names[root] = Foreign(root, place)
        return NEXT

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> int:
        name = node.module or ""
        local = self.module(name, node.level)
        for alias in node.names:
            if alias.name == "*":
                self._star(name, local, scope, alias)
                continue
            bound = alias.asname or alias.name
            found = local.names.get(alias.name) if local is not None else None
            if found is not None:
                scope.names[bound] = found
                continue
            inner = self.module(f"{name}.{alias.name}".strip("."), node.level)
            if inner is not None:
                scope.names[bound] = Class(alias.name, [], inner)
            elif local is None:
                full = f"{'.' * node.level}{name}.{alias.name}"
                value = self.sdk.constant(full)
                place = (self.place(alias),)
                scope.names[bound] = (
                    Term(value, place) if value is not None else Foreign(full, place)
                )
        return NEXT

    def _star(self, name: str, local: Scope | None, scope: Scope, alias: ast.alias) -> None:
        if local is not None:
            for one, thing in local.names.items():
                if not one.startswith("_"):
                    scope.names[one] = thing
            return
        for one in self.sdk.exports(name):
            scope.names[one] = Foreign(f"{name}.{one}", (self.place(alias),))

    def module(self, name: str, level: int) -> Scope | None:
        """Read another module of the same repository, for what its names stand for."""
        root = name.partition(".")[0]
        if level == 0 and (root in _FOREIGN or root in sys.stdlib_module_names):
            return None
        folder = self.document.path.rpartition("/")[0]
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        inside = name.replace(".", "/")
        ends = (f"{inside}.py", f"{inside}/__init__.py") if inside else ("__init__.py",)
        while True:
            prefix = f"{folder}/" if folder else ""
            for end in ends:
                found = self._module(f"{prefix}{end}")
                if found is not None:
                    return found
            if not folder or level:
                return None
            folder = folder.rpartition("/")[0]

    def _module(self, path: str) -> Scope | None:
        modules = self.course.modules
        if path in modules:
            return modules[path]
        if len(modules) > MODULE_LIMIT or path == self.document.path:
            return None
        document = self.context.sibling(path)
        # A module of constants is small.
        if document is None or len(document.text) > MODULE_SIZE:
            return None
        modules[path] = None
        # What another module declares is read with that module.
        other = Program(document, self.context, type(self.sdk)(), self.course)
        other.scope.names["__name__"] = Term(path)
        before = self.path, self.course.depth
        try:
            other.block(parse(document).body, other.scope)
        finally:
            self.path, self.course.depth = before
        modules[path] = other.scope
        for name, thing in other.scope.names.items():
            other.scope.names[name] = _everywhere(thing, _in_variable_role)
        return other.scope

    _expressions: ClassVar[dict[type[ast.expr], Callable[[Program, Any, Scope], Thing]]] = {
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
        ast.Call: _call,
    }

    _statements: ClassVar[dict[type[ast.stmt], Callable[[Program, Any, Scope], int]]] = {
        ast.Expr: _expression,
        ast.Assign: _assignment,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.If: _if,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.While: _while,
        ast.Try: _try,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Match: _match,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.ClassDef: _class,
        ast.Return: _return,
        ast.Raise: _raise,
        ast.Break: _leave,
        ast.Continue: _leave,
        ast.Global: _global,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
    }


def as_term_of_any(thing: Thing) -> Term:
    """Give the unknown that stands for something, be it a choice."""
    if isinstance(thing, Choice):
        symbol = Symbol(("python", id(thing)), thing.decision.question)
        return unknown("parameter", f"it depends on {thing.decision.question}", symbol)
    found = as_term(thing)
    if found.is_unknown:
        return found
    return unknown(
        "runtime", f"'{found.shown()}' is not worked out", Symbol(object(), found.shown())
    )


def _everywhere(thing: Thing, work: Callable[[Thing], Thing]) -> Thing:
    if isinstance(thing, Choice):
        return Choice(thing.decision, _everywhere(thing.yes, work), _everywhere(thing.no, work))
    return work(thing)


def _with_trace(term: Term, trace: tuple[Place, ...]) -> Term:
    return Term(
        term.data,
        trace,
        reason=term.reason,
        parts=term.parts,
        decisions=term.decisions,
        is_literal=term.is_literal,
    )


def _in_default_role(thing: Thing) -> Thing:
    if not isinstance(thing, Term):
        return thing
    return _with_trace(
        thing, tuple(p.as_role("default") if p.role == "use" else p for p in thing.trace)
    )


def _in_variable_role(thing: Thing) -> Thing:
    if not isinstance(thing, Term):
        return thing
    return _with_trace(
        thing, tuple(p.as_role("variable") if p.role == "use" else p for p in thing.trace)
    )


def _as_default(thing: Thing, place: Place) -> Thing:
    marked = _in_default_role(thing)
    return _with_trace(marked, (place, *marked.trace)) if isinstance(marked, Term) else marked


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


def _made(thing: Thing) -> list[Made]:
    if isinstance(thing, Choice):
        return [*_made(thing.yes), *_made(thing.no)]
    return [thing] if isinstance(thing, Made) else []


def _as_read(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    if isinstance(target, ast.Subscript):
        return ast.Subscript(target.value, target.slice, ast.Load())
    return target


_NONE: Final = Term(None)
_ENDS: Final = Term(None)
"""What a call gives that does not come back."""

_NO_CALL: Final = ast.Call(ast.Name("_"), [], [])
_FOREIGN: Final = frozenset({"azure", "azureml", "msrest", "numpy", "pandas", "sklearn", "torch"})
_BUILTINS: Final = frozenset({
    "str", "int", "float", "bool", "len", "list", "tuple", "dict", "set", "frozenset", "sorted",
    "reversed", "range", "enumerate", "zip", "min", "max", "sum", "abs", "round", "any", "all",
    "repr", "exit", "quit", "getattr", "print", "isinstance", "type", "object",
})  # fmt: skip
