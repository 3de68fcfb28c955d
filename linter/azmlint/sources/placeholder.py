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


def is_filled_in(text: str) -> bool:
    """Whether a text has a hole."""
    return _HOLE.search(text) is not None


def term_of(text: str, trace: tuple[Place, ...]) -> Term:
    """Make the unknown term of a text with holes; what stands around them is known."""
    parts: list[Part] = []
    last = 0
    first = ""
    for match in _HOLE.finditer(text):
        first = first or match[0]
        parts += [text[last : match.start()], Symbol(("hole", match[0]), match[0])]
        last = match.end()
    parts.append(text[last:])
    reason = Reason("placeholder", f"'{first}' is filled in before deployment")
    return Term(UNKNOWN, trace, reason=reason, parts=text_of(parts))
