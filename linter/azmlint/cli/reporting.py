"""What commands that judge have in common: the gate, the formats, writing the report."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from azmlint.cli.options import LEVELS, chained, has_color
from azmlint.engine.fix import write as write_file
from azmlint.engine.report import Gate, exit_code
from azmlint.report import FORMATS, pieces, write_files
from azmlint.report.options import ReportOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.config import Config
    from azmlint.engine.report import Report, UndecidedPair
    from azmlint.report.options import Past

AUTO = "auto"
"""The format that goes by the CI system azmlint runs in."""

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
    click.option(
        "--format",
        "form",
        type=click.Choice(sorted((*FORMATS, AUTO))),
        default="text",
        help="For standard output; auto is that of the CI system it runs in [default: text].",
    ),
    click.option(
        "--output", multiple=True, metavar="FORMAT=PATH", help="Write a report too; repeatable."
    ),
    click.option(
        "--split",
        is_flag=True,
        help="Write what has no room in one upload of sarif-github to further ones.",
    ),
    click.option("--min-severity", type=click.Choice(LEVELS), help="The lowest severity shown."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
)


class Wanted(NamedTuple):
    """The reports that are asked for."""

    form: str
    """For standard output."""

    targets: Sequence[tuple[str, str]]
    """Formats and paths."""

    no_color: bool = False
    split: bool = False


def gate_of(settings: Config, *, exit_zero: bool) -> Gate:
    """Say what turns a report into an exit code."""
    return Gate(settings.fail_on, settings.undecided == "fail", settings.fail_on_skip, exit_zero)


def publish(
    report: Report,
    settings: Config,
    wanted: Wanted,
    *,
    exit_zero: bool,
    is_shown: bool = True,
    is_aside: bool = False,
    past: Past | None = None,
) -> int:
    """Write the reports and give the exit code; with `is_aside` to standard error."""
    code = exit_code(report, gate_of(settings, exit_zero=exit_zero))
    options = ReportOptions(
        color=not wanted.no_color and has_color(sys.stderr if is_aside else sys.stdout),
        min_severity=settings.min_severity,
        exit_code=code,
        show_undecided=settings.undecided != "ignore",
        root=str(settings.root),
        past=past,
        split=wanted.split,
    )
    if "json" in {wanted.form, *(name for name, _ in wanted.targets)}:
        report.undecided = [_with_permission(pair) for pair in report.undecided]
    if is_shown:
        form = wanted.form
        if form == AUTO:
            from azmlint.cli import ci  # noqa: PLC0415  # only when asked for

            around = ci.surroundings(os.environ)
            form = around.form
            ci.publish_summary(report, options._replace(color=False), around)
        for text in pieces(form, report, options):
            click.echo(text, nl=False, err=is_aside, color=options.color)
    for name, path in wanted.targets:
        texts = write_files(name, report, options._replace(color=False))
        for number, text in enumerate(texts, 1):
            target = _numbered(Path(path), number)
            write_file(target, text.encode("utf-8", "backslashreplace"), may_be_new=True)
            if number > 1:
                click.echo(f"azmlint: {target} goes with {path}", err=True)
    return code


def _with_permission(pair: UndecidedPair) -> UndecidedPair:
    """Say what it takes to read the facet that is missing."""
    need = pair.need
    if need is None or need.permission:
        return pair
    from azmlint.azure import asking  # noqa: PLC0415  # few results are undecided for want of a read

    question = asking(need.facet, need.scope or "/")
    return (
        pair
        if question is None
        else pair._replace(need=need._replace(permission=question.call.permission))
    )


def _numbered(path: Path, number: int) -> Path:
    return path if number == 1 else path.with_name(f"{path.stem}.{number}{path.suffix}")


def targets_of(output: tuple[str, ...]) -> list[tuple[str, str]]:
    """Read `--output FORMAT=PATH`."""
    targets: list[tuple[str, str]] = []
    for text in output:
        name, sign, path = text.partition("=")
        if not sign or name not in FORMATS or not path:
            message = f"'{text}' is not FORMAT=PATH; formats are {', '.join(sorted(FORMATS))}"
            raise click.BadParameter(message, param_hint="--output")
        if path == "-":
            message = f"'{text}': standard output takes the report of --format"
            raise click.BadParameter(message, param_hint="--output")
        if any(Path(path).resolve() == Path(other).resolve() for _, other in targets):
            message = f"'{path}' is named twice, so one report would replace the other"
            raise click.BadParameter(message, param_hint="--output")
        targets.append((name, path))
    return targets
