"""A history in a database: SQLite, or PostgreSQL by the same statements."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
from collections import Counter
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from sqlalchemy import Engine, bindparam, create_engine, delete, event, insert, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from azmlint.errors import ConfigError, HistoryError
from azmlint.history.lifecycle import Change, Event, Known, Outcome, Status, settle
from azmlint.history.observation import Row
from azmlint.history.tables import EVENT, FINDING, RUN, is_current, migrate
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, RowMapping

    from azmlint.history.observation import Observation

T = TypeVar("T")

WAIT: Final = 60
"""Seconds to wait for another audit that is writing."""

_TRIES: Final = 3
"""How often a write begins anew because its file was taken away."""

_PART: Final = 500
"""How many findings one statement names."""

_LOCK: Final = 0x617A6D6C
"""What two audits of one PostgreSQL database both ask for: `azml` in ASCII."""

_WRITES: Final = "azmlint_writes"


class Recorded(NamedTuple):
    """What an audit changed, and under which number it is kept."""

    run: int
    outcome: Outcome
    changes: tuple[Change, ...]

    def count(self, kind: Event) -> int:
        """Count the changes of one kind."""
        return sum(1 for change in self.changes if change.event is kind)


class Run(NamedTuple):
    """One audit of the past."""

    id: int
    taken: str
    version: str
    scopes: tuple[str, ...]
    is_complete: bool
    exit_code: int
    failures: int
    undecided: int
    errors: int
    warnings: int
    notes: int
    new: int
    changed: int
    fixed: int
    reopened: int
    accepted: int
    is_told: bool
    """Whether others were told, or nobody wanted it."""


class Happening(NamedTuple):
    """One change of the past."""

    run: int
    taken: str
    fingerprint: str
    kind: Event


def moment(when: dt.datetime) -> str:
    """Write a moment so that texts sort as moments follow each other."""
    return when.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class History:
    """What audits found, in a database."""

    def __init__(self, where: str, *, wait: int = WAIT, must_exist: bool = False) -> None:
        """Open the database at a URL or path, and bring its tables into shape.

        A file is made with the first audit that is kept, so that one which comes to nothing leaves
        none. Raises ConfigError for what names no database that is read here, HistoryError for one
        that does not answer.
        """
        self.url = url_of(where)
        self._wait = wait
        is_file = self.url.get_backend_name() == "sqlite"
        self._file = Path(str(self.url.database)) if is_file else None
        if must_exist and self._file is not None and not self._file.is_file():
            message = f"{self._file}: there is no such history"
            raise ConfigError(message)
        self._engine = _engine(self.url, wait)
        if self._file is not None and not self._file.exists():
            return
        with self._reading() as connection:
            is_ready = is_current(connection)
        if not is_ready:
            with self._writing() as connection:
                migrate(connection)

    @property
    def name(self) -> str:
        """The database as it may be shown: without a password."""
        return shown(self.url)

    def record(
        self, seen: Observation, keep_days: int | None = None, *, is_told: bool = True
    ) -> Recorded:
        """Compare an audit with those before, and keep it; all of it or, after a fault, nothing.

        With `keep_days`, runs older than so many days are dropped, and findings that were last
        seen before that. Without `is_told` somebody else is still to hear of it (`claim`).
        """
        taken = moment(seen.taken)
        with self._or_no_file(), self._writing() as connection:
            if not is_current(connection):
                migrate(connection)
            known = _known(connection)
            outcome = settle(known, seen, taken)
            run = _insert_run(connection, seen, taken, outcome, is_told=is_told)
            _write(connection, run, known, outcome)
            if keep_days is not None:
                _forget(connection, moment(seen.taken - dt.timedelta(days=keep_days)), run)
        return Recorded(run, outcome, outcome.changes)

    def runs(self) -> list[Run]:
        """Give all audits, the oldest moment first."""
        with self._reading() as connection:
            rows = connection.execute(select(RUN).order_by(RUN.c.taken, RUN.c.id)).mappings()
            return [_run(row) for row in rows]

    def findings(self) -> list[Known]:
        """Give all findings, those of one resource together."""
        with self._reading() as connection:
            found = _known(connection).values()
        return sorted(found, key=lambda k: (k.row.resource_id, k.row.rule, k.row.fingerprint))

    def happenings(self) -> list[Happening]:
        """Give all that happened, the oldest first."""
        query = (
            select(EVENT.c.run_id, RUN.c.taken, EVENT.c.fingerprint, EVENT.c.kind)
            .join(RUN, RUN.c.id == EVENT.c.run_id)
            .order_by(RUN.c.taken, RUN.c.id, EVENT.c.id)
        )
        with self._reading() as connection:
            return [Happening(r, t, f, Event(k)) for r, t, f, k in connection.execute(query)]

    def claim(self) -> list[int]:
        """Take on to tell others of all audits of which nobody was told yet; give their numbers.

        Two audits at once claim different ones.
        """
        with self._writing() as connection:
            query = select(RUN.c.id).where(RUN.c.is_told.is_(False))
            found = [int(number) for number in connection.execute(query).scalars()]
            _set_told(connection, found, is_told=True)
        return found

    def give_back(self, runs: Sequence[int]) -> None:
        """Leave audits to the next one that tells others."""
        with self._writing() as connection:
            _set_told(connection, runs, is_told=False)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _faults(self.name), ExitStack() as stack:
            for left in reversed(range(_TRIES)):
                plain = stack.enter_context(self._engine.connect())
                connection = plain.execution_options(**{_WRITES: True})
                try:
                    stack.enter_context(connection.begin())
                except DBAPIError:
                    # One that came to nothing may take its file away while this one waits for it.
                    if left == 0 or self._file is None or self._file.exists():
                        raise
                else:
                    break
            if connection.dialect.name == "postgresql":
                # SQLite lets one write at a time; here the one that comes later waits as well.
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{self._wait}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection

    @contextmanager
    def _or_no_file(self) -> Iterator[None]:
        """Leave no empty file where there was none before."""
        is_new = self._file is not None and not self._file.exists()
        try:
            yield
        except BaseException:
            if is_new and self._file is not None:
                _take_away(self._file)
            raise

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _faults(self.name), self._engine.connect() as connection, connection.begin():
            yield connection


def _take_away(file: Path) -> None:
    """Delete an empty database, unless somebody else is about to write to it."""
    with suppress(OSError, sqlite3.Error), closing(sqlite3.connect(file, timeout=0)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        if file.stat().st_size == 0:
            file.unlink()


@contextmanager
def _faults(name: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # The driver's own words, without the statement: its values are no one's business.
        cause = error.orig if isinstance(error, DBAPIError) else error
        message = f"the history {name} cannot be used: {' '.join(str(cause).split())}"
        raise HistoryError(message) from None


def url_of(where: str) -> URL:
    """Read a URL or the path of a file; raises ConfigError for what is neither."""
    if "://" not in where:
        return URL.create("sqlite", database=where)
    try:
        url = make_url(where)
    except (ArgumentError, ValueError):
        message = "--history is no URL: write a path, sqlite:///PATH or postgresql://HOST/DATABASE"
        raise ConfigError(message) from None
    kind = url.get_backend_name()
    if kind in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        message = f"a history is kept in SQLite or PostgreSQL, not in '{kind}'"
        raise ConfigError(message)
    if url.database in {None, "", ":memory:"}:
        message = "a history in SQLite is a file: write sqlite:///PATH"
        raise ConfigError(message)
    return url


def shown(url: URL) -> str:
    """Name a database without its password and options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def _engine(url: URL, wait: int) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            more = {"connect_timeout": wait}
            return create_engine(url, hide_parameters=True, poolclass=NullPool, connect_args=more)
        except (ModuleNotFoundError, NoSuchModuleError):
            message = "a history in PostgreSQL needs psycopg: pip install 'azmlint[postgresql]'"
            raise ConfigError(message) from None
    folder = Path(str(url.database)).absolute().parent
    if not folder.is_dir():
        message = f"the history {url.database} cannot be made: there is no such folder"
        raise ConfigError(message)
    if not Path(str(url.database)).exists() and not os.access(folder, os.W_OK):
        message = f"the history {url.database} cannot be made: nothing can be written to its folder"
        raise ConfigError(message)
    more = {"timeout": wait}
    engine = create_engine(url, hide_parameters=True, poolclass=NullPool, connect_args=more)
    event.listen(engine, "connect", _leave_transactions)
    event.listen(engine, "begin", _begin)
    return engine


