"""`azmlint rules`: list the rules."""

from __future__ import annotations

import json
from pathlib import Path

import click

from azmlint.catalog import inputs
from azmlint.cli.options import configuration, words
from azmlint.engine import packs, project
from azmlint.engine.own import OWN_RULES
from azmlint.finding import Severity
from azmlint.model.resources import KINDS


@click.command("rules", short_help="List the rules.")
@configuration
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(
    config: str | None,
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    pack: tuple[str, ...],
    form: str,
) -> None:
    """List the rules that a profile runs, and what each is about."""
    rules = project.settle(Path.cwd(), Path(config) if config else None, pack)
    chosen = rules.config.override(profile=profile, select=words(select), ignore=words(ignore))
    entries = project.selection(rules._replace(config=chosen)).rules
    enabled = {entry.pack for entry in rules.entries.values()}
    offered = {pack: who for pack, who in packs.installed().items() if pack not in enabled}
    if form == "text":
        wide = max((len(name) for name in entries), default=0)
        room = max((len(entry.family) for entry in entries.values()), default=0)
        for name, entry in entries.items():
            level = entry.severity.level
            click.echo(f"{name:{wide}}  {entry.family:{room}}  {level:7}  {entry.summary}")
        for name, who in offered.items():
            click.echo(f"azmlint: {who} is installed; --pack {name} adds its rules", err=True)
        return
    notes = project.DEFAULT_NOTES | set(chosen.default_notes)
    kinds = {kind.__name__: kind for kind in KINDS}
    rows = []
    for name, entry in entries.items():
        in_default = entry.severity > Severity.NOTE or name in notes
        rows.append(
            {
                "name": name,
                "family": entry.family,
                "severity": entry.severity.level,
                "profile": "default" if in_default else "strict",
                "summary": entry.summary,
                "fix_kinds": list(entry.fixes),
                "facets": list(entry.needs),
                "inputs": inputs(kinds[entry.kind]) if entry.kind in kinds else [],
                "options": [
                    {
                        "name": o.name,
                        "type": o.type_name,
                        "default": o.default,
                        "description": o.description,
                    }
                    for o in entry.options
                ],
                "help_uri": entry.help_uri,
                "pack": entry.pack,
            }
        )
    own = [
        {"name": i.name, "severity": i.severity.level, "summary": i.summary}
        for i in OWN_RULES.values()
    ]
    listed = [{"pack": name, "distribution": who} for name, who in offered.items()]
    data = {"version": 1, "rules": rows, "engine": own, "packs_not_enabled": listed}
    click.echo(json.dumps(data, indent=2))
