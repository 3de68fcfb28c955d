"""What of Azure Machine Learning has been retired, or will be, and since when.

Source: Azure/EOL, service_list.json (18 December 2025), and the deprecation notes of SDK v1 and of
CLI v1 in the documentation. What is not listed here is unknown.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple


class Retirement(NamedTuple):
    """One thing that goes."""

    name: str
    """As a message calls it."""

    day: dt.date
    instead: str
    """What to use."""

    def told(self, today: dt.date) -> str:
        """Say whether it is past, as the end of a sentence that names it."""
        if self.day <= today:
            return f"has had no support since {self._day}"
        return f"has support until {self._day} only"

    def retired(self, today: dt.date) -> str:
        """Say of a feature whether it is gone."""
        return f"{'was' if self.day <= today else 'will be'} retired on {self._day}"

    @property
    def _day(self) -> str:
        return f"{self.day.day} {self.day:%B %Y}"


SDK_V1: Final = Retirement(
    "SDK v1",
    dt.date(2026, 6, 30),
    "move to the package azure-ai-ml, whose calls are others",
)
CLI_V1: Final = Retirement(
    "CLI v1",
    dt.date(2025, 9, 30),
    "move to the extension ml, whose commands and options have other names",
)
DATA_DRIFT: Final = Retirement(
    "data drift monitoring of SDK v1",
    dt.date(2025, 9, 1),
    "use model monitoring of SDK v2",
)
DATA_LABELING: Final = Retirement(
    "data labeling",
    dt.date(2026, 9, 30),
    "use another labeling tool, and keep what it gives as a data asset",
)
BATCH_PREVIEW: Final = Retirement(
    "the preview interface of batch endpoints",
    dt.date(2026, 3, 16),
    "use a stable version of the interface",
)
