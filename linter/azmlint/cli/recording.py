"""What an audit leaves behind beside its report: a history, news for others, numbers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

import click

from azmlint.cli.options import chained
from azmlint.config import SIZE_LIMIT, content
from azmlint.engine.fix import write as write_file
from azmlint.engine.report import INCOMPLETE, exit_code
from azmlint.errors import AzmlintError, ConfigError, HistoryError, NotifyError

if TYPE_CHECKING:
    from azmlint.engine.project import Rules
    from azmlint.engine.report import Gate, Report
    from azmlint.history.notify import Hook
    from azmlint.history.observation import Observation
    from azmlint.history.store import History, Recorded
    from azmlint.history.template import Template
    from azmlint.report.options import Past
    from azmlint.sources.snapshot import Snapshot

SECRET = "AZMLINT_NOTIFY_SECRET"  # noqa: S105  # the name of a variable
"""The environment variable with which messages are signed."""

_KEY = "azmlint.recording"


class Recording(NamedTuple):
    """What the command line says of it."""

    where: str | None = None
    keep_days: int | None = None
    notify: str | None = None
    notify_template: str | None = None
    metrics: str | None = None


def _keep(ctx: click.Context, option: click.Parameter, value: object) -> None:
    ctx.meta.setdefault(_KEY, {})[option.name] = value


database = click.option(
    "--history",
    "where",
    envvar="AZMLINT_HISTORY",
    metavar="FILE|URL",
    help="The database of audits: a file, sqlite:///PATH or postgresql://HOST/DATABASE.",
)
recording = chained(
    click.option(
        "--history",
        "where",
        envvar="AZMLINT_HISTORY",
        metavar="FILE|URL",
        expose_value=False,
        callback=_keep,
        help="Keep in this database what became of each finding: a file, sqlite:///PATH or"
        " postgresql://HOST/DATABASE.",
    ),
    click.option(
        "--history-keep",
        "keep_days",
        type=click.IntRange(min=1),
        metavar="DAYS",
        expose_value=False,
        callback=_keep,
        help="Drop from the history what is older [default: nothing].",
    ),
    click.option(
        "--notify",
        envvar="AZMLINT_NOTIFY",
        metavar="URL",
        expose_value=False,
        callback=_keep,
        help=f"Post to this webhook what changed in the history, signed with {SECRET}.",
    ),
    click.option(
        "--notify-template",
        metavar="FILE",
        expose_value=False,
        callback=_keep,
        help="The shape of the message, as JSON with ${name} in its texts.",
    ),
    click.option(
        "--metrics",
        metavar="PATH",
        expose_value=False,
        callback=_keep,
        help="Write numbers for Prometheus's textfile collector.",
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

    def __init__(self, given: Recording) -> None:
        """Open and look at all that is named."""
        _check(given)
        self.past: Past | None = None
        """What the history says of the findings, once the audit is kept."""

        self.requests = 0
        """How many requests went to Azure."""

        self._given = given
        self._hook = _hook(given.notify) if given.notify else None
        self._template = _template(given.notify_template) if given.notify_template else None
        self._history = open_history(given.where) if given.where else None
        self._recorded: Recorded | None = None
        self._help: dict[str, str] = {}
        self._faults: list[AzmlintError] = []

    def keep(self, report: Report, found: Snapshot, rules: Rules, gate: Gate) -> None:
        """Take down an audit; where that fails, the report is written all the same."""
        if self._history is None and self._given.metrics is None:
            return
        from azmlint.history.observation import observe  # noqa: PLC0415  # see open_history

        self._help = {name: info.help_uri for name, info in report.rules.items()}
        seen = observe(report, found, rules.entries, exit_code(report, gate))
        if self._history is not None:
            self._record(self._history, seen)
        if self._given.metrics is not None:
            self._measure(seen, self._given.metrics)

    def _record(self, history: History, seen: Observation) -> None:
        from azmlint.history.past import past  # noqa: PLC0415  # see open_history

        try:
            recorded = history.record(seen, self._given.keep_days, is_told=self._hook is None)
        except HistoryError as error:
            self._faults.append(error)
            return
        self._recorded = recorded
        self.past = past(recorded.outcome)
        click.echo(f"azmlint: {_told(recorded)} in {history.name}", err=True)

    def _measure(self, seen: Observation, path: str) -> None:
        from azmlint.history.lifecycle import Event  # noqa: PLC0415  # see open_history
        from azmlint.history.metrics import metrics  # noqa: PLC0415

        recorded = self._recorded
        changes = {e: recorded.count(e) for e in Event} if recorded is not None else None
        self._write(path, metrics(seen, requests=self.requests, changes=changes))

    def __enter__(self) -> Self:
        """Begin to audit."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Leave a mark in the numbers where the audit did not come to its end."""
        if kind is not None and self._given.metrics is not None:
            from azmlint.history.metrics import FAILED  # noqa: PLC0415  # see open_history

            self._write(self._given.metrics, FAILED)

    def _write(self, path: str, text: str) -> None:
        try:
            write_file(Path(path), text.encode(), may_be_new=True)
        except AzmlintError as error:
            self._faults.append(error)

    def close(self, code: int) -> int:
        """Tell others, and say what went wrong, which makes the exit code 3."""
        if self._history is not None and self._hook is not None and self._recorded is not None:
            self._notify(self._history, self._hook)
        for fault in self._faults:
            click.echo(f"azmlint: {fault}", err=True)
        return INCOMPLETE if self._faults else code

    def _notify(self, history: History, hook: Hook) -> None:
        from azmlint.history.message import message, news  # noqa: PLC0415  # see open_history

        try:
            claimed = history.claim()
            happened = [h for h in history.happenings() if h.run in claimed]
            run = next(r for r in history.runs() if self._recorded and r.id == self._recorded.run)
            told = news(run, happened, history.findings())
            if not told.changes:
                return
            data = message(told, self._help)
            shape = self._template.render(data) if self._template is not None else data
            try:
                hook.send(json.dumps(shape).encode())
            except BaseException:
                history.give_back(claimed)
                raise
        except (HistoryError, NotifyError) as error:
            self._faults.append(error)
            return
        click.echo(f"azmlint: {hook.name} was told what changed", err=True)


