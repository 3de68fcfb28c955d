"""The command line; each command loads when it is called."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import redirect_stdout, suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERNAL = 3
"""The exit code of a failure of azmlint itself."""

_COMMANDS = {
    "audit": "Judge what is deployed, live or from a snapshot.",
    "baseline": "Accept the findings that are there today.",
    "capacity": "Say how far clusters get under their quotas.",
    "check": "Find problems in files, and fix them.",
    "completion": "Print the shell code that completes azmlint's commands.",
    "diagnose": "Say why a deployed compute is stuck.",
    "explain": "Show a rule's page.",
    "graph": "Draw how the resources of files relate.",
    "history": "Show what audits found before.",
    "init": "Write a commented configuration guessed from the files.",
    "remediate": "Turn findings into ordered steps.",
    "rules": "List the rules.",
    "sizes": "Show what is known of VM sizes.",
    "snapshot": "Write down what is deployed, for audits without Azure.",
    "show": "Show what azmlint reads in a file, value by value.",
    "policy": "Try a policy definition on example resources.",
}


class _LazyGroup(click.Group):
    """A group of which the commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's interface
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            if ctx.resilient_parsing:
                return None
            from difflib import get_close_matches  # noqa: PLC0415  # only for a mistyped command

            near = get_close_matches(cmd_name, _COMMANDS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{cmd_name}'.{hint}")
        found: click.Command = import_module(f"azmlint.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if not value or ctx.resilient_parsing:
        return
    click.echo(f"azmlint {__version__} (packs: azmlint_rules {__version__})")
    ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and the rule packs.",
)
@click.option("--verbose", is_flag=True, help="Show the traceback of an internal failure.")
@click.pass_context
def azmlint(ctx: click.Context, *, verbose: bool) -> None:
    """Find what stops Azure Machine Learning clusters and what costs money, and fix it."""
    ctx.obj = {"verbose": verbose}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; the only place that ends the process."""
    # NOTE: A run keeps nearly all that it makes; looking for garbage costs more than it frees.
    gc.set_threshold(200_000, 20, 100)
    code = run(arguments)
    # NOTE: To take apart all that a run has made takes a sixth of a small one and serves nobody.
    # What is due at the end, such as saving what coverage measured, is done.
    atexit._run_exitfuncs()  # noqa: SLF001  # there is no other name for it
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit code.

    NOTE: Python ends with 1 on an uncaught exception, and 1 means findings here; so everything
    is caught.
    """
    if sys.stdout is None:
        # Where there is no stream, nothing is said.
        with open(os.devnull, "w", encoding="utf-8") as nothing, redirect_stdout(nothing):  # noqa: PTH123
            return run(arguments)
    words = list(sys.argv[1:] if arguments is None else arguments)
    _print_anything()
    try:
        code = azmlint.main(args=words, prog_name="azmlint", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("azmlint: interrupted", err=True)
        return INTERNAL
    except SystemExit as ending:
        # click ends the process itself: after shell completion, and with 1 on a broken pipe.
        is_completion = "_AZMLINT_COMPLETE" in os.environ and isinstance(ending.code, int)
        return int(ending.code or 0) if is_completion else _unheard()
    except BrokenPipeError:
        return _unheard()
    except Exception as error:  # noqa: BLE001  # see the docstring
        return _failed(error, is_verbose="--verbose" in words)
    return code if isinstance(code, int) else 0


def _print_anything() -> None:
    """Spell characters that a stream's encoding lacks as escapes, instead of failing on them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _unheard() -> int:
    """End because the reader of the output went away: what was asked for is not complete."""
    with suppress(OSError, ValueError, AttributeError):
        # Python would complain when it flushes standard output at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return INTERNAL


def _failed(error: Exception, *, is_verbose: bool) -> int:
    from azmlint.errors import AzmlintError  # noqa: PLC0415  # only when something went wrong

    if isinstance(error, AzmlintError):
        for line in str(error).splitlines():
            click.echo(f"azmlint: {_shown(line)}", err=True)
        return error.exit_code
    if is_verbose:
        import traceback  # noqa: PLC0415

        for line in "".join(traceback.format_exception(error)).splitlines():
            click.echo(_shown(line), err=True)
    text = _shown(f"{type(error).__name__}: {error}".splitlines()[0])
    click.echo(f"azmlint: internal failure: {text} (azmlint --verbose ... shows where)", err=True)
    return INTERNAL


def _shown(line: str) -> str:
    """Give a line that may quote any file, without what is a secret by its form."""
    from azmlint.report.escape import printable  # noqa: PLC0415  # only when something went wrong
    from azmlint.sources.scrub import hidden  # noqa: PLC0415

    return printable(hidden(line))
