"""Lists of Python packages: requirements, lock files, project files, conda environments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import ABSENT_TERM, Symbol, Term
from azmlint.location import Place, Span
from azmlint.model.ids import ResourceId
from azmlint.model.resources import ToolUse
from azmlint.model.value import NotEditable
from azmlint.sources.document import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document, Edit
    from azmlint.model.value import Route

SDK_V1: Final = "SDK v1"
CLI_V1: Final = "CLI v1"
DATA_DRIFT: Final = "data drift"
"""A part of SDK v1 that was retired on its own."""

_V1: Final = (
    r"azureml[-_.](?:core|sdk|pipeline(?:[-_.](?:core|steps))?|widgets|tensorboard|interpret|datadrift"
    r"|explain[-_.]model|opendatasets|train(?:[-_.](?:core|automl(?:[-_.]\w+)?"
    r"|restclients[-_.]hyperdrive))?|contrib[-_.]\w+)"
)
"""The packages of SDK v1; what SDK v2 uses as well, such as azureml-mlflow, is none of them."""

_PACKAGE: Final = rf"({_V1}|azure[-_.]cli[-_.]ml)"
_EXTRAS: Final = r"(?:[ \t]*\[[^\]\n]*\])?"

_CONDA: Final = (
    rf"^[ \t]*-[ \t]+[\"']?{_PACKAGE}{_EXTRAS}[ \t]*([=<>!~][^#\"'\n]*)?"
    r"(?=[\"']?\s*?(?:$|#))"
)
_FORMS: Final = {
    "requirements": (
        rf"^[ \t]*{_PACKAGE}{_EXTRAS}[ \t]*([=<>!~][^#;\n\\]*)?(?=\s*?(?:$|[#;\\@]))",
    ),
    "conda": (_CONDA,),
    "project": (
        rf"[\"']{_PACKAGE}{_EXTRAS}[ \t]*([=<>!~][^\"'\n]*)?[\"'][ \t]*(?=[,\]\n])",
        rf"^[\"']?{_PACKAGE}[\"']?[ \t]*=[ \t]*[\"']?([^\"'\n]*)",
    ),
    "lock": (rf"^name = \"{_PACKAGE}\"\r?\nversion = \"([^\"\n]*)\"",),
    "pipfile lock": (rf"^[ \t]*\"{_PACKAGE}\":[ \t]*\{{",),
}
_OF_A_JOB: Final = re.compile(
    r"^[ \t]*-[ \t]+(?:azure-ai-ml|azureml-fsspec|mltable)\b", re.MULTILINE
)
"""What only environments of SDK v2 have: a runtime of theirs may need azureml-core beside it."""

_COMMENT: Final = re.compile(r"^[ \t]*#")


def form_of(path: str) -> str | None:
    """Say how a file lists packages, by its name; None for one that is no such list."""
    name = path.lower().rpartition("/")[2]
    if name.endswith((".yml", ".yaml")):
        return "conda"
    if name == "pipfile.lock":
        return "pipfile lock"
    if name.endswith(".lock") or (name.startswith("pylock.") and name.endswith(".toml")):
        return "lock"
    if name in {"pipfile", "pyproject.toml"}:
        return "project"
    return "requirements" if name.endswith(".txt") else None


def read(document: Document) -> Reading:
    """Read the use of SDK v1, of a part of it and of CLI v1 that a list states, each once."""
    reading = Reading()
    form = form_of(document.path)
    told: set[str] = set()
    if form == "conda" and _OF_A_JOB.search(document.text) is not None:
        return reading
    for name, version in _listed(document, form) if form is not None else ():
        package = Term(name.text, (name,))
        stated = Term(version.text, (version,)) if version is not None else ABSENT_TERM
        reading.resources += uses(package, stated, told)
    return reading


def named(text: str) -> tuple[str, str] | None:
    """Split what a command installs into package and version; None for what is no such package."""
    match = re.fullmatch(rf"{_PACKAGE}{_EXTRAS}[ \t]*([=<>!~].*)?", text, re.IGNORECASE)
    return (match[1], match[2] or "") if match is not None else None


def uses(package: Term, version: Term, told: set[str]) -> Iterator[ToolUse]:
    """Make the uses that a package is, of tools that are not told yet."""
    name = str(package.data).casefold()
    tools = [SDK_V1 if name.startswith("azureml") else CLI_V1]
    if name.endswith("drift"):
        tools.append(DATA_DRIFT)
    for tool in tools:
        if tool not in told:
            told.add(tool)
            yield _use(tool, package, version)


def _listed(document: Document, form: str) -> Iterator[tuple[Place, Place | None]]:
    """Yield the places of packages and of their versions, in the order of the text."""
    text = document.text
    found: list[tuple[Place, Place | None]] = []
    for pattern in _FORMS[form]:
        for match in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE):
            line = text.rfind("\n", 0, match.start(1)) + 1
            if _COMMENT.match(text, line):
                continue
            name = Place(document, Span(match.start(1), match.end(1)))
            version = None
            if match.re.groups > 1 and match[2]:
                end = match.start(2) + len(match[2].rstrip())
                version = Place(document, Span(match.start(2), end))
            found.append((name, version))
    yield from sorted(found, key=lambda pair: pair[0].start)


def _use(tool: str, package: Term, version: Term) -> ToolUse:
    grip = package.trace[0]
    line, column = grip.document.position(grip.start)
    use = ToolUse(
        PackageBody(package, version),
        name=str(package.data),
        resource_id=ResourceId((Symbol(("package", tool, grip.document.path), "?"),)),
        grip=grip,
        address=f"{line}:{column}",
    )
    use.tool = tool
    use.subject = use
    return use


class PackageBody:
    """One package of a list, or of what a command installs."""

    __slots__ = ("name", "version")

    dialect = "packages"

    def __init__(self, name: Term, version: Term) -> None:
        """Hold what is written of it."""
        self.name = name
        self.version = version

    def at(self, route: Route) -> Term:
        """Give the name or the version."""
        return {"name": self.name, "version": self.version}.get(route[0], ABSENT_TERM)

    def edits(self, route: Route, term: Term, new: object) -> tuple[Edit, ...]:  # noqa: ARG002
        """Refuse: another package has other calls."""
        message = "another package has other calls"
        raise NotEditable(message)
