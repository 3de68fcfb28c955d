"""One resource of a Terraform configuration as its block states it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.arm_values import unknown_member
from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term, unknown
from azmlint.location import Place, Span
from azmlint.model.value import NotEditable, Removed
from azmlint.sources import hcl_edit, json
from azmlint.sources.hcl import Elsewhere, Node
from azmlint.sources.hcl_evaluator import seen_from
from azmlint.sources.terraform_types import SUBNET_LINKS
from azmlint.sources.terraform_validation import require_valid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.location import Document, Edit
    from azmlint.model.ids import ResourceId
    from azmlint.model.value import Route
    from azmlint.sources.hcl import Attribute, Block, Body
    from azmlint.sources.hcl_evaluator import Frame
    from azmlint.sources.terraform_folder import Statement
    from azmlint.sources.terraform_module import Module
    from azmlint.sources.terraform_plan import PlanBody


class BlockBody:
    """A resource of the azurerm provider."""

    __slots__ = ("key", "module", "statement")

    dialect = "azurerm"

    def __init__(self, module: Module, statement: Statement, key: str | int | None) -> None:
        """Read one instance of a block."""
        self.module = module
        self.statement = statement
        self.key = key

    @property
    def document(self) -> Document:
        """The text in which the block stands."""
        return self.statement.document

    @property
    def frame(self) -> Frame:
        """What the instance sees in the world being judged."""
        return self.module.frame_of(self.statement, self.key)

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`; of several blocks of a type, the first."""
        term = read(self.module, self.statement.block.body, self.frame, route)
        if term.is_absent and route[0] in SUBNET_LINKS and self._is_subnet:
            found = self.module.resource_id(self.statement, self.key)
            linked = self.module.link(found, route) if found is not None else None
            return linked if linked is not None else term
        if term.is_absent and self.statement.block.type.value == "data":
            return self.module.attribute(self.statement, self.key, ".".join(route))
        return term

    @property
    def _is_subnet(self) -> bool:
        return self.statement.block.labels[0].value == "azurerm_subnet"

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change where the value originates."""
        body = self.statement.block.body
        if isinstance(new, Removed):
            return (_removed(self.document, body, route),)
        if term.is_absent:
            return (_inserted(self.document, body, route, new),)
        return (replaced(self.module, self.frame, term, new),)


class AzapiBody(BlockBody):
    """A resource of the azapi provider, of which the body is Resource Manager's."""

    __slots__ = ()

    dialect = "arm"

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route`; names in the body compare without case."""
        body, frame, module = self.statement.block.body, self.frame, self.module
        if route == ("apiVersion",):
            return self._version()
        if route[0] == "identity":
            found = self._identity(route)
            if found is not None:
                return found
        elif route[0] in {"location", "tags", "name", "parent_id", "type"}:
            term = read(module, body, frame, route)
            if not term.is_absent and term.data is not None:
                return term
        node = self._body_node()
        if node is None:
            return ABSENT_TERM
        frame = self._body_frame()
        at: Route = route
        while at and node.kind == "object":
            inner = _member_node(node, at[0])
            if inner is None:
                return self._dynamic_member(node, at)
            node, at = inner, at[1:]
        term = module.evaluate(node, frame)
        if at is route and isinstance(term.data, str):
            # The body is a text of JSON: a heredoc, a file, or encoded elsewhere.
            decoded = Node("call", node.start, node.end, "jsondecode", (node,))
            term = module.evaluate(decoded, frame)
        return inside(term, at)

    def _dynamic_member(self, node: Node, route: Route) -> Term:
        is_open = any(k.kind != "literal" for k in node.items[::2])
        if not is_open:
            return ABSENT_TERM
        return inside(self.module.evaluate(node, self._body_frame()), route)

    def _body_frame(self) -> Frame:
        node = self.statement.block.body.value("body")
        return seen_from(node, self.frame) if node is not None else self.frame

    def _body_node(self) -> Node | None:
        node = self.statement.block.body.value("body")
        while node is not None and node.kind in {"parentheses", "call"}:
            if node.kind == "call" and (node.value != "jsonencode" or len(node.items) != 1):
                return node
            node = node.items[0]
        return node

    def _identity(self, route: Route) -> Term | None:
        body, frame, module = self.statement.block.body, self.frame, self.module
        blocks = module.blocks(body, "identity", frame)
        if isinstance(blocks, list) and not blocks and body.value("identity") is None:
            return None
        if len(route) > 1 and route[1].lower() == "userassignedidentities":
            return read(module, body, frame, ("identity", "identity_ids", *route[2:]))
        return read(module, body, frame, route)

    def _version(self) -> Term:
        term = read(self.module, self.statement.block.body, self.frame, ("type",))
        if isinstance(term.data, str) and "@" in term.data:
            version = term.data.partition("@")[2]
            return Term(version, term.trace, decisions=term.decisions)
        return term if term.is_unknown else ABSENT_TERM

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change where the value originates."""
        if route == ("apiVersion",):
            return self._another_version(term, new)
        if route[0] == "identity" or self._body_node() is None:
            return super().edits(_terraform_names(route), term, new)
        if not isinstance(new, Removed) and not term.is_absent:
            return (replaced(self.module, self.frame, term, new),)
        if route[0] in {"location", "tags"}:
            return super().edits(route, term, new)
        node = self._body_node()
        assert node is not None  # noqa: S101  # tested above
        at: Route = route
        parent = node
        while node.kind == "object" and at:
            parent, inner = node, _member_node(node, at[0])
            if inner is None:
                break
            node, at = inner, at[1:]
        if isinstance(new, Removed) or node.kind != "object" or self.statement.block.body.json:
            message = "it is not written in this resource as plain text"
            raise NotEditable(message)
        return (hcl_edit.insert_member(self._body_frame().document, parent, at, new),)

    def _another_version(self, term: Term, new: object) -> tuple[Edit, ...]:
        whole = read(self.module, self.statement.block.body, self.frame, ("type",))
        if not isinstance(whole.data, str) or not isinstance(new, str) or term.is_absent:
            message = "the version is computed by an expression"
            raise NotEditable(message)
        return (replaced(self.module, self.frame, whole, f"{whole.data.partition('@')[0]}@{new}"),)


def _terraform_names(route: Route) -> Route:
    if len(route) > 1 and route[1].lower() == "userassignedidentities":
        return (route[0], "identity_ids", *route[2:])
    return route


def read(module: Module, body: Body, frame: Frame, route: Route) -> Term:
    """Evaluate what stands at a route of a block."""
    for index, key in enumerate(route):
        node = body.value(key)
        if node is not None:
            return inside(module.evaluate(node, frame), route[index + 1 :])
        blocks = module.blocks(body, key, frame)
        if isinstance(blocks, Term):
            return _open_blocks(blocks, route[index:])
        rest = route[index + 1 :]
        if not blocks:
            return ABSENT_TERM
        if not rest:
            return _collected(module, blocks, key)
        which = int(rest[0]) if rest[0].isdigit() else 0
        if which >= len(blocks):
            return ABSENT_TERM
        body, frame = blocks[which]
        if rest[0].isdigit():
            place = Place(frame.document, Span(body.start, body.end))
            found = _as_object(module, body, frame)
            return inside(Term(found, (place,)), rest[1:])
    return ABSENT_TERM


def _open_blocks(whole: Term, route: Route) -> Term:
    term = unknown_member(whole, Term(route[0]))
    for key in route[1:]:
        term = unknown_member(term, Term(key))
    return term


def _collected(module: Module, blocks: list[tuple[Body, Frame]], name: str) -> Term:
    """Give blocks as a value: one as an object, several as a list."""
    terms = []
    for body, frame in blocks:
        start = frame.document.text.rfind(name, 0, body.start)
        place = Place(frame.document, Span(max(start, 0), max(start, 0) + len(name)))
        terms.append(Term(_as_object(module, body, frame), (place,)))
    return terms[0] if len(terms) == 1 else Term(list(terms), terms[0].trace[:1])


def _as_object(module: Module, body: Body, frame: Frame) -> Object:
    made = Object()
    for name, attribute in body.attributes.items():
        made[name] = module.evaluate(attribute.value, frame)
        key = Place(frame.document, attribute.name, frame.role)
        made.keys_at[name] = Term(name, (key,), is_literal=True)
    names = [b.label if b.type.value == "dynamic" else str(b.type.value) for b in body.blocks]
    for name in dict.fromkeys(names):
        blocks = module.blocks(body, name, frame)
        if isinstance(blocks, Term):
            made[name] = _open_blocks(blocks, (name,))
        elif blocks:
            made[name] = _collected(module, blocks, name)
    return made


def inside(term: Term, route: Route) -> Term:
    """Take what a value holds at a route; names compare without case."""
    use = term.trace[:1]
    for key in route:
        if isinstance(term.data, list) and not key.isdigit() and len(term.data) == 1:
            # A block that is written as JSON may be a list of one.
            term = term.data[0].resting_on(term.decisions)
        data = term.data
        found: Term | None = None
        if isinstance(data, Object):
            found = data.lookup(key)
            if found is None and data.may_be(key):
                found = unknown_member(term, Term(key))
        elif isinstance(data, list):
            found = data[int(key)] if key.isdigit() and int(key) < len(data) else None
        elif term.is_unknown:
            found = unknown_member(term, Term(key))
        if found is None:
            return ABSENT_TERM.resting_on(term.decisions)
        term = found.resting_on(term.decisions)
    if use and term.trace[:1] != use and not _is_within(term, use[0]):
        return Term(
            term.data,
            (*use, *(p.as_role("variable") if p.role == "use" else p for p in term.trace)),
            reason=term.reason,
            parts=term.parts,
            decisions=term.decisions,
            is_literal=term.is_literal,
        )
    return term


def _is_within(term: Term, use: Place) -> bool:
    """Whether a value is written inside the expression that was read."""
    first = term.trace[0] if term.trace else None
    if first is None or first.document is not use.document:
        return False
    return use.start <= first.start and first.end <= use.end


def _member_node(node: Node, name: str) -> Node | None:
    folded = name.casefold()
    for key, value in zip(node.items[-2::-2], node.items[::-2], strict=True):
        if key.kind == "literal" and str(key.value).casefold() == folded:
            return value
    return None


def replaced(module: Module, frame: Frame, term: Term, new: object) -> Edit:
    """Spell another value at its origin."""
    if not term.is_literal or not term.trace:
        message = "the value is computed by an expression"
        raise NotEditable(message)
    from azmlint.sources.hcl_names import own_place  # noqa: PLC0415  # only for fixes

    origin = own_place(module, frame, term)
    require_valid(module, origin, new)
    if origin.document.path.endswith(".json"):
        return json.replace(origin.document, origin.start, origin.end, new)
    return _replaced_case(term.trace, origin, new)


def _replaced_case(trace: Sequence[Place], origin: Place, new: object) -> Edit:
    """Replace a value; a conditional of which both cases become the same is replaced by that."""
    around: list[Span] = []
    here: Node | Place = origin
    for place in reversed(trace):
        node = place.node
        if not isinstance(node, Node) or node.kind != "conditional":
            continue
        cases = [_bare(c) for c in node.items[1:]]
        mine = [(c.start, c.end) == (here.start, here.end) for c in cases]
        if place.document is not origin.document or mine.count(True) != 1:
            continue
        other, here = cases[mine.index(False)], node
        is_same = other.kind == "literal" and type(other.value) is type(new) and other.value == new
        if is_same and not around:
            origin = Place(place.document, node, place.role)
        else:
            around.append(Span(node.start, node.end))
    edit = hcl_edit.replace(origin.document, origin.start, origin.end, new)
    return edit._replace(around=tuple(around))


def _bare(node: Node) -> Node:
    while node.kind == "parentheses":
        node = node.items[0]
    return node


def _removed(document: Document, body: Body, route: Route) -> Edit:
    if body.json is not None and not _is_overridden(body, route[0]):
        parent = body.json
        for key in route[:-1]:
            inner = parent.get(key)
            if inner is None:
                message = "it is not written in this resource"
                raise NotEditable(message)
            parent = inner
        return json.remove(document, parent, route[-1])
    row: Attribute | Block | None = None
    for index, key in enumerate(route):
        if _is_overridden(body, key):
            message = "a file of overrides states it"
            raise NotEditable(message)
        row = body.attributes.get(key)
        if row is None:
            blocks = body.blocks_of(key)
            row = blocks[0] if len(blocks) == 1 else None
        is_last = index == len(route) - 1
        if row is None or (not is_last and not hasattr(row, "body")):
            message = "it is not written in this resource"
            raise NotEditable(message)
        if not is_last:
            body = row.body  # type: ignore[union-attr]  # tested above
    assert row is not None  # noqa: S101  # a route has at least one name
    return hcl_edit.remove(document, row)


def _is_overridden(body: Body, name: str) -> bool:
    """Whether an argument or block stands in another text than the body."""
    if isinstance(body.value(name), Elsewhere):
        return True
    return any(b.body.document is not None for b in body.blocks_of(name))


def _inserted(document: Document, body: Body, route: Route, new: object) -> Edit:
    rest = route
    while len(rest) > 1 and (body.json is None or _is_overridden(body, rest[0])):
        key = rest[0]
        if key in body.attributes or any(
            b.type.value == "dynamic" and b.label == key for b in body.blocks
        ):
            message = "what would hold it is computed by an expression"
            raise NotEditable(message)
        blocks = body.blocks_of(key)
        if not blocks:
            return hcl_edit.insert(document, body.written or body, rest, new)
        body, rest = blocks[0].body, rest[1:]
        document = body.document or document
    if body.json is None:
        return hcl_edit.insert(document, body.written or body, rest, new)
    parent = body.json
    while len(rest) > 1 and isinstance((found := parent.get(rest[0])), json.JsonNode):
        if isinstance(found.value, list) and len(found.items) == 1:
            found = found.items[0]
        if not isinstance(found.value, dict):
            break
        parent, rest = found, rest[1:]
    return json.insert(document, parent, rest, new)


class ProviderBody:
    """What is settled about the provider that declares a resource."""

    __slots__ = ("values",)

    dialect = "terraform"

    def __init__(self, values: dict[str, Term]) -> None:
        """Hold what is known, by name."""
        self.values = values

    def at(self, route: Route) -> Term:
        """Give what is known."""
        return self.values.get(route[0], ABSENT_TERM)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Change the constraint where it is written."""
        if route[0] != "version" or not term.is_literal or isinstance(new, Removed):
            message = "the version is not written here"
            raise NotEditable(message)
        origin = term.trace[-1]
        if origin.document.path.endswith(".json"):
            return (json.replace(origin.document, origin.start, origin.end, new),)
        return (hcl_edit.replace(origin.document, origin.start, origin.end, new),)


class UpdateBody:
    """What `azapi_update_resource` says of a resource that exists."""

    __slots__ = ("is_alone", "resource_id", "said")

    dialect = "arm"

    def __init__(self, said: BlockBody | PlanBody, resource_id: ResourceId) -> None:
        """Change `resource_id` as `said` has it."""
        self.said = said
        self.resource_id = resource_id
        self.is_alone = True
        """Whether that which is changed is not here, so that nothing else of it is known."""

    def at(self, route: Route) -> Term:
        """Evaluate what the update says; of the rest of what is not here nothing is known."""
        term = self.said.at(route) if route != ("apiVersion",) else ABSENT_TERM
        # Whatever has the changed property is of the kind that can have it.
        if not term.is_absent or not self.is_alone or route in {("kind",), ("apiVersion",)}:
            return term
        shown = ".".join(route)
        symbol = Symbol(("unchanged", self.resource_id.key, route), shown)
        return unknown("unchanged", f"the update leaves '{shown}' as it is", symbol)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change of what the update says."""
        if term.reason is not None and term.reason.kind == "unchanged":
            term = ABSENT_TERM
        return self.said.edits(route, term, new)


class PartBody:
    """A resource that is one of the blocks, or one item of the body, of another."""

    __slots__ = ("route", "whole")

    def __init__(self, whole: BlockBody | PlanBody, route: Route) -> None:
        """Read what stands at `route` of `whole`."""
        self.whole = whole
        self.route = route

    @property
    def dialect(self) -> str:
        """That of the whole."""
        return self.whole.dialect

    def at(self, route: Route) -> Term:
        """Evaluate what stands at `route` of the part."""
        return self.whole.at((*self.route, *route))

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Spell a change in the whole."""
        if isinstance(new, Removed) or term.is_absent:
            message = "it is part of another resource"
            raise NotEditable(message)
        return self.whole.edits((*self.route, *route), term, new)
