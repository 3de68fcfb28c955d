"""`azmlint init`: write a commented configuration."""

from __future__ import annotations

from pathlib import Path

import click

from azmlint.config import FILE_NAME
from azmlint.engine.init import guess
from azmlint.errors import ConfigError, SourceError


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
    target = root / FILE_NAME
    if target.exists() and not force:
        message = f"{target.name} is there already; --force replaces it"
        raise ConfigError(message)
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"{target.name} is not written: {error.strerror or error}"
        raise SourceError(message) from None
    click.echo(f"wrote {target.name}", err=True)
