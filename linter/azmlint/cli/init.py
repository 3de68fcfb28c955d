"""`azmlint init`: write a commented configuration."""

from __future__ import annotations

from pathlib import Path

import click

from azmlint.config import FILE_NAME
from azmlint.engine.fix import write
from azmlint.engine.init import guess
from azmlint.errors import ConfigError


@click.command("init", short_help="Write a commented configuration guessed from the files.")
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--stdout", "to_stdout", is_flag=True, help="Print it instead of writing a file.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(folder: str, *, to_stdout: bool, force: bool) -> None:
    """Write azmlint.toml into FOLDER, with workspaces and deployments guessed from its files."""
    root = Path(folder).resolve()
    text = guess(root)
    if to_stdout:
        click.echo(text, nl=False)
        return
    target = Path(folder) / FILE_NAME
    if target.exists() and not force:
        message = f"{target.name} is there already; --force replaces it"
        raise ConfigError(message)
    write(target, text.encode("utf-8", "backslashreplace"), may_be_new=True)
    click.echo(f"wrote {target.name}", err=True)
