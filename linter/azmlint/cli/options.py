"""The options that commands share, and how their words are read."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from azmlint.engine.gather import today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

F = TypeVar("F", bound="Callable[..., Any]")

LEVELS = ("error", "warning", "note")


def chained(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Apply several options at once, in the order given."""

    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


configuration = chained(
    click.option("--config", metavar="FILE", help="Use this configuration file and no other."),
    click.option(
        "--profile",
        type=click.Choice(["default", "strict"]),
        help="Which notes are reported: the important ones, or all.",
    ),
    click.option(
        "--select", multiple=True, metavar="RULE|FAMILY", help="Run only these; repeatable."
    ),
    click.option(
        "--ignore", multiple=True, metavar="RULE|FAMILY", help="Do not run these; repeatable."
    ),
    click.option("--pack", multiple=True, metavar="MODULE", help="Load another rule pack."),
)


def words(values: Iterable[str]) -> tuple[str, ...]:
    """Split words that may be joined by commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def has_color(stream: TextIO) -> bool:
    """Whether a stream shows colours: a terminal does, and the environment may say otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def day(text: str | None) -> dt.date:
    """Read `--now`; without it, today."""
    if text is None:
        return today()
    try:
        return dt.datetime.fromisoformat(text).date()
    except ValueError:
        message = f"'{text}' is no date; write it as 2026-12-31"
        raise click.BadParameter(message, param_hint="--now") from None
