"""What keeps a finding the same one from run to run."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.finding import Finding


def fingerprints(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """Give each finding's fingerprint and content hash.

    The fingerprint is made of rule, path, kind and name of the resource, route and occurrence:
    never of a line or a message. The content hash is that of the text at the finding's place.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in findings:
        resource = finding.resource
        kind, name = (resource.kind, resource.name) if resource is not None else ("file", "")
        place = finding.place
        base = (finding.rule, place.document.path, kind, name, finding.route)
        occurrence = seen[base]
        seen[base] += 1
        text = "\0".join((*base, str(occurrence)))
        content = " ".join(place.text.split())
        found.append((_hash(text), _hash(content)))
    return found


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
