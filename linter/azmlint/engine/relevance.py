"""Which files can concern Azure ML, told by a byte search before any parser sees them."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.sources.document import Problem
from azmlint.sources.load import is_package_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.location import Document

UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""How a text in UTF-16 begins."""


class Kind(NamedTuple):
    """What a file is to a run."""

    language: str
    """As messages call it."""

    pattern: str = ""
    """What declares something in a language that is not read yet; a key of `_DECLARES`."""

    @property
    def is_read(self) -> bool:
        """Whether a source reads it; what is not read is only noted."""
        return self.pattern == ""


AZ_ML_YAML: Final = Kind("az ml YAML")
ARM: Final = Kind("an ARM template")
BICEP: Final = Kind("Bicep")
TERRAFORM: Final = Kind("Terraform")
TERRAFORM_PLAN: Final = Kind("a Terraform plan")
PYTHON: Final = Kind("Python")
NOTEBOOK: Final = Kind("a notebook")
SCRIPT: Final = Kind("a script")
DOCKERFILE: Final = Kind("a Dockerfile")
PIPELINE: Final = Kind("a pipeline")
MARKDOWN: Final = Kind("Markdown")
PACKAGES: Final = Kind("a list of packages")
ANSIBLE: Final = Kind("an Ansible playbook", "ansible")
PULUMI: Final = Kind("a Pulumi program", "pulumi")

_CODE: Final = r"^[^\n#]*?"
"""The start of a line up to a place that is in no comment."""

_LINE: Final = r"^(?![ \t]*#)[^\n]*?"
"""The start of a line that is no comment."""

_SPACE: Final = r"(?:[ \t]|[\\`]\r?\n)+"
_AZ: Final = rf"{_LINE}\baz(?:\.cmd|\.exe)?{_SPACE}(?:--?\S+{_SPACE})*"
_SCRIPTED: Final = (
    rf"{_AZ}(?:ml{_SPACE}(?:compute{_SPACE}(?:create|update|attach)"
    rf"|workspace{_SPACE}(?:create|update|share|private-endpoint)"
    rf"|model{_SPACE}(?:deploy|profile|register)|endpoint{_SPACE}realtime"
    r"|computetarget|folder|run|service|experiment|pipeline)"
    rf"|(?:(?:account|group|resource){_SPACE})?lock{_SPACE}(?:create|update))\b"
    rf"|{_LINE}(?:azure-cli-ml|new-azmlworkspace|(?:new|set)-azresourcelock)"
    rf"|{_LINE}\b(?:install|add)\b[^\n]*?\bazureml-(?:core|sdk|pipeline|train|datadrift)"
)
"""A command that declares what is judged, in lower case."""

_SCRIPTED_BESIDE: Final = (
    rf"{_AZ}(?:network|deployment|acr|keyvault|identity|group|role|storage{_SPACE}account)\b"
    rf"|{_LINE}new-azresourcegroup"
)
"""A command that declares what surrounds it, or deploys a template."""

_DECLARES: Final = {
    "script": _SCRIPTED,
    "job": rf"{_AZ}ml{_SPACE}job{_SPACE}create\b",
    "beside": _SCRIPTED_BESIDE,
    "packages": r"^[ \t]*-[ \t]+[\"']?azureml-(?!mlflow|defaults|fsspec|inference|metrics|acft)",
    "shebang": r"#![^\n]*\b(?:(?:ba|da|k|z)?sh|pwsh)\b",
    "ansible": (
        r"^[ \t-]*((?:azure\.azcollection\.)?azure_rm_(?:ml_?\w*|machinelearning\w*|lock))[ \t]*:"
    ),
    "pulumi": rf"{_CODE}(azure-native:machinelearningservices(?:/\w+)?:(?:Compute|Workspace))\b",
}
"""What declares something that rules judge; the first group that matches is it.

Compiled when a file asks for it: that costs more than a small run has to spare."""


@cache
def _declares(pattern: str) -> re.Pattern[bytes]:
    return re.compile(_DECLARES[pattern].encode(), re.MULTILINE)