def recorder_of(ctx: click.Context) -> Recorder:
    """Make what takes down the audit that the options ask for."""
    return Recorder(Recording(**ctx.meta.get(_KEY, {})))


def _check(given: Recording) -> None:
    if not given.where:
        for name, value in (("--history-keep", given.keep_days), ("--notify", given.notify)):
            if value is not None:
                message = f"{name} is about a history: name it with --history"
                raise click.UsageError(message)
    if given.notify_template is not None and not given.notify:
        message = "--notify-template is the shape of a message: say with --notify where it goes"
        raise click.UsageError(message)
    if given.metrics is not None:
        target = Path(given.metrics)
        if target.is_dir() or not target.absolute().parent.is_dir():
            message = f"{target} cannot be written: there is no such folder, or it is one itself"
            raise ConfigError(message)


def _hook(url: str) -> Hook:
    from azmlint.history.notify import Hook  # noqa: PLC0415  # few runs tell anybody

    return Hook(url, os.environ.get(SECRET, ""))


def _template(name: str) -> Template:
    from azmlint.history.template import Template  # noqa: PLC0415  # few runs tell anybody

    try:
        text = content(Path(name), SIZE_LIMIT).decode("utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not in UTF-8"
        message = f"{name} cannot be read: {reason}"
        raise ConfigError(message) from None
    return Template(text, name)


def _told(recorded: Recorded) -> str:
    from azmlint.history.lifecycle import Event  # noqa: PLC0415  # see open_history

    counts = [(recorded.count(event), event.value) for event in Event]
    said = [f"{count} {word}" for count, word in counts if count] or ["nothing changed"]
    return f"run {recorded.run}: {', '.join(said)}, {len(recorded.outcome.seen)} as before"
