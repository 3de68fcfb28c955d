"""A history stays whole, whoever writes it at the same time and wherever a write ends."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import Column, Integer, create_engine, inspect, text

from azmlint.errors import ConfigError, HistoryError
from azmlint.history.lifecycle import Event, Status
from azmlint.history.observation import Observation, Reach, Row
from azmlint.history.scope import holds, scope_of, touches
from azmlint.history.store import History, shown, url_of
from azmlint.history.tables import METADATA, migrate

SUBSCRIPTION = "/subscriptions/s"
WORKSPACE = (
    f"{SUBSCRIPTION}/resourcegroups/g/providers/microsoft.machinelearningservices/workspaces/w"
)


def row(number, *, content="c", scope=WORKSPACE, message="m", rule="rule"):
    return Row(
        f"{number:064}", content, rule, "family", "error", message, "compute", f"c{number}",
        f"{scope}/computes/c{number}", "location", scope, (scope,),
    )  # fmt: skip


def seen(*rows, day=1, read=(SUBSCRIPTION,), gaps=(), undecided=()):
    subscriptions = frozenset("/".join(r.split("/")[:3]) for r in read)
    open_here = frozenset(("rule", u) for u in undecided)
    reach = Reach(frozenset({"rule"}), frozenset(read), subscriptions, frozenset(gaps), open_here)
    taken = dt.datetime(2026, 11, day, 4, 17, tzinfo=dt.UTC)
    return Observation(taken, rows, reach, not gaps, 3 if gaps else 1, len(gaps), 0)


@pytest.fixture
def history(tmp_path):
    return History(str(tmp_path / "audits.db"))


def kinds(history):
    return [(h.run, h.kind) for h in history.happenings()]


def test_only_changes_are_stored(history):
    many = [row(n) for n in range(1200)]
    for day in (1, 2, 3):
        history.record(seen(*many, day=day))
    history.record(seen(*many[1:], row(0, content="d"), day=4))

    assert len(history.happenings()) == 1201
    assert kinds(history)[-1] == (4, Event.CHANGED)
    assert {k.last_seen for k in history.findings()} == {"2026-11-04T04:17:00Z"}
    assert [r.new for r in history.runs()] == [1200, 0, 0, 0]


def test_the_words_of_a_finding_are_those_of_the_last_audit(history):
    history.record(seen(row(1, message="idle for 1 h")))
    history.record(seen(row(1, message="idle for 2 h"), day=2))

    assert [k.row.message for k in history.findings()] == ["idle for 2 h"]
    assert kinds(history) == [(1, Event.NEW)]


def test_any_name_can_be_kept(history):
    odd = row(1, message='"; DROP TABLE azmlint_run; -- \U0001f980 %s :x')
    history.record(seen(odd))

    assert [k.row for k in history.findings()] == [odd]


CHILD = """
import os, signal, sys
sys.path[:0] = {path!r}
from sqlalchemy import Engine, event
from azmlint.history.store import History
from test_store import row, seen
left = int(sys.argv[2])
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
history = History(sys.argv[1])
event.listen(Engine, "after_cursor_execute", count)
event.listen(history._engine, "connect", lambda c, _: c.execute("PRAGMA cache_size = 1"))
rows = [row(n, message="x" * 900) for n in range(400)]
history.record(seen(*rows, row(999), day=2))
print("written")
"""


def child(where, *words):
    code = CHILD.format(path=[os.path.dirname(__file__), *sys.path])  # noqa: PTH120
    return [sys.executable, "-c", code, str(where), *map(str, words)]


@pytest.mark.posix
def test_a_kill_at_any_statement_leaves_all_or_nothing(tmp_path):
    where = tmp_path / "audits.db"
    history = History(str(where))
    history.record(seen(row(1)))
    before = where.read_bytes()
    left, written = 1, False
    while not written:
        done = subprocess.run(child(where, left), capture_output=True, text=True, check=False)
        written = done.stdout == "written\n"
        assert written or done.returncode == -signal.SIGKILL, done.stderr
        states = [(r.id, r.new, r.fixed) for r in history.runs()]
        assert states == ([(1, 1, 0), (2, 400, 0)] if written else [(1, 1, 0)])
        assert len(history.findings()) == (401 if written else 1)
        left += 1

    assert left > 5
    assert before != where.read_bytes()
    with closing(sqlite3.connect(where)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.posix
def test_audits_at_once_wait_for_each_other(tmp_path):
    where = tmp_path / "audits.db"
    together = [
        subprocess.Popen(child(where, 0), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [process.communicate() for process in together]
    history = History(str(where))

    assert [out for out, _ in ended] == [b"written\n"] * 3, ended
    assert sorted((r.id, r.new) for r in history.runs()) == [(1, 401), (2, 0), (3, 0)]
    assert len(history.happenings()) == 401


NO_ROOM = """
import resource, sys
sys.path[:0] = {path!r}
from azmlint.errors import HistoryError
from azmlint.history.store import History
from test_store import row, seen
history = History(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    history.record(seen(row(1)))
except HistoryError as error:
    print(error)
"""


@pytest.mark.posix
def test_a_first_audit_that_finds_no_room_leaves_no_file(tmp_path):
    where = tmp_path / "audits.db"
    code = NO_ROOM.format(path=[os.path.dirname(__file__), *sys.path])  # noqa: PTH120
    done = subprocess.run(
        [sys.executable, "-c", code, str(where)], capture_output=True, text=True, check=False
    )

    assert "audits.db cannot be used" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.posix
def test_one_that_waits_writes_though_the_empty_file_is_taken_away(tmp_path):
    where = tmp_path / "audits.db"
    history = History(str(where))
    other = sqlite3.connect(where, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(history.record, seen(row(1)))
        time.sleep(0.1)
        where.unlink()
        other.close()

        assert waiting.result().run == 1
    assert [k.row for k in History(str(where)).findings()] == [row(1)]


def test_a_database_that_somebody_else_holds_is_given_up_after_a_while(tmp_path):
    where = tmp_path / "audits.db"
    history = History(str(where), wait=0)
    other = sqlite3.connect(where, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(HistoryError, match="database is locked"):
        history.record(seen(row(1)))
    other.execute("ROLLBACK")
    other.close()
    assert history.record(seen(row(1))).run == 1


def add_column(connection):
    connection.execute(text("ALTER TABLE azmlint_run ADD COLUMN note TEXT"))


def fail(connection):
    connection.execute(text("ALTER TABLE azmlint_run ADD COLUMN other TEXT"))
    message = "no"
    raise RuntimeError(message)


@pytest.fixture
def engine(tmp_path):
    made = create_engine(f"sqlite:///{tmp_path / 'shape.db'}")
    yield made
    made.dispose()


def columns(engine):
    return [c["name"] for c in inspect(engine).get_columns("azmlint_run")]


def test_an_older_shape_goes_through_the_steps_it_lacks(engine):
    for steps in ((), (add_column,), (add_column,)):
        with engine.begin() as connection:
            migrate(connection, steps)

    assert columns(engine)[-1] == "note"
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version FROM azmlint_shape")).all() == [(2,)]


def test_a_later_shape_is_left_alone(engine):
    with engine.begin() as connection:
        migrate(connection, (add_column,))

    with engine.begin() as connection, pytest.raises(ConfigError, match="shape 2, of a later"):
        migrate(connection)


def test_the_shape_is_that_of_version_one():
    # A released shape is changed by a step, never in place: this list grows with `STEPS`.
    shape = {t.name: len(t.columns) for t in METADATA.sorted_tables}

    assert shape == {
        "azmlint_shape": 1,
        "azmlint_run": 17,
        "azmlint_finding": 16,
        "azmlint_event": 4,
    }
    assert all(isinstance(c, Column) for t in METADATA.sorted_tables for c in t.columns)
    assert isinstance(METADATA.tables["azmlint_run"].c.id.type, Integer)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("audits.db", "audits.db"),
        ("sqlite:////var/audits.db", "/var/audits.db"),
        ("postgres://me:hunter2@db.example/audits?sslmode=require", "postgresql://me:***@db.example/audits"),
        ("postgresql+psycopg://me@db/audits", "postgresql://me@db/audits"),
    ],
)  # fmt: skip
def test_a_database_is_named_without_its_password(given, name):
    assert shown(url_of(given)) == name


def test_a_scope_is_the_workspace_the_group_or_the_subscription():
    subscription = "/subscriptions/S"
    group = f"{subscription}/resourceGroups/G"
    workspace = f"{group}/providers/Microsoft.MachineLearningServices/workspaces/W"

    assert scope_of(f"{workspace}/computes/c") == WORKSPACE
    assert scope_of(f"{workspace}/providers/Microsoft.Authorization/locks/l") == WORKSPACE
    assert scope_of(f"{group}/providers/Microsoft.Network/virtualNetworks/v") == group.lower()
    assert scope_of(f"{subscription}/providers/x/locations/eastus") == SUBSCRIPTION
    assert scope_of("/providers/Microsoft.Management/managementGroups/m") == "/"


def test_scopes_touch_on_whole_segments():
    assert touches(SUBSCRIPTION, WORKSPACE)
    assert touches(WORKSPACE, "/")
    assert not touches("/subscriptions/s2", SUBSCRIPTION)
    assert not holds(WORKSPACE, SUBSCRIPTION)


def test_a_finding_of_two_workspaces_is_fixed_when_both_were_read(history):
    other = WORKSPACE[:-1] + "v"
    both = row(1)._replace(subjects=(WORKSPACE, other), workspace="")
    history.record(seen(both))
    history.record(seen(day=2, read=(WORKSPACE,)))
    history.record(seen(day=3, read=(WORKSPACE, other)))

    assert kinds(history) == [(1, Event.NEW), (3, Event.FIXED)]


def test_what_lies_around_is_fixed_only_where_its_subscription_was_asked(history):
    network = "/subscriptions/n/resourcegroups/net"
    history.record(seen(row(1)._replace(subjects=(network, WORKSPACE))))
    history.record(seen(day=2))
    (left,) = history.findings()

    assert left.status is Status.OPEN


def test_what_no_subscription_holds_is_fixed_when_nothing_is_open(history):
    policy = row(1)._replace(subjects=("/", WORKSPACE))
    history.record(seen(policy))
    history.record(seen(day=2, gaps=("/subscriptions/other",)))
    history.record(seen(day=3))

    assert kinds(history) == [(1, Event.NEW), (3, Event.FIXED)]


def test_a_resource_left_open_keeps_its_own_findings_and_no_others(history):
    cluster = f"{WORKSPACE}/computes/c2"
    lock = row(3)._replace(subjects=(f"{SUBSCRIPTION}/resourcegroups/g/locks/l", cluster))
    workspace = row(4)._replace(subjects=(WORKSPACE,))
    history.record(seen(row(1)._replace(subjects=(f"{WORKSPACE}/computes/c1",)), lock, workspace))
    history.record(seen(day=2, undecided=[cluster]))

    assert {k.row.fingerprint[-1] for k in history.findings() if k.fixed_at} == {"1"}


def test_something_unread_leaves_open_all_around_it(history):
    history.record(seen(row(1)._replace(subjects=(f"{WORKSPACE}/computes/c1",))))
    history.record(seen(day=2, undecided=[WORKSPACE]))

    assert kinds(history) == [(1, Event.NEW)]


def test_showing_waits_for_nobody_who_writes(history, tmp_path):
    history.record(seen(row(1)))
    writer = sqlite3.connect(tmp_path / "audits.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    other = History(str(tmp_path / "audits.db"), wait=0)

    assert len(other.runs()) == 1
    writer.close()
