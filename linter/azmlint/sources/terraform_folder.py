"""The files of one Terraform module, sorted into what they declare."""

from __future__ import annotations

from typing import NamedTuple

from azmlint.location import Document
from azmlint.sources.hcl import Attribute, Block, Body


class Statement(NamedTuple):
    """A block of a module, with the text in which it stands."""

    block: Block
    document: Document


class Folder:
    """The files of one module, sorted into what they declare."""

    __slots__ = (
        "by_type",
        "documents",
        "locals",
        "modules",
        "outputs",
        "path",
        "providers",
        "resources",
        "settings",
        "variables",
        "versions",
    )

    def __init__(self, path: str) -> None:
        """Start empty; `path` is relative to the project root."""
        self.path = path
        self.documents: list[Document] = []
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
