"""Which source reads which file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.sources.document import Reading, SyntaxProblem

if TYPE_CHECKING:
    from azmlint.location import Document
    from azmlint.sources.document import Context

YAML_SUFFIXES = (".yml", ".yaml")
JSON_SUFFIXES = (".json", ".jsonc")


def read(document: Document, context: Context, *, switched_off: bool = False) -> Reading:
    """Read a document with the source for its kind; bad text becomes a problem, not an error.

    What a condition is known to switch off is no part of the project: it is read only to be shown.
    """
    path = document.path.lower()
    try:
        if path.endswith(YAML_SUFFIXES):
            from azmlint.sources import azureml_yaml  # noqa: PLC0415  # loads PyYAML

            return azureml_yaml.read(document, context)
        if path.endswith(JSON_SUFFIXES):
            from azmlint.sources import arm  # noqa: PLC0415  # loads the evaluator

            return arm.read(document, context, switched_off=switched_off)
    except SyntaxProblem as problem:
        reading = Reading()
        reading.problems.append(problem.of(document))
        return reading
    return Reading()
