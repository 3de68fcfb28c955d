"""`azmlint sizes`: what is known of VM sizes."""

from __future__ import annotations

from pathlib import Path

import click

from azmlint.cli.options import day
from azmlint.data.sizes import nearest_size
from azmlint.engine import project, snapshots
from azmlint.engine.fix import write as write_file
from azmlint.errors import SourceError
from azmlint.report import sizes as report
from azmlint.sources import vm_size
from azmlint.sources.snapshot import Snapshot

REFRESH = "refresh"


@click.command("sizes", short_help="Show what is known of VM sizes.")
@click.argument("size", required=False, metavar="[SIZE|refresh]")
@click.option("--region", metavar="REGION", help="As offered and retired in this region.")
@click.option(
    "--snapshot",
    "snapshot_files",
    multiple=True,
    metavar="FILE",
    help="What the service lists there counts before what azmlint ships; repeatable.",
)
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option("--format", "form", type=click.Choice([*report.FORMATS]), default="text")
@click.option("--now", metavar="DATE", help="The day that decides what is retired.")
@click.option("-o", "--output", "target", metavar="FILE", help="Where `refresh` writes to.")
@click.pass_context
def command(
    ctx: click.Context,
    size: str | None,
    region: str | None,
    snapshot_files: tuple[str, ...],
    config: str | None,
    form: str,
    now: str | None,
    target: str | None,
) -> int:
    """Show SIZE, or all sizes: quota family, vCPUs, memory, GPUs, retirement, and who says so.

    What nobody says is not known, which is not no. `refresh` writes what the service lists in
    a snapshot to a file for the key `sizes` of the configuration. Exit codes: 0 answered,
    2 wrong usage or unknown size, 3 a list was not read.
    """
    taken = snapshots.load([Path(name) for name in snapshot_files]) if snapshot_files else None
    if size == REFRESH:
        return _refresh(ctx, taken, target)
    if target is not None:
        message = f"--output is for `azmlint sizes {REFRESH}`"
        raise click.UsageError(message, ctx)
    place = "".join((region or "").split()).lower()
    rules = project.settle(Path.cwd(), Path(config) if config else None)
    known = vm_size.sizes(taken, project.stated_sizes(rules.config))
    if size is None:
        found = known.listed(known.subscription(place), place)
    else:
        one = known.find(size, known.subscription(place), place)
        if one is None:
            near = nearest_size(size)
            hint = f" Did you mean '{near}'?" if near else " `azmlint sizes` lists them."
            message = f"no list has a size '{size}'.{hint}"
            raise click.UsageError(message, ctx)
        found = [one]
    asked = report.Asked(tuple(found), place or None, day(now), is_one=size is not None)
    click.echo(report.write(form, asked), nl=False)
    for problem in known.problems:
        click.echo(f"azmlint: {problem}", err=True)
    return 3 if known.problems else 0


def _refresh(ctx: click.Context, taken: Snapshot | None, target: str | None) -> int:
    """Write the lists of a snapshot to a file that the configuration can name."""
    if taken is None or target is None:
        message = f"`azmlint sizes {REFRESH}` takes --snapshot FILE and --output FILE"
        raise click.UsageError(message, ctx)
    found = vm_size.sizes(taken, {})
    regions = vm_size.dump(taken)
    if not found.regions:
        message = "the snapshot holds no list of VM sizes: `azmlint snapshot` reads them"
        raise SourceError(message)
    write_file(Path(target), regions.encode("utf-8"), may_be_new=True)
    click.echo(f"azmlint: sizes of {', '.join(found.regions)} in {target}", err=True)
    for problem in found.problems:
        click.echo(f"azmlint: {problem}", err=True)
    return 3 if found.problems else 0
