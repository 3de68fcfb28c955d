"""How many findings were open after each audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.history.lifecycle import Event, Known, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from azmlint.history.store import Happening, Run

LEVELS: Final = ("error", "warning", "note")
BARS: Final = "▁▂▃▄▅▆▇█"
ASCII_BARS: Final = "_.-=+*%#"
_WIDTH: Final = 60


class Point(NamedTuple):
    """What was open after one audit."""

    run: int
    taken: str
    error: int
    warning: int
    note: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.error + self.warning + self.note


def trend(
    runs: Sequence[Run], happenings: Iterable[Happening], findings: Iterable[Known]
) -> list[Point]:
    """Give the open findings after each audit, the oldest first.

    What is open now is known; from there every audit's changes are taken back, so that what
    retention has dropped falsifies nothing that is left.
    """
    by_print = {k.row.fingerprint: k for k in findings}
    of_run: dict[int, list[tuple[Happening, Event | None]]] = {}
    last: dict[str, Event] = {}
    for happening in happenings:
        if happening.fingerprint in by_print:
            before = last.get(happening.fingerprint)
            of_run.setdefault(happening.run, []).append((happening, before))
            last[happening.fingerprint] = happening.kind
    is_open = {f for f, k in by_print.items() if k.status is Status.OPEN}
    points = []
    for run in reversed(runs):
        levels = [by_print[f].row.severity for f in is_open]
        points.append(Point(run.id, run.taken, *(levels.count(level) for level in LEVELS)))
        for happening, before in reversed(of_run.get(run.id, [])):
            known = by_print[happening.fingerprint]
            was_open = _was_open(happening, before, known)
            (is_open.add if was_open else is_open.discard)(happening.fingerprint)
    return points[::-1]


def _was_open(happening: Happening, before: Event | None, known: Known) -> bool:
    if happening.kind in {Event.NEW, Event.REOPENED}:
        return False
    if before is None:
        # The event before was dropped, or the finding was accepted when it was first seen.
        return known.first_seen < happening.taken
    return before not in {Event.FIXED, Event.ACCEPTED}


def sparkline(values: Sequence[int], highest: int, bars: str = BARS) -> str:
    """Draw values in one line; of more than fit, each character shows the last of a few."""
    step = -(-len(values) // _WIDTH) or 1
    shown = values[::-1][::step][::-1]
    top = len(bars) - 1
    # Something is never drawn as nothing, and less than the most never as the most.
    return "".join(bars[max(1, value * top // highest) if value else 0] for value in shown)
