"""What became of findings from one audit to the next."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azmlint.history.observation import Observation, Row


class Status(StrEnum):
    """What is known of a finding."""

    OPEN = "open"
    ACCEPTED = "accepted"
    FIXED = "fixed"


class Event(StrEnum):
    """What happened to a finding; nothing is kept of one that stays as it is."""

    NEW = "new"
    CHANGED = "changed"
    FIXED = "fixed"
    REOPENED = "reopened"
    ACCEPTED = "accepted"
    """Somebody decided not to act on it."""


class Known(NamedTuple):
    """A finding of earlier audits."""

    row: Row
    status: Status
    first_seen: str
    last_seen: str
    """Moments are texts in UTC, `2026-11-24T04:17:00Z`, which sort as they follow each other."""

    fixed_at: str = ""

    @property
    def judged_at(self) -> str:
        """The moment of the last audit that looked."""
        return max(self.last_seen, self.fixed_at)


class Change(NamedTuple):
    """One finding to which something happened."""

    event: Event
    known: Known
    """As it is now."""


class Outcome(NamedTuple):
    """What an audit changes."""

    changes: tuple[Change, ...]
    seen: tuple[Known, ...]
    """What was found and stays as it was, with the moment at which it was seen now."""

    states: Mapping[str, State]
    """Of each finding that was found, by fingerprint."""


class State(NamedTuple):
    """What a report says of a finding's life."""

    event: Event | None
    """None for one that stays as it is."""

    first_seen: str
    is_first: bool = False
    """Whether no earlier audit saw it."""


def settle(known: Mapping[str, Known], seen: Observation, taken: str) -> Outcome:
    """Compare an audit with what is known.

    What an audit did not find is fixed only where it looked (`Reach.covers`). An audit of an
    older snapshot changes nothing of what a later one has judged.
    """
    changes: list[Change] = []
    same: list[Known] = []
    states: dict[str, State] = {}
    for row in seen.rows:
        before = known.get(row.fingerprint)
        if before is not None and before.judged_at > taken:
            states[row.fingerprint] = State(None, before.first_seen)
            continue
        status = Status.ACCEPTED if row.is_accepted else Status.OPEN
        first = before.first_seen if before is not None else taken
        now = Known(row, status, first, taken)
        event = _event(before, now)
        states[row.fingerprint] = State(event, first, is_first=before is None)
        if event is None:
            same.append(now)
        else:
            changes.append(Change(event, now))
    for fingerprint, before in known.items():
        is_gone = fingerprint not in states and before.status is not Status.FIXED
        if not is_gone or before.judged_at > taken:
            continue
        if seen.reach.covers(before.row.rule, before.row.subjects):
            gone = before._replace(status=Status.FIXED, fixed_at=taken)
            changes.append(Change(Event.FIXED, gone))
    return Outcome(tuple(changes), tuple(same), states)


def _event(before: Known | None, now: Known) -> Event | None:
    if now.status is Status.ACCEPTED:
        is_known = before is not None and before.status is Status.ACCEPTED
        return None if is_known else Event.ACCEPTED
    if before is None:
        return Event.NEW
    if before.status is not Status.OPEN:
        return Event.REOPENED
    return Event.CHANGED if before.row.content_hash != now.row.content_hash else None
