"""What a shell gets of a job of GitLab CI, from all places that say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azmlint.location import Document
    from azmlint.sources.yaml import YamlNode

_OTHERS: Final = ("jobs", "on", "pool", "resources", "runs", "stages", "steps", "trigger")
"""Keys of files for other systems; `stages` of GitLab are plain names."""

_KEYWORDS: Final = frozenset({"default", "include", "spec", "variables", "workflow"})
_REFERENCE: Final = re.compile(r"!reference\s+\Z")
_DEPTH: Final = 12
"""How often a job may extend another one, and lists may stand in lists."""


class Job(NamedTuple):
    """One job."""

    scopes: tuple[YamlNode, ...]
    """What sets variables for it, the nearest last."""

    script: tuple[YamlNode, ...]
    """Each line of what comes before and of the script itself, which run in one shell."""

    after: tuple[YamlNode, ...]
    nodes: tuple[YamlNode, ...]
    """The lists and texts that were read."""


def jobs(document: Document, root: YamlNode) -> list[Job]:
    """List the jobs of a file; none of a file that is for another system."""
    reader = _Reader(document, root)
    if any(reader.is_other(key) for key in _OTHERS):
        return []
    return list(reader.jobs())


class _Reader:
    def __init__(self, document: Document, root: YamlNode) -> None:
        self.document = document
        self.named = {
            str(name.value): use.node
            for name, use in root.pairs
            if use.node.kind == "map" and name.value not in _KEYWORDS
        }
        self.root = root

    def is_other(self, key: str) -> bool:
        use = self.root.get(key)
        if use is None:
            return False
        return key != "stages" or any(item.node.kind == "map" for item in use.node.items)

    def jobs(self) -> Iterator[Job]:
        extended = {name for node in self.named.values() for name in self._extends(node)}
        for name, node in self.named.items():
            if name in extended and name.startswith("."):
                # It runs as what extends it.
                continue
            chain = list(dict.fromkeys(self._chain(node)))
            script = self._stated("script", chain)
            if script is None:
                continue
            default = self.root.get("default")
            above = [*chain, *([default.node] if default is not None else []), self.root]
            before = self._stated("before_script", above)
            after = self._stated("after_script", above)
            found = [n for n in (before, script, after) if n is not None]
            lines = (*self._lines(before), *self._lines(script))
            yield Job(tuple(reversed(chain)), lines, (*self._lines(after),), tuple(found))

    def _extends(self, node: YamlNode) -> list[str]:
        use = node.get("extends")
        if use is None:
            return []
        found = [item.node.value for item in use.node.items] or [use.node.value]
        return [name for name in found if isinstance(name, str)]

    def _chain(self, node: YamlNode, depth: int = 0) -> Iterator[YamlNode]:
        """Yield a job and what it extends, the nearest first."""
        yield node
        for name in reversed(self._extends(node)) if depth < _DEPTH else ():
            if name in self.named:
                yield from self._chain(self.named[name], depth + 1)

    @staticmethod
    def _stated(key: str, chain: list[YamlNode]) -> YamlNode | None:
        found = (node.get(key) for node in chain if node.kind == "map")
        return next((use.node for use in found if use is not None), None)

    def _lines(self, node: YamlNode | None, depth: int = 0) -> Iterator[YamlNode]:
        """Yield the lines of a script, of lists in lists and of what is referred to."""
        if node is None or depth > _DEPTH:
            return
        before = self.document.text[max(0, node.start - 40) : node.start]
        if node.kind == "list" and _REFERENCE.search(before) is not None:
            words = [str(item.node.value) for item in node.items]
            held = self.named.get(words[0]) if words else None
            for word in words[1:]:
                use = held.get(word) if held is not None and held.kind == "map" else None
                held = use.node if use is not None else None
            yield from self._lines(held, depth + 1)
        elif node.kind == "list":
            for item in node.items:
                yield from self._lines(item.node, depth + 1)
        elif node.kind == "scalar" and isinstance(node.value, str):
            yield node
