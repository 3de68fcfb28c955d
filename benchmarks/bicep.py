"""Makes the tables of bicep.md: how much of real Bicep azmlint reads, and how rightly.

    python benchmarks/bicep.py NAME=FOLDER... [--facts CORPUS REPOSITORIES]

Each FOLDER is a repository. CORPUS holds `expect.jsonl` and `MANIFEST.tsv`; REPOSITORIES holds the
repositories that its Bicep entries are of, as `OWNER+NAME@COMMIT`, the commit in seven digits.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import time
from collections import Counter
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accuracy import in_markers, names_read, table

from azmlint.cli import run
from azmlint.expressions.arm import NO_LOCALS
from azmlint.expressions.term import Object
from azmlint.expressions.worlds import Worlds
from azmlint.sources import arm, bicep, load
from azmlint.sources import json as json_text
from azmlint.sources.bicep_resource import type_of
from azmlint.sources.bicep_syntax import parse
from azmlint.sources.document import Binding, Reading, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.expressions.term import Term
    from azmlint.location import Document

PAGE = Path(__file__).with_name("bicep.md")
SHOWN = 4
"""How many differences of one pair are listed."""

PROPERTIES = ("properties", "location", "tags", "sku", "kind", "identity", "zones")
FACTS = {
    "vm_size": "size",
    "min_nodes": "min_nodes",
    "max_nodes": "max_nodes",
    "identity": "identity",
    "location": "location",
    "tier": "tier",
    "node_public_ip": "public_ip",
    "ssh": "ssh_public",
}


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


def read_row(name: str, tree: Tree) -> list[object]:
    """Parse every file and count statements."""
    texts = [d.text for p in tree.paths(".bicep", ".bicepparam") if (d := tree.sibling(p))]
    begun = time.process_time()
    programs = [parse(text) for text in texts]
    spent = time.process_time() - begun
    read = sum(len(p.statements) for p in programs)
    wrong = sum(t.is_syntax for p in programs for t in p.troubles)
    unknown = sum(not t.is_syntax for p in programs for t in p.troubles)
    size = sum(len(t.encode("utf-8", "replace")) for t in texts) / 1e6
    share = f"{100 * read / (read + wrong + unknown):.2f} %"
    return [name, len(texts), f"{size:.1f}", read, share, wrong, unknown, f"{spent / size:.2f}"]


def value_states(tree: Tree) -> tuple[Counter[str], int, int, float]:
    """Read every file with its modules and every property that rules read."""
    states: Counter[str] = Counter()
    names = names_read()
    resources = failed = 0
    begun = time.process_time()
    for path in tree.paths(".bicep"):
        document = tree.sibling(path)
        if document is None:
            continue
        try:
            for resource in load.read(document, tree).resources:
                resources += 1
                for declared in type(resource).properties():
                    if declared.name not in names:
                        continue
                    value = declared.__get__(resource, type(resource))
                    reason = value.reasons[0] if value.reasons else None
                    states[reason.kind if reason else "absent" if value.is_absent else "known"] += 1
        except Exception as error:  # noqa: BLE001  # what breaks is counted, and shown
            failed += 1
            print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
    return states, resources, failed, time.process_time() - begun


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
    """Yield the files that have a compiled template beside them."""
    for path in tree.paths(".bicep"):
        compiled = tree.sibling(path.removesuffix("bicep") + "json")
        if compiled is not None and '"bicep"' in compiled.text[:2000]:
            pair = Pair(tree, path, compiled)
            pair.compare()
            yield pair


def shown(*words: str) -> dict[str, Any]:
    """Give what azmlint writes as JSON."""
    out = io.StringIO()
    with redirect_stdout(out):
        run(list(words))
    return json.loads(out.getvalue())


def facts_of(corpus: Path, repositories: Path) -> tuple[int, list[str]]:
    """Compare what a careful reading found with what azmlint reads, value and line."""
    head, *rows = [line.split("\t") for line in (corpus / "MANIFEST.tsv").read_text().splitlines()]
    where = {row[head.index("path")]: dict(zip(head, row, strict=True)) for row in rows}
    right, wrong = 0, []
    for line in (corpus / "expect.jsonl").read_text().splitlines():
        row = json.loads(line)
        if not row["path"].startswith("bicep/"):
            continue
        entry = where[row["path"]]
        folder = repositories / f"{entry['repo'].replace('/', '+')}@{entry['commit'][:7]}"
        with chdir(folder):
            resources = shown("show", "--format", "json", entry["original_path"])["resources"]
        found = [r for r in resources if r["kind"] == "compute cluster"]
        for cluster in row["clusters"]:
            at = int(re.findall(r"@(\d+)", cluster["name"])[0])
            same = [c for c in found if at in _lines(c, entry) or at in _near(c, entry)]
            for key, name in FACTS.items():
                stated = [_fits(cluster[key], c["properties"][name]) for c in same or found]
                right += any(stated)
                if not any(stated):
                    wrong.append(f"{row['path']}: {key} {cluster[key]}")
    return right, wrong


def _lines(cluster: dict[str, Any], entry: dict[str, str]) -> set[int]:
    return {cluster["start"]["line"]} if cluster["path"] == entry["original_path"] else set()


def _near(cluster: dict[str, Any], entry: dict[str, str]) -> set[int]:
    """Give the lines around which the values of a cluster are written in the file."""
    lines = {
        t["start"]["line"]
        for p in cluster["properties"].values()
        for t in p.get("trace", ())
        if t["path"] == entry["original_path"]
    }
    return set(range(min(lines) - 30, max(lines))) if lines else set()


def _fits(stated: str, value: dict[str, Any]) -> bool:
    if stated == "unset":
        return value["state"] == "absent"
    lines = {t["start"]["line"] for t in value.get("trace", ())}
    at = [int(n) for n in re.findall(r"@(\d+)", stated)]
    if at and not lines.intersection(at):
        return False
    written = re.sub(r"\s*(?:@\d+|\(.*?\)|, ids from var|; .*)", "", stated)
    found = re.fullmatch(r"(?:param \w+ = )?([\w.]+)", written)
    text = str(value.get("text", "")).lower()
    if found is None or value["state"] != "known" or "location" in written.lower():
        return value["state"] in {"known", "unknown"}
    return text.replace("_", "") == found[1].lower().replace("_", "")


def main(words: list[str]) -> None:
    """Make the tables."""
    facts = words.index("--facts") if "--facts" in words else len(words)
    trees = {n: Tree(Path(f)) for n, f in (w.split("=", 1) for w in words[:facts])}
    page = PAGE.read_text(encoding="utf-8")
    head = [
        "repository",
        "files",
        "MB",
        "statements",
        "read",
        "refused",
        "not known",
        "CPU s per MB",
    ]
    page = in_markers(page, "read", table(head, [read_row(n, t) for n, t in trees.items()]))
    rows: list[list[object]] = []
    for name, tree in trees.items():
        states, resources, failed, spent = value_states(tree)
        written = states.total() - states["absent"]
        rows += [[name, resources, failed, "absent", states["absent"], "", f"{spent:.0f}"]]
        rows += [
            ["", "", "", kind, count, f"{100 * count / written:.1f} %", ""]
            for kind, count in states.most_common()
            if kind != "absent"
        ]
    head = ["repository", "resources", "crashes", "state", "reads", "of what is written", "CPU s"]
    page = in_markers(page, "values", table(head, rows))
    rows = []
    listed: list[str] = []
    for name, tree in trees.items():
        pairs = list(pairs_of(tree))
        if not pairs:
            continue
        different = [d for p in pairs for d in p.differences]
        for pair in pairs:
            listed += [f"{pair.path}: {d}" for d in pair.differences[:SHOWN]]
            if len(pair.differences) > SHOWN:
                listed.append(f"{pair.path}: {len(pair.differences) - SHOWN} more")
        sums = [
            sum(getattr(p, k) for p in pairs) for k in ("resources", "equal", "parameters_equal")
        ]
        rows.append([name, len(pairs), *sums, len(different)])
    head = [
        "repository",
        "pairs",
        "resources",
        "values equal",
        "values of parameters equal",
        "differ",
    ]
    text = table(head, rows) + "\n" + "".join(f"- `{d}`\n" for d in listed)
    page = in_markers(page, "pairs", text)
    if facts < len(words):
        right, wrong = facts_of(Path(words[facts + 1]), Path(words[facts + 2]))
        text = table(["facts right", "wrong or missed"], [[right, len(wrong)]])
        page = in_markers(page, "facts", text + "".join(f"\n- {w}" for w in wrong))
    PAGE.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
