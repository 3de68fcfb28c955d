"""Resources and modules of a Bicep file as its expressions refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import Object, Symbol, Term, unknown
from azmlint.expressions.truth import Reason
from azmlint.model.ids import ResourceId
from azmlint.sources.bicep_tree import Bare, If, Literal, Loop, Node
from azmlint.sources.declared import resource_id
from azmlint.sources.deployment import parts_term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.expressions.arm import Locals
    from azmlint.expressions.term import Part
    from azmlint.location import Place
    from azmlint.sources.bicep_template import BicepTemplate
    from azmlint.sources.bicep_tree import Statement

_NETWORK: Final = "microsoft.network/virtualnetworks"
_DECLARED: Final = frozenset(
    {"location", "kind", "tags", "sku", "identity", "properties", "zones", "plan", "managedby"}
)
"""What a resource states of itself and has once it is deployed."""


class Instance(NamedTuple):
    """What one turn of a resource's or module's loop declares."""

    statement: Statement
    locals: Locals
    condition: Node | None
    body: Node
    """An object, or an expression that gives one."""
    turn: int | None = None
    """Its number; None without a loop, -1 when the turns are not known."""


class Shape(NamedTuple):
    """What a resource is called, and where it is."""

    type: str
    version: Literal | None
    """Where the version of the interface stands, within the quotes of the type."""
    name: Term
    full_name: tuple[Part, ...]
    """With the names of those it is a child of."""
    id: ResourceId
    scope: ResourceId | None
    """What it extends or is deployed to, when it says so."""


def instances(template: BicepTemplate, statement: Statement, locals_: Locals) -> Iterator[Instance]:
    """Yield what a statement declares; one for all turns when they are not known."""
    value = statement.value
    if isinstance(value, Loop):
        turns = template.turns(value, locals_)
        body, condition = _guarded(value.body)
        for index, inner in enumerate(turns.locals):
            number = -1 if turns.open is not None else index
            yield Instance(statement, inner, condition, body, number)
    elif value is not None:
        body, condition = _guarded(value)
        yield Instance(statement, locals_, condition, body)


def _guarded(value: Node) -> tuple[Node, Node | None]:
    return (value.body, value.condition) if isinstance(value, If) else (value, None)


def type_of(statement: Statement) -> tuple[str, Literal | None]:
    """Give the type of a resource and where the version of its interface stands."""
    node = statement.type
    if not isinstance(node, Literal) or not isinstance(node.value, str):
        return "", None
    # Types of Azure may say so: others are of extensions.
    type_, sign, version = node.value.removeprefix("az:").partition("@")
    if not sign:
        return type_, None
    start = node.end - 1 - len(version)
    return type_, Bare(start, node.end - 1, version)


class ResourceRef(Object):
    """A resource of the same file, as far as its declaration tells."""

    __slots__ = ("_is_open", "_shape", "instance", "parent", "template")

    is_lazy = True

    def __init__(
        self, template: BicepTemplate, instance: Instance, parent: ResourceRef | None
    ) -> None:
        """Refer to what `instance` declares, inside `parent` where it is nested."""
        super().__init__()
        self.template = template
        self.instance = instance
        self.parent = parent
        self._shape: Shape | None = None
        self._is_open = False

    def lookup(self, name: str) -> Term | None:
        """Give what the declaration says, or leave it to the deployment."""
        folded = name.casefold()
        shape = self.shape()
        if folded == "name":
            return shape.name
        if folded == "id":
            return parts_term(shape.id.parts).resting_on(shape.name.decisions)
        if folded == "type":
            return Term(shape.type)
        if folded == "apiversion" and shape.version is not None:
            return Term(shape.version.value)
        if folded in _DECLARED and not self.instance.statement.is_existing:
            found = self.template.at(self.instance.body, (name,), self.instance.locals)
            if not found.is_absent:
                return Stated.over(self, (name,), found)
        return self.left_open((name,))

    def left_open(self, route: tuple[str, ...]) -> Term:
        """Make what only the deployment knows of this resource."""
        shown = f"{self.instance.statement.key}.{'.'.join(route)}"
        symbol = Symbol(("resource", self.shape().id.key, route), shown)
        return unknown("runtime", f"{shown} is answered at deployment", symbol)

    def shape(self) -> Shape:
        """Work out type, name and id."""
        if self._shape is not None:
            return self._shape
        if self._is_open:
            statement = self.instance.statement
            symbol = Symbol(("circle", self.template.document.path, statement.start), statement.key)
            name = unknown("invalid", f"'{statement.key}' refers to itself", symbol)
            here = ResourceId((symbol,))
            return Shape("", None, name, name.parts, here, None)
        self._is_open = True
        try:
            shape = self._made()
        finally:
            self._is_open = False
        if not shape.name.rests_on_decisions:
            self._shape = shape
        return shape

    def _made(self) -> Shape:
        template, instance = self.template, self.instance
        type_, version = type_of(instance.statement)
        name = template.at(instance.body, ("name",), instance.locals)
        parent = self.parent
        if parent is not None:
            above = parent.shape()
            type_ = f"{above.type}/{type_}"
            version = version or above.version
        else:
            found = template.at(instance.body, ("parent",), instance.locals)
            parent = found.data if isinstance(found.data, ResourceRef) else None
            if parent is None and not found.is_absent:
                # Which resource it is a child of is not known.
                whole = Symbol(("parent", found.parts, instance.statement.start), found.shown())
                parts = (whole, "/", *name.text_parts)
                here = template.deployment.scope()
                return Shape(type_, version, name, parts, resource_id(here, type_, parts), None)
        if parent is not None:
            above = parent.shape()
            full = (*above.full_name, "/", *name.text_parts)
            last = type_.rpartition("/")[2]
            return Shape(type_, version, name, full, above.id.child(last, name.text_parts), None)
        scope = self._scope()
        parts = scope.parts if scope is not None else template.deployment.scope()
        full = name.text_parts
        return Shape(type_, version, name, full, resource_id(parts, type_, full), scope)

    def _scope(self) -> ResourceId | None:
        found = self.template.at(self.instance.body, ("scope",), self.instance.locals)
        return None if found.is_absent or found.data is None else scope_of(found)


class ModuleRef(Object):
    """A module, of which the outputs can be asked for."""

    __slots__ = ("inner", "instance", "template")

    is_lazy = True

    def __init__(
        self,
        template: BicepTemplate,
        instance: Instance,
        inner: Callable[[str], Term | None] | None,
    ) -> None:
        """Refer to a module; `inner` gives its outputs, None for what is not read."""
        super().__init__()
        self.template = template
        self.instance = instance
        self.inner = inner

    def lookup(self, name: str) -> Term | None:
        """Give name or outputs."""
        folded = name.casefold()
        if folded == "outputs":
            return Term(Outputs(self))
        if folded == "name":
            return self.template.at(self.instance.body, ("name",), self.instance.locals)
        return self.left_open(name)

    def left_open(self, name: str) -> Term:
        """Make what only the deployment knows of this module."""
        statement = self.instance.statement
        key = (self.template.deployment.key, statement.start, self.instance.turn)
        shown = f"{statement.key}.{name}"
        symbol = Symbol(("module", key, name.casefold()), shown)
        return unknown("runtime", f"{shown} is answered at deployment", symbol)


class Outputs(Object):
    """The outputs of a module, worked out when asked for."""

    __slots__ = ("module",)

    is_lazy = True

    def __init__(self, module: ModuleRef) -> None:
        """Ask `module`."""
        super().__init__()
        self.module = module

    def lookup(self, name: str) -> Term | None:
        """Give one output."""
        if self.module.inner is None:
            return self.module.left_open(f"outputs.{name}")
        return self.module.inner(name)


class Stated(Object):
    """A part of a resource: what is declared is known, and the rest only after deployment."""

    __slots__ = ("ref", "route", "written")

    is_lazy = True

    def __init__(self, ref: ResourceRef, route: tuple[str, ...], written: Object) -> None:
        """Hold what is written at a route of a resource."""
        super().__init__()
        self.ref = ref
        self.route = route
        self.written = written

    @classmethod
    def over(cls, ref: ResourceRef, route: tuple[str, ...], term: Term) -> Term:
        """Wrap what is written, so that more can be asked than is there."""
        data = term.data
        if isinstance(data, Object) and not data.is_lazy:
            data = cls(ref, route, data)
        elif isinstance(data, list):
            data = [cls.over(ref, (*route, str(i)), item) for i, item in enumerate(data)]
        else:
            return term
        return Term(data, term.trace, decisions=term.decisions)

    def lookup(self, name: str) -> Term | None:
        """Give what is written, or leave it to the deployment."""
        found = self.written.lookup(name)
        if found is not None:
            return self.over(self.ref, (*self.route, name), found)
        shape = self.ref.shape()
        at = (*(p.casefold() for p in self.route[:-1]), name.casefold())
        is_subnet = shape.type.lower() == _NETWORK and at == ("properties", "subnets", "id")
        own = self.written.lookup("name")
        if is_subnet and own is not None:
            # A subnet that its network lists has the id of one that is declared by itself.
            return parts_term(shape.id.child("subnets", own.text_parts).parts)
        return self.ref.left_open((*self.route, name))


def scope_of(term: Term) -> ResourceId:
    """Give the id of what a `scope` names."""
    found = term.data.lookup("id") if isinstance(term.data, Object) else None
    if found is not None:
        return ResourceId(found.text_parts)
    if term.parts:
        return ResourceId(term.parts)
    reason = term.reason or Reason("invalid", "the scope is no resource and no group")
    return ResourceId((Symbol(("scope", object()), reason.text),))


def grip_of(ref: ResourceRef) -> Place:
    """Say where to point at for a resource as a whole: its name."""
    name = ref.shape().name
    statement = ref.instance.statement
    return name.trace[0] if name.trace else ref.template.place(statement.name or statement)
