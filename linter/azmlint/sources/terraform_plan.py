"""Plans as `terraform show -json` writes them: planned values, and what is known after apply."""

from __future__ import annotations

import json as plain_json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.expressions.arm_values import known, unknown_member
from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term, same, text_of, unknown
from azmlint.location import Place, Span
from azmlint.model.ids import ResourceId
from azmlint.model.value import NotEditable
from azmlint.sources.terraform_body import inside
from azmlint.sources.terraform_ids import made_id
from azmlint.sources.terraform_types import SUBNET_LINKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.expressions.term import Part
    from azmlint.location import Document, Edit
    from azmlint.model.value import Route
    from azmlint.sources.json import JsonNode
    from azmlint.sources.terraform_body import BlockBody

DEPTH_LIMIT: Final = 20
"""How deeply modules and references are followed."""

_INDEX: Final = re.compile(r"\[(?:\d+|\?|\"(?:[^\"\\]|\\.)*\")\]")
_GIVEN_LISTS: Final = frozenset({"route", "security_rule", "subnet"})
"""Blocks that may be resources of their own, so that a plan calls them unknown when not written."""

_AZAPI_OWN: Final = frozenset({"location", "tags", "name", "parent_id", "type"})


def recognises(root: JsonNode) -> bool:
    """Whether a JSON text is a plan."""
    return isinstance(root.value, dict) and "planned_values" in root.value


def base(address: str) -> str:
    """Give an address without the keys of instances."""
    return _INDEX.sub("", address)


class Planned(NamedTuple):
    """One resource of a plan."""

    address: str
    module: str
    """The address of its module, empty for the root."""

    mode: str
    type: str
    key: str | int | None
    node: JsonNode
    """The object that describes it."""


