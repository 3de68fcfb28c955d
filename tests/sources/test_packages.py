"""Lists of Python packages, whatever their form."""

from __future__ import annotations

import pytest

from azmlint.engine.relevance import PACKAGES, concerns
from azmlint.sources import packages
from azmlint.sources.document import decode


def read(path, text):
    found = packages.read(decode(path, text.encode())).resources
    return [(u.tool, u.name, u.version.known, u.address) for u in found]


@pytest.mark.parametrize(
    ("path", "text", "version"),
    [
        ("requirements.txt", "azureml-core==1.48.0\n", "==1.48.0"),
        (
            "requirements.txt",
            "azureml_core [notebooks] >= 1.41, < 2 ; extra == 'x'\n",
            ">= 1.41, < 2",
        ),
        ("requirements/dev.txt", "AzureML-Core\r\n", None),
        ("requirements.txt", "azureml-core==1.48.0 \\\n    --hash=sha256:00\n", "==1.48.0"),
        ("poetry.lock", '[[package]]\nname = "azureml-core"\nversion = "1.60.0"\n', "1.60.0"),
        ("Pipfile.lock", '{"default": {\n "azureml-core": {"version": "==1"}}}', None),
        ("Pipfile", '[packages]\nazureml-core = "~=1.48"\n', "~=1.48"),
        ("pyproject.toml", 'dependencies = ["azureml-core>=1.4"]\n', ">=1.4"),
        ("env.yml", "dependencies:\n- pip:\n  - 'azureml-core==1.48.0' # old\n", "==1.48.0"),
    ],
)
def test_package_of_sdk_v1_is_found_with_its_version(path, text, version):
    ((tool, name, found, _),) = read(path, text)

    assert (tool, name.casefold().replace("_", "-")) == ("SDK v1", "azureml-core")
    assert found == version
    assert concerns(path, text.encode()) is PACKAGES


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "azureml-mlflow\nazureml-core-helper==1\nmy-azureml-core\n"),
        ("requirements.txt", "# azureml-core==1.48.0\n"),
        ("uv.lock", '[[package]]\nname = "azureml-fsspec"\nversion = "1.60.0"\n'),
        ("pyproject.toml", '# "azureml-core",\n[tool.x]\nnote = "uses azureml-core"\n'),
        ("env.yml", "dependencies:\n- pip:\n  - azureml-defaults\n"),
    ],
)
def test_what_version_2_uses_as_well_is_none(path, text):
    assert read(path, text) == []


def test_each_tool_is_told_once():
    text = "azureml-sdk\nazureml-core\nazureml-datadrift\nazure-cli-ml==1.41\n"

    assert [(tool, name) for tool, name, _, _ in read("requirements.txt", text)] == [
        ("SDK v1", "azureml-sdk"),
        ("data drift", "azureml-datadrift"),
        ("CLI v1", "azure-cli-ml"),
    ]


def test_texts_of_other_names_are_no_lists():
    assert concerns("notes.txt", b"azureml-core==1.48.0") is None
