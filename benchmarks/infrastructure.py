"""Makes the tables of accuracy.md on Bicep and Terraform: how much is read, and how rightly.

    python benchmarks/infrastructure.py NAME=FOLDER...

Each FOLDER is a repository, as `fetched.py --repository` or `--blocks` lays it out.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import time
from collections import Counter
from contextlib import chdir, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from accuracy import PAGE, TODAY, check, in_general, in_markers, names_read, table

from azmlint.cli import run
from azmlint.engine.relevance import concerns
from azmlint.expressions.arm import NO_LOCALS
from azmlint.expressions.term import Object
from azmlint.expressions.worlds import Worlds
from azmlint.sources import arm, bicep, load, terraform
from azmlint.sources import json as json_text
from azmlint.sources.bicep_resource import type_of
from azmlint.sources.bicep_syntax import parse
from azmlint.sources.document import Binding, Reading, SyntaxProblem, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from azmlint.expressions.term import Term
    from azmlint.location import Document
    from azmlint.model.resource import Resource

SHOWN = 4
"""How many differences of one pair are listed."""

PROPERTIES = ("properties", "location", "tags", "sku", "kind", "identity", "zones")
BICEP = (".bicep", ".bicepparam")
TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars")


class Tree:
    """The files of one repository as a context."""

    def __init__(self, folder: Path) -> None:
        """Serve what is below `folder`."""
        self.folder = folder
        self.worlds = Worlds()
        self._documents: dict[str, Document | None] = {}
        self._names: dict[str, tuple[str, ...]] = {}

    def binding(self, _: str) -> Binding:
        """Say nothing of where files go."""
        return Binding()

    def sibling(self, path: str) -> Document | None:
        """Read a file."""
        if path not in self._documents:
            file = self.folder / path
            self._documents[path] = decode(path, file.read_bytes()) if file.is_file() else None
        return self._documents[path]

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the files beside one."""
        folder = os.path.normpath(path.rpartition("/")[0] or ".")
        if folder not in self._names:
            place = self.folder / folder
            names = sorted(p.name for p in place.iterdir()) if place.is_dir() else []
            self._names[folder] = tuple(names)
        return tuple(
            os.path.normpath(f"{folder}/{name}")
            for name in self._names[folder]
            if name != path.rpartition("/")[2] and matches(name)
        )

    def paths(self, *suffixes: str) -> list[str]:
        """List the files with a suffix."""
        return sorted(
            p.relative_to(self.folder).as_posix()
            for p in self.folder.rglob("*")
            if p.name.endswith(suffixes) and p.is_file()
        )


class Read(NamedTuple):
    """How much of a repository's text is read."""

    files: int
    size: float
    statements: int
    refused: int
    unknown: int
    seconds: float

    def row(self, name: str) -> list[object]:
        """Spell it as a row of the table."""
        share = 100 * self.statements / max(1, self.statements + self.refused + self.unknown)
        cost = self.seconds / self.size if self.size else 0
        counts = (self.refused, self.unknown, f"{cost:.2f}")
        return [name, self.files, f"{self.size:.1f}", self.statements, f"{share:.2f} %", *counts]


def read_of(tree: Tree) -> Read:
    """Parse every file and count statements; print what is refused."""
    texts = [d for p in tree.paths(*BICEP, *TERRAFORM) if (d := tree.sibling(p))]
    read = wrong = unknown = 0
    spent = 0.0
    for document in texts:
        begun = time.process_time()
        if document.path.endswith(BICEP):
            program = parse(document.text)
            troubles = [(t.start, t.is_syntax, t.message) for t in program.troubles]
            read += len(program.statements)
        else:
            count, troubles = _terraform(document)
            read += count
        spent += time.process_time() - begun
        wrong += sum(is_syntax for _, is_syntax, _ in troubles)
        unknown += sum(not is_syntax for _, is_syntax, _ in troubles)
        for start, _, message in troubles:
            line, column = document.position(start)
            print(f"{document.path}:{line}:{column}: {message}", file=sys.stderr)
    size = sum(len(d.text.encode("utf-8", "replace")) for d in texts) / 1e6
    return Read(len(texts), size, read, wrong, unknown, spent)


