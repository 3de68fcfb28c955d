"""Jupyter notebooks: their code cells are one program, their commands one script."""

from __future__ import annotations

import ast
import posixpath
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.location import Cell, Document, Span
from azmlint.model.value import NotEditable
from azmlint.sources import ipython
from azmlint.sources.document import Problem, Reading
from azmlint.sources.embedded import Assembly, Embedded
from azmlint.sources.ipython import Stretch
from azmlint.sources.notebook_cells import scan
from azmlint.sources.python_syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.expressions.worlds import Worlds
    from azmlint.sources.document import Binding, Context
    from azmlint.sources.notebook_cells import NotebookCell
    from azmlint.sources.python_syntax import Broken, Parsed

_PYTHON: Final = re.compile(r"(?:i|x)?python|py(?:thon)?\d|pyspark|synapse_pyspark", re.IGNORECASE)
_SHELL: Final = re.compile(r"bash|sh|zsh|shellscript", re.IGNORECASE)
_OURS: Final = re.compile(
    r"aml_?compute|compute_?instance|compute_?target|machine_?learning_?services"
    r"|\baz[ \t]+(?:ml|lock|deployment)\b|begin_create_or_update|azure\.ai\.ml|azureml\.core",
    re.IGNORECASE,
)
"""What a text says that may create something."""

_LITERAL: Final = re.compile(
    r"(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>\"[^\"\\$`\r\n{}]*\"|'[^'\\\r\n{}]*'|\d+)"
    r"[ \t]*(?:;[ \t]*)?(?:#[^\r\n]*)?\Z"
)
"""An assignment of Python of which the value means the same to a shell."""

_ENVIRON: Final = "environ "
_ENVIRONMENT: Final = re.compile(r"(?:os\.)?environ\[['\"](\w+)['\"]\][ \t]*=[ \t]*")
"""A variable of the environment that Python sets."""

_FILLED_IN: Final = re.compile(
    r"\$\$|\$(?P<name>[A-Za-z_]\w*)|(?<![{$])\{(?P<expression>[A-Za-z_][\w.\[\]'\"]*)\}(?!\})"
)
"""Where IPython fills in the value of an expression of Python."""