def concerns(path: str, raw: bytes) -> Kind | None:
    """Say what a file is; None for what cannot concern Azure ML.

    What is to be judged is never missed, and parsing decides whether it really is. What is
    only noted is looked at more closely: a mention in a comment is none.
    """
    if raw.startswith(UTF_16):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    name = path.lower().rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    look = _LOOKS.get(suffix) if dot else None
    if is_package_list(path):
        look = _packages
    if name.endswith(_TERRAFORM_JSON):
        look = _terraform
    if look is None:
        if name.startswith("dockerfile") or stem == "dockerfile":
            look = _dockerfile
        elif suffix in {"md", "markdown"}:
            look = _markdown
        elif not dot and raw.startswith(b"#!") and _declares("shebang").match(raw):
            look = _script
        else:
            return None
    return look(raw, raw.lower())


def not_read(document: Document, kind: Kind) -> Problem:
    """State that a file declares something in a language that is not read yet."""
    text = document.text
    match = re.search(_DECLARES[kind.pattern], text, re.MULTILINE)
    group = (match.lastindex or 0) if match is not None else 0
    start, end = match.span(group) if match is not None else (0, min(1, len(text)))
    named = " ".join(re.sub(r"[\\`^]\r?\n", " ", text[start:end]).split()).strip("'\"( ")
    what = f"'{named}' is" if match is not None else "Azure ML resources are"
    message = (
        f"{what} declared in {kind.language}, which azmlint does not read yet: nothing here is "
        "judged"
    )
    return Problem(document, start, end, "file-not-read", message)


_PROVIDER: Final = b"microsoft.machinelearningservices"
_LOCKS: Final = (b"microsoft.authorization/locks", b"providers/locks")
_NEIGHBOURS: Final = re.compile(
    rb"microsoft\.(?:network/(?:virtualnetworks|privateendpoints|networksecuritygroups|routetables"
    rb"|serviceendpointpolicies|azurefirewalls|firewallpolicies)"
    rb"|managedservices/registrationassignments"
    rb"|managedidentity/|storage/storageaccounts|keyvault/vaults|containerregistry/registries"
    rb"|insights/components)"
)


_PLANNED: Final = b'"planned_values"'


def _json(raw: bytes, lower: bytes) -> Kind | None:
    del raw
    if _PLANNED in lower:
        return TERRAFORM_PLAN if _is_terraform(lower) else None
    if _PROVIDER in lower or _LOCKS[0] in lower or _LOCKS[1] in lower:
        return ARM
    return None


def surrounds(path: str, raw: bytes) -> bool:
    """Whether a template declares networks, vaults and the like that computes refer to.

    Such a template without anything of Azure ML is nothing to judge, but makes more decidable.
    So does a Terraform file of the same folders, or one that calls their modules.
    """
    name = path.lower()
    lower = raw.lower()
    if name.endswith((".tf", ".tofu", *_TERRAFORM_JSON)):
        return _BESIDE.search(lower) is not None
    if name.endswith(".bicep"):
        return _NEIGHBOURS.search(lower) is not None
    if name.endswith((*SCRIPTS, ".yml", ".yaml")):
        is_near = b"az " in lower or b"-az" in lower
        return is_near and _declares("beside").search(lower) is not None
    if not name.endswith((".json", ".jsonc")):
        return False
    return b"deploymenttemplate.json" in lower and _NEIGHBOURS.search(lower) is not None


_BESIDE: Final = re.compile(rb'\bsource"?\s*[=:]\s*"\.')
"""A module that is called from here; what stands beside a judged file is read with it anyway."""


_COMPUTES: Final = (b"amlcompute", b"aml_compute", b"computeinstance", b"compute_instance")
_TYPE: Final = re.compile(
    rb"\btype['\"]?\s*:\s*(?:[&!*][^\s,]*\s+)*['\"]?(?:aml_?compute|compute_?instance|kubernetes"
    rb"|virtual_?machine)"
)
_SCHEMA: Final = re.compile(
    rb"\$schema['\"]?\s*:[^\n]*?/(?:aml_?compute|compute_?instance|compute|kubernetes_?compute"
    rb"|kubernetes|vm_?compute|managedonlinedeployment|workspace|hub|project|featurestore)"
    rb"(?:\.schema)?\.json"
)
_DEPLOYMENT_KEYS: Final = (b"endpoint_name", b"instance_type", b"instance_count")
_WORKSPACE_KEYS: Final = (
    b"storage_account",
    b"key_vault",
    b"container_registry",
    b"application_insights",
    b"hbi_workspace",
    b"public_network_access",
    b"managed_network",
    b"image_build_compute",
    b"serverless_compute",
    b"primary_user_assigned_identity",
)


