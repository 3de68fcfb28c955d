"""Findings that were there before: a baseline in a file, or what an older tree has.

A finding is known by its rule, path, logical place and content, never by a line. Content is what
stands at its place and in every property of its resource, so that a resource which changes is
judged anew and one which moves is not.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from azmlint.config import content
from azmlint.engine.fingerprint import digest
from azmlint.engine.report import Suppressed
from azmlint.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from azmlint.engine.project import Loaded
    from azmlint.engine.report import Report
    from azmlint.engine.run import Selection
    from azmlint.finding import Finding
    from azmlint.location import Document, Place

VERSION = 1
SIZE_LIMIT: Final = 250_000_000
"""Bytes; a longer file is no baseline of ours."""


class Excerpts(Protocol):
    """Gives pieces of files without the secrets in them."""

    def excerpt(self, document: Document, start: int, end: int) -> str:
        """Give a piece of a document's text."""
        ...

    def hidden(self, text: str) -> str:
        """Give a text about a file, such as a name."""
        ...


_FIELDS = ("rule", "path", "kind", "name", "property", "content")


class Key(NamedTuple):
    """What a finding is known by."""

    rule: str
    path: str
    """Relative to the project root; of what is deployed its id in lower case."""

    kind: str
    name: str
    property: str
    """Empty for the resource as a whole."""

    content: str
    """A hash in which no secret can be guessed."""


Known = Counter[Key]
"""How many findings of each key are known."""


def key(finding: Finding, mask: Excerpts) -> Key:
    """Say what a finding is known by."""
    resource = finding.resource
    kind, name = (resource.kind, resource.name) if resource is not None else ("file", "")
    place = finding.place
    path = place.document.path
    if place.document.is_deployed:
        path = path.lower()
    return Key(finding.rule, path, kind, mask.hidden(name), finding.route, _content(finding, mask))


def _content(finding: Finding, mask: Excerpts) -> str:
    pieces = [_text(finding.place, mask)]
    resource = finding.resource
    if resource is not None and not resource.is_deployed:
        dialect = resource.body.dialect
        for known in type(resource).properties():
            if known.spelling(dialect) is None:
                continue
            value = known.__get__(resource, type(resource))
            if not value.is_absent:
                pieces.append(known.name)
                # The use and, where it is another, the origin.
                pieces += [_text(place, mask) for place in _ends(value.trace)]
    return digest("\0".join(pieces))[:32]


def _ends(trace: tuple[Place, ...]) -> tuple[Place, ...]:
    return trace[:1] if len(trace) < 2 else (trace[0], trace[-1])  # noqa: PLR2004  # both ends


def _text(place: Place, mask: Excerpts) -> str:
    text = "".join(mask.excerpt(place.document, *piece) for piece in place.pieces)
    return " ".join(text.split())


def known(findings: Iterable[Finding], mask: Excerpts) -> Known:
    """Count findings by what they are known by."""
    return Counter(key(finding, mask) for finding in findings)


def set_aside(
    report: Report,
    there: Known,
    mask: Excerpts,
    *,
    by: str,
    reason: str,
    enforced: Collection[str] = (),
) -> Known:
    """Take out of a report's findings those that were there before, as suppressed ones.

    Findings of enforced rules stay. Gives what is known and was not found.
    """
    left = there.copy()
    found: list[Finding] = []
    for finding in report.findings:
        mark = key(finding, mask)
        if left[mark] > 0 and finding.rule not in enforced:
            left[mark] -= 1
            report.suppressed.append(Suppressed(finding, by, reason, None))
        else:
            found.append(finding)
    report.findings = found
    return +left


def looked_for(left: Known, loaded: Loaded, chosen: Selection) -> Known:
    """Give what of a baseline a run would have found, had it still been there."""
    rules = {*chosen.rules, *chosen.own}
    return Counter(
        {
            mark: count
            for mark, count in left.items()
            if mark.rule in rules and (loaded.is_whole or mark.path in loaded.documents)
        }
    )


def written(there: Known) -> str:
    """Spell a baseline: sorted, one line for each key, so that its diffs can be read."""
    entries = []
    for mark, count in sorted(there.items()):
        entry: dict[str, Any] = dict(zip(_FIELDS, mark, strict=True))
        if count > 1:
            entry["count"] = count
        entries.append(f"    {json.dumps(entry)}")
    body = ",\n".join(entries)
    findings = f"[\n{body}\n  ]" if entries else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'


def read(path: Path) -> Known:
    """Read a baseline; raises ConfigError, in one line, for what is none."""
    try:
        data = json.loads(content(path, SIZE_LIMIT).decode())
    except OSError as error:
        message = f"{path}: the baseline cannot be read: {error.strerror or error}"
        raise ConfigError(message) from None
    except (ValueError, RecursionError) as error:
        message = f"{path}: the baseline is no JSON: {error}"
        raise ConfigError(message) from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        message = f"{path}: not a baseline of version {VERSION}; `azmlint baseline write` makes one"
        raise ConfigError(message)
    entries = data.get("findings")
    if not isinstance(entries, list):
        message = f"{path}: `findings` is no list"
        raise ConfigError(message)
    there: Known = Counter()
    for number, entry in enumerate(entries, 1):
        mark, count = _entry(entry)
        if mark is None or count is None:
            message = f"{path}: finding {number} is none: it needs the texts {', '.join(_FIELDS)}"
            raise ConfigError(message)
        there[mark] += count
    return there


def _entry(entry: object) -> tuple[Key | None, int | None]:
    if not isinstance(entry, dict):
        return None, None
    texts = [text for name in _FIELDS if isinstance(text := entry.get(name), str)]
    if len(texts) != len(_FIELDS):
        return None, None
    count = entry.get("count", 1)
    is_count = isinstance(count, int) and not isinstance(count, bool) and count > 0
    return Key(*texts), count if is_count else None


def moved(there: Known, names: Mapping[str, str]) -> Known:
    """Give what is known under the paths that files have now, by the path they had."""
    found: Known = Counter()
    for mark, count in there.items():
        found[mark._replace(path=names.get(mark.path, mark.path))] += count
    return found
