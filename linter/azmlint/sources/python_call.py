"""Follows the calls of a Python program, into the functions that it defines."""

from __future__ import annotations

import ast
import string
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import ITEM_LIMIT, NotWorkedOut, unknown_member
from azmlint.expressions.term import Symbol, Term, unknown
from azmlint.sources import python_library as library
from azmlint.sources import python_operations as operations
from azmlint.sources.python_course import (
    DEPTH_LIMIT,
    Argument,
    Arguments,
    as_term_of_any,
    everywhere,
    in_default_role,
    with_trace,
)
from azmlint.sources.python_expression import Expressions
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
    Scope,
    Thing,
    narrowed,
    trace_of,
    under,
)

if TYPE_CHECKING:
    from azmlint.location import Place


class Calls(Expressions):
    """One module; what statements do is left to a subclass."""

    def block(self, body: list[ast.stmt], scope: Scope) -> int:
        """Follow statements one after the other, and say how they end."""
        raise NotImplementedError

    def called(self, node: ast.Call, scope: Scope) -> Thing:
        """Evaluate a call."""
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
            found = library.call(self, callee.name, given, node)
            found = found if found is not None else self.sdk.call(self, callee, given, node)
            if found is not None:
                return found
        if isinstance(callee, Bound):
            found = library.method(self, callee.of, callee.name, given, node)
            found = found if found is not None else self.sdk.call(self, callee, given, node)
            found = found if found is not None else self._method(callee, given, node)
            if found is not None:
                return found
        return self._result(callee, given, node)

    def _result(self, callee: Thing, given: Arguments, node: ast.Call) -> Term:
        del callee, given
        return self._unknown(node, "runtime", f"'{self.shown(node.func)}' is not called here")

    def _method(self, callee: Bound, given: Arguments, node: ast.Call) -> Thing | None:
        of = callee.of
        if given.rest is not None or not isinstance(of, (Term, Listed, Mapped)):
            return None
        if isinstance(of, Mapped) and callee.name == "update":
            return self._update(of, given, node)
        if isinstance(of, Listed) and callee.name in {"append", "extend"} and given.positional:
            return self._lengthened(of, callee.name, given.positional[0].thing)
        is_open = not isinstance(of, Term) and any(c not in of.path for c in self.path)
        if callee.name in _NOT_FOLLOWED or (is_open and callee.name in _CHANGES):
            # What is left after it is not worked out.
            if not isinstance(of, Term):
                changed = Symbol(("python", self.document.path, self.course.steps), callee.name)
                text = f"what {callee.name}() leaves is not worked out"
                of.rest = of.rest or unknown("runtime", text, changed)
            return None
        if isinstance(of, Term):
            self._remember(of, callee.name, given, node)
            if callee.name == "format":
                made = self._formatted(of, given, node)
                if made is not None:
                    return made
        names = list(given.named)
        things = [a.thing for a in given.positional] + [given.named[n].thing for n in names]
        count = len(given.positional)
        trace = (self.place(node),)

        def work(found: list[Thing]) -> Thing:
            options = dict(zip(names, found[count:], strict=True))
            made = operations.method(of, callee.name, found[:count], options, trace)
            return made if made is not None else _NONE

        made = self.combined(things, work)
        return None if made is _NONE else made

    def _remember(self, of: Term, name: str, given: Arguments, node: ast.Call) -> None:
        """Remember what a text is put together from, or a list is taken from."""
        if name == "split" and not given.positional:
            self.course.texts[node] = (of,)
        elif name == "join" and given.positional:
            items = self.items_of(narrowed(given.positional[0].thing, self.path)) or []
            joined: list[Thing] = [piece for item in items for piece in (of, item)]
            self.course.texts[node] = tuple(joined[1:])

    def _formatted(self, of: Term, given: Arguments, node: ast.Call) -> Thing | None:
        """Fill in fields that are plain, so that what is known of the text is kept."""
        if not isinstance(of.data, str):
            return None
        try:
            fields = list(string.Formatter().parse(of.data))
        except ValueError:
            return None
        pieces: list[Thing] = []
        for index, (text, name, spec, conversion) in enumerate(fields):
            pieces.append(Term(text))
            if name is None:
                continue
            at = name or str(sum(1 for f in fields[:index] if f[1] == ""))
            found = given.named.get(at)
            if at.isdigit() and int(at) < len(given.positional):
                found = given.positional[int(at)]
            if found is None or spec or conversion or not isinstance(found.thing, (Term, Choice)):
                return None
            pieces.append(found.thing)
        trace = (self.place(node),)
        return self.combined(pieces, lambda found: operations.joined(found, trace))

    def _lengthened(self, of: Listed, name: str, value: Thing) -> Thing:
        conditions = tuple(c for c in self.path if c not in of.path)
        value = narrowed(value, self.path)
        if name == "append":
            more = [value]
        elif isinstance(value, Listed) and value.rest is None:
            more = value.items
        else:
            of.rest = of.rest or as_term_of_any(value)
            return Term(None)
        if len(of.items) + len(more) > ITEM_LIMIT:
            raise NotWorkedOut
        of.items += [under(conditions, one, NOTHING) for one in more]
        return Term(None)

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
        if value is NOTHING and not conditions:
            of.pairs.pop(key, None)
            return
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
        if node in self.course.calls:
            self.course.recursive[node] = function
        if node in self.course.calls or self.course.depth > DEPTH_LIMIT - 10:
            return unknown(
                "limit", f"{function.name}() calls itself", Symbol(object(), function.name)
            )
        self.course.entered.add(node)
        if self.document.path != self.course.home and self.course.sdk is self.course.own_sdk:
            self.course.outside.add(function.site)
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
                return with_trace(thing, (place.as_role("argument"), *inner))
            return with_trace(thing, (first.as_role("argument"), *thing.trace[1:]))

        return everywhere(argument.thing, one)

    def _parameter(self, function: Function, node: ast.arg) -> Term:
        text = f"the argument '{node.arg}' of {function.name}() has no value here"
        identity = ("parameter", self.document.path, self.place(node).start)
        return unknown(
            "parameter", text, Symbol(identity, node.arg), (self.place(node, "variable"),)
        )

    def defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Thing]:
        """Evaluate the defaults of parameters."""
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
            found[argument.arg] = everywhere(self.evaluate(node, scope), in_default_role)
        return found


_NONE: Final = Term(None)
_NOT_FOLLOWED: Final = frozenset({"clear", "popitem", "remove", "reverse", "sort"})
_CHANGES: Final = frozenset({"insert", "pop", "setdefault"})
"""What changes a list or a dictionary, other than by adding at its end."""