def _yaml(raw: bytes, lower: bytes) -> Kind | None:
    is_compute = any(needle in lower for needle in _COMPUTES)
    if (is_compute or b"kubernetes" in lower or b"virtual" in lower) and _TYPE.search(
        lower
    ) is not None:
        return AZ_ML_YAML
    if b"$schema" in lower and _SCHEMA.search(lower) is not None:
        return AZ_ML_YAML
    if b"user_identity" in lower:
        return AZ_ML_YAML
    other = _yaml_of_others(raw, lower)
    if other is not None:
        return other
    if all(key in lower for key in _DEPLOYMENT_KEYS):
        return AZ_ML_YAML
    if is_compute or sum(key in lower for key in _WORKSPACE_KEYS) >= 2:  # noqa: PLR2004  # as the reader of az ml files has it
        return AZ_ML_YAML
    is_near = b"dependencies:" in lower and b"azureml-" in lower and b"mltable" not in lower
    return PACKAGES if is_near and _declares("packages").search(lower) is not None else None


def _packages(raw: bytes, lower: bytes) -> Kind | None:
    del raw
    return PACKAGES if b"azureml-" in lower or b"azureml_" in lower or _CLI_V1 in lower else None


_CLI_V1: Final = b"azure-cli-ml"


_PYTHON_TASKS: Final = (b"pythonscript@", b"run-python-script")
"""Tasks that run a program, as the reader of pipelines has them."""


def _yaml_of_others(raw: bytes, lower: bytes) -> Kind | None:
    if b"azure-native:machinelearningservices" in lower:
        return _checked(PULUMI, raw)
    found = _checked(ANSIBLE, raw) if b"azure_rm_" in lower else None
    is_step = b"shell:" in lower or any(needle in lower for needle in _PYTHON_TASKS)
    if found is None and is_step and b"python" in lower:
        found = PIPELINE if _python(raw, lower) is not None else None
    return found or _commands(PIPELINE, lower)


def _script(raw: bytes, lower: bytes) -> Kind | None:
    del raw
    return _commands(SCRIPT, lower)


def _markdown(raw: bytes, lower: bytes) -> Kind | None:
    is_near = b"```" in lower or b"~~~" in lower
    is_ours = is_near and (_PROVIDER in lower or any(n in lower for n in _COMPUTES))
    return MARKDOWN if is_ours or (is_near and _script(raw, lower) is not None) else None


def _dockerfile(raw: bytes, lower: bytes) -> Kind | None:
    del raw
    if b'"az"' in lower and _started().search(lower) is not None:
        return DOCKERFILE
    return _commands(DOCKERFILE, lower)


def _commands(kind: Kind, lower: bytes) -> Kind | None:
    is_near = b"az" in lower and (b"ml" in lower or b"lock" in lower)
    if not is_near:
        return None
    is_job = b"user_identity" in lower and _declares("job").search(lower) is not None
    return kind if is_job or _declares("script").search(lower) is not None else None


def _bicep(_raw: bytes, lower: bytes) -> Kind | None:
    is_near = b"machinelearningservices" in lower or b"machine-learning-services" in lower
    return BICEP if is_near or _LOCKS[0] in lower else None


_MODULE: Final = re.compile(r"^[ \t]*module[ \t]+\w+[ \t]+'([^'\n]+\.bicep)'", re.MULTILINE)


def modules(document: Document) -> tuple[str, ...]:
    """List the paths of the local modules that a Bicep file uses, as far as a search can tell."""
    folder = posixpath.dirname(document.path)
    written = (m.replace("\\", "/") for m in _MODULE.findall(document.text))
    return tuple(posixpath.normpath(posixpath.join(folder, m)) for m in written)


def called(document: Document) -> frozenset[str]:
    """List the folders of the local modules that a Terraform file calls, as far as a search can."""
    folder = posixpath.dirname(document.path)
    written = re.findall(r'\bsource"?\s*[=:]\s*"(\.\.?(?:/[^"\n]*)?)"', document.text)
    joined = (posixpath.normpath(posixpath.join(folder, m)) for m in written)
    return frozenset("" if path == "." else path for path in joined)


def imported(raw: bytes) -> frozenset[str]:
    """List what a program may import, each as the end of a path, as far as a search can tell."""
    found: set[str] = set()
    for module, names, plain in _imports().findall(raw):
        whole = module.decode("ascii", "ignore").strip(".").replace(".", "/")
        words = re.findall(rb"[A-Za-z_][\w.]*", names or plain)
        inner = [word.decode("ascii", "ignore").replace(".", "/") for word in words]
        found |= {whole, *(f"{whole}/{name}".strip("/") for name in inner)}
    return frozenset(found - {""})


