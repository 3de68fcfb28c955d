"""`azmlint completion`: shell completion."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion", short_help="Print the shell code that completes commands.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print code for SHELL: `eval "$(azmlint completion bash)"`."""
    found = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    if found is None:
        message = f"{shell} is not supported by the installed click"
        raise click.UsageError(message)
    click.echo(found(root, {}, "azmlint", "_AZMLINT_COMPLETE").source())
