"""Terraform's functions over numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from azmlint.expressions.arm_values import Refused, TooLarge, decisions_of, decisions_within, plain
from azmlint.expressions.hcl_values import (
    as_text,
    as_whole,
    define,
    define_scalar,
    items_of,
    number,
)
from azmlint.expressions.term import Term

if TYPE_CHECKING:
    from collections.abc import Sequence


@define_scalar("abs", 1, 1)
def _abs(value: object) -> object:
    return abs(number(value))


@define_scalar("ceil", 1, 1)
def _ceil(value: object) -> object:
    return math.ceil(number(value))


@define_scalar("floor", 1, 1)
def _floor(value: object) -> object:
    return math.floor(number(value))


@define_scalar("log", 2, 2)
def _log(value: object, base: object) -> object:
    return number(math.log(number(value), number(base)))


@define_scalar("pow", 2, 2)
def _pow(value: object, exponent: object) -> object:
    base, power = number(value), number(exponent)
    if abs(power) > 1000 or abs(base) > 1e6:  # noqa: PLR2004  # no configuration needs more
        raise TooLarge
    return number(base**power)


@define_scalar("signum", 1, 1)
def _signum(value: object) -> object:
    found = number(value)
    return (found > 0) - (found < 0)


@define_scalar("parseint", 2, 2)
def _parse_int(value: str, base: object) -> object:
    if len(as_text(value)) > 100:  # noqa: PLR2004  # no number that anybody means
        raise TooLarge
    return int(as_text(value), as_whole(base))


@define("max", 1)
def _max(arguments: Sequence[Term]) -> Term:
    return Term(max(number(plain(a)) for a in arguments), decisions=decisions_of(arguments))


@define("min", 1)
def _min(arguments: Sequence[Term]) -> Term:
    return Term(min(number(plain(a)) for a in arguments), decisions=decisions_of(arguments))


@define("sum", 1, 1)
def _sum(arguments: Sequence[Term]) -> Term:
    items = items_of(arguments[0])
    if not items:
        raise Refused("sum wants at least one number")
    total = number(sum(number(plain(i)) for i in items))
    return Term(total, decisions=decisions_within(arguments))
