"""An audit as numbers for Prometheus."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from estate_by_day import LAB, Estate


def numbers(folder, name="azmlint.prom"):
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_findings_are_counted_by_rule_severity_and_workspace(audit, folder):
    audit(Estate().at(25), "--metrics", "azmlint.prom")
    found = numbers(folder)

    labels = (
        'rule="workspace-public-access",severity="warning",state="open",'
        f'subscription="{LAB}",resource_group="rg-ml-lab",workspace="mlw-lab"'
    )
    assert found[f"azmlint_findings{{{labels}}}"] == "1"
    assert found['azmlint_findings_by_severity{severity="error",state="open"}'] == "8"
    assert found['azmlint_findings_by_severity{severity="note",state="open"}'] == "0"
    assert found['azmlint_changes{event="new"}'] == "11"
    assert found["azmlint_scan_success"] == "0"
    assert found["azmlint_scan_failures"] == "1"
    assert found["azmlint_last_scan_timestamp_seconds"] == "1795580220"
    assert found["azmlint_azure_requests_total"] == "0"


def test_numbers_need_no_history_and_are_the_same_again(azmlint, audit, folder):
    audit(Estate().whole())
    once = azmlint("audit", "--snapshot", "estate.json", "--metrics", "a.prom")
    again = azmlint("audit", "--snapshot", "estate.json", "--metrics", "b.prom")

    assert (once.code, again.code) == (1, 1)
    assert (folder / "a.prom").read_bytes() == (folder / "b.prom").read_bytes()
    assert not [name for name in numbers(folder, "a.prom") if "changes" in name]
    assert numbers(folder, "a.prom")["azmlint_scan_success"] == "1"


def test_an_audit_that_could_not_begin_is_no_success(azmlint, folder):
    (folder / "azmlint.prom").write_text("azmlint_scan_success 1\n")
    result = azmlint("audit", "--snapshot", "missing.json", "--metrics", "azmlint.prom")

    assert result.code == 2
    assert numbers(folder) == {"azmlint_scan_success": "0"}


def test_an_audit_that_breaks_off_is_no_success(audit, folder, monkeypatch):
    def broken(*_args, **_kwargs):
        message = "boom"
        raise RuntimeError(message)

    audit(Estate().whole(), "--metrics", "azmlint.prom")
    monkeypatch.setattr("azmlint.engine.project.audit", broken)
    result = audit(Estate().whole(), "--metrics", "azmlint.prom")

    assert result.code == 3
    assert numbers(folder) == {"azmlint_scan_success": "0"}


def test_a_place_that_cannot_be_written_is_said_before_anything_is_read(azmlint, folder):
    for path in (".", "nowhere/azmlint.prom"):
        result = azmlint("audit", "--snapshot", "missing.json", "--metrics", path)

        assert (result.code, result.err.count("\n")) == (2, 1)
        assert "cannot be written" in result.err


def test_no_name_breaks_a_line(audit, folder):
    estate = Estate().at(25)
    old = f"/subscriptions/{LAB}/resourceGroups/rg-ml-lab/"
    new = f'/subscriptions/{LAB}/resourceGroups/r"g\\\nx/'
    estate.data = json.loads(json.dumps(estate.data).replace(old, json.dumps(new)[1:-1]))
    audit(estate, "--metrics", "azmlint.prom")
    lines = (folder / "azmlint.prom").read_text().splitlines()

    shape = r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\[\\"n])*",?)*\})? \d+'
    assert [
        line for line in lines if not line.startswith("#") and not re.fullmatch(shape, line)
    ] == []
    assert any(r"r\"g" in line for line in lines)


@pytest.mark.oracles
def test_promtool_takes_them(audit, folder, program):
    audit(Estate().at(25), "--metrics", "azmlint.prom")
    tool = program("promtool")
    checked = subprocess.run(
        [tool, "check", "metrics"],
        input=(folder / "azmlint.prom").read_bytes(),
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
