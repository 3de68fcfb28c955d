"""The files of one Terraform module, sorted into what they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from azmlint.location import Document
from azmlint.sources.hcl import Attribute, Block, Body, Elsewhere

if TYPE_CHECKING:
    from azmlint.sources.hcl_reads import Reads


class Statement(NamedTuple):
    """A block of a module, with the text in which it stands."""

    block: Block
    document: Document
    overrides: tuple[Document, ...] = ()
    """The files that change it."""


class Folder:
    """The files of one module, sorted into what they declare."""

    __slots__ = (
        "broken",
        "by_type",
        "documents",
        "locals",
        "modules",
        "outputs",
        "path",
        "providers",
        "reads",
        "resources",
        "settings",
        "variables",
        "versions",
    )

    def __init__(self, path: str) -> None:
        """Start empty; `path` is relative to the project root."""
        self.path = path
        self.documents: list[Document] = []
        self.broken: list[Document] = []
        """The files of which a part cannot be read."""

        self.variables: dict[str, Statement] = {}
        self.locals: dict[str, tuple[Attribute, Document]] = {}
        self.outputs: dict[str, Statement] = {}
        self.modules: dict[str, Statement] = {}
        self.providers: dict[tuple[str, str], Statement] = {}
        """By name and alias."""

        self.resources: dict[tuple[str, str, str], Statement] = {}
        """By mode (`resource` or `data`), type and name."""

        self.by_type: dict[str, list[str]] = {}
        """The names of resources, by type."""

        self.reads: Reads | None = None
        """What its files read by name, once somebody has asked."""

        self.settings: list[Statement] = []
        """The `terraform` blocks."""

        self.versions: dict[str, tuple[str, Document, int, int]] = {}
        """What the lock file has settled, by the name of the provider, and where it says so."""

    def add(self, body: Body, document: Document) -> None:
        """Sort the statements of one file."""
        self.documents.append(document)
        for block in body.blocks:
            statement = Statement(block, document)
            word, labels = block.type.value, [str(n.value) for n in block.labels]
            if word == "locals":
                for name, attribute in block.body.attributes.items():
                    self.locals.setdefault(name, (attribute, document))
            elif word == "terraform":
                self.settings.append(statement)
            elif len(labels) == 1 and word in {"variable", "output", "module"}:
                table = {"variable": self.variables, "output": self.outputs}
                table.get(str(word), self.modules).setdefault(labels[0], statement)
            elif len(labels) == 1 and word == "provider":
                alias = block.body.value("alias")
                name = str(alias.value) if alias is not None else ""
                self.providers.setdefault((labels[0], name), statement)
            elif len(labels) == 2 and word in {"resource", "data"}:  # noqa: PLR2004  # type and name
                key = (str(word), labels[0], labels[1])
                if key not in self.resources:
                    self.resources[key] = statement
                    if word == "resource":
                        self.by_type.setdefault(labels[0], []).append(labels[1])

    def override(self, body: Body, document: Document) -> list[Block]:
        """Let the statements of an override file replace those of others; give what found none.

        Arguments replace arguments, and all blocks of a type replace all of that type.
        """
        self.documents.append(document)
        return [b for b in body.blocks if not self._override(b, document)]

    def _override(self, block: Block, document: Document) -> bool:
        word, labels = str(block.type.value), [str(n.value) for n in block.labels]
        if word == "locals":
            known = [n for n in block.body.attributes if n in self.locals]
            self.locals |= {n: (block.body.attributes[n], document) for n in known}
            return len(known) == len(block.body.attributes)
        if word == "terraform":
            self.settings.insert(0, Statement(block, document))
            return True
        alias = block.body.value("alias")
        tables: dict[str, tuple[dict[Any, Statement], object]] = {
            "variable": (self.variables, labels[0] if labels else ""),
            "output": (self.outputs, labels[0] if labels else ""),
            "module": (self.modules, labels[0] if labels else ""),
            "provider": (
                self.providers,
                (labels[0] if labels else "", str(alias.value) if alias is not None else ""),
            ),
        }
        table, key = tables.get(word, (self.resources, (word, *labels)))
        base = table.get(key)
        if base is not None:
            made = _overridden(base.block, block, document)
            table[key] = Statement(made, base.document, (*base.overrides, document))
        return base is not None

    def gap(self) -> str:
        """Say in which files something may stand that was not read; empty when there are none."""
        names = " or ".join(f"'{d.path.rpartition('/')[2]}'" for d in self.broken)
        return f", unless in {names}, of which a part cannot be read" if names else ""


def _overridden(base: Block, block: Block, document: Document) -> Block:
    """Give a block as another one of another file changes it."""
    body = Body(base.body.start, base.body.json)
    body.end = base.body.end
    body.document = base.body.document
    body.written = base.body.written or base.body
    body.attributes = dict(base.body.attributes)
    for name, attribute in block.body.attributes.items():
        body.attributes[name] = Attribute(attribute.name, Elsewhere(attribute.value, document))
    replaced = {_type(b): b for b in block.body.blocks}
    for name in replaced:
        # A block that is written as JSON is an argument.
        body.attributes.pop(name, None)
    merged = replaced.pop("lifecycle", None)
    for inner in base.body.blocks:
        if _type(inner) not in replaced:
            is_merged = merged is not None and _type(inner) == "lifecycle"
            body.blocks.append(_overridden(inner, merged, document) if is_merged else inner)  # type: ignore[arg-type]  # is_merged
    has_one = any(_type(b) == "lifecycle" for b in base.body.blocks)
    for inner in block.body.blocks:
        if inner is not merged or not has_one:
            inner.body.document = document
            body.blocks.append(inner)
    return Block(base.type, base.labels, body, base.start, base.end)


def _type(block: Block) -> str:
    return block.label if block.type.value == "dynamic" else str(block.type.value)
