"""Follows a Python program without running it, from its first statement to its last."""

from __future__ import annotations

import ast
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from azmlint.expressions.arm_values import NotWorkedOut, unknown_member
from azmlint.expressions.term import Term
from azmlint.expressions.truth import Decision
from azmlint.sources import python_operations as operations
from azmlint.sources.python_call import Calls
from azmlint.sources.python_course import (
    CASE_LIMIT,
    DEPTH_LIMIT,
    ENDS,
    FORK_LIMIT,
    NO_ARGUMENTS,
    Course,
    Guard,
    OverLimit,
    as_term_of_any,
    everywhere,
    in_variable_role,
)
from azmlint.sources.python_match import captured, counted, test_of
from azmlint.sources.python_operations import truth
from azmlint.sources.python_syntax import parse
from azmlint.sources.python_values import (
    NOTHING,
    Choice,
    Class,
    Foreign,
    Function,
    Listed,
    Made,
    Mapped,
    Scope,
    Thing,
    given_up,
    leaves,
    narrowed,
    under,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.location import Document
    from azmlint.sources.document import Context
    from azmlint.sources.python_course import Sdk

MODULE_SIZE: Final = 200_000
"""How long a module may be that is read for what its names stand for."""

MODULE_LIMIT: Final = 20
"""How many other modules are read for one file."""

NEXT: Final = 0
CONTINUE: Final = 1
BREAK: Final = 2
END: Final = 3
FAIL: Final = 4
"""How a block ends: it goes on, leaves its loop's turn, its loop, the function, or fails."""


class Program(Calls):
    """One module, followed from its first statement to its last."""

    def __init__(
        self, document: Document, context: Context, sdk: Sdk, course: Course | None = None
    ) -> None:
        """Follow `document`; `sdk` knows what foreign names mean."""
        super().__init__(document, context, sdk, course)
        self.defined: list[Function] = []

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
                    self._alone(function)
        for function in tuple(self.course.recursive.values()):
            # With what arguments a function calls itself is not followed.
            self.sdk.only_new(partial(self._alone, function))

    def _alone(self, function: Function) -> None:
        """Follow a function of which the arguments are not known."""
        self.path = ()
        work = partial(function.home.invoke, function, NO_ARGUMENTS, function.trace[0])
        self.sdk.alone(function, work)

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
        return END if self.evaluate(node.value, scope) is ENDS else NEXT

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
            if isinstance(of, Foreign) and of.name == "os.environ" and isinstance(key, Term):
                old = self.course.environment.get(str(key.data), NOTHING)
                self.course.environment[str(key.data)] = under(self.path, value, old)
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
        if isinstance(test, Choice) and test.depth > CASE_LIMIT:
            test = given_up(test)
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
        # What comes after a branch that leaves is reached on the other one only. That a program
        # does not fail goes without saying.
        self.path = before
        if all(f != NEXT for f in flows):
            return min(flows)
        for flow, verdict in zip(flows, (False, True), strict=True):
            if flow not in {NEXT, FAIL}:
                self.path = (*before, (decision, verdict))
        return NEXT

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> int:
        whole = narrowed(self.evaluate(node.iter, scope), self.path)
        known = self.items_of(whole)
        some = unknown_member(as_term_of_any(whole), Term("...")).at(self.place(node.target))
        before = self.path
        if known is None:
            self._forget(node.body, scope)
        for item in known if known is not None else [some]:
            self.assign(node.target, item, scope)
            flow = self._nested(node.body, scope)
            self.path = before
            if flow == BREAK:
                return NEXT
            if flow >= END:
                # A loop of which the turns are not known may have none.
                return flow if known is not None else NEXT
        if known is None:
            self._forget(node.body, scope)
        return self._nested(node.orelse, scope)

    def _forget(self, body: list[ast.stmt], scope: Scope) -> None:
        """Forget what a loop counts: how often it turns is not known."""
        for target in counted(body):
            old = scope.find(target.id)
            known = [] if old is None else [t for t in leaves(old) if t is not NOTHING]
            if known and all(isinstance(t, Term) and t.is_known for t in known):
                text = f"'{target.id}' changes in a loop of which the turns are not known"
                scope.names[target.id] = self._unknown(target, "runtime", text)

    def _while(self, node: ast.While, scope: Scope) -> int:
        self._forget(node.body, scope)
        self.evaluate(node.test, scope)
        before = self.path
        self._nested(node.body, scope)
        self.path = before
        self._forget(node.body, scope)
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
        return NEXT if is_going_on else flow

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> int:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        return self._nested(node.body, scope)

    def _match(self, node: ast.Match, scope: Scope) -> int:
        case, *others = node.cases
        subject = narrowed(self.evaluate(node.subject, scope), self.path)
        for name, pattern in captured(case.pattern):
            is_whole = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            part = unknown_member(as_term_of_any(subject), Term(name)).at(self.place(pattern))
            scope.names[name] = subject if is_whole else part
        written = test_of(node.subject, case)
        test = self.evaluate(written, scope) if written is not None else None
        test = narrowed(test, self.path) if test is not None else None
        if test is None or (not isinstance(test, Choice) and truth(test) is None):
            shown = f"{self.shown(node.subject)} is {self.shown(case.pattern)}"
            key = ("match", as_term_of_any(subject).parts, self.shown(case.pattern))
            decision = Decision(key, shown, ("true", "false"))
            test = narrowed(Choice(decision, Term(data=True), Term(data=False)), self.path)
        rest: list[ast.stmt] = []
        if others:
            rest.append(ast.copy_location(ast.Match(node.subject, others), node))
        either = ast.copy_location(ast.If(node.subject, case.body, rest), node)
        return self._branches(test, either, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> int:
        defaults = self.defaults(node.args, scope)
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
        return FAIL

    def _leave(self, node: ast.Break | ast.Continue, scope: Scope) -> int:
        del scope
        return BREAK if isinstance(node, ast.Break) else CONTINUE

    def _delete(self, node: ast.Delete, scope: Scope) -> int:
        for target in node.targets:
            if isinstance(target, (ast.Subscript, ast.Attribute)):
                self.assign(target, NOTHING, scope)
        return NEXT

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
        sdk = self.course.sdk
        self.course.sdk = type(sdk)()
        other = Program(document, self.context, self.course.sdk, self.course)
        other.scope.names["__name__"] = Term(path)
        before = self.path, self.course.depth
        try:
            other.block(parse(document).body, other.scope)
        finally:
            self.path, self.course.depth = before
            self.course.sdk = sdk
        modules[path] = other.scope
        for name, thing in other.scope.names.items():
            other.scope.names[name] = everywhere(thing, in_variable_role)
        return other.scope

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
        ast.TryStar: _try,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Match: _match,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.ClassDef: _class,
        ast.Delete: _delete,
        ast.Return: _return,
        ast.Raise: _raise,
        ast.Break: _leave,
        ast.Continue: _leave,
        ast.Global: _global,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
    }


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


_FOREIGN: Final = frozenset({"azure", "azureml", "msrest", "numpy", "pandas", "sklearn", "torch"})
