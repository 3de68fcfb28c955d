"""Spans of time in a Python program: `datetime.timedelta`, of which the seconds are worked out."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import NotWorkedOut
from azmlint.expressions.term import Term
from azmlint.sources import python_operations as operations
from azmlint.sources.python_values import Made, Thing

if TYPE_CHECKING:
    import ast

    from azmlint.location import Place
    from azmlint.sources.python_course import Arguments
    from azmlint.sources.python_expression import Expressions

KIND: Final = "datetime.timedelta"
_UNITS: Final = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
_PARTS: Final = frozenset({"days", "seconds", "microseconds"})


def call(program: Expressions, name: str, given: Arguments, node: ast.Call) -> Thing | None:
    """Make a span of time; None for any other call and for one that is not known."""
    if name != KIND or given.rest is not None:
        return None
    bound = given.bind(_UNITS)
    names, trace = list(bound), (program.place(node),)

    def work(things: list[Thing]) -> Thing:
        try:
            units = {n: _number(t) for n, t in zip(names, things, strict=True)}
            return _made(dt.timedelta(**units), trace)
        except NotWorkedOut:
            return operations.not_known("timedelta", things, trace)
        except (OverflowError, TypeError, ValueError) as error:
            raise NotWorkedOut from error

    return program.combined([a.thing for a in bound.values()], work)


def method(of: Thing, name: str, place: Place) -> Thing | None:
    """Call a method of a span of time; None for anything else."""
    if not isinstance(of, Made) or of.kind != KIND or name != "total_seconds":
        return None
    return Term(operations.plain(of.attributes[""]), (place,))


def attribute(of: Made, name: str, place: Place) -> Thing | None:
    """Give a part of a span of time; None for anything else."""
    if of.kind != KIND or name not in _PARTS:
        return None
    return Term(getattr(_span(of), name), (place,))


def operated(name: str, left: Thing, right: Thing, trace: tuple[Place, ...]) -> Thing | None:
    """Reckon with spans of time; None where neither is one."""
    if not any(isinstance(t, Made) and t.kind == KIND for t in (left, right)):
        return None
    work = operations.OPERATORS.get(name)
    if work is None:
        return None
    try:
        made = work(_operand(left), _operand(right))
    except (ArithmeticError, TypeError, ValueError) as error:
        raise NotWorkedOut from error
    return _made(made, trace) if isinstance(made, dt.timedelta) else Term(made, trace)


def _operand(thing: Thing) -> object:
    is_span = isinstance(thing, Made) and thing.kind == KIND
    return _span(thing) if is_span and isinstance(thing, Made) else operations.plain(thing)


def _span(of: Made) -> dt.timedelta:
    return dt.timedelta(seconds=_number(of.attributes[""]))


def _made(span: dt.timedelta, trace: tuple[Place, ...]) -> Made:
    seconds = span.total_seconds()
    whole = int(seconds) if seconds == int(seconds) else seconds
    return Made(KIND, {"": Term(whole, trace)}, trace)


def _number(thing: Thing) -> float:
    data = operations.plain(thing)
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        raise NotWorkedOut
    return data
