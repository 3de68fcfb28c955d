"""What takes its values from a file that is given alone, as a hook gives changed files."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from azmlint.path_pattern import PathPatterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.project import ProjectContext
    from azmlint.location import Document

_CONFIGURATIONS: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
_USING: Final = re.compile(r"^[ \t]*using[ \t]+'([^'\n]+)'", re.MULTILINE)


def consumers(document: Document, context: ProjectContext) -> Iterator[Document]:
    """Yield the files that a file gives values to, but for those that are excluded."""
    excluded = PathPatterns(context.bindings.config.exclude)
    for path in dict.fromkeys(_paths(document, context)):
        found = context.sibling(path) if not excluded.match(path) else None
        if found is not None:
            yield found


def _paths(document: Document, context: ProjectContext) -> Iterator[str]:
    path = document.path
    folder, _, name = path.rpartition("/")
    lower = name.lower()
    if lower.endswith(".bicepparam"):
        for written in _USING.findall(document.text):
            yield posixpath.normpath(posixpath.join(folder, written))
    elif lower.endswith((".tfvars", ".tfvars.json")):
        is_taken = lower.removesuffix(".json") == "terraform.tfvars" or ".auto.tfvars" in lower
        for place in dict.fromkeys((folder, posixpath.dirname(folder))):
            beside = f"{place}/" if place else ""
            for other in context.siblings(beside, lambda n: n.lower().endswith(_CONFIGURATIONS)):
                is_named = path in context.binding(other).parameters
                if is_named or (is_taken and place == folder):
                    yield other
    elif ".parameters" in lower:
        stem = name[: lower.index(".parameters")]
        for suffix in (".bicep", ".json", ".jsonc"):
            yield posixpath.join(folder, stem + suffix)
