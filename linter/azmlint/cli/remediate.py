"""`azmlint remediate`: turn the findings of an audit into ordered steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from azmlint.cli.options import LEVELS, configuration, day, words
from azmlint.engine import project, snapshots
from azmlint.engine.fix import write as write_file
from azmlint.report.escape import printable

if TYPE_CHECKING:
    from azmlint.engine.report import Report
    from azmlint.sources.snapshot import Snapshot


@click.group("remediate", short_help="Turn findings into ordered steps.")
def command() -> None:
    """Turn the findings of an audit into ordered steps; azmlint itself changes nothing."""


@command.command("plan", short_help="Order the commands that cure what is found.")
@configuration
@click.option(
    "--snapshot",
    "snapshot_files",
    multiple=True,
    required=True,
    metavar="FILE",
    help="What is deployed, as `azmlint snapshot` wrote it; repeatable.",
)
@click.option("--min-severity", type=click.Choice(LEVELS), help="The lowest severity cured.")
@click.option("--allow-recreate", is_flag=True, help="Take in what deletes something for good.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-o", "--output", "target", metavar="FILE", help="Write the plan as JSON, too.")
@click.option("--script", metavar="FILE", help="Write a shell script that runs the steps.")
@click.option(
    "--now", metavar="DATE", help="The day that decides what is past [default: the snapshot's]."
)
def plan(
    config: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pack: tuple[str, ...],
    snapshot_files: tuple[str, ...],
    min_severity: str | None,
    allow_recreate: bool,  # noqa: FBT001
    form: str,
    target: str | None,
    script: str | None,
    now: str | None,
) -> int:
    """Order the commands that cure the findings of an audit: locks away, changes, locks on items.

    Each step has its reason, its risk, the read that must still give what was recorded, the command
    that takes it back, the permission it takes, and what is found only after it. Exit codes: 0
    planned, 2 wrong usage or configuration, 3 planned with gaps: something could not be judged.
    """
    from azmlint.remediate import page  # noqa: PLC0415  # after click has read the options
    from azmlint.remediate import script as shell  # noqa: PLC0415
    from azmlint.remediate.plan import plan as make  # noqa: PLC0415

    rules = project.settle(Path.cwd(), Path(config) if config else None, pack)
    settings = rules.config.override(
        profile=profile, select=words(select), ignore=words(ignore), min_severity=min_severity
    )
    found = snapshots.load([Path(name) for name in snapshot_files])
    today = day(now) if now is not None else found.taken.date()
    chosen = rules._replace(config=settings)

    def judge(snapshot: Snapshot) -> Report:
        return project.audit(snapshot, chosen, project.ProjectContext(settings), today=today)

    report = judge(found)
    lowest = settings.min_severity
    made = make(report, found, judge, lowest=lowest, allow_recreate=allow_recreate)
    click.echo(page.FORMATS[form](made), nl=False)
    if target is not None:
        write_file(Path(target), page.FORMATS["json"](made).encode(), may_be_new=True)
    if script is not None:
        text = shell.write(made, Path(script).name)
        write_file(Path(script), text.encode("utf-8", "backslashreplace"), may_be_new=True)
    return _gaps(report)


def _gaps(report: Report) -> int:
    for failure in report.failures:
        where = printable(failure.path or failure.scope or "azmlint")
        click.echo(f"azmlint: {where}: {printable(failure.reason)}", err=True)
    return 0 if report.is_complete else 3
