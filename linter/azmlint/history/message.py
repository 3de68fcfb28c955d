"""What a history tells others of one audit: only what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from azmlint.history.lifecycle import Event
from azmlint.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from azmlint.history.lifecycle import Known
    from azmlint.history.store import Happening, Run

VERSION: Final = 1
MOST: Final = 1000
"""How many changes a message holds at most; the rest is counted."""

_SEVERITIES: Final = ("error", "warning", "note")
_ORDER: Final = (Event.NEW, Event.REOPENED, Event.CHANGED, Event.FIXED, Event.ACCEPTED)


class News(NamedTuple):
    """What changed since others were told, and how things stand."""

    run: Run
    changes: tuple[tuple[Event, Known], ...]
    """New first, errors first."""

    open_now: Mapping[str, int]
    """Open findings by severity."""


def news(run: Run, happenings: Iterable[Happening], findings: Sequence[Known]) -> News:
    """Put together what several audits changed: what came and went again is no news."""
    by_print = {k.row.fingerprint: k for k in findings}
    said: dict[str, Event] = {}
    for happening in happenings:
        if happening.fingerprint not in by_print:
            continue
        before = said.pop(happening.fingerprint, None)
        now = _joined(before, happening.kind)
        if now is not None:
            said[happening.fingerprint] = now
    changes = sorted(
        ((event, by_print[fingerprint]) for fingerprint, event in said.items()),
        key=lambda change: (
            _ORDER.index(change[0]),
            _SEVERITIES.index(change[1].row.severity),
            change[1].row.resource_id,
            change[1].row.fingerprint,
        ),
    )
    is_open = [k.row.severity for k in findings if k.status == "open"]
    return News(run, tuple(changes), {s: is_open.count(s) for s in _SEVERITIES})


def _joined(before: Event | None, now: Event) -> Event | None:
    if before in {Event.NEW, Event.REOPENED}:
        return {Event.CHANGED: before, Event.FIXED: None}.get(now, now)
    if before is Event.FIXED and now is Event.REOPENED:
        return None
    return now


def message(told: News, help_uris: Mapping[str, str]) -> dict[str, Any]:
    """Give the message as plain data."""
    run = told.run
    events = [event for event, _ in told.changes]
    return {
        "version": VERSION,
        "tool": f"azmlint {__version__}",
        "run": run.id,
        "taken": run.taken,
        "complete": run.is_complete,
        "failures": run.failures,
        "counts": {event.value: events.count(event) for event in Event},
        "open": dict(told.open_now),
        "changes": [
            {
                "event": event.value,
                "severity": known.row.severity,
                "rule": known.row.rule,
                "message": known.row.message,
                "resource": {
                    "kind": known.row.kind,
                    "name": known.row.name,
                    "id": known.row.resource_id,
                },
                "property": known.row.pointer,
                "workspace": known.row.workspace,
                "first_seen": known.first_seen,
                "help_uri": help_uris.get(known.row.rule, ""),
                "fingerprint": known.row.fingerprint,
            }
            for event, known in told.changes[:MOST]
        ],
        "omitted": max(0, len(told.changes) - MOST),
    }
