"""Which source reads which file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.sources.document import Reading, SyntaxProblem, too_deep

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
MARKDOWN_SUFFIXES = (".md", ".markdown")
PACKAGE_LISTS = frozenset({"pipfile", "pipfile.lock", "poetry.lock", "uv.lock", "pyproject.toml"})
_PYTHON_TASKS = ("PythonScript@", "run-python-script")
"""What a pipeline says of a task that is a program of Python."""

SCRIPT_SUFFIXES = (".sh", ".bash", ".zsh", ".ps1", ".psm1")


def read_all(
    documents: Mapping[str, Document], context: Context, *, switched_off: bool = False
) -> dict[str, Reading]:
    """Read documents, those of one Terraform configuration together.

    There are readings of files that were not given, too: modules are read whole.
    """
    found: dict[str, Reading] = {}
    together: dict[str, Document] = {}
    scripts = [d for d in documents.values() if is_script(d) or _has_commands(d)]
    for document in scripts:
        # Before all others, because a script says where it deploys a template to.
        found[document.path] = read(document, context)
    if scripts:
        from azmlint.sources.bound import Bound  # noqa: PLC0415  # few runs have scripts

        context = Bound(context, [found[document.path] for document in scripts])
    for path, document in documents.items():
        if path in found:
            continue
        if is_terraform(document):
            together[path] = document
        else:
            found[path] = read(document, context, switched_off=switched_off)
    if together:
        from azmlint.sources import terraform  # noqa: PLC0415  # loads the evaluator

        found |= terraform.read(together, context)
    called = {site for reading in found.values() for site in reading.called}
    for reading in found.values() if called else ():
        reading.without(called)
    return dict(sorted(found.items()))


def _has_commands(document: Document) -> bool:
    """Whether a YAML file may be a pipeline that calls az, or installs what is retired."""
    if not document.path.lower().endswith(YAML_SUFFIXES):
        return False
    if "shell:" in document.text and "python" in document.text:
        return True
    return any(word in document.text for word in ("az ", "-Az", "azureml-", *_PYTHON_TASKS))


def is_script(document: Document) -> bool:
    """Whether a text is a script of a shell or of PowerShell, or holds some as a Dockerfile."""
    name = document.path.lower().rpartition("/")[2]
    if is_dockerfile(name):
        return True
    return name.endswith(SCRIPT_SUFFIXES) or ("." not in name and document.text.startswith("#!"))


def is_dockerfile(path: str) -> bool:
    """Whether a file is a Dockerfile by its name."""
    name = path.lower().rpartition("/")[2]
    return name.startswith("dockerfile") or name.endswith(".dockerfile")


def is_package_list(path: str) -> bool:
    """Whether a file lists Python packages by its name; YAML may do so under any name."""
    name = path.lower().rpartition("/")[2]
    if name.endswith(".txt"):
        return "requirement" in path.lower() or "constraint" in name
    return name in PACKAGE_LISTS or (name.startswith("pylock.") and name.endswith(".toml"))


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
    if is_terraform(document):
        return read_all({document.path: document}, context)[document.path]
    try:
        reading = _read(document, context, switched_off=switched_off)
    except SyntaxProblem as problem:
        reading = Reading()
        reading.problems.append(problem.of(document))
    except RecursionError:
        reading = Reading()
        reading.problems.append(too_deep(document))
    return reading if reading is not None else Reading()


def _read(document: Document, context: Context, *, switched_off: bool) -> Reading | None:
    path = document.path.lower()
    if path.endswith(YAML_SUFFIXES):
        return _read_yaml(document, context)
    if is_package_list(path):
        from azmlint.sources import packages  # noqa: PLC0415  # few files are lists of packages

        return packages.read(document)
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
    if path.endswith(MARKDOWN_SUFFIXES):
        from azmlint.sources import markdown  # noqa: PLC0415  # only when documents are asked for

        return markdown.read(document, context, read)
    return _read_script(document, context) if is_script(document) else None


def _read_script(document: Document, context: Context) -> Reading:
    if is_dockerfile(document.path):
        from azmlint.sources import dockerfile  # noqa: PLC0415  # loads the table of commands

        return dockerfile.read(document, context)
    from azmlint.sources import shell  # noqa: PLC0415  # loads the table of commands

    return shell.read(document, context)


def _read_yaml(document: Document, context: Context) -> Reading:
    from azmlint.sources import azureml_yaml  # noqa: PLC0415  # loads PyYAML

    reading = azureml_yaml.read(document, context)
    if reading.resources or reading.problems:
        return reading
    if "dependencies:" in document.text and "azureml-" in document.text:
        from azmlint.sources import packages  # noqa: PLC0415  # few files are lists of packages

        reading = packages.read(document)
    if reading.resources or not _has_commands(document):
        return reading
    from azmlint.sources import pipeline  # noqa: PLC0415  # loads the table of commands

    return pipeline.read(document, context)
