"""What commands that judge have in common: the gate, the formats, writing the report."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from azmlint.cli.options import LEVELS, chained
from azmlint.engine.report import Gate, exit_code
from azmlint.errors import SourceError
from azmlint.report import FORMATS, write
from azmlint.report.options import ReportOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.config import Config
    from azmlint.engine.report import Report

gate = chained(
    click.option(
        "--fail-on",
        type=click.Choice([*LEVELS, "none"]),
        help="The lowest severity that ends with exit code 1 [default: warning].",
    ),
    click.option(
        "--undecided",
        type=click.Choice(["note", "fail", "ignore"]),
        help="What an undecided result does: shown, exit code 3, or not shown.",
    ),
    click.option(
        "--fail-on-skip", is_flag=True, default=None, help="Exit 3 if anything is skipped."
    ),
    click.option(
        "--exit-zero", is_flag=True, help="Findings end with 0; an incomplete run with 3."
    ),
)
output_options = chained(
    click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text"),
    click.option(
        "--output", multiple=True, metavar="FORMAT=PATH", help="Write a report too; repeatable."
    ),
    click.option("--min-severity", type=click.Choice(LEVELS), help="The lowest severity shown."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
)


class Wanted(NamedTuple):
    """The reports that are asked for."""

    form: str
    """For standard output."""

    targets: Mapping[str, str]
    """Path by format."""

    no_color: bool = False


def gate_of(settings: Config, *, exit_zero: bool) -> Gate:
    """Say what turns a report into an exit code."""
    return Gate(settings.fail_on, settings.undecided == "fail", settings.fail_on_skip, exit_zero)


def publish(
    report: Report, settings: Config, wanted: Wanted, *, exit_zero: bool, is_shown: bool = True
) -> int:
    """Write the reports and give the exit code."""
    code = exit_code(report, gate_of(settings, exit_zero=exit_zero))
    is_terminal = sys.stdout.isatty() and not wanted.targets.get("-")
    options = ReportOptions(
        color=_has_color(no_color=wanted.no_color, is_terminal=is_terminal),
        min_severity=settings.min_severity,
        exit_code=code,
        show_undecided=settings.undecided != "ignore",
        root=str(settings.root),
    )
    if is_shown:
        click.echo(write(wanted.form, report, options), nl=False)
    for name, path in wanted.targets.items():
        _write_report(Path(path), write(name, report, options._replace(color=False)))
    return code


def targets_of(output: tuple[str, ...]) -> dict[str, str]:
    """Read `--output FORMAT=PATH`."""
    targets: dict[str, str] = {}
    for text in output:
        name, sign, path = text.partition("=")
        if not sign or name not in FORMATS or not path:
            message = f"'{text}' is not FORMAT=PATH; formats are {', '.join(sorted(FORMATS))}"
            raise click.BadParameter(message, param_hint="--output")
        targets[name] = path
    return targets


def _write_report(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        message = f"{path} is not written: {error.strerror or error}"
        raise SourceError(message) from None


def _has_color(*, no_color: bool, is_terminal: bool) -> bool:
    if no_color or os.environ.get("NO_COLOR"):
        return False
    return is_terminal or bool(os.environ.get("FORCE_COLOR"))
