"""Text that a step before deployment fills in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.term import UNKNOWN, Symbol, Term, text_of
from azmlint.expressions.truth import Reason

if TYPE_CHECKING:
    from azmlint.expressions.term import Part
    from azmlint.location import Place

_HOLE: Final = re.compile(
    r"<[^<>\n/][^<>\n]*>|\{\{(?:(?!\{\{|\}\}).)*\}\}|\$\{\{?[^{}\n]*\}\}?|\$\([^()\n]+\)|#\{[^{}\n]+\}#?"
    r"|__[A-Za-z]\w*?__|\{[A-Za-z_]\w*\}"
    # Of the Azure quickstart templates, whose pipeline fills their parameter files.
    r"|\bGEN-(?:UNIQUE(?:-\d+)?|PASSWORD|GUID|(?:AZUREAD|CUSTOM|DATAVHD|GENERALIZED|KEYVAULT"
    r"|SELFSIGNED|SF|SPECIALIZED|SSH|VHD[A-Z]+|VNET)-[A-Z0-9-]+)|\bGET-PREREQ-\w+",
    re.DOTALL,
)
"""`<x>`, `{{x}}`, `${x}`, `${{x}}`, `$(x)`, `#{x}#`, `__x__`, `{x}` (not `{0}`), GEN-X."""


_BLANK: Final = re.compile(r"<[A-Za-z][^<>\n/]*>")


def is_filled_in(text: str) -> bool:
    """Whether a text has a hole."""
    return _HOLE.search(text) is not None


def is_left_open(text: str) -> bool:
    """Whether a program leaves something of a text to its reader, as `<subscription>`."""
    return _BLANK.search(text) is not None


def term_of(text: str, trace: tuple[Place, ...]) -> Term:
    """Make the unknown term of a text with holes; what stands around them is known."""
    return _term_of(text, trace, _HOLE, ())


def open_term_of(text: str, trace: tuple[Place, ...]) -> Term:
    """Make the unknown term of a text that a program leaves open.

    In another program the same words may stand for something else.
    """
    return _term_of(text, trace, _BLANK, tuple(p.document.path for p in trace[:1]))


def _term_of(
    text: str, trace: tuple[Place, ...], holes: re.Pattern[str], scope: tuple[str, ...]
) -> Term:
    parts: list[Part] = []
    last = 0
    first = ""
    for match in holes.finditer(text):
        first = first or match[0]
        parts += [text[last : match.start()], Symbol(("hole", match[0], *scope), match[0])]
        last = match.end()
    parts.append(text[last:])
    reason = Reason("placeholder", f"'{first}' is filled in before deployment")
    return Term(UNKNOWN, trace, reason=reason, parts=text_of(parts))
