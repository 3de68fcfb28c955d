"""What keeps a finding the same one from run to run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from azmlint.finding import Finding
    from azmlint.location import Document


def _as_written(document: Document, start: int, end: int) -> str:
    return document.text[start:end]


def fingerprints(
    findings: Sequence[Finding],
    excerpt: Callable[[Document, int, int], str] = _as_written,
    shown: Callable[[str], str] = str,
) -> list[tuple[str, str]]:
    """Give each finding's fingerprint and content hash.

    The fingerprint is made of rule, path (of what is deployed, the id in lower case), kind and
    name of the resource, route and occurrence: never of a line or a message. The content hash is
    that of the text at the finding's place, runs of white space made one blank; `excerpt` reads
    that text, and `shown` gives a name, and both may leave out what nobody should be able to guess
    from a hash.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in findings:
        resource = finding.resource
        kind, name = (resource.kind, shown(resource.name)) if resource else ("file", "")
        place = finding.place
        path = place.document.path
        base = (
            finding.rule,
            path.lower() if path.startswith("/") else path,
            kind,
            name,
            finding.route,
        )
        occurrence = seen[base]
        seen[base] += 1
        text = "\0".join((*base, str(occurrence)))
        # What is deployed was read without its secrets.
        content = (
            place.document.written(place.node)
            if place.document.is_deployed
            else "".join(excerpt(place.document, *piece) for piece in place.pieces)
        )
        found.append((digest(text), digest(" ".join(content.split()))))
    return found


def digest(text: str) -> str:
    """Give the SHA-256 of a text, in hexadecimal."""
    from hashlib import sha256  # noqa: PLC0415  # loads OpenSSL, and most runs find nothing

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
