"""Names from outside, made safe for the medium they are shown in."""

from __future__ import annotations

import re
from unicodedata import category

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Categories that move a cursor, turn the direction of writing, or cannot be seen."""

_ANYWHERE = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)
_AT_START = re.compile(r"^(\s*:)(?=:)")


def visible(text: str) -> str:
    """Show what has no shape of its own (controls, terminal escapes, marks of direction)."""
    if text.isprintable():
        return text
    return "".join(_shown(c) if category(c) in _HIDDEN else c for c in text)


def printable(text: str) -> str:
    """Make `text` visible, and take the effect from what CI systems read as commands.

    `##vso[`, `##[` and a leading `::` get a space, so that a resource's name runs nothing.
    """
    return _AT_START.sub(r"\1 ", _ANYWHERE.sub("# #", visible(text)))


def unheard(text: str, sign: str) -> str:
    """Take the effect from what Azure Pipelines reads as a command anywhere in a line.

    `sign` spells a `#` otherwise, as the language of the text allows it.
    """
    return _ANYWHERE.sub(lambda _: f"{sign}#", text)


def _shown(character: str) -> str:
    code = ord(character)
    if code < 0x100:  # noqa: PLR2004  # two digits hold it
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004  # and four
