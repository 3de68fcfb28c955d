"""Read what is deployed in Azure; the SDK is loaded when a reader is opened."""

from __future__ import annotations

import re
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from azmlint.azure.calls import DIAGNOSE, FACETS, ML, ML_VERSION, asking, needed
from azmlint.azure.clock import Clock
from azmlint.azure.cloud import CLOUDS, Cloud, cloud_at
from azmlint.azure.collect import Plan, Progress, collect
from azmlint.azure.fault import ReadError
from azmlint.azure.options import AUTH_METHODS, Options
from azmlint.azure.role import custom_role
from azmlint.azure.shard import Shard, shard_of
from azmlint.errors import LiveError

if TYPE_CHECKING:
    from azmlint.azure.reader import Reader

__all__ = [
    "AUTH_METHODS",
    "CLOUDS",
    "DIAGNOSE_PERMISSION",
    "FACETS",
    "Options",
    "Plan",
    "Progress",
    "ReadError",
    "Shard",
    "asking",
    "collect",
    "custom_role",
    "needed",
    "open_reader",
    "service_diagnosis",
    "shard_of",
]

DIAGNOSE_PERMISSION: Final = DIAGNOSE.permission
"""The action that asking for the service's own diagnosis takes."""

_WORKSPACE: Final = re.compile(
    rf"/subscriptions/[^/?#]+/resourceGroups/[^/?#]+/providers/{ML}/workspaces/[^/?#]+",
    re.IGNORECASE,
)
_PACKAGES: Final = {
    "azure-identity": (1, 15),
    "azure-mgmt-authorization": (4, 0),
    "azure-mgmt-resource": (23, 0),
}


def open_reader(options: Options) -> Reader:
    """Sign in.

    Raises ConfigError for options that do not fit, and LiveError, in one line that says what to
    do, when the SDK is missing or too old or there is no sign-in.
    """
    cloud: Cloud = cloud_at(options.cloud, options.arm_endpoint, options.audience)
    _check_packages()
    try:
        from azmlint.azure.credential import credential_for  # noqa: PLC0415  # half a second
        from azmlint.azure.reader import Reader  # noqa: PLC0415

        # What it stands on, such as msal, is loaded only here.
        credential = credential_for(options.auth, options.tenant, cloud, options.tell)
    except ImportError as error:
        raise LiveError(_install(f"the Azure packages do not load ({error})")) from None
    credential.check()
    return Reader(
        cloud,
        credential,
        options.clock or Clock(),
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
    )


def _check_packages() -> None:
    for name, least in _PACKAGES.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise LiveError(_install(f"{name} is not installed")) from None
        numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
        if numbers < least:
            raise LiveError(_install(f"{name} {found} is too old"))


def _install(what: str) -> str:
    wanted = " ".join(f'"{n}>={".".join(map(str, v))}"' for n, v in _PACKAGES.items())
    return f"{what}: pip install --upgrade {wanted}"


def service_diagnosis(reader: Reader, workspace_id: str) -> dict[str, Any]:
    """Let Azure diagnose a workspace (a POST that changes nothing), and give what it says.

    Raises ReadError, which is a LiveError.
    """
    if not _WORKSPACE.fullmatch(workspace_id):
        raise LiveError(f"'{workspace_id}' is not the id of a workspace")
    return reader.diagnose(workspace_id, ML_VERSION)
