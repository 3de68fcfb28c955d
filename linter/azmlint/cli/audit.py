"""`azmlint audit`: judge what is deployed, live or from a snapshot."""

from __future__ import annotations

import json
from pathlib import Path

import click

from azmlint.azure import custom_role
from azmlint.cli.live import (
    collect,
    live_of,
    open_reader,
    refuse_beside_snapshot,
    scopes,
    shard,
    sign_in,
    workspaces,
)
from azmlint.cli.options import configuration, day, words
from azmlint.cli.recording import recorder_of, recording
from azmlint.cli.reporting import Wanted, gate, gate_of, output_options, publish, targets_of
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
@scopes
@shard
@workspaces
@sign_in
@recording
@click.option(
    "--print-role",
    is_flag=True,
    help="Print the least role that the selected rules need, for `az role definition create`.",
)
@click.option("--no-ignores", is_flag=True, help="Show suppressed findings as findings.")
@click.option(
    "--now", metavar="DATE", help="The day that decides what is past [default: the snapshot's]."
)
@click.pass_context
def command(
    ctx: click.Context,
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
    split: bool,  # noqa: FBT001
    min_severity: str | None,
    no_color: bool,  # noqa: FBT001
    snapshot_files: tuple[str, ...],
    print_role: bool,  # noqa: FBT001
    no_ignores: bool,  # noqa: FBT001
    now: str | None,
) -> int:
    """Judge deployed workspaces, computes, locks and networks; nothing is changed.

    Without --snapshot Azure is read: all that the selected rules ask for, in all subscriptions that
    are visible, or those named.

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
    live = live_of(ctx)
    if print_role:
        role = custom_role(project.facets(rules), live.subscriptions)
        click.echo(json.dumps(role, indent=2))
        return 0
    if snapshot_files:
        refuse_beside_snapshot(ctx, live)
    recorder = recorder_of(ctx)
    with recorder:
        if snapshot_files:
            found = snapshots.load([Path(name) for name in snapshot_files])
        else:
            reader = open_reader(live)
            found = collect(reader, live, project.facets(rules))
            recorder.requests = reader.requests
        context = project.ProjectContext(rules.config)
        today = day(now) if now is not None else found.taken.date()
        report = project.audit(found, rules, context, today=today, no_ignores=no_ignores)
        recorder.keep(report, found, rules, gate_of(rules.config, exit_zero=exit_zero))
    wanted = Wanted(form, targets, no_color, split)
    code = publish(report, rules.config, wanted, exit_zero=exit_zero, past=recorder.past)
    return recorder.close(code)
