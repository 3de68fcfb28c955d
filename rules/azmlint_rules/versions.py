"""Versions of Terraform providers, and the constraints that choose among them."""

from __future__ import annotations

import re
from typing import NamedTuple

Version = tuple[int, ...]

_TERM = re.compile(r"\s*+(?:(=|!=|>=|<=|>|<|~>)\s*+)?v?(\d+(?:\.\d+){0,2})(?:[-+][\w.+-]+)?\s*")


class Bounds(NamedTuple):
    """Between which versions a constraint allows."""

    lowest: Version
    below: Version | None
    """The first version that is too new; None when any is new enough."""


def number(text: str) -> Version | None:
    """Read a version; None for a text that is none."""
    match = _TERM.fullmatch(text)
    if match is None or match[1] is not None:
        return None
    return _padded(match[2])


def bounds(constraint: str) -> Bounds | None:
    """Read a constraint such as `>= 3.0, < 4.0` or `~> 4.1`; None for a text that is none."""
    lowest: Version = (0, 0, 0)
    below: Version | None = None
    for term in constraint.split(","):
        match = _TERM.fullmatch(term)
        if match is None:
            return None
        sign, version = match[1] or "=", _padded(match[2])
        if sign in {"=", ">=", ">", "~>"}:
            lowest = max(lowest, version)
        limit = _limit(sign, version, match[2].count("."))
        if limit is not None:
            below = limit if below is None else min(below, limit)
    return Bounds(lowest, below)


def _limit(sign: str, version: Version, points: int) -> Version | None:
    major, minor, patch = version
    if sign == "<":
        return version
    if sign in {"=", "<="}:
        return (major, minor, patch + 1)
    if sign == "~>":
        return (major, minor + 1, 0) if points == 2 else (major + 1, 0, 0)  # noqa: PLR2004  # a.b.c
    return None


def _padded(text: str) -> Version:
    numbers = [int(n) for n in text.split(".")]
    return (*numbers, *[0] * (3 - len(numbers)))
