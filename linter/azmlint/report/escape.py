"""Names from outside, made safe for the medium they are shown in."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_COMMAND = re.compile(r"##(?=\[|vso\[)|^(\s*):(?=:)")


def printable(text: str) -> str:
    """Show control characters, and take the effect from what CI systems read as commands.

    `##vso[`, `##[` and a leading `::` get a space, so that a resource's name runs nothing.
    """
    text = _CONTROL.sub(lambda m: f"\\x{ord(m[0]):02x}", text)
    return _COMMAND.sub(lambda m: "# #" if m[0].startswith("##") else f"{m[1]}: ", text)
