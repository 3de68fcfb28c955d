"""The tables of a history, and the steps from one shape of them to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
    update,
)

from azmlint.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    Step = Callable[[Connection], None]

METADATA: Final = MetaData()

SHAPE: Final = Table("azmlint_shape", METADATA, Column("version", Integer, nullable=False))
"""One row: the version of the shape of the tables."""

RUN: Final = Table(
    "azmlint_run",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("taken", Text, nullable=False, index=True),
    Column("version", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("is_complete", Boolean, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("undecided", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("notes", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("fixed", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("is_told", Boolean, nullable=False, default=True),
)
"""One row for each audit: what it found, how many findings it changed, and whether others know."""

FINDING: Final = Table(
    "azmlint_finding",
    METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("content_hash", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("resource_id", Text, nullable=False),
    Column("pointer", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("subjects", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    Column("fixed_at", Text, nullable=False),
)
"""One row for each finding that there ever was, as it was seen last."""

EVENT: Final = Table(
    "azmlint_event",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey(RUN.c.id), nullable=False, index=True),
    Column("fingerprint", Text, ForeignKey(FINDING.c.fingerprint), nullable=False),
    Column("kind", Text, nullable=False),
    Index("azmlint_event_of_finding", "fingerprint"),
)
"""One row for each change; a finding that stays as it is has none."""


def is_current(connection: Connection) -> bool:
    """Whether the tables have the shape that is known here."""
    if not inspect(connection).has_table(SHAPE.name):
        return False
    version = connection.execute(select(SHAPE.c.version)).scalar_one()
    return bool(version == 1 + len(STEPS))


STEPS: Final[Sequence[Step]] = ()
"""What leads from version 1 to 2, from 2 to 3, and so on; a step is never changed afterwards."""


def migrate(connection: Connection, steps: Sequence[Step] = STEPS) -> None:
    """Bring the tables into their shape, in the transaction of the connection.

    A database without tables gets them as they are now; an older one goes through every step
    that it lacks. Raises ConfigError for one that a later azmlint has written.
    """
    latest = 1 + len(steps)
    if not inspect(connection).has_table(SHAPE.name):
        METADATA.create_all(connection)
        connection.execute(insert(SHAPE).values(version=latest))
        return
    version = connection.execute(select(SHAPE.c.version)).scalar_one()
    if version > latest:
        message = (
            f"the history has shape {version}, of a later azmlint; this one knows up to {latest}"
        )
        raise ConfigError(message)
    for step in steps[version - 1 :]:
        step(connection)
    if version < latest:
        connection.execute(update(SHAPE).values(version=latest))
