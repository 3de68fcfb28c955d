"""How to reach Azure."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.azure.clock import Clock

AUTH_METHODS: Final = (
    "default",
    "cli",
    "environment",
    "managed-identity",
    "workload-identity",
    "device-code",
)


def to_standard_error(text: str) -> None:
    """Write a line where no report goes."""
    sys.stderr.write(f"{text}\n")


class Options(NamedTuple):
    """What the command line says of it."""

    auth: str = "default"
    tenant: str = ""
    cloud: str = "AzureCloud"
    arm_endpoint: str = ""
    """The endpoint of a private cloud; without TLS on this machine only."""

    audience: str = ""
    """What its tokens are asked for; by default the endpoint itself."""

    tell: Callable[[str], None] = to_standard_error
    """Shows a person what to do to sign in."""

    connect_timeout: float = 10
    read_timeout: float = 60
    clock: Clock | None = None
