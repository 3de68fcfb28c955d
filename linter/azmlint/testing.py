"""What a rule pack needs to test itself; `python -m azmlint.testing PACK` writes its index."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

from azmlint.engine import packs
from azmlint.engine.deployed import Deployed
from azmlint.engine.packs import Entry
from azmlint.engine.run import Facts, Selection, run
from azmlint.sources import snapshot
from azmlint.sources.document import Binding, decode
from azmlint.sources.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from azmlint.engine.report import Report
    from azmlint.rule import Rule

TODAY = dt.date(2026, 11, 24)
"""The day on which examples and cases are judged."""

SUFFIXES = {
    "bash": "sh",
    "bicep": "bicep",
    "hcl": "tf",
    "json": "json",
    "powershell": "ps1",
    "python": "py",
    "yaml": "yml",
}
"""Of the languages of examples."""

_FACTS = Facts(today=TODAY)


def entry_of(rule: type[Rule[Any]]) -> Entry:
    """Describe a rule as its pack's index would."""
    return Entry(
        name=rule.name,
        pack=rule.__module__.partition(".")[0],
        module=rule.__module__,
        class_name=rule.__name__,
        family=rule.__module__.split(".")[-2] if "." in rule.__module__ else "",
        kind=rule.kind.__name__,
        severity=rule.severity,
        needs=tuple(sorted(rule.needs)),
        uses=tuple(sorted(rule.uses)),
        judges=packs.judged(rule),
        options=(),
        supersedes=rule.supersedes,
        formerly=rule.formerly,
        summary="",
        security_severity=rule.security_severity,
        fixes=(),
        help_uri=rule.help_uri,
    )


def check(
    texts: Mapping[str, str | bytes],
    rules: Iterable[type[Rule[Any]]],
    *,
    options: Mapping[str, Mapping[str, object]] | None = None,
    bindings: Mapping[str, Binding] | None = None,
    facts: Facts = _FACTS,
) -> Report:
    """Judge texts, keyed by path, with some rules and nothing else.

    Texts that are snapshots say what is deployed; they are judged when nothing else is there.
    """
    raws = {p: text if isinstance(text, bytes) else text.encode() for p, text in texts.items()}
    snapshots = [snapshot.read(raw, path) for path, raw in raws.items() if is_snapshot(raw)]
    documents = {path: decode(path, raw) for path, raw in raws.items() if not is_snapshot(raw)}
    deployed = Deployed(snapshot.merge(snapshots), is_judged=not documents) if snapshots else None
    selection = Selection(
        {rule.name: entry_of(rule) for rule in sorted(rules, key=lambda r: r.name)},
        own=frozenset({"syntax-error"}),
        options=options or {},
    )
    context = Texts(documents, bindings)
    return run(documents, context, selection, facts=facts, deployed=deployed)


def is_snapshot(raw: bytes) -> bool:
    """Whether a text is what `azmlint snapshot` writes."""
    return b'"answers"' in raw and b'"taken"' in raw


def index_text(pack: str) -> str:
    """Write the index that a pack ships, from its rule files; a pack's tests compare it."""
    return json.dumps(packs.index_of(pack), indent=1, sort_keys=True) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the index of each pack named."""
    for pack in arguments:
        text = index_text(pack)
        (packs.folder(pack) / packs.INDEX).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

__all__ = [
    "SUFFIXES",
    "TODAY",
    "Binding",
    "Facts",
    "check",
    "entry_of",
    "index_text",
    "is_snapshot",
]
