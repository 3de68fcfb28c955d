"""`azmlint policy`: work with policy definitions."""

from __future__ import annotations

import json
from pathlib import Path

import click

from azmlint.cli.options import day
from azmlint.engine import policy_examples as examples
from azmlint.report.escape import printable


@click.group("policy", short_help="Try a policy definition on example resources.")
def command() -> None:
    """Work with Azure Policy definitions of your own, before they are assigned."""


@command.command("test", short_help="Try a definition on example resources.")
@click.argument("definition", type=click.Path(dir_okay=False))
@click.option(
    "--resource",
    "paths",
    multiple=True,
    required=True,
    metavar="PATH",
    type=click.Path(exists=True),
    help="An example, or a folder of some with an expected.txt; repeatable.",
)
@click.option(
    "--parameter",
    "arguments",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of a parameter, as JSON or as a plain text; repeatable.",
)
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option("--now", metavar="DATE", help="The day that utcNow() gives.")
def test(
    definition: str,
    paths: tuple[str, ...],
    arguments: tuple[str, ...],
    config: str | None,
    now: str | None,
) -> int:
    """Say of each example what DEFINITION does with it, and which condition decides.

    An example is a file that azmlint reads, or JSON of one or more resources as Azure answers
    them. A verdict is `compliant`, `undecided`, or the effect of a policy that catches the example.
    In a folder, `expected.txt` says what is expected: a line `FILE: VERDICT` for each resource.

    Exit codes: 0 as expected, or nothing is caught; 1 not as expected, or something is caught that
    nobody expected; 2 wrong usage or no definition; 3 a verdict is open that nobody expected, or
    there is none.
    """
    policy = examples.policy_of(Path(definition), dict(_argument(a) for a in arguments))
    if policy.why_not_judged is not None:
        click.echo(f"azmlint: nothing is caught: {policy.why_not_judged}", err=True)
    answer = examples.answer(
        policy, [Path(p) for p in paths], day(now), Path(config) if config else None
    )
    for tried in answer.tried:
        click.echo(printable(f"{tried.path}: {tried.verdict}: {tried.label}: {tried.why}"))
    for line in answer.differing:
        click.echo(printable(f"azmlint: {line}"), err=True)
    if not answer.tried:
        click.echo("azmlint: no example declares a resource", err=True)
        return 3
    if answer.is_expected:
        return 1 if answer.differing else 0
    if answer.is_open:
        return 3
    return 1 if answer.is_caught else 0


def _argument(text: str) -> tuple[str, object]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        message = f"'{text}' is no NAME=VALUE"
        raise click.BadParameter(message, param_hint="--parameter")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value
