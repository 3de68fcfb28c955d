"""ARM templates: which resources they declare, and where."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions import arm_syntax
from azmlint.expressions.arm import NO_LOCALS, Budget, Locals
from azmlint.expressions.arm_functions import member
from azmlint.expressions.term import Object, Symbol, Term, text_of, unknown
from azmlint.location import Place
from azmlint.model.ids import ResourceId
from azmlint.model.resources import SET_ON_SCOPES
from azmlint.sources import json
from azmlint.sources.arm_body import ArmBody
from azmlint.sources.arm_template import LOOP_LIMIT, Template
from azmlint.sources.declared import (
    ON_A_RESOURCE,
    Condition,
    Declaration,
    Declarations,
    Module,
    existence,
    is_ours,
    kind_of,
    most_resources,
    open_kinds,
    resource_id,
)
from azmlint.sources.deployment import Deployment, root_deployment, with_role
from azmlint.sources.document import Problem, Reading, SyntaxProblem
from azmlint.sources.parameter_files import ParameterFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from azmlint.expressions.term import Part
    from azmlint.location import Document
    from azmlint.sources.document import Context
    from azmlint.sources.json import JsonNode

_ABOVE_GROUP: Final = (
    "subscriptiondeployment",
    "managementgroupdeployment",
    "tenantdeployment",
)
"""In the schema of templates that are deployed to more than one group."""

_DEPLOYMENTS: Final = "microsoft.resources/deployments"
_LOCKS: Final = "microsoft.authorization/locks"
_NEST_LIMIT: Final = 20
"""How deeply deployments may nest; Resource Manager allows five."""


def recognises(root: JsonNode) -> bool:
    """Whether a JSON text is a deployment template."""
    if not isinstance(root.value, dict) or "resources" not in root.value:
        return False
    schema = str(root.value.get("$schema", "")).lower()
    return "deploymenttemplate.json" in schema or "contentVersion" in root.value


def read(document: Document, context: Context, *, switched_off: bool = False) -> Reading:
    """Read every resource that a template declares; raises SyntaxProblem.

    `switched_off` asks for those as well of which the condition is known to be false.
    """
    root = json.parse(document)
    reading = Reading()
    if not recognises(root):
        return reading
    reader = _Reader(document, context, reading, switched_off=switched_off)
    try:
        reader.template(reader.root_template(root), NO_LOCALS, (), 0)
    except RecursionError:
        reading.problems.append(Problem(document, 0, 1, None, "nested too deeply to be read"))
    return reading


def is_of_group(root: JsonNode) -> bool:
    """Whether a template is deployed to a resource group."""
    schema = root.get("$schema")
    text = str(schema.value).lower() if schema is not None else ""
    return not any(word in text for word in _ABOVE_GROUP)


def module(
    document: Document,
    root: JsonNode,
    context: Context,
    made: Declarations,
    budget: Budget,
    deployment: Deployment,
    arguments: Mapping[str, Callable[[], Term]],
) -> Module:
    """Use a template as a module of a Bicep file."""
    reader = _Reader(document, context, made.reading, switched_off=False)
    reader.made, reader.budget = made, budget
    template = Template(document, root, deployment, context.worlds, budget, arguments=arguments)
    rows = root.get("resources")
    if rows is not None and isinstance(rows.value, (list, dict)):
        _Names(template, _rows(rows)).install(reader)
    return Module(
        lambda conditions: reader.template(template, NO_LOCALS, conditions, 1), template.output
    )


class _Parent(NamedTuple):
    """The resource in which a child is declared."""

    type: str
    name: tuple[Part, ...]


class _Reader:
    def __init__(
        self, document: Document, context: Context, reading: Reading, *, switched_off: bool
    ) -> None:
        self.document = document
        self.context = context
        self.reading = reading
        self.switched_off = switched_off
        self.budget = Budget()
        self.made = Declarations(reading)
        self._checked: set[tuple[str, int]] = set()

    # Deployments

    def root_template(self, root: JsonNode) -> Template:
        path = self.document.path
        binding = self.context.binding(path)
        files = ParameterFiles(self.context, self.reading.problems)
        return Template(
            self.document,
            root,
            root_deployment(path, binding, has_group=is_of_group(root)),
            self.context.worlds,
            self.budget,
            arguments=files.arguments(path, files.sets(path, binding)),
        )

    def template(
        self,
        template: Template,
        locals_: Locals,
        conditions: tuple[Condition, ...],
        depth: int,
    ) -> None:
        """Read the resources of one template."""
        root = template.root
        self._say_overridden_in(template.document, root)
        for word in ("parameters", "variables"):
            node = root.get(word)
            if node is not None and self._say_overridden_in(template.document, node):
                self._say_circular(template.document, word, node)
        resources = root.get("resources")
        if resources is None:
            return
        if depth > _NEST_LIMIT:
            self._skip(template, resources, "deployments are nested too deeply")
            return
        if not isinstance(resources.value, (dict, list)):
            self._skip(template, resources, "'resources' is neither an array nor an object")
            return
        rows = _rows(resources)
        if template.outer is None or not locals_.indexes:
            _Names(template, rows).install(self)
        for _, node in rows:
            self._declared(template, node, locals_, conditions, None, depth)

    def _declared(
        self,
        template: Template,
        node: JsonNode,
        locals_: Locals,
        conditions: tuple[Condition, ...],
        parent: _Parent | None,
        depth: int,
    ) -> None:
        if not isinstance(node.value, dict):
            self._skip(template, node, "a resource is not an object")
            return
        raw_type = node.value.get("type")
        if isinstance(raw_type, str) and not _concerns(raw_type, node, parent):
            return
        for inner in self.iterations(template, node, locals_):
            if self.made.count > (most := most_resources(self.document.text)):
                self._skip(template, node, f"more than {most} resources")
                return
            self._one(template, node, inner, conditions, parent, depth)

    def iterations(self, template: Template, node: JsonNode, locals_: Locals) -> Iterator[Locals]:
        """Yield what each turn of a resource's loop sees; one when it has no loop."""
        loop = node.get("copy")
        if loop is None or not isinstance(loop.value, dict):
            yield locals_
            return
        name_node, count_node = loop.get("name"), loop.get("count")
        name = str(name_node.value).casefold() if name_node is not None else ""
        count = template.evaluate(count_node, locals_) if count_node is not None else Term(1)
        number = count.data
        if isinstance(number, str) and number.isdigit():
            number = int(number)
        if isinstance(number, int) and not isinstance(number, bool):
            if number > LOOP_LIMIT:
                self._skip(template, loop, f"a loop makes {number} resources; 800 are allowed")
            for index in range(min(max(0, number), LOOP_LIMIT)):
                yield locals_.with_index(name, Term(index))
            return
        symbol = Symbol(("copyIndex", self.document.path, node.start), "copyIndex()")
        yield locals_.with_index(
            name, unknown("parameter", "the count of the loop is not known", symbol)
        )

    def _one(
        self,
        template: Template,
        node: JsonNode,
        locals_: Locals,
        conditions: tuple[Condition, ...],
        parent: _Parent | None,
        depth: int,
    ) -> None:
        condition = node.get("condition")
        if condition is not None:
            term = template.evaluate(condition, locals_)
            is_settled = term.is_known and not term.decisions
            is_off = is_settled and template.decided(term) is False
            if is_off and not self.switched_off:
                return
            if is_off or not is_settled:
                evaluated = partial(template.evaluate, condition, locals_)
                conditions = (*conditions, Condition(template, evaluated))
        type_node = node.get("type")
        type_term = template.evaluate(type_node, locals_) if type_node is not None else Term(None)
        if not isinstance(type_term.data, str):
            return
        full = type_term.data.split("@")[0]
        if parent is not None and "." not in full.split("/")[0]:
            full = f"{parent.type}/{full}"
        name_node = node.get("name")
        name_term = template.evaluate(name_node, locals_) if name_node is not None else Term("")
        name = name_term.text_parts
        if parent is not None and full.lower().startswith(parent.type.lower() + "/"):
            extra = full.count("/") - parent.type.count("/")
            if len(ResourceId(name).segments) <= extra:
                name = text_of((*parent.name, "/", *name))
        if full.lower() == _DEPLOYMENTS:
            self._nested(template, node, locals_, conditions, depth, name_term)
            return
        self._resource(template, node, locals_, conditions, full, name, name_term)
        children = node.get("resources")
        if children is not None and isinstance(children.value, (list, dict)):
            here = _Parent(full, name)
            inner = (
                children.items
                if isinstance(children.value, list)
                else [n for _, n in children.members]
            )
            for child in inner:
                self._declared(template, child, locals_, conditions, here, depth)

    # Nested deployments

    def _nested(
        self,
        template: Template,
        node: JsonNode,
        locals_: Locals,
        conditions: tuple[Condition, ...],
        depth: int,
        name: Term,
    ) -> None:
        nested = self.nested_template(template, node, locals_, name)
        if nested is None:
            properties = node.get("properties")
            if properties is not None and properties.has("templateLink"):
                self._skip(template, node, "a linked template is not read")
            return
        inner_locals = locals_ if nested.outer is not None else NO_LOCALS
        self.template(nested, inner_locals, conditions, depth + 1)

    def nested_template(
        self, template: Template, node: JsonNode, locals_: Locals, name: Term
    ) -> Template | None:
        """Make the template of a nested deployment; None when its text is not here."""
        properties = node.get("properties")
        body = properties.get("template") if properties is not None else None
        document = template.document
        if properties is None:
            return None
        if body is None or not isinstance(body.value, dict):
            linked = self._linked(template, properties, locals_)
            if linked is None:
                return None
            document, body = linked
        options = properties.get("expressionEvaluationOptions")
        scope = options.get("scope") if options is not None else None
        is_inner = (scope is not None and str(scope.value).lower() == "inner") or (
            document is not template.document
        )
        target = self._target(template, node, locals_, body, name)
        if not is_inner:
            return Template(
                document,
                body,
                template.deployment,
                template.worlds,
                self.budget,
                outer=template,
                target=target,
            )
        arguments: dict[str, Callable[[], Term]] = {}
        given = properties.get("parameters")
        for key, inner in given.members if given is not None else ():
            arguments[key.name.casefold()] = _argument(template, inner, locals_, key.name)
        return Template(document, body, target, template.worlds, self.budget, arguments=arguments)

    def _linked(
        self, template: Template, properties: JsonNode, locals_: Locals
    ) -> tuple[Document, JsonNode] | None:
        link = properties.get("templateLink")
        relative = link.get("relativePath") if link is not None else None
        if relative is None:
            return None
        term = template.evaluate(relative, locals_)
        if not isinstance(term.data, str):
            return None
        folder = template.document.path.rpartition("/")[0]
        document = self.context.sibling(f"{folder}/{term.data}" if folder else term.data)
        if document is None:
            return None
        try:
            root = json.parse(document)
        except SyntaxProblem:
            return None
        return (document, root) if recognises(root) else None

    def _target(
        self, template: Template, node: JsonNode, locals_: Locals, body: JsonNode, name: Term
    ) -> Deployment:
        here = template.target
        subscription, group, location = here.subscription, here.group, here.location
        moved = False
        for key in ("subscriptionId", "resourceGroup"):
            found = node.get(key)
            if found is None:
                continue
            term = template.evaluate(found, locals_)
            parts = term.text_parts
            part: Part = parts[0] if len(parts) == 1 else Symbol(("text", parts), term.shown())
            if key == "subscriptionId":
                moved = moved or part != subscription
                subscription = part
            else:
                moved = moved or part != group
                group = part
        schema = body.get("$schema")
        text = str(schema.value).lower() if schema is not None else ""
        is_above = any(word in text for word in _ABOVE_GROUP) or any(
            node.has(key) for key in ("subscriptionId", "scope")
        )
        if is_above and not node.has("resourceGroup"):
            group = None
        if group is None:
            place = node.get("location")
            location = template.evaluate(place, locals_) if place is not None else location
        elif moved:
            symbol = Symbol(("location", subscription, group), "resourceGroup().location")
            location = unknown("parameter", "resourceGroup().location is not known here", symbol)
        indexes = tuple(
            sorted((k, v.data) for k, v in locals_.indexes.items() if isinstance(v.data, int))
        )
        key_ = (template.deployment.key, node.start, name.text_parts, indexes)
        return Deployment(subscription, group, location, key_)

    # Resources

    def _resource(
        self,
        template: Template,
        node: JsonNode,
        locals_: Locals,
        conditions: tuple[Condition, ...],
        full: str,
        name: tuple[Part, ...],
        name_term: Term,
    ) -> None:
        body = ArmBody(template, node, locals_)
        kind, why = kind_of(full, body)
        if not is_ours(full):
            return
        scope = None
        if kind is not None:
            self._say_overridden(template.document, node)
        if kind in SET_ON_SCOPES:
            scope = self._set_on(template, node, locals_, full, name)
        existing, version = node.get("existing"), node.get("apiVersion")
        made = Declaration(
            body,
            full,
            name,
            resource_id(template.target.scope(), full, name),
            name_term.trace[0] if name_term.trace else Place(template.document, _head(node)),
            existence(conditions),
            Place(template.document, version) if version is not None else None,
            is_existing=existing is not None and existing.value is True,
            scope=scope,
            address=_address(template.document, node),
        )
        for one, its_kind, gap in open_kinds(made, kind, why, template.worlds):
            if gap:
                self._skip(template, node, gap)
            self.made.add(one, its_kind)

    def _set_on(
        self,
        template: Template,
        node: JsonNode,
        locals_: Locals,
        full: str,
        name: tuple[Part, ...],
    ) -> ResourceId:
        group = template.target.scope()
        if full.lower().endswith(tuple(ON_A_RESOURCE)):
            of = full[: full.lower().rindex("/providers/")]
            segments = ResourceId(name).segments[: of.count("/")]
            parts: list[Part] = []
            for segment in segments:
                parts += ["/", *segment] if parts else [*segment]
            return resource_id(group, of, tuple(parts))
        scope = node.get("scope")
        if scope is None:
            return ResourceId(group)
        term = template.evaluate(scope, locals_)
        text = term.text_parts
        if text and isinstance(text[0], str):
            if text[0].startswith("/"):
                return ResourceId(text)
            found = template.declared(term)
            if found is not None:
                target, inner = found
                type_node, name_node = target.get("type"), target.get("name")
                if type_node is not None and name_node is not None:
                    return resource_id(
                        group,
                        str(type_node.value),
                        template.evaluate(name_node, inner).text_parts,
                    )
            return _relative(group, text)
        return ResourceId(text)

    def _say_overridden(self, document: Document, node: JsonNode) -> None:
        """Say which names are written again in the same object; a loop says it once."""
        waiting = [node]
        while waiting:
            inner = waiting.pop()
            if not self._say_overridden_in(document, inner):
                continue
            children = [*(n for _, n in inner.members), *inner.items]
            waiting += [n for n in children if isinstance(n.value, (dict, list))]

    def _say_overridden_in(self, document: Document, node: JsonNode) -> bool:
        """Say it for one object; false when that was done already."""
        if (document.path, node.start) in self._checked:
            return False
        self._checked.add((document.path, node.start))
        last: dict[str, json.Key] = {}
        for key, _ in node.members:
            old = last.get(key.name.casefold())
            if old is not None:
                message = f"'{old.name}' is written twice; only the last one counts"
                self.reading.problems.append(Problem(document, old.start, old.end, None, message))
            last[key.name.casefold()] = key
        return True

    def _say_circular(self, document: Document, word: str, node: JsonNode) -> None:
        reference = re.compile(rf"{word}\(\s*'([^']*)'\s*\)", re.IGNORECASE)
        if reference.search(node.clean, node.start, node.end) is None:
            return
        from azmlint.sources.circle import described  # noqa: PLC0415  # only for what refers so

        keys = {key.name.casefold(): key for key, _ in node.members}
        uses: dict[str, list[str]] = {}
        for key, value in node.members:
            used = [u for t in _expressions(value.value) for u in reference.findall(t)]
            known = [keys[u.casefold()].name for u in used if u.casefold() in keys]
            uses[keys[key.name.casefold()].name] = known
        for name, what in described(uses):
            key, message = keys[name.casefold()], f"{word.removesuffix('s')} {what}"
            problem = Problem(document, key.start, key.end, "syntax-error", message)
            self.reading.problems.append(problem)

    def _skip(self, template: Template, node: JsonNode, message: str) -> None:
        start = node.start
        self.reading.problems.append(Problem(template.document, start, start + 1, None, message))


