"""`azmlint history`: what audits found before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from azmlint.cli.options import LEVELS
from azmlint.cli.recording import database, open_history
from azmlint.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azmlint.history.lifecycle import Known
    from azmlint.history.store import History

_text_or_json = click.option(
    "--format", "form", type=click.Choice(["json", "text"]), default="text"
)


@click.group("history", short_help="Show what audits found before.")
def command() -> None:
    """Show what audits found before, from the database that `audit --history` writes.

    Exit codes: 0 shown, 2 wrong usage, 3 the database cannot be read.
    """


def _opened(where: str | None) -> History:
    if not where:
        message = "name the database with --history FILE|URL"
        raise click.UsageError(message)
    return open_history(where, must_exist=True)


@command.command("list")
@database
@click.option("--limit", type=click.IntRange(min=1), default=20, help="How many, the last ones.")
@_text_or_json
def list_(where: str | None, limit: int, form: str) -> int:
    """List audits: what each found, and how many findings it changed."""
    history = _opened(where)
    from azmlint.history import page  # noqa: PLC0415  # once it is known that there is a history

    runs = history.runs()[-limit:]
    as_data = form == "json"
    text = page.as_json(runs=[page.run_data(r) for r in runs]) if as_data else page.runs_text(runs)
    click.echo(text, nl=False)
    return 0


@command.command("show")
@database
@click.argument("which", required=False, metavar="[RUN|FINGERPRINT]")
@_text_or_json
def show(where: str | None, which: str | None, form: str) -> int:
    """Tell what an audit changed, by default the last one, or the life of one finding.

    A finding is named by the beginning of its fingerprint, at least 6 characters.
    """
    history = _opened(where)
    from azmlint.history import page  # noqa: PLC0415  # once it is known that there is a history

    runs, findings, happenings = history.runs(), history.findings(), history.happenings()
    is_run = which is None or (which.isdigit() and len(which) < _SHORTEST_PRINT)
    if not is_run:
        known = _named(which or "", findings)
        own = [h for h in happenings if h.fingerprint == known.row.fingerprint]
        told = page.finding_text(known, own)
        data = {"finding": page.finding_data(known)}
    else:
        run = next((r for r in reversed(runs) if which is None or r.id == int(which)), None)
        if run is None:
            message = "the history holds no audit" if which is None else f"there is no run {which}"
            raise ConfigError(message)
        own = [h for h in happenings if h.run == run.id]
        by_print = {k.row.fingerprint: k for k in findings}
        changes = [(h.kind, by_print[h.fingerprint]) for h in own]
        told = page.run_text(run, changes)
        data = {"run": page.run_data(run)}
        data["findings"] = [page.finding_data(k) for _, k in changes]  # type: ignore[assignment]  # a list beside an object
    if form == "json":
        told = page.as_json(**data, events=[page.happening_data(h) for h in own])
    click.echo(told, nl=False)
    return 0


_SHORTEST_PRINT = 6


def _named(start: str, findings: Iterable[Known]) -> Known:
    found = [k for k in findings if k.row.fingerprint.startswith(start.lower())]
    if len(start) < _SHORTEST_PRINT or not found:
        message = f"'{start}' is neither a run nor the beginning of a known fingerprint"
        raise ConfigError(message)
    if len(found) > 1:
        message = f"'{start}' begins {len(found)} fingerprints: write more of it"
        raise ConfigError(message)
    return found[0]


@command.command("trend")
@database
@click.option("--rule", "rules", multiple=True, metavar="RULE|FAMILY", help="Only of these.")
@click.option("--workspace", metavar="ID|NAME", help="Only of this workspace.")
@click.option("--min-severity", type=click.Choice(LEVELS), default="note", help="The lowest shown.")
@click.option("--format", "form", type=click.Choice(["json", "svg", "text"]), default="text")
def trend(
    where: str | None, rules: tuple[str, ...], workspace: str | None, min_severity: str, form: str
) -> int:
    """Show how many findings were open after each audit."""
    history = _opened(where)
    from azmlint.history import chart, page  # noqa: PLC0415  # see list_
    from azmlint.history import trend as reckoning  # noqa: PLC0415

    findings = [
        k
        for k in history.findings()
        if LEVELS.index(k.row.severity) <= LEVELS.index(min_severity)
        and (not rules or {k.row.rule, k.row.family}.intersection(rules))
        and (workspace is None or _is_in(k.row.workspace, workspace))
    ]
    points = reckoning.trend(history.runs(), history.happenings(), findings)
    if form == "svg":
        about = ", ".join([*rules, *([workspace] if workspace else [])])
        text = chart.svg(points, f"Open findings{f': {about}' if about else ''}")
    elif form == "json":
        text = page.as_json(points=[{**p._asdict(), "total": p.total} for p in points])
    else:
        text = page.trend_text(points, is_ascii=not _can_draw())
    click.echo(text, nl=False)
    return 0


def _is_in(known: str, workspace: str) -> bool:
    wanted = workspace.casefold().rstrip("/")
    return wanted in {known, known.rpartition("/")[2]}


def _can_draw() -> bool:
    try:
        "▁".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@command.command("export")
@database
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["open", "accepted", "fixed"]),
    help="Only findings that are so; repeatable.",
)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="json")
def export(where: str | None, statuses: tuple[str, ...], form: str) -> int:
    """Write all findings with their first and last day; as JSON also audits and changes."""
    history = _opened(where)
    from azmlint.history import page  # noqa: PLC0415  # see list_

    findings = [k for k in history.findings() if not statuses or k.status.value in statuses]
    if form == "csv":
        text = page.as_csv(findings)
    else:
        names = {k.row.fingerprint for k in findings}
        text = page.as_json(
            findings=[page.finding_data(k) for k in findings],
            runs=[page.run_data(r) for r in history.runs()],
            events=[page.happening_data(h) for h in history.happenings() if h.fingerprint in names],
        )
    # The lines of CSV end as it wants, whatever this system does.
    click.echo(text.encode() if form == "csv" else text, nl=False)
    return 0
