"""The fingerprint of a line by which GitHub's code scanning knows an alert again.

It is the hash that the upload action computes when a file brings none: over the 100 characters
that are no blank, from the line's first on, in 64-bit arithmetic to the base 37, with a counter
for lines of equal hash.
"""

from __future__ import annotations

from collections import Counter

_BLOCK = 100
_BASE = 37
_MASK = (1 << 64) - 1
_FIRST = pow(_BASE, _BLOCK, 1 << 64)
_END = 65535


def line_hashes(text: str) -> list[str]:
    """Give the fingerprint of each line, in order."""
    window = [0] * _BLOCK
    starts = [-1] * _BLOCK
    hashes: dict[int, str] = {}
    seen: Counter[str] = Counter()
    state = 0
    index = 0
    line = 0
    is_line_start = True
    previous_is_return = False

    def emit() -> None:
        number = starts[index]
        if number < 0:
            return
        value = f"{state:x}"
        seen[value] += 1
        hashes[number] = f"{value}:{seen[value]}"
        starts[index] = -1

    def push(unit: int) -> None:
        nonlocal state, index
        begin = window[index]
        window[index] = unit
        state = (_BASE * state + unit - _FIRST * begin) & _MASK
        index = (index + 1) % _BLOCK

    for unit in _units(text):
        if unit in {32, 9} or (previous_is_return and unit == 10):  # noqa: PLR2004  # blank, tab, LF of CRLF
            previous_is_return = False
            continue
        if unit == 13:  # noqa: PLR2004  # CR counts as LF
            unit, previous_is_return = 10, True  # noqa: PLW2901
        else:
            previous_is_return = False
        emit()
        if is_line_start:
            is_line_start = False
            starts[index] = line
            line += 1
        if unit == 10:  # noqa: PLR2004
            is_line_start = True
        push(unit)
    for unit in [_END, *([0] * _BLOCK)]:
        emit()
        if unit == _END and is_line_start:
            starts[index] = line
            line += 1
        push(unit)
    total = text.count("\n") + text.count("\r") - text.count("\r\n") + 1
    return [hashes.get(number, "0:1") for number in range(max(total, line))]


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-le", "surrogatepass")
    return [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)]
