"""One template with its parameters and variables: what its expressions can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.expressions import arm_syntax
from azmlint.expressions.arm import DEPTH_LIMIT, STEP_LIMIT, Budget, Locals
from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    NULL,
    Refused,
    opaque,
)
from azmlint.expressions.term import (
    ABSENT_TERM,
    UNKNOWN,
    Object,
    Symbol,
    Term,
    unknown,
)
from azmlint.expressions.truth import Decision, Reason
from azmlint.location import Place
from azmlint.sources import placeholder
from azmlint.sources.deployment import OPTION_LIMIT, DeploymentEvaluator, with_role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from azmlint.expressions.arm_syntax import Call
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document
    from azmlint.sources.deployment import Deployment
    from azmlint.sources.json import JsonNode

LOOP_LIMIT: Final = 800
"""How many resources a loop may make; Resource Manager's own limit."""

_NO_TEXT: Final = frozenset({"int", "bool", "array", "object", "secureobject"})


class Template(DeploymentEvaluator):
    """A template in one deployment of it."""

    def __init__(
        self,
        document: Document,
        root: JsonNode,
        deployment: Deployment,
        worlds: Worlds,
        budget: Budget,
        *,
        arguments: Mapping[str, Callable[[], Term]] | None = None,
        outer: Template | None = None,
        target: Deployment | None = None,
    ) -> None:
        """Evaluate `root`; `outer` is the template whose parameters and variables it sees."""
        super().__init__(deployment, worlds, budget)
        self.document = document
        self.root = root
        self.target = target or deployment
        """Where its resources go, which is not where an outer template's functions look."""
        self.outer = outer
        self._arguments = arguments or {}
        self._functions: dict[str, JsonNode] | None = None
        self.nested: Callable[[Term], Template | None] = lambda _: None
        """Finds the template of a nested deployment by its name; the reader sets it."""
        self.declared: Callable[[Term], tuple[JsonNode, Locals] | None] = lambda _: None
        """Finds a resource by its symbolic name; the reader sets it."""

    # Values

    def evaluate(self, node: JsonNode, locals_: Locals) -> Term:
        """Evaluate a piece of the template; the trace begins at the piece."""
        value = node.value
        place = Place(self.document, node)
        if isinstance(value, str):
            return self._string(value, place, locals_)
        if value is None or isinstance(value, (bool, int, float)):
            return Term(value, (place,), is_literal=True)
        self.budget.depth += 1
        try:
            if self.budget.depth > DEPTH_LIMIT:
                symbol = Symbol(("depth", self.document.path, node.start), "value")
                return unknown("limit", "nested too deeply", symbol, (place,))
            if isinstance(value, list):
                return Term([self.evaluate(i, locals_) for i in node.items], (place,))
            return Term(self._object(node, locals_), (place,))
        finally:
            self.budget.depth -= 1

    def _string(self, text: str, place: Place, locals_: Locals) -> Term:
        if arm_syntax.is_expression(text):
            try:
                tree = arm_syntax.parse(text)
            except arm_syntax.ExpressionProblem as problem:
                symbol = Symbol(("invalid", text), text)
                return unknown("invalid", f"'{text}' is no expression: {problem}", symbol, (place,))
            return self.expression(tree, locals_).at(place)
        if placeholder.is_filled_in(text):
            return placeholder.term_of(text, (place,))
        return Term(arm_syntax.unescaped(text), (place,), is_literal=True)

    def _object(self, node: JsonNode, locals_: Locals) -> Object:
        made = Object()
        for key, inner in node.members:
            if key.name.casefold() == "copy" and _is_property_copy(inner.value):
                for name, term in self.copies(inner, locals_):
                    made[name] = term
                continue
            key_term = self._string(key.name, Place(self.document, key), locals_)
            name = key_term.data if isinstance(key_term.data, str) else key_term.shown()
            made[name] = self.evaluate(inner, locals_)
            made.keys_at[name] = key_term
        return made

    def copies(self, node: JsonNode, locals_: Locals) -> Iterator[tuple[str, Term]]:
        """Expand a `copy` of properties, variables or values: name and array of each."""
        for loop in node.items:
            name_node, body = loop.get("name"), loop.get("input")
            if name_node is None or body is None or not isinstance(name_node.value, str):
                continue
            yield name_node.value, self._copy(loop, name_node.value, locals_)

    def _copy(self, loop: JsonNode, name: str, locals_: Locals) -> Term:
        """Expand one loop to its array."""
        place = Place(self.document, loop)
        count_node, body = loop.get("count"), loop.get("input")
        count = self.evaluate(count_node, locals_) if count_node is not None else Term(1)
        if isinstance(count.data, str) and count.data.isdigit():
            count = Term(int(count.data), decisions=count.decisions)
        if not isinstance(count.data, int) or isinstance(count.data, bool) or body is None:
            return opaque("copy", [count]).at(place)
        if count.data > ITEM_LIMIT:
            symbol = Symbol(("copy", self.document.path, loop.start), f"copy '{name}'")
            return unknown("limit", f"copy '{name}' is too long", symbol, (place,))
        items = []
        for i in range(max(0, count.data)):
            # Loops within loops are many turns, though each is short.
            self.budget.steps += 1
            if self.budget.steps > STEP_LIMIT:
                symbol = Symbol(("copy", self.document.path, loop.start), f"copy '{name}'")
                text = f"copy '{name}' goes over a limit of azmlint"
                return unknown("limit", text, symbol, (place,))
            items.append(self.evaluate(body, locals_.with_index(name.casefold(), Term(i))))
        return Term(items, (place,), decisions=count.decisions)

    # What the deployment gives

    def scope_call(self, call: Call, locals_: Locals) -> Term | None:
        """Call a function that depends on the deployment."""
        name = call.name
        method = _SCOPE.get(name)
        if method is not None:
            return method(self, call, locals_)
        if "." in name:
            return self._user_function(call, locals_)
        return super().scope_call(call, locals_)

    def _parameters(self, call: Call, locals_: Locals) -> Term:
        name = self.first(call, locals_)
        if not isinstance(name.data, str):
            return opaque("parameters", [name])
        if locals_.parameters is not None:
            found = locals_.parameters.get(name.data.casefold())
            if found is None:
                message = f"the function has no parameter '{name.data}'"
                raise Refused(message)
            return found
        return self.parameter(name.data)

    def parameter(self, name: str) -> Term:
        """Give a parameter's argument or default, or what it could be."""
        if self.outer is not None:
            return self.outer.parameter(name)
        return self.once("parameter", name, self._parameter)

    def _variables(self, call: Call, locals_: Locals) -> Term:
        name = self.first(call, locals_)
        if not isinstance(name.data, str):
            return opaque("variables", [name])
        return self.variable(name.data)

    def variable(self, name: str) -> Term:
        """Give a variable's value."""
        if self.outer is not None:
            return self.outer.variable(name)
        return self.once("variable", name, self._variable)

    def _parameter(self, name: str) -> Term:
        declared = _child(self.root, "parameters", name)
        given = self._arguments.get(name.casefold())
        stated = given() if given is not None else ABSENT_TERM
        if not stated.is_absent:
            return stated
        return self._not_given(name, declared).resting_on(stated.decisions)

    def _not_given(self, name: str, declared: JsonNode | None) -> Term:
        shown = f"parameters('{name}')"
        is_text = declared is None or _type_of(declared) not in _NO_TEXT
        symbol = Symbol(("parameter", self.deployment.key, name.casefold()), shown, is_text)
        if declared is None:
            return unknown("invalid", f"there is no parameter '{name}'", symbol)
        default = declared.get("defaultValue")
        if default is not None:
            return with_role(self.evaluate(default, Locals()), "default")
        nullable = declared.get("nullable")
        if nullable is not None and nullable.value is True:
            return NULL
        return self._open_parameter(name, declared, symbol)

    def _open_parameter(self, name: str, declared: JsonNode, symbol: Symbol) -> Term:
        place = Place(self.document, declared, "default")
        kind = _type_of(declared)
        allowed = declared.get("allowedValues")
        options: list[Term] = []
        if allowed is not None and isinstance(allowed.value, list):
            options = [self.evaluate(i, Locals()) for i in allowed.items[: OPTION_LIMIT + 1]]
        elif kind == "bool":
            options = [Term(data=True), Term(data=False)]
        text = f"parameter '{name}' has no value here"
        if not 1 < len(options) <= OPTION_LIMIT or not all(o.is_known for o in options):
            if len(options) == 1:
                return Term(options[0].data, (place,))
            return unknown("parameter", text, symbol, (place,))
        decision = Decision(symbol.identity, symbol.text, tuple(o.shown() for o in options))
        choice = self.worlds.choice(decision)
        if choice is None:
            return unknown("parameter", text, symbol, (place,), (decision,))
        return Term(options[choice].data, (place,), decisions=(decision,))

    def _variable(self, name: str) -> Term:
        found = _child(self.root, "variables", name)
        if found is not None and name.casefold() != "copy":
            return with_role(self.evaluate(found, Locals()), "variable")
        loops = _child(self.root, "variables", "copy")
        if loops is not None and isinstance(loops.value, list):
            for loop in loops.items:
                name_node = loop.get("name")
                if (
                    name_node is not None
                    and str(name_node.value).casefold() == name.casefold()
                    and loop.has("input")
                ):
                    return with_role(self._copy(loop, name, Locals()), "variable")
        symbol = Symbol(("variable", self.deployment.key, name), f"variables('{name}')")
        return unknown("invalid", f"there is no variable '{name}'", symbol)

    def _copy_index(self, call: Call, locals_: Locals) -> Term:
        arguments = [self.expression(a, locals_) for a in call.arguments]
        name, offset = "", 0
        for argument in arguments:
            if isinstance(argument.data, str):
                name = argument.data.casefold()
            elif isinstance(argument.data, int):
                offset = argument.data
        index = locals_.indexes.get(name)
        if index is None:
            message = "copyIndex stands outside of its loop"
            raise Refused(message)
        if isinstance(index.data, int):
            return Term(index.data + offset, decisions=index.decisions)
        return opaque("copyIndex", [index, Term(offset)])

    def _user_function(self, call: Call, locals_: Locals) -> Term | None:
        if self.outer is not None:
            return self.outer.scope_call(call, locals_)
        if self._functions is None:
            self._functions = dict(self._user_functions())
        found = self._functions.get(call.name)
        if found is None:
            return None
        output = found.get("output")
        body = output.get("value") if output is not None else None
        if body is None:
            return None
        declared = found.get("parameters")
        names = [
            str(p.value.get("name", "")).casefold()
            for p in (declared.items if declared is not None else ())
            if isinstance(p.value, dict)
        ]
        values = [self.expression(a, locals_) for a in call.arguments]
        bound = dict(zip(names, values, strict=False))
        term = self.evaluate(body, Locals(parameters=bound))
        return Term(
            term.data,
            tuple(p.as_role("variable") if p.role == "use" else p for p in term.trace),
            reason=term.reason,
            parts=term.parts,
            decisions=term.decisions,
            is_literal=term.is_literal,
        )

    def _user_functions(self) -> Iterator[tuple[str, JsonNode]]:
        functions = self.root.get("functions")
        for space in functions.items if functions is not None else ():
            namespace, members = space.get("namespace"), space.get("members")
            if namespace is None or members is None or not isinstance(namespace.value, str):
                continue
            for key, node in members.members:
                yield f"{namespace.value}.{key.name}".lower(), node

    # References

    def _reference(self, call: Call, locals_: Locals) -> Term:
        arguments = [self.expression(a, locals_) for a in call.arguments]
        if not arguments:
            message = "reference wants a resource"
            raise Refused(message)
        template = self.nested(arguments[0])
        if template is not None:
            return Term(Object((("outputs", Term(_Outputs(template))),)))
        if len(arguments) > 2 and str(arguments[2].data).lower() == "full":  # noqa: PLR2004
            found = self.declared(arguments[0])
            if found is not None:
                return Term(_Full(self, *found, opaque("reference", arguments)))
        made = opaque("reference", arguments)
        reason = Reason("runtime", "reference() is answered at deployment")
        return Term(UNKNOWN, reason=reason, parts=made.parts, decisions=made.decisions)

    def output(self, name: str) -> Term | None:
        """Evaluate one output; None when there is none of that name."""
        declared = _child(self.root, "outputs", name)
        if declared is None:
            return None
        node, loop = declared.get("value"), declared.get("copy")
        if node is None and loop is None:
            return None

        def work(_: str) -> Term:
            if node is not None:
                return self.evaluate(node, Locals())
            return self._copy(loop, "", Locals()) if loop is not None else ABSENT_TERM

        return self.once("output", name, work)