_NOT_IN_COMMANDS: Final = re.compile(r"[${}]|(?<!\\)(?:\r\n|\r|\n)")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NAMED: Final = re.compile(r"([A-Za-z_]\w*)(?:=|[ \t]+)")
_NOT_PLAIN: Final = re.compile(r"[ \t;&|<>()]")
_MARGIN: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*([ \t]+)(?=[^\s#])")
_QUOTE: Final = re.compile(r"\\.|['\"]", re.DOTALL)
_APPEND: Final = frozenset({"-a", "--append"})
_NOTHING: Final = Span(-1, -1)
_PREFIX: Final = "python_"
"""Begins the names that variables of Python have in the script."""


class Cells(Embedded):
    """The text of all code cells, one after the other."""

    __slots__ = ("numbers", "starts")

    def __init__(
        self, path: str, assembly: Assembly, starts: list[int], numbers: list[int]
    ) -> None:
        """Take the texts; `starts` are their offsets, and `numbers` which cells they are."""
        super().__init__(path, assembly)
        self.starts = starts
        self.numbers = numbers

    def cell(self, offset: int) -> Cell | None:
        """Say where an offset of the file is in a cell."""
        found = self.extent_of(offset, offset)
        if found is None:
            return None
        index = max(0, bisect_right(self.starts, found.start) - 1)
        first = self.position(self.starts[index]).line
        line, column = self.position(found.start)
        return Cell(self.numbers[index], line - first + 1, column)


class _Part(NamedTuple):
    """A code cell in the text of all of them."""

    number: int
    start: int
    end: int
    stretches: list[Stretch]
    statements: list[ast.stmt]
    """Its Python, with the lines of the cell."""


def read(
    document: Document, context: Context, inner: Callable[[Document, Context], Reading]
) -> Reading:
    """Read what a notebook creates; `inner` reads a text that stands in it."""
    return _Reader(document, context, inner).read()


class _Reader:
    """Reads one notebook."""

    def __init__(
        self, document: Document, context: Context, inner: Callable[[Document, Context], Reading]
    ) -> None:
        self.document = document
        self.inner = inner
        self.context = NotebookContext(document, context)
        self.reading = Reading()

    def read(self) -> Reading:
        notebook = scan(self.document.text)
        if notebook.broken is not None:
            message = f"this is no valid notebook: {notebook.broken.message}"
            self._problem(self.document, notebook.broken.offset, message, "syntax-error")
        for offset, message in notebook.odd:
            self._problem(self.document, offset, message)
        code = [c for c in notebook.cells if c.kind == "code" and c.lines]
        if not code:
            return self.reading
        cells = self._cells(code)
        program = Assembly(cells)
        parts = list(self._parts(cells, code, notebook.language, program))
        self._files(cells, parts)
        if program.length:
            whole = program.embedded(f"{self.document.path}.py")
            self.reading.take(self.inner(whole, self.context))
        shell = [s for p in parts for s in p.stretches if s.is_for_shell]
        if any(_OURS.search(cells.text, s.start, s.end) for s in shell):
            commands = _Script(cells, parts)
            script = commands.assembly.embedded(f"{self.document.path}.sh")
            script.shells = tuple(commands.shells)
            self.reading.take(self.inner(script, self.context))
        for path, written in self.context.written.items():
            if path in self.reading.modules:
                # A command follows it, and it is judged with what the command says.
                continue
            found = self.inner(written, self.context)
            if found.resources or _OURS.search(written.text):
                self.reading.take(found)
        for path in self.context.written:
            # A file of the same name in the project is another one.
            self.reading.modules.pop(path, None)
        return self.reading

    def _problem(
        self, document: Document, offset: int, message: str, rule: str | None = None
    ) -> None:
        end = min(offset + 1, len(document.text))
        self.reading.problems.append(Problem(document, min(offset, end), end, rule, message))

    def _cells(self, code: list[NotebookCell]) -> Cells:
        assembly = Assembly(self.document)
        starts: list[int] = []
        for cell in code:
            starts.append(assembly.length)
            for line in cell.lines or ():
                assembly.take_json(*line)
            assembly.add("\n")
        return Cells(f"{self.document.path}/cells", assembly, starts, [c.number + 1 for c in code])

    def _parts(
        self, cells: Cells, code: list[NotebookCell], kernel: str, program: Assembly
    ) -> Iterator[_Part]:
        """Take the cells apart, and add their Python to the program."""
        ends = [*(start - 1 for start in cells.starts[1:]), len(cells.text) - 1]
        for cell, start, end in zip(code, cells.starts, ends, strict=True):
            language = cell.language or kernel
            part = _Part(cell.number + 1, start, end, [], [])
            part.stretches.extend(ipython.stretches(cells.text, start, end))
            if _SHELL.fullmatch(language):
                part.stretches[:] = [Stretch(ipython.SCRIPT, start, end)]
            elif language and not _PYTHON.match(language) and not _is_other(part.stretches):
                part.stretches[:] = [Stretch(ipython.OTHER, start, end, language)]
            for stretch in part.stretches:
                is_ours = _OURS.search(cells.text, stretch.start, stretch.end) is not None
                if stretch.kind == ipython.OTHER and is_ours:
                    name = stretch.magic.partition(" ")[0]
                    message = f"a cell in '{name}', which azmlint does not read in notebooks"
                    self._problem(cells, stretch.start, message)
            self._add_python(cells, part, program)
            yield part

    def _add_python(self, cells: Cells, part: _Part, program: Assembly) -> None:
        """Add the Python of a cell; one that is none costs only itself."""
        python = _python(cells, part.stretches)
        parsed = _parsed(python)
        if parsed.broken:
            again = list(ipython.stretches(cells.text, part.start, part.end, automagic=True))
            second = _python(cells, again)
            other = _parsed(second)
            if other.broken:
                for one in parsed.broken:
                    self._half_written(cells, part, python, one)
                self._cut(cells, part, parsed.body)
                second = _python(cells, part.stretches)
                other = _parsed(second)
            else:
                part.stretches[:] = again
            python, parsed = second, other
        if not parsed.broken and parsed.body:
            part.statements.extend(parsed.body)
            program.extend(python)
            program.add("\n")

    def _half_written(self, cells: Cells, part: _Part, python: Assembly, broken: Broken) -> None:
        """Tell of a statement that is no Python, at its line in the cell."""
        text = Document("", "".join(python.pieces))
        line, column = text.position(min(broken.offset, len(text.text)))
        line += cells.position(part.start).line - 1
        start = cells.line_start(min(line, cells.line_count))
        offset = max(part.start, min(start + column - 1, part.end - 1))
        rule = None if broken.is_too_deep else "syntax-error"
        self._problem(cells, offset, broken.message, rule)

    def _cut(self, cells: Cells, part: _Part, body: list[ast.stmt]) -> None:
        """Leave out the lines of a cell that belong to no statement that is valid."""
        kept = {n for s in body for n in range(s.lineno, (s.end_lineno or s.lineno) + 1)}
        first = cells.position(part.start).line
        found: list[Stretch] = []
        for stretch in part.stretches:
            if stretch.kind != ipython.CODE:
                found.append(stretch)
                continue
            at = stretch.start
            while at < stretch.end:
                line = cells.position(at).line
                after = cells.line_start(line + 1) if line < cells.line_count else stretch.end
                kind = ipython.CODE if line - first + 1 in kept else ipython.BROKEN
                found.append(Stretch(kind, at, min(after, stretch.end)))
                at = after
        part.stretches[:] = found

    def _files(self, cells: Cells, parts: list[_Part]) -> None:
        """Take the files that cells write; a later one of the same name replaces an earlier."""
        assemblies: dict[str, Assembly] = {}
        folder = posixpath.dirname(self.document.path)
        for stretch in (s for p in parts for s in p.stretches if s.kind == ipython.FILE):
            words = stretch.magic.split()[1:]
            name = " ".join(w for w in words if w not in _APPEND).strip("\"'")
            if not name:
                continue
            path = posixpath.normpath(posixpath.join(folder, name))
            if path not in assemblies or _APPEND.isdisjoint(words):
                assemblies[path] = Assembly(cells)
            assemblies[path].take(stretch.start, stretch.end)
        for path, assembly in assemblies.items():
            self.context.written[path] = assembly.embedded(path)


class NotebookContext:
    """A context in which the files that a notebook writes are there."""

    def __init__(self, document: Document, context: Context) -> None:
        """Take the notebook, and the context in which it is read itself."""
        self.document = document
        self.context = context
        self.written: dict[str, Document] = {}

    @property
    def worlds(self) -> Worlds:
        """The world being judged."""
        return self.context.worlds

    def binding(self, path: str) -> Binding:
        """Say where goes what the notebook declares, in whichever of its texts."""
        is_inside = path in self.written or path.startswith(self.document.path)
        return self.context.binding(self.document.path if is_inside else path)

    def sibling(self, path: str) -> Document | None:
        """Read a file that the notebook writes, or another one of the project."""
        return self.written.get(posixpath.normpath(path)) or self.context.sibling(path)

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the paths beside `path` of which the file name matches, sorted."""
        folder = posixpath.dirname(path)
        written = {
            p
            for p in self.written
            if p != path and posixpath.dirname(p) == folder and matches(posixpath.basename(p))
        }
        return tuple(sorted({*self.context.siblings(path, matches), *written}))


def _is_other(stretches: list[Stretch]) -> bool:
    """Whether a magic says that a cell is in another language than the kernel."""
    return any(s.kind in {ipython.SCRIPT, ipython.FILE, ipython.OTHER} for s in stretches)


def _python(cells: Cells, stretches: list[Stretch]) -> Assembly:
    """Put the Python of a cell together, line by line as in the cell."""
    text = cells.text
    assembly = Assembly(cells)
    code = next((s for s in stretches if s.kind == ipython.CODE), None)
    margin = _MARGIN.match(text, code.start, code.end) if code is not None else None
    for stretch in stretches:
        start, end = stretch.start, stretch.end
        if stretch.kind == ipython.CODE and margin is not None:
            # IPython takes the indentation of the first line from all lines.
            for line in re.finditer(rf"(?:{margin[1]})?([^\n]*\n?)", text[start:end]):
                assembly.take(start + line.start(1), start + line.end(1))
        elif stretch.kind == ipython.CODE:
            assembly.take(start, end)
        elif stretch.kind in {ipython.STATEMENT, ipython.VALUE}:
            begins = start + len(text[start:end]) - len(text[start:end].lstrip(" \t"))
            assembly.take(start, begins)
            value = "pass" if stretch.kind == ipython.STATEMENT else "get_ipython()"
            if stretch.magic == ipython.FOLDER and stretch.shell is not None:
                path = text[stretch.shell : end].strip().strip("'\"")
                filled = _FILLED_IN.sub(lambda m: f"{{{m['name'] or m['expression']}}}", path)
                form = "f" if filled != path or "{" in path else ""
                value = f"get_ipython().chdir({form}{filled!r})"
            assembly.instead(begins, end, value)
            assembly.add("\n" * len(_LINE_END.findall(text[begins:end])))
        elif stretch.kind == ipython.PREFIX and not text[start:end].endswith(("\n", "\r")):
            # What follows stands where the magic stood.
            assembly.take(start, start + len(text[start:end]) - len(text[start:end].lstrip(" \t")))
        else:
            assembly.blank(start, end)
    return assembly


def _parsed(assembly: Assembly) -> Parsed:
    return parse(Document("", "".join(assembly.pieces)))


class _Script:
    """Puts the commands of a notebook together, with the values of Python that they use."""

    def __init__(self, cells: Cells, parts: list[_Part]) -> None:
        self.cells = cells
        self.assembly = Assembly(cells)
        self.values: dict[str, Span | None] = {}
        """What variables of Python are at the moment; None where it is no plain text."""
        self.shells: list[Span] = []
        """Which extents of the script run in a shell of their own."""
        self.said: dict[str, Span | None] = {}
        for part in parts:
            bindings = self._bindings(part)
            for stretch in (s for s in part.stretches if s.is_for_shell):
                while bindings and bindings[0][0] < stretch.start:
                    self._bind(*bindings.pop(0)[1:])
                self._add(stretch)
            for _, name, value in bindings:
                self._bind(name, value)

    def _bind(self, name: str, value: Span | None) -> None:
        """Give a name of Python a value; one of the environment reaches every command."""
        if not name.startswith(_ENVIRON):
            self.values[name] = value
            return
        self.assembly.add(f"export {name.removeprefix(_ENVIRON)}=")
        if value is None:
            self.assembly.add("$(python)")
        else:
            self.assembly.take(value.start, value.end)
        self.assembly.add("\n")

    def _bindings(self, part: _Part) -> list[tuple[int, str, Span | None]]:
        """List, in order, where names of Python get a value."""
        found: list[tuple[int, str, Span | None]] = []
        first = self.cells.position(part.start).line
        for statement in part.statements:
            line = first + statement.lineno - 1
            start = self.cells.line_start(line)
            match = _LITERAL.match(self.cells.line(line))
            named = _ENVIRONMENT.match(self.cells.line(line))
            if isinstance(statement, ast.Assign) and named is not None:
                given = _LITERAL.match(f"x={self.cells.line(line)[named.end() :]}")
                low = start + named.end() - 2
                span = given.span("value") if given is not None else None
                value = Span(low + span[0], low + span[1]) if span is not None else None
                found.append((start, f"{_ENVIRON}{named[1]}", value))
            elif isinstance(statement, ast.Assign) and match is not None:
                low, high = match.span("value")
                found.append((start, match["name"], Span(start + low, start + high)))
            else:
                found += [(start, name, None) for name in sorted(_bound(statement))]
        return found

    def _add(self, stretch: Stretch) -> None:
        text, assembly = self.cells.text, self.assembly
        if stretch.shell is None:
            begins = assembly.length
            assembly.take(stretch.start, stretch.end)
            assembly.add("\n")
            self.shells.append(Span(begins, assembly.length))
            return
        filled = list(_FILLED_IN.finditer(text, stretch.shell, stretch.end))
        for match in filled:
            self._say(match["name"] or match["expression"] or "")
        begins, at = assembly.length, stretch.shell
        counted, quote = at, ""
        is_quoted = False
        if stretch.magic == ipython.SETTING:
            # `%env NAME a value` and `%env NAME=a value` mean the same.
            named = _NAMED.match(text, at, stretch.end)
            assembly.add("export ")
            if named is not None:
                assembly.take(named.start(1), named.end(1))
                assembly.add("=")
                at = named.end()
                last = at + len(text[at : stretch.end].rstrip(" \t")) - 1
                is_quoted = _NOT_PLAIN.search(text, at, max(at, last)) is not None
                assembly.add('"' if is_quoted else "")
        elif stretch.magic == ipython.FOLDER:
            assembly.add("cd ")
        for match in filled:
            name = match["name"] or match["expression"]
            if match["name"] and match["name"] not in self.values:
                # It is a variable of the environment.
                continue
            assembly.take(at, match.start(), _unfilled)
            at = match.end()
            if name is None:
                assembly.instead(match.start(), match.end(), "$")
                continue
            known = name if name.isidentifier() else re.sub(r"\W", "_", f"{name}()")
            value = f"${{{_PREFIX}{known}}}"
            quote = _quote_after(text[counted : match.start()], quote)
            counted = match.start()
            if quote == "'":
                value = f"'\"{value}\"'"
            assembly.instead(match.start(), match.end(), value, _unfilled)
        assembly.take(at, stretch.end, _unfilled)
        assembly.add('"\n' if is_quoted else "\n")
        if not stretch.magic:
            self.shells.append(Span(begins, assembly.length))

    def _say(self, name: str) -> None:
        """Give a variable of Python to the script, unless it has it already."""
        if name not in self.values or self.said.get(name, _NOTHING) == self.values[name]:
            return
        value = self.said[name] = self.values[name]
        self.assembly.add(f"{_PREFIX}{name}=")
        if value is None:
            self.assembly.add("$(python)\n")
        else:
            self.assembly.take(value.start, value.end)
            self.assembly.add("\n")


def _unfilled(text: str, _: int) -> str:
    """Spell a text for a command of one line, in which IPython finds nothing to fill in."""
    if _NOT_IN_COMMANDS.search(text):
        message = "a command in a cell is one line, in which names of Python are filled in"
        raise NotEditable(message)
    return text


def _bound(statement: ast.stmt) -> set[str]:
    """List the names that a statement gives a value, anywhere within."""
    names: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


def _quote_after(text: str, quote: str) -> str:
    """Give the quote within which what follows in a shell's text stands, from that before it."""
    for match in _QUOTE.finditer(text):
        if quote and match[0] == quote:
            quote = ""
        elif not quote and match[0] in {"'", '"'}:
            quote = match[0]
        elif quote == "'" and match[0] == "\\'":
            quote = ""
    return quote
