"""Texts in memory as the files of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.worlds import Worlds
from azmlint.sources.document import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azmlint.location import Document


class Texts:
    """A context in which texts in memory are the project's files."""

    def __init__(
        self, documents: Mapping[str, Document], bindings: Mapping[str, Binding] | None = None
    ) -> None:
        """Serve `documents`; `bindings` by path."""
        self.worlds = Worlds()
        self.documents = documents
        self.bindings = bindings or {}

    def binding(self, path: str) -> Binding:
        """Say where the deployment declared by `path` goes."""
        return self.bindings.get(path, Binding())

    def sibling(self, path: str) -> Document | None:
        """Read another text."""
        return self.documents.get(path)

    def siblings(self, path: str, matches: Callable[[str], bool]) -> tuple[str, ...]:
        """List the texts in the same folder of which the name matches."""
        folder = path.rpartition("/")[0]
        return tuple(
            p
            for p in sorted(self.documents)
            if p != path and p.rpartition("/")[0] == folder and matches(p.rpartition("/")[2])
        )
