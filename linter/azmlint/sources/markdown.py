"""Markdown: the code in its fences, each kind read as a file of its language would be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.sources.document import Reading
from azmlint.sources.embedded import Assembly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from azmlint.location import Document
    from azmlint.sources.document import Context

_OPENS: Final = re.compile(
    r"^([ \t>]*+)(`{3,}+|~{3,}+)[ \t]*+\{?+\.?+([\w+-]*+)[^\n]*+\n", re.MULTILINE
)
_SCRIPTS: Final = {
    **dict.fromkeys(
        ("bash", "sh", "shell", "zsh", "console", "azurecli", "azurecli-interactive"), ".sh"
    ),
    **dict.fromkeys(
        ("powershell", "pwsh", "azurepowershell", "azurepowershell-interactive", "ps1"), ".ps1"
    ),
}
"""Fences that are one script in each language, because one goes on where the other ends."""

_FILES: Final = {
    "bicep": ".bicep",
    "json": ".json",
    "jsonc": ".jsonc",
    "py": ".py",
    "python": ".py",
    "yaml": ".yml",
    "yml": ".yml",
}
"""Fences that are a file each."""

_PROMPT: Final = re.compile(r"[ \t]*\$[ \t]+")
_LINE: Final = re.compile(r"[^\n]*(?:\n|\Z)")


class _Fence(NamedTuple):
    indent: str
    language: str
    start: int
    end: int


def read(
    document: Document, context: Context, inner: Callable[[Document, Context], Reading]
) -> Reading:
    """Read what the code of a page declares; `inner` reads a text that stands in it."""
    reading = Reading()
    fences = list(_fences(document.text))
    for suffix in sorted(set(_SCRIPTS.values())):
        scripts = [f for f in fences if _SCRIPTS.get(f.language) == suffix]
        if scripts:
            assembly = Assembly(document)
            for fence in scripts:
                _take(assembly, fence)
                assembly.add("\n")
            _add(reading, inner(assembly.embedded(f"{document.path}/script{suffix}"), context))
    for fence in fences:
        suffix = _FILES.get(fence.language, "")
        if suffix:
            assembly = Assembly(document)
            start = fence.start + len(fence.indent)
            assembly.take_indented(min(start, fence.end), fence.end, fence.indent)
            path = f"{document.path}/{fence.start}{suffix}"
            _add(reading, inner(assembly.embedded(path), context))
    return reading


def _fences(text: str) -> Iterator[_Fence]:
    at = 0
    while (opened := _OPENS.search(text, at)) is not None:
        sign = re.escape(opened[2][0])
        closes = re.compile(rf"^[ \t>]*{sign}{{{len(opened[2])},}}[ \t]*\r?$", re.MULTILINE)
        closed = closes.search(text, opened.end())
        end = closed.start() if closed is not None else len(text)
        yield _Fence(opened[1], opened[3].lower(), opened.end(), end)
        at = closed.end() if closed is not None else len(text)


def _take(assembly: Assembly, fence: _Fence) -> None:
    """Take the lines of a script; behind prompts, only what is typed there."""
    text, at = assembly.host.text, fence.start
    is_session = _PROMPT.match(text, at + len(fence.indent), fence.end) is not None
    goes_on = False
    while at < fence.end:
        match = _LINE.match(text, at, fence.end)
        stop = match.end() if match is not None else fence.end
        prompt = _PROMPT.match(text, at, stop) if is_session else None
        if prompt is not None:
            assembly.blank(at, prompt.end())
            assembly.take(prompt.end(), stop)
        elif is_session and not goes_on:
            assembly.blank(at, stop)
        else:
            assembly.take(at, stop)
        goes_on = text[at:stop].rstrip().endswith("\\")
        at = stop


def _add(reading: Reading, found: Reading) -> None:
    reading.resources += found.resources
    reading.modules |= found.modules
    reading.bindings |= found.bindings
    reading.secrets += found.secrets
    # What a page shows may be a piece of a file; that it is no whole one is no mistake.
    reading.problems += [p._replace(rule=None) for p in found.problems]
