"""Terraform's conversions between types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azmlint.expressions.arm_values import Refused
from azmlint.expressions.hcl_values import (
    as_set,
    as_string,
    as_text,
    converted,
    define,
    items_of,
    list_of,
    map_of,
    members_of,
    number,
    tobool,
)
from azmlint.expressions.term import Object, Term

if TYPE_CHECKING:
    from collections.abc import Sequence


@define("tobool", 1, 1)
def _to_bool(arguments: Sequence[Term]) -> Term:
    return converted(arguments[0], tobool)


@define("tonumber", 1, 1)
def _to_number(arguments: Sequence[Term]) -> Term:
    return converted(arguments[0], number)


@define("tostring", 1, 1)
def _to_string(arguments: Sequence[Term]) -> Term:
    return converted(arguments[0], as_text)


@define("tolist", 1, 1)
def _to_list(arguments: Sequence[Term]) -> Term:
    given = arguments[0]
    return given if given.data is None else list_of(list(items_of(given)), arguments)


@define("toset", 1, 1)
def _to_set(arguments: Sequence[Term]) -> Term:
    return (
        arguments[0]
        if arguments[0].data is None
        else list_of(as_set(items_of(arguments[0])), arguments)
    )


@define("tomap", 1, 1)
def _to_map(arguments: Sequence[Term]) -> Term:
    if arguments[0].data is not None:
        members_of(arguments[0])
    return arguments[0]


def _same(arguments: Sequence[Term]) -> Term:
    return arguments[0]


for _name in ("sensitive", "nonsensitive", "ephemeralasnull"):
    define(_name, 1, 1)(_same)


@define("list", 0)
def _list(arguments: Sequence[Term]) -> Term:
    return list_of(arguments, arguments)


@define("map", 0)
def _map(arguments: Sequence[Term]) -> Term:
    if len(arguments) % 2:
        raise Refused("map wants names and values by turns")
    pairs = zip(arguments[::2], arguments[1::2], strict=True)
    return map_of(Object((as_string(n), v) for n, v in pairs), arguments)
