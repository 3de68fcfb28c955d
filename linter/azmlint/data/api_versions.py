"""Versions of the service's interface, and what came with them.

Source: Azure/bicep-types-az, machinelearningservices (20 August 2026).
"""

from __future__ import annotations

from typing import Final

STABLE: Final = (
    "2026-05-01",
    "2026-03-01",
    "2025-12-01",
    "2025-09-01",
    "2025-06-01",
    "2025-04-01",
    "2024-10-01",
    "2024-04-01",
    "2023-10-01",
    "2023-04-01",
    "2022-10-01",
    "2022-05-01",
    "2021-07-01",
    "2021-04-01",
    "2021-01-01",
    "2020-08-01",
)
"""Stable versions, the newest first; older ones exist."""

SINCE: Final = {"public_ip": "2021-01-01", "disable_local_auth": "2021-04-01"}
"""The first stable version that knows a property of a compute."""


def successor(version: str) -> str:
    """Give the stable version to move to: the first that is no older, else the newest known."""
    day = version[:10]
    newer = [stable for stable in STABLE if stable >= day]
    return newer[-1] if newer else STABLE[0]
