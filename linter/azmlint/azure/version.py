"""Choose among the api-versions that a service serves."""

from __future__ import annotations

import re
from typing import Final

VERSION: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}(?:-[a-z]+)?\b")
_FINAL_LENGTH: Final = len("2025-12-01")


def best_version(served: set[str], wanted: str) -> str | None:
    """Choose the wanted version, else the newest older, else the oldest newer; previews last."""
    if wanted in served:
        return wanted
    final = {version for version in served if len(version) == _FINAL_LENGTH}
    older = {version for version in final if version < wanted}
    return max(older, default=None) or min(final, default=None) or max(served, default=None)
