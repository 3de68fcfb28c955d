"""One Bicep file in one use of it: what its expressions can see, and what they come to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from azmlint.expressions import arm_functions
from azmlint.expressions.arm import DEPTH_LIMIT, NO_LOCALS, Locals
from azmlint.expressions.arm_functions import member
from azmlint.expressions.arm_values import (
    ITEM_LIMIT,
    NULL,
    Refused,
    TooLarge,
    opaque,
    unknown_member,
)
from azmlint.expressions.term import ABSENT_TERM, UNKNOWN, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Decision, Reason
from azmlint.location import Place
from azmlint.sources import placeholder
from azmlint.sources.arm_body import inside
from azmlint.sources.bicep_tree import (
    Access,
    ArrayNode,
    Bare,
    If,
    Joined,
    Lambda,
    Literal,
    Loop,
    MethodCall,
    Name,
    Node,
    ObjectNode,
    Operation,
    Spread,
    Type,
    untyped,
)
from azmlint.sources.deployment import (
    OPTION_LIMIT,
    DeploymentEvaluator,
    parts_term,
    with_role,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from azmlint.expressions import arm_syntax
    from azmlint.expressions.arm import Budget
    from azmlint.expressions.arm_syntax import Call, Foreign
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document
    from azmlint.model.value import Route
    from azmlint.sources.bicep_tree import Program, Statement
    from azmlint.sources.deployment import Deployment

_NO_TEXT: Final = frozenset({"int", "bool", "array", "object", "secureObject"})
_NAMESPACES: Final = frozenset({"az", "sys"})


class Files(Protocol):
    """What a Bicep file may refer to outside of itself; the reader knows it."""

    def imported(self, template: BicepTemplate, name: str) -> tuple[BicepTemplate, str] | None:
        """Find what a name stands for that another file exports; "" for all of that file."""
        ...

    def resource(self, template: BicepTemplate, statement: Statement, locals_: Locals) -> Term:
        """Give a resource, or the list of them that its loop makes."""
        ...

    def nested(self, of: Term, name: str) -> Term | None:
        """Give a resource that is declared inside another."""
        ...

    def missing(self, of: Term) -> Term | None:
        """Give what a safe access to a resource or module finds that is or may not be there."""
        ...

    def module(self, template: BicepTemplate, statement: Statement, locals_: Locals) -> Term:
        """Give a module, or the list of them that its loop makes."""
        ...

    def content(self, template: BicepTemplate, call: Call, arguments: Sequence[Term]) -> Term:
        """Give what is in another file."""
        ...


def nothing_given(_: str) -> Term:
    """Give no arguments."""
    return ABSENT_TERM


class Turn(Locals):
    """What an expression sees in one turn of a loop whose items depend on decisions."""

    __slots__ = ("items",)

    def __init__(self, outer: Locals, items: Mapping[str, Callable[[], Term]]) -> None:
        """See `outer`, and items that are worked out in the world of the moment."""
        super().__init__(outer.indexes, outer.names, outer.parameters)
        self.items: dict[str, Callable[[], Term]] = {
            **(outer.items if isinstance(outer, Turn) else {}),
            **items,
        }

    def with_names(self, names: Mapping[str, Term]) -> Locals:
        """See lambda variables too."""
        kept = {k: v for k, v in self.items.items() if k not in names}
        return Turn(super().with_names(names), kept)


class Turns(NamedTuple):
    """What the turns of a loop see."""

    locals: list[Locals]
    open: Term | None = None
    """What is gone through, when it is not known; then there is one turn for all."""


class BicepTemplate(DeploymentEvaluator):
    """A Bicep file with the arguments of one use of it."""

    def __init__(
        self,
        document: Document,
        program: Program,
        deployment: Deployment,
        worlds: Worlds,
        budget: Budget,
        files: Files,
        *,
        argument: Callable[[str], Term] = nothing_given,
        users: tuple[str, ...] = (),
    ) -> None:
        """Evaluate `program`; `argument` gives what its user passes, absent for nothing."""
        super().__init__(deployment, worlds, budget)
        self.document = document
        self.program = program
        self.files = files
        self.argument = argument
        self.users = (*users, document.path)
        """The files on the way to here, this one last."""

    # Pieces of the text

    def foreign(self, node: Foreign, locals_: Locals) -> Term:
        """Evaluate a node; the trace begins where it stands."""
        return _NODES[type(node)](self, node, locals_)

    def at(self, node: Node | None, route: Route, locals_: Locals) -> Term:
        """Evaluate what stands at a route below a node, without evaluating what is beside it."""
        for index, key in enumerate(route):
            found: Node | Term | None = None
            node = untyped(node)
            if isinstance(node, ObjectNode):
                found = self._member_of(node, key, locals_)
            elif isinstance(node, ArrayNode):
                found = _item_of(node, key)
            if isinstance(found, Term):
                return inside(found, route[index + 1 :])
            if found is None:
                break
            node = found
        else:
            index = len(route)
        if node is None:
            return ABSENT_TERM
        return inside(self.expression(node, locals_), route[index:])

    def _member_of(self, node: ObjectNode, key: str, locals_: Locals) -> Node | Term:
        """Find a member; what is spread out after it may stand over it."""
        folded = key.casefold()
        decisions: tuple[Decision, ...] = ()
        for item in reversed(node.members):
            if isinstance(item, Spread):
                term = self.expression(item.value, locals_)
                decisions += term.decisions
                if term.is_unknown:
                    found = unknown_member(term, Term(key)).at(self.place(item))
                    return found.resting_on(decisions)
                if isinstance(term.data, Object) and term.data.lookup(key) is not None:
                    return inside(term, (key,)).resting_on(decisions)
                continue
            name: object = item.name
            if name is None:
                computed = self.expression(item.key, locals_)
                decisions += computed.decisions
                name = computed.data
            if isinstance(name, str) and name.casefold() == folded:
                if not decisions:
                    return item.value
                return self.expression(item.value, locals_).resting_on(decisions)
        return ABSENT_TERM.resting_on(decisions)

    def place(self, node: Node, role: str = "use") -> Place:
        """Point at a node."""
        return Place(self.document, node, role)

    def _used(self, node: Node, term: Term) -> Term:
        """Put the place of a use before the trace, unless the value stands inside of it."""
        trace = term.trace
        if trace and trace[0].document is self.document:
            first = trace[0]
            if node.start <= first.start and first.end <= node.end:
                return term
        roles = tuple(p.as_role("variable") if p.role == "use" else p for p in trace)
        return Term(
            term.data,
            (self.place(node), *roles),
            reason=term.reason,
            parts=term.parts,
            decisions=term.decisions,
            is_literal=term.is_literal,
        )

    def _literal(self, node: Literal, _: Locals) -> Term:
        value = node.value
        if (
            isinstance(value, str)
            and not isinstance(node, Bare)
            and placeholder.is_filled_in(value)
        ):
            return placeholder.term_of(value, (self.place(node),))
        return Term(value, (self.place(node),), is_literal=True)

    def _joined(self, node: Joined, locals_: Locals) -> Term:
        pieces = [self.expression(p, locals_) for p in node.parts]
        pattern = "".join(f"{{{i}}}" for i in range(len(pieces)))
        made = arm_functions.call("format", "format", [Term(pattern), *pieces])
        return (made or ABSENT_TERM).at(self.place(node))

    def _object(self, node: ObjectNode, locals_: Locals) -> Term:
        layers: list[Term] = []
        made = Object()
        for item in node.members:
            if isinstance(item, Spread):
                layers += [Term(made), self.expression(item.value, locals_)]
                made = Object()
                continue
            key = self.expression(item.key, locals_)
            name = key.data if isinstance(key.data, str) else key.shown()
            made[name] = self.expression(item.value, locals_)
            made.keys_at[name] = key
        if not layers:
            return Term(made, (self.place(node),))
        layers.append(Term(made))
        kept = [t for t in layers if t.data is not None and t.data != {}]
        if len(kept) == 1:
            return kept[0].at(self.place(node))
        whole = arm_functions.call("shallowmerge", "...", [Term(kept)])
        return (whole or ABSENT_TERM).at(self.place(node))

    def _array(self, node: ArrayNode, locals_: Locals) -> Term:
        if not any(isinstance(i, Spread) for i in node.items):
            return Term([self.expression(i, locals_) for i in node.items], (self.place(node),))
        lists = [
            self.expression(i.value, locals_)
            if isinstance(i, Spread)
            else Term([self.expression(i, locals_)])
            for i in node.items
        ]
        whole = arm_functions.call("concat", "...", lists)
        return (whole or ABSENT_TERM).at(self.place(node))

    def _name(self, node: Name, locals_: Locals) -> Term:
        return self._used(node, self._meant(node.name, locals_))

    def _meant(self, name: str, locals_: Locals) -> Term:
        """Give what a name stands for."""
        found = locals_.names.get(name)
        if found is not None:
            return found
        again = locals_.items.get(name) if isinstance(locals_, Turn) else None
        if again is not None:
            return again()
        return self.named(name)

    def named(self, name: str) -> Term:
        """Give what is declared under a name."""
        statement = self.program.named.get(name)
        keyword = statement.keyword if statement is not None else ""
        if keyword == "param":
            return self.once("parameter", name, self._parameter)
        if keyword == "var":
            return self.once("variable", name, self._variable)
        if statement is not None and keyword == "resource":
            return self.files.resource(self, statement, NO_LOCALS)
        if statement is not None and keyword == "module":
            return self.files.module(self, statement, NO_LOCALS)
        imported = self.files.imported(self, name)
        if imported is not None:
            return imported[0].named(imported[1])
        symbol = Symbol(("name", self.deployment.key, name), name)
        return unknown("invalid", f"'{name}' is not declared", symbol)

    def _operation(self, node: Operation, locals_: Locals) -> Term:
        return self._used(node, self.call(node.call, locals_))

    def _access(self, node: Access, locals_: Locals) -> Term:
        space = self._namespace(node.of, locals_)
        if space is not None and isinstance(node.key, Literal):
            return self._used(node, space.named(str(node.key.value)))
        of = self.expression(node.of, locals_)
        key = self.expression(node.key, locals_)
        if node.is_nested:
            nested = self.files.nested(of, str(key.data))
            return self._used(node, nested if nested is not None else unknown_member(of, key))
        if of.data is None and node.of.may_end_in_null:
            return NULL.resting_on(of.decisions)
        missing = self.files.missing(of) if node.is_safe else None
        if missing is not None:
            return self._used(node, missing)
        if node.is_from_end:
            name = "tryIndexFromEnd" if node.is_safe else "indexFromEnd"
            found = arm_functions.call(name.lower(), name, [of, key]) or ABSENT_TERM
        else:
            found = member(of, key, is_safe=node.is_safe)
        return self._used(node, _as_part(found, _role_of(of)))

    def _namespace(self, node: Node, locals_: Locals) -> BicepTemplate | None:
        """Give the file that a name of `import * as name` stands for."""
        if not isinstance(node, Name) or node.name in locals_.names:
            return None
        statement = self.program.named.get(node.name)
        if statement is None or statement.keyword != "import":
            return None
        imported = self.files.imported(self, node.name)
        return imported[0] if imported is not None else None

    def _method(self, node: MethodCall, locals_: Locals) -> Term:
        call = node.call
        space_name = node.of.name if isinstance(node.of, Name) else ""
        if space_name in _NAMESPACES and space_name not in self.program.named:
            return self._used(node, self.call(call, locals_))
        space = self._namespace(node.of, locals_)
        if space is not None:
            values = [self.expression(a, locals_) for a in call.arguments]
            return self._used(node, space.user_function(call.shown, values) or ABSENT_TERM)
        of = self.expression(node.of, locals_)
        arguments = [of, *(self.expression(a, locals_) for a in call.arguments)]
        return self.answered(call.shown, arguments).at(self.place(node))

    def _loop(self, node: Loop, locals_: Locals) -> Term:
        turns = self.turns(node, locals_)
        if turns.open is not None:
            # What a loop sees is more than what it goes through, so no two are the same.
            return opaque("for", [turns.open], more=object()).at(self.place(node))
        items = [self.expression(node.body, t) for t in turns.locals]
        return Term(items, (self.place(node),))

    def turns(self, node: Loop, locals_: Locals) -> Turns:
        """Give what each turn of a loop sees."""
        source = self.expression(node.source, locals_)
        if not isinstance(source.data, list):
            item = unknown_member(source, Term("*")).at(self.place(node.source))
            names = {node.item: item}
            if node.index is not None:
                symbol = Symbol(("index", self.document.path, node.start), node.index)
                text = "the number of turns of the loop is not known"
                names[node.index] = unknown("parameter", text, symbol)
            return Turns([locals_.with_names(names)], source)
        if len(source.data) > ITEM_LIMIT:
            raise TooLarge
        found: list[Locals] = []
        rests = source.rests_on_decisions
        role = _role_of(source)
        for index, item in enumerate(source.data):
            names = {node.index: Term(index)} if node.index is not None else {}
            if rests:
                inner = locals_.with_names(names)
                again = partial(self._item, node.source, locals_, index)
                found.append(Turn(inner, {node.item: again}))
            else:
                found.append(locals_.with_names({**names, node.item: _as_part(item, role)}))
        return Turns(found)

    def _item(self, source: Node, locals_: Locals, index: int) -> Term:
        """Give an item of a list in the world of the moment."""
        whole = self.expression(source, locals_)
        if isinstance(whole.data, list) and index < len(whole.data):
            return _as_part(whole.data[index], _role_of(whole)).resting_on(whole.decisions)
        return unknown_member(whole, Term(index))

    def _misplaced(self, _node: Node, _locals: Locals) -> Term:
        message = "it stands where no value can"
        raise Refused(message)

    # Functions

    def apply(self, node: arm_syntax.Node, values: Sequence[Term], locals_: Locals) -> Term:
        """Call a lambda."""
        if not isinstance(node, Lambda):
            message = "a lambda is missing"
            raise Refused(message)
        bound = dict(zip(node.names, values, strict=False))
        return self.expression(node.body, locals_.with_names(bound))

    def scope_call(self, call: Call, locals_: Locals) -> Term | None:
        """Call a function of this file or of Bicep, or one that depends on the deployment."""
        statement = self.program.named.get(call.shown)
        is_own = statement is not None and statement.keyword == "func"
        if is_own or self.files.imported(self, call.shown) is not None:
            values = [self.expression(a, locals_) for a in call.arguments]
            return self.user_function(call.shown, values)
        method = _FUNCTIONS.get(call.name)
        if method is not None:
            return method(self, call, locals_)
        return super().scope_call(call, locals_)

    def user_function(self, name: str, values: Sequence[Term]) -> Term | None:
        """Call a function that a file declares."""
        statement = self.program.named.get(name)
        if statement is None or statement.keyword != "func" or statement.value is None:
            imported = self.files.imported(self, name)
            if imported is None:
                return None
            return imported[0].user_function(imported[1], values)
        bound = dict(zip(statement.parameters, values, strict=False))
        return self.expression(statement.value, Locals(names=bound))

    def _any(self, call: Call, locals_: Locals) -> Term:
        return self.first(call, locals_)

    def _name_of(self, call: Call, _: Locals) -> Term:
        node = call.arguments[0] if call.arguments else None
        if isinstance(node, Name):
            return Term(node.name)
        if isinstance(node, Access) and isinstance(node.key, Literal):
            return Term(node.key.value)
        message = "nameof wants a name"
        raise Refused(message)

    def _content(self, call: Call, locals_: Locals) -> Term:
        arguments = [self.expression(a, locals_) for a in call.arguments]
        return self.files.content(self, call, arguments)

    def _at_deployment(self, call: Call, locals_: Locals) -> Term:
        return self.answered(call.shown, [self.expression(a, locals_) for a in call.arguments])

    def answered(self, shown: str, arguments: Sequence[Term]) -> Term:
        """Make the unknown answer that only the deployment gives."""
        made = opaque(shown, arguments)
        reason = Reason("runtime", f"{shown}() is answered at deployment")
        return Term(UNKNOWN, reason=reason, parts=made.parts, decisions=made.decisions)

    def _group_scope(self, call: Call, locals_: Locals) -> Term | None:
        """Give a resource group by name, or by subscription and name."""
        if not call.arguments:
            return super().scope_call(call, locals_)
        *above, name = (self.expression(a, locals_) for a in call.arguments)
        here = self.deployment
        subscription = above[0].text_parts if above else (here.subscription,)
        group = name.text_parts
        scope = parts_term(("/subscriptions/", *subscription, "/resourceGroups/", *group))
        symbol = Symbol(("location", subscription, group), "resourceGroup().location")
        is_here = group == (here.group,) and subscription == (here.subscription,)
        location = unknown("parameter", "resourceGroup().location is not known here", symbol)
        return Term(
            Object(
                (
                    ("id", scope),
                    ("name", name),
                    ("location", here.location if is_here else location),
                    ("type", Term("Microsoft.Resources/resourceGroups")),
                )
            ),
            decisions=scope.decisions,
        )

    def _subscription_scope(self, call: Call, locals_: Locals) -> Term | None:
        if not call.arguments:
            return super().scope_call(call, locals_)
        name = self.first(call, locals_)
        scope = parts_term(("/subscriptions/", *name.text_parts))
        return Term(Object((("id", scope), ("subscriptionId", name))))

    # Parameters and variables

    def _variable(self, name: str) -> Term:
        value = self.program.named[name].value
        if value is None:
            return ABSENT_TERM
        return with_role(self.expression(value, NO_LOCALS), "variable")

    def _parameter(self, name: str) -> Term:
        statement = self.program.named[name]
        default = statement.value
        given = self.argument(name)
        # NOTE: null stands for no argument where the parameter has a default.
        if not given.is_absent and (given.data is not None or default is None):
            return given
        type_ = statement.type if isinstance(statement.type, Type) else None
        if default is not None:
            return with_role(self.expression(default, NO_LOCALS), "default").resting_on(
                given.decisions
            )
        if type_ is not None and type_.is_nullable:
            return NULL.resting_on(given.decisions)
        return self._open_parameter(name, statement, type_)

    def _open_parameter(self, name: str, statement: Statement, type_: Type | None) -> Term:
        place = self.place(statement.name or statement, "default")
        is_text = type_ is None or type_.name not in _NO_TEXT
        key = ("parameter", self.deployment.key, name.casefold())
        symbol = Symbol(key, name, is_text)
        options = self.options(statement)
        text = f"parameter '{name}' has no value here"
        if len(options) == 1:
            return Term(options[0].data, (place,))
        if not 1 < len(options) <= OPTION_LIMIT or not all(o.is_known for o in options):
            return unknown("parameter", text, symbol, (place,))
        decision = Decision(symbol.identity, symbol.text, tuple(o.shown() for o in options))
        choice = self.worlds.choice(decision)
        if choice is None:
            return unknown("parameter", text, symbol, (place,), (decision,))
        return Term(options[choice].data, (place,), decisions=(decision,))

    def options(self, statement: Statement) -> list[Term]:
        """List the values that a parameter may take, when they are few and listed."""
        allowed = statement.decorator("allowed")
        if allowed is not None:
            term = self.first(allowed, NO_LOCALS)
            return term.data if isinstance(term.data, list) else []
        if isinstance(statement.type, Type):
            return list(self._values(statement.type, 0))
        return []

    def _values(self, type_: Type, depth: int) -> Iterator[Term]:
        if depth > DEPTH_LIMIT:
            return
        if type_.literal is not None:
            yield Term(type_.literal.value)
        elif type_.choices:
            for choice in type_.choices:
                found = list(self._values(choice, depth + 1))
                if not found:
                    # One kind of value is not a list, so the whole is none.
                    yield unknown("parameter", "any value", Symbol(object(), "any value"))
                yield from found
        elif type_.name == "bool":
            yield from (Term(data=True), Term(data=False))
        elif type_.name:
            yield from self._values_of_alias(type_.name, depth)

    def _values_of_alias(self, name: str, depth: int) -> Iterator[Term]:
        template, inner = self, name
        space, dot, rest = name.partition(".")
        if dot:
            imported = self.files.imported(self, space)
            if imported is not None and imported[1] == "":
                template, inner = imported[0], rest
        elif name not in self.program.named:
            imported = self.files.imported(self, name)
            if imported is not None:
                template, inner = imported
        alias = template.program.named.get(inner)
        if alias is not None and alias.keyword == "type" and isinstance(alias.type, Type):
            yield from template._values(alias.type, depth + 1)  # noqa: SLF001  # of this class


def _role_of(term: Term) -> str:
    """Say what part the place plays where a value is written down."""
    return term.trace[-1].role if term.trace else "use"


def _as_part(term: Term, role: str) -> Term:
    """Give a piece of a larger value, of which the origin plays a part."""
    if role == "use" or not term.trace or term.trace[0].role != "use":
        return term
    return with_role(term, role)


def _item_of(node: ArrayNode, key: str) -> Node | None:
    """Find an item that is written out, when nothing is spread out before it."""
    index = int(key) if key.isdigit() else len(node.items)
    if any(isinstance(i, Spread) for i in node.items[: index + 1]):
        return None
    return node.items[index] if index < len(node.items) else None


_NODES: Final[dict[type[object], Callable[..., Term]]] = {
    Literal: BicepTemplate._literal,  # noqa: SLF001  # the class's own table
    Bare: BicepTemplate._literal,  # noqa: SLF001
    Joined: BicepTemplate._joined,  # noqa: SLF001
    Name: BicepTemplate._name,  # noqa: SLF001
    Operation: BicepTemplate._operation,  # noqa: SLF001
    MethodCall: BicepTemplate._method,  # noqa: SLF001
    Access: BicepTemplate._access,  # noqa: SLF001
    ObjectNode: BicepTemplate._object,  # noqa: SLF001
    ArrayNode: BicepTemplate._array,  # noqa: SLF001
    Loop: BicepTemplate._loop,  # noqa: SLF001
    Lambda: BicepTemplate._misplaced,  # noqa: SLF001
    If: BicepTemplate._misplaced,  # noqa: SLF001
    Spread: BicepTemplate._misplaced,  # noqa: SLF001
}
"""How to evaluate each kind of node."""

_FUNCTIONS: Final[dict[str, Callable[[BicepTemplate, Call, Locals], Term | None]]] = {
    "any": BicepTemplate._any,  # noqa: SLF001  # the class's own table
    "nameof": BicepTemplate._name_of,  # noqa: SLF001
    "resourcegroup": BicepTemplate._group_scope,  # noqa: SLF001
    "subscription": BicepTemplate._subscription_scope,  # noqa: SLF001
    "loadjsoncontent": BicepTemplate._content,  # noqa: SLF001
    "loadtextcontent": BicepTemplate._content,  # noqa: SLF001
    "loadyamlcontent": BicepTemplate._content,  # noqa: SLF001
    "loadfileasbase64": BicepTemplate._content,  # noqa: SLF001
    "loaddirectoryfileinfo": BicepTemplate._content,  # noqa: SLF001
    "reference": BicepTemplate._at_deployment,  # noqa: SLF001
    "getsecret": BicepTemplate._at_deployment,  # noqa: SLF001
    "externalinput": BicepTemplate._at_deployment,  # noqa: SLF001
    "readenvironmentvariable": BicepTemplate._at_deployment,  # noqa: SLF001
    "readclioption": BicepTemplate._at_deployment,  # noqa: SLF001
    "fail": BicepTemplate._at_deployment,  # noqa: SLF001
}
"""Functions of Bicep alone, and those that take more in Bicep, in lower case."""
