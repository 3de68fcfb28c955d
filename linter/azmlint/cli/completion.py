"""`azmlint completion`: shell completion."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

_SHELLS = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}


@click.command("completion", short_help="Print the shell code that completes commands.")
@click.argument("shell", type=click.Choice(sorted(_SHELLS)))
def command(shell: str) -> None:
    """Print code for SHELL: `eval "$(azmlint completion bash)"`."""
    root = click.get_current_context().find_root().command
    click.echo(_SHELLS[shell](root, {}, "azmlint", "_AZMLINT_COMPLETE").source())
