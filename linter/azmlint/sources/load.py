"""Which source reads which file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.sources.document import Reading, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.location import Document
    from azmlint.sources.document import Context

YAML_SUFFIXES = (".yml", ".yaml")
JSON_SUFFIXES = (".json", ".jsonc")
BICEP_SUFFIXES = (".bicep", ".bicepparam")
PYTHON_SUFFIXES = (".py", ".pyw")
NOTEBOOK_SUFFIX = ".ipynb"
TERRAFORM_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
TERRAFORM_VALUES = (".tfvars", ".tfvars.json")


def read_all(
    documents: Mapping[str, Document], context: Context, *, switched_off: bool = False
) -> dict[str, Reading]:
    """Read documents, those of one Terraform configuration together.

    There are readings of files that were not given, too: modules are read whole.
    """
    found: dict[str, Reading] = {}
    together: dict[str, Document] = {}
    for path, document in documents.items():
        if is_terraform(document):
            together[path] = document
        else:
            found[path] = read(document, context, switched_off=switched_off)
    if together:
        from azmlint.sources import terraform  # noqa: PLC0415  # loads the evaluator

        found |= terraform.read(together, context)
    return dict(sorted(found.items()))


def is_terraform(document: Document) -> bool:
    """Whether a text is a part of a Terraform configuration, or a plan of one."""
    path = document.path.lower()
    if path.endswith((*TERRAFORM_SUFFIXES, *TERRAFORM_VALUES)):
        return True
    return path.endswith(".json") and '"planned_values"' in document.text


def read(document: Document, context: Context, *, switched_off: bool = False) -> Reading:
    """Read a document with the source for its kind; bad text becomes a problem, not an error.

    What a condition is known to switch off is no part of the project: it is read only to be shown.
    """
    path = document.path.lower()
    if is_terraform(document):
        return read_all({document.path: document}, context)[document.path]
    try:
        if path.endswith(YAML_SUFFIXES):
            from azmlint.sources import azureml_yaml  # noqa: PLC0415  # loads PyYAML

            return azureml_yaml.read(document, context)
        if path.endswith(JSON_SUFFIXES):
            from azmlint.sources import arm  # noqa: PLC0415  # loads the evaluator

            return arm.read(document, context, switched_off=switched_off)
        if path.endswith(BICEP_SUFFIXES):
            from azmlint.sources import bicep  # noqa: PLC0415  # loads the evaluator

            return bicep.read(document, context, switched_off=switched_off)
        if path.endswith(PYTHON_SUFFIXES):
            from azmlint.sources import python  # noqa: PLC0415  # loads the standard library's parser

            return python.read(document, context)
        if path.endswith(NOTEBOOK_SUFFIX):
            from azmlint.sources import notebook  # noqa: PLC0415  # loads a parser of Python

            return notebook.read(document, context, read)
    except SyntaxProblem as problem:
        reading = Reading()
        reading.problems.append(problem.of(document))
        return reading
    return Reading()
