"""`azmlint diagnose`: why a deployed compute is in the state that it is in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from azmlint.cli.options import has_color
from azmlint.engine import diagnose, project, snapshots
from azmlint.report import diagnosis
from azmlint.report.options import ReportOptions


@click.command("diagnose", short_help="Say why a deployed compute is stuck.")
@click.argument("target", metavar="WORKSPACE/COMPUTE")
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option(
    "--snapshot",
    "snapshot_files",
    multiple=True,
    metavar="FILE",
    help="Read this snapshot and ask Azure nothing; repeatable.",
)
@click.option("--format", "form", type=click.Choice(sorted(diagnosis.FORMATS)), default="text")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
def command(
    target: str, config: str | None, snapshot_files: tuple[str, ...], form: str, *, no_color: bool
) -> int:
    """Say what is wrong with a compute, why, and what cures it.

    Causes come with their evidence, from the cause to the compute. Exit codes: 0 answered,
    2 wrong usage, 3 answered with gaps.
    """
    rules = project.settle(Path.cwd(), Path(config) if config else None)
    rules = rules._replace(config=rules.config.override(profile="strict", select=(), ignore=()))
    found = snapshots.load([Path(name) for name in snapshot_files])
    diagnose.find(found, target)
    context = project.ProjectContext(rules.config)
    report = project.audit(found, rules, context, today=found.taken.date(), no_ignores=True)
    answer = diagnose.diagnose(found, target, report, rules.entries)
    code = 0 if answer.is_complete else 3
    color = not no_color and has_color(sys.stdout)
    options = ReportOptions(color=color, exit_code=code)
    click.echo(diagnosis.write(form, answer, options), nl=False)
    return code
