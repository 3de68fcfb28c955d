"""Terraform configurations: whole folders of files, and the modules that they call."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from azmlint.expressions.arm import Budget
from azmlint.expressions.term import ABSENT_TERM, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Decision, always
from azmlint.location import Place, Span
from azmlint.model.ids import ResourceId
from azmlint.model.resources import (
    COMPUTE_KINDS,
    SET_ON_SCOPES,
    Compute,
    ComputeCluster,
    Patch,
    Subnet,
    ToolUse,
    VirtualNetwork,
)
from azmlint.sources import hcl, json, terraform_json
from azmlint.sources.circle import described
from azmlint.sources.compute_kinds import open_kinds
from azmlint.sources.document import ROOM, Problem, Reading, SyntaxProblem, too_deep
from azmlint.sources.hcl_evaluator import Frame, seen_from
from azmlint.sources.terraform_body import (
    AzapiBody,
    BlockBody,
    PartBody,
    ProviderBody,
    UpdateBody,
)
from azmlint.sources.terraform_folder import Folder, Statement
from azmlint.sources.terraform_module import (
    OPTION_LIMIT,
    Module,
    Root,
    environment_value,
    shown_of,
    suffix,
)
from azmlint.sources.terraform_plan import Plan, PlanBody, base, recognises
from azmlint.sources.terraform_types import AZAPI_CREATES, AZAPI_UPDATES, AZURERM, BY_ARM_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from azmlint.expressions.truth import Truth
    from azmlint.expressions.worlds import Worlds
    from azmlint.location import Document
    from azmlint.model.resource import Resource
    from azmlint.sources.document import Binding, Context
    from azmlint.sources.hcl import Node, Parsed
    from azmlint.sources.terraform_plan import Planned

Arguments: TypeAlias = "dict[str, Callable[[], Term]]"
TerraformBody: TypeAlias = "BlockBody | PlanBody"

CONFIGURATION: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
"""How the names of the files end that make a module."""

VALUES: Final = (".tfvars", ".tfvars.json")
LOCK_FILE: Final = ".terraform.lock.hcl"
_MANIFEST: Final = ".terraform/modules/modules.json"
_OVERRIDE: Final = re.compile(r"(?:.*_)?override\.(?:tf|tofu)(?:\.json)?", re.IGNORECASE)
_CALL: Final = re.compile(r'\bsource\s*"?\s*[=:]\s*"(\.\.?/[^"\n]*|\.\.?)"')

DEPTH_LIMIT: Final = 20
"""How deeply modules may call each other."""

RESOURCE_LIMIT: Final = 5_000
"""How many resources the loops and modules of one configuration may make."""

SEARCH_LIMIT: Final = 1_000
"""In how many files the callers of modules are looked for."""


def is_configuration(path: str) -> bool:
    """Whether a file belongs to a module."""
    return path.lower().endswith(CONFIGURATION)


def is_values(path: str) -> bool:
    """Whether a file gives values to variables."""
    return path.lower().endswith(VALUES)


def parse(document: Document) -> Parsed:
    """Read the syntax of a file; raises SyntaxProblem for JSON that is none."""
    if document.path.lower().endswith(".json"):
        return terraform_json.parse(document)
    return hcl.parse(document)


def read(documents: Mapping[str, Document], context: Context) -> dict[str, Reading]:
    """Read what configurations declare, by the file in which it stands.

    Folders are read whole, with the modules that they call and those who call them, so there are
    readings of files that were not given, too.
    """
    project = _Project(documents, context)
    plans: dict[str, list[Plan]] = {}
    for path in sorted(documents):
        if is_configuration(path) or is_values(path):
            project.parsed(path)
            project.folder(_folder_of(path))
        else:
            plan = project.plan(documents[path])
            if plan is not None:
                plans.setdefault(_folder_of(path), []).append(plan)
                project.folder(_folder_of(path))
    for root in project.roots():
        project.emit(root, plans.pop(root.folder.path, []))
    for rest in plans.values():
        for plan in rest:
            project.planned(plan, {})
    project.update()
    project.report_neighbours()
    return project.readings


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _within(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


class Instance(NamedTuple):
    """One instance of a block that declares a resource."""

    module: Module
    statement: Statement
    key: str | int | None
    is_existing: bool

    @property
    def address(self) -> str:
        """As Terraform writes it."""
        return self.module.address(f"{shown_of(self.statement)}{suffix(self.key)}")


class _Project:
    def __init__(self, documents: Mapping[str, Document], context: Context) -> None:
        self.context = context
        self.documents = documents
        self.readings: dict[str, Reading] = {path: Reading() for path in documents}
        self._parsed: dict[str, Parsed | None] = {}
        self._folders: dict[str, Folder | None] = {}
        self._targets: dict[tuple[str, str], str | None] = {}
        self._manifests: dict[str, dict[str, str]] = {}
        self._said: set[tuple[str, int, str]] = set()
        self._searched = 0
        self._beside: dict[str, list[str]] = {}
        self._seen: dict[str, frozenset[str | None]] = {}
        self._updates: list[Resource] = []
        self._count = 0
        self._uses: tuple[Place, ...] = ()
        self._home: str | None = None
        """The judged file that changes, calls for, or plans the resource being made."""

    # Files

    def document(self, path: str) -> Document | None:
        """Give a file of the project."""
        path = posixpath.normpath(path)
        found = self.documents.get(path) or self.context.sibling(path)
        return self.documents.get(found.path, found) if found is not None else None

    def parsed(self, path: str) -> Parsed | None:
        """Give the syntax of a file, None for one that cannot be read at all."""
        if path not in self._parsed:
            self._parsed[path] = None
            document = self.document(path)
            if document is not None:
                try:
                    parsed = self._parsed[path] = parse(document)
                except SyntaxProblem as problem:
                    self._report(problem.of(document))
                except RecursionError:
                    self._report(too_deep(document))
                else:
                    for found in parsed.problems:
                        self._report(found.of(document))
        return self._parsed[path]

    def _report(self, problem: Problem) -> None:
        key = (problem.document.path, problem.start, problem.message)
        if key not in self._said:
            self._said.add(key)
            reading = self.readings.setdefault(problem.document.path, Reading())
            reading.problems.append(problem)

    def skip(self, document: Document, node: hcl.Block | Node, message: str) -> None:
        """Say that something was not read."""
        self._report(Problem(document, node.start, node.start + 1, None, message))

    def names(self, folder: str, matches: Callable[[str], bool]) -> list[str]:
        """List the files of a folder of which the name matches."""
        prefix = f"{folder}/" if folder else ""
        found = set(self.context.siblings(prefix, matches))
        found |= {
            p for p in self.documents if _folder_of(p) == folder and matches(p[len(prefix) :])
        }
        return sorted(found)

    def folder(self, path: str) -> Folder | None:
        """Read the files of one folder; None when it holds none."""
        if path in self._folders:
            return self._folders[path]
        self._folders[path] = None
        names = self.names(path, is_configuration)
        twins = {n.replace(".tofu", ".tf"): n for n in names if ".tofu" in n}
        folder = Folder(path)
        overrides: list[tuple[hcl.Body, Document]] = []
        for name in names:
            if name in twins:
                self._say_replaced(name, twins[name])
                continue
            document, parsed = self.document(name), self.parsed(name)
            if document is not None and parsed is None:
                folder.broken.append(document)
            if document is None or parsed is None:
                continue
            if _OVERRIDE.fullmatch(name.rpartition("/")[2]):
                overrides.append((parsed.body, document))
            else:
                folder.add(parsed.body, document)
            if parsed.lost:
                folder.broken.append(document)
        for body, document in overrides:
            for block in folder.override(body, document):
                what = " ".join([str(block.type.value), *(str(n.value) for n in block.labels)])
                message = f"no other file of this folder declares the '{what}' that is overridden"
                self.skip(document, block, message)
        if not folder.documents:
            return None
        uses = {name: _locals_in(a.value) for name, (a, _) in folder.locals.items()}
        for name, what in described(uses):
            attribute, document = folder.locals[name]
            at = attribute.name
            self._report(Problem(document, at.start, at.end, "syntax-error", f"local {what}"))
        self._folders[path] = folder
        for name in folder.modules:
            target = self.target(folder, name)
            if target is not None:
                self.folder(target)
        return folder

    def _say_replaced(self, name: str, by: str) -> None:
        document = self.documents.get(name)
        if document is not None:
            message = f"'{by.rpartition('/')[2]}' is read in its place, as OpenTofu does"
            self._report(Problem(document, 0, min(1, len(document.text)), None, message))

    def target(self, folder: Folder, name: str) -> str | None:
        """Give the folder of a local module; None for others, and for what lies outside."""
        key = (folder.path, name)
        if key not in self._targets:
            node = folder.modules[name].block.body.value("source")
            source = str(node.value) if node is not None and node.kind == "literal" else ""
            target = _local(folder.path, source)
            self._targets[key] = self._behind_links(target) if target is not None else None
        return self._targets[key]

    def _behind_links(self, path: str) -> str:
        """Give the folder in which the files of a folder stand that may be a link to it."""
        names = self.names(path, is_configuration)
        documents = [d for d in map(self.document, names) if d is not None]
        folders = {_folder_of(d.path) for d in documents}
        return folders.pop() if len(folders) == 1 else path

    # Modules

    def called(self, module: Module, name: str) -> Folder | None:
        """Find the folder of a module that another calls; says so when it is not read."""
        statement = module.folder.modules[name]
        node = statement.block.body.value("source")
        source = str(node.value) if node is not None and node.kind == "literal" else ""
        target = self.target(module.folder, name)
        if target is None:
            target = self._installed(module, name)
        if target is None:
            message = f"module '{name}' is at '{source}', where azmlint does not read"
            if source.startswith("."):
                message = f"module '{name}' is outside the project, where azmlint does not read"
            elif not source:
                message = f"the source of module '{name}' is no plain text: it is not read"
            self._skip_call(module, statement, message)
            return None
        chain = [module.folder.path]
        caller = module.caller
        while caller is not None:
            chain.append(caller.folder.path)
            caller = caller.caller
        if target in chain or len(chain) > DEPTH_LIMIT:
            message = f"module '{name}' calls itself, or modules are nested too deeply"
            self._skip_call(module, statement, message)
            return None
        folder = self.folder(target)
        if folder is None:
            is_there = any(self.names(target, is_configuration))
            why = "which leads out of the project" if is_there else "where no Terraform files are"
            message = f"module '{name}' is in '{target or '.'}', {why}"
            self._skip_call(module, statement, message)
        return folder

    def _skip_call(self, module: Module, statement: Statement, message: str) -> None:
        """Say that a call is not followed, in a file that was given if one leads there."""
        document = statement.document
        use = next((u for u in module.uses if u.document.path in self.documents), None)
        if document.path in self.documents or use is None:
            self.skip(document, statement.block, message)
        else:
            message = f"in '{document.path}', {message}"
            self._report(Problem(use.document, use.start, use.start + 1, None, message))

    def _installed(self, module: Module, name: str) -> str | None:
        """Find where `terraform init` has put a module that is not local."""
        base = str(module.root.key[1])
        if base not in self._manifests:
            self._manifests[base] = self._manifest(base)
        names = [*(p.partition("[")[0] for p in module.path), name]
        return self._manifests[base].get(".".join(names))

    def _manifest(self, base: str) -> dict[str, str]:
        document = self.context.sibling(_within(base, _MANIFEST))
        if document is None:
            return {}
        try:
            rows = json.parse(document).get("Modules")
        except SyntaxProblem:
            return {}
        found: dict[str, str] = {}
        for row in rows.items if rows is not None else ():
            key, where = row.get("Key"), row.get("Dir")
            if key is not None and where is not None and isinstance(where.value, str):
                path = _local(base, f"./{where.value}")
                if path is not None:
                    found[str(key.value)] = path
        return found

    def roots(self) -> list[Module]:
        """Make the configurations: what nobody calls, and one of each circle of calls."""
        given = [f for f in self._folders.values() if f is not None]
        for folder in given:
            if not self._callers(folder.path):
                self._search(folder.path)
        loaded = [f for f in self._folders.values() if f is not None]
        tops = [f for f in loaded if not self._callers(f.path)]
        reached: set[str] = set()
        for top in tops:
            self._reach(top, reached)
        for folder in loaded:
            if folder.path not in reached:
                tops.append(folder)
                self._reach(folder, reached)
        return [self._root(f) for f in sorted(tops, key=lambda f: f.path)]

    def _reach(self, folder: Folder, reached: set[str]) -> None:
        waiting = [folder]
        while waiting:
            one = waiting.pop()
            if one.path in reached:
                continue
            reached.add(one.path)
            for name in one.modules:
                target = self.target(one, name)
                found = self._folders.get(target) if target is not None else None
                if found is not None:
                    waiting.append(found)

    def _callers(self, path: str) -> bool:
        """Whether a folder calls it that is not below it, as examples and tests are."""
        below = f"{path}/" if path else ""
        for (folder, _), target in self._targets.items():
            if target == path and folder != path and not (f"{folder}/").startswith(below):
                return True
        return False

    def _search(self, path: str) -> None:
        """Look for who calls a module, in the folders above it and what is beside them."""
        above = path
        while above:
            above = _folder_of(above)
            for candidate in self._nearby(above):
                if candidate not in self._folders and path in self._calls(candidate):
                    self.folder(candidate)
            if self._callers(path):
                return

    def _nearby(self, folder: str) -> list[str]:
        """List a folder, and the folders in it and in these."""
        if folder not in self._beside:
            found = [folder]
            for child in self.names(folder, _may_be_folder):
                found += [child, *self.names(child, _may_be_folder)]
            self._beside[folder] = found
        return self._beside[folder]

    def _calls(self, folder: str) -> frozenset[str | None]:
        """Tell which folders the files of one seem to call, without reading their syntax."""
        if folder not in self._seen:
            targets: set[str | None] = set()
            names = self.names(folder, is_configuration) if self._searched < SEARCH_LIMIT else ()
            for name in names:
                self._searched += 1
                document = self.document(name)
                if document is not None:
                    targets.update(_local(folder, s) for s in _CALL.findall(document.text))
            self._seen[folder] = frozenset(targets)
        return self._seen[folder]

    def _root(self, folder: Folder) -> Module:
        path = folder.documents[0].path
        judged = next((d.path for d in folder.documents if d.path in self.documents), path)
        binding = self.context.binding(judged)
        root = Root(
            folder.path,
            self.context.worlds,
            Budget(),
            binding.subscription,
            self.document,
            lambda path: self.names(path, lambda _: True),
        )
        self._lock_file(folder)
        module = Module(folder, root, self.called)
        module.arguments = {
            **{n: partial(environment_value, module, n, t) for n, t in binding.environment},
            **self._values(module, binding),
        }
        return module

    def _lock_file(self, folder: Folder) -> None:
        document = self.context.sibling(_within(folder.path, LOCK_FILE))
        for block in hcl.parse(document).body.blocks if document is not None else ():
            version = block.body.value("version")
            if document is not None and version is not None and block.labels:
                name = block.label.rpartition("/")[2]
                place = (document, version.start, version.end)
                folder.versions.setdefault(name, (str(version.value), *place))

    def _values(self, module: Module, binding: Binding) -> Arguments:
        """Read the files of values that Terraform takes by itself, and those that are named.

        Which of several others is named when it runs is a decision.
        """
        path = module.folder.path
        taken = [_within(path, "terraform.tfvars"), _within(path, "terraform.tfvars.json")]
        taken += self.names(path, lambda n: n.endswith((".auto.tfvars", ".auto.tfvars.json")))
        found = self._given(module, [*taken, *binding.parameters])
        if binding.parameters:
            return found
        beside = [n for n in self.names(path, is_values) if n not in taken]
        others = binding.values or ("", *beside)
        if any(
            not v.block.body.value("default")
            for n, v in module.folder.variables.items()
            if n not in found
        ):
            # It cannot run without one.
            others = tuple(n for n in others if n)
        if not 0 < len(others) <= OPTION_LIMIT:
            return found
        sets = {n: {**found, **self._given(module, [n])} if n else found for n in others}
        return chosen(path, sets, self.context.worlds)

    def _given(self, module: Module, names: Iterable[str]) -> Arguments:
        found: Arguments = {}
        for name in names:
            document = self.document(name)
            parsed = self.parsed(name) if document is not None else None
            self._pass_on(name, module.folder)
            if document is None or parsed is None:
                continue
            frame = Frame(document, {}, "parameter-file")
            for variable, attribute in parsed.body.attributes.items():
                found[variable] = _evaluated(module, attribute.value, frame)
        return found

    def _pass_on(self, name: str, folder: Folder) -> None:
        """Report what is wrong with values where they are used: their file is judged by nobody."""
        given = next((d.path for d in folder.documents if d.path in self.documents), None)
        if name not in self.documents and given is not None and name in self.readings:
            self.readings[given].problems += self.readings.pop(name).problems

    def report_neighbours(self) -> None:
        """Report what is broken beside what is judged where that is: Terraform runs neither."""
        given: dict[str, str] = {}
        for path in self.documents:
            given.setdefault(_folder_of(path), path)
        for path, reading in self.readings.items():
            judged = given.get(_folder_of(path))
            if path not in self.documents and judged is not None:
                broken = [p for p in reading.problems if p.rule is not None]
                self.readings[judged].problems += broken
                reading.problems = [p for p in reading.problems if p.rule is None]

    # Resources

    def instances(self, module: Module) -> Iterator[Instance]:
        """Yield what a module and those it calls declare and rules can be about."""
        for (mode, type_, _), statement in module.folder.resources.items():
            if type_ in AZURERM or type_ in {AZAPI_CREATES, AZAPI_UPDATES}:
                for key in module.keys(statement):
                    yield Instance(module, statement, key, is_existing=mode == "data")
        for name, statement in module.folder.modules.items():
            for key in module.keys(statement):
                child = module.child(name, key)
                if child is not None:
                    yield from self.instances(child)

    def emit(self, root: Module, plans: list[Plan]) -> None:
        """Make the resources of a configuration; what a plan of it states is the plan's."""
        most = RESOURCE_LIMIT + sum(len(d.text) for d in root.folder.documents) // ROOM
        self._count = 0
        covered = {address for plan in plans for address in plan.configured}
        by_address: dict[str, Instance] = {}
        for one in self.instances(root):
            if self._count > most:
                statement = one.statement
                message = f"more than {most} resources"
                self.skip(statement.document, statement.block, message)
                break
            if plans:
                by_address.setdefault(one.address, one)
                by_address.setdefault(base(one.address), one)
            if base(one.address) not in covered:
                self._resource(one, _body(one))
        for plan in plans:
            self.planned(plan, by_address)

    def plan(self, document: Document) -> Plan | None:
        """Read a plan; None for a JSON text that is none."""
        try:
            root = json.parse(document)
        except SyntaxProblem as problem:
            self._report(problem.of(document))
            return None
        return Plan(document, root) if recognises(root) else None

    def planned(self, plan: Plan, declared: Mapping[str, Instance]) -> None:
        """Make the resources of a plan, at the blocks that declare them when those are here."""
        for row in plan.resources.values():
            if row.type not in AZURERM and row.type not in {AZAPI_CREATES, AZAPI_UPDATES}:
                continue
            one = declared.get(row.address) or declared.get(base(row.address))
            if one is not None:
                one = one._replace(key=row.key)
                self._resource(one, PlanBody(plan, row, _body(one)))
                continue
            self._standing(plan, row)

    def _calling(self, module: Module) -> str | None:
        """Find the given file by which a module is called, directly or through others."""
        ways = (use.document.path for use in module.uses)
        return next((path for path in ways if path in self.documents), None)

    def _standing(self, plan: Plan, row: Planned) -> None:
        """Make a resource of a plan of which the configuration is not here."""
        self._uses, self._home = (), None
        body = PlanBody(plan, row, None)
        kind = AZURERM[row.type].kind if row.type in AZURERM else self._azapi_kind(row.type, body)
        resource_id = plan.id_of(row)
        if kind is None or resource_id is None:
            return
        name = body.at(("name",))
        grip = name.trace[0] if name.trace else Place(plan.document, row.node)
        made = UpdateBody(body, resource_id) if row.type == AZAPI_UPDATES else body
        resource = self._made(
            kind, made, name, resource_id, grip, row.address, is_existing=row.mode == "data"
        )
        self._more(resource, body, row.type)

    def _resource(self, one: Instance, body: TerraformBody) -> None:
        module, statement, key, _ = one
        self._uses = module.uses
        changing = (d.path for d in statement.overrides if d.path in self.documents)
        planned = body.plan.document.path if isinstance(body, PlanBody) else None
        self._home = next(changing, None) or self._calling(module) or planned
        type_ = str(statement.block.labels[0].value)
        kind = AZURERM[type_].kind if type_ in AZURERM else self._azapi_kind(type_, body)
        exists = module.existence(statement, key) if isinstance(body, BlockBody) else always
        if kind is Compute:
            for its_kind, exists_as in open_kinds(body, self.context.worlds, exists).items():
                self._of_kind(its_kind, one, body, exists_as)
            return
        self._of_kind(kind, one, body, exists)

    def _of_kind(
        self,
        kind: type[Resource] | None,
        one: Instance,
        body: TerraformBody,
        exists: Callable[[], Truth],
    ) -> None:
        module, statement, key, is_existing = one
        type_ = str(statement.block.labels[0].value)
        if kind is Compute:
            message = "the kind of this compute is not known"
            self.skip(statement.document, statement.block, message)
        if kind is None:
            return
        resource_id = body.plan.id_of(body.row) if isinstance(body, PlanBody) else None
        resource_id = resource_id or module.resource_id(statement, key)
        if resource_id is None:
            shown = f"{shown_of(statement)}{suffix(key)}"
            identity = ("id of", module.key, statement.document.path, statement.block.start, key)
            resource_id = ResourceId((Symbol(identity, f"{shown}.id"),))
        name = body.at(("name",))
        label = statement.block.labels[-1]
        is_here = bool(name.trace) and name.trace[0].document is statement.document
        grip = (
            name.trace[0]
            if is_here and name.data is not None
            else Place(statement.document, Span(label.start, label.end))
        )
        made = UpdateBody(body, resource_id) if type_ == AZAPI_UPDATES else body
        resource = self._made(
            kind, made, name, resource_id, grip, one.address, exists, is_existing=is_existing
        )
        self._more(resource, body, type_)
        if kind is ComputeCluster and type_ in AZURERM and not is_existing:
            settled = _provider(module, statement)
            at = settled.get("version", Term("", (grip,)))
            self._tool_use(resource, ProviderBody(settled), "azurerm", at)

    def _made(
        self,
        kind: type[Resource],
        body: TerraformBody | UpdateBody,
        name: Term,
        resource_id: ResourceId,
        grip: Place,
        address: str,
        exists: Callable[[], Truth] = always,
        *,
        is_existing: bool,
    ) -> Resource:
        scope = None
        if kind in SET_ON_SCOPES and isinstance(body, (BlockBody, PlanBody)):
            above = body.at(("scope",) if body.dialect == "azurerm" else ("parent_id",))
            scope = ResourceId(above.text_parts) if above.text_parts else resource_id.parent
        is_scalar = name.is_unknown or isinstance(name.data, (str, int))
        resource = kind(
            body,
            name=name.shown() if is_scalar else resource_id.name or address,
            resource_id=resource_id,
            grip=grip,
            address=address,
            exists=exists,
            is_existing=is_existing,
            scope=scope,
        )
        self._add(resource)
        if isinstance(body, UpdateBody):
            body.is_alone = kind is not Patch
            resource.is_update = True
            self._updates.append(resource)
        return resource

    def update(self) -> None:
        """Lay updates over what they change; what is not here they change by themselves."""
        if not self._updates:
            return
        homes = {id(r): path for path, reading in self.readings.items() for r in reading.resources}
        targets: dict[Hashable, list[Resource]] = {}
        for reading in self.readings.values():
            for resource in reading.resources:
                if not resource.is_existing and not resource.is_update:
                    targets.setdefault(resource.id.key, []).append(resource)
        laid: set[int] = set()
        for update in self._updates:
            kind = Compute if isinstance(update, Patch) else type(update)
            for target in targets.get(update.id.key, ()):
                if not isinstance(target, kind):
                    continue
                assert isinstance(update.body, UpdateBody)  # noqa: S101  # it is one that was noted
                update.body.is_alone = False
                target.updates = (*target.updates, update)
                target.values.clear()
                laid.add(id(update))
                home = homes[id(update)]
                if homes[id(target)] not in self.documents and home in self.documents:
                    # It is judged for the sake of the file that was given.
                    self.readings[homes[id(target)]].resources.remove(target)
                    self.readings[home].resources.append(target)
                    homes[id(target)] = home
        for reading in self.readings.values():
            reading.resources = [r for r in reading.resources if id(r) not in laid]

    def _more(self, resource: Resource, body: TerraformBody, type_: str) -> None:
        """Make what comes with a resource: its declaration, and its subnets."""
        if resource.is_existing:
            return
        if isinstance(resource, VirtualNetwork):
            self._subnets(body, resource)
        if type_ == AZAPI_CREATES and resource.arm_type.startswith("Microsoft.MachineLearning"):
            self._tool_use(resource, body, "azapi", body.at(("type",)))

    def _add(self, resource: Resource) -> None:
        self._count += 1
        resource.uses = self._uses
        path = resource.grip.document.path
        if path not in self.documents and self._home is not None:
            path = self._home
        self.readings.setdefault(path, Reading()).resources.append(resource)

    def _tool_use(
        self, subject: Resource, body: TerraformBody | ProviderBody, tool: str, at: Term
    ) -> None:
        use = ToolUse(
            body,
            name=subject.name,
            resource_id=subject.id.child("declarations", tool),
            grip=at.trace[0] if at.trace else subject.grip,
            address=subject.address,
            exists=subject.exists,
        )
        use.tool = tool
        use.subject = subject
        self._add(use)

    @staticmethod
    def _azapi_kind(type_: str, body: TerraformBody) -> type[Resource] | None:
        full = _azapi_type(body)
        is_compute = full == Compute.arm_type.lower()
        if type_ == AZAPI_UPDATES and is_compute:
            return Patch
        if not is_compute:
            return BY_ARM_TYPE.get(full)
        term = body.at(("properties", "computeType"))
        if isinstance(term.data, str):
            return COMPUTE_KINDS.get(term.data.lower())
        return Compute if term.is_unknown else None

    def _subnets(self, body: TerraformBody, network: Resource) -> None:
        """Read the subnets that a network declares within itself."""
        is_arm = body.dialect == "arm"
        route = ("properties", "subnets") if is_arm else ("subnet",)
        listed = body.at(route)
        items = [listed] if isinstance(listed.data, Object) else listed.data
        for index, item in enumerate(items if isinstance(items, list) else ()):
            name = item.data.lookup("name") if isinstance(item.data, Object) else None
            if name is None:
                continue
            grip = (*name.trace, *item.trace, network.grip)[0]
            self._add(
                Subnet(
                    PartBody(body, (*route, str(index))),
                    name=name.shown(),
                    resource_id=network.id.child("subnets", name.text_parts),
                    grip=grip,
                    address=f"{network.address}.subnet[{index}]",
                    exists=network.exists,
                )
            )