class _Outputs(Object):
    """The outputs of a nested deployment, worked out when asked for."""

    __slots__ = ("template",)

    is_lazy = True

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.template = template

    def lookup(self, name: str) -> Term | None:
        term = self.template.output(name)
        return None if term is None else Term(Object((("value", term),)))


class _Full(Object):
    """A resource of the same template, as far as its declaration tells."""

    __slots__ = ("locals", "node", "rest", "template")

    is_lazy = True

    def __init__(self, template: Template, node: JsonNode, locals_: Locals, rest: Term) -> None:
        super().__init__()
        self.template = template
        self.node = node
        self.locals = locals_
        self.rest = rest

    def lookup(self, name: str) -> Term | None:
        if name.casefold() in {"location", "kind", "tags", "apiversion"}:
            found = self.node.get(name)
            if found is not None:
                return self.template.evaluate(found, self.locals)
        symbol = Symbol(("full", self.rest.parts, name), f"reference(...).{name}")
        return unknown("runtime", "reference() is answered at deployment", symbol)


def _child(root: JsonNode, section: str, name: str) -> JsonNode | None:
    node = root.get(section)
    return node.get(name) if node is not None else None


def _type_of(declared: JsonNode) -> str:
    node = declared.get("type")
    return str(node.value).lower() if node is not None else ""


def _is_property_copy(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(v, dict) and "name" in v and "input" in v for v in value
    )


_SCOPE: Final[dict[str, Callable[[Template, Call, Locals], Term | None]]] = {
    "parameters": Template._parameters,  # noqa: SLF001  # the class's own table
    "variables": Template._variables,  # noqa: SLF001
    "copyindex": Template._copy_index,  # noqa: SLF001
    "reference": Template._reference,  # noqa: SLF001
}
"""Functions that depend on the template, in lower case."""
