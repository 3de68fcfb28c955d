"""What a history shows of itself."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest
from estate_by_day import Estate

from azmlint.history.lifecycle import Event, Known, Status
from azmlint.history.observation import Row
from azmlint.history.store import Happening, Run
from azmlint.history.trend import ASCII_BARS, sparkline, trend

LOCK = "freeze-until-review"
HERE = ("--history", "audits.db")


@pytest.fixture
def days(audit):
    """Three days: a lock is removed and set again."""
    audit(Estate().at(25))
    audit(Estate().at(26).without("locks", LOCK).whole())
    audit(Estate().at(27))


def test_audits_are_listed_with_what_they_changed(azmlint, days):
    lines = azmlint("history", "list", *HERE).out.splitlines()

    assert len(lines) == 4
    assert " ".join(lines[1].split()) == "1 2026-11-25T04:17:00Z 8 3 0 11 0 0 0 0 incomplete"
    assert " ".join(lines[2].split()) == "2 2026-11-26T04:17:00Z 7 3 0 0 0 1 0 0"
    assert len(azmlint("history", "list", *HERE, "--limit", "1").out.splitlines()) == 2


def test_audits_as_data(azmlint, days):
    data = json.loads(azmlint("history", "list", *HERE, "--format", "json").out)

    assert data["version"] == 1
    assert [(r["id"], r["complete"], r["fixed"]) for r in data["runs"]] == [
        (1, False, 0),
        (2, True, 1),
        (3, False, 0),
    ]


def test_an_audit_tells_what_it_changed(azmlint, days):
    last, second = azmlint("history", "show", *HERE).out, azmlint("history", "show", "2", *HERE).out

    assert last.startswith("run 3 of 2026-11-27T04:17:00Z: 8 errors, 3 warnings, 0 notes; incompl")
    assert "\nreopened  error[readonly-lock-on-workspace-rg] lock" in last
    assert "\nfixed     error[readonly-lock-on-workspace-rg] lock" in second
    assert "no changes" not in second


def test_a_finding_tells_its_life(azmlint, days):
    exported = json.loads(azmlint("history", "export", *HERE).out)["findings"]
    (found,) = [f for f in exported if f["rule"] == "readonly-lock-on-workspace-rg"]
    text = azmlint("history", "show", found["fingerprint"][:12], *HERE).out
    data = json.loads(
        azmlint("history", "show", found["fingerprint"], *HERE, "--format", "json").out
    )

    assert "open: first seen 2026-11-25T04:17:00Z, last seen 2026-11-27T04:17:00Z" in text
    assert [line.split()[-1] for line in text.splitlines()[-3:]] == ["new", "fixed", "reopened"]
    assert data["finding"] == found
    assert [e["event"] for e in data["events"]] == ["new", "fixed", "reopened"]


@pytest.mark.parametrize(
    ("which", "said"),
    [("9", "there is no run 9"), ("abcdef", "known fingerprint"), ("ab", "known")],
)
def test_what_is_not_there_is_said(azmlint, days, which, said):
    result = azmlint("history", "show", which, *HERE)

    assert (result.code, result.out) == (2, "")
    assert said in result.err


@pytest.mark.parametrize("words", [(), ("--history", "none.db")])
def test_a_history_has_to_be_named_and_there(azmlint, folder, words):
    result = azmlint("history", "list", *words)

    assert result.code == 2
    assert list(folder.iterdir()) == []


def test_the_environment_may_name_it(azmlint, days, monkeypatch):
    monkeypatch.setenv("AZMLINT_HISTORY", "audits.db")

    assert len(azmlint("history", "list").out.splitlines()) == 4


def test_the_trend_as_text(azmlint, days):
    assert azmlint("history", "trend", *HERE).out.splitlines() == [
        "2026-11-25 to 2026-11-27, 3 audits",
        "error    █▇█  8 open, at most 8",
        "warning  ███  3 open, at most 3",
        "note     ▁▁▁  0 open, at most 0",
    ]


def test_the_trend_of_a_part(azmlint, days):
    def totals(*words):
        data = json.loads(azmlint("history", "trend", *HERE, "--format", "json", *words).out)
        return [point["total"] for point in data["points"]]

    assert totals("--rule", "locks", "--workspace", "mlw-lab") == [2, 1, 2]
    assert totals("--rule", "workspace-public-access") == [1, 1, 1]
    assert totals("--min-severity", "error") == [8, 7, 8]
    assert totals("--workspace", "elsewhere") == [0, 0, 0]


def test_the_trend_as_a_picture(azmlint, days):
    name = '<script>"&'
    result = azmlint("history", "trend", *HERE, "--format", "svg", "--workspace", name)
    whole = azmlint("history", "trend", *HERE, "--format", "svg").out
    root = ET.fromstring(whole)
    shapes = [e for e in root.iter() if e.tag.endswith("polygon")]

    assert ET.fromstring(result.out)[0].text == f"Open findings: {name}"
    assert root[1].text == (
        "3 audits, 2026-11-25 to 2026-11-27; most open at once: 11."
        " Now: 8 errors, 3 warnings, 0 notes."
    )
    assert [s.get("class") for s in shapes] == ["error", "warning"]
    for shape in shapes:
        places = [tuple(map(float, p.split(","))) for p in shape.get("points").split()]
        assert all(48 <= x <= 704 and 40 <= y <= 220 for x, y in places)
    assert {"script", "foreignObject"}.isdisjoint(e.tag.rpartition("}")[2] for e in root.iter())


def test_one_audit_is_one(azmlint, audit):
    audit(Estate().at(25))

    assert azmlint("history", "trend", *HERE).out.splitlines()[0].endswith(", 1 audit")
    assert "; incomplete: 1 failure\n" in azmlint("history", "show", *HERE).out


def test_a_history_without_audits_has_no_trend(azmlint, folder):
    (folder / "audits.db").touch()

    assert azmlint("history", "trend", *HERE).out == "no audits\n"
    assert ET.fromstring(azmlint("history", "trend", *HERE, "--format", "svg").out) is not None
    assert azmlint("history", "show", *HERE).code == 2


def test_findings_as_csv(azmlint, days, folder):
    result = azmlint("history", "export", *HERE, "--format", "csv", "--status", "open")
    rows = list(csv.DictReader(io.StringIO(result.out)))

    assert len(rows) == 11
    assert {row["status"] for row in rows} == {"open"}
    assert rows[0]["first_seen"] == "2026-11-25T04:17:00Z"


def test_no_cell_is_a_formula():
    from azmlint.history.page import as_csv  # noqa: PLC0415

    text = as_csv([known("a")._replace(row=row("a", message="=HYPERLINK(1)\nx", name="@x"))])
    (line,) = csv.DictReader(io.StringIO(text))

    assert line["message"] == "'=HYPERLINK(1)\nx"
    assert line["name"] == "'@x"


def test_names_run_no_command_of_a_terminal_or_ci(azmlint, audit):
    estate = Estate().at(25)
    lock = estate.item("locks", LOCK)
    lock["name"] = "##vso[task.setvariable]\x1b[2J"
    audit(estate)
    out = azmlint("history", "show", *HERE).out

    assert "\x1b" not in out
    assert "##vso[" not in out
    assert "vso[task.setvariable]\\x1b[2J" in out


def row(fingerprint, **more):
    given = dict.fromkeys(Row._fields[:-2], "x") | {"severity": "error"} | more
    return Row(**{**given, "fingerprint": fingerprint}, subjects=())


def known(fingerprint, status=Status.OPEN, first="2026-01-01", last="2026-01-09"):
    return Known(row(fingerprint), status, first, last)


def run(number):
    return Run(number, f"2026-01-0{number}", "0", (), 1, *[0] * 12)


def test_a_trend_is_right_where_the_first_events_were_dropped():
    events = [
        Happening(2, "2026-01-02", "a", Event.FIXED),
        Happening(3, "2026-01-03", "a", Event.REOPENED),
        Happening(3, "2026-01-03", "b", Event.ACCEPTED),
        Happening(2, "2026-01-02", "c", Event.ACCEPTED),
        Happening(3, "2026-01-03", "c", Event.FIXED),
        Happening(2, "2026-01-02", "gone", Event.NEW),
    ]
    findings = [
        known("a"),
        known("b", Status.ACCEPTED),
        known("c", Status.FIXED, first="2026-01-02"),
    ]
    points = trend([run(1), run(2), run(3)], sorted(events), findings)

    assert [p.total for p in points] == [2, 1, 1]


def test_a_line_shows_the_last_of_what_does_not_fit():
    assert sparkline(list(range(120)), 119, ASCII_BARS)[-1] == "#"
    assert len(sparkline(list(range(121)), 120)) == 41
    assert sparkline([0, 1, 100], 100, ASCII_BARS) == "_.#"
    assert sparkline([0, 0], 0, ASCII_BARS) == "__"