def _azapi_type(body: TerraformBody) -> str:
    """Give the type in Resource Manager of what azapi declares, in lower case."""
    return str(body.at(("type",)).data).partition("@")[0].lower()


def _body(one: Instance) -> BlockBody:
    type_ = one.statement.block.labels[0].value
    made = BlockBody if type_ in AZURERM else AzapiBody
    return made(one.module, one.statement, one.key)


def _locals_in(node: Node) -> list[str]:
    """List the local values that an expression refers to."""
    found: dict[str, None] = {}
    waiting = [node]
    while waiting:
        one = waiting.pop()
        waiting += one.items
        if isinstance(one, hcl.For):
            waiting += [n for n in (one.key, one.condition) if n is not None]
        of = one.items[0] if one.kind == "attribute" else None
        if of is not None and of.kind == "name" and of.value == "local":
            found[str(one.value)] = None
    return list(found)


def _may_be_folder(name: str) -> bool:
    return "." not in name and name not in {"node_modules", "LICENSE", "Makefile"}


def chosen(folder: str, sets: Mapping[str, Arguments], worlds: Worlds) -> Arguments:
    """Give the values of one of several files, by the path of each; which one is a decision."""
    if len(sets) < 2:  # noqa: PLR2004
        return next(iter(sets.values()))
    shown: tuple[str, ...] = tuple(
        posixpath.relpath(p, folder or ".") if p else "none" for p in sets
    )
    question = f"the file of values of {folder}" if folder else "the file of values"
    decision = Decision(("values of", folder), question, shown)
    every = list(sets.values())
    names = dict.fromkeys(name for one in every for name in one)
    return {name: partial(_one_of, name, every, decision, worlds) for name in names}


