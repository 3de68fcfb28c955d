"""Which templates the Bicep compiler made of a source that is judged itself."""

from __future__ import annotations

import json as plain_json
import posixpath
import re
from typing import TYPE_CHECKING, Final

from azmlint.engine.relevance import concerns
from azmlint.engine.report import Skip
from azmlint.sources import json
from azmlint.sources.document import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.location import Document
    from azmlint.sources.document import Context

STAGE: Final = "compiled"
"""What is left out here is judged in its source, so that it is no gap."""

_MODULE: Final = re.compile(r"^[ \t]*module[ \t]+(\w+)[ \t]+'([^'\n]+)'", re.MULTILINE)


def standing_aside(documents: Mapping[str, Document], context: Context) -> list[Skip]:
    """List the compiled templates of which the source, of the same name beside it, is judged too.

    A source knows nothing of what modules of registries declare. Where that concerns Azure ML the
    template is the only one to tell of it, and both are judged.
    """
    found: list[Skip] = []
    for path, document in documents.items():
        stem, dot, suffix = path.rpartition(".")
        source = documents.get(f"{stem}.bicep") if dot and suffix.lower() == "json" else None
        if source is None or '"bicep"' not in document.text:
            continue
        template = _compiled(document)
        if template is not None and not _tells_more(source, template, context, frozenset()):
            name = posixpath.basename(source.path)
            reason = f"compiled from {name}, which is judged instead; it may be older than that"
            found.append(Skip(path, STAGE, reason))
    return found


def _compiled(document: Document) -> Mapping[str, object] | None:
    """Give a template that says it was made by the Bicep compiler; None for any other."""
    try:
        template = json.parse(document).value
    except SyntaxProblem:
        return None
    if not isinstance(template, dict):
        return None
    metadata = template.get("metadata")
    generator = metadata.get("_generator") if isinstance(metadata, dict) else None
    if not isinstance(generator, dict) or not generator.get("templateHash"):
        return None
    return template if generator.get("name") == "bicep" else None


def _tells_more(
    source: Document, template: Mapping[str, object], context: Context, seen: frozenset[str]
) -> bool:
    """Whether a template holds something of Azure ML that azmlint does not see in its source."""
    folder = posixpath.dirname(source.path)
    resources = template.get("resources")
    for symbol, path in _MODULE.findall(source.text):
        inner = resources.get(symbol) if isinstance(resources, dict) else None
        place = posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))
        is_remote = path.startswith(("br:", "br/", "ts:", "ts/"))
        module = context.sibling(place) if not is_remote else None
        if module is None:
            # Without symbols nothing says which of the nested templates is the module's.
            part = inner if inner is not None else resources
            if concerns("template.json", plain_json.dumps(part).encode()) is not None:
                return True
            continue
        nested = _template_of(inner)
        if place not in seen and _tells_more(module, nested, context, seen | {source.path, place}):
            return True
    return False


def _template_of(deployment: object) -> Mapping[str, object]:
    properties = deployment.get("properties") if isinstance(deployment, dict) else None
    template = properties.get("template") if isinstance(properties, dict) else None
    return template if isinstance(template, dict) else {}
