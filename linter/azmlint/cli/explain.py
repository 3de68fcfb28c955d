"""`azmlint explain`: show a rule's page."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click

from azmlint.catalog import page
from azmlint.engine import packs, project
from azmlint.engine.own import OWN_RULES
from azmlint.engine.report import Failure
from azmlint.errors import PackError


@click.command("explain", short_help="Show a rule's page.")
@click.argument("rule")
@click.option("--config", metavar="FILE", help="Use this configuration file and no other.")
@click.option("--pack", multiple=True, metavar="MODULE", help="Load another rule pack.")
def command(rule: str, config: str | None, pack: tuple[str, ...]) -> None:
    """Show what RULE is about: why, examples, how safe its fix is, its options and sources."""
    rules = project.settle(Path.cwd(), Path(config) if config else None, pack)
    formerly = {old: e for e in rules.entries.values() for old in e.formerly}
    entry = rules.entries.get(rule) or formerly.get(rule)
    if rule in rules.policies:
        click.echo(rules.policies[rule].page(), nl=False)
        return
    if entry is not None:
        click.echo(_page(entry, rules.config.pack_seconds), nl=False)
        return
    info = OWN_RULES.get(rule)
    if info is not None:
        click.echo(info.help_markdown, nl=False)
        return
    members = [name for name, entry in rules.entries.items() if entry.family == rule]
    if members:
        click.echo(f"'{rule}' is a family of {len(members)} rules: {', '.join(members)}")
        return
    near = get_close_matches(rule, [*rules.entries, *OWN_RULES], 1)
    hint = f" Did you mean '{near[0]}'?" if near else " `azmlint rules` lists them."
    message = f"there is no rule '{rule}'.{hint}"
    raise click.UsageError(message)


def _page(entry: packs.Entry, seconds: float) -> str:
    if not entry.is_foreign:
        return page(packs.load(entry))
    from azmlint.engine.foreign import judge_apart  # noqa: PLC0415  # only for other packs

    found = judge_apart([entry], {}, None, None, seconds)
    for outcome in found.outcomes:
        if isinstance(outcome, Failure):
            raise PackError(outcome.reason)
    return found.pages[entry.name]()
