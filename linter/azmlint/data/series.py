"""VM series: which sizes they hold, when they retire, what they can do.

Sources: MicrosoftDocs/azure-compute-docs `sizes/lifecycle/retirements-and-capacity-restrictions.md`
and `end-of-life-sizes-list.md` (24 September 2026), the retirement pages of the single series, and
the retiring-vms include of the Azure Machine Learning documentation. What is not listed here is
unknown, never "no".
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Final, NamedTuple

_SOVEREIGN: Final = ("china", "usdod", "usgov", "usnat", "ussec")
"""How the regions of the sovereign clouds begin."""


class Series(NamedTuple):
    """A VM series."""

    name: str
    pattern: re.Pattern[str]
    retires: dt.date | None = None
    is_rdma: bool = False
    is_growth_restricted: bool = False
    """Whether no further quota is granted since July 2026, and new subscriptions cannot use it."""

    later_in: tuple[tuple[str, dt.date], ...] = ()
    """Regions in which it retires on another day."""

    is_public_only: bool = False
    """Whether its retirement is announced for the public cloud alone."""

    def retirement(self, region: str | None) -> dt.date | None:
        """Give the day it retires in a region; None when none is announced."""
        if self.is_public_only and region is not None and region.startswith(_SOVEREIGN):
            return None
        return dict(self.later_in).get(region or "", self.retires)


def _series(
    name: str,
    pattern: str,
    retires: str | None = None,
    *,
    rdma: bool = False,
    restricted: bool = False,
    later_in: tuple[tuple[str, str], ...] = (),
    public_only: bool = False,
) -> Series:
    day = dt.date.fromisoformat
    return Series(
        name,
        re.compile(
            f"standard_{pattern}" if not pattern.startswith("(") else pattern, re.IGNORECASE
        ),
        day(retires) if retires else None,
        rdma,
        restricted,
        tuple((region, day(date)) for region, date in later_in),
        public_only,
    )


SERIES: Final[tuple[Series, ...]] = (
    _series("H", r"h(?:16m?r)(?:_promo)?", "2022-08-31", rdma=True),
    _series("H", r"h(?:8m?|16m?)(?:_promo)?", "2022-08-31"),
    _series("NC", r"nc24r(?:_promo)?", "2023-08-31", rdma=True),
    _series("NC", r"nc(?:6|12|24)(?:_promo)?", "2023-08-31"),
    _series("NCv2", r"nc24rs_v2", "2023-08-31", rdma=True),
    _series("NCv2", r"nc(?:6|12|24)s_v2", "2023-08-31"),
    _series("ND", r"nd24rs", "2023-08-31", rdma=True),
    _series("ND", r"nd(?:6|12|24)s", "2023-08-31"),
    _series("NV", r"nv(?:6|12|24)(?:_promo)?", "2023-08-31"),
    _series("Av1", r"(?:standard|basic)_a\d+", "2024-08-31"),
    _series("HB", r"hb60(?:-\d+)?rs", "2024-08-31", rdma=True),
    _series("NCv3", r"nc24rs_v3", "2025-09-30", rdma=True),
    _series("NCv3", r"nc(?:6|12|24)s_v3", "2025-09-30"),
    _series("DCsv2", r"dc\d+s?_v2", "2026-06-30"),
    _series("DC and EC cc_v5", r"[de]c\d+(?:-\d+)?ad?s_cc_v5", "2026-09-01"),
    _series("NVv3", r"nv\d+[hm]?s_v3", "2026-09-30", later_in=(("uaenorth", "2027-01-31"),)),
    _series("NVv4", r"nv\d+ah?s_v4", "2026-09-30"),
    _series("M192 v2", r"m192id?m?s_v2", "2027-03-31"),
    _series("HC", r"hc44(?:-\d+)?rs", "2027-05-31", rdma=True),
    _series("HBv2", r"hb120(?:-\d+)?rs_v2", "2027-05-31", rdma=True),
    _series("NP", r"np\d+s", "2027-05-31"),
    _series("Dv2", r"ds?\d+(?:-\d+)?_v2(?:_promo)?", "2028-05-01", restricted=True),
    _series("D", r"ds?\d+(?:-\d+)?(?:_promo)?", "2028-05-01", restricted=True),
    _series("Ls", r"l\d+s", "2028-05-01", restricted=True),
    _series("F", r"f\d+(?:-\d+)?s?(?:_v2)?", "2028-11-15", restricted=True),
    _series("Lsv2", r"l\d+s_v2", "2028-11-15", restricted=True),
    _series("G", r"gs?\d+(?:-\d+)?", "2028-11-15", restricted=True),
    _series("Av2", r"a\d+m?_v2", "2028-11-15", restricted=True),
    _series("B", r"b\d+[a-z]*", "2028-11-15", restricted=True),
    _series("DCsv3", r"dc\d+d?s_v3", "2029-10-31"),
    _series("Dv3", r"d\d+s?_v3", "2029-11-15", restricted=True, public_only=True),
    _series("Ev3", r"e\d+(?:-\d+)?i?s?_v3", "2029-11-15", restricted=True, public_only=True),
    _series("HBv3", r"hb120(?:-\d+)?rs_v3", rdma=True),
    _series("HBv4", r"hb176(?:-\d+)?rs_v4", rdma=True),
    _series("HX", r"hx176(?:-\d+)?rs", rdma=True),
    _series("NDv2", r"nd40rs_v2", rdma=True),
    _series("ND A100 v4", r"nd96(?:a|am)sr_(?:a100_)?v4", rdma=True),
    _series("ND H100 v5", r"nd96isr_h100_v5", rdma=True),
    _series("ND H200 v5", r"nd96isr_h200_v5", rdma=True),
    _series("ND MI300X v5", r"nd96isr_mi300x_v5", rdma=True),
)
"""In the order in which they are tried; patterns match a whole size."""


@lru_cache(1024)
def series_of(size: str) -> Series | None:
    """Find the series of a size, whatever its case; None when it is not listed."""
    text = size.strip()
    return next((s for s in SERIES if s.pattern.fullmatch(text)), None)
