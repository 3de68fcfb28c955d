"""What a history tells the formats of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from azmlint.finding import Severity
from azmlint.history.lifecycle import Event
from azmlint.report.options import Gone, Life, Past

if TYPE_CHECKING:
    from azmlint.history.lifecycle import Known, Outcome, State

_STATES: Final = {Event.NEW: "new", Event.REOPENED: "new", Event.CHANGED: "updated"}


def past(outcome: Outcome) -> Past:
    """Say what SARIF calls the state of each finding, and which findings are gone."""
    gone = [_gone(c.known) for c in outcome.changes if c.event is Event.FIXED]
    lives = {fingerprint: _life(state) for fingerprint, state in outcome.states.items()}
    return Past(lives, tuple(sorted(gone, key=lambda g: (g.resource_id, g.rule, g.fingerprint))))


def _life(state: State) -> Life:
    if state.event is Event.ACCEPTED and state.is_first:
        return Life("new", state.first_seen)
    word = _STATES.get(state.event, "unchanged") if state.event is not None else "unchanged"
    return Life(word, state.first_seen)


def _gone(known: Known) -> Gone:
    row = known.row
    return Gone(
        row.rule,
        Severity[row.severity.upper()],
        row.message,
        row.kind,
        row.name,
        row.resource_id,
        row.pointer,
        row.fingerprint,
        known.first_seen,
    )
