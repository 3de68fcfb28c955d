"""The fingerprint of a line by which GitHub's code scanning knows an alert again.

It is the hash that the upload action computes when a file brings none: over the 100 UTF-16 units
from the line's first on that are no blank or tab, in 64-bit arithmetic to the base 37, with a
counter for lines of equal hash. The end of the text is a unit too, with nulls after it.
"""

from __future__ import annotations

import struct
from collections import Counter
from operator import mul

_BLOCK = 100
_MASK = (1 << 64) - 1
_POWERS = [pow(37, _BLOCK - 1 - i, 1 << 64) for i in range(_BLOCK)]
_END = 65535
_LINE_FEED = 10


def line_hashes(text: str) -> list[str]:
    """Give the fingerprint of each line, in order."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = lines.replace(" ", "").replace("\t", "").encode("utf-16-le", "surrogatepass")
    units = (*struct.unpack(f"<{len(raw) // 2}H", raw), _END, *([0] * (_BLOCK - 1)))
    starts = [0]
    starts += [i + 1 for i, unit in enumerate(units) if unit == _LINE_FEED]
    seen: Counter[str] = Counter()
    hashes = []
    for start in starts:
        value = f"{sum(map(mul, units[start : start + _BLOCK], _POWERS)) & _MASK:x}"
        seen[value] += 1
        hashes.append(f"{value}:{seen[value]}")
    return hashes