def _one_of(name: str, sets: Sequence[Arguments], decision: Decision, worlds: Worlds) -> Term:
    given = [one.get(name) for one in sets]
    terms = [g() if g is not None else ABSENT_TERM for g in given]
    if all(t.is_known and t.data == terms[0].data for t in terms):
        return terms[0]
    choice = worlds.choice(decision)
    if choice is None:
        symbol = Symbol(("value of", decision.key, name), f"var.{name}")
        return unknown(
            "parameter", f"var.{name} depends on the file of values", symbol, (), (decision,)
        )
    return terms[choice].resting_on((decision,))


def _evaluated(module: Module, node: Node, frame: Frame) -> Callable[[], Term]:
    return lambda: module.evaluate(node, frame)


def _local(folder: str, source: str) -> str | None:
    """Give the folder that a local source names; None for others and for what lies outside."""
    if not (source in {".", ".."} or source.startswith(("./", "../"))):
        return None
    path = posixpath.normpath(posixpath.join(folder, source))
    if path == "." or not path.startswith(".."):
        return "" if path == "." else path
    return None


def _provider(module: Module, statement: Statement) -> dict[str, Term]:
    """Say what is settled of the provider: the constraint, the lock file, what is ignored."""
    found: dict[str, Term] = {}
    here: Module | None = module
    while here is not None:
        for setting in here.folder.settings:
            constraint = _constraint(here, setting)
            if constraint is not None and "version" not in found:
                found["version"] = constraint
        provider = here.folder.providers.get(("azurerm", ""))
        node = provider.block.body.value("version") if provider is not None else None
        if provider is not None and node is not None and "version" not in found:
            found["version"] = here.evaluate(node, Frame(provider.document))
        locked = here.folder.versions.get("azurerm")
        if here.caller is None and locked is not None:
            version, document, start, end = locked
            found["locked"] = Term(version, (Place(document, Span(start, end)),))
        here = here.caller
    ignored = [
        Term(text, (Place(seen_from(node, Frame(statement.document)).document, node),))
        for block in statement.block.body.blocks_of("lifecycle")
        for node in [block.body.value("ignore_changes")]
        if node is not None
        for text in _ignored(node)
    ]
    found["ignored"] = Term(list(ignored))
    return found


def _ignored(node: Node) -> list[str]:
    items = node.items if node.kind == "tuple" else (node,)
    return [str(i.value) for i in items if i.kind in {"name", "literal"}]


def _constraint(module: Module, setting: Statement) -> Term | None:
    for block in setting.block.body.blocks_of("required_providers"):
        node = block.body.value("azurerm")
        if node is None:
            continue
        term = module.evaluate(node, Frame(setting.document))
        if isinstance(term.data, Object):
            found = term.data.get("version")
            if found is not None:
                return found
        elif isinstance(term.data, str):
            return term
    return None
