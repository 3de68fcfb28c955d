"""What an audit leaves behind beside its report: its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from azmlint.cli.options import chained
from azmlint.engine.report import INCOMPLETE, exit_code
from azmlint.errors import ConfigError, HistoryError

if TYPE_CHECKING:
    from azmlint.engine.project import Rules
    from azmlint.engine.report import Gate, Report
    from azmlint.history.observation import Observation
    from azmlint.history.store import History, Recorded
    from azmlint.report.options import Past
    from azmlint.sources.snapshot import Snapshot

database = click.option(
    "--history",
    "where",
    envvar="AZMLINT_HISTORY",
    metavar="FILE|URL",
    help="The database of audits: a file, sqlite:///PATH or postgresql://HOST/DATABASE.",
)
recording = chained(
    database,
    click.option(
        "--history-keep",
        "keep_days",
        type=click.IntRange(min=1),
        metavar="DAYS",
        help="Drop from the history what is older [default: nothing].",
    ),
)


def open_history(where: str, *, must_exist: bool = False) -> History:
    """Open a database; SQLAlchemy is loaded here."""
    try:
        from azmlint.history.store import History  # noqa: PLC0415  # few runs keep a history
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlalchemy":
            raise
        message = "a history needs SQLAlchemy: pip install 'azmlint[history]'"
        raise ConfigError(message) from None
    return History(where, must_exist=must_exist)


class Recorder:
    """Takes down one audit; made before Azure is read, so that a wrong path costs no hour."""

    def __init__(self, where: str | None, keep_days: int | None) -> None:
        """Open what is named."""
        if keep_days is not None and not where:
            message = "--history-keep drops from a history: name it with --history"
            raise click.UsageError(message)
        self.past: Past | None = None
        """What the history says of the findings, once the audit is kept."""

        self._keep_days = keep_days
        self._history = open_history(where) if where else None
        self._faults: list[str] = []

    def keep(self, report: Report, found: Snapshot, rules: Rules, gate: Gate) -> None:
        """Take down an audit; where that fails, the report is written all the same."""
        if self._history is None:
            return
        from azmlint.history.observation import observe  # noqa: PLC0415  # see open_history
        from azmlint.history.past import past  # noqa: PLC0415

        seen = observe(report, found, rules.entries, exit_code(report, gate))
        recorded = self._recorded(self._history, seen)
        if recorded is not None:
            self.past = past(recorded.outcome)
            click.echo(f"azmlint: {_told(recorded)} in {self._history.name}", err=True)

    def _recorded(self, history: History, seen: Observation) -> Recorded | None:
        try:
            return history.record(seen, self._keep_days)
        except HistoryError as error:
            self._faults.append(str(error))
            return None

    def close(self, code: int) -> int:
        """Say what went wrong, which makes the exit code 3, and let go of the database."""
        if self._history is not None:
            self._history.close()
        for fault in self._faults:
            click.echo(f"azmlint: {fault}", err=True)
        return INCOMPLETE if self._faults else code


def _told(recorded: Recorded) -> str:
    from azmlint.history.lifecycle import Event  # noqa: PLC0415  # see open_history

    counts = [(recorded.count(event), event.value) for event in Event]
    said = [f"{count} {word}" for count, word in counts if count] or ["nothing changed"]
    return f"run {recorded.run}: {', '.join(said)}, {len(recorded.outcome.seen)} as before"
