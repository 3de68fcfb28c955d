"""`azmlint snapshot`: write down what is deployed, and join what was written."""

from __future__ import annotations

from pathlib import Path

import click

from azmlint.engine import snapshots
from azmlint.engine.fix import write as write_file
from azmlint.sources import snapshot


@click.group("snapshot", short_help="Write down what is deployed, for audits without Azure.")
def command() -> None:
    """Write down what is deployed, for audits without Azure."""


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


def write(found: snapshot.Snapshot, target: Path) -> int:
    """Write a snapshot in one step and say what it holds; the exit code is 3 if it has gaps."""
    write_file(target, snapshots.packed(snapshot.dump(found), target), may_be_new=True)
    gaps = [a for a in found.answers if a.state != "collected"]
    items = sum(len(a.items) for a in found.answers)
    click.echo(f"azmlint: {items} answers of {len(found.answers)} reads in {target}", err=True)
    for answer in gaps:
        click.echo(f"azmlint: {answer.facet} of {answer.scope}: {answer.reason}", err=True)
    return 3 if gaps else 0
