"""What words of a command say in the place of values: lists, maps, JSON, ids put together."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import joined
from azmlint.expressions.term import UNKNOWN, Object, Symbol, Term, unknown
from azmlint.expressions.truth import Reason
from azmlint.sources.shell_values import constant, pair, part_of, split_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from azmlint.expressions.term import Part
    from azmlint.location import Place
    from azmlint.sources.command_body import Argument
    from azmlint.sources.shell_values import Field

_TIME_SPAN: Final = re.compile(r"(?:(\d{1,4})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?")


def symbol_term(symbol: Symbol) -> Term:
    """Give the unknown that stands for a symbol."""
    return unknown("parameter", f"{symbol.text} is not known here", symbol)


def text_term(parts: tuple[Part, ...]) -> Term:
    """Give the text that known and unknown pieces make."""
    return joined([Term(p) if isinstance(p, str) else symbol_term(p) for p in parts])


def parsed(item: Field) -> Callable[[], Term]:
    """Read a value of `--set`, which may be written as JSON."""

    def value() -> Term:
        term = item.value()
        if isinstance(term.data, str) and term.data[:1] in "[{":
            try:
                return _of_json(json.loads(term.data), term.trace)
            except ValueError:
                return term
        if isinstance(term.data, str) and term.data.lower() in {"true", "false"}:
            flag = term.data.lower() == "true"
            return Term(flag, term.trace, decisions=term.decisions, is_literal=term.is_literal)
        return term

    return value


def argument_of(item: Field) -> Term:
    """Read what is given to a parameter; a text that is a number or a truth is taken for one."""
    term = parsed(item)()
    data = term.data
    if isinstance(data, str) and re.fullmatch(r"-?\d{1,18}", data):
        data = int(data)
    trace = tuple(p.as_role("argument") if p.role == "use" else p for p in term.trace)
    # What the template makes of it is no text of the script, so no fix changes it there.
    return Term(data, trace, reason=term.reason, parts=term.parts, decisions=term.decisions)


def _of_json(data: object, trace: tuple[Place, ...]) -> Term:
    if isinstance(data, dict):
        return Term(Object((str(k), _of_json(v, trace)) for k, v in data.items()), trace)
    if isinstance(data, list):
        return Term([_of_json(v, trace) for v in data], trace)
    return Term(data, trace)  # type: ignore[arg-type]  # a scalar


def map_of(argument: Argument) -> Callable[[], Term]:
    """Read words `name=value` as a map."""

    def value() -> Term:
        made = Object()
        for item in argument.values:
            name, inner = pair(item)
            if name is not None and inner is not None:
                made[name] = inner.value()
                made.keys_at[name] = Term(name, (item.place,), is_literal=True)
        return Term(made, (argument.values[0].place,))

    return value


def list_of(argument: Argument) -> Callable[[], Term]:
    """Read words as a list."""
    return lambda: Term([v.value() for v in argument.values], (argument.values[0].place,))


def delegated(argument: Argument) -> Callable[[], Term]:
    """Read names of services as a subnet's delegations."""

    def value() -> Term:
        rows = []
        for item in argument.values:
            term = item.value()
            inner = Object([("serviceName", term)])
            row = Object([("name", term), ("properties", Term(inner))])
            rows.append(Term(row, term.trace))
        return Term(rows, (argument.values[0].place,))

    return value


def wrapped(argument: Argument, name: str, inner: Callable[[Field], Term]) -> Callable[[], Term]:
    """Give words the shape of Resource Manager's list of objects."""

    def value() -> Term:
        rows = [(inner(item), item.place) for item in argument.values]
        made = [Term(Object([(name, term)]), (place,)) for term, place in rows]
        return Term(made, (argument.values[0].place,))

    return value


def comma_list(item: Field) -> Callable[[], Term]:
    """Read one word as a list with commas."""

    def value() -> Term:
        term = item.value()
        if not isinstance(term.data, str):
            rows = split_at(term, ",")
            return Term(rows, term.trace, decisions=term.decisions)
        rows = []
        start = 0
        for text in term.data.split(","):
            part = part_of(item, start, start + len(text)) if item.pieces and text else None
            inner = part.value() if part is not None else Term(text, term.trace)
            rows.append(inner if inner.data == text.strip() else Term(text.strip(), inner.trace))
            start += len(text) + 1
        return Term(rows, term.trace, decisions=term.decisions)

    return value


def time_span(item: Field) -> Callable[[], Term]:
    """Read a TimeSpan of PowerShell, such as `0:30:00`, as a duration of ISO 8601."""

    def value() -> Term:
        term = item.value()
        if not isinstance(term.data, str) or term.data[:1] in "Pp":
            return term
        match = _TIME_SPAN.fullmatch(term.data)
        if match is None:
            reason = Reason("invalid", f"'{term.data}' is no time of hours, minutes and seconds")
            return Term(UNKNOWN, term.trace, reason=reason, parts=(term.data,))
        days, hours, minutes, seconds = (int(n or 0) for n in match.groups())
        total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        return Term(f"PT{total}S", term.trace, decisions=term.decisions)

    return value


def given_in_json(item: Field) -> list[tuple[str, Callable[[], Term]]] | None:
    """Read arguments that are written as JSON, `{"name": {"value": 1}}`; None for anything else."""
    term = parsed(item)()
    if not isinstance(term.data, Object):
        return None
    inner = term.data.lookup("parameters")
    rows = inner.data if inner is not None and isinstance(inner.data, Object) else term.data
    found: list[tuple[str, Callable[[], Term]]] = []
    for name, row in rows.items():
        value = row.data.lookup("value") if isinstance(row.data, Object) else None
        if value is not None:
            found.append((name, constant(value)))
    return found