def _expressions(value: object) -> Iterator[str]:
    """Yield the expressions in plain data."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if arm_syntax.is_expression(one):
                yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


class _Names:
    """Finds nested deployments and resources of one template by name, when somebody asks."""

    def __init__(self, template: Template, rows: list[tuple[str | None, JsonNode]]) -> None:
        self.template = template
        self.rows = rows
        self.deployments: dict[tuple[Part, ...], Template] | None = None
        self.reader: _Reader | None = None

    def install(self, reader: _Reader) -> None:
        """Let the template's references ask here."""
        self.reader = reader
        self.template.nested = self.nested
        self.template.declared = self.declared

    def nested(self, reference: Term) -> Template | None:
        """Find a nested deployment by symbolic name, name or id."""
        if self.deployments is None:
            self.deployments = {}
            self._collect()
        return self.deployments.get(_deployment_name(reference.text_parts))

    def _collect(self) -> None:
        assert self.reader is not None  # noqa: S101  # install sets it
        assert self.deployments is not None  # noqa: S101
        for symbol, node in self.rows:
            if (
                not isinstance(node.value, dict)
                or str(node.value.get("type", "")).lower() != _DEPLOYMENTS
            ):
                continue
            name_node = node.get("name")
            if name_node is None:
                continue
            for index, locals_ in enumerate(self.reader.iterations(self.template, node, NO_LOCALS)):
                name = self.template.evaluate(name_node, locals_)
                found = self.reader.nested_template(self.template, node, locals_, name)
                if found is None:
                    continue
                if found.outer is None:
                    inner = found.root.get("resources")
                    if inner is not None and isinstance(inner.value, (list, dict)):
                        _Names(found, _rows(inner)).install(self.reader)
                self.deployments.setdefault(_folded(name.text_parts), found)
                if symbol is not None:
                    turn = f"{symbol}[{index}]" if node.has("copy") else symbol
                    self.deployments.setdefault((turn.casefold(),), found)

    def declared(self, reference: Term) -> tuple[JsonNode, Locals] | None:
        """Find a resource by its symbolic name."""
        if isinstance(reference.data, str):
            for symbol, node in self.rows:
                if symbol is not None and symbol.casefold() == reference.data.casefold():
                    return node, NO_LOCALS
        return None