def _leave_transactions(connection: Any, _: object) -> None:  # noqa: ANN401  # the driver's own
    """Keep the driver from beginning and ending transactions by itself."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """Begin; one that will write takes its lock first, so that what it read stays true."""
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_ROW: Final = tuple(f for f in Row._fields if f not in {"subjects", "is_accepted"})


def _known(connection: Connection) -> dict[str, Known]:
    found = {}
    for row in connection.execute(select(FINDING)).mappings():
        status = Status(row["status"])
        kept = Row(
            **{name: row[name] for name in _ROW},
            subjects=tuple(json.loads(row["subjects"])),
            is_accepted=status is Status.ACCEPTED,
        )
        found[kept.fingerprint] = Known(
            kept, status, row["first_seen"], row["last_seen"], row["fixed_at"]
        )
    return found


def _values(known: Known) -> dict[str, Any]:
    return {
        **{name: getattr(known.row, name) for name in _ROW},
        "subjects": json.dumps(known.row.subjects),
        "status": str(known.status),
        "first_seen": known.first_seen,
        "last_seen": known.last_seen,
        "fixed_at": known.fixed_at,
    }


def _insert_run(
    connection: Connection, seen: Observation, taken: str, outcome: Outcome, *, is_told: bool
) -> int:
    levels = Counter(row.severity for row in seen.rows if not row.is_accepted)
    events = Counter(change.event for change in outcome.changes)
    result = connection.execute(
        insert(RUN).values(
            taken=taken,
            version=__version__,
            scopes=json.dumps(sorted(seen.reach.read)),
            is_complete=seen.is_complete,
            exit_code=seen.exit_code,
            is_told=is_told,
            failures=seen.failures,
            undecided=seen.undecided,
            errors=levels["error"],
            warnings=levels["warning"],
            notes=levels["note"],
            **{kind.value: events[kind] for kind in Event},
        )
    )
    key = result.inserted_primary_key
    return int(key[0]) if key is not None else 0


def _write(connection: Connection, run: int, known: dict[str, Known], outcome: Outcome) -> None:
    now = [change.known for change in outcome.changes]
    rewritten = [k for k in outcome.seen if known[k.row.fingerprint].row != k.row]
    is_kept = {k.row.fingerprint for k in rewritten}
    added = [k for k in now if k.row.fingerprint not in known]
    if added:
        connection.execute(insert(FINDING), [_values(k) for k in added])
    changed = [k for k in (*now, *rewritten) if k.row.fingerprint in known]
    if changed:
        columns: dict[str, Any] = {
            c.name: bindparam(f"new_{c.name}") for c in FINDING.c if not c.primary_key
        }
        connection.execute(
            update(FINDING)
            .where(FINDING.c.fingerprint == bindparam("new_fingerprint"))
            .values(columns),
            [{f"new_{k}": v for k, v in _values(one).items()} for one in changed],
        )
    for part in _parts(
        [k.row.fingerprint for k in outcome.seen if k.row.fingerprint not in is_kept]
    ):
        connection.execute(
            update(FINDING)
            .where(FINDING.c.fingerprint.in_(part))
            .values(last_seen=outcome.seen[0].last_seen)
        )
    if outcome.changes:
        connection.execute(
            insert(EVENT),
            [
                {"run_id": run, "fingerprint": c.known.row.fingerprint, "kind": str(c.event)}
                for c in outcome.changes
            ],
        )


def _set_told(connection: Connection, runs: Sequence[int], *, is_told: bool) -> None:
    for part in _parts(runs):
        connection.execute(update(RUN).where(RUN.c.id.in_(part)).values(is_told=is_told))


def _parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _PART):
        yield values[start : start + _PART]


def _forget(connection: Connection, before: str, run: int) -> None:
    """Drop what is older than a moment; the run just kept stays whatever its age."""
    old = select(RUN.c.id).where(RUN.c.taken < before, RUN.c.id != run).scalar_subquery()
    connection.execute(delete(EVENT).where(EVENT.c.run_id.in_(old)))
    connection.execute(delete(RUN).where(RUN.c.taken < before, RUN.c.id != run))
    gone = select(FINDING.c.fingerprint).where(
        FINDING.c.last_seen < before, FINDING.c.fixed_at < before
    )
    connection.execute(delete(EVENT).where(EVENT.c.fingerprint.in_(gone.scalar_subquery())))
    connection.execute(delete(FINDING).where(FINDING.c.fingerprint.in_(gone.scalar_subquery())))


def _run(row: RowMapping) -> Run:
    values = dict(row)
    values["scopes"] = tuple(json.loads(values["scopes"]))
    return Run(**values)