@cache
def _imports() -> re.Pattern[bytes]:
    return re.compile(
        rb"(?:^|\")[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\r\n#\"]+)"
        rb"|import[ \t]+([^\r\n#\"]+))",
        re.MULTILINE,
    )


_AZURERM: Final = (
    b"azurerm_machine_learning_",
    b"azurerm_ai_foundry",
    b"azurerm_management_lock",
    _PROVIDER,
    b"machinelearningservices",
    *_LOCKS,
)


def _is_terraform(lower: bytes) -> bool:
    return any(needle in lower for needle in _AZURERM)


def _terraform(raw: bytes, lower: bytes) -> Kind | None:
    del raw
    return TERRAFORM if _is_terraform(lower) else None


def _nothing(raw: bytes, lower: bytes) -> None:
    """Judge nothing of a file that only gives values to what others declare."""
    del raw, lower


_IN_CELLS: Final = (b"az ml ", b"az lock ", b"az deployment ")


@cache
def _started() -> re.Pattern[bytes]:
    """Tell commands of az that a program starts, as a text or word by word."""
    return re.compile(
        rb"\baz(?:\.cmd)?[ \t]+(?:ml|lock|deployment|(?:account|group|resource)[ \t]+lock)\b"
        rb"|(?<=['\"])(?:ml|lock)\\?['\"][ \t]*,.{0,60}?['\"]"
        rb"(?:compute|workspace|computetarget|create|update)\\?['\"]",
        re.DOTALL,
    )


_SDK: Final = (b"amlcompute", b"computeinstance", b"workspace.create", b"machinelearningservices.")
_SDK_V2: Final = (
    *(b"load_compute", b"load_workspace", b"kubernetescompute", b"begin_create"),
    b"useridentity",
)


@cache
def _sdk_v1() -> re.Pattern[bytes]:
    """Tell the packages of azureml-sdk from what else is called azureml."""
    names = rb"core|data|datadrift|exceptions|explain|interpret|pipeline|tensorboard|train|widgets"
    return re.compile(rb"\bazureml\.(?:" + names + rb")\b")


_CREDENTIALS: Final = (b"managedidentitycredential", b"defaultazurecredential")


def _python(raw: bytes, lower: bytes) -> Kind | None:
    del raw
    if b"az" not in lower:
        return None
    if (b"process" in lower or b"os." in lower or b"system(" in lower) and _started().search(lower):
        return PYTHON
    if b"azure" not in lower:
        return None
    is_ours = (
        any(needle in lower for needle in (*_SDK, *_CREDENTIALS, *_SDK_V2))
        or b"management_locks" in lower
        or _sdk_v1().search(lower) is not None
    )
    return PYTHON if is_ours else None


def _notebook(raw: bytes, lower: bytes) -> Kind | None:
    # What only an output says is found out by reading it.
    is_ours = _python(raw, lower) is not None or any(needle in lower for needle in _IN_CELLS)
    if not is_ours and (b"%%writefile" in lower or b"%%file" in lower):
        is_ours = any(needle in lower for needle in _COMPUTES)
    if not is_ours and b"azureml-" in lower:
        is_ours = _declares("script").search(lower) is not None
    return NOTEBOOK if is_ours else None


def _checked(kind: Kind, raw: bytes) -> Kind | None:
    return kind if _declares(kind.pattern).search(raw) is not None else None


_LOOKS: Final[dict[str, Callable[[bytes, bytes], Kind | None]]] = {
    "bash": _script,
    "bicep": _bicep,
    "bicepparam": _nothing,
    "dockerfile": _dockerfile,
    "ipynb": _notebook,
    "json": _json,
    "jsonc": _json,
    "ps1": _script,
    "psm1": _script,
    "py": _python,
    "sh": _script,
    "tf": _terraform,
    "tfvars": _nothing,
    "tofu": _terraform,
    "yaml": _yaml,
    "yml": _yaml,
    "zsh": _script,
}
"""By suffix."""

SCRIPTS: Final = (".sh", ".bash", ".zsh", ".ps1", ".psm1")
"""How the names of scripts end."""

_TERRAFORM_JSON: Final = (".tf.json", ".tofu.json")

SUFFIXES: Final = frozenset(f".{suffix}" for suffix in _LOOKS)
"""Of the files that a search looks into, in lower case."""
