"""The fingerprint of a line by which GitHub's code scanning knows an alert again.

It is the hash that the upload action computes when a file brings none: over the 100 UTF-16 units
from the line's first on that are no blank or tab, in 64-bit arithmetic to the base 37, with a
counter for lines of equal hash. The end of the text is a unit too, with nulls after it.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from operator import mul
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

_BLOCK: Final = 100
_MASK: Final = (1 << 64) - 1
_POWERS: Final = [pow(37, _BLOCK - 1 - i, 1 << 64) for i in range(_BLOCK)]
_END: Final = "\uffff" + "\0" * (_BLOCK - 1)
_LINE: Final = re.compile("^", re.MULTILINE)
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")


def line_hashes(text: str, numbers: Collection[int] | None = None) -> dict[int, str]:
    """Give the fingerprint of each line by its number, from 1; of some lines alone when asked.

    Lines of which the 100 units differ count as different, whatever their hash.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    if not lines.isascii():
        lines = _ASTRAL.sub(_pair, lines)
    units = lines + _END
    starts = array("Q", (m.start() for m in _LINE.finditer(lines)))
    wanted = range(1, len(starts) + 1) if numbers is None else sorted(numbers)
    windows = {number: units[starts[number - 1] : starts[number - 1] + _BLOCK] for number in wanted}
    asked = set(windows.values())
    seen: Counter[str] = Counter()
    hashes: dict[int, str] = {}
    for number, start in enumerate(starts[: max(wanted, default=0)], 1):
        window = units[start : start + _BLOCK]
        if window not in asked:
            continue
        seen[window] += 1
        if number in windows:
            value = sum(map(mul, map(ord, window), _POWERS)) & _MASK
            hashes[number] = f"{value:x}:{seen[window]}"
    return hashes


def _pair(match: re.Match[str]) -> str:
    """Write a character as the two units that UTF-16 has for it."""
    code = ord(match[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))