def _terraform(document: Document) -> tuple[int, list[tuple[int, bool, str]]]:
    try:
        parsed = terraform.parse(document)
    except SyntaxProblem as problem:
        found = problem.of(document)
        return 0, [(found.start, True, found.message)]
    count = len(parsed.body.blocks) + len(parsed.body.attributes)
    of = [p.of(document) for p in parsed.problems]
    return count, [(p.start, True, p.message) for p in of]


def value_states(tree: Tree) -> tuple[Counter[str], Counter[str], int, int, float]:
    """Read every file with its modules and every property that rules read."""
    states: Counter[str] = Counter()
    whys: Counter[str] = Counter()
    names = names_read()
    resources = failed = 0
    begun = time.process_time()
    for reading in _readings(tree):
        try:
            for resource in reading():
                resources += 1
                for declared in type(resource).properties():
                    if declared.name not in names:
                        continue
                    value = declared.__get__(resource, type(resource))
                    reason = value.reasons[0] if value.reasons else None
                    states[reason.kind if reason else "absent" if value.is_absent else "known"] += 1
                    if reason is not None and reason.kind not in {"parameter", "runtime"}:
                        whys[f"{reason.kind}: {in_general(reason.text)}"] += 1
        except Exception as error:  # noqa: BLE001  # what breaks is counted, and shown
            failed += 1
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
    return states, whys, resources, failed, time.process_time() - begun


def _readings(tree: Tree) -> Iterator[Callable[[], list[Resource]]]:
    """Yield what reads each Bicep file, and all files of Terraform together."""
    for path in tree.paths(".bicep"):
        if (document := tree.sibling(path)) is not None:
            yield lambda document=document: load.read(document, tree).resources  # type: ignore[misc]
    found = {p: d for p in tree.paths(*TERRAFORM) if (d := tree.sibling(p))}

    def read() -> list[Resource]:
        return [r for one in load.read_all(found, tree).values() for r in one.resources]

    if found:
        yield read