def _rows(resources: JsonNode) -> list[tuple[str | None, JsonNode]]:
    """List resources with their symbolic names."""
    if isinstance(resources.value, dict):
        return [(key.name, node) for key, node in resources.members]
    return [(None, node) for node in resources.items]


def _folded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(p.casefold() if isinstance(p, str) else p for p in parts)


def _deployment_name(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Take the name of a deployment out of its id."""
    sign = f"/{_DEPLOYMENTS}/"
    folded = _folded(parts)
    for index, part in enumerate(folded):
        if isinstance(part, str) and sign in part:
            rest = part.partition(sign)[2]
            return text_of((rest, *folded[index + 1 :]))
    return folded


def _argument(template: Template, node: JsonNode, locals_: Locals, name: str) -> Callable[[], Term]:
    def argument() -> Term:
        value = node.get("value")
        if value is not None:
            return with_role(template.evaluate(value, locals_), "argument")
        loops = node.get("copy")
        if loops is not None and isinstance(loops.value, list):
            for loop_name, term in template.copies(loops, locals_):
                if loop_name.casefold() == "value":
                    return with_role(term, "argument")
        if isinstance(node.value, str):
            # `parameters: {x: "[...]"}` gives the whole {"value": ...} by an expression.
            whole = template.evaluate(node, locals_)
            is_value = isinstance(whole.data, Object) and whole.data.lookup("value") is not None
            if is_value or whole.is_unknown:
                return with_role(member(whole, Term("value"), is_safe=False), "argument")
        symbol = Symbol(("argument", template.deployment.key, node.start), f"parameters('{name}')")
        return unknown("parameter", f"parameter '{name}' is not given as a value", symbol)

    return argument


def _concerns(raw_type: str, node: JsonNode, parent: _Parent | None) -> bool:
    """Whether a resource or its children may be of a kind that rules judge."""
    if raw_type.startswith("[") or raw_type.lower() == _DEPLOYMENTS:
        return True
    if is_ours(raw_type) or parent is not None:
        return True
    return node.has("resources")


def _relative(group: tuple[Part, ...], text: tuple[Part, ...]) -> ResourceId:
    """Read `Microsoft.X/type/name/...`, which is relative to the group."""
    return ResourceId((*group, "/providers/", *text))


def _head(node: JsonNode) -> JsonNode:
    return node.members[0][1] if node.members else node


def _address(document: Document, node: JsonNode) -> str:
    line, column = document.position(node.start)
    return f"{line}:{column}"
