"""What takes something from a file that is given alone, as a hook gives changed files."""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from azmlint.path_pattern import PathPatterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.engine.project import ProjectContext
    from azmlint.location import Document

_CONFIGURATIONS: Final = (".tf", ".tofu", ".tf.json", ".tofu.json")
_VALUES: Final = (".tfvars", ".tfvars.json")
_DECLARED: Final = re.compile(r"""\bvariable\s+"?([\w-]+)"?\s*\{""")
_GIVEN: Final = re.compile(r"""(?:^|[{,])[^\S\n]*+"?([\w-]++)"?\s*+[=:]""", re.MULTILINE)
_USING: Final = re.compile(r"^[ \t]*using[ \t]+'([^'\n]+)'", re.MULTILINE)

_TAKEN_IN: Final = (
    re.compile(r"""(?:\bfrom[ \t]+|\bload\w+\(\s*)'([^'\n]+)'"""),
    re.compile(r'''\b(?:file|filebase64|templatefile)\(\s*"(?:\$\{path\.\w+\}/)?([^"$\n]+)"'''),
)
"""The files that Bicep and Terraform take in, as they name them."""

_LIMIT: Final = 200
"""How many files are looked at for what takes in another one."""


def consumers(document: Document, context: ProjectContext) -> Iterator[Document]:
    """Yield the files that a file gives something to, but for those that are excluded."""
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
    elif lower.endswith(_VALUES):
        is_taken = _is_taken(lower)
        root = module(document, context)
        if root is not None:
            yield from context.siblings(_beside(root), _is_configuration)
        for place in dict.fromkeys((folder, posixpath.dirname(folder))):
            for other in context.siblings(_beside(place), _is_configuration):
                is_named = path in context.binding(other).parameters
                if is_named or (is_taken and place == folder):
                    yield other
    elif _is_configuration(lower):
        yield from context.siblings(_beside(folder), _is_configuration)
    elif ".parameters" in lower:
        stem = name[: lower.index(".parameters")]
        for suffix in (".bicep", ".json", ".jsonc"):
            yield posixpath.join(folder, stem + suffix)
    else:
        yield from _taking_in(path, context)


def _taking_in(path: str, context: ProjectContext) -> Iterator[str]:
    """Yield what imports a library, or loads a file of data, directly or by other libraries."""
    waiting, seen = [path], {path}
    while waiting:
        taken = waiting.pop()
        for other in islice(_near(taken, context), _LIMIT):
            user = context.sibling(other) if other not in seen else None
            if user is None or taken not in taken_in(user):
                continue
            seen.add(other)
            yield other
            if other.lower().endswith(".bicep"):
                waiting.append(other)
            else:
                yield from context.siblings(other, _is_configuration)


def _near(path: str, context: ProjectContext) -> Iterator[str]:
    """Yield what may take in a file: the code beside and above it, and in folders beside that."""
    folder = path
    while folder:
        folder = posixpath.dirname(folder)
        yield from context.siblings(_beside(folder), _is_code)
        for child in context.siblings(_beside(folder), lambda name: "." not in name):
            yield from context.siblings(f"{child}/", _is_code)


def taken_in(user: Document) -> set[str]:
    """List the files that a file of Bicep or Terraform takes in, as far as a search can tell."""
    folder = posixpath.dirname(user.path)
    written = (name for pattern in _TAKEN_IN for name in pattern.findall(user.text))
    return {posixpath.normpath(posixpath.join(folder, name)) for name in written}


def _is_code(name: str) -> bool:
    return name.lower().endswith(".bicep") or _is_configuration(name)


def module(document: Document, context: ProjectContext) -> str | None:
    """Find the folder of the configuration that is run with a file of values.

    It is the nearest one, in the file's folder or above, when that has such variables. None for
    what Terraform takes by itself, and for what is named in the configuration.
    """
    folder = posixpath.dirname(document.path)
    if not is_to_be_named(document.path):
        return None
    given = frozenset(_GIVEN.findall(document.text))
    while True:
        found = context.siblings(_beside(folder), _is_configuration)
        if found:
            if any(context.binding(path).parameters for path in found):
                return None
            texts = [d for d in map(context.sibling, found) if d is not None]
            return folder if any(_declares(d, given) for d in texts) else None
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _declares(document: Document, names: frozenset[str]) -> bool:
    is_json = document.path.endswith(".json")
    return (is_json and '"variable"' in document.text) or bool(
        names.intersection(_DECLARED.findall(document.text))
    )


def is_to_be_named(path: str) -> bool:
    """Whether Terraform takes the values of a file only when it is told to."""
    name = path.rpartition("/")[2].lower()
    return name.endswith(_VALUES) and not _is_taken(name)


def _is_taken(name: str) -> bool:
    return name.removesuffix(".json") == "terraform.tfvars" or ".auto.tfvars" in name


def _is_configuration(name: str) -> bool:
    return name.lower().endswith(_CONFIGURATIONS)


def _beside(folder: str) -> str:
    return f"{folder}/" if folder else ""