def leaves(term: Term, route: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Yield the scalars of a value; what is not known is one of them."""
    data = term.data
    if term.is_unknown or (isinstance(data, Object) and data.is_lazy):
        yield route, None
    elif isinstance(data, Object):
        for key, inner in data.items():
            key_at = data.keys_at.get(key)
            if key_at is None or not key_at.is_unknown:
                yield from leaves(inner, (*route, key.lower()))
    elif isinstance(data, list):
        for index, inner in enumerate(data):
            yield from leaves(inner, (*route, str(index)))
    elif data is not None and not term.is_absent:
        yield route, (type(data).__name__, data)


class Pair:
    """A Bicep file and the template that its compiler made of it."""

    def __init__(self, tree: Tree, path: str, compiled: Document) -> None:
        """Compare `path` with `compiled`."""
        self.tree = tree
        self.path = path
        self.compiled = compiled
        self.equal = 0
        self.parameters_equal = 0
        self.resources = 0
        self.differences: list[str] = []

    def compare(self) -> None:
        """Compare parameters, and types, versions and values of resources."""
        document = self.tree.sibling(self.path)
        assert document is not None
        reader = bicep._Reader(document, self.tree, switched_off=True)  # noqa: SLF001  # measures its parts
        template = reader.root_template()
        program = template.program
        root = json_text.parse(self.compiled)
        other = arm._Reader(self.compiled, self.tree, Reading(), switched_off=True)  # noqa: SLF001
        made = other.root_template(root)
        rows = arm._rows(root.get("resources"))  # type: ignore[arg-type]  # noqa: SLF001
        arm._Names(made, rows).install(other)  # noqa: SLF001
        for statement in program.of("param"):
            reader.budget.steps = other.budget.steps = 0
            pairs = (template.named(statement.key), made.parameter(statement.key))
            self.parameters_equal += self.note(f"param {statement.key}", *pairs)
        nodes = {symbol.casefold(): node for symbol, node in rows if symbol is not None}
        for statement in program.of("resource"):
            node = nodes.get(statement.key.casefold())
            if node is None or statement.is_existing:
                continue
            self.resources += 1
            type_, version = type_of(statement)
            stated = (type_.lower(), version.value if version is not None else None)
            there = (str(node.value.get("type")).lower(), node.value.get("apiVersion"))  # type: ignore[attr-defined]
            if stated != there:
                self.differences.append(f"{statement.key}: {stated} or {there}")
            mine = list(reader.each(template, statement, NO_LOCALS, None))
            theirs = list(other.iterations(made, node, NO_LOCALS))
            for ref, locals_ in zip(mine[:3], theirs[:3], strict=False):
                for name in PROPERTIES:
                    reader.budget.steps = other.budget.steps = 0
                    inner = node.get(name)
                    one = template.at(ref.instance.body, (name,), ref.instance.locals)
                    two = made.evaluate(inner, locals_) if inner is not None else None
                    self.equal += self.note(f"{statement.key}.{name}", one, two)

    def note(self, name: str, one: Term, two: Term | None) -> int:
        """Count what is known and equal, and note what differs."""
        mine, theirs = dict(leaves(one)), dict(leaves(two)) if two is not None else {}
        count = 0
        for route in sorted(mine.keys() | theirs.keys()):
            left, right = mine.get(route, ()), theirs.get(route, ())
            if left == right:
                count += left is not None
            else:
                self.differences.append(f"{'.'.join((name, *route))}: {left} or {right}"[:160])
        return count


def pairs_of(tree: Tree) -> Iterator[Pair]:
    """Yield the files that have a compiled template beside them, or in `arm` beside `bicep`."""
    for path in tree.paths(".bicep"):
        beside = path.removesuffix("bicep") + "json"
        compiled = tree.sibling(beside) or tree.sibling(beside.replace("/bicep/", "/arm/"))
        if compiled is not None and '"bicep"' in compiled.text[:2000]:
            pair = Pair(tree, path, compiled)
            pair.compare()
            yield pair


def said(tree: Tree, path: str, parts: Iterable[str] = ()) -> Counter[tuple[str, str]]:
    """Say which rule finds something of which resource in one file; loops are spread out.

    The file stands alone but for its modules, or its users would say what its parameters are.
    """
    out = io.StringIO()
    words = ["check", "--exit-zero", "--profile", "strict", "--now", TODAY, "--format", "json"]
    with TemporaryDirectory() as alone:
        for part in (path, *parts):
            copy = Path(alone) / part
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tree.folder / part, copy)
        with chdir(alone), redirect_stdout(out):
            run([*words, path])
    found: Counter[tuple[str, str]] = Counter()
    for row in json.loads(out.getvalue())["findings"]:
        label = f"{row['resource']['kind']} '{row['resource']['name']}'"
        also = [r["message"][5:] for r in row["related"] if r["message"].startswith("also ")]
        found.update((row["rule"], _spelled(name)) for name in [label, *also])
    return found


def _spelled(text: str) -> str:
    """Spell parameters as Bicep does."""
    return re.sub(r"(?:parameters|variables)\('(\w+)'\)", r"\1", text)


def findings_row(name: str, tree: Tree, pairs: list[Pair]) -> tuple[list[object], list[str]]:
    """Compare the findings of a file with those of the template that was made of it."""
    equal = with_findings = 0
    listed: list[str] = []
    for pair in pairs:
        raw = pair.compiled.text.encode("utf-8", "replace")
        if concerns(pair.compiled.path, raw) is None:
            continue
        source = tree.sibling(pair.path)
        assert source is not None
        mine = said(tree, pair.path, load.read(source, tree).modules)
        theirs = said(tree, pair.compiled.path)
        with_findings += bool(mine or theirs)
        equal += (mine & theirs).total()
        rows = [
            f"only in Bicep: {r} {n}" for (r, n), c in (mine - theirs).items() for _ in range(c)
        ]
        rows += [
            f"only in JSON: {r} {n}" for (r, n), c in (theirs - mine).items() for _ in range(c)
        ]
        listed += [f"{pair.path}: {row}" for row in rows]
    return [name, with_findings, equal, len(listed)], listed


def runs_rows(name: str, folder: Path) -> list[list[object]]:
    """Judge a repository as a whole."""
    rows: list[list[object]] = []
    for profile in ("default", "strict"):
        found = check(profile, folder)
        counts = Counter(f["rule"] for f in found.report["findings"])
        wrong = counts.pop("syntax-error", 0)
        compiled = sum(s["stage"] == "compiled" for s in found.report["skipped"])
        skipped = len(found.report["skipped"]) - compiled
        parts = [len(found.report[k]) for k in ("undecided", "failures")]
        row = [counts.total(), wrong, *parts, skipped, compiled, f"{found.seconds:.1f}"]
        rows.append([f"{name}, {profile}", *row])
    return rows


def main(words: list[str]) -> None:
    """Make the tables."""
    trees = {n: Tree(Path(f)) for n, f in (w.split("=", 1) for w in words)}
    page = PAGE.read_text(encoding="utf-8")
    head = ["files", "findings", "syntax-error", "undecided", "failures", "not followed"]
    rows = [r for n, t in trees.items() for r in runs_rows(n, t.folder)]
    page = in_markers(
        page, "infrastructure runs", table([*head, "compiled, judged in Bicep", "CPU s"], rows)
    )
    head = ["repository", "files", "MB", "statements", "read", "refused", "not known"]
    rows = [read_of(t).row(n) for n, t in trees.items()]
    page = in_markers(page, "statements", table([*head, "CPU s per MB"], rows))
    rows = []
    for name, tree in trees.items():
        states, whys, resources, failed, spent = value_states(tree)
        written = states.total() - states["absent"]
        rows += [[name, resources, failed, "absent", states["absent"], "", f"{spent:.0f}"]]
        rows += [
            ["", "", "", kind, count, f"{100 * count / written:.1f} %", ""]
            for kind, count in states.most_common()
            if kind != "absent"
        ]
        for why, count in whys.most_common():
            print(f"{name}: {count} x {why}", file=sys.stderr)
    head = ["repository", "resources", "crashes", "state", "reads", "of what is written", "CPU s"]
    page = in_markers(page, "values", table(head, rows))
    rows, found = [], []
    listed: list[str] = []
    different: list[str] = []
    for name, tree in trees.items():
        pairs = list(pairs_of(tree))
        if not pairs:
            continue
        for pair in pairs:
            listed += [f"{pair.path}: {d}" for d in pair.differences[:SHOWN]]
            if len(pair.differences) > SHOWN:
                listed.append(f"{pair.path}: {len(pair.differences) - SHOWN} more")
        counts = ("resources", "equal", "parameters_equal")
        sums = [sum(getattr(p, k) for p in pairs) for k in counts]
        rows.append([name, len(pairs), *sums, sum(len(p.differences) for p in pairs)])
        row, more = findings_row(name, tree, pairs)
        found.append(row)
        different += more
    head = ["repository", "pairs", "resources", "values equal", "values of parameters equal"]
    text = table([*head, "differ"], rows) + "\n\n" + "".join(f"- `{d}`\n" for d in listed)
    page = in_markers(page, "pairs", text)
    head = ["repository", "pairs with findings", "findings equal", "differ"]
    text = table(head, found) + "\n\n" + "".join(f"- `{d}`\n" for d in different)
    page = in_markers(page, "pair findings", text)
    PAGE.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
