"""The pure functions of Terraform's language, over terms: each family has a module of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.expressions import (
    hcl_collections,
    hcl_encoding,
    hcl_networks,
    hcl_numbers,
    hcl_texts,
    hcl_types,
)
from azmlint.expressions.hcl_values import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.expressions.term import Term

FAMILIES: Final = (
    hcl_collections,
    hcl_encoding,
    hcl_networks,
    hcl_numbers,
    hcl_texts,
    hcl_types,
)
"""Importing one defines its functions."""

LAZY: Final = frozenset({"try", "can"})
"""Functions that the evaluator calls itself, because an argument may fail."""

READING: Final = frozenset(
    {
        "abspath", "basename", "bcrypt", "dirname", "file", "filebase64", "filebase64sha256",
        "filebase64sha512", "fileexists", "filemd5", "fileset", "filesha1", "filesha256",
        "filesha512", "pathexpand", "plantimestamp", "rsadecrypt", "templatefile", "timestamp",
        "uuid",
    }
)  # fmt: skip
"""Functions of which the answer depends on more than the arguments."""


def call(name: str, arguments: Sequence[Term]) -> Term | None:
    """Call a function; None when there is none of that name."""
    function = FUNCTIONS.get(name.removeprefix("core::"))
    return function(arguments) if function is not None else None
