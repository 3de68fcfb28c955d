"""Scripts in pipelines: GitHub workflows and actions, Azure Pipelines, GitLab CI.

Which system a file is for is not asked: all of them have steps with a script under a few known
names, and variables in maps around it. What those maps say stands as variables of the script.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.expressions.term import Term
from azmlint.expressions.truth import Decision
from azmlint.location import Edit, Place
from azmlint.sources import gitlab, placeholder, shell, yaml
from azmlint.sources.az import Session
from azmlint.sources.document import Reading, SyntaxProblem
from azmlint.sources.embedded import Assembly
from azmlint.sources.shell_state import folders_from
from azmlint.sources.shell_values import SettablePlace, Variable, constant, either
from azmlint.sources.shell_words import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from azmlint.location import Document
    from azmlint.sources.document import Context
    from azmlint.sources.embedded import Embedded
    from azmlint.sources.shell_run import Runner
    from azmlint.sources.yaml import Use, YamlNode

_SHELLS: Final = {
    "run": ".sh",
    "script": ".sh",
    "bash": ".sh",
    "sh": ".sh",
    "before_script": ".sh",
    "after_script": ".sh",
    "inlineScript": ".sh",
    "pwsh": ".ps1",
    "powershell": ".ps1",
    "Inline": ".ps1",
    "inline": ".sh",
}
"""The names under which scripts stand, and in which language they are."""

_ENVIRONMENTS: Final = ("variables", "env", "environment")
_FOLDERS: Final = ("working-directory", "workingDirectory", "cwd")
_POWERSHELL: Final = frozenset({"pwsh", "powershell", "ps", "pscore"})
_FOREIGN_SUFFIX: Final = ".other"
_PYTHON: Final = frozenset({"python", "python3"})
_FOREIGN: Final = frozenset({"node", "cmd", "perl", "ruby"})
_LANGUAGES: Final = {
    "pythonscript@": ".py",
    "jannekem/run-python-script-action": ".py",
    "actions/github-script": _FOREIGN_SUFFIX,
}
"""Steps of which the script is in another language than that of a shell."""

_DEPTH: Final = 40
_OPTIONS: Final = 16
"""How many values of a matrix are told apart."""


class _Scope(NamedTuple):
    """What holds for the scripts below some place of a file."""

    variables: dict[str, Variable]
    folder: str = ""
    suffix: str = ""
    """In which language scripts are that say nothing else; empty for that of a shell."""

    step: str = ""
    """How other steps call this one."""


class YamlPlace(SettablePlace):
    """A scalar that holds exactly one value of a script, and can hold another."""

    __slots__ = ("scalar",)

    def __init__(self, document: Document, scalar: YamlNode, role: str = "variable") -> None:
        """Point at a scalar."""
        super().__init__(document, scalar, role)
        self.scalar = scalar

    def as_role(self, role: str) -> YamlPlace:
        """Point at the same scalar in another role."""
        return YamlPlace(self.document, self.scalar, role)

    def replaced(self, new: object) -> tuple[Edit, ...]:
        """Spell another value."""
        if isinstance(self.scalar.value, str):
            # What is a text in quotes stays one.
            new = str(new).lower() if isinstance(new, bool) else str(new)
        return (yaml.replace(self.document, self.scalar, new),)


def read(document: Document, context: Context) -> Reading:
    """Read what the scripts of a pipeline declare."""
    reading = Reading()
    try:
        roots = yaml.parse(document)
    except SyntaxProblem as problem:
        reading.problems.append(problem.of(document))
        return reading
    session = Session(reading, context)
    for root in roots:
        if root.kind == "map":
            _Pipeline(document, context, session).read(root)
    session.finish()
    return reading


class _Pipeline:
    def __init__(self, document: Document, context: Context, session: Session) -> None:
        self.document = document
        self.context = context
        self.session = session
        self.carried: dict[str, Variable] = {}
        """What one step leaves behind for the next one of its job."""
        self.seen: set[int] = set()

    def read(self, root: YamlNode) -> None:
        """Follow all scripts of a file."""
        jobs = gitlab.jobs(self.document, root)
        scope = self._scope(root, _Scope({}))
        for job in jobs:
            self.carried = {}
            within = scope
            for node in job.scopes:
                within = self._scope(node, within)
            self._script_of(job.script, ".sh", within)
            if job.after:
                # Another shell: what az has been told is all that is left.
                self._script_of(job.after, ".sh", within)
        for node in [n for job in jobs for n in job.nodes]:
            self.seen.add(id(node))
        self.walk(root, _Scope({}))

    def walk(self, node: YamlNode, scope: _Scope, depth: int = 0) -> None:
        """Follow the scripts below a node, in the order of the file."""
        if depth > _DEPTH:
            return
        if node.kind == "list":
            for item in node.items:
                self.walk(item.node, scope, depth + 1)
            return
        if node.kind != "map":
            return
        if node.get("steps") is not None:
            # A job: nothing is left of those before it.
            self.carried = {}
        scope = self._scope(node, scope)
        for name, use in node.pairs:
            key = str(name.value)
            is_foreign = scope.suffix == _FOREIGN_SUFFIX
            if key in _SHELLS and (is_foreign or self._scripts(key, use, scope)):
                continue
            if key not in _ENVIRONMENTS:
                self.walk(use.node, scope, depth + 1)

    def _scope(self, node: YamlNode, scope: _Scope) -> _Scope:
        variables = dict(scope.variables)
        for key in _ENVIRONMENTS:
            use = node.get(key)
            if use is not None:
                variables |= self._environment(use.node)
        variables |= dict(self._parameters(node))
        folder, suffix = scope.folder, scope.suffix
        defaults = node.get("defaults")
        run = defaults.node.get("run") if defaults is not None else None
        for holder in (run.node if run is not None else None, node, self._inputs(node)):
            if holder is None:
                continue
            for key in _FOLDERS:
                folder = _text(holder, key) or folder
            shell_name = _text(holder, "shell") or _text(holder, "scriptType")
            if shell_name is not None:
                suffix = _suffix_of(shell_name)
        user = (_text(node, "uses") or _text(node, "task") or "").lower()
        suffix = next((s for name, s in _LANGUAGES.items() if user.startswith(name)), suffix)
        step = _text(node, "id") or _text(node, "name") or scope.step
        return _Scope(variables, folder, suffix, step)

    @staticmethod
    def _inputs(node: YamlNode) -> YamlNode | None:
        for key in ("inputs", "with"):
            use = node.get(key)
            if use is not None and use.node.kind == "map":
                return use.node
        return None

    def _environment(self, node: YamlNode) -> dict[str, Variable]:
        """Read variables, be it from a map or from a list of names and values."""
        found: dict[str, Variable] = {}
        pairs = [(str(name.value), use.node) for name, use in node.pairs]
        for item in node.items:
            title, held = _text(item.node, "name"), item.node.get("value")
            if title is not None and held is not None:
                pairs.append((title, held.node))
        for name, value in pairs:
            inner = value.get("value") if value.kind == "map" else None
            scalar: YamlNode = inner.node if inner is not None else value
            if scalar.kind == "scalar" and scalar.value is not None:
                variable = self._variable(scalar)
                term = variable.value()
                if SECRET.search(name) is not None and term.is_literal and term.data != "":
                    self.session.reading.secrets.append(term.trace[-1])
                found |= _named(name, variable)
        return found

    def _parameters(self, node: YamlNode) -> Iterator[tuple[str, Variable]]:
        """Yield inputs with their defaults, and the values of a matrix."""
        listed = node.get("parameters")
        for item in listed.node.items if listed is not None else ():
            name, default = _text(item.node, "name"), item.node.get("default")
            if name is not None and default is not None and default.node.kind == "scalar":
                yield f"parameters.{name}", self._variable(default.node, "default")
        for event in ("workflow_dispatch", "workflow_call"):
            inner = _at(node, "on", event, "inputs")
            for name_node, use in inner.pairs if inner is not None else ():
                default = use.node.get("default")
                if default is not None and default.node.kind == "scalar":
                    variable = self._variable(default.node, "default")
                    yield f"inputs.{name_node.value}", variable
                    yield f"github.event.inputs.{name_node.value}", variable
        inner = _at(node, "inputs")
        for name_node, use in inner.pairs if inner is not None else ():
            default = use.node.get("default") if use.node.kind == "map" else None
            if default is not None and default.node.kind == "scalar":
                yield f"inputs.{name_node.value}", self._variable(default.node, "default")
        matrix = _at(node, "strategy", "matrix")
        for name_node, use in matrix.pairs if matrix is not None else ():
            values = [item.node for item in use.node.items]
            if values and len(values) <= _OPTIONS and all(v.kind == "scalar" for v in values):
                yield f"matrix.{name_node.value}", self._matrix(str(name_node.value), values)

    def _matrix(self, name: str, values: list[YamlNode]) -> Variable:
        if len(values) == 1:
            return self._variable(values[0])
        # Each value is one of several on purpose, so no other is put in its place.
        options = tuple(
            Variable(
                constant(Term(_written(self.document, v), (Place(self.document, v, "variable"),)))
            )
            for v in values
        )
        key = ("matrix", self.document.path, values[0].start)
        shown = tuple(str(v.value) for v in values)
        return either(Decision(key, f"matrix.{name}", shown), options, self.context.worlds)

    def _variable(self, scalar: YamlNode, role: str = "variable") -> Variable:
        place = YamlPlace(self.document, scalar, role)
        value = scalar.value
        written = _written(self.document, scalar)
        if isinstance(value, str) and placeholder.is_filled_in(written):
            return Variable(constant(placeholder.term_of(value, (place,))))
        return Variable(constant(Term(written, (place,), is_literal=True)))

    # Scripts

    def _scripts(self, key: str, use: Use, scope: _Scope) -> bool:
        """Follow what stands under a name that scripts have; False when it is something else."""
        if id(use.node) in self.seen:
            return True
        suffix = _SHELLS[key]
        if scope.suffix == ".py" and key in {"run", "script"}:
            suffix = ".py"
        elif suffix == ".sh" and scope.suffix == ".ps1" and key in {"run", "inlineScript"}:
            suffix = ".ps1"
        listed = [item.node for item in use.node.items] or [use.node]
        lines = [line for line in listed if line.kind == "scalar" and isinstance(line.value, str)]
        if not lines:
            return False
        self.seen.add(id(use.node))
        self._script_of(lines, suffix, scope)
        return True

    def _script_of(self, lines: Sequence[YamlNode], suffix: str, scope: _Scope) -> None:
        """Follow lines that one shell gets."""
        if not lines:
            return
        assembly = Assembly(self.document)
        for line in lines:
            if assembly.pieces:
                assembly.add("\n")
            if not assembly.take_yaml(line):
                assembly.instead(line.start, line.end, str(line.value))
        embedded = assembly.embedded(f"{self.document.path}/{lines[-1].start}{suffix}")
        variables = {**scope.variables, **self.carried}
        if suffix == ".py":
            self._program(embedded, variables, scope.folder)
            return
        runner = shell.follow(
            embedded, self.context, self.session, variables, self._bases(scope.folder)
        )
        self._carry(runner, scope.step)

    def _program(self, embedded: Embedded, variables: Mapping[str, Variable], folder: str) -> None:
        """Read what a step in Python declares."""
        from azmlint.sources import pipeline_python  # noqa: PLC0415  # few steps are in Python

        within = self._bases(folder)[0] or self.document.path.rpartition("/")[0]
        found = pipeline_python.follow(embedded, self.context, variables, within)
        self.session.reading.take(found)

    def _bases(self, folder: str) -> tuple[str, ...]:
        around = folders_from(self.document.path)
        if placeholder.is_filled_in(folder):
            folder = re.sub(r"^(?:\$\{\{[^}]*\}\}|\$\([^)]*\))/?", "", folder)
        within = posixpath.normpath(folder) if folder else ""
        own = (within,) if within and not within.startswith(("/", "..")) else ()
        return tuple(dict.fromkeys((*own, "", *around)))

    def _carry(self, runner: Runner, step: str) -> None:
        """Keep what outlives a step: what az has been told, and variables that are handed on."""
        for name, variable in runner.state.variables.items():
            if name.startswith("az "):
                self.carried[name] = variable
            elif name.startswith("exported "):
                plain = name.removeprefix("exported ")
                self.carried |= _named(plain, variable)
                self.carried[f"{step}.{plain}"] = variable
            elif name.startswith("output ") and step:
                plain = name.removeprefix("output ")
                self.carried[f"steps.{step}.outputs.{plain}"] = variable


def _named(name: str, variable: Variable) -> dict[str, Variable]:
    """Give a variable under all names that scripts and expressions have for it."""
    found = {name: variable, f"env.{name}": variable, f"variables.{name}": variable}
    # Azure Pipelines gives variables to scripts in capitals, points as underscores.
    found.setdefault(re.sub(r"[.\s-]", "_", name).upper(), variable)
    return found


def _suffix_of(shell_name: str) -> str:
    """Say in which language the scripts of a shell are, by what it is called with."""
    program = shell_name.split(maxsplit=1)[0].lower() if shell_name.strip() else ""
    if program in _PYTHON:
        return ".py"
    if program in _POWERSHELL:
        return ".ps1"
    return _FOREIGN_SUFFIX if program in _FOREIGN else ""


def _written(document: Document, scalar: YamlNode) -> str:
    if isinstance(scalar.value, str):
        return scalar.value
    return document.text[scalar.start : scalar.end]


def _text(node: YamlNode, key: str) -> str | None:
    use = node.get(key) if node.kind == "map" else None
    value = use.node.value if use is not None else None
    return value if isinstance(value, str) else None


def _at(node: YamlNode, *keys: str) -> YamlNode | None:
    for key in keys:
        use = node.get(key) if node.kind == "map" else None
        if use is None and key == "on":
            # YAML 1.1 takes the word for a truth.
            use = next((u for n, u in node.pairs if n.value is True), None)
        if use is None:
            return None
        node = use.node
    return node
