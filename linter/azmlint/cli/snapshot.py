"""`azmlint snapshot`: write down what is deployed, and join what was written."""

from __future__ import annotations

from pathlib import Path

import click

from azmlint.cli.live import collect, live_of, open_reader, scopes, shard, sign_in, workspaces
from azmlint.cli.options import configuration, words
from azmlint.engine import project, snapshots
from azmlint.engine.fix import write as write_file
from azmlint.errors import ConfigError
from azmlint.sources import snapshot


@click.group(
    "snapshot",
    short_help="Write down what is deployed, for audits without Azure.",
    invoke_without_command=True,
)
@configuration
@scopes
@shard
@workspaces
@sign_in
@click.option("-o", "--output", "target", metavar="FILE", help="Where to; `.gz` packs it.")
@click.option(
    "--mask",
    "is_masked",
    is_flag=True,
    help="Replace ids of subscriptions and principals, and names, the same way everywhere.",
)
@click.pass_context
def command(
    ctx: click.Context,
    config: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pack: tuple[str, ...],
    target: str | None,
    *,
    is_masked: bool,
) -> int:
    """Read what is deployed and write it down, for audits without Azure; nothing is changed.

    It holds what the selected rules ask for, by default what all rules do, without secrets and
    e-mail addresses. Exit codes: 0 complete, 2 wrong usage, 3 written with gaps, which are named.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    if target is None:
        message = "say where to write it with --output FILE"
        raise click.UsageError(message, ctx)
    rules = project.settle(Path.cwd(), Path(config) if config else None, pack)
    settings = rules.config.override(
        profile=profile or "strict", select=words(select), ignore=words(ignore)
    )
    live = live_of(ctx)
    if Path(target).is_dir() or not Path(target).parent.is_dir():
        # Said before an hour of reading, not after it.
        message = f"{target} cannot be written: there is no such folder, or it is one itself"
        raise ConfigError(message)
    found = collect(open_reader(live), live, project.facets(rules._replace(config=settings)))
    return write(_masked(found) if is_masked else found, Path(target))


@command.command("merge")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-o", "--output", "target", required=True, metavar="FILE", help="Where to; `.gz` packs it."
)
def merge(files: tuple[str, ...], target: str) -> int:
    """Join snapshots: shards of one estate, or a run repeated after an interruption.

    Of two answers to one question the complete one counts, else the later. Exit codes: 0 the
    result is complete, 3 it has gaps.
    """
    found = snapshots.load([Path(name) for name in files])
    return write(found, Path(target))


@command.command("mask")
@click.argument("file", metavar="FILE")
@click.option(
    "-o", "--output", "target", required=True, metavar="FILE", help="Where to; `.gz` packs it."
)
def mask(file: str, target: str) -> int:
    """Replace ids of subscriptions and principals, and names, the same way everywhere.

    An audit of the result finds the same. Exit codes: 0 the snapshot is complete, 3 it has gaps.
    """
    return write(_masked(snapshots.load([Path(file)])), Path(target))


def _masked(found: snapshot.Snapshot) -> snapshot.Snapshot:
    from azmlint.sources.mask import mask as masked  # noqa: PLC0415  # only when asked for

    return masked(found)


def write(found: snapshot.Snapshot, target: Path) -> int:
    """Write a snapshot in one step and say what it holds; the exit code is 3 if it has gaps."""
    write_file(target, snapshots.packed(snapshot.dump(found), target), may_be_new=True)
    gaps = [a for a in found.answers if a.state != "collected"]
    items = sum(len(a.items) for a in found.answers)
    click.echo(f"azmlint: {items} items of {len(found.answers)} reads in {target}", err=True)
    for answer in gaps:
        click.echo(f"azmlint: {answer.facet} of {answer.scope}: {answer.reason}", err=True)
    return 3 if gaps else 0
