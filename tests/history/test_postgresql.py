"""A history in PostgreSQL is the same as one in SQLite, by the same statements."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from estate_by_day import FRAUD, Estate
from sqlalchemy import text
from test_store import CHILD, row, seen

from azmlint.errors import HistoryError
from azmlint.history.store import History

pytestmark = [pytest.mark.oracles, pytest.mark.posix]


def programs():
    """Find the folder of initdb and pg_ctl: Debian keeps them out of the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    found = shutil.which("initdb")
    folders = [*reversed(versions), *([Path(found).parent] if found else [])]
    return next((f for f in folders if (f / "pg_ctl").exists() and (f / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("psycopg")
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL (initdb, pg_ctl) is not installed")
    # Its socket's path has to be short, and root may not run it.
    home = Path(tempfile.mkdtemp(prefix="azmlint-pg-"))
    as_user = {"user": "postgres"} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(home, "postgres")
    data = str(home / "data")

    def call(name, *words):
        subprocess.run(
            [folder / name, *words], check=True, capture_output=True, cwd=home, **as_user
        )

    call("initdb", "-D", data, "-U", "audit", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
    call("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
    yield home
    call("pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(home)


@pytest.fixture
def where(server):
    url = f"postgresql://audit@/postgres?host={server}"
    history = History(url)
    with history._engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return url


def told(history):
    with_runs = [(r.taken, r.is_complete, r.new, r.fixed, r.reopened) for r in history.runs()]
    return with_runs, history.findings(), [h[1:] for h in history.happenings()]


def test_the_lifecycle_is_that_of_sqlite(where, azmlint, folder):
    days = [
        Estate().at(25),
        Estate().at(26).without("locks", "freeze-until-review"),
        Estate().at(27).only(FRAUD),
        Estate().at(28).unread("locks"),
        Estate().at(29),
    ]
    kept = []
    for place in (where, "audits.db"):
        for estate in days:
            (folder / "estate.json").write_text(json.dumps(estate.data))
            azmlint("audit", "--snapshot", "estate.json", "--history", place)
        history = History(place)
        kept.append(told(history))

    assert len(kept[0][0]) == 5
    assert kept[0] == kept[1]


def test_any_name_can_be_kept(where):
    odd = row(1, message="'; DROP TABLE azmlint_run; -- \U0001f980 %s %(x)s :x")
    history = History(where)
    history.record(seen(odd))

    assert [k.row for k in history.findings()] == [odd]


def child(where, *words):
    code = CHILD.format(path=[os.path.dirname(__file__), *sys.path])  # noqa: PTH120
    code = code.replace('lambda c, _: c.execute("PRAGMA cache_size = 1")', "lambda *_: None")
    return [sys.executable, "-c", code, where, *map(str, words)]


def test_audits_at_once_wait_for_each_other(where):
    together = [
        subprocess.Popen(child(where, 0), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [process.communicate() for process in together]
    history = History(where)

    assert [out for out, _ in ended] == [b"written\n"] * 3, ended
    assert sorted((r.id, r.new) for r in history.runs()) == [(1, 401), (2, 0), (3, 0)]


def test_a_kill_at_any_statement_leaves_all_or_nothing(where):
    history = History(where)
    history.record(seen(row(1)))
    left, written = 1, False
    while not written:
        done = subprocess.run(child(where, left), capture_output=True, text=True, check=False)
        written = done.stdout == "written\n"
        assert written or done.returncode == -signal.SIGKILL, done.stderr
        expected = [(1, 0), (400, 0)] if written else [(1, 0)]
        assert [(r.new, r.fixed) for r in history.runs()] == expected
        left += 1

    assert left > 5


def test_a_database_that_somebody_else_holds_is_given_up_after_a_while(where):
    history = History(where, wait=1)
    with history._writing(), pytest.raises(HistoryError, match="lock timeout"):
        history.record(seen(row(1)))


def test_a_database_that_is_not_there_is_named_without_a_password(server):
    gone = f"postgresql://me:hunter2@/nowhere?host={server}/missing"

    with pytest.raises(HistoryError, match=r"the history postgresql://me:\*\*\*@/nowhere") as error:
        History(gone, wait=2)
    assert "hunter2" not in str(error.value)
    assert len(str(error.value).splitlines()) == 1
