"""`azmlint audit`: judge what is deployed, live or from a snapshot."""

from __future__ import annotations

from pathlib import Path

import click

from azmlint.cli.options import configuration, day, words
from azmlint.cli.reporting import Wanted, gate, output_options, publish, targets_of
from azmlint.engine import project, snapshots


@click.command("audit", short_help="Judge what is deployed, live or from a snapshot.")
@configuration
@gate
@output_options
@click.option(
    "--snapshot",
    "snapshot_files",
    multiple=True,
    metavar="FILE",
    help="Judge this snapshot and ask Azure nothing; repeatable.",
)
@click.option("--no-ignores", is_flag=True, help="Show suppressed findings as findings.")
@click.option(
    "--now", metavar="DATE", help="The day that decides what is past [default: the snapshot's]."
)
def command(
    config: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pack: tuple[str, ...],
    fail_on: str | None,
    undecided: str | None,
    fail_on_skip: bool | None,  # noqa: FBT001
    exit_zero: bool,  # noqa: FBT001
    form: str,
    output: tuple[str, ...],
    min_severity: str | None,
    no_color: bool,  # noqa: FBT001
    snapshot_files: tuple[str, ...],
    no_ignores: bool,  # noqa: FBT001
    now: str | None,
) -> int:
    """Judge deployed workspaces, computes, locks and networks.

    Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 incomplete: something could
    not be read.
    """
    targets = targets_of(output)
    rules = project.settle(Path.cwd(), Path(config) if config else None, pack)
    rules = rules._replace(
        config=rules.config.override(
            profile=profile,
            select=words(select),
            ignore=words(ignore),
            fail_on=fail_on,
            min_severity=min_severity,
            undecided=undecided,
            fail_on_skip=fail_on_skip,
        )
    )
    found = snapshots.load([Path(name) for name in snapshot_files])
    context = project.ProjectContext(rules.config)
    today = day(now) if now is not None else found.taken.date()
    report = project.audit(found, rules, context, today=today, no_ignores=no_ignores)
    return publish(report, rules.config, Wanted(form, targets, no_color), exit_zero=exit_zero)
