"""Bicep files: which resources they and their modules declare, and where."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm import NO_LOCALS, Budget, decision_on
from azmlint.expressions.arm_values import NULL
from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Reason
from azmlint.model.ids import ResourceId
from azmlint.model.resources import SET_ON_SCOPES, Lock
from azmlint.sources import arm, json
from azmlint.sources.bicep_body import BicepBody
from azmlint.sources.bicep_files import beside, content
from azmlint.sources.bicep_params import BicepParameters
from azmlint.sources.bicep_registry import GROUP, lock_of, type_of_module
from azmlint.sources.bicep_resource import (
    Instance,
    ModuleRef,
    ResourceRef,
    grip_of,
    instances,
    scope_of,
    type_of,
)
from azmlint.sources.bicep_syntax import parse
from azmlint.sources.bicep_template import BicepTemplate
from azmlint.sources.bicep_tree import Literal, ObjectNode, Program, used_names
from azmlint.sources.circle import described
from azmlint.sources.declared import (
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

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from azmlint.expressions.arm import Locals
    from azmlint.expressions.arm_syntax import Call
    from azmlint.expressions.term import Part
    from azmlint.location import Document
    from azmlint.sources.bicep_tree import Node, Statement
    from azmlint.sources.document import Context

MODULE_LIMIT: Final = 2_000
"""How many uses of modules one file may come to."""

_NEST_LIMIT: Final = 20
"""How deeply modules may nest; Resource Manager allows five levels of deployments."""

_ELSEWHERE: Final = ("br:", "br/", "ts:", "ts/", "oci:")
"""How the path of a module begins that is in a registry."""


def read(document: Document, context: Context, *, switched_off: bool = False) -> Reading:
    """Read every resource that a Bicep file and its modules declare.

    `switched_off` asks for those as well of which the condition is known to be false.
    """
    reader = _Reader(document, context, switched_off=switched_off)
    if document.path.lower().endswith(".bicepparam"):
        reader.note(document, parse(document.text))
        return reader.reading
    try:
        reader.root()
    except RecursionError:
        reader.skip(document, 0, 1, "nested too deeply to be read")
    return reader.reading


class _Reader:
    """Reads one file with its modules; what they refer to is found here."""

    def __init__(self, document: Document, context: Context, *, switched_off: bool) -> None:
        self.document = document
        self.context = context
        self.switched_off = switched_off
        self.reading = Reading()
        self.made = Declarations(self.reading)
        self.budget = Budget()
        self.said: set[tuple[str, int, str]] = set()
        self.programs: dict[str, tuple[Document, Program]] = {}
        self.libraries: dict[str, BicepTemplate] = {}
        self.modules: dict[tuple[object, ...], Module | None] = {}
        self.refs: dict[tuple[object, ...], ResourceRef] = {}

    # Files

    def root(self) -> None:
        """Read the file that is deployed itself."""
        self.template(self.root_template(), ())

    def root_template(self) -> BicepTemplate:
        """Evaluate the file with the arguments of its parameter files."""
        document = self.document
        path = document.path
        program = parse(document.text)
        self.programs[path] = (document, program)
        self.note(document, program)
        binding = self.context.binding(path)
        files = BicepParameters(self.context, self.reading.problems, self)
        arguments = files.arguments(path, files.sets(path, binding))

        def argument(name: str) -> Term:
            given = arguments.get(name.casefold())
            return given() if given is not None else ABSENT_TERM

        has_group = _target_scope(program) == "resourcegroup"
        deployment = root_deployment(path, binding, has_group=has_group)
        return BicepTemplate(
            document,
            program,
            deployment,
            self.context.worlds,
            self.budget,
            self,
            argument=argument,
        )

    def note(self, document: Document, program: Program) -> None:
        """Say what of a file could not be read."""
        for trouble in program.troubles:
            rule = "syntax-error" if trouble.is_syntax else None
            end = min(max(trouble.end, trouble.start + 1), len(document.text))
            start = min(trouble.start, end)
            self.reading.problems.append(Problem(document, start, end, rule, trouble.message))
        declared = {s.key: s for s in program.of("param", "var") if s.name is not None}
        uses = {key: used_names(s.value) for key, s in declared.items() if s.value is not None}
        for name, what in described(uses):
            at = declared[name].name or declared[name]
            message = f"{'variable' if declared[name].keyword == 'var' else 'parameter'} {what}"
            problem = Problem(document, at.start, at.end, "syntax-error", message)
            self.reading.problems.append(problem)

    def skip(
        self, document: Document, start: int, end: int, message: str, rule: str | None = None
    ) -> None:
        """Say once what is not read."""
        key = (document.path, start, message)
        if key not in self.said:
            self.said.add(key)
            end = min(end, len(document.text))
            self.reading.problems.append(Problem(document, start, end, rule, message))

    def program(self, path: str) -> tuple[Document, Program] | None:
        """Read another Bicep file."""
        found = self.programs.get(path)
        if found is None:
            document = self.context.sibling(path)
            if document is None:
                return None
            found = self.programs[path] = (document, parse(document.text))
        return found

    def library(self, path: str) -> BicepTemplate | None:
        """Give another file for what it exports."""
        found = self.libraries.get(path)
        if found is None:
            read_ = self.program(path)
            if read_ is None:
                return None
            found = self.libraries[path] = self.apart(*read_)
        return found

    def apart(self, document: Document, program: Program) -> BicepTemplate:
        """Evaluate a file that is no deployment."""
        here = Deployment(
            Symbol(("subscription", document.path), "subscription().subscriptionId"),
            None,
            ABSENT_TERM,
            ("file", document.path),
        )
        return BicepTemplate(document, program, here, self.context.worlds, self.budget, self)

    # Resources

    def template(self, template: BicepTemplate, conditions: tuple[Condition, ...]) -> None:
        """Read the resources of one use of a file, and those of its modules."""
        for statement in template.program.of("resource", "module"):
            if statement.keyword == "module":
                self.module_resources(template, statement, conditions)
            else:
                self.resources(template, statement, NO_LOCALS, None, conditions)

    def resources(
        self,
        template: BicepTemplate,
        statement: Statement,
        locals_: Locals,
        parent: ResourceRef | None,
        conditions: tuple[Condition, ...],
    ) -> None:
        """Read what one statement declares, and what is nested in it."""
        if not _concerns(statement, parent):
            return
        for ref in self.each(template, statement, locals_, parent):
            if self.made.count > (most := most_resources(self.document.text)):
                message = f"more than {most} resources"
                self.skip_node(template, statement, message)
                return
            instance = ref.instance
            held = self.held(template, instance, conditions)
            if held is None:
                continue
            self.declare(ref, held)
            if isinstance(instance.body, ObjectNode):
                for nested in instance.body.resources:
                    self.resources(template, nested, instance.locals, ref, held)

    def each(
        self,
        template: BicepTemplate,
        statement: Statement,
        locals_: Locals,
        parent: ResourceRef | None,
    ) -> Iterator[ResourceRef]:
        """Yield a reference to each resource that a statement declares."""
        for instance in instances(template, statement, locals_):
            of = id(parent) if parent is not None else id(template)
            key = (of, statement.start, instance.turn)
            found = self.refs.get(key)
            if found is None:
                found = self.refs[key] = ResourceRef(template, instance, parent)
            yield found

    def held(
        self, template: BicepTemplate, instance: Instance, conditions: tuple[Condition, ...]
    ) -> tuple[Condition, ...] | None:
        """Add the condition of an instance; None for what is known not to be created."""
        if instance.condition is None:
            return conditions
        evaluated = partial(template.expression, instance.condition, instance.locals)
        term = evaluated()
        is_settled = term.is_known and not term.decisions
        is_off = is_settled and template.decided(term) is False
        if is_off and not self.switched_off:
            return None
        if is_settled and not is_off:
            return conditions
        return (*conditions, Condition(template, evaluated))

    def declare(self, ref: ResourceRef, conditions: tuple[Condition, ...]) -> None:
        """Make the resource that a reference is about, if it is of a kind that is judged."""
        shape = ref.shape()
        if not is_ours(shape.type):
            return
        template, statement = ref.template, ref.instance.statement
        body = BicepBody(template, ref.instance, shape.version)
        kind, why = kind_of(shape.type, body)
        if kind is not None and why and statement.is_existing:
            # What is only referred to says nothing of its kind.
            kind = None
        scope = None
        if kind in SET_ON_SCOPES:
            scope = shape.scope or ResourceId(template.deployment.scope())
        line, column = template.document.position(statement.start)
        version = shape.version
        made = Declaration(
            body,
            shape.type,
            shape.full_name,
            shape.id,
            grip_of(ref),
            existence(conditions),
            template.place(version) if version is not None else None,
            is_existing=statement.is_existing,
            scope=scope,
            address=f"{line}:{column}",
        )
        for one, its_kind, gap in open_kinds(made, kind, why, template.worlds):
            if gap:
                self.skip_node(template, statement, gap)
            self.made.add(one, its_kind)

    def skip_node(self, template: BicepTemplate, node: Node, message: str) -> None:
        """Say that something of a template is not read."""
        self.skip(template.document, node.start, node.start + 1, message)

    # Modules

    def module_resources(
        self, template: BicepTemplate, statement: Statement, conditions: tuple[Condition, ...]
    ) -> None:
        """Read what a module declares, once for each of its uses."""
        for instance in instances(template, statement, NO_LOCALS):
            held = self.held(template, instance, conditions)
            if held is None:
                continue
            module = self.used(template, instance)
            if module is not None:
                outer = self.made.uses
                self.made.uses = (template.place(statement.name or statement), *outer)
                module.read(held)
                self.made.uses = outer
            else:
                self.registry_lock(template, instance, held)

    def registry_lock(
        self, template: BicepTemplate, instance: Instance, conditions: tuple[Condition, ...]
    ) -> None:
        """Make the lock that a module of a registry takes, although the module is not read."""
        statement = instance.statement
        written = statement.type.value if isinstance(statement.type, Literal) else None
        type_ = type_of_module(written) if isinstance(written, str) else None
        if type_ is None:
            return
        key = (template.deployment.key, statement.start, instance.turn)
        deployment = _deployment_of(template, instance, key, is_of_group=type_ != GROUP)
        lock = lock_of(template, instance, type_, deployment)
        if lock is None:
            return
        line, column = template.document.position(statement.start)
        self.made.add(
            Declaration(
                lock.body,
                Lock.arm_type,
                lock.name.text_parts,
                resource_id(lock.locked.parts, Lock.arm_type, lock.name.text_parts),
                (*lock.name.trace, template.place(statement.name or statement))[0],
                existence(conditions),
                None,
                scope=lock.locked,
                address=f"{line}:{column}",
            ),
            Lock,
        )

    def used(self, template: BicepTemplate, instance: Instance) -> Module | None:
        """Give the file of a module with the arguments of one use of it."""
        statement = instance.statement
        key = (id(template), statement.start, instance.turn)
        if key not in self.modules:
            self.modules[key] = self.use(template, instance)
        return self.modules[key]

    def use(self, template: BicepTemplate, instance: Instance) -> Module | None:
        statement = instance.statement
        path = self.module_path(template, statement)
        if path is None:
            return None
        if len(self.modules) > MODULE_LIMIT or len(template.users) > _NEST_LIMIT:
            self.skip_node(template, statement, "modules are used too often or nest too deeply")
            return None
        key = (template.deployment.key, statement.start, instance.turn)
        argument = partial(_argument, template, instance)
        if not path.lower().endswith(".bicep"):
            return self.use_template(template, instance, path, key)
        document, program = self.programs[path]
        is_of_group = _target_scope(program) == "resourcegroup"
        inner = BicepTemplate(
            document,
            program,
            _deployment_of(template, instance, key, is_of_group=is_of_group),
            template.worlds,
            self.budget,
            self,
            argument=argument,
            users=template.users,
        )
        return Module(partial(self.template, inner), partial(_output, inner))

    def use_template(
        self, template: BicepTemplate, instance: Instance, path: str, key: tuple[object, ...]
    ) -> Module | None:
        """Read a module that is an ARM template."""
        document = self.reading.modules[path]
        try:
            root = json.parse(document)
        except SyntaxProblem as problem:
            self.reading.problems.append(problem.of(document))
            return None
        declared = root.get("parameters")
        names = [k.name for k, _ in declared.members] if declared is not None else []
        given = (
            n
            for n in names
            if not template.at(instance.body, ("params", n), instance.locals).is_absent
        )
        return arm.module(
            document,
            root,
            self.context,
            self.made,
            self.budget,
            _deployment_of(template, instance, key, is_of_group=arm.is_of_group(root)),
            {n.casefold(): partial(_argument, template, instance, n) for n in given},
        )

    def module_path(self, template: BicepTemplate, statement: Statement) -> str | None:
        """Find the file of a module, or say why it is not read."""
        node = statement.type
        written = node.value if isinstance(node, Literal) else None
        if node is None or not isinstance(written, str):
            return None
        why, rule = "", None
        path = beside(template.document.path, written)
        document: Document | None = None
        if written.startswith(_ELSEWHERE):
            what = "a template spec" if written.startswith("ts") else "in a registry"
            why = f"the module '{written}' is {what} and is not read"
        elif path is None:
            why = f"the module '{written}' is outside of the project and is not read"
        elif not path.lower().endswith((".bicep", ".json", ".jsonc")):
            why = f"the module '{written}' is no template and is not read"
        else:
            document = self.context.sibling(path)
            if document is None:
                why = f"the module '{written}' is not found"
            elif document.path in template.users:
                why = f"the module '{written}' uses this file, which goes round in a circle"
                rule = "syntax-error"
            else:
                # By a link it is the same module as where it stands.
                path = document.path
        if why or path is None or document is None:
            self.skip(template.document, node.start, node.end, why, rule)
            return None
        if path not in self.reading.modules:
            self.reading.modules[path] = document
            found = self.program(path) if path.lower().endswith(".bicep") else None
            if found is not None:
                self.note(*found)
        return path

    # What expressions ask for

    def imported(self, template: BicepTemplate, name: str) -> tuple[BicepTemplate, str] | None:
        """Find what a name stands for that another file exports; "" for all of that file."""
        found = template.program.imports.get(name)
        if found is None:
            return None
        statement, original = found
        node = statement.value
        written = node.value if isinstance(node, Literal) else None
        path = beside(template.document.path, written) if isinstance(written, str) else None
        if path is None or not path.lower().endswith(".bicep"):
            return None
        library = self.library(path)
        if library is None or (original and original not in library.program.named):
            return None
        return library, original

    def resource(self, template: BicepTemplate, statement: Statement, locals_: Locals) -> Term:
        """Give a resource, or the list of them that its loop makes."""
        refs = [Term(r) for r in self.each(template, statement, locals_, None)]
        return _one_or_all(refs, [r.data.instance for r in refs])  # type: ignore[union-attr]

    def missing(self, of: Term) -> Term | None:
        """Give what a safe access to a resource or module finds that is or may not be there."""
        if not isinstance(of.data, (ResourceRef, ModuleRef)):
            return None
        condition = of.data.instance.condition
        if condition is None:
            return None
        template = of.data.template
        verdict, term = template.condition(condition, of.data.instance.locals)
        if verdict is False:
            return NULL.resting_on(term.decisions)
        if verdict:
            return None
        reason = term.reason or Reason("invalid", "a condition is not true or false")
        symbol = Symbol(("missing", object()), of.data.instance.statement.key)
        decisions = term.decisions or (decision_on(term),)
        return unknown(reason.kind, reason.text, symbol, (), decisions)

    def nested(self, of: Term, name: str) -> Term | None:
        """Give a resource that is declared inside another."""
        if not isinstance(of.data, ResourceRef):
            return None
        ref = of.data
        body = ref.instance.body
        for statement in body.resources if isinstance(body, ObjectNode) else ():
            if statement.key == name:
                refs = [
                    Term(r) for r in self.each(ref.template, statement, ref.instance.locals, ref)
                ]
                return _one_or_all(refs, [r.data.instance for r in refs])  # type: ignore[union-attr]
        return None

    def module(self, template: BicepTemplate, statement: Statement, locals_: Locals) -> Term:
        """Give a module, or the list of them that its loop makes."""
        found = list(instances(template, statement, locals_))
        refs = []
        for instance in found:
            module = self.used(template, instance)
            outputs = module.output if module is not None else None
            refs.append(Term(ModuleRef(template, instance, outputs)))
        return _one_or_all(refs, found)

    def content(self, template: BicepTemplate, call: Call, arguments: Sequence[Term]) -> Term:
        """Give what is in another file."""
        return content(template.document.path, call, arguments, self.context.sibling)


def _concerns(statement: Statement, parent: ResourceRef | None) -> bool:
    """Whether a resource or what is nested in it may be of a kind that is judged."""
    type_, _ = type_of(statement)
    if is_ours(type_) or parent is not None:
        return True
    return _has_nested(statement.value)


def _has_nested(value: Node | None) -> bool:
    while value is not None and not isinstance(value, ObjectNode):
        value = getattr(value, "body", None)
    return value is not None and bool(value.resources)


def _one_or_all(refs: list[Term], found: list[Instance]) -> Term:
    if len(refs) == 1 and found[0].turn is None:
        return refs[0]
    if len(refs) == 1 and found[0].turn == -1:
        statement = found[0].statement
        symbol = Symbol(("loop", id(statement)), statement.key, is_text=False)
        return unknown("parameter", f"the turns of '{statement.key}' are not known", symbol)
    return Term(list(refs))


def _output(inner: BicepTemplate, name: str) -> Term | None:
    """Work an output of a module out."""
    statement = inner.program.output(name)
    value = statement.value if statement is not None else None
    if value is None:
        return None
    term = inner.once("output", name, lambda _: inner.expression(value, NO_LOCALS))
    return with_role(term, "variable")


def _argument(template: BicepTemplate, instance: Instance, name: str) -> Term:
    found = template.at(instance.body, ("params", name), instance.locals)
    return with_role(found, "argument")


def _target_scope(program: Program) -> str:
    for statement in program.of("targetScope"):
        if isinstance(statement.value, Literal):
            return str(statement.value.value).lower()
    return "resourcegroup"


def _deployment_of(
    template: BicepTemplate, instance: Instance, key: tuple[object, ...], *, is_of_group: bool
) -> Deployment:
    """Say where a use of a module is deployed to."""
    here = template.deployment
    found = template.at(instance.body, ("scope",), instance.locals)
    subscription, group, location = here.subscription, here.group, here.location
    if not found.is_absent and found.data is not None:
        scope = scope_of(found)
        if scope.subscription is not None:
            subscription = _last_part(scope.subscription)
        group = _last_part(scope.group) if scope.group is not None else None
        if group is None:
            location = here.location if here.group is None else _open_location(subscription, None)
        elif (subscription, group) != (here.subscription, here.group):
            stated = found.data.lookup("location") if isinstance(found.data, Object) else None
            location = stated or _open_location(subscription, group)
        if scope.group is None and is_of_group:
            group = Symbol(("group", key), "resourceGroup().name")
            location = _open_location(subscription, group)
    return Deployment(subscription, group, location, key)


def _open_location(subscription: Part, group: Part | None) -> Term:
    shown = "resourceGroup().location" if group is not None else "deployment().location"
    symbol = Symbol(("location", (subscription,), (group,)), shown)
    return unknown("parameter", f"{shown} is not known here", symbol)


def _last_part(scope: ResourceId) -> Part:
    """Give the last segment of a scope as one piece."""
    parts = scope.segments[-1]
    return parts[0] if len(parts) == 1 else Symbol(("text", parts), str(ResourceId(parts)))