class Plan:
    """One plan."""

    def __init__(self, document: Document, root: JsonNode) -> None:
        """Read the parts that tell what is planned."""
        self.document = document
        self.root = root
        self.value: dict[str, Any] = root.value  # type: ignore[assignment]  # recognises told
        self._unknown = {
            str(c.get("address")): _of(_of(c, "change"), "after_unknown")
            for c in _rows(self.value.get("resource_changes"))
        }
        self._linked: dict[str, dict[tuple[Part, ...], Term]] = {}
        self.resources: dict[str, Planned] = {}
        planned = root.get("planned_values")
        top = planned.get("root_module") if planned is not None else None
        for row in self._modules(top, 0) if top is not None else ():
            self.resources[row.address] = row
        self.configured = dict(self._configured(_of(self._configuration, "root_module"), "", 0))
        """What the configuration states, by addresses without instances."""

    @property
    def _configuration(self) -> object:
        return self.value.get("configuration")

    def _modules(self, module: JsonNode, depth: int) -> Iterator[Planned]:
        address = module.get("address")
        name = str(address.value) if address is not None else ""
        rows = module.get("resources")
        for node in rows.items if rows is not None else ():
            if isinstance(node.value, dict):
                value = node.value
                yield Planned(
                    str(value.get("address", "")),
                    name,
                    str(value.get("mode", "managed")),
                    str(value.get("type", "")),
                    value.get("index"),
                    node,
                )
        children = module.get("child_modules")
        for child in children.items if children is not None and depth < DEPTH_LIMIT else ():
            yield from self._modules(child, depth + 1)

    def _configured(
        self, module: object, path: str, depth: int
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for row in _rows(_of(module, "resources")):
            stated = row.get("expressions")
            yield f"{path}{row.get('address')}", stated if isinstance(stated, dict) else {}
        calls = _of(module, "module_calls")
        for name, call in calls.items() if isinstance(calls, dict) and depth < DEPTH_LIMIT else ():
            yield from self._configured(_of(call, "module"), f"{path}module.{name}.", depth + 1)

    def is_unknown(self, address: str) -> object:
        """Give the shape of what is known after apply: true, or true for some members."""
        return self._unknown.get(address)

    def _module_at(self, path: str) -> object:
        """Find a module of the configuration by its address."""
        module = _of(self._configuration, "root_module")
        for name in re.findall(r"module\.([\w-]+)", base(path)):
            module = _of(_of(_of(module, "module_calls"), name), "module")
        return module

    def references(self, row: Planned, route: Route) -> list[str]:
        """List what an argument refers to, as the configuration has it."""
        return _references(self.configured.get(base(row.address)), route)

    def referred(self, module: str, reference: str, depth: int = 0) -> tuple[Part, ...]:
        """Follow a reference to the id of what is planned, or to a symbol equal to itself."""
        symbol = Symbol(("planned", self.document.path, base(module), reference), reference)
        if depth > DEPTH_LIMIT:
            return (symbol,)
        words = reference.split(".")
        prefix = f"{module}." if module else ""
        if words[0] == "var" and module:
            above, _, call = base(module).rpartition("module.")
            above = above.rstrip(".")
            calls = _of(self._module_at(above), "module_calls")
            given = _references(_of(_of(calls, call), "expressions"), (words[1],))
            return self.referred(above, given[0], depth + 1) if given else (symbol,)
        if words[0] == "module" and len(words) > 2:  # noqa: PLR2004  # module, name, output
            inner = f"{prefix}module.{words[1]}"
            outputs = _of(self._module_at(inner), "outputs")
            given = _references(_of(outputs, base(words[2])), ("expression",))
            return self.referred(inner, given[0], depth + 1) if given else (symbol,)
        if words[-1] == "id":
            address = prefix + ".".join(words[:-1])
            found = self.resources.get(address) or next(
                (r for r in self.resources.values() if base(r.address) == base(address)), None
            )
            planned = self.id_of(found, depth + 1) if found is not None else None
            if planned is not None:
                return planned.parts
        return (symbol,)

    def link(self, subnet: Planned, name: str) -> Term:
        """Find what another resource says that a subnet has."""
        link = SUBNET_LINKS.get(name)
        found = self.id_of(subnet) if link is not None else None
        if link is None or found is None:
            return ABSENT_TERM
        if name not in self._linked:
            made = self._linked[name] = {}
            for row in self.resources.values():
                if row.type == link.type and row.mode == "managed":
                    body = PlanBody(self, row, None)
                    made[ResourceId(body.parts("subnet_id") or ()).key] = body.at((link.argument,))
        return self._linked[name].get(found.key, ABSENT_TERM)

    def id_of(self, row: Planned, depth: int = 0) -> ResourceId | None:
        """Make the id of what is planned."""
        body = PlanBody(self, row, None, depth)
        given = body.parts("id")
        if given is not None and isinstance(given[0], str):
            return ResourceId(given)
        subscription = Symbol(("subscription", self.document.path), "the subscription")
        return made_id(row.type, body.parts, subscription, (self.document.path, row.address))


def _of(value: object, name: str) -> Any:  # noqa: ANN401  # JSON
    return value.get(name) if isinstance(value, dict) else None


def _rows(value: object) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _references(expressions: object, route: Route) -> list[str]:
    found = expressions
    for key in route:
        if isinstance(found, list):
            found = found[0] if len(found) == 1 else None
        found = _of(found, key)
    names = _of(found, "references")
    return [str(n) for n in names] if isinstance(names, list) else []


class PlanBody:
    """A resource as a plan states it; with its block beside it, as the block's own values."""

    __slots__ = ("_depth", "block", "plan", "row")

    def __init__(self, plan: Plan, row: Planned, block: BlockBody | None, depth: int = 0) -> None:
        """Read one resource; `block` is what declares it, when that is at hand."""
        self.plan = plan
        self.row = row
        self.block = block
        self._depth = depth

    @property
    def dialect(self) -> str:
        """That of the block."""
        return "arm" if self.row.type.startswith("azapi_") else "azurerm"

    def at(self, route: Route) -> Term:
        """Give the planned value at `route`."""
        planned = self._planned(route)
        written = self.block.at(route) if self.block is not None else None
        if written is None or planned.is_absent:
            return planned
        if planned.is_unknown:
            return written if written.is_unknown else planned
        if written.is_known and same(written, planned).known:
            return Term(written.data, written.trace, is_literal=written.is_literal)
        place = written.trace[:1] or planned.trace
        return Term(planned.data, place)

    def _planned(self, route: Route) -> Term:
        if self.dialect == "azurerm":
            term = self._value(route)
            is_open = term.is_absent and self.row.type == "azurerm_subnet"
            return self.plan.link(self.row, route[0]) if is_open else term
        if route == ("apiVersion",):
            whole = self._value(("type",))
            version = str(whole.data).partition("@")[2] if isinstance(whole.data, str) else ""
            return Term(version, whole.trace) if version else ABSENT_TERM
        if route[0] in _AZAPI_OWN:
            term = self._value(route)
            if not term.is_absent:
                return term
        if route[0] == "identity":
            is_ids = len(route) > 1 and route[1].lower() == "userassignedidentities"
            term = self._value(("identity", "identity_ids", *route[2:]) if is_ids else route)
            if not term.is_absent:
                return term
        body = self._value(("body",))
        if isinstance(body.data, str):
            try:
                body = Term(known(plain_json.loads(body.data)).data, body.trace)
            except (ValueError, RecursionError):
                return unknown_member(body, Term(".".join(route)))
        term = inside(body, route)
        return ABSENT_TERM if term.data is None else term

    def _value(self, route: Route) -> Term:
        node: JsonNode | None = self.row.node.get("values")
        gap: object = self.plan.is_unknown(self.row.address)
        for key in route:
            if isinstance(gap, list) and not key.isdigit():
                gap = gap[0] if gap else None
            gap = gap[int(key)] if isinstance(gap, list) and int(key) < len(gap) else _of(gap, key)
            if gap is True:
                return ABSENT_TERM if self._is_left_out(route[0]) else self._later(route)
            if node is not None and isinstance(node.value, list):
                items = node.items
                which = int(key) if key.isdigit() else 0
                node = items[which] if which < len(items) else None
                if key.isdigit():
                    continue
            node = node.get(key) if node is not None else None
        if node is None or node.value is None or node.value == []:
            return ABSENT_TERM
        if isinstance(node.value, list) and len(node.items) == 1:
            only = node.items[0]
            node = only if isinstance(only.value, dict) else node
        return self._term(node, gap, route)

    def _is_left_out(self, name: str) -> bool:
        """Whether a list that Azure would give is not written, so that none is there at first."""
        stated = self.plan.configured.get(base(self.row.address))
        return name in _GIVEN_LISTS and stated is not None and name not in stated

    def _term(self, node: JsonNode, gap: object, route: Route) -> Term:
        place = self._place(node)
        if isinstance(node.value, dict):
            made = Object()
            gap = gap[0] if isinstance(gap, list) and len(gap) == 1 else gap
            for key, inner in node.members:
                made[key.name] = self._term(inner, _of(gap, key.name), (*route, key.name))
            for name in gap if isinstance(gap, dict) else ():
                if _of(gap, name) is True:
                    made[name] = self._later((*route, name))
            return Term(made, (place,))
        if isinstance(node.value, list):
            gaps = gap if isinstance(gap, list) else []
            items = [
                self._term(item, gaps[i] if i < len(gaps) else None, (*route, str(i)))
                for i, item in enumerate(node.items)
            ]
            return Term(items, (place,))
        return Term(node.value, (place,))  # type: ignore[arg-type]  # a scalar

    def _place(self, node: JsonNode) -> Place:
        if self.block is not None:
            label = self.block.statement.block.labels[-1]
            return Place(self.block.document, Span(label.start, label.end))
        return Place(self.plan.document, node)

    def _later(self, route: Route) -> Term:
        """Make a value that is known after apply: what it refers to may be known by name."""
        shown = f"{self.row.address}.{'.'.join(route)}"
        text = f"{shown} is known when it is applied"
        place = (self._place(self.row.node),)
        given = self.plan.references(self.row, route) if self._depth < DEPTH_LIMIT else []
        if not given:
            symbol = Symbol(("planned", self.plan.document.path, self.row.address, route), shown)
            return unknown("runtime", text, symbol, place)
        parts = text_of(self.plan.referred(self.row.module, given[0], self._depth + 1))
        if all(isinstance(p, str) for p in parts):
            return Term("".join(str(p) for p in parts), place)
        symbol = next(p for p in parts if isinstance(p, Symbol))
        term = unknown("runtime", text, symbol, place)
        return Term(term.data, term.trace, reason=term.reason, parts=parts)

    def parts(self, name: str) -> tuple[Part, ...] | None:
        """Give the pieces of one argument as a text; None when it is not there."""
        term = self._value((name,)) if name != "id" else self._own_id()
        if term.is_absent or isinstance(term.data, (list, Object)) or term.data is None:
            return None
        return term.text_parts or (str(term.data),)

    def _own_id(self) -> Term:
        values = self.row.node.get("values")
        node = values.get("id") if values is not None else None
        return Term(node.value) if node is not None and isinstance(node.value, str) else ABSENT_TERM

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:
        """Change the block; a plan itself is never changed."""
        if self.block is None:
            message = "a plan is not changed, but the configuration from which it was made"
            raise NotEditable(message)
        written = self.block.at(route)
        if not term.is_absent and not (written.is_known and same(written, term).known):
            message = "the plan has another value than the configuration"
            raise NotEditable(message)
        return self.block.edits(route, written, new)
